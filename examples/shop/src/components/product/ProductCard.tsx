import { differenceInDays } from 'date-fns';
import { Link } from 'react-router';
import { pictureOf } from '@/assets/products';
import { Badge } from '@/components/ui';
import type { Product } from '@/domain';
import { GlazeDot } from './GlazeSwatch';
import { Price } from './Price';
import styles from './ProductCard.module.css';

const launch = new Date('2026-11-21T12:00:00Z');

function Flag({ product }: { product: Product }) {
  if (product.stock === 0) return <Badge tone="bad">Sold out</Badge>;
  if (differenceInDays(launch, product.added) < 60) return <Badge tone="warm">New</Badge>;
  if (product.stock < 6) return <Badge>Last {product.stock}</Badge>;
  return null;
}

export function ProductCard({ product }: { product: Product }) {
  return (
    <Link to={`/shop/${product.slug}`} className={styles.card} data-product={product.slug}>
      <div className={styles.frame}>
        <img className={styles.picture} src={pictureOf(product.slug)} alt={product.name} width={560} height={700} />
        <div className={styles.flag}>
          <Flag product={product} />
        </div>
      </div>
      <div className={styles.text}>
        <span className={styles.name}>{product.name}</span>
        <span className={styles.price}>
          <Price of={product.price} />
        </span>
        <span className={styles.glaze}>
          <GlazeDot glaze={product.glaze} /> {product.glaze.name}
        </span>
      </div>
    </Link>
  );
}
