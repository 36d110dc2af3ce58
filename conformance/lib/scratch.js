// Folders for one run, outside the repository, removed when the process ends.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export function scratchFolder(name) {
  const folder = mkdtempSync(path.join(tmpdir(), `cloudpack-${name}-`));
  process.on('exit', () => {
    if (!process.env.CONFORMANCE_KEEP) rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Writes `{ 'a/b.js': 'text' }` under `folder`. */
export function writeFiles(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** Helpers of lowered syntax, which an application has among its packages. */
export function linkHelpers(folder) {
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(fileURLToPath(new URL('../../node_modules/@oxc-project', import.meta.url)), path.join(folder, 'node_modules', '@oxc-project'), 'dir');
}
