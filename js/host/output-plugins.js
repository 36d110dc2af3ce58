/**
 * Plugins of one output. Rollup has them in its own list before we hear of them, and would run them over the empty chunk of the
 * virtual entry; our driver runs them over ours. So in an output of ours the host's calls are answered with nothing, and the
 * driver gets a copy of each plugin as it was.
 */
import { ENTRY } from './entry.js';

/** @typedef {import('../plugins/hooks.js').Plugin} Plugin */

const ABOUT_OUTPUT = ['renderStart', 'generateBundle', 'writeBundle'];
const ABOUT_CHUNK = new Map([['renderChunk', 1], ['augmentChunkHash', 0], ['banner', 0], ['footer', 0], ['intro', 0], ['outro', 0]]);

/** @type {WeakMap<Plugin, Plugin>} */
const copies = new WeakMap();
/** Normalized options of outputs that are ours. @type {WeakSet<object>} */
const ours = new WeakSet();

/** @param {object} options as the host normalized them */
export function claimOutput(options) {
  ours.add(options);
}

/**
 * @param {Plugin} plugin
 * @returns {Plugin} for our driver
 */
export function takeOverPlugin(plugin) {
  const known = copies.get(plugin);
  if (known) return known;
  const hooks = /** @type {Record<string, any>} */ (plugin);
  const copy = Object.assign(Object.create(Object.getPrototypeOf(plugin)), plugin);
  for (const name of ABOUT_OUTPUT) silence(hooks, name, (args) => ours.has(args[0]));
  for (const [name, chunk] of ABOUT_CHUNK) silence(hooks, name, (args) => args[chunk]?.facadeModuleId === ENTRY);
  copies.set(plugin, copy);
  // It may be handed to another build, in which it is taken over once and not twice.
  copies.set(copy, copy);
  return copy;
}

/**
 * @param {Record<string, any>} hooks
 * @param {string} name
 * @param {(args: any[]) => boolean} isOurs
 */
function silence(hooks, name, isOurs) {
  const given = hooks[name];
  const handler = given !== null && typeof given === 'object' ? given.handler : given;
  if (handler === undefined || handler === null || handler === false) return;
  /** @this {unknown} @param {any[]} args */
  function quiet(...args) {
    if (isOurs(args)) return null;
    return typeof handler === 'function' ? handler.apply(this, args) : handler;
  }
  hooks[name] = typeof given === 'object' ? { ...given, handler: quiet } : quiet;
}
