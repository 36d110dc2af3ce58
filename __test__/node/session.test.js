import { cpSync, rmSync, symlinkSync, unlinkSync, utimesSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { build, createSession } from 'cloudpack';
import { failureOf, project } from '../support/project.js';

const files = {
  'main.js': "import { b } from './b.js';\nimport './effect.js';\nexport const value = ['main', b()];",
  'b.js': "import { c } from './barrel.js';\nexport const b = () => c;\nexport const unused = 1;",
  'barrel.js': "export * from './c.js';\nexport { d } from './d.js';",
  'c.js': "export const c = ['c'];\nexport const more = [2];",
  'd.js': 'export const d = 4;',
  'effect.js': 'console.log(1);',
  'package.json': '{ "type": "module" }',
};

async function sessionOf(app, options = {}) {
  const session = await createSession({ cwd: app.dir, input: './main.js', onLog() {}, ...options });
  onTestFinished(() => session.close());
  return session;
}

describe('createSession()', () => {
  test('builds, updates and says what it did; what it writes is what a clean build writes', async () => {
    const app = project(files);
    const session = await sessionOf(app);
    expect(session.stats()).toBeUndefined();
    const first = await session.build();
    expect(first.stats.summarized).toBe(6);
    app.write('b.js', `${files['b.js']} // edited`);
    const second = await session.update(['b.js']);
    expect(second.stats).toMatchObject({ summarized: 1, analyzed: false });
    expect((await session.why('b.js')).lastBuild).toEqual({ compiled: true, because: 'its content changed', changed: [app.at('b.js')] });
    expect((await session.why('c.js')).lastBuild).toMatchObject({ compiled: false, because: 'its content is what it was' });
    expect(session.stats()).toBe(second.stats);
    expect((await session.update()).stats).toMatchObject({ lastBuild: 'unchanged', chunksWritten: 0 });
    app.write('c.js', "export const c = ['C'];");
    // Nobody said so; it is seen all the same.
    expect((await session.update([])).stats.summarized).toBe(1);
    expect(app.read('dist/main.js')).toBe((await app.build()).output[0].code);
  });

  test('files to watch can be asked for when the graph is given back', async () => {
    const app = project(files);
    const session = await sessionOf(app);
    const made = await session.build();
    app.write('b.js', `${files['b.js']} // edited`);
    const relinked = await session.update();
    const unchanged = await session.update();
    await session.close();
    const { watchFiles } = await app.build();
    expect(watchFiles).toContain(app.at('c.js'));
    for (const result of [made, relinked, unchanged]) expect(result.watchFiles).toEqual(watchFiles);
  });

  test('what is read through links is followed to where it lies', async () => {
    const app = project({ 'app/main.js': "export { a } from './link.js';\nexport { b } from './folder/b.js';", 'far/a.js': 'export const a = 1;', 'far/b.js': 'export const b = 1;' });
    symlinkSync('../hop.js', app.at('app/link.js'));
    symlinkSync('far/a.js', app.at('hop.js'));
    symlinkSync('../far', app.at('app/folder'));
    const cwd = app.at('app');
    for (const symlinks of [true, false]) {
      const options = { cwd, resolve: { symlinks }, output: { dir: `dist-${symlinks}` } };
      const session = await sessionOf(app, options);
      const next = async () => [(await session.update()).output[0].code, (await app.build(options)).output[0].code];
      await session.build();
      await session.update();
      app.write('far/a.js', 'export const a = 2;');
      app.write('far/b.js', 'export const b = 2;');
      let [warm, cold] = await next();
      expect(warm).toBe(cold);
      expect(warm).toContain('a = 2');
      app.write('far/other.js', 'export const a = 3;');
      unlinkSync(app.at('hop.js'));
      symlinkSync('far/other.js', app.at('hop.js'));
      [warm, cold] = await next();
      expect(warm).toBe(cold);
      expect(warm).toContain('a = 3');
      unlinkSync(app.at('hop.js'));
      symlinkSync('far/a.js', app.at('hop.js'));
      app.write('far/a.js', 'export const a = 1;');
    }
  });

  test('what events named is looked at and nothing else, and so are emitted files', async () => {
    const app = project(files);
    const session = await sessionOf(app);
    // Only Linux promises that all events of what was done have come.
    const looked = (count) => (process.platform === 'linux' ? count : expect.any(Number));
    const { stats } = await session.build();
    expect(stats.checked).toBe(0);
    expect((await session.build()).stats).toMatchObject({ lastBuild: 'unchanged', checked: looked(0) });
    const body = (number) => files['b.js'].replace('=> c', `=> [c, ${number}]`);
    for (const number of [1, 2, 3]) {
      app.write('b.js', body(number));
      expect((await session.update()).stats).toMatchObject({ checked: looked(1), summarized: 1, analyzed: false, chunksLinked: 1 });
      expect(app.read('dist/main.js')).toBe((await app.build({ write: false })).output[0].code);
    }
    const whole = app.read('dist/main.js');
    app.write('dist/main.js', '// altered');
    expect((await session.update()).stats).toMatchObject({ checked: looked(0), chunksWritten: 1 });
    expect(app.read('dist/main.js')).toBe(whole);
    rmSync(app.at('dist'), { recursive: true });
    await session.update();
    expect(app.read('dist/main.js')).toBe(whole);
    // A new name that shadows an old one, a file that goes, and one that comes back.
    app.write('c.js', 'export * from "./deep/index.js"; export const c = 0;');
    app.write('deep/index.js', 'export const e = 1;');
    await session.update();
    rmSync(app.at('deep'), { recursive: true });
    expect((await failureOf(session.update())).errors[0].code).toBe('UNRESOLVED_IMPORT');
    app.write('deep/index.js', 'export const e = 2;');
    app.write('b.js', body(4));
    await session.update();
    expect(app.read('dist/main.js')).toBe((await app.build({ write: false })).output[0].code);
  });

  test.each([true, 'hidden', 'inline'])('with sourcemap: %s only chunks that hold an edit are linked, and maps are those of a clean build', async (sourcemap) => {
    const app = project({
      'main.js': "export const load = () => import('./lazy.js');",
      'lazy.js': "import { c } from './c.js';\nexport const b = () => [c, 1]; // one",
      'c.js': "export const c = ['c'];",
      'package.json': '{ "type": "module" }',
    });
    const output = { sourcemap };
    const session = await sessionOf(app, { output });
    await session.build();
    const edits = [
      ['[c, 1]; // one', '[c, 2]; // one', { chunksLinked: 1, chunksWritten: sourcemap === 'inline' ? 2 : 3 }],
      // Nothing but a comment, which stands in the map.
      ['// one', '// two', { chunksLinked: 1, chunksWritten: 1 }],
    ];
    for (const [from, to, expected] of edits) {
      app.write('lazy.js', app.read('lazy.js').replace(from, to));
      const { output: files, stats } = await session.update();
      expect(stats).toMatchObject({ summarized: 1, analyzed: false, ...expected });
      const clean = await app.build({ write: false, output });
      const shown = (file) => [file.fileName, file.code ?? String(file.source), file.map && JSON.stringify(file.map)];
      expect(files.map(shown)).toEqual(clean.output.map(shown));
      for (const file of clean.output) expect(app.read(`dist/${file.fileName}`)).toBe(file.code ?? String(file.source));
    }
    // A map that somebody removed is made again with its chunk.
    const map = (await session.update()).output.find((file) => file.fileName.endsWith('.map'));
    if (!map) return;
    rmSync(app.at(`dist/${map.fileName}`));
    expect((await session.update()).stats.chunksLinked).toBe(1);
    expect(app.read(`dist/${map.fileName}`)).toBe(String(map.source));
  });

  test('modules that ask for more, for less, and in another order: only those and new ones are looked at', async () => {
    const app = project({
      'main.js': "import './a.js';\nimport './b.js';\nexport const first = () => import('./one/page.js');\nexport const second = () => import('./two/page.js');",
      'a.js': "console.log('a');",
      'b.js': "import data from './data.json';\nconsole.log('b', data.x);",
      'data.json': '{ "x": 1 }',
      'one/page.js': "import '../shared.js';\nexport const page = 1;",
      'two/page.js': "import '../shared.js';\nexport const page = 2;",
      'shared.js': "console.log('shared');",
      'package.json': '{ "type": "module" }',
    });
    const session = await sessionOf(app, { output: { minify: true, sourcemap: true } });
    const main = app.read('main.js');
    await session.build();
    const steps = [
      // The names of the chunks of both pages are decided by which one is met first.
      [{ 'main.js': main.split('\n').reverse().join('\n') }, { summarized: 1, reused: 6 }],
      [{ 'a.js': "import './new.js';\nconsole.log('a');", 'new.js': "export * from './shared.js';\nimport('./newer.js');", 'newer.js': "export const n = 'newer';" }, { summarized: 3, reused: 6 }],
      [{ 'main.js': main.replace("import './b.js';\n", '') }, { summarized: 1, reused: 6 }],
      [{ 'a.js': "import './b.js';" }, { summarized: 1, reused: 6 }],
      [{ 'main.js': main }, { summarized: 0, reused: 7 }],
    ];
    for (const [edits, stats] of steps) {
      for (const [name, text] of Object.entries(edits)) app.write(name, text);
      const { output, stats: found } = await session.update();
      expect(found).toMatchObject({ analyzed: true, ...stats });
      const clean = await app.build({ write: false, cache: false, output: { minify: true, sourcemap: true } });
      const shown = (file) => [file.fileName, file.code ?? String(file.source), file.map && JSON.stringify(file.map)];
      expect(output.map(shown)).toEqual(clean.output.map(shown));
    }
    // What was let go is a file like any other, and the next edit is followed as ever.
    app.write('new.js', 'syntax error');
    expect((await session.update()).output.map((file) => file.code)).toEqual((await app.build({ write: false, output: { minify: true, sourcemap: true } })).output.map((file) => file.code));
    app.write('a.js', "import './nowhere.js';");
    expect((await failureOf(session.update())).errors[0].code).toBe('UNRESOLVED_IMPORT');
    app.write('a.js', "console.log('a', 2);");
    await session.update();
    app.write('a.js', "console.log('a', 3);");
    expect((await session.update()).stats).toMatchObject({ summarized: 1, analyzed: false, chunksLinked: 1 });
  });

  test('each level of reuse can be switched off, and the output stays what it was', async () => {
    const app = project({ ...files, 'main.js': `${files['main.js']}\nexport const later = () => import('./d.js');` });
    const built = async (reuse) => {
      const { output, stats } = await build({ cwd: app.dir, input: './main.js', cache: { dir: 'store', reuse }, onLog() {} });
      return { stats, text: output.map((file) => [file.fileName, file.code]) };
    };
    const first = await built();
    expect(first.stats).toMatchObject({ summarized: 6, analyzed: true, chunksLinked: 2, chunksWritten: 2 });
    const made = { lastBuild: 'nothing changed, but cache.reuse wants it made', summarized: 0, analyzed: false, chunksLinked: 0, chunksWritten: 0 };
    const levels = [
      [{}, { ...made, lastBuild: 'unchanged' }],
      [{ build: false }, made],
      [{ build: false, chunks: false }, { ...made, chunksLinked: 2 }],
      [{ build: false, plans: false }, { ...made, analyzed: true, chunksLinked: 2 }],
      [{ modules: false }, { ...made, summarized: 6, analyzed: true, chunksLinked: 2 }],
      [{ build: false, files: false }, { ...made, chunksWritten: 2 }],
      [undefined, { ...made, lastBuild: 'unchanged' }],
    ];
    for (const [reuse, stats] of levels) {
      const again = await built(reuse);
      expect([reuse, again.stats]).toMatchObject([reuse, stats]);
      expect(again.text).toEqual(first.text);
    }
    const faulty = await failureOf(build({ cwd: app.dir, input: './main.js', cache: { reuse: { chunk: false, plans: 1 } } }));
    expect(faulty.errors.map(({ message, hint }) => [message, hint])).toEqual([
      ['Unknown option "cache.reuse.chunk"', 'Did you mean "cache.reuse.chunks"?'],
      ['Option "cache.reuse.plans" must be true or false, but it is 1', undefined],
    ]);
  });

  test('what is remembered after a build is in the store once the session is closed', async () => {
    const app = project(files);
    const session = await sessionOf(app);
    await session.build();
    app.write('b.js', `${files['b.js']} // edited`);
    expect((await session.update()).stats).toMatchObject({ summarized: 1, analyzed: false });
    await session.close();
    const { stats } = await build({ cwd: app.dir, input: './main.js', cache: true, onLog() {} });
    expect(stats).toMatchObject({ lastBuild: 'unchanged' });
  });

  test('a store that goes away in the middle of a session is made again, with all that it needs', async () => {
    const app = project(files);
    const dir = app.at('store');
    const session = await sessionOf(app, { cache: { dir } });
    await session.build();
    app.write('b.js', `${files['b.js']} // edited`);
    await session.update();
    // It begins when the record of the last one is written.
    await session.update();
    rmSync(dir, { recursive: true });
    app.write('b.js', `${files['b.js']} // edited again`);
    await session.update();
    await session.close();
    app.write('b.js', `${files['b.js']} // by another process`);
    const { stats } = await build({ cwd: app.dir, input: './main.js', cache: { dir }, onLog() {} });
    expect(stats).toMatchObject({ summarized: 1, analyzed: false });
  });

  test('plugins are told of the changes that are named', async () => {
    const app = project(files);
    const seen = [];
    const session = await sessionOf(app, { write: false, plugins: [{ name: 'p', watchChange: (id, { event }) => void seen.push([id, event]), closeWatcher: () => void seen.push('closed') }] });
    await session.build();
    rmSync(app.at('d.js'));
    app.write('barrel.js', "export * from './c.js';");
    await session.update(['d.js', { id: app.at('barrel.js'), event: 'update' }]);
    await session.close();
    expect(seen).toEqual([[app.at('d.js'), 'delete'], [app.at('barrel.js'), 'update'], 'closed']);
  });

  test('a build that fails can be mended, and calls wait for each other', async () => {
    const app = project(files);
    const session = await sessionOf(app);
    app.write('b.js', 'export const b = ;');
    const error = await failureOf(session.build());
    expect(error.errors[0].code).toBe('PARSE_ERROR');
    expect(session.stats()).toBeUndefined();
    expect(await session.why('effect.js')).toMatchObject({ isIncluded: false, excludedBecause: expect.stringContaining('errors') });
    app.write('b.js', files['b.js']);
    const [one, two] = await Promise.all([session.build(), session.update()]);
    expect([one.stats.lastBuild === 'unchanged', two.stats.lastBuild]).toEqual([false, 'unchanged']);
    await session.close();
    await session.close();
    expect((await failureOf(session.build())).message).toContain('closed');
  });
});

test('faulty options are told of by whoever builds first, and by the next', async () => {
  const session = await sessionOf(project(files), { inputt: 1 });
  for (const call of [() => session.why('b.js'), () => session.build(), () => session.why('b.js')]) {
    expect((await failureOf(call())).errors).toMatchObject([{ code: 'UNKNOWN_OPTION' }]);
  }
});

describe('session.why()', () => {
  test('the way from an entry point, importers, and who uses which export', async () => {
    const session = await sessionOf(project(files));
    await session.build();
    const why = await session.why('c.js');
    expect(why).toMatchObject({ isIncluded: true, isEntry: false, excludedBecause: null, chunks: ['main'], files: ['main.js'] });
    expect(why.chain.map(({ id, specifier, kind }) => [id.split('/').at(-1), specifier, kind])).toEqual([
      ['main.js', './b.js', 'import'], ['b.js', './barrel.js', 'import'], ['barrel.js', './c.js', 'import'], ['c.js', null, null],
    ]);
    expect(why.importers).toMatchObject([{ specifier: './c.js', kind: 'import', isIncluded: false }]);
    expect(why.exports).toEqual([
      { name: 'c', isLive: true, usedBy: [expect.stringMatching(/b\.js$/)] }, { name: 'more', isLive: false, usedBy: [] },
    ]);
    const entry = await session.why('./main.js');
    expect(entry).toMatchObject({ isEntry: true, chain: [], exports: [{ name: 'value', isLive: true, usedBy: ['entry'] }] });
    expect(await session.why('nothing.js')).toBeNull();
  });

  test('why a module is not in the output', async () => {
    const app = project({ ...files, 'pure.js': 'export const p = 1;', 'only.js': "import './leaf.js'; export const o = 2;", 'leaf.js': 'export const l = 3;' });
    app.write('main.js', `${files['main.js']}\nimport './pure.js';\nimport { o } from './only.js';`);
    const session = await sessionOf(app, { write: false });
    const because = async (id) => (await session.why(id)).excludedBecause;
    expect(await because('barrel.js')).toMatch(/passes exports on/);
    expect(await because('pure.js')).toMatch(/running it has no side effects/);
    expect(await because('leaf.js')).toMatch(/no module that asks for it/);
    expect(await because('effect.js')).toBeNull();
  });

  test('dynamic imports, CommonJS, constants and re-exports of an entry point', async () => {
    const app = project({
      'main.js': "import { n } from './n.js';\nimport cjs from './old.cjs';\nexport { r } from './r.js';\nconsole.log(n, cjs.x);\nimport('./lazy.js');",
      'n.js': 'export const n = 7;', 'old.cjs': 'exports.x = 1;', 'r.js': 'export const r = () => 1;', 'lazy.js': 'export const l = 1;',
    });
    const session = await sessionOf(app, { write: false });
    const uses = async (id) => Object.fromEntries((await session.why(id)).exports.map(({ name, usedBy }) => [name, usedBy.map((one) => one.split('/').at(-1))]));
    expect(await uses('n.js')).toEqual({ n: ['main.js'] });
    expect(await session.why('n.js')).toMatchObject({ isIncluded: false, excludedBecause: expect.stringContaining('constants') });
    expect(await uses('old.cjs')).toEqual({ default: ['main.js'] });
    expect(await uses('r.js')).toEqual({ r: ['main.js'] });
    expect(await uses('lazy.js')).toEqual({ '*': ['main.js'], l: [] });
    expect((await session.why('lazy.js')).chain.map((step) => step.kind)).toEqual(['import()', null]);
  });

  test('what became of a module in the last build, and the same of a build that was recalled', async () => {
    const app = project(files);
    const session = await sessionOf(app);
    const last = async (id) => (await session.why(id)).lastBuild;
    await session.build();
    expect(await last('b.js')).toEqual({ compiled: true, because: 'no earlier build with these options is known', changed: [] });
    app.write('b.js', files['b.js'].replace('=> c', '=> c + 1'));
    await session.update();
    expect(await last('b.js')).toEqual({ compiled: true, because: 'its content changed', changed: [app.at('b.js')] });
    expect(await last('c.js')).toEqual({ compiled: false, because: 'its content is what it was', changed: [] });
    const built = await session.why('c.js');
    await session.update();
    const recalled = await session.why('c.js');
    expect(recalled.lastBuild).toEqual({ compiled: false, because: 'nothing changed since the last build', changed: [] });
    expect({ ...recalled, lastBuild: null }).toEqual({ ...built, lastBuild: null });
    app.write('b.js', files['b.js']);
    await session.update();
    expect(await last('b.js')).toEqual({ compiled: false, because: 'its content changed to one that was compiled before', changed: [app.at('b.js')] });
    app.write('package.json', '{ "type": "commonjs" }');
    await session.update();
    expect(await last('c.js')).toMatchObject({ compiled: true, changed: [app.at('package.json')] });
    expect(await (await sessionOf(app, { cache: false, write: false })).why('c.js')).toMatchObject({ lastBuild: { compiled: true, because: expect.stringContaining('without a cache') } });
  });
});

describe("view: 'ci'", () => {
  const sources = { ...files, 'main.js': `${files['main.js']}\nimport('./lazy.js');\nimport('./other.js');`, 'lazy.js': 'export const l = 1;', 'other.js': 'export const o = 1;' };
  const output = { chunkFileNames: '[name]-[hash].js', entryFileNames: '[name].js' };
  const options = { view: 'ci', cache: true, write: true, output };
  const names = (list) => list.map((file) => file.fileName.replace(/-[\w-]{8}\.js$/, '-*.js'));

  test('says what is new, kept and gone', async () => {
    const app = project(sources);
    const first = await app.build(options);
    expect(names(first.ci.emitted)).toEqual(['lazy-*.js', 'main.js', 'other-*.js']);
    expect([first.ci.kept, first.ci.removed]).toEqual([[], []]);
    const second = await app.build(options);
    expect(second.ci).toEqual({ emitted: [], kept: first.ci.emitted, removed: [] });
    app.write('lazy.js', 'export const l = 2;');
    const third = await app.build(options);
    expect([names(third.ci.emitted), names(third.ci.kept), names(third.ci.removed)]).toEqual([['lazy-*.js', 'main.js'], ['other-*.js'], ['lazy-*.js']]);
    expect(third.ci.emitted.every(({ hash, size }) => /^[0-9a-f]{64}$/.test(hash) && size > 0)).toBe(true);
    expect((await app.build({ ...options, view: undefined })).ci).toBeUndefined();
    expect((await app.build({ ...options, cache: false })).ci).toMatchObject({ kept: [], removed: [] });
  });

  test('a store that was restored in another directory, all times new, hits by content', async () => {
    const app = project(sources);
    const first = await app.build(options);
    // Another machine: sources checked out anew, the store restored, nothing of the output.
    const elsewhere = project({ 'deep/down/keep.txt': '' });
    const at = elsewhere.at('deep/down/app');
    cpSync(app.dir, at, { recursive: true });
    rmSync(`${at}/dist`, { recursive: true });
    const now = new Date();
    for (const name of Object.keys(sources)) utimesSync(`${at}/${name}`, now, now);
    rmSync(app.dir, { recursive: true });
    const there = (more = {}) => build({ cwd: at, input: './main.js', onLog() {}, ...options, ...more });
    const restored = await there();
    expect(restored.stats).toMatchObject({ summarized: 0, reused: first.stats.modules });
    expect(restored.ci).toEqual({ emitted: [], kept: first.ci.emitted, removed: [] });
    expect(restored.output.map((file) => file.code)).toEqual((await there({ cache: false })).output.map((file) => file.code));
    elsewhere.write('deep/down/app/other.js', 'export const o = 2;');
    const edited = await there();
    expect(edited.stats.summarized).toBe(1);
    expect([names(edited.ci.emitted), names(edited.ci.removed)]).toEqual([['main.js', 'other-*.js'], ['other-*.js']]);
    for (const file of edited.output) expect(file.code).not.toContain(at);
  });

  test('with plugins too', async () => {
    const app = project(sources);
    const plugins = [{ name: 'p', generateBundle() { this.emitFile({ type: 'asset', fileName: 'note.txt', source: 'x' }); } }];
    expect(names((await app.build({ ...options, plugins })).ci.emitted)).toContain('note.txt');
    expect((await app.build({ ...options, plugins })).ci.emitted).toEqual([]);
  });
});
