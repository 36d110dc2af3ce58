// Rolldown's fixtures: each is bundled as its `_config.json` says, once for every configuration in it, and what comes out is
// put to the case's own `_test.mjs`, or loaded where there is none: most programs check themselves. Texts are not compared.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../js/index.js';
import { inParallel, runNode } from '../lib/node.js';
import { buildOptionsOf, configurationsOf, optionNames, readConfig } from '../lib/rolldown-config.js';
import { linkHelpers, scratchFolder } from '../lib/scratch.js';

const TESTS = 'crates/rolldown/tests';

export const rolldown = {
  name: 'rolldown',
  about: "Rolldown's fixtures, executed: a case's `_test.mjs` where it has one, else its entries. One result a configuration.",
  bar: 'at least 95 % of what applies',
  repository: 'rolldown/rolldown',
  commit: '12b5cd0d3b9931fe64e40ea2ff5fa68b4daded44',
  folders: [TESTS],
  run,
};

async function* run({ directory, skipped, wants }) {
  const scratch = scratchFolder('rolldown');
  linkHelpers(scratch);
  cpSync(path.join(directory, TESTS, 'package.json'), path.join(scratch, 'package.json'));
  cpSync(path.join(directory, TESTS, 'rolldown'), path.join(scratch, 'rolldown'), { recursive: true });
  const root = path.join(scratch, 'rolldown');
  const folders = readdirSync(root, { recursive: true }).filter((name) => path.basename(name) === '_config.json').map((name) => path.dirname(name)).sort();
  // The configurations of a case write to one folder: one after the other.
  for await (const results of inParallel(folders, (folder) => runCase(root, folder.replaceAll('\\', '/'), skipped, wants))) yield* results;
}

async function runCase(root, name, skipped, wants) {
  const folder = path.join(root, name);
  const about = readConfig(readFileSync(path.join(folder, '_config.json'), 'utf8'));
  const script = ['_test.cjs', '_test.mjs'].find((file) => existsSync(path.join(folder, file)));
  const group = about.expectError ? 'refused' : script ? '_test.mjs' : 'entries';
  const results = [];
  for (const { name: variant, options, configName } of configurationsOf(about)) {
    const id = variant ? `${name} (${variant})` : name;
    if (!wants(id)) continue;
    const names = [id, ...kindsOf(folder, about, script).map((kind) => `kind:${kind}`), ...optionNames(options)];
    const reason = names.map(skipped).find(Boolean);
    if (reason) results.push({ id, group, status: 'skip', detail: reason, names });
    else {
      const fault = await faultOf(folder, about, script, options, configName);
      const excuse = fault && !about.expectError && skipped('kind:unbundled') && (await failsUnbundled(folder, options, fault)) ? 'kind:unbundled' : undefined;
      if (fault === undefined) results.push({ id, group, status: 'pass' });
      else if (excuse) results.push({ id, group, status: 'skip', detail: skipped(excuse), names: [...names, excuse] });
      else results.push({ id, group, status: 'fail', detail: fault });
    }
  }
  return results;
}

/** What kind of case it is, as far as a skip may depend on it. */
function kindsOf(folder, { expectExecuted = true, expectError = false, writeToDisk = true }, script) {
  const kinds = [];
  if (!expectError && (!writeToDisk || (!expectExecuted && !script))) kinds.push('snapshot');
  if (readdirSync(folder, { recursive: true }).some((name) => /\.hmr-\d+\./.test(name))) kinds.push('hmr');
  return kinds;
}

/** Cases wait for one turn of the event loop until a chunk is there. How many turns reading files takes is the machine's to say. */
const PATIENT_TIMERS = `const later = setTimeout;
globalThis.setTimeout = (call, wait = 0, ...rest) => later(call, wait + 100, ...rest);
globalThis.setImmediate = (call, ...rest) => later(call, 100, ...rest);`;

/** `undefined`: the case passes. */
async function faultOf(folder, { expectError }, script, given, configName) {
  const options = buildOptionsOf(given, folder);
  const dist = path.join(folder, given.dir ?? 'dist');
  rmSync(dist, { recursive: true, force: true });
  try {
    await build(options);
    if (expectError) return 'the build accepts what must be refused';
  } catch (error) {
    return expectError ? undefined : `the build says: ${error.message ?? error}`;
  }
  const { format } = options.output;
  if ((format ?? 'es') === 'es' || (format !== 'cjs' && options.platform === 'browser')) {
    writeFileSync(path.join(dist, 'package.json'), '{ "type": "module" }');
  }
  const prelude = configName === undefined ? PATIENT_TIMERS : `${PATIENT_TIMERS} globalThis.__configName = ${JSON.stringify(configName)};`;
  const set = ['--import', `data:text/javascript,${encodeURIComponent(prelude)}`];
  const entries = Object.keys(options.input).map((name) => `import ${JSON.stringify(pathToFileURL(path.join(dist, `${name}.js`)).href)};`);
  const what = script ? [path.join(folder, script)] : ['--input-type=module', '--eval', entries.join('\n')];
  const { code, stdout, stderr, timedOut } = await runNode([...set, ...what], { cwd: folder });
  if (timedOut) return 'the time ran out';
  return code === 0 ? undefined : `${faultIn(stderr) ?? `exit ${code}`}\n${stderr}\n${stdout}`;
}

/** Whether Node throws the same when it runs the modules as they are: then the case asks for something else than ECMA-262. */
async function failsUnbundled(folder, given, fault) {
  const { input } = buildOptionsOf(given, folder);
  const imports = Object.values(input).filter((file) => path.isAbsolute(file)).map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};`);
  const { stderr } = await runNode(['--input-type=module', '--eval', imports.join('\n')], { cwd: folder });
  const shape = (text) => faultIn(text)?.replaceAll(/'[^']*'/g, "''");
  if (shape(stderr) === undefined || shape(stderr) !== shape(fault)) return false;
  // Assertions all begin alike: it has to be the same one, about the same values.
  if (/ERR_ASSERTION/.test(stderr)) return assertionIn(stderr) === assertionIn(fault);
  return !/ERR_/.test(shape(stderr));
}

/** What an assertion says, with the values that it compares, up to the stack trace. */
const assertionIn = (text) => text.match(/AssertionError[^]*?(?=\n\s+at )/)?.[0];

/** The line of a stack trace that says what was thrown. */
const faultIn = (stderr) => stderr.split('\n').find((line) => /^(\w*Error\b|\s*throw )/.test(line))?.trim();
