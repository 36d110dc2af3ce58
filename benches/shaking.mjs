#!/usr/bin/env node
// Tree shaking and minifying, judged by size: one thing imported from each of many libraries (shaking/cases.mjs), bundled and minified
// by Cloudpack, Rolldown, Rollup with terser, and esbuild; every output is run and must print what the unbundled program prints.
//
//   npm run bench:shaking                    all cases -> docs/benchmarks/shaking.md
//   npm run bench:shaking -- rxjs zod        cases whose row contains a word; writes nothing
//
// Libraries and peers are pinned in shaking/package.json and installed into the user's cache (CLOUDPACK_SHAKING names another place).
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install } from '../conformance/lib/install.mjs';
import { cases } from './shaking/cases.mjs';
import { bundleSize, run } from './shaking/output.mjs';
import { report } from './shaking/report.mjs';
import { tools } from './shaking/tools.mjs';

const words = process.argv.slice(2);
const directory = await install(join(import.meta.dirname, 'shaking'), 'shaking');
const chosen = await tools(directory);
const rows = [];
for (const { what, package: name, code } of cases.filter((each) => words.length === 0 || words.some((word) => each.what.includes(word)))) {
  const folder = join(directory, 'cases', what.replaceAll(/\W+/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const entry = join(folder, 'main.js');
  writeFileSync(entry, `${code}\n`);
  const expected = run(entry);
  const row = { what, package: name, expected, sizes: {} };
  for (const tool of chosen) {
    const out = join(folder, tool.name);
    mkdirSync(out);
    try {
      await tool.bundle({ entry, out, cwd: directory });
      const printed = run(join(out, 'main.mjs'));
      row.sizes[tool.name] = { ...bundleSize(out), fault: printed === expected ? undefined : `prints ${printed.slice(0, 200)}` };
    } catch (error) {
      row.sizes[tool.name] = { fault: String(error.message).split('\n')[0].slice(0, 200) };
    }
  }
  rows.push(row);
  const shown = chosen.map(({ name }) => `${name} ${row.sizes[name].gzip ?? '-'}${row.sizes[name].fault ? ' (!)' : ''}`);
  console.log(`${what}: ${shown.join(', ')}`);
  for (const { name } of chosen) if (row.sizes[name].fault) console.log(`    ${name}: ${row.sizes[name].fault}`);
}
const text = report(rows, chosen, directory);
console.log(`\n${text}`);
if (words.length === 0) writeFileSync(join(import.meta.dirname, '..', 'docs', 'benchmarks', 'shaking.md'), text);
