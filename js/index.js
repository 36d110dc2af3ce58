/**
 * The public interface of the package. What a build needs is loaded by the build: importing this file costs a few
 * milliseconds, whoever only wants `defineConfig` pays no more.
 */
import { createRequire } from 'node:module';
import { Watcher } from './watch/watcher.js';

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
 * Builds, and builds again whenever something changes that a build asked the disk for.
 * @param {import('./types/index.d.ts').BuildOptions | import('./types/index.d.ts').BuildOptions[]} options
 * @returns {import('./types/index.d.ts').Watcher}
 */
export function watch(options) {
  return new Watcher(options);
}

/**
 * One configuration that is built when its owner says so, and that can be asked about its graph.
 * @param {import('./types/index.d.ts').BuildOptions} options
 * @returns {Promise<import('./types/index.d.ts').Session>}
 */
export async function createSession(options) {
  const { Session } = await import('./session/session.js');
  return new Session(options);
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
