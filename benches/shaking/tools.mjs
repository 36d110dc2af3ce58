// One way to ask each bundler for the same: a browser bundle of ES modules in one entry file `main.mjs`, for production, minified as the
// tool minifies by itself; Rollup by terser, two passes. Legal comments go the same way for all: none.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const define = { 'process.env.NODE_ENV': '"production"' };
const names = { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' };

/** Ours come first. @returns {Promise<{ name: string, version: string, isOwn?: boolean, bundle: (job: { entry: string, out: string, cwd: string }) => Promise<void> }[]>} */
export async function tools(directory) {
  const require = createRequire(join(directory, 'package.json'));
  const bring = async (name) => import(pathToFileURL(require.resolve(name)).href);
  const version = (name) => require(`${name}/package.json`).version;
  const { build } = await import('../../js/index.js');
  const rolldown = await bring('rolldown');
  const { rollup } = await bring('rollup');
  const esbuild = await bring('esbuild');
  const terser = await bring('terser');
  const plugin = async (name, options) => (await bring(`@rollup/plugin-${name}`)).default(options);
  return [
    ...[{ name: 'cloudpack', minify: true }, { name: 'cloudpack full', minify: /** @type {const} */ ('full') }].map(({ name, minify }) => ({
      name,
      version: '',
      isOwn: true,
      bundle: async (/** @type {{ entry: string, out: string, cwd: string }} */ { entry, out, cwd }) => {
        await build({ input: { main: entry }, cwd, platform: 'browser', define, logLevel: 'silent', output: { dir: out, format: 'es', minify, legalComments: 'none', ...names } });
      },
    })),
    {
      name: 'rolldown',
      version: version('rolldown'),
      bundle: async ({ entry, out, cwd }) => {
        await rolldown.build({ input: { main: entry }, cwd, platform: 'browser', transform: { define }, logLevel: 'silent', output: { dir: out, format: 'es', minify: true, legalComments: 'none', ...names } });
      },
    },
    {
      name: 'rollup + terser',
      version: `${version('rollup')} + ${version('terser')}`,
      bundle: async ({ entry, out }) => {
        const plugins = [
          await plugin('replace', { preventAssignment: true, values: define }),
          await plugin('node-resolve', { browser: true, exportConditions: ['production'] }),
          await plugin('commonjs', {}),
          {
            name: 'terser',
            renderChunk: async (code) => ({ code: (await terser.minify(code, { module: true, compress: { passes: 2 }, format: { comments: false } })).code, map: null }),
          },
        ];
        const bundle = await rollup({ input: { main: entry }, plugins, onwarn: () => {} });
        await bundle.write({ dir: out, format: 'es', ...names });
        await bundle.close();
      },
    },
    {
      name: 'esbuild',
      version: version('esbuild'),
      bundle: async ({ entry, out, cwd }) => {
        await esbuild.build({
          entryPoints: { main: entry }, absWorkingDir: cwd, bundle: true, splitting: true, outdir: out, format: 'esm', platform: 'browser', define,
          minify: true, legalComments: 'none', logLevel: 'silent', outExtension: { '.js': '.mjs' },
        });
      },
    },
  ];
}
