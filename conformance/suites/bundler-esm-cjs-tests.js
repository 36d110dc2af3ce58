// bundler-esm-cjs-tests: 64 programs that mix ES modules and CommonJS and say themselves whether `import` gave the right thing.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from '../../js/index.js';
import { scratchFolder, writeFiles } from '../lib/scratch.js';

export const esmCjsTests = {
  name: 'bundler-esm-cjs-tests',
  about: 'Interop of ES modules and CommonJS.',
  bar: '64 of 64',
  repository: 'evanw/bundler-esm-cjs-tests',
  commit: '71c44ecfd3b38972916e805e8ef06e07d7e45af9',
  run,
};

async function* run({ directory, wants }) {
  const tests = testsOf(path.join(directory, 'tests.js'));
  const scratch = scratchFolder('esm-cjs');
  for (const [index, files] of tests.entries()) {
    // The suite pairs a form that a bundler sees through with one that it does not.
    const group = index % 2 === 0 ? 'direct' : 'indirect';
    const id = `${index + 1} ${Object.keys(files).join(' ')}`;
    if (!wants(id)) continue;
    const fault = await faultOf(files, path.join(scratch, String(index)));
    yield fault ? { id, group, status: 'fail', detail: `${fault}\n${JSON.stringify(files, null, 2)}` } : { id, group, status: 'pass' };
  }
}

async function faultOf(files, folder) {
  writeFiles(folder, files);
  const entry = Object.keys(files).find((name) => name.startsWith('entry.'));
  try {
    const { output } = await build({
      input: path.join(folder, entry),
      cwd: folder,
      logLevel: 'silent',
      write: false,
      output: { format: 'iife', codeSplitting: false },
    });
    const input = {};
    new Function('input', output[0].code)(input);
    return (await input.works) ? undefined : 'the program says that it does not work';
  } catch (error) {
    return String(error);
  }
}

/** The list at the head of the suite's program, which would start a run of its own if it were imported. */
function testsOf(file) {
  const source = readFileSync(file, 'utf8');
  const [list] = source.match(/(?<=^const tests = )\[[^]*?^\]/m) ?? [];
  if (!list) throw new Error(`${file}: no list of tests is in it`);
  return new Function(`return ${list};`)();
}
