/**
 * `this.cache` of the plugins that our driver runs. The host keeps one cache for us, from build to build and in what users
 * save; the plugins' entries lie in it.
 */

/** @typedef {{ get(key: string): any, set(key: string, value: any): void }} HostCache */

/** What a plugin without a name is called. */
const NAMELESS = /^at (?:output )?position \d+$/;

/** @typedef {import('../plugins/hooks.js').Plugin & { cacheKey?: string }} CachingPlugin */

/**
 * @param {HostCache} cache the host's, for our driver
 * @param {CachingPlugin[]} plugins of the build
 */
export function pluginCaches(cache, plugins) {
  /** @param {CachingPlugin} plugin */
  return function cacheOf(plugin) {
    const fault = faultOf(plugin, plugins);
    if (fault) return { has: fault, get: fault, set: fault, delete: fault };
    const key = plugin.cacheKey ?? plugin.name;
    const entries = () => cache.get(key) ?? {};
    return {
      has: (/** @type {string} */ name) => Object.hasOwn(entries(), name),
      get: (/** @type {string} */ name) => (Object.hasOwn(entries(), name) ? entries()[name] : undefined),
      set(/** @type {string} */ name, /** @type {unknown} */ value) {
        cache.set(key, { ...entries(), [name]: value });
      },
      delete(/** @type {string} */ name) {
        const { [name]: _, ...rest } = entries();
        const had = Object.hasOwn(entries(), name);
        cache.set(key, rest);
        return had;
      },
    };
  };
}

/**
 * Whoever shares its entries with another plugin, or has another's after a change of the configuration, is told.
 * @param {CachingPlugin} plugin
 * @param {CachingPlugin[]} plugins
 * @returns {(() => never) | undefined}
 */
function faultOf({ name, cacheKey }, plugins) {
  if (cacheKey !== undefined) return undefined;
  const isNameless = NAMELESS.test(name);
  if (!isNameless && plugins.filter((one) => one.name === name && one.cacheKey === undefined).length < 2) return undefined;
  const [message, code] = isNameless
    ? ['this.cache needs a plugin with a name or a "cacheKey"', 'ANONYMOUS_PLUGIN_CACHE']
    : [`this.cache belongs to one plugin, and several are called "${name}": give each a "cacheKey"`, 'DUPLICATE_PLUGIN_NAME'];
  return () => {
    throw Object.assign(new Error(message), { code });
  };
}
