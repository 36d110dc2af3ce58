import { existsSync } from 'node:fs';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { describe, expect, test } from 'vitest';
import { project, runChunk } from '../support/project.js';

const files = { 'main.js': "import { b } from './b.js';\nexport const value = b;\nexport const lazy = () => import('./lazy.js');", 'b.js': 'export const b = globalThis.b ?? "b";', 'lazy.js': 'export default "lazy";' };
const named = (result, name) => result.output.find((file) => file.name === name);

describe('the result', () => {
  test('has the shape of Rollup', async () => {
    const app = project(files);
    const result = await app.build({ output: { sourcemap: true } });
    const main = named(result, 'main');
    expect(main).toMatchObject({
      type: 'chunk', name: 'main', isEntry: true, isDynamicEntry: false, facadeModuleId: app.at('main.js'),
      moduleIds: [app.at('b.js'), app.at('main.js')], exports: ['lazy', 'value'], imports: [], dynamicImports: [named(result, 'lazy').fileName],
    });
    expect(Object.keys(main.modules)).toEqual(main.moduleIds);
    expect(main.modules[app.at('b.js')]).toMatchObject({ renderedExports: ['b'], removedExports: [] });
    expect(main.code).toContain('value');
    expect(main.map.sources.length).toBeGreaterThan(0);
    expect(JSON.parse(main.map.toString()).version).toBe(3);
    expect(main.map.toUrl()).toMatch(/^data:application\/json/);
    expect(result.outputs).toEqual([result.output]);
    expect(result.stats).toMatchObject({ modules: 3, summarized: 3, analyzed: true });
    for (const phase of ['scan', 'analyze', 'link', 'emit']) expect(result.stats.ms[phase]).toBeGreaterThan(0);
    expect(result.watchFiles).toEqual(expect.arrayContaining([app.at('b.js'), app.at('lazy.js'), app.at('main.js')]));
    expect(result.warnings).toEqual([]);
  });

  test('code and maps are fetched when they are read', async () => {
    const result = await project(files).build({ output: { sourcemap: true } });
    const main = named(result, 'main');
    expect(Object.getOwnPropertyDescriptor(main, 'code').get).toBeTypeOf('function');
    expect(main.code).toBe(main.code);
    expect(Object.getOwnPropertyDescriptor(main, 'code')).toMatchObject({ value: expect.any(String), writable: true });
    expect(main.map).toBe(main.map);
  });

  test('write: false writes nothing, and the default writes to dist', async () => {
    const app = project(files);
    await app.build();
    expect(existsSync(app.at('dist'))).toBe(false);
    const { output } = await app.build({ write: undefined });
    expect(app.list('dist')).toEqual(output.map((file) => file.fileName).sort());
    expect((await (await app.run('dist/main.js')).lazy()).default).toBe('lazy');
  });

  test('several outputs come from one graph', async () => {
    const app = project(files);
    const { outputs, stats } = await app.build({ write: true, output: [{ dir: 'es' }, { file: 'one/all.cjs', format: 'cjs', codeSplitting: false }, { dir: 'min', minify: true }] });
    expect(outputs.map((list) => list.length)).toEqual([2, 1, 2]);
    expect(stats.modules).toBe(3);
    expect(app.list('es')).toHaveLength(2);
    expect(app.require('one/all.cjs').value).toBe('b');
    expect((await app.run('min/main.js')).value).toBe('b');
  });
});

describe('output hooks', () => {
  test('renderChunk changes code one after the other, and names follow the content', async () => {
    const app = project(files);
    const output = { entryFileNames: '[name]-[hash].js' };
    const plain = named(await app.build({ output }), 'main');
    const seen = [];
    const result = await app.build({
      output,
      plugins: [
        { name: '1', renderChunk(code, chunk, options, { chunks }) { seen.push([chunk.name, options.format, Object.keys(chunks).length, 'code' in chunk]); return `${code}\n/* one */`; } },
        { name: '2', renderChunk: (code) => ({ code: `${code}\n/* two */`, map: null }) },
        { name: '3', renderChunk: () => null },
      ],
    });
    const main = named(result, 'main');
    expect(main.code.endsWith('/* one */\n/* two */')).toBe(true);
    expect(main.fileName).not.toBe(plain.fileName);
    expect(seen.sort()).toEqual([['lazy', 'es', 2, false], ['main', 'es', 2, false]]);
    expect((await runChunk(await app.build({ plugins: [{ name: 'v', renderChunk: (code) => code.replace('"b"', '"c"') }] }))).value).toBe('c');
  });

  test('augmentChunkHash changes the name and nothing else', async () => {
    const app = project(files);
    const build = (word) => app.build({ output: { entryFileNames: '[name]-[hash].js' }, plugins: [{ name: 'a', augmentChunkHash: (chunk) => (chunk.name === 'main' ? word : undefined) }] });
    const [a, again, b] = [await build('a'), await build('a'), await build('b')].map((result) => named(result, 'main'));
    expect(a.fileName).toBe(again.fileName);
    expect(a.fileName).not.toBe(b.fileName);
    expect(a.code).toBe(b.code);
  });

  test('what renderChunk puts on a chunk is there in generateBundle', async () => {
    let found;
    await project(files).build({ plugins: [{ name: 'm', renderChunk(_, chunk) { chunk.viteMetadata = { of: chunk.name }; }, generateBundle(_, bundle) { found = Object.values(bundle).map((file) => file.viteMetadata?.of); } }] });
    expect(found.sort()).toEqual(['lazy', 'main']);
  });

  test('banner, intro, outro and footer as text and as functions, from options and plugins', async () => {
    const { output } = await project(files).build({
      output: { banner: (chunk) => `/* banner ${chunk.name} */`, footer: '/* footer */', intro: async () => '/* intro */' },
      plugins: [{ name: 'first', banner: { order: 'pre', handler: '/* first banner */' } }, { name: 'p', banner: '/* plugin banner */', outro: () => '/* outro */', footer: (chunk) => (chunk.isEntry ? '/* entry footer */' : '') }],
    });
    const [main, lazy] = ['main', 'lazy'].map((name) => output.find((file) => file.name === name).code);
    expect(main).toMatch(/^\/\* banner main \*\/\n\/\* first banner \*\/\n\/\* plugin banner \*\/\n[^]*\/\* intro \*\/[^]*\/\* outro \*\/[^]*\/\* footer \*\/\n\/\* entry footer \*\/\s*$/);
    expect(lazy).toMatch(/^\/\* banner lazy \*\//);
    expect(lazy).toMatch(/\/\* footer \*\/\s*$/);
    expect(main + lazy).not.toContain('__CLOUDPACK_');
  });

  test('generateBundle may change, remove and add files, and that is what is written', async () => {
    const app = project({ ...files, 'index.html': '<!doctype html><title>x</title><script type="module" src="./main.js"></script>', 'main.js': `${files['main.js']}\nconsole.log(value, lazy);` });
    let told;
    const result = await app.build({
      input: './index.html', write: true,
      plugins: [{
        name: 'g',
        generateBundle(options, bundle, isWrite) {
          expect(isWrite).toBe(true);
          for (const file of Object.values(bundle)) {
            if (file.type === 'chunk' && file.isDynamicEntry) delete bundle[file.fileName];
            else if (file.type === 'chunk') file.code += '\n/* changed */';
            else if (file.fileName === 'index.html') file.source = file.source.replace('<title>x', '<title>y');
          }
          bundle['added.txt'] = { type: 'asset', fileName: 'added.txt', source: 'added' };
        },
        writeBundle(_, bundle) { told = Object.keys(bundle).sort(); },
      }],
    });
    const names = result.output.map((file) => file.fileName).sort();
    expect(app.list('dist')).toEqual(names);
    expect(told).toEqual(names);
    expect(names.filter((name) => name.includes('lazy'))).toEqual([]);
    expect(app.read('dist/index.html')).toContain('<title>y');
    expect(app.read('dist/added.txt')).toBe('added');
    const chunk = result.output.find((file) => file.type === 'chunk');
    expect(app.read(`dist/${chunk.fileName}`)).toMatch(/\/\* changed \*\/$/);
  });

  test('writeBundle and closeBundle run when the files are there', async () => {
    const app = project(files);
    const log = [];
    await app.build({ write: true, plugins: [{ name: 'w', writeBundle: () => { log.push(['write', existsSync(app.at('dist/main.js'))]); }, closeBundle: () => { log.push(['close', existsSync(app.at('dist/main.js'))]); } }] });
    expect(log).toEqual([['write', true], ['close', true]]);
  });
});

describe('minify: "full"', () => {
  const app = () => project({
    'main.js': "import { once, LIMIT } from './b.js';\nexport const load = () => import('./lazy.js');\nexport const value = LIMIT > 3 ? once('far') : 'near';",
    'b.js': "/*! licence of b */\nexport const LIMIT = 5;\nexport function once(word) { return `${word}:${LIMIT}`; }",
    'lazy.js': "import { once } from './b.js';\nexport const later = once('later'); // 1",
    'package.json': '{ "type": "module" }',
  });
  const output = (more) => ({ minify: 'full', banner: '/* banner */ const first = 1;', footer: '/* footer */', ...more });

  test.each(['es', 'cjs', 'iife', 'umd'])('%s: smaller than module by module, and does the same between what stands around it', async (format) => {
    const { build } = app();
    const shape = { format, ...(format === 'iife' || format === 'umd' ? { name: 'library', codeSplitting: false } : {}) };
    const codes = async (more) => (await build({ write: false, output: output({ ...shape, ...more }) })).output.map(({ code }) => code);
    const [main, ...others] = await codes({});
    const full = [main, ...others].join('');
    expect(full.length).toBeLessThan((await codes({ minify: true })).join('').length);
    for (const code of [main, ...others]) expect(code).toMatch(/^("use strict";)?\/\* banner \*\/ const first = 1;\n/);
    expect(main).toMatch(/\n\/\* footer \*\/\n?$/);
    expect(full).toContain('/*! licence of b */');
    expect(full).not.toContain('LIMIT');
  });

  test('an edit costs its chunk, and what is written is what a clean build writes, maps too', async () => {
    const place = app();
    const options = { output: output({ sourcemap: true }) };
    await place.build({ ...options, cache: true, write: true });
    place.write('lazy.js', place.read('lazy.js').replace('// 1', '// 2').replace("'later'", "'LATER'"));
    const warm = await place.build({ ...options, cache: true, write: true });
    expect(warm.stats).toMatchObject({ summarized: 1, analyzed: false, chunksLinked: 1, chunksMinified: 1 });
    // Where everything is linked again, chunks are found by their text, those of both builds.
    const all = { build: false, chunks: false };
    const linked = await place.build({ ...options, cache: { reuse: all }, write: true });
    expect(linked.stats).toMatchObject({ summarized: 0, chunksLinked: 3, chunksMinified: 0 });
    const anew = await place.build({ ...options, cache: { reuse: { modules: false } }, write: true });
    expect(anew.stats).toMatchObject({ summarized: 3, chunksMinified: 3 });
    const cold = await place.build({ ...options, write: false });
    const shown = ({ output: made }) => made.map((file) => [file.fileName, file.code ?? String(file.source), file.map && JSON.stringify(file.map)]);
    expect(shown(warm)).toEqual(shown(cold));
    // A map still leads to the words of the source, over both passes.
    const strict = await place.build({ output: output({ sourcemap: true, format: 'cjs', banner: '/* in */ /* a line */' }) });
    for (const { map, code } of [named(cold, 'main'), named(strict, 'main')]) {
      const before = code.slice(0, code.indexOf('`far')).split('\n');
      const found = originalPositionFor(new TraceMap(JSON.parse(JSON.stringify(map))), { line: before.length, column: before.at(-1).length });
      expect([found.source.split('/').pop(), found.line, found.column]).toEqual(['main.js', 3, "export const value = LIMIT > 3 ? once(".length]);
    }
  });
});

describe('a worker of Node', () => {
  const started = {
    'main.js': [
      "import { Worker } from 'node:worker_threads';", "import { add } from './shared.js';",
      "export const answer = () => new Promise((resolve, reject) => {", "  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: add(1, 2) });",
      "  worker.once('message', resolve).once('error', reject);", '});',
    ].join('\n'),
    'worker.js': "import { parentPort, workerData } from 'node:worker_threads';\nimport { join } from 'left-out';\nimport { add } from './shared.js';\nparentPort.postMessage(join(add(workerData, 4)));",
    'shared.js': 'export const add = (a, b) => a + b;', 'node_modules/left-out/package.json': '{ "main": "index.js" }', 'node_modules/left-out/index.js': "exports.join = (a) => `joined ${a}`;",
  };
  // A script of Node is told from a module by its name and its package: what starts the worker says what the worker is.
  test.each([['cjs', '.js', 'commonjs'], ['cjs', '.cjs', 'module'], ['es', '.js', 'module'], ['es', '.mjs', 'commonjs']])('is what the chunk that starts it is: %s, %s in a package of type %s', async (format, extension, type) => {
    const app = project({ ...started, 'package.json': JSON.stringify({ type }) });
    for (const minify of [false, true]) {
      await app.build({ platform: 'node', external: ['left-out'], write: true, output: { format, minify, entryFileNames: `[name]${extension}`, chunkFileNames: `[name]-[hash]${extension}` } });
      const { answer } = format === 'cjs' ? app.require(`dist/main${extension}`) : await app.run(`dist/main${extension}`);
      expect(await answer()).toBe('joined 7');
    }
    await app.build({ platform: 'node', external: ['left-out'], write: true, output: { format, file: `one/out${extension}` } });
    const { answer } = format === 'cjs' ? app.require(`one/out${extension}`) : await app.run(`one/out${extension}`);
    expect(await answer()).toBe('joined 7');
  });
});
