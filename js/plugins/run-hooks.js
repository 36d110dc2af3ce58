/** The ways in which a list of hooks is run, and how an error learns whose it is. */
import { madeOfLogs } from '../diagnostics.js';
import { waitingFor } from './pending.js';

/** @typedef {import('./hooks.js').Hook} Hook */

/**
 * Calls one hook; what it throws says afterwards which plugin and hook it came from, as with Rollup.
 * @param {Hook} hook
 * @param {object} context
 * @param {unknown[]} args
 * @param {{ id?: string }} [at]
 */
export async function callHook(hook, context, args, at = {}) {
  try {
    const result = hook.handler.apply(context, args);
    return await (typeof result?.then === 'function' ? waitingFor(result, hook, at.id) : result);
  } catch (thrown) {
    throw attribute(thrown, hook, at);
  }
}

/**
 * All at once; a `sequential` one waits for those before it and holds up those after it.
 * @param {Hook[]} hooks
 * @param {(hook: Hook) => Promise<unknown>} call
 */
export async function runParallel(hooks, call) {
  /** @type {Promise<unknown>[]} */
  let running = [];
  for (const hook of hooks) {
    if (hook.sequential) {
      await Promise.all(running);
      running = [];
      await call(hook);
    } else running.push(call(hook));
  }
  await Promise.all(running);
}

/** Errors that say whose they are. PostCSS and others write names of their own plugins on theirs. @type {WeakSet<Error>} */
const attributed = new WeakSet();

/** What Rollup says of a bundle, and not of the plugin that left it so. */
const OF_BUNDLE = new Set(['FILE_NAME_OUTSIDE_OUTPUT_DIRECTORY']);

/**
 * @param {unknown} thrown
 * @param {Hook} hook
 * @param {{ id?: string }} at
 */
export function attribute(thrown, hook, at) {
  const error = /** @type {any} */ (writable(thrown));
  if (attributed.has(error)) return error;
  attributed.add(error);
  if (error.code !== undefined && error.code !== 'PLUGIN_ERROR') error.pluginCode ??= error.code;
  if (!OF_BUNDLE.has(error.code)) error.code = 'PLUGIN_ERROR';
  error.plugin = hook.plugin.name;
  error.hook ??= hook.name;
  if (at.id !== undefined) error.id ??= at.id;
  return error;
}

/**
 * What was thrown, as an error that can be written on.
 * @param {unknown} thrown
 */
function writable(thrown) {
  if (thrown instanceof Error) {
    if (Object.isExtensible(thrown)) return thrown;
    return Object.assign(new Error(thrown.message, { cause: thrown }), thrown, { stack: thrown.stack });
  }
  const isObject = typeof thrown === 'object' && thrown !== null;
  const error = Object.assign(new Error(messageOf(thrown)), isObject ? thrown : {});
  if (isObject) madeOfLogs.add(error);
  return error;
}

/** @param {unknown} thrown */
function messageOf(thrown) {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown ? String(thrown.message) : String(thrown);
}
