// An application built by Vite alone and by Vite with Cloudpack, both used in a browser.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { APPLICATION, linkPackages } from '../hosts/vite-app.js';
import { HOSTS } from '../hosts/vite-versions.js';
import { withPage } from './chromium.mjs';
import { serve } from './server.mjs';

const VARIANTS = [
  ['as it comes', {}],
  ['at any address, with source maps', { base: './', build: { sourcemap: true } }],
  ['in one style sheet, without preloading and inlining', { build: { cssCodeSplit: false, modulePreload: false, assetsInlineLimit: 0 } }],
  ['neither minified nor new', { build: { minify: false, target: 'es2020' } }],
];

for (const [host, load] of HOSTS) {
  describe(`an application in ${host}`, () => {
    let app;
    before(() => {
      app = realpathSync(mkdtempSync(path.join(tmpdir(), 'cloudpack-vite-')));
      for (const [name, content] of Object.entries(APPLICATION)) {
        mkdirSync(path.dirname(path.join(app, name)), { recursive: true });
        writeFileSync(path.join(app, name), content);
      }
      linkPackages({ at: (name) => path.join(app, name) });
    });
    after(() => rmSync(app, { recursive: true, force: true }));

    for (const [name, config] of VARIANTS) {
      test(`${name} does in a browser what it does when Vite builds alone`, async () => {
        const { build } = await load();
        const { default: cloudpack } = await import('../../js/vite/index.js');
        const seen = [];
        for (const plugins of [[], [cloudpack()]]) {
          const outDir = path.join(app, `dist-${seen.length}`);
          await build({
            root: app, configFile: false, logLevel: 'warn', define: { __DEFINED__: '"defined"' }, plugins, ...config,
            build: { outDir, rollupOptions: { input: { main: path.join(app, 'index.html'), about: path.join(app, 'about/index.html') }, onwarn() {} }, ...config.build },
          });
          seen.push(await visit(outDir));
        }
        assert.deepEqual(seen[1], seen[0]);
        assert.deepEqual(seen[1]['/'].problems, []);
        assert.match(seen[1]['/'].report, /"worker"[^]*"used"[^]*21/);
      });
    }
  });
}

/** What both pages wrote down, how they look, and what went wrong. */
async function visit(dist) {
  const server = await serve(dist);
  try {
    return await withPage(server.origin, async (page, problems) => {
      const seen = {};
      for (const address of ['/', '/about/index.html']) {
        await page.goto(server.origin + address, { waitUntil: 'networkidle' });
        const facts = await page.evaluate(() => ({
          report: document.querySelector('#report').textContent,
          title: document.title,
          styles: [...document.querySelectorAll('body, h1, img, pre')].map((element) => {
            const { color, backgroundImage, margin, padding, fontStyle, letterSpacing, outline, border } = getComputedStyle(element);
            return [element.tagName, color, backgroundImage, margin, padding, fontStyle, letterSpacing, outline, border].join(' ');
          }),
        }));
        const plain = (text) => text.replaceAll(server.origin, '').replace(/-[\w-]{8}(?=[."')])/g, '');
        // No page of ours links an icon everywhere.
        const faults = problems.splice(0).filter((problem) => !problem.includes('favicon.ico')).map(plain);
        seen[address] = { title: facts.title, report: plain(facts.report), styles: facts.styles.map(plain), problems: faults };
      }
      seen.maps = readdirSync(dist, { recursive: true }).some((file) => String(file).endsWith('.map'));
      return seen;
    });
  } finally {
    await server.close();
  }
}
