import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { type CartLine, promotionPercent, sameLine } from '@/domain';

interface CartState {
  readonly lines: readonly CartLine[];
  readonly code: string | null;
  add(slug: string, option: number, quantity: number): void;
  setQuantity(line: CartLine, quantity: number): void;
  applyCode(code: string): boolean;
  clear(): void;
}

export const useCart = create<CartState>()(
  persist(
    (set) => ({
      lines: [],
      code: null,
      add: (slug, option, quantity) =>
        set(({ lines }) => {
          const line = { slug, option, quantity };
          const known = lines.some((other) => sameLine(other, line));
          return { lines: known ? lines.map((other) => (sameLine(other, line) ? { ...other, quantity: other.quantity + quantity } : other)) : [...lines, line] };
        }),
      setQuantity: (line, quantity) =>
        set(({ lines }) => ({
          lines: quantity <= 0 ? lines.filter((other) => !sameLine(other, line)) : lines.map((other) => (sameLine(other, line) ? { ...other, quantity } : other)),
        })),
      applyCode: (text) => {
        const code = text.trim().toUpperCase();
        const valid = promotionPercent(code) !== undefined;
        if (valid) set({ code });
        return valid;
      },
      clear: () => set({ lines: [], code: null }),
    }),
    { name: 'saltglaze-cart', version: 1 },
  ),
);

export const useCartCount = () => useCart(({ lines }) => lines.reduce((sum, line) => sum + line.quantity, 0));
