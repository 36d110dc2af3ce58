// `npm run judge [-- area/ | fixture ...]`: builds each fixture that can be built with the linker, Rolldown and Rspack, runs what came out, and
// compares what the programs print, export and throw. The linker's output is held against the unbundled modules by the fixtures' own
// tests, so of a difference that is not in reasons.json it is to be found out who is right. Ends with 1 if there is one, and if a reason has gone.
// With `--write`, differences that have a reason are taken down as they are now: a reason is one for that difference and no other.
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from '../../js/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixtures = path.join(root, 'fixtures');
const runner = path.join(root, 'crates/cloudpack_testing/run.mjs');
const USUAL = ['main.js', 'main.mjs', 'main.cjs', 'main.ts', 'main.tsx', 'main.jsx', 'main.mts'];
export const ENGINES = ['native', 'rolldown', 'rspack'];
/** Fixture -> engine -> the first line that is different (ours <> the engine's), and the reason: who is right, and by which rule. */
export const reasons = JSON.parse(readFileSync(new URL('./reasons.json', import.meta.url), 'utf8'));

export function allFixtures() {
  return readdirSync(fixtures).filter((area) => !area.startsWith('.')).flatMap((area) => readdirSync(path.join(fixtures, area)).map((name) => `${area}/${name}`))
    .filter((name) => existsSync(path.join(fixtures, name, 'case.json'))).sort();
}

/**
 * @param {string} name `area/case`
 * @returns {Promise<{ name: string, skipped?: string, different: { engine: string, how: string }[] }>}
 */
export async function judge(name) {
  const folder = path.join(fixtures, name);
  const described = JSON.parse(readFileSync(path.join(folder, 'case.json'), 'utf8'));
  const why = described.generate || described.links ? 'its files are made by the runner' : described.run === 'none' ? 'nothing is run' : described.knownFailure ? 'a known failure' : undefined;
  if (why !== undefined) return { name, skipped: why, different: [] };
  const place = realpathSync(mkdtempSync(path.join(tmpdir(), 'cloudpack-judge-')));
  try {
    cpSync(folder, place, { recursive: true, filter: (file) => !/[/\\]step-\d+$/.test(file) });
    const link = path.join(place, 'node_modules/@rspack/core');
    mkdirSync(path.dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(path.join(root, '__test__/engines/node_modules/@rspack/core'), link);
    if (!existsSync(link)) throw new Error('rspack is not installed: npm ci in __test__/engines');
    const input = described.options?.input ?? USUAL.filter((file) => existsSync(path.join(place, file))).map((file) => `./${file}`)[0];
    if (input === undefined) return { name, skipped: 'no entry is a module', different: [] };
    const seen = [];
    for (const engine of ENGINES) {
      const result = await built(engine, input, described, place);
      if (engine === 'native' && result.error) return { name, skipped: `it is not built: ${result.error.split('\n')[0]}`, different: [] };
      seen.push({ engine, ...(result.error ? { error: result.error } : { report: await observed(result, described, place) }) });
    }
    const [native, ...others] = seen;
    // A chunk of an entry may carry names for other chunks, which are nobody's business.
    const names = await exportsOfEntries(input, described, place);
    const right = wordsOf(native, names);
    const told = others.map((one) => ({ engine: one.engine, words: wordsOf(one, names) }));
    return { name, different: told.filter(({ words }) => words !== right).map(({ engine, words }) => ({ engine, how: firstDifference(right, words) })) };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** As an engine is told of them. */
async function exportsOfEntries(input, described, place) {
  const names = new Set();
  const asks = { name: 'asks', transform: ({ modules }) => modules.filter((module) => module.isEntry).flatMap((module) => module.exports).forEach((name) => names.add(name)) };
  await built(asks, input, described, place);
  return names;
}

async function built(engine, input, { options = {} }, place) {
  const dir = `out-${engine.name ?? engine}`;
  const given = options.output ?? {};
  const { file, dir: _, cleanDir: __, ...output } = Array.isArray(given) ? (given[0] ?? {}) : given;
  try {
    const { output: files } = await build({
      ...inWordsOfUsers(options), input, cwd: place, engine, onLog() {},
      output: { ...outputInWordsOfUsers(output), ...(file === undefined ? { dir } : { file: `${dir}/${path.basename(file)}` }) },
    });
    // A worker that is a file of its own is an entry too.
    const asked = [input].flat().flatMap((one) => (typeof one === 'string' ? [one] : Object.values(one))).map((one) => path.resolve(place, one));
    return { entries: files.filter((one) => one.isEntry && asked.some((file) => one.facadeModuleId?.startsWith(file))).map((one) => path.join(place, dir, one.fileName)), dir: path.join(place, dir), format: output.format ?? 'es', global: output.name };
  } catch (error) {
    return { error: String(error.message).replaceAll(place, '') };
  }
}

/** Options of fixtures are those of the core. */
function inWordsOfUsers({ output: _, input: __, define, external, moduleTypes, env, treeshake, helpersDir: ___, resolve, ...rest }) {
  const pattern = (one) => one.exact ?? (one.regex ? new RegExp(one.regex.source, one.regex.flags) : one);
  return {
    platform: 'browser', ...rest, ...(define && { define: Object.fromEntries(define) }), ...(external && { external: external.map(pattern) }),
    ...(moduleTypes && { moduleTypes: Object.fromEntries(moduleTypes) }), ...(env && { env: Object.fromEntries(env) }),
    ...(treeshake && { treeshake: treeshake.enabled === false ? false : Object.fromEntries(Object.entries(treeshake).filter(([key]) => key !== 'enabled')) }),
    ...(resolve && { resolve: { ...resolve, ...(resolve.alias && { alias: Object.fromEntries(resolve.alias) }), ...(resolve.extensionAlias && { extensionAlias: Object.fromEntries(resolve.extensionAlias) }) } }),
  };
}

function outputInWordsOfUsers({ globals, minify, sourcemap, esModule, chunkPatterns: _, ...rest }) {
  return {
    ...rest, ...(globals && { globals: Object.fromEntries(globals) }), ...(minify && { minify: minify === 'none' ? false : minify }),
    ...(sourcemap && { sourcemap: { none: false, file: true }[sourcemap] ?? sourcemap }), ...(esModule && { esModule: { always: true, never: false }[esModule] ?? esModule }),
  };
}

async function observed({ entries, dir, format, global }, { node = [] }, place) {
  // What a format is run by depends on the nearest package.json.
  writeFileSync(path.join(dir, 'package.json'), JSON.stringify({ type: format === 'es' ? 'module' : 'commonjs' }));
  const [job, result] = [path.join(dir, 'job.json'), path.join(dir, 'result.json')];
  const mode = { es: 'import', cjs: 'require' }[format] ?? 'script';
  writeFileSync(job, JSON.stringify({ mode, entries, global: global ?? 'theBundle', variant: 'plain', dir, files: [], test: null, result }));
  const { NODE_OPTIONS: _, NODE_ENV: __, ...env } = process.env;
  const ended = await new Promise((resolve) => {
    const child = spawn(process.execPath, ['--no-warnings', ...node, runner, job], { cwd: place, env, stdio: ['ignore', 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    child.on('close', (code) => (clearTimeout(timer), resolve({ stdout, code })));
  });
  const report = existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : { entries: [], uncaught: ['no report'] };
  const values = report.entries.map(({ error, values: list }) => ({ error, values: list }));
  const text = JSON.stringify({ code: ended.code, uncaught: report.uncaught, values, stdout: ended.stdout });
  return JSON.parse(text.replaceAll(pathToFileURL(dir).href, 'file:<dir>').replaceAll(dir, '<dir>').replaceAll(place, '<place>').replaceAll(/-[\w-]{8}\.(m?js|cjs)/g, '-hash.$1').replaceAll(/:\d+:\d+/g, ''));
}

/** @param {{ error?: string, report?: any }} seen @param {Set<string>} names that count */
function wordsOf({ error, report }, names) {
  if (error !== undefined) return `not built: ${error}`;
  const values = report.values.map((entry) => ({ ...entry, values: entry.values?.filter(([key]) => names.has(key)) }));
  return JSON.stringify({ ...report, values }, null, 1);
}

function firstDifference(right, words) {
  const [left, other] = [right.split('\n'), words.split('\n')];
  const at = other.findIndex((line, index) => line !== left[index]);
  return `${(left[at] ?? '(nothing)').trim()}  <>  ${(other[at] ?? '(nothing)').trim()}`;
}

/** Differences without a reason or other than the one that it is given for, and reasons without a difference. */
export function verdicts({ name, different }) {
  const known = reasons[name] ?? {};
  const faults = different.filter(({ engine, how }) => known[engine]?.difference !== how).map(({ engine, how }) => `${name}: ${engine}: ${how}${known[engine] ? `, where its reason is for: ${known[engine].difference}` : ''}`);
  const gone = Object.keys(known).filter((engine) => ENGINES.includes(engine) && !different.some((one) => one.engine === engine)).map((engine) => `${name}: ${engine} does the same now; take its reason out of reasons.json`);
  return [...faults, ...gone];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isWriting = process.argv.includes('--write');
  const given = process.argv.slice(2).filter((word) => word !== '--write');
  const wanted = given.length === 0 || given.includes('all') ? [''] : given;
  const names = allFixtures().filter((name) => wanted.some((one) => name.startsWith(one)));
  const [skipped, faults] = [new Map(), []];
  const same = { rolldown: 0, rspack: 0 };
  let judged = 0;
  for (const name of names) {
    const result = await judge(name);
    if (result.skipped !== undefined) {
      const why = result.skipped.replace(/:.*/s, '');
      skipped.set(why, (skipped.get(why) ?? 0) + 1);
      continue;
    }
    judged++;
    for (const engine of ['rolldown', 'rspack']) if (!result.different.some((one) => one.engine === engine)) same[engine]++;
    for (const { engine, how } of result.different) if (isWriting && reasons[name]?.[engine]) reasons[name][engine].difference = how;
    const found = verdicts(result);
    for (const fault of found) console.log(fault);
    faults.push(...found);
  }
  if (isWriting) writeFileSync(new URL('./reasons.json', import.meta.url), `${JSON.stringify(reasons, null, 2)}\n`);
  console.log(`\n${names.length} fixtures, ${judged} built and run by all three: as the linker's behaved ${same.rolldown} of Rolldown, ${same.rspack} of Rspack`);
  for (const [why, count] of skipped) console.log(`  ${count} not judged: ${why}`);
  console.log(faults.length === 0 ? 'Every difference has its reason.' : `${faults.length} without a reason`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
