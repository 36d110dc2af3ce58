// Cloudpack: the Node API with its defaults, `minify: true` and `cache: { dir }`, which keeps compiled modules by content. The
// addon of the working tree is used as it is (build it with `npm run setup`). Whether there is a session is asked of the
// package itself.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { root } from '../lib/places.mjs';

const cloudpack = await import(pathToFileURL(join(root, 'js', 'index.js')).href);
const hasSession = typeof cloudpack.createSession === 'function';

const options = ({ app, out, cache, minify }) => ({
  input: { main: 'src/main.ts' },
  cwd: app,
  platform: 'node',
  logLevel: 'silent',
  output: { dir: out, minify },
  cache: cache ? { dir: cache } : false,
});

export default {
  title: 'Cloudpack',
  version: () => cloudpack.VERSION,
  cache: true,
  session: hasSession ? 'rebuild' : false,
  notes: hasSession ? '' : 'no session yet; its store keeps compiled modules, everything else is done again in each build',
  async build(job) {
    await cloudpack.build(options(job));
  },
  async open(job) {
    const session = await cloudpack.createSession(options(job));
    await session.build();
    // The files that were edited are named, as an editor or a watcher would.
    return { ready: Promise.resolve(), rebuild: (files) => session.update(files), close: () => session.close() };
  },
};
