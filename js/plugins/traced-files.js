/**
 * What hooks do without declaring it: while one of them runs, each question to `node:fs` is taken down, and that something was printed.
 * Compilers keep what they read for the next module, so nobody asks for which module it was.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {'content' | 'names' | 'kind'} What */
/**
 * @typedef {object} Listener
 * @property {(file: string, what: What) => void} asked
 * @property {() => void} printed
 */

/** @type {AsyncLocalStorage<Listener>} */
const listeners = new AsyncLocalStorage();

/** @type {[What, string[]][]} */
const QUESTIONS = [
  ['content', ['readFile', 'readFileSync', 'open', 'openSync', 'createReadStream', 'copyFile', 'copyFileSync', 'cp', 'cpSync']],
  ['names', ['readdir', 'readdirSync', 'opendir', 'opendirSync']],
  ['kind', ['stat', 'statSync', 'lstat', 'lstatSync', 'access', 'accessSync', 'exists', 'existsSync', 'realpath', 'realpathSync', 'readlink', 'readlinkSync']],
];

let isPatched = false;

function patch() {
  if (isPatched) return;
  isPatched = true;
  for (const [what, names] of QUESTIONS) {
    for (const name of names) {
      for (const door of /** @type {any[]} */ ([fs, fs.promises])) if (typeof door[name] === 'function') door[name] = listening(door[name], what);
    }
  }
  syncBuiltinESMExports();
  for (const stream of /** @type {any[]} */ ([process.stdout, process.stderr])) {
    const { write } = stream;
    /** @this {unknown} @param {unknown[]} args */
    stream.write = function listened(...args) {
      listeners.getStore()?.printed();
      return write.apply(this, args);
    };
  }
}

/**
 * @param {Function} original
 * @param {What} what
 */
function listening(original, what) {
  /** @this {unknown} @param {unknown} file @param {unknown[]} rest */
  function listened(file, ...rest) {
    const listener = listeners.getStore();
    if (listener) {
      const name = pathOf(file);
      if (name !== undefined) listener.asked(name, what);
    }
    return original.call(this, file, ...rest);
  }
  // `realpath.native`, `util.promisify.custom`
  return Object.defineProperties(listened, Object.getOwnPropertyDescriptors(original));
}

/** @param {unknown} file @returns {string | undefined} of a descriptor nothing is known that was not asked before */
function pathOf(file) {
  if (typeof file === 'string') return path.resolve(file);
  if (file instanceof URL && file.protocol === 'file:') return fileURLToPath(file);
  return Buffer.isBuffer(file) ? path.resolve(file.toString()) : undefined;
}

/**
 * What is asked in `work` rests on nothing that a hook saw.
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
export function unheard(work) {
  return listeners.exit(work);
}

/**
 * @template T
 * @param {Listener} listener
 * @param {() => T} work
 * @returns {T}
 */
export function listeningToFiles(listener, work) {
  patch();
  return listeners.run(listener, work);
}
