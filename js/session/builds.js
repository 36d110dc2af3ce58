/**
 * One configuration that is built again and again: what has changed since its last build, and the driver of that build.
 * `watch()` and `createSession()` both stand on it.
 */
import { runBuild } from '../build.js';

/** @typedef {import('../types/index.d.ts').BuildOptions} BuildOptions */
/** @typedef {import('../types/index.d.ts').ChangeEvent} ChangeEvent */
/** @typedef {import('../plugins/driver.js').PluginDriver} PluginDriver */

export class Builds {
  /** @type {Map<string, ChangeEvent>} */
  #changes = new Map();
  /** Of the last build that got as far as its graph. @type {PluginDriver | undefined} */
  #driver;
  /** @type {import('../binding.js').CoreSession | undefined} */
  #graph;

  /**
   * @param {BuildOptions} options
   * @param {{ keepsGraph: boolean }} how whether the graph of the last build stays until the next one begins
   */
  constructor(options, { keepsGraph }) {
    this.options = options;
    this.keepsGraph = keepsGraph;
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

  /** @param {(driver: PluginDriver) => void} [onGraph] the graph is loaded, or failed to; nothing is written yet */
  async build(onGraph) {
    const changes = this.#changes;
    this.#changes = new Map();
    // Two graphs at once would take twice the memory.
    this.#closeGraph();
    try {
      return await runBuild(this.options, {
        watchMode: true,
        changes,
        onGraph: (driver) => {
          this.#driver = driver;
          this.#graph = driver.session;
          onGraph?.(driver);
        },
      });
    } finally {
      if (!this.keepsGraph) this.#closeGraph();
    }
  }

  async close() {
    this.#closeGraph();
    await this.#driver?.runAll('closeWatcher', []);
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
