/**
 * One entry of `output`: the part the core reads and the part that JavaScript keeps (functions, plugins).
 */
import { kindOf } from './checker.js';
import { normalizeCodeSplitting } from './code-splitting.js';

/**
 * What stays in JavaScript of one output.
 * @typedef {object} LocalOutput
 * @property {Record<string, any>} options as the user wrote them; every output hook of this output gets this one object
 * @property {import('./code-splitting.js').LocalChunks} [chunks] what decides about chunks in JavaScript
 * @property {Record<AddonName, import('../types/index.d.ts').AddonFunction | undefined>} addons only those that are functions
 */
/** @typedef {'banner' | 'footer' | 'intro' | 'outro'} AddonName */

/** @type {readonly AddonName[]} */
export const ADDONS = ['banner', 'footer', 'intro', 'outro'];

const OUTPUT_KEYS = [
  'dir', 'file', 'format', 'entryFileNames', 'chunkFileNames', 'assetFileNames', 'sourcemap', 'minify', ...ADDONS,
  'exports', 'esModule', 'generatedCode', 'extend', 'interop', 'name', 'globals', 'codeSplitting', 'manualChunks', 'preserveModules', 'preserveModulesRoot', 'cleanDir', 'legalComments', 'chunkImportMap', 'plugins',
];
const FORMATS = new Map([
  ['es', 'es'], ['esm', 'es'], ['module', 'es'], ['cjs', 'cjs'], ['commonjs', 'cjs'], ['iife', 'iife'], ['umd', 'umd'],
]);
const SOURCEMAPS = new Map(/** @type {[unknown, string][]} */ ([[false, 'none'], [true, 'file'], ['inline', 'inline'], ['hidden', 'hidden']]));
const MINIFY = new Map(/** @type {[unknown, string][]} */ ([[false, 'none'], [true, 'thin'], ['thin', 'thin'], ['full', 'full']]));
const EXPORTS = new Map(['auto', 'named', 'default', 'none'].map((name) => [name, name]));
const ES_MODULE = new Map(/** @type {[unknown, string][]} */ ([[true, 'always'], [false, 'never'], ['if-default-prop', 'if-default-prop']]));
const INTEROP = new Map(['auto', 'default'].map((name) => [name, name]));
const LEGAL_COMMENTS = new Map(['inline', 'none'].map((name) => [name, name]));

/**
 * @param {unknown} output
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 * @returns {{ core: Record<string, any>, local: LocalOutput }}
 */
export function normalizeOutput(output, where, check) {
  const given = check.object(output, OUTPUT_KEYS, where);
  if (given.dir && given.file) {
    check.fault(`Options "${where}.dir" and "${where}.file" exclude each other`, 'Use "file" for exactly one chunk, "dir" otherwise');
  }
  const chunks = normalizeCodeSplitting(given, where, check);
  /** @type {Record<string, any>} */
  const core = {
    dir: check.string(given.dir, `${where}.dir`),
    file: check.string(given.file, `${where}.file`),
    format: check.oneOf(given.format, FORMATS, `${where}.format`),
    entryFileNames: check.string(given.entryFileNames, `${where}.entryFileNames`),
    chunkFileNames: check.string(given.chunkFileNames, `${where}.chunkFileNames`),
    assetFileNames: check.string(given.assetFileNames, `${where}.assetFileNames`),
    sourcemap: check.oneOf(given.sourcemap, SOURCEMAPS, `${where}.sourcemap`),
    minify: check.oneOf(given.minify, MINIFY, `${where}.minify`),
    exports: check.oneOf(given.exports, EXPORTS, `${where}.exports`),
    esModule: check.oneOf(given.esModule, ES_MODULE, `${where}.esModule`),
    symbols: normalizeSymbols(given.generatedCode, `${where}.generatedCode`, check),
    extend: check.boolean(given.extend, `${where}.extend`),
    interop: check.oneOf(given.interop, INTEROP, `${where}.interop`),
    name: check.string(given.name, `${where}.name`),
    globals: normalizeGlobals(given.globals, where, check),
    codeSplitting: chunks.core,
    preserveModules: check.boolean(given.preserveModules, `${where}.preserveModules`),
    preserveModulesRoot: check.string(given.preserveModulesRoot, `${where}.preserveModulesRoot`),
    cleanDir: check.boolean(given.cleanDir, `${where}.cleanDir`),
    legalComments: check.oneOf(given.legalComments, LEGAL_COMMENTS, `${where}.legalComments`),
    chunkImportMap: normalizeImportMap(given.chunkImportMap, `${where}.chunkImportMap`, check),
  };
  /** @type {LocalOutput['addons']} */
  const addons = { banner: undefined, footer: undefined, intro: undefined, outro: undefined };
  for (const addon of ADDONS) {
    const value = given[addon];
    if (typeof value === 'function') addons[addon] = value;
    else if (value === undefined || value === null || typeof value === 'string') core[addon] = value ?? undefined;
    else check.fault(`Option "${where}.${addon}" must be a string or a function, but it is ${kindOf(value)}`);
  }
  for (const key of Object.keys(core)) if (core[key] === undefined) delete core[key];
  return { core, local: { options: { ...given, format: core.format ?? 'es' }, addons, chunks: chunks.local } };
}

/**
 * @param {unknown} given
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 */
function normalizeImportMap(given, where, check) {
  if (given === undefined || given === false) return undefined;
  if (given === true) return {};
  const { baseUrl, fileName } = check.object(given, ['baseUrl', 'fileName'], where);
  return { baseUrl: check.string(baseUrl, `${where}.baseUrl`), fileName: check.string(fileName, `${where}.fileName`) };
}

/**
 * @param {unknown} given
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 */
function normalizeSymbols(given, where, check) {
  if (given === undefined) return undefined;
  const symbols = check.boolean(check.object(given, ['symbols'], where).symbols, `${where}.symbols`);
  return symbols === undefined ? undefined : symbols ? 'all' : 'none';
}

/**
 * @param {unknown} globals
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 */
function normalizeGlobals(globals, where, check) {
  if (globals === undefined) return undefined;
  return check.entries(globals, `${where}.globals`).flatMap(([specifier, variable]) => {
    const text = check.string(variable, `${where}.globals.${specifier}`);
    return text === undefined ? [] : [[specifier, text]];
  });
}
