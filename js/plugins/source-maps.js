/**
 * Source maps over a chain of hooks. The library that joins maps is loaded when the first hook returned one.
 */
import { createRequire } from 'node:module';
import path from 'node:path';

/** @typedef {{ version: number, sources: (string | null)[], sourcesContent?: (string | null)[], names: string[], mappings: any, sourceRoot?: string, file?: string }} RawMap */
/**
 * One step of a chain: a map from the step's result to its input, or null where positions did not change, or `broken`
 * where a hook changed code and gave no map.
 * @typedef {RawMap | 'broken'} Step
 */

/** Not by `import()`: `this.getCombinedSourcemap()` answers at once. */
const load = createRequire(import.meta.url);

function loadRemapping() {
  const module = load('@jridgewell/remapping');
  return /** @type {typeof import('@jridgewell/remapping').default} */ (module.default ?? module);
}

/**
 * What a hook returned as `map`. `undefined` says that the hook did not care: the chain is broken, as it is by mappings that nobody can
 * read. `null` and an object without mappings say that there is nothing to map.
 * @param {unknown} map
 * @param {(why: unknown) => Error} fault of what is no source map at all
 * @returns {Step | null}
 */
export function stepOf(map, fault) {
  if (map === undefined) return 'broken';
  if (map === null || map === false || map === '') return null;
  const raw = typeof map === 'string' ? parsed(map, fault) : /** @type {any} */ (map);
  if (typeof raw !== 'object') throw fault(`it is a ${typeof raw}`);
  if (!raw || raw.mappings === undefined || raw.mappings === '') return null;
  const step = { version: 3, sources: raw.sources?.length === 0 ? [null] : (raw.sources ?? [null]), sourcesContent: raw.sourcesContent, names: raw.names ?? [],
    mappings: raw.mappings, sourceRoot: raw.sourceRoot, file: raw.file };
  return isSound(step) ? step : 'broken';
}

/**
 * @param {string} text
 * @param {(why: unknown) => Error} fault
 */
function parsed(text, fault) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fault(error);
  }
}

/**
 * Whether every position is of one of the sources. Whoever reads the map later takes that for granted.
 * @param {RawMap} map
 */
function isSound({ mappings, sources, names }) {
  if (!Array.isArray(sources) || !Array.isArray(names)) return false;
  if (typeof mappings === 'string' && !/^[\w+/,;]*$/.test(mappings)) return false;
  if (typeof mappings !== 'string' && !Array.isArray(mappings)) return false;
  try {
    const lines = typeof mappings === 'string' ? decoded(mappings) : mappings;
    return lines.every((/** @type {number[][]} */ line) =>
      line.every(([column, source = 0, at = 0, place = 0]) => column >= 0 && source >= 0 && source < Math.max(1, sources.length) && at >= 0 && place >= 0));
  } catch {
    return false;
  }
}

/**
 * Why an object is no source map that positions can be taken from.
 * @param {any} map
 * @returns {string | undefined}
 */
export function mapFault(map) {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return `it is ${map === null ? 'null' : Array.isArray(map) ? 'an array' : `a ${typeof map}`}`;
  if (map.sections !== undefined) return 'it has "sections"';
  if (map.version !== 3) return `its "version" is ${JSON.stringify(map.version)}`;
  const { sources, names = [], sourcesContent } = map;
  const isList = (/** @type {unknown} */ list) => Array.isArray(list) && list.every((item) => item === null || typeof item === 'string');
  if (!isList(sources)) return 'its "sources" are no list of names';
  if (!isList(names)) return 'its "names" are no list of names';
  if (sourcesContent !== undefined && sourcesContent !== null && !isList(sourcesContent)) return 'its "sourcesContent" is no list of texts';
  return isSound({ ...map, names }) ? undefined : 'its "mappings" cannot be read';
}

/** @param {string} mappings */
function decoded(mappings) {
  const { decode } = /** @type {typeof import('@jridgewell/sourcemap-codec')} */ (load('@jridgewell/sourcemap-codec'));
  return decode(mappings);
}

/**
 * Joins the maps of `load` and of all transforms into one from the last code to the source, as JSON text.
 * @param {string} id source name when `load` gave no map of its own
 * @param {string} original text before the first transform
 * @param {RawMap | null} loadMap
 * @param {Step[]} steps in the order they ran
 * @returns {string | undefined} undefined when no step moved anything
 */
export function joinModuleMaps(id, original, loadMap, steps) {
  if (steps.includes('broken')) return JSON.stringify(emptyMap(id, original));
  const chain = /** @type {RawMap[]} */ (steps);
  if (chain.length === 0 && !loadMap) return undefined;
  if (chain.length === 0) return JSON.stringify(withSourceRoot(/** @type {RawMap} */ (loadMap)));
  const join = loadRemapping();
  const newest = chain[chain.length - 1];
  const joined = join(/** @type {any} */ (anchored(newest, id)), (_, context) => {
    const earlier = chain[chain.length - 1 - context.depth];
    if (earlier) return /** @type {any} */ (anchored(earlier, id));
    if (context.depth === chain.length && loadMap) return /** @type {any} */ (withSourceRoot(loadMap));
    if (context.depth === chain.length) {
      context.source = id;
      context.content = original;
    }
    return null;
  });
  return joined.toString();
}

/**
 * Joins what was done to a rendered chunk: from the last code to the core's, which goes on from there.
 * @param {Step[]} steps in the order they ran
 * @returns {string | undefined} undefined when no step moved anything
 */
export function joinChunkMaps(steps) {
  if (steps.length === 0) return undefined;
  if (steps.includes('broken')) return JSON.stringify(emptyMap('chunk', null));
  const chain = /** @type {RawMap[]} */ (steps);
  const join = loadRemapping();
  const joined = join(/** @type {any} */ (anchored(chain[chain.length - 1], 'chunk')), (_, context) => {
    const earlier = chain[chain.length - 1 - context.depth];
    return earlier ? /** @type {any} */ (anchored(earlier, 'chunk')) : null;
  });
  return joined.toString();
}

/**
 * Joins what was done to a chunk of an engine with what the engine says and with what the linker says of each module.
 * @param {Step[]} steps in the order they ran
 * @param {RawMap} engineMap its sources are files of modules
 * @param {(file: string) => any} mapOfModule
 * @param {string} fileName of the chunk; its sources are relative to the directory that it lies in
 * @returns {string}
 */
export function joinEngineMaps(steps, engineMap, mapOfModule, fileName) {
  if (steps.includes('broken')) return JSON.stringify(emptyMap('chunk', null));
  const chain = [...(/** @type {RawMap[]} */ (steps)).map((step) => anchored(step, 'chunk')).reverse(), withSourceRoot({ ...engineMap, names: engineMap.names ?? [] })];
  const joined = loadRemapping()(/** @type {any} */ (chain[0]), (source, context) => {
    if (context.depth < chain.length) return /** @type {any} */ (chain[context.depth]);
    const ofModule = context.depth === chain.length && mapOfModule(source);
    if (ofModule) return indented(ofModule);
    context.source = /^(?:[a-z][\w+.-]*:|\/)/i.test(source) ? source : path.posix.relative(path.posix.dirname(fileName), source);
    return null;
  });
  return JSON.stringify({ ...joined, file: path.posix.basename(fileName) });
}

/**
 * The linker maps words and other bundlers lines, from their first column, where an indented line has no word.
 * @param {any} map
 */
function indented(map) {
  const mappings = decoded(map.mappings).map((line) => (line.length > 0 && line[0][0] > 0 && line[0].length > 1 ? [[0, ...line[0].slice(1)], ...line] : line));
  return { ...map, mappings };
}

/**
 * Whatever names a hook gave to its sources, they all mean its input.
 * @param {RawMap} map
 * @param {string} id
 */
function anchored(map, id) {
  return { ...map, sourceRoot: undefined, sources: map.sources.map(() => id), sourcesContent: undefined };
}

/** @param {RawMap} map */
function withSourceRoot(map) {
  const { sourceRoot, ...rest } = map;
  if (!sourceRoot) return rest;
  const root = sourceRoot.endsWith('/') ? sourceRoot : `${sourceRoot}/`;
  return { ...rest, sources: map.sources.map((source) => (source === null ? null : root + source)) };
}

/**
 * A map that says of every position that nothing is known about it.
 * @param {string} id
 * @param {string | null} original
 */
function emptyMap(id, original) {
  return { version: 3, sources: [id], sourcesContent: [original], names: [], mappings: '' };
}

/**
 * Each line of `code` onto itself, at every word: what `getCombinedSourcemap` gives before any transform.
 * @param {string} id
 * @param {string} code
 */
export function identityMap(id, code) {
  const { encode } = /** @type {typeof import('@jridgewell/sourcemap-codec')} */ (load('@jridgewell/sourcemap-codec'));
  return { version: 3, sources: [id], sourcesContent: [code], names: [], mappings: encode(identitySegments(code)), toString() { return JSON.stringify(this); } };
}

/** @param {string} code */
export function identitySegments(code) {
  return code.split('\n').map((text, line) =>
    [...text.matchAll(/[\w$]+|[^\w$\s]/g)].map((word) => /** @type {[number, number, number, number]} */ ([word.index, 0, line, word.index])),
  );
}
