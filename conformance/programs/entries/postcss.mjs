// Plugins, parsing, source maps and errors.
import postcss, { decl, list } from 'postcss';

const nest = { postcssPlugin: 'upper', Once: (root) => root.append({ selector: '.added' }), Declaration: { color: (node) => { if (node.value !== 'RED') node.value = 'RED'; } }, AtRule: { media: (rule, { result }) => result.warn('media', { node: rule }) } };
const result = await postcss([nest]).process('a { color: red; background: url(x.png) }\n@media print { b { margin: 0 } }', { from: '/in.css', to: '/out.css', map: { inline: false, sourcesContent: true } });
console.log(result.css, JSON.parse(result.map.toString()).mappings, result.warnings().map(String), list.comma('a, b(c, d)'), decl({ prop: 'x', value: 'y' }).toString());
const root = postcss.parse('a{b:c}');
root.walkDecls((node) => node.cloneBefore({ prop: '--b' }));
console.log(root.toString(), JSON.stringify(postcss.fromJSON(root.toJSON()).first.selector));
try { postcss.parse('a { b: c', { from: '/broken.css' }); } catch (error) { console.log(error.name, error.reason, error.line, error.column, error.showSourceCode(false)); }
