/**
 * Source maps over a chain of hooks. The library that joins maps is loaded when the first hook returned one.
 */
import { createRequire } from 'node:module';

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
 * What a hook returned as `map`. `undefined` says that the hook did not care: the chain is broken. `null` and
 * an object without mappings say that there is nothing to map.
 * @param {unknown} map
 * @returns {Step | null}
 */
export function stepOf(map) {
  if (map === undefined) return 'broken';
  if (map === null) return null;
  const raw = typeof map === 'string' ? JSON.parse(map) : map;
  if (!raw || typeof raw !== 'object' || raw.mappings === undefined || raw.mappings === '') return null;
  return { version: 3, sources: raw.sources ?? [null], sourcesContent: raw.sourcesContent, names: raw.names ?? [],
    mappings: raw.mappings, sourceRoot: raw.sourceRoot, file: raw.file };
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
