import { describe, expect, test } from 'vitest';
import { failureOf, project } from '../support/project.js';

describe('errors', () => {
  test('all faults of the code come at once, with place, frame and hint', async () => {
    const app = project({
      'main.js': "import { missing } from './a.js';\nimport './Buton.js';\nimport './broken.js';\nconsole.log(missing);\n",
      'a.js': 'export const mising = 1;', 'Button.js': '', 'broken.js': 'let = ;\n',
    });
    const error = await failureOf(app.build());
    const byCode = Object.fromEntries(error.errors.map((one) => [one.code, one]));
    expect(Object.keys(byCode)).toEqual(expect.arrayContaining(['UNRESOLVED_IMPORT', 'PARSE_ERROR']));
    expect(byCode.UNRESOLVED_IMPORT).toMatchObject({ severity: 'error', id: app.at('main.js'), loc: { file: app.at('main.js'), line: 2 }, hint: expect.stringContaining('Button.js') });
    expect(byCode.UNRESOLVED_IMPORT.frame).toContain("import './Buton.js'");
    expect(byCode.PARSE_ERROR.loc).toMatchObject({ file: app.at('broken.js'), line: 1 });
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toBe(error.errors[0].code);
    for (const one of error.errors) expect(error.message).toContain(one.message);
  });

  test('what a hook throws names plugin, hook, module and place', async () => {
    const app = project({ 'main.js': "import './b.js';\nimport './c.js';\n", 'b.js': 'first();\nsecond();\n', 'c.js': '' });
    const thrown = Object.assign(new Error('boom'), { code: 'OWN_CODE', extra: 1 });
    const error = await failureOf(app.build({
      plugins: [{ name: 'bad', transform(code, id) {
        if (id.endsWith('b.js')) this.error({ message: 'not like this', code: 'NO' }, code.indexOf('second'));
        if (id.endsWith('c.js')) throw thrown;
      } }],
    }));
    expect(error.errors).toHaveLength(2);
    expect(error.errors[0]).toMatchObject({
      code: 'PLUGIN_ERROR', pluginCode: 'NO', plugin: 'bad', hook: 'transform', message: 'not like this', id: app.at('b.js'), loc: { file: app.at('b.js'), line: 2, column: 0 },
    });
    expect(error.errors[0].frame).toContain('second();');
    expect(error.errors[1]).toMatchObject({ pluginCode: 'OWN_CODE', id: app.at('c.js'), stack: expect.stringContaining('errors.test.js') });
    expect(error.message).toContain('(plugin bad, transform)');
  });

  test('hooks that throw what is no error are understood', async () => {
    for (const [thrown, message] of [['text', 'text'], [{ message: 'object' }, 'object'], [null, 'null'], [undefined, 'undefined']]) {
      const error = await failureOf(project({ 'main.js': '' }).build({ plugins: [{ name: 'p', buildStart() { throw thrown; } }] }));
      expect(error.errors[0]).toMatchObject({ message, plugin: 'p', hook: 'buildStart' });
    }
  });

  test('an id that a plugin made up and nobody loads is named', async () => {
    const words = { name: 'words', resolveId: (source) => (source === 'virtual:words' ? source : null) };
    const error = await failureOf(project({ 'main.js': "import 'virtual:words';" }).build({ plugins: [words] }));
    expect(error.errors[0]).toMatchObject({ code: 'LOAD_FAILED', message: 'Could not load virtual:words: the file does not exist', loc: { line: 1 } });
  });

  test('buildEnd and closeBundle learn of the error, and nothing is rendered or written', async () => {
    const app = project({ 'main.js': "import './nowhere.js';" });
    app.write('dist/main.js', 'good');
    const log = [];
    const note = (hook) => (error) => { log.push([hook, error?.code]); };
    await failureOf(app.build({ write: true, plugins: [{ name: 'l', buildEnd: note('buildEnd'), renderStart: note('renderStart'), writeBundle: note('writeBundle'), closeBundle: note('closeBundle') }] }));
    expect(log).toEqual([['buildEnd', 'UNRESOLVED_IMPORT'], ['closeBundle', 'UNRESOLVED_IMPORT']]);
    expect(app.read('dist/main.js')).toBe('good');
  });

  test('an output that fails keeps the ones before it from being written', async () => {
    const app = project({ 'main.js': 'export default 1;' });
    const log = [];
    const error = await failureOf(app.build({
      write: true, output: [{ dir: 'a' }, { dir: 'b', plugins: [{ name: 'bad', renderChunk() { throw new Error('no'); }, renderError(error) { log.push(error.message); } }] }],
    }));
    expect(error.errors[0]).toMatchObject({ plugin: 'bad', hook: 'renderChunk' });
    expect(log).toEqual(['no']);
    expect(app.list()).toEqual(['main.js']);
  });

  test('a plugin that is none, and a hook that is none, are named', async () => {
    const app = project({ 'main.js': '' });
    expect((await failureOf(app.build({ plugins: [function vue() {}] }))).errors[0]).toMatchObject({ code: 'INVALID_PLUGIN', hint: 'Call it: vue()' });
    expect((await failureOf(app.build({ plugins: [{ name: 'x', load: 'text' }] }))).errors[0]).toMatchObject({ code: 'INVALID_PLUGIN_HOOK', plugin: 'x', hook: 'load' });
    expect((await failureOf(app.build({ plugins: [{ name: 'x', load: { order: 'first', handler() {} } }] }))).message).toContain('"first"');
  });
});

describe('logs', () => {
  const files = { 'main.js': 'first();\nsecond();' };

  test('a warning of a plugin has its name, its code, its place, and is in the result', async () => {
    const app = project(files);
    const { warnings } = await app.build({ plugins: [{ name: 'w', transform(code) { this.warn({ message: 'careful', code: 'MINE' }, { line: 2, column: 3 }); this.warn(() => 'lazy'); } }] });
    expect(warnings).toMatchObject([
      { code: 'PLUGIN_WARNING', pluginCode: 'MINE', message: 'careful', plugin: 'w', hook: 'transform', id: app.at('main.js'), loc: { line: 2, column: 3 } },
      { code: 'PLUGIN_WARNING', message: 'lazy' },
    ]);
    expect(warnings[0].frame).toContain('second();');
  });

  test('onLog of plugins and of the options see logs of their level; false ends it', async () => {
    const seen = [];
    await project(files).build({
      logLevel: 'debug',
      onLog: (level, log) => { seen.push([level, log.message]); },
      plugins: [
        { name: 'filter', onLog(level, log) { return log.message !== 'secret'; } },
        { name: 'talk', buildStart() { this.debug('d'); this.info('i'); this.warn('w'); this.warn('secret'); } },
      ],
    });
    expect(seen).toEqual([['debug', 'd'], ['info', 'i'], ['warn', 'w']]);
  });

  test('logLevel keeps quiet what is below it, and onLog can turn a warning into an error', async () => {
    const seen = [];
    const talk = { name: 'talk', buildStart() { this.debug('d'); this.info('i'); this.warn('w'); } };
    await project(files).build({ logLevel: 'warn', onLog: (level) => { seen.push(level); }, plugins: [talk] });
    expect(seen).toEqual(['warn']);
    const error = await failureOf(project(files).build({ onLog: (level, log, handler) => handler(level === 'warn' ? 'error' : level, log), plugins: [talk] }));
    expect(error.errors[0]).toMatchObject({ message: 'w', plugin: 'talk' });
  });

  test('a file of a language that no plugin knows is named, also when a hook looks at every file', async () => {
    const app = project({ 'main.js': "import './App.vue'; import './known.odd';", 'App.vue': '<template><p>hello</p></template>', 'known.odd': 'globalThis.odd = 1;' });
    const looks = { name: 'looks', transform(code, id) { return id.endsWith('.odd') ? { code } : null; } };
    const { errors } = await failureOf(app.build({ plugins: [looks] }));
    expect(errors.map(({ code, id, message }) => [code, id, message])).toEqual([['UNKNOWN_MODULE_TYPE', app.at('App.vue'), expect.stringContaining('".vue"')]]);
  });

  test('a plugin is named for what it threw, also when the error names somebody inside of it', async () => {
    const inner = { name: 'outer', transform() { throw Object.assign(new Error('from inside'), { plugin: 'inner' }); } };
    expect((await failureOf(project(files).build({ plugins: [inner] }))).errors[0]).toMatchObject({ message: 'from inside', plugin: 'outer', hook: 'transform' });
  });
});
