// Rspack with its persistent cache: builtin:swc-loader, its own style sheets and minifier, ES modules for Node. The cache is
// `cache: { type: 'persistent' }`, written before the process ends. The session is its watcher (`aggregateTimeout: 5`).
import { peer, versionOf } from '../lib/peers.mjs';
import { buildOnce, webpackOptions, webpackSession } from '../lib/webpack-session.mjs';

const loader = {
  loader: 'builtin:swc-loader',
  options: { detectSyntax: 'auto', jsc: { target: 'es2022', transform: { react: { runtime: 'automatic' } } } },
  type: 'javascript/auto',
};

export function rspackOptions(job) {
  const cache = job.cache ? { type: 'persistent', storage: { type: 'filesystem', directory: job.cache } } : false;
  return webpackOptions(job, loader, { cache });
}

/** `{ request, from, files }` of each; the entry has no request. */
function chunkGroups(compilation) {
  return [...compilation.chunkGroups].flatMap((group) => {
    const files = [...new Set(group.chunks.flatMap((chunk) => [...chunk.files]))].filter((file) => /\.m?js$/.test(file));
    if (group.isInitial()) return [{ files }];
    return group.origins.map((origin) => ({ request: origin.request, from: origin.module?.resource ?? '', files }));
  });
}

export default {
  title: 'Rspack, persistent cache',
  version: () => versionOf('@rspack/core'),
  cache: true,
  session: 'watch',
  async build(job) {
    const { rspack } = await peer('@rspack/core');
    await buildOnce(rspack, rspackOptions(job));
  },
  /** Which files each `import()` loads cannot be read off the files: a table in the runtime says it. */
  async buildAndSay(job) {
    const { rspack } = await peer('@rspack/core');
    return buildOnce(rspack, rspackOptions({ ...job, cache: '' }), ({ compilation }) => chunkGroups(compilation));
  },
  async open(job) {
    const { rspack } = await peer('@rspack/core');
    return webpackSession(rspack, rspackOptions({ ...job, cache: '' }));
  },
};
