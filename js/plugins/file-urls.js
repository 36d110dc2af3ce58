/**
 * `import.meta.ROLLUP_FILE_URL_<reference>`: the URL of an emitted file. Names are known only when chunks are rendered, and
 * not every output format has `import.meta`; so on the way into the core it becomes a free name of the same length (columns of
 * maps stay true), which every format and minifier leaves alone, and in the rendered chunk that name becomes an expression.
 */
import path from 'node:path';

const WRITTEN = /\bimport\.meta\.(ROLLUP_FILE_URL_|ROLLDOWN_FILE_URL_)([\w$]+)/g;
/** `import.meta.` and this prefix have twelve characters each. */
const PREFIX = '__CLOUDPACK_';
const RENDERED = /\b__CLOUDPACK_(?:ROLLUP|ROLLDOWN)_FILE_URL_([\w$]+)/g;

/**
 * @param {string} code
 * @param {import('./emitter.js').FileEmitter} emitter learns which files are mentioned
 */
export function mentionFileUrls(code, emitter) {
  if (!code.includes('import.meta.ROLL')) return code;
  return code.replace(WRITTEN, (_, kind, reference) => {
    emitter.mentioned.add(reference);
    return `${PREFIX}${kind}${reference}`;
  });
}

/**
 * The edits that put URLs into a rendered chunk.
 * @param {string} code
 * @param {(reference: string) => string} fileNameOf
 * @param {string} chunkFileName
 * @param {string} format
 * @returns {import('../output/edits.js').Edit[]}
 */
export function fileUrlEdits(code, fileNameOf, chunkFileName, format) {
  if (!code.includes(PREFIX)) return [];
  return [...code.matchAll(RENDERED)].map((match) => {
    const target = fileNameOf(match[1]);
    const relative = path.posix.relative(path.posix.dirname(chunkFileName), target);
    return { start: match.index, end: match.index + match[0].length, text: urlExpression(relative, target, format) };
  });
}

/**
 * @param {string} relative from the chunk to the file
 * @param {string} target from the output directory to the file
 * @param {string} format
 */
function urlExpression(relative, target, format) {
  const url = JSON.stringify(relative.split('/').map(encodeURIComponent).join('/').replaceAll('%2E', '.'));
  if (format === 'es') return `new URL(${url}, import.meta.url).href`;
  if (format === 'cjs') return `require("node:url").pathToFileURL(__dirname + ${JSON.stringify(`/${relative}`)}).href`;
  // A classic script: beside itself when it is running first, else beside the document.
  const fromRoot = JSON.stringify(target);
  return `new URL(typeof document === "undefined" ? ${fromRoot} : ${url}, typeof document === "undefined" ? self.location.href : document.currentScript && document.currentScript.tagName.toUpperCase() === "SCRIPT" && document.currentScript.src || document.baseURI).href`;
}
