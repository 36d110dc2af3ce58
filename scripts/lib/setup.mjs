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
  const built = () => readdirSync(folder).filter((name) => name.endsWith('.node'));
  for (const name of built()) rmSync(join(folder, name));
  if (existsSync(made)) {
    for (const name of readdirSync(made)) copyFileSync(join(made, name), join(folder, name));
    return 'nothing to do';
  }
  const napi = join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js');
  const { code } = await run(process.execPath, [
    napi, 'build', '--platform', '--release', '--cwd', 'engines/rolldown', '--target-dir', join(cacheDirectory, 'target-rolldown'),
    '--output-dir', '.', '--js', 'binding.cjs', '--dts', 'index.d.ts',
  ], { env: { CARGO_TARGET_DIR: join(cacheDirectory, 'target-rolldown') } });
  if (code !== 0) throw new Error('The addon of Rolldown could not be built');
  const unfinished = `${made}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  for (const name of [...built(), 'binding.cjs', 'index.d.ts']) copyFileSync(join(folder, name), join(unfinished, name));
  if (existsSync(made)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, made);
  return 'built';
}

/** @param {string} folder */
async function rolldownKey(folder) {
  const hash = createHash('sha256');
  const add = (/** @type {string} */ file) => hash.update(`${relative(root, file)}\0`).update(readFileSync(file)).update('\0');
  for (const name of ['Cargo.lock', 'Cargo.toml', 'build.rs', 'package.json']) add(join(folder, name));
  for (const directory of [join(folder, 'src'), join(root, 'crates', 'cloudpack_engine', 'src')]) for (const name of readdirSync(directory).sort()) add(join(directory, name));
  for (const file of [join(root, 'Cargo.toml'), join(root, 'crates', 'cloudpack_engine', 'Cargo.toml'), join(root, 'package-lock.json')]) add(file);
  const { output } = await run('rustc', ['--version', '--verbose'], { quiet: true });
  return hash.update(output).update(`${process.platform} ${process.arch}`).digest('hex').slice(0, 16);
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
