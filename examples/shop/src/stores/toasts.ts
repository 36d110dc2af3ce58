import { create } from 'zustand';

export interface Toast {
  readonly id: number;
  readonly text: string;
}

interface ToastState {
  readonly toasts: readonly Toast[];
  show(text: string): void;
}

let nextId = 1;

export const useToasts = create<ToastState>()((set) => ({
  toasts: [],
  show: (text) => {
    const id = nextId++;
    set(({ toasts }) => ({ toasts: [...toasts.slice(-2), { id, text }] }));
    setTimeout(() => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })), 3200);
  },
}));
