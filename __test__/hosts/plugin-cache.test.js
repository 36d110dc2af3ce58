// What plugins made of modules, kept from process to process: never a stale build, and no call for what did not change.
import { describe, expect, test } from 'vitest';
import { project } from '../support/project.js';
import { buildInProcess, buildScript } from './in-process.js';
import { APPLICATION, linkPackages } from './vite-app.js';

/** @param {Record<string, any>} files */
function application(files, script = {}) {
  const app = project({ 'package.json': '{ "type": "module" }', 'package-lock.json': '{}', ...files, 'build.mjs': buildScript(script) });
  linkPackages(app);
  return app;
}

const page = (script) => `<!doctype html><html lang="en"><body><div id="app"></div><script type="module" src="${script}"></script></body></html>`;

const VUE = {
  'index.html': page('/src/main.ts'),
  'src/main.ts': "import { createApp } from 'vue';\nimport App from './App.vue';\ncreateApp(App).mount('#app');",
  'src/App.vue': '<script setup lang="ts">\nimport Child from "./Child.vue";\nconst n: number = 1;\n</script>\n<template><Child label="x" :n="n" /></template>\n<style>body { color: red }</style>',
  'src/Child.vue': '<script setup lang="ts">\nimport type { Props } from "./types";\ndefineProps<Props>();\n</script>\n<template><b class="child">{{ label }}</b></template>\n<style scoped>.child { color: blue }</style>',
  'src/Other.vue': '<script setup lang="ts">\nimport type { Props } from "./types";\ndefineProps<Props>();\n</script>\n<template><i>{{ label }}</i></template>',
  'src/types.ts': 'export interface Props { label: string; n: number }',
};
const USING_VUE = { imports: "import vue from '@vitejs/plugin-vue';", plugins: 'vue()' };

/** A build with the store equals one without. */
async function expectFresh(app, warm) {
  const fresh = await buildInProcess(app, 'fresh', false);
  expect(warm.error).toBeUndefined();
  expect(warm.files).toEqual(fresh.files);
  expect(warm.logs).toEqual(fresh.logs);
}

describe('components of Vue', () => {
  test('are compiled once; the next process calls no hook for them', async () => {
    const app = application(VUE, USING_VUE);
    const cold = await buildInProcess(app, 'first');
    expect(cold.stats).toMatchObject({ recalledModules: 0, lastResults: 'no earlier build' });
    const warm = await buildInProcess(app, 'second');
    await expectFresh(app, warm);
    expect(warm.files).toEqual(cold.files);
    expect(warm.stats).toMatchObject({ lastResults: 'taken up', recalledModules: 6, replays: 2 });
    // The page, and a virtual module.
    expect(warm.stats.askedModules).toBeLessThanOrEqual(3);
    expect(warm.stats.hookCalls).toBeLessThan(30);
  });

  test('are compiled anew when their text changes, and no other', async () => {
    const app = application(VUE, USING_VUE);
    const cold = await buildInProcess(app, 'first');
    app.write('src/Child.vue', VUE['src/Child.vue'].replace('{{ label }}', '{{ label }}!').replace('blue', 'green'));
    const warm = await buildInProcess(app, 'second');
    await expectFresh(app, warm);
    expect(warm.files).not.toEqual(cold.files);
    expect(warm.stats.recalledModules).toBe(3);
  });

  test('follow types of other files, which the compiler reads without a word', async () => {
    const app = application({ ...VUE, 'src/App.vue': VUE['src/App.vue'].replace('import Child', 'import Other from "./Other.vue";\nimport Child').replace('<Child', '<Other label="y" :n="2" /><Child') }, USING_VUE);
    const cold = await buildInProcess(app, 'first');
    app.write('src/types.ts', 'export interface Props { label: string; n: number; extra?: boolean }');
    const warm = await buildInProcess(app, 'second');
    await expectFresh(app, warm);
    expect(Object.values(warm.files).join()).toContain('extra');
    expect(Object.values(cold.files).join()).not.toContain('extra');
    expect(warm.stats.lastResults).toBe(`changed: ${app.at('src/types.ts')}`);
  });
});

test('the watcher follows components and types that they take from other files', async () => {
  const app = application(VUE, USING_VUE);
  const [{ build }, { default: vue }, { default: cloudpack }] = await Promise.all([import('vite'), import('@vitejs/plugin-vue'), import('../../js/vite/index.js')]);
  const ours = cloudpack({ cache: { dir: app.at('.store'), configFiles: [app.at('build.mjs')] } });
  const watcher = await build({ root: app.dir, configFile: false, logLevel: 'silent', plugins: [vue(), ours], build: { outDir: app.at('out'), watch: {}, minify: false } });
  const written = () => app.list('out').filter((file) => /\.(?:js|css)$/.test(file)).map((file) => app.read(`out/${file}`)).join();
  const finished = (count) => expect.poll(() => ours.api.stats().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
  try {
    await finished(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    app.write('src/Child.vue', VUE['src/Child.vue'].replace('{{ label }}', '{{ label }} edited').replace('blue', 'rgb(1, 2, 3)'));
    await finished(2);
    await expect.poll(written, { timeout: 20_000 }).toContain('edited');
    expect(written()).toContain('rgb(1, 2, 3)');
    // The style sheet of a component that was not edited.
    expect(written()).toContain('red');
    expect(ours.api.stats().at(-1).recalledModules).toBeGreaterThan(0);
  } finally {
    await watcher.close();
  }
});

describe('components of Svelte', () => {
  test('and their style sheets are taken from the last build', async () => {
    const app = application({
      'index.html': page('/src/main.js'),
      'src/main.js': "import { mount } from 'svelte';\nimport App from './App.svelte';\nmount(App, { target: document.querySelector('#app') });",
      'src/App.svelte': '<script>\nimport Child from "./Child.svelte";\nlet n = $state(0);\n</script>\n<Child {n} />\n<style>p { color: red }</style>\n<p>text</p>',
      'src/Child.svelte': '<script>let { n } = $props();</script>\n<b>{n}</b>\n<img src="x.png">\n<style>b { color: blue }</style>',
    }, { imports: "import { svelte } from '@sveltejs/vite-plugin-svelte';", plugins: 'svelte({ configFile: false })' });
    const cold = await buildInProcess(app, 'first');
    expect(cold.printed).toContain('alt');
    const warm = await buildInProcess(app, 'second');
    await expectFresh(app, warm);
    expect(warm.stats.recalledModules).toBe(2);
    // What prints a warning is compiled again, to print it again.
    expect(warm.printed).toContain('alt');
    expect(warm.stats.notCached).toContainEqual({ plugin: '', why: 'prints something', kind: 'modules', count: 1, example: app.at('src/Child.svelte') });
    app.write('src/Child.svelte', '<script>let { n } = $props();</script>\n<b>{n}!</b>\n<style>b { color: green }</style>');
    await expectFresh(app, await buildInProcess(app, 'third'));
  });
});

describe.each([['Vite 8', 'vite'], ['Vite 7', 'vite-7']])('an application in %s', (_, vite) => {
  test('is the same from the store, after no edit and after some', async () => {
    const input = "rollupOptions: { input: { main: 'index.html', about: 'about/index.html' } }";
    const app = application({ ...APPLICATION, 'package-lock.json': '{}' }, { vite, config: `define: { __DEFINED__: '"defined"' }, environments: { client: { build: { ${input} } } }` });
    await expectFresh(app, await buildInProcess(app, 'first'));
    await expectFresh(app, await buildInProcess(app, 'second'));
    // Without `composes` it rests on nothing but itself.
    app.write('src/card.module.css', '.base { font-style: normal }\n.card { padding: 8px }');
    app.write('src/imported.css', 'h1 { letter-spacing: 4px }');
    app.write('src/pages/c.ts', "export const name = 'page c';");
    await expectFresh(app, await buildInProcess(app, 'third'));
    app.write('src/data.json', '{ "version": "2", "list": [] }');
    app.write('src/small.png', Buffer.concat([APPLICATION['src/small.png'], Buffer.from('x')]));
    await expectFresh(app, await buildInProcess(app, 'fourth'));
  });
});

describe('a plugin', () => {
  const FILES = { 'index.html': page('/main.js'), 'main.js': "import { a } from './a.js';\nconsole.log(a, WORD);", 'a.js': 'export const a = [1].join();', 'word.txt': 'first' };
  const reading = (how) => ({
    imports: "import { readFileSync } from 'node:fs';\nimport { readFile } from 'node:fs/promises';",
    plugins: `{ name: 'words', async transform(code, id) { if (!id.endsWith('main.js')) return null; ${how} return { code: code.replace('WORD', JSON.stringify(word)), map: null }; } }`,
  });

  test('that nobody knows is asked each time, and the report says so', async () => {
    const app = application(FILES, reading("const word = 'x';"));
    await buildInProcess(app, 'first');
    const warm = await buildInProcess(app, 'second');
    await expectFresh(app, warm);
    expect(warm.stats.recalledModules).toBe(0);
    expect(warm.stats.notCached).toContainEqual(expect.objectContaining({ plugin: 'words', kind: 'modules', why: 'is not known to give the same answer again' }));
  });

  test.each([
    ['declares', "this.addWatchFile('word.txt'); const word = readFileSync('word.txt', 'utf8');"],
    ['does not declare', "const word = readFileSync('word.txt', 'utf8');"],
    ['does not declare and reads by promise', "const word = await readFile('word.txt', 'utf8');"],
  ])('that the user vouches for is asked when a file changed that it %s', async (_, how) => {
    const app = application(FILES, reading(how));
    const cache = { include: ['words'] };
    await buildInProcess(app, 'first', cache);
    const warm = await buildInProcess(app, 'second', cache);
    await expectFresh(app, warm);
    expect(warm.stats.recalledModules).toBeGreaterThan(0);
    app.write('word.txt', 'second');
    const changed = await buildInProcess(app, 'third', cache);
    await expectFresh(app, changed);
    expect(Object.values(changed.files).join()).toContain('second');
  });

  test('that changes its answer is found out by CLOUDPACK_VERIFY, and can be excluded', async () => {
    const app = application(FILES, { plugins: "{ name: 'words', transform: (code, id) => (id.endsWith('a.js') ? { code: code.replace('1', process.pid), map: null } : null) }" });
    const cache = { include: ['words'] };
    const cold = await buildInProcess(app, 'first', cache);
    expect(cold.error).toBeUndefined();
    const verified = await buildInProcess(app, 'second', cache, { CLOUDPACK_VERIFY: '1' });
    expect(JSON.stringify(verified.error)).toContain('CACHE_MISMATCH');
    const excluded = await buildInProcess(app, 'third', { ...cache, exclude: ['words'] });
    expect(excluded.stats.recalledModules).toBe(0);
  });

  test('that throws or returns nonsense when an input says so is told of from the store too, each time, and what it gave before is not kept over it', async () => {
    const app = application(FILES, reading("const word = readFileSync('word.txt', 'utf8'); if (word === 'throw') this.error('not this word', 3); if (word === 'nonsense') return { code: 5 };"));
    const cache = { include: ['words'] };
    await buildInProcess(app, 'first', cache);
    for (const [word, message] of [['throw', 'not this word'], ['nonsense', 'Hook "transform" returned an object whose "code" is 5']]) {
      app.write('word.txt', word);
      for (const dir of ['second', 'third']) {
        const { error } = await buildInProcess(app, dir, cache);
        expect(JSON.stringify(error)).toContain(JSON.stringify(message).slice(1, -1));
        expect(JSON.stringify(error)).toContain('words');
      }
      app.write('word.txt', 'fine again');
      const healed = await buildInProcess(app, 'healed', cache);
      await expectFresh(app, healed);
      expect(Object.values(healed.files).join()).toContain('fine again');
    }
  });

  test('that emits a file or looks at other modules is asked each time', async () => {
    const emitting = "const word = 'x'; this.emitFile({ type: 'asset', name: 'a.txt', source: 'a' });";
    const app = application(FILES, reading(emitting));
    const cache = { include: ['words'] };
    await buildInProcess(app, 'first', cache);
    const warm = await buildInProcess(app, 'second', cache);
    await expectFresh(app, warm);
    expect(warm.stats.notCached).toContainEqual(expect.objectContaining({ plugin: 'words', why: 'uses this.emitFile()', count: 1 }));
  });

  test('is asked when configuration or packages changed', async () => {
    const app = application(FILES, reading("const word = 'x';"));
    const cache = { include: ['words'] };
    await buildInProcess(app, 'first', cache);
    app.write('build.mjs', `${app.read('build.mjs').replace("'x'", "'y'")}`);
    const changed = await buildInProcess(app, 'second', cache);
    await expectFresh(app, changed);
    expect(changed.stats.lastResults).toBe('changed: versions, configuration or plugins');
    app.write('package-lock.json', '{ "lockfileVersion": 3 }');
    expect((await buildInProcess(app, 'third', cache)).stats.lastResults).toBe('changed: versions, configuration or plugins');
    const last = await buildInProcess(app, 'fourth', cache, { CLOUDPACK_REPORT: '1' });
    expect(last.stats.lastResults).toBe('taken up');
    expect(last.told.join()).toMatch(/1 modules not kept: plugin "vite:build-html" uses this\.resolve\(\)/);
  });
});
