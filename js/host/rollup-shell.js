/** Our plugin in Rollup: outputs may come late, several at once, and a bundle is a record that takes any file. */
import { ADDONS } from '../options/output-options.js';
import { ENTRY, ENTRY_FILE } from './entry.js';
import { claimOutput, takeOverPlugin } from './output-plugins.js';
import { attributing, hooksOfBuild, optionsForHooks, rawOutputOptions } from './shell.js';

/** @typedef {import('../plugins/hooks.js').Plugin} Plugin */
/** @typedef {import('../output/render.js').OutputRun} OutputRun */
/** @typedef {Record<string, any>} Options */
/** @typedef {{ raw: Options, plugins: Plugin[] }} RawOutput */

/** Options of an output that would have the host do what is our work. */
const OURS = [
  'manualChunks', 'preserveModules', 'preserveModulesRoot', 'exports', 'chunkFileNames', 'inlineDynamicImports', 'sourcemapBaseUrl',
  'experimentalMinChunkSize', ...ADDONS,
];

/**
 * @param {import('./build.js').HostBuild} build
 * @param {(raw: Options) => string | undefined} unknownOf what of an output's options we cannot do
 */
export function rollupShell(build, unknownOf) {
  const attributed = attributing(build);
  /** By a function that stands in the normalized options where one of ours was put. @type {WeakMap<Function, RawOutput>} */
  const rawOutputs = new WeakMap();
  /** By normalized options. @type {WeakMap<object, OutputRun>} */
  const runs = new WeakMap();
  /** @param {object} normalized */
  const runOf = (normalized) => /** @type {OutputRun} */ (runs.get(normalized));

  return {
    ...hooksOfBuild(build),

    outputOptions: {
      order: /** @type {const} */ ('post'),
      /** @this {any} @param {Options} given */
      handler(given) {
        const raw = rawOutputOptions(build, this, given, unknownOf);
        const plugins = [raw.plugins].flat(Infinity).filter(Boolean);
        const clean = /** @type {Options} */ ({ ...raw, sourcemap: false });
        for (const name of OURS) delete clean[name];
        if (clean.file === undefined) clean.entryFileNames = ENTRY_FILE;
        // Normalizing keeps functions, so this one leads back to what was written.
        clean.intro = () => '';
        rawOutputs.set(clean.intro, { raw, plugins: plugins.map(takeOverPlugin) });
        return clean;
      },
    },

    renderStart: {
      order: /** @type {const} */ ('pre'),
      /** @param {Options} normalized */
      async handler(normalized) {
        const known = rawOutputs.get(normalized.intro);
        if (!known) throw new Error('A plugin replaced output options after cloudpack() had seen them; put cloudpack() last');
        claimOutput(normalized);
        const { raw, plugins } = known;
        await attributed(async () => {
          runs.set(normalized, await build.begin(raw, optionsForHooks(normalized, raw, ADDONS), plugins));
        });
      },
    },

    generateBundle: {
      order: /** @type {const} */ ('pre'),
      /** @param {Options} normalized @param {Record<string, any>} bundle @param {boolean} isWrite */
      async handler(normalized, bundle, isWrite) {
        const run = runOf(normalized);
        await attributed(() => run.generateBundle(isWrite));
        for (const name of Object.keys(bundle)) if (bundle[name].facadeModuleId === ENTRY) delete bundle[name];
        for (const [name, file] of Object.entries(run.files)) bundle[name] = file;
      },
    },

    /** @param {Options} normalized */
    async writeBundle(normalized) {
      const run = runOf(normalized);
      await attributed(() => run.driver.runAll('writeBundle', [run.options, run.files], run.plugins, run));
    },
  };
}
