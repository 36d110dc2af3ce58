// `npm run bench:engines [-- --modules 2000 --runs 3]`: the same generated application by the linker, Rolldown and Rspack as engines, each build in
// a process of its own with `cache` on: cold (empty cache), nothing changed, after an edit of one function; and the size of what came out. Rows are
// medians, with ratios to the linker in the same run; CPU is that of the whole process, which says more than time where others compute as well.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const ENGINES = ['native', 'rolldown', 'rspack'];

/** One build; prints what it took. */
async function child([engine, cwd]) {
  const started = performance.now();
  const { build } = await import('../js/index.js');
  const { output, stats } = await build({ cwd, input: './main.js', engine, cache: true, output: { dir: `out-${engine}`, minify: true }, onLog() {} });
  const took = performance.now() - started;
  const { user, system } = process.cpuUsage();
  const files = output.filter((file) => file.type === 'chunk').map((file) => Buffer.from(file.code));
  const bytes = files.reduce((sum, file) => sum + file.length, 0);
  const gzip = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
  console.log(JSON.stringify({ took, cpu: (user + system) / 1000, files: files.length, bytes, gzip, calls: stats.engine?.calls ?? 0, engine: stats.engine?.ms ?? 0 }));
}

function application(modules) {
  const dir = realpathSync(mkdtempSync(path.join(tmpdir(), 'cloudpack-engines-')));
  const routes = Math.max(1, Math.round(modules / 100));
  for (let at = 0; at < modules; at++) {
    const needed = [at * 2 + 1, at * 2 + 2].filter((one) => one < modules && one % 100 !== 0);
    const body = (name) => `export function ${name}(items, depth) {\n  const found = items.filter((item) => item.depth > depth && item.name !== "${name}${at}");\n  if (found.length === 0) return [{ name: "${name}${at}", depth }];\n  return found.map((item) => ({ ...item, depth: item.depth + ${at}, parts: item.name.split("/") }));\n}\n`;
    const text = `${needed.map((one) => `import { used${one} } from './m${one}.js';\n`).join('')}${body(`used${at}`)}${body(`unused${at}`)}export const all${at} = /* @__PURE__ */ [${needed.map((one) => `used${one}([], ${one})`).join()}].flat();\n`;
    writeFileSync(path.join(dir, `m${at}.js`), text.replace(`return [{ name: "used${at}${at}", depth }];`, `return [{ name: "used${at}${at}", depth }${needed.map((one) => `, ...used${one}(items, depth)`).join('')}];`));
  }
  const lazy = Array.from({ length: routes }, (_, at) => `  () => import('./m${at * 100 || 1}.js'),`).join('\n');
  writeFileSync(path.join(dir, 'main.js'), `import { used1 } from './m1.js';\nexport const first = used1([], 0);\nexport const routes = [\n${lazy}\n];\n`);
  mkdirSync(path.join(dir, 'node_modules/@rspack'), { recursive: true });
  symlinkSync(path.join(root, '__test__/engines/node_modules/@rspack/core'), path.join(dir, 'node_modules/@rspack/core'));
  return dir;
}

function measured(engine, dir) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--child', engine, dir], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${engine}: ${stderr}`);
  return JSON.parse(stdout);
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function run({ modules, runs }) {
  const dir = application(modules);
  const edited = path.join(dir, 'm7.js');
  const original = readFileSync(edited, 'utf8');
  const rows = Object.fromEntries(ENGINES.map((engine) => [engine, { cold: [], same: [], edit: [], coldCpu: [], editCpu: [], last: undefined }]));
  try {
    for (let turn = 0; turn < runs; turn++) {
      // In turns, so that whatever else the machine does concerns all.
      for (const engine of ENGINES) {
        rmSync(path.join(dir, 'node_modules/.cache'), { recursive: true, force: true });
        rmSync(path.join(dir, `out-${engine}`), { recursive: true, force: true });
        writeFileSync(edited, original);
        const row = rows[engine];
        row.last = measured(engine, dir);
        row.cold.push(row.last.took);
        row.coldCpu.push(row.last.cpu);
        const same = measured(engine, dir);
        if (same.calls !== 0) throw new Error(`${engine} was asked although nothing had changed`);
        row.same.push(same.took);
        writeFileSync(edited, original.replace('item.depth > depth', `item.depth > depth + ${turn + 1}`));
        const after = measured(engine, dir);
        row.edit.push(after.took);
        row.editCpu.push(after.cpu);
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  console.log(`${modules} modules, minified, ${runs} runs, medians in ms (x: against the linker in this run)\n`);
  console.log('| engine | cold | nothing changed | one body edited | CPU, cold | CPU, edited | files | kB | kB gzip |\n|---|---|---|---|---|---|---|---|---|');
  const base = rows.native;
  for (const engine of ENGINES) {
    const row = rows[engine];
    const cell = (/** @type {'cold' | 'same' | 'edit' | 'coldCpu' | 'editCpu'} */ kind) => `${median(row[kind]).toFixed(0)}${engine === 'native' ? '' : ` (${(median(row[kind]) / median(base[kind])).toFixed(1)}x)`}`;
    console.log(`| ${engine} | ${cell('cold')} | ${cell('same')} | ${cell('edit')} | ${cell('coldCpu')} | ${cell('editCpu')} | ${row.last.files} | ${(row.last.bytes / 1000).toFixed(0)} | ${(row.last.gzip / 1000).toFixed(1)} |`);
  }
}

const { values, positionals } = parseArgs({ options: { child: { type: 'boolean' }, modules: { type: 'string' }, runs: { type: 'string' } }, allowPositionals: true });
if (values.child) await child(positionals);
else run({ modules: Number(values.modules ?? 2000), runs: Number(values.runs ?? 3) });
