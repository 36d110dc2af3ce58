// One way to ask each bundler for the same thing: `bundle({ entry, out, platform, format, minify, sourcemap })` writes files below
// `out` and returns the path of the entry chunk.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const all = { cloudpack, esbuild, rolldown };

/** `names` of them; peers are those that `directory` has installed. */
export async function bundlers(names = Object.keys(all), directory) {
  return Promise.all(names.map(async (name) => ({ name, bundle: await all[name](directory) })));
}

const define = { 'process.env.NODE_ENV': '"production"' };
const extension = (format) => (format === 'cjs' ? 'cjs' : 'mjs');
const entryIn = (out) => join(out, readdirSync(out).find((file) => /^main\.[mc]js$/.test(file)));

async function cloudpack() {
  const { build } = await import('../../js/index.js');
  return async ({ entry, out, platform, format, minify, sourcemap }) => {
    const suffix = extension(format);
    await build({
      input: { main: entry }, platform, define, logLevel: 'silent',
      output: { dir: out, format, minify, sourcemap, entryFileNames: `[name].${suffix}`, chunkFileNames: `[name]-[hash].${suffix}` },
    });
    return entryIn(out);
  };
}

async function esbuild(directory) {
  const { build } = await importInstalled(directory, 'esbuild');
  return async ({ entry, out, platform, format, minify, sourcemap }) => {
    const suffix = `.${extension(format)}`;
    await build({
      entryPoints: { main: entry }, bundle: true, splitting: format === 'es', outdir: out, platform, define, minify, sourcemap, logLevel: 'silent',
      format: format === 'es' ? 'esm' : format, outExtension: { '.js': suffix }, absWorkingDir: out,
    });
    return entryIn(out);
  };
}

async function rolldown(directory) {
  const { build } = await importInstalled(directory, 'rolldown');
  return async ({ entry, out, platform, format, minify, sourcemap }) => {
    const suffix = extension(format);
    await build({
      input: { main: entry }, platform, transform: { define }, logLevel: 'silent',
      output: { dir: out, format, minify, sourcemap, entryFileNames: `[name].${suffix}`, chunkFileNames: `[name]-[hash].${suffix}` },
    });
    return entryIn(out);
  };
}

async function importInstalled(directory, name) {
  const require = createRequire(join(directory, 'package.json'));
  return import(pathToFileURL(require.resolve(name)).href);
}
