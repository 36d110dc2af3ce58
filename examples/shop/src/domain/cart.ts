import shop from '@/data/shop.json';
import { Money } from './money';
import { productBySlug, type Product } from './product';
import type { ShippingMethod } from './shipping';

export interface CartLine {
  readonly slug: string;
  readonly option: number;
  readonly quantity: number;
}

export interface PricedLine extends CartLine {
  readonly product: Product;
  readonly label: string;
  readonly unit: Money;
  readonly total: Money;
}

export interface Totals {
  readonly goods: Money;
  readonly discount: Money;
  readonly shipping: Money;
  readonly total: Money;
  readonly tax: Money;
}

const promotions: Record<string, number | undefined> = shop.promotions;

export const sameLine = (a: Pick<CartLine, 'slug' | 'option'>, b: Pick<CartLine, 'slug' | 'option'>) => a.slug === b.slug && a.option === b.option;

export function priceLines(lines: readonly CartLine[]): PricedLine[] {
  return lines.flatMap((line) => {
    const product = productBySlug(line.slug);
    // A saved cart may name a piece that has left the shop since.
    if (!product) return [];
    const unit = product.priceOf(line.option);
    return [{ ...line, product, unit, label: product.options[line.option]?.label ?? '', total: unit.times(line.quantity) }];
  });
}

export function promotionPercent(code: string): number | undefined {
  return promotions[code.trim().toUpperCase()];
}

export function totals(lines: readonly PricedLine[], code: string | null, method: ShippingMethod | null): Totals {
  const goods = Money.sum(lines.map((line) => line.total));
  const discount = goods.percent((code && promotionPercent(code)) || 0);
  const paid = goods.minus(discount);
  const free = method?.freeFrom != null && paid.cents >= method.freeFrom;
  const shipping = method && !free && lines.length > 0 ? new Money(method.cents) : Money.zero;
  const total = paid.plus(shipping);
  return { goods, discount, shipping, total, tax: new Money(total.cents - total.cents / 1.19) };
}
