/** `treeshake.moduleSideEffects` in all its forms, as a question. */
import { kindOf } from './checker.js';
import { matches } from './patterns.js';

/** @typedef {(id: string, external: boolean) => boolean | undefined} SideEffectsTest what it leaves open, packages say */

/**
 * @param {any} given a boolean, `'no-external'`, ids, rules, or a function
 * @returns {SideEffectsTest}
 */
export function sideEffectsTest(given) {
  if (typeof given === 'function') return (id, external) => given(id, external) ?? undefined;
  if (given === 'no-external') return (_, external) => (external ? false : undefined);
  if (!Array.isArray(given)) return () => given ?? undefined;
  if (given.every((item) => typeof item === 'string')) return (id) => given.includes(id);
  return (id, external) => given.find((rule) => (!rule.test || matches(rule.test, id)) && (rule.external ?? external) === external)?.sideEffects;
}

/**
 * What the core cannot evaluate; a boolean it can.
 * @param {unknown} given
 * @param {import('./checker.js').OptionChecker} check
 * @returns {SideEffectsTest | undefined}
 */
export function checkedSideEffects(given, check) {
  if (given === undefined || given === null || typeof given === 'boolean') return undefined;
  const isRule = (/** @type {any} */ item) => typeof item === 'object' && item !== null && typeof item.sideEffects === 'boolean' && (item.test ?? item.external) !== undefined
    && (item.test === undefined || item.test instanceof RegExp) && ['undefined', 'boolean'].includes(typeof item.external);
  const isList = Array.isArray(given) && (given.every((item) => typeof item === 'string') || given.every(isRule));
  if (typeof given === 'function' || given === 'no-external' || isList) return sideEffectsTest(given);
  const shown = typeof given === 'string' ? JSON.stringify(given) : Array.isArray(given) ? 'a list of something else' : kindOf(given);
  check.fault(`Option "treeshake.moduleSideEffects" is ${shown}; it takes a boolean, "no-external", a list of ids, a list of { test, external, sideEffects }, or a function`);
  return undefined;
}
