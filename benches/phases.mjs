// `npm run bench:phases`: modules a second for each phase of a cold build, against the floor of the same run. Makes synthetic
// applications of 1,000 and 10,000 modules of 4 KB, builds them in process, runs what came out and compares what it
// prints with what the generator computed. Nothing here fails because of a time: a number is printed, a person judges.
//
//   node benches/phases.mjs [--sizes 1000,10000] [--runs 5] [--variants plain,minify,sourcemap,minify+sourcemap]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run, targetDirectory } from '../scripts/lib/run.mjs';

const SEED = 1;
const options = read(process.argv.slice(2));
const program = join(targetDirectory, 'release', process.platform === 'win32' ? 'cloudpack-bench.exe' : 'cloudpack-bench');

const { code } = await run('cargo', ['build', '--release', '-p', 'cloudpack_bench']);
if (code !== 0) process.exit(1);
console.log(`\n${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores; medians of ${options.runs} runs, lowest to highest in brackets`);

/** @type {Map<string, Record<string, any>[]>} variant -> reports, smallest application first */
const reports = new Map();
let wrong = 0;
for (const size of options.sizes) {
  const directory = join(root, '.cache', 'bench', `app-${size}`);
  const application = prepare(directory, size);
  console.log(`\n${application.modules} modules, ${megabytes(application.bytes)}`);
  for (const variant of options.variants) {
    const flags = variant === 'plain' ? [] : variant.split('+').map((flag) => `--${flag}`);
    const report = call(['phases', '--runs', String(options.runs), ...flags, directory]);
    reports.set(variant, [...(reports.get(variant) ?? []), report]);
    show(variant, report);
    const printed = spawnSync(process.execPath, [join(directory, 'dist', 'main.js')], { encoding: 'utf8' });
    const wanted = `checksum ${application.checksum}`;
    if (printed.stdout.trim() === wanted) {
      console.log(`  runs in Node: ${wanted}`);
    } else {
      wrong += 1;
      console.log(`  WRONG in Node: ${printed.stdout.trim() || printed.stderr.trim().split('\n').slice(0, 8).join('\n  ')} instead of ${wanted}`);
    }
  }
}
linearity();
startUp();
process.exit(wrong === 0 ? 0 : 1);

/**
 * @param {string[]} words
 */
function read(words) {
  const value = (/** @type {string} */ name, /** @type {string} */ otherwise) => {
    const at = words.indexOf(`--${name}`);
    return at === -1 ? otherwise : (words[at + 1] ?? otherwise);
  };
  return {
    sizes: value('sizes', '1000,10000').split(',').map(Number),
    runs: Number(value('runs', '5')),
    variants: value('variants', 'plain,minify,sourcemap,minify+sourcemap').split(','),
  };
}

/**
 * Runs the measuring program; its last line is JSON.
 * @param {string[]} args
 */
function call(args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) {
    console.error(`cloudpack-bench ${args.join(' ')}\n${stderr}`);
    process.exit(1);
  }
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/**
 * The application; it is cheap to make, so it is made anew.
 * @param {string} directory
 * @param {number} modules
 */
function prepare(directory, modules) {
  return call(['generate', '--modules', String(modules), '--seed', String(SEED), '--fingerprint', join(root, 'benches', 'fingerprints', 'mixed.json'), directory]);
}

/**
 * @param {string} variant
 * @param {Record<string, any>} report
 */
function show(variant, report) {
  const rows = [
    ...Object.entries({ stat: report.floor.stat, 'read + SHA-256': report.floor.readAndHash, 'read + parse + semantic + print': report.floor.readParsePrint })
      .map(([name, spent]) => [`floor: ${name}`, series(spent.wall), series(spent.cpu), '']),
    ...report.phases.map((/** @type {any} */ phase) => [phase.name, series(phase.ms), '', perSecond(phase.modulesPerSecond)]),
    ['all phases', series(report.total.wall), series(report.total.cpu), perSecond(report.modulesPerSecond)],
    ['times the floor', series(report.ratio.wall), series(report.ratio.cpu), ''],
  ];
  console.log(`\n  ${variant}: ${report.files} files, ${megabytes(report.bytes)}, peak memory ${report.peakMemory ? megabytes(report.peakMemory) : 'unknown'}`);
  table(['', 'ms', 'ms of processors', 'modules a second'], rows);
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
function table(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows]) {
    const cells = row.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)));
    console.log(`  ${cells.join('  ').trimEnd()}`);
  }
}

function linearity() {
  const [small, large] = [options.sizes[0], options.sizes.at(-1)];
  if (!small || !large || small === large) return;
  console.log(`\nFrom ${small} to ${large} modules (${large / small} times as many), processor time grows by`);
  for (const [variant, list] of reports) {
    const [first, last] = [list[0], list.at(-1)];
    if (!first || !last) continue;
    const build = last.total.cpu.median / first.total.cpu.median;
    const floor = last.floor.readParsePrint.cpu.median / first.floor.readParsePrint.cpu.median;
    const phases = last.phases.map((/** @type {any} */ phase, /** @type {number} */ index) =>
      `${phase.name} ${(phase.ms.median / first.phases[index].ms.median).toFixed(1)}`);
    console.log(`  ${variant}: ${build.toFixed(1)} (the floor by ${floor.toFixed(1)}); wall time of phases: ${phases.join(', ')}`);
  }
}

/** What whoever imports the package waits for, in a new process each time. */
function startUp() {
  if (!readdirSync(root).some((file) => file.endsWith('.node'))) {
    console.log('\nimport "cloudpack": the addon is not built, run `npm run setup` first');
    return;
  }
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entry = pathToFileURL(join(root, exports['.'].default)).href;
  const addon = pathToFileURL(join(root, 'binding.cjs')).href;
  const time = (/** @type {string[]} */ files) => {
    const imports = files.map((file) => `await import(${JSON.stringify(file)});`).join('');
    const source = `const start = performance.now(); ${imports} console.log(performance.now() - start);`;
    const times = Array.from({ length: 10 }, () => {
      const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], { encoding: 'utf8' });
      if (stderr) console.error(stderr);
      return Number(stdout);
    });
    times.sort((left, right) => left - right);
    return `${(((times[4] ?? 0) + (times[5] ?? 0)) / 2).toFixed(1)} ms (${times[0]?.toFixed(1)} to ${times[9]?.toFixed(1)})`;
  };
  console.log(`\nimport of an empty module, which is Node's own share: ${time(['data:text/javascript,export {}'])}`);
  console.log(`import "cloudpack": ${time([entry])}`);
  if (existsSync(join(root, 'binding.cjs'))) console.log(`and the addon, which the first build loads: ${time([entry, addon])}`);
}

/** @param {{ median: number, lowest: number, highest: number }} series */
function series({ median, lowest, highest }) {
  const digits = highest < 10 ? 2 : highest < 100 ? 1 : 0;
  return `${median.toFixed(digits)} (${lowest.toFixed(digits)} to ${highest.toFixed(digits)})`;
}

/** @param {number} speed */
function perSecond(speed) {
  return speed.toLocaleString('en-US');
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
