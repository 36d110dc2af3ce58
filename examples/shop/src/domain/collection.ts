import data from '@/data/collections.json';
import { type Product, products } from './product';

export class Collection {
  constructor(
    readonly id: string,
    readonly name: string,
    readonly line: string,
  ) {}

  get products(): Product[] {
    return products.filter((product) => product.collection === this);
  }
}

export const collections: readonly Collection[] = data.map(({ id, name, line }) => new Collection(id, name, line));

export function collectionById(id: string): Collection {
  const found = collections.find((collection) => collection.id === id);
  if (!found) throw new Error(`no collection is called ${id}`);
  return found;
}
