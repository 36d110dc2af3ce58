// esbuild: its native program without Node (its fastest form), code splitting on, ES modules for Node, its own minifier.
// It keeps nothing on disk. The session is `context().rebuild()` of the Node API: its watcher polls, rebuild() does not wait.
import { join } from 'node:path';
import { peer, peerFile, versionOf } from '../lib/peers.mjs';

export default {
  title: 'esbuild',
  version: () => versionOf('esbuild'),
  cache: false,
  session: 'rebuild',
  command: ({ app, out, minify, sourcemap = false }) => [
    peerFile('.bin', 'esbuild'), join(app, 'src', 'main.ts'), '--bundle', '--splitting', '--format=esm', '--platform=node',
    `--outdir=${out}`, '--log-level=error', ...(minify ? ['--minify'] : []), ...(sourcemap ? ['--sourcemap'] : []),
  ],
  async open({ app, out, minify }) {
    const esbuild = await peer('esbuild');
    const context = await esbuild.context({
      entryPoints: [join(app, 'src', 'main.ts')], bundle: true, splitting: true, format: 'esm', platform: 'node', outdir: out,
      logLevel: 'error', minify, absWorkingDir: app,
    });
    await context.rebuild();
    return { ready: Promise.resolve(), rebuild: () => context.rebuild(), close: () => context.dispose() };
  },
};
