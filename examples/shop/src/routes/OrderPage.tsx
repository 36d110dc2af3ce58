import { format } from 'date-fns';
import { Link, useParams } from 'react-router';
import { pictureOf } from '@/assets/products';
import { PageHead } from '@/components/layout/PageHead';
import { Price } from '@/components/product';
import { orderTotal, priceLines, statusNames, timeline } from '@/domain';
import { useLocale } from '@/hooks';
import { useOrders } from '@/stores';
import NotFound from './NotFound';

export default function OrderPage() {
  const { id } = useParams();
  const locale = useLocale();
  const order = useOrders((state) => state.orders.find((one) => one.id === id));
  if (!order) return <NotFound />;
  const { name, street, postcode, city, country } = order.customer;
  return (
    <>
      <PageHead title={`Thank you, ${name.split(' ')[0]}.`} eyebrow={`Order ${order.id}`}>
        We have written to {order.customer.email}. The straw is being cut.
      </PageHead>
      <ol className="timeline" data-testid="timeline">
        {timeline(order).map(({ status, at, done }) => (
          <li key={status} data-done={done} data-status={status}>
            <b>{statusNames[status]}</b>
            <br />
            {format(at, 'EEEE, d MMMM', { locale })}
          </li>
        ))}
      </ol>
      <div className="two">
        <ul>
          {priceLines(order.lines).map((line) => (
            <li key={`${line.slug} ${line.option}`} className="cart-line">
              <img src={pictureOf(line.slug)} alt="" />
              <div>
                <h3>
                  <Link to={`/shop/${line.slug}`}>{line.product.name}</Link>
                </h3>
                <span className="lead">{line.label}</span>
              </div>
              <span>× {line.quantity}</span>
              <span className="cart-line__total">
                <Price of={line.total} />
              </span>
            </li>
          ))}
        </ul>
        <aside className="sheet two__aside">
          <h3 style={{ marginBottom: 12 }}>To</h3>
          <address style={{ fontStyle: 'normal' }}>
            {name}
            <br />
            {street}
            <br />
            {postcode} {city}
            <br />
            {country}
          </address>
          {order.note && <p style={{ marginTop: 12 }}>“{order.note}”</p>}
          <p style={{ marginTop: 18 }}>
            Paid: <b data-testid="paid"><Price of={orderTotal(order)} /></b>
          </p>
        </aside>
      </div>
    </>
  );
}
