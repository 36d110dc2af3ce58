import { linear } from '@/lib/scale';
import styles from './charts.module.css';

export interface Bar {
  readonly name: string;
  readonly value: number;
}

export function BarChart({ bars, label }: { bars: readonly Bar[]; label: string }) {
  const [width, height] = [420, 200];
  const y = linear([0, Math.max(...bars.map((bar) => bar.value))], [0, height - 34]);
  const step = width / bars.length;
  return (
    <svg className={styles.chart} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {bars.map(({ name, value }, i) => (
        <g key={name}>
          <rect className={styles.bar} x={i * step + 8} width={step - 16} y={height - 22 - y(value)} height={y(value)} rx="7" />
          <text className={styles.label} x={i * step + step / 2} y={height - 4} textAnchor="middle">
            {name}
          </text>
        </g>
      ))}
    </svg>
  );
}
