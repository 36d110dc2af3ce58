/**
 * Names of files with hashes say what is in them: an edit changes the names of what it changes and of what names these, and of
 * nothing else. The questions are those that people ask of bundlers before they set a cache header that lasts a year.
 */
import { describe, expect, test } from 'vitest';
import { project } from '../support/project.js';

const APPLICATION = {
  'package.json': '{ "type": "module" }',
  'a.js': "import { shared } from './shared.js';\nimport url from './image.svg?url';\nconsole.log('a', shared(), url);\nexport const more = () => import('./lazy.js');",
  'b.js': "import { shared } from './shared.js';\nimport './b.css';\nconsole.log('b', shared());\nexport const more = () => import('./lazy.js');\nexport const other = () => import('./other.js');",
  'shared.js': 'export function shared() { return globalThis.shared ?? "shared"; }',
  'lazy.js': 'export default function lazy() { return globalThis.lazy ?? "lazy"; }',
  'other.js': 'export default function other() { return globalThis.other ?? "other"; }',
  'b.css': '.b { background: url(./back.svg) }',
  'image.svg': '<svg><g id="image"/></svg>',
  'back.svg': '<svg><g id="back"/></svg>',
};
const OPTIONS = {
  input: { a: './a.js', b: './b.js' },
  assetsInlineLimit: 0,
  output: { entryFileNames: '[name]-[hash].js', chunkFileNames: '[name]-[hash].js', assetFileNames: '[name]-[hash][extname]' },
};

/** Name without hash -> name with hash, and the content of each file. */
async function filesOf(app, options = {}) {
  const { output } = await app.build({ ...OPTIONS, ...options });
  return Object.fromEntries(output.map((file) => [file.fileName.replace(/-[\w-]{8}(?=\.)/, ''), { name: file.fileName, text: String(file.code ?? file.source) }]));
}
const changed = (before, after) => Object.keys(after).filter((name) => before[name]?.name !== after[name].name).sort();

async function edited(changes, options) {
  const app = project(APPLICATION);
  const before = await filesOf(app, options);
  for (const [file, text] of Object.entries(changes)) app.write(file, text);
  return changed(before, await filesOf(app, options));
}

describe('hashes', () => {
  test('are the same for the same sources in another place, and from a cache', async () => {
    const [one, two] = [project(APPLICATION), project(APPLICATION)];
    const first = await filesOf(one);
    expect(changed(first, await filesOf(two))).toEqual([]);
    expect(changed(first, await filesOf(two, { cache: true }))).toEqual([]);
    expect(changed(first, await filesOf(two, { cache: true }))).toEqual([]);
  });

  test('of no two files with different content are equal, and a name always has the same content', async () => {
    const app = project(APPLICATION);
    const before = await filesOf(app);
    app.write('lazy.js', 'export default 1;');
    const after = await filesOf(app);
    for (const [name, file] of Object.entries(after)) {
      if (before[name]?.name === file.name) expect(file.text).toBe(before[name].text);
      else expect(file.text).not.toBe(before[name]?.text);
    }
  });

  test('change with a module only for its own chunk and what names it', async () => {
    expect(await edited({ 'other.js': "export default 'another';" })).toEqual(['b.js', 'other.js']);
    expect(await edited({ 'lazy.js': "export default 'another';" })).toEqual(['a.js', 'b.js', 'lazy.js']);
    expect(await edited({ 'a.js': `${APPLICATION['a.js']}\nconsole.log('more');` })).toEqual(['a.js']);
  });

  test('of a module that several entries share change for its chunk and for those who import it', async () => {
    expect(await edited({ 'shared.js': 'export function shared() { return globalThis.shared ?? "else"; }' })).toEqual(['a.js', 'b.js', 'shared.js']);
  });

  test('do not change for a comment, for spaces, or for a name that nobody sees, once they are compressed', async () => {
    const output = { ...OPTIONS.output, minify: true };
    expect(await edited({ 'shared.js': `// A word about it.\n\n  ${APPLICATION['shared.js']}` }, { output })).toEqual([]);
    expect(await edited({ 'lazy.js': 'function renamed() { return globalThis.lazy ?? "lazy"; }\nexport { renamed as default };' }, { output })).toEqual([]);
  });

  test('change with an asset for those that hold its address', async () => {
    expect(await edited({ 'image.svg': '<svg><g id="other"/></svg>' })).toEqual(['a.js', 'image.svg']);
    expect(await edited({ 'back.svg': '<svg><g id="other"/></svg>' })).toEqual(['b.css', 'back.svg']);
  });

  test('of a style sheet change alone', async () => {
    expect(await edited({ 'b.css': '.b { color: red; background: url(./back.svg) }' })).toEqual(['b.css']);
  });

  test('change with what a chunk is called, and with the banner', async () => {
    expect(await edited({}, {})).toEqual([]);
    const app = project(APPLICATION);
    const before = await filesOf(app);
    const after = await filesOf(app, { output: { ...OPTIONS.output, banner: '/* one */' } });
    expect(changed(before, after)).toEqual(expect.arrayContaining(['a.js', 'b.js', 'shared.js', 'lazy.js', 'other.js']));
  });

  test('change with the code that a renderChunk hook makes, and not with a source map', async () => {
    const app = project(APPLICATION);
    const before = await filesOf(app);
    const plugin = (text) => ({ plugins: [{ name: 'sign', renderChunk: (code, { name }) => (name === 'other' ? `${code}\n/* ${text} */` : null) }] });
    const one = await filesOf(app, plugin('one'));
    expect(changed(before, one)).toEqual(['b.js', 'other.js']);
    expect(changed(one, await filesOf(app, plugin('two')))).toEqual(['b.js', 'other.js']);
  });

  test('of chunks that import each other lazily in a circle are there, and change together', async () => {
    const circle = { 'a.js': "export const go = () => import('./x.js');", 'x.js': "export const x = 'x';\nexport const y = () => import('./y.js');", 'y.js': "export const y = 'y';\nexport const x = () => import('./x.js');" };
    const app = project(circle);
    const options = { input: { a: './a.js' } };
    const before = await filesOf(app, options);
    app.write('y.js', circle['y.js'].replace("'y'", "'z'"));
    expect(changed(before, await filesOf(app, options))).toEqual(['a.js', 'x.js', 'y.js']);
    app.write('y.js', circle['y.js']);
    expect(changed(before, await filesOf(app, options))).toEqual([]);
  });

  test('do not move with modules that come or go elsewhere', async () => {
    const extra = { 'b.js': `import './extra.js';\n${APPLICATION['b.js']}`, 'extra.js': 'console.log("extra");' };
    expect(await edited(extra)).toEqual(['b.js']);
  });
});
