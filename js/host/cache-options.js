/**
 * `cloudpack({ cache })` inside of another bundler: where the store is, and what plugins' answers are kept under. They rest on the
 * configuration and on installed packages, and are kept only where both can be told: the configuration by its files, the packages by a lockfile.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { VERSION } from '../index.js';
import { checkEngine } from '../engine/engine.js';
import { OptionChecker } from '../options/checker.js';
import { BuildError } from '../diagnostics.js';
import { Tracking } from '../plugins/tracked.js';

/** @typedef {Record<string, any>} Options */
/** @typedef {{ dir?: string, maxSize?: number, include: string[], exclude: string[], configFiles: string[] }} HostCache */

const KEYS = ['dir', 'maxSize', 'include', 'exclude', 'configFiles'];

/**
 * @param {Options | undefined} options of `cloudpack()`
 * @returns {HostCache | undefined} nothing is kept
 */
export function hostCacheOf(options) {
  const check = new OptionChecker();
  const { cache = true, engine } = check.object(options ?? {}, ['cache', 'engine'], '');
  checkEngine(engine, check);
  const given = check.object(typeof cache === 'boolean' ? {} : cache, KEYS, 'cache');
  const found = {
    ...(given.dir !== undefined && { dir: check.string(given.dir, 'cache.dir') }),
    ...(given.maxSize !== undefined && { maxSize: check.count(given.maxSize, 'cache.maxSize', Number.MAX_SAFE_INTEGER) }),
    include: check.strings(given.include, 'cache.include') ?? [],
    exclude: check.strings(given.exclude, 'cache.exclude') ?? [],
    configFiles: check.strings(given.configFiles, 'cache.configFiles') ?? [],
  };
  if (check.faults.length > 0) throw new BuildError(check.faults);
  return cache === false ? undefined : found;
}

/**
 * `cache` of `build()`.
 * @param {HostCache} cache
 * @param {string} root
 */
export function storeOptions({ dir, maxSize }, root) {
  return {
    dir: path.resolve(root, dir ?? path.join(packageDirectory(root), 'node_modules/.cache/cloudpack')),
    ...(maxSize !== undefined && { maxSize }),
    verify: Boolean(process.env.CLOUDPACK_VERIFY) && process.env.CLOUDPACK_VERIFY !== '0',
  };
}

/** The nearest directory with a `package.json`. @param {string} from */
function packageDirectory(from) {
  return upwards(from).find((directory) => readText(path.join(directory, 'package.json')) !== undefined) ?? from;
}

/** @param {string} from @returns {string[]} */
function upwards(from) {
  const parent = path.dirname(from);
  return parent === from ? [from] : [from, ...upwards(parent)];
}

/**
 * What keeps plugins' answers, or why nothing does.
 * @param {object} given
 * @param {HostCache} given.cache
 * @param {string} given.root
 * @param {string} given.name of this configuration among those of the directory
 * @param {string[]} given.configFiles with what they import
 * @param {import('../plugins/hooks.js').Plugin[]} given.plugins
 * @param {unknown} given.facts about the build that the files do not tell
 * @param {boolean} given.css whether style sheets go through nothing but the bundler
 * @param {string} [given.unrepeatable] why answers to requests are not kept
 * @returns {Tracking | string}
 */
export function trackingOf({ cache, root, name, configFiles, plugins, facts, css, unrepeatable }) {
  const files = [...configFiles, ...cache.configFiles.map((file) => path.resolve(root, file))];
  if (files.length === 0) return 'the configuration is not in a file: name the files that make it in cache.configFiles';
  const configuration = files.map((file) => [file, readText(file)]);
  const missing = configuration.find(([, text]) => text === undefined);
  if (missing) return `the file "${missing[0]}" of the configuration cannot be read`;
  const packages = installed(root);
  if (packages === undefined) return 'there is no lockfile, which would say what is installed';
  const texts = configuration.map(([, text]) => text ?? '');
  const environment = environmentOf(texts);
  const key = digest([
    VERSION, process.version, configuration, packages, environment, cache.include, cache.exclude, css,
    plugins.map((plugin) => [plugin.name, /** @type {any} */ (plugin).version]), shown(facts),
  ]);
  // Who names the files says that they are all.
  const unaccountable = cache.configFiles.length > 0 ? undefined : texts.map(unaccountableIn).find(Boolean);
  return new Tracking({ include: cache.include, exclude: cache.exclude, css, unaccountable, unrepeatable, plugins, name, key });
}

/**
 * Variables of the environment that tools look at, and those that the configuration mentions; all, where it may mention any.
 * @param {string[]} texts of the configuration
 */
function environmentOf(texts) {
  const all = texts.some((text) => /\bprocess\.env\b(?!\.\w|\[\s*["'])|\bloadEnv\b|["'](?:node:)?process["']/.test(text));
  const named = new Set(texts.flatMap((text) => [...text.matchAll(/\benv(?:\.|\[\s*["'])(\w+)/g)].map(([, name]) => name)));
  const isSteady = (/** @type {string} */ key) => !/^(?:_|SHLVL|PWD|OLDPWD|TERM\w*|COLUMNS|LINES|npm_.*|VITEST.*)$/.test(key);
  const counts = (/** @type {string} */ key) => named.has(key) || (all && isSteady(key)) || /^(?:NODE_ENV|BABEL_ENV|BROWSERSLIST\w*|VITE_\w+|NODE_OPTIONS)$/.test(key);
  return Object.entries(process.env).filter(([key]) => counts(key)).sort();
}

/** What may give another answer each time, or answers of files that nobody names. */
const UNSTEADY = /\b(?:child_process|exec(?:Sync|File|a)|spawn(?:Sync)?|Date|Math\.random|randomUUID|randomBytes|performance\.now|hrtime|fetch|readFile(?:Sync)?|readdir(?:Sync)?|createReadStream|createRequire)\b/;

/** @param {string} text of the configuration @returns {string | undefined} */
function unaccountableIn(text) {
  const found = UNSTEADY.exec(text.replace(/\/\*[^]*?\*\/|(^|\s)\/\/.*$/gm, ''));
  return found ? `uses "${found[0]}"` : undefined;
}

/**
 * What became of plugins' answers, for people.
 * @param {import('../types/index.d.ts').HostStats} stats
 * @returns {string[]}
 */
export function reportOf({ modules, askedModules, recalledModules, hookCalls, replays, lastResults, notCached }) {
  return [
    `cloudpack: of ${modules} modules plugins were asked about ${askedModules}, and ${recalledModules} were as they had left them (${lastResults || 'nothing is kept'}); ${hookCalls} calls of hooks, ${replays} replays`,
    ...notCached.map(({ plugin, why, kind, count, example }) =>
      kind === 'everything' ? `cloudpack: plugins' answers are not kept: ${why}` : `cloudpack: ${count} ${kind} not kept: ${plugin ? `plugin "${plugin}" ` : ''}${why} (${example.replace('\0', '')})`),
  ];
}

const LOCKFILES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb', 'deno.lock'];

/**
 * What says which packages are installed: the lockfile, what the package manager noted, and patches.
 * @param {string} root
 */
function installed(root) {
  for (const directory of upwards(root)) {
    const names = [...LOCKFILES, 'node_modules/.package-lock.json', 'node_modules/.modules.yaml', 'node_modules/.yarn-state.yml'];
    const found = names.flatMap((name) => {
      const text = readText(path.join(directory, name));
      return text === undefined ? [] : [[name, digest(text)]];
    });
    if (found.length > 0) return [directory, real(path.join(directory, 'node_modules')), found, patches(directory)];
  }
  return undefined;
}

/** @param {string} directory */
function real(directory) {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}

/** @param {string} directory */
function patches(directory) {
  try {
    const folder = path.join(directory, 'patches');
    return readdirSync(folder).sort().map((name) => [name, readText(path.join(folder, name))]);
  } catch {
    return [];
  }
}

/** @param {string} file */
export function readText(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

/** @param {unknown} value */
function digest(value) {
  return createHash('sha256').update(JSON.stringify(value) ?? '').digest('hex');
}

/**
 * A value as text, the same in every process: functions by their source, which is code of the configuration or of packages.
 * @param {unknown} value
 * @param {Set<unknown>} [above]
 * @returns {unknown}
 */
function shown(value, above = new Set()) {
  if (typeof value === 'function') return `function ${value}`;
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' || value === undefined ? String(value) : value;
  if (value instanceof RegExp || value instanceof Date || value instanceof URL) return String(value);
  if (above.has(value)) return 'circular';
  const inner = new Set(above).add(value);
  if (Array.isArray(value)) return value.map((one) => shown(one, inner));
  if (value instanceof Map || value instanceof Set) return [...value].map((one) => shown(one, inner));
  return Object.keys(value).sort().map((key) => [key, shown(/** @type {any} */ (value)[key], inner)]);
}
