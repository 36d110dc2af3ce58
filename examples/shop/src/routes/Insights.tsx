import clsx from 'clsx';
import { useState } from 'react';
import { Link } from 'react-router';
import { BarChart, Donut, TrendChart } from '@/components/charts';
import { PageHead } from '@/components/layout/PageHead';
import { Price } from '@/components/product';
import { Chips, Spinner } from '@/components/ui';
import { categories, Money, productBySlug } from '@/domain';
import { useSales } from '@/hooks/useSales';
import { useSettings } from '@/stores';
import type { SalesReport } from '@/workers/protocol';
import styles from './Insights.module.css';

const choices = [
  [5_000, '5,000'],
  [20_000, '20,000'],
  [80_000, '80,000'],
] as const;

export default function Insights() {
  const { report, progress, run } = useSales(choices[0][0]);
  const [paths, setPaths] = useState<number>(choices[0][0]);
  return (
    <>
      <PageHead title="Open books" eyebrow="What we sell">
        Every sale of three years, and what the next half year may bring. A worker beside this page goes through the ledger.
      </PageHead>
      <div className={styles.progress} role="progressbar" aria-label="Computing" aria-valuenow={Math.round(progress * 100)}>
        <span style={{ width: `${progress * 100}%` }} />
      </div>
      {report ? (
        <Report report={report}>
          <Chips
            label="Futures drawn"
            value={paths}
            options={choices}
            onChange={(count) => {
              setPaths(count);
              run(count);
            }}
          />
        </Report>
      ) : (
        <Spinner />
      )}
    </>
  );
}

function Report({ report, children }: { report: SalesReport; children: React.ReactNode }) {
  const currency = useSettings((state) => state.currency);
  const locale = useSettings((state) => state.locale);
  const { total, months, forecast } = report;
  const short = (cents: number) => `${Math.round(cents / 100_000)}k`;
  const count = (value: number) => value.toLocaleString(locale);
  const cards: [string, string, string][] = [
    ['revenue', 'Sold in three years', new Money(Math.round(total.cents / 100) * 100).format(currency, locale)],
    ['orders', 'Orders', count(total.orders)],
    ['pieces', 'Pieces', count(total.pieces)],
    ['next', 'Next month, likely', new Money(Math.round((forecast[0]?.middle ?? 0) / 100) * 100).format(currency, locale)],
  ];
  return (
    <div data-testid="report" data-paths={report.paths}>
      <dl className={styles.cards}>
        {cards.map(([id, name, value]) => (
          <div key={id} className={clsx('sheet', styles.card)}>
            <dt>{name}</dt>
            <dd data-testid={`card-${id}`}>{value}</dd>
          </div>
        ))}
      </dl>
      <section className="sheet">
        <div className={styles.head}>
          <div>
            <h2>Month by month</h2>
            <p className="lead" data-testid="computed">
              {count(report.sales)} sales and {count(report.paths)} drawn futures in {Math.max(1, Math.round(report.ms))} ms
            </p>
          </div>
          {children}
        </div>
        <TrendChart months={months} forecast={forecast} label={short} />
      </section>
      <div className={styles.row}>
        <section className="sheet">
          <h3>By weekday</h3>
          <BarChart label="Sales by weekday" bars={['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].map((name, i) => ({ name, value: report.weekdays[i] ?? 0 }))} />
        </section>
        <section className="sheet">
          <h3 style={{ marginBottom: 18 }}>By kind</h3>
          <Donut parts={report.categories.map(({ category, cents }) => ({ name: categories[category], value: cents }))} />
        </section>
      </div>
      <section className="sheet" style={{ marginTop: 20 }}>
        <h3>What leaves the shelf first</h3>
        <table className={styles.table}>
          <thead>
            <tr>
              <th>Piece</th>
              <th>Sold</th>
              <th>Revenue</th>
            </tr>
          </thead>
          <tbody>
            {report.best.map(({ slug, pieces, cents }) => (
              <tr key={slug}>
                <td>
                  <Link to={`/shop/${slug}`}>{productBySlug(slug)?.name}</Link>
                </td>
                <td>{count(pieces)}</td>
                <td>
                  <Price of={new Money(cents)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
