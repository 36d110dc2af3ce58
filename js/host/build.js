/**
 * One build of a bundler that we work inside of: from `buildStart`, where the whole graph is made, to `closeBundle`. The host
 * sees one empty module, and at the end of an output all of our files.
 */
import { BuildError } from '../diagnostics.js';
import { loadEngine } from '../engine/engine.js';
import { openSession, Reporter } from '../graph.js';
import { OptionChecker } from '../options/checker.js';
import { normalizeOptions } from '../options/input-options.js';
import { normalizeOutput } from '../options/output-options.js';
import { sideEffectsTest } from '../options/side-effects.js';
import { addonMarker } from '../output/addons.js';
import { OutputRun } from '../output/render.js';
import { PluginDriver } from '../plugins/driver.js';
import { requiredExternals } from '../plugins/required-externals.js';
import { pluginCaches } from './plugin-caches.js';
import { finishMaps } from './source-map-options.js';

/** @typedef {import('../plugins/hooks.js').Plugin} Plugin */
/** @typedef {Record<string, any>} Options */

/**
 * What differs from host to host.
 * @typedef {object} Ways
 * @property {(given: Options, normalized: Options) => Options} input in the words of `build()`
 * @property {(raw: Options) => Options} output in the words of `build()`
 * @property {{ minify: boolean, sourcemap: boolean }[]} laterOutputs
 * @property {(given: Options, context: any, log: HostLog) => Pick<import('../plugins/driver.js').Host, 'resolve' | 'unresolved' | 'requests'>} resolving
 * @property {(given: Options, normalized: Options) => import('../options/input-options.js').ExternalTest | undefined} external
 * @property {(meta: Options, options: Options) => import('../plugins/tracked.js').Tracking | string} [tracking] what plugins made of modules, kept; or why it is not
 * @property {object} [environment]
 */
/** @typedef {(level: 'debug' | 'info' | 'warn', log: import('../types/index.d.ts').RollupLog) => void} HostLog */

/** @param {Options} raw */
function chunkNamesOf({ entryFileNames, chunkFileNames, file }) {
  if (file !== undefined || (typeof entryFileNames !== 'function' && typeof chunkFileNames !== 'function')) return undefined;
  return { entry: entryFileNames ?? '[name].js', chunk: chunkFileNames ?? '[name]-[hash].js' };
}

export class HostBuild {
  /** @type {PluginDriver | undefined} */
  #driver;
  /** @type {Reporter | undefined} */
  #reporter;
  #ended;
  /** Why nothing is kept of what plugins make. @type {string | undefined} */
  #untracked;
  /** What hooks are told the options are. @type {Options} */
  #inputOptions = {};
  /** @type {import('../engine/foreign.js').ForeignOutputs | undefined} */
  #foreign;
  #engines;

  /**
   * @param {object} given
   * @param {Options} given.options input options as the user and the plugins' `options` hooks left them
   * @param {Plugin[]} given.plugins of the user
   * @param {Options} given.meta
   * @param {Ways} given.ways
   * @param {import('../types/index.d.ts').BuildOptions['engine']} [given.engine]
   * @param {import('../engine/foreign.js').Memory} [given.engines] what a foreign engine made of earlier builds of these options
   * @param {(stats: import('../types/index.d.ts').HostStats) => void} given.ended is told of each graph that is given back
   */
  constructor({ options, plugins, meta, ways, ended, engine, engines = new Map() }) {
    this.#engines = engines;
    this.#ended = ended;
    this.engine = engine;
    this.options = options;
    this.plugins = plugins;
    this.meta = meta;
    this.ways = ways;
    this.laterOutputs = ways.laterOutputs;
    /** To the host; nowhere before a build has begun. @type {HostLog} */
    this.log = () => {};
  }

  /**
   * The next graph is for this output alone.
   * @param {Options} raw
   */
  expectOutput(raw) {
    const { minify = 'none', sourcemap = 'none' } = normalizeOutput(this.ways.output(raw), 'output', new OptionChecker()).core;
    this.laterOutputs = [{ minify: minify !== 'none', sourcemap: sourcemap !== 'none' }];
  }

  get driver() {
    if (!this.#driver) throw new Error('The build has not started');
    return this.#driver;
  }

  get thrown() {
    return this.#driver?.thrown ?? [];
  }

  /**
   * Makes the graph.
   * @param {any} context of our plugin in the host
   * @param {Options} normalized options
   */
  async start(context, normalized) {
    const { options, plugins, ways } = this;
    const log = /** @type {HostLog} */ ((level, entry) => normalized.onLog(level, entry));
    this.log = log;
    const { normalized: ours, faults } = normalizeOptions(ways.input(options, normalized));
    if (faults.length > 0) throw new BuildError(faults);
    const loaded = await loadEngine(this.engine, ours.core.cwd);
    Object.assign(ours.core, { output: [], laterOutputs: this.laterOutputs, hosted: true });
    const foreign = loaded && new (await import('../engine/foreign.js')).ForeignOutputs(loaded, ours.core, this.#engines);
    const external = ways.external(options, normalized);
    if (external) ours.externalTests = [external];
    const treeshake = normalized.treeshake ?? options.treeshake;
    const tracking = ours.core.cache ? ways.tracking?.(this.meta, options) : undefined;
    const driver = new PluginDriver({
      plugins: [...plugins, /** @type {Plugin} */ (requiredExternals)],
      options: ours,
      logger: /** @type {any} */ ({ log, listens: (/** @type {string} */ level) => level !== 'debug' || normalized.logLevel === 'debug', warnings: [] }),
      watchMode: Boolean(this.meta.watchMode),
      host: {
        meta: this.meta,
        parse: context.parse,
        fs: context.fs,
        environment: ways.environment,
        tracking: typeof tracking === 'object' ? tracking : undefined,
        cacheOf: context.cache ? pluginCaches(context.cache, plugins) : () => undefined,
        hasSideEffects: sideEffectsTest(treeshake?.moduleSideEffects),
        ...ways.resolving(options, context, log),
      },
    });
    this.close();
    this.#foreign = foreign;
    this.#untracked = typeof tracking === 'string' ? tracking : undefined;
    this.#driver = driver;
    this.#reporter = new Reporter(driver);
    driver.attach(openSession(ours.core, { ...driver.hookTable(), observed: true }));
    this.#inputOptions = { ...options, ...normalized, input: [options.input].flat().length === 1 ? [options.input].flat() : options.input, plugins };
    try {
      const begin = () => driver.runAll('buildStart', [this.#inputOptions]);
      await (driver.tracking ? driver.tracking.run('', begin) : begin());
      await driver.loadGraph();
      this.#reporter.throwErrors();
    } finally {
      // Rolldown has no use for them when it does not watch.
      if (this.meta.watchMode || !this.meta.rolldownVersion) for (const file of driver.allWatchFiles()) context.addWatchFile(file);
    }
  }

  /**
   * Makes the files of one output, up to `generateBundle`.
   * @param {Options} raw options of the output as the user wrote them
   * @param {Options} given options that its hooks are given
   * @param {Plugin[]} outputPlugins
   */
  async begin(raw, given, outputPlugins) {
    const { driver } = this;
    const check = new OptionChecker();
    const { core, local } = normalizeOutput(this.ways.output(raw), 'output', check);
    if (check.faults.length > 0) throw new BuildError(check.faults);
    const run = new OutputRun({ driver, index: -1, local, core, plugins: [...this.plugins, ...outputPlugins], options: given, assetNames: raw.assetFileNames, chunkNames: chunkNamesOf(raw) });
    for (const addon of run.addons) core[addon] = addonMarker(addon);
    // It changes what the core is told.
    run.engine = this.#foreign?.output(core);
    run.index = this.#addOutput(core);
    if (run.engine) Object.assign(run.engine, { index: run.index, modulesIndex: this.#addOutput(run.engine.modulesOutput()) });
    await run.begin(this.#inputOptions);
    await finishMaps(run, given);
    this.#reporter?.throwErrors();
    return run;
  }

  /** @param {Record<string, any>} core @returns {number} its index */
  #addOutput(core) {
    const { index, diagnostics } = JSON.parse(this.driver.session.addOutput(JSON.stringify(core)));
    if (diagnostics) throw new BuildError(diagnostics);
    return index;
  }

  /**
   * @param {string} hook of the build, or about none of its outputs
   * @param {unknown[]} args
   */
  async tell(hook, args) {
    await this.#driver?.runAll(hook, args);
  }

  /** Gives the graph back. */
  close() {
    if (!this.#driver?.isAttached) return;
    const { session, calls, tracking } = this.#driver;
    const stats = JSON.parse(session.stats());
    const notCached = tracking?.report() ?? (this.#untracked === undefined ? [] : [{ plugin: '', why: this.#untracked, kind: 'everything', count: 1, example: '' }]);
    this.#ended({ ...stats, ...(this.#foreign && { engine: this.#foreign.stats }), ms: Object.fromEntries(stats.ms), hookCalls: calls.hooks, replays: calls.replays, notCached });
    this.#driver.detach();
  }
}
