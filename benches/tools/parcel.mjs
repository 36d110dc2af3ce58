// Parcel: its Node API with the default configuration, production mode, ES modules for Node, its cache on disk.
// The session is its watcher.
import { join } from 'node:path';
import { peer, peerFile, versionOf } from '../lib/peers.mjs';

async function bundler({ app, out, cache, minify }) {
  process.chdir(app);
  const { Parcel } = await peer('@parcel/core').then((module) => module.default ?? module);
  return new Parcel({
    entries: join(app, 'src', 'main.ts'),
    defaultConfig: peerFile('@parcel', 'config-default'),
    mode: 'production',
    shouldDisableCache: !cache,
    cacheDir: cache || undefined,
    shouldAutoInstall: false,
    defaultTargetOptions: { shouldOptimize: minify, sourceMaps: false },
    targets: {
      main: {
        distDir: out, distEntry: 'main.js', context: 'node', outputFormat: 'esmodule', isLibrary: false, includeNodeModules: true,
        engines: { node: '>=20' }, scopeHoist: true,
      },
    },
  });
}

export default {
  title: 'Parcel',
  version: () => versionOf('parcel'),
  cache: true,
  session: 'watch',
  async build(job) {
    await (await bundler(job)).run();
  },
  async open(job) {
    const session = { onStart: () => {}, onBuilt: () => {}, ready: Promise.resolve(), close: () => subscription?.unsubscribe() };
    let subscription;
    session.ready = new Promise((resolve, reject) => {
      bundler(job).then((parcel) => parcel.watch((error, event) => {
        if (error ?? event?.type === 'buildFailure') return reject(error ?? new Error(event.diagnostics?.[0]?.message));
        resolve(undefined);
        session.onBuilt();
      })).then((made) => { subscription = made; }, reject);
    });
    return session;
  },
};
