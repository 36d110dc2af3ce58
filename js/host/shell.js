/**
 * What the plugin that hosts run has in common: it knows one module, and hands each phase of the build to ours.
 */
import { collectHooks } from '../plugins/hooks.js';
import { withPatience } from '../plugins/pending.js';
import { optionsBy } from '../plugins/results.js';
import { attribute } from '../plugins/run-hooks.js';
import { ENTRY, ENTRY_MODULE } from './entry.js';
import { errorForHost } from './errors.js';

/** @typedef {Record<string, any>} Options */

/**
 * @param {import('./build.js').HostBuild} build
 * @returns {<T>(work: () => Promise<T>) => Promise<T>} runs work of ours; faults say whose they are
 */
export function attributing(build) {
  return async (work) => {
    try {
      return await withPatience((log) => build.log('warn', log), work);
    } catch (thrown) {
      throw errorForHost(thrown, build.thrown);
    }
  };
}

/** @param {import('./build.js').HostBuild} build */
export function hooksOfBuild(build) {
  const attributed = attributing(build);
  return {
    name: 'cloudpack:driver',
    cacheKey: 'cloudpack',

    /** @this {any} @param {Options} normalized */
    async buildStart(normalized) {
      await attributed(() => build.start(this, normalized));
    },
    resolveId: {
      order: /** @type {const} */ ('pre'),
      handler: (/** @type {string} */ source) => (source === ENTRY ? { id: ENTRY, moduleSideEffects: 'no-treeshake' } : null),
    },
    load: (/** @type {string} */ id) => (id === ENTRY ? ENTRY_MODULE : null),

    /** @param {Error} [error] */
    async buildEnd(error) {
      await attributed(() => build.tell('buildEnd', error ? [error] : []));
    },

    /** @param {Error} error */
    async renderError(error) {
      await attributed(() => build.tell('renderError', [error]));
    },

    /** @param {Error} [error] */
    async closeBundle(error) {
      await attributed(() => build.tell('closeBundle', error ? [error] : []));
      build.close();
    },

    /** @param {string} id @param {object} change */
    async watchChange(id, change) {
      await attributed(() => build.tell('watchChange', [id, change]));
    },
    async closeWatcher() {
      await attributed(() => build.tell('closeWatcher', []));
    },

    /** @this {any} @param {'debug' | 'info' | 'warn'} level @param {any} log */
    onLog(level, log) {
      for (const hook of collectHooks(build.plugins, 'onLog')) if (hook.handler.call(this, level, log) === false) return false;
      return undefined;
    },
  };
}

/**
 * The hooks of the plugins run over what the user wrote; of an option that we cannot do it is too late to leave it to the host.
 * @param {import('./build.js').HostBuild} build
 * @param {any} context
 * @param {Options} given
 * @param {(raw: Options) => string | undefined} unknownOf
 * @returns {Options}
 */
export function rawOutputOptions(build, context, given, unknownOf) {
  let raw = given;
  for (const hook of collectHooks(build.plugins, 'outputOptions')) {
    try {
      raw = optionsBy(hook.handler.call(context, raw), hook) ?? raw;
    } catch (thrown) {
      throw errorForHost(attribute(thrown, hook, {}));
    }
  }
  const unknown = unknownOf(raw);
  if (unknown === undefined) return raw;
  const message = `Cloudpack cannot do ${unknown}: leave the option out, or build this output without cloudpack()`;
  throw errorForHost(Object.assign(new Error(message), { code: 'UNSUPPORTED_OPTION' }));
}

/**
 * What hooks of an output are told its options are.
 * @param {Options} normalized
 * @param {Options} raw
 * @param {readonly string[]} addons
 */
export function optionsForHooks(normalized, raw, addons) {
  const given = /** @type {Options} */ ({ ...normalized });
  for (const [name, value] of Object.entries(raw)) if (value !== undefined && name !== 'format') given[name] = value;
  for (const addon of addons) given[addon] = typeof raw[addon] === 'function' ? raw[addon] : async () => raw[addon] ?? '';
  return given;
}
