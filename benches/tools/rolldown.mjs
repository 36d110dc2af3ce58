// Rolldown: the Node API with its defaults and its own minifier. It does not bundle style sheets (they are given the type
// "empty", so it does less than the others). It keeps nothing on disk. The session is its watcher.
import { join } from 'node:path';
import { peer, versionOf } from '../lib/peers.mjs';
import { rollupSession } from '../lib/rollup-session.mjs';

const input = ({ app }) => ({
  input: { main: join(app, 'src', 'main.ts') },
  cwd: app,
  platform: 'node',
  logLevel: 'silent',
  moduleTypes: { '.css': 'empty' },
});
const output = ({ out, minify, sourcemap = false }) => ({ dir: out, minify, sourcemap });

export default {
  title: 'Rolldown',
  version: () => versionOf('rolldown'),
  cache: false,
  session: 'watch',
  notes: 'style sheets left out: it bundles none',
  async build(job) {
    const { rolldown } = await peer('rolldown');
    const bundle = await rolldown(input(job));
    await bundle.write(output(job));
    await bundle.close();
  },
  async open(job) {
    const { watch } = await peer('rolldown');
    return rollupSession(watch({ ...input(job), output: output(job) }));
  },
};
