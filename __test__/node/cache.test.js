import { existsSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureOf, project } from '../support/project.js';

const files = {
  'main.js': "import { b } from './b.js';\nimport data from './data.json';\nexport const value = [b, data.answer];",
  'b.js': "export const b = 'b';",
  'data.json': '{ "answer": 42 }',
  'package.json': '{ "type": "module" }',
};
const codeOf = (result) => result.output.map((file) => file.code);

describe('the cache', () => {
  test('unchanged modules are not parsed again, and the output is the same', async () => {
    const app = project(files);
    const plain = await app.build();
    const cold = await app.build({ cache: true });
    const warm = await app.build({ cache: true });
    expect(cold.stats).toMatchObject({ summarized: 3, reused: 0 });
    expect(warm.stats).toMatchObject({ summarized: 0, reused: 3 });
    expect(codeOf(cold)).toEqual(codeOf(plain));
    expect(codeOf(warm)).toEqual(codeOf(plain));
    expect(existsSync(app.at('node_modules/.cache/cloudpack/root'))).toBe(true);
  });

  test('a link that leads nowhere is imported, and what the build emitted is known all the same', async () => {
    const app = project({ ...files, 'main.js': "import('linked').catch(() => {});\nimport('./lazy.js');", 'lazy.js': 'export const l = 1;', 'node_modules/.keep': '' });
    symlinkSync('../gone', app.at('node_modules/linked'));
    const options = { cache: true, write: true, onLog() {} };
    await app.build(options);
    // The folder of the store has come into one that was listed.
    await app.build(options);
    expect((await app.build(options)).stats.lastBuild).toBe('unchanged');
    app.write('main.js', '');
    await app.build(options);
    expect(app.list('dist')).toEqual(['main.js']);
  });

  test('when nothing changed the last build stands for this one, and its files are read when somebody looks', async () => {
    const app = project({ ...files, 'main.js': `${files['main.js']}\nimport('./lazy.js');\nimport './a.css';`, 'lazy.js': 'export const l = 1;', 'a.css': 'a { color: red }' });
    for (const output of [{}, { minify: true, sourcemap: true }, { sourcemap: 'inline' }]) {
      const cold = await app.build({ cache: true, write: true, output });
      const warm = await app.build({ cache: true, write: true, output });
      expect(cold.stats).toMatchObject({ analyzed: true });
      expect(warm.stats).toMatchObject({
        lastBuild: 'unchanged', modules: cold.stats.modules, summarized: 0, reused: cold.stats.modules, analyzed: false, rendered: 0, chunksWritten: 0,
      });
      expect(JSON.stringify(warm.output)).toBe(JSON.stringify(cold.output));
      expect(warm.output).toEqual(cold.output);
      expect(warm.watchFiles).toEqual(cold.watchFiles);
      expect(await app.build({ cache: true, output, write: false }).then(codeOf)).toEqual(codeOf(cold));
    }
  });

  test('an edit that others cannot see leaves the plans as they are', async () => {
    const app = project({ ...files, 'main.js': `${files['main.js']}\nimport('./lazy.js');`, 'lazy.js': 'export const l = () => 1;' });
    const built = async (expected, output = {}) => {
      const warm = await app.build({ cache: true, write: true, output });
      expect(warm.stats).toMatchObject(expected);
      const cold = await app.build({ output });
      expect(codeOf(warm)).toEqual(codeOf(cold));
      expect(JSON.stringify(warm.output)).toBe(JSON.stringify(cold.output));
      expect(warm.watchFiles).toEqual(cold.watchFiles);
    };
    for (const output of [{}, { minify: true }]) {
      app.write('lazy.js', 'export const l = () => 1;');
      await built({ analyzed: true }, output);
      app.write('lazy.js', 'export const l = () => 1; // edited');
      await built({ summarized: 1, reused: 3, analyzed: false, chunksLinked: 1, chunksWritten: 0, lastBuild: expect.stringContaining('lazy.js') }, output);
      app.write('lazy.js', 'export const l = () => 2;');
      await built({ summarized: 1, reused: 3, analyzed: false, chunksLinked: 1, chunksWritten: 2 }, output);
      app.write('data.json', '{ "answer": 43 }');
      await built({ summarized: 1, reused: 3 }, output);
      app.write('lazy.js', 'export const l = () => 2, m = 3;');
      await built({ summarized: 1, reused: 3, analyzed: true }, output);
      await built({ summarized: 0, reused: 4, analyzed: false, lastBuild: 'unchanged' }, output);
      app.write('lazy.js', "import './b.js'; export const l = () => 2, m = 3;");
      await built({ analyzed: true }, output);
      app.write('data.json', files['data.json']);
      await built({}, output);
    }
  });

  test('a function that sees chunks sees them after an edit too', async () => {
    const app = project({ ...files, 'main.js': `${files['main.js']}\nimport('./lazy.js');`, 'lazy.js': 'export const l = () => 1;' });
    const output = { banner: (chunk) => `/*! ${chunk.name}: ${chunk.exports} */` };
    await app.build({ cache: true, write: true, output });
    app.write('lazy.js', 'export const l = () => 2;');
    const warm = await app.build({ cache: true, write: true, output });
    expect(codeOf(warm)).toEqual(codeOf(await app.build({ output })));
    expect(codeOf(warm)[1]).toContain('/*! lazy: l */');
    expect(codeOf(await app.build({ cache: true, write: true, output }))).toEqual(codeOf(warm));
  });

  test('an edit below a page leaves the plans as they are', async () => {
    const page = { 'index.html': '<script type="module" src="./main.js"></script>', 'main.js': "import './a.css'; console.log(() => 1);", 'a.css': 'a { color: red }' };
    const app = project(page);
    const built = (options) => app.build({ input: 'index.html', ...options });
    await built({ cache: true, write: true });
    app.write('main.js', page['main.js'].replace('1', '2'));
    const warm = await built({ cache: true, write: true });
    expect(warm.stats).toMatchObject({ analyzed: false });
    expect(JSON.stringify(warm.output)).toBe(JSON.stringify((await built({})).output));
    app.write('index.html', `<h1>new</h1>${page['index.html']}`);
    expect(JSON.stringify((await built({ cache: true, write: true })).output)).toBe(JSON.stringify((await built({})).output));
  });

  test('a plugin that takes part sees every module', async () => {
    const app = project(files);
    await app.build({ cache: true, write: true });
    const seen = [];
    const plugin = { name: 'p', transform: { handler: (_, id) => void seen.push(path.basename(id)) } };
    const built = await app.build({ cache: true, write: true, plugins: [plugin] });
    expect(seen.sort()).toEqual(['b.js', 'data.json', 'main.js']);
    expect(built.stats.lastBuild).toMatch(/plugin/);
    expect((await app.build({ cache: true, write: true, plugins: [{ name: 'q', closeBundle() {} }] })).stats.lastBuild).toBe('unchanged');
  });

  test('emitted files that were altered or removed come back, and those of former builds go', async () => {
    const app = project({ ...files, 'main.js': `${files['main.js']}\nimport('./lazy.js');`, 'lazy.js': 'export const l = 1;' });
    const cold = await app.build({ cache: true, write: true });
    const chunk = app.at(`dist/${cold.output[1].fileName}`);
    const text = readFileSync(chunk, 'utf8');
    writeFileSync(chunk, `${text} `);
    expect((await app.build({ cache: true, write: true })).stats).toMatchObject({ lastBuild: expect.stringContaining('emitted file'), chunksWritten: 1 });
    expect(readFileSync(chunk, 'utf8')).toBe(text);
    rmSync(app.at('dist'), { recursive: true });
    expect((await app.build({ cache: true, write: true })).stats).toMatchObject({ chunksWritten: 2 });
    writeFileSync(app.at('dist/mine.txt'), 'mine');
    app.write('lazy.js', 'export const l = 2;');
    const edited = await app.build({ cache: true, write: true });
    expect(edited.output[1].fileName).not.toBe(cold.output[1].fileName);
    expect(readdirSync(app.at('dist')).sort()).toEqual([...edited.output.map((file) => file.fileName), 'mine.txt'].sort());
  });

  test('after an edit the edited module is parsed, and going back finds the old one', async () => {
    const app = project(files);
    await app.build({ cache: { dir: 'store' } });
    app.write('b.js', "export const b = 'B';");
    const edited = await app.build({ cache: { dir: 'store' } });
    expect(edited.stats).toMatchObject({ summarized: 1, reused: 2 });
    expect(codeOf(edited)).toEqual(codeOf(await app.build()));
    app.write('b.js', files['b.js']);
    expect((await app.build({ cache: { dir: 'store' } })).stats).toMatchObject({ summarized: 0, reused: 3 });
  });

  test('what a module is compiled with is part of its key', async () => {
    const app = project({ ...files, 'b.js': 'export const b = typeof FLAG;' });
    const built = async (options) => {
      const result = await app.build({ cache: true, ...options });
      expect(codeOf(result)).toEqual(codeOf(await app.build(options)));
      return result.stats.summarized;
    };
    expect(await built({})).toBe(3);
    expect(await built({ define: { FLAG: '1' } })).toBe(3);
    expect(await built({ output: { minify: true } })).toBe(3);
    expect(await built({ transform: { target: 'es2015' } })).toBe(3);
    expect(await built({ define: { FLAG: '1' } })).toBe(0);
    app.write('package.json', '{ "type": "commonjs" }');
    expect(await built({})).toBe(2);
    app.write('tsconfig.json', '{ "compilerOptions": { "jsx": "react" } }');
    expect(await built({})).toBeGreaterThan(0);
  });

  test('warnings come again with each build', async () => {
    const app = project({ 'main.js': "import './a.css';", 'a.css': 'a { color: red } @import "./b.css";', 'b.css': 'b { color: blue }' });
    const cold = await app.build({ cache: true });
    const warm = await app.build({ cache: true });
    expect(cold.warnings).toMatchObject([{ code: 'CSS_SYNTAX' }]);
    expect(warm.warnings).toEqual(cold.warnings);
  });

  test('a damaged or deleted store costs time and nothing else', async () => {
    const app = project(files);
    const plain = codeOf(await app.build());
    const store = app.at('node_modules/.cache/cloudpack');
    for (const damage of [
      (file) => writeFileSync(file, readFileSync(file).map((byte, at) => (at % 97 === 50 ? byte ^ 255 : byte))),
      (file) => writeFileSync(file, readFileSync(file).subarray(0, 40)),
      (file) => writeFileSync(file, ''),
      (file) => rmSync(file),
    ]) {
      await app.build({ cache: true });
      for (const name of readdirSync(store)) damage(path.join(store, name));
      expect(codeOf(await app.build({ cache: true }))).toEqual(plain);
      expect((await app.build({ cache: true })).stats.summarized).toBe(0);
    }
  });

  test('a directory that cannot be used is a warning', async () => {
    const app = project({ ...files, store: 'a file' });
    const result = await app.build({ cache: { dir: 'store' } });
    expect(result.warnings).toMatchObject([{ code: 'CACHE', message: expect.stringContaining('not a directory') }]);
    expect(codeOf(result)).toEqual(codeOf(await app.build()));
  });

  test('a read-only cache is not written, and a verified one compiles everything', async () => {
    const app = project(files);
    await app.build({ cache: { readonly: true } });
    expect((await app.build({ cache: true })).stats.reused).toBe(0);
    expect((await app.build({ cache: { readonly: true } })).stats.reused).toBe(3);
    expect((await app.build({ cache: { verify: true } })).stats).toMatchObject({ summarized: 3, reused: 0 });
  });

  test('unknown keys are refused', async () => {
    const error = await failureOf(project(files).build({ cache: { direcotry: 'x' } }));
    expect(error.errors).toMatchObject([{ code: 'UNKNOWN_OPTION' }]);
  });
});
