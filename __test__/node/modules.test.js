import { describe, expect, test } from 'vitest';
import { failureOf, project, runChunk } from '../support/project.js';

describe('resolveId and this.resolve', () => {
  test('a hook resolves to a file, to a virtual module, to an external, or to nothing', async () => {
    const app = project({ 'main.js': "import a from 'a'; import v from 'v'; export { sep } from 'path-like'; export default a + v;", 'real.js': 'export default 1;' });
    const result = await app.build({
      plugins: [{
        name: 'r',
        resolveId(source) {
          if (source === 'a') return app.at('real.js');
          if (source === 'v') return { id: '\0v', meta: { from: 'v' } };
          if (source === 'path-like') return { id: 'node:path', external: true };
          return null;
        },
        load(id) { return id === '\0v' ? `export default ${JSON.stringify(this.getModuleInfo(id)?.meta.from)}` : null; },
      }],
    });
    expect(await runChunk(result)).toMatchObject({ default: '1v', sep: '/' });
    expect(result.output[0].imports).toEqual(['node:path']);
  });

  test('this.resolve asks the other plugins and then the core, and skips the one that asks', async () => {
    const app = project({ 'main.js': "import './b';", 'b.ts': 'export {};' });
    const asked = [];
    await app.build({
      plugins: [
        { name: 'first', async resolveId(source, importer, options) {
          asked.push(`first ${source}`);
          if (source !== './b') return null;
          const resolved = await this.resolve(source, importer, { ...options, custom: { note: 1 } });
          expect(resolved).toMatchObject({ id: app.at('b.ts'), external: false, moduleSideEffects: true, resolvedBy: 'cloudpack' });
          expect(await this.resolve('./nowhere', importer)).toBe(null);
          return resolved;
        } },
        { name: 'second', resolveId(source, importer, { custom }) { asked.push(`second ${source} ${custom?.note ?? ''}`.trim()); return null; } },
      ],
    });
    expect(asked).toEqual(['first ./main.js', 'second ./main.js', 'first ./b', 'second ./b 1', 'second ./nowhere']);
  });

  test('two plugins that ask each other come to an end', async () => {
    const app = project({ 'main.js': "import './b.js';", 'b.js': 'globalThis.b = 1;' });
    const ask = (name) => ({ name, resolveId(source, importer) { return this.resolve(source, importer); } });
    const { output } = await app.build({ plugins: [ask('a'), ask('b')] });
    expect(output[0].moduleIds).toEqual([app.at('b.js'), app.at('main.js')]);
  });

  test('external as a function sees the request and the resolved id', async () => {
    const app = project({ 'main.js': "import 'pkg'; import './b.js'; import './c.js';", 'b.js': 'globalThis.b = 1;', 'c.js': 'globalThis.c = 1;' });
    const calls = [];
    const { output } = await app.build({
      external(source, importer, isResolved) {
        calls.push([source, isResolved]);
        return source === 'pkg' || (isResolved && source.endsWith('c.js'));
      },
    });
    expect(output[0].imports).toEqual(['pkg', '../c.js']);
    expect(output[0].moduleIds).toEqual([app.at('b.js'), app.at('main.js')]);
    expect(calls).toContainEqual([app.at('b.js'), true]);
  });

  test('aliases with expressions rewrite a request, and what they make must exist', async () => {
    const app = project({ 'main.js': "export { x } from '~/lib/x'; export { y } from 'plain/y.js';", 'src/lib/x.ts': 'export const x: number = 1;', 'p/y.js': 'export const y = 2;' });
    const alias = [{ find: /^~\//, replacement: `${app.dir}/src/` }, { find: 'plain', replacement: app.at('p') }];
    expect(await runChunk(await app.build({ resolve: { alias } }))).toMatchObject({ x: 1, y: 2 });
    const error = await failureOf(app.build({ resolve: { alias: [{ find: /^~\//, replacement: '/nowhere/' }, alias[1]] } }));
    expect(error.errors[0]).toMatchObject({ code: 'UNRESOLVED_IMPORT', message: expect.stringContaining('"/nowhere/lib/x"') });
  });
});

describe('load and transform', () => {
  test('a virtual entry needs no file', async () => {
    const result = await project({}).build({
      input: { app: 'virtual:entry' },
      plugins: [{ name: 'v', resolveId: (source) => (source.startsWith('virtual:') ? `\0${source}` : null), load: (id) => (id === '\0virtual:entry' ? 'export const answer = 42;' : null) }],
    });
    expect(result.output[0]).toMatchObject({ name: 'app', isEntry: true, facadeModuleId: '\0virtual:entry' });
    expect((await runChunk(result)).answer).toBe(42);
  });

  test('transforms see what the ones before them made, and null leaves it alone', async () => {
    const app = project({ 'main.js': 'export default "a";' });
    const result = await app.build({
      plugins: [
        { name: '1', transform: (code) => ({ code: code.replace('"a"', '"b"'), map: null }) },
        { name: '2', transform: () => null },
        { name: '3', transform: (code) => code.replace('"b"', '"c"') },
      ],
    });
    expect((await runChunk(result)).default).toBe('c');
  });

  test('a load hook that says null leaves the file to the core, and transforms run all the same', async () => {
    const app = project({ 'main.ts': 'export const x: number = 1;' });
    const asked = [];
    const result = await app.build({
      input: './main.ts',
      plugins: [{ name: 'l', load(id) { asked.push(id); return null; }, transform: (code) => code.replace('1', '2') }],
    });
    expect(asked).toEqual([app.at('main.ts')]);
    expect((await runChunk(result)).x).toBe(2);
  });

  test('a module type is named, or guessed from what a hook made of the file', async () => {
    const app = project({ 'main.js': "import svg from './a.svg'; import text from './b.txt'; import css from './c.css'; export { svg, text, css };", 'a.svg': '<svg/>', 'b.txt': 'hello', 'c.css': 'a{}' });
    const result = await app.build({
      plugins: [{
        name: 't',
        load: { filter: { id: '**/*.svg' }, handler: () => 'export default "an svg";' },
        transform: { filter: { moduleType: 'css' }, handler: (code) => ({ code: `export default ${JSON.stringify(code)}`, moduleType: 'js' }) },
      }, { name: 'u', load: { filter: { id: /\.txt$/ }, handler: () => ({ code: 'hello, text', moduleType: 'text' }) } }],
    });
    expect(await runChunk(result)).toMatchObject({ svg: 'an svg', text: 'hello, text', css: 'a{}' });
  });

  test('parts of a component file are of the language that their query names', async () => {
    const app = project({ 'main.js': "export { n } from './App.vue';", 'App.vue': 'const n: number = 1;' });
    const parts = { script: "export const n: number = 1;\nimport './App.vue?vue&type=style&lang.css';", style: 'a { color: red }' };
    const result = await app.build({
      plugins: [{
        name: 'components',
        resolveId: (source, importer) => (source.includes('?vue') ? source.replace('./App.vue', app.at('App.vue')) : null),
        load: (id) => parts[/type=(\w+)/.exec(id)?.[1]],
        transform: { filter: { id: /\.vue$/ }, handler: () => "export * from './App.vue?vue&type=script&lang.ts';" },
      }],
    });
    expect((await runChunk(result)).n).toBe(1);
    expect(result.output.find((file) => file.fileName.endsWith('.css')).source).toMatch(/color:\s*red/);
  });

  test('moduleSideEffects of a hook decides whether an unused module stays', async () => {
    const app = project({ 'main.js': "import './gone.js'; import './stays.js'; export const x = 1;", 'gone.js': 'globalThis.gone = 1;', 'stays.js': 'globalThis.stays = 1;' });
    const { output } = await app.build({ plugins: [{ name: 's', transform: (code, id) => (id.endsWith('gone.js') ? { code, map: null, moduleSideEffects: false } : null) }] });
    expect(output[0].code).toContain('stays');
    expect(output[0].code).not.toContain('gone');
  });

  test('treeshake.moduleSideEffects in all its forms', async () => {
    const files = {
      'main.js': "import './a.js'; import './b.js'; import 'outside'; export const x = 1;", 'a.js': 'globalThis.inA = 1;', 'b.js': 'globalThis.inB = 1;',
    };
    const left = async (moduleSideEffects) => {
      const { output } = await project(files).build({ external: ['outside'], treeshake: { moduleSideEffects } });
      return ['inA', 'inB', 'outside'].filter((word) => output[0].code.includes(word)).join(' ');
    };
    expect(await left(true)).toBe('inA inB outside');
    expect(await left(false)).toBe('');
    expect(await left('no-external')).toBe('inA inB');
    expect(await left((id, external) => (external ? null : id.endsWith('a.js')))).toBe('inA outside');
    expect(await left(['outside'])).toBe('outside');
    expect(await left([{ test: /a\.js$/, sideEffects: false }, { external: true, sideEffects: false }])).toBe('inB');
    const error = await failureOf(project(files).build({ treeshake: { moduleSideEffects: 'never' } }));
    expect(error.errors[0]).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('"never"') });
  });

  test('an unknown module type is an error with the known ones', async () => {
    const error = await failureOf(project({ 'main.js': '' }).build({ plugins: [{ name: 'p', transform: (code) => ({ code, moduleType: 'vue' }) }] }));
    expect(error.errors[0]).toMatchObject({ plugin: 'p', pluginCode: 'INVALID_MODULE_TYPE', message: 'Hook "transform" gave the module type "vue"', hint: expect.stringContaining('js, jsx') });
  });
});

describe('what a context tells', () => {
  test('module facts: edges both ways, exports, code, and a meta object that is kept', async () => {
    const app = project({ 'main.js': "import { a } from './a.js'; export const later = () => import('./b.js'); console.log(a);", 'a.js': 'export const a = 1; export default 2;', 'b.js': 'export const b = 1;' });
    let facts;
    await app.build({
      plugins: [
        { name: 'write', transform(code, id) { return { code, map: null, meta: { seen: id } }; } },
        { name: 'read', moduleParsed(info) { info.meta.parsed = true; }, buildEnd() {
          facts = Object.fromEntries([...this.getModuleIds()].map((id) => [id.replace(`${app.dir}/`, ''), this.getModuleInfo(id)]));
        } },
      ],
    });
    expect(Object.keys(facts).sort()).toEqual(['a.js', 'b.js', 'main.js']);
    expect(facts['main.js']).toMatchObject({ isEntry: true, importedIds: [app.at('a.js')], dynamicallyImportedIds: [app.at('b.js')], importers: [] });
    expect(facts['a.js']).toMatchObject({ isEntry: false, importers: [app.at('main.js')], hasDefaultExport: true, exports: ['a', 'default'], meta: { seen: app.at('a.js'), parsed: true } });
    expect(facts['a.js'].code).toContain('export const a = 1');
    expect(facts['b.js'].dynamicImporters).toEqual([app.at('main.js')]);
  });

  test('this.load loads a module once, before the core comes to it', async () => {
    const app = project({ 'main.js': "import './b.js';", 'b.js': 'export default 1;' });
    let transforms = 0;
    let loaded;
    await app.build({
      plugins: [{
        name: 'l',
        async transform(code, id) {
          if (id.endsWith('b.js')) transforms++;
          if (id.endsWith('main.js')) loaded = await this.load({ id: app.at('b.js'), meta: { early: true } });
          return null;
        },
      }],
    });
    expect(loaded).toMatchObject({ id: app.at('b.js'), code: 'export default 1;', meta: { early: true } });
    expect(transforms).toBe(1);
  });

  test('watched files of plugins and of the graph come out together, sorted', async () => {
    const app = project({ 'main.js': '' });
    let inside;
    const { watchFiles } = await app.build({
      plugins: [{ name: 'w', buildStart() { this.addWatchFile(app.at('z.config')); }, transform() { this.addWatchFile('relative.txt'); }, buildEnd() { inside = this.getWatchFiles(); } }],
    });
    for (const file of ['main.js', 'relative.txt', 'z.config']) expect(watchFiles).toContain(app.at(file));
    expect(watchFiles).toEqual([...watchFiles].sort());
    expect(inside).toEqual(watchFiles);
  });

  test('this.parse uses an installed parser', async () => {
    let tree;
    await project({ 'main.js': 'export default 1;' }).build({ plugins: [{ name: 'p', transform(code) { tree = this.parse(code); } }] });
    expect(tree).toMatchObject({ type: 'Program', body: [{ type: 'ExportDefaultDeclaration' }] });
  });

  test('members work when they are taken off the context', async () => {
    await project({ 'main.js': '' }).build({
      plugins: [{ name: 'd', async buildStart() {
        const { resolve, emitFile, getFileName, meta } = this;
        expect(await resolve('./nothing', undefined)).toBe(null);
        expect(getFileName(emitFile({ type: 'asset', fileName: 'x.txt', source: '' }))).toBe('x.txt');
        expect(meta.rollupVersion).toMatch(/^4\./);
      } }],
    });
  });

  test('the language of a part of a component file is in its query; .module.css makes a CSS module of it', async () => {
    const app = project({ 'main.js': "import styles from './App.part?part&type=style&lang.module.css'; import './App.part?part&type=style&lang.css'; export default Object.keys(styles);" });
    const parts = { name: 'parts', resolveId: (id) => (id.includes('?part') ? app.at(id) : null), load: (id) => (id.includes('?part') ? '\n.item { color: red }' : null) };
    const result = await app.build({ plugins: [parts] });
    expect(await runChunk(result)).toMatchObject({ default: ['item'] });
    const css = result.output.find((file) => file.fileName.endsWith('.css')).source;
    expect(css).toMatch(/\.[\w-]+_item \{[^]*\n\.item \{/);
  });

  test("a module of 'no-treeshake' stays whole, and is listed where nothing is in it", async () => {
    const app = project({ 'main.js': "import './style'; import { used } from './kept'; export default used;" });
    const { output } = await app.build({
      plugins: [{
        name: 'keeping',
        resolveId: (source) => (source.startsWith('./style') || source === './kept' ? `\0${source.slice(2)}.js` : null),
        load: (id) => (id === '\0style.js' ? { code: '', moduleSideEffects: 'no-treeshake' } : id === '\0kept.js' ? { code: 'export const used = [1]; const unused = [2];', moduleSideEffects: 'no-treeshake' } : null),
      }],
    });
    expect(output[0].moduleIds).toEqual(['\0style.js', '\0kept.js', app.at('main.js')]);
    expect(output[0].code).toContain('unused');
  });

  test('syntheticNamedExports are refused, not forgotten', async () => {
    const synthetic = { name: 'synthetic', transform: (code) => ({ code, map: null, syntheticNamedExports: true }) };
    const error = await failureOf(project({ 'main.js': 'export default {};' }).build({ plugins: [synthetic] }));
    expect(error.errors[0]).toMatchObject({ plugin: 'synthetic', hook: 'transform', message: expect.stringContaining('syntheticNamedExports') });
  });
});
