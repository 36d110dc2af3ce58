// Where a suite's files are: a folder that the user names, or a clone at a pinned commit in the user's cache folder.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** `tla-fuzzer` -> `CONFORMANCE_TLA_FUZZER` */
export const variableOf = (name) => `CONFORMANCE_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;

const cacheFolder = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'cloudpack', 'conformance');

/** Throws what git says if it can neither find nor fetch the commit. */
export async function bringCheckout(suite, given) {
  const named = given ?? process.env[variableOf(suite.name)];
  if (named) {
    if (!existsSync(named)) throw new Error(`${suite.name}: there is no folder ${named}`);
    const directory = path.resolve(named);
    return { directory, commit: headOf(directory) };
  }
  const directory = path.join(cacheFolder, suite.repository.replace('/', '+'));
  if (!existsSync(path.join(directory, '.git'))) {
    mkdirSync(directory, { recursive: true });
    git(directory, 'init', '--quiet');
    git(directory, 'remote', 'add', 'origin', `https://github.com/${suite.repository}.git`);
    if (suite.folders) git(directory, 'sparse-checkout', 'set', ...suite.folders);
  }
  if (headOf(directory) !== suite.commit) {
    git(directory, 'fetch', '--quiet', '--depth=1', '--filter=blob:none', 'origin', suite.commit);
    git(directory, 'checkout', '--quiet', '--detach', suite.commit);
  }
  return { directory, commit: suite.commit };
}

function headOf(directory) {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

function git(directory, ...args) {
  execFileSync('git', args, { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
}
