// `npm run judge`, as a test: the linker, Rolldown and Rspack build the same fixtures, and what comes out is run.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allFixtures, judge, reasons, verdicts } from './judge.mjs';

const names = allFixtures();
const areas = [...new Set(names.map((name) => name.split('/')[0]))];
let judged = 0;

test.each(areas)('fixtures of %s do the same by all engines, or it is known who is right', async (area) => {
  const faults = [];
  for (const name of names.filter((one) => one.startsWith(`${area}/`))) {
    const result = await judge(name);
    if (result.skipped === undefined) judged++;
    faults.push(...verdicts(result));
  }
  expect(faults).toEqual([]);
}, 900_000);

test('most fixtures can be built by all, so that there is something to compare', () => {
  expect(judged).toBeGreaterThan(names.length * 0.8);
});

test('every reason is about a fixture that exists', () => {
  const gone = Object.keys(reasons).filter((name) => !existsSync(new URL(`../../fixtures/${name}/case.json`, import.meta.url)));
  expect(gone).toEqual([]);
});
