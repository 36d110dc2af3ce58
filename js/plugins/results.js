/**
 * What hooks return, checked before anybody relies on it: a plugin that returns nonsense is named, instead of something failing later
 * that nobody connects with it. What Rollup and Rolldown pass over in silence is passed over here.
 */
import { MODULE_TYPES } from '../options/input-options.js';
import { moduleTypeOf } from './module-types.js';
import { attribute } from './run-hooks.js';

/** @typedef {import('./hooks.js').Hook} Hook */
/** @typedef {{ code: string, map?: any, moduleType?: unknown, meta?: object | null, moduleSideEffects?: unknown }} CodeResult */

const isNothing = (/** @type {unknown} */ value) => value === null || value === undefined;

/**
 * @param {any} result
 * @param {Hook} hook
 * @param {string} source what was asked for
 * @returns {Record<string, any> | string | false | undefined}
 */
export function resolvedBy(result, hook, source) {
  if (isNothing(result)) return undefined;
  if (result === false || (typeof result === 'string' && result !== '')) return result;
  if (typeof result === 'object' && typeof result.id === 'string' && result.id !== '') return result;
  throw invalid(hook, `${shown(result, 'id')} for ${JSON.stringify(source)}`, 'an id, { id }, false, or nothing', 'INVALID_RESOLUTION');
}

/**
 * @param {any} result
 * @param {Hook} hook
 * @param {string} id
 * @returns {CodeResult | undefined}
 */
export function loadedBy(result, hook, id) {
  if (isNothing(result)) return undefined;
  const given = typeof result === 'string' ? { code: result } : result;
  if (typeof given !== 'object' || typeof given.code !== 'string') throw invalid(hook, shown(result, 'code'), 'a string, { code, map }, or nothing', 'BAD_LOADER', id);
  return withoutSynthetic(given, hook, id);
}

/**
 * Neither string nor object counts as nothing, as everywhere.
 * @param {any} result
 * @param {Hook} hook
 * @param {string} id
 * @returns {Partial<CodeResult> | undefined}
 */
export function transformedBy(result, hook, id) {
  if (typeof result === 'string') return { code: result };
  if (typeof result !== 'object' || result === null) return undefined;
  if (!isNothing(result.code) && typeof result.code !== 'string') throw invalid(hook, shown(result, 'code'), 'a string, { code, map }, or nothing', 'INVALID_HOOK_RESULT', id);
  return withoutSynthetic(result, hook, id);
}

/**
 * @param {any} result
 * @param {Hook} hook
 * @returns {{ code: string, map?: any } | undefined}
 */
export function renderedBy(result, hook) {
  if (isNothing(result)) return undefined;
  const given = typeof result === 'string' ? { code: result } : result;
  if (typeof given !== 'object' || typeof given.code !== 'string') throw invalid(hook, shown(result, 'code'), 'a string, { code, map }, or nothing');
  return given;
}

/**
 * A part of a text: of a banner, of what a hash is made from. Falsy values add nothing.
 * @param {any} result
 * @param {Hook} hook
 * @returns {string}
 */
export function textBy(result, hook) {
  if (!result) return '';
  if (typeof result === 'symbol') throw invalid(hook, shown(result), 'a string');
  return String(result);
}

/**
 * Options as a hook changed them; falsy values change nothing.
 * @param {any} result
 * @param {Hook} hook
 */
export function optionsBy(result, hook) {
  if (!result) return undefined;
  if (typeof result !== 'object' || Array.isArray(result)) throw invalid(hook, shown(result), 'options or nothing');
  return result;
}

/**
 * @param {unknown} given
 * @param {Hook} hook
 * @param {string} id
 * @param {boolean} isStrict an unknown type is a fault, not something that others understand
 * @returns {string | undefined}
 */
export function moduleTypeBy(given, hook, id, isStrict) {
  if (given === undefined) return undefined;
  if (given === null || (typeof given === 'string' && MODULE_TYPES.has(given))) return moduleTypeOf(given, id);
  if (!isStrict) return undefined;
  const known = [...MODULE_TYPES.keys()].join(', ');
  throw attribute(Object.assign(new Error(`Hook "${hook.name}" gave the module type ${shown(given)}`), { code: 'INVALID_MODULE_TYPE', hint: `Known types: ${known}` }), hook, { id });
}

/**
 * A hook's source map that cannot be read.
 * @param {Hook} hook
 * @param {unknown} why
 * @param {string} [id]
 */
export function invalidMap(hook, why, id) {
  const reason = why instanceof Error ? why.message : String(why);
  return attribute(Object.assign(new Error(`The source map that hook "${hook.name}" returned cannot be read: ${reason}`), { code: 'INVALID_SOURCEMAP' }), hook, { id });
}

/**
 * @template {Record<string, any>} T
 * @param {T} result
 * @param {Hook} hook
 * @param {string} id
 */
function withoutSynthetic(result, hook, id) {
  if (!result.syntheticNamedExports) return result;
  const fault = Object.assign(new Error('"syntheticNamedExports" is not supported: exports are those that the code has'), { code: 'UNSUPPORTED' });
  throw attribute(fault, hook, { id });
}

/**
 * @param {Hook} hook
 * @param {string} given
 * @param {string} expected
 * @param {string} [code]
 * @param {string} [id]
 */
function invalid(hook, given, expected, code = 'INVALID_HOOK_RESULT', id = undefined) {
  return attribute(Object.assign(new Error(`Hook "${hook.name}" returned ${given}; it returns ${expected}`), { code }), hook, { id });
}

/**
 * @param {any} value
 * @param {string} [member] without which it is of no use
 * @returns {string}
 */
function shown(value, member) {
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') {
    if (member === undefined || value[member] === undefined) return member === undefined ? 'an object' : `an object without "${member}"`;
    return `an object whose "${member}" is ${value[member] === null ? 'null' : shown(value[member])}`;
  }
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value) ? JSON.stringify(typeof value === 'bigint' ? `${value}n` : value) : `a ${typeof value}`;
}
