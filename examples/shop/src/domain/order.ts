import { addBusinessDays, isAfter } from 'date-fns';
import type { CartLine, Totals } from './cart';
import { Money } from './money';
import { shippingMethods } from './shipping';

export enum OrderStatus {
  Placed = 'placed',
  Packed = 'packed',
  OnItsWay = 'on-its-way',
  Delivered = 'delivered',
}

export const statusNames: Record<OrderStatus, string> = {
  [OrderStatus.Placed]: 'Placed',
  [OrderStatus.Packed]: 'Packed in straw',
  [OrderStatus.OnItsWay]: 'On its way',
  [OrderStatus.Delivered]: 'Delivered',
};

export interface Customer {
  readonly name: string;
  readonly email: string;
  readonly street: string;
  readonly city: string;
  readonly postcode: string;
  readonly country: string;
}

/** Plain values only: an order is saved as JSON. */
export interface Order {
  readonly id: string;
  readonly placed: string;
  readonly customer: Customer;
  readonly lines: readonly CartLine[];
  readonly code: string | null;
  readonly shipping: string;
  readonly note: string;
  readonly cents: { readonly goods: number; readonly discount: number; readonly shipping: number; readonly total: number };
}

export interface Step {
  readonly status: OrderStatus;
  readonly at: Date;
  readonly done: boolean;
}

let lastNumber = 0;

/** `SG-` and seven letters: the time in base 36, so that orders sort as they came. */
export function nextOrderId(now = Date.now()): string {
  lastNumber = Math.max(lastNumber + 1, Math.floor(now / 1000));
  return `SG-${lastNumber.toString(36).toUpperCase().padStart(7, '0')}`;
}

export function createOrder(customer: Customer, lines: readonly CartLine[], totals: Totals, rest: Pick<Order, 'code' | 'shipping' | 'note'>): Order {
  const { goods, discount, shipping, total } = totals;
  return {
    id: nextOrderId(),
    placed: new Date().toISOString(),
    customer,
    lines,
    ...rest,
    cents: { goods: goods.cents, discount: discount.cents, shipping: shipping.cents, total: total.cents },
  };
}

export const orderTotal = (order: Order) => new Money(order.cents.total);

export function timeline(order: Order, now = new Date()): Step[] {
  const placed = new Date(order.placed);
  const days = shippingMethods.find(({ id }) => id === order.shipping)?.days ?? 5;
  const at: [OrderStatus, Date][] = [
    [OrderStatus.Placed, placed],
    [OrderStatus.Packed, addBusinessDays(placed, 1)],
    [OrderStatus.OnItsWay, addBusinessDays(placed, Math.max(1, days - 2))],
    [OrderStatus.Delivered, addBusinessDays(placed, days + 1)],
  ];
  return at.map(([status, date]) => ({ status, at: date, done: !isAfter(date, now) }));
}
