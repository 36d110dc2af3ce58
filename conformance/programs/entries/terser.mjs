// Minifies a script with everything on, beautifies it, and rejects a wrong one.
import { minify } from 'terser';

const source = `
class Stack { #list = []; static made = 0; constructor(...list) { Stack.made++; this.#list = list; } get size() { return this.#list.length; } push(x) { if (x === undefined) { return false; } else { this.#list.push(x); return true; } } }
function area(shape) { switch (shape.kind) { case 'circle': var r = shape.r; return Math.PI * r * r; case 'square': return shape.a ** 2; default: throw new Error('no ' + shape.kind); } }
const { a, b: [c = 3, ...rest] = [], ...others } = globalThis.input ?? {};
label: for (let i = 0, n = 10; i < n; i++) { for (const k in others) { if (k == 'stop') break label; if (DEBUG) console.log(k); } }
export { Stack as default, area }; export const text = \`\${a} and \${c}\`; async function* gen() { yield* await rest; } gen();`;
for (const options of [
  { module: true, compress: { passes: 3, global_defs: { DEBUG: false } }, mangle: { properties: { regex: /^made$/ } }, sourceMap: true },
  { module: true, compress: false, mangle: false, format: { beautify: true, comments: 'all' } },
  { ecma: 2020, module: true, toplevel: true },
]) {
  const { code, map } = await minify(source, options);
  console.log(code, map);
}
await minify('let let = 1;').catch((error) => console.log(error.name, error.line, error.col, error.message));
