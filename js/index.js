/**
 * The public interface of the package. What a build needs is loaded by the build: importing this file costs a few
 * milliseconds, whoever only wants `defineConfig` pays no more.
 */
import { createRequire } from 'node:module';

/** Version of the package, from package.json. */
export const VERSION = /** @type {string} */ (createRequire(import.meta.url)('../package.json').version);

/**
 * Builds once. Rejects with a `BuildError` that carries every diagnostic.
 * @param {import('./types/index.d.ts').BuildOptions} options
 * @returns {Promise<import('./types/index.d.ts').BuildOutput>}
 */
export async function build(options) {
  const { runBuild } = await import('./build.js');
  return runBuild(options);
}

/**
 * Gives the configuration back as it is; editors learn its type from here.
 * @template {import('./types/index.d.ts').Config} T
 * @param {T} config
 * @returns {T}
 */
export function defineConfig(config) {
  return config;
}
