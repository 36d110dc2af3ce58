// What `npm test` adds up is read from what the runners print; a runner that fails or runs nothing must not count as fine.
import { expect, test } from 'vitest';
import { cargoTestCounts, exitCounts, nextestCounts, nodeTestCounts, vitestCounts } from '../../scripts/lib/counts.mjs';

test('nextest: passed, failed and timed out', () => {
  const summary = (rest) => ({ code: 0, output: `\u001b[32m     Summary\u001b[0m [   1.234s] ${rest}\n` });
  expect(nextestCounts(summary('12 tests run: 12 passed (2 slow), 3 skipped'))).toEqual({ passed: 12, failed: 0 });
  expect(nextestCounts({ ...summary('9 tests run: 6 passed, 2 failed, 1 timed out, 0 skipped'), code: 100 })).toEqual({ passed: 6, failed: 3 });
  expect(nextestCounts({ code: 101, output: 'error: could not compile' })).toEqual({ passed: 0, failed: 1 });
  expect(nextestCounts(summary('0 tests run: 0 passed, 0 skipped'))).toEqual({ passed: 0, failed: 1 });
});

test('cargo test: the sum over all binaries', () => {
  const output = 'test result: ok. 3 passed; 0 failed; 0 ignored\n\ntest result: FAILED. 1 passed; 2 failed; 0 ignored\n';
  expect(cargoTestCounts({ code: 101, output })).toEqual({ passed: 4, failed: 2 });
});

test('node --test: what was cancelled has failed', () => {
  expect(nodeTestCounts({ code: 1, output: 'ℹ tests 4\nℹ suites 1\nℹ pass 2\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\n' })).toEqual({ passed: 2, failed: 2 });
});

test('Vitest: a file that cannot be loaded is a failure without a test', () => {
  expect(vitestCounts({ code: 0, output: '' }, '{"numPassedTests":5,"numFailedTests":0}')).toEqual({ passed: 5, failed: 0 });
  expect(vitestCounts({ code: 1, output: '' }, '{"numPassedTests":5,"numFailedTests":0}')).toEqual({ passed: 5, failed: 1 });
  expect(vitestCounts({ code: 1, output: '' }, undefined)).toEqual({ passed: 0, failed: 1 });
});

test('a check without tests counts as one', () => {
  expect([exitCounts({ code: 0, output: '' }), exitCounts({ code: 3, output: '' })]).toEqual([{ passed: 1, failed: 0 }, { passed: 0, failed: 1 }]);
});
