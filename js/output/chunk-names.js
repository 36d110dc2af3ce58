/**
 * `entryFileNames` and `chunkFileNames` as functions: asked once it is known which chunks there are, which are linked
 * again under the names that come out.
 */

/** @typedef {string | ((chunk: object) => string)} NamePattern */
/** @typedef {{ entry: NamePattern, chunk: NamePattern }} ChunkNames */

/**
 * @param {any[]} chunks descriptions by the core, in its order
 * @param {ChunkNames} names
 * @param {Set<string>} userEntries ids of modules
 * @returns {string[]} a pattern for each chunk
 */
export function patternsFor(chunks, names, userEntries) {
  return chunks.map((chunk) => {
    const { name, isEntry, isDynamicEntry, facadeModuleId, moduleIds, exports } = chunk;
    const pattern = isEntry && userEntries.has(facadeModuleId) ? names.entry : names.chunk;
    if (typeof pattern === 'string') return pattern;
    return String(pattern({ type: 'chunk', name, isEntry, isDynamicEntry, isImplicitEntry: false, facadeModuleId, moduleIds, exports }));
  });
}
