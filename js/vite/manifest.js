/**
 * `.vite/manifest.json`, for servers that write their own HTML: which file became of which source, and what it needs. Vite 8
 * makes it in native code, from what Rolldown knows of its chunks.
 */
import path from 'node:path';

/** @typedef {import('../output/bundle.js').OutputFile & { viteMetadata?: { importedCss: Set<string>, importedAssets: Set<string> } }} ViteFile */

/**
 * @param {{ root: string, outPath: string, cssEntries?: () => Record<string, string> }} options of the native plugin
 * @param {any} environment
 * @returns {import('../plugins/hooks.js').Plugin}
 */
export function manifest({ root, outPath }, environment) {
  /** Of all outputs so far. @type {Record<string, any>} */
  let entries = {};
  let outputs = 0;
  return {
    name: 'cloudpack:vite-manifest',
    generateBundle(_, bundle) {
      const files = /** @type {Record<string, ViteFile>} */ (bundle);
      for (const file of Object.values(files)) if (file.type === 'chunk') Object.assign(entries, entryOfChunk(file, files, root));
      // The style sheet of a page has the page's name; the page's script comes first.
      for (const file of Object.values(files)) if (file.type === 'asset') entries = { ...entriesOfAsset(file), ...entries };
      const { output } = environment.config.build.rolldownOptions;
      if (++outputs < (Array.isArray(output) ? output.length : 1)) return;
      const sorted = Object.fromEntries(Object.keys(entries).sort().map((key) => [key, entries[key]]));
      this.emitFile({ type: 'asset', fileName: outPath, source: JSON.stringify(sorted, null, 2) });
      entries = {};
      outputs = 0;
    },
  };
}

/**
 * @param {any} chunk
 * @param {Record<string, ViteFile>} files
 * @param {string} root
 */
function entryOfChunk(chunk, files, root) {
  const keyOf = (/** @type {any} */ one) =>
    one.facadeModuleId ? path.relative(root, one.facadeModuleId).split(path.sep).join('/').replaceAll('\0', '') : `_${path.posix.basename(one.fileName)}`;
  const keysOf = (/** @type {string[]} */ names) => names.flatMap((name) => (files[name]?.type === 'chunk' ? [keyOf(files[name])] : []));
  const key = keyOf(chunk);
  const imports = keysOf(chunk.imports);
  const dynamicImports = keysOf(chunk.dynamicImports);
  const { importedCss = new Set(), importedAssets = new Set() } = chunk.viteMetadata ?? {};
  return {
    [key]: {
      file: chunk.fileName,
      name: chunk.name,
      ...(chunk.facadeModuleId && { src: key }),
      ...(chunk.isEntry && { isEntry: true }),
      ...(chunk.isDynamicEntry && { isDynamicEntry: true }),
      ...(imports.length > 0 && { imports }),
      ...(dynamicImports.length > 0 && { dynamicImports }),
      ...(importedCss.size > 0 && { css: [...importedCss] }),
      ...(importedAssets.size > 0 && { assets: [...importedAssets] }),
    },
  };
}

/** @param {import('../types/index.d.ts').OutputAsset} asset */
function entriesOfAsset({ fileName, names, originalFileNames }) {
  if (names.length === 0) return {};
  const keys = originalFileNames.length > 0 ? originalFileNames : [`_${path.posix.basename(fileName)}`];
  return Object.fromEntries(keys.map((key) => [key, { file: fileName, src: key }]));
}
