/** Packages of foreign engines, which are optional: those of the application come before ours. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { engineError } from './engine.js';

/** @typedef {import('../types/index.d.ts').EnginePlan} EnginePlan */

/**
 * @template T
 * @param {object} wanted
 * @param {string} wanted.engine
 * @param {string} wanted.name of the package
 * @param {string} wanted.release what to install
 * @param {(version: string) => boolean} wanted.fits
 * @param {string} wanted.cwd
 * @param {string} [wanted.hint] another way to come by it
 * @param {(places: string[]) => string | undefined} [wanted.find] its file, when it may lie elsewhere than in `node_modules`
 * @param {(file: string) => Promise<{ module: T, version: string }>} load
 * @returns {Promise<{ module: T, version: string }>}
 */
export async function loadPackage({ engine, name, release, fits, cwd, hint: more = '', find = (places) => resolved(name, places) }, load) {
  const hint = `Install it: npm install --save-dev ${name}@${release}${more}`;
  const file = find([path.join(cwd, 'package.json'), import.meta.url]);
  if (file === undefined) throw engineError(engine, `needs the package ${name}, which is not installed`, { hint });
  let loaded;
  try {
    loaded = await load(file);
  } catch (cause) {
    throw engineError(engine, `could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause, hint });
  }
  if (fits(loaded.version)) return loaded;
  throw engineError(engine, `is ${name} ${loaded.version}, and ${release} is needed`, { hint });
}

/**
 * @param {string} name
 * @param {string[]} places
 */
export function resolved(name, places) {
  for (const place of places) {
    try {
      return createRequire(place).resolve(name);
    } catch {
      // The next place may have it.
    }
  }
  return undefined;
}

/** The directory that modules are said to lie in. No file of a user lies here. */
export const ROOT = '/__cloudpack_modules__';

/**
 * A map with the files of modules as they were given. An engine's own code comes from no file that anybody could open.
 * @param {string | Buffer | null | undefined} text JSON
 * @param {EnginePlan} plan
 */
export function mapOfModules(text, plan) {
  if (text === null || text === undefined) return null;
  const map = JSON.parse(String(text));
  const files = new Set(plan.modules.map(({ file }) => file));
  const sources = map.sources.map((/** @type {string | null} */ source) => source?.replace(/^.*\/?__cloudpack_modules__\//, '') ?? null);
  /** Of those that stay. @type {number[]} */
  const kept = sources.flatMap((/** @type {string | null} */ source, /** @type {number} */ at) => (source !== null && files.has(source) ? [at] : []));
  const own = { ...map, sourceRoot: undefined, sources: kept.map((at) => sources[at]), ...(map.sourcesContent && { sourcesContent: kept.map((at) => map.sourcesContent[at] ?? null) }) };
  if (kept.length === sources.length) return own;
  const numbers = new Map(kept.map((from, to) => [from, to]));
  const mappings = decode(map.mappings).map((line) => line.map((segment) => {
    const [column, source, ...place] = segment;
    const number = source === undefined ? undefined : numbers.get(source);
    return /** @type {typeof segment} */ (number === undefined ? [column] : [column, number, ...place]);
  }));
  return { ...own, mappings: encode(mappings) };
}
