// Rollup's own function tests: each is built by Rollup with `cloudpack/rollup` added to its plugins, what comes out is run, and the
// case's configuration judges it: exports, what is thrown, codes of errors and warnings. Texts of code and of messages are not compared.
import { existsSync, mkdirSync, readdirSync, cpSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inParallel, runNode } from '../lib/node.js';
import { scratchFolder } from '../lib/scratch.js';

const SAMPLES = 'test/function/samples';
const CASES_A_PROCESS = 40;
const PATIENCE_MS = 180_000;
const worker = fileURLToPath(new URL('rollup-worker.cjs', import.meta.url));
const packages = fileURLToPath(new URL('../../__test__/hosts/node_modules', import.meta.url));

export const rollup = {
  name: 'rollup',
  about: "Rollup's function tests, built by Rollup with `cloudpack/rollup` and judged by what the output does and by the codes of errors and warnings.",
  bar: 'at least 90 % of what applies',
  repository: 'rollup/rollup',
  commit: '89bda2cd8e9def2ea037e7dbffaf392ce9f1ddcb',
  folders: ['test'],
  run,
};

async function* run({ directory, skipped, wants }) {
  if (!existsSync(path.join(packages, 'rollup'))) throw new Error('Rollup is not installed: npm ci in __test__/hosts');
  const scratch = scratchFolder('rollup');
  cpSync(path.join(directory, 'test'), path.join(scratch, 'test'), { recursive: true });
  mkdirSync(path.join(scratch, 'dist'), { recursive: true });
  symlinkSync(packages, path.join(scratch, 'node_modules'), 'dir');
  const root = path.join(scratch, SAMPLES);
  const names = readdirSync(root, { recursive: true }).filter((name) => path.basename(name) === '_config.js').map((name) => path.dirname(name).replaceAll('\\', '/')).sort();
  const batches = [];
  const wanted = names.filter(wants);
  for (let at = 0; at < wanted.length; at += CASES_A_PROCESS) batches.push(wanted.slice(at, at + CASES_A_PROCESS));
  for await (const results of inParallel(batches, (batch) => runBatch(root, batch))) yield* results.map((result) => judged(result, skipped));
}

/** What ends the process takes the cases behind it with it: those get a process of their own. */
async function runBatch(root, batch) {
  const results = [];
  let left = batch;
  while (left.length > 0) {
    const input = JSON.stringify({ root, names: left, packages });
    const { stdout } = await runNode(['--no-warnings', worker], { input, patience: PATIENCE_MS });
    const found = stdout.split('\n').filter((line) => line.startsWith('result:')).map((line) => JSON.parse(line.slice('result:'.length)));
    results.push(...found);
    if (found.length < left.length) results.push({ id: left[found.length], group: 'runs', detail: 'the process ended' });
    left = left.slice(found.length + 1);
  }
  return results;
}

function judged({ id, group, detail, kinds = [] }, skipped) {
  if (detail === undefined) return { id, group, status: 'pass' };
  const names = [id, ...kinds.map((kind) => `kind:${kind}`)];
  const reason = names.map(skipped).find(Boolean);
  return reason ? { id, group, status: 'skip', detail: reason, names } : { id, group, status: 'fail', detail };
}
