// Bun: `bun build` with code splitting, ES modules for Bun's own target "node", its own minifier; a native program without
// Node. It keeps nothing on disk. Its watcher is for its command line and tells nobody when it is done, so there is no session.
import { join } from 'node:path';
import { peerFile, versionOf } from '../lib/peers.mjs';

export default {
  title: 'Bun',
  version: () => versionOf('bun'),
  cache: false,
  session: false,
  command: ({ app, out, minify, sourcemap = false }) => [
    peerFile('bun', 'bin', 'bun.exe'), 'build', join(app, 'src', 'main.ts'), '--splitting', '--format=esm', '--target=node',
    `--outdir=${out}`, `--root=${join(app, 'src')}`, '--production', ...(minify ? ['--minify'] : []), ...(sourcemap ? ['--sourcemap=linked'] : []),
  ],
};
