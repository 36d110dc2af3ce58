// Numbers of repeated runs -> median and spread.

/** @param {number[]} values */
export function series(values) {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const median = sorted.length === 0 ? null : sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, lowest: sorted[0] ?? null, highest: sorted.at(-1) ?? null, runs: sorted.length };
}
