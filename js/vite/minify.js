/**
 * `output.minify` of Vite 8 is a pass over whole chunks, which we do not have: a constant of one module decides what is dead in
 * another. So the host's own minifier goes over the chunks, as it does without us.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @param {any} environment
 * @param {Record<string, any>} options
 * @returns {import('../plugins/hooks.js').Plugin}
 */
export function hostMinify(environment, { transform }) {
  const target = transform?.target;
  return {
    name: 'cloudpack:vite-minify',
    renderChunk: {
      order: 'post',
      async handler(code, chunk, output) {
        const { minify, sourcemap, format } = /** @type {Record<string, any>} */ (output);
        if (minify !== true && (typeof minify !== 'object' || minify === null)) return null;
        const vite = createRequire(path.join(environment.config.root, 'package.json')).resolve('vite');
        const { minifySync } = await import(pathToFileURL(vite).href);
        const given = minify === true ? {} : minify;
        const compress = given.compress === false ? false : { ...(target && { target }), ...(typeof given.compress === 'object' && given.compress) };
        const result = minifySync(chunk.fileName, code, { ...given, compress, module: format === 'es' || format === 'esm', sourcemap: Boolean(sourcemap) });
        if (result.errors?.length > 0) throw new AggregateError(result.errors, result.errors[0].message);
        return { code: result.code, map: result.map ?? null };
      },
    },
  };
}
