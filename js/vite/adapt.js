/**
 * Vite 8 has some of its plugins in native code that only Rolldown can run. Each gets a stand-in: the JavaScript form that Vite
 * has of it for its dev server, its own JavaScript face, or a plugin of ours that does the same. One that is not known
 * here is not guessed at. Vite 7 has no such plugins.
 */
import { withRoles } from '../plugins/hooks.js';
import { manifest } from './manifest.js';
import { coreMinifier, hostMinify } from './minify.js';
import { nativeWork } from './native-work.js';
import { modulePreloadPolyfill } from './preload-polyfill.js';
import { preload } from './preload.js';

/** @typedef {import('../plugins/hooks.js').Plugin} Plugin */

/** Its message says what is not known. */
export class UnknownPlugin extends Error {}

/**
 * Plugins whose JavaScript form still lies in the configuration, by their native name.
 * @type {Map<string, string>}
 */
const JAVASCRIPT_FORMS = new Map([
  ['builtin:vite-alias', 'alias'],
  ['builtin:vite-transform', 'vite:oxc'],
  ['builtin:vite-dynamic-import-vars', 'vite:dynamic-import-vars'],
  ['builtin:vite-import-glob', 'vite:import-glob'],
]);

/**
 * Native plugins that can be called from JavaScript: those of their hooks that do something, and how arguments are passed on.
 */
const CALLABLE = new Map(/** @type {[string, Record<string, (args: any[]) => any[]>][]} */ ([
  ['builtin:vite-resolve', {
    resolveId: ([source, importer, { isEntry, kind }]) => [source, importer, { isEntry, kind, scan: false, custom: undefined }],
    load: ([id]) => [id],
  }],
  ['builtin:vite-json', { transform: ([code, id, { moduleType }]) => [code, id, { moduleType }] }],
]));

/** They only work together with the native manifest. */
const LEFT_OUT = new Set(['native:manifest-envs', 'native:manifest-compatible', 'builtin:vite-load-fallback']);

/**
 * @param {Plugin[]} plugins
 * @param {any} environment
 * @param {Record<string, any>} options
 * @returns {{ plugins: Plugin[], kept: Plugin[], native?: import('./native-work.js').NativeWork & { minifies: (output: Record<string, any>) => boolean } }} those that our driver runs, and those that stay with the host
 */
export function adaptPlugins(plugins, environment, options) {
  if (!plugins.some(isNative)) return { plugins, kept: [] };
  const native = nativeWork(plugins, options);
  /** @type {Plugin[]} */
  const kept = [];
  const adapted = plugins.flatMap((plugin) => {
    if (LEFT_OUT.has(plugin.name)) return [];
    const roles = native.roles.get(plugin.name);
    if (!isNative(plugin)) return [roles ? withRoles(plugin, roles) : plugin];
    if (plugin.name === 'builtin:vite-reporter') {
      kept.push(plugin);
      return [];
    }
    const standIn = standInFor(plugin, environment);
    return [roles ? withRoles(standIn, roles) : standIn];
  });
  const minifies = coreMinifier(adapted);
  return { plugins: [...adapted, hostMinify(environment, options, minifies)], kept, native: { ...native, minifies } };
}

/** @param {Plugin} plugin */
function isNative(plugin) {
  return plugin.constructor?.name === 'BuiltinPlugin';
}

/**
 * @param {Plugin} plugin
 * @param {any} environment
 * @returns {Plugin}
 */
function standInFor(plugin, environment) {
  const native = /** @type {Record<string, any>} */ (plugin);
  const form = JAVASCRIPT_FORMS.get(plugin.name);
  if (form !== undefined) {
    const found = environment.getTopLevelConfig().plugins.find((/** @type {Plugin} */ one) => one.name === form);
    if (!found) throw new UnknownPlugin(`the plugin "${plugin.name}" of this version of Vite`);
    return withSsrFlag(found, environment);
  }
  const hooks = CALLABLE.get(plugin.name);
  if (hooks) return calling(native, hooks);
  if (plugin.name === 'builtin:vite-build-import-analysis') return preload(native._options);
  if (plugin.name === 'builtin:vite-module-preload-polyfill') return modulePreloadPolyfill(environment);
  if (plugin.name === 'builtin:vite-manifest') return manifest(native._options, environment);
  throw new UnknownPlugin(`the plugin "${plugin.name}" of this version of Vite`);
}

/**
 * Vite tells hooks of a bundle whether it is for a server; these were not made for bundles.
 * @param {Record<string, any>} plugin
 * @param {any} environment
 * @returns {Plugin}
 */
function withSsrFlag(plugin, environment) {
  const ssr = environment.config.consumer === 'server';
  const flagged = /** @type {Record<string, any>} */ ({ ...plugin });
  for (const [name, at] of Object.entries({ resolveId: 2, load: 1, transform: 2 })) {
    const hook = plugin[name];
    if (!hook) continue;
    const handler = typeof hook === 'object' ? hook.handler : hook;
    /** @this {unknown} @param {any[]} args */
    function withFlag(...args) {
      args[at] = { ...args[at], ssr };
      return handler.apply(this, args);
    }
    flagged[name] = typeof hook === 'object' ? { ...hook, handler: withFlag } : withFlag;
  }
  return /** @type {Plugin} */ (flagged);
}

/**
 * @param {Record<string, any>} native
 * @param {Record<string, (args: any[]) => any[]>} hooks how their arguments are passed on
 * @returns {Plugin}
 */
function calling(native, hooks) {
  const plugin = /** @type {Record<string, any>} */ ({ name: native.name });
  for (const [name, passedOn] of Object.entries(hooks)) {
    const hook = native[name];
    if (!hook) throw new UnknownPlugin(`the plugin "${native.name}" of this version of Vite`);
    const handler = typeof hook === 'object' ? hook.handler : hook;
    /** @this {unknown} @param {any[]} args */
    plugin[name] = async function callNative(...args) {
      const result = await handler.apply(this, passedOn(args));
      return result?.map?.inner ? { ...result, map: result.map.inner } : result;
    };
  }
  return /** @type {Plugin} */ (plugin);
}
