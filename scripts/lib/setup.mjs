// What a fresh clone lacks: packages, the addon, a browser. Each step looks first whether there is anything to do.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root, run, succeeds, targetDirectory } from './run.mjs';

const NODE = [20, 19];
const RUST = [1, 95];

/** Says what is too old or missing, in one go. */
export async function checkTools() {
  const faults = [];
  const node = process.versions.node.split('.').map(Number);
  if (isOlder(node, NODE)) faults.push(`Node ${process.versions.node} is too old: ${NODE.join('.')} or later is needed`);
  const rust = await run('rustc', ['--version'], { quiet: true });
  const version = /^rustc (\d+)\.(\d+)/.exec(rust.output);
  if (rust.code !== 0 || !version) faults.push(`Rust is not installed: ${RUST.join('.')} or later is needed, see https://rustup.rs`);
  else if (isOlder(version.slice(1).map(Number), RUST)) faults.push(`Rust ${version[1]}.${version[2]} is too old: ${RUST.join('.')} or later is needed`);
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/**
 * @param {number[]} version
 * @param {number[]} wanted
 */
function isOlder([major = 0, minor = 0], [wantedMajor, wantedMinor]) {
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

/**
 * `npm ci` when the lock is not the one that was installed.
 * @param {string} [directory]
 */
export async function installPackages(directory = root) {
  const stamp = join(directory, 'node_modules', '.cloudpack-lock');
  const lock = createHash('sha256').update(readFileSync(join(directory, 'package-lock.json'))).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return 'nothing to do';
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error'];
  let { code, output } = await run('npm', ['ci', ...quietly], { cwd: directory, quiet: true });
  // A lock written where a registry lacks packages of other platforms does not list them, which `npm ci` refuses.
  if (output.includes('EUSAGE')) ({ code, output } = await run('npm', ['install', '--no-save', ...quietly], { cwd: directory, quiet: true }));
  if (code !== 0) throw new Error(`npm ci failed in ${relative(root, directory) || 'the repository'}:\n${output}`);
  writeFileSync(stamp, lock);
  return 'installed';
}

/** The release addon beside package.json, with its loader and types; Cargo sees what has to be compiled. */
export async function buildAddon() {
  const napi = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const { code } = await run(process.execPath, [
    napi, 'build', '--platform', '--release', '--manifest-path', 'crates/cloudpack_napi/Cargo.toml', '--target-dir', targetDirectory,
    '--output-dir', '.', '--js', 'binding.cjs', '--dts', 'index.d.ts',
  ]);
  if (code !== 0) throw new Error('The addon could not be built');
  return 'up to date';
}

/** Debian's Chromium, for the tests in a browser. `CHROMIUM` names another one. */
export async function installBrowser() {
  if (process.env.CHROMIUM || existsSync('/usr/bin/chromium')) return 'nothing to do';
  if (!(await succeeds('apt-get', ['--version']))) return 'there is no chromium, and no apt-get to install it with';
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    const [command, ...rest] = [...asRoot, 'apt-get', ...args];
    const { code, output } = await run(command, rest, { env, quiet: true });
    if (code !== 0) return `chromium could not be installed: ${output.trim().split('\n').at(-1)}`;
  }
  return 'installed';
}
