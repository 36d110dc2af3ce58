export const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / (values.length || 1);

export function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

/** `sorted` ascending; `share` from 0 to 1; linear between neighbours. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

export function movingAverage(values: readonly number[], width: number): number[] {
  return values.map((_, i) => mean(values.slice(Math.max(0, i - width + 1), i + 1)));
}
