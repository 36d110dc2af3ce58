/**
 * Faults as values on the JavaScript side: the error that `build()` rejects with, and how whatever a plugin threw
 * becomes a diagnostic of the core's shape. Their text is rendered by the core, so that there is one form of it.
 */
import { loadBinding } from './binding.js';

/** @typedef {import('./types/index.d.ts').Diagnostic} Diagnostic */

export class BuildError extends Error {
  /**
   * @param {Diagnostic[]} diagnostics errors of one build, the first decides the fields of this object
   * @param {unknown} [cause] what a plugin threw
   */
  constructor(diagnostics, cause) {
    super(renderDiagnostics(diagnostics).trimEnd(), cause === undefined ? undefined : { cause });
    this.name = 'BuildError';
    this.errors = diagnostics;
    const { code = 'ERROR', id, loc, frame, hint, plugin, pluginCode, hook } = diagnostics[0] ?? {};
    Object.assign(this, withoutUndefined({ code, id, loc, frame, hint, plugin, pluginCode, hook }));
  }
}

/**
 * @param {Diagnostic[]} diagnostics
 * @param {boolean} [color]
 */
export function renderDiagnostics(diagnostics, color = false) {
  return loadBinding().renderDiagnostics(JSON.stringify(diagnostics.map(coreFieldsOf)), color);
}

/**
 * @param {unknown} thrown
 * @param {{ plugin?: string, hook?: string, id?: string }} [at]
 * @returns {Diagnostic}
 */
export function diagnosticOf(thrown, at = {}) {
  const error = /** @type {Record<string, any>} */ (
    typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }
  );
  return withoutUndefined({
    code: text(error.code) ?? 'PLUGIN_ERROR',
    severity: /** @type {const} */ ('error'),
    message: text(error.message) ?? 'A plugin threw without a message',
    id: text(error.id) ?? at.id,
    loc: locationOf(error.loc, text(error.id) ?? at.id),
    frame: text(error.frame),
    hint: text(error.hint),
    plugin: text(error.plugin) ?? at.plugin,
    pluginCode: error.pluginCode,
    hook: text(error.hook) ?? at.hook,
    stack: text(error.stack),
  });
}

/**
 * A log of a plugin is a string, an object, or a function that makes one of them only when somebody listens.
 * @param {unknown} given
 * @returns {import('./types/index.d.ts').RollupLog}
 */
export function logObjectOf(given) {
  const log = typeof given === 'function' ? given() : given;
  return typeof log === 'object' && log !== null ? log : { message: String(log) };
}

/**
 * What `this.error` throws.
 * @param {unknown} given
 */
export function errorOf(given) {
  const log = logObjectOf(given);
  if (log instanceof Error) return log;
  const error = Object.assign(new Error(String(log.message)), log);
  madeOfLogs.add(error);
  return error;
}

/** Errors that began as a string or an object: Rollup puts into their text where they came from. @type {WeakSet<Error>} */
export const madeOfLogs = new WeakSet();

/**
 * Sets where `log` points: the place in `source` at a UTF-16 offset or at a line and column, with a frame drawn by the core.
 * @param {Record<string, any>} log
 * @param {string} id
 * @param {string} source
 * @param {number} offset UTF-16 units
 */
export function pointAt(log, id, source, offset) {
  const bytes = Buffer.byteLength(source.slice(0, offset));
  const placed = JSON.parse(loadBinding().locate(id, source, bytes));
  log.id ??= id;
  log.pos ??= offset;
  log.loc = placed.loc;
  log.frame = placed.frame;
}

/**
 * UTF-16 offset of a line (from 1) and column (from 0).
 * @param {string} source
 * @param {{ line: number, column: number }} place
 */
export function offsetOf(source, { line, column }) {
  let start = 0;
  for (let current = 1; current < line; current++) {
    const end = source.indexOf('\n', start);
    if (end < 0) break;
    start = end + 1;
  }
  return Math.min(start + column, source.length);
}

/**
 * @param {unknown} loc
 * @param {string | undefined} id
 */
function locationOf(loc, id) {
  const { file, line, column } = /** @type {Record<string, any>} */ (loc ?? {});
  if (!Number.isInteger(line) || line < 1) return undefined;
  return { file: text(file) ?? id ?? '', line, column: Number.isInteger(column) && column >= 0 ? column : 0 };
}

/**
 * Only what the core knows of, in the types it knows; plugins put anything on their errors.
 * @param {Diagnostic} diagnostic
 */
export function coreFieldsOf(diagnostic) {
  const { code, severity, message, id, loc, frame, hint, plugin, hook, stack } = diagnostic;
  return withoutUndefined({ code, severity, message, id, loc, frame, hint, plugin, hook, stack });
}

/** @param {unknown} value */
function text(value) {
  return typeof value === 'string' ? value.toWellFormed() : typeof value === 'number' ? String(value) : undefined;
}

/**
 * @template {object} T
 * @param {T} object
 * @returns {T}
 */
function withoutUndefined(object) {
  return /** @type {T} */ (Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)));
}
