// Goes through three years of sales and draws the coming half year, away from the thread that paints.
import { groupBy, orderBy, sumBy, uniqBy } from 'lodash-es';
import type { Category } from '@/domain/product';
import { movingAverage } from '@/lib/statistics';
import { forecast } from './forecast';
import { sales } from './ledger';
import type { FromWorker, SalesReport, ToWorker } from './protocol';

const from = new Date(2023, 10, 1);
const to = new Date(2026, 9, 31);

const answer = (message: FromWorker) => (self as unknown as { postMessage(message: FromWorker): void }).postMessage(message);

function report(paths: number, onProgress: (share: number) => void): SalesReport {
  const started = performance.now();
  const ledger = [...sales(from, to)];
  onProgress(0.1);

  const byMonth = Object.entries(groupBy(ledger, (sale) => `${sale.day.slice(0, 7)}-01`));
  const cents = byMonth.map(([, list]) => sumBy(list, 'cents'));
  const average = movingAverage(cents, 6);
  const months = byMonth.map(([month, list], i) => ({ month, cents: cents[i] ?? 0, pieces: sumBy(list, 'quantity'), average: average[i] ?? 0 }));
  const byCategory = Object.entries(groupBy(ledger, (sale) => sale.product.category));
  const byProduct = Object.values(groupBy(ledger, (sale) => sale.product.slug));

  return {
    months,
    forecast: forecast(months, 6, paths, (share) => onProgress(0.1 + share * 0.9)),
    weekdays: [1, 2, 3, 4, 5, 6, 0].map((weekday) => sumBy(ledger.filter((sale) => sale.weekday === weekday), 'cents')),
    categories: orderBy(byCategory.map(([category, list]) => ({ category: category as Category, cents: sumBy(list, 'cents') })), 'cents', 'desc'),
    best: orderBy(byProduct.map((list) => ({ slug: list[0]?.product.slug ?? '', pieces: sumBy(list, 'quantity'), cents: sumBy(list, 'cents') })), 'pieces', 'desc').slice(0, 5),
    total: { cents: sumBy(ledger, 'cents'), pieces: sumBy(ledger, 'quantity'), orders: uniqBy(ledger, 'order').length },
    paths,
    sales: ledger.length,
    ms: performance.now() - started,
  };
}

self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  const { id, paths } = data;
  answer({ kind: 'done', id, report: report(paths, (share) => answer({ kind: 'progress', id, share })) });
});
