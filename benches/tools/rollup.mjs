// Rollup with rollup-plugin-esbuild (types, JSX and the minifier), node-resolve, commonjs, json, and a plugin of six lines
// that puts style sheets into one file. It keeps nothing on disk. The session is its watcher.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { peer, versionOf } from '../lib/peers.mjs';
import { rollupSession } from '../lib/rollup-session.mjs';

function css() {
  const sheets = new Map();
  return {
    name: 'css',
    load: (id) => (id.endsWith('.css') ? (sheets.set(id, readFileSync(id, 'utf8')), 'export {};') : null),
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'main.css', source: [...sheets.values()].join('\n') });
    },
  };
}

async function options({ app, out, minify }) {
  const [{ default: esbuild, minify: minifier }, { default: commonjs }, { nodeResolve }, { default: json }] = await Promise.all(
    ['rollup-plugin-esbuild', '@rollup/plugin-commonjs', '@rollup/plugin-node-resolve', '@rollup/plugin-json'].map(peer));
  return {
    input: { main: join(app, 'src', 'main.ts') },
    logLevel: 'silent',
    plugins: [
      css(), nodeResolve({ extensions: ['.ts', '.tsx', '.js', '.jsx', '.json'] }), json(), commonjs({ extensions: ['.js', '.cjs'] }),
      esbuild({ target: 'es2022' }), ...(minify ? [minifier()] : []),
    ],
    output: { dir: out, format: 'es' },
  };
}

export default {
  title: 'Rollup + esbuild',
  version: () => versionOf('rollup'),
  cache: false,
  session: 'watch',
  async build(job) {
    const { rollup } = await peer('rollup');
    const config = await options(job);
    const bundle = await rollup(config);
    await bundle.write(config.output);
    await bundle.close();
  },
  async open(job) {
    const { watch } = await peer('rollup');
    return rollupSession(watch(await options(job)));
  },
};
