// A fixed part of `npm run judge`: the linker, Rolldown and Rspack build the same fixtures, and what comes out is run.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { judge, reasons, verdicts } from './judge.mjs';

const JUDGED = ['cjs/lazily-wanted-beside-an-entry', 'dynamic/failing-part-of-the-entry', 'esm/cycle-tdz', 'assets/worker'];

test.each(JUDGED)('%s does the same by all engines, or it is known who is right', async (name) => {
  const result = await judge(name);
  expect(result.skipped).toBeUndefined();
  expect(verdicts(result)).toEqual([]);
}, 300_000);

test('every reason is about a fixture that exists', () => {
  const gone = Object.keys(reasons).filter((name) => !existsSync(new URL(`../../fixtures/${name}/case.json`, import.meta.url)));
  expect(gone).toEqual([]);
});
