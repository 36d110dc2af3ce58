/**
 * What an engine gave, looked at before anything of it is used or written: whatever does not fit is the engine's fault, and is said
 * with the name of the file.
 */
import { Buffer } from 'node:buffer';
import path from 'node:path';
import { kindOf } from '../options/checker.js';
import { mapFault } from '../plugins/source-maps.js';

/** @typedef {import('../types/index.d.ts').EngineFile} EngineFile */
/** @typedef {Record<string, any>} Fields */
/** @typedef {(what: string, hint?: string) => Error} Fault in the name of the engine */

const LISTS = /** @type {const} */ (['modules', 'imports', 'dynamicImports', 'exports']);

/**
 * @param {unknown} files
 * @param {object} plan
 * @param {{ data: Fields, fileName: string }[]} plan.chunks
 * @param {(id: string) => boolean} plan.isPlanned whether a module lies in the plan
 * @param {(text: string) => string[]} plan.mentioned names with a hash that a text mentions
 * @param {boolean} plan.sourcemap
 * @param {Fault} fault
 * @returns {EngineFile[]} with maps that are objects
 */
export function checkedFiles(files, { chunks, isPlanned, mentioned, sourcemap }, fault) {
  if (!Array.isArray(files)) throw fault(`gave ${kindOf(files)} and no list of files`);
  const checked = [...files].map((file) => checkedFile(file, isPlanned, sourcemap, fault));
  checkNames(checked, fault);
  const scripts = new Set(checked.flatMap(({ fileName, code }) => (code === undefined ? [] : [fileName])));
  for (const { data, fileName } of chunks) {
    if (data.isEntry && !scripts.has(fileName)) throw fault(`gave no file for the entry "${data.name}", which was to be "${fileName}"`);
  }
  const names = new Set(checked.map(({ fileName }) => fileName));
  for (const { fileName, code, source } of checked) {
    const missing = mentioned(code ?? textOf(source)).find((name) => !names.has(name));
    if (missing !== undefined) throw fault(`gave the file "${fileName}", which mentions "${missing}", and no file of this name`);
  }
  return checked;
}

/**
 * @param {any} file
 * @param {(id: string) => boolean} isPlanned
 * @param {boolean} sourcemap
 * @param {Fault} fault
 * @returns {EngineFile}
 */
function checkedFile(file, isPlanned, sourcemap, fault) {
  const { fileName, code, source, map } = file ?? {};
  if (typeof fileName !== 'string' || fileName === '') throw fault(`gave ${file === null || typeof file !== 'object' ? kindOf(file) : 'a file without a "fileName"'} among its files`);
  const wrong = (/** @type {string} */ what, /** @type {string} */ hint = '') => fault(`gave the file "${fileName}" ${what}`, hint);
  if ((code === undefined) === (source === undefined)) throw wrong(code === undefined ? 'without "code" and without "source"' : 'with both "code" and "source"');
  if (code !== undefined && typeof code !== 'string') throw wrong(`with code that is ${kindOf(code)}`);
  if (source !== undefined && typeof source !== 'string' && !(source instanceof Uint8Array)) throw wrong(`with a source that is ${kindOf(source)}`);
  /** @type {Record<string, any>} */
  const lists = Object.fromEntries(LISTS.map((list) => [list, file[list]]));
  for (const list of LISTS) {
    const given = lists[list];
    if (given !== undefined && !(Array.isArray(given) && given.every((item) => typeof item === 'string'))) throw wrong(`with "${list}" that is no list of strings`);
  }
  const unknown = lists.modules?.find((/** @type {string} */ id) => !isPlanned(id));
  if (unknown !== undefined) throw wrong(`with the module "${unknown}", which is not in the plan`, 'Modules are named by their "id", not by their "file"');
  // Copied, and read once: what is remembered of a build is nobody else's to change.
  /** @type {any} */
  const copy = { fileName, ...(code === undefined ? { source: typeof source === 'string' ? source : source.slice() } : { code }) };
  for (const list of LISTS) if (lists[list] !== undefined) copy[list] = Object.freeze([...lists[list]]);
  if (map === undefined || map === null) return Object.freeze(copy);
  if (typeof map !== 'string' && typeof map !== 'object') throw wrong(`with a map that is ${kindOf(map)}`);
  if (!sourcemap) return Object.freeze(copy);
  const parsed = typeof map === 'string' ? parsedMap(map) : map;
  const why = parsed === undefined ? 'it is no JSON' : mapFault(parsed);
  if (why !== undefined) throw wrong(`with a map that is no source map: ${why}`, 'A map of version 3 is expected, from the code of the file to the code of modules, whose "file" its "sources" are');
  return Object.freeze({ ...copy, map: structuredClone({ ...parsed }) });
}

/**
 * Bytes, a letter each, in which names stand as they are.
 * @param {string | Uint8Array | undefined} source
 */
export const textOf = (source = '') => (typeof source === 'string' ? source : Buffer.from(source.buffer, source.byteOffset, source.byteLength).toString('latin1'));

/** @param {string} text */
function parsedMap(text) {
  try {
    // As servers send them, maps may begin with a line that keeps them from being scripts.
    return JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, ''));
  } catch {
    return undefined;
  }
}

/**
 * @param {{ fileName: string }[]} files
 * @param {Fault} fault
 */
export function checkNames(files, fault) {
  /** As disks compare them that take `A` and `a` for one. @type {Map<string, string>} */
  const names = new Map();
  for (const { fileName } of files) {
    if (!isInside(fileName)) throw fault(`gave the file ${JSON.stringify(fileName)}, which is no path inside of the output directory`, 'Names are relative, with "/" between parts that are neither empty nor "." or ".."');
    const other = names.get(fileName.toLowerCase());
    if (other !== undefined) throw fault(`gave two files named "${fileName}"${other === fileName ? '' : ` and "${other}", which are one on many disks`}`);
    names.set(fileName.toLowerCase(), fileName);
  }
  for (const { fileName } of files) {
    for (let way = path.posix.dirname(fileName); way !== '.'; way = path.posix.dirname(way)) {
      const file = names.get(way.toLowerCase());
      if (file !== undefined) throw fault(`gave the file "${fileName}" and the file "${file}", which cannot be a directory too`);
    }
  }
}

/** @param {string} fileName */
function isInside(fileName) {
  // Letters that no disk or no URL has, and drives.
  if (/[\0-\x1f\x7f\\]/.test(fileName) || /^[a-z]:/i.test(fileName)) return false;
  return fileName.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
