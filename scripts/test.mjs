// `npm test`: sets up what is missing and runs every check; `npm test -- lint node` runs those two. The last line adds up all of
// them: a check without tests of its own (formatting, lints, types) counts as one.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cargoTestCounts, exitCounts, nextestCounts, nodeTestCounts, vitestCounts } from './lib/counts.mjs';
import { root, run, seconds, succeeds } from './lib/run.mjs';
import { buildAddon, buildRolldown, checkTools, installBrowser, installPackages } from './lib/setup.mjs';

const shop = join(root, 'examples', 'shop');
const hosts = join(root, '__test__', 'hosts');
const engines = join(root, '__test__', 'engines');
const binary = (name) => join(root, 'node_modules', ...name.split('/'));

/** Name, what it is about, and how it is run. */
const checks = [
  ['format', 'Rust is formatted', async () => exitCounts(await run('cargo', ['fmt', '--all', '--check']))],
  ['format-rolldown', 'Rust of the addon of Rolldown is formatted', async () =>
    exitCounts(await run('cargo', ['fmt', '--check'], { cwd: join(root, 'engines', 'rolldown') }))],
  ['lint', 'Clippy has nothing to say', async () =>
    exitCounts(await run('cargo', ['clippy', '--workspace', '--all-targets', '--quiet', '--', '-D', 'warnings']))],
  ['tidy', 'what must be absent is absent', async () => exitCounts(await run('cargo', ['xtask', 'tidy']))],
  ['rust', 'Rust tests and fixtures', rustTests],
  ['generated', 'generated files are committed as they are generated', async () =>
    exitCounts(await run('git', ['diff', '--exit-code', '--stat', '--', 'binding.cjs', 'index.d.ts', ...['binding.cjs', 'index.d.ts', 'Cargo.lock'].map((name) => `engines/rolldown/${name}`)]))],
  ['types', 'JavaScript and public types', async () =>
    exitCounts(await run(process.execPath, [binary('typescript/bin/tsc'), '--project', 'js/tsconfig.json']))],
  ['shop', 'types of the example', async () =>
    exitCounts(await run(process.execPath, [join(shop, 'node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '--project', shop]))],
  ['node', 'build(), plugins, command line and other bundlers in Node', nodeTests],
  ['browser', 'the shop, and applications of other bundlers, in Chromium', browserTests],
];

async function rustTests() {
  if (await succeeds('cargo', ['nextest', '--version'])) {
    return nextestCounts(await run('cargo', ['nextest', 'run', '--workspace', '--no-fail-fast', '--status-level', 'fail', '--final-status-level', 'fail']));
  }
  return cargoTestCounts(await run('cargo', ['test', '--workspace', '--quiet', '--no-fail-fast']));
}

async function nodeTests() {
  const directory = mkdtempSync(join(tmpdir(), 'cloudpack-test-'));
  const report = join(directory, 'vitest.json');
  try {
    const result = await run(process.execPath, [binary('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
    return vitestCounts(result, existsSync(report) ? readFileSync(report, 'utf8') : undefined);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function browserTests() {
  console.log(`browser: ${await installBrowser()}`);
  const files = readdirSync(join(root, '__test__', 'browser')).filter((file) => file.endsWith('.test.mjs')).sort();
  return nodeTestCounts(await run(process.execPath, ['--test', '--test-reporter=spec', ...files.map((file) => join('__test__', 'browser', file))]));
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !checks.some(([known]) => known === name));
if (unknown.length > 0) {
  console.error(`There is no check ${unknown.join(', ')}; there are ${checks.map(([name]) => name).join(', ')}.`);
  process.exit(2);
}
const chosen = checks.filter(([name]) => wanted.length === 0 || wanted.includes(name));

try {
  await checkTools();
  console.log(`npm packages: ${await installPackages()}`);
  if (chosen.some(([name]) => ['shop', 'browser', 'node'].includes(name))) console.log(`npm packages of the shop: ${await installPackages(shop)}`);
  if (chosen.some(([name]) => ['node', 'browser'].includes(name))) console.log(`npm packages of the bundlers around us: ${await installPackages(hosts)}`);
  if (chosen.some(([name]) => name === 'node')) console.log(`npm packages of the engines: ${await installPackages(engines)}`);
  if (chosen.some(([name]) => ['generated', 'types', 'node', 'browser'].includes(name))) console.log(`addon: ${await buildAddon()}`);
  if (chosen.some(([name]) => ['generated', 'node'].includes(name))) console.log(`addon of Rolldown: ${await buildRolldown()}`);
} catch (error) {
  console.error(`${error.message}\n`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const rows = [];
for (const [name, about, check] of chosen) {
  console.log(`\n▸ ${name}: ${about}`);
  const started = performance.now();
  rows.push({ name, ...(await check()), time: performance.now() - started });
}

console.log('\n');
for (const { name, passed, failed, time } of rows) {
  console.log(`${failed > 0 ? '✗' : '✓'} ${name.padEnd(15)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed  ${seconds(time).padStart(8)}`);
}
const passed = rows.reduce((sum, row) => sum + row.passed, 0);
const failed = rows.reduce((sum, row) => sum + row.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
