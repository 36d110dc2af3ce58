// The example application, built by Cloudpack and used in a browser. `node --test __test__/browser/shop.test.mjs` runs it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkShop } from './check-shop.mjs';
import { filesOf, mapFaults, mapOf } from './emitted.mjs';
import { checkLandmarks, checkSize } from './landmarks.mjs';

const shop = fileURLToPath(new URL('../../examples/shop/', import.meta.url));

describe('the shop, built by Cloudpack', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'cloudpack-shop-'));
  const seen = {};

  before(() => {
    if (!existsSync(join(shop, 'node_modules', 'react'))) execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: shop, stdio: 'inherit', shell: process.platform === 'win32' });
  });
  after(() => rmSync(temporary, { recursive: true, force: true }));

  const buildInto = async (name, minify) => {
    const { build } = await import('cloudpack');
    const dir = join(temporary, name);
    await build({ cwd: shop, input: 'index.html', output: { dir, sourcemap: true, minify }, logLevel: 'warn' });
    return dir;
  };

  for (const [name, minify] of [['plain', false], ['minified', true]]) {
    describe(name, () => {
      let dist;
      before(async () => {
        dist = await buildInto(name, minify);
      });

      test('every route works in a browser, without a message on the console and without a missing file', async () => {
        const screenshotDir = process.env.SCREENSHOTS && join(process.env.SCREENSHOTS, name);
        seen[name] = (await checkShop({ dist, screenshotDir })).facts;
      });

      test('every source map is well formed', () => {
        const scripts = filesOf(dist).filter((file) => file.endsWith('.js'));
        assert.ok(scripts.length >= 14, `${scripts.length} scripts`);
        for (const file of scripts) {
          const found = mapOf(dist, file);
          assert.ok(found, `${file} names no source map`);
          assert.deepEqual(mapFaults(found, file), []);
        }
      });

      test('a token leads back to its file, line and column', () => checkLandmarks(dist));

      test('nothing of the development build is left, and unused library code is gone', () => checkSize(dist, minify));

      test('a second build writes the same bytes', async () => {
        const again = await buildInto(`${name}-again`, minify);
        assert.deepEqual(filesOf(again), filesOf(dist));
        for (const file of filesOf(dist)) assert.ok(readFileSync(join(dist, file)).equals(readFileSync(join(again, file))), `${file} differs`);
      });
    });
  }

  test('minified code computes the same', () => {
    assert.ok(seen.plain, 'the plain build has been used in a browser');
    assert.deepEqual(seen.minified, seen.plain);
  });
});
