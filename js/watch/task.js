/** One configuration that is watched: when it has to be built again, and what a build asked the disk for. */
import path from 'node:path';
import picomatch from 'picomatch';
import { loadBinding } from '../binding.js';
import { slashed } from '../options/input-options.js';
import { Builds } from '../session/builds.js';

/** @typedef {import('../types/index.d.ts').BuildOptions} BuildOptions */
/** @typedef {import('../types/index.d.ts').ChangeEvent} ChangeEvent */

/** Milliseconds that a burst of changes pauses before it counts as over: what an editor takes to rename, and a bit. */
const BURST = 5;

export class WatchTask {
  isInvalid = true;
  /** @type {import('../../index.d.ts').FileWatcher | undefined} */
  #files;
  #isClosed = false;

  /**
   * @param {BuildOptions} options
   * @param {(id: string, event: ChangeEvent) => void} onChange
   */
  constructor(options, onChange) {
    const watch = /** @type {import('../types/index.d.ts').WatchOptions} */ (typeof options.watch === 'object' ? options.watch : {});
    this.options = { ...options, cache: options.cache ?? true, ...(watch.skipWrite ? { write: false } : {}) };
    this.builds = new Builds(this.options, { keepsGraph: false });
    this.onChange = onChange;
    this.watch = watch;
    this.buildDelay = watch.buildDelay ?? 0;
    this.cwd = path.resolve(options.cwd ?? '.');
    const outputs = [options.output ?? {}].flat();
    this.outputPaths = outputs.map(({ file, dir }) => path.resolve(this.cwd, file ?? dir ?? 'dist'));
    this.isWatched = filterOf(watch, this.cwd);
  }

  get isWatching() {
    return this.#files !== undefined && !this.#isClosed;
  }

  get input() {
    return this.options.input;
  }

  async build() {
    this.isInvalid = false;
    const since = Date.now();
    return this.builds.build((driver) => this.#watch(driver, since));
  }

  /**
   * @param {import('../plugins/driver.js').PluginDriver} driver
   * @param {number} since
   */
  #watch(driver, since) {
    if (this.#isClosed) return;
    this.#files ??= new (loadBinding().FileWatcher)(BURST, (changes) => this.#changed(JSON.parse(changes)));
    const files = [...driver.watchFiles].map(slashed);
    this.#files.watchBuild(driver.session, JSON.stringify({ files, ignored: this.#ownFolders(), since }));
  }

  /** Where builds write. One that holds the project is none of them: sources lie there too. */
  #ownFolders() {
    return this.outputPaths.filter((file) => path.relative(file, this.cwd).startsWith('..')).map(slashed);
  }

  /** @param {{ path: string, event: ChangeEvent }[]} changes */
  #changed(changes) {
    for (const { path: id, event } of changes) {
      if (!this.isWatched(id)) continue;
      this.builds.note(id, event);
      this.isInvalid = true;
      this.watch.onInvalidate?.(id);
      this.onChange(id, event);
    }
  }

  stopWatching() {
    this.#isClosed = true;
    this.#files?.close();
  }

  close() {
    return this.builds.close();
  }
}

/**
 * @param {import('../types/index.d.ts').WatchOptions} watch
 * @param {string} cwd
 * @returns {(id: string) => boolean}
 */
function filterOf({ include, exclude }, cwd) {
  const test = (/** @type {unknown} */ patterns) => {
    const tests = [patterns ?? []].flat().map((pattern) => {
      if (pattern instanceof RegExp) return (/** @type {string} */ id) => pattern.test(id);
      const text = slashed(String(pattern));
      return picomatch(text.startsWith('**') ? text : slashed(path.resolve(cwd, text)), { dot: true });
    });
    return (/** @type {string} */ id) => tests.some((matches) => matches(id));
  };
  const isExcluded = test(exclude);
  const isIncluded = include === undefined ? () => true : test(include);
  return (id) => isIncluded(id) && !isExcluded(id);
}
