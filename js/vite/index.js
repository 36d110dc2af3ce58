/**
 * `cloudpack/vite`: a plugin for Vite that takes the builds over. Vite's own plugins and the user's go on doing what they did,
 * over our graph; Vite keeps its configuration, its watcher, its logs and the writing of files. The dev server is Vite's alone.
 */
import { HostBuild } from '../host/build.js';
import { hostCacheOf, reportOf } from '../host/cache-options.js';
import { ENTRY } from '../host/entry.js';
import { rolldownShell } from '../host/rolldown-shell.js';
import { rollupShell } from '../host/rollup-shell.js';
import { flattenPlugins, leaveOutReplaced, namePlugins } from '../plugins/hooks.js';
import { adaptPlugins, UnknownPlugin } from './adapt.js';
import { unknownOfInput, unknownOfOutput, unknownOfPlugins } from './options.js';
import { viteWays } from './ways.js';

/** @typedef {Record<string, any>} Options */

/**
 * @param {import('../types/index.d.ts').HostOptions} [options]
 * @returns {any} a plugin
 */
export default function cloudpack(options) {
  const cache = hostCacheOf(options);
  /** @type {import('../types/index.d.ts').HostStats[]} */
  const stats = [];
  const self = {
    name: 'cloudpack',
    api: { stats: () => [...stats] },
    enforce: /** @type {const} */ ('post'),
    // In `vite serve` hooks of this name are called too, with other meanings.
    apply: /** @type {const} */ ('build'),
    options: {
      order: /** @type {const} */ ('post'),
      /** @this {any} @param {Options} given */
      async handler(given) {
        const { environment } = this;
        const isRolldown = this.meta.rolldownVersion !== undefined;
        const all = (await flattenPlugins(given.plugins)).filter((plugin) => plugin.name !== self.name);
        namePlugins(all, 'at position ');
        const outputs = [given.output ?? []].flat();
        let adapted;
        let unknown = unknownOfInput(given, environment.config) ?? outputs.map(unknownOfOutput).find(Boolean);
        try {
          adapted = unknown === undefined ? adaptPlugins(leaveOutReplaced(all, (log) => this.debug(log)), environment, given) : undefined;
          unknown ??= unknownOfPlugins(adapted?.plugins ?? []);
        } catch (error) {
          if (!(error instanceof UnknownPlugin)) throw error;
          unknown = error.message;
        }
        if (unknown !== undefined || !adapted) {
          environment.logger.warn(`Cloudpack cannot do ${unknown}, so ${isRolldown ? 'Rolldown' : 'Rollup'} makes this build`);
          return null;
        }
        const { plugins, kept, native } = adapted;
        const ways = viteWays({ environment, given, native, cache, plugins });
        const build = new HostBuild({ options: given, plugins, engine: options?.engine, meta: { ...this.meta }, ways, ended: (one) => {
          stats.push(one);
          if (process.env.CLOUDPACK_REPORT) for (const line of reportOf(one)) environment.logger.info(line);
        } });
        if (!isRolldown) return { ...given, input: ENTRY, plugins: [rollupShell(build, unknownOfOutput), ...kept] };
        return {
          ...given, input: ENTRY, plugins: [...rolldownShell(build, unknownOfOutput), ...kept],
          // They would say that one plugin takes all the time.
          checks: { ...given.checks, pluginTimings: false, bundlerTimings: false },
        };
      },
    },
  };
  return self;
}
