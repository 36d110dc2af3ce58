/**
 * One configuration that is built again and again: what has changed since its last build, and the driver of that build.
 * `watch()` and `createSession()` both stand on it.
 */
import path from 'node:path';
import { loadBinding } from '../binding.js';
import { runBuild } from '../build.js';
import { slashed } from '../options/input-options.js';

/** @typedef {import('../types/index.d.ts').BuildOptions} BuildOptions */
/** @typedef {import('../types/index.d.ts').ChangeEvent} ChangeEvent */
/** @typedef {import('../plugins/driver.js').PluginDriver} PluginDriver */

/** Milliseconds that a burst of changes pauses before it counts as over: what an editor takes to rename, and a bit. */
const BURST = 5;

export class Builds {
  /** @type {Map<string, ChangeEvent>} */
  #changes = new Map();
  /** Of the last build that got as far as its graph. @type {PluginDriver | undefined} */
  #driver;
  /** @type {import('../binding.js').CoreSession | undefined} */
  #graph;
  /** Knows what may have changed since the last build, and tells of it. @type {import('../../index.d.ts').FileWatcher | undefined} */
  #files;
  #isWatching = false;
  /** @type {import('../engine/foreign.js').Memory} */
  #engines = new Map();

  /**
   * @param {BuildOptions} options
   * @param {object} how
   * @param {boolean} how.keepsGraph whether the graph of the last build stays until the next one begins
   * @param {(changes: { path: string, event: ChangeEvent }[]) => void} [how.onChange] of what a build asked the disk for
   */
  constructor(options, { keepsGraph, onChange }) {
    this.options = options;
    this.keepsGraph = keepsGraph;
    this.onChange = onChange;
    this.cwd = path.resolve(options.cwd ?? '.');
    const outputs = [options.output ?? {}].flat();
    this.outputPaths = outputs.map(({ file, dir }) => path.resolve(this.cwd, file ?? dir ?? 'dist'));
  }

  /** Whether some build got as far as knowing what to watch. */
  get isWatching() {
    return this.#isWatching;
  }

  /**
   * For `watchChange`; the core finds out by itself what has changed.
   * @param {string} id
   * @param {ChangeEvent} event
   */
  note(id, event) {
    const joined = joinEvents(this.#changes.get(id), event);
    if (joined) this.#changes.set(id, joined);
    else this.#changes.delete(id);
  }

  /** The core's session of the last build, if its graph is kept and was loaded, or failed to. */
  get graph() {
    return this.#graph;
  }

  async build() {
    const changes = this.#changes;
    this.#changes = new Map();
    // Two graphs at once would take twice the memory.
    this.#closeGraph();
    const since = Date.now();
    const { onChange } = this;
    const files = (this.#files ??= new (loadBinding().FileWatcher)(BURST, onChange && ((told) => onChange(JSON.parse(told)))));
    try {
      return await runBuild(this.options, {
        watchMode: true,
        changes,
        files,
        engines: this.#engines,
        onGraph: (driver) => {
          this.#driver = driver;
          this.#graph = driver.session;
          const more = { files: [...driver.watchFiles].map(slashed), ignored: this.#ownFolders(), since };
          files.watchBuild(driver.session, JSON.stringify(more));
          this.#isWatching = true;
        },
      });
    } finally {
      if (!this.keepsGraph) this.#closeGraph();
    }
  }

  async close() {
    this.#closeGraph();
    await this.#files?.settled();
    this.#files?.close();
    this.#files = undefined;
    this.#isWatching = false;
    await this.#driver?.runAll('closeWatcher', []);
  }

  /** Where builds write. One that holds the project is none of them: sources lie there too. */
  #ownFolders() {
    return this.outputPaths.filter((file) => path.relative(file, this.cwd).startsWith('..')).map(slashed);
  }

  #closeGraph() {
    this.#graph?.close();
    this.#graph = undefined;
  }
}

/**
 * What two events of one file amount to; null for nothing.
 * @param {ChangeEvent | undefined} first
 * @param {ChangeEvent} second
 * @returns {ChangeEvent | null}
 */
export function joinEvents(first, second) {
  if (first === 'create') return second === 'delete' ? null : 'create';
  if (first === 'delete' && second === 'create') return 'update';
  return second;
}
