// Utoo Pack (Turbopack): its Node API (nothing may lie outside of its root, hence the folder around the application), production mode, target Node, its persistent cache. Its watcher is bound to its
// development server, so there is no session.
import { home } from '../lib/places.mjs';
import { peer, versionOf } from '../lib/peers.mjs';

export default {
  title: 'Utoo Pack',
  version: () => versionOf('@utoo/pack'),
  cache: true,
  session: false,
  async build({ app, out, cache, minify }) {
    const { build } = await peer('@utoo/pack');
    process.chdir(app);
    await build({
      processEnv: {}, dev: false, tracing: false,
      config: {
        mode: 'production', target: 'node 20', entry: [{ name: 'main', import: './src/main.ts' }],
        output: { path: out, filename: '[name].js', chunkFilename: '[name].[contenthash:8].js', clean: true },
        optimization: { minify }, sourceMaps: false,
        persistentCaching: Boolean(cache), ...(cache ? { cacheDirectory: cache } : {}),
      },
    }, app, home);
    process.exit(0);
  },
};
