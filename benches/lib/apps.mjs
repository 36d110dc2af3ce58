// Generated applications, and their edits, by `cloudpack-bench`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appsFolder, fingerprintsFolder, program } from './places.mjs';

/**
 * The measuring program; it prints JSON.
 * @param {string[]} args
 */
export function call(args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`cloudpack-bench ${args.join(' ')}\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** @param {number} modules */
export const appFolder = (modules) => join(appsFolder, String(modules));

/**
 * A fresh application; returns `{ modules, bytes, checksum }`.
 * @param {number} modules
 * @param {{ fingerprint: string, seed: number, averageBytes: number }} options
 */
export function generate(modules, { fingerprint, seed, averageBytes }) {
  const folder = appFolder(modules);
  mkdirSync(dirname(folder), { recursive: true });
  return call([
    'generate', '--fingerprint', join(fingerprintsFolder, `${fingerprint}.json`), '--modules', String(modules),
    '--seed', String(seed), ...(averageBytes ? ['--average-bytes', String(averageBytes)] : []), folder,
  ]);
}

/** Makes an edit that stays; returns the new checksum. */
export function edit(modules, kind, turn) {
  return call(['edit', kind, '--turn', String(turn), appFolder(modules)])[0].checksum;
}

/** What edits would do, each from the state that is there: kind -> `{ write, delete, checksum }`. */
export function changesOf(modules, kinds, turn) {
  return call(['edit', kinds.join(','), '--turn', String(turn), '--print', appFolder(modules)]);
}

/** Makes a change without recording it; returns the files. */
export function makeChange(modules, change) {
  const folder = appFolder(modules);
  const files = [...Object.keys(change.write), ...change.delete].map((path) => join(folder, path));
  for (const path of change.delete) rmSync(join(folder, path));
  for (const [path, text] of Object.entries(change.write)) writeFileSync(join(folder, path), text);
  return { files };
}
