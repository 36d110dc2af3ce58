import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { VERSION } from 'cloudpack';
import { parseCommandLine } from '../../js/cli/arguments.js';
import { project } from '../support/project.js';

const cli = fileURLToPath(new URL('../../js/cli/main.js', import.meta.url));

/** Runs the command line in a directory. */
function run(cwd, args) {
  return new Promise((resolve) => {
    const { FORCE_COLOR: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [cli, ...args], { cwd, env: { ...inherited, NO_COLOR: '1' } });
    const result = { stdout: '', stderr: '' };
    child.stdout.on('data', (data) => { result.stdout += data; });
    child.stderr.on('data', (data) => { result.stderr += data; });
    child.on('close', (code) => resolve({ ...result, code }));
  });
}

const html = '<!doctype html><title>x</title><script type="module" src="/main.ts"></script>';
const files = { 'index.html': html, 'main.ts': 'const text: string = import.meta.env.MODE;\nconsole.log(text, __FLAG__);\n' };
const flag = ['--define', '__FLAG__="on"'];

describe('cloudpack build', () => {
  test('builds index.html when nothing else is said, and lists files with their sizes', async () => {
    const app = project(files);
    const { code, stdout, stderr } = await run(app.dir, ['build', ...flag]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(app.list('dist')).toContain('index.html');
    for (const file of app.list('dist')) expect(stdout).toContain(`dist/${file}`);
    expect(stdout).toMatch(/index\.html\s+\d+\.\d\d kB │ gzip +\d+\.\d\d kB/);
    expect(stdout).toMatch(/✓ cloudpack .*: 2 modules, 2 files, .* in \d/);
    expect(stdout + stderr).not.toMatch(/\u001b\[/);
  });

  test('flags win over the configuration', async () => {
    const app = project({ ...files, 'other.js': 'export default 1;', 'cloudpack.config.mjs': "export default { input: 'nowhere.js', output: { dir: 'no', format: 'cjs' } };" });
    const { code, stderr } = await run(app.dir, ['build', 'other.js', '-d', 'out', '--format', 'es', '--minify', '--sourcemap=hidden']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(app.list('out')).toEqual(['other.js', 'other.js.map']);
    expect(app.read('out/other.js')).toMatch(/export\s*\{/);
    expect(app.read('out/other.js')).not.toContain('sourceMappingURL');
  });

  test('--json prints the result and nothing else; --mode, --define and --no-write arrive', async () => {
    const app = project(files);
    const { code, stdout } = await run(app.dir, ['build', '--json', '--no-write', '--mode', 'staging', ...flag]);
    const result = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(result.outputs[0].map((file) => file.type).sort()).toEqual(['asset', 'chunk']);
    expect(result.outputs[0][0]).toMatchObject({ fileName: expect.any(String), size: expect.any(Number), gzip: expect.any(Number) });
    expect(result.stats.ms.scan).toBeGreaterThan(0);
    expect(existsSync(app.at('dist'))).toBe(false);
  });

  test('--timings lists the phases', async () => {
    const { stdout } = await run(project(files).dir, ['build', '--timings', ...flag]);
    for (const phase of ['scan', 'analyze', 'link', 'emit', 'write', 'total']) expect(stdout).toMatch(new RegExp(`^${phase} +\\d`, 'm'));
  });

  test('errors of the code: all of them on stderr, exit code 1', async () => {
    const app = project({ 'index.html': html, 'main.ts': "import './a';\nimport './b';\n" });
    const { code, stdout, stderr } = await run(app.dir, ['build']);
    expect(code).toBe(1);
    expect(stderr).toContain('main.ts:1:');
    expect(stderr).toContain('main.ts:2:');
    expect(stderr).toMatch(/Build failed with 2 errors; nothing was written\.\s*$/);
    expect(stdout).toBe('');
    const json = await run(app.dir, ['build', '--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout).errors.map((error) => error.code)).toEqual(['UNRESOLVED_IMPORT', 'UNRESOLVED_IMPORT']);
  });

  test('a build that is not there to be had says what to do', async () => {
    const { code, stderr } = await run(project({ 'a.txt': '' }).dir, ['build']);
    expect(code).toBe(1);
    expect(stderr).toContain('There is no entry point');
  });
});

describe('the configuration file', () => {
  const main = { 'main.js': 'console.log(__MODE__);' };

  test('in TypeScript, with imports of its own, of a package, and of cloudpack', async () => {
    const app = project({
      ...main,
      'cloudpack.config.ts': `import { defineConfig, type BuildOptions } from 'cloudpack';\nimport { value } from './config/value';\nimport { tool } from 'a-tool';\nimport path from 'node:path';\n
        export default defineConfig(async ({ command, mode }: { command: string; mode: string }): Promise<BuildOptions> => ({
          input: path.join(import.meta.dirname, 'main.js'), define: { __MODE__: JSON.stringify([command, mode, value, tool]) }, output: { dir: 'from-ts' } }));`,
      'config/value.ts': 'enum Value { A = 7 }\nexport const value: number = Value.A;',
      'node_modules/a-tool/package.json': '{"name":"a-tool","type":"module","exports":"./index.js"}',
      'node_modules/a-tool/index.js': 'export const tool = "tool";',
    });
    const { code, stderr } = await run(app.dir, ['build', '--mode', 'test']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(app.read('from-ts/main.js')).toMatch(/"build",\s*"test",\s*7,\s*"tool"/);
    expect(app.list().filter((file) => file.startsWith('cloudpack.config'))).toEqual(['cloudpack.config.ts']);
  });

  test('in JavaScript, importing cloudpack where it is not installed', async () => {
    const app = project({ ...main, 'package.json': '{"type":"module"}', 'cloudpack.config.js': "import { defineConfig } from 'cloudpack';\nexport default defineConfig({ input: 'main.js', define: { __MODE__: '1' } });" });
    expect(await run(app.dir, ['build'])).toMatchObject({ code: 0, stderr: '' });
    expect(app.list('dist')).toEqual(['main.js']);
  });

  test('named with -c; one that is missing, empty or broken is an error', async () => {
    const app = project({ ...main, 'my.config.mjs': "export default { input: 'main.js', define: { __MODE__: '1' }, logLevel: 'silent' };", 'empty.mjs': 'export default 1;', 'broken.ts': 'export default {', 'broken.mjs': 'export default {' });
    expect(await run(app.dir, ['build', '-c', 'my.config.mjs'])).toEqual({ code: 0, stdout: '', stderr: '' });
    for (const [file, text] of [['none.js', 'There is no configuration file'], ['empty.mjs', 'must export options'], ['broken.ts', 'PARSE_ERROR'], ['broken.mjs', 'broken.mjs:1:']]) {
      const { code, stderr } = await run(app.dir, ['build', '-c', file]);
      expect([file, code]).toEqual([file, 1]);
      expect(stderr).toContain(text);
    }
  });
});

describe('the command line', () => {
  test('help and version', async () => {
    expect(await run('.', ['--version'])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
    const { code, stdout } = await run('.', ['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--[no-]sourcemap[=inline|hidden]');
    expect((await run('.', [])).stdout).toBe(stdout);
  });

  test('what makes no sense exits with 2 and names the nearest word', async () => {
    for (const [args, text] of [
      [['biuld'], 'Unknown command "biuld". Did you mean `cloudpack build`?'],
      [['wacth'], 'Unknown command "wacth". Did you mean `cloudpack watch`?'],
      [['src/main.ts'], 'Did you mean `cloudpack build src/main.ts`?'],
      [['build', '--minfy'], 'Unknown option `--minfy`. Did you mean `--minify`?'],
      [['build', '--no-json'], 'Unknown option `--no-json`.'],
      [['build', '-x'], 'Unknown option `-x`.'],
      [['build', '--format'], 'Option `--format` needs a value'],
      [['build', '--json=full'], 'Option `--json` takes no value'],
      [['build', '--define', 'x'], 'Option `--define` needs key=value'],
    ]) {
      const { code, stdout, stderr } = await run('.', args);
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).toContain(text);
    }
  });

  test('an option with an optional value does not swallow an entry', () => {
    expect(parseCommandLine(['build', '--sourcemap', '--minify=full', 'a.js', '--external', 'x', '--external=y', '--no-treeshake', '--define', 'a=b=c'])).toEqual({
      name: 'build', flags: { entries: ['a.js'], sourcemap: true, minify: 'full', external: ['x', 'y'], treeshake: false, define: [['a', 'b=c']], json: false, timings: false, logLevel: undefined },
    });
  });
});

describe('cloudpack why', () => {
  const sources = {
    'main.js': "import { b } from './src/b.js';\nimport './src/unused.js';\nconsole.log(b);", 'src/b.js': 'export const b = [1];\nexport const rest = [2];',
    'src/unused.js': 'export const x = 1;', 'package.json': '{ "type": "module" }', 'cloudpack.config.mjs': "export default { input: 'main.js', cache: true };",
  };

  test('says in words who brings a module in and who uses it, and writes nothing', async () => {
    const app = project(sources);
    const { code, stdout, stderr } = await run(app.dir, ['why', 'src/b.js']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe([
      'src/b.js is in the output, in main.js', '',
      'The way to it', '  main.js import "./src/b.js"', '    src/b.js', '',
      'Asked for by', '  main.js import "./src/b.js"', '',
      'Exports', '  b: used by main.js', '  rest: not used, left out', '',
      'In this build', '  compiled: no earlier build with these options is known', '',
    ].join('\n'));
    expect(existsSync(app.at('dist'))).toBe(false);
    expect((await run(app.dir, ['why', 'src/unused.js'])).stdout).toContain('src/unused.js is not in the output: none of its exports is used, and running it has no side effects');
    expect(JSON.parse((await run(app.dir, ['why', 'main.js', '--json'])).stdout)).toMatchObject({ isEntry: true, isIncluded: true });
  });

  test('after a build it says the same from what was kept; what nobody asks for is exit code 1', async () => {
    const app = project(sources);
    await run(app.dir, ['build']);
    const { stdout } = await run(app.dir, ['why', 'src/b.js']);
    expect(stdout).toContain('  b: used by main.js');
    expect(stdout).toContain('not compiled: nothing changed since the last build');
    const nobody = await run(app.dir, ['why', 'src/nobody.js']);
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toContain('Nothing in this build asks for src/nobody.js.');
    expect((await run(app.dir, ['why'])).code).toBe(2);
  });

  test('build --view ci lists what a deploy has to do', async () => {
    const app = project(sources);
    expect((await run(app.dir, ['build', '--view', 'ci'])).stdout).toMatch(/\+ main\.js [0-9a-f]{16}\n1 file to upload \(.*\), 0 files as before, 0 files to remove/);
    expect((await run(app.dir, ['build', '--view', 'ci'])).stdout).toContain('0 files to upload (0.00 kB), 1 file as before');
    expect(JSON.parse((await run(app.dir, ['build', '--view=ci', '--json'])).stdout).ci.kept).toMatchObject([{ fileName: 'main.js' }]);
  });
});

describe('cloudpack cache', () => {
  const sources = { 'main.js': "import './b.js';", 'b.js': 'console.log(1);', 'package.json': '{ "type": "module" }' };
  const config = { 'cloudpack.config.mjs': "export default { input: 'main.js', cache: { dir: 'store' }, logLevel: 'silent' };" };

  test('info says what is in it and for whom, in words and as JSON', async () => {
    const app = project({ ...sources, ...config });
    expect(await run(app.dir, ['cache', 'info'])).toEqual({ code: 0, stdout: 'store: there is no cache\n', stderr: '' });
    expect(existsSync(app.at('store'))).toBe(false);
    await run(app.dir, ['build']);
    const { code, stdout } = await run(app.dir, ['cache', 'info']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^store: \d+\.\d\d kB in \d files; \d+ records in \d segments?/);
    expect(stdout).toMatch(/compiled modules +2 /);
    expect(stdout).toMatch(/build of 2 modules into dist, 1 files/);
    const json = JSON.parse((await run(app.dir, ['cache', 'info', '--json'])).stdout);
    expect(json).toMatchObject({ dir: app.at('store'), state: 'sound', heads: expect.arrayContaining([expect.objectContaining({ of: 'build', modules: 2, missing: 0 })]) });
    expect(JSON.parse((await run('.', ['cache', 'info', app.at('store'), '--json'])).stdout)).toEqual(json);
  });

  test('verify reads every record; damage is exit code 1 until the next build makes it anew', async () => {
    const app = project({ ...sources, ...config });
    await run(app.dir, ['build']);
    expect((await run(app.dir, ['cache', 'verify'])).stdout).toMatch(/✓ store: \d+ records, .* all sound/);
    const segment = app.list('store').map((name) => app.at(`store/${name}`)).find((name) => name.endsWith('.seg'));
    const bytes = readFileSync(segment);
    bytes[200] ^= 0xff;
    writeFileSync(segment, bytes);
    const { code, stdout } = await run(app.dir, ['cache', 'verify']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/it is not what was written/);
    expect(JSON.parse((await run(app.dir, ['cache', 'verify', '--json'])).stdout)).toMatchObject({ sound: false, damaged: [{ why: 'it is not what was written' }] });
  });

  test('clear empties it, and refuses a folder of something else', async () => {
    const app = project({ ...sources, ...config, 'other/root': 'a tree' });
    await run(app.dir, ['build']);
    expect((await run(app.dir, ['cache', 'clear'])).stdout).toMatch(/store: \d+\.\d\d kB freed/);
    expect(app.list('store')).toEqual(['lock']);
    expect((await run(app.dir, ['cache', 'clear', '--json'])).stdout).toContain('"freed": 0');
    const refused = await run(app.dir, ['cache', 'clear', 'other']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('no cache of Cloudpack');
    expect(app.read('other/root')).toBe('a tree');
  });

  test('words that make no sense exit with 2', async () => {
    for (const [args, text] of [
      [['cache'], 'cloudpack cache verify'],
      [['cache', 'claer'], 'Did you mean `cloudpack cache clear`?'],
      [['cache', 'clear', 'a', 'b'], 'takes one directory'],
    ]) {
      const { code, stderr } = await run('.', args);
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toContain(text);
    }
  });
});

/** `cloudpack watch` in a directory; `until` waits for a text that was not waited for before. */
function startWatch(cwd, args) {
  const { FORCE_COLOR: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [cli, 'watch', ...args], { cwd, env: { ...inherited, NO_COLOR: '1' } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  let wake = () => {};
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { text += data; wake(); });
  const ended = new Promise((resolve) => child.on('close', (code) => { resolve(code); wake(); }));
  const until = async (wanted) => {
    while (!text.includes(wanted)) {
      if (child.exitCode !== null) throw new Error(`it ended without ${wanted}:\n${text}`);
      await new Promise((resolve) => { wake = resolve; });
    }
    const said = text.slice(0, text.indexOf(wanted) + wanted.length);
    text = text.slice(said.length);
    return said;
  };
  return { until, ended, stop: (signal) => child.kill(signal) };
}

describe('cloudpack watch', () => {
  const sources = { 'main.js': "import './b.js';", 'b.js': 'console.log(1);', 'package.json': '{ "type": "module" }' };

  test('says what each build did, shows errors, and ends by Ctrl+C', async () => {
    const app = project(sources);
    const { until, ended, stop } = startWatch(app.dir, ['main.js']);
    expect(await until('Watching for changes')).toMatch(/✓ 2 of 2 modules compiled, 1 files written in \d+ ms/);
    app.write('b.js', 'console.log(2);');
    expect(await until(' ms')).toMatch(/✓ b\.js: 1 of 2 modules compiled, 1 files written in/);
    app.write('b.js', 'console.log(;');
    await until('Build failed with 1 error');
    app.write('b.js', 'console.log(3);');
    await until(' ms');
    expect(app.read('dist/main.js')).toContain('console.log(3)');
    stop('SIGINT');
    expect(await ended).toBe(0);
  });

  test('an edit of the configuration begins anew, a broken one is shown and waited for', async () => {
    const config = (dir) => `export default { input: 'main.js', output: { dir: '${dir}' } };`;
    const app = project({ ...sources, 'cloudpack.config.mjs': config('one') });
    const { until, ended, stop } = startWatch(app.dir, []);
    await until('Watching for changes');
    app.write('cloudpack.config.mjs', 'export default 5;');
    await until('must export options');
    app.write('cloudpack.config.mjs', config('two'));
    await until('Watching for changes');
    expect(app.list('two')).toEqual(['main.js']);
    stop('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('with nothing to build it ends with 1; --json prints a line for each event', async () => {
    const app = project(sources);
    const nothing = startWatch(app.dir, []);
    await nothing.until('There is no entry point');
    expect(await nothing.ended).toBe(1);
    const { until } = startWatch(app.dir, ['main.js', '--json']);
    const lines = (await until('{"code":"END"}')).split('\n').map((line) => JSON.parse(line));
    expect(lines.map((line) => line.code)).toEqual(['START', 'BUNDLE_START', 'BUNDLE_END', 'END']);
    expect(lines[2].stats.modules).toBe(2);
  });
});
