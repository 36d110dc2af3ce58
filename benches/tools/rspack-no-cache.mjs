// Rspack as in rspack.mjs, without its persistent cache: what a build costs that keeps nothing.
import { peer, versionOf } from '../lib/peers.mjs';
import { buildOnce } from '../lib/webpack-session.mjs';
import { rspackOptions } from './rspack.mjs';

export default {
  title: 'Rspack',
  version: () => versionOf('@rspack/core'),
  cache: false,
  session: false,
  async build(job) {
    const { rspack } = await peer('@rspack/core');
    await buildOnce(rspack, rspackOptions({ ...job, cache: '' }));
  },
};
