/** `cloudpack why FILE`: who brings a module into the output, who uses what of it, and what became of it since the last build. */
import path from 'node:path';
import pc from 'picocolors';
import { createSession } from '../index.js';
import { UsageError } from './arguments.js';
import { printFailure } from './build-command.js';
import { settleOptions } from './settle.js';

/** @typedef {import('../types/index.d.ts').Why} Why */

/**
 * Builds without writing; exit code 1 where nothing asks for the file.
 * @param {string} file
 * @param {import('./arguments.js').Flags} flags
 * @returns {Promise<number>} exit code
 */
export async function runWhyCommand(file, flags) {
  try {
    const { options } = await settleOptions(flags);
    const cwd = path.resolve(options.cwd ?? '.');
    // Whoever asks sees errors of the build, and no remarks on its way.
    const session = await createSession({ logLevel: 'silent', ...options, cache: options.cache ?? false, write: false });
    try {
      await session.build();
      // The shell completes paths from where it is, which need not be the project.
      const why = (await session.why(path.resolve(file))) ?? (await session.why(file));
      if (!why) throw new UsageError(`Nothing in this build asks for ${file}.`);
      console.log(flags.json ? JSON.stringify(why, null, 2) : whyText(why, cwd));
      return 0;
    } finally {
      await session.close();
    }
  } catch (error) {
    await printFailure(error, flags, '');
    return 1;
  }
}

/** So many lines of each list. */
const LONGEST_LIST = 15;

/**
 * @param {Why} why
 * @param {string} cwd
 */
export function whyText(why, cwd) {
  const shown = (/** @type {string} */ id) => (path.isAbsolute(id) ? path.relative(cwd, id).replaceAll('\\', '/') : id.replaceAll('\0', ''));
  const state = why.isExternal ? 'external: it is left to whoever runs the output'
    : why.isIncluded ? `${pc.green('in the output')}${why.files.length > 0 ? `, in ${why.files.join(', ')}` : why.chunks.length > 0 ? `, in chunk ${why.chunks.join(', ')}` : ''}`
      : `${pc.yellow('not in the output')}: ${why.excludedBecause}`;
  const importers = why.importers.map(({ id, kind, specifier, isIncluded }) => `${shown(id)} ${pc.dim(`${kind} ${JSON.stringify(specifier)}${isIncluded ? '' : ', not in the output itself'}`)}`);
  const exports = why.exports.map(({ name, isLive, usedBy }) => {
    const by = usedBy.length > 0 ? `used by ${short(usedBy.map(shown)).join(', ')}` : isLive ? 'used by the module itself' : pc.dim('not used, left out');
    return `${name === '*' ? '* (all of it)' : name}: ${by}`;
  });
  const { compiled, because, changed } = why.lastBuild;
  return [
    `${pc.bold(shown(why.id))} is ${state}`,
    ...section('The way to it', why.isEntry ? ['it is an entry point'] : why.chain.map(({ id, specifier, kind }, depth) =>
      `${'  '.repeat(depth)}${shown(id)}${specifier === null ? '' : pc.dim(` ${kind} ${JSON.stringify(specifier)}`)}`)),
    ...section('Asked for by', importers),
    ...section('Exports', exports),
    ...section('In this build', [`${compiled ? 'compiled' : 'not compiled'}: ${because}${changed.length > 0 ? ` (${short(changed.map(shown)).join(', ')})` : ''}`]),
  ].join('\n');
}

/**
 * @param {string} title
 * @param {string[]} lines
 */
function section(title, lines) {
  return lines.length === 0 ? [] : ['', title, ...short(lines).map((line) => `  ${line}`)];
}

/** @param {string[]} lines */
function short(lines) {
  return lines.length <= LONGEST_LIST ? lines : [...lines.slice(0, LONGEST_LIST), `… and ${lines.length - LONGEST_LIST} more`];
}
