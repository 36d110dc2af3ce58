// `cloudpack({ engine })` inside of Vite: another bundler, or an object of the user's, makes the chunks of a build that Vite's plugins take part in.
import { build } from 'vite';
import { expect, test } from 'vitest';
import cloudpack from '../../js/vite/index.js';
import { oneFileAModule } from '../../examples/engine/one-file-a-module.js';
import { project } from '../support/project.js';

const files = {
  'index.html': '<!doctype html><html lang="en"><body><script type="module" src="/src/main.js"></script></body></html>',
  'src/main.js': "import './main.css';\nimport { text } from './text';\nimport picture from './picture.svg?url';\nconsole.log(text, picture);\nimport('./route.js').then((route) => console.log(route.default));",
  'src/main.css': 'a { color: red }', 'src/text.ts': "export const text: string = ['typed'].join();\nexport const dead: string = 'DEAD-EXPORT';", 'src/picture.svg': '<svg/>',
  'src/route.js': "import './route.css';\nexport default 'route';", 'src/route.css': 'b { color: blue }',
};

test('the example engine makes the chunks, and Vite the rest', async () => {
  const app = project(files);
  const ours = cloudpack({ cache: false, engine: oneFileAModule() });
  await build({ root: app.dir, configFile: false, logLevel: 'silent', plugins: [ours], build: { assetsInlineLimit: 0, minify: false } });
  const made = app.list('dist');
  const [entry] = made.filter((name) => /^assets\/index-.*\.js$/.test(name));
  expect(app.read('dist/index.html')).toContain(`src="/${entry}"`);
  expect(made.filter((name) => name.endsWith('.css'))).toHaveLength(2);
  expect(made).toContain('modules/src/text.js');
  expect(app.read('dist/modules/src/main.js')).toMatch(/"\.\/route\.js"|`\.\/route\.js`/);
  expect(made.filter((name) => name.endsWith('.js')).map((name) => app.read(`dist/${name}`)).join('')).not.toContain('DEAD-EXPORT');
  expect(ours.api.stats()[0].engine).toMatchObject({ name: 'one-file-a-module', calls: 1 });
});

test('Rolldown may be the engine inside of itself', async () => {
  const app = project(files);
  const ours = cloudpack({ cache: false, engine: 'rolldown' });
  await build({ root: app.dir, configFile: false, logLevel: 'silent', plugins: [ours], build: { assetsInlineLimit: 0, sourcemap: true } });
  const made = app.list('dist');
  expect(made.filter((name) => name.endsWith('.js')).sort()).toEqual([expect.stringMatching(/index-[\w-]{8}\.js$/), expect.stringMatching(/route-[\w-]{8}\.js$/)]);
  const route = made.find((name) => /route-.*\.js$/.test(name));
  expect(made.filter((name) => name.endsWith('.js')).map((name) => app.read(`dist/${name}`)).join('')).toContain(route.slice('assets/'.length));
  expect(made.filter((name) => name.endsWith('.css'))).toHaveLength(2);
});
