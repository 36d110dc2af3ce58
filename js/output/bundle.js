/**
 * The files of one output as plugins and callers see them: Rollup's `OutputChunk` and `OutputAsset`. Code, maps and sources
 * are fetched from the core when somebody reads them; what plugins changed is found by comparing at the end.
 */

/** @typedef {import('../types/index.d.ts').OutputChunk} OutputChunk */
/** @typedef {import('../types/index.d.ts').OutputAsset} OutputAsset */
/** @typedef {OutputChunk | OutputAsset} OutputFile */
/** @typedef {InstanceType<import('../binding.js').Binding['Bundle']>} CoreBundle */

/** Text that plugins expect as strings; other assets are bytes. */
const TEXT = /\.(?:css|html?|js|mjs|cjs|json|map|svg|txt|xml|webmanifest|md)$/i;

/**
 * The fields of a chunk, without code and map.
 * @param {any} data `OutputChunk` in output.rs
 * @returns {Record<string, any>}
 */
export function chunkFields(data) {
  return {
    ...chunkFieldsWithoutModules(data),
    modules: Object.fromEntries(data.moduleIds.map((/** @type {string} */ id, /** @type {number} */ index) => [id, { code: null, ...data.modules[index] }])),
  };
}

/**
 * The same without an object for each module, of which there are many.
 * @param {any} data
 * @returns {Record<string, any>}
 */
export function chunkFieldsWithoutModules({ modules: _, importedBindings, ...rest }) {
  return { type: 'chunk', ...rest, isImplicitEntry: false, implicitlyLoadedBefore: [], importedBindings: Object.fromEntries(importedBindings) };
}

/**
 * Completes a chunk object, which may have been in the hands of `renderChunk` before.
 * @param {Record<string, any>} chunk
 * @param {CoreBundle} bundle
 * @param {number} index
 * @returns {OutputChunk}
 */
export function fillChunk(chunk, bundle, index) {
  lazy(chunk, 'code', () => bundle.code(index));
  lazy(chunk, 'map', () => sourceMapOf(bundle.map(index)));
  return /** @type {OutputChunk} */ (chunk);
}

/**
 * @param {any} data
 * @param {CoreBundle} bundle
 * @param {number} index
 * @returns {OutputAsset}
 */
export function lazyAsset(data, bundle, index) {
  const asset = assetFields(data);
  lazy(asset, 'source', () => {
    const bytes = bundle.source(index);
    return TEXT.test(data.fileName) ? bytes.toString('utf8') : new Uint8Array(bytes);
  });
  return /** @type {OutputAsset} */ (asset);
}

/**
 * A file of an earlier build: nothing but its name is known before somebody asks.
 * @param {{ kept: 'chunk' | 'asset', fileName: string }} data
 * @param {CoreBundle} bundle
 * @param {number} index
 * @returns {OutputFile}
 */
export function keptFile({ kept, fileName }, bundle, index) {
  /** @type {Record<string, any> | undefined} */
  let fields;
  const describe = () => {
    if (fields) return fields;
    const data = JSON.parse(bundle.description(index));
    return (fields = kept === 'chunk' ? chunkFields(data) : assetFields({ fileName, ...data }));
  };
  const file = /** @type {Record<string, any>} */ (kept === 'chunk' ? { type: 'chunk', fileName } : lazyAsset({ fileName }, bundle, index));
  const keys = kept === 'chunk' ? CHUNK_KEYS : ['name', 'names', 'originalFileName', 'originalFileNames'];
  for (const key of keys) lazy(file, key, () => describe()[key]);
  return kept === 'chunk' ? fillChunk(file, bundle, index) : /** @type {OutputAsset} */ (file);
}

/** What `chunkFields` gives besides type and file name. */
const CHUNK_KEYS = [
  'preliminaryFileName', 'name', 'isEntry', 'isDynamicEntry', 'facadeModuleId', 'moduleIds', 'exports', 'imports', 'dynamicImports',
  'referencedFiles', 'cssFileName', 'sourcemapFileName', 'isImplicitEntry', 'implicitlyLoadedBefore', 'importedBindings', 'modules',
];

/**
 * @param {{ fileName: string, names?: string[], originalFileNames?: string[] }} data
 * @returns {Record<string, any>}
 */
export function assetFields({ fileName, names = [], originalFileNames = [] }) {
  return {
    type: 'asset', fileName, name: names[0], names, needsCodeReference: false,
    originalFileName: originalFileNames[0] ?? null, originalFileNames,
  };
}

/**
 * A property that is fetched on the first read and is a plain one from then on, or from the first write.
 * @param {object} target
 * @param {string} key
 * @param {() => unknown} read
 */
export function lazy(target, key, read) {
  const settle = (/** @type {unknown} */ value) => {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
    return value;
  };
  Object.defineProperty(target, key, {
    enumerable: true, configurable: true,
    get: () => settle(read()),
    set: settle,
  });
}

/**
 * Whether a lazy property was ever read or written; if not, it is what the core has.
 * @param {object} target
 * @param {string} key
 */
function isTouched(target, key) {
  return Object.getOwnPropertyDescriptor(target, key)?.get === undefined;
}

/** @param {string | null} json */
export function sourceMapOf(json) {
  if (json === null) return null;
  const map = JSON.parse(json);
  Object.defineProperties(map, {
    toString: { value: () => JSON.stringify(map), enumerable: false },
    toUrl: {
      value: () => `data:application/json;charset=utf-8;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`,
      enumerable: false,
    },
  });
  return map;
}

/**
 * What plugins did to the bundle, as the core's writer needs it.
 * @param {Map<number, OutputFile>} original by index in the core's bundle
 * @param {OutputFile[]} files of the bundle now
 * @param {CoreBundle} bundle
 * @returns {{ removed: number[], added: { fileName: string, source: Buffer, chunk?: string }[] }}
 */
export function changesOf(original, files, bundle) {
  const present = new Set(files);
  const kept = new Set();
  /** @type {number[]} */
  const removed = [];
  for (const [index, file] of original) {
    if (present.has(file) && isUnchanged(file, bundle, index)) kept.add(file);
    else removed.push(index);
  }
  const added = files
    .filter((file) => !kept.has(file))
    .map((file) => ({
      fileName: file.fileName, source: Buffer.from(file.type === 'chunk' ? file.code : /** @type {any} */ (file.source)),
      ...(file.type === 'chunk' && { chunk: descriptionOf(file) }),
    }));
  return { removed, added };
}

/**
 * What `chunkFields` was made of, as JSON.
 * @param {Record<string, any>} chunk
 */
function descriptionOf(chunk) {
  const fields = Object.fromEntries(CHUNK_KEYS.map((key) => [key, chunk[key]]));
  const modules = Object.values(chunk.modules ?? {}).map(({ code: _, ...rest }) => rest);
  return JSON.stringify({ ...fields, fileName: chunk.fileName, modules, importedBindings: Object.entries(chunk.importedBindings ?? {}) });
}

/**
 * @param {OutputFile} file
 * @param {CoreBundle} bundle
 * @param {number} index
 */
function isUnchanged(file, bundle, index) {
  if (file.fileName !== bundle.fileName(index)) return false;
  if (file.type === 'chunk') return !isTouched(file, 'code') || file.code === bundle.code(index);
  return !isTouched(file, 'source') || Buffer.from(/** @type {any} */ (file.source)).equals(bundle.source(index));
}
