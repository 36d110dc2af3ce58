/**
 * `watch()`: builds, waits until something changes that a build asked the disk for, and builds again, with Rollup's
 * events. One watcher may hold several configurations; only those that a change concerns are built again, one after the other.
 *
 * What a build needs is loaded by the first build, as for `build()`.
 */
import { EventEmitter } from 'node:events';

/** @typedef {import('../types/index.d.ts').BuildOptions} BuildOptions */
/** @typedef {import('../types/index.d.ts').WatcherEvent} WatcherEvent */

export class Watcher {
  #emitter = new EventEmitter();
  /** @type {BuildOptions[]} */
  #configurations;
  /** One a configuration, from the first build on. @type {import('./task.js').WatchTask[]} */
  #tasks = [];
  #isRunning = false;
  #isClosed = false;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  /** @type {NodeJS.Immediate | undefined} */
  #immediate;
  /** Settles when the run that is under way ends. */
  #run = Promise.resolve();

  /** @param {BuildOptions | BuildOptions[]} configurations */
  constructor(configurations) {
    this.#configurations = [configurations].flat().filter((options) => options.watch !== false);
    // Listeners are added after this returns.
    this.#timer = setTimeout(() => this.#start());
  }

  /**
   * @param {string} name
   * @param {(...args: any[]) => any} listener
   */
  on(name, listener) {
    this.#emitter.on(name, listener);
    return this;
  }

  /**
   * @param {string} name
   * @param {(...args: any[]) => any} listener
   */
  once(name, listener) {
    this.#emitter.once(name, listener);
    return this;
  }

  /**
   * @param {string} name
   * @param {(...args: any[]) => any} listener
   */
  off(name, listener) {
    this.#emitter.off(name, listener);
    return this;
  }

  /** Stops watching; a build that is under way is waited for. */
  async close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unschedule();
    for (const task of this.#tasks) task.stopWatching();
    await this.#run;
    for (const task of this.#tasks) await task.close();
    await this.#emit('close');
    this.#emitter.removeAllListeners();
  }

  /**
   * Listeners are waited for, as with Rollup.
   * @param {string} name
   * @param {unknown[]} args
   */
  async #emit(name, ...args) {
    await Promise.all(this.#emitter.rawListeners(name).map((listener) => listener.apply(this, args)));
  }

  /**
   * @param {string} id
   * @param {import('../types/index.d.ts').ChangeEvent} event
   */
  #changed(id, event) {
    if (this.#isClosed) return;
    void this.#emit('change', id, { event });
    if (!this.#isRunning) this.#schedule();
  }

  #schedule() {
    if (this.#isClosed) return;
    this.#unschedule();
    const delay = Math.max(0, ...this.#tasks.map((task) => task.buildDelay));
    // A timer of 0 takes more than a millisecond, which is what it takes until several configurations are told of one change.
    if (delay === 0 && this.#tasks.length === 1) this.#immediate = setImmediate(() => this.#start());
    else this.#timer = setTimeout(() => this.#start(), delay);
  }

  #unschedule() {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #start() {
    this.#isRunning = true;
    this.#run = this.#build().finally(() => {
      this.#isRunning = false;
      // Faulty options: there is nothing that could change.
      if (!this.#tasks.some((task) => task.isWatching)) return void this.close();
      // What changed while the build ran.
      if (this.#tasks.some((task) => task.isInvalid)) {
        void this.#emit('restart');
        this.#schedule();
      }
    });
  }

  async #build() {
    if (this.#tasks.length === 0) {
      const { WatchTask } = await import('./task.js');
      if (this.#isClosed) return;
      this.#tasks = this.#configurations.map((options) => new WatchTask(options, (id, event) => this.#changed(id, event)));
    }
    await this.#emit('event', { code: 'START' });
    for (const task of this.#tasks) {
      if (!task.isInvalid || this.#isClosed) continue;
      await this.#emit('event', { code: 'BUNDLE_START', input: task.input, output: task.outputPaths });
      const started = performance.now();
      try {
        const result = await task.build();
        await this.#emit('event', { code: 'BUNDLE_END', duration: Math.round(performance.now() - started), input: task.input, output: task.outputPaths, result });
      } catch (error) {
        await this.#emit('event', { code: 'ERROR', error, result: null });
      }
    }
    await this.#emit('event', { code: 'END' });
  }
}
