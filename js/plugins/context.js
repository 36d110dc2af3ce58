/**
 * `this` of a hook: Rollup's plugin context over our driver. A hook that runs for one module or one request gets a context of
 * its own, which knows what it is about.
 */
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { errorOf, logObjectOf, offsetOf, pointAt } from '../diagnostics.js';
import { VERSION } from '../index.js';

/** @typedef {import('./driver.js').PluginDriver} PluginDriver */
/** @typedef {import('./hooks.js').Plugin} Plugin */

/** The Rollup whose hooks these are; plugins look at it to tell what they may use. */
const ROLLUP_VERSION = '4.68.0';

/**
 * What a call of a hook is about, when it is about one request or one module.
 * @typedef {object} Scope
 * @property {import('./driver.js').Skip[]} [skip] nested `this.resolve` calls inherit what was skipped
 * @property {string} [id] module
 * @property {string} [hook]
 * @property {string} [code] that positions point into
 * @property {Set<string>} [watchFiles] of the module
 * @property {import('./tracked.js').Trace} [trace] what the answer rests on
 * @property {() => unknown} [combinedMap]
 * @property {import('../output/render.js').OutputRun} [output] whose files are meant
 */

/**
 * What all contexts of a plugin share: plugins keep things on `meta` and `cache`.
 * @param {object} [given]
 * @param {boolean} [given.watchMode]
 * @param {import('./driver.js').Host} [given.host]
 * @param {Plugin} [given.plugin]
 * @returns {{ meta: Record<string, any>, cache: any }}
 */
export function sharedContext({ watchMode = false, host, plugin } = {}) {
  const meta = { rollupVersion: ROLLUP_VERSION, watchMode, ...host?.meta, cloudpackVersion: VERSION };
  return { meta, cache: (plugin && host?.cacheOf(plugin)) ?? new Map() };
}

/**
 * The members are closures: plugins take them off their context (`const { resolve } = this`).
 * @param {PluginDriver} driver
 * @param {Plugin} plugin
 * @param {ReturnType<typeof sharedContext>} shared
 * @param {Scope} [scope]
 */
export function createContext(driver, plugin, shared, scope = {}) {
  const log = (/** @type {'debug' | 'info' | 'warn'} */ level) => (/** @type {unknown} */ given, /** @type {unknown} */ position) => {
    if (scope.trace) scope.trace.logs.push({ level, log: pluginLog(level, given, position, plugin, scope) });
    if (driver.logger.listens(level)) driver.logger.log(level, pluginLog(level, given, position, plugin, scope));
  };
  const context = {
    meta: shared.meta,
    cache: shared.cache,
    fs: driver.host?.fs ?? fs.promises,
    pluginName: plugin.name,
    addWatchFile(/** @type {string} */ file) {
      const absolute = path.resolve(driver.cwd, file);
      scope.watchFiles?.add(absolute);
      scope.trace?.declare(plugin.name, absolute);
      driver.watchFiles.add(absolute);
    },
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    /** @returns {never} */
    error(/** @type {unknown} */ given, /** @type {unknown} */ position) {
      const error = errorOf(given);
      place(error, position, scope);
      throw error;
    },
    emitFile: (/** @type {import('../types/index.d.ts').EmittedFile} */ file) => driver.emitFile(file, plugin, scope.output),
    getFileName: (/** @type {string} */ reference) => driver.fileName(reference, scope.output),
    setAssetSource: (/** @type {string} */ reference, /** @type {string | Uint8Array} */ source) => driver.setAssetSource(reference, source, scope.output),
    getModuleInfo: (/** @type {string} */ id) => driver.moduleInfo(id),
    getModuleIds: () => driver.moduleIds(),
    getWatchFiles: () => driver.allWatchFiles(),
    load: (/** @type {{ id: string, resolveDependencies?: boolean }} */ options) => driver.loadForPlugin(options),
    parse: (/** @type {string} */ code, /** @type {Record<string, any>} */ options = {}) =>
      driver.host ? driver.host.parse(code, options) : parseWithHost(code, options, driver.cwd),
    resolve: (/** @type {string} */ source, /** @type {string | undefined} */ importer, /** @type {Record<string, any>} */ options = {}) =>
      driver.resolveForPlugin(source, importer, options, plugin, scope.skip ?? [], scope.trace?.isModule ? undefined : scope.trace),
  };
  if (driver.host?.environment) Object.assign(context, { environment: driver.host.environment });
  if (scope.trace) watchMembers(context, plugin, scope.trace);
  // Not a copy: reading a member may mean something.
  return scope.combinedMap ? Object.assign(context, { getCombinedSourcemap: scope.combinedMap }) : context;
}

/** Members by which a hook looks at, or changes, more than its module: what it answers then cannot be told from the module. */
const TELLING = /** @type {const} */ (['emitFile', 'setAssetSource', 'getFileName', 'getModuleIds', 'getWatchFiles', 'load']);

/**
 * @param {Record<string, any>} context
 * @param {Plugin} plugin
 * @param {import('./tracked.js').Trace} trace
 */
function watchMembers(context, plugin, trace) {
  const { cache, getModuleInfo, resolve } = context;
  const fileOf = (/** @type {string} */ id) => id.replace(/[?#].*$/s, '');
  for (const name of TELLING) {
    const original = context[name];
    context[name] = (/** @type {unknown[]} */ ...args) => {
      trace.refuse(plugin.name, `uses this.${name}()`);
      return original(...args);
    };
  }
  Object.defineProperty(context, 'cache', {
    enumerable: true, configurable: true,
    get() {
      trace.refuse(plugin.name, 'uses this.cache');
      return cache;
    },
  });
  context.getModuleInfo = (/** @type {string} */ id) => {
    // A part of a component looks at its component.
    if (fileOf(id) !== fileOf(trace.id)) trace.refuse(plugin.name, 'looks at other modules');
    return getModuleInfo(id);
  };
  context.resolve = (/** @type {unknown[]} */ ...args) => {
    if (trace.isModule) trace.refuse(plugin.name, 'uses this.resolve()');
    return resolve(...args);
  };
}

/**
 * A log as Rollup hands it on: the plugin's own code moves to `pluginCode`.
 * @param {'debug' | 'info' | 'warn'} level
 * @param {unknown} given
 * @param {unknown} position
 * @param {Plugin} plugin
 * @param {Scope} scope
 */
function pluginLog(level, given, position, plugin, scope) {
  const fields = logObjectOf(given);
  const log = /** @type {import('../types/index.d.ts').RollupLog} */ ({ ...fields, message: String(fields.message) });
  if (log.code !== undefined) log.pluginCode ??= log.code;
  log.code = level === 'warn' ? 'PLUGIN_WARNING' : 'PLUGIN_LOG';
  log.plugin = plugin.name;
  place(log, position, scope);
  return log;
}

/**
 * Only the context of a module knows where a position points.
 * @param {Record<string, any>} log
 * @param {unknown} position offset in UTF-16 units, or `{ line, column }`
 * @param {Scope} scope
 */
function place(log, position, { id, hook, code }) {
  if (hook !== undefined) log.hook ??= hook;
  if (id === undefined) return;
  log.id ??= id;
  const at = position ?? log.pos ?? (log.frame ? undefined : log.loc);
  if (code === undefined || at === undefined || at === null) return;
  const offset = typeof at === 'number' ? at : offsetOf(code, /** @type {any} */ (at));
  if (Number.isInteger(offset) && offset >= 0) pointAt(log, log.loc?.file ?? id, code, offset);
}

/**
 * The core's syntax trees stay in the core. Plugins that parse get the parser of whoever is installed: Rollup's first,
 * whose trees they were written for.
 * @param {string} code
 * @param {Record<string, any>} options
 * @param {string} cwd
 */
function parseWithHost(code, options, cwd) {
  const rollup = requireFrom(cwd, 'rollup/parseAst');
  if (rollup) return rollup.parseAst(code, options);
  const oxc = requireFrom(cwd, 'oxc-parser');
  if (!oxc) {
    throw Object.assign(
      new Error('this.parse() needs the package "rollup" or "oxc-parser", and neither is installed'),
      { code: 'PARSER_NOT_INSTALLED', hint: 'npm install --save-dev rollup' },
    );
  }
  const { program, errors } = oxc.parseSync(options.jsx ? 'code.jsx' : 'code.js', code);
  if (errors.length > 0) throw Object.assign(new Error(errors[0].message), { code: 'PARSE_ERROR', pos: errors[0].labels?.[0]?.start });
  return program;
}

/**
 * From the application first, then from our own place.
 * @param {string} cwd
 * @param {string} specifier
 */
function requireFrom(cwd, specifier) {
  for (const base of [path.join(cwd, 'package.json'), import.meta.url]) {
    try {
      return createRequire(base)(specifier);
    } catch (error) {
      if (/** @type {any} */ (error)?.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}
