// Vite: `build()` for Node (`build.ssr`), as that is what leaves the entry runnable; dependencies are bundled. `vite build` keeps
// nothing on disk. The session is `build.watch`, which builds everything again.
import { join } from 'node:path';
import { peer, versionOf } from '../lib/peers.mjs';
import { rollupSession } from '../lib/rollup-session.mjs';

const options = ({ app, out, minify }, watch = null) => ({
  root: app,
  configFile: false,
  logLevel: 'silent',
  ssr: { noExternal: true },
  build: {
    ssr: true, outDir: out, emptyOutDir: true, minify, watch, reportCompressedSize: false, target: 'node20',
    rollupOptions: { input: { main: join(app, 'src', 'main.ts') }, output: { format: 'es', entryFileNames: '[name].js' } },
  },
});

export default {
  title: 'Vite',
  version: () => versionOf('vite'),
  cache: false,
  session: 'watch',
  notes: 'style sheets left out: a build for Node emits none',
  async build(job) {
    const { build } = await peer('vite');
    await build(options(job));
  },
  async open(job) {
    const { build } = await peer('vite');
    return rollupSession(await build(options(job, {})));
  },
};
