import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { pictureOf } from '@/assets/products';
import { PageHead } from '@/components/layout/PageHead';
import { OrderSummary, Price } from '@/components/product';
import { Button, ButtonLink, Stepper } from '@/components/ui';
import { priceLines, totals } from '@/domain';
import { useCart, useToasts } from '@/stores';

export default function Cart() {
  const { lines, code, setQuantity } = useCart();
  const priced = priceLines(lines);
  if (priced.length === 0) {
    return (
      <div className="empty">
        <title>Cart · Saltglaze</title>
        <h1>Your cart is empty.</h1>
        <p className="lead">So is the shelf at home, surely.</p>
        <ButtonLink to="/shop">To the shop</ButtonLink>
      </div>
    );
  }
  return (
    <>
      <PageHead title="Your cart">{priced.length === 1 ? 'One line' : `${priced.length} lines`}, packed in straw, sent in one parcel.</PageHead>
      <div className="two">
        <ul>
          {priced.map((line) => (
            <li key={`${line.slug} ${line.option}`} className="cart-line" data-line={line.slug}>
              <img src={pictureOf(line.slug)} alt="" />
              <div>
                <h3>
                  <Link to={`/shop/${line.slug}`}>{line.product.name}</Link>
                </h3>
                <span className="lead">{line.label}</span>
                <div>
                  <Button look="text" onClick={() => setQuantity(line, 0)}>
                    Remove
                  </Button>
                </div>
              </div>
              <Stepper small label={`Quantity of ${line.product.name}`} value={line.quantity} min={0} onChange={(quantity) => setQuantity(line, quantity)} />
              <span className="cart-line__total">
                <Price of={line.total} />
              </span>
            </li>
          ))}
        </ul>
        <aside className="sheet two__aside">
          <h2 style={{ marginBottom: 18 }}>Sum</h2>
          <OrderSummary totals={totals(priced, code, null)} shippingKnown={false} />
          <Promotion />
          <ButtonLink to="/checkout" wide>
            To the checkout
          </ButtonLink>
        </aside>
      </div>
    </>
  );
}

function Promotion() {
  const apply = useCart((state) => state.applyCode);
  const code = useCart((state) => state.code);
  const show = useToasts((state) => state.show);
  const [text, setText] = useState(code ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    show(apply(text) ? 'Thank you: that code works.' : 'We do not know that code.');
  };
  return (
    <form className="promo" onSubmit={submit}>
      <input aria-label="Code" placeholder="Code, try TIDE10" value={text} onChange={(event) => setText(event.target.value)} />
      <Button type="submit" look="quiet">
        Apply
      </Button>
    </form>
  );
}
