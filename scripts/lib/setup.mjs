// What a fresh clone lacks: packages, the addon, a browser. Each step looks first whether there is anything to do.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cacheDirectory, root, run, succeeds, targetDirectory } from './run.mjs';

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

/**
 * The addon of `engine: 'rolldown'`, which is compiled for minutes: once for what it is made of, and copied after that. Its crates have
 * a target directory of their own, so that what a build that was broken off has compiled is not lost.
 */
export async function buildRolldown() {
  const folder = join(root, 'engines', 'rolldown');
  const made = join(cacheDirectory, 'rolldown', await rolldownKey(folder));
  const isMade = existsSync(made);
  if (!isMade) await compileRolldown(made);
  const names = readdirSync(made);
  for (const name of names) {
    // A process that has the former addon open keeps it.
    const unfinished = join(folder, `.${name}.${process.pid}`);
    copyFileSync(join(made, name), unfinished);
    renameSync(unfinished, join(folder, name));
  }
  for (const name of readdirSync(folder)) if (name.endsWith('.node') && !names.includes(name)) rmSync(join(folder, name));
  return isMade ? 'nothing to do' : 'built';
}

/** @param {string} made directory that holds addon, loader and types afterwards */
async function compileRolldown(made) {
  const unfinished = `${made}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const napi = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const target = join(cacheDirectory, 'target-rolldown');
  const { code } = await run(process.execPath, [
    napi, 'build', '--platform', '--release', '--cwd', 'engines/rolldown', '--target-dir', target,
    '--output-dir', unfinished, '--js', 'binding.cjs', '--dts', 'index.d.ts', '--', '--locked',
  ], { env: { CARGO_TARGET_DIR: target } });
  if (code !== 0) {
    rmSync(unfinished, { recursive: true });
    throw new Error('The addon of Rolldown could not be built');
  }
  try {
    renameSync(unfinished, made);
  } catch (error) {
    // Another process was faster; what it made is the same.
    rmSync(unfinished, { recursive: true });
    if (!existsSync(made)) throw error;
  }
}

/** @param {string} folder */
async function rolldownKey(folder) {
  const hash = createHash('sha256');
  const add = (/** @type {string} */ file) => hash.update(`${relative(root, file)}\0`).update(readFileSync(file)).update('\0');
  const engine = join(root, 'crates', 'cloudpack_engine');
  for (const name of ['Cargo.lock', 'Cargo.toml', 'build.rs', 'package.json']) add(join(folder, name));
  for (const directory of [join(folder, 'src'), join(engine, 'src')]) {
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) add(file);
  }
  for (const file of ['Cargo.toml', join('.cargo', 'config.toml'), 'package-lock.json']) add(join(root, file));
  add(join(engine, 'Cargo.toml'));
  const { output } = await run('rustc', ['--version', '--verbose'], { quiet: true });
  const flags = Object.entries(process.env).filter(([name]) => /^(?:CARGO_(?:ENCODED_RUSTFLAGS|BUILD_|PROFILE_|TARGET_.*_)|RUSTFLAGS$|RUSTC)/.test(name)).sort();
  return hash.update(output).update(JSON.stringify([process.platform, process.arch, flags])).digest('hex').slice(0, 16);
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
