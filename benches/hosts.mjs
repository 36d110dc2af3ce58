// `npm run bench:hosts`: `vite build` alone and with Cloudpack, whole processes of the command line, on generated applications. Nothing here
// fails because of a time: ratios of one run are to be read, a person judges.
//
//   node benches/hosts.mjs [--modules 10000] [--components 1000] [--runs 3]
//
// Needs `npm install` in __test__/hosts, and an addon in the root. `typescript`: modules without plugins; `vue`: components.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { typescriptApplication, vueApplication } from './hosts/applications.mjs';

const { values } = parseArgs({ options: { modules: { type: 'string', default: '10000' }, components: { type: 'string', default: '1000' }, runs: { type: 'string', default: '3' } } });
const packages = fileURLToPath(new URL('../__test__/hosts/node_modules', import.meta.url));
const repository = fileURLToPath(new URL('..', import.meta.url));
const cli = path.join(packages, 'vite/bin/vite.js');

console.log(`${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`);
for (const application of [typescriptApplication(Number(values.modules)), vueApplication(Number(values.components))]) {
  const root = mkdtempSync(path.join(tmpdir(), 'cloudpack-hosts-'));
  try {
    measure(application, root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function measure({ name, files, config, edited, edit }, root) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  symlinkSync(packages, path.join(root, 'node_modules'));
  // As an installed package: Vite takes it as it is, and does not make it a part of the configuration.
  const ours = `const { default: cloudpack } = await import([${JSON.stringify(path.join(repository, 'js/vite/index.js'))}].join());`;
  for (const which of ['alone', 'ours']) {
    writeFileSync(path.join(root, `${which}.config.mjs`), `${which === 'ours' ? ours : ''}\n${config(which === 'ours' ? "cloudpack({ cache: { dir: '.store' } })" : 'null', which)}`);
  }
  writeFileSync(path.join(root, 'package-lock.json'), '{}');
  const build = (which) => {
    const start = process.hrtime.bigint();
    execFileSync(process.execPath, [cli, 'build', '--config', `${which}.config.mjs`, '--logLevel', 'silent'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    return Number(process.hrtime.bigint() - start) / 1e6;
  };
  const series = { alone: [], cold: [], 'no-op': [], edit: [] };
  build('alone');
  for (let run = 0; run < Number(values.runs); run++) {
    series.alone.push(build('alone'));
    rmSync(path.join(root, '.store'), { recursive: true, force: true });
    series.cold.push(build('ours'));
    series['no-op'].push(build('ours'));
    writeFileSync(path.join(root, edited), edit(run));
    series.edit.push(build('ours'));
  }
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const base = median(series.alone);
  console.log(`\n${name}: ${Object.keys(files).length} files, load ${loadavg()[0].toFixed(1)}`);
  for (const [kind, list] of Object.entries(series)) {
    console.log(`  ${kind.padEnd(6)} ${median(list).toFixed(0).padStart(6)} ms  ${(median(list) / base).toFixed(2)}x  (${list.map((ms) => ms.toFixed(0)).join(', ')})`);
  }
  const gzip = (which) => readdirSync(path.join(root, `dist-${which}/assets`)).reduce((sum, file) => sum + gzipSync(readFileSync(path.join(root, `dist-${which}/assets`, file))).length, 0);
  console.log(`  output, gzip: ${(gzip('alone') / 1000).toFixed(0)} kB alone, ${(gzip('ours') / 1000).toFixed(0)} kB`);
}
