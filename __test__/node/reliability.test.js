// Faults that a store has to survive, from outside: after each of them a build with the cache gives what one without gives.
// Which fault is shown where is the table in ../support/fault-table.js; docs/reliability.md is made of it.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createSession, watch } from 'cloudpack';
import { project } from '../support/project.js';
import { reportOf, rows } from '../support/fault-table.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const STORE = 'node_modules/.cache/cloudpack';

const files = {
  'main.js': "import { b } from './b';\nimport p from 'p';\nimport data from './data.json';\nconsole.log(b, p, data.x);",
  'b.js': "export const b = ['b'];",
  'data.json': '{ "x": 1 }',
  'package.json': '{ "type": "module" }',
  'node_modules/p/package.json': '{ "name": "p", "main": "main.js" }',
  'node_modules/p/main.js': 'module.exports = 1;',
};

/** What a build says and gives: files, or the codes of its errors. */
async function outcome(promise) {
  try {
    const { output, warnings } = await promise;
    const told = warnings.filter((one) => one.code !== 'CACHE').map((one) => one.code);
    return { files: output.map((file) => [file.fileName, file.code ?? String(file.source)]), told };
  } catch (error) {
    if (!Array.isArray(error.errors)) throw error;
    return { errors: error.errors.map((one) => `${one.code} ${one.message}`) };
  }
}

/** Builds with the cache and without; both are the same, and the output folder holds what the build gave. */
async function agree(app, options = {}) {
  const warm = await outcome(app.build({ cache: true, write: true, ...options }));
  const cold = await outcome(app.build({ ...options, cache: false }));
  expect(warm).toEqual(cold);
  if (warm.files && !options.output) expect(app.list('dist').map((name) => [name, app.read(`dist/${name}`)])).toEqual(warm.files.toSorted());
  return warm;
}

/** Runs a program beside this one. */
function run(code, { cwd = root, env = {}, command = process.execPath, args = ['--input-type=module', '-e', code] } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
    const result = { stdout: '', stderr: '' };
    child.stdout.on('data', (data) => { result.stdout += data; });
    child.stderr.on('data', (data) => { result.stderr += data; });
    child.on('close', (status, signal) => resolve({ ...result, status, signal }));
  });
}

/** A program that builds the project of a directory. */
const builder = (app, options, times = 1) => `
  import { build } from ${JSON.stringify(new URL('../../js/index.js', import.meta.url).href)};
  for (let round = 0; round < ${times}; round++) {
    const { output, warnings } = await build({ cwd: ${JSON.stringify(app.dir)}, input: './main.js', onLog() {}, cache: true, ...${JSON.stringify(options)} });
    if (round === ${times} - 1) console.log(JSON.stringify({ code: output[0].code, warnings: warnings.map((one) => one.message) }));
  }`;

describe('edits that hide', () => {
  test('same size, same time of modification', async () => {
    const app = project(files);
    await agree(app);
    const { atime, mtime } = statSync(app.at('b.js'));
    app.write('b.js', files['b.js'].replace("'b'", "'c'"));
    utimesSync(app.at('b.js'), atime, mtime);
    expect((await agree(app)).files[0][1]).toContain('c');
  });

  test('right after a build, a hundred times', async () => {
    const app = project(files);
    for (let round = 0; round < 100; round++) {
      const { output } = await app.build({ cache: true, write: true });
      expect(output[0].code).toContain(`'b${round === 0 ? '' : round}'`.replaceAll("'", '"'));
      app.write('b.js', `export const b = ['b${round + 1}'];`);
    }
    await agree(app);
  });

  test('while the build runs', async () => {
    const app = project({ ...files, ...Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`m${at}.js`, `console.log(${at});`])) });
    app.write('main.js', `${files['main.js']}\n${Array.from({ length: 300 }, (_, at) => `import './m${at}.js';`).join('\n')}`);
    for (let round = 0; round < 10; round++) {
      const building = app.build({ cache: true, write: true });
      for (const at of [0, 150, 299]) app.write(`m${at}.js`, `console.log(${at}, ${round});`);
      await building;
      await agree(app);
    }
  });

  test('times in the future, in 1970 and going backwards', async () => {
    const app = project(files);
    await agree(app);
    for (const seconds of [4e9, 0, 1e9, 4e9 - 1]) {
      utimesSync(app.at('b.js'), seconds, seconds);
      await agree(app);
      expect((await app.build({ cache: true, write: true })).stats.lastBuild).toBe('unchanged');
      app.write('b.js', `export const b = ['${seconds}'];`);
      utimesSync(app.at('b.js'), seconds, seconds);
      expect((await agree(app)).files[0][1]).toContain(String(seconds));
    }
  });
});

describe('projects that change their shape', () => {
  test('a branch is checked out and left again', async () => {
    const branches = [files, { ...files, 'b.js': "export { default as b } from './c.ts';", 'c.ts': 'export default [1] as number[];' }, { ...files, 'main.js': "import './data.json';" }];
    const app = project(files);
    const results = [];
    for (const at of [0, 1, 0, 2, 1, 0]) {
      for (const name of ['b.js', 'c.ts', 'main.js']) if (branches[at][name] === undefined) rmSync(app.at(name), { force: true });
      for (const [name, text] of Object.entries(branches[at])) app.write(name, text);
      results.push([at, JSON.stringify(await agree(app))]);
    }
    for (const [at, result] of results) expect(result).toBe(results.find(([other]) => other === at)[1]);
  });

  test('a file is deleted and comes back', async () => {
    const app = project(files);
    const before = await agree(app);
    rmSync(app.at('b.js'));
    expect((await agree(app)).errors).toHaveLength(1);
    expect(app.read('dist/main.js')).toBe(before.files[0][1]);
    app.write('b.js', files['b.js']);
    expect(await agree(app)).toEqual(before);
    expect((await app.build({ cache: true })).stats.summarized).toBe(0);
  });

  test('a directory is renamed, and a name changes its case', async () => {
    const app = project({ ...files, 'main.js': "import './old/x.js';", 'old/x.js': 'console.log(1);' });
    await agree(app);
    renameSync(app.at('old'), app.at('new'));
    expect((await agree(app)).errors).toHaveLength(1);
    app.write('main.js', "import './new/x.js';");
    expect((await agree(app)).files).toHaveLength(1);
    renameSync(app.at('new/x.js'), app.at('new/X.js'));
    await agree(app);
    renameSync(app.at('new/X.js'), app.at('new/x.js'));
    expect((await agree(app)).files).toHaveLength(1);
  });

  test('a file becomes a directory with an index, and back', async () => {
    const app = project(files);
    await agree(app);
    for (let round = 0; round < 2; round++) {
      rmSync(app.at('b.js'));
      app.write('b/index.js', "export const b = ['index'];");
      expect((await agree(app)).files[0][1]).toContain('index');
      rmSync(app.at('b'), { recursive: true });
      app.write('b.js', files['b.js']);
      expect((await agree(app)).files[0][1]).not.toContain('index');
    }
  });

  test('new files that shadow', async () => {
    const app = project({ 'src/main.js': "import { b } from './b';\nimport p from 'p';\nimport { t } from '@/t';\nconsole.log(b, p, t);", 'src/b.js': "export const b = ['b'];", 'near/t.js': "export const t = ['near'];", 'far/t.js': "export const t = ['far'];",
      'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./far/*"] } } }', 'package.json': files['package.json'], 'node_modules/p/index.js': "module.exports = ['far p'];" });
    const sees = async (text) => expect((await agree(app, { input: './src/main.js' })).files[0][1]).toContain(text);
    await sees('far p');
    app.write('src/b.tsx', "export const b = ['tsx'];");
    await sees('tsx');
    app.write('src/node_modules/p/index.js', "module.exports = ['near p'];");
    await sees('near p');
    app.write('src/node_modules/p/package.json', '{ "main": "other.js" }');
    app.write('src/node_modules/p/other.js', "module.exports = ['other p'];");
    await sees('other p');
    app.write('src/tsconfig.json', '{ "compilerOptions": { "paths": { "@/*": ["../near/*"] } } }');
    await sees('near');
    rmSync(app.at('src/tsconfig.json'));
    rmSync(app.at('src/node_modules'), { recursive: true });
    rmSync(app.at('src/b.tsx'));
    await sees('far p');
  });

  test('links that are turned, lead nowhere, or to themselves', async () => {
    const app = project({ ...files, 'one.js': "export const b = ['one'];", 'two.js': "export const b = ['two'];", 'packages/p/package.json': '{ "name": "p", "main": "linked.js" }', 'packages/p/linked.js': "module.exports = ['linked'];" });
    const turn = (target) => {
      unlinkSync(app.at('b.js'));
      symlinkSync(target, app.at('b.js'));
    };
    await agree(app);
    turn('one.js');
    expect((await agree(app)).files[0][1]).toContain('one');
    turn('two.js');
    expect((await agree(app)).files[0][1]).toContain('two');
    turn('nowhere.js');
    expect((await agree(app)).errors).toHaveLength(1);
    turn('b.js');
    expect((await agree(app)).errors.length).toBeGreaterThan(0);
    turn('one.js');
    rmSync(app.at('node_modules/p'), { recursive: true });
    symlinkSync('../packages/p', app.at('node_modules/p'));
    expect((await agree(app)).files[0][1]).toContain('linked');
    app.write('packages/p/linked.js', "module.exports = ['edited'];");
    expect((await agree(app)).files[0][1]).toContain('edited');
  });

  test('fields of package.json, a package that is updated, and one that is patched', async () => {
    const app = project({ ...files, 'node_modules/p/other.js': "console.log('effect'); module.exports = 2;" });
    for (const manifest of ['{ "name": "p", "exports": "./other.js" }', '{ "name": "p", "main": "main.js", "sideEffects": false }', '{ "name": "p", "main": "main.js", "browser": { "./main.js": "./other.js" } }', '{ "name": "p", "version": "2.0.0", "main": "other.js" }']) {
      app.write('node_modules/p/package.json', manifest);
      await agree(app);
    }
    app.write('node_modules/p/other.js', 'module.exports = ["patched"];');
    expect((await agree(app)).files[0][1]).toContain('patched');
    for (const type of ['commonjs', 'module']) {
      app.write('package.json', `{ "type": "${type}" }`);
      await agree(app);
    }
  });

  test('options: defines, environment, mode, target, another plugin', async () => {
    const app = project({ ...files, 'b.js': 'export const b = [typeof FLAG, import.meta.env.MODE, import.meta.env.KEY, a?.b];' });
    const results = new Set();
    for (const options of [{}, { define: { FLAG: '1' } }, { env: { KEY: 'x' } }, { mode: 'staging' }, { transform: { target: 'es2015' } },
      ...['1', '2'].map((version) => ({ plugins: [{ name: 'p', version, transform: (code, id) => (id.endsWith('b.js') ? `${code}\nconsole.log(${version});` : null) }] })), {}]) {
      results.add(JSON.stringify(await agree(app, options)));
    }
    expect(results.size).toBe(7);
  });

  test('a plugin that throws, or gives another text the second time, is never kept', async () => {
    const app = project(files);
    let calls = 0;
    const plugins = [{ name: 'p', transform(code, id) {
      if (!id.endsWith('b.js')) return null;
      calls += 1;
      if (calls === 2) throw new Error('now and then');
      this.emitFile({ type: 'asset', fileName: 'seen.txt', source: String(calls) });
      return `export const b = [${calls}];`;
    } }];
    const built = () => outcome(app.build({ cache: true, write: true, plugins }));
    expect((await built()).files.map(([name]) => name)).toEqual(['main.js', 'seen.txt']);
    expect((await built()).errors[0]).toContain('now and then');
    const third = await built();
    expect(third.files[0][1]).toContain('[3]');
    expect(third.files[1]).toEqual(['seen.txt', '3']);
  });
});

describe('a store in trouble', () => {
  test('removed while a session and a watcher go on', async () => {
    const app = project(files);
    const session = await createSession({ cwd: app.dir, input: './main.js', onLog() {} });
    await session.build();
    rmSync(app.at(STORE), { recursive: true });
    app.write('b.js', "export const b = ['edited'];");
    await session.update();
    expect((await session.update()).stats.lastBuild).toBe('unchanged');
    await session.close();
    const watcher = watch({ cwd: app.dir, input: './main.js', onLog() {} });
    const next = () => new Promise((resolve) => watcher.on('event', function wait(event) {
      if (event.code !== 'BUNDLE_END' && event.code !== 'ERROR') return;
      watcher.off('event', wait);
      resolve(event.result);
    }));
    await next();
    rmSync(app.at(STORE), { recursive: true });
    app.write('b.js', "export const b = ['again'];");
    await next();
    await watcher.close();
    expect(existsSync(app.at(`${STORE}/root`))).toBe(true);
    await agree(app);
  });

  test('in a place that cannot be written, and not asked for at all with cache: false', async () => {
    const app = project(files);
    const cold = await outcome(app.build());
    const { warnings, output } = await app.build({ cache: { dir: '/proc/cloudpack' } });
    expect(warnings.map((one) => one.code)).toEqual(['CACHE']);
    expect(output[0].code).toBe(cold.files[0][1]);
    app.write(STORE, 'a file where the store would be');
    expect((await app.build({ cache: false })).warnings).toEqual([]);
    expect(app.read(STORE)).toBe('a file where the store would be');
  });

  test('every file of it empty, cut short, or another file of it', async () => {
    const app = project(files);
    const first = await agree(app);
    for (const damage of [
      (file) => writeFileSync(file, ''),
      (file) => writeFileSync(file, readFileSync(file).subarray(0, readFileSync(file).length / 2)),
      (file, all) => copyFileSync(all.find((one) => one !== file && !one.endsWith('lock')), file),
    ]) {
      for (const name of readdirSync(app.at(STORE))) {
        const all = readdirSync(app.at(STORE)).map((one) => app.at(`${STORE}/${one}`));
        const file = app.at(`${STORE}/${name}`);
        if (!existsSync(file)) continue;
        damage(file, all);
        expect(await agree(app)).toEqual(first);
        expect((await app.build({ cache: true, write: true })).stats.lastBuild).toBe('unchanged');
      }
    }
  });

  test('a root of an earlier generation beside newer segments', async () => {
    const app = project(files);
    await agree(app);
    const old = readFileSync(app.at(`${STORE}/root`));
    for (let round = 0; round < 3; round++) {
      app.write('b.js', `export const b = ['${round}'];`);
      await agree(app);
    }
    writeFileSync(app.at(`${STORE}/root`), old);
    await agree(app);
    expect((await app.build({ cache: true, write: true })).stats.lastBuild).toBe('unchanged');
  });

  test('four processes build at once: the same, and with other options, while the store is too small for all of them', async () => {
    const app = project(files);
    const cache = { dir: app.at(STORE), maxSize: 60_000 };
    const kinds = [{ output: { dir: 'one' } }, { output: { dir: 'one' } }, { output: { dir: 'two', minify: true } }, { output: { dir: 'three' }, define: { 'data.x': '2' } }];
    const results = await Promise.all(kinds.map((options) => run(builder(app, { ...options, cache }, 8))));
    for (const [at, { status, stdout, stderr }] of results.entries()) {
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { code, warnings } = JSON.parse(stdout);
      expect(code).toBe((await app.build({ ...kinds[at], write: false })).output[0].code);
      expect(warnings.every((text) => text.includes('another process'))).toBe(true);
    }
    for (const options of kinds) await agree(app, { ...options, cache });
    const size = readdirSync(app.at(STORE)).reduce((sum, name) => sum + statSync(app.at(`${STORE}/${name}`)).size, 0);
    expect(size).toBeLessThan(60_000 * 3);
  }, 60_000);

  test('a hundred builds of which nothing changed add no byte', async () => {
    const app = project({ ...files, 'main.js': `${files['main.js']}\nimport('./lazy.js');`, 'lazy.js': 'export const l = 1;' });
    await agree(app);
    await agree(app);
    const state = () => readdirSync(app.at(STORE)).sort().map((name) => [name, statSync(app.at(`${STORE}/${name}`)).size, statSync(app.at(`${STORE}/${name}`)).mtimeMs]);
    const before = state();
    for (let round = 0; round < 100; round++) {
      expect((await app.build({ cache: true, write: true })).stats.lastBuild).toBe('unchanged');
    }
    expect(state()).toEqual(before);
  });

  test('growth over edits is bounded', async () => {
    const app = project({ ...files, ...Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`m${at}.js`, `export const m${at} = [${at}];`])) });
    app.write('main.js', `${files['main.js']}\n${Array.from({ length: 40 }, (_, at) => `import { m${at} } from './m${at}.js'; console.log(m${at});`).join('\n')}`);
    const cache = { maxSize: 300_000 };
    const size = () => readdirSync(app.at(STORE)).reduce((sum, name) => sum + statSync(app.at(`${STORE}/${name}`)).size, 0);
    let [largest, files_] = [0, 0];
    for (let round = 0; round < 150; round++) {
      app.write(`m${round % 40}.js`, `export const m${round % 40} = [${round}, 'edit'];`);
      await app.build({ cache, write: true });
      largest = Math.max(largest, size());
      files_ = Math.max(files_, readdirSync(app.at(STORE)).length);
    }
    expect(largest).toBeLessThan(300_000 * 2 + 100_000);
    expect(files_).toBeLessThan(20);
    await agree(app, { cache });
    expect((await app.build({ cache, write: true })).stats.lastBuild).toBe('unchanged');
  }, 60_000);
});

describe('inputs that nobody would write', () => {
  test('names that mean something elsewhere', async () => {
    const names = ['__proto__.js', 'constructor.js', 'con.js', 'a b.js', 'ä.js', "it's.js", '日本.js', 'hash%23.js', `${'long'.repeat(50)}.js`];
    const app = project({ 'package.json': files['package.json'] });
    names.forEach((name, at) => app.write(name, `export const v = [${at}]; export { v as constructor, v as __proto__ };`));
    app.write('main.js', names.map((name, at) => `import * as n${at} from './${name.replace("'", "\\'")}';\nconsole.log(n${at}.v, n${at}.constructor, n${at}['__proto__']);`).join('\n'));
    await agree(app);
    const deep = Array.from({ length: 12 }, () => 'a-directory-with-a-long-name').join('/');
    app.write(`${deep}/x.js`, 'console.log(1);');
    app.write('main.js', `import './${deep}/x.js';`);
    await agree(app);
  });

  test('NUL, a byte order mark, invalid UTF-8, lone surrogates, CRLF and an empty file', async () => {
    const app = project({ 'package.json': files['package.json'] });
    const texts = ['export const a = "\0";', '\ufeffexport const a = 1;', Buffer.from([...Buffer.from('export const a = "'), 0xff, 0xfe, ...Buffer.from('";')]), 'export const a = "\\ud800";', 'export const a = `x\r\ny`;\r\nexport const b = 1;\r\n', '', '#!/usr/bin/env node\nexport const a = 1;'];
    for (const text of texts) {
      app.write('x.js', text);
      app.write('main.js', "import * as x from './x.js';\nconsole.log(x);");
      await agree(app);
      await agree(app);
    }
  });

  test('a line of ten megabytes, nesting of 20,000 levels, a barrel of 7,000 modules and a cycle of 2,000', async () => {
    const app = project({ 'package.json': files['package.json'] });
    app.write('main.js', `console.log("${'x'.repeat(10_000_000)}");`);
    await agree(app);
    for (const [open, close] of [['(', ')'], ['[', ']'], ['{', '}'], ['!', ''], ['-', ''], ['a?.', '']]) {
      app.write('main.js', `${open.repeat(20_000)}0${close.repeat(20_000)};`);
      const { status, signal, stderr } = await run(builder(app, { write: false }));
      expect({ open, signal, crash: /panicked|overflow/.test(stderr) }).toEqual({ open, signal: null, crash: false });
      expect([0, 1]).toContain(status);
    }
    for (let at = 0; at < 7000; at++) app.write(`m/${at}.js`, `export const m${at} = [${at}];`);
    app.write('barrel.js', Array.from({ length: 7000 }, (_, at) => `export * from './m/${at}.js';`).join('\n'));
    app.write('main.js', "import { m3, m6999 } from './barrel.js'; console.log(m3, m6999);");
    expect((await agree(app)).files[0][1].length).toBeLessThan(1000);
    for (let at = 0; at < 2000; at++) app.write(`c/${at}.js`, `import { f${(at + 1) % 2000} as next } from './${(at + 1) % 2000}.js'; export const f${at} = () => next;`);
    app.write('main.js', "import { f0 } from './c/0.js'; console.log(f0);");
    await agree(app);
  }, 120_000);
});

describe('little room', () => {
  test('64 open files, one thread', async () => {
    const app = project({ ...files, ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`m${at}.js`, `console.log(${at});`])) });
    app.write('main.js', Array.from({ length: 200 }, (_, at) => `import './m${at}.js';`).join('\n'));
    const program = app.at('build.mjs');
    writeFileSync(program, builder(app, { write: true }));
    const limited = () => run('', { command: 'sh', args: ['-c', `ulimit -n 64; exec "$0" "$1"`, process.execPath, program], env: { RAYON_NUM_THREADS: '1' } });
    for (let round = 0; round < 2; round++) {
      const { status, stdout, stderr } = await limited();
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(JSON.parse(stdout).code).toBe((await app.build()).output[0].code);
    }
    await agree(app);
  });

  test('a worker thread that is ended, and a process that ends itself, in the middle of a build', async () => {
    const app = project({ ...files, ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`m${at}.js`, `console.log(${at});`])) });
    app.write('main.js', Array.from({ length: 200 }, (_, at) => `import './m${at}.js';`).join('\n'));
    for (let round = 0; round < 12; round++) {
      app.write('m1.js', `console.log(${round}, 'edited');`);
      const ended = await run(`setTimeout(() => process.exit(7), ${round * 8});\n${builder(app, { write: true }, 3)}`);
      expect(ended.signal).toBe(null);
      await agree(app);
    }
    const worker = `
      import { Worker } from 'node:worker_threads';
      const worker = new Worker(${JSON.stringify(builder(app, { write: true }, 5))}, { eval: true, execArgv: ['--input-type=module'] });
      setTimeout(async () => { await worker.terminate(); console.log('over'); }, 60);`;
    const { signal, stdout } = await run(worker);
    expect({ signal, isOver: stdout.includes('over') }).toEqual({ signal: null, isOver: true });
    await agree(app);
  }, 60_000);

  test('interrupted twice', async () => {
    const app = project(files);
    const cli = path.join(root, 'js/cli/main.js');
    const child = spawn(process.execPath, [cli, 'watch', 'main.js'], { cwd: app.dir });
    await new Promise((resolve) => child.stdout.on('data', (data) => void (String(data).includes('Watching') && resolve())));
    app.write('b.js', "export const b = ['edited'];");
    child.kill('SIGINT');
    child.kill('SIGINT');
    await new Promise((resolve) => child.on('close', resolve));
    await agree(app);
  });
});

describe('the report', () => {
  test('every fault has its row, and every test that a row names is there', () => {
    expect(rows.map((row) => row.number)).toEqual([...Array.from({ length: 40 }, (_, at) => at + 1), '+']);
    for (const { number, shownBy, notHere } of rows) {
      expect([number, shownBy.length > 0 || notHere !== undefined]).toEqual([number, true]);
      for (const [file, name] of shownBy) {
        const text = readFileSync(path.join(root, file), 'utf8');
        const needle = file.endsWith('.rs') ? `fn ${name}()` : `('${name}'`;
        expect([number, file, name, text.includes(needle)]).toEqual([number, file, name, true]);
      }
    }
  });

  test('docs/reliability.md is up to date: UPDATE_SNAPSHOTS=1 writes it', () => {
    const file = path.join(root, 'docs/reliability.md');
    if (process.env.UPDATE_SNAPSHOTS) writeFileSync(file, reportOf(rows));
    expect(readFileSync(file, 'utf8')).toBe(reportOf(rows));
  });
});
