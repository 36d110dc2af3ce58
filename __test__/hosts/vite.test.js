// `cloudpack/vite`: builds of Vite alone and with the plugin added. What pages do is compared in a browser,
// in ../browser/vite.test.mjs; here is what runs in Node and what lies in the output.
import { describe, expect, test } from 'vitest';
import cloudpack from '../../js/vite/index.js';
import { failureOf, project } from '../support/project.js';
import { outputOf } from './both.js';
import { APPLICATION, linkPackages } from './vite-app.js';
import { HOSTS } from './vite-versions.js';

function application(files = APPLICATION) {
  const app = project(files);
  linkPackages(app);
  return app;
}

/** @param {ReturnType<typeof application>} app */
async function buildInto({ build }, app, name, { plugins = [], build: options = {}, ...config } = {}) {
  const logs = [];
  const tell = (level) => (message) => logs.push([level, message.replace(/\x1b\[\d+m/g, '')]);
  const customLogger = { info() {}, warn: tell('warn'), warnOnce: tell('warn'), error: tell('error'), clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
  const result = await build({
    root: app.dir, configFile: false, customLogger, ...config,
    build: { outDir: app.at(name), ...options },
    plugins: [...plugins, name !== 'alone' && cloudpack()],
  });
  return { result, logs };
}

const pagesOf = (app) => ({ rollupOptions: { input: { main: app.at('index.html'), about: app.at('about/index.html') } } });
const DEFINE = { define: { __DEFINED__: '"defined"' } };
const withoutHashes = (text) => text.replace(/-[\w-]{8}(?=\.\w+)/g, '-HASH');

describe.each(HOSTS)('in %s', async (_, load) => {
  const vite = await load();

  describe('an application', () => {
    test('has the documents, style sheets, assets and workers of Vite', async () => {
      const app = application();
      for (const name of ['alone', 'ours']) await buildInto(vite, app, name, { ...DEFINE, build: pagesOf(app) });
      const list = (name) => app.list(name).map(withoutHashes).filter((file) => !/\/(preload-helper|common-style|a)-HASH\.(js|css)$/.test(file)).sort();
      expect(list('ours')).toEqual(list('alone'));
      const css = (name) => app.list(name).filter((file) => file.endsWith('.css')).map((file) => withoutHashes(app.read(`${name}/${file}`))).sort();
      expect(css('ours')).toEqual(css('alone'));
      const html = (name) => withoutHashes(app.read(`${name}/index.html`)).replace(/(preload-helper|common-style)/g, 'COMMON').split('\n').sort();
      expect(html('ours')).toEqual(html('alone'));
      const code = app.list('ours').filter((file) => file.endsWith('.js')).map((file) => app.read(`ours/${file}`)).join();
      expect(code).not.toContain('this text is not wanted');
      expect(code).not.toContain('import.meta.env');
    });

    test('has a manifest with the same keys, entries and imports', async () => {
      const app = application();
      const manifests = [];
      for (const name of ['alone', 'ours']) {
        await buildInto(vite, app, name, { ...DEFINE, build: { ...pagesOf(app), manifest: true } });
        manifests.push(JSON.parse(app.read(`${name}/.vite/manifest.json`)));
      }
      const [alone, ours] = manifests.map((manifest) => Object.fromEntries(
        Object.entries(manifest).filter(([key]) => !key.startsWith('_') && !key.startsWith('src/pages/')).map(([key, entry]) => [key, {
          ...entry, file: withoutHashes(entry.file), imports: entry.imports?.length, dynamicImports: entry.dynamicImports?.filter((one) => !/pages|index/.test(one)).sort(),
          css: entry.css?.map(withoutHashes), assets: entry.assets?.map(withoutHashes).sort(),
        }]),
      ));
      expect(ours).toEqual(alone);
    });

    test('says with Vite what cannot be resolved, and whose fault it is', async () => {
      const app = application({ ...APPLICATION, 'src/about.ts': "import 'not-installed';" });
      const [alone, ours] = [await failureOf(buildInto(vite, app, 'alone', { build: pagesOf(app) })), await failureOf(buildInto(vite, app, 'ours', { build: pagesOf(app) }))];
      for (const error of [alone, ours]) expect(error.message).toContain('not-installed');
      const bad = { name: 'bad', transform(code, id) { if (id.endsWith('about.ts')) this.error('no good', 2); } };
      const fields = ({ plugin, id, loc, hook }) => ({ plugin, id, line: loc?.line, column: loc?.column, hook });
      const thrown = async (name) => failureOf(buildInto(vite, app, name, { plugins: [bad], build: pagesOf(app) }));
      const found = fields((await thrown('ours')).errors?.[0] ?? (await thrown('ours')));
      expect(found).toMatchObject({ plugin: 'bad', id: app.at('src/about.ts'), line: 1, column: 2 });
    });

    test('is left to Rolldown where Cloudpack has not what is asked for', async () => {
      const app = application();
      const { logs } = await buildInto(vite, app, 'ours', { ...DEFINE, build: { rollupOptions: { output: { sourcemapBaseUrl: 'https://example.com/' } } } });
      expect(logs.map(([, message]) => message)).toContainEqual(expect.stringMatching(/^Cloudpack cannot do output.sourcemapBaseUrl, so Rol(ldown|lup) makes this build$/));
      expect(app.list('ours')).toContain('index.html');
    });
  });

  describe('a library', () => {
    const LIBRARY = {
      'package.json': '{ "name": "my-library", "type": "module" }',
      'src/index.ts': "import { extname } from 'node:path';\nimport { part } from './part';\nimport './style.css';\nexport default function library(): string { return part(extname('a.b')); }\nexport const version = __VERSION__;\ndeclare const __VERSION__: string;",
      'src/part.ts': "export const part = (value: string) => `part ${value}`;\nexport const unused = () => 'not wanted';",
      'src/style.css': '.library { color: red }',
    };

    test('has the formats and file names of Vite, and does the same', async () => {
      const app = application(LIBRARY);
      const options = {
        define: { __VERSION__: '"1.0"' },
        build: { lib: { entry: app.at('src/index.ts'), name: 'Library', formats: ['es', 'cjs', 'umd'] }, rollupOptions: { external: ['node:path'], output: { globals: { 'node:path': 'path' }, exports: 'named' } } },
      };
      for (const name of ['alone', 'ours']) {
        await buildInto(vite, app, name, options);
        const es = await app.run(`${name}/my-library.js`);
        expect([es.default(), es.version]).toEqual(['part .b', '1.0']);
        for (const file of ['my-library.cjs', 'my-library.umd.cjs']) {
          const required = app.require(`${name}/${file}`);
          expect([required.default(), required.version]).toEqual(['part .b', '1.0']);
        }
      }
      expect(app.list('ours')).toEqual(app.list('alone'));
      // Vite marks a style sheet that several outputs make.
      const css = (name) => app.read(`${name}/my-library.css`).replace(/\/\*\$vite\$:\d+\*\//, '').trim();
      expect(css('ours')).toBe(css('alone'));
      // A library keeps its lines for the next bundler.
      expect(app.read('ours/my-library.js').split('\n').length).toBeGreaterThan(5);
    });
  });

  describe('a server', () => {
    const SERVER = {
      'package.json': '{ "type": "module" }',
      'index.html': '<!doctype html><html lang="en"><head></head><body><script type="module" src="./src/client.ts"></script></body></html>',
      'src/client.ts': "import { render } from './shared';\nimport './style.css';\ndocument.body.append(render(import.meta.env.SSR));",
      'src/server.ts': "import { readFileSync } from 'node:fs';\nimport { render } from './shared';\nimport './style.css';\nimport url from './large.svg?no-inline';\nimport tool from 'tool';\nconst main = async () => [render(import.meta.env.SSR), typeof readFileSync, url.replace(/-[\\w-]{8}/, ''), tool.name, (await import('./lazy')).lazy];\nexport const keeps = process.env.NODE_ENV;\nexport default main;\nconsole.log(JSON.stringify(await main()));",
      'src/shared.ts': 'export const render = (ssr: boolean) => `rendered ${ssr}`;',
      'src/lazy.ts': "export const lazy = ['lazy'].join();",
      'src/style.css': 'body { color: red }',
      'src/large.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    };

    test('runs as the one that Vite builds', async () => {
      const app = project(SERVER);
      linkPackages(app);
      app.write('server-packages/node_modules/tool/package.json', '{ "name": "tool", "main": "index.js" }');
      app.write('server-packages/node_modules/tool/index.js', "exports.name = 'tool';");
      const results = [];
      for (const name of ['alone', 'ours']) {
        await buildInto(vite, app, name, { build: { ssr: app.at('src/server.ts') }, resolve: { alias: { tool: app.at('server-packages/node_modules/tool/index.js') } } });
        results.push(await outputOf(app.at(`${name}/server.js`)));
      }
      expect(results[1]).toBe(results[0]);
      expect(results[1]).toContain('rendered true');
      expect(app.list('ours').filter((file) => file.endsWith('.css'))).toEqual([]);
    });

    test('and a client, and a third environment, are built by one builder as they are by Vite alone', async () => {
      const app = project(SERVER);
      linkPackages(app);
      app.write('src/server.ts', "import { render } from './shared';\nimport url from './large.svg?no-inline';\nconsole.log(render(import.meta.env.SSR), url.replace(/-[\\w-]{8}/, ''));");
      app.write('src/edge.ts', "import { render } from './shared';\nexport default () => render(import.meta.env.SSR) + typeof process;\nconsole.log('edge', render(import.meta.env.SSR));");
      const seen = [];
      for (const name of ['alone', 'ours']) {
        const environment = (input) => ({ rollupOptions: { input: app.at(input), output: { entryFileNames: '[name].js' } } });
        const builder = await vite.createBuilder({
          root: app.dir, configFile: false, logLevel: 'silent', plugins: [name === 'ours' && cloudpack()],
          environments: {
            client: { build: { outDir: app.at(`${name}/client`), ssrManifest: true } },
            ssr: { build: { outDir: app.at(`${name}/server`), ...environment('src/server.ts') } },
            edge: { consumer: 'server', resolve: { noExternal: true }, build: { outDir: app.at(`${name}/edge`), ssr: true, ...environment('src/edge.ts') } },
          },
          builder: { async buildApp(builder) { await Promise.all(Object.values(builder.environments).map((one) => builder.build(one))); } },
        });
        await builder.buildApp();
        const ssrManifest = JSON.parse(app.read(`${name}/client/.vite/ssr-manifest.json`));
        seen.push({
          ran: [await outputOf(app.at(`${name}/server/server.js`)), await outputOf(app.at(`${name}/edge/edge.js`))],
          files: ['client', 'server', 'edge'].map((part) => app.list(`${name}/${part}`).map(withoutHashes).sort()),
          // By module: the files that a page needs which renders it.
          needs: Object.entries(ssrManifest).map(([id, files]) => [id, files.map(withoutHashes)]).sort(),
          page: withoutHashes(app.read(`${name}/client/index.html`)),
        });
      }
      expect(seen[1]).toEqual(seen[0]);
      expect(seen[1].ran[0]).toContain('rendered true');
    });
  });

  test('the watcher of Vite builds after an edit and after an error', async () => {
    const app = application({ 'index.html': '<!doctype html><html lang="en"><body><script type="module" src="./main.js"></script></body></html>', 'main.js': "import { b } from './b.js';\ndocument.title = b;", 'b.js': "export const b = ['first'].join();" });
    const { result: watcher } = await buildInto(vite, app, 'ours', { build: { watch: { chokidar: { usePolling: false } } } });
    const next = () => new Promise((resolve, reject) => {
      const listen = (event) => {
        if (event.code === 'BUNDLE_END' || event.code === 'ERROR') {
          watcher.off?.('event', listen);
          resolve(event.code);
        }
      };
      watcher.on('event', listen);
      setTimeout(reject, 20_000, new Error('no build came')).unref();
    });
    const code = () => app.list('ours').filter((file) => file.endsWith('.js')).map((file) => app.read(`ours/${file}`)).join();
    const edit = async (text) => {
      const done = next();
      await new Promise((resolve) => setTimeout(resolve, 200));
      app.write('b.js', text);
      return done;
    };
    try {
      await next();
      await expect.poll(code, { timeout: 20_000 }).toContain('first');
      await edit("export const b = ['second'].join();");
      await expect.poll(code, { timeout: 20_000 }).toContain('second');
      expect(await edit('export const = 3;')).toBe('ERROR');
      await edit("export const b = ['third'].join();");
      await expect.poll(code, { timeout: 20_000 }).toContain('third');
    } finally {
      await watcher.close();
    }
  });
});
