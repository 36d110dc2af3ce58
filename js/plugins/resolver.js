/**
 * Resolution as far as JavaScript has a say: externals that are functions, aliases with regular expressions, and the
 * `resolveId` hooks. What all of them leave open is the core's.
 */
import path from 'node:path';
import { slashed } from '../options/input-options.js';
import { resolvedBy } from './results.js';
import { unheard } from './traced-files.js';
import { callHook } from './run-hooks.js';
import { coreFiltersOf } from './filters.js';
import { isStandIn, placeOfExternal, standInFor } from './required-externals.js';
import { corePatternOf, escaped, matches } from '../options/patterns.js';

/** @typedef {import('./driver.js').Skip} Skip */
/** @typedef {{ id: string, external?: boolean | 'absolute' | 'relative', moduleSideEffects?: unknown, meta?: object | null, resolvedBy?: string }} Resolved */
/** @typedef {{ isEntry?: boolean, kind?: string, attributes?: Record<string, string>, custom?: object, skip?: Skip[], inTry?: boolean, trace?: import('./tracked.js').Trace }} Request */

const EVERYTHING = {};
const isRelative = (/** @type {string} */ source) => /^\.{1,2}\//.test(source);

/**
 * Whether chunks name an external module by the way to its file, and not by its id.
 * @param {Resolved} resolved
 * @param {string} source what was asked for
 */
export function isLeftOut({ id, external }, source) {
  return path.isAbsolute(id) && (external === 'relative' || (external === true && isRelative(source)));
}

export class ModuleResolver {
  /** What hooks made of entry points, by specifier. @type {Map<string, string>} */
  #entryIds = new Map();

  /**
   * @param {import('./driver.js').PluginDriver} driver
   * @param {import('./driver.js').FilteredHook[]} hooks
   * @param {import('../options/input-options.js').NormalizedOptions} options
   */
  constructor(driver, hooks, options) {
    this.driver = driver;
    this.hooks = hooks;
    this.externalTests = options.externalTests;
    this.aliasRules = options.aliasRules;
    this.sideEffects = options.sideEffects;
  }

  /** `HookFilter`s in protocol.rs: a request crosses when one of them matches. */
  coreFilters() {
    const { host } = this.driver;
    if (host ? !host.requests : this.externalTests.length > 0 || this.sideEffects) return [EVERYTHING];
    if (host) return coreFiltersOf(this.hooks);
    const aliases = this.aliasRules.map(({ find }) => {
      const expression = find instanceof RegExp ? find : new RegExp(find.endsWith('$') ? `^${escaped(find.slice(0, -1))}$` : `^${escaped(find)}(?:/|$)`);
      const pattern = corePatternOf(expression);
      return pattern ? { idInclude: [pattern] } : EVERYTHING;
    });
    return [...aliases, ...coreFiltersOf(this.hooks)];
  }

  /**
   * A request of the core. Undefined leaves it to the core.
   * @param {string} source
   * @param {string | undefined} importer
   * @param {Request} request
   * @returns {Promise<Resolved | undefined>}
   */
  async resolveTask(source, importer, request) {
    if (this.driver.host) return this.#resolveForHost(source, importer, request, this.driver.host);
    const decided = await this.#decide(source, importer, request);
    if (decided && request.isEntry) this.#entryIds.set(source, decided.id);
    if (decided || (this.externalTests.length === 0 && !this.sideEffects) || request.isEntry) return decided;
    const resolved = this.#askCore(source, importer, request);
    if (resolved && !resolved.external && this.#isExternal(resolved.id, importer, true)) return this.#external(source, importer);
    // What the core says of the target's package is nothing that a plugin said.
    return resolved && this.sideEffects?.(resolved.id, Boolean(resolved.external)) !== undefined ? { id: resolved.id, external: resolved.external } : undefined;
  }

  /**
   * Inside of another bundler: nothing is left to the core.
   * @param {string} source
   * @param {string | undefined} importer
   * @param {Request} request
   * @param {import('./driver.js').Host} host
   * @returns {Promise<Resolved>}
   */
  async #resolveForHost(source, importer, request, host) {
    if (importer !== undefined && isStandIn(importer)) return { id: source, external: placeOfExternal(importer) };
    const isRequire = request.kind === 'require-call';
    // As @rollup/plugin-commonjs asks, so that packages are looked up under the condition "require".
    const asked = isRequire ? { ...request, custom: { 'node-resolve': { isRequire: true } } } : request;
    let resolved = await this.resolveFully(source, importer, asked);
    if (!resolved) {
      request.trace?.refuse('', 'was not found');
      resolved = host.unresolved(source, importer, request);
    }
    if (request.isEntry) {
      if (resolved.external) throw Object.assign(new Error(`The entry "${source}" is external: there is nothing to bundle`), { code: 'UNRESOLVED_ENTRY' });
      this.#entryIds.set(source, resolved.id);
    }
    return isRequire && resolved.external && !request.inTry ? { ...resolved, id: standInFor(resolved.id, isLeftOut(resolved, source)), external: false, moduleSideEffects: true } : resolved;
  }

  /**
   * A request of a plugin, answered to the end.
   * @param {string} source
   * @param {string | undefined} importer
   * @param {Request} request
   * @returns {Promise<Resolved | undefined>}
   */
  async resolveFully(source, importer, request) {
    const decided = await this.#decide(source, importer, request);
    if (decided) return decided;
    const { host } = this.driver;
    // The core checks what the host's own rules say.
    const resolved = host ? await unheard(() => host.resolve(source, importer, request)) : this.#askCore(source, importer, request);
    request.trace?.byResolver(source, importer);
    if (!resolved && host && !request.isEntry) return this.#externalFile(source, importer);
    if (!resolved || resolved.external || request.isEntry) return resolved;
    if (!this.#isExternal(resolved.id, importer, true)) return resolved;
    return host ? { ...resolved, external: true } : this.#external(source, importer);
  }

  /**
   * The module that an emitted chunk stands for.
   * @param {string} source
   * @param {string | undefined} importer
   */
  entryId(source, importer) {
    return this.#entryIds.get(source) ?? (this.driver.host ? undefined : this.#askCore(source, importer, {})?.id);
  }

  /**
   * `external` of the options that hooks are given: only what JavaScript decides is known here.
   * @param {string} id
   * @param {string | undefined} importer
   * @param {boolean} isResolved
   */
  isExternalForPlugins = (id, importer, isResolved) => this.#isExternal(id, importer, isResolved);

  /**
   * @param {string} source
   * @param {string | undefined} importer
   * @param {Request} request
   * @returns {Promise<Resolved | undefined>}
   */
  async #decide(source, importer, request) {
    if (!request.isEntry && this.#isExternal(source, importer, false)) return this.#external(source, importer);
    const replaced = this.#replaceAlias(source);
    if (replaced !== undefined) {
      const resolved = (await this.#runHooks(replaced, importer, request)) ?? this.#askCore(replaced, importer, request);
      if (resolved) return resolved;
      throw Object.assign(new Error(`Could not resolve "${replaced}", which "resolve.alias" made of "${source}"`), { code: 'UNRESOLVED_IMPORT' });
    }
    const resolved = await this.#runHooks(source, importer, request);
    if (resolved && !resolved.external && !request.isEntry && this.#isExternal(resolved.id, importer, true)) {
      return { ...resolved, external: true };
    }
    return resolved;
  }

  /**
   * @param {string} source
   * @param {string | undefined} importer
   * @param {Request} request
   * @returns {Promise<Resolved | undefined>}
   */
  async #runHooks(source, importer, request) {
    const { isEntry = importer === undefined, kind = 'import-statement', attributes = {}, custom, skip = [], trace } = request;
    for (const hook of this.hooks) {
      if (!hook.wanted({ id: source })) continue;
      if (skip.some((one) => one.plugin === hook.plugin && one.importer === importer && one.source === source)) continue;
      const context = this.driver.context(hook.plugin, { skip, hook: 'resolveId', trace });
      this.driver.calls.hooks++;
      const options = { attributes, custom, isEntry, kind, importerAttributes: {} };
      const result = await callHook(hook, context, [source, importer, options], this.driver.host ? {} : { id: importer });
      if (trace) this.driver.tracking?.resolved(trace, hook, result, source, importer);
      const resolved = resolvedBy(result, hook, source);
      if (resolved === undefined) continue;
      if (resolved === false) return { ...this.#external(source, importer), resolvedBy: hook.plugin.name };
      const said = typeof resolved === 'object' ? resolved : { id: resolved };
      return { ...said, id: said.id.toWellFormed(), resolvedBy: said.resolvedBy ?? hook.plugin.name };
    }
    return undefined;
  }

  /**
   * @param {string} source
   * @param {string | undefined} importer
   * @param {Request} request
   * @returns {Resolved | undefined}
   */
  #askCore(source, importer, request) {
    const json = this.driver.session.resolve(source, importer ?? null, request.kind ?? 'import-statement');
    return json ? JSON.parse(json) : undefined;
  }

  /**
   * A relative request is one file, whoever asks for it; the core writes it relative to the chunk again.
   * @param {string} source
   * @param {string | undefined} importer
   * @returns {Resolved}
   */
  #external(source, importer) {
    if (!isRelative(source)) return { id: source, external: true };
    const directory = importer !== undefined && path.isAbsolute(importer) ? path.dirname(importer) : this.driver.cwd;
    return { id: slashed(path.resolve(directory, source)), external: true };
  }

  /**
   * A file that is not there, and by its path is external all the same.
   * @param {string} source
   * @param {string | undefined} importer
   * @returns {Resolved | undefined}
   */
  #externalFile(source, importer) {
    const resolved = this.#external(source, importer);
    return resolved.id !== source && this.#isExternal(resolved.id, importer, true) ? resolved : undefined;
  }

  /**
   * @param {string} id
   * @param {string | undefined} importer
   * @param {boolean} isResolved
   */
  #isExternal(id, importer, isResolved) {
    return this.externalTests.some((test) => test(id, importer, isResolved));
  }

  /**
   * The first rule that matches decides. A string matches the whole specifier or a prefix up to `/`.
   * @param {string} source
   * @returns {string | undefined}
   */
  #replaceAlias(source) {
    for (const { find, replacement } of this.aliasRules) {
      if (find instanceof RegExp) {
        if (matches(find, source)) return source.replace(find, replacement);
      } else if (find.endsWith('$')) {
        if (source === find.slice(0, -1)) return replacement;
      } else if (source === find || source.startsWith(`${find}/`)) return replacement + source.slice(find.length);
    }
    return undefined;
  }
}
