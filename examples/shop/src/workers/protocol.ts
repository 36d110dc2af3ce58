import type { Category } from '@/domain/product';

export interface ToWorker {
  readonly kind: 'run';
  readonly id: number;
  readonly paths: number;
}

export type FromWorker =
  | { readonly kind: 'progress'; readonly id: number; readonly share: number }
  | { readonly kind: 'done'; readonly id: number; readonly report: SalesReport };

export interface Month {
  /** The first day, as in 2026-03-01. */
  readonly month: string;
  readonly cents: number;
  readonly pieces: number;
  readonly average: number;
}

export interface Forecast {
  readonly month: string;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

export interface SalesReport {
  readonly months: readonly Month[];
  readonly forecast: readonly Forecast[];
  readonly weekdays: readonly number[];
  readonly categories: readonly { readonly category: Category; readonly cents: number }[];
  readonly best: readonly { readonly slug: string; readonly pieces: number; readonly cents: number }[];
  readonly total: { readonly cents: number; readonly pieces: number; readonly orders: number };
  readonly paths: number;
  readonly sales: number;
  readonly ms: number;
}
