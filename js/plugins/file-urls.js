/**
 * `import.meta.ROLLUP_FILE_URL_<reference>`: the URL of an emitted file. Names are known only when chunks are rendered, and
 * not every output format has `import.meta`; so on the way into the core it becomes a free name of the same length (columns of
 * maps stay true), which every format and minifier leaves alone, and in the rendered chunk that name becomes an expression.
 */
import path from 'node:path';
import { collectHooks } from './hooks.js';
import { callHook } from './run-hooks.js';

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
    emitter.mentioned.add(splitReference(reference).reference);
    return `${PREFIX}${kind}${reference}`;
  });
}

/**
 * Vite 8 puts a number of its own behind a reference, by which it knows the place.
 * @param {string} written
 */
function splitReference(written) {
  const match = /^([\w$]{22})_([0-9a-f]{24})$/.exec(written);
  return match ? { reference: match[1], urlId: match[2] } : { reference: written, urlId: undefined };
}

/**
 * The edits that put URLs into a rendered chunk. The first `resolveFileUrl` hook with an answer decides how one is written.
 * @param {string} code
 * @param {import('../output/render.js').OutputRun} output
 * @param {any} chunk
 * @returns {Promise<import('../output/edits.js').Edit[]>}
 */
export async function fileUrlEdits(code, output, chunk) {
  if (!code.includes(PREFIX)) return [];
  const hooks = collectHooks(output.plugins, 'resolveFileUrl');
  const edits = [];
  for (const match of code.matchAll(RENDERED)) {
    const { reference, urlId } = splitReference(match[1]);
    const fileName = output.emitter.fileName(reference);
    const relativePath = path.posix.relative(path.posix.dirname(chunk.fileName), fileName);
    const details = { chunkId: chunk.fileName, fileName, format: output.format, moduleId: chunk.facadeModuleId ?? '', referenceId: reference, relativePath, urlId };
    let text;
    for (const hook of hooks) text ??= await callHook(hook, output.driver.context(hook.plugin, { output }), [details]);
    edits.push({ start: match.index, end: match.index + match[0].length, text: text ?? urlExpression(relativePath, fileName, output.format) });
  }
  return edits;
}

/** What stands for a hash until the core puts it in, which it finds only as it is. */
const PLACEHOLDER = /(!~\{[0-9a-zA-Z]+\}~)/;

/** @param {string} path */
const encodedPath = (path) => path.split('/').map(encodeURIComponent).join('/').replaceAll('%2E', '.');

/**
 * @param {string} relative from the chunk to the file
 * @param {string} target from the output directory to the file
 * @param {string} format
 */
function urlExpression(relative, target, format) {
  const url = JSON.stringify(relative.split(PLACEHOLDER).map((part, at) => (at % 2 === 1 ? part : encodedPath(part))).join(''));
  if (format === 'es') return `new URL(${url}, import.meta.url).href`;
  if (format === 'cjs') return `require("node:url").pathToFileURL(__dirname + ${JSON.stringify(`/${relative}`)}).href`;
  // A classic script: beside itself when it is running first, else beside the document.
  const fromRoot = JSON.stringify(target);
  return `new URL(typeof document === "undefined" ? ${fromRoot} : ${url}, typeof document === "undefined" ? self.location.href : document.currentScript && document.currentScript.tagName.toUpperCase() === "SCRIPT" && document.currentScript.src || document.baseURI).href`;
}
