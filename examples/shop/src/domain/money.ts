import { rates } from '@/data/shop.json';

export type Currency = keyof typeof rates;

export const currencies = Object.keys(rates) as Currency[];

/** An amount in euro cents; other currencies exist only when it is shown. */
export class Money {
  static readonly zero = new Money(0);
  readonly #cents: number;

  constructor(cents: number) {
    this.#cents = Math.round(cents);
  }

  static sum(amounts: Iterable<Money>): Money {
    let cents = 0;
    for (const amount of amounts) cents += amount.#cents;
    return new Money(cents);
  }

  get cents(): number {
    return this.#cents;
  }

  plus(other: Money): Money {
    return new Money(this.#cents + other.#cents);
  }

  minus(other: Money): Money {
    return new Money(Math.max(0, this.#cents - other.#cents));
  }

  times(factor: number): Money {
    return new Money(this.#cents * factor);
  }

  percent(share: number): Money {
    return this.times(share / 100);
  }

  format(currency: Currency = 'EUR', locale = 'en-GB'): string {
    const value = (this.#cents / 100) * rates[currency];
    return new Intl.NumberFormat(locale, { style: 'currency', currency, minimumFractionDigits: Number.isInteger(value) ? 0 : 2 }).format(value);
  }
}
