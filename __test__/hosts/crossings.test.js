// What never reaches JavaScript: modules and requests that nobody's hook wants. `stats` of the plugin counts the others.
import { describe, expect, test } from 'vitest';
import cloudpack from '../../js/vite/index.js';
import { project } from '../support/project.js';
import { linkPackages } from './vite-app.js';

const PLAIN = {
  'package.json': '{ "type": "module" }',
  'index.html': '<!doctype html><html lang="en"><body><script type="module" src="/src/main.ts"></script></body></html>',
  'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
  'src/main.ts': "import { a, type T } from './a';\nimport { view } from '@/view';\nimport sub from './sub';\nexport const value: T = a;\nconsole.log(value, view, sub);",
  'src/a.ts': "import { b } from './b.js';\nexport type T = string;\nexport const a = b + import.meta.env.MODE;",
  'src/b.ts': "export enum Kind { A }\nfunction dec(target: unknown, key: string) { console.log(key); }\nexport class C { @dec name = Kind.A }\nexport const b = String(new C().name);",
  'src/view.tsx': 'const h = (...all: unknown[]) => all.length;\nexport const view: number = h(1);',
  'src/sub/index.ts': "export default 'sub';",
};

/** @param {object} files */
async function statsOf(files, { plugins = [], ...config } = {}) {
  const { build } = await import('vite');
  const app = project({ ...PLAIN, ...files });
  linkPackages(app);
  const ours = cloudpack();
  await build({
    root: app.dir, configFile: false, logLevel: 'silent', resolve: { alias: { '@': app.at('src') } }, ...config,
    plugins: [...plugins, ours], build: { outDir: app.at('dist') },
  });
  const code = app.list('dist').filter((file) => file.endsWith('.js')).map((file) => app.read(`dist/${file}`)).join();
  return { stats: ours.api.stats()[0], code };
}

/** The page itself, and the code in it. */
const OF_THE_PAGE = { askedModules: 2, askedRequests: 3 };

describe('in Vite 8', () => {
  test('no module of a plain TypeScript application crosses', async () => {
    const { stats, code } = await statsOf({});
    expect(stats).toMatchObject({ ...OF_THE_PAGE, modules: 8 });
    expect(code).toContain('sub');
    expect(code).not.toContain('import.meta.env');
  });

  test('a module crosses when the filter of a hook passes, and no other', async () => {
    const seen = [];
    const plugin = { name: 'b-only', transform: { filter: { id: /\/b\.ts$/ }, handler(code, id) { seen.push([id.slice(-5), code.includes('enum')]); } } };
    const { stats } = await statsOf({}, { plugins: [plugin] });
    expect(stats.askedModules).toBe(OF_THE_PAGE.askedModules + 1);
    // Behind Vite's compiler: the hook sees JavaScript.
    expect(seen).toEqual([['/b.ts', false]]);
  });

  test('a filter on code is asked about what the hook would see', async () => {
    const seen = [];
    const plugin = { name: 'calls', transform: { filter: { id: /\/src\//, code: 'b+' }, handler(_, id) { seen.push(id.slice(-5)); } } };
    const behind = { name: 'no types', transform: { filter: { id: /\/src\//, code: 'enum Kind' }, handler(_, id) { seen.push(id); } } };
    await statsOf({ 'src/a.ts': 'import { b } from "./b.js";\nexport type T = string;\nexport const a = b /* here */ as string + import.meta.env.MODE;' }, { plugins: [plugin, behind] });
    expect(seen).toEqual([]);
    const before = { name: 'types', enforce: 'pre', transform: { filter: { code: 'enum Kind' }, handler(_, id) { seen.push(id.slice(-5)); } } };
    const { stats } = await statsOf({}, { plugins: [before] });
    expect(seen).toEqual(['/b.ts']);
    expect(stats.askedModules).toBe(OF_THE_PAGE.askedModules + 1);
  });

  test('a package is asked for once for each directory', async () => {
    const importing = Object.fromEntries([1, 2, 3, 4].map((at) => [`src/many/${at}.ts`, `import picomatch from 'picomatch';\nexport const value${at}: number = picomatch.length;`]));
    const { stats } = await statsOf({
      ...importing,
      'src/sub/index.ts': [1, 2, 3, 4].map((at) => `import { value${at} } from '../many/${at}';`).join('\n') + 'export default [value1, value2, value3, value4];',
    });
    const { stats: one } = await statsOf({ ...importing, 'src/sub/index.ts': "import { value1 } from '../many/1';\nexport default [value1];" });
    expect(stats.askedRequests).toBe(one.askedRequests);
  });

  test('a hook without a filter is asked about everything', async () => {
    const ids = new Set();
    const plugin = { name: 'all', transform(_, id) { ids.add(id.replace(/^.*\/src\//, '')); } };
    const { stats } = await statsOf({}, { plugins: [plugin] });
    expect(stats.askedModules).toBe(stats.modules);
    for (const name of ['main.ts', 'a.ts', 'b.ts', 'view.tsx', 'sub/index.ts']) expect(ids).toContain(name);
  });
});
