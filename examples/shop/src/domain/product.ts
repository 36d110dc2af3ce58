// A product knows its collection, and a collection knows its products: the two modules import each other. That works because
// neither uses the other before both have been evaluated.
import data from '@/data/products.json';
import { type Collection, collectionById } from './collection';
import { type Glaze, type GlazeId, type Trait, glazeById, traitNames } from './glaze';
import { Money } from './money';

export const categories = {
  cups: 'Cups',
  bowls: 'Bowls',
  plates: 'Plates',
  teaware: 'Teaware',
  vases: 'Vases',
  light: 'Light',
  garden: 'Garden',
} as const;

export type Category = keyof typeof categories;
export type ProductRecord = (typeof data)[number];

export interface ProductOption {
  readonly label: string;
  readonly extra: Money;
}

export class Product {
  readonly price: Money;
  readonly added: Date;
  readonly options: readonly ProductOption[];

  constructor(private readonly record: ProductRecord) {
    this.price = new Money(record.price);
    this.added = new Date(`${record.added}T12:00:00Z`);
    this.options = record.options.map(({ label, extra }) => ({ label, extra: new Money(extra) }));
  }

  get slug(): string {
    return this.record.slug;
  }
  get name(): string {
    return this.record.name;
  }
  get blurb(): string {
    return this.record.blurb;
  }
  get size(): string {
    return this.record.size;
  }
  get stock(): number {
    return this.record.stock;
  }
  get rating(): number {
    return this.record.rating;
  }
  get reviews(): number {
    return this.record.reviews;
  }
  get category(): Category {
    return this.record.category as Category;
  }
  get glaze(): Glaze {
    return glazeById(this.record.glaze as GlazeId);
  }
  get traits(): string[] {
    return traitNames(this.record.traits as Trait);
  }
  get collection(): Collection {
    return collectionById(this.record.collection);
  }

  /** Other pieces of the collection, nearest in price first. */
  related(count: number): Product[] {
    const distance = (other: Product) => Math.abs(other.price.cents - this.price.cents);
    return this.collection.products
      .filter((other) => other !== this)
      .sort((a, b) => distance(a) - distance(b))
      .slice(0, count);
  }

  priceOf(option: number): Money {
    return this.price.plus(this.options[option]?.extra ?? Money.zero);
  }
}

export const products: readonly Product[] = data.map((record) => new Product(record));

const bySlug = new Map(products.map((product) => [product.slug, product]));

export function productBySlug(slug: string | undefined): Product | undefined {
  return slug === undefined ? undefined : bySlug.get(slug);
}
