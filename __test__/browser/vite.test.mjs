// An application built by Vite alone and by Vite with Cloudpack, both used in a browser.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { APPLICATION, linkPackages } from '../hosts/vite-app.js';
import { HOSTS } from '../hosts/vite-versions.js';
import { withPage } from './chromium.mjs';
import { withoutHashes } from './facts.mjs';
import { serve } from './server.mjs';

const VARIANTS = [
  ['as it comes', {}],
  ['at any address, with source maps', { base: './', build: { sourcemap: true } }],
  ['in one style sheet, without preloading and inlining', { build: { cssCodeSplit: false, modulePreload: false, assetsInlineLimit: 0 } }],
  ['neither minified nor new', { build: { minify: false, target: 'es2020' } }],
  ['below an address, minified by esbuild, with source maps inside', { base: '/below/', build: { minify: 'esbuild', cssMinify: 'lightningcss', sourcemap: 'inline' } }],
  ['with addresses made while it runs, minified by terser, with hidden source maps', {
    experimental: { renderBuiltUrl: (file, { hostType }) => (hostType === 'js' ? { runtime: `new URL("/" + ${JSON.stringify(file)}, location.href).pathname` } : { relative: true }) },
    build: { minify: 'terser', sourcemap: 'hidden', assetsDir: 'files/deep', assetsInlineLimit: 100000 },
  }],
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
      writeFileSync(path.join(app, 'package-lock.json'), '{}');
      linkPackages({ at: (name) => path.join(app, name) });
    });
    after(() => rmSync(app, { recursive: true, force: true }));

    for (const [name, config] of VARIANTS) {
      test(`${name} does in a browser what it does when Vite builds alone`, async () => {
        const { build } = await load();
        const { default: cloudpack } = await import('../../js/vite/index.js');
        const ours = () => [cloudpack({ cache: { dir: '.store', configFiles: ['package.json'] } })];
        const seen = [];
        const files = [];
        for (const plugins of [[], ours(), ours()]) {
          const base = config.base?.startsWith('/') ? config.base : '/';
          const served = path.join(app, `dist-${seen.length}`);
          const outDir = path.join(served, base);
          await build({
            root: app, configFile: false, logLevel: 'warn', define: { __DEFINED__: '"defined"' }, plugins, ...config,
            build: { outDir, emptyOutDir: true, rollupOptions: { input: { main: path.join(app, 'index.html'), about: path.join(app, 'about/index.html') }, onwarn() {} }, ...config.build },
          });
          files.push(filesOf(outDir));
          if (files.length < 3) seen.push(await visit(served, base));
        }
        assert.deepEqual(files[2], files[1], 'from the store');
        assert.deepEqual(seen[1], seen[0]);
        assert.deepEqual(unhashed(files[1]), unhashed(files[0]));
        assert.deepEqual(seen[1][''].problems, []);
        assert.match(seen[1][''].report, /"worker"[^]*"used"[^]*21/);
      });
    }
  });
}

function filesOf(dir) {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name))).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(dir, name), 'latin1')]));
}

/** Chunks that both sides name as they like, and that a module may be in or not. */
const COMMON = /(?:preload-helper|common-style|library|a)-HASH\.(?:js|css)/;

/** Names without hashes; and style sheets, documents and all that is no code. */
function unhashed(files) {
  const plain = (text) => withoutHashes(text).replace(/\/\*\$vite\$:\d+\*\//g, '');
  const names = Object.keys(files).map(plain).filter((name) => !COMMON.test(name) && !name.endsWith('.map')).sort();
  const texts = Object.entries(files).filter(([name]) => !/\.(?:js|map|html)$/.test(name)).map(([name, text]) => plain(`${name}: ${text}`)).filter((text) => !COMMON.test(text)).sort();
  const pages = Object.entries(files).filter(([name]) => name.endsWith('.html')).map(([name, text]) => [name, plain(text).split('\n').filter((line) => !COMMON.test(line)).sort()]);
  return { names, texts, pages };
}

/** What both pages wrote down, how they look, and what went wrong. */
async function visit(dist, base) {
  const server = await serve(dist);
  try {
    return await withPage(server.origin, async (page, problems) => {
      const seen = {};
      for (const address of ['', 'about/index.html']) {
        await page.goto(server.origin + base + address, { waitUntil: 'networkidle' });
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
