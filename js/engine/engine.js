/**
 * `engine`: from what a user wrote to a `TransformEngine`, or to nothing for the linker. Foreign engines are loaded when a build asks for
 * them, and no earlier.
 */
import { randomUUID } from 'node:crypto';
import { BuildError } from '../diagnostics.js';
import { kindOf } from '../options/checker.js';
import { nearest } from '../options/nearest.js';

/** @typedef {import('../types/index.d.ts').TransformEngine} TransformEngine */

/** @type {Record<string, (cwd: string) => Promise<TransformEngine>>} */
const BUILT_IN = {
  rolldown: async (cwd) => (await import('./rolldown.js')).rolldownEngine(cwd),
  rspack: async (cwd) => (await import('./rspack.js')).rspackEngine(cwd),
};
export const ENGINES = ['native', ...Object.keys(BUILT_IN)];

/**
 * @param {unknown} engine
 * @param {import('../options/checker.js').OptionChecker} check
 */
export function checkEngine(engine, check) {
  if (engine === undefined || engine === null) return;
  if (typeof engine === 'string') {
    if (ENGINES.includes(engine)) return;
    const meant = nearest(engine, ENGINES);
    const known = ENGINES.map((name) => JSON.stringify(name)).join(', ');
    check.fault(`Option "engine" is ${JSON.stringify(engine)}; it must be one of ${known}, or an engine`, meant && `Did you mean ${JSON.stringify(meant)}?`);
    return;
  }
  const { name, transform, version } = /** @type {Partial<TransformEngine>} */ (engine);
  const why = typeof engine !== 'object' ? `it is ${kindOf(engine)}`
    : typeof name !== 'string' || name === '' ? 'it has no "name"'
      : typeof transform !== 'function' ? `"${name}" has no "transform"`
        : version !== undefined && typeof version !== 'string' ? `the "version" of "${name}" is ${kindOf(version)}` : undefined;
  if (why !== undefined) check.fault(`Option "engine" must be an object { name, transform(plan) } or a name, but ${why}`);
}

/**
 * @param {string | TransformEngine | undefined} engine that `checkEngine` let through
 * @param {string} cwd
 * @returns {Promise<{ engine: TransformEngine, identity: string } | undefined>} none for the linker
 */
export async function loadEngine(engine, cwd) {
  if (engine === undefined || engine === null || engine === 'native') return undefined;
  const loaded = typeof engine === 'string' ? await BUILT_IN[engine](cwd) : engine;
  return { engine: loaded, identity: identityOf(loaded) };
}

/** Versions of engines that say none: nobody knows what their functions call. @type {WeakMap<TransformEngine, string>} */
const ofThisProcess = new WeakMap();

/**
 * What a result of the engine rests on besides plan and code. One without a version is another in each process.
 * @param {TransformEngine} engine
 */
function identityOf(engine) {
  if (!ofThisProcess.has(engine)) ofThisProcess.set(engine, randomUUID());
  const { name, version = ofThisProcess.get(engine) } = engine;
  const hint = 'Results are taken over while "options" are the same, so they have to be plain data; what else a result rests on belongs to "version"';
  const unsaid = unsaidBy(engine.options, 'options');
  if (unsaid !== undefined) throw engineError(name, `has options that JSON cannot say: ${unsaid}`, { hint });
  try {
    return JSON.stringify([name, version, engine.options ?? null]);
  } catch (cause) {
    throw engineError(name, `has options that JSON cannot say: ${cause instanceof Error ? cause.message : String(cause)}`, { cause, hint });
  }
}

/**
 * What JSON would leave out or make something else of: two functions would be one.
 * @param {unknown} value
 * @param {string} place
 * @param {object[]} around objects that hold it
 * @returns {string | undefined}
 */
function unsaidBy(value, place, around = []) {
  if (typeof value !== 'object' || value === null) {
    const isSaid = value === null || value === undefined || ['string', 'boolean'].includes(typeof value) || (typeof value === 'number' && Number.isFinite(value));
    return isSaid ? undefined : `"${place}" is ${kindOf(value)}`;
  }
  if (around.includes(value)) return `"${place}" holds itself`;
  if (typeof (/** @type {any} */ (value).toJSON) === 'function') return undefined;
  const prototype = Object.getPrototypeOf(value);
  const isPlain = Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isPlain) return `"${place}" is a ${prototype.constructor?.name ?? 'object of a class'}`;
  for (const [key, member] of Object.entries(value)) {
    const why = unsaidBy(member, Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`, [...around, value]);
    if (why !== undefined) return why;
  }
  return undefined;
}

/**
 * @param {string} name
 * @param {string} what it did
 * @param {{ cause?: unknown, hint?: string }} [more]
 */
export function engineError(name, what, { cause, hint } = {}) {
  const message = `Engine "${name}" ${what}`;
  const stack = cause instanceof Error ? cause.stack : undefined;
  return new BuildError([{ code: 'ENGINE_ERROR', severity: 'error', message, ...(hint && { hint }), ...(stack && { stack }) }], cause);
}
