import type { CSSProperties } from 'react';
import type { Product } from '@/domain';
import { ProductCard } from './ProductCard';
import styles from './ProductGrid.module.css';

export function ProductGrid({ products, columns = 3 }: { products: readonly Product[]; columns?: number }) {
  return (
    <div className={styles.grid} style={{ '--columns': columns } as CSSProperties} data-testid="grid">
      {products.map((product) => (
        <ProductCard key={product.slug} product={product} />
      ))}
    </div>
  );
}
