// Runs other programs: their output is shown as it comes, and kept for whoever wants to read it.
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const windows = process.platform === 'win32';

/** Outside of the clone, so that several clones share what is in it. */
export const cacheDirectory = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cloudpack');

/** Where Rust builds into. */
export const targetDirectory = process.env.CARGO_TARGET_DIR || join(cacheDirectory, 'target');

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, quiet?: boolean }} [options] `quiet`: output is only kept
 * @returns {Promise<{ code: number, output: string }>} code 127: there is no such program
 */
export function run(command, args, { cwd = root, env = {}, quiet = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd, env: { ...process.env, CARGO_TARGET_DIR: targetDirectory, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
      // npm is a script there, which only a shell can start.
      shell: windows && command === 'npm',
    });
    let output = '';
    child.stdout.on('data', (chunk) => { output += chunk; if (!quiet) process.stdout.write(chunk); });
    child.stderr.on('data', (chunk) => { output += chunk; if (!quiet) process.stderr.write(chunk); });
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * @param {string} command
 * @param {string[]} args
 */
export async function succeeds(command, args) {
  return (await run(command, args, { quiet: true })).code === 0;
}

/**
 * @param {number} milliseconds
 */
export function seconds(milliseconds) {
  return milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
