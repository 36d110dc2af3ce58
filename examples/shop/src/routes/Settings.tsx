import { format } from 'date-fns';
import type { ReactNode } from 'react';
import { PageHead } from '@/components/layout/PageHead';
import { Price } from '@/components/product';
import { Chips } from '@/components/ui';
import { currencies, Money } from '@/domain';
import { useLocale } from '@/hooks';
import { type LocaleId, localeNames } from '@/lib';
import { type Theme, useSettings } from '@/stores';

const themes: [Theme, string][] = [
  ['light', 'Day'],
  ['dark', 'Night'],
];

export function Settings() {
  const { theme, currency, locale: localeId, still, set } = useSettings();
  const locale = useLocale();
  return (
    <>
      <PageHead title="Settings">Kept on this device, and nowhere else.</PageHead>
      <div className="settings">
        <Row title="Light" text="How bright the pottery is.">
          <Chips label="Theme" value={theme} options={themes} onChange={(value) => set({ theme: value })} />
        </Row>
        <Row title="Currency" text={<>A Drift bowl is <Price of={new Money(3800)} />.</>}>
          <Chips label="Currency" value={currency} options={currencies.map((id) => [id, id] as const)} onChange={(value) => set({ currency: value })} />
        </Row>
        <Row title="Dates" text={<span data-testid="date-sample">{format(new Date(2026, 10, 27), 'PPPP', { locale })}</span>}>
          <Chips label="Language of dates" value={localeId} options={Object.entries(localeNames) as [LocaleId, string][]} onChange={(value) => set({ locale: value })} />
        </Row>
        <Row title="Motion" text="Cards that lift, pages that glide.">
          <label className="check">
            <input type="checkbox" checked={still} onChange={(event) => set({ still: event.target.checked })} /> Keep still
          </label>
        </Row>
      </div>
    </>
  );
}

function Row({ title, text, children }: { title: string; text: ReactNode; children: ReactNode }) {
  return (
    <section className="sheet">
      <div>
        <h3>{title}</h3>
        <p>{text}</p>
      </div>
      {children}
    </section>
  );
}
