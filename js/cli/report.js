/** What was made, in a table: every file with its size, plain and compressed; and how long each phase took. */
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import pc from 'picocolors';
import { VERSION } from '../index.js';

/** @typedef {{ fileName: string, path: string, type: 'chunk' | 'asset', isEntry: boolean, size: number, gzip: number | null }} FileReport */
/** @typedef {{ configuration: number | undefined, total: number }} Times milliseconds */

const compress = promisify(gzip);
/** Already compressed formats do not get smaller on the wire. */
const COMPRESSIBLE = /\.(?:m?js|cjs|css|html?|json|svg|txt|xml|wasm|webmanifest)$/i;
/** The order in which kinds of files are listed, least interesting first: the eye is at the end of the output. */
const KINDS = [/\.html?$/i, /./, /\.css$/i, /\.(?:m|c)?js$/i];
const LONGEST_LIST = 60;

/**
 * @param {import('../types/index.d.ts').BuildOutput} result
 * @param {import('../types/index.d.ts').BuildOptions} options
 * @returns {Promise<FileReport[][]>} a list for each output
 */
export async function describeOutput(result, options) {
  const settings = [options.output ?? {}].flat();
  return Promise.all(
    result.outputs.map((files, index) => {
      const { dir, file } = settings[index] ?? {};
      const directory = file ? path.dirname(file) : (dir ?? 'dist');
      return Promise.all(files.map((one) => describeFile(one, directory)));
    }),
  );
}

/**
 * @param {import('../types/index.d.ts').OutputChunk | import('../types/index.d.ts').OutputAsset} file
 * @param {string} directory
 * @returns {Promise<FileReport>}
 */
async function describeFile(file, directory) {
  const bytes = Buffer.from(/** @type {any} */ (file.type === 'chunk' ? file.code : file.source));
  return {
    fileName: file.fileName, path: path.posix.join(directory.replaceAll('\\', '/'), file.fileName), type: file.type,
    isEntry: file.type === 'chunk' && file.isEntry, size: bytes.length,
    gzip: COMPRESSIBLE.test(file.fileName) ? (await compress(bytes)).length : null,
  };
}

/**
 * @param {FileReport[][]} outputs
 * @param {import('../types/index.d.ts').BuildStats} stats
 * @param {Times} times
 */
export function summaryTable(outputs, stats, times) {
  const all = outputs.flat();
  const maps = new Map(all.filter((file) => file.fileName.endsWith('.map')).map((file) => [file.path, file]));
  const listed = all.filter((file) => !maps.has(file.path)).sort((a, b) => kindOf(a) - kindOf(b) || a.size - b.size || compare(a.path, b.path));
  const shown = listed.slice(-LONGEST_LIST);
  const widths = {
    path: Math.max(0, ...shown.map((file) => file.path.length)),
    size: Math.max(0, ...shown.map((file) => kilobytes(file.size).length)),
    gzip: Math.max(0, ...shown.map((file) => (file.gzip === null ? 0 : kilobytes(file.gzip).length))),
  };
  const rows = shown.map((file) => {
    const directory = file.path.slice(0, file.path.length - path.posix.basename(file.path).length);
    const name = pc.dim(directory) + colorOf(file)(path.posix.basename(file.path)) + ' '.repeat(widths.path - file.path.length);
    const map = maps.get(`${file.path}.map`);
    return [
      `${name}  ${kilobytes(file.size).padStart(widths.size)}`,
      file.gzip === null ? undefined : pc.dim(`gzip ${kilobytes(file.gzip).padStart(widths.gzip)}`),
      map && pc.dim(`map ${kilobytes(map.size)}`),
    ].filter(Boolean).join(pc.dim(' │ '));
  });
  const hidden = listed.length - shown.length;
  const total = listed.reduce((sum, file) => sum + (file.gzip ?? file.size), 0);
  return [
    ...(hidden > 0 ? [pc.dim(`… and ${hidden} smaller files`)] : []),
    ...rows,
    '',
    `${pc.green('✓')} cloudpack ${VERSION}: ${counted(stats.modules, 'module')}, ${counted(listed.length, 'file')}, ` +
      `${kilobytes(total)} over the wire, in ${pc.bold(milliseconds(times.total))}`,
  ].join('\n');
}

/** @param {import('../types/index.d.ts').CiView} ci */
export function ciText({ emitted, kept, removed }) {
  const shown = (/** @type {string} */ mark, /** @type {import('../types/index.d.ts').DeployedFile[]} */ files) =>
    files.slice(0, LONGEST_LIST).map(({ fileName, hash }) => `${mark} ${fileName} ${pc.dim(hash.slice(0, 16))}`);
  const uploads = emitted.reduce((sum, file) => sum + file.size, 0);
  return [
    ...shown(pc.green('+'), emitted),
    ...shown(pc.red('-'), removed),
    `${counted(emitted.length, 'file')} to upload (${kilobytes(uploads)}), ${counted(kept.length, 'file')} as before, ${counted(removed.length, 'file')} to remove`,
  ].join('\n');
}

/**
 * @param {import('../types/index.d.ts').BuildStats} stats
 * @param {Times} times
 */
export function timingsTable(stats, times) {
  const phases = { ...(times.configuration === undefined ? {} : { configuration: times.configuration }), ...stats.ms };
  const known = Object.values(phases).reduce((sum, value) => sum + value, 0);
  const rows = Object.entries({ ...phases, other: Math.max(0, times.total - known), total: times.total });
  const width = Math.max(...rows.map(([name]) => name.length));
  const numbers = Math.max(...rows.map(([, value]) => milliseconds(value).length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${milliseconds(value).padStart(numbers)}`).join('\n');
}

/** @param {FileReport} file */
function kindOf(file) {
  return KINDS.findLastIndex((pattern) => pattern.test(file.fileName));
}

/** @param {FileReport} file */
function colorOf(file) {
  return [pc.green, pc.green, pc.magenta, pc.cyan][kindOf(file)] ?? pc.green;
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })} kB`;
}

/** @param {number} value */
function milliseconds(value) {
  return value < 1000 ? `${value.toFixed(1)} ms` : `${(value / 1000).toFixed(2)} s`;
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * @param {number} count
 * @param {string} word
 */
function counted(count, word) {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}
