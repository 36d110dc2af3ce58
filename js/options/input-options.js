/**
 * From what a user wrote to what the core is asked (`BuildOptions` in options.rs) and what stays in JavaScript because
 * it is a function or a pattern the core cannot evaluate. All faults of the whole object come out together.
 */
import path from 'node:path';
import { checkEngine } from '../engine/engine.js';
import { kindOf, OptionChecker } from './checker.js';
import { normalizeOutput } from './output-options.js';
import { corePatternOf, matches } from './patterns.js';
import { checkedSideEffects } from './side-effects.js';

/** @typedef {import('../types/index.d.ts').BuildOptions} BuildOptions */
/** @typedef {(source: string, importer: string | undefined, isResolved: boolean) => boolean | null | undefined} ExternalTest */
/** @typedef {{ find: string | RegExp, replacement: string }} AliasRule */

/**
 * @typedef {object} NormalizedOptions
 * @property {Record<string, any>} core JSON for the core
 * @property {ExternalTest[]} externalTests externals that only JavaScript can decide
 * @property {import('./side-effects.js').SideEffectsTest} [sideEffects] unless the core knows by itself
 * @property {AliasRule[]} aliasRules in the order of the user; empty when the core has them all
 * @property {import('./output-options.js').LocalOutput[]} outputs parallel to `core.output`
 * @property {boolean} write
 */

const INPUT_KEYS = /** @type {const} */ ([
  'input', 'output', 'plugins', 'external', 'resolve', 'define', 'transform', 'treeshake', 'platform', 'cwd',
  'moduleTypes', 'env', 'mode', 'base', 'assetsInlineLimit', 'css', 'cache', 'engine', 'view', 'logLevel', 'onLog', 'write', 'watch',
]);
const RESOLVE_KEYS = [
  'alias', 'conditionNames', 'extensions', 'extensionAlias', 'mainFields', 'mainFiles', 'modules', 'symlinks',
  'tsconfigFilename',
];
const TRANSFORM_KEYS = [
  'target', 'jsx', 'experimentalDecorators', 'emitDecoratorMetadata', 'useDefineForClassFields',
  'verbatimModuleSyntax', 'pure', 'dropConsole', 'dropDebugger',
];
const JSX_KEYS = ['runtime', 'importSource', 'pragma', 'pragmaFrag', 'development'];
const TREESHAKE_KEYS = ['moduleSideEffects', 'annotations', 'propertyReadSideEffects', 'unknownGlobalSideEffects'];
const CSS_KEYS = ['modulesPattern', 'modulesCamelCase'];
const WATCH_KEYS = ['buildDelay', 'clearScreen', 'exclude', 'include', 'onInvalidate', 'skipWrite'];
const VIEWS = sameNames(['production', 'ci']);
const CACHE_KEYS = ['dir', 'maxSize', 'readonly', 'verify', 'reuse'];
const REUSE_KEYS = ['build', 'modules', 'plans', 'chunks', 'files'];

const PLATFORMS = sameNames(['browser', 'node', 'neutral']);
const JSX_RUNTIMES = sameNames(['automatic', 'classic', 'preserve']);
const JSX_SHORTHANDS = new Map([['react-jsx', 'automatic'], ['react', 'classic'], ['preserve', 'preserve']]);
const LOG_LEVELS = sameNames(['silent', 'warn', 'info', 'debug']);
export const MODULE_TYPES = sameNames([
  'js', 'jsx', 'ts', 'tsx', 'json', 'css', 'module.css', 'html', 'text', 'asset', 'dataurl', 'file', 'binary', 'base64',
  'empty',
]);

/**
 * @param {BuildOptions} options
 * @returns {{ normalized: NormalizedOptions, faults: import('../types/index.d.ts').Diagnostic[] }}
 */
export function normalizeOptions(options) {
  const check = new OptionChecker();
  const given = check.object(options, INPUT_KEYS, '');
  const cwd = path.resolve(check.string(given.cwd, 'cwd') ?? '.');
  const external = normalizeExternal(given.external, check);
  const alias = normalizeAlias(given.resolve?.alias, check);
  check.oneOf(given.logLevel, LOG_LEVELS, 'logLevel');
  if (given.onLog !== undefined && typeof given.onLog !== 'function') {
    check.fault(`Option "onLog" must be a function, but it is ${kindOf(given.onLog)}`);
  }
  checkWatch(given.watch, check);
  checkEngine(given.engine, check);
  const treeshake = normalizeTreeshake(given.treeshake, check);
  const outputs = (Array.isArray(given.output) ? given.output : [given.output ?? {}]).map((output, index, all) =>
    normalizeOutput(output, all.length > 1 ? `output[${index}]` : 'output', check),
  );
  if (outputs.length === 0) check.fault('Option "output" is an empty array', 'Leave it out for one output in "dist"');

  const core = withoutAbsent({
    cwd: slashed(cwd),
    input: normalizeInput(given.input, check),
    external: external.patterns,
    resolve: normalizeResolve(given.resolve, alias.pairs, check),
    define: check.entries(given.define, 'define').map(([key, value]) => [key, expressionOf(value)]),
    transform: normalizeTransform(given.transform, check),
    treeshake: treeshake.core,
    platform: check.oneOf(given.platform, PLATFORMS, 'platform'),
    moduleTypes: normalizeModuleTypes(given.moduleTypes, check),
    env: check.entries(given.env, 'env').filter(([, value]) => value !== undefined),
    mode: check.string(given.mode, 'mode'),
    base: check.string(given.base, 'base'),
    assetsInlineLimit: check.count(given.assetsInlineLimit, 'assetsInlineLimit'),
    css: normalizeCss(given.css, check),
    cache: normalizeCache(given.cache, cwd, check),
    view: check.oneOf(given.view, VIEWS, 'view'),
    output: outputs.map((output) => output.core),
  });
  return {
    normalized: {
      core,
      externalTests: external.tests,
      sideEffects: treeshake.sideEffects,
      aliasRules: alias.rules,
      outputs: outputs.map((output) => output.local),
      write: check.boolean(given.write, 'write') ?? true,
    },
    faults: check.faults,
  };
}

/**
 * @param {unknown} input
 * @param {OptionChecker} check
 */
function normalizeInput(input, check) {
  if (input === undefined || input === null) return [];
  if (typeof input === 'string') return [{ name: stemOf(input), import: input }];
  if (Array.isArray(input)) {
    return input.flatMap((item, index) => {
      const specifier = check.string(item, `input[${index}]`);
      return specifier === undefined ? [] : [{ name: stemOf(specifier), import: specifier }];
    });
  }
  return check.entries(input, 'input').flatMap(([name, item]) => {
    const specifier = check.string(item, `input.${name}`);
    return specifier === undefined ? [] : [{ name, import: specifier, named: true }];
  });
}

/**
 * `./src/main.tsx?x` -> `main`.
 * @param {string} specifier
 */
function stemOf(specifier) {
  const file = specifier.replace(/[?#].*$/, '').replaceAll('\\', '/');
  return path.posix.basename(file).replace(/\.[^.]*$/, '') || 'index';
}

/**
 * @param {unknown} external
 * @param {OptionChecker} check
 */
function normalizeExternal(external, check) {
  /** @type {import('./patterns.js').CorePattern[]} */
  const patterns = [];
  /** @type {ExternalTest[]} */
  const tests = [];
  for (const item of external === undefined || external === null ? [] : [external].flat()) {
    if (typeof item === 'string') patterns.push({ exact: item });
    else if (item instanceof RegExp) {
      const pattern = corePatternOf(item);
      if (pattern) patterns.push(pattern);
      else tests.push((source) => matches(item, source));
    } else if (typeof item === 'function') tests.push(/** @type {ExternalTest} */ (item));
    else check.fault(`Option "external" holds ${kindOf(item)}; it takes strings, regular expressions and functions`);
  }
  return { patterns, tests };
}

/**
 * The core has string aliases. With one regular expression among them the order of the list matters, so then all of
 * them are decided in JavaScript.
 * @param {unknown} alias
 * @param {OptionChecker} check
 * @returns {{ pairs: [string, (string | null)[]][], rules: AliasRule[] }}
 */
function normalizeAlias(alias, check) {
  if (Array.isArray(alias)) {
    const rules = alias.filter((rule, index) => {
      const known = typeof rule?.find === 'string' || rule?.find instanceof RegExp;
      if (known && typeof rule.replacement === 'string') return true;
      check.fault(`Option "resolve.alias[${index}]" must be { find: string | RegExp, replacement: string }`);
      return false;
    });
    if (rules.some((rule) => rule.find instanceof RegExp)) return { pairs: [], rules };
    return { pairs: rules.map((rule) => [rule.find, [rule.replacement]]), rules: [] };
  }
  const pairs = check.entries(alias, 'resolve.alias').map(([from, to]) => {
    const targets = [to].flat().map((target) => {
      if (target === false || target === null) return null;
      return check.string(target, `resolve.alias.${from}`) ?? null;
    });
    return /** @type {[string, (string | null)[]]} */ ([from, targets]);
  });
  return { pairs, rules: [] };
}

/**
 * @param {unknown} resolve
 * @param {[string, (string | null)[]][]} alias
 * @param {OptionChecker} check
 */
function normalizeResolve(resolve, alias, check) {
  const given = check.object(resolve, RESOLVE_KEYS, 'resolve');
  const extensionAlias = check
    .entries(given.extensionAlias, 'resolve.extensionAlias')
    .map(([from, to]) => [from, check.strings(to, `resolve.extensionAlias.${from}`) ?? []]);
  return withoutAbsent({
    alias,
    conditionNames: check.strings(given.conditionNames, 'resolve.conditionNames'),
    extensions: check.strings(given.extensions, 'resolve.extensions'),
    extensionAlias: given.extensionAlias ? extensionAlias : undefined,
    mainFields: check.strings(given.mainFields, 'resolve.mainFields'),
    mainFiles: check.strings(given.mainFiles, 'resolve.mainFiles'),
    modules: check.strings(given.modules, 'resolve.modules'),
    symlinks: check.boolean(given.symlinks, 'resolve.symlinks'),
    tsconfigFilename: check.string(given.tsconfigFilename, 'resolve.tsconfigFilename'),
  });
}

/**
 * @param {unknown} transform
 * @param {OptionChecker} check
 */
function normalizeTransform(transform, check) {
  const given = check.object(transform, TRANSFORM_KEYS, 'transform');
  const target = check.strings(given.target, 'transform.target');
  return withoutAbsent({
    target: target?.flatMap((item) => item.split(',')).map((item) => item.trim()).filter(Boolean),
    jsx: normalizeJsx(given.jsx, check),
    experimentalDecorators: check.boolean(given.experimentalDecorators, 'transform.experimentalDecorators'),
    emitDecoratorMetadata: check.boolean(given.emitDecoratorMetadata, 'transform.emitDecoratorMetadata'),
    useDefineForClassFields: check.boolean(given.useDefineForClassFields, 'transform.useDefineForClassFields'),
    verbatimModuleSyntax: check.boolean(given.verbatimModuleSyntax, 'transform.verbatimModuleSyntax'),
    pure: check.strings(given.pure, 'transform.pure'),
    dropConsole: check.boolean(given.dropConsole, 'transform.dropConsole'),
    dropDebugger: check.boolean(given.dropDebugger, 'transform.dropDebugger'),
  });
}

/**
 * The words of tsconfig's `jsx` are understood too.
 * @param {unknown} jsx
 * @param {OptionChecker} check
 */
function normalizeJsx(jsx, check) {
  if (typeof jsx === 'string') return { runtime: check.oneOf(jsx, JSX_SHORTHANDS, 'transform.jsx') };
  const given = check.object(jsx, JSX_KEYS, 'transform.jsx');
  return withoutAbsent({
    runtime: check.oneOf(given.runtime, JSX_RUNTIMES, 'transform.jsx.runtime'),
    importSource: check.string(given.importSource, 'transform.jsx.importSource'),
    pragma: check.string(given.pragma, 'transform.jsx.pragma'),
    pragmaFrag: check.string(given.pragmaFrag, 'transform.jsx.pragmaFrag'),
    development: check.boolean(given.development, 'transform.jsx.development'),
  });
}

/**
 * @param {unknown} treeshake
 * @param {OptionChecker} check
 */
function normalizeTreeshake(treeshake, check) {
  if (typeof treeshake === 'boolean') return { core: { enabled: treeshake } };
  const given = check.object(treeshake, TREESHAKE_KEYS, 'treeshake');
  const core = withoutAbsent({
    moduleSideEffects: typeof given.moduleSideEffects === 'boolean' ? given.moduleSideEffects : undefined,
    annotations: check.boolean(given.annotations, 'treeshake.annotations'),
    propertyReadSideEffects: check.boolean(given.propertyReadSideEffects, 'treeshake.propertyReadSideEffects'),
    unknownGlobalSideEffects: check.boolean(given.unknownGlobalSideEffects, 'treeshake.unknownGlobalSideEffects'),
  });
  return { core, sideEffects: checkedSideEffects(given.moduleSideEffects, check) };
}

/**
 * @param {unknown} moduleTypes
 * @param {OptionChecker} check
 */
function normalizeModuleTypes(moduleTypes, check) {
  return check.entries(moduleTypes, 'moduleTypes').flatMap(([extension, type]) => {
    const known = check.oneOf(type, MODULE_TYPES, `moduleTypes.${extension}`);
    return known === undefined ? [] : [[extension.startsWith('.') ? extension : `.${extension}`, known]];
  });
}

/**
 * @param {unknown} css
 * @param {OptionChecker} check
 */
function normalizeCss(css, check) {
  const given = check.object(css, CSS_KEYS, 'css');
  return withoutAbsent({
    modulesPattern: check.string(given.modulesPattern, 'css.modulesPattern'),
    modulesCamelCase: check.boolean(given.modulesCamelCase, 'css.modulesCamelCase'),
  });
}

/** Relative to `cwd`. */
export const DEFAULT_CACHE = 'node_modules/.cache/cloudpack';

/**
 * @param {unknown} cache
 * @param {string} cwd
 * @param {OptionChecker} check
 */
function normalizeCache(cache, cwd, check) {
  if (cache === undefined || cache === null || cache === false) return undefined;
  const given = check.object(cache === true ? {} : cache, CACHE_KEYS, 'cache');
  const reuse = check.object(given.reuse, REUSE_KEYS, 'cache.reuse');
  return withoutAbsent({
    dir: path.resolve(cwd, check.string(given.dir, 'cache.dir') ?? DEFAULT_CACHE),
    maxSize: check.count(given.maxSize, 'cache.maxSize', Number.MAX_SAFE_INTEGER),
    readonly: check.boolean(given.readonly, 'cache.readonly'),
    verify: check.boolean(given.verify, 'cache.verify'),
    reuse: withoutAbsent(Object.fromEntries(Object.keys(reuse).map((name) => [name, check.boolean(reuse[name], `cache.reuse.${name}`)]))),
  });
}

/**
 * Read by `watch()`; a single build has no use for it.
 * @param {unknown} watch
 * @param {OptionChecker} check
 */
function checkWatch(watch, check) {
  if (typeof watch === 'boolean') return;
  const given = check.object(watch, WATCH_KEYS, 'watch');
  check.count(given.buildDelay, 'watch.buildDelay');
  check.boolean(given.clearScreen, 'watch.clearScreen');
  check.boolean(given.skipWrite, 'watch.skipWrite');
  for (const name of ['include', 'exclude']) {
    for (const pattern of [given[name] ?? []].flat()) {
      if (typeof pattern === 'string' || pattern instanceof RegExp) continue;
      check.fault(`Option "watch.${name}" holds ${kindOf(pattern)}; it takes globs and regular expressions`);
    }
  }
  if (given.onInvalidate !== undefined && typeof given.onInvalidate !== 'function') {
    check.fault(`Option "watch.onInvalidate" must be a function, but it is ${kindOf(given.onInvalidate)}`);
  }
}

/**
 * A string is an expression as it stands, anything else becomes its literal.
 * @param {unknown} value
 */
function expressionOf(value) {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}

/** @param {string} file */
export function slashed(file) {
  return path.sep === '\\' ? file.replaceAll('\\', '/') : file;
}

/**
 * Absent options must not reach the core: its defaults are its own.
 * @template {Record<string, any>} T
 * @param {T} object
 * @returns {T}
 */
export function withoutAbsent(object) {
  return /** @type {T} */ (Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)));
}

/**
 * @template {string} T
 * @param {T[]} names
 * @returns {Map<unknown, T>}
 */
export function sameNames(names) {
  return new Map(names.map((name) => [name, name]));
}
