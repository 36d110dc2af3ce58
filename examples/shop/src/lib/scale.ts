export type Scale = (value: number) => number;

export const linear =
  ([d0, d1]: readonly [number, number], [r0, r1]: readonly [number, number]): Scale =>
  (value) =>
    r0 + ((value - d0) / (d1 - d0 || 1)) * (r1 - r0);

/** About `count` round numbers from 0 to at least `high`. */
export function ticks(high: number, count = 4): number[] {
  const rough = high / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
  return Array.from({ length: Math.ceil(high / step) + 1 }, (_, i) => i * step);
}

export const path = (points: readonly (readonly [number, number])[]) => points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
