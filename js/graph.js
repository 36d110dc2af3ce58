/**
 * From plugins and options to a loaded graph, for `build()` and for the bundlers that we work inside of: opens the
 * session, runs the hooks of the build phase around the scan, and passes on what the core has to say.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { loadBinding } from './binding.js';
import { BuildError, diagnosticOf } from './diagnostics.js';
import { slashed } from './options/input-options.js';

/** @typedef {import('./plugins/driver.js').PluginDriver} PluginDriver */

/**
 * @param {Record<string, any>} core
 * @param {object} hooks
 * @param {import('../index.d.ts').FileWatcher} [files] of all builds of one configuration
 */
export function openSession(core, hooks, files) {
  const { Session } = loadBinding();
  const session = new Session(JSON.stringify({ ...core, helpersDir: helpersDirectory() }), JSON.stringify(hooks), files);
  const faults = JSON.parse(session.faults());
  if (faults.length > 0) throw new BuildError(faults);
  return session;
}

/** @type {string | undefined} */
let helpers;

/** Where the helpers of lowered syntax lie: our own dependency, whatever the application has. */
function helpersDirectory() {
  helpers ??= slashed(path.dirname(createRequire(import.meta.url).resolve('@oxc-project/runtime/package.json')));
  return helpers;
}

/**
 * @param {PluginDriver} driver
 * @param {Reporter} reported
 * @param {Record<string, any>} inputOptions
 */
export async function loadGraph(driver, reported, inputOptions) {
  try {
    await driver.runAll('buildStart', [inputOptions]);
    await driver.loadGraph();
    reported.throwErrors();
  } catch (thrown) {
    const error = asBuildError(thrown);
    await driver.runAll('buildEnd', [error]);
    throw error;
  }
  await driver.runAll('buildEnd', []);
}

/** Passes the core's diagnostics on, each once. */
export class Reporter {
  /** @type {Set<string>} */
  #seen = new Set();

  /** @param {PluginDriver} driver */
  constructor(driver) {
    this.driver = driver;
  }

  /** Logs what is new and is no error; throws all errors. */
  throwErrors() {
    const { driver } = this;
    const diagnostics = JSON.parse(driver.session.diagnostics());
    for (const diagnostic of diagnostics) {
      const key = JSON.stringify(diagnostic);
      if (diagnostic.severity === 'error' || this.#seen.has(key)) continue;
      this.#seen.add(key);
      driver.logger.log(diagnostic.severity === 'warning' ? 'warn' : diagnostic.severity, diagnostic);
    }
    const errors = diagnostics.filter((/** @type {any} */ one) => one.severity === 'error');
    if (errors.length > 0) throw new BuildError(errors.map((/** @type {any} */ error) => withCause(error, driver.thrown)), driver.thrown[0]);
  }
}

/**
 * An error that came from a hook gets back what the core does not keep of it.
 * @param {any} diagnostic
 * @param {unknown[]} thrown
 */
function withCause(diagnostic, thrown) {
  const cause = /** @type {any} */ (thrown.find((one) => Object(one).plugin === diagnostic.plugin && Object(one).message === diagnostic.message));
  if (cause === undefined || diagnostic.plugin === undefined) return diagnostic;
  return { ...diagnostic, ...(cause.pluginCode === undefined ? {} : { pluginCode: cause.pluginCode }) };
}

/** @param {unknown} thrown */
export function asBuildError(thrown) {
  return thrown instanceof BuildError ? thrown : new BuildError([diagnosticOf(thrown)], thrown);
}
