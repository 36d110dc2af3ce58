/**
 * Collects every fault of an options object before anything runs, so that a user mends a configuration in one go.
 * Each method returns the value when it is of the asked kind, and undefined when it is absent or was faulted.
 */
import { nearest } from './nearest.js';

export class OptionChecker {
  /** @type {import('../types/index.d.ts').Diagnostic[]} */
  faults = [];

  /**
   * @param {string} message
   * @param {string} [hint]
   * @param {string} [code]
   */
  fault(message, hint, code = 'INVALID_OPTION') {
    this.faults.push({ code, severity: 'error', message, ...(hint ? { hint } : {}) });
    return undefined;
  }

  /**
   * Refuses names that nobody knows.
   * @param {unknown} value
   * @param {readonly string[]} allowed
   * @param {string} where `"output"`; empty at the top
   * @returns {Record<string, any>}
   */
  object(value, allowed, where) {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.fault(`${name(where)} must be an object, but it is ${kindOf(value)}`);
      return {};
    }
    for (const key of Object.keys(value)) {
      if (allowed.includes(key)) continue;
      const meant = nearest(key, allowed);
      this.fault(
        `Unknown option ${quoted(where, key)}`,
        meant ? `Did you mean ${quoted(where, meant)}?` : `Known here: ${allowed.join(', ')}`,
        'UNKNOWN_OPTION',
      );
    }
    return /** @type {Record<string, any>} */ (value);
  }

  /**
   * @param {unknown} value
   * @param {string} where
   * @returns {string | undefined}
   */
  string(value, where) {
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
    return this.fault(`${name(where)} must be a string, but it is ${kindOf(value)}`);
  }

  /**
   * @param {unknown} value
   * @param {string} where
   * @returns {boolean | undefined}
   */
  boolean(value, where) {
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? undefined;
    return this.fault(`${name(where)} must be true or false, but it is ${kindOf(value)}`);
  }

  /**
   * A whole number of zero or more.
   * @param {unknown} value
   * @param {string} where
   * @param {number} [most]
   * @returns {number | undefined}
   */
  count(value, where, most = 2 ** 32 - 1) {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
    return this.fault(`${name(where)} must be a whole number of bytes, but it is ${kindOf(value)}`);
  }

  /**
   * One string or a list of them.
   * @param {unknown} value
   * @param {string} where
   * @returns {string[] | undefined}
   */
  strings(value, where) {
    if (value === undefined || value === null) return undefined;
    const list = Array.isArray(value) ? value : [value];
    if (list.every((item) => typeof item === 'string')) return list;
    return this.fault(`${name(where)} must be a string or an array of strings`);
  }

  /**
   * One of the listed values; the list may map what users write to what the core calls it.
   * @template T
   * @param {unknown} value
   * @param {Map<unknown, T>} allowed
   * @param {string} where
   * @returns {T | undefined}
   */
  oneOf(value, allowed, where) {
    if (value === undefined || value === null) return undefined;
    if (allowed.has(value)) return allowed.get(value);
    const names = [...allowed.keys()].filter((key) => typeof key === 'string').map(String);
    const meant = typeof value === 'string' ? nearest(value, names) : undefined;
    const shown = typeof value === 'string' ? JSON.stringify(value) : kindOf(value);
    return this.fault(
      `${name(where)} is ${shown}; it must be one of ${[...allowed.keys()].map((key) => JSON.stringify(key)).join(', ')}`,
      meant ? `Did you mean ${JSON.stringify(meant)}?` : undefined,
    );
  }

  /**
   * Own entries of an object with any keys, in the order they were written.
   * @param {unknown} value
   * @param {string} where
   * @returns {[string, any][]}
   */
  entries(value, where) {
    if (value === undefined || value === null) return [];
    if (typeof value === 'object' && !Array.isArray(value)) return Object.entries(value);
    this.fault(`${name(where)} must be an object, but it is ${kindOf(value)}`);
    return [];
  }
}

/** @param {string} where */
function name(where) {
  return where ? `Option "${where}"` : 'The options';
}

/**
 * @param {string} where
 * @param {string} key
 */
function quoted(where, key) {
  return JSON.stringify(where ? `${where}.${key}` : key);
}

/**
 * How a message names a value: `an array`, `the number 3`, `a function`.
 * @param {unknown} value
 */
export function kindOf(value) {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (value instanceof RegExp) return 'a regular expression';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
