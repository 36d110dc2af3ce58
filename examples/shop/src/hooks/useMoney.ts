import { useCallback } from 'react';
import type { Money } from '@/domain';
import { useSettings } from '@/stores';

/** Shows an amount in the visitor's currency and way of writing numbers. */
export function useMoney(): (amount: Money) => string {
  const currency = useSettings((state) => state.currency);
  const locale = useSettings((state) => state.locale);
  return useCallback((amount) => amount.format(currency, locale), [currency, locale]);
}
