/**
 * `cloudpack/rollup`: a plugin for Rollup 4 that takes the whole build over. The plugins beside it go on doing what they
 * did, over our graph; Rollup keeps its options, its watcher, its logs and the writing of files.
 */
import path from 'node:path';
import { HostBuild } from '../host/build.js';
import { hostCacheOf, reportOf, storeOptions } from '../host/cache-options.js';
import { defaultResolve } from '../host/default-resolve.js';
import { ENTRY } from '../host/entry.js';
import { rollupShell } from '../host/rollup-shell.js';
import { flattenPlugins, leaveOutReplaced, namePlugins } from '../plugins/hooks.js';
import { rollupTracking } from './cache.js';
import { inputInOurWords, outputInOurWords, unknownOfInput, unknownOfOutput, unknownOfPlugins } from './options.js';

/** @typedef {Record<string, any>} Options */

const NODE_RESOLVE = { mainFields: ['module', 'main'], conditionNames: ['default', 'module'], extensions: ['.mjs', '.js', '.json', '.node', '.ts', '.tsx'] };

/** In the order of the configuration. */
let instances = 0;

/**
 * @param {import('../types/index.d.ts').HostOptions} [options]
 * @returns {any} a plugin
 */
export default function cloudpack(options) {
  const cache = hostCacheOf(options);
  const index = instances++;
  /** @type {import('../types/index.d.ts').HostStats[]} */
  const stats = [];
  /** By input: what foreign engines made. @type {Map<string, import('../engine/foreign.js').Memory>} */
  const memories = new Map();
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
        // Watching, Rollup asks for the options of each build anew.
        const engines = memories.get(JSON.stringify(given.input)) ?? new Map();
        memories.set(JSON.stringify(given.input), engines);
        const build = new HostBuild({ engines, options: given, plugins, engine: options?.engine, meta: this.meta, ways: waysWith({ cache, index, plugins }), ended: (one) => {
          stats.push(one);
          if (process.env.CLOUDPACK_REPORT) for (const message of reportOf(one)) build.log('info', { message });
        } });
        return { ...given, input: ENTRY, plugins: [rollupShell(build, unknownOfOutput)] };
      },
    },
  };
  return self;
}

/**
 * @param {object} of
 * @param {import('../host/cache-options.js').HostCache} [of.cache]
 * @param {number} of.index
 * @param {import('../plugins/hooks.js').Plugin[]} of.plugins
 * @returns {import('../host/build.js').Ways}
 */
const waysWith = ({ cache, index, plugins }) => ({
  input: (given, normalized) => ({
    ...inputInOurWords(given, normalized),
    // The core only checks what a plugin says: with what it looks for unless it was told otherwise.
    ...(plugins.some((plugin) => plugin.name === 'node-resolve') && { resolve: NODE_RESOLVE }),
    ...(cache && { cache: storeOptions(cache, process.cwd()) }),
  }),
  ...(cache && { tracking: (/** @type {Options} */ meta, /** @type {Options} */ options) => rollupTracking({ cache, index, options, plugins, meta }) }),
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
