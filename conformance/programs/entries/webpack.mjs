// Configures a compiler and reads what it makes of the options; then its dependencies' own work: parsing and printing of sources.
import webpack from 'webpack';

console.log(webpack.version.split('.').length, Object.keys(webpack).length, webpack.validate({ entry: './a.js', mode: 'production' }) ?? 'valid');
try { webpack.validate({ entri: 1 }); } catch (error) { console.log(error.name, error.message); }
const options = webpack.config.getNormalizedWebpackOptions({ entry: './a.js', mode: 'production', context: '/app' });
webpack.config.applyWebpackOptionsDefaults(options);
console.log(options.optimization.splitChunks.minSize, options.output.filename, options.resolve.extensions);
const { RawSource, ConcatSource, SourceMapSource, ReplaceSource } = webpack.sources;
const replaced = new ReplaceSource(new RawSource('let a = 1;'));
replaced.replace(4, 4, 'renamed');
console.log(new ConcatSource('/* head */\n', replaced).source(), new SourceMapSource('a', 'a.js', { version: 3, sources: ['b'], names: [], mappings: 'AAAA' }).map().sources);
const compiler = webpack({ entry: './a.js', mode: 'none', context: '/app', output: { path: '/out' }, plugins: [{ apply: (one) => one.hooks.compilation.tap('x', () => console.log('compilation')) }] });
const files = { '/app/a.js': `import { b } from './b'; console.log(b); import('./c.json').then(console.log);`, '/app/b.js': 'export const b = 1; export const unused = 2;', '/app/c.json': '{"c":[3]}' };
const stat = (path, done) => (files[path] ? done(null, { isFile: () => true, isDirectory: () => false, mtimeMs: 0 }) : path === '/app' || path === '/' ? done(null, { isFile: () => false, isDirectory: () => true }) : done(Object.assign(new Error(`none: ${path}`), { code: 'ENOENT' })));
compiler.inputFileSystem = { stat, lstat: stat, readFile: (path, done) => (files[path] ? done(null, Buffer.from(files[path])) : done(Object.assign(new Error(path), { code: 'ENOENT' }))), readJson: (path, done) => done(Object.assign(new Error(path), { code: 'ENOENT' })), readlink: (path, done) => done(Object.assign(new Error(path), { code: 'EINVAL' })), purge() {} };
const written = {};
compiler.outputFileSystem = { mkdir: (path, done) => done(null), writeFile: (path, data, done) => { written[path] = data.toString(); done(null); }, stat: (path, done) => done(Object.assign(new Error(path), { code: 'ENOENT' })), readFile: (path, done) => done(new Error(path)) };
compiler.resolverFactory.hooks.resolveOptions.for('normal').tap('x', (one) => ({ ...one, fileSystem: compiler.inputFileSystem }));
compiler.run((error, stats) => {
  console.log(error?.message ?? null, stats?.toJson({ all: false, errors: true, warnings: true, modules: true, ids: true }).modules?.map((one) => [one.name, one.id, one.size]), stats?.compilation.errors.map((one) => one.message));
  for (const path of Object.keys(written).sort()) console.log(path, written[path]);
});
