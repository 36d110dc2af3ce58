import type { Money } from '@/domain';
import { useMoney } from '@/hooks';

export function Price({ of: amount, from }: { of: Money; from?: boolean }) {
  const money = useMoney();
  return (
    <span data-cents={amount.cents}>
      {from && 'from '}
      {money(amount)}
    </span>
  );
}
