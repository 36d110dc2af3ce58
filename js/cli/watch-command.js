/** `cloudpack watch`: a line for every build, until Ctrl+C. An edit of the configuration file begins anew. */
import path from 'node:path';
import pc from 'picocolors';
import { loadBinding } from '../binding.js';
import { watch } from '../index.js';
import { slashed } from '../options/input-options.js';
import { printFailure } from './build-command.js';
import { isQuiet, settleOptions } from './settle.js';

/** @typedef {import('../types/index.d.ts').WatcherEvent} WatcherEvent */

/**
 * @param {import('./arguments.js').Flags} flags
 * @returns {Promise<number>} exit code
 */
export async function runWatchCommand(flags) {
  /** @type {string | undefined} */
  let known;
  for (;;) {
    try {
      const { options, file } = await settleOptions(flags);
      known = file;
      const ending = await watchUntilEnded(options, file, flags);
      if (ending === 'interrupted') return 0;
      if (ending === 'failed') return 1;
      if (!flags.json) console.log(pc.dim('The configuration changed.'));
    } catch (error) {
      await printFailure(error, flags);
      if (known === undefined) return 1;
      const { changed, stop } = watchFile(known);
      await changed;
      stop();
    }
  }
}

/**
 * @param {import('../types/index.d.ts').BuildOptions} options
 * @param {string | undefined} file of the configuration
 * @param {import('./arguments.js').Flags} flags
 * @returns {Promise<'interrupted' | 'configured' | 'failed'>}
 */
async function watchUntilEnded(options, file, flags) {
  const watcher = watch({ ...options, watch: options.watch === false ? {} : options.watch });
  const reporter = new WatchReporter(flags, options);
  watcher.on('change', (id) => reporter.changed(id));
  watcher.on('event', (event) => reporter.event(event));
  /** @type {() => void} */
  let interrupt = () => {};
  const interrupted = new Promise((resolve) => {
    interrupt = () => resolve('interrupted');
    process.once('SIGINT', interrupt);
    process.once('SIGTERM', interrupt);
  });
  const failed = new Promise((resolve) => void watcher.on('close', () => resolve('failed')));
  const configuration = file === undefined ? undefined : watchFile(file);
  const ending = await Promise.race(configuration ? [interrupted, configuration.changed] : [interrupted, failed]);
  configuration?.stop();
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', interrupt);
  await watcher.close();
  return ending;
}

/**
 * @param {string} file
 * @returns {{ changed: Promise<'configured'>, stop: () => void }}
 */
function watchFile(file) {
  /** @type {(value: 'configured') => void} */
  let tell = () => {};
  const changed = /** @type {Promise<'configured'>} */ (new Promise((resolve) => (tell = resolve)));
  const watcher = new (loadBinding().FileWatcher)(50, () => tell('configured'));
  watcher.watchFiles(JSON.stringify({ files: [slashed(file)], ignored: [], since: Date.now() }));
  return { changed, stop: () => watcher.close() };
}

class WatchReporter {
  #isFirst = true;
  /** @type {Set<string>} */
  #changed = new Set();

  /**
   * @param {import('./arguments.js').Flags} flags
   * @param {import('../types/index.d.ts').BuildOptions} options
   */
  constructor(flags, options) {
    this.flags = flags;
    this.cwd = path.resolve(options.cwd ?? '.');
    this.isQuiet = isQuiet(options.logLevel);
    this.clears = typeof options.watch === 'object' && options.watch.clearScreen === true && process.stdout.isTTY && !process.env.CI;
  }

  /** @param {string} id */
  changed(id) {
    this.#changed.add(path.relative(this.cwd, id));
  }

  /** @param {WatcherEvent} event */
  async event(event) {
    if (event.code === 'START' && this.clears) process.stdout.write('\u001b[2J\u001b[3J\u001b[H');
    if (event.code === 'ERROR') await printFailure(event.error, this.flags);
    if (this.flags.json) return this.#json(event);
    if (event.code === 'BUNDLE_END' && !this.isQuiet) console.log(this.#line(event));
    if (event.code === 'END' && !this.isQuiet) {
      if (this.#isFirst) console.log(pc.dim('Watching for changes. Ctrl+C ends it.'));
      this.#isFirst = false;
    }
  }

  /** @param {Extract<WatcherEvent, { code: 'BUNDLE_END' }>} event */
  #line({ duration, result: { stats } }) {
    const changed = [...this.#changed];
    this.#changed.clear();
    const what = changed.length === 0 ? '' : pc.dim(`${changed[0]}${changed.length > 1 ? ` and ${changed.length - 1} more` : ''}: `);
    const parts = [`${stats.summarized.toLocaleString('en')} of ${stats.modules.toLocaleString('en')} modules compiled`, `${stats.chunksWritten.toLocaleString('en')} files written`];
    return `${pc.green('✓')} ${what}${parts.join(', ')} in ${pc.bold(`${duration} ms`)}`;
  }

  /** @param {WatcherEvent} event */
  #json(event) {
    if (event.code === 'ERROR') return;
    const { result, ...rest } = /** @type {any} */ (event);
    console.log(JSON.stringify(result ? { ...rest, stats: result.stats, warnings: result.warnings } : rest));
  }
}
