import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../js/output/edits.js';
import { joinChunkMaps } from '../../js/plugins/source-maps.js';
import { positionOf, prepend, trace } from '../support/maps.js';
import { project } from '../support/project.js';

const source = "import { b } from './b.js';\n\nexport function first() {\n  return landmark(b);\n}\nfunction landmark(x) { return x; }\n";
const files = { 'main.js': source, 'b.js': 'export const b = globalThis.b;' };
const chunkOf = ({ output }) => output.find((file) => file.type === 'chunk');

describe('source maps', () => {
  test('a token leads through two transforms back to its file', async () => {
    const app = project(files);
    const chunk = chunkOf(await app.build({
      output: { sourcemap: true },
      plugins: [
        { name: '1', transform: (code, id) => (id.endsWith('main.js') ? prepend('globalThis.one = 1;\nglobalThis.two = 2; ', code) : null) },
        { name: '2', transform: (code, id) => (id.endsWith('main.js') ? prepend('globalThis.three = 3;\n\n', code) : null) },
      ],
    }));
    const found = trace(chunk.code, chunk.map, 'return landmark');
    expect(found.source).toMatch(/main\.js$/);
    expect({ line: found.line, column: found.column }).toEqual(positionOf(source, 'return landmark'));
    expect(chunk.map.sourcesContent[chunk.map.sources.findIndex((one) => one.endsWith('main.js'))]).toBe(source);
  });

  test('a map that names no sources means the code that the hook was given', async () => {
    const plugin = { name: 'nameless', transform(code, id) { return id.endsWith('main.js') ? { ...prepend('globalThis.one = 1;\n', code), map: { ...prepend('globalThis.one = 1;\n', code).map, sources: [] } } : null; } };
    const chunk = chunkOf(await project(files).build({ output: { sourcemap: true }, plugins: [plugin] }));
    const found = trace(chunk.code, chunk.map, 'return landmark');
    expect(found.source).toMatch(/main\.js$/);
    expect({ line: found.line, column: found.column }).toEqual(positionOf(source, 'return landmark'));
  });

  test('a map of load leads to the file it names', async () => {
    const original = 'let answer: number = landmark()\nexport { answer }\n';
    const { code, map } = prepend('// compiled\n', 'let answer = landmark()\nexport { answer }\n');
    const chunk = chunkOf(await project({}).build({
      input: '/virtual/a.x',
      output: { sourcemap: true },
      plugins: [{
        name: 'compiler',
        resolveId: (id) => (id === '/virtual/a.x' ? id : null),
        load: () => ({ code, map: { ...map, sources: ['a.source'], sourcesContent: [original] }, moduleType: 'js' }),
        transform: (text) => prepend('globalThis.x = 1;\n', text),
      }],
    }));
    const found = trace(chunk.code, chunk.map, 'landmark');
    expect(found).toMatchObject({ line: 1, column: 13 });
    expect(found.source).toMatch(/a\.source$/);
    expect(chunk.map.sourcesContent).toContain(original);
  });

  test('renderChunk, a computed banner and file URLs move the tokens behind them along', async () => {
    const app = project({ ...files, 'main.js': `${source}export const url = import.meta.ROLLUP_FILE_URL_REF, after = landmark(url);\n` });
    const chunk = chunkOf(await app.build({
      output: { sourcemap: true, banner: (chunk) => `/* ${chunk.name} */\n/* second line */` },
      plugins: [
        { name: 'emit', transform(code) { return { code: code.replace('REF', this.emitFile({ type: 'asset', name: 'x.txt', source: 'x' })), map: null }; } },
        { name: 'render', renderChunk: (code) => prepend('/* rendered */ ', code) },
      ],
    }));
    expect(chunk.code.startsWith('/* rendered */ /* main */\n/* second line */')).toBe(true);
    const found = trace(chunk.code, chunk.map, 'return landmark');
    expect({ line: found.line, column: found.column }).toEqual(positionOf(source, 'return landmark'));
    expect(trace(chunk.code, chunk.map, 'landmark(url)')).toMatchObject({ line: 7 });
  });

  test('a transform that changes code without a map is named in a warning', async () => {
    const { warnings } = await project(files).build({ output: { sourcemap: true }, plugins: [{ name: 'sloppy', transform: (code) => `/* x */${code}` }] });
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'SOURCEMAP_BROKEN', plugin: 'sloppy', hook: 'transform' }));
  });

  test('getCombinedSourcemap gives the way from the code a hook sees to the file', async () => {
    const seen = [];
    await project({ 'main.js': 'export const landmark = 1;\n' }).build({
      output: { sourcemap: true },
      plugins: [
        { name: '1', async transform(code) { seen.push([code, await this.getCombinedSourcemap()]); return prepend('globalThis.a;\n', code); } },
        { name: '2', async transform(code) { seen.push([code, JSON.parse(this.getCombinedSourcemap().toString())]); return null; } },
      ],
    });
    for (const [code, map] of seen) expect(trace(code, map, 'landmark')).toMatchObject({ line: 1, column: 13 });
  });

  test('hidden and inline maps', async () => {
    const app = project(files);
    const hidden = await app.build({ output: { sourcemap: 'hidden' } });
    expect(hidden.output.map((file) => file.fileName).filter((name) => name.endsWith('.map'))).toHaveLength(1);
    expect(chunkOf(hidden).code).not.toContain('sourceMappingURL');
    const inline = await app.build({ output: { sourcemap: 'inline' } });
    expect(inline.output).toHaveLength(1);
    expect(chunkOf(inline).code).toContain('sourceMappingURL=data:application/json');
  });
});

test('edits map every word behind them, whatever they replace', async () => {
  const before = 'a MARK b\nc MARK d\n';
  const edits = [before.indexOf('MARK'), before.lastIndexOf('MARK')].map((start, index) => ({ start, end: start + 4, text: index === 0 ? 'two\nlines' : '' }));
  const { code, step } = await applyEdits(before, edits, true);
  expect(code).toBe('a two\nlines b\nc  d\n');
  for (const word of ['a', 'b\n', 'c', 'd']) expect([word, trace(code, step, word)]).toEqual([word, expect.objectContaining(positionOf(before, word))]);
  const joined = JSON.parse(await joinChunkMaps([step, prepend('xx\n', code).map]));
  expect(trace(`xx\n${code}`, joined, 'd\n')).toMatchObject(positionOf(before, 'd\n'));
});
