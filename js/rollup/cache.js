/**
 * What a build of Rollup is, for the answers of its plugins: whoever changes any of this gets none of the old ones. Rollup does not say where
 * its configuration is, so the command line is read once more, and the configuration's files are followed.
 */
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { readText, trackingOf } from '../host/cache-options.js';

/** @typedef {Record<string, any>} Options */

const DEFAULTS = ['rollup.config.mjs', 'rollup.config.cjs', 'rollup.config.ts', 'rollup.config.js'];

/**
 * @param {object} given
 * @param {import('../host/cache-options.js').HostCache} given.cache
 * @param {number} given.index of our plugin among those of the process
 * @param {Options} given.options
 * @param {import('../plugins/hooks.js').Plugin[]} given.plugins
 * @param {Options} given.meta
 */
export function rollupTracking({ cache, index, options, plugins, meta }) {
  if (options.fs) return 'the option "fs" is another file system';
  const cwd = process.cwd();
  const { input, external, treeshake, preserveSymlinks, output } = options;
  return trackingOf({
    cache, root: cwd, plugins,
    // Two of one configuration file may differ in what their plugins were given.
    name: JSON.stringify([index, input, outputsOf(output)]),
    configFiles: configuration(process.argv, cwd),
    css: false,
    unrepeatable: typeof external === 'function' ? 'was asked of "external", which is a function' : undefined,
    facts: [meta.rollupVersion, process.argv.slice(2), index, input, external, treeshake, preserveSymlinks, output],
  });
}

/** @param {any} output */
function outputsOf(output) {
  return [output ?? []].flat().map((/** @type {Options} */ { dir, file, format }) => [dir, file, format]);
}

/**
 * The files that a command line of Rollup takes its options from.
 * @param {string[]} argv
 * @param {string} cwd
 * @returns {string[]}
 */
export function configuration([, script = '', ...args], cwd) {
  if (path.basename(script) !== 'rollup') return [];
  const at = args.findIndex((arg) => /^--config(?:=|$)|^-\w*c\w*(?:=|$)/.test(arg));
  if (at < 0) return [];
  const [, given = args[at + 1]?.startsWith('-') ? undefined : args[at + 1]] = /=(.*)/.exec(args[at]) ?? [];
  const file = given === undefined ? DEFAULTS.map((name) => path.join(cwd, name)).find((one) => existsSync(one)) : path.resolve(cwd, given);
  return file === undefined ? [] : [...closureOf(file)];
}

const REQUESTS = /\b(?:from|import|require(?:\.resolve)?)\s*\(?\s*(["'])((?:(?!\1).)+)\1/g;

/**
 * A file with all that it imports, as far as that is not installed.
 * @param {string} file
 * @param {Set<string>} known
 */
function closureOf(file, known = new Set()) {
  if (known.has(file)) return known;
  known.add(file);
  for (const [, , request] of (readText(file) ?? '').matchAll(REQUESTS)) {
    const found = fileOf(request, file);
    if (found !== undefined && !found.includes(`${path.sep}node_modules${path.sep}`)) closureOf(found, known);
  }
  return known;
}

/**
 * @param {string} request
 * @param {string} importer
 * @returns {string | undefined}
 */
function fileOf(request, importer) {
  if (request.startsWith('node:')) return undefined;
  if (/^\.{0,2}\//.test(request)) {
    const base = path.resolve(path.dirname(importer), request);
    return ['', '.js', '.mjs', '.cjs', '.ts', '.json', '/index.js'].map((ending) => base + ending).find((one) => /\.\w+$/.test(one) && existsSync(one));
  }
  try {
    // A package of the same workspace is linked, and no lockfile knows what is in it.
    const found = createRequire(importer).resolve(request);
    return path.isAbsolute(found) ? realpathSync(found) : undefined;
  } catch {
    return undefined;
  }
}
