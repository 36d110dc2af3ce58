import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { build, createSession } from 'cloudpack';
import { describe, expect, test } from 'vitest';
import { withPreloads, withSuccessors } from '../../js/engine/pages.js';
import { oneFileAModule } from '../../examples/engine/one-file-a-module.js';
import { failureOf, project } from '../support/project.js';
import { recordingEngine } from '../support/recording-engine.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const quiet = { onLog() {} };

const files = {
  'package.json': '{ "type": "module" }',
  'src/main.js': [
    "import { used } from './lib.js';", "import * as all from './names.js';", "import cjs from './old.cjs';", "import picture from './picture.svg';",
    "export const value = [used(), Object.keys(all).join(), cjs.x, picture.endsWith('.svg')].join();", "export const lazy = () => import('./route.js');",
  ].join('\n'),
  'src/lib.js': "import './dead.js';\nexport { never } from './barrel.js';\nexport function used() { return 'used'; }\nexport function unused() { return 'UNUSED-FUNCTION'; }",
  'src/dead.js': "export const dead = 'DEAD-MODULE';",
  'src/barrel.js': "export const never = 'DEAD-EXPORT';",
  'src/names.js': 'export const a = 1, b = 2;',
  'src/old.cjs': "exports.x = 'cjs' + require('./older.cjs');",
  'src/older.cjs': "module.exports = '!';",
  'src/route.js': "import { shared } from './shared.js';\nexport default `route ${shared}`;",
  'src/second.js': "import { shared } from './shared.js';\nexport const value = shared;\nexport const lazy = () => import('./route.js');",
  'src/shared.js': "export const shared = 'shared' + Math.sqrt(16);",
  'src/picture.svg': `<svg xmlns="http://www.w3.org/2000/svg">${'<g/>'.repeat(2000)}</svg>`,
};
const both = { main: './src/main.js', second: './src/second.js' };
const expected = 'used,a,b,cjs!,true';

test.each(['cjs', 'iife', 'umd'])('modules are strict in a file of format %s by Rolldown', async (format) => {
  const app = project({ 'main.js': 'const frozen = Object.freeze({ a: 1 });\nlet said = "sloppy";\ntry { frozen.a = 2; } catch { said = "strict"; }\nconsole.log(said);\nexport const told = said;' });
  for (const minify of [false, true]) {
    await build({ cwd: app.dir, input: './main.js', engine: 'rolldown', output: { file: 'out.cjs', format, name: 'told', minify, banner: '/* first */', intro: 'var declared = 1;' }, ...quiet });
    expect(spawnSync(process.execPath, [app.at('out.cjs')], { encoding: 'utf8' }).stdout).toBe('strict\n');
  }
});

test('files that were not planned keep their names while nothing that they hold changes', async () => {
  const app = project(files);
  const engine = {
    name: 'with a runtime', version: '1',
    transform(plan) {
      const runtime = plan.fileName('runtime');
      const code = plan.modules.map(({ id }) => plan.code(id)).join('\n').length;
      return [...plan.chunks.map(({ fileName }) => ({ fileName, code: `import './${runtime}'; // ${code}\n` })), { fileName: runtime, code: 'globalThis.runtime = 1;\n' }];
    },
  };
  const session = await createSession({ cwd: app.dir, input: './src/second.js', engine, ...quiet });
  const first = await session.update();
  const names = (result) => result.output.map(({ fileName }) => fileName).sort();
  expect(names(first)).toContainEqual(expect.stringMatching(/^runtime-[\w-]{8}\.js$/));
  app.write('src/shared.js', `${files['src/shared.js']} // a comment`);
  const second = await session.update();
  expect(second.stats.engine).toMatchObject({ calls: 0, reused: 1 });
  expect(names(second)).toEqual(names(first));
  expect(app.list('dist').sort()).toEqual(names(first));
  await session.close();
});

describe('what an engine is given', () => {
  test('is live modules in evaluation order, and nothing of what is dead', async () => {
    const app = project(files);
    const engine = recordingEngine();
    const { stats } = await app.build({ input: './src/main.js', platform: 'node', engine });
    const [{ plan, asked, text }] = engine.seen;
    const named = (ids) => ids.map((id) => path.relative(app.dir, id));
    expect(named(plan.modules.map((module) => module.id))).toEqual([
      'src/lib.js', 'src/names.js', 'src/older.cjs', 'src/old.cjs', 'src/picture.svg', 'src/main.js', 'src/shared.js', 'src/route.js',
    ]);
    expect(asked).toEqual(plan.modules.map((module) => module.id));
    expect(text).not.toMatch(/DEAD|UNUSED/);
    expect(() => plan.code(app.at('src/dead.js'))).toThrow(/no live module/);
    expect(plan.modules[0]).toMatchObject({ exports: ['used'], imports: [], isEntry: false });
    expect(plan.modules[5]).toMatchObject({ isEntry: true, exports: ['lazy', 'value'], dynamicImports: [plan.modules[7].file] });
    expect(stats.engine).toMatchObject({ name: 'recording', calls: 1, reused: 0, modules: 8 });
    expect(stats.deadModules).toBe(2);
  });

  test('is namespace objects as the output was to have them', async () => {
    const app = project(files);
    const [tagged, plain] = [recordingEngine(), recordingEngine()];
    await app.build({ input: './src/main.js', platform: 'node', engine: tagged });
    await app.build({ input: './src/main.js', platform: 'node', engine: plain, output: { generatedCode: { symbols: false } } });
    expect([tagged, plain].map(({ seen: [{ text }] }) => text.includes('Symbol.toStringTag'))).toEqual([true, false]);
  });

  test('is the chunks that the linker would make, with their names, and externals', async () => {
    const app = project({ ...files, 'src/shared.js': "import { join } from 'node:path';\nimport 'left-out';\nexport const shared = join('sha', 'red');" });
    const engine = recordingEngine();
    await app.build({ input: both, platform: 'node', external: ['left-out'], engine });
    const [{ plan }] = engine.seen;
    expect(plan.chunks.map(({ name, kind }) => [name, kind])).toEqual([['main', 'entry'], ['second', 'entry'], ['route', 'dynamic'], ['shared', 'common']]);
    expect(plan.chunks[0]).toMatchObject({ fileName: 'main.js', entry: app.at('src/main.js') });
    expect(plan.chunks[3].modules).toEqual([app.at('src/shared.js')]);
    expect(plan.externals).toEqual(['left-out', 'node:path']);
    expect(plan).toMatchObject({ format: 'es', platform: 'node', minify: false, sourcemap: false, codeSplitting: true });
  });
});

describe('the example', () => {
  const engine = oneFileAModule();

  test('gives each live module a file, and runs', async () => {
    const app = project(files);
    const { output, stats } = await build({ cwd: app.dir, input: both, platform: 'node', engine, ...quiet });
    expect(app.list('dist').filter((file) => file.startsWith('modules'))).toHaveLength(9);
    const main = await app.run('dist/main.js');
    expect(main.value).toBe(expected);
    expect((await main.lazy()).default).toBe('route shared4');
    expect((await app.run('dist/second.js')).value).toBe('shared4');
    expect(output[0]).toMatchObject({ type: 'chunk', fileName: 'main.js', isEntry: true, facadeModuleId: app.at('src/main.js') });
    expect(stats.chunksWritten).toBe(12);
  });

  test('its maps lead to the sources', async () => {
    const app = project(files);
    const { output } = await app.build({ input: './src/main.js', platform: 'node', engine, output: { sourcemap: true } });
    const lib = output.find((file) => file.fileName === 'modules/lib.js');
    const line = lib.code.split('\n').findIndex((text) => text.includes("return \"used\"")) + 1;
    const { source, line: original } = originalPositionFor(new TraceMap(lib.map), { line, column: 1 });
    expect(path.resolve(app.dir, 'dist/modules', source)).toBe(app.at('src/lib.js'));
    expect(original).toBe(3);
    expect(lib.code).toContain('//# sourceMappingURL=lib.js.map');
  });

  test('its maps hold behind what leads out of the application, on the same line', async () => {
    const source = "export const load = () => import('../far/kept.js'); export function after() { return 'here'; }";
    const app = project({ 'src/main.js': source, 'far/kept.js': '' });
    const { output } = await app.build({ input: './src/main.js', platform: 'node', external: [/kept/], engine, output: { sourcemap: true, minify: true } });
    const chunk = output.find(({ code = '' }) => code.includes('here'));
    expect(chunk.code).toContain('far/kept.js"');
    const at = chunk.code.split('\n').map((text, index) => [index + 1, text.search(/["'`]here/)]).find(([, column]) => column >= 0);
    expect(originalPositionFor(new TraceMap(chunk.map), { line: at[0], column: at[1] })).toMatchObject({ line: 1, column: source.indexOf("'here'") });
  });

  test('a document loads what the engine made, beside the style sheets of Cloudpack', async () => {
    const app = project({
      'index.html': '<!doctype html><script type="module" src="./main.js"></script>', 'main.js': "import './style.css';\nimport { text } from './text.js';\ndocument.title = text;",
      'text.js': "export const text = document.baseURI;", 'style.css': 'body { color: red }',
    });
    const { output } = await app.build({ input: './index.html', engine });
    const html = output.find((file) => file.fileName === 'index.html').source;
    // What is not planned lies where planned scripts do.
    const more = { name: 'more', transform: (plan) => [...plan.chunks.map(({ fileName }) => ({ fileName, code: '' })), { fileName: plan.fileName('more'), code: '' }] };
    expect((await app.build({ input: './index.html', engine: more })).output.map((file) => file.fileName)).toContainEqual(expect.stringMatching(/^assets\/more-[\w-]{8}\.js$/));
    const entry = output.find((file) => file.isEntry);
    expect(html).toContain(`src="/${entry.fileName}"`);
    expect(entry.fileName).toMatch(/^assets\/index-[\w-]{8}\.js$/);
    expect(output.some((file) => file.fileName.endsWith('.css') && html.includes(file.fileName))).toBe(true);
  });

  test('a document loads what its scripts import beforehand, and nothing twice', () => {
    const chunk = (fileName, imports, isEntry = false) => ({ fileName, imports, isEntry });
    const chunks = [chunk('assets/main.js', ['assets/a b.js', 'outside'], true), chunk('assets/a b.js', ['assets/runtime.js', 'assets/there.js']), chunk('assets/there.js', []), chunk('assets/runtime.js', ['assets/main.js']), chunk('n.js', [])];
    const script = (src) => `  <script type="module" crossorigin src="${src}"></script>`;
    const link = (href) => `\n  <link rel="modulepreload" crossorigin href="${href}">`;
    for (const base of ['/', './', '../', 'https://cdn.example/']) {
      const page = `${script(`${base}assets/main.js`)}${link(`${base}assets/there.js`)}\n</head>`;
      const rest = link(`${base}assets/a%20b.js`) + link(`${base}assets/runtime.js`);
      expect(withPreloads(page, chunks)).toBe(page.replace('\n</head>', `${rest}\n</head>`));
      expect(withPreloads(withPreloads(page, chunks), chunks)).toBe(withPreloads(page, chunks));
    }
    for (const other of ['/xassets/main.js', '/n.js', '/main.js']) expect(withPreloads(script(other), chunks)).toBe(script(other));
  });

  test('a document names the files of the engine, whatever their names have in common', () => {
    const successors = new Map([
      ['main.js', 'b.js'], ['b.js', 'c.js'], ['lib/main.js', 'lib/$&.js'], ['same.js', 'same.js'], ['gone.js', undefined], ['a b.js', 'ä b.js'],
    ]);
    const script = (src) => `<script type="module" src="${src}"></script>`;
    const preload = (href) => `  <link rel="modulepreload" crossorigin href="${href}">\n`;
    const said = (html) => withSuccessors(html, successors);
    // What was put in is not another file that happens to be called so.
    expect(said(script('/main.js') + script('./b.js'))).toBe(script('/b.js') + script('./c.js'));
    // The longer name is meant where both would fit, and `$` is no instruction.
    expect(said(script('/lib/main.js'))).toBe(script('/lib/$&.js'));
    for (const other of ['/domain.js', '/main.js.map', '/x-main.js', '/main.json', '/äb.js', '/%20b.js']) expect(said(script(other))).toBe(script(other));
    expect(said(script('/main.js?v=1#x'))).toBe(script('/b.js?v=1#x'));
    expect(said(script('https://cdn.example/a%20b.js'))).toBe(script('https://cdn.example/%C3%A4%20b.js'));
    expect(said(preload('/gone.js') + preload('/begone.js') + preload('/same.js') + preload('/main.js'))).toBe(preload('/begone.js') + preload('/same.js') + preload('/b.js'));
  });

  test('refuses what it cannot do, in its own name', async () => {
    const error = await failureOf(project(files).build({ input: './src/main.js', platform: 'node', engine, output: { format: 'cjs' } }));
    expect(error.message).toContain('Engine "one-file-a-module" failed: it makes ES modules, and output.format is "cjs"');
    expect(error.code).toBe('ENGINE_ERROR');
  });

  test('is a choice of the command line only by name', () => {
    const app = project({ ...files, 'cloudpack.config.mjs': `import { oneFileAModule } from ${JSON.stringify(pathToFileURL(path.join(root, 'examples/engine/one-file-a-module.js')).href)};\nexport default { input: './src/main.js', platform: 'node', engine: oneFileAModule() };` });
    const run = (...args) => spawnSync(process.execPath, [path.join(root, 'js/cli/main.js'), 'build', ...args], { cwd: app.dir, encoding: 'utf8' });
    expect(run('--json').status).toBe(0);
    expect(existsSync(app.at('dist/modules/lib.js'))).toBe(true);
    expect(run('--engine', 'native', '--outdir', 'other').status).toBe(0);
    expect(app.list('other')).not.toContain('modules/lib.js');
    expect(run('--engine', 'rolldown', '--outdir', 'third')).toMatchObject({ status: 0, stderr: '' });
    expect(app.read('third/main.js')).toContain('used');
    expect(run('--engine', 'rspak').stderr).toContain('Did you mean "rspack"?');
  });
});

describe('an engine that goes wrong is named', () => {
  const of = (transform) => project(files).build({ input: './src/main.js', platform: 'node', engine: { name: 'bad', transform } });
  const entry = (plan, more = {}) => ({ fileName: plan.chunks[0].fileName, code: '', ...more });
  test.each([
    ['throws', () => { throw new Error('no luck'); }, 'failed: no luck'],
    ['rejects', async () => { throw new TypeError('later'); }, 'failed: later'],
    ['gives nothing', () => undefined, 'gave undefined and no list of files'],
    ['gives no files', () => ['main.js'], 'gave "main.js" among its files'],
    ['gives a file without a name', () => [{ code: '' }], 'gave a file without a "fileName"'],
    ['gives a file without contents', (plan) => [{ fileName: plan.chunks[0].fileName }], 'without "code" and without "source"'],
    ['gives code that is no text', (plan) => [entry(plan, { code: 1 })], 'with code that is 1'],
    ['gives one name twice', (plan) => [entry(plan), entry(plan)], 'gave two files named "main.js"'],
    ['gives names that are one on many disks', (plan) => [entry(plan), { fileName: 'MAIN.js', code: '' }], 'which are one on many disks'],
    ['leaves the directory', (plan) => [entry(plan), { fileName: '../x.js', code: '' }], 'gave the file "../x.js", which is no path inside of the output directory'],
    ['goes to the root', (plan) => [entry(plan), { fileName: '/etc/x.js', code: '' }], 'no path inside'],
    ['goes to another drive', (plan) => [entry(plan), { fileName: 'C:\\x.js', code: '' }], 'no path inside'],
    ['forgets the entry', () => [{ fileName: 'other.js', code: '' }], 'gave no file for the entry "main", which was to be "main.js"'],
    ['takes the name of an asset', (plan) => [entry(plan), { fileName: 'assets/picture-x.svg', code: '', imports: [1] }], '"imports" that is no list of strings'],
    ['gives a directory that is a file', (plan) => [entry(plan), { fileName: 'main.js/x.js', code: '' }], 'gave the file "main.js/x.js" and the file "main.js", which cannot be a directory too'],
    ['names a module that the plan does not have', (plan) => [entry(plan, { modules: [plan.modules[0].id, 'dead.js'] })], 'gave the file "main.js" with the module "dead.js", which is not in the plan'],
    ['mentions a file that it does not give', (plan) => [entry(plan, { code: `import "./${plan.fileName('left out')}";` })], 'which mentions "left out-'],
    ['wants a file named after nothing', (plan) => [entry(plan, { code: plan.fileName() })], 'asked for a file to be named after undefined'],
    ['asks for what is dead', (plan) => [entry(plan, { code: plan.code('nobody') })], 'failed: there is no live module "nobody" in the plan'],
  ])('when it %s', async (_, transform, text) => {
    const error = await failureOf(of(transform));
    expect(error).toMatchObject({ name: 'BuildError', code: 'ENGINE_ERROR' });
    expect(error.message).toContain('Engine "bad" ');
    expect(error.message).toContain(text);
  });

  test.each(['.', '..', 'x/', './x.js', 'a//b.js', 'a/../b.js', 'C:x.js', 'a\\b.js', 'nul\0.js', 'line\n.js'])('when it names a file %j', async (fileName) => {
    const error = await failureOf(of((plan) => [entry(plan), { fileName, code: '' }]));
    expect(error.message).toContain(`Engine "bad" gave the file ${JSON.stringify(fileName)}, which is no path inside of the output directory`);
  });

  test('but not when a name only begins with dots', async () => {
    const { output } = await of((plan) => [entry(plan), { fileName: '..a.js', code: '' }, { fileName: 'b/...', source: '' }]);
    expect(output.map((file) => file.fileName)).toEqual(expect.arrayContaining(['..a.js', 'b/...']));
  });

  test.each([
    ['{', 'it is no JSON'], [[], 'it is an array'], [{ version: 2, sources: [], mappings: '' }, 'its "version" is 2'], [{ version: 3, mappings: '' }, 'its "sources" are no list of names'],
    [{ version: 3, sources: ['a'], names: [1], mappings: '' }, 'its "names" are no list of names'], [{ version: 3, sources: ['a'], sourcesContent: 'a', mappings: '' }, 'its "sourcesContent" is no list of texts'],
    [{ version: 3, sources: ['a'], mappings: '!' }, 'its "mappings" cannot be read'], [{ version: 3, sources: ['a'], mappings: 'ACAA' }, 'its "mappings" cannot be read'], [{ version: 3, sections: [] }, 'it has "sections"'],
  ])('when it gives the map %j', async (map, why) => {
    const app = project(files);
    const given = (sourcemap) => app.build({ input: './src/main.js', platform: 'node', output: { sourcemap }, engine: { name: 'bad', transform: (plan) => [entry(plan, { map })] } });
    expect((await failureOf(given(true))).message).toContain(`Engine "bad" gave the file "main.js" with a map that is no source map: ${why}`);
    // Nobody looks at maps of a build without.
    expect((await given(false)).output[0].map).toBe(null);
  });

  test.each([
    [{ filter: () => true }, '"options.filter" is a function'], [{ a: [/x/] }, '"options.a[0]" is a RegExp'], [{ size: Infinity }, '"options.size" is Infinity'], [{ of: new Map() }, '"options.of" is a Map'],
    [Object.assign((of) => { of.self = of; return of; }, {})({}), '"options.self" holds itself'],
  ])('when its options are more than JSON can say: %o', async (options, text) => {
    const error = await failureOf(project(files).build({ input: './src/main.js', platform: 'node', engine: { name: 'bad', options, transform: () => [] } }));
    expect(error.message).toContain(`Engine "bad" has options that JSON cannot say: ${text}`);
  });

  test.each([
    [{ name: 'x' }, '"x" has no "transform"'], [{ transform() {} }, 'it has no "name"'], ['rspak', 'Did you mean "rspack"?'], [7, 'it is 7'], [{ name: 'x', version: 1, transform() {} }, 'the "version" of "x" is 1'],
  ])('and one that is none: %j', async (engine, text) => {
    expect((await failureOf(project(files).build({ engine }))).message).toContain(text);
  });

  test('a failed build writes nothing', async () => {
    const app = project(files);
    await failureOf(app.build({ input: './src/main.js', write: true, platform: 'node', engine: { name: 'bad', transform: () => [] } }));
    expect(existsSync(app.at('dist'))).toBe(false);
  });
});

describe('results of an engine', () => {
  test('go through hooks, addons and hashes like those of the linker', async () => {
    const app = project(files);
    const seen = [];
    const plugin = {
      name: 'p', renderChunk(code, chunk) { seen.push([chunk.name, chunk.isEntry]); return `${code}/*rendered*/`; },
      generateBundle(_, bundle) { seen.push(Object.keys(bundle).length); },
    };
    const engine = recordingEngine();
    const options = { input: './src/main.js', platform: 'node', engine, plugins: [plugin], output: { entryFileNames: '[name]-[hash].js', banner: '/*banner*/', footer: () => '/*footer*/' } };
    const { output: [main] } = await app.build(options);
    expect(main.code).toMatch(/^\/\*banner\*\/\n[^]*\n\/\*footer\*\/\/\*rendered\*\/$/);
    expect(main.fileName).toMatch(/^main-[\w-]{8}\.js$/);
    expect(seen).toEqual([['main', true], 2]);
    const { output: [other] } = await app.build({ ...options, engine: recordingEngine({ name: 'another' }) });
    expect(other.fileName).not.toBe(main.fileName);
    const { output: [same] } = await app.build({ ...options, engine: recordingEngine() });
    expect(same.fileName).toBe(main.fileName);
  });

  test('a file that mentions another has its hash', async () => {
    const app = project(files);
    const made = (leaf) => app.build({
      input: './src/main.js', platform: 'node', output: { entryFileNames: '[name]-[hash].js' },
      engine: { name: 'two', transform(plan) {
        const leafName = plan.fileName('leaf');
        return [{ fileName: plan.chunks[0].fileName, code: `import "./${leafName}";`, imports: [leafName] }, { fileName: leafName, code: leaf, imports: [plan.chunks[0].fileName] }];
      } },
    });
    const [a, b] = [await made('1'), await made('2')].map(({ output }) => output.filter((file) => file.type === 'chunk'));
    expect(a.map((file) => file.name)).toEqual(['main', 'leaf']);
    expect(a[0].code).toBe(`import "./${a[1].fileName}";`);
    expect(a[0].imports).toEqual([a[1].fileName]);
    expect(a[0].fileName).not.toBe(b[0].fileName);
    expect(a[1].fileName).not.toBe(b[1].fileName);
  });

  test('of a build of which nothing changed are taken over, in a new process too', async () => {
    const app = project(files);
    const engine = recordingEngine();
    const options = { cwd: app.dir, input: both, platform: 'node', cache: true, engine, ...quiet };
    const cold = await build(options);
    expect(cold.stats.engine).toMatchObject({ calls: 1, reused: 0 });
    const warm = await build(options);
    expect(engine.seen).toHaveLength(1);
    expect(warm.stats).toMatchObject({ lastBuild: 'unchanged', summarized: 0, engine: { calls: 0, reused: 1, modules: 0 } });
    expect(warm.output.map(({ type, fileName, code, isEntry, moduleIds }) => [type, fileName, code, isEntry, moduleIds])).toEqual(
      cold.output.map(({ type, fileName, code, isEntry, moduleIds }) => [type, fileName, code, isEntry, moduleIds]));
    // Another engine, and another version of this one, is another build.
    await build({ ...options, engine: { ...engine, version: '2' } });
    expect(engine.seen).toHaveLength(2);
    const native = await build({ ...options, engine: undefined });
    expect(native.stats.engine).toBeUndefined();
    expect((await app.run('dist/main.js')).value).toBe(expected);
  });

  test('are made anew after an edit, from what changed and from what was there', async () => {
    const app = project(files);
    const engine = recordingEngine();
    const session = await createSession({ cwd: app.dir, input: './src/main.js', platform: 'node', engine, ...quiet });
    await session.build();
    app.write('src/lib.js', files['src/lib.js'].replace("'used'", "'edited'"));
    const { stats } = await session.update(['src/lib.js']);
    expect(stats).toMatchObject({ summarized: 1, engine: { calls: 1 } });
    expect(engine.seen).toHaveLength(2);
    expect(engine.seen[1].text).toContain('edited');
    expect(engine.seen[1].plan.previous).toMatchObject({ changed: [app.at('src/lib.js')], isSamePlan: true });
    // What nobody sees of a module is no change.
    app.write('src/lib.js', `${files['src/lib.js'].replace("'used'", "'edited'")}\n// a word`);
    expect((await session.update()).stats.engine).toMatchObject({ calls: 0, reused: 1 });
    expect(engine.seen).toHaveLength(2);
    expect(readFileSync(app.at('dist/main.js'), 'utf8')).toContain('recording');
    await session.close();
  });

  test('files that are not made any more are removed', async () => {
    const app = project(files);
    const options = { cwd: app.dir, input: './src/main.js', platform: 'node', cache: true, engine: oneFileAModule(), ...quiet };
    await build(options);
    expect(existsSync(app.at('dist/modules/names.js'))).toBe(true);
    app.write('src/main.js', "export { used as value } from './lib.js';");
    await build(options);
    expect(app.list('dist')).toEqual(['main.js', 'modules/lib.js', 'modules/main.js']);
    expect((await app.run('dist/main.js')).value()).toBe('used');
  });
});

describe('what is no code', () => {
  test('is Cloudpack\'s, and found from wherever an engine puts the code', async () => {
    const app = project({
      ...files, 'src/main.js': [
        "import './deep/code.js';", "export const picture = new URL('./picture.svg', import.meta.url).pathname.split('/').at(-1);",
        "export const worker = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });", "export const lazy = () => import('./styled.js');",
      ].join('\n'),
      'src/deep/code.js': "globalThis.deep = new URL('../picture.svg', import.meta.url).href;", 'src/worker.js': "import { used } from './lib.js';\npostMessage(used());",
      'src/styled.js': "import './styled.css';\nexport default 1;", 'src/styled.css': 'a { color: red }',
    });
    const { output } = await build({ cwd: app.dir, input: './src/main.js', platform: 'node', engine: oneFileAModule({ directory: 'far/away' }), ...quiet });
    const names = output.map((file) => file.fileName);
    const picture = names.find((name) => name.endsWith('.svg'));
    const worker = names.find((name) => /worker-.*\.js$/.test(name));
    expect((await app.run('dist/main.js')).picture).toBe(path.basename(picture));
    expect(globalThis.deep).toBe(pathToFileURL(app.at(`dist/${picture}`)).href);
    expect(app.read('dist/far/away/main.js')).toContain(`"../../${worker}"`);
    expect(app.read(`dist/${worker}`)).toContain('used');
    expect(output.map((file) => file.code ?? '').join('')).not.toContain('__cloudpack_file__');
  });
});

describe('inside of Rollup', () => {
  test('makes the chunks that other plugins and Rollup see', async () => {
    const app = project(files);
    const { rollup } = await import('rollup');
    const { default: cloudpack } = await import('cloudpack/rollup');
    const ours = cloudpack({ cache: false, engine: oneFileAModule() });
    const bundle = await rollup({ input: app.at('src/main.js'), external: ['node:path'], plugins: [{ name: 'svg', load: { filter: { id: /svg$/ }, handler: () => ({ code: 'export default "a.svg"', moduleType: 'js' }) } }, ours], onLog() {} });
    const { output } = await bundle.write({ dir: app.at('dist'), plugins: [{ name: 'mark', renderChunk: (code) => `/* seen */\n${code}` }] });
    await bundle.close();
    expect(output.map((file) => file.fileName)).toContain('modules/lib.js');
    expect(output.every((file) => file.type !== 'chunk' || file.code.startsWith('/* seen */'))).toBe(true);
    const main = await app.run('dist/main.js');
    expect([main.value, (await main.lazy()).default]).toEqual([expected, 'route shared4']);
    expect(ours.api.stats()[0].engine).toMatchObject({ name: 'one-file-a-module', calls: 1 });
  });
});

/** An application with what the engines need: Rspack is a package of its own tests, the addon of Rolldown lies in this clone. */
const withEngines = (more = {}) => {
  const app = project({ ...files, ...more, 'node_modules/@rspack/.keep': '' });
  symlinkSync(path.join(root, '__test__/engines/node_modules/@rspack/core'), app.at('node_modules/@rspack/core'));
  return app;
};

describe('an engine that is a package', () => {
  test('says how to install it when it is not there: rspack', async () => {
    const error = await failureOf(project(files).build({ input: './src/main.js', platform: 'node', engine: 'rspack' }));
    expect(error.message).toContain('Engine "rspack" needs the package @rspack/core, which is not installed');
    expect(error.hint).toBe('Install it: npm install --save-dev @rspack/core@2');
  });

  test('says how to install it when it is not there: rolldown', () => {
    // As it is published: the addon of Rolldown is none of its files.
    const app = project({ ...files, 'build.mjs': "import { build } from 'cloudpack';\nawait build({ input: './src/main.js', platform: 'node', engine: 'rolldown', onLog() {} }).catch((error) => console.log(JSON.stringify([error.message, error.hint])));", 'node_modules/cloudpack/.keep': '' });
    const { files: published, dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const addon = readdirSync(root).filter((name) => name.endsWith('.node'));
    for (const name of [...published, ...addon, 'package.json']) cpSync(path.join(root, name), app.at(`node_modules/cloudpack/${name}`), { recursive: true });
    for (const name of new Set(Object.keys(dependencies).map((name) => name.split('/')[0]))) symlinkSync(path.join(root, 'node_modules', name), app.at(`node_modules/${name}`));
    const { stdout, stderr } = spawnSync(process.execPath, ['build.mjs'], { cwd: app.dir, encoding: 'utf8' });
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(stderr).toBe('');
    const [message, hint] = JSON.parse(stdout);
    expect(message).toContain('Engine "rolldown" needs the package cloudpack-rolldown, which is not installed');
    expect(hint).toBe(`Install it: npm install --save-dev cloudpack-rolldown@${version}`);
  });

  test.each([
    ['rspack', '@rspack/core', '1.7.0', /Engine "rspack" is @rspack\/core 1\.7\.0, and 2 is needed/],
    ['rolldown', 'cloudpack-rolldown', '0.0.9', /Engine "rolldown" is cloudpack-rolldown 0\.0\.9, and [\d.]+ is needed/],
  ])('of another release is refused: %s', async (engine, name, version, said) => {
    const app = project({
      ...files, [`node_modules/${name}/package.json`]: JSON.stringify({ name, version, main: 'index.js' }),
      [`node_modules/${name}/index.js`]: `exports.rspack = { rspackVersion: '${version}' };`,
    });
    expect((await failureOf(app.build({ input: './src/main.js', platform: 'node', engine }))).message).toMatch(said);
  });

  test('is loaded by a build that asks for it, and by no other', () => {
    const app = project({
      ...files,
      'build.mjs': [
        `import { build } from ${JSON.stringify(pathToFileURL(path.join(root, 'js/index.js')).href)};`,
        "const loaded = () => process.report.getReport().sharedObjects.some((file) => /cloudpack-rolldown[^/\\\\]*\\.node$/.test(file));",
        "const run = async (engine) => { await build({ input: './src/main.js', platform: 'node', engine, onLog() {} }); return loaded(); };",
        "console.log(JSON.stringify([loaded(), await run('native'), await run('rolldown')]));",
      ].join('\n'),
    });
    const { stdout, stderr } = spawnSync(process.execPath, ['build.mjs'], { cwd: app.dir, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([false, false, true]);
  });
});

describe.each(['rspack', 'rolldown'])('%s', (engine) => {
  test('asks loaders for an external module in umd, and pages for its variable', async () => {
    const app = withEngines({ 'main.js': "import { join } from 'node:path';\nexport const joined = join('a', 'b');" });
    await build({
      cwd: app.dir, input: './main.js', engine, external: ['node:path'], output: { file: 'out.cjs', format: 'umd', name: 'made', globals: { 'node:path': 'Acme.path' } }, ...quiet,
    });
    expect(app.require('out.cjs').joined).toBe(path.join('a', 'b'));
    const page = { Acme: { path: { join: (...parts) => parts.join('+') } } };
    page.self = page.globalThis = page;
    vm.runInNewContext(readFileSync(app.at('out.cjs'), 'utf8'), page);
    expect(page.made.joined).toBe('a+b');
  });

  test.each([false, true])('hands everything of an external module on, in a script, minify: %s', async (minify) => {
    const app = withEngines({ 'main.js': "export * from './deep.js';\nexport const own = 1;", 'deep.js': "export * from 'outside';\nexport * from 'out-two';" });
    await build({ cwd: app.dir, input: './main.js', engine, external: ['outside', 'out-two'], output: { file: 'out.js', format: 'iife', name: 'made', minify, globals: { outside: 'Outside', 'out-two': 'Two.deep' } }, ...quiet });
    const page = vm.createContext({ Outside: { a: 'a', default: 'never' }, Two: { deep: { b: 'b' } } });
    vm.runInContext(readFileSync(app.at('out.js'), 'utf8'), page);
    const { made } = page;
    expect([made.own, made.a, made.b, 'default' in made]).toEqual([1, 'a', 'b', false]);
  });

  test('makes our chunks, which run', async () => {
    const app = withEngines();
    const { output, stats } = await build({ cwd: app.dir, input: both, platform: 'node', engine, output: { sourcemap: true }, ...quiet });
    const chunks = output.filter((file) => file.type === 'chunk');
    expect(chunks.slice(0, 4).map((file) => [file.name, file.isEntry, file.isDynamicEntry])).toEqual([['main', true, false], ['second', true, false], ['route', false, true], ['shared', false, false]]);
    expect(chunks[1].imports).toContain(chunks[3].fileName);
    expect(chunks[1].dynamicImports).toEqual([chunks[2].fileName]);
    expect(stats.engine).toMatchObject({ name: engine, calls: 1, modules: 9 });
    const main = await app.run('dist/main.js');
    expect(main.value).toBe(expected);
    expect((await main.lazy()).default).toBe('route shared4');
    expect(chunks.map((file) => file.code).join('')).not.toMatch(/DEAD|UNUSED/);
    // An engine's own code is nobody's source.
    for (const { fileName, map } of chunks.filter(({ moduleIds }) => moduleIds.length > 0)) expect(map.sources.filter((source) => !existsSync(path.resolve(app.dir, 'dist', path.dirname(fileName), source)))).toEqual([]);
    const line = chunks[0].code.split('\n').findIndex((text) => text.includes('return "used"')) + 1;
    const { source, line: original } = originalPositionFor(new TraceMap(chunks[0].map), { line, column: 1 });
    expect([path.resolve(app.dir, 'dist', source), original]).toEqual([app.at('src/lib.js'), 3]);
  });

  test.each([[{ format: 'iife', name: 'Page' }], [{ format: 'iife', name: 'acme.page' }], [{ format: 'iife', name: 'Page', extend: true }], [{ format: 'umd', name: 'Page' }], [{ format: 'iife' }]])('keeps to a script what its intro declares: %j', async (output) => {
    const app = withEngines({ 'src/page.js': 'globalThis.seen = inner;\nexport const value = inner;' });
    await build({ cwd: app.dir, input: './src/page.js', platform: 'browser', engine, output: { ...output, intro: 'var inner = "inner";', outro: 'globalThis.after = inner;', banner: 'var outer = 1;' }, ...quiet });
    const context = { console, document: {}, URL };
    vm.runInNewContext(app.read('dist/page.js'), context);
    expect([context.seen, context.after, 'inner' in context, 'outer' in context]).toEqual(['inner', 'inner', false, true]);
    const page = output.name === 'acme.page' ? context.acme.page : context.Page;
    if (output.name) expect(page.value).toBe('inner');
  });

  test('leads to a file that was left out from wherever the code ends up', async () => {
    const app = withEngines({
      'src/main.js': "import { kept } from '../kept.js';\nimport { deep } from './lib/deep/deep.js';\nexport const values = [kept, deep];\nexport const lazy = () => import('./lazy.js');",
      'src/lib/deep/deep.js': "import { kept } from '../../../kept.js';\nexport const deep = `deep ${kept}`;", 'src/lazy.js': "import { kept } from '../kept.js';\nexport const load = () => import('../kept.js');\nexport { kept };",
      'kept.js': "export const kept = { count: 0 };",
    });
    const external = [/kept\.js$/];
    const { output } = await build({ cwd: app.dir, input: './src/main.js', platform: 'node', external, engine, output: { entryFileNames: 'far/away/[name].js', chunkFileNames: '[name].js' }, ...quiet });
    const main = await app.run('dist/far/away/main.js');
    const [kept, deep] = main.values;
    expect([kept, deep]).toEqual([{ count: 0 }, 'deep [object Object]']);
    const lazy = await main.lazy();
    expect(lazy.kept).toBe(kept);
    expect((await lazy.load()).kept).toBe(kept);
    expect(output[0].imports).toContain('../../../kept.js');
    expect(output.find((file) => file.name === 'lazy').dynamicImports).toContain('../kept.js');
  });

  test('makes CommonJS, and small files', async () => {
    const app = withEngines();
    await build({ cwd: app.dir, input: './src/main.js', platform: 'node', engine, output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs', minify: true }, ...quiet });
    const main = app.require('dist/main.cjs');
    expect(main.value).toBe(expected);
    expect((await main.lazy()).default).toBe('route shared4');
    expect(app.read('dist/main.cjs').split('\n').length).toBeLessThan(5);
  });

  test('makes one script with everything', async () => {
    const app = withEngines({ 'src/page.js': "import { value } from './main.js';\nimport { join } from 'paths';\nexport default [value, join('a')];\nexport const later = import('./route.js');" });
    await build({ cwd: app.dir, input: './src/page.js', platform: 'browser', external: ['paths'], engine, output: { format: 'iife', name: 'Page', globals: { paths: 'Paths' } }, ...quiet });
    const context = { Paths: { join: (part) => `joined ${part}` }, console, document: { currentScript: { tagName: 'SCRIPT', src: 'https://example.org/app/page.js' }, baseURI: 'https://example.org/' }, URL };
    vm.runInNewContext(`${app.read('dist/page.js')};globalThis.Page = typeof Page === 'undefined' ? globalThis.Page : Page;`, context);
    expect(context.Page.default).toEqual([expected, 'joined a']);
    expect((await context.Page.later).default).toBe('route shared4');
    expect(app.list('dist').filter((file) => file.endsWith('.js'))).toEqual(['page.js']);
  });
});
