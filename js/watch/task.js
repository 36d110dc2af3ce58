/** One configuration that is watched: when it has to be built again, and what a build asked the disk for. */
import path from 'node:path';
import picomatch from 'picomatch';
import { slashed } from '../options/input-options.js';
import { Builds } from '../session/builds.js';

/** @typedef {import('../types/index.d.ts').BuildOptions} BuildOptions */
/** @typedef {import('../types/index.d.ts').ChangeEvent} ChangeEvent */

export class WatchTask {
  isInvalid = true;
  #isClosed = false;

  /**
   * @param {BuildOptions} options
   * @param {(id: string, event: ChangeEvent) => void} onChange
   */
  constructor(options, onChange) {
    const watch = /** @type {import('../types/index.d.ts').WatchOptions} */ (typeof options.watch === 'object' ? options.watch : {});
    this.options = { ...options, cache: options.cache ?? true, ...(watch.skipWrite ? { write: false } : {}) };
    this.builds = new Builds(this.options, { keepsGraph: false, onChange: (changes) => this.#changed(changes) });
    this.onChange = onChange;
    this.watch = watch;
    this.buildDelay = watch.buildDelay ?? 0;
    this.outputPaths = this.builds.outputPaths;
    this.isWatched = filterOf(watch, this.builds.cwd);
  }

  get isWatching() {
    return this.builds.isWatching && !this.#isClosed;
  }

  get input() {
    return this.options.input;
  }

  build() {
    this.isInvalid = false;
    return this.builds.build();
  }

  /** @param {{ path: string, event: ChangeEvent }[]} changes */
  #changed(changes) {
    if (this.#isClosed) return;
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
