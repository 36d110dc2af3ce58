import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { build, watch } from 'cloudpack';
import { joinEvents } from '../../js/session/builds.js';
import { project } from '../support/project.js';

const files = {
  'main.js': "import { b } from './b.js';\nexport const value = ['main', b];",
  'b.js': "export const b = 'b';",
  'package.json': '{ "type": "module" }',
};

/** A watcher whose runs can be waited for: each is a list of event codes, results and errors, from START to END. */
function watching(app, options = {}) {
  const watcher = watch({ cwd: app.dir, input: './main.js', onLog() {}, ...options });
  onTestFinished(() => watcher.close());
  const runs = [];
  const waiting = [];
  let run;
  watcher.on('event', (event) => {
    if (event.code === 'START') run = { codes: [], results: [], errors: [] };
    run.codes.push(event.code);
    if (event.code === 'BUNDLE_END') run.results.push(event.result);
    if (event.code === 'ERROR') run.errors.push(event.error);
    if (event.code !== 'END') return;
    const waiter = waiting.shift();
    if (waiter) waiter(run);
    else runs.push(run);
  });
  return { watcher, runs, next: () => (runs.length > 0 ? Promise.resolve(runs.shift()) : new Promise((resolve) => waiting.push(resolve))) };
}

/** The next run that ends well: a save may come in two pieces. */
async function nextGood(next) {
  for (;;) {
    const run = await next();
    if (run.errors.length === 0) return run;
  }
}

const valueOf = async (app, name = 'dist/main.js') => (await app.run(name)).value;

describe('watch()', () => {
  test('an edit that is taken back is built again', async () => {
    const app = project({ ...files, 'main.js': "import { b } from './b.js';\nexport const value = b();", 'b.js': "export const b = () => 'b';" });
    const { next } = watching(app);
    await next();
    for (const text of ['c', 'b', 'd', 'c', 'b']) {
      app.write('b.js', `export const b = () => '${text}';`);
      const { results: [{ stats }] } = await next();
      expect([stats.analyzed, stats.chunksLinked]).toEqual([false, 1]);
      expect(app.read('dist/main.js')).toContain(`"${text}"`);
    }
  });

  test('builds, and builds again after an edit, with the events of Rollup', async () => {
    const app = project(files);
    const { next } = watching(app);
    const first = await next();
    expect(first.codes).toEqual(['START', 'BUNDLE_START', 'BUNDLE_END', 'END']);
    expect(await valueOf(app)).toEqual(['main', 'b']);
    app.write('b.js', "export const b = 'edited';");
    const second = await next();
    expect(second.codes).toEqual(first.codes);
    expect(second.results[0].stats.summarized).toBe(1);
    expect(await valueOf(app)).toEqual(['main', 'edited']);
    // The graph behind it is given back after each build, the files are not.
    expect(second.results[0].output[0].code).toBe(app.read('dist/main.js'));
    expect(first.results[0].output[0].code).toContain("'b'".replaceAll("'", '"'));
  });

  test('after an edit that asks for nothing new, what the first build asked for is still watched', async () => {
    const app = project({ ...files, 'main.js': files['main.js'].replace('./b.js', './b') });
    const { next } = watching(app, { cache: true });
    await next();
    app.write('b.js', "export const b = 'edited';");
    await nextGood(next);
    // Looked for before b.js was found.
    app.write('b.ts', "export const b = 'another';");
    await nextGood(next);
    expect(await valueOf(app)).toEqual(['main', 'another']);
  });

  test('what is written after many edits is what a clean build writes', async () => {
    const app = project({ ...files, 'main.js': "import './b.js'; import('./lazy.js'); export * from './b.js';", 'lazy.js': 'export default 1;' });
    const { next } = watching(app);
    await next();
    const edits = [
      () => app.write('b.js', "// only a comment\nexport const b = 'b';"),
      () => app.write('lazy.js', "import { b } from './b.js'; export default b + 2;"),
      () => app.write('b.js', "export const b = 'c'; export const more = 1;"),
      () => app.write('new.js', 'export default 7;'),
      () => app.write('main.js', "import n from './new.js'; import('./lazy.js'); export { b } from './b.js'; export { n };"),
      () => app.write('lazy.js', 'export default 3;'),
    ];
    for (const edit of edits) {
      edit();
      // A file that nobody imports starts no build.
      if (edit !== edits[3]) await next();
      await build({ cwd: app.dir, input: './main.js', output: { dir: 'clean', cleanDir: true }, onLog() {} });
      expect(app.list('dist')).toEqual(app.list('clean'));
      for (const name of app.list('clean')) expect(app.read(`dist/${name}`)).toBe(app.read(`clean/${name}`));
      rmSync(app.at('clean'), { recursive: true });
    }
  });

  test('a broken build says why, and mending it builds again', async () => {
    const app = project(files);
    const { next } = watching(app);
    await next();
    app.write('b.js', 'export const b = ;');
    const broken = await next();
    expect(broken.codes).toEqual(['START', 'BUNDLE_START', 'ERROR', 'END']);
    expect(broken.errors[0].errors).toMatchObject([{ code: 'PARSE_ERROR' }]);
    expect(await valueOf(app)).toEqual(['main', 'b']);
    app.write('b.js', "export const b = 'mended';");
    await nextGood(next);
    expect(await valueOf(app)).toEqual(['main', 'mended']);
  });

  test('a missing import that appears later starts a build, also in a folder that was not there', async () => {
    const app = project({ ...files, 'main.js': "export { value } from './later/value.js';" });
    const { next } = watching(app);
    expect((await next()).errors[0].errors).toMatchObject([{ code: 'UNRESOLVED_IMPORT' }]);
    app.write('later/value.js', 'export const value = 5;');
    await nextGood(next);
    expect(await valueOf(app)).toBe(5);
  });

  test('a file that shadows another, and a deleted one, are noticed', async () => {
    const app = project({ ...files, 'main.js': "export { value } from './lib/thing';", 'lib/thing/index.js': "export const value = 'folder';" });
    const { next } = watching(app);
    await next();
    expect(await valueOf(app)).toBe('folder');
    app.write('lib/thing.js', "export const value = 'file';");
    await nextGood(next);
    expect(await valueOf(app)).toBe('file');
    rmSync(app.at('lib/thing.js'));
    await nextGood(next);
    expect(await valueOf(app)).toBe('folder');
  });

  test('an edit while a build runs is not lost', async () => {
    const app = project(files);
    let edit = () => {};
    const plugin = { name: 'edits', transform: { filter: { id: /b\.js$/ }, handler: () => void edit() } };
    const { next } = watching(app, { plugins: [plugin] });
    await next();
    edit = () => {
      edit = () => {};
      // main.js was read before.
      app.write('main.js', 'export const value = 2;');
    };
    app.write('b.js', "export const b = 'x';");
    await next();
    await next();
    expect(await valueOf(app)).toBe(2);
  });

  test('files that nobody asked for, and those that the build writes, start nothing', async () => {
    const app = project(files);
    const { next, runs } = watching(app);
    await next();
    app.write('README.md', 'hello');
    app.write('unrelated/x.js', '1');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(runs).toEqual([]);
    app.write('b.js', "export const b = 'y';");
    await next();
  });

  test('an editor that writes beside and renames is one change; so is a burst', async () => {
    const app = project(files);
    const { next, runs } = watching(app);
    await next();
    writeFileSync(app.at('.b.js.tmp'), "export const b = 'renamed';");
    renameSync(app.at('.b.js.tmp'), app.at('b.js'));
    await next();
    expect(await valueOf(app)).toEqual(['main', 'renamed']);
    // Both are open at once: a file that was closed is waited for less, and this process may have to wait between two writes.
    const burst = [['main.js', files['main.js'].replace("'main'", "'burst'")], ['b.js', "export const b = 'too';"]];
    const open = burst.map(([name, text]) => ({ file: openSync(app.at(name), 'w'), text }));
    for (const { file, text } of open) writeSync(file, text);
    for (const { file } of open) closeSync(file);
    await next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(runs).toEqual([]);
    expect(await valueOf(app)).toEqual(['burst', 'too']);
  });

  test('an edit that keeps size and time is seen', async () => {
    const app = project(files);
    const { next } = watching(app);
    await next();
    const { atime, mtime } = statSync(app.at('b.js'));
    app.write('b.js', "export const b = 'B';");
    utimesSync(app.at('b.js'), atime, mtime);
    await next();
    expect(await valueOf(app)).toEqual(['main', 'B']);
  });

  test('plugins learn of changes, of watch mode and of the end; files that they name are watched', async () => {
    const app = project({ ...files, 'words.txt': 'one' });
    // Of a file that only plugins read, no one knows whether they read it before or after a write of the same moment.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const told = [];
    const plugin = {
      name: 'words',
      buildStart() {
        told.push(['watchMode', this.meta.watchMode]);
      },
      transform: { filter: { id: /b\.js$/ }, handler() {
        this.addWatchFile('words.txt');
        return `export const b = ${JSON.stringify(readFileSync(app.at('words.txt'), 'utf8'))};`;
      } },
      watchChange: (id, { event }) => void told.push([path.basename(id), event]),
      closeWatcher: () => void told.push(['closed']),
    };
    const { watcher, next } = watching(app, { plugins: [plugin] });
    await next();
    expect(await valueOf(app)).toEqual(['main', 'one']);
    app.write('words.txt', 'two');
    await next();
    expect(await valueOf(app)).toEqual(['main', 'two']);
    await watcher.close();
    expect(told).toEqual([['watchMode', true], ['words.txt', 'update'], ['watchMode', true], ['closed']]);
  });

  test('of several configurations only those that a change concerns are built', async () => {
    const app = project({ ...files, 'other.js': 'export const value = 1;' });
    const outputs = ['one', 'two'].map((dir) => ({ dir }));
    const watcher = watch([
      { cwd: app.dir, input: './main.js', output: outputs[0], onLog() {} },
      { cwd: app.dir, input: './other.js', output: outputs[1], onLog() {} },
      { cwd: app.dir, input: './missing.js', watch: false },
    ]);
    onTestFinished(() => watcher.close());
    const built = [];
    const run = () => new Promise((resolve) => {
      built.length = 0;
      const listener = (event) => {
        if (event.code === 'BUNDLE_START') built.push(event.input);
        if (event.code === 'END') resolve(watcher.off('event', listener));
      };
      watcher.on('event', listener);
    });
    await run();
    expect(built).toEqual(['./main.js', './other.js']);
    const second = run();
    app.write('other.js', 'export const value = 2;');
    await second;
    expect(built).toEqual(['./other.js']);
    expect(await valueOf(app, 'two/other.js')).toBe(2);
  });

  test('include, exclude, skipWrite and onInvalidate', async () => {
    const app = project(files);
    const invalidated = [];
    const { next, runs } = watching(app, { watch: { exclude: 'b.js', skipWrite: true, onInvalidate: (id) => invalidated.push(path.basename(id)) } });
    await next();
    expect(existsSync(app.at('dist'))).toBe(false);
    app.write('b.js', "export const b = 'ignored';");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(runs).toEqual([]);
    app.write('main.js', 'export const value = 3;');
    await next();
    expect(invalidated).toEqual(['main.js']);
  });

  test('after close nothing is built any more', async () => {
    const app = project(files);
    const { watcher, next, runs } = watching(app);
    let closed = 0;
    watcher.on('close', () => void closed++);
    await next();
    await watcher.close();
    await watcher.close();
    app.write('b.js', "export const b = 'late';");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(runs).toEqual([]);
    expect(closed).toBe(1);
  });

  test('with options that make no sense there is nothing to watch', async () => {
    const app = project(files);
    const { watcher, next } = watching(app, { platfrom: 'node' });
    const closed = new Promise((resolve) => watcher.on('close', resolve));
    expect((await next()).errors[0].errors).toMatchObject([{ code: 'UNKNOWN_OPTION' }]);
    await closed;
  });

  test('a folder that is renamed and comes back', async () => {
    const app = project({ ...files, 'main.js': "export { b as value } from './deep/b.js';", 'deep/b.js': files['b.js'] });
    const { next } = watching(app);
    await next();
    renameSync(app.at('deep'), app.at('away'));
    expect((await next()).errors).toHaveLength(1);
    mkdirSync(app.at('deep'));
    app.write('deep/b.js', "export const b = 'back';");
    await nextGood(next);
    expect(await valueOf(app)).toBe('back');
    app.write('deep/b.js', "export const b = 'again';");
    await nextGood(next);
    expect(await valueOf(app)).toBe('again');
  });
});

test('two events of one file make one', () => {
  expect(joinEvents(undefined, 'delete')).toBe('delete');
  expect(joinEvents('create', 'update')).toBe('create');
  expect(joinEvents('create', 'delete')).toBe(null);
  expect(joinEvents('delete', 'create')).toBe('update');
  expect(joinEvents('update', 'delete')).toBe('delete');
});
