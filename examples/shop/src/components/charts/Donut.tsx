import { sumBy } from 'lodash-es';
import styles from './charts.module.css';
import type { Bar } from './BarChart';

const colours = ['#2c5f6b', '#c4713f', '#86aaa5', '#d9a441', '#9f4128', '#66703c', '#b58a9a'];

export function Donut({ parts }: { parts: readonly Bar[] }) {
  const total = sumBy(parts, 'value');
  const radius = 62;
  const round = 2 * Math.PI * radius;
  let turned = 0;
  return (
    <div style={{ display: 'grid', gridTemplateColumns: '170px 1fr', gap: 28, alignItems: 'center' }}>
      <svg viewBox="0 0 170 170" className={styles.chart} role="img" aria-label="Sales by kind">
        {parts.map(({ name, value }, i) => {
          const share = value / total;
          const offset = turned;
          turned += share;
          return (
            <circle
              key={name}
              cx="85"
              cy="85"
              r={radius}
              fill="none"
              stroke={colours[i % colours.length]}
              strokeWidth="26"
              strokeDasharray={`${Math.max(0, share * round - 2)} ${round}`}
              transform={`rotate(${offset * 360 - 90} 85 85)`}
            />
          );
        })}
      </svg>
      <ul className={styles.legend}>
        {parts.map(({ name, value }, i) => (
          <li key={name}>
            <span className={styles.key} style={{ background: colours[i % colours.length] }} />
            {name} <b>{((value / total) * 100).toFixed(1)} %</b>
          </li>
        ))}
      </ul>
    </div>
  );
}
