/**
 * Finds the hooks of a list of plugins and brings them into the order they run in: `pre`, none, `post`, and among
 * equals the order of the plugins.
 */
import { BuildError } from '../diagnostics.js';

/** @typedef {import('../types/index.d.ts').Plugin} Plugin */

/**
 * @typedef {object} Hook
 * @property {Plugin} plugin
 * @property {string} name of the hook
 * @property {(...args: any[]) => any} handler
 * @property {boolean} sequential
 * @property {any} filter as written
 */

const ORDER = new Map([['pre', 0], [undefined, 1], [null, 1], ['post', 2]]);

/**
 * Nested arrays, promises of plugins, and falsy entries are Rollup's habit. A plugin meant for a dev server only
 * (`apply: 'serve'`, from Vite) is left out.
 * @param {unknown} given
 * @returns {Promise<Plugin[]>}
 */
export async function flattenPlugins(given) {
  const resolved = await given;
  if (Array.isArray(resolved)) return (await Promise.all(resolved.map(flattenPlugins))).flat();
  if (!resolved) return [];
  if (typeof resolved !== 'object') {
    throw new BuildError([
      { code: 'INVALID_PLUGIN', severity: 'error', message: `Option "plugins" holds a ${typeof resolved}; a plugin is an object`,
        ...(typeof resolved === 'function' ? { hint: `Call it: ${/** @type {Function} */ (resolved).name || 'plugin'}()` } : {}) },
    ]);
  }
  const plugin = /** @type {Plugin & { apply?: unknown }} */ (resolved);
  return plugin.apply === 'serve' ? [] : [plugin];
}

/** Plugins whose work is the core's own; @rollup/plugin-commonjs would only hide CommonJS from it. */
const REPLACED = new Set(['commonjs', 'commonjs--resolver']);

/**
 * @param {Plugin[]} plugins
 * @param {(log: import('../types/index.d.ts').RollupLog) => void} tell
 */
export function leaveOutReplaced(plugins, tell) {
  return plugins.filter((plugin) => {
    if (!REPLACED.has(plugin.name)) return true;
    // Its helper has no name that a user knows.
    if (!plugin.name.includes('--')) {
      tell({ code: 'PLUGIN_REPLACED', plugin: plugin.name, message: `Cloudpack does the work of plugin "${plugin.name}" itself, so the plugin was left out` });
    }
    return false;
  });
}

/**
 * Every plugin has a name in messages; those that have none are numbered from 1.
 * @param {Plugin[]} plugins
 * @param {string} prefix
 */
export function namePlugins(plugins, prefix) {
  plugins.forEach((plugin, index) => {
    if (!plugin.name) plugin.name = `${prefix}${index + 1}`;
  });
}

/**
 * @param {Plugin[]} plugins
 * @param {string} name
 * @returns {Hook[]}
 */
export function collectHooks(plugins, name) {
  const hooks = plugins.flatMap((plugin) => {
    const given = /** @type {any} */ (plugin)[name];
    if (given === undefined || given === null || given === false) return [];
    const handler = typeof given === 'object' ? given.handler : given;
    if (typeof handler !== 'function') throw invalidHook(plugin, name);
    const { order, sequential = false, filter } = typeof given === 'object' ? given : {};
    if (!ORDER.has(order)) throw invalidHook(plugin, name, `its order is ${JSON.stringify(order)}, not "pre" or "post"`);
    return [{ plugin, name, handler, sequential, filter, rank: ORDER.get(order) ?? 1 }];
  });
  return hooks.sort((a, b) => a.rank - b.rank);
}

/**
 * What the core is told of a hook of a plugin that is known by name, beside what the plugin itself says:
 * `'done'`: the core does the same by itself; for a module that crosses anyway the hook is still called.
 * `'compiles'`: so it is with types and JSX, and hooks behind this one see JavaScript.
 * A filter: it lets through at least what the hook does something about, also before types are gone.
 * @typedef {'done' | 'compiles' | { id?: unknown, code?: unknown }} Role
 */
/** @type {WeakMap<Plugin, Record<string, Role>>} */
const roles = new WeakMap();

/**
 * @template {Plugin} T
 * @param {T} plugin
 * @param {Record<string, Role>} given by name of a hook
 * @returns {T}
 */
export function withRoles(plugin, given) {
  roles.set(plugin, given);
  return plugin;
}

/** @param {Hook} hook @returns {Role | undefined} */
export function roleOf({ plugin, name }) {
  return roles.get(plugin)?.[name];
}

/** Marks a plugin of our own that only looks on: a build may do less than all without its noticing. */
export const BYSTANDER = Symbol('bystander');

/** Hooks that could see, or decide, what becomes of a module or a file. */
const TAKING_PART = [
  'resolveId', 'resolveDynamicImport', 'load', 'transform', 'shouldTransformCachedModule', 'moduleParsed', 'buildStart', 'buildEnd',
  'renderStart', 'renderChunk', 'renderDynamicImport', 'resolveFileUrl', 'resolveImportMeta', 'augmentChunkHash', 'banner', 'footer',
  'intro', 'outro', 'generateBundle', 'writeBundle', 'renderError',
];

/** @param {Plugin} plugin */
export function takesPart(plugin) {
  const hooks = /** @type {any} */ (plugin);
  return !hooks[BYSTANDER] && TAKING_PART.some((name) => hooks[name] !== undefined && hooks[name] !== null && hooks[name] !== false);
}

/**
 * @param {Plugin} plugin
 * @param {string} name
 * @param {string} [why]
 */
export function invalidHook(plugin, name, why = 'it must be a function or { handler }') {
  return new BuildError([
    { code: 'INVALID_PLUGIN_HOOK', severity: 'error', message: `Hook "${name}" of plugin "${plugin.name}" cannot be used: ${why}`,
      plugin: plugin.name, hook: name },
  ]);
}
