/** What a module's text is, seen from a plugin: the names of `ModuleType` in options.rs. */
import { MODULE_TYPES } from '../options/input-options.js';

const SCRIPTS = new Set(['js', 'jsx', 'ts', 'tsx']);
const BYTES = new Set(['asset', 'dataurl', 'file', 'binary', 'base64']);
const BY_EXTENSION = new Map([['mjs', 'js'], ['cjs', 'js'], ['mts', 'ts'], ['cts', 'ts'], ['htm', 'html']]);

/** @param {string} type */
export function isScript(type) {
  return SCRIPTS.has(type);
}

/** Types that other bundlers have under another name, or have not: there everything is JavaScript at the end. */
const IN_HOSTS = new Map([['html', 'js'], ['module.css', 'css'], ['file', 'asset']]);

/** @param {string} type */
export function typeInHosts(type) {
  return IN_HOSTS.get(type) ?? type;
}

/** @param {string} type */
export function isReadAsBytes(type) {
  return BYTES.has(type);
}

/**
 * `App.vue?vue&type=style&lang.css`, `lang.module.css`: how compilers of component files name the language of a part.
 * @param {string} id
 */
export function moduleTypeOfQuery(id) {
  const extension = /\?.*\blang[.=]((?:module\.)?\w+)$/s.exec(id)?.[1] ?? '';
  const type = BY_EXTENSION.get(extension) ?? extension;
  return MODULE_TYPES.has(type) ? type : undefined;
}

/**
 * The type that a hook gave; without one, a guess from the id for a module that the core has not seen yet.
 * @param {string | null | undefined} given
 * @param {string} id
 * @returns {string}
 */
export function moduleTypeOf(given, id) {
  if (given !== undefined && given !== null) return given;
  const extension = /\.(\w+)(?:[?#].*)?$/s.exec(id)?.[1]?.toLowerCase() ?? 'js';
  const known = BY_EXTENSION.get(extension) ?? extension;
  return MODULE_TYPES.has(known) ? known : 'js';
}

const LEADING_COMMENTS = /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/|(["'])use [a-z]+\1;?)*/;
const SCRIPT_START = new RegExp(
  [
    String.raw`import\s*["'{*(]`,
    String.raw`import\s+[\w$]+(?:\s*,|\s+from\s*["'])`,
    String.raw`export\s*[{*]`,
    String.raw`export\s+(?:default|const|let|var|function|class|async)\b`,
    String.raw`(?:const|let|var)\s+[\w$]+\s*=`,
    String.raw`(?:const|let|var)\s*[{[]`,
    String.raw`(?:async\s+)?function\s+[\w$]+\s*\(`,
    String.raw`module\.exports\s*=`,
  ].join('|'),
  'y',
);

/**
 * A plugin written for Rollup turns `.svg`, `.css`, `.json` or `.md` into JavaScript without saying so, because there everything
 * is JavaScript at the end; one written for Rolldown says `moduleType`. This guesses from how the text begins:
 * `import x from`, `export default`, `const a =` begin none of those languages.
 * @param {string} code
 */
export function speaksScript(code) {
  SCRIPT_START.lastIndex = LEADING_COMMENTS.exec(code)?.[0].length ?? 0;
  return SCRIPT_START.test(code);
}
