// Arguments: the bundle, whether it calls $DONE, harness files. Prints `result: ok` or `result: threw TYPE message`.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';

const [bundle, isAsync, ...harness] = process.argv.slice(2);

function report(error) {
  const name = error?.constructor?.name ?? typeof error;
  process.stdout.write(error === undefined ? 'result: ok\n' : `result: threw ${name} ${String(error?.message ?? error).split('\n')[0]}\n`);
  process.exit(0);
}

const done = new Promise((resolve, reject) => {
  globalThis.print = (text) => {
    if (text === 'Test262:AsyncTestComplete') resolve();
    else if (String(text).startsWith('Test262:AsyncTestFailure:')) reject(new Error(String(text).slice('Test262:AsyncTestFailure:'.length)));
  };
});
globalThis.$262 = {
  global: globalThis,
  evalScript: (text) => vm.runInThisContext(text),
  createRealm: () => ({ global: vm.runInContext('globalThis', vm.createContext()) }),
};
// The suite takes newer helpers of the language for granted in tests that are about something else.
Promise.withResolvers ??= function () {
  const made = {};
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
for (const file of harness) vm.runInThisContext(readFileSync(file, 'utf8'), { filename: file });

process.on('uncaughtException', report);
try {
  await import(pathToFileURL(bundle).href);
  if (isAsync === 'true') await done;
  report(undefined);
} catch (error) {
  report(error);
}
