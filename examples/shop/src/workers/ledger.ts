import { addDays, differenceInCalendarDays, formatISO, getDay, getMonth, isWeekend } from 'date-fns';
import { products, type Product } from '@/domain/product';
import { Random } from '@/lib/random';

export interface Sale {
  readonly day: string;
  readonly weekday: number;
  readonly product: Product;
  readonly quantity: number;
  readonly cents: number;
  readonly order: number;
}

// January to December: a pottery lives from Christmas, and a little from summer visitors.
const season = [0.62, 0.66, 0.78, 0.86, 0.94, 1.08, 1.2, 1.16, 0.92, 1.0, 1.42, 1.86];

/** What the shop sold from `from` to `to`: made up, but the same every time. */
export function* sales(from: Date, to: Date, seed = 1281): Generator<Sale> {
  const random = new Random(seed);
  const days = differenceInCalendarDays(to, from);
  let order = 0;
  for (let i = 0; i <= days; i++) {
    const date = addDays(from, i);
    const day = formatISO(date, { representation: 'date' });
    const demand = 9 * (1 + (0.55 * i) / days) * (season[getMonth(date)] ?? 1) * (isWeekend(date) ? 1.45 : 0.9);
    const orders = Math.max(0, Math.round(demand + random.normal() * Math.sqrt(demand)));
    for (let n = 0; n < orders; n++) {
      order++;
      for (let line = 1 + Math.floor(random.next() * 2.4); line > 0; line--) {
        const product = choose(random);
        const quantity = random.next() < 0.22 ? 2 : 1;
        yield { day, weekday: getDay(date), product, quantity, cents: product.price.cents * quantity, order };
      }
    }
  }
}

// Cheap and loved pieces sell more often.
const weights = products.map((product) => (product.rating ** 3 * Math.log(product.reviews + 2)) / Math.sqrt(product.price.cents));
const weightSum = weights.reduce((a, b) => a + b, 0);

function choose(random: Random): Product {
  let left = random.next() * weightSum;
  for (const [i, product] of products.entries()) {
    left -= weights[i] ?? 0;
    if (left <= 0) return product;
  }
  return random.pick(products);
}
