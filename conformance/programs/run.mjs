#!/usr/bin/env node
// Real programs, bundled and put to their own work. Each entry under `entries/` uses one package and prints what it made; what the
// bundle prints must be what the unbundled entry prints in Node. Every entry is bundled for its platforms, plain, minified, with
// source maps, and as CommonJS where nothing awaits at top level.
//
//   node conformance/programs/run.mjs [name ...]   --peers  the same with esbuild and Rolldown, for comparison
//                                                  --write  SCORES.md
//
// The packages are pinned in package.json and installed into the user's cache directory (CLOUDPACK_PROGRAMS names another one).
// Exit code 1: a program differs that is not listed in known.json; or one that is listed no longer does.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlers } from '../lib/bundlers.mjs';
import { install } from '../lib/install.mjs';
import { programs } from './list.mjs';
import { runEntry, variantsOf } from './variants.mjs';
import { table } from './table.mjs';

const here = import.meta.dirname;
const flags = new Set(process.argv.slice(2).filter((argument) => argument.startsWith('--')));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const strange = [...names.filter((name) => !(name in programs)), ...[...flags].filter((flag) => !['--peers', '--write'].includes(flag))];
if (strange.length > 0) {
  console.error(`There is no ${strange.join(', ')}. There are --peers, --write, ${Object.keys(programs).join(', ')}.`);
  process.exit(2);
}
if (flags.has('--write') && names.length > 0) {
  console.error('--write is for all programs, not for some.');
  process.exit(2);
}

const directory = await install(here, 'programs');
const wanted = names.length > 0 ? names : Object.keys(programs);
const chosen = await bundlers(flags.has('--peers') ? undefined : ['cloudpack'], directory);
const known = JSON.parse(readFileSync(join(here, 'known.json'), 'utf8'));
const rows = [];
let wrong = 0;

for (const name of wanted) {
  const entry = join(directory, 'entries', `${name}.mjs`);
  const expected = await runEntry(entry, directory);
  if (expected.code !== 0) {
    console.log(`✗ ${name}: does not run unbundled\n${expected.stderr}`);
    wrong += 1;
    continue;
  }
  for (const bundler of chosen) {
    for (const variant of variantsOf(entry, programs[name])) {
      const out = join(programs[name].installed ? directory : `${directory}-bundles`, 'out', bundler.name, name, variant.name);
      const result = await variant.check(bundler, entry, out, expected.stdout, directory);
      const reason = bundler.name === 'cloudpack' ? known[`${name} ${variant.name}`] : undefined;
      rows.push({ program: name, bundler: bundler.name, variant: variant.name, ...result, reason });
      if (bundler.name === 'cloudpack' && (result.fault === undefined) !== (reason === undefined)) {
        wrong += 1;
        console.log(reason === undefined ? `✗ ${name} ${variant.name}: ${result.fault}` : `✗ ${name} ${variant.name} passes; known.json says "${reason}"`);
      } else if (bundler.name === 'cloudpack') {
        console.log(`${reason === undefined ? '✓' : '~'} ${name} ${variant.name}  ${Math.round(result.ms)} ms  ${reason ?? ''}`);
      } else if (result.fault !== undefined) {
        console.log(`  ${bundler.name}, ${name} ${variant.name}: ${result.fault.split('\n')[0]}`);
      }
    }
  }
}

const text = table(rows);
console.log(`\n${text}`);
if (flags.has('--write')) writeFileSync(join(here, 'SCORES.md'), text);
const passed = rows.filter((row) => row.bundler === 'cloudpack' && row.fault === undefined).length;
console.log(`${passed} passed, ${wrong} failed`);
process.exitCode = wrong > 0 ? 1 : 0;
