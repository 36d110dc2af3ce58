// `webpack-worker.js FILE`: loads what a case was bundled to, runs the tests that it declares, and says which fail.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const load = createRequire(import.meta.url);
const ofVitest = createRequire(load.resolve('vitest'));
const chaiFile = createRequire(ofVitest.resolve('@vitest/expect')).resolve('chai');
const { equals, JestChaiExpect, JestAsymmetricMatchers, JestExtend, setState, getState, GLOBAL_EXPECT } = await import(pathToFileURL(ofVitest.resolve('@vitest/expect')).href);
const chai = await import(pathToFileURL(chaiFile).href);
for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

const { expect } = chai;
globalThis[GLOBAL_EXPECT] = expect;
setState({ ...getState(expect), assertionCalls: 0 }, expect);

/** Declared tests, in their order, with what runs around each. */
const tests = [];
let around = { name: '', before: [], after: [] };

const it = (name, test) => { tests.push({ ...around, name: `${around.name}${name}`, test }); };
const describe = (name, declare) => {
  const outer = around;
  around = { name: `${outer.name}${name} `, before: [...outer.before], after: [...outer.after] };
  declare();
  around = outer;
};
it.skip = describe.skip = () => {};
Object.assign(globalThis, {
  it, describe, expect, test: it,
  beforeEach: (hook) => { around.before.push(hook); }, afterEach: (hook) => { around.after.unshift(hook); },
  beforeAll: (hook) => { tests.push({ name: 'beforeAll', before: [], after: [], test: hook }); }, afterAll() {},
  // A namespace with these exports; whether it says beside them that it is one, and how, is not asked.
  nsObj: (object) => ({ asymmetricMatch: (given) => equals(exportsOf(given), exportsOf(object)) }),
});

const exportsOf = ({ __esModule: _, ...exports }) => ({ ...exports });
const call = (test) => (test.length > 0 ? new Promise((resolve, reject) => { test((error) => (error ? reject(error) : resolve())); }) : test());

const faults = [];
try {
  await (process.argv[2].endsWith('.mjs') ? import(pathToFileURL(process.argv[2]).href) : load(process.argv[2]));
  // Modules that await declare theirs later.
  await new Promise((resolve) => { setTimeout(resolve, 50); });
} catch (error) {
  faults.push(`loading: ${error?.stack ?? error}`);
}
for (let at = 0; at < tests.length; at++) {
  const { name, before, after, test } = tests[at];
  try {
    for (const hook of [...before, test, ...after]) await call(hook);
  } catch (error) {
    faults.push(`${name}: ${error?.stack ?? error}`);
  }
}
if (tests.length === 0 && faults.length === 0) faults.push('it declares no test');
for (const fault of faults) console.log(fault);
process.exit(faults.length > 0 ? 1 : 0);
