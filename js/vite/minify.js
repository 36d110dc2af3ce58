/**
 * Who minifies in Vite 8. Rolldown does it after the `renderChunk` hooks, with a pass over each chunk. The core does it before, module
 * by module and therefore once for each content; nobody notices as long as only Vite's own hooks see the text in between, which
 * look for marks. Otherwise, and where minification has options, the host's minifier goes over the chunks. It also goes over those that the
 * core has minified, where that is much for little: a constant of one module decides branches in another (`if (DEV)` of svelte), and what only
 * such a branch used is dropped with it.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @param {import('../plugins/hooks.js').Plugin[]} plugins
 * @returns {(output: Record<string, any>) => boolean} whether the core minifies an output
 */
export function coreMinifier(plugins) {
  const isOthers = (/** @type {any} */ plugin) => plugin.renderChunk && !/^(?:vite|builtin|cloudpack):/.test(plugin.name);
  const nobodyLooks = !plugins.some(isOthers);
  return ({ minify, format, plugins: own }) =>
    minify === true && (format === 'es' || format === 'esm') && nobodyLooks && ![own].flat(Infinity).some((plugin) => plugin && isOthers(plugin));
}

/**
 * @param {any} environment
 * @param {Record<string, any>} options
 * @param {(output: Record<string, any>) => boolean} isCores
 * @returns {import('../plugins/hooks.js').Plugin}
 */
export function hostMinify(environment, { transform }, isCores) {
  const target = transform?.target;
  return {
    name: 'cloudpack:vite-minify',
    renderChunk: {
      order: 'post',
      async handler(code, chunk, output, { chunks }) {
        const { minify, sourcemap, format } = /** @type {Record<string, any>} */ (output);
        if (isCores(output) ? !isWorthAnother(code, chunks) : minify !== true && (typeof minify !== 'object' || minify === null)) return null;
        const { minifySync } = await importVite(environment.config.root);
        const given = minify === true ? {} : minify;
        const compress = given.compress === false ? false : { ...(target && { target }), ...(typeof given.compress === 'object' && given.compress) };
        const result = minifySync(chunk.fileName, code, { ...given, compress, module: format === 'es' || format === 'esm', sourcemap: Boolean(sourcemap) });
        if (result.errors?.length > 0) throw new AggregateError(result.errors, result.errors[0].message);
        return { code: result.code, map: result.map ?? null };
      },
    },
  };
}

/** Branches that a constant decided: `!1&&warn()`. */
const DECIDED = /\bif\(![01]\)|![01](?:&&|\|\||\?)/;

/**
 * The minifier takes a fifth of a millisecond for a kilobyte, each time.
 * @param {string} code that the core has minified
 * @param {Record<string, { moduleIds: string[] }>} chunks of the output
 */
function isWorthAnother(code, chunks) {
  if (code.length > 1_000_000) return false;
  if (DECIDED.test(code)) return true;
  return code.length <= 250_000 && Object.values(chunks).reduce((sum, { moduleIds }) => sum + moduleIds.length, 0) <= 500;
}

/**
 * The one that builds: a workspace may have it above the root of the project only, or beside the script that called it.
 * @param {string} root
 */
async function importVite(root) {
  for (const directory of [root, process.cwd(), path.dirname(process.argv[1] ?? root)]) {
    try {
      return await import(pathToFileURL(createRequire(path.join(directory, 'package.json')).resolve('vite')).href);
    } catch (error) {
      if (/** @type {any} */ (error)?.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error('The package "vite" was not found from the root of the project, nor from where the build was started');
}
