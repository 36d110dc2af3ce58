// Runs an output, and measures it.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What a program prints; with its fault, if it does not end well. */
export function run(file) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', file], { encoding: 'utf8', timeout: 60_000, env: { PATH: process.env.PATH, NODE_ENV: 'production' } });
  return status === 0 ? stdout.trim() : `exit code ${status}: ${stderr.split('\n').filter((line) => /Error/.test(line))[0] ?? stderr.slice(0, 200)}`;
}

/** Bytes of all scripts. */
export function bundleSize(out) {
  const texts = readdirSync(out, { recursive: true }).filter((file) => /\.m?js$/.test(String(file))).map((file) => readFileSync(join(out, String(file))));
  return { bytes: texts.reduce((sum, text) => sum + text.length, 0), gzip: texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0) };
}
