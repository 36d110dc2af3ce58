/**
 * Hook filters, twice: as a test that JavaScript runs before each call of a hook, and as what the core is told so that
 * a module nobody wants never crosses. The core may be told less than the truth (a pattern it cannot evaluate is
 * left out), never more: then a module crosses in vain, and the test here says no.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { MODULE_TYPES, slashed } from '../options/input-options.js';
import { corePatternOf, matches } from '../options/patterns.js';
import { invalidHook } from './hooks.js';

/** @typedef {import('./hooks.js').Hook} Hook */
/** @typedef {import('../options/patterns.js').CorePattern} CorePattern */
/** @typedef {(subject: { id: string, code?: string, moduleType?: string }) => boolean} FilterTest */
/** @typedef {{ test: (text: string) => boolean, core: CorePattern | null }} CompiledPattern */
/** @typedef {'specifier' | 'id' | 'code'} Subject what the patterns are held against */

/**
 * @typedef {object} CompiledFilter
 * @property {FilterTest} test
 * @property {Record<string, unknown>} core `HookFilter` in protocol.rs
 */

/** Loaded with the first glob. @type {typeof import('picomatch') | undefined} */
let picomatchModule;

function picomatch() {
  picomatchModule ??= /** @type {typeof import('picomatch')} */ (createRequire(import.meta.url)('picomatch'));
  return picomatchModule;
}

/** @type {CompiledFilter} */
const EVERYTHING = { test: () => true, core: {} };

/**
 * @param {Hook} hook
 * @param {string} cwd
 * @returns {CompiledFilter}
 */
export function compileFilter(hook, cwd) {
  const { filter } = hook;
  if (filter === undefined || filter === null) return EVERYTHING;
  if (Array.isArray(filter) || typeof filter !== 'object') {
    throw invalidHook(hook.plugin, hook.name, 'its filter must be an object with id, code or moduleType');
  }
  const id = compileSides(filter.id, hook.name === 'resolveId' ? 'specifier' : 'id', cwd, hook);
  const code = compileSides(filter.code, 'code', cwd, hook);
  const moduleTypes = moduleTypesOf(filter.moduleType);
  return {
    test: (subject) =>
      id.test(subject.id) &&
      (subject.moduleType === undefined || !moduleTypes || moduleTypes.includes(subject.moduleType)) &&
      (subject.code === undefined || code.test(subject.code)),
    core: {
      idInclude: id.include,
      idExclude: id.exclude,
      codeInclude: code.include,
      codeExclude: code.exclude,
      moduleTypes: moduleTypes?.every((type) => MODULE_TYPES.has(type)) ? moduleTypes : [],
    },
  };
}

/**
 * Those that the core is to know.
 * @param {{ coreFilter: object | undefined }[]} hooks
 */
export function coreFiltersOf(hooks) {
  return hooks.flatMap((hook) => hook.coreFilter ?? []);
}

/**
 * @param {any} given pattern, list of patterns, or `{ include, exclude }`
 * @param {Subject} subject
 * @param {string} cwd
 * @param {Hook} hook
 */
function compileSides(given, subject, cwd, hook) {
  if (given !== undefined && given !== null && typeof given !== 'string' && typeof given !== 'object') throw notPatterns(hook);
  const sides = isPattern(given) || Array.isArray(given) ? { include: given } : (given ?? {});
  const include = compileList(sides.include, subject, cwd, hook, true);
  const exclude = compileList(sides.exclude, subject, cwd, hook, false);
  return {
    test: (/** @type {string} */ text) =>
      !exclude.some((pattern) => pattern.test(text)) &&
      (include.length === 0 || include.some((pattern) => pattern.test(text))),
    // One include that the core cannot evaluate makes the whole list useless to it; an exclude can be left out alone.
    include: include.every((pattern) => pattern.core) ? include.map((pattern) => pattern.core) : [],
    exclude: exclude.flatMap((pattern) => pattern.core ?? []),
  };
}

/**
 * @param {any} given
 * @param {Subject} subject
 * @param {string} cwd
 * @param {Hook} hook
 * @param {boolean} mayWiden
 * @returns {CompiledPattern[]}
 */
function compileList(given, subject, cwd, hook, mayWiden) {
  if (given === undefined || given === null) return [];
  return [given].flat().map((pattern) => {
    if (!isPattern(pattern)) throw notPatterns(hook);
    if (pattern instanceof RegExp) return { test: (text) => matches(pattern, text), core: corePatternOf(pattern, { mayWiden }) };
    if (subject === 'code') return { test: (text) => text.includes(pattern), core: { exact: pattern } };
    return subject === 'specifier' ? specifierPattern(pattern) : idPattern(pattern, cwd);
  });
}

/** @param {Hook} hook */
function notPatterns(hook) {
  return invalidHook(hook.plugin, hook.name, 'its filter holds something else than strings and regular expressions');
}

/**
 * A string in a `resolveId` filter is a specifier, or a glob over specifiers; no directory is put in front of it.
 * @param {string} pattern
 * @returns {CompiledPattern}
 */
function specifierPattern(pattern) {
  if (picomatch().scan(pattern).isGlob) return globPattern(pattern);
  return { test: (text) => text === pattern, core: { exact: pattern } };
}

/**
 * A string in a filter of `load` or `transform` is a glob; a relative one starts at the working directory.
 * @param {string} pattern
 * @param {string} cwd
 * @returns {CompiledPattern}
 */
function idPattern(pattern, cwd) {
  const glob = slashed(pattern);
  if (pattern.startsWith('**') || pattern.startsWith('\0') || path.isAbsolute(pattern)) return globPattern(glob);
  return globPattern(path.posix.join(escapeGlob(slashed(cwd)), glob));
}

/**
 * @param {string} glob
 * @returns {CompiledPattern}
 */
function globPattern(glob) {
  const test = picomatch()(glob, { dot: true });
  // Extended globs, negation and POSIX classes are read differently from tool to tool.
  const simple = !/[!(|)\\]|\[:/.test(glob);
  return { test: (text) => test(slashed(text)), core: simple ? { glob } : null };
}

/** @param {string} directory */
function escapeGlob(directory) {
  return directory.replace(/[[\]{}()*?!|]/g, '\\$&');
}

/**
 * @param {any} given
 * @returns {string[] | undefined}
 */
function moduleTypesOf(given) {
  if (given === undefined || given === null) return undefined;
  const include = typeof given === 'object' && !Array.isArray(given) ? given.include : given;
  return include === undefined ? undefined : [include].flat();
}

/**
 * @param {unknown} value
 * @returns {value is string | RegExp}
 */
function isPattern(value) {
  return typeof value === 'string' || value instanceof RegExp;
}
