// Parses, transforms for an old engine, and prints with a map.
import { transformSync, parseSync, traverse, types as t } from '@babel/core';
import preset from '@babel/preset-env';

const source = `class A extends B { #x = 1; static { this.y = 2; } async *go({ a, ...b } = {}) { yield a?.b ?? this.#x; } } for (const [k, v] of new Map()) { label: { if (k) break label; } } export default \`a\${1n}\`;`;
const { code, map } = transformSync(source, { presets: [[preset, { targets: 'ie 11', modules: 'commonjs' }]], sourceMaps: true, configFile: false, babelrc: false, filename: 'a.js', plugins: [({ types }) => ({ visitor: { Identifier: (path) => { if (path.node.name === 'k') path.replaceWith(types.identifier('key')); } } })] });
console.log(code, map.mappings.length);
let count = 0;
traverse(parseSync(source, { configFile: false, babelrc: false }), { enter: () => { count += 1; } });
console.log(count, t.isIdentifier(t.identifier('a')));
