/** From words on the command line to a command and its flags. Whatever is not known is an error with the nearest known word. */
import { parseArgs } from 'node:util';
import { nearest } from '../options/nearest.js';

/**
 * @typedef {object} Flags
 * @property {string[]} entries
 * @property {string} [config]
 * @property {string} [outdir]
 * @property {string} [format]
 * @property {boolean | string} [minify]
 * @property {boolean | string} [sourcemap]
 * @property {string[]} external
 * @property {[string, string][]} define
 * @property {string} [platform]
 * @property {string} [target]
 * @property {string} [mode]
 * @property {string} [base]
 * @property {boolean} json
 * @property {boolean} timings
 * @property {string} [logLevel]
 * @property {boolean} [treeshake]
 * @property {string} [view]
 * @property {string} [engine]
 * @property {boolean} [write]
 * @property {boolean} [watch]
 */

/**
 * Every flag. `takes` names its value in the help; `optional` values only come after `=`.
 * @type {Record<string, { short?: string, takes?: string, optional?: boolean, multiple?: boolean, negatable?: boolean, help: string }>}
 */
export const FLAGS = {
  config: { short: 'c', takes: 'file', help: 'configuration file (default: cloudpack.config.{js,mjs,ts})' },
  outdir: { short: 'd', takes: 'directory', help: 'where the files go (default: dist)' },
  format: { takes: 'es|cjs|iife|umd', help: 'format of the chunks' },
  minify: { takes: 'thin|full', optional: true, negatable: true, help: 'minify each module; with full, each chunk once more' },
  sourcemap: { takes: 'inline|hidden', optional: true, negatable: true, help: 'source maps, as files unless told otherwise' },
  external: { takes: 'name', multiple: true, help: 'leave a package out; may be repeated' },
  define: { takes: 'key=value', multiple: true, help: 'replace an expression; may be repeated' },
  platform: { takes: 'browser|node|neutral', help: 'what the code runs on' },
  target: { takes: 'es2020,...', help: 'lower syntax to what these understand' },
  mode: { takes: 'name', help: 'import.meta.env.MODE (default: production)' },
  base: { takes: 'path', help: 'where the files are served from' },
  view: { takes: 'production|ci', help: 'with ci, say what a deploy has to upload and to remove' },
  engine: { takes: 'native|rolldown|rspack', help: 'who makes the files of live modules (default: native)' },
  treeshake: { negatable: true, help: 'leave out what is not used (default: true)' },
  watch: { short: 'w', help: 'build again whenever something changes, as `cloudpack watch` does' },
  write: { negatable: true, help: 'write the files (default: true)' },
  json: { help: 'print the result as JSON' },
  timings: { help: 'print how long each phase took' },
  'log-level': { takes: 'silent|warn|info|debug', help: 'what is worth a line' },
  help: { short: 'h', help: 'print this' },
  version: { short: 'v', help: 'print the version' },
};
const COMMANDS = ['build', 'watch', 'why', 'cache'];
/** What `cloudpack cache` does. */
export const CACHE_ACTIONS = /** @type {const} */ (['info', 'verify', 'clear']);

/** The command line makes no sense. */
export class UsageError extends Error {}

/**
 * @param {string[]} args
 * @returns {{ name: 'help' | 'version' } | { name: 'build' | 'watch', flags: Flags } | { name: 'why', file: string, flags: Flags }
 *   | { name: 'cache', action: typeof CACHE_ACTIONS[number], dir: string | undefined, flags: Flags }}
 */
export function parseCommandLine(args) {
  const { values, positionals, tokens } = parseArgs({
    args, strict: false, allowPositionals: true, allowNegative: true, tokens: true,
    options: Object.fromEntries(
      Object.entries(FLAGS).map(([name, { short, takes, optional, multiple }]) => [
        name, { type: takes && !optional ? 'string' : 'boolean', ...(short ? { short } : {}), ...(multiple ? { multiple } : {}) },
      ]),
    ),
  });
  for (const token of tokens) if (token.kind === 'option') checkFlag(token);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [command, ...entries] = positionals;
  if (command === undefined) {
    if (args.length === 0) return { name: 'help' };
    throw new UsageError('No command was given. Did you mean `cloudpack build`?');
  }
  if (!COMMANDS.includes(command)) {
    const meant = nearest(command, COMMANDS) ?? (/[./]/.test(command) ? `build ${command}` : undefined);
    throw new UsageError(`Unknown command ${JSON.stringify(command)}.${meant ? ` Did you mean \`cloudpack ${meant}\`?` : ''}`);
  }
  const { 'log-level': logLevel, external, define, json, timings, watch, help: _help, version: _version, ...rest } = /** @type {any} */ (values);
  const flags = { ...rest, entries, logLevel, external: external ?? [], define: (define ?? []).map(pairOf), json: Boolean(json), timings: Boolean(timings) };
  if (command === 'cache') return { name: 'cache', ...cacheWords(entries), flags };
  if (command === 'why') {
    const [file, ...others] = entries;
    if (file === undefined) throw new UsageError('Why what? `cloudpack why` takes a file.');
    return { name: 'why', file, flags: { ...flags, entries: others } };
  }
  return { name: watch || command === 'watch' ? 'watch' : 'build', flags };
}

/** @param {string[]} words */
function cacheWords([action, dir, ...more]) {
  const known = CACHE_ACTIONS.find((one) => one === action);
  if (known && more.length === 0) return { action: known, dir };
  const meant = action === undefined || known ? undefined : nearest(action, [...CACHE_ACTIONS]);
  const fault = known ? `\`cloudpack cache ${known}\` takes one directory.` : action === undefined ? 'What about the cache?' : `Unknown command "cache ${action}".`;
  throw new UsageError(`${fault} ${meant ? `Did you mean \`cloudpack cache ${meant}\`?` : known ? '' : `There is ${CACHE_ACTIONS.map((one) => `\`cloudpack cache ${one}\``).join(', ')}.`}`.trim());
}

/** @param {{ name: string, rawName: string, value?: string | undefined }} token */
function checkFlag({ name, rawName, value }) {
  const negated = rawName.startsWith('--no-');
  const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
  if (!flag || (negated && !flag.negatable)) {
    const names = Object.keys(FLAGS).flatMap((known) => (FLAGS[known].negatable ? [known, `no-${known}`] : [known]));
    const meant = rawName.startsWith('--') ? nearest(rawName.slice(2), names) : undefined;
    throw new UsageError(`Unknown option \`${rawName}\`.${meant ? ` Did you mean \`--${meant}\`?` : ''}`);
  }
  if (flag.takes && !flag.optional && value === undefined) throw new UsageError(`Option \`${rawName}\` needs a value: ${rawName} <${flag.takes}>`);
  if (!flag.takes && value !== undefined) throw new UsageError(`Option \`${rawName}\` takes no value, got ${JSON.stringify(value)}.`);
}

/**
 * @param {string} text
 * @returns {[string, string]}
 */
function pairOf(text) {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError(`Option \`--define\` needs key=value, got ${JSON.stringify(text)}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}
