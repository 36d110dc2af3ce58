// webpack with its file system cache: esbuild-loader for TypeScript and JSX, esbuild as its minifier (Terser takes several
// times as long), its own style sheets, ES modules for Node. The session is its watcher (`aggregateTimeout: 5`).
import { join } from 'node:path';
import { peer, peerFile, versionOf } from '../lib/peers.mjs';
import { buildOnce, webpackOptions, webpackSession } from '../lib/webpack-session.mjs';

async function options(job) {
  const { EsbuildPlugin } = (await peer('esbuild-loader')).default;
  const cache = job.cache ? { type: 'filesystem', cacheDirectory: job.cache, compression: false } : false;
  return webpackOptions(job, { loader: peerFile('esbuild-loader'), options: { target: 'es2022' }, type: 'javascript/auto' }, {
    cache,
    experiments: { css: true },
    optimization: { minimize: job.minify, minimizer: [new EsbuildPlugin({ target: 'es2022' })] },
    resolveLoader: { modules: [join(peerFile())] },
  });
}

export default {
  title: 'webpack, filesystem cache',
  version: () => versionOf('webpack'),
  cache: true,
  session: 'watch',
  async build(job) {
    const { default: webpack } = await peer('webpack');
    await buildOnce(webpack, await options(job));
  },
  async open(job) {
    const { default: webpack } = await peer('webpack');
    return webpackSession(webpack, await options({ ...job, cache: '' }));
  },
};
