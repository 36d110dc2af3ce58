import { addMonths, formatISO, parseISO } from 'date-fns';
import { Random } from '@/lib/random';
import { deviation, mean, quantile } from '@/lib/statistics';
import type { Forecast, Month } from './protocol';

/**
 * Draws `paths` possible futures: each month is the same month a year earlier, times a growth drawn from the growths seen so far.
 * `onProgress` hears a share from 0 to 1.
 */
export function forecast(months: readonly Month[], count: number, paths: number, onProgress: (share: number) => void): Forecast[] {
  const growth = months.slice(12).map((month, i) => Math.log(month.cents / (months[i]?.cents || 1)));
  const centre = mean(growth);
  const spread = deviation(growth);
  const random = new Random(months.length * 7919 + paths);
  const drawn = Array.from({ length: count }, () => new Float64Array(paths));
  for (let path = 0; path < paths; path++) {
    let drift = 0;
    for (let ahead = 0; ahead < count; ahead++) {
      drift += random.normal() * spread * 0.45;
      const base = months[months.length - 12 + ahead]?.cents ?? 0;
      const future = drawn[ahead];
      if (future) future[path] = base * Math.exp(centre + drift + random.normal() * spread * 0.6);
    }
    if (path % 4096 === 4095) onProgress(path / paths);
  }
  const last = parseISO(months.at(-1)?.month ?? '2026-01-01');
  return drawn.map((values, i) => {
    values.sort();
    return {
      month: formatISO(addMonths(last, i + 1), { representation: 'date' }),
      low: quantile(values, 0.1),
      middle: quantile(values, 0.5),
      high: quantile(values, 0.9),
    };
  });
}
