// What the scripts of a built shop must and must not hold, and where their tokens came from.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesOf, origin } from './emitted.mjs';

const shop = fileURLToPath(new URL('../../examples/shop/', import.meta.url));

/** String literals that stand once in the sources; a map must lead from the emitted one to exactly this place. */
const landmarks = [
  ['src/domain/checkout.ts', 'That does not look like an address for mail.'],
  ['src/domain/collection.ts', 'no collection is called '],
  ['src/domain/glaze.ts', 'Oven to 220 °C'],
  ['src/components/layout/Header.tsx', 'site-header__row'],
  ['src/components/charts/TrendChart.tsx', 'Sales by month and forecast'],
  ['src/routes/ProductPage.tsx', 'clamp(2.1rem, 4vw, 3.1rem)'],
  ['src/routes/Insights.tsx', 'Next month, likely'],
  ['src/stores/orders.ts', 'saltglaze-orders'],
  ['src/lib/confetti.ts', '#dfb2a0'],
  // CommonJS: inside of a wrapper, in a file of 16,000 lines.
  ['node_modules/react-dom/cjs/react-dom-client.production.js', 'Transition was aborted because of invalid state'],
  ['node_modules/date-fns/locale/de/_lib/formatDistance.js', 'etwa {{count}} Monate'],
];

export function checkLandmarks(dist) {
  const wrong = [];
  for (const [path, text] of landmarks) {
    const before = readFileSync(join(shop, path), 'utf8').split(text)[0].split('\n');
    const expected = `${path}:${before.length}:${before.at(-1).length - 1}`;
    const found = origin(dist, text);
    const source = found?.source?.replace(/\\/g, '/').replace(/^(\.\.?\/)+|^.*?\/(?=src\/|node_modules\/)/g, '');
    const actual = found ? `${source?.endsWith(path) ? path : source}:${found.line}:${found.column}` : 'not in any script';
    if (actual !== expected) wrong.push(`${JSON.stringify(text)}: expected ${expected}, got ${actual} (from ${found?.file})`);
  }
  assert.deepEqual(wrong, []);
}

export function checkSize(dist, minify) {
  const scripts = filesOf(dist).filter((file) => file.endsWith('.js'));
  const code = scripts.map((file) => readFileSync(join(dist, file), 'utf8')).join('\n');
  for (const text of ['process.env', 'import.meta.env', 'react-dom-client.development', ...(minify ? ['saltglaze trace'] : [])]) assert.ok(!code.includes(text), `"${text}" is in the output`);
  // lodash's `template` and the words of `formatDuration`: the shop uses neither.
  for (const text of ['lodash.templateSources', 'xSeconds is never']) assert.ok(!code.includes(text), `"${text}" is in the output`);
  // 420 kB is what the best bundlers make of it; whole lodash and date-fns would double that.
  if (minify) assert.ok(code.length < 520_000, `${code.length} bytes of scripts`);
}
