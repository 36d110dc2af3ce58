// tla-fuzzer: random graphs of modules that await, bundled, against Node running the modules themselves. The suite's own
// generator makes the graphs; its randomness is seeded here, so that a score can be had again.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../../js/index.js';
import { inParallel, runNode } from '../lib/node.js';
import { scratchFolder, writeFiles } from '../lib/scratch.js';

const GRAPHS_A_VARIANT = 300;
const GRAPHS_A_PROCESS = 30;

const variants = [
  { name: 'simple', isCyclic: false, useTrailingPromise: false },
  { name: 'trailing promise', isCyclic: false, useTrailingPromise: true },
  { name: 'cyclic', isCyclic: true, useTrailingPromise: false },
  { name: 'cyclic, trailing promise', isCyclic: true, useTrailingPromise: true },
];

export const tlaFuzzer = {
  name: 'tla-fuzzer',
  about: 'Order of evaluation of random graphs of ten modules, half of which await at top level, against Node.',
  bar: 'at least 99 % in each variant',
  repository: 'evanw/tla-fuzzer',
  commit: '1a39e01e7a088cb61a32d52f10e64d3bb960c6dc',
  run,
};

async function* run({ directory, wants }) {
  const generate = generatorOf(path.join(directory, 'fuzzer.js'));
  const scratch = scratchFolder('tla');
  const graphs = [];
  for (const [number, variant] of variants.entries()) {
    for (let seed = 0; seed < GRAPHS_A_VARIANT; seed++) {
      const files = generate(random(number * GRAPHS_A_VARIANT + seed + 1), variant);
      const id = `${variant.name} ${seed}`;
      if (wants(id)) graphs.push({ id, group: variant.name, files, folder: path.join(scratch, String(number), String(seed)) });
    }
  }
  const batches = [];
  for (let at = 0; at < graphs.length; at += GRAPHS_A_PROCESS) batches.push(graphs.slice(at, at + GRAPHS_A_PROCESS));
  for await (const results of inParallel(batches, runBatch)) yield* results;
}

async function runBatch(graphs) {
  for (const graph of graphs) {
    writeFiles(graph.folder, graph.files);
    const entry = Object.keys(graph.files).at(-1);
    try {
      await build({
        input: { main: path.join(graph.folder, entry) },
        cwd: graph.folder,
        platform: 'node',
        logLevel: 'silent',
        output: { dir: path.join(graph.folder, 'out'), entryFileNames: '[name].mjs' },
      });
    } catch (error) {
      graph.fault = String(error);
    }
    graph.entry = entry;
  }
  const worker = fileURLToPath(new URL('tla-fuzzer-worker.js', import.meta.url));
  const input = JSON.stringify(graphs.map(({ folder, entry }) => [path.join(folder, entry), path.join(folder, 'out', 'main.mjs')]));
  const { stdout, stderr } = await runNode([worker], { input });
  const lines = stdout.split('\n');
  return graphs.map((graph, index) => {
    const { id, group, files } = graph;
    const [expected, observed] = lines[index] ? JSON.parse(lines[index]) : ['', ''];
    if (graph.fault) return { id, group, status: 'fail', detail: graph.fault };
    if (!lines[index]) return { id, group, status: 'fail', detail: `the process ended: ${stderr}` };
    if (expected === observed) return { id, group, status: 'pass' };
    const graphText = Object.entries(files).map(([name, text]) => `[${name}] ${text.trim().replaceAll(/\n+/g, '; ')}`);
    return { id, group, status: 'fail', detail: `another order\n${graphText.join('\n')}\nexpected ${expected}\nobserved ${observed}` };
  });
}

/** The generator as it stands in the suite's program, which would start a run of its own if it were imported. */
function generatorOf(file) {
  const source = readFileSync(file, 'utf8');
  const [text] = source.match(/^function generateTestCase\([^]*?^\}$/m) ?? [];
  if (!text) throw new Error(`${file}: no generateTestCase() is in it`);
  const make = new Function('Math', `${text}\nreturn generateTestCase;`);
  return (next, variant) => make({ random: next })(variant);
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
