/** What both commands build: the configuration file, and what the flags change about it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from './config.js';

/** @typedef {import('../types/index.d.ts').BuildOptions} BuildOptions */
/** @typedef {import('../types/index.d.ts').OutputOptions} OutputOptions */

/**
 * @param {import('./arguments.js').Flags} flags
 * @returns {Promise<{ options: BuildOptions, file: string | undefined }>} and the configuration file
 */
export async function settleOptions(flags) {
  const { config, file } = await loadConfig(flags.config, flags.mode ?? 'production');
  const options = withFlags(config, flags);
  if (options.input === undefined && existsSync(path.resolve(options.cwd ?? '.', 'index.html'))) options.input = 'index.html';
  return { options, file };
}

/** @param {string | undefined} logLevel */
export function isQuiet(logLevel) {
  return logLevel === 'silent' || logLevel === 'warn';
}

/**
 * Flags win over the configuration; those of an output apply to every output.
 * @param {BuildOptions} config
 * @param {import('./arguments.js').Flags} flags
 * @returns {BuildOptions}
 */
function withFlags(config, flags) {
  const output = /** @type {OutputOptions} */ (present({
    dir: flags.outdir, format: flags.format, minify: flags.minify, sourcemap: flags.sourcemap,
  }));
  const apply = (/** @type {OutputOptions} */ one) => (output.dir === undefined ? { ...one, ...output } : { ...one, file: undefined, ...output });
  return {
    ...config,
    ...present({
      input: flags.entries.length > 0 ? flags.entries : undefined,
      platform: flags.platform, mode: flags.mode, base: flags.base, treeshake: flags.treeshake, write: flags.write, view: flags.view, engine: flags.engine,
      logLevel: flags.logLevel ?? (flags.json ? 'silent' : undefined),
    }),
    ...(flags.external.length > 0 ? { external: [...[config.external ?? []].flat(), ...flags.external] } : {}),
    ...(flags.define.length > 0 ? { define: { ...config.define, ...Object.fromEntries(flags.define) } } : {}),
    ...(flags.target === undefined ? {} : { transform: { ...config.transform, target: flags.target } }),
    output: Array.isArray(config.output) ? config.output.map(apply) : apply(config.output ?? {}),
  };
}

/** @param {Record<string, unknown>} object */
function present(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

