/**
 * Finds and loads the configuration file. Node imports plain JavaScript itself; TypeScript, and a file that imports
 * `cloudpack` where it is not installed (the examples of the repository), is built by Cloudpack into a module beside
 * it first, with packages left external.
 */
import { existsSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../index.js';
import { UsageError } from './arguments.js';

/** @typedef {import('../types/index.d.ts').BuildOptions} BuildOptions */

const NAMES = ['cloudpack.config.js', 'cloudpack.config.mjs', 'cloudpack.config.ts'];
const SELF = new URL('../index.js', import.meta.url).href;

/**
 * @param {string | undefined} given from the command line
 * @param {string} mode
 * @returns {Promise<{ config: BuildOptions, file: string | undefined }>}
 */
export async function loadConfig(given, mode) {
  const file = given === undefined ? NAMES.map((name) => path.resolve(name)).find((name) => existsSync(name)) : path.resolve(given);
  if (file === undefined) return { config: {}, file };
  if (!existsSync(file)) throw new UsageError(`There is no configuration file ${file}.`);
  const exported = (await importConfig(file)).default;
  const config = typeof exported === 'function' ? await exported({ command: 'build', mode }) : await exported;
  if (typeof config !== 'object' || config === null) throw new UsageError(`${file} must export options, or a function that returns them, as its default`);
  return { config, file };
}

/** @param {string} file */
async function importConfig(file) {
  if (/\.[cm]?ts$/.test(file)) return importBuilt(file);
  try {
    // Node keeps what it has imported; a watcher asks again after an edit.
    return await import(`${pathToFileURL(file).href}?t=${statSync(file).mtimeMs}`);
  } catch (error) {
    const { code, message } = /** @type {any} */ (error);
    if (code === 'ERR_MODULE_NOT_FOUND' && String(message).includes("'cloudpack'")) return importBuilt(file);
    // Node does not say where a syntax error is; the bundler does.
    if (error instanceof SyntaxError) return importBuilt(file);
    throw error;
  }
}

/** @param {string} file */
async function importBuilt(file) {
  const { output } = await build({
    input: file,
    cwd: path.dirname(file),
    platform: 'node',
    write: false,
    logLevel: 'silent',
    external: (source) => source !== 'cloudpack' && isPackage(source),
    plugins: [{ name: 'cloudpack:self', resolveId: { filter: { id: 'cloudpack' }, handler: () => ({ id: SELF, external: true }) } }],
    output: { format: 'es', codeSplitting: false },
  });
  const chunk = output.find((one) => one.type === 'chunk');
  if (!chunk) throw new Error(`${file} came out empty`);
  const temporary = `${file}.${process.pid}-${Date.now()}.mjs`;
  await writeFile(temporary, chunk.code);
  try {
    return await import(pathToFileURL(temporary).href);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * `react`, `@scope/x`, `node:fs`; not `./x`, `/x`, `C:\x`.
 * @param {string} source
 */
function isPackage(source) {
  return !/^(?:\.{1,2}(?:$|[\\/])|[\\/\0#]|[A-Za-z]:[\\/])/.test(source);
}
