/**
 * What a module or a request made of its hooks' answers rests on, as far as it can be told: files that were read, logs, what hooks kept
 * in memory. What cannot be told is not kept, and the report says why.
 */
import path from 'node:path';
import { hasPrivateNames, isDoubting, isPlainCss, policyOf } from './policies.js';
import { listeningToFiles } from './traced-files.js';

/** @typedef {import('./hooks.js').Hook} Hook */
/** @typedef {{ path: string, what: import('./traced-files.js').What }} TrackedInput */
/** @typedef {{ plugin: string, why: string }} Refusal */
/** @typedef {import('../types/index.d.ts').NotCached} NotCached */

/** `babel.config.mjs`, `.svgrrc` */
const CONFIGURATION = /^\.\w|\bconfig\b|rc(?:\.\w+)?$/;

/** Of one module or one request. */
export class Trace {
  /** @type {Refusal | undefined} */
  refusal;
  /** What hooks declared. @type {Set<string>} */
  files = new Set();
  /** @type {{ level: 'debug' | 'info' | 'warn', log: any }[]} */
  logs = [];
  /** @type {{ plugin: string, code: string, moduleType: string }[]} */
  replays = [];
  /** @type {Record<string, any>} */
  meta = {};
  /** Plugins that changed code and gave no map. @type {Set<string>} */
  broken = new Set();
  /** What a resolver was asked, in whose place the core can be asked: an alias may have made something else of the request. @type {string | undefined} */
  resolverAsked;

  /**
   * @param {string} id module, or what is asked for
   * @param {object} [of]
   * @param {boolean} [of.isModule]
   * @param {string} [of.importer] of a request
   */
  constructor(id, { isModule = false, importer } = {}) {
    this.id = id;
    this.isModule = isModule;
    this.importer = importer;
  }

  /**
   * @param {string} source
   * @param {string | undefined} importer
   */
  byResolver(source, importer) {
    if (importer === this.importer) this.resolverAsked = source;
    else this.refuse('', 'was looked up from another place');
  }

  /**
   * @param {string} plugin
   * @param {string} why
   */
  refuse(plugin, why) {
    this.refusal ??= { plugin, why };
  }

  /** @param {string} plugin @param {string} file */
  declare(plugin, file) {
    if (/[*{]/.test(file)) this.refuse(plugin, 'depends on all files of a pattern');
    this.files.add(file);
  }
}

export class Tracking {
  /** Traces of modules that the core asks about twice: first for their text, then with it. @type {Map<string, Trace>} */
  #traces = new Map();
  /** @type {Map<string, TrackedInput>} */
  #shared = new Map();
  #sharedSent = 0;
  /** @type {Map<string, NotCached>} */
  #report = new Map();

  /**
   * @param {object} given
   * @param {string[]} given.include names of plugins
   * @param {string[]} given.exclude
   * @param {boolean} given.css whether style sheets go through nothing but Vite
   * @param {string} [given.unaccountable] why the files of the configuration do not tell what options plugins were given
   * @param {string} [given.unrepeatable] why answers to requests are not kept
   * @param {import('./hooks.js').Plugin[]} given.plugins
   * @param {string} given.name
   * @param {string} given.key
   */
  constructor({ include, exclude, css, unaccountable, unrepeatable, plugins, name, key }) {
    this.named = { include, exclude };
    this.css = css;
    this.unaccountable = unaccountable;
    this.unrepeatable = unrepeatable;
    /** Has a say in each module that is kept. */
    this.doubting = plugins.find((plugin) => isDoubting(plugin, this.named));
    /** `PluginCacheOptions` in protocol.rs */
    this.options = { name, key };
  }

  /** @param {string} id */
  traceOf(id) {
    let trace = this.#traces.get(id);
    if (!trace) this.#traces.set(id, (trace = new Trace(id, { isModule: true })));
    return trace;
  }

  /**
   * Runs hooks; what they read belongs to all.
   * @template T
   * @param {string} id
   * @param {() => T} work
   * @returns {T}
   */
  run(id, work) {
    const own = id.replace(/[?#].*$/s, '');
    return listeningToFiles({
      asked: (file, what) => {
        if (file === own || file.includes(`${path.sep}node_modules${path.sep}`)) return;
        this.#share(file, what);
        // Node reads what is imported by a door of its own.
        if (what === 'kind' && CONFIGURATION.test(path.basename(file))) this.#share(file, 'content');
      },
      // It is to be read again in the next build.
      printed: () => this.#traces.get(id)?.refuse('', 'prints something'),
    }, work);
  }

  /** @param {string} file @param {import('./traced-files.js').What} what */
  #share(file, what) {
    const key = `${what} ${file}`;
    if (!this.#shared.has(key)) this.#shared.set(key, { path: file, what });
  }

  /** Files since the last call. @returns {{ type: 'shared', inputs: TrackedInput[] }[]} an answer for the core */
  takeShared() {
    if (this.#shared.size === this.#sharedSent) return [];
    const inputs = [...this.#shared.values()].slice(this.#sharedSent);
    this.#sharedSent = this.#shared.size;
    return [{ type: 'shared', inputs }];
  }

  /**
   * A hook was called.
   * @param {Trace} trace
   * @param {Hook} hook
   * @param {unknown} result
   * @param {{ code: string, moduleType: string }} [given] to a transform
   */
  called(trace, hook, result, given) {
    const { name } = hook.plugin;
    const policy = policyOf(hook, trace.id, this.named);
    if (policy === 'live') trace.refuse(name, 'is not known to give the same answer again');
    if (policy === 'configured' && this.unaccountable !== undefined) trace.refuse(name, `has options that may be others next time: the configuration ${this.unaccountable}`);
    if (policy === 'silent' && result) trace.refuse(name, 'gave what rests on its memory');
    if (policy === 'plain-css' && !(this.css && given && isPlainCss(trace.id, given.code))) {
      trace.refuse(name, 'compiled a style sheet that names other files or goes through other tools');
    }
    if (policy === 'replay' && given) {
      if (hasPrivateNames(given.code)) trace.refuse(name, 'emits files');
      trace.replays.push({ plugin: name, code: given.code, moduleType: given.moduleType });
    }
  }

  /**
   * A `resolveId` hook answered.
   * @param {Trace} trace
   * @param {Hook} hook
   * @param {unknown} result
   * @param {string} source
   * @param {string | undefined} importer
   */
  resolved(trace, hook, result, source, importer) {
    this.called(trace, hook, result);
    if (result && policyOf(hook, trace.id, this.named) === 'resolver') trace.byResolver(source, importer);
  }

  /**
   * What the core may keep of a module.
   * @param {string} id
   * @param {string | undefined} code
   * @returns {{ inputs: TrackedInput[], effects?: string } | undefined} `Tracked` in protocol.rs
   */
  ofModule(id, code) {
    const trace = this.traceOf(id);
    if (code !== undefined && hasPrivateNames(code)) trace.refuse('', 'names files that were emitted in this process');
    if (this.doubting) trace.refuse(this.doubting.name, 'has the hook "shouldTransformCachedModule"');
    if (!isData(trace.meta)) trace.refuse('', 'has "meta" that cannot be written down');
    if (!this.#allows(trace, 'modules')) return undefined;
    const { meta, logs, replays } = trace;
    const broken = [...trace.broken];
    const hasEffects = Object.keys(meta).length > 0 || logs.length > 0 || replays.length > 0 || broken.length > 0;
    return {
      inputs: [...trace.files].map((file) => ({ path: file, what: /** @type {const} */ ('content') })),
      ...(hasEffects && { effects: JSON.stringify({ meta, logs, replays, broken }) }),
    };
  }

  /** @param {Trace} trace of a request */
  ofRequest(trace) {
    if (this.unrepeatable !== undefined) trace.refuse('', this.unrepeatable);
    if (trace.logs.length > 0) trace.refuse('', 'was warned of');
    if (!this.#allows(trace, 'requests')) return undefined;
    return { inputs: [], resolverAsked: trace.resolverAsked };
  }

  /**
   * @param {Trace} trace
   * @param {'modules' | 'requests'} kind
   */
  #allows(trace, kind) {
    const { refusal } = trace;
    if (!refusal) return true;
    const key = JSON.stringify([refusal, kind]);
    let entry = this.#report.get(key);
    if (!entry) this.#report.set(key, (entry = { ...refusal, kind, count: 0, example: trace.id }));
    entry.count++;
    return false;
  }

  /** What was not kept, and why; most first. */
  report() {
    return [...this.#report.values()].sort((a, b) => b.count - a.count);
  }
}

/**
 * Whether JSON gives the value back.
 * @param {any} value
 * @returns {boolean}
 */
function isData(value) {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isData);
  if (typeof value !== 'object' || ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return false;
  return Object.values(value).every((one) => one === undefined || isData(one));
}
