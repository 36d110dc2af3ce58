import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { Currency } from '@/domain';
import type { LocaleId } from '@/lib/locales';

export type Theme = 'light' | 'dark';

interface SettingsState {
  readonly theme: Theme;
  readonly currency: Currency;
  readonly locale: LocaleId;
  readonly still: boolean;
  set(change: Partial<Pick<SettingsState, 'theme' | 'currency' | 'locale' | 'still'>>): void;
}

export const useSettings = create<SettingsState>()(
  persist(
    (set) => ({
      theme: 'light',
      currency: 'EUR',
      locale: 'en-GB',
      still: false,
      set: (change) => set(change),
    }),
    { name: 'saltglaze-settings', version: 1 },
  ),
);
