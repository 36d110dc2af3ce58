// Farm: its Node API with its plugin for JSX, production mode, target "node" with ES modules, its persistent cache. Its watcher is bound to its
// development server, so there is no session.
import { peer, peerFile, versionOf } from '../lib/peers.mjs';

export default {
  title: 'Farm',
  version: () => versionOf('@farmfe/core'),
  cache: true,
  session: false,
  async build({ app, out, cache, minify }) {
    const { build } = await peer('@farmfe/core');
    process.chdir(app);
    await build({
      root: app, configFile: false, mode: 'production', clearScreen: false,
      plugins: [[peerFile('@farmfe', 'plugin-react', 'index.js'), { runtime: 'automatic' }]],
      compilation: {
        input: { main: './src/main.ts' }, mode: 'production', minify, sourcemap: false, presetEnv: false,
        persistentCache: cache ? { namespace: 'bench', cacheDir: cache } : false,
        output: { path: out, targetEnv: 'node', format: 'esm', entryFilename: '[entryName].js', clean: true },
      },
    });
  },
};
