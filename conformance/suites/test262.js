// test262: the tests of ECMA-262 that are about modules. Each test is bundled with the modules that it imports, and the bundle
// is run in a process of its own behind the suite's harness files. A test that must be refused when it is read or linked has
// to fail the build; one that must throw has to throw that type.
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../../js/index.js';
import { inParallel, runNode } from '../lib/node.js';
import { scratchFolder } from '../lib/scratch.js';
import { frontmatterOf } from '../lib/test262.js';

const groups = ['module-code', 'import', 'export', 'expressions/dynamic-import', 'expressions/import.meta'];

export const test262 = {
  name: 'test262',
  about: 'The tests of ECMA-262 about modules, import(), import and export declarations, and import.meta.',
  bar: 'module-code at least 575 of 599; the others at least 97 % of what a bundler can run',
  repository: 'tc39/test262',
  commit: 'be13516fb6441b950ba8a3df97eb34062c186972',
  folders: ['harness', ...groups.map((group) => `test/language/${group}`)],
  run,
};

const worker = fileURLToPath(new URL('test262-worker.js', import.meta.url));

async function* run({ directory, skipped, wants }) {
  const scratch = scratchFolder('test262');
  const language = path.join(directory, 'test', 'language');
  const tests = groups.flatMap((group) =>
    testsUnder(path.join(language, group)).map((file) => ({ group, id: path.relative(language, file).replaceAll('\\', '/') })),
  );
  const wanted = tests.filter((test) => wants(test.id));
  // Whatever is loaded by import is a module, and nothing in its text need say so: a manifest does. Only a test without the
  // flag is a script, and is read from a copy of a name that says so.
  for (const group of groups) cpSync(path.join(language, group), path.join(scratch, group), { recursive: true });
  writeFileSync(path.join(scratch, 'package.json'), '{ "type": "module" }');
  yield* inParallel(wanted, async ({ group, id }) => {
    const source = readFileSync(path.join(language, id), 'utf8');
    const about = frontmatterOf(source);
    const names = [id, ...about.features.map((name) => `feature:${name}`), ...about.flags.map((name) => `flag:${name}`)];
    const reason = names.map(skipped).find(Boolean);
    if (reason) return { id, group, status: 'skip', detail: reason, names };
    let file = path.join(scratch, id);
    if (!about.flags.includes('module')) {
      file = file.replace(/\.js$/, '.cjs');
      writeFileSync(file, source);
    }
    const fault = await faultOf(directory, file, about, path.join(scratch, 'out', id.replaceAll(/\W/g, '_')));
    return fault ? { id, group, status: 'fail', detail: fault } : { id, group, status: 'pass' };
  });
}

function testsUnder(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.js') && !name.includes('_FIXTURE'))
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

/** `undefined`: the test passes. */
async function faultOf(directory, file, { flags, includes, negative }, out) {
  const refusals = ['parse', 'resolution', 'early'];
  try {
    await build({
      input: { main: file },
      cwd: path.dirname(file),
      platform: 'node',
      logLevel: 'silent',
      // What is not there stays as it is, so that import() of it can be refused when it is run.
      external: (id) => id === '' || id.endsWith('THIS_FILE_DOES_NOT_EXIST.js'),
      output: { dir: out, entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    });
  } catch (error) {
    return refusals.includes(negative?.phase) ? undefined : `the build says: ${error.message ?? error}`;
  }
  if (refusals.includes(negative?.phase)) return `the build accepts what must be refused (${negative.phase} ${negative.type})`;
  const harness = flags.includes('raw') ? [] : ['assert.js', 'sta.js', ...(flags.includes('async') ? ['doneprintHandle.js'] : []), ...includes];
  const { stdout, stderr, code, timedOut } = await runNode(
    [worker, path.join(out, 'main.mjs'), String(flags.includes('async')), ...harness.map((name) => path.join(directory, 'harness', name))],
    {},
  );
  const observed = timedOut ? 'the time ran out' : (stdout.match(/^result: (.*)$/m)?.[1] ?? `exit ${code} ${stderr}`);
  if (negative) return observed.startsWith(`threw ${negative.type}`) ? undefined : `expected ${negative.type}, observed ${observed}`;
  return observed === 'ok' ? undefined : observed;
}
