import { format, parseISO } from 'date-fns';
import { useLocale } from '@/hooks';
import { linear, path, ticks } from '@/lib/scale';
import type { Forecast, Month } from '@/workers/protocol';
import styles from './charts.module.css';

const [width, height, left, bottom] = [940, 300, 52, 26];

interface TrendChartProps {
  readonly months: readonly Month[];
  readonly forecast: readonly Forecast[];
  readonly label: (cents: number) => string;
}

export function TrendChart({ months, forecast, label }: TrendChartProps) {
  const locale = useLocale();
  const high = Math.max(...months.map((m) => m.cents), ...forecast.map((f) => f.high));
  const marks = ticks(high);
  const x = linear([0, months.length + forecast.length - 1], [left, width]);
  const y = linear([0, marks.at(-1) ?? high], [height - bottom, 8]);
  const at = (value: number, i: number) => [x(i), y(value)] as const;
  const start = months.length;
  const line = months.map((m, i) => at(m.cents, i));
  const last = months.at(-1)?.cents ?? 0;
  const upper = [at(last, start - 1), ...forecast.map((f, i) => at(f.high, start + i))];
  const lower = [at(last, start - 1), ...forecast.map((f, i) => at(f.low, start + i))];
  return (
    <svg className={styles.chart} viewBox={`0 0 ${width} ${height}`} role="img" aria-label="Sales by month and forecast">
      {marks.map((mark) => (
        <g key={mark}>
          <line className={styles.grid} x1={left} x2={width} y1={y(mark)} y2={y(mark)} />
          <text className={styles.label} x={left - 10} y={y(mark) + 4} textAnchor="end">
            {label(mark)}
          </text>
        </g>
      ))}
      {[...months, ...forecast].map(
        ({ month }, i) =>
          i % 6 === 2 && (
            <text key={month} className={styles.label} x={x(i)} y={height - 4} textAnchor="middle">
              {format(parseISO(month), 'MMM yy', { locale })}
            </text>
          ),
      )}
      <path className={styles.area} d={`${path(line)}L${x(start - 1)} ${y(0)}L${x(0)} ${y(0)}Z`} />
      <path className={styles.line} d={path(line)} />
      <path className={styles.average} d={path(months.map((m, i) => at(m.average, i)))} />
      <path className={styles.band} d={`${path(upper)}${path([...lower].reverse()).replace('M', 'L')}Z`} />
      <path className={styles.middle} data-testid="forecast" d={path([at(last, start - 1), ...forecast.map((f, i) => at(f.middle, start + i))])} />
    </svg>
  );
}
