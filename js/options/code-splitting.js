/** `output.codeSplitting` in the words of the core. */
import { kindOf } from './checker.js';

const KEYS = ['maxRequests', 'maxOverFetch'];

/**
 * @param {unknown} given
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 * @returns {boolean | Record<string, any> | undefined}
 */
export function normalizeCodeSplitting(given, where, check) {
  if (given === undefined || given === null || typeof given === 'boolean') return given ?? undefined;
  if (typeof given !== 'object' || Array.isArray(given)) {
    return check.fault(`Option "${where}" must be true, false or an object, but it is ${kindOf(given)}`);
  }
  const { maxRequests, maxOverFetch } = check.object(given, KEYS, where);
  const core = {
    maxRequests: maxRequests === Infinity ? undefined : check.count(maxRequests, `${where}.maxRequests`),
    maxOverFetch: share(maxOverFetch, `${where}.maxOverFetch`, check),
  };
  return Object.fromEntries(Object.entries(core).filter(([, value]) => value !== undefined));
}

/**
 * @param {unknown} given
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 */
function share(given, where, check) {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'number' && given >= 0 && Number.isFinite(given)) return given;
  return check.fault(`Option "${where}" must be a share, such as 0.1 for a tenth of what is needed, but it is ${kindOf(given)}`);
}
