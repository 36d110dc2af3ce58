// Cloudpack: the Node API with its defaults, `minify: true` and `cache: { dir }`, which keeps compiled modules by content. The
// addon of the working tree is used as it is (build it with `npm run setup`). The session is its watcher, with the store.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { root } from '../lib/places.mjs';
import { rollupSession } from '../lib/rollup-session.mjs';

const cloudpack = await import(pathToFileURL(join(root, 'js', 'index.js')).href);

const options = ({ app, out, cache, minify, sourcemap = false }) => ({
  input: { main: 'src/main.ts' },
  cwd: app,
  platform: 'node',
  logLevel: 'silent',
  output: { dir: out, minify, sourcemap },
  cache: cache ? { dir: cache } : false,
});

export default {
  title: 'Cloudpack',
  version: () => cloudpack.VERSION,
  cache: true,
  session: 'watch',
  notes: '',
  async build(job) {
    await cloudpack.build(options(job));
  },
  async open(job) {
    return rollupSession(cloudpack.watch({ ...options(job), cache: { dir: join(job.app, 'node_modules/.cache/cloudpack') } }));
  },
};
