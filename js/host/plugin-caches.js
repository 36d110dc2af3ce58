/**
 * `this.cache` of the plugins that our driver runs. The host keeps one cache for us, from build to build and in what users
 * save; the plugins' entries lie in it.
 */

/** @typedef {{ get(key: string): any, set(key: string, value: any): void }} HostCache */

/** @param {HostCache} cache the host's, for our driver */
export function pluginCaches(cache) {
  /** @param {import('../plugins/hooks.js').Plugin & { cacheKey?: string }} plugin */
  return function cacheOf(plugin) {
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
