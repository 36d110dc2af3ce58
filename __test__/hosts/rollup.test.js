// `cloudpack/rollup`: what Rollup users write, built by Rollup alone and with the plugin added, and both executed.
import alias from '@rollup/plugin-alias';
import babel from '@rollup/plugin-babel';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import nodeResolve from '@rollup/plugin-node-resolve';
import replace from '@rollup/plugin-replace';
import terser from '@rollup/plugin-terser';
import typescript from '@rollup/plugin-typescript';
import { rollup } from 'rollup';
import cloudpack from '../../js/rollup/index.js';
import { describe, expect, test } from 'vitest';
import { failureOf, project } from '../support/project.js';
import { buildWithBoth, outputsOfBoth } from './both.js';

const MODULES = { 'package.json': '{"type":"module"}' };

describe('a build', () => {
  test('has the chunks and exports of Rollup, and does the same', async () => {
    const app = project({
      ...MODULES,
      'main.js': "import { shared } from './shared';\nimport * as all from './shared.mjs';\nconsole.log(shared, Object.keys(all));\nimport('./lazy.js').then(({ lazy }) => console.log(lazy));\nexport { shared as default, all };",
      'second.js': "import { shared } from './shared.mjs';\nconsole.log('second', shared, import.meta.url.endsWith('second.js'));",
      'shared.mjs': "export const shared = ['shared'];\nexport const unused = 1;",
      'lazy.js': "import { shared } from './shared.mjs';\nexport const lazy = `lazy ${shared}`;",
    });
    const both = await buildWithBoth(app, () => ({ input: { main: app.at('main.js'), second: app.at('second.js') } }));
    expect(both.ours.shape).toEqual(both.alone.shape);
    for (const file of ['main.js', 'second.js']) {
      const { alone, ours } = await outputsOfBoth(both, file);
      expect(ours).toBe(alone);
    }
  });

  test('makes several outputs of one graph: formats, names, addons, exports, maps', async () => {
    const app = project({
      'main.js': "import { join } from 'node:path';\nimport value, { other } from './value.js';\nexport const name = join('a', value + other);\nexport default () => name;",
      'value.js': "export default ['v'].join();\nexport const other = ['o'].join();",
    });
    const outputs = (dir) => [
      { file: `${dir}/main.mjs`, format: 'es', banner: '/* top */', intro: (chunk) => `/* ${chunk.name} */`, sourcemap: true },
      { file: `${dir}/main.cjs`, format: 'cjs', exports: 'named', sourcemap: 'inline', footer: '/* end */' },
      { dir: `${dir}/iife`, format: 'iife', name: 'app.main', exports: 'named', entryFileNames: '[name]-[hash].js', globals: { 'node:path': 'path' }, sourcemap: 'hidden', sourcemapExcludeSources: true },
      { file: `${dir}/umd.js`, format: 'umd', name: 'main', exports: 'named', globals: { 'node:path': 'path' } },
    ];
    const both = await buildWithBoth(app, () => ({ external: ['node:path'] }), outputs);
    expect(both.ours.shape).toEqual(both.alone.shape);
    for (const name of ['alone', 'ours']) {
      const { name: made, default: make } = await app.run(`${name}/main.mjs`);
      expect([made, make()]).toEqual(['a/vo', 'a/vo']);
      const required = app.require(`${name}/main.cjs`);
      expect([required.name, required.default(), required.__esModule]).toEqual(['a/vo', 'a/vo', true]);
      expect(app.require(`${name}/umd.js`).name).toBe('a/vo');
      const code = app.read(`${name}/main.mjs`);
      expect(code).toMatch(/^\/\* top \*\/[^]*\/\* main \*\//);
      expect(code).toContain('//# sourceMappingURL=main.mjs.map');
      expect(app.read(`${name}/main.cjs`)).toContain('/* end */');
      const script = app.list(`${name}/iife`).find((file) => file.endsWith('.js'));
      expect(app.read(`${name}/iife/${script}`)).not.toContain('sourceMappingURL');
      const map = JSON.parse(app.read(`${name}/iife/${script}.map`));
      expect(map.sources.map((source) => source.replace(/^(\.\.\/)+/, '')).sort()).toEqual(['main.js', 'value.js']);
      expect(map.sourcesContent).toBeUndefined();
    }
  });

  test('names files that are left out by the way from the entries, or as they are written', async () => {
    const app = project({
      'src/main.js': "import '../../outside.js';\nimport '/server/a.js';\nimport 'kept';\nimport 'way';\nimport('./deep/lazy.js');\nrequire('./by-require.js');",
      'src/deep/lazy.js': "import '../by-function.js';\nimport './not-there.js';",
    });
    const places = { name: 'places', resolveId(source) {
      if (source === 'kept') return { id: app.at('src/kept.js'), external: true };
      if (source === 'way') return { id: app.at('src/way.js'), external: 'relative' };
      if (source === './not-there.js') return { id: app.at('src/deep/not-there.js'), external: 'absolute' };
      return undefined;
    } };
    const commonjs = { name: 'commonjs', transform: (code) => code.replace(/require\((.*?)\)/, 'import($1)') };
    const external = (id) => /(outside|server\/a|by-function|by-require)\.js$/.test(id);
    await buildWithBoth(app, () => ({ input: { 'pages/main': app.at('src/main.js') }, external, plugins: [places, commonjs] }), (dir) => [
      { dir: `${dir}/es`, chunkFileNames: 'chunks/deep/[name].js' }, { dir: `${dir}/cjs`, format: 'cjs', chunkFileNames: 'chunks/deep/[name].js' },
    ]);
    const requests = (name, file) => [...app.read(`${name}/${file}`).matchAll(/["']([^"'\n]*\.js)["']/g)].map(([, request]) => request).sort();
    for (const file of ['es/pages/main.js', 'es/chunks/deep/lazy.js', 'cjs/pages/main.js', 'cjs/chunks/deep/lazy.js']) {
      expect(requests('ours', file)).toEqual(requests('alone', file));
    }
  });

  test('warns of what Rollup warns of', async () => {
    const app = project({
      'main.js': "import { a, gone } from './a.js';\nimport './empty.js';\nconsole.log(this, a, eval('1'));\n",
      'a.js': "import './main.js';\nexport const a = 1;", 'empty.js': '', 'nothing.js': 'export {};',
    });
    const { alone, ours } = await buildWithBoth(app, () => ({ input: [app.at('main.js'), app.at('nothing.js')] }));
    const codes = ({ logs }) => logs.map(({ level, code }) => `${level} ${code}`).sort();
    expect(codes(alone)).toEqual(['warn CIRCULAR_DEPENDENCY', 'warn EMPTY_BUNDLE', 'warn EVAL', 'warn MISSING_EXPORT', 'warn THIS_IS_UNDEFINED']);
    expect(codes(ours)).toEqual(codes(alone));
    const cycle = ({ logs }) => logs.find(({ code }) => code === 'CIRCULAR_DEPENDENCY').ids;
    expect(cycle(ours)).toEqual(cycle(alone));
  });

  test('an import that is used has to be there, from a file without any code too', async () => {
    const app = project({ 'main.js': "import a from './empty.js';\nconsole.log(a);", 'empty.js': '' });
    const build = (plugins) => rollup({ input: app.at('main.js'), plugins }).then((bundle) => bundle.generate({}));
    for (const plugins of [[], [cloudpack({ cache: false })]]) {
      await expect(build(plugins)).rejects.toMatchObject({ code: 'MISSING_EXPORT', id: app.at('main.js') });
    }
  });

  test('objects say what kind they are where it is asked for', async () => {
    const app = project({ 'main.js': "export * as inner from './a.js';\nexport const b = 2;", 'a.js': 'export const a = 1;' });
    for (const symbols of [undefined, false, true]) {
      await buildWithBoth(app, () => ({}), (dir) => [{ file: `${dir}/${symbols}.cjs`, format: 'cjs', generatedCode: { symbols } }]);
      const tags = (name) => [app.require(`${name}/${symbols}.cjs`), app.require(`${name}/${symbols}.cjs`).inner].map((value) => Object.prototype.toString.call(value));
      expect(tags('ours')).toEqual(tags('alone'));
      expect(tags('ours')).toEqual(symbols ? ['[object Module]', '[object Module]'] : ['[object Object]', '[object Object]']);
    }
  });

  test('plugins are told of external modules, and of who resolved what', async () => {
    const app = project({ 'main.js': "import 'outside';" });
    const seen = [];
    const asking = () => ({
      name: 'asking',
      resolveId: (source) => (source === 'outside' ? { id: 'outside', external: true, moduleSideEffects: true, resolvedBy: 'somebody' } : null),
      async buildEnd() {
        const { id, isExternal, code, importers, moduleSideEffects } = this.getModuleInfo('outside');
        seen.push({ id, isExternal, code, importers, moduleSideEffects, by: (await this.resolve('outside', app.at('main.js'), { skipSelf: false })).resolvedBy });
      },
    });
    await buildWithBoth(app, () => ({ plugins: [asking()] }));
    expect(seen[1]).toEqual(seen[0]);
  });

  test('asks functions for the names of files', async () => {
    const app = project({ 'main.js': "import('./lazy.js').then(({ lazy }) => console.log(lazy));\nexport const value = 1;", 'lazy.js': 'export const lazy = 2;' });
    const asked = [];
    const name = (kind) => (chunk) => {
      asked.push([kind, chunk.name, chunk.isEntry, chunk.isDynamicEntry, chunk.exports, chunk.moduleIds.length, chunk.facadeModuleId.slice(-7)]);
      return `${kind}/[name].[hash].js`;
    };
    const { alone, ours } = await buildWithBoth(app, () => ({ input: { 'dir/app': app.at('main.js') }, plugins: [{ name: 'asset', buildStart() { this.emitFile({ type: 'asset', name: 'a.txt', source: 'a' }); } }] }), (dir) => [
      { dir, entryFileNames: name('entry'), chunkFileNames: name('chunk'), assetFileNames: ({ names }) => `asset/${names[0]}-[hash:4][extname]` },
    ]);
    const shown = ({ dir }) => app.list(dir.slice(app.dir.length + 1)).map((file) => file.replace(/[.-][\w-]{4,8}(?=\.\w+$)/, '.HASH'));
    expect(shown(ours)).toEqual(shown(alone));
    const calls = [...new Set(asked.map((call) => JSON.stringify(call)))];
    expect(calls).toHaveLength(2);
  });

  test('can be generated without being written, and concurrently', async () => {
    const app = project({ 'main.js': 'export const answer = 42;' });
    const bundle = await rollup({ input: app.at('main.js'), plugins: [cloudpack()] });
    const outputs = await Promise.all(['es', 'cjs', 'es'].map((format) => bundle.generate({ format })));
    await bundle.close();
    expect(outputs.map(({ output }) => output.length)).toEqual([1, 1, 1]);
    expect(outputs[0].output[0].code).toBe(outputs[2].output[0].code);
    expect(outputs[1].output[0].code).toContain('exports');
    expect(app.list()).toEqual(['main.js']);
  });
});

describe('plugins', () => {
  test('node-resolve, commonjs, json, replace and alias work together', async () => {
    const app = project({
      ...MODULES,
      'main.js': "import tool, { named } from 'tool';\nimport data, { version } from './data.json';\nimport { a } from '@/a.js';\nimport dual from 'dual';\nconsole.log(tool(), named, data.list, version, a, __MODE__, dual);",
      'src/a.js': "export const a = 'aliased';",
      'data.json': '{ "version": 3, "list": [1, 2] }',
      'node_modules/tool/package.json': '{ "name": "tool", "main": "./lib" }',
      'node_modules/tool/lib/index.js': "const { extname } = require('path');\nconst part = require('./part');\nconst dual = require('dual');\nmodule.exports = () => [extname('a.b'), part.part, dual.default || dual];\nmodule.exports.named = 'named';",
      'node_modules/tool/lib/part.js': "exports.part = 'part';",
      'node_modules/dual/package.json': '{ "name": "dual", "exports": { "require": "./require.cjs", "import": "./import.mjs" } }',
      'node_modules/dual/require.cjs': "module.exports = 'required';",
      'node_modules/dual/import.mjs': "export default 'imported';",
    });
    const both = await buildWithBoth(app, () => ({
      external: ['path'],
      plugins: [
        alias({ entries: { '@': app.at('src') } }), replace({ __MODE__: '"mode"', preventAssignment: true }), json(), nodeResolve(), commonjs(),
      ],
    }));
    const { alone, ours } = await outputsOfBoth(both);
    expect(ours).toBe(alone);
    expect(ours).toContain('required');
    expect(both.ours.logs).toEqual(both.alone.logs);
  });

  test('typescript, babel and terser see what they see in Rollup', async () => {
    const app = project({
      ...MODULES,
      'tsconfig.json': '{ "compilerOptions": { "target": "es2022", "module": "esnext", "moduleResolution": "bundler", "strict": true }, "include": ["*.ts"] }',
      'main.ts': "import { Shape, area } from './shape';\nimport type { Unit } from './unit';\nconst unit: Unit = 'cm';\nconst shape: Shape = { width: 2, height: 3 };\nconsole.log(area(shape), unit, DEBUG_NAME);\ndeclare const DEBUG_NAME: string;",
      'shape.ts': 'export interface Shape { width: number; height: number }\nexport const area = ({ width, height }: Shape): number => width * height;',
      'unit.ts': "export type Unit = 'cm';",
    });
    const rename = ({ types }) => ({
      visitor: { Identifier: (path) => path.node.name === 'DEBUG_NAME' && path.replaceWith(types.stringLiteral('from babel')) },
    });
    const both = await buildWithBoth(app, () => ({
      input: app.at('main.ts'),
      plugins: [
        typescript({ tsconfig: app.at('tsconfig.json'), filterRoot: app.dir }),
        babel({ babelHelpers: 'bundled', extensions: ['.ts', '.js'], configFile: false, babelrc: false, plugins: [rename] }),
      ],
    }), (dir) => [{ dir, plugins: [terser()] }]);
    const { alone, ours } = await outputsOfBoth(both);
    expect(ours).toBe(alone);
    expect(ours).toBe('6 cm from babel\n');
    expect(app.read('ours/main.js')).not.toContain('\n\n');
    expect(app.read('ours/main.js').length).toBeLessThan(150);
  });

  test('emit files and chunks, and refer to them', async () => {
    const emitting = () => ({
      name: 'emitting',
      buildStart() {
        this.asset = undefined;
        this.emitFile({ type: 'chunk', id: './extra.js', name: 'extra' });
        this.emitFile({ type: 'asset', name: 'note.txt', source: 'a note' });
      },
      transform(code, id) {
        if (!id.endsWith('main.js')) return null;
        const reference = this.emitFile({ type: 'asset', name: 'data.txt', source: 'data' });
        return { code: code.replace('URL_OF_DATA', `import.meta.ROLLUP_FILE_URL_${reference}`), map: null };
      },
      generateBundle(_, bundle) {
        this.emitFile({ type: 'asset', fileName: 'list.json', source: JSON.stringify(Object.keys(bundle).length) });
      },
    });
    const app = project({
      ...MODULES,
      'main.js': "import { readFileSync } from 'node:fs';\nconsole.log(readFileSync(new URL(URL_OF_DATA), 'utf8'));",
      'extra.js': "console.log('extra');",
    });
    const both = await buildWithBoth(app, () => ({ external: /^node:/, plugins: [resolveFrom(app.dir), emitting()] }));
    expect(both.ours.shape).toEqual(both.alone.shape);
    const { alone, ours } = await outputsOfBoth(both);
    expect(ours).toBe(alone);
    expect(app.read('ours/list.json')).toBe(app.read('alone/list.json'));
  });

  test('of one output run over its chunks alone, with our context, and may be shared', async () => {
    const app = project({ 'main.js': 'export const a = 1;' });
    const seen = [];
    const shared = {
      name: 'shared',
      renderStart(options) { seen.push(`start ${options.format}`); },
      renderChunk(code, chunk) {
        seen.push(`chunk ${chunk.fileName}`);
        return { code: `/* shared */${code}`, map: null };
      },
      generateBundle(options, bundle) {
        seen.push(`${options.format} ${Object.keys(bundle)} ${[...this.getModuleIds()].map((id) => id.replace(app.dir, ''))}`);
      },
      writeBundle() { seen.push('written'); },
    };
    for (const [name, plugins] of [['ours', [cloudpack()]], ['alone', []], ['again', [cloudpack()]]]) {
      const bundle = await rollup({ input: app.at('main.js'), plugins });
      for (const format of ['es', 'cjs']) await bundle.write({ file: app.at(`${name}/main.${format}.js`), format, plugins: [shared] });
      await bundle.close();
      expect(app.read(`${name}/main.es.js`).match(/shared/g)).toHaveLength(1);
    }
    const each = seen.length / 3;
    expect(seen.slice(0, each)).toEqual(seen.slice(each, 2 * each));
    expect(seen.slice(2 * each)).toEqual(seen.slice(each, 2 * each));
  });

  test('keep what they put into this.cache, in the cache that Rollup gives back', async () => {
    const app = project({ 'main.js': 'export const a = 1;' });
    const found = [];
    const remembering = () => ({
      name: 'remembering',
      buildStart() {
        found.push(this.cache.has('count') ? this.cache.get('count') : 'nothing');
        this.cache.set('count', found.length);
      },
    });
    let cache;
    for (let round = 0; round < 3; round++) {
      const bundle = await rollup({ input: app.at('main.js'), cache, plugins: [remembering(), cloudpack()] });
      cache = JSON.parse(JSON.stringify(bundle.cache));
      await bundle.close();
    }
    expect(found).toEqual(['nothing', 1, 2]);
  });
});

describe('faults', () => {
  const faulty = (plugin, files = {}) => {
    const app = project({ 'main.js': "import './b.js';", 'b.js': 'console.log(1);', ...files });
    return ['alone', 'ours'].map((name) => async () => {
      const logs = [];
      const bundle = await rollup({
        input: app.at('main.js'), onLog: (level, log) => logs.push({ level, code: log.code, plugin: log.plugin, pluginCode: log.pluginCode, hook: log.hook, id: log.id, message: log.message }),
        plugins: [plugin, name === 'ours' && cloudpack()],
      });
      await bundle.generate({});
      return logs;
    });
  };
  const fieldsOf = ({ message, code, pluginCode, plugin, hook, id, loc, watchFiles }) =>
    ({ message, code, pluginCode, plugin, hook, id, line: loc?.line, column: loc?.column, isWatched: watchFiles?.length > 0 });

  test.each([
    ['this.error in transform, with a position', { name: 'bad', transform(code, id) { if (id.endsWith('b.js')) this.error('no good', 3); } }],
    ['an error thrown in transform', { name: 'bad', transform(code, id) { if (id.endsWith('b.js')) throw Object.assign(new TypeError('wrong'), { code: 'E_WRONG' }); } }],
    ['an error thrown in buildStart', { name: 'bad', buildStart() { throw new Error('no start'); } }],
    ['an error in resolveId', { name: 'bad', resolveId(source) { if (source === './b.js') throw new Error('not here'); } }],
    ['an error in renderChunk', { name: 'bad', renderChunk() { throw new Error('no chunk'); } }],
    ['an error in generateBundle', { name: 'bad', generateBundle() { this.error({ message: 'no bundle', code: 'E_BUNDLE' }); } }],
  ])('%s is the plugin\'s, as in Rollup', async (_, plugin) => {
    const [alone, ours] = faulty(plugin);
    const expected = fieldsOf(await failureOf(alone()));
    expect(fieldsOf(await failureOf(ours()))).toEqual(expected);
    expect(expected.plugin).toBe('bad');
  });

  test('a hook that throws a string is named', async () => {
    const [, ours] = faulty({ name: 'bad', load(id) { if (id.endsWith('b.js')) throw 'a string'; } });
    expect(await failureOf(ours())).toMatchObject({ message: 'a string', plugin: 'bad', hook: 'load', id: expect.stringContaining('b.js') });
  });

  test('a warning of a plugin says whose it is, and passes the onLog hooks', async () => {
    const [alone, ours] = faulty({
      name: 'warning',
      transform(code, id) { if (id.endsWith('b.js')) this.warn({ message: 'careful', code: 'CAREFUL' }, 2); },
      onLog(level, log) { if (log.pluginCode === 'OTHER') return false; },
      buildEnd() { this.warn({ message: 'not shown', code: 'OTHER' }); },
    });
    expect(await ours()).toEqual(await alone());
  });

  test('an import that nothing resolves is external with a warning, a missing file is an error', async () => {
    const [alone, ours] = faulty({ name: 'none' }, { 'main.js': "import a from 'not-installed';\nconsole.log(a);" });
    const codes = (logs) => logs.map(({ level, code, id }) => [level, code, id]);
    expect(codes(await ours())).toEqual(codes(await alone()));
    const [, broken] = faulty({ name: 'none' }, { 'main.js': "import './missing.js';" });
    expect(await failureOf(broken())).toMatchObject({ code: 'UNRESOLVED_IMPORT', message: expect.stringContaining('./missing.js'), watchFiles: [expect.stringContaining('main.js')] });
    const [, without] = faulty({ name: 'none', options: (options) => ({ ...options, input: 'nowhere.js' }) });
    expect(await failureOf(without())).toMatchObject({ code: 'UNRESOLVED_ENTRY' });
  });

  test('code that cannot be parsed is shown', async () => {
    const [, ours] = faulty({ name: 'none' }, { 'b.js': 'const = 1;' });
    const error = await failureOf(ours());
    expect(error).toMatchObject({ code: 'PARSE_ERROR', loc: { line: 1, column: 6 }, frame: expect.stringContaining('const = 1;') });
    expect(error.plugin).toBeUndefined();
  });

  test('several faults come together', async () => {
    const [, ours] = faulty({ name: 'bad', transform(code, id) { throw new Error(`bad ${id.slice(-4)}`); } }, { 'main.js': "import './missing.js';\nconst = 2;" });
    expect((await failureOf(ours())).message).toContain('bad n.js');
  });
});

describe('what Cloudpack has not', () => {
  test('is left to Rollup, with a line that says why', async () => {
    const app = project({ 'main.js': 'console.log(this === undefined);' });
    const logs = [];
    const onLog = (level, log) => logs.push(log.message);
    const bundle = await rollup({ input: app.at('main.js'), context: 'window', onLog, plugins: [cloudpack()] });
    const { output } = await bundle.generate({});
    expect(output[0].code).toContain('window');
    expect(logs).toEqual(['[plugin cloudpack] Cloudpack cannot do context, so Rollup makes this build']);
    const named = await rollup({ input: app.at('main.js'), output: [{ preserveModules: true }], onLog, plugins: [cloudpack()] });
    await named.generate({ preserveModules: true });
    expect(logs[1]).toContain('output.preserveModules');
  });

  test('of plugins is left to Rollup too', async () => {
    const app = project({ 'main.js': 'console.log(import.meta.env);' });
    const logs = [];
    const meta = { name: 'meta', resolveImportMeta: (property) => (property === 'env' ? '"from the hook"' : null) };
    const bundle = await rollup({ input: app.at('main.js'), onLog: (level, log) => logs.push(log.message), plugins: [meta, cloudpack()] });
    expect((await bundle.generate({})).output[0].code).toContain('from the hook');
    expect(logs[0]).toContain('the hook "resolveImportMeta" of plugin "meta"');
  });

  test('is an error where Rollup tells of it too late', async () => {
    const app = project({ 'main.js': 'export const a = 1;' });
    const bundle = await rollup({ input: app.at('main.js'), plugins: [cloudpack()] });
    expect(await failureOf(bundle.generate({ format: 'system' }))).toMatchObject({ code: 'UNSUPPORTED_OPTION', message: expect.stringContaining('output.format') });
    await bundle.close();
  });
});

/** Requests without an importer start in the application, not where the tests run. */
function resolveFrom(dir) {
  return { name: 'resolve-from', resolveId: (source, importer) => (importer === undefined && source.startsWith('./') ? `${dir}${source.slice(1)}` : null) };
}
