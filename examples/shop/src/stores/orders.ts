import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { Order } from '@/domain';

interface OrdersState {
  readonly orders: readonly Order[];
  place(order: Order): void;
}

export const useOrders = create<OrdersState>()(
  persist(
    (set) => ({
      orders: [],
      place: (order) => set(({ orders }) => ({ orders: [order, ...orders] })),
    }),
    { name: 'saltglaze-orders', version: 1 },
  ),
);
