import { orderBy, uniq } from 'lodash-es';
import type { GlazeId } from './glaze';
import type { Category, Product } from './product';

export const sortings = {
  newest: 'Newest first',
  'price-up': 'Price, low to high',
  'price-down': 'Price, high to low',
  rating: 'Best rated',
} as const;

export type Sorting = keyof typeof sortings;

export interface Query {
  readonly text: string;
  readonly category: Category | 'all';
  readonly glazes: readonly GlazeId[];
  readonly inStock: boolean;
  readonly sort: Sorting;
}

export const emptyQuery: Query = { text: '', category: 'all', glazes: [], inStock: false, sort: 'newest' };

export function queryFromParams(params: URLSearchParams): Query {
  const sort = params.get('sort') ?? '';
  return {
    text: params.get('q') ?? '',
    category: (params.get('category') as Category | null) ?? 'all',
    glazes: uniq(params.getAll('glaze')) as GlazeId[],
    inStock: params.has('stock'),
    sort: sort in sortings ? (sort as Sorting) : 'newest',
  };
}

export function paramsFromQuery({ text, category, glazes, inStock, sort }: Query): URLSearchParams {
  const params = new URLSearchParams();
  if (text) params.set('q', text);
  if (category !== 'all') params.set('category', category);
  for (const glaze of glazes) params.append('glaze', glaze);
  if (inStock) params.set('stock', '1');
  if (sort !== 'newest') params.set('sort', sort);
  return params;
}

export function search(products: readonly Product[], query: Query): Product[] {
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = products.filter((product) => {
    if (query.category !== 'all' && product.category !== query.category) return false;
    if (query.glazes.length > 0 && !query.glazes.includes(product.glaze.id)) return false;
    if (query.inStock && product.stock === 0) return false;
    const text = `${product.name} ${product.blurb} ${product.glaze.name} ${product.category}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  switch (query.sort) {
    case 'price-up':
      return orderBy(found, (p) => p.price.cents, 'asc');
    case 'price-down':
      return orderBy(found, (p) => p.price.cents, 'desc');
    case 'rating':
      return orderBy(found, [(p) => p.rating, (p) => p.reviews], ['desc', 'desc']);
    case 'newest':
      return orderBy(found, (p) => p.added.getTime(), 'desc');
  }
}
