/** How a build of Vite goes: its options in our words, and what it does with requests that no plugin answers. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { MODULE_TYPES } from '../options/input-options.js';
import { matches } from '../options/patterns.js';
import { storeOptions } from '../host/cache-options.js';
import { defaultResolve } from '../host/default-resolve.js';
import { outputInOurWords } from '../rollup/options.js';
import { viteTracking } from './cache.js';

/** @typedef {Record<string, any>} Options */

/**
 * @param {object} of
 * @param {any} of.environment
 * @param {Options} of.given
 * @param {import('./native-work.js').NativeWork & { minifies: (output: Options) => boolean }} [of.native]
 * @param {import('../host/cache-options.js').HostCache} [of.cache]
 * @param {import('../plugins/hooks.js').Plugin[]} of.plugins
 * @returns {import('../host/build.js').Ways}
 */
export function viteWays({ environment, given, native, cache, plugins }) {
  const { config } = environment;
  return {
    environment,
    input: (options) => ({ ...inputInOurWords(options, environment, native), ...(cache && { cache: storeOptions(cache, config.root) }) }),
    ...(cache && { tracking: (meta) => viteTracking({ cache, environment, options: given, plugins, meta, files: filesOf(config.root) }) }),
    output: (raw) => {
      const ours = outputInOurWords(raw);
      if (native?.minifies(raw)) ours.minify = true;
      // Rolldown looks at what a module says of itself.
      if (native) ours.interop = 'auto';
      // As in Rolldown, of several ways to say it the newest counts.
      const splitting = raw.codeSplitting ?? raw.advancedChunks;
      if (splitting !== undefined && ours.codeSplitting === undefined) ours.codeSplitting = splitting;
      if (splitting?.groups || splitting === false) delete ours.manualChunks;
      if (raw.comments === false || raw.comments?.legal === false) ours.legalComments = 'none';
      return ours;
    },
    laterOutputs: [{ minify: false, sourcemap: Boolean(config.build.sourcemap) }],
    external: () => externalTest(given.external),
    resolving: (_, context, log) => ({
      requests: native?.requests,
      resolve: defaultResolve({ cwd: config.root, fs: context.fs, preserveSymlinks: config.resolve.preserveSymlinks }),
      unresolved: (source, importer, { isEntry, inTry }) => {
        if (isEntry) throw Object.assign(new Error(`Could not resolve the entry "${source}"`), { code: 'UNRESOLVED_ENTRY' });
        // Vite makes an error of this log. Without an answer, the import stays.
        const from = importer !== undefined && path.isAbsolute(importer) ? path.relative(config.root, importer) : importer;
        if (!inTry) log('warn', { code: 'UNRESOLVED_IMPORT', exporter: source, id: importer, message: `Could not resolve "${source}" from "${from}"` });
        return { id: source, external: true };
      },
    }),
  };
}

/** @param {string} directory */
function filesOf(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/**
 * @param {Options} options
 * @param {any} environment
 * @param {import('./native-work.js').NativeWork} [native]
 * @returns {Options}
 */
function inputInOurWords({ input, transform = {}, treeshake, moduleTypes = {} }, { config }, native) {
  const target = transform.target ?? config.build.target;
  const shaking = typeof treeshake === 'object' && treeshake !== null ? treeshake : {};
  return {
    input,
    cwd: config.root,
    mode: config.mode,
    platform: config.consumer === 'client' ? 'browser' : 'node',
    define: transform.define ?? {},
    ...(native?.resolve && { resolve: native.resolve }),
    // That style sheets become JavaScript is known; of `a.css?inline` the name has to say what it is.
    moduleTypes: Object.fromEntries(Object.entries(moduleTypes).filter(([extension, type]) => extension !== '.css' && MODULE_TYPES.has(type))),
    transform: {
      ...(target ? { target } : {}),
      ...(native?.jsx && { jsx: native.jsx }),
      pure: shaking.manualPureFunctions ?? [],
    },
    treeshake: treeshake === false ? false : {
      annotations: shaking.annotations ?? true,
      propertyReadSideEffects: Boolean(shaking.propertyReadSideEffects ?? true),
      unknownGlobalSideEffects: shaking.unknownGlobalSideEffects ?? true,
    },
  };
}

/**
 * @param {unknown} given `external` as users write it
 * @returns {import('../options/input-options.js').ExternalTest | undefined}
 */
function externalTest(given) {
  if (typeof given === 'function') return (id, importer, isResolved) => given(id, importer, isResolved);
  const patterns = [given ?? []].flat().filter(Boolean);
  if (patterns.length === 0) return undefined;
  return (id) => patterns.some((pattern) => (pattern instanceof RegExp ? matches(pattern, id) : pattern === id));
}
