// webpack's `test/cases`: programs that say with `it()` and `expect()` what is to come out of them. Each is bundled for Node and
// run; what asks for webpack's own language (loaders in requests, `require.ensure`, `__webpack_*__`) does not apply.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../../js/index.js';
import { inParallel, runNode } from '../lib/node.js';
import { linkHelpers, scratchFolder } from '../lib/scratch.js';

const CASES = 'test/cases';
const WORKER = fileURLToPath(new URL('webpack-worker.js', import.meta.url));

/** What of webpack's own a case may speak; the first that its files hold is why it is skipped. */
const DIALECT = {
  'inline loaders': /(?:require|import|from)\s*\(?\s*["'][^"']*!/,
  'require.ensure': /\brequire\.(?:ensure|include|main|amd|async)\b/,
  'require.context': /\brequire\.context\b|import\.meta\.webpackContext/,
  'require.resolve': /\brequire\.(?:resolve|resolveWeak)\b/,
  'module cache': /\brequire\.cache\b/,
  'webpack variables': /\b__(?:(?:non_)?webpack_\w+|resourceQuery|resourceFragment|system_context__)/,
  'magic comments': /webpack(?:Mode|Exports|ChunkName|Prefetch|Preload|Ignore|Include|Exclude|FetchPriority|Defer)\s*:/,
  'import.meta of webpack': /import\.meta\.(?:webpack\w*|hot|main|env)\b/,
  'module objects': /\bmodule\.(?:hot|id|loaded|children|parent|parents|i|l)\b|\b(?:in|typeof)\s+module\b.*\bwebpack/,
  AMD: /\bdefine\s*\(|\brequire\s*\(\s*\[/,
  'definitions of webpack': /\bDefinePlugin|process\.env\.(?!NODE_ENV)\w+|\bCONST_\w+/,
  'requests made at run time': /\brequire\s*\(\s*(?:`[^`]*\$\{|["'][^"']*["']\s*\+|\w+\s*[+)?])/,
  'import() of a request made at run time': /\bimport\s*\(\s*(?:`[^`]*\$\{|["'][^"']*["']\s*\+|\w+\s*[+)?])/,
  WebAssembly: /\.wasm\b|\.wat\b/,
  'snapshots of text': /toMatchSnapshot|toMatchInlineSnapshot|\.toString\(\)\)\.(?:not\.)?toMatch/,
};

export const webpack = {
  name: 'webpack',
  about: "webpack's `test/cases`, bundled for Node and run with their own `it()` and `expect()`.",
  bar: 'none: a judge beside those that the project was measured by',
  repository: 'webpack/webpack',
  commit: 'bc3e930f75e3f6ecbdf193a0dedf6067ea3a286b',
  folders: ['test/cases', 'test/helpers'],
  run,
};

async function* run({ directory, skipped, wants }) {
  const scratch = scratchFolder('webpack');
  linkHelpers(scratch);
  cpSync(path.join(directory, 'test'), path.join(scratch, 'test'), { recursive: true });
  const root = path.join(scratch, CASES);
  const names = readdirSync(root).flatMap((group) => readdirSync(path.join(root, group), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => `${group}/${name}`)).sort();
  const wanted = names.filter((name) => wants(name) && entryOf(path.join(root, name)) !== undefined);
  yield* inParallel(wanted, (name) => runCase(root, name, skipped));
}

const entryOf = (folder) => ['index.js', 'index.mjs', 'index.cjs', 'index.ts'].find((file) => existsSync(path.join(folder, file)));

async function runCase(root, id, skipped) {
  const folder = path.join(root, id);
  const group = id.split('/')[0];
  const kinds = kindsOf(folder).map((kind) => `kind:${kind}`);
  const names = [id, ...kinds];
  const reason = names.map(skipped).find(Boolean);
  if (reason) return { id, group, status: 'skip', detail: reason, names };
  const fault = await faultOf(folder);
  return fault === undefined ? { id, group, status: 'pass' } : { id, group, status: 'fail', detail: fault };
}

function kindsOf(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => /\.(?:[cm]?jsx?|ts|json)$/.test(name)).map((name) => path.join(folder, name));
  const texts = files.flatMap((file) => {
    try {
      return [readFileSync(file, 'utf8').replaceAll(/^\s*\/\/.*$/gm, (line) => (line.includes('webpack') ? line : ''))];
    } catch {
      return [];
    }
  });
  const kinds = Object.keys(DIALECT).filter((kind) => texts.some((text) => DIALECT[kind].test(text)));
  if (existsSync(path.join(folder, 'errors.js')) || existsSync(path.join(folder, 'warnings.js'))) kinds.push('messages');
  if (existsSync(path.join(folder, 'loader.js')) || readdirSync(folder).some((name) => /loader\.[cm]?js$/.test(name))) kinds.push('loaders');
  return kinds;
}

/** `undefined`: the case passes. A program that awaits at top level is bundled as an ES module. */
async function faultOf(folder, format = 'cjs') {
  const dist = path.join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  const extension = format === 'cjs' ? '.cjs' : '.mjs';
  try {
    await build({
      input: { main: `./${entryOf(folder)}` }, cwd: folder, platform: 'node', logLevel: 'silent', define: { 'process.env.NODE_ENV': '"production"' }, transform: { target: 'es2022' },
      output: { dir: dist, format, entryFileNames: `[name]${extension}`, chunkFileNames: `[name]-[hash]${extension}` },
    });
  } catch (error) {
    return error.code === 'INVALID_TLA_FORMAT' && format === 'cjs' ? faultOf(folder, 'es') : `the build says: ${error.message ?? error}`;
  }
  const { code, stdout, stderr, timedOut } = await runNode([WORKER, path.join(dist, `main${extension}`)], { cwd: folder });
  if (timedOut) return 'the time ran out';
  return code === 0 ? undefined : `${stdout.trim().split('\n')[0] || stderr.trim().split('\n').find((line) => /Error/.test(line)) || `exit ${code}`}\n${stdout}\n${stderr}`;
}
