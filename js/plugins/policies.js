/**
 * Which hooks give answers that may be kept, by the plugin's name. Nobody can tell from outside what a hook rests on, so that only
 * those count that are known; a user may name others (`cache.include`) and take some out (`cache.exclude`).
 */

/**
 * `pure`: the answer rests on the module's text and on files that it reads or declares.
 * `silent`: so does the answer that it has none; one that it has rests on what the plugin keeps in memory.
 * `replay`: the answer may be kept, and the hook is called all the same for what it keeps in memory.
 * `plain-css`: `pure` for style sheets that name no other file and no tool.
 * `resolver`: an answer that the core's own resolver can check.
 * `configured`: `pure`, for what options say that nobody can see; those are in the configuration's files, if these tell all.
 * `live`: nothing is known.
 * @typedef {'pure' | 'silent' | 'replay' | 'plain-css' | 'resolver' | 'configured' | 'live'} Policy
 */

/** @type {[RegExp, Partial<Record<'resolveId' | 'load' | 'transform', Policy>>][]} */
const KNOWN = [
  [/^cloudpack:/, { resolveId: 'pure', load: 'pure', transform: 'pure' }],
  // It asks others about what it makes of a request.
  [/^alias$/, { resolveId: 'configured' }],
  // Rollup's command line has it where something could be piped in.
  [/^stdin$/, { resolveId: 'silent', load: 'silent' }],
  [/^node-resolve$/, { resolveId: 'resolver', load: 'silent' }],
  [/^typescript$/, { resolveId: 'resolver', load: 'configured' }],
  [/^(?:json|replace|babel)$/, { resolveId: 'silent', load: 'silent', transform: 'configured' }],
  [/^(?:builtin:vite-resolve|vite:resolve)$/, { resolveId: 'resolver', load: 'silent' }],
  [/^(?:vite:(?:oxc|esbuild|json|define|build-import-analysis)|builtin:vite-json)$/, { transform: 'pure' }],
  [/^vite:css$/, { load: 'silent', transform: 'plain-css' }],
  [/^vite:css-post$/, { transform: 'replay' }],
  [/^vite:vue(?:-jsx)?$|^vite-plugin-svelte(?::.*)?$/, { load: 'pure', transform: 'pure' }],
  [/^solid$|^vite:preact-jsx$|^vite:react-(?:babel|refresh|swc)$|^vite-plugin-svgr$/, { load: 'pure', transform: 'pure' }],
  [/^(?:vite|builtin):/, { resolveId: 'silent', load: 'silent', transform: 'silent' }],
];

/** Parts of a component file, and helpers, which its compiler names. */
const OF_A_COMPONENT = /[?&](?:vue|svelte)\b|^\0plugin-vue:/;

/**
 * @param {import('./hooks.js').Hook} hook
 * @param {string} subject id, or what is asked for
 * @param {{ include: string[], exclude: string[] }} named by the user
 * @returns {Policy}
 */
export function policyOf({ plugin, name }, subject, { include, exclude }) {
  if (exclude.includes(plugin.name)) return 'live';
  if (include.includes(plugin.name)) return 'pure';
  if (name === 'resolveId' && OF_A_COMPONENT.test(subject) && /^vite:vue$|^vite-plugin-svelte/.test(plugin.name)) return 'pure';
  const known = KNOWN.find(([names]) => names.test(plugin.name))?.[1];
  return known?.[/** @type {'load'} */ (name)] ?? 'live';
}

/**
 * Whether a plugin wants to be asked about modules that are kept. What it would say rests on its memory, so nothing is kept.
 * @param {import('./hooks.js').Plugin} plugin
 * @param {{ include: string[] }} named by the user
 */
export function isDoubting(plugin, { include }) {
  const { shouldTransformCachedModule } = /** @type {Record<string, any>} */ (plugin);
  return Boolean(shouldTransformCachedModule) && !include.includes(plugin.name) && !KNOWN.some(([names]) => names.test(plugin.name));
}

const NAMES_OTHERS = /@import|@use|@forward|@config|@plugin|@tailwind|@apply|@reference|@source|@theme|@value|\burl\(|image-set|\bcomposes\b|sourceMappingURL/;

/**
 * Whether what Vite makes of a style sheet rests on nothing but its text.
 * @param {string} id
 * @param {string} code
 */
export function isPlainCss(id, code) {
  return /\.css(?:$|\?)/.test(id) && !NAMES_OTHERS.test(code);
}

/** References to files that mean something in one process only. */
const PRIVATE = /__VITE_(?:PUBLIC_ASSET|ASSET|WORKER_ASSET)__|(?:ROLLUP|ROLLDOWN)_FILE_URL_/;

/** @param {string} code */
export function hasPrivateNames(code) {
  return PRIVATE.test(code);
}
