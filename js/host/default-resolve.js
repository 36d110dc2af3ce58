/**
 * Where Rollup looks when no plugin answers: relative and absolute requests are files, with `.mjs` or `.js` added if need be.
 * Everything else is not its business and stays an import.
 */
import nodeFs from 'node:fs';
import path from 'node:path';

/** @typedef {import('../plugins/resolver.js').Request} Request */
/** @typedef {import('../plugins/resolver.js').Resolved} Resolved */

/**
 * @param {object} given
 * @param {string} given.cwd
 * @param {typeof nodeFs.promises} [given.fs]
 * @param {boolean} [given.preserveSymlinks]
 */
export function defaultResolve({ cwd, fs = nodeFs.promises, preserveSymlinks = false }) {
  /**
   * The file as it is spelled on disk, also where the file system does not care.
   * @param {string} file
   * @returns {Promise<string | undefined>}
   */
  async function find(file) {
    try {
      const stats = await fs.lstat(file);
      if (!preserveSymlinks && stats.isSymbolicLink()) return await find(await fs.realpath(file));
      if (!stats.isFile() && !stats.isSymbolicLink()) return undefined;
      const names = /** @type {string[]} */ (await fs.readdir(path.dirname(file)));
      return names.includes(path.basename(file)) ? file : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * @param {string} source
   * @param {string | undefined} importer
   * @param {Request} request
   * @returns {Promise<Resolved | undefined>}
   */
  return async function resolve(source, importer, { kind }) {
    if (importer !== undefined && !path.isAbsolute(source) && !source.startsWith('.')) return undefined;
    const from = importer !== undefined && path.isAbsolute(importer) ? path.dirname(importer) : cwd;
    const file = path.resolve(from, source);
    const endings = ['', '.mjs', '.js', ...(kind === 'require-call' ? ['.cjs', '.json', '/index.js', '/index.json'] : [])];
    for (const ending of endings) {
      const found = await find(file + ending);
      if (found !== undefined) return { id: found };
    }
    return undefined;
  };
}
