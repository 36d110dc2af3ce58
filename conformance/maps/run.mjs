#!/usr/bin/env node
// Source maps of real packages: each is bundled plain and minified, and every identifier, string and number of the output must be what
// the map leads to in the source (check.mjs says how that is judged, rules.mjs which tokens no source has).
//
//   node conformance/maps/run.mjs [name ...]   --peers  the same with esbuild and Rolldown, for comparison
//                                              --write  conformance/scores/maps.md
//
// The packages are pinned in package.json and installed into the user's cache directory (CLOUDPACK_MAPS names another one).
// Exit code 1: a token is wrong.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bundlers } from '../lib/bundlers.mjs';
import { install } from '../lib/install.mjs';
import { checkChunk } from './check.mjs';
import { packages } from './list.mjs';
import { report } from './report.mjs';

const here = import.meta.dirname;
const flags = new Set(process.argv.slice(2).filter((argument) => argument.startsWith('--')));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const strange = [...names.filter((name) => !(name in packages)), ...[...flags].filter((flag) => !['--peers', '--write'].includes(flag))];
if (strange.length > 0) {
  console.error(`There is no ${strange.join(', ')}. There are --peers, --write, ${Object.keys(packages).join(', ')}.`);
  process.exit(2);
}
if (flags.has('--write') && names.length > 0) {
  console.error('--write is for all packages, not for some.');
  process.exit(2);
}

const directory = await install(here, 'maps');
const require = createRequire(join(directory, 'package.json'));
const tools = { acorn: require('acorn'), traceMapping: require('@jridgewell/trace-mapping') };
const chosen = await bundlers(flags.has('--peers') ? undefined : ['cloudpack'], directory);
const rows = [];

for (const name of names.length > 0 ? names : Object.keys(packages)) {
  for (const bundler of chosen) {
    for (const minify of [false, true]) {
      const row = { package: name, bundler: bundler.name, minify, ...(await check(name, bundler, minify)) };
      rows.push(row);
      const made = Object.entries(row.made ?? {}).map(([rule, count]) => `${count} ${rule}`).join(', ');
      console.log(`${row.fault || row.wrong.length > 0 ? '✗' : '✓'} ${name} ${minify ? 'minified' : 'plain'}${chosen.length > 1 ? ` ${bundler.name}` : ''}: ${row.fault ?? `${row.tokens} tokens, ${row.renamed} renamed, ${row.added} added, ${made || 'none made'}, ${row.wrong.length} wrong`}`);
      if (bundler.name === 'cloudpack') for (const wrong of row.wrong?.slice(0, names.length > 0 ? 50 : 3) ?? []) console.log(`    ${wrong}`);
    }
  }
}

const text = report(rows);
console.log(`\n${text}`);
if (flags.has('--write')) writeFileSync(join(here, '..', 'scores', 'maps.md'), text);
const own = rows.filter((row) => row.bundler === 'cloudpack');
const failed = own.filter((row) => row.fault !== undefined || row.wrong.length > 0).length;
console.log(`${own.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function check(name, { name: tool, bundle }, minify) {
  const out = join(directory, 'out', tool, name, minify ? 'minified' : 'plain');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  try {
    const entry = join(directory, 'entries', `${name}.mjs`);
    await bundle({ entry, out, platform: packages[name].platform ?? 'browser', format: 'es', minify, sourcemap: true });
    const sum = { tokens: 0, same: 0, renamed: 0, added: 0, made: {}, wrong: [] };
    for (const file of readdirSync(out).filter((each) => each.endsWith('.mjs')).sort()) {
      const chunk = checkChunk(tools, readFileSync(join(out, file), 'utf8'), readFileSync(join(out, `${file}.map`), 'utf8'));
      for (const field of ['tokens', 'same', 'renamed', 'added']) sum[field] += chunk[field];
      for (const [rule, count] of Object.entries(chunk.made)) sum.made[rule] = (sum.made[rule] ?? 0) + count;
      sum.wrong.push(...chunk.wrong);
    }
    return sum;
  } catch (error) {
    return { fault: error.message.split('\n')[0] };
  }
}
