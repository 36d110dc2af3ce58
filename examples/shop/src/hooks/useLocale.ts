import type { Locale } from 'date-fns';
import { useEffect, useState } from 'react';
import { defaultLocale, loadedLocale, loadLocale } from '@/lib';
import { useSettings } from '@/stores';

/** The visitor's locale for dates, or English until it has arrived. */
export function useLocale(): Locale {
  const id = useSettings((state) => state.locale);
  const [locale, setLocale] = useState<Locale>(() => loadedLocale(id) ?? defaultLocale);
  useEffect(() => {
    let current = true;
    void loadLocale(id).then((loaded) => current && setLocale(loaded));
    return () => {
      current = false;
    };
  }, [id]);
  return locale;
}
