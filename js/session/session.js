/**
 * `createSession()`: one configuration, built when somebody says so. Between two builds its graph can be asked questions.
 * Calls are answered in the order in which they were made, one after the other.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { slashed } from '../options/input-options.js';
import { Builds } from './builds.js';

/** @typedef {import('../types/index.d.ts').BuildOptions} BuildOptions */
/** @typedef {import('../types/index.d.ts').BuildOutput} BuildOutput */

export class Session {
  #builds;
  #cwd;
  /** Of the last build that ended well. @type {BuildOutput | undefined} */
  #last;
  /** @type {Promise<void> | undefined} */
  #closing;
  /** Settles when everything that was asked so far is done. @type {Promise<unknown>} */
  #queue = Promise.resolve();

  /** @param {BuildOptions} options */
  constructor(options) {
    this.#builds = new Builds({ ...options, cache: options.cache ?? true }, { keepsGraph: true });
    this.#cwd = path.resolve(options.cwd ?? '.');
  }

  /** @returns {Promise<BuildOutput>} */
  build() {
    return this.#next(() => this.#build());
  }

  /**
   * @param {Iterable<string | { id: string, event: import('../types/index.d.ts').ChangeEvent }>} [changes]
   * @returns {Promise<BuildOutput>}
   */
  update(changes = []) {
    return this.#next(() => {
      for (const change of changes) {
        const file = path.resolve(this.#cwd, typeof change === 'string' ? change : change.id);
        this.#builds.note(slashed(file), typeof change === 'string' ? (existsSync(file) ? 'update' : 'delete') : change.event);
      }
      return this.#build();
    });
  }

  /**
   * @param {string} id
   * @returns {Promise<import('../types/index.d.ts').Why | null>}
   */
  why(id) {
    return this.#next(async () => {
      // A build that failed has a graph too, unless its options were at fault, and it is asked about what there is of it.
      if (!this.#builds.graph) await this.#build();
      const why = JSON.parse((await this.#builds.graph?.why(id)) ?? 'null');
      return why && { ...why, files: this.#filesWith(why.id) };
    });
  }

  stats() {
    return this.#last?.stats;
  }

  /** Everything that was asked before is done first. */
  close() {
    this.#closing ??= this.#next(() => this.#builds.close());
    return this.#closing;
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  /** @param {string} id */
  #filesWith(id) {
    const chunks = (this.#last?.output ?? []).filter((file) => file.type === 'chunk');
    return chunks.filter((chunk) => chunk.moduleIds.includes(id)).map((chunk) => chunk.fileName);
  }

  async #build() {
    this.#last = undefined;
    this.#last = await this.#builds.build();
    return this.#last;
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #next(work) {
    if (this.#closing) return Promise.reject(new Error('The session is closed'));
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }
}
