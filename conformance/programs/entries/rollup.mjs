// Bundles a graph of virtual modules in three formats, with a plugin and a source map.
import { rollup, VERSION } from 'rollup';

const modules = {
  main: `import { used } from 'library'; import * as all from 'cycle'; export default used(all.value); export const lazy = () => import('lazy');`,
  library: `import { value } from 'cycle'; export const used = (x) => x + value; export const unused = /*#__PURE__*/ used(2); export function again() { return used; }`,
  cycle: `import { again } from 'library'; export let value = 20; export const late = () => { value += 1; return again(); };`,
  lazy: `import { late } from 'cycle'; export default class Lazy { run() { return late(); } }`,
};
const virtual = {
  name: 'virtual',
  resolveId: (id) => (id in modules ? id : null),
  load: (id) => modules[id],
  renderChunk: (code, chunk) => ({ code: `/* ${chunk.fileName} */\n${code}`, map: null }),
};
const warnings = [];
const bundle = await rollup({ input: 'main', plugins: [virtual], onwarn: ({ code }) => warnings.push(code) });
console.log(VERSION.split('.').length);
for (const format of ['es', 'cjs', 'system']) {
  const { output } = await bundle.generate({ format, exports: 'named', sourcemap: true });
  for (const { fileName, code, source, map } of output) console.log(fileName, code ?? source, map?.mappings);
}
console.log(warnings, bundle.watchFiles);
await rollup({ input: 'absent', plugins: [virtual] }).catch((error) => console.log(error.code));
