// Plugins that misbehave, in build(), Rollup, Vite 8 and Vite 7: an error that names the plugin, or the build that the bundler alone makes.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { build as buildAlone } from '../../js/index.js';
import { rollup } from 'rollup';
import { afterEach, describe, expect, test, vi } from 'vitest';
import cloudpackRollup from '../../js/rollup/index.js';
import cloudpackVite from '../../js/vite/index.js';
import { failureOf, project } from '../support/project.js';
import { linkPackages } from './vite-app.js';
import { HOSTS } from './vite-versions.js';

const run = promisify(execFile);
const FILES = {
  'package.json': '{ "type": "module" }',
  'index.html': '<!doctype html><html lang="en"><body><script type="module" src="/main.js"></script></body></html>',
  'main.js': "import { b } from './b.js';\nconsole.log(b);\nimport('./lazy.js');",
  'b.js': "export const b = ['b'].join();",
  'lazy.js': 'console.log("lazy");',
};

/** Name -> a build of an application with one more plugin: its files by name without hash, and its warnings. */
const BUILDERS = {
  'build()': async (app, plugin) => shown((await buildAlone({ cwd: app.dir, input: './main.js', output: { dir: app.at('out'), sourcemap: true }, onLog() {}, plugins: [plugin] })).output),
  Rollup: async (app, plugin, ours = true) => {
    const logs = [];
    const bundle = await rollup({ input: app.at('main.js'), onLog: (level, log) => level !== 'debug' && logs.push(log), plugins: [plugin, ours && cloudpackRollup()] });
    const { output } = await bundle.write({ dir: app.at('out') });
    await bundle.close();
    return { ...shown(output), logs };
  },
  ...Object.fromEntries(HOSTS.map(([name, load]) => [name, async (app, plugin, ours = true) => {
    const { build } = await load();
    linkPackages(app);
    const logs = [];
    const tell = (message) => logs.push({ message });
    const customLogger = { info() {}, warn: tell, warnOnce: tell, error() {}, clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
    const { output } = await build({ root: app.dir, configFile: false, customLogger, build: { outDir: app.at('out'), minify: false, modulePreload: false }, plugins: [plugin, ours && cloudpackVite({ cache: false })] });
    return { ...shown(output), logs };
  }])),
};

function shown(output) {
  const name = (file) => file.fileName.replace(/-[\w-]{8}(?=\.)/, '');
  return { files: output.map(name).sort(), code: output.filter((file) => file.type === 'chunk').map((file) => file.code).join('\n') };
}

/** The error that tells whose fault it is: Vite 8 hands on several. */
async function faultOf(builder, plugin) {
  const error = await failureOf(BUILDERS[builder](project(FILES), { name: 'bad', ...plugin }));
  return error.plugin === undefined && error.errors ? error.errors[0] : error;
}

const isB = (...args) => args.some((arg) => typeof arg === 'string' && /\bb\.js$/.test(arg));
/** How a hook is made to do something for one module, or at all. */
const HOOKS = {
  buildStart: (act) => act,
  resolveId: (act) => ({ order: 'pre', handler(source, ...rest) { return source === './b.js' ? act.call(this, source, ...rest) : null; } }),
  load: (act) => function (id) { return isB(id) ? act.call(this) : null; },
  transform: (act) => function (code, id) { return isB(id) ? act.call(this) : null; },
  moduleParsed: (act) => function ({ id }) { return isB(id) ? act.call(this) : undefined; },
  buildEnd: (act) => function (error) { if (!error) return act.call(this); },
  renderStart: (act) => act, renderChunk: (act) => act, augmentChunkHash: (act) => act, banner: (act) => act, outro: (act) => act,
  generateBundle: (act) => act, writeBundle: (act) => act,
};

describe.each(Object.keys(BUILDERS))('in %s', (builder) => {
  test.each(Object.keys(HOOKS))('what %s throws is told as it is, with the name of plugin and hook', async (hook) => {
    const closed = [];
    const plugin = { [hook]: HOOKS[hook](() => { throw Object.assign(new TypeError('it went wrong'), { code: 'E_WRONG' }); }), closeBundle(error) { closed.push(error?.message); } };
    const error = await faultOf(builder, plugin);
    expect(error).toMatchObject({ plugin: 'bad', hook, pluginCode: 'E_WRONG', code: 'PLUGIN_ERROR', message: expect.stringContaining('it went wrong') });
    if (['load', 'transform'].includes(hook)) expect(error.id).toMatch(/b\.js$/);
  });

  test.each([['text', 'a text'], ['nothing', undefined], ['a frozen error', Object.freeze(new Error('frozen'))], ['an object', { message: 'an object' }]])('%s that is thrown says whose it is', async (_, thrown) => {
    const error = await faultOf(builder, { transform: HOOKS.transform(() => { throw thrown; }) });
    expect(error).toMatchObject({ plugin: 'bad', hook: 'transform', message: expect.stringContaining(String(thrown?.message ?? thrown)) });
  });

  test.each([
    ['resolveId', 5, 'INVALID_RESOLUTION', '5'], ['resolveId', true, 'INVALID_RESOLUTION', 'true'], ['resolveId', '', 'INVALID_RESOLUTION', 'an empty string'],
    ['resolveId', { external: true }, 'INVALID_RESOLUTION', 'an object without "id"'], ['resolveId', Symbol('s'), 'INVALID_RESOLUTION', 'a symbol'],
    ['load', 5, 'BAD_LOADER', '5'], ['load', false, 'BAD_LOADER', 'false'], ['load', ['x'], 'BAD_LOADER', 'an array'], ['load', { code: null }, 'BAD_LOADER', 'an object whose "code" is null'],
    ['load', { code: '1', map: 'no json' }, 'INVALID_SOURCEMAP', 'cannot be read'],
    ['transform', { code: Buffer.from('1') }, 'INVALID_HOOK_RESULT', 'an object whose "code" is an object'], ['transform', { code: '1', map: 5 }, 'INVALID_SOURCEMAP', 'number'],
    ['renderChunk', 5, 'INVALID_HOOK_RESULT', '5'], ['renderChunk', {}, 'INVALID_HOOK_RESULT', 'an object without "code"'],
    ['augmentChunkHash', Symbol('s'), 'INVALID_HOOK_RESULT', 'a symbol'], ['banner', Symbol('s'), 'INVALID_HOOK_RESULT', 'a symbol'],
  ])('%s that returns %o is named', async (hook, result, pluginCode, words) => {
    // Where no source map is wanted, nobody looks at one.
    if (pluginCode === 'INVALID_SOURCEMAP' && builder.startsWith('Vite')) return;
    expect(await faultOf(builder, { [hook]: HOOKS[hook](() => result) })).toMatchObject({ plugin: 'bad', hook, pluginCode, message: expect.stringContaining(words) });
  });

  test.each([['outputOptions', 5], ['outputOptions', ['x']]])('%s that returns %o is named', async (hook, result) => {
    expect(await faultOf(builder, { [hook]: () => result })).toMatchObject({ plugin: 'bad', hook, message: expect.stringContaining('it returns options or nothing') });
  });

  test.each([5, true, false, Symbol('s'), [], {}, () => 'text'])('%o that transform returns is nothing', async (result) => {
    const { code } = await BUILDERS[builder](project(FILES), { name: 'odd', transform: HOOKS.transform(() => result) });
    expect(code).toContain('"b"'.replaceAll('"', code.includes("['b']") ? "'" : '"'));
  });

  test.each([
    ['a text', 'a text', 'is a string and no file'], ['an asset without a source', { type: 'asset', fileName: 'x.txt' }, 'neither a string nor bytes'],
    ['a chunk without code', { type: 'chunk', fileName: 'x.js' }, '"code" is no string'], ['a file outside', { type: 'asset', fileName: '../x.txt', source: '' }, 'outside of the output directory'],
  ])('%s in the bundle is told of', async (_, file, words) => {
    expect(await faultOf(builder, { generateBundle(options, bundle) { bundle['x.txt'] = file; } })).toMatchObject({ plugin: 'bad', hook: 'generateBundle', message: expect.stringContaining(words) });
  });

  test.each([
    ['of no known type', { type: 'nonsense' }], ['without anything', undefined], ['with a number as its source', { type: 'asset', name: 'a', source: 5 }], ['with an absolute name', { type: 'asset', fileName: '/a', source: '' }],
    ['that is a chunk without a module', { type: 'chunk' }], ['that is a prebuilt chunk without code', { type: 'prebuilt-chunk', fileName: 'a.js' }],
  ])('a file %s is not emitted', async (_, file) => {
    expect(await faultOf(builder, { buildStart() { this.emitFile(file); } })).toMatchObject({ plugin: 'bad', hook: 'buildStart', pluginCode: 'VALIDATION_ERROR' });
  });

  test('an asset that never gets a source names its plugin', async () => {
    expect(await faultOf(builder, { buildStart() { this.emitFile({ type: 'asset', name: 'late.txt' }); } })).toMatchObject({ plugin: 'bad', code: 'ASSET_SOURCE_MISSING' });
  });

  test('a file that is emitted with the name of a chunk does not replace it', async () => {
    const entry = builder.startsWith('Vite') ? { outputOptions: (options) => ({ ...options, entryFileNames: 'main.js' }) } : {};
    const error = await faultOf(builder, { ...entry, buildStart() { this.emitFile({ type: 'asset', fileName: 'main.js', source: 'not code' }); } });
    expect(error).toMatchObject({ code: 'FILE_NAME_CONFLICT', plugin: 'bad' });
  });

  test('a module that is not there and that this.load() asks for is the plugin\'s fault', async () => {
    const missing = { async buildStart() { await this.load({ id: '/not/there.js' }); } };
    // Vite 7 reads files by a hook of its own.
    const whose = builder === 'Vite 7' ? { plugin: 'vite:load-fallback', hook: 'load' } : { plugin: 'bad', hook: 'buildStart' };
    expect(await faultOf(builder, missing)).toMatchObject({ ...whose, pluginCode: 'ENOENT' });
  });
});

describe.each(['Rollup', 'Vite 8', 'Vite 7'])('a file that is emitted twice in %s', (builder) => {
  const twice = (how) => ({ name: 'twice', [how]() { for (const source of ['one', 'two']) this.emitFile({ type: 'asset', fileName: 'twice.txt', source }); } });

  test.each(['buildStart', 'generateBundle'])('by %s has the content that it has without Cloudpack, and is told of', async (hook) => {
    const [alone, ours] = [project(FILES), project(FILES)];
    await BUILDERS[builder](alone, twice(hook), false);
    const { logs } = await BUILDERS[builder](ours, twice(hook));
    expect(ours.read('out/twice.txt')).toBe(alone.read('out/twice.txt'));
    expect(logs.map(({ message }) => message)).toContainEqual(expect.stringContaining('"twice.txt" that plugin "twice" emitted'));
  });
});

test('Rollup is told of lost positions for outputs with a source map only, as without Cloudpack', async () => {
  for (const ours of [false, true]) {
    const app = project(FILES);
    const logs = [];
    const plugin = { name: 'sloppy', transform: HOOKS.transform(() => "export const b = 'other';") };
    const bundle = await rollup({ input: app.at('main.js'), onLog: (level, { code, plugin }) => logs.push([code, plugin]), plugins: [plugin, ours && cloudpackRollup()] });
    await bundle.generate({ dir: 'out' });
    expect(logs).toEqual([]);
    await bundle.generate({ dir: 'out', sourcemap: true });
    expect(logs).toEqual([['SOURCEMAP_BROKEN', 'sloppy']]);
    await bundle.close();
  }
});

describe('a hook that never ends', () => {
  afterEach(() => vi.useRealTimers());

  test('is named after half a minute, and each time twice as long', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    const warnings = [];
    let end;
    const building = buildAlone({ cwd: project(FILES).dir, input: './main.js', write: false, onLog: (level, log) => warnings.push(log), plugins: [{ name: 'slow', load: HOOKS.load(() => new Promise((resolve) => { end = resolve; })) }] });
    await vi.waitUntil(() => end);
    for (const [seconds, count] of [[29, 0], [2, 1], [25, 1], [10, 2]]) {
      await vi.advanceTimersByTimeAsync(seconds * 1000);
      expect(warnings).toHaveLength(count);
    }
    expect(warnings[0]).toMatchObject({ code: 'SLOW_HOOK', plugin: 'slow', hook: 'load', message: expect.stringMatching(/^hook "load" of plugin "slow" for ".*b\.js" has not ended for 30 seconds$/) });
    end(null);
    expect((await building).output).toHaveLength(2);
  });

  const ours = (name) => new URL(`../../js/${name}/index.js`, import.meta.url).href;
  const BODIES = {
    'build()': `import { build } from '${new URL('../../js/index.js', import.meta.url).href}'; await build({ input: './main.js', plugins: [bad], onLog() {} });`,
    Rollup: `import { rollup } from '${import.meta.resolve('rollup')}'; import cloudpack from '${ours('rollup')}'; await rollup({ input: 'main.js', onLog: (_, log) => console.log(log.message), plugins: [bad, cloudpack()] });`,
    'Vite 8': `import { build } from 'vite'; import cloudpack from '${ours('vite')}'; await build({ configFile: false, logLevel: 'warn', plugins: [bad, cloudpack({ cache: false })] });`,
    'Vite 7': `import { build } from 'vite-7'; import cloudpack from '${ours('vite')}'; await build({ configFile: false, logLevel: 'warn', plugins: [bad, cloudpack({ cache: false })] });`,
  };

  test.each(Object.keys(BODIES))('and that nobody can end ends %s with an error that names it', async (name) => {
    const app = project({
      ...FILES,
      // Whoever holds the process open, as native code does, is not waited for: the promise itself is gone.
      'run.mjs': `setInterval(gc, 50).unref();
const bad = { name: 'bad', transform: (code, id) => (id.endsWith('/b.js') ? new Promise(() => {}) : null), closeBundle(error) { if (error) console.log('closeBundle: ' + error.message); } };
try { ${BODIES[name].replace(/import (\{ \w+ \}|\w+) from ('[^']+');/g, (_, what, from) => (what.startsWith('{') ? `const ${what} = await import(${from});` : `const { default: ${what} } = await import(${from});`))} } catch (error) { console.log('failed: ' + error.message); }`,
    });
    linkPackages(app);
    const { stdout, stderr } = await run(process.execPath, ['--expose-gc', app.at('run.mjs')], { cwd: app.dir });
    expect(stdout + stderr).toMatch(/hook "transform" of plugin "bad" for ".*b\.js"/);
    expect(stdout).toMatch(/^failed: /m);
    expect(stdout).toMatch(/^closeBundle: /m);
  });
});
