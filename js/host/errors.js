/**
 * Faults on their way to the bundler around us. It takes whatever a plugin throws for that plugin's fault and writes the
 * plugin's name on it; for it there is only one plugin, ours. So what an error says about itself is made fast first.
 */
import path from 'node:path';
import { BuildError, diagnosticOf, madeOfLogs, renderDiagnostics } from '../diagnostics.js';

/** What hosts write on errors. */
const FIELDS = ['code', 'plugin', 'pluginCode', 'hook', 'id'];

/**
 * @param {unknown} thrown by one of the phases
 * @param {unknown[]} [byHooks] what hooks threw while the graph was loaded
 * @returns {Error}
 */
export function errorForHost(thrown, byHooks = []) {
  const errors = thrown instanceof BuildError ? thrown.errors : [diagnosticOf(thrown)];
  const [first, ...others] = errors;
  const error = originalOf(thrown, first, byHooks) ?? errorOfDiagnostic(first);
  if (madeOfLogs.delete(error)) error.message = whereFrom(error) + error.message;
  if (others.length > 0) {
    error.message += `\n\n${others.length} more:\n${renderDiagnostics(others).trimEnd()}`;
    Object.assign(error, { errors });
  }
  return madeFast(error);
}

/**
 * What the hook threw, itself: it may carry anything.
 * @param {unknown} thrown
 * @param {import('../types/index.d.ts').Diagnostic} first
 * @param {unknown[]} byHooks
 * @returns {any}
 */
function originalOf(thrown, first, byHooks) {
  if (!(thrown instanceof BuildError)) return thrown instanceof Error ? thrown : undefined;
  return byHooks.find((one) => one instanceof Error && one.message === first.message && /** @type {any} */ (one).plugin === first.plugin);
}

/**
 * @param {import('../types/index.d.ts').Diagnostic} diagnostic
 * @returns {any}
 */
function errorOfDiagnostic({ severity: _, stack: __, message, ...fields }) {
  return Object.assign(new Error(fields.hint === undefined ? message : `${message}\n${fields.hint}`), fields);
}

/** @param {any} error */
function whereFrom({ plugin, id, loc }) {
  const file = id ?? loc?.file;
  const shown = typeof file === 'string' && path.isAbsolute(file) ? path.relative('.', file) : file;
  const place = loc ? ` (${loc.line}:${loc.column})` : '';
  return `${plugin === undefined ? '' : `[plugin ${plugin}] `}${shown === undefined ? '' : `${shown}${place}: `}`;
}

/** @param {any} error */
function madeFast(error) {
  for (const field of FIELDS) {
    const value = error[field];
    try {
      Object.defineProperty(error, field, { get: () => value, set() {}, enumerable: value !== undefined, configurable: true });
    } catch {
      // A frozen error cannot be written on by the host either.
    }
  }
  return error;
}
