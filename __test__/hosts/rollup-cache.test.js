// What plugins of Rollup made of modules, kept from process to process: `rollup -c` again and again, each time compared with a build without a store.
import { execFile } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { project } from '../support/project.js';
import { outputOf } from './both.js';

const run = promisify(execFile);
const command = path.join(path.dirname(createRequire(import.meta.url).resolve('rollup/package.json')), 'dist/bin/rollup');
const OURS = JSON.stringify(new URL('../../js/rollup/index.js', import.meta.url).href);

const FILES = {
  'package.json': '{ "type": "module" }',
  'package-lock.json': '{}',
  'main.js': "import { a } from '@/a';\nimport data from './data.json';\nimport tool from 'tool';\nimport both, { named } from 'both';\nimport './b';\nconsole.log(a, data.list, tool, both, named, __WORD__);",
  'src/a.js': 'export const a = `a ${__WORD__}`;',
  'b.js': "console.log('b', __WORD__);",
  'data.json': '{ "list": [1, 2], "unused": 3 }',
  'part.js': "export const word = 'first';",
  'node_modules/tool/package.json': '{ "name": "tool", "main": "./lib" }',
  'node_modules/tool/lib/index.js': "module.exports = ['tool', require('both')];",
  'node_modules/both/package.json': '{ "name": "both", "exports": { "require": "./required.cjs", "import": "./imported.mjs" }, "sideEffects": false }',
  'node_modules/both/required.cjs': "module.exports = 'required';",
  'node_modules/both/imported.mjs': "export default 'imported';\nexport const named = 'named';",
};

/** From here: an application with all our packages in it would be watched as a whole by TypeScript. @param {string} name */
function pluginImport(name) {
  return `import ${name.replace('node-r', 'nodeR')} from ${JSON.stringify(import.meta.resolve(`@rollup/plugin-${name}`))};`;
}

/** A configuration; `plugins` are JavaScript, `PLUGIN` stands for what is added. */
function config({ imports = '', plugins = '', more = '' } = {}) {
  return `import { writeFileSync } from 'node:fs';
${['alias', 'json', 'replace', 'node-resolve', 'commonjs'].map(pluginImport).join('\n')}
import cloudpack from ${OURS};
import { word } from './part.js';
${imports}
const { mode } = globalThis.run;
const ours = mode === 'alone' ? undefined : cloudpack({ cache: mode === 'ours' && { dir: '.store' } });
const noting = { name: 'cloudpack:noting', closeBundle() { if (ours) setImmediate(() => writeFileSync('stats.json', JSON.stringify(ours.api.stats().at(-1) ?? {}))); } };
export default { input: 'main.js', plugins: [alias({ entries: { '@': import.meta.dirname + '/src' } }), replace({ __WORD__: JSON.stringify(word), preventAssignment: true }), json(), nodeResolve(), commonjs(), ${plugins}${plugins && ','} noting, ours], ${more}${more && ','} output: { dir: 'dist', format: 'es', sourcemap: true } };`;
}

/** @param {Record<string, string>} files @param {object} [given] */
function application(files, given) {
  return project({ ...FILES, 'rollup.config.js': config(given), ...files });
}

/**
 * What differs from build to build is told by a door that is no part of the configuration: its files, command line and environment are.
 * @param {ReturnType<typeof application>} app
 * @param {'ours' | 'fresh' | 'alone'} [mode]
 */
async function build(app, out, { mode = 'ours', ...env } = {}) {
  app.write('run.mjs', `globalThis.run = { mode: '${mode}' };`);
  const { stderr } = await run(process.execPath, ['--import', './run.mjs', command, '-c', '--silent'], { cwd: app.dir, env: { ...process.env, ...env } });
  rmSync(app.at(out), { recursive: true, force: true });
  renameSync(app.at('dist'), app.at(out));
  return { printed: stderr, stats: JSON.parse(app.read('stats.json')), files: Object.fromEntries(app.list(out).map((file) => [file, app.read(`${out}/${file}`)])) };
}

/** The same as without a store. */
async function expectFresh(app, built) {
  expect(built.files).toEqual((await build(app, 'fresh', { mode: 'fresh' })).files);
}

/** The last build does what Rollup's alone does. */
async function expectSame(app, out) {
  await build(app, 'alone', { mode: 'alone' });
  expect(await outputOf(app.at(`${out}/main.js`))).toBe(await outputOf(app.at('alone/main.js')));
}

describe('alias, replace, json, node-resolve and commonjs', () => {
  test('are not called for what is as it was', async () => {
    const app = application({});
    const cold = await build(app, 'first');
    await expectFresh(app, cold);
    await expectSame(app, 'first');
    expect(cold.stats).toMatchObject({ lastResults: 'no earlier build', recalledModules: 0 });
    const warm = await build(app, 'second');
    expect(warm.files).toEqual(cold.files);
    expect(warm.stats.notCached).toEqual([]);
    expect(warm.stats).toMatchObject({ lastResults: 'taken up', askedModules: 0, recalledModules: cold.stats.modules, askedRequests: 1 });
    // For the entry point alone.
    expect(warm.stats.hookCalls).toBeLessThan(10);
    expect((await build(app, 'third', { CLOUDPACK_VERIFY: '1' })).files).toEqual(cold.files);
  }, 180_000);

  test('are called for what changed, and for all when the configuration, what it imports or the environment did', async () => {
    const app = application({});
    await build(app, 'first');
    app.write('b.js', "console.log('edited', __WORD__);");
    const edited = await build(app, 'second');
    await expectFresh(app, edited);
    expect(edited.stats.recalledModules).toBe(edited.stats.modules - 1);
    app.write('data.json', '{ "list": [3] }');
    // Before `b.js`, in the order in which it is looked for.
    app.write('b.mjs', "console.log('other b', __WORD__);");
    const shadowed = await build(app, 'third');
    await expectFresh(app, shadowed);
    expect(Object.values(shadowed.files).join()).toContain('other b');
    await expectSame(app, 'third');
    app.write('part.js', "export const word = 'second';");
    const changed = await build(app, 'fourth');
    await expectFresh(app, changed);
    expect(changed.stats.lastResults).toBe('changed: versions, configuration or plugins');
    app.write('package-lock.json', '{ "lockfileVersion": 3 }');
    expect((await build(app, 'fifth')).stats.lastResults).toBe('changed: versions, configuration or plugins');
  }, 180_000);
});

describe('typescript and babel', () => {
  const TYPED = {
    imports: ['typescript', 'babel'].map(pluginImport).join('\n'),
    plugins: "typescript({ tsconfig: './tsconfig.json', filterRoot: import.meta.dirname }), babel({ babelHelpers: 'bundled', extensions: ['.ts', '.js'], exclude: '**/node_modules/**' })",
  };
  const SOURCES = {
    'tsconfig.json': '{ "compilerOptions": { "target": "es2022", "module": "esnext", "moduleResolution": "bundler", "strict": true, "types": [], "lib": ["es2022"], "skipLibCheck": true }, "include": ["*.ts"] }',
    'babel.config.json': '{ "plugins": ["./rename.cjs"] }',
    'rename.cjs': "module.exports = ({ types }) => ({ visitor: { Identifier(path) { if (path.node.name === 'RENAMED') path.replaceWith(types.stringLiteral('from babel')); } } });",
    'main.js': "import { area } from './shape.ts';\nconsole.log(area({ width: 2, height: 3 }), __WORD__);",
    'shape.ts': "import { Unit } from './unit';\ndeclare const RENAMED: string;\nexport interface Shape { width: number; height: number }\nexport const area = ({ width, height }: Shape): string => `${width * height} ${Unit.Cm} ${RENAMED}`;",
    'unit.ts': "export const enum Unit { Cm = 'cm' }",
  };

  test('compile again when their module, one that it takes a constant from, or a plugin of babel changed', async () => {
    const app = application(SOURCES, TYPED);
    const cold = await build(app, 'first');
    const warm = await build(app, 'second');
    expect(warm.files).toEqual(cold.files);
    expect(warm.stats).toMatchObject({ lastResults: 'taken up', askedModules: 0 });
    for (const [file, from, to] of [['unit.ts', "'cm'", "'mm'"], ['rename.cjs', 'from babel', 'from another babel']]) {
      app.write(file, app.read(file).replace(from, to));
      await expectFresh(app, await build(app, 'edited'));
    }
    await expectSame(app, 'edited');
  }, 180_000);
});

describe('not kept', () => {
  test.each([
    ['of plugins that nobody knows', { plugins: "{ name: 'mine', transform: (code) => ({ code: code + ';', map: null }) }" }, 'is not known to give the same answer again'],
    ['of a plugin that wants a say in each', { plugins: "{ name: 'doubting', shouldTransformCachedModule: () => false }" }, 'has the hook "shouldTransformCachedModule"'],
    ['where the options of plugins may be others each time', { imports: 'const now = new Date().getFullYear();' }, 'has options that may be others next time: the configuration uses "Date"'],
    ['of a plugin that keeps things in this.cache', { plugins: "{ name: 'cloudpack:caching', transform(code, id) { this.cache.set(id, 1); return null; } }" }, 'uses this.cache'],
  ])('are results %s, and the report says so', async (_, given, why) => {
    const app = application({ 'main.js': "import './b';" }, given);
    await build(app, 'first');
    const warm = await build(app, 'second', { CLOUDPACK_REPORT: '1' });
    await expectFresh(app, warm);
    expect(warm.stats.recalledModules).toBe(0);
    expect(warm.stats.notCached).toContainEqual(expect.objectContaining({ kind: 'modules', why }));
  });

  test('are builds of two configurations in one file taken for each other', async () => {
    const app = application({ 'main.js': 'console.log(__WORD__);' });
    app.write('rollup.config.js', `${pluginImport('replace')}\nimport cloudpack from ${OURS};
export default ['one', 'two'].map((word) => ({ input: 'main.js', plugins: [replace({ __WORD__: JSON.stringify(word), preventAssignment: true }), cloudpack({ cache: { dir: '.store' } })], output: { file: \`dist/\${word}.js\` } }));`);
    app.write('stats.json', '{}');
    for (const out of ['first', 'second']) {
      await build(app, out);
      for (const word of ['one', 'two']) expect(await outputOf(app.at(`${out}/${word}.js`))).toBe(`${word}\n`);
    }
  });
});
