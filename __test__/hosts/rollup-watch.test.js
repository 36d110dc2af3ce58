// `cloudpack/rollup` under Rollup's command line and under its watcher.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

import { watch } from 'rollup';
import cloudpack from '../../js/rollup/index.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { project } from '../support/project.js';
import { outputOf } from './both.js';

const require = createRequire(import.meta.url);
const command = path.join(path.dirname(require.resolve('rollup/package.json')), 'dist/bin/rollup');
const plugin = JSON.stringify(new URL('../../js/rollup/index.js', import.meta.url).href);

test('rollup -c builds with it', async () => {
  const app = project({
    'main.mjs': "import { b } from './b.mjs';\nconsole.log(b());",
    'b.mjs': "export const b = () => 'built';",
  });
  app.write('rollup.config.mjs', `import cloudpack from ${plugin};
export default { input: ${JSON.stringify(app.at('main.mjs'))}, plugins: [cloudpack()], output: ['es', 'cjs'].map((format) => ({ file: ${JSON.stringify(app.at('dist'))} + '/main.' + (format === 'es' ? 'mjs' : 'cjs'), format })) };`);
  execFileSync(process.execPath, [command, '-c', app.at('rollup.config.mjs'), '--silent'], { cwd: app.dir, stdio: 'pipe' });
  expect(await outputOf(app.at('dist/main.mjs'))).toBe('built\n');
  expect(await outputOf(app.at('dist/main.cjs'))).toBe('built\n');
  expect(app.read('dist/main.mjs')).toContain('//#region');
});

describe('the watcher', () => {
  test('builds after an edit, after an error, and for files that plugins named', async () => {
    const app = project({
      'main.js': "import { b } from './b.js';\nimport text from 'virtual:text';\nexport default () => b + text;",
      'b.js': "export const b = ['b'].join();",
      'text.txt': 'one',
    });
    const told = [];
    const reading = {
      name: 'reading',
      resolveId: (source) => (source === 'virtual:text' ? '\0text' : null),
      load(id) {
        if (id !== '\0text') return null;
        this.addWatchFile(app.at('text.txt'));
        return `export default ${JSON.stringify(app.read('text.txt'))}.trim();`;
      },
      watchChange(id, { event }) { told.push(`${event} ${path.basename(id)}`); },
      closeWatcher() { told.push('closed'); },
    };
    const watcher = watch({ input: app.at('main.js'), plugins: [reading, cloudpack()], output: [{ file: app.at('dist/main.mjs') }, { file: app.at('dist/main.cjs'), format: 'cjs', exports: 'default' }] });
    onTestFinished(() => watcher.close());
    const next = () => new Promise((resolve, reject) => {
      const listen = (event) => {
        if (event.result) void event.result.close();
        if (event.code !== 'ERROR' && event.code !== 'BUNDLE_END') return;
        watcher.off('event', listen);
        resolve(event);
      };
      watcher.on('event', listen);
      setTimeout(reject, 20_000, new Error('no build came')).unref();
    });
    const value = async () => (await app.run('dist/main.mjs')).default();
    const edit = async (name, text) => {
      const built = next();
      // The watcher compares times of files, and some file systems count in coarse steps.
      await new Promise((resolve) => setTimeout(resolve, 150));
      app.write(name, text);
      return built;
    };

    expect((await next()).code).toBe('BUNDLE_END');
    expect(await value()).toBe('bone');
    await edit('b.js', "export const b = ['c'].join();");
    expect(await value()).toBe('cone');
    await edit('text.txt', 'two');
    expect(await value()).toBe('ctwo');
    const failed = await edit('b.js', 'export const = 1;');
    expect(failed).toMatchObject({ code: 'ERROR', error: { code: 'PARSE_ERROR', id: app.at('b.js') } });
    await edit('b.js', "export const b = ['d'].join();");
    expect(await value()).toBe('dtwo');
    await watcher.close();
    expect(told).toEqual(['update b.js', 'update text.txt', 'update b.js', 'update b.js', 'closed']);
  });
});
