/**
 * `cloudpack/rollup`: a plugin for Rollup 4 that takes the whole build over. The plugins beside it go on doing what they
 * did, over our graph; Rollup keeps its options, its watcher, its logs and the writing of files.
 */
import path from 'node:path';
import { HostBuild } from '../host/build.js';
import { hostCacheOf, storeOptions } from '../host/cache-options.js';
import { defaultResolve } from '../host/default-resolve.js';
import { ENTRY } from '../host/entry.js';
import { rollupShell } from '../host/rollup-shell.js';
import { flattenPlugins, leaveOutReplaced, namePlugins } from '../plugins/hooks.js';
import { inputInOurWords, outputInOurWords, unknownOfInput, unknownOfOutput, unknownOfPlugins } from './options.js';

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
    options: {
      order: /** @type {const} */ ('post'),
      /** @this {any} @param {Options} given */
      async handler(given) {
        const all = (await flattenPlugins(given.plugins)).filter((plugin) => /** @type {unknown} */ (plugin) !== self);
        namePlugins(all, 'at position ');
        const plugins = leaveOutReplaced(all, (log) => this.debug(log));
        const unknown = unknownOfInput(given) ?? unknownOfPlugins(plugins) ?? [given.output ?? []].flat().map(unknownOfOutput).find(Boolean);
        if (unknown !== undefined) {
          this.warn({ code: 'LEFT_TO_HOST', message: `Cloudpack cannot do ${unknown}, so Rollup makes this build` });
          return null;
        }
        const build = new HostBuild({ options: given, plugins, meta: this.meta, ways: waysWith(cache), ended: (one) => stats.push(one) });
        return { ...given, input: ENTRY, plugins: [rollupShell(build, unknownOfOutput)] };
      },
    },
  };
  return self;
}

/**
 * @param {import('../host/cache-options.js').HostCache | undefined} cache
 * @returns {import('../host/build.js').Ways}
 */
const waysWith = (cache) => ({
  input: (given, normalized) => ({ ...inputInOurWords(given, normalized), ...(cache && { cache: storeOptions(cache, process.cwd()) }) }),
  output: outputInOurWords,
  external: (_, normalized) => normalized.external,
  // Outputs of the JavaScript interface come when the graph is there; code for one with a source map is the same without.
  laterOutputs: [{ minify: false, sourcemap: true }],
  resolving: (options, context, log) => ({
    resolve: defaultResolve({ cwd: process.cwd(), fs: context.fs, preserveSymlinks: options.preserveSymlinks }),
    unresolved: (source, importer, request) => goOnWithout(source, importer, request, log),
  }),
});

/**
 * @param {string} source
 * @param {string | undefined} importer
 * @param {import('../plugins/resolver.js').Request} request
 * @param {import('../host/build.js').HostLog} log
 * @returns {import('../plugins/resolver.js').Resolved}
 */
function goOnWithout(source, importer, { isEntry }, log) {
  if (isEntry) throw Object.assign(new Error(`Could not resolve the entry "${source}"`), { code: 'UNRESOLVED_ENTRY' });
  const from = importer === undefined ? '' : ` from "${path.isAbsolute(importer) ? path.relative('.', importer) : importer}"`;
  const fields = { code: 'UNRESOLVED_IMPORT', exporter: source, id: importer };
  if (/^\.{0,2}\//.test(source)) throw Object.assign(new Error(`Could not resolve "${source}"${from}`), fields);
  log('warn', { ...fields, message: `Could not resolve "${source}"${from}; it is left as an import of an external module` });
  return { id: source, external: true };
}
