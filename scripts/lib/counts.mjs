// How many tests passed and failed, from what each runner prints. A runner that failed without naming a failure has
// failed once; one that ran nothing has failed too, because then nothing was checked.

/** @typedef {{ code: number, output: string }} Result */
/** @typedef {{ passed: number, failed: number }} Counts */

/**
 * A check without tests of its own.
 * @param {Result} result
 * @returns {Counts}
 */
export function exitCounts({ code }) {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * `Summary [   1.2s] 10 tests run: 8 passed (1 slow), 1 failed, 1 timed out, 3 skipped`
 * @param {Result} result
 */
export function nextestCounts(result) {
  const summary = plain(result.output).match(/^\s*Summary .*tests? run:.*$/gm)?.at(-1) ?? '';
  return settled(result, sum(summary, /(\d+) passed/g), sum(summary, /(\d+) (?:failed|timed out|exec failed)/g));
}

/**
 * `test result: ok. 3 passed; 0 failed; ...`, once a binary
 * @param {Result} result
 */
export function cargoTestCounts(result) {
  const text = plain(result.output);
  return settled(result, sum(text, /^test result: .*?(\d+) passed/gm), sum(text, /^test result: .*?(\d+) failed/gm));
}

/**
 * `ℹ pass 3`, `ℹ fail 0`, `ℹ cancelled 0`
 * @param {Result} result
 */
export function nodeTestCounts(result) {
  const text = plain(result.output);
  return settled(result, sum(text, /^\S+ pass (\d+)$/gm), sum(text, /^\S+ (?:fail|cancelled) (\d+)$/gm));
}

/**
 * @param {Result} result
 * @param {string | undefined} json Vitest's report
 */
export function vitestCounts(result, json) {
  const report = json === undefined ? {} : JSON.parse(json);
  return settled(result, report.numPassedTests ?? 0, report.numFailedTests ?? 0);
}

/**
 * @param {Result} result
 * @param {number} passed
 * @param {number} failed
 * @returns {Counts}
 */
function settled({ code }, passed, failed) {
  return { passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed };
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 */
function sum(text, pattern) {
  return [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}

/** @param {string} text */
function plain(text) {
  return text.replace(/\u001b\[[\d;]*m/g, '');
}
