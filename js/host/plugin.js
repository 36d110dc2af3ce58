/**
 * The plugin that a host runs instead of all of the user's: it knows one module, and hands each phase to our build.
 */
import { collectHooks } from '../plugins/hooks.js';
import { ENTRY, ENTRY_FILE, ENTRY_MODULE } from './entry.js';
import { errorForHost } from './errors.js';
import { claimOutput, takeOverPlugin } from './output-plugins.js';
import { ADDONS } from '../options/output-options.js';

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
export function driverPlugin(build, unknownOf) {
  /** By a function that stands in the normalized options where one of ours was put. @type {WeakMap<Function, RawOutput>} */
  const rawOutputs = new WeakMap();
  /** By normalized options. @type {WeakMap<object, OutputRun>} */
  const runs = new WeakMap();

  /**
   * @template T
   * @param {() => Promise<T>} work
   */
  async function attributed(work) {
    try {
      return await work();
    } catch (thrown) {
      throw errorForHost(thrown, build.thrown);
    }
  }

  /** @param {object} normalized */
  const runOf = (normalized) => /** @type {OutputRun} */ (runs.get(normalized));

  return {
    name: 'cloudpack:driver',
    cacheKey: 'cloudpack',

    /** @this {any} @param {Options} normalized */
    async buildStart(normalized) {
      await attributed(() => build.start(this, normalized));
    },
    resolveId: { order: /** @type {const} */ ('pre'), handler: (/** @type {string} */ source) => (source === ENTRY ? { id: ENTRY, moduleSideEffects: 'no-treeshake' } : null) },
    load: (/** @type {string} */ id) => (id === ENTRY ? ENTRY_MODULE : null),

    /** @param {Error} [error] */
    async buildEnd(error) {
      await attributed(() => build.tell('buildEnd', error ? [error] : []));
    },

    outputOptions: {
      order: /** @type {const} */ ('post'),
      /** @this {any} @param {Options} given */
      handler(given) {
        let raw = given;
        for (const hook of collectHooks(build.plugins, 'outputOptions')) raw = hook.handler.call(this, raw) ?? raw;
        const unknown = unknownOf(raw);
        if (unknown !== undefined) {
          const message = `Cloudpack cannot do ${unknown}: leave the option out, or build this output without cloudpack()`;
          throw errorForHost(Object.assign(new Error(message), { code: 'UNSUPPORTED_OPTION' }));
        }
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
        const given = /** @type {Options} */ ({ ...normalized });
        for (const [name, value] of Object.entries(raw)) if (value !== undefined && name !== 'format') given[name] = value;
        for (const addon of ADDONS) given[addon] = typeof raw[addon] === 'function' ? raw[addon] : async () => raw[addon] ?? '';
        await attributed(async () => {
          runs.set(normalized, await build.begin(raw, given, plugins));
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

    /** @param {Error} error */
    async renderError(error) {
      await attributed(() => build.tell('renderError', [error]));
    },

    /** @param {Error} [error] */
    async closeBundle(error) {
      await attributed(() => build.tell('closeBundle', error ? [error] : []));
      build.close();
    },

    /** @param {string} id @param {object} change */
    async watchChange(id, change) {
      await attributed(() => build.tell('watchChange', [id, change]));
    },
    async closeWatcher() {
      await attributed(() => build.tell('closeWatcher', []));
    },

    /** @this {any} @param {'debug' | 'info' | 'warn'} level @param {any} log */
    onLog(level, log) {
      for (const hook of collectHooks(build.plugins, 'onLog')) if (hook.handler.call(this, level, log) === false) return false;
      return undefined;
    },
  };
}
