import { describe, expect, test } from 'vitest';
import { project } from '../support/project.js';

/** Two pages; `lib` is a package that both want, `deep` what it imports, `only-a` what one wants. */
const PAGES = {
  'package.json': '{ "type": "module" }',
  'a.js': "import { lib } from 'lib';\nimport { onlyA } from './only-a.js';\nexport const a = `${lib} ${onlyA}`;",
  'b.js': "import { lib } from 'lib';\nexport const b = lib;\nexport const lazy = () => import('./lazy.js');",
  'only-a.js': 'globalThis.order?.push("only-a");\nexport const onlyA = "only a";',
  'lazy.js': 'export default "lazy";',
  'node_modules/lib/package.json': '{ "name": "lib", "main": "index.js", "type": "module" }',
  'node_modules/lib/index.js': "import { deep } from './deep.js';\nexport const lib = `lib ${deep}`;",
  'node_modules/lib/deep.js': 'export const deep = globalThis.deep ?? "deep";',
};
const INPUT = { a: './a.js', b: './b.js' };

/** Chunk -> files in it. */
const contents = ({ output }) =>
  Object.fromEntries(output.filter((file) => file.type === 'chunk').map((chunk) => [chunk.name, chunk.moduleIds.map((id) => id.split('/').at(-1))]));
const build = (app, output) => app.build({ input: INPUT, write: true, output });
const works = async (app) => {
  expect((await app.run('dist/a.js')).a).toBe('lib deep only a');
  const { b, lazy } = await app.run('dist/b.js');
  expect([b, (await lazy()).default]).toEqual(['lib deep', 'lazy']);
};

describe('codeSplitting.groups', () => {
  test('take what matches, and what that imports', async () => {
    const app = project(PAGES);
    const result = await build(app, { codeSplitting: { groups: [{ name: 'vendor', test: /node_modules\/lib\/index/ }] } });
    expect(contents(result)).toMatchObject({ vendor: ['deep.js', 'index.js'], a: ['only-a.js', 'a.js'], b: ['b.js'] });
    await works(app);
  });

  test('are asked in the order of their priorities, and a text is searched for', async () => {
    const app = project(PAGES);
    const groups = [{ name: 'vendor', test: 'node_modules' }, { name: 'deep', test: 'deep.js', priority: 2 }];
    expect(contents(await build(app, { codeSplitting: { groups } }))).toMatchObject({ vendor: ['index.js'], deep: ['deep.js'] });
    await works(app);
  });

  test('may be functions, and expressions that the core has no word for', async () => {
    const app = project(PAGES);
    const seen = [];
    const groups = [
      { name: (id, { getModuleInfo }) => (getModuleInfo(id).importers.length > 1 ? 'often' : null), test: (id) => { seen.push(id); return true; } },
      { name: 'rest', test: /(?<=only-)a/ },
    ];
    expect(contents(await build(app, { codeSplitting: { groups } }))).toMatchObject({ often: ['deep.js', 'index.js'], rest: ['only-a.js'] });
    expect(seen).toContain(app.at('a.js'));
    await works(app);
  });

  test('of which one page wants a part do not run the rest', async () => {
    const app = project(PAGES);
    await build(app, { codeSplitting: { groups: [{ name: 'all', test: /only-a|lib/ }] } });
    globalThis.order = [];
    await app.run('dist/b.js');
    expect(globalThis.order).toEqual([]);
    await app.run('dist/a.js');
    expect(globalThis.order).toEqual(['only-a']);
    delete globalThis.order;
    await works(app);
  });

  test('that take too little are none, and sizes beside them are for all', async () => {
    const app = project(PAGES);
    const result = await build(app, { codeSplitting: { minSize: 1_000_000, groups: [{ name: 'vendor', test: 'lib' }] } });
    expect(contents(result)).not.toHaveProperty('vendor');
  });

  test('are data for the cache: nothing is made again', async () => {
    const app = project(PAGES);
    const options = { input: INPUT, write: true, cache: true, output: { codeSplitting: { groups: [{ name: 'vendor', test: 'lib' }] } } };
    const first = contents(await app.build(options));
    const second = await app.build(options);
    expect(second.stats.lastBuild).toBe('unchanged');
    expect(first).toHaveProperty('vendor');
    const other = await app.build({ ...options, output: {} });
    expect(contents(other)).not.toHaveProperty('vendor');
  });

  test('stay when a body is edited: a warm build gives what a cold one gives', async () => {
    const app = project(PAGES);
    const output = { codeSplitting: { groups: [{ name: 'vendor', test: 'lib' }] } };
    const options = { input: INPUT, write: true, cache: true, output };
    await app.build(options);
    app.write('node_modules/lib/deep.js', 'export const deep = globalThis.deep ?? ["de", "ep"].join("");');
    const warm = await app.build(options);
    expect(warm.stats).toMatchObject({ summarized: 1, analyzed: false });
    const cold = await app.build({ ...options, cache: false });
    expect(warm.output.map(({ fileName, code }) => [fileName, code])).toEqual(cold.output.map(({ fileName, code }) => [fileName, code]));
    await works(app);
  });

  test('hold routes: each runs when it is asked for', async () => {
    const app = project({
      'package.json': '{ "type": "module" }',
      'main.js': 'globalThis.ran = [];\nexport const load = (name) => (name === "one" ? import("./one.js") : import("./two.js"));',
      'one.js': 'globalThis.ran.push("one");\nexport default 1;',
      'two.js': 'globalThis.ran.push("two");\nexport default 2;',
    });
    const result = await app.build({ write: true, output: { codeSplitting: { groups: [{ name: 'routes', test: /(one|two)\.js$/ }] } } });
    expect(contents(result)).toEqual({ main: ['main.js'], routes: ['one.js', 'two.js'] });
    const { load } = await app.run('dist/main.js');
    expect([(await load('two')).default, globalThis.ran]).toEqual([2, ['two']]);
    expect([(await load('one')).default, globalThis.ran]).toEqual([1, ['two', 'one']]);
    delete globalThis.ran;
  });

  test('have faults with names', async () => {
    const app = project(PAGES);
    const messages = async (output) => build(app, output).then(() => [], (error) => error.errors.map(({ message }) => message));
    expect(await messages({ codeSplitting: { groups: [{ test: /x/ }], maxRequest: 3 } })).toEqual([
      'Unknown option "output.codeSplitting.maxRequest"',
      'Option "output.codeSplitting.groups[0].name" must be a name or a function, but it is undefined',
    ]);
    expect(await messages({ codeSplitting: 'yes' })).toEqual([expect.stringContaining('must be true, false or an object')]);
    const groups = [{ name: 'all' }];
    for (const [first, other] of [
      [{ codeSplitting: { groups } }, { preserveModules: true }], [{ codeSplitting: { groups } }, { format: 'iife' }],
      [{ manualChunks: () => null }, { codeSplitting: false }], [{ manualChunks: () => null }, { codeSplitting: { groups } }],
    ]) expect(await messages({ ...first, ...other })).toEqual([expect.stringContaining('exclude each other')]);
    expect(await messages({ manualChunks: ['lib'] })).toEqual(['Option "output.manualChunks" must be a function, or an object { chunk: specifiers }, but it is an array']);
    expect(await messages({ codeSplitting: { includeDependenciesRecursively: false } })).toEqual([expect.stringContaining('cannot be false')]);
  });
});

describe('manualChunks', () => {
  test('names modules in lists', async () => {
    const app = project(PAGES);
    expect(contents(await build(app, { manualChunks: { vendor: ['lib'] } }))).toMatchObject({ vendor: ['deep.js', 'index.js'] });
    await works(app);
  });

  test('asks a function about every module', async () => {
    const app = project(PAGES);
    const asked = [];
    const manualChunks = (id, { getModuleIds }) => {
      asked.push([...getModuleIds()].includes(id));
      return id.includes('node_modules') ? 'vendor' : undefined;
    };
    expect(contents(await build(app, { manualChunks }))).toMatchObject({ vendor: ['deep.js', 'index.js'] });
    expect(asked.length).toBeGreaterThan(5);
    expect(asked).not.toContain(false);
    await works(app);
  });

  test('leaves each its own: what another chunk was given is not taken along', async () => {
    const app = project(PAGES);
    const manualChunks = (id) => (id.includes('deep') ? 'z-deep' : id.includes('node_modules') ? 'vendor' : undefined);
    expect(contents(await build(app, { manualChunks }))).toMatchObject({ vendor: ['index.js'], 'z-deep': ['deep.js'] });
    expect(contents(await build(app, { manualChunks: { 'a-lib': ['lib'], deep: ['lib/deep.js'] } }))).toMatchObject({ 'a-lib': ['index.js'], deep: ['deep.js'] });
    await works(app);
  });

  test('gives files their names', async () => {
    const app = project(PAGES);
    const { output } = await build(app, { manualChunks: (id) => (id.includes('lib') ? '@scope/a?b' : null), chunkFileNames: 'parts/[name].js' });
    expect(output.map(({ fileName }) => fileName)).toContain('parts/@scope/a_b.js');
    await works(app);
  });

  test('is asked again in each build of a session', async () => {
    const app = project(PAGES);
    let name = 'first';
    const options = { input: INPUT, write: true, cache: true, output: { manualChunks: (id) => (id.includes('lib') ? name : null) } };
    expect(contents(await app.build(options))).toHaveProperty('first');
    name = 'second';
    const again = await app.build(options);
    expect(contents(again)).toHaveProperty('second');
    const cold = await app.build({ ...options, cache: false });
    expect(again.output.map(({ fileName, code }) => [fileName, code])).toEqual(cold.output.map(({ fileName, code }) => [fileName, code]));
    await works(app);
  });

  test('has faults with names', async () => {
    const failure = (manualChunks) => build(project(PAGES), { manualChunks }).then(() => undefined, (error) => error);
    expect(await failure({ vendor: ['./missing.js'] })).toMatchObject({ code: 'UNRESOLVED_ENTRY', message: expect.stringContaining('"./missing.js" of chunk "vendor"') });
    expect(await failure({ vendor: ['lib'], more: ['lib'] })).toMatchObject({ code: 'INVALID_CHUNK', message: expect.stringContaining('into the chunk "more": it is in "vendor" already') });
    expect(await failure(() => 3)).toMatchObject({ code: 'INVALID_CHUNK', message: expect.stringContaining('must be a string') });
    expect(await failure(async () => 'vendor')).toMatchObject({ code: 'INVALID_CHUNK', message: expect.stringContaining('a promise') });
  });
});
