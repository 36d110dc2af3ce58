// A directory of files for one test, and ways to build it and to look at what came out.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { build } from 'cloudpack';

/** @param {Record<string, string | Uint8Array>} files */
export function project(files) {
  const dir = realpathSync(mkdtempSync(path.join(tmpdir(), 'cloudpack-')));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const at = (name) => path.join(dir, name);
  const write = (name, content) => {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), content);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return {
    dir, at, write,
    read: (name) => readFileSync(at(name), 'utf8'),
    list: (name = '.') => readdirSync(at(name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile()).map((entry) => path.relative(at(name), path.join(entry.parentPath, entry.name))).sort(),
    /** Builds in memory from `main.js`; logs are only in the result. */
    build: (options = {}) => build({ cwd: dir, input: './main.js', write: false, onLog() {}, ...options }),
    /** Runs a file of this directory as a module. */
    run: (name) => import(`${pathToFileURL(at(name)).href}?${Math.random()}`),
    require: (name) => createRequire(at('package.json'))(at(name)),
  };
}

/** The exports of the first chunk of a result, run as a module. */
export async function runChunk({ output }) {
  const chunk = output.find((file) => file.type === 'chunk');
  return { ...(await import(`data:text/javascript;base64,${Buffer.from(chunk.code).toString('base64')}`)) };
}

/** The error a build ends with. */
export async function failureOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('The build was expected to fail');
}
