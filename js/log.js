/**
 * The way of a log: level filter, `onLog` hooks of the plugins, the user's `onLog`, the terminal. Warnings of a build are kept,
 * whether they were shown or not.
 */
import { collectHooks } from './plugins/hooks.js';
import { errorOf, logObjectOf, renderDiagnostics } from './diagnostics.js';

/** @typedef {'debug' | 'info' | 'warn'} Level */
/** @typedef {import('./types/index.d.ts').RollupLog} Log */

const RANK = { debug: 0, info: 1, warn: 2, silent: 3 };
const SEVERITY = /** @type {const} */ ({ debug: 'debug', info: 'info', warn: 'warning' });

export class Logger {
  /** @type {Log[]} */
  warnings = [];

  /**
   * @param {import('./types/index.d.ts').BuildOptions} options
   * @param {import('./plugins/hooks.js').Plugin[]} plugins
   */
  constructor(options, plugins) {
    this.onLog = options.onLog;
    this.rank = RANK[options.logLevel ?? 'info'] ?? RANK.info;
    this.hooks = collectHooks(plugins, 'onLog');
  }

  /**
   * Whether anybody would see a log of this level; its text need not be made otherwise.
   * @param {Level} level
   */
  listens(level) {
    return RANK[level] >= this.rank || level === 'warn';
  }

  /**
   * @param {Level} level
   * @param {Log} log
   * @param {Set<object>} [running] hooks that this log came from: a hook never hears itself
   */
  log(level, log, running = new Set()) {
    if (RANK[level] < this.rank) {
      if (level === 'warn') this.warnings.push(log);
      return;
    }
    for (const hook of this.hooks) {
      if (running.has(hook)) continue;
      const inner = new Set(running).add(hook);
      const context = {
        meta: {},
        debug: (/** @type {unknown} */ given) => this.log('debug', logObjectOf(given), inner),
        info: (/** @type {unknown} */ given) => this.log('info', logObjectOf(given), inner),
        warn: (/** @type {unknown} */ given) => this.log('warn', logObjectOf(given), inner),
        error: (/** @type {unknown} */ given) => {
          throw errorOf(given);
        },
      };
      if (hook.handler.call(context, level, log) === false) return;
    }
    if (level === 'warn') this.warnings.push(log);
    if (this.onLog) this.onLog(level, log, (/** @type {any} */ next, /** @type {unknown} */ given) => print(next, logObjectOf(given)));
    else print(level, log);
  }
}

/**
 * @param {Level | 'error'} level
 * @param {Log} log
 */
function print(level, log) {
  if (level === 'error') throw errorOf(log);
  const color = Boolean(process.stderr.isTTY && !process.env.NO_COLOR);
  const shown = { code: 'LOG', ...log, message: String(log.message), severity: SEVERITY[level] };
  const text = renderDiagnostics([shown], color).trimEnd();
  if (level === 'warn') console.warn(text);
  else if (level === 'info') console.info(text);
  else console.debug(text);
}
