/** Outputs of the engines, run: what each has to do that the linker does, whatever its own ways are. */
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { build, createSession } from 'cloudpack';
import { describe, expect, test } from 'vitest';
import { oneFileAModule } from '../../examples/engine/one-file-a-module.js';
import { failureOf, project } from '../support/project.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const quiet = { onLog() {} };

const withEngines = (files) => {
  const app = project(files);
  mkdirSync(app.at('node_modules/@rspack'), { recursive: true });
  symlinkSync(path.join(root, '__test__/engines/node_modules/@rspack/core'), app.at('node_modules/@rspack/core'));
  return app;
};
const scripts = ({ output }) => output.filter((file) => file.type === 'chunk');
/** One file of code for each planned chunk. */
const plain = (more = {}) => ({ name: 'plain', version: '1', transform: (plan) => plan.chunks.map(({ fileName, modules }) => ({ fileName, code: modules.map((id) => plan.code(id)).join('') })), ...more });

describe.each(['native', 'rolldown', 'rspack'])('%s', (engine) => {
  const made = (app, options) => build({ cwd: app.dir, engine, ...quiet, ...options });

  test('names with hashes of two lengths follow what is in the files', async () => {
    const app = withEngines({ 'main.js': "export const lazy = () => import('./lazy.js');", 'lazy.js': 'export default 1;' });
    const names = async () => scripts(await made(app, { input: './main.js', output: { entryFileNames: '[name]-[hash:6].js', chunkFileNames: '[name].[hash:12].js' } })).map((file) => file.fileName);
    const before = await names();
    app.write('lazy.js', 'export default 2;');
    const after = await names();
    for (const list of [before, after]) expect(list).toEqual(expect.arrayContaining([expect.stringMatching(/^main-[\w-]{6}\.js$/), expect.stringMatching(/^lazy\.[\w-]{12}\.js$/)]));
    expect(after.filter((name) => before.includes(name) && /^(main|lazy)/.test(name))).toEqual([]);
  });

  test('two routes that hold the same are two files', async () => {
    const app = withEngines({ 'main.js': "export const lazy = () => Promise.all([import('./a/r.js'), import('./b/r.js')]);", 'a/r.js': "export default 'same';", 'b/r.js': "export default 'same';" });
    for (const minify of [false, true]) {
      const result = await made(app, { input: './main.js', platform: 'node', output: { minify } });
      expect(new Set(result.output.map((file) => file.fileName)).size).toBe(result.output.length);
      const [a, b] = await (await app.run('dist/main.js')).lazy();
      expect([a.default, b.default]).toEqual(['same', 'same']);
    }
  });

  test('makes the same again, in the same order, when names are taken', async () => {
    const routes = Array.from({ length: 8 }, (_, at) => `r${at}/l.js`);
    const app = withEngines({ 'main.js': routes.map((file) => `export const ${file.slice(0, 2)} = () => import('./${file}');`).join('\n'), ...Object.fromEntries(routes.map((file) => [file, `export default ${JSON.stringify(file)};`])) });
    const seen = new Set();
    for (let run = 0; run < 4; run++) {
      const chunks = scripts(await made(app, { input: './main.js', write: false, output: { chunkFileNames: 'chunk.js' } }));
      seen.add(JSON.stringify(chunks.map(({ fileName, code, imports, dynamicImports }) => [fileName, code, imports, dynamicImports])));
    }
    expect(seen.size).toBe(1);
  });

  test('a chunk that a plugin emits of a module that another imports', async () => {
    const app = withEngines({ 'main.js': "import { t } from './two.js';\nexport const seen = [t];", 'two.js': 'export const t = 2;\nexport default 3;' });
    const plugins = [{ name: 'p', buildStart() { this.emitFile({ type: 'chunk', id: './two.js', name: 'emitted' }); } }];
    const { output } = await made(app, { input: './main.js', platform: 'node', plugins });
    const emitted = output.find((file) => file.name === 'emitted');
    expect(emitted.fileName).toMatch(/^emitted-[\w-]{8}\.js$/);
    expect(await app.run(`dist/${emitted.fileName}`)).toMatchObject({ t: 2, default: 3 });
    expect((await app.run('dist/main.js')).seen).toEqual([2]);
  });

  test('the address of an emitted chunk with a hash in its name', async () => {
    const app = withEngines({ 'main.js': 'export default import.meta.ROLLUP_FILE_URL_REF;', 'two.js': 'export default 3;' });
    let reference;
    const plugins = [{
      name: 'p', buildStart() { reference = this.emitFile({ type: 'chunk', id: './two.js', name: 'emitted' }); },
      transform: { filter: { id: /main/ }, handler: (code) => ({ code: code.replace('REF', reference), map: null }) },
    }];
    await made(app, { input: './main.js', platform: 'node', plugins });
    const { default: url } = await app.run('dist/main.js');
    expect((await import(url)).default).toBe(3);
  });

  test('a document without a script', async () => {
    const app = withEngines({ 'index.html': '<!doctype html><p>only text', 'other.html': '<!doctype html><script type="module" src="./main.js"></script>', 'main.js': 'document.title = 1;' });
    const { output } = await made(app, { input: ['./index.html', './other.html'], write: false });
    expect(output.map((file) => file.fileName)).toEqual(expect.arrayContaining(['index.html', 'other.html']));
    expect(scripts({ output })).toHaveLength(1);
  });

  test('an address of an asset stays whole when it becomes a part of a longer text', async () => {
    const app = withEngines({ 'main.js': "import r from './r.svg';\nexport default [`url(${r}) 50% 50%`, `<img src=${r} width=5>`, r + ' 2x', `${r}?v`];", 'r.svg': `<svg xmlns="http://www.w3.org/2000/svg">${'<g/>'.repeat(2000)}</svg>` });
    for (const base of ['/app/', 'https://cdn.example/']) for (const minify of [false, true]) {
      const { output } = await made(app, { input: './main.js', base, output: { minify } });
      const url = `${base}${output.find((file) => file.fileName.endsWith('.svg')).fileName}`;
      expect((await app.run('dist/main.js')).default).toEqual([`url(${url}) 50% 50%`, `<img src=${url} width=5>`, `${url} 2x`, `${url}?v`]);
    }
  });

  test.each(['cjs', 'iife', 'umd'])('modules are strict in %s, whatever stands before them', async (format) => {
    const app = withEngines({ 'main.js': "globalThis.said = 'use strict';\nglobalThis.seen = (function () { return this === undefined; })();\nexport default 1;" });
    for (const banner of ['', '/* words */', 'var outer = 1;']) {
      await made(app, { input: './main.js', platform: 'node', output: { file: 'out.cjs', format, name: 'Made', banner } });
      const context = vm.createContext({ module: { exports: {} }, exports: {}, console });
      vm.runInContext(readFileSync(app.at('out.cjs'), 'utf8'), context);
      expect([banner, context.seen]).toEqual([banner, true]);
    }
  });

  test.each([['cjs', 'node'], ['iife', 'browser'], ['umd', 'browser']])('import.meta in %s', async (format, platform) => {
    const app = withEngines({ 'main.js': "export const meta = [typeof import.meta, typeof import.meta.hot, String(import.meta.dirname)];\nexport const later = () => import.meta.url;" });
    for (const minify of [false, true]) {
      await made(app, { input: './main.js', platform, output: { file: 'out.cjs', format, name: 'Made', minify } });
      if (format === 'cjs') {
        const { meta, later } = app.require('out.cjs');
        expect([meta, later()]).toEqual([['object', 'undefined', app.dir], `file://${app.at('out.cjs')}`]);
        continue;
      }
      const page = vm.createContext({ document: { currentScript: { tagName: 'SCRIPT', src: 'https://cdn.example/out.js' } }, location: { href: 'https://page.example/' } });
      vm.runInContext(`${readFileSync(app.at('out.cjs'), 'utf8')};globalThis.Made = Made;`, page);
      page.document.currentScript = null;
      expect([[...page.Made.meta].slice(0, 2), page.Made.later()]).toEqual([['object', 'undefined'], 'https://cdn.example/out.js']);
    }
  });

  test('names of globals: dotted, added to, guessed, and of files that were left out', async () => {
    const app = withEngines({
      'main.js': "import { w } from '@scope/pkg-a';\nimport { x } from './left/out.js';\nexport const both = [w, x];", 'left/out.js': '', 'value.js': 'export default function made() {}', 'none.js': 'globalThis.ran = true;',
    });
    const run = async (input, output, more = {}) => {
      await made(app, { input, platform: 'browser', external: ['@scope/pkg-a', /out\.js$/], output: { file: 'out.js', ...output } });
      const page = vm.createContext({ pkg_a: { w: 1 }, Left: { x: 2 }, ...more });
      page.self = page.globalThis = page.window = page;
      vm.runInContext(readFileSync(app.at('out.js'), 'utf8'), page);
      return page;
    };
    for (const format of ['iife', 'umd']) {
      const page = await run('./main.js', { format, name: 'My.Lib', globals: { [app.at('left/out.js')]: 'Left' } }, { My: { other: 1 } });
      expect([format, [...page.My.Lib.both], page.My.other]).toEqual([format, [1, 2], 1]);
    }
    expect(typeof (await run('./value.js', { format: 'iife', name: 'My.value', extend: true })).My.value).toBe('function');
    expect(await run('./none.js', { format: 'iife', name: 'None' }, { None: 'there' })).toMatchObject({ None: 'there', ran: true });
  });

  test('guesses global variables as the linker does', async () => {
    const ids = ['@scope/pkg-a', 'a__b', 'a--b', 'lodash/fp/get', '7z', 'x.y/index.js', 'pkg/dist/index', 'é-b', '.dot.file'];
    const app = withEngines({ 'main.js': `${ids.map((id, at) => `import v${at} from ${JSON.stringify(id)};`).join('\n')}\nglobalThis.seen = [${ids.map((_, at) => `v${at}`)}];` });
    const read = [];
    await made(app, { input: './main.js', platform: 'browser', external: ids, output: { file: 'out.js', format: 'iife' }, onLog: (_, { message }) => read.push(/"([^"]*)" is a guess/.exec(message)?.[1]) });
    const guesses = read.filter((name) => name !== undefined);
    const page = vm.createContext(Object.fromEntries(guesses.map((name) => [name, `of ${name}`])));
    vm.runInContext(readFileSync(app.at('out.js'), 'utf8'), page);
    expect(guesses).toHaveLength(ids.length);
    expect([...page.seen].sort()).toEqual(guesses.map((name) => `of ${name}`).sort());
  });

  test('a style sheet that a route of one page shares with another page', async () => {
    const app = withEngines({
      'index.html': '<!doctype html><script type="module" src="./main.js"></script>', 'about.html': '<!doctype html><script type="module" src="./about.js"></script>',
      'main.js': "import './shared.css';\ndocument.title = 1;", 'about.js': "import('./route.js');", 'route.js': "import './shared.css';\ndocument.title = 2;", 'shared.css': 'b { color: red }',
    });
    const { output } = await made(app, { input: ['./index.html', './about.html'], write: false });
    const has = (name) => scripts({ output }).filter((file) => file.moduleIds.includes(app.at(name)));
    const shared = has('shared.css').map((file) => file.fileName);
    for (const page of [has('route.js'), has('main.js')].map(([file]) => file)) {
      const loaded = [page.fileName, ...page.imports];
      expect(loaded.some((name) => shared.includes(name))).toBe(true);
    }
  });

  test('a chunk that nobody planned has a name without a hash', async () => {
    const app = withEngines({ 'a.js': "import './s.js'; console.log('a');", 'b.js': "import './s.js'; console.log('b');", 's.js': "console.log('shared', Math.random());" });
    const result = await made(app, { input: { a: './a.js', b: './b.js' }, write: false });
    for (const { name, fileName } of scripts(result)) expect([name, /^[a-z][\w-]*$/.test(name) && !/[A-Z]\d[A-Z]/.test(name)]).toEqual([name, true, fileName].slice(0, 2));
  });
});

describe('what an engine made', () => {
  const files = { 'main.js': 'export const a = 1;\n' };

  test('is remembered as it was given, whatever becomes of its objects', async () => {
    const app = project(files);
    const file = {};
    const engine = plain({ transform: (plan) => [Object.assign(file, { fileName: plan.chunks[0].fileName, code: `/*${plan.format}*/`, exports: ['a'], modules: [plan.modules[0].id] })] });
    const session = await createSession({ cwd: app.dir, input: './main.js', engine, output: [{ dir: 'es' }, { dir: 'cjs', format: 'cjs' }], ...quiet });
    const { outputs } = await session.build();
    outputs[0][0].exports.push('EVIL');
    file.modules.push('nobody');
    app.write('main.js', `${files['main.js']}// a word`);
    const again = await session.update();
    expect(again.stats.engine).toMatchObject({ calls: 0, reused: 2 });
    expect(again.outputs.map(([chunk]) => [chunk.code, chunk.exports])).toEqual([['/*es*/', ['a']], ['/*cjs*/', ['a']]]);
    await session.close();
  });

  test('may be bytes that mention other files', async () => {
    const app = project(files);
    const engine = plain({ transform(plan) {
      const leaf = plan.fileName('leaf');
      return [{ fileName: plan.chunks[0].fileName, code: '' }, { fileName: leaf, code: '1' }, { fileName: 'list.bin', source: new TextEncoder().encode(`ü ${leaf}`) }];
    } });
    const { output } = await app.build({ input: './main.js', engine });
    const leaf = output.find((file) => file.name === 'leaf');
    expect(leaf.fileName).toMatch(/^leaf-[\w-]{8}\.js$/);
    expect(Buffer.from(output.find((file) => file.fileName === 'list.bin').source).toString()).toBe(`ü ${leaf.fileName}`);
  });

  test('of one module as it is has its map, though it names no modules', async () => {
    const { output: [main] } = await project({ 'main.js': "export const a = 'text';" }).build({ input: './main.js', engine: plain(), output: { sourcemap: true } });
    expect(main.map?.sources).toHaveLength(1);
  });

  test.each([
    ['assets/P.SVG', 'which are one on many disks'], ['assets/p.svg/x.js', 'which cannot be a directory too'],
  ])('does not take the place of a file that is not its own: %s', async (fileName, why) => {
    const app = project({ 'main.js': "import p from './p.svg';\nexport default p;", 'p.svg': `<svg xmlns="http://www.w3.org/2000/svg">${'<g/>'.repeat(2000)}</svg>` });
    const engine = plain({ transform: (plan) => [...plan.chunks.map((chunk) => ({ fileName: chunk.fileName, code: '' })), { fileName, code: '' }] });
    const error = await failureOf(app.build({ input: './main.js', engine, output: { assetFileNames: 'assets/[name][extname]' } }));
    expect(error.message).toContain('Engine "plain" gave');
    expect(error.message).toContain(why);
  });

  test('that cannot be read is its fault', async () => {
    const engine = plain({ transform: () => [{ get fileName() { throw new Error('not today'); } }] });
    expect((await failureOf(project(files).build({ input: './main.js', engine }))).message).toContain('Engine "plain" gave files that cannot be read: not today');
  });

  test('has names that objects have too', async () => {
    const engine = plain({ transform: (plan) => [{ fileName: plan.chunks[0].fileName, code: '' }, { fileName: 'constructor', source: 'a' }, { fileName: 'toString', code: '' }] });
    const { output } = await project(files).build({ input: './main.js', engine });
    expect(output.map((file) => file.fileName).sort()).toEqual(['constructor', 'main.js', 'toString']);
  });

  test('follows its own rules where an option of the linker would count, and it is said', async () => {
    const app = project({ 'main.js': "import path from 'node:path';\nexport const a = path.sep;" });
    const told = async (output, engine = plain()) => {
      const logs = [];
      await app.build({ input: './main.js', platform: 'node', engine, output, onLog: (level, log) => logs.push(log) });
      return logs.filter(({ code }) => code === 'ENGINE_OPTION').map(({ message }) => /output\.\w+/.exec(message)[0]);
    };
    expect(await told({ format: 'cjs', interop: 'default', esModule: false })).toEqual(['output.interop', 'output.esModule']);
    expect(await told({ format: 'cjs' })).toEqual([]);
    expect(await told({ format: 'es', interop: 'default' })).toEqual([]);
    expect(await told({ format: 'cjs', interop: 'default' }, 'native')).toEqual([]);
  });

  test('cannot be named by an import map', async () => {
    const error = await failureOf(project(files).build({ input: './main.js', engine: oneFileAModule(), output: { chunkImportMap: true } }));
    expect(error).toMatchObject({ code: 'ENGINE_ERROR', hint: 'Leave the option or the engine out' });
  });
});
