// Chunks that users name, as Rollup and Vite have them: which modules lie where, and that naming them moves code and nothing else.
import path from 'node:path';
import nodeResolve from '@rollup/plugin-node-resolve';
import { describe, expect, test } from 'vitest';
import cloudpack from '../../js/vite/index.js';
import { failureOf, project } from '../support/project.js';
import { buildWithBoth, outputOf } from './both.js';
import { HOSTS } from './vite-versions.js';

const logs = (name) => `console.log(${JSON.stringify(name)});\n`;
/** `ui` imports `runtime`, as a library of components imports a framework; `main.js` wants both, `lazy.js` one more thing. */
const FILES = {
  'package.json': '{ "type": "module" }',
  'main.js': `${logs('main')}import { ui } from 'ui';\nimport { local } from './local.js';\nconsole.log(ui, local);\nimport('./lazy.js').then(({ lazy }) => console.log(lazy));`,
  'other.js': `${logs('other')}import { runtime } from 'runtime';\nconsole.log(runtime);`,
  'local.js': `${logs('local')}export const local = 'local';`,
  'lazy.js': `${logs('lazy')}import { extra } from 'extra';\nexport const lazy = \`lazy \${extra}\`;`,
  'index.html': '<!doctype html><html><head><title>t</title></head><body><script type="module" src="./main.js"></script></body></html>',
};
for (const [name, imports] of [['ui', 'runtime'], ['runtime', 'tools'], ['tools', ''], ['extra', 'tools']]) {
  FILES[`node_modules/${name}/package.json`] = JSON.stringify({ name, main: 'index.js', type: 'module' });
  FILES[`node_modules/${name}/index.js`] = `${logs(name)}${imports && `import { ${imports} } from '${imports}';\n`}export const ${name} = ['${name}', ${imports || '""'}].join(' ');`;
}
const INPUT = (app) => ({ main: app.at('main.js'), other: app.at('other.js') });
const manualChunks = (id) => (/runtime|tools/.test(id) ? 'runtime' : id.includes('node_modules') ? 'vendor' : undefined);

/** Chunk -> its modules, of those chunks that have a name of ours. */
const named = (output) => Object.fromEntries(
  output.filter((file) => file.type === 'chunk' && /^(?:vendor|runtime|app)$/.test(file.name))
    .map((chunk) => [chunk.name, chunk.moduleIds.map((id) => path.basename(path.dirname(id))).sort()]),
);

describe('in Rollup', () => {
  test.each([
    ['a function', manualChunks],
    ['lists', { runtime: ['runtime'], vendor: ['ui', 'extra'] }],
    ['a function that asks about modules', (id, { getModuleInfo, getModuleIds }) => ([...getModuleIds()].includes(id) && getModuleInfo(id).importers.length > 1 ? 'vendor' : null)],
  ])('manualChunks as %s puts modules where Rollup puts them', async (_, given) => {
    const app = project(FILES);
    const both = await buildWithBoth(app, () => ({ input: INPUT(app), plugins: [nodeResolve({ rootDir: app.dir })] }), (dir) => [{ dir, manualChunks: given }]);
    expect(both.ours.logs).toEqual([]);
    expect(named(both.ours.outputs[0])).toEqual(named(both.alone.outputs[0]));
    expect(Object.keys(named(both.ours.outputs[0]))).toContain('vendor');
    for (const entry of ['main.js', 'other.js']) expect(await outputOf(path.join(both.ours.dir, entry))).toBe(await outputOf(app.at(entry)));
  });

  test('where chunks need each other, no module runs early', async () => {
    const app = project(FILES);
    const given = (id) => (/tools|ui/.test(id) ? 'vendor' : id.includes('runtime') ? 'runtime' : null);
    const { ours } = await buildWithBoth(app, () => ({ input: INPUT(app), plugins: [nodeResolve({ rootDir: app.dir })] }), (dir) => [{ dir, manualChunks: given }]);
    expect(Object.values(named(ours.outputs[0])).flat().sort()).toEqual(['runtime', 'tools', 'ui']);
    for (const entry of ['main.js', 'other.js']) expect(await outputOf(path.join(ours.dir, entry))).toBe(await outputOf(app.at(entry)));
  });

  test('onlyExplicitManualChunks is not there', async () => {
    const app = project(FILES);
    const building = buildWithBoth(app, () => ({ input: INPUT(app), plugins: [nodeResolve({ rootDir: app.dir })] }), (dir) => [{ dir, manualChunks, onlyExplicitManualChunks: true }]);
    // Here, where it is heard of after the graph was made, an error.
    expect((await failureOf(building)).message).toContain('Cloudpack cannot do output.onlyExplicitManualChunks');
  });
});

describe.each(HOSTS)('in %s', async (name, load) => {
  const vite = await load();
  const groups = [{ name: 'runtime', test: /runtime|tools/, priority: 2 }, { name: 'vendor', test: /node_modules/ }];
  const ways = [['manualChunks', { manualChunks }]];
  if (vite.rolldownVersion) ways.push(['codeSplitting.groups', { codeSplitting: { groups } }], ['advancedChunks', { advancedChunks: { groups } }]);

  test.each(ways)('%s makes the chunks, for pages and for servers', async (_, output) => {
    const app = project(FILES);
    const warnings = [];
    const customLogger = { info() {}, warn: (text) => warnings.push(text), warnOnce() {}, error() {}, clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
    const build = (given) => vite.build({ root: app.dir, configFile: false, customLogger, plugins: [cloudpack()], ...given, build: { rollupOptions: { output }, ...given.build } });
    const { output: files } = await build({ build: { outDir: app.at('page'), rollupOptions: { output } } });
    expect(warnings.filter((text) => text.includes('Cloudpack cannot'))).toEqual([]);
    expect(Object.keys(named(files)).sort()).toEqual(['runtime', 'vendor']);
    // Rolldown does not tell of the modules of our chunks.
    const codeOf = (chunk) => files.find((file) => file.name === chunk).code;
    expect(['ui', 'extra', 'runtime', 'tools'].map((module) => ['vendor', 'runtime'].find((chunk) => new RegExp(`console\\.log\\(["\`]${module}["\`]\\)`).test(codeOf(chunk))))).toEqual(['vendor', 'vendor', 'runtime', 'runtime']);
    // What the first chunk imports is asked for by the document too.
    expect(app.read('page/index.html')).toMatch(/modulepreload[^>]*assets\/runtime-/);
    await build({ build: { outDir: app.at('server'), ssr: app.at('main.js'), rollupOptions: { output } }, ssr: { noExternal: true } });
    expect(app.list('server').some((file) => file.includes('runtime'))).toBe(true);
    expect(await outputOf(app.at('server/main.js'))).toBe(await outputOf(app.at('main.js')));
  });
});
