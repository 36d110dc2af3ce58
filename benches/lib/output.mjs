// What a build left: files, bytes, gzip bytes, and what running it prints.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runProcess } from './process.mjs';

/** @param {string} folder */
export function filesBelow(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  } catch {
    return [];
  }
}

/** @param {string} folder */
export function bytesBelow(folder) {
  return filesBelow(folder).reduce((sum, file) => sum + statSync(file).size, 0);
}

/** Scripts, and style sheets apart: some tools leave these out. Maps, licences and manifests are not what is shipped. */
export function measureOutput(folder) {
  const files = filesBelow(folder);
  const sizes = (/** @type {RegExp} */ kind) => {
    const texts = files.filter((file) => kind.test(file)).map((file) => readFileSync(file));
    return {
      files: texts.length,
      bytes: texts.reduce((sum, text) => sum + text.length, 0),
      gzip: texts.reduce((sum, text) => sum + gzipSync(text, { level: 6 }).length, 0),
    };
  };
  return { ...sizes(/\.[mc]?js$/), css: sizes(/\.css$/) };
}

/**
 * @param {string} folder
 * @param {string} expected
 * @returns {Promise<string>} "ok", or what is wrong
 */
export async function runOutput(folder, expected) {
  const { code, output, timedOut } = await runProcess([process.execPath, join(folder, 'main.js')], { cwd: folder, timeout: 120_000 });
  const printed = /checksum ([0-9a-f]{8})/.exec(output)?.[1];
  if (timedOut) return 'does not end';
  if (printed === expected) return 'ok';
  if (printed) return `prints ${printed} instead of ${expected}`;
  const said = output.split('\n').find((line) => /Error/.test(line)) ?? '';
  return `exit ${code}${said ? `: ${said.trim().slice(0, 120)}` : ' without a message'}`;
}
