import type { Customer } from './order';

export interface CheckoutForm extends Customer {
  readonly card: string;
  readonly expiry: string;
  readonly note: string;
}

export type FormErrors = { -readonly [field in keyof CheckoutForm]?: string };

export const emptyForm: CheckoutForm = { name: '', email: '', street: '', city: '', postcode: '', country: 'Germany', card: '', expiry: '', note: '' };

export const countries = ['Austria', 'Belgium', 'Denmark', 'France', 'Germany', 'Ireland', 'Italy', 'Netherlands', 'Poland', 'Spain', 'Sweden'] as const;

/** Luhn's check digit: catches every single wrong digit and most swapped neighbours. */
export function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (digits.length < 12 || digits.length > 19) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 === 1 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

export const groupCard = (text: string) => text.replace(/\D/g, '').slice(0, 19).replace(/(\d{4})(?=\d)/g, '$1 ');

function expired(text: string, now: Date): boolean | undefined {
  const match = /^(?<month>0[1-9]|1[0-2])\s*\/\s*(?<year>\d{2})$/.exec(text.trim());
  if (!match?.groups) return undefined;
  const { month, year } = match.groups;
  return new Date(2000 + Number(year), Number(month), 1) <= now;
}

export function validate(form: CheckoutForm, now = new Date()): FormErrors {
  const errors: FormErrors = {};
  const required = { name: 'your name', street: 'a street', city: 'a town' } satisfies FormErrors;
  for (const [field, what] of Object.entries(required) as [keyof typeof required, string][]) {
    if (form[field].trim() === '') errors[field] = `Please give us ${what}.`;
  }
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/u.test(form.email)) errors.email = 'That does not look like an address for mail.';
  if (!/^[\dA-Z][\dA-Z -]{2,8}$/i.test(form.postcode.trim())) errors.postcode = 'Please check the postcode.';
  if (!isCardNumber(form.card)) errors.card = 'A digit of the card number seems wrong.';
  const late = expired(form.expiry, now);
  if (late !== false) errors.expiry = late ? 'This card has run out.' : 'Month and year, as in 08/29.';
  return errors;
}
