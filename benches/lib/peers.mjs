// Installs the pinned peers, once: `benches/peers/package.json` -> a folder outside of the repository.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from '../../scripts/lib/run.mjs';
import { peersFolder, root } from './places.mjs';

const wanted = join(root, 'benches', 'peers', 'package.json');

export async function installPeers() {
  mkdirSync(peersFolder, { recursive: true });
  copyFileSync(join(root, 'benches', 'peers', 'load.mjs'), join(peersFolder, 'load.mjs'));
  const stamp = join(peersFolder, 'installed.json');
  const text = readFileSync(wanted, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === text) return;
  writeFileSync(join(peersFolder, 'package.json'), text);
  // Peers of peers disagree about compilers of style sheets that nothing here uses.
  const { code, output } = await run('npm', ['install', '--legacy-peer-deps', '--no-audit', '--no-fund'], { cwd: peersFolder, quiet: true });
  if (code !== 0) throw new Error(`npm install of the peers failed:\n${output}`);
  writeFileSync(stamp, text);
}

/**
 * A module of a peer.
 * @param {string} name
 */
export async function peer(name) {
  const { load } = await import(pathToFileURL(join(peersFolder, 'load.mjs')).href);
  return load(name);
}

/**
 * @param {string} name
 * @returns {string} its installed version
 */
export function versionOf(name) {
  return JSON.parse(readFileSync(join(peersFolder, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/**
 * @param {string} name
 */
export function peerFile(...name) {
  return join(peersFolder, 'node_modules', ...name);
}
