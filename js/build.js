/**
 * `build()` as a list: settle plugins and options, open a session, load the graph, render every output, and only when all of
 * them are there, write. Nothing is written over an earlier result by a build that fails.
 */
import path from 'node:path';
import { BuildError, errorOf, logObjectOf } from './diagnostics.js';
import { loadEngine } from './engine/engine.js';
import { asBuildError, loadGraph, openSession, Reporter } from './graph.js';
import { Logger } from './log.js';
import { normalizeOptions } from './options/input-options.js';
import { addonMarker } from './output/addons.js';
import { lazy } from './output/bundle.js';
import { OutputRun } from './output/render.js';
import { sharedContext } from './plugins/context.js';
import { PluginDriver } from './plugins/driver.js';
import { collectHooks, flattenPlugins, leaveOutReplaced, namePlugins, takesPart } from './plugins/hooks.js';
import { withPatience } from './plugins/pending.js';
import { optionsBy } from './plugins/results.js';
import { callHook } from './plugins/run-hooks.js';

/** @typedef {import('./types/index.d.ts').BuildOptions} BuildOptions */
/** @typedef {import('./plugins/hooks.js').Plugin} Plugin */

/**
 * Whoever builds again and again.
 * @typedef {object} Host
 * @property {boolean} [watchMode]
 * @property {Map<string, import('./types/index.d.ts').ChangeEvent>} [changes] since the last build, for `watchChange`
 * @property {import('../index.d.ts').FileWatcher} [files] what it watches with
 * @property {import('./engine/foreign.js').Memory} [engines] what foreign engines made of the last build
 * @property {(driver: PluginDriver) => void} [onGraph] the graph is loaded, or failed to; nothing is written yet
 */

/**
 * @param {BuildOptions} given
 * @param {Host} [host]
 * @returns {Promise<import('./types/index.d.ts').BuildOutput>}
 */
export async function runBuild(given, host = {}) {
  const { options, plugins, outputPlugins } = await settlePlugins(given ?? {});
  const { normalized, faults } = normalizeOptions(options);
  if (faults.length > 0) throw new BuildError(faults);

  const logger = new Logger(options, plugins);
  const driver = new PluginDriver({ plugins, options: normalized, logger, watchMode: host.watchMode });
  const loaded = await loadEngine(options.engine, normalized.core.cwd);
  const foreign = loaded && new (await import('./engine/foreign.js')).ForeignOutputs(loaded, normalized.core, host.engines);
  const runs = normalized.outputs.map((local, index) => {
    const core = normalized.core.output[index];
    return new OutputRun({ driver, index, local, core, plugins: [...plugins, ...outputPlugins[index]], engine: foreign?.output(core, index) });
  });
  for (const run of runs) for (const addon of run.addons) normalized.core.output[run.index][addon] = addonMarker(addon);
  foreign?.addOutputs();
  const observed = [...plugins, ...outputPlugins.flat()].some(takesPart) || normalized.outputs.some(({ chunks }) => chunks);
  driver.attach(openSession(normalized.core, { ...driver.hookTable(), observed }, host.files));

  /** What hooks are told the options are. */
  const inputOptions = { ...options, cwd: path.resolve(options.cwd ?? '.'), plugins, external: driver.resolver.isExternalForPlugins };
  const reported = new Reporter(driver);
  const patiently = (/** @type {() => Promise<void>} */ work) => withPatience((log) => logger.log('warn', log), work);
  try {
    await patiently(async () => {
      for (const [id, event] of host.changes ?? []) await driver.runAll('watchChange', [id, { event }]);
      try {
        await loadGraph(driver, reported, inputOptions);
      } finally {
        host.onGraph?.(driver);
      }
      for (const run of runs) await run.render(inputOptions, normalized.write);
      reported.throwErrors();
      if (normalized.write) for (const run of runs) await run.write();
      reported.throwErrors();
    });
  } catch (thrown) {
    const error = asBuildError(thrown);
    await patiently(() => driver.runAll('closeBundle', [error]));
    throw error;
  }
  await patiently(() => driver.runAll('closeBundle', []));
  return resultOf(runs, driver, logger, foreign?.stats);
}

/**
 * `options` and `outputOptions` hooks may replace everything, plugins included.
 * @param {BuildOptions} given
 */
async function settlePlugins(given) {
  const first = withoutReplaced(await flattenPlugins(given.plugins), given);
  namePlugins(first, 'plugin-');
  let options = /** @type {Record<string, any>} */ (given);
  const context = minimalContext(given);
  for (const hook of collectHooks(first, 'options')) options = optionsBy(await callHook(hook, context, [options]), hook) ?? options;
  const plugins = options.plugins === given.plugins ? first : withoutReplaced(await flattenPlugins(options.plugins), given);
  namePlugins(plugins, 'plugin-');

  const outputs = [];
  /** @type {Plugin[][]} */
  const outputPlugins = [];
  for (let output of Array.isArray(options.output) ? options.output : [options.output ?? {}]) {
    const own = await flattenPlugins(output?.plugins);
    namePlugins(own, 'output-plugin-');
    for (const hook of collectHooks([...plugins, ...own], 'outputOptions')) output = optionsBy(await callHook(hook, context, [output]), hook) ?? output;
    outputs.push(output);
    outputPlugins.push(own);
  }
  return { options: /** @type {BuildOptions} */ ({ ...options, output: outputs.length === 1 ? outputs[0] : outputs }), plugins, outputPlugins };
}

/**
 * @param {Plugin[]} plugins
 * @param {BuildOptions} options
 */
function withoutReplaced(plugins, options) {
  return leaveOutReplaced(plugins, (log) => new Logger(options, []).log('info', log));
}

/**
 * Before there is a build, hooks can only log.
 * @param {BuildOptions} options
 */
function minimalContext(options) {
  const logger = new Logger(options, []);
  return {
    meta: sharedContext().meta,
    debug: (/** @type {unknown} */ log) => logger.log('debug', logObjectOf(log)),
    info: (/** @type {unknown} */ log) => logger.log('info', logObjectOf(log)),
    warn: (/** @type {unknown} */ log) => logger.log('warn', logObjectOf(log)),
    error: (/** @type {unknown} */ error) => {
      throw errorOf(error);
    },
  };
}

/**
 * @param {OutputRun[]} runs
 * @param {PluginDriver} driver
 * @param {Logger} logger
 * @param {import('./types/index.d.ts').EngineStats} [engine] of a foreign one
 * @returns {import('./types/index.d.ts').BuildOutput}
 */
function resultOf(runs, driver, logger, engine) {
  const stats = JSON.parse(driver.session.stats());
  const result = {
    output: /** @type {any[]} */ ([]),
    outputs: /** @type {any[][]} */ ([]),
    stats: { ...stats, ...(engine && { engine }), ms: { ...Object.fromEntries(stats.ms), ...(engine && { engine: engine.ms }) } },
    watchFiles: /** @type {string[]} */ ([]),
    warnings: /** @type {any} */ (logger.warnings),
  };
  const ci = driver.session.ciView();
  if (ci) Object.assign(result, { ci: JSON.parse(ci) });
  // An object a file, and one path a module: many callers never look.
  lazy(result, 'outputs', () => runs.map((run) => Object.values(run.files)));
  lazy(result, 'output', () => result.outputs[0]);
  lazy(result, 'watchFiles', () => driver.allWatchFiles());
  return result;
}
