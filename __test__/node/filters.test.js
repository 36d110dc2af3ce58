import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../js/plugins/filters.js';
import { speaksScript } from '../../js/plugins/module-types.js';
import { project, runChunk } from '../support/project.js';
import { recordCrossings } from '../support/crossings.js';

const compile = (name, filter) => compileFilter({ plugin: { name: 'test' }, name, filter }, '/app');

describe('filters in JavaScript', () => {
  test('a glob of load and transform starts at the working directory, unless it is absolute or starts with **', () => {
    const { test: wants } = compile('transform', { id: ['src/*.css', '**/x.js', '/abs/y.js'] });
    expect(['/app/src/a.css', '/deep/in/x.js', '/abs/y.js'].every((id) => wants({ id }))).toBe(true);
    expect(['/app/src/sub/a.css', '/src/a.css', '/y.js'].some((id) => wants({ id }))).toBe(false);
  });

  test('exclude wins over include, and code and module type must match too', () => {
    const { test: wants } = compile('transform', { id: { include: /\.js$/, exclude: ['**/vendor/**'] }, code: ['import.meta.glob', /x{2}/], moduleType: ['js', 'ts'] });
    expect(wants({ id: '/app/a.js', code: 'import.meta.glob()', moduleType: 'js' })).toBe(true);
    expect(wants({ id: '/app/a.js', code: 'xx', moduleType: 'ts' })).toBe(true);
    expect(wants({ id: '/app/vendor/a.js', code: 'xx', moduleType: 'js' })).toBe(false);
    expect(wants({ id: '/app/a.js', code: 'x', moduleType: 'js' })).toBe(false);
    expect(wants({ id: '/app/a.js', code: 'xx', moduleType: 'css' })).toBe(false);
  });

  test('a string of resolveId is a whole specifier', () => {
    const { test: wants } = compile('resolveId', { id: 'react' });
    expect(wants({ id: 'react' })).toBe(true);
    expect(wants({ id: 'react/jsx-runtime' })).toBe(false);
  });

  test('a sticky or global expression answers the same twice', () => {
    const { test: wants } = compile('transform', { id: /\.js$/g });
    expect([wants({ id: '/a.js' }), wants({ id: '/a.js' })]).toEqual([true, true]);
  });

  test('the core is told less when it cannot evaluate a pattern, never more', () => {
    expect(compile('load', { id: [/^\0x/, /(y)z\1/] }).core.idInclude).toEqual([]);
    expect(compile('load', { id: { include: '**/*.js', exclude: [/(?=x)/, /y/] } }).core).toMatchObject({
      idInclude: [{ glob: '**/*.js' }], idExclude: [{ regex: { source: 'y', flags: '' } }],
    });
    expect(compile('transform', { moduleType: ['vue'] }).core.moduleTypes).toEqual([]);
  });

  test('a filter that is none is refused with the name of plugin and hook', () => {
    expect(() => compile('load', { id: 3 })).toThrow(/Hook "load" of plugin "test"/);
  });
});

describe('crossings', () => {
  const files = {
    'main.js': "import './a.js'; import './b.css'; import v from 'virtual:v'; import './c.js'; export default v;",
    'a.js': 'export const NEEDLE = 1;',
    'c.js': 'export const c = 1;',
    'b.css': 'a { color: red }',
  };

  test('without plugins nothing crosses', async () => {
    const tasks = recordCrossings();
    await project({ ...files, 'main.js': "import './a.js'; import './c.js';" }).build();
    expect(tasks).toEqual([]);
  });

  test('a module or request that no hook wants never crosses', async () => {
    const tasks = recordCrossings();
    const seen = [];
    const app = project(files);
    const result = await app.build({
      plugins: [
        { name: 'virtual',
          resolveId: { filter: { id: /^virtual:/ }, handler: (source) => `\0${source}` },
          load: { filter: { id: /^\0virtual:/ }, handler: () => 'export default 42' } },
        { name: 'code', transform: { filter: { code: 'NEEDLE' }, handler(code, id) { seen.push(id); return null; } } },
        { name: 'type', transform: { filter: { moduleType: 'css' }, handler(code, id) { seen.push(id); return null; } } },
        { name: 'nobody', load: { filter: { id: /\.never$/ }, handler: () => 'x' }, transform: { filter: { id: '**/*.never' }, handler: () => 'x' } },
      ],
    });
    expect((await runChunk(result)).default).toBe(42);
    expect(seen.sort()).toEqual([app.at('a.js'), app.at('b.css')]);
    expect(tasks.map((task) => task.specifier ?? task.id).sort()).toEqual([app.at('a.js'), app.at('b.css'), '\0virtual:v', 'virtual:v'].sort());
  });

  test('tasks of one level of the graph cross together', async () => {
    const app = project({
      'main.js': Array.from({ length: 30 }, (_, index) => `import './m${index}.js';`).join('\n'),
      ...Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`m${index}.js`, `globalThis.x = ${index};`])),
    });
    let running = 0;
    let most = 0;
    await app.build({
      plugins: [{ name: 'slow', async transform() {
        most = Math.max(most, ++running);
        await new Promise((done) => setTimeout(done, 20));
        running--;
      } }],
    });
    expect(most).toBe(30);
  });
});

test('text that begins like JavaScript is taken for it, other languages are not', () => {
  for (const code of ['export default 1', '// x\n/* y */ import a from "a"', '"use client";\nconst a = 1', 'export{a}', 'export * from "x"', 'function f() {}', 'module.exports = 1']) {
    expect([code, speaksScript(code)]).toEqual([code, true]);
  }
  for (const code of ['a { color: red }', '@import "x";', '<svg/>', '{"export": 1}', '# import this', 'Export of goods', 'import things from the shop', 'function: f', '/* x */ .a{}']) {
    expect([code, speaksScript(code)]).toEqual([code, false]);
  }
});
