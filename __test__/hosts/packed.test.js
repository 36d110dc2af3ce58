// The package as npm would publish it, with its addon, in a fresh project outside of the repository: builds of Vite 8, Vite 7 and Rollup 4.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { project } from '../support/project.js';
import { outputOf } from './both.js';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../', import.meta.url));
const addon = ['linux-x64-gnu', 'linux-arm64-gnu', 'darwin-x64', 'darwin-arm64', 'win32-x64-msvc'].find((platform) => existsSync(path.join(repository, `cloudpack.${platform}.node`)));
const versions = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')).dependencies;

/** Packs a directory; gives the file. */
async function pack(from, to) {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', to], { cwd: from });
  return path.join(to, JSON.parse(stdout)[0].filename);
}

test('is installed and builds in a fresh project', async () => {
  const place = realpathSync(mkdtempSync(path.join(tmpdir(), 'cloudpack-packed-')));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const own = path.join(place, 'addon');
  cpSync(path.join(repository, 'npm', addon), own, { recursive: true });
  cpSync(path.join(repository, `cloudpack.${addon}.node`), path.join(own, `cloudpack.${addon}.node`));
  const packed = [await pack(repository, place), await pack(own, place)];

  const app = project({
    'package.json': JSON.stringify({
      name: 'fresh', private: true, type: 'module',
      dependencies: { cloudpack: `file:${packed[0]}`, [`cloudpack-${addon}`]: `file:${packed[1]}`, vite: versions.vite, 'vite-7': versions['vite-7'], rollup: versions.rollup },
    }),
    'index.html': '<!doctype html><html lang="en"><body><script type="module" src="/main.ts"></script></body></html>',
    'main.ts': "import { word } from './word';\nconsole.log(word satisfies string);",
    'word.ts': "export const word: string = ['fresh'].join();",
    'vite.config.ts': "import cloudpack from 'cloudpack/vite';\nexport default { plugins: [cloudpack()], build: { modulePreload: false } };",
    'rollup.config.js': "import cloudpack from 'cloudpack/rollup';\nexport default { input: 'plain.js', plugins: [cloudpack()], output: { file: 'rolled.js' } };",
    'plain.js': "import { word } from './part.js';\nconsole.log(word);",
    'part.js': "export const word = ['fresh'].join();",
  });
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: app.dir });
  for (const vite of ['vite', 'vite-7']) {
    await run(process.execPath, [app.at(`node_modules/${vite}/bin/vite.js`), 'build', '--outDir', vite, '--minify', 'false'], { cwd: app.dir });
    const script = app.list(`${vite}/assets`).find((file) => file.endsWith('.js'));
    expect(await outputOf(app.at(`${vite}/assets/${script}`))).toBe('fresh\n');
  }
  await run(process.execPath, [app.at('node_modules/rollup/dist/bin/rollup'), '-c'], { cwd: app.dir });
  expect(await outputOf(app.at('rolled.js'))).toBe('fresh\n');
  // The store is where it is looked for.
  expect(existsSync(app.at('node_modules/.cache/cloudpack/root'))).toBe(true);
}, 300_000);
