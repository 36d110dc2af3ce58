import shop from '@/data/shop.json';
import { addBusinessDays, format, isSameMonth, type Locale } from 'date-fns';

export interface ShippingMethod {
  readonly id: string;
  readonly name: string;
  readonly cents: number;
  readonly days: number;
  readonly freeFrom: number | null;
}

export const shippingMethods: readonly ShippingMethod[] = shop.shipping;

/** A new kiln load is packed on the next working day, and then travels. */
export function arrival(method: ShippingMethod, from = new Date()): readonly [Date, Date] {
  return [addBusinessDays(from, method.days), addBusinessDays(from, method.days + 2)];
}

export function arrivalText(method: ShippingMethod, locale: Locale, from = new Date()): string {
  const [first, last] = arrival(method, from);
  return `${format(first, isSameMonth(first, last) ? 'd' : 'd MMM', { locale })} to ${format(last, 'd MMMM', { locale })}`;
}
