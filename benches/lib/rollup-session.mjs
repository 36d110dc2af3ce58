// A watcher with Rollup's events -> a session of the bench.

/**
 * @param {import('rollup').RollupWatcher} watcher
 */
export function rollupSession(watcher) {
  const session = { onStart: () => {}, onBuilt: () => {}, ready: Promise.resolve(), close: () => watcher.close() };
  session.ready = new Promise((resolve, reject) => {
    watcher.on('event', (event) => {
      if (event.code === 'START') session.onStart();
      if (event.code === 'BUNDLE_END') event.result?.close?.();
      if (event.code === 'END') {
        resolve(undefined);
        session.onBuilt();
      }
      if (event.code === 'ERROR') reject(event.error);
    });
  });
  return session;
}
