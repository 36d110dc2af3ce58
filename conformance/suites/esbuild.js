// esbuild's end-to-end tests: programs that check themselves, with the command line that builds them. The list is read from the
// suite's program; each command line is translated, built, and what comes out is run.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import url, { fileURLToPath } from 'node:url';
import { build } from '../../js/index.js';
import { buildOptionsOf, parseFlags } from '../lib/esbuild-flags.js';
import { inParallel, runNode } from '../lib/node.js';
import { linkHelpers, scratchFolder } from '../lib/scratch.js';

const CASES_A_PROCESS = 30;

export const esbuild = {
  name: 'esbuild',
  about: "esbuild's end-to-end tests through a translation of its command line. A case that names no format runs as cjs and as esm.",
  bar: 'at least 95 % of what applies',
  repository: 'evanw/esbuild',
  commit: 'f6058f8364fe7ab91ca57a83e02577ed74c9cae4',
  folders: ['scripts'],
  run,
};

const worker = fileURLToPath(new URL('esbuild-worker.js', import.meta.url));

async function* run({ directory, skipped, wants }) {
  const scratch = scratchFolder('esbuild');
  linkHelpers(scratch);
  const cases = [];
  for (const [index, test] of testsOf(path.join(directory, 'scripts', 'end-to-end-tests.js')).entries()) {
    for (const format of formatsOf(test)) {
      const id = `${index} ${[...test.args, `(${format})`].join(' ')}`;
      if (!wants(id)) continue;
      const names = [id, `kind:${test.kind}`, ...parseFlags(test.args).map((flag) => `flag:${flag.name}${flag.value ? `=${flag.value}` : ''}`)];
      if (test.options?.expectedStderr) names.push('kind:messages');
      const reason = names.map(skipped).find(Boolean);
      const group = test.args.includes('--bundle') ? 'bundled' : 'one file';
      if (reason) yield { id, group, status: 'skip', detail: reason, names };
      else cases.push({ id, group, format, test, folder: path.join(scratch, String(cases.length)) });
    }
  }
  const batches = [];
  for (let at = 0; at < cases.length; at += CASES_A_PROCESS) batches.push(cases.slice(at, at + CASES_A_PROCESS));
  for await (const results of inParallel(batches, runBatch)) yield* results;
}

async function runBatch(batch) {
  for (const each of batch) each.fault = await buildFault(each);
  const built = batch.filter((each) => each.fault === undefined);
  let results = await runAll(built);
  // One that ends the process takes the others with it: those get a process of their own.
  for (const each of built.filter((one) => !results.has(one.id))) results = new Map([...results, ...(await runAll([each]))]);
  return batch.map(({ id, group, test, fault }) => {
    const detail = fault ?? results.get(id) ?? 'the process ended';
    if (detail === '') return { id, group, status: 'pass' };
    return { id, group, status: 'fail', detail: `${detail}\n${JSON.stringify(test.files, null, 2)}` };
  });
}

/** id -> what went wrong, empty for nothing. */
async function runAll(cases) {
  if (cases.length === 0) return new Map();
  const input = JSON.stringify(cases.map(({ id, folder, format, test }) => ({ id, file: path.join(folder, 'node.js'), isAsync: Boolean(test.options?.async), format })));
  const { stdout } = await runNode([worker], { input });
  const lines = stdout.split('\n').filter((line) => line.startsWith('result:'));
  return new Map(lines.map((line) => JSON.parse(line.slice('result:'.length))));
}

async function buildFault({ folder, format, test }) {
  for (const [name, contents] of Object.entries(test.files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    if (contents.symlink) symlinkSync(contents.symlink.replace('TEST_DIR_ABS_PATH', folder), file);
    else writeFileSync(file, contents);
  }
  try {
    const isGiven = !test.args.includes('--bundle') || test.args.includes(`--format=${format}`);
    await build(buildOptionsOf(isGiven ? test.args : [...test.args, `--format=${format}`], path.join(folder, test.options?.cwd ?? '.')));
  } catch (error) {
    return `the build says: ${error.message ?? error}`;
  }
  const manifest = path.join(folder, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, JSON.stringify({ type: format === 'esm' ? 'module' : 'commonjs' }));
  return undefined;
}

function formatsOf({ kind, args }) {
  if (kind !== 'test') return ['-'];
  const given = args.find((arg) => arg.startsWith('--format='));
  if (given) return [given.slice('--format='.length)];
  return args.includes('--bundle') ? ['cjs', 'esm'] : ['cjs'];
}

/** The list in the suite's program, whose own ways to run a case are replaced by ones that note it. */
function testsOf(file) {
  const source = readFileSync(file, 'utf8');
  const start = source.indexOf('const tests = []');
  const end = source.indexOf('\nfunction waitForCondition(');
  if (start < 0 || end < start) throw new Error(`${file}: no list of tests is in it`);
  const note = (kind) => (args, files, options) => ({ kind, args: Array.isArray(args) ? args.filter((arg) => typeof arg === 'string') : [], files: files ?? {}, options });
  const stdout = (input, args) => ({ kind: 'stdout', args: args.filter((arg) => typeof arg === 'string'), files: {} });
  const given = {
    test: note('test'), testStdout: stdout, testWatch: note('watch'), testWatchStdout: note('watch'),
    errorIcon: '✘', nodeMajorVersion: Number(process.versions.node.split('.')[0]), path, url, dirname: path.dirname(file),
    console: { log() {} },
  };
  return new Function(...Object.keys(given), `${source.slice(start, end)}\nreturn tests;`)(...Object.values(given));
}
