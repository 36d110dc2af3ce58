// English ships with the page; every other language of dates is fetched when somebody asks for it.
import type { Locale } from 'date-fns';
import { enGB } from 'date-fns/locale/en-GB';

export const localeNames = { 'en-GB': 'English', de: 'Deutsch', fr: 'Français', ja: '日本語' } as const;

export type LocaleId = keyof typeof localeNames;

const loaded = new Map<LocaleId, Locale>([['en-GB', enGB]]);

export const defaultLocale = enGB;

export function loadedLocale(id: LocaleId): Locale | undefined {
  return loaded.get(id);
}

export async function loadLocale(id: LocaleId): Promise<Locale> {
  const known = loaded.get(id);
  if (known) return known;
  const locale = await fetchLocale(id);
  loaded.set(id, locale);
  return locale;
}

async function fetchLocale(id: LocaleId): Promise<Locale> {
  switch (id) {
    case 'de':
      return (await import('date-fns/locale/de')).de;
    case 'fr':
      return (await import('date-fns/locale/fr')).fr;
    case 'ja':
      return (await import('date-fns/locale/ja')).ja;
    case 'en-GB':
      return enGB;
  }
}
