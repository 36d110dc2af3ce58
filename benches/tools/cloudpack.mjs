// Cloudpack: the Node API with its defaults and `minify: true`. The addon of the working tree is used as it is (build it with
// `npm run setup`). Whether there is a persistent cache and a session is asked of the package itself.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { root } from '../lib/places.mjs';

const cloudpack = await import(pathToFileURL(join(root, 'js', 'index.js')).href);
const hasStore = typeof cloudpack.createSession === 'function';

const options = ({ app, out, cache, minify }) => ({
  input: { main: 'src/main.ts' },
  cwd: app,
  platform: 'node',
  logLevel: 'silent',
  output: { dir: out, minify },
  ...(hasStore ? { cache: cache ? { dir: cache } : false } : {}),
});

export default {
  title: 'Cloudpack',
  version: () => cloudpack.VERSION,
  cache: hasStore,
  session: hasStore ? 'rebuild' : false,
  notes: hasStore ? '' : 'no persistent cache and no session yet: every build starts from nothing',
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
