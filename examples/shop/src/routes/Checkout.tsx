import { type ChangeEvent, type FormEvent, useState } from 'react';
import { Navigate, useNavigate } from 'react-router';
import { PageHead } from '@/components/layout/PageHead';
import { OrderSummary, Price } from '@/components/product';
import { Button } from '@/components/ui';
import { Field, Select } from '@/components/ui/Field';
import { arrivalText, type CheckoutForm, countries, createOrder, emptyForm, type FormErrors, groupCard, Money, priceLines, shippingMethods, totals, validate } from '@/domain';
import { useLocale } from '@/hooks';
import { useCart, useOrders } from '@/stores';

export default function Checkout() {
  const navigate = useNavigate();
  const locale = useLocale();
  const { lines, code, clear } = useCart();
  const place = useOrders((state) => state.place);
  const [form, setForm] = useState<CheckoutForm>(emptyForm);
  const [errors, setErrors] = useState<FormErrors>({});
  const [shipping, setShipping] = useState('post');
  const [placed, setPlaced] = useState(false);

  const priced = priceLines(lines);
  if (priced.length === 0 && !placed) return <Navigate to="/cart" replace />;
  const method = shippingMethods.find(({ id }) => id === shipping) ?? null;
  const sums = totals(priced, code, method);

  const set = (change: Partial<CheckoutForm>) => setForm((old) => ({ ...old, ...change }));
  const field = (name: Exclude<keyof CheckoutForm, 'country'>, label: string) => ({
    label,
    name,
    value: form[name],
    error: errors[name],
    onChange: (event: ChangeEvent<HTMLInputElement>) => set({ [name]: name === 'card' ? groupCard(event.target.value) : event.target.value }),
  });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const found = validate(form);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    const { card: _card, expiry: _expiry, note, ...customer } = form;
    const order = createOrder(customer, lines, sums, { code, shipping, note });
    setPlaced(true);
    place(order);
    clear();
    await navigate(`/orders/${order.id}`);
    const { throwConfetti } = await import('@/lib/confetti');
    await throwConfetti();
  };

  return (
    <>
      <PageHead title="Checkout" eyebrow="Nearly yours" />
      <form className="two" noValidate onSubmit={(event) => void submit(event)}>
        <div className="form">
          <fieldset className="sheet">
            <legend>Where to</legend>
            <Field {...field('name', 'Name')} autoComplete="name" />
            <Field {...field('email', 'Email')} type="email" autoComplete="email" />
            <Field {...field('street', 'Street and number')} autoComplete="street-address" full />
            <Field {...field('postcode', 'Postcode')} autoComplete="postal-code" />
            <Field {...field('city', 'Town')} autoComplete="address-level2" />
            <Select label="Country" value={form.country} options={countries.map((name) => [name as string, name])} onChange={(country) => set({ country })} />
            <Field {...field('note', 'A line for the card (if it is a present)')} />
          </fieldset>
          <fieldset className="sheet">
            <legend>How</legend>
            {shippingMethods.map((option) => (
              <label key={option.id} className="choice full">
                <input type="radio" name="shipping" value={option.id} checked={shipping === option.id} onChange={() => setShipping(option.id)} />
                <span>
                  {option.name}
                  <small>{arrivalText(option, locale)}</small>
                </span>
                <span>{option.cents === 0 ? 'free' : <Price of={new Money(option.cents)} />}</span>
              </label>
            ))}
          </fieldset>
          <fieldset className="sheet">
            <legend>Payment (nothing is charged)</legend>
            <Field {...field('card', 'Card number')} inputMode="numeric" autoComplete="off" placeholder="4242 4242 4242 4242" />
            <Field {...field('expiry', 'Valid until')} autoComplete="off" placeholder="08/29" />
          </fieldset>
        </div>
        <aside className="sheet two__aside form">
          <h2>Your order</h2>
          <OrderSummary totals={sums} shippingKnown />
          <Button type="submit" wide>
            Place the order
          </Button>
        </aside>
      </form>
    </>
  );
}
