/** `cloudpack cache info|verify|clear`: what the store holds and for whom, whether all of it is sound, and an end to it. */
import path from 'node:path';
import pc from 'picocolors';
import { loadBinding } from '../binding.js';
import { BuildError } from '../diagnostics.js';
import { DEFAULT_CACHE } from '../options/input-options.js';
import { printFailure } from './build-command.js';
import { loadConfig } from './config.js';

/** @typedef {{ kind: string, records: number, bytes: number }} KindInfo */
/** @typedef {{ name: string, of: string, lastUse: number, records: number, bytes: number, missing: number, modules: number, directories: string[], emittedFiles: number }} HeadInfo */
/** @typedef {{ dir: string, state: string, files: number, bytes: number, quarantinedBytes: number | null, generation: number, segments: number, records: number, kinds: KindInfo[], heads: HeadInfo[] }} CacheInfo */
/** @typedef {{ dir: string, state: string, records: number, bytes: number, damaged: { kind: string, key: string, why: string }[], missingSegments: number, missingRecords: number }} CacheVerified */

/**
 * @param {'info' | 'verify' | 'clear'} action
 * @param {string | undefined} given directory; by default that of the configuration
 * @param {import('./arguments.js').Flags} flags
 * @returns {Promise<number>} exit code
 */
export async function runCacheCommand(action, given, flags) {
  try {
    const dir = given === undefined ? await configuredDirectory(flags) : path.resolve(given);
    const shown = path.relative('.', dir) || '.';
    if (action === 'info') {
      const info = /** @type {CacheInfo} */ (await ask('cacheInfo', dir));
      print(info, flags, () => infoText(info, shown));
    } else if (action === 'verify') {
      const verified = /** @type {CacheVerified} */ (await ask('cacheVerify', dir));
      const isSound = isAllSound(verified);
      print({ ...verified, sound: isSound }, flags, () => verifiedText(verified, shown));
      return isSound ? 0 : 1;
    } else {
      const freed = /** @type {number} */ (await ask('cacheClear', dir));
      print({ dir, freed }, flags, () => `${shown}: ${freed === 0 ? 'there was nothing to remove' : `${bytes(freed)} freed`}`);
    }
    return 0;
  } catch (error) {
    await printFailure(error, flags, '');
    return 1;
  }
}

/** @param {import('./arguments.js').Flags} flags */
async function configuredDirectory(flags) {
  const { config } = await loadConfig(flags.config, flags.mode ?? 'production');
  const dir = typeof config.cache === 'object' ? config.cache.dir : undefined;
  return path.resolve(config.cwd ?? '.', dir ?? DEFAULT_CACHE);
}

/**
 * @param {'cacheInfo' | 'cacheVerify' | 'cacheClear'} question
 * @param {string} dir
 */
async function ask(question, dir) {
  const { found, diagnostics } = JSON.parse(await loadBinding()[question](dir));
  if (diagnostics) throw new BuildError(diagnostics);
  return found;
}

/**
 * @param {object} value
 * @param {import('./arguments.js').Flags} flags
 * @param {() => string} text
 */
function print(value, flags, text) {
  console.log(flags.json ? JSON.stringify(value, null, 2) : text());
}

/** @type {Record<string, string>} */
const STATES = {
  absent: 'there is no cache',
  'other build': 'made by another version of Cloudpack or on another kind of machine; the next build replaces it',
  damaged: 'its root cannot be read; the next build begins anew',
};

/**
 * @param {CacheInfo} info
 * @param {string} shown
 */
function infoText({ state, files, bytes: size, quarantinedBytes, generation, segments, records, kinds, heads }, shown) {
  const aside = quarantinedBytes === null ? [] : [pc.yellow(`${bytes(quarantinedBytes)} that held something wrong were put aside in ${shown}.quarantined`)];
  if (state !== 'sound') return [`${shown}: ${STATES[state] ?? state}${files > 0 ? ` (${bytes(size)})` : ''}`, ...aside].join('\n');
  const name = Math.max(...kinds.map(({ kind }) => kind.length));
  const rows = kinds.map((one) => `  ${one.kind.padEnd(name)}  ${count(one.records).padStart(9)}  ${bytes(one.bytes).padStart(11)}`);
  const users = heads.map((head) => {
    const made = head.of === 'build'
      ? `build of ${count(head.modules)} modules into ${head.directories.map((dir) => path.relative('.', dir) || '.').join(', ')}, ${count(head.emittedFiles)} files`
      : `${count(head.modules)} compiled modules`;
    const missing = head.missing > 0 ? pc.yellow(`, ${count(head.missing)} records missing`) : '';
    return `  ${pc.dim(head.name)}  ${made}, ${bytes(head.bytes)}${missing}${pc.dim(`, used at ${count(head.lastUse)}`)}`;
  });
  return [
    `${shown}: ${pc.bold(bytes(size))} in ${count(files)} files; ${count(records)} records in ${count(segments)} segments, generation ${count(generation)}`,
    '', 'Records', ...rows, '', 'Kept for', ...users, ...aside,
  ].join('\n');
}

/** @param {CacheVerified} verified */
function isAllSound({ state, damaged, missingSegments, missingRecords }) {
  return damaged.length === 0 && missingSegments === 0 && missingRecords === 0 && state !== 'damaged';
}

/** So many are listed. */
const LONGEST_LIST = 20;

/**
 * @param {CacheVerified} verified
 * @param {string} shown
 */
function verifiedText(verified, shown) {
  const { state, damaged, missingSegments, missingRecords } = verified;
  if (state !== 'sound') return `${shown}: ${STATES[state] ?? state}`;
  const read = `${count(verified.records)} records, ${bytes(verified.bytes)}`;
  if (isAllSound(verified)) return `${pc.green('✓')} ${shown}: ${read}, all sound`;
  return [
    `${pc.red('✗')} ${shown}: ${read}`,
    ...damaged.slice(0, LONGEST_LIST).map(({ kind, key, why }) => `  ${kind} ${key}: ${why}`),
    ...(damaged.length > LONGEST_LIST ? [`  … and ${count(damaged.length - LONGEST_LIST)} more`] : []),
    ...(missingSegments > 0 ? [`  ${count(missingSegments)} segments are missing or damaged`] : []),
    ...(missingRecords > 0 ? [`  ${count(missingRecords)} records are missing`] : []),
    'What is damaged or missing is made anew by the next build; `cloudpack cache clear` begins anew at once.',
  ].join('\n');
}

/** @param {number} value */
function count(value) {
  return value.toLocaleString('en');
}

/** @param {number} value */
function bytes(value) {
  const [unit, size] = value < 1e6 ? ['kB', 1e3] : value < 1e9 ? ['MB', 1e6] : ['GB', 1e9];
  return `${(value / Number(size)).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${unit}`;
}
