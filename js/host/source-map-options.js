/** Options about source maps that the core does not have: they are applied to maps that are made. */

/**
 * @param {import('../output/render.js').OutputRun} run
 * @param {Record<string, any>} options of the output, normalized by the host
 */
export async function finishMaps(run, { sourcemap, sourcemapExcludeSources, sourcemapPathTransform, sourcemapIgnoreList }) {
  if (!sourcemap || (!sourcemapExcludeSources && !sourcemapPathTransform && !sourcemapIgnoreList)) return;
  const { default: path } = await import('node:path');
  for (const chunk of Object.values(run.files)) {
    if (chunk.type !== 'chunk' || !chunk.map) continue;
    const map = /** @type {any} */ (chunk.map);
    const before = JSON.stringify(map);
    const mapFile = path.resolve(run.options.file ? path.dirname(run.options.file) : (run.options.dir ?? '.'), `${run.options.file ? path.basename(chunk.fileName) : chunk.fileName}.map`);
    if (sourcemapExcludeSources) delete map.sourcesContent;
    if (sourcemapIgnoreList) {
      const ignored = map.sources.flatMap((/** @type {string} */ source, /** @type {number} */ at) => (sourcemapIgnoreList(source, mapFile) ? [at] : []));
      if (ignored.length > 0) map.x_google_ignoreList = ignored;
    }
    if (sourcemapPathTransform) map.sources = map.sources.map((/** @type {string} */ source) => sourcemapPathTransform(source, mapFile));
    const after = JSON.stringify(map);
    if (after === before) continue;
    const file = chunk.sourcemapFileName ? run.files[chunk.sourcemapFileName] : undefined;
    if (file?.type === 'asset') file.source = after;
    if (sourcemap === 'inline') chunk.code = chunk.code.replace(/(?<=\/\/# sourceMappingURL=)data:.*/, map.toUrl());
  }
}
