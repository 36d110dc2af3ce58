import { formatDistanceToNow, parseISO } from 'date-fns';
import { findLast, sumBy } from 'lodash-es';
import { Link } from 'react-router';
import { PageHead } from '@/components/layout/PageHead';
import { Price } from '@/components/product';
import { Badge, ButtonLink } from '@/components/ui';
import { Money, type Order, OrderStatus, orderTotal, statusNames, timeline } from '@/domain';
import { useLocale } from '@/hooks';
import { useOrders } from '@/stores';

export default function Orders() {
  const orders = useOrders((state) => state.orders);
  const spent = new Money(sumBy(orders, 'cents.total'));
  return (
    <>
      <PageHead title="Your orders">
        {orders.length === 0 ? 'None so far on this device.' : <>{orders.length === 1 ? 'One order' : `${orders.length} orders`} on this device, <Price of={spent} /> in all.</>}
      </PageHead>
      {orders.length === 0 ? (
        <ButtonLink to="/shop">To the shop</ButtonLink>
      ) : (
        <ul>
          {orders.map((order) => (
            <li key={order.id}>
              <Row order={order} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Row({ order }: { order: Order }) {
  const locale = useLocale();
  const status = findLast(timeline(order), 'done')?.status ?? OrderStatus.Placed;
  return (
    <Link to={`/orders/${order.id}`} className="sheet order-row" data-order={order.id}>
      <h3>{order.id}</h3>
      <span className="lead">{formatDistanceToNow(parseISO(order.placed), { addSuffix: true, locale })}</span>
      <Badge tone={status === OrderStatus.Delivered ? 'good' : 'warm'}>{statusNames[status]}</Badge>
      <b>
        <Price of={orderTotal(order)} />
      </b>
    </Link>
  );
}
