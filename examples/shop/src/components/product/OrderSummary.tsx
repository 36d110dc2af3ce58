import type { Totals } from '@/domain';
import { Price } from './Price';

export function OrderSummary({ totals, shippingKnown }: { totals: Totals; shippingKnown: boolean }) {
  const { goods, discount, shipping, total, tax } = totals;
  return (
    <dl className="sum">
      <div>
        <dt>Pieces</dt>
        <dd>
          <Price of={goods} />
        </dd>
      </div>
      {discount.cents > 0 && (
        <div data-testid="discount">
          <dt>Discount</dt>
          <dd>
            − <Price of={discount} />
          </dd>
        </div>
      )}
      <div>
        <dt>Shipping</dt>
        <dd>{!shippingKnown ? 'at checkout' : shipping.cents === 0 ? 'free' : <Price of={shipping} />}</dd>
      </div>
      <div className="sum__total">
        <dt>Total</dt>
        <dd data-testid="total">
          <Price of={total} />
        </dd>
      </div>
      <div>
        <dt>VAT in it</dt>
        <dd>
          <Price of={tax} />
        </dd>
      </div>
    </dl>
  );
}
