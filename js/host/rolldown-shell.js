/**
 * Our plugin in Rolldown, which builds its graph anew for each output, one after the other, and whose bundle takes files only
 * through `emitFile`. What that does not take along is put on the chunks by a second plugin.
 */
import { ADDONS } from '../options/output-options.js';
import { ENTRY, ENTRY_FILE } from './entry.js';
import { attributing, hooksOfBuild, optionsForHooks, rawOutputOptions } from './shell.js';

/** @typedef {import('../output/render.js').OutputRun} OutputRun */
/** @typedef {Record<string, any>} Options */

/** Options of an output that would have the host do what is our work. */
const OURS = [
  'manualChunks', 'codeSplitting', 'advancedChunks', 'preserveModules', 'preserveModulesRoot', 'exports', 'chunkFileNames',
  'inlineDynamicImports', 'postBanner', 'postFooter', 'sourcemapBaseUrl', ...ADDONS,
];

/** What a normalized output has; its members are getters of a class, which no copy takes along. */
const NORMALIZED = [
  'dir', 'file', 'format', 'exports', 'sourcemap', 'entryFileNames', 'chunkFileNames', 'assetFileNames', 'name', 'globals', 'esModule', 'extend', 'minify',
];

/**
 * @param {import('./build.js').HostBuild} build
 * @param {(raw: Options) => string | undefined} unknownOf what of an output's options we cannot do
 * @returns {any[]} plugins
 */
export function rolldownShell(build, unknownOf) {
  const attributed = attributing(build);
  /** Of the output that is being made. @type {Options} */
  let raw = {};
  /** @type {OutputRun | undefined} */
  let run;
  const current = () => /** @type {OutputRun} */ (run);

  const shell = {
    ...hooksOfBuild(build),

    outputOptions: {
      order: /** @type {const} */ ('post'),
      /** @this {any} @param {Options} given */
      handler(given) {
        raw = rawOutputOptions(build, this, given, unknownOf);
        build.expectOutput(raw);
        const clean = /** @type {Options} */ ({ ...raw, sourcemap: false, plugins: [], minify: false });
        for (const name of OURS) delete clean[name];
        if (clean.file === undefined) clean.entryFileNames = ENTRY_FILE;
        return clean;
      },
    },

    /** @param {Options} normalized */
    async renderStart(normalized) {
      const plain = Object.fromEntries(NORMALIZED.map((name) => [name, normalized[name]]));
      const plugins = [raw.plugins].flat(Infinity).filter(Boolean);
      await attributed(async () => {
        run = await build.begin(raw, optionsForHooks(plain, raw, ADDONS), plugins);
      });
    },

    generateBundle: {
      order: /** @type {const} */ ('pre'),
      /** @this {any} @param {Options} _ @param {Record<string, any>} bundle @param {boolean} isWrite */
      async handler(_, bundle, isWrite) {
        await attributed(() => current().generateBundle(isWrite));
        for (const name of Object.keys(bundle)) if (bundle[name].facadeModuleId === ENTRY) delete bundle[name];
        for (const file of Object.values(current().files)) emit(this, file);
      },
    },

    async writeBundle() {
      const done = current();
      await attributed(() => done.driver.runAll('writeBundle', [done.options, done.files], done.plugins, done));
    },
  };

  const finishing = {
    name: 'cloudpack:chunks',
    /** @param {Options} _ @param {Record<string, any>} bundle */
    generateBundle(_, bundle) {
      for (const file of Object.values(current().files)) {
        if (file.type !== 'chunk' || !bundle[file.fileName]) continue;
        bundle[file.fileName].imports = file.imports;
        bundle[file.fileName].dynamicImports = file.dynamicImports;
      }
    },
  };
  return [shell, finishing];
}

/**
 * @param {any} context
 * @param {import('../output/bundle.js').OutputFile} file
 */
function emit(context, file) {
  if (file.type === 'asset') {
    // Plugins put their own files into bundles, with less.
    const { fileName, names = [], originalFileNames = [], source } = file;
    context.emitFile({ type: 'asset', fileName, name: names[0], originalFileName: originalFileNames[0] ?? null, source });
    return;
  }
  const { fileName, name, code, exports, isEntry, isDynamicEntry, facadeModuleId } = file;
  context.emitFile({ type: 'prebuilt-chunk', fileName, name, code, exports, isEntry, isDynamicEntry, facadeModuleId: facadeModuleId ?? undefined });
}
