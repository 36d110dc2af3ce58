import { describe, expect, test } from 'vitest';
import { failureOf, project, runChunk } from '../support/project.js';

const main = { 'main.js': 'export default 1;' };
const named = (result, name) => result.output.find((file) => file.fileName === name);

describe('emitFile', () => {
  test('an asset gets a name from its content; equal content is one file', async () => {
    const names = [];
    const result = await project(main).build({
      output: { assetFileNames: 'static/[name].[hash:6][extname]' },
      plugins: [{
        name: 'e',
        buildStart() {
          this.emitFile({ type: 'asset', name: 'a b?.txt', source: 'same' });
          this.emitFile({ type: 'asset', name: 'other.txt', source: new Uint8Array(Buffer.from('same')) });
          this.emitFile({ type: 'asset', fileName: 'fixed/name.bin', source: new Uint8Array([0, 255, 128]) });
        },
        renderChunk() { names.push(this.getFileName(this.emitFile({ type: 'asset', name: 'late.txt', source: 'late' }))); },
      }],
    });
    const assets = result.output.filter((file) => file.type === 'asset');
    expect(assets.map((file) => file.fileName)).toEqual(expect.arrayContaining([expect.stringMatching(/^static\/a b_\.[\w-]{6}\.txt$/), 'fixed/name.bin', ...names]));
    expect(assets).toHaveLength(3);
    expect([...named(result, 'fixed/name.bin').source]).toEqual([0, 255, 128]);
    expect(assets.find((file) => file.source === 'same')).toMatchObject({ name: 'a b?.txt', names: ['a b?.txt', 'other.txt'], originalFileName: null });
  });

  test('two assets of one name and no hash do not meet', async () => {
    const result = await project(main).build({
      output: { assetFileNames: '[name][extname]' },
      plugins: [{ name: 'e', buildStart() { for (const source of ['1', '2']) this.emitFile({ type: 'asset', name: 'x.txt', source }); } }],
    });
    expect(result.output.filter((file) => file.type === 'asset').map((file) => [file.fileName, file.source])).toEqual([['x.txt', '1'], ['x2.txt', '2']]);
  });

  test('a source may come later, once; an asset that never gets one is an error', async () => {
    const app = project(main);
    let reference;
    const result = await app.build({
      plugins: [{ name: 'e', buildStart() { reference = this.emitFile({ type: 'asset', fileName: 'x.txt' }); }, renderStart() { this.setAssetSource(reference, 'later'); } }],
    });
    expect(named(result, 'x.txt').source).toBe('later');
    const twice = await failureOf(app.build({ plugins: [{ name: 'e', buildStart() { this.setAssetSource(this.emitFile({ type: 'asset', name: 'y', source: 'a' }), 'b'); } }] }));
    expect(twice.errors[0]).toMatchObject({ plugin: 'e', hook: 'buildStart', pluginCode: 'ASSET_SOURCE_ALREADY_SET' });
    const last = await app.build({
      plugins: [{ name: 'e', buildStart() { reference = this.emitFile({ type: 'asset', name: 'last.txt' }); }, generateBundle() { this.setAssetSource(reference, 'last'); } }],
    });
    expect(last.output.find((file) => file.type === 'asset').source).toBe('last');
    const never = await failureOf(app.build({ plugins: [{ name: 'e', buildStart() { this.emitFile({ type: 'asset', name: 'z' }); } }] }));
    expect(never.errors[0]).toMatchObject({ code: 'ASSET_SOURCE_MISSING', plugin: 'e' });
  });

  test('a build without input has the chunks that plugins emit; without those it is an error', async () => {
    const app = project(main);
    const { output } = await app.build({ input: undefined, plugins: [{ name: 'e', buildStart() { this.emitFile({ type: 'chunk', id: app.at('main.js'), fileName: 'made.js' }); } }] });
    expect(output.map((file) => file.fileName)).toEqual(['made.js']);
    const error = await failureOf(app.build({ input: undefined, plugins: [{ name: 'e', buildStart() {} }] }));
    expect(error.errors[0]).toMatchObject({ code: 'MISSING_INPUT' });
  });

  test('names that begin with dots are names; what leads out of the directory is an error', async () => {
    const bundleWith = (fileName) => project(main).build({ plugins: [{ name: 'e', generateBundle(_, bundle) { bundle[fileName] = { type: 'asset', fileName, source: '' }; } }] });
    expect(named(await bundleWith('..name.txt'), '..name.txt')).toBeDefined();
    for (const fileName of ['../name.txt', '..', 'a/../../b.txt', '/etc/name.txt']) {
      expect((await failureOf(bundleWith(fileName))).errors[0]).toMatchObject({ plugin: 'e', pluginCode: 'FILE_NAME_OUTSIDE_OUTPUT_DIRECTORY' });
    }
    const drive = await failureOf(project(main).build({ plugins: [{ name: 'e', buildStart() { this.emitFile({ type: 'asset', name: 'F:\\test.txt', source: '' }); } }] }));
    expect(drive.errors[0]).toMatchObject({ pluginCode: 'VALIDATION_ERROR' });
  });

  test('a file URL in code leads from the chunk to the file, in every format', async () => {
    const app = project({ 'main.js': 'export default import.meta.ROLLUP_FILE_URL_REF;' });
    const plugin = { name: 'e', transform(code) { return code.replace('REF', this.emitFile({ type: 'asset', name: 'a b.txt', source: 'x' })); } };
    const es = await app.build({ output: { entryFileNames: 'js/deep/[name].js', assetFileNames: 'assets/[name][extname]' }, plugins: [plugin] });
    expect(es.output[0].code).toContain('new URL("../../assets/a%20b.txt", import.meta.url).href');
    await app.build({ output: { format: 'cjs', dir: 'cjs', entryFileNames: '[name].cjs', assetFileNames: '[name][extname]' }, platform: 'node', write: true, plugins: [plugin] });
    expect(app.require('cjs/main.cjs')).toMatch(/^file:.*\/cjs\/a%20b\.txt$/);
  });

  test('needsCodeReference drops a file that no code mentions', async () => {
    const { output } = await project(main).build({ plugins: [{ name: 'e', buildStart() { this.emitFile({ type: 'asset', fileName: 'x.txt', source: '', needsCodeReference: true }); } }] });
    expect(output).toHaveLength(1);
  });

  test('an emitted chunk is an entry point with a name', async () => {
    const app = project({ ...main, 'worker.js': "import './shared.js'; globalThis.worker = 1;", 'shared.js': 'globalThis.shared = 1;' });
    let reference;
    const seen = {};
    const result = await app.build({
      output: { entryFileNames: '[name]-[hash].js' },
      plugins: [{
        name: 'e',
        buildStart() { reference = this.emitFile({ type: 'chunk', id: './worker.js', name: 'the-worker' }); },
        buildEnd() { try { this.getFileName(reference); } catch (error) { seen.early = error.code; } },
        generateBundle() { seen.name = this.getFileName(reference); },
      }],
    });
    expect(seen.early).toBe('CHUNK_NOT_GENERATED');
    expect(seen.name).toMatch(/^the-worker-.+\.js$/);
    expect(named(result, seen.name)).toMatchObject({ isEntry: true, facadeModuleId: app.at('worker.js') });
  });

  test('a chunk is emitted by a transform, resolved by a plugin, and mentioned by its URL', async () => {
    const app = project({ 'main.js': 'export default import.meta.ROLLUP_FILE_URL_REF;' });
    const result = await app.build({
      plugins: [{
        name: 'e',
        resolveId: (id) => (id === 'virtual:w' ? '\0w' : null),
        load: (id) => (id === '\0w' ? 'globalThis.w = 1;' : null),
        transform(code, id) { return id.endsWith('main.js') ? code.replace('REF', this.emitFile({ type: 'chunk', id: 'virtual:w', fileName: 'w.js' })) : null; },
      }],
    });
    expect(named(result, 'w.js')).toMatchObject({ type: 'chunk', facadeModuleId: '\0w' });
    expect(named(result, 'main.js').code).toContain('new URL("w.js", import.meta.url).href');
  });

  test('chunks cannot be emitted when the graph is complete', async () => {
    const error = await failureOf(project(main).build({ plugins: [{ name: 'e', renderStart() { this.emitFile({ type: 'chunk', id: './main.js' }); } }] }));
    expect(error.errors[0]).toMatchObject({ plugin: 'e', hook: 'renderStart', pluginCode: 'INVALID_ROLLUP_PHASE' });
  });

  test('prebuilt chunks and files emitted in generateBundle are part of the result', async () => {
    const app = project(main);
    const result = await app.build({
      write: true,
      plugins: [{
        name: 'e',
        renderStart() { this.emitFile({ type: 'prebuilt-chunk', fileName: 'pre.js', code: 'export default "pre";', exports: ['default'] }); },
        generateBundle(_, bundle) { this.emitFile({ type: 'asset', fileName: 'list.json', source: JSON.stringify(Object.keys(bundle).sort()) }); },
      }],
    });
    expect(named(result, 'pre.js')).toMatchObject({ type: 'chunk', exports: ['default'] });
    expect(JSON.parse(app.read('dist/list.json'))).toEqual(['main.js', 'pre.js']);
    expect((await app.run('dist/pre.js')).default).toBe('pre');
  });

  test('files of one output do not show in another', async () => {
    const { outputs } = await project(main).build({
      output: [{ format: 'es' }, { format: 'cjs', dir: 'cjs' }],
      plugins: [{ name: 'e', buildStart() { this.emitFile({ type: 'asset', fileName: 'both.txt', source: '' }); }, renderStart({ format }) { this.emitFile({ type: 'asset', fileName: `${format}.txt`, source: '' }); } }],
    });
    expect(outputs.map((files) => files.filter((file) => file.type === 'asset').map((file) => file.fileName).sort())).toEqual([['both.txt', 'es.txt'], ['both.txt', 'cjs.txt']]);
  });

  test('names that would leave the output directory are refused', async () => {
    for (const file of [{ fileName: '../x' }, { fileName: '/x' }, { name: './x' }]) {
      const error = await failureOf(project(main).build({ plugins: [{ name: 'e', buildStart() { this.emitFile({ type: 'asset', source: '', ...file }); } }] }));
      expect(error.errors[0]).toMatchObject({ pluginCode: 'VALIDATION_ERROR', plugin: 'e' });
    }
  });
});
