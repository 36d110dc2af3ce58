// Rollup itself says in which order hooks run and what they are given.
import { rollup } from 'rollup';
import { describe, expect, test } from 'vitest';
import { project } from '../support/project.js';

const HOOKS = ['options', 'outputOptions', 'buildStart', 'resolveId', 'load', 'transform', 'moduleParsed', 'buildEnd', 'renderStart', 'banner', 'footer', 'intro',
  'outro', 'renderChunk', 'augmentChunkHash', 'generateBundle', 'writeBundle', 'closeBundle'];

/** Logs every call as `hook subject`. */
function logging(log, root, name = '', settings = {}) {
  const short = (value) => (typeof value === 'string' ? value.replace(`${root}/`, '').replaceAll('\0', '0') : '');
  const subject = {
    resolveId: ([source, importer, { isEntry }]) => `${short(source)} from ${short(importer)}${isEntry ? ' entry' : ''}`,
    load: ([id]) => short(id),
    transform: ([, id]) => short(id),
    moduleParsed: ([info]) => `${short(info.id)} imports ${info.importedIds.map(short)} default ${info.hasDefaultExport}`,
    renderChunk: ([, chunk]) => `${chunk.name} ${Object.keys(chunk.modules).map(short)}`,
    augmentChunkHash: ([chunk]) => chunk.name,
    generateBundle: ([, bundle, isWrite]) => `${Object.values(bundle).map((file) => `${file.type} ${file.name}`)} ${isWrite}`,
    writeBundle: ([, bundle]) => Object.keys(bundle).length,
    buildEnd: ([error]) => String(error),
    closeBundle: ([error]) => String(error),
    banner: ([chunk]) => chunk.name,
  };
  const plugin = { name: `log${name}` };
  for (const hook of HOOKS) {
    const handler = (...args) => {
      log.push(`${name}${hook} ${subject[hook]?.(args) ?? ''}`.trim());
      return ['banner', 'footer', 'intro', 'outro'].includes(hook) ? `/* ${hook} */` : null;
    };
    plugin[hook] = settings[hook] ? { handler, ...settings[hook] } : handler;
  }
  return plugin;
}

const files = {
  'main.js': "import { b } from './b.js';\nexport default b;",
  'b.js': 'export const b = globalThis.b;',
};

async function withRollup(root, plugins, output = {}) {
  const bundle = await rollup({ input: `${root}/main.js`, plugins, onLog() {} });
  await bundle.write({ dir: `${root}/rollup`, ...output });
  await bundle.close();
}

describe('hooks', () => {
  test('run in the order of Rollup, once each, with the same arguments', async () => {
    const app = project(files);
    const expected = [];
    const entryFileNames = '[name]-[hash].js';
    await withRollup(app.dir, [logging(expected, app.dir)], { entryFileNames });
    const found = [];
    await app.build({ input: app.at('main.js'), write: true, plugins: [logging(found, app.dir)], output: { entryFileNames } });
    // Cloudpack settles all options before it starts; Rollup asks for those of an output when it comes to it.
    const settled = (log) => log.filter((line) => line !== 'outputOptions' && !line.startsWith('moduleParsed'));
    const parsed = (log) => log.filter((line) => line.startsWith('moduleParsed')).sort();
    // Addons are asked for in any order.
    const normal = (log) => settled(log).map((line) => line.replace(/^(footer|intro|outro)$/, 'addon').replace(/^banner .*/, 'addon'));
    expect(normal(found)).toEqual(normal(expected));
    // Waves tell of a module when its wave is done.
    expect(parsed(found)).toEqual(parsed(expected));
    expect(found).toContain('outputOptions');
  });

  test('pre comes first, post last, within equals the order of the plugins', async () => {
    const app = project(files);
    const order = { transform: { order: 'pre' }, resolveId: { order: 'post' }, generateBundle: { order: 'pre' }, renderChunk: { order: 'post' } };
    const plugins = (log) => [logging(log, app.dir, 'A-', { renderChunk: { order: 'post' } }), logging(log, app.dir, 'B-'), logging(log, app.dir, 'C-', order)];
    const expected = [];
    await withRollup(app.dir, plugins(expected));
    const found = [];
    await app.build({ input: app.at('main.js'), write: true, plugins: plugins(found) });
    for (const hook of ['transform b.js', 'resolveId ./b.js from main.js', 'generateBundle chunk main true', 'renderChunk main b.js,main.js']) {
      const only = (log) => log.filter((line) => line.slice(2) === hook);
      expect(only(found)).toHaveLength(3);
      expect(only(found)).toEqual(only(expected));
    }
  });

  test('a sequential hook waits for those before it and holds up those after it', async () => {
    const log = [];
    const pause = (name, time) => async () => {
      log.push(`${name} begins`);
      await new Promise((done) => setTimeout(done, time));
      log.push(`${name} ends`);
    };
    await project(files).build({
      plugins: [
        { name: 'a', buildStart: pause('a', 20) },
        { name: 'b', buildStart: pause('b', 10) },
        { name: 'c', buildStart: { sequential: true, handler: pause('c', 1) } },
        { name: 'd', buildStart: pause('d', 1) },
      ],
    });
    expect(log).toEqual(['a begins', 'b begins', 'b ends', 'a ends', 'c begins', 'c ends', 'd begins', 'd ends']);
  });

  test('plugins come nested, promised, or not at all; those for a dev server are left out', async () => {
    const log = [];
    const say = (name) => ({ name, buildStart() { log.push(name); } });
    await project(files).build({ plugins: [[say('a'), [Promise.resolve([say('b')])]], null, false, undefined, '', { ...say('dev'), apply: 'serve' }, { ...say('build'), apply: 'build' }] });
    expect(log).toEqual(['a', 'b', 'build']);
  });

  test('the plugin for CommonJS is left out, because the core reads CommonJS', async () => {
    const logs = [];
    const { output } = await project({ 'main.js': "import x from './x.cjs'; console.log(x);", 'x.cjs': 'module.exports = 1;' }).build({
      onLog: (level, log) => { logs.push([level, log.code]); },
      plugins: [{ name: 'commonjs', transform() { throw new Error('not asked'); } }],
    });
    expect(output[0].code).toContain('console.log');
    expect(logs).toEqual([['info', 'PLUGIN_REPLACED']]);
  });

  test('options and outputOptions replace what they are given', async () => {
    const app = project({ ...files, 'other.js': 'export const other = 1;' });
    const { output } = await app.build({
      plugins: [{ name: 'o', options: (options) => ({ ...options, input: './other.js' }), outputOptions: (options) => ({ ...options, entryFileNames: 'x-[name].mjs' }) }],
    });
    expect(output.map((file) => file.fileName)).toEqual(['x-other.mjs']);
  });

  test('plugins of an output run for that output only', async () => {
    const log = [];
    const say = (name) => ({ name, generateBundle({ format }) { log.push(`${name} ${format}`); } });
    await project(files).build({ plugins: [say('all')], output: [{ format: 'es', plugins: [say('es only')] }, { format: 'cjs', dir: 'cjs' }] });
    expect(log).toEqual(['all es', 'es only es', 'all cjs']);
  });
});
