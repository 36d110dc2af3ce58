/**
 * What of the work of Vite's native plugins the core does itself, told by their options. An option that the core would not
 * honour leaves the work to the plugin's JavaScript form: then the modules and requests that it wants cross.
 */
import { corePatternOf } from '../options/patterns.js';

/** @typedef {Record<string, any>} Options */
/** @typedef {import('../plugins/hooks.js').Plugin} Plugin */
/** @typedef {import('../plugins/hooks.js').Role} Role */

/**
 * @typedef {object} NativeWork
 * @property {object} [requests] `HostRequests` in protocol.rs: relative requests and plain aliases are the core's
 * @property {Options} [resolve] how, in the words of `build()`
 * @property {Options} [jsx] TypeScript and JSX are the core's
 * @property {Map<string, Record<string, Role>>} roles by the name of a plugin of Vite
 */

/** Code that these look for may be written with other spaces before types are gone, which is also when comments go. */
const IMPORT_CALL = /\bimport\s*[(/]/;
const META_URL = /\bimport\s*\.\s*meta\s*\.\s*url\b/;
const META_GLOB = /\bimport\s*\.\s*meta\s*\.\s*glob/;

/** @type {[string, Record<string, Role>][]} */
const ROLES = [
  ['builtin:vite-resolve', { load: { id: /^\0|__vite-/ } }],
  ['builtin:vite-json', { transform: { id: /\.json(?:$|\?)/ } }],
  ['builtin:vite-dynamic-import-vars', { transform: { code: IMPORT_CALL } }],
  ['builtin:vite-import-glob', { transform: { code: META_GLOB } }],
  ['builtin:vite-build-import-analysis', { transform: { code: IMPORT_CALL } }],
  ['vite:worker-import-meta-url', { transform: { code: META_URL } }],
  ['vite:asset-import-meta-url', { transform: { code: META_URL } }],
];

/**
 * @param {Plugin[]} plugins before they are adapted
 * @param {Options} given options of the build
 * @returns {NativeWork}
 */
export function nativeWork(plugins, given) {
  const optionsOf = (/** @type {string} */ name) => /** @type {any} */ (plugins.find((plugin) => plugin.name === name))?._options;
  const resolve = resolveOptions(optionsOf('builtin:vite-resolve'));
  const requests = resolve && hostRequests(optionsOf('builtin:vite-alias'), given);
  const jsx = jsxOptions(optionsOf('builtin:vite-transform'));
  const roles = new Map(ROLES);
  if (requests) {
    for (const name of ['builtin:vite-alias', 'builtin:vite-resolve']) roles.set(name, { ...roles.get(name), resolveId: 'done' });
  }
  if (jsx) roles.set('builtin:vite-transform', { transform: 'compiles' });
  return { requests, resolve: requests && resolve, jsx, roles };
}

/** @param {Options | undefined} options of `builtin:vite-resolve` */
function resolveOptions(options) {
  if (!options || options.yarnPnp) return undefined;
  const { isBuild, isBundled, tryIndex, tryPrefix, preferRelative, scan, extensions, preserveSymlinks } = options.resolveOptions;
  if (!isBuild || !isBundled || !tryIndex || tryPrefix || preferRelative || scan) return undefined;
  return { extensions, symlinks: !preserveSymlinks };
}

/**
 * @param {Options | undefined} alias options of `builtin:vite-alias`; another plugin of aliases says itself what it wants
 * @param {Options} given
 */
function hostRequests(alias, { external, treeshake }) {
  const sideEffects = treeshake?.moduleSideEffects;
  if (sideEffects !== undefined && sideEffects !== true) return undefined;
  const externals = patternsOf([external ?? []].flat().filter(Boolean));
  const entries = /** @type {Options[]} */ (alias?.entries ?? []);
  const finds = patternsOf(entries.map((entry) => entry.find));
  if (!externals || !finds) return undefined;
  return {
    external: externals,
    alias: entries.map(({ find, replacement }, index) => {
      // `$` in a replacement has a meaning in JavaScript.
      const isPlain = typeof find === 'string' && typeof replacement === 'string' && !replacement.includes('$');
      return { find: finds[index], ...(isPlain && { replacement }) };
    }),
  };
}

/** @param {unknown[]} given */
function patternsOf(given) {
  const patterns = given.map((one) => {
    if (typeof one === 'string') return { exact: one };
    return one instanceof RegExp ? corePatternOf(one, { mayWiden: true }) : null;
  });
  return patterns.every((pattern) => pattern !== null) ? patterns : undefined;
}

const JSX = new Set(['runtime', 'importSource', 'pragma', 'pragmaFrag', 'development']);

/**
 * @param {Options | undefined} options of `builtin:vite-transform`
 * @returns {Options | undefined} `transform.jsx` of `build()`
 */
function jsxOptions(options) {
  if (!options || options.tsconfig !== undefined || options.jsxInject || options.yarnPnp) return undefined;
  const isDefault = (/** @type {unknown} */ given, /** @type {string} */ source) =>
    [given].flat().every((pattern) => pattern instanceof RegExp && pattern.source === source && pattern.flags === '');
  if (!isDefault(options.include, '\\.(m?ts|[jt]sx)$') || !isDefault(options.exclude, '\\.js$')) return undefined;
  const { jsx = {}, sourcemap: _, ...others } = options.transformOptions ?? {};
  if (Object.values(others).some((value) => value !== undefined) || typeof jsx !== 'object') return undefined;
  const { refresh, ...rest } = jsx;
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  if (refresh || given.some(([name]) => !JSX.has(name))) return undefined;
  return Object.fromEntries(given);
}
