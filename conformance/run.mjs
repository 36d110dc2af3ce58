// `npm run conformance -- SUITE`: brings a suite that nobody here wrote, puts every case to Cloudpack, and writes the score.
// `npm run conformance -- tla-fuzzer --checkout DIR --only siblings`; without a suite all of them run.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bringCheckout } from './lib/checkout.js';
import { readReasons, reasonFor, unusedReasons } from './lib/reasons.js';
import { printSummary, writeScore } from './lib/score.js';
import { suites } from './suites/index.js';

// Real programs and source maps are no suites of cases: they have runners and flags of their own.
if (['programs', 'maps'].includes(process.argv[2])) {
  const runner = join(import.meta.dirname, process.argv[2], 'run.mjs');
  process.exit(spawnSync(process.execPath, [runner, ...process.argv.slice(3)], { stdio: 'inherit' }).status ?? 1);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    checkout: { type: 'string' },
    only: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const unknown = positionals.filter((name) => !suites.has(name));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no suite ${unknown.join(', ')}.`);
  console.log(`npm run conformance -- [SUITE...] [--checkout DIR] [--only TEXT] [--verbose]\nSuites: ${[...suites.keys()].join(', ')}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}
if (values.checkout && positionals.length !== 1) {
  console.error('--checkout is the folder of one suite: name that suite.');
  process.exit(2);
}

for (const name of positionals.length > 0 ? positionals : suites.keys()) await runSuite(name);

/** @param {string} name */
async function runSuite(name) {
  const suite = suites.get(name);
  const checkout = await bringCheckout(suite, values.checkout);
  const reasons = readReasons(name);
  const started = performance.now();
  const results = [];
  const context = {
    directory: checkout.directory,
    /** Why a case is not put to Cloudpack; `undefined` for one that is. */
    skipped: (id) => reasonFor(reasons, id),
    wants: (id) => !values.only || id.includes(values.only),
  };
  for await (const result of suite.run(context)) {
    results.push(result);
    if (values.verbose || values.only) {
      console.log(`${result.status} ${result.id}${result.detail ? `\n    ${result.detail.replaceAll('\n', '\n    ')}` : ''}`);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  printSummary(suite, results, seconds);
  if (values.only) return;
  for (const reason of unusedReasons(reasons, results)) console.error(`${name}: no case is skipped by "${reason.match}"; remove it`);
  console.log(`written: ${writeScore(suite, checkout, results, reasons)}`);
}
