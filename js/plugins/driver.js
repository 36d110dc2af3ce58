/**
 * Runs the plugins over the core's graph. The core hands out every request and every module that some hook wants, a
 * wave at a time; the driver answers a wave at once, its hooks running concurrently. What a hook throws becomes an answer
 * too, so that a build reports all faults and not the first.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BuildError, coreFieldsOf, diagnosticOf } from '../diagnostics.js';
import { createContext, sharedContext } from './context.js';
import { FileEmitter } from './emitter.js';
import { mentionFileUrls } from './file-urls.js';
import { compileFilter, coreFiltersOf } from './filters.js';
import { collectHooks, roleOf } from './hooks.js';
import { isReadAsBytes, isScript, moduleTypeOf, moduleTypeOfQuery, speaksScript, typeInHosts } from './module-types.js';
import { ModuleResolver, isLeftOut } from './resolver.js';
import { invalidMap, loadedBy, moduleTypeBy, transformedBy } from './results.js';
import { callHook, runParallel } from './run-hooks.js';
import { Trace } from './tracked.js';
import { identityMap, joinModuleMaps, stepOf } from './source-maps.js';

/** @typedef {import('./hooks.js').Plugin} Plugin */
/** @typedef {import('./hooks.js').Hook} Hook */
/** @typedef {import('./hooks.js').Hook & { wanted: import('./filters.js').FilterTest, coreFilter: object | undefined }} FilteredHook `coreFilter`: absent if the core does the same */
/** @typedef {{ plugin: Plugin, importer: string | undefined, source: string }} Skip */

/**
 * What plugins said about a module, beside its code.
 * @typedef {object} ModuleRecord
 * @property {Record<string, any>} meta
 * @property {Set<string>} watchFiles
 * @property {boolean | undefined} moduleSideEffects
 * @property {boolean} keep `moduleSideEffects: 'no-treeshake'`
 */
/**
 * @typedef {object} Loaded
 * @property {string} [code] absent: the core loads the module
 * @property {string} [map]
 * @property {string} [moduleType]
 */

/**
 * The bundler that we work inside of, as far as the build phase has to do with it. Its ways are kept: what none of the
 * hooks resolves is resolved as it does, and code that a hook returned is JavaScript.
 * @typedef {object} Host
 * @property {Record<string, any>} meta of plugin contexts
 * @property {(code: string, options?: any) => any} parse
 * @property {object} fs
 * @property {object} [environment] of Vite
 * @property {(plugin: Plugin) => object | undefined} cacheOf
 * @property {(source: string, importer: string | undefined, request: import('./resolver.js').Request) => Promise<import('./resolver.js').Resolved | undefined>} resolve
 * @property {(source: string, importer: string | undefined, request: import('./resolver.js').Request) => import('./resolver.js').Resolved} unresolved throws, or goes on with something
 * @property {(id: string, external: boolean) => boolean | undefined} hasSideEffects unless a plugin said
 * @property {import('./tracked.js').Tracking} [tracking] what plugins make of modules is kept
 * @property {object} [requests] `HostRequests` in protocol.rs; absent: every request crosses
 */

/** Hooks that may want to see or to change the text of chunks: directly, or by emitting files whose URLs stand in code. */
const TEXT_HOOKS = /** @type {const} */ (['load', 'transform', 'renderChunk', 'augmentChunkHash', 'banner', 'footer', 'intro', 'outro']);

export class PluginDriver {
  watchFiles = /** @type {Set<string>} */ (new Set());
  /** @type {FileEmitter} */
  emitter;
  /** While modules are loaded, chunks may be emitted and module facts still change. */
  graphIsOpen = true;
  /** Output that is being rendered, for contexts that plugins kept from the build phase; answers `getFileName`, takes emitted files. @type {import('../output/render.js').OutputRun | undefined} */
  output;
  /** What hooks threw while tasks were answered. @type {unknown[]} */
  thrown = [];
  /** Where positions are lost. @type {Map<string, { plugin: string, id: string }>} */
  brokenMaps = new Map();
  /** Hooks of modules and requests that were called, and calls that only brought back what a hook keeps in memory. */
  calls = { hooks: 0, replays: 0 };
  /** As options say, unless a plugin said. @type {import('../options/side-effects.js').SideEffectsTest} */
  #hasSideEffects;
  /** @type {import('../binding.js').CoreSession | undefined} */
  #session;
  /** @type {Map<string, ModuleRecord>} */
  #records = new Map();
  /** Modules that `this.load` asked for before the core did. @type {Map<string, Promise<Loaded>>} */
  #early = new Map();
  /** What is known of them until the core knows more. @type {Map<string, Record<string, any>>} */
  #earlyInfo = new Map();
  /** @type {Map<Plugin, ReturnType<typeof sharedContext>>} */
  #shared = new Map();

  /**
   * @param {object} given
   * @param {Plugin[]} given.plugins
   * @param {import('../options/input-options.js').NormalizedOptions} given.options
   * @param {import('../log.js').Logger} given.logger
   * @param {boolean} [given.watchMode]
   * @param {Host} [given.host]
   */
  constructor({ plugins, options, logger, watchMode = false, host }) {
    this.plugins = plugins;
    this.watchMode = watchMode;
    this.host = host;
    this.emitter = new FileEmitter(host !== undefined && host.meta.rolldownVersion === undefined);
    this.tracking = host?.tracking;
    this.cwd = /** @type {string} */ (options.core.cwd);
    this.input = /** @type {{ import: string }[]} */ (options.core.input);
    this.logger = logger;
    this.#hasSideEffects = host?.hasSideEffects ?? options.sideEffects ?? (() => undefined);
    this.wantsMaps = [...options.core.output, ...(options.core.laterOutputs ?? [])].some(
      ({ sourcemap }) => sourcemap !== undefined && sourcemap !== 'none' && sourcemap !== false,
    );
    this.load = this.#filtered('load');
    this.transform = this.#filtered('transform');
    this.moduleParsed = collectHooks(plugins, 'moduleParsed');
    this.resolver = new ModuleResolver(this, this.#filtered('resolveId'), options);
  }

  /**
   * @param {string} name
   * @returns {FilteredHook[]}
   */
  #filtered(name) {
    let isCompiled = false;
    return collectHooks(this.plugins, name).map((hook) => {
      const { test, core } = compileFilter(hook, this.cwd);
      const role = roleOf(hook);
      if (role === 'compiles') isCompiled = true;
      if (role === 'compiles' || role === 'done') return { ...hook, wanted: test, coreFilter: undefined };
      if (role) return { ...hook, wanted: test, coreFilter: compileFilter({ ...hook, filter: role }, this.cwd).core };
      return { ...hook, wanted: test, coreFilter: isCompiled ? { ...core, afterCompile: true } : core };
    });
  }

  /** Which tasks the core is to hand out: `HookTable` in protocol.rs. */
  hookTable() {
    return {
      resolveId: this.resolver.coreFilters(),
      load: coreFiltersOf(this.load),
      transform: coreFiltersOf(this.transform),
      host: this.host?.requests,
      results: this.tracking?.options,
      moduleParsed: this.moduleParsed.length > 0,
      renderChunk: this.plugins.some((plugin) => TEXT_HOOKS.some((name) => plugin[name])),
    };
  }

  /** @param {import('../binding.js').CoreSession} session */
  attach(session) {
    this.#session = session;
  }

  /** Gives the graph back. */
  detach() {
    this.#session?.close();
    this.#session = undefined;
  }

  /** Rollup has no module types; what its plugins say for others is nothing to it. */
  get #knowsTypes() {
    return this.host === undefined || this.host.meta.rolldownVersion !== undefined;
  }

  get isAttached() {
    return this.#session !== undefined;
  }

  get session() {
    if (!this.#session) throw new Error('This can only be asked once the build has started');
    return this.#session;
  }

  /**
   * @param {Plugin} plugin
   * @param {import('./context.js').Scope} [scope]
   */
  context(plugin, scope) {
    let shared = this.#shared.get(plugin);
    if (!shared) this.#shared.set(plugin, (shared = sharedContext({ watchMode: this.watchMode, host: this.host, plugin })));
    return createContext(this, plugin, shared, scope);
  }

  /**
   * Runs a hook of the build or of an output in every plugin that has it.
   * @param {string} name
   * @param {unknown[]} args
   * @param {Plugin[]} [plugins]
   * @param {import('../output/render.js').OutputRun} [output] that the hooks are about
   */
  async runAll(name, args, plugins = this.plugins, output = undefined) {
    await runParallel(collectHooks(plugins, name), (hook) => callHook(hook, this.context(hook.plugin, { output }), args));
  }

  /**
   * Asks the core for tasks and answers them until the graph is complete. A build without hooks has one round.
   */
  async loadGraph() {
    let answers = /** @type {object[]} */ (this.emitter.takeChunks());
    /** Parsed modules whose requests were still with the hooks: they are told of a round later. @type {string[]} */
    let early = [];
    for (;;) {
      const tasks = JSON.parse(await this.session.scan(JSON.stringify(answers)));
      const unresolved = new Set(tasks.map((/** @type {any} */ task) => (task.type === 'resolve' ? task.importer : undefined)));
      const isEarly = (/** @type {any} */ task) => task.type === 'parsed' && unresolved.has(task.info.id);
      const due = early.map((id) => ({ type: 'parsed', info: this.moduleInfo(id) }));
      early = tasks.filter(isEarly).map((/** @type {any} */ task) => task.info.id);
      const now = [...due, ...tasks.filter((/** @type {any} */ task) => !isEarly(task))];
      // First, because parts of a module ask for what was said of it.
      await Promise.all(now.map((task) => (task.type === 'recalled' ? this.#bringBack(task) : undefined)));
      const given = await Promise.all(now.map((task) => this.#answer(task)));
      answers = [...given.filter((answer) => answer !== undefined), ...this.emitter.takeChunks(), ...(this.tracking?.takeShared() ?? [])];
      if (tasks.length === 0 && answers.length === 0 && early.length === 0) break;
    }
    this.graphIsOpen = false;
    if (this.input.length === 0 && !this.emitter.hasChunks) {
      throw new BuildError([{ code: 'MISSING_INPUT', severity: 'error', message: 'There is no entry point', hint: 'Set input, or emit chunks before the graph is complete' }]);
    }
  }

  /** @param {any} task `Task` in protocol.rs */
  async #answer(task) {
    try {
      if (task.type === 'resolve') return await this.#answerResolve(task);
      if (task.type === 'load') return await this.#answerLoad(task);
      if (task.type === 'parsed') await this.#tellParsed(task.info);
      return undefined;
    } catch (thrown) {
      this.thrown.push(thrown);
      const at = task.type === 'resolve' ? { hook: 'resolveId', id: task.importer ?? undefined } : { id: task.id ?? task.info?.id };
      const diagnostic = diagnosticOf(thrown, at);
      // Nobody waits for an answer to `parsed`; its fault ends the build after the wave.
      if (task.type === 'parsed') throw new BuildError([diagnostic], thrown);
      return { type: task.type, token: task.token, error: coreFieldsOf(diagnostic) };
    }
  }

  /**
   * What hooks did besides giving the result that was taken from the cache.
   * @param {{ id: string, effects: string }} task
   */
  async #bringBack({ id, effects }) {
    const { meta, logs, replays, broken } = JSON.parse(effects);
    Object.assign(this.record(id).meta, meta);
    for (const plugin of broken) this.broke(plugin, id);
    for (const { level, log } of logs) if (this.logger.listens(level)) this.logger.log(level, log);
    for (const { plugin, code, moduleType } of replays) {
      const hook = this.transform.find((one) => one.plugin.name === plugin);
      if (!hook) continue;
      this.calls.replays++;
      const context = this.context(hook.plugin, { id, hook: 'transform', code, watchFiles: this.record(id).watchFiles });
      await callHook(hook, context, [code, id, { moduleType, attributes: {} }], { id });
    }
  }

  /** @param {any} task */
  async #answerResolve({ token, specifier, importer, isEntry, kind, attributes, inTry }) {
    const trace = this.tracking && !isEntry ? new Trace(specifier, { importer: importer ?? undefined }) : undefined;
    const resolve = () => this.resolver.resolveTask(specifier, importer ?? undefined, {
      isEntry, kind, attributes: Object.fromEntries(attributes ?? []), inTry, trace,
    });
    const resolved = await (this.tracking ? this.tracking.run(specifier, resolve) : resolve());
    if (!resolved) return { type: 'resolve', token };
    this.#remember(resolved.id, resolved);
    const { id, external, moduleSideEffects, meta } = resolved;
    const sideEffects = sideEffectsOf(moduleSideEffects) ?? this.#hasSideEffects(id, Boolean(external));
    if (Object.keys(meta ?? {}).length > 0 || moduleSideEffects === 'no-treeshake') trace?.refuse(resolved.resolvedBy ?? '', 'says more of a module than its id');
    const tracked = trace && this.tracking?.ofRequest(trace);
    return { type: 'resolve', token, id, external: Boolean(external), isLeftOut: isLeftOut(resolved, specifier), moduleSideEffects: sideEffects, tracked };
  }

  /** @param {any} task */
  async #answerLoad({ token, id, code, moduleType, runLoad }) {
    const early = this.#early.get(id);
    if (early) this.tracking?.traceOf(id).refuse('', 'was loaded by a plugin before somebody imported it');
    const load = () => this.#loadAndTransform(id, moduleType, code ?? undefined, runLoad);
    const loaded = await (early ?? (this.tracking ? this.tracking.run(id, load) : load()));
    // Without one, the core takes the text that it showed.
    const text = loaded.code;
    const { watchFiles, moduleSideEffects, keep } = this.record(id);
    // The core asks again, with the text.
    const isHalf = runLoad && text === undefined;
    return {
      type: 'load', token, ...loaded, code: text === undefined ? undefined : mentionFileUrls(text.toWellFormed(), this.emitter),
      moduleSideEffects, keep, watchFiles: [...watchFiles].sort(), tracked: isHalf ? undefined : this.tracking?.ofModule(id, text),
    };
  }

  /**
   * @param {string} id
   * @param {string} moduleType as the core sees it
   * @param {string | undefined} given text; absent: load hooks are asked first
   * @param {boolean} runLoad
   * @returns {Promise<Loaded>} without code, the core reads the file, and asks again if a transform hook wants its text
   */
  async #loadAndTransform(id, moduleType, given, runLoad) {
    const loaded = runLoad ? await this.#runLoad(id) : undefined;
    let type = loaded?.moduleType ?? moduleTypeOfQuery(id) ?? moduleType;
    let code = loaded?.code ?? given;
    if (code === undefined) return {};
    const original = code;
    /** Where the transforms so far moved things; looked at when somebody asks. @type {(() => import('./source-maps.js').Step | null)[]} */
    const steps = [];
    const loadMap = /** @type {import('./source-maps.js').RawMap | null} */ (loaded?.map ?? null);
    let explicitType = loaded?.moduleType !== undefined;
    let changed = loaded !== undefined;
    const trace = this.tracking?.traceOf(id);
    for (const hook of this.transform) {
      const shownType = this.host ? typeInHosts(type) : type;
      if (!hook.wanted({ id, code, moduleType: shownType })) continue;
      const before = code;
      const context = this.context(hook.plugin, {
        id, hook: 'transform', code: before, watchFiles: this.record(id).watchFiles, trace,
        combinedMap: () => combinedMap(id, original, loadMap, stepsOf(steps)),
      });
      const options = { moduleType: shownType, attributes: {} };
      this.calls.hooks++;
      const result = transformedBy(await callHook(hook, context, [before, id, options], { id }), hook, id);
      if (trace) this.tracking?.called(trace, hook, result, { code: before, moduleType: shownType });
      if (!result) continue;
      this.#remember(id, result);
      if (trace && result.meta) Object.assign(trace.meta, result.meta);
      const said = moduleTypeBy(result.moduleType, hook, id, this.#knowsTypes);
      if (said !== undefined) {
        type = said;
        explicitType = true;
      }
      if (result.code === undefined || result.code === null) continue;
      code = result.code;
      changed = true;
      const isSame = code === before && result.map === undefined;
      if (isSame) continue;
      steps.push(() => this.#stepOf(result.map, hook, id));
    }
    if (!changed) return { moduleType: type === moduleType ? undefined : type };
    if (!explicitType && (this.host || (!isScript(type) && speaksScript(code)))) type = 'js';
    const map = this.wantsMaps ? joinModuleMaps(id, original, loadMap, stepsOf(steps)) : undefined;
    return { code, map: map?.toWellFormed(), moduleType: type === moduleType ? undefined : type };
  }

  /** @param {string} id */
  async #runLoad(id) {
    for (const hook of this.load) {
      if (!hook.wanted({ id })) continue;
      const trace = this.tracking?.traceOf(id);
      const context = this.context(hook.plugin, { id, hook: 'load', watchFiles: this.record(id).watchFiles, trace });
      this.calls.hooks++;
      const result = loadedBy(await callHook(hook, context, [id, { attributes: {} }], { id }), hook, id);
      if (trace) this.tracking?.called(trace, hook, result);
      if (!result) continue;
      this.#remember(id, result);
      if (trace && result.meta) Object.assign(trace.meta, result.meta);
      const moduleType = moduleTypeBy(result.moduleType, hook, id, this.#knowsTypes);
      const map = this.wantsMaps ? this.#stepOf(result.map ?? null, hook, id) : null;
      return { code: result.code, moduleType, map: map === 'broken' ? null : map };
    }
    return undefined;
  }

  /** @param {Record<string, any>} coreInfo */
  async #tellParsed(coreInfo) {
    const info = this.#decorate(coreInfo);
    await runParallel(this.moduleParsed, (hook) => callHook(hook, this.context(hook.plugin), [info], { id: info.id }));
  }

  /**
   * @param {unknown} map that a hook returned
   * @param {Hook} hook
   * @param {string} id
   */
  #stepOf(map, hook, id) {
    const step = stepOf(map, (why) => invalidMap(hook, why, id));
    if (step === 'broken') {
      this.broke(hook.plugin.name, id);
      this.tracking?.traceOf(id).broken.add(hook.plugin.name);
    }
    return step;
  }

  /**
   * A hook changed code without saying how; whoever makes an output with a source map tells of it.
   * @param {string} plugin
   * @param {string} id
   */
  broke(plugin, id) {
    this.brokenMaps.set(`${plugin}\0${id}`, { plugin, id });
  }

  /**
   * @param {string} source
   * @param {string | undefined} importer
   * @param {Record<string, any>} options
   * @param {Plugin} plugin
   * @param {Skip[]} skip
   * @param {Trace} [trace] of the request in whose hook it is asked
   */
  async resolveForPlugin(source, importer, options, plugin, skip, trace) {
    const inner = options.skipSelf === false ? skip : [...skip, { plugin, importer, source }];
    const resolved = await this.resolver.resolveFully(source, importer, { ...options, skip: inner, trace });
    if (!resolved) return null;
    this.#remember(resolved.id, resolved);
    const record = this.record(resolved.id);
    return {
      id: resolved.id, external: resolved.external ?? false, attributes: options.attributes ?? {},
      meta: record.meta,
      moduleSideEffects: sideEffectsOf(resolved.moduleSideEffects) ?? this.#hasSideEffects(resolved.id, Boolean(resolved.external)) ?? true,
      resolvedBy: resolved.resolvedBy ?? (this.host ? 'rollup' : 'cloudpack'), syntheticNamedExports: false,
    };
  }

  /**
   * `this.load`: the module is loaded and transformed now, and the core gets the result when it comes to it.
   * @param {{ id: string, resolveDependencies?: boolean, meta?: object | null, moduleSideEffects?: unknown }} options
   */
  async loadForPlugin(options) {
    const { id } = options;
    if (options.resolveDependencies) {
      throw Object.assign(new Error('this.load() cannot wait for dependencies: "resolveDependencies" is not supported'), { code: 'UNSUPPORTED' });
    }
    this.#remember(id, options);
    const known = this.moduleInfo(id);
    if (known && known.code !== null) return known;
    let loading = this.#early.get(id);
    if (!loading) {
      const info = {
        id, isEntry: false, isExternal: false, isIncluded: null, importers: [], dynamicImporters: [], importedIds: [],
        dynamicallyImportedIds: [], exports: null, hasDefaultExport: null, ...known, code: /** @type {string | null} */ (null),
      };
      // Its own hooks may ask for it while it is loaded.
      this.#earlyInfo.set(id, info);
      loading = this.#loadEarly(id).then((loaded) => {
        info.code = loaded.code ?? null;
        return loaded;
      });
      this.#early.set(id, loading);
    }
    await loading;
    return this.moduleInfo(id);
  }

  /**
   * Loads a module that the core has not come to.
   * @param {string} id
   * @returns {Promise<Loaded>}
   */
  async #loadEarly(id) {
    const moduleType = moduleTypeOf(undefined, id);
    const loaded = await this.#loadAndTransform(id, moduleType, undefined, true);
    if (loaded.code !== undefined || isReadAsBytes(moduleType)) return loaded;
    // What cannot be read is the core's to complain about, if somebody imports it.
    const text = await readText(id);
    if (text === undefined && path.isAbsolute(id) && !existsSync(id.replace(/[?#].*$/s, ''))) {
      throw Object.assign(new Error(`Could not load ${id}: the file does not exist`), { code: 'ENOENT' });
    }
    return text === undefined ? {} : { code: text, ...(await this.#loadAndTransform(id, moduleType, text, false)) };
  }

  /** @param {string} id */
  moduleInfo(id) {
    const { session } = this;
    const json = session.moduleInfo(id);
    const early = this.#earlyInfo.get(id);
    if (!json) return early ? this.#decorate({ ...early, moduleSideEffects: this.record(id).moduleSideEffects ?? true }) : null;
    const info = this.#decorate(JSON.parse(json));
    // Most who ask for a module want its edges; its text crosses when it is read.
    return Object.defineProperty(info, 'code', { get: () => session.moduleCode(id) ?? early?.code ?? null, enumerable: true, configurable: true });
  }

  /** @returns {IterableIterator<string>} */
  moduleIds() {
    return this.session.moduleIds()[Symbol.iterator]();
  }

  /** Ids of the modules that the user asked for. */
  userEntries() {
    return new Set(this.input.flatMap((entry) => this.resolver.entryId(entry.import, undefined) ?? []));
  }

  allWatchFiles() {
    return [...new Set([...this.watchFiles, ...JSON.parse(this.session.watchFiles())])].sort();
  }

  /**
   * @param {import('../types/index.d.ts').EmittedFile} file
   * @param {Plugin} plugin
   * @param {import('../output/render.js').OutputRun} [output]
   */
  emitFile(file, plugin, output = this.output) {
    const { reference, conflict } = (output?.emitter ?? this.emitter).emit(file, this.graphIsOpen, plugin.name);
    if (conflict) this.logger.log('warn', conflict);
    output?.fileEmitted(reference, plugin.name, conflict !== undefined);
    return reference;
  }

  /**
   * @param {string} reference
   * @param {import('../output/render.js').OutputRun} [output]
   */
  fileName(reference, output = this.output) {
    return (output?.emitter ?? this.emitter).fileName(reference);
  }

  /**
   * @param {string} reference
   * @param {string | Uint8Array} source
   * @param {import('../output/render.js').OutputRun} [output]
   */
  setAssetSource(reference, source, output = this.output) {
    (output?.emitter ?? this.emitter).setSource(reference, source);
    output?.fileEmitted(reference, '', true);
  }

  /**
   * @param {string} id
   * @returns {ModuleRecord}
   */
  record(id) {
    let record = this.#records.get(id);
    if (!record) this.#records.set(id, (record = { meta: {}, watchFiles: new Set(), moduleSideEffects: undefined, keep: false }));
    return record;
  }

  /**
   * Keeps what a hook said about a module: later hooks win.
   * @param {string} id
   * @param {{ meta?: object | null, moduleSideEffects?: unknown }} said
   */
  #remember(id, said) {
    const record = this.record(id);
    if (said.meta) Object.assign(record.meta, said.meta);
    const sideEffects = sideEffectsOf(said.moduleSideEffects);
    if (sideEffects === undefined) return;
    record.moduleSideEffects = sideEffects;
    record.keep = said.moduleSideEffects === 'no-treeshake';
  }

  /**
   * The core's facts with what only JavaScript knows. Plugins assign to `meta`, which is therefore one object a module.
   * @param {Record<string, any>} info
   */
  #decorate(info) {
    return /** @type {any} */ ({
      ...info, ast: null, attributes: {}, meta: this.record(info.id).meta, syntheticNamedExports: false,
      exportedBindings: null, implicitlyLoadedAfterOneOf: [], implicitlyLoadedBefore: [],
    });
  }
}

/**
 * `'no-treeshake'` keeps at least what `true` keeps.
 * @param {unknown} value
 * @returns {boolean | undefined}
 */
function sideEffectsOf(value) {
  if (value === undefined || value === null) return undefined;
  return value === 'no-treeshake' ? true : Boolean(value);
}

/** @param {(() => import('./source-maps.js').Step | null)[]} steps */
function stepsOf(steps) {
  return steps.flatMap((step) => step() ?? []);
}

/**
 * @param {string} id
 * @param {string} original
 * @param {import('./source-maps.js').RawMap | null} loadMap
 * @param {import('./source-maps.js').Step[]} steps
 */
function combinedMap(id, original, loadMap, steps) {
  const joined = joinModuleMaps(id, original, loadMap, steps);
  if (joined === undefined) return identityMap(id, original);
  return { ...JSON.parse(joined), toString: () => joined };
}

/**
 * The file behind an id, without its query; undefined when it is not there or is not text.
 * @param {string} id
 */
async function readText(id) {
  for (const file of new Set([id, id.replace(/[?#].*$/s, '')])) {
    if (file.includes('\0')) return undefined;
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
    } catch {
      continue;
    }
  }
  return undefined;
}
