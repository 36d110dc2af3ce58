import { describe, expect, test } from 'vitest';
import { build, defineConfig, VERSION } from 'cloudpack';
import { normalizeOptions } from '../../js/options/input-options.js';
import { corePatternOf } from '../../js/options/patterns.js';
import { failureOf } from '../support/project.js';

const core = (options) => {
  const { normalized, faults } = normalizeOptions(options);
  expect(faults).toEqual([]);
  return normalized.core;
};

describe('options', () => {
  test('defineConfig gives back what it was given, and the version is that of the package', () => {
    const config = { input: 'a.js' };
    expect(defineConfig(config)).toBe(config);
    expect(VERSION).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('a mistyped option is named with the nearest known one, wherever it stands', async () => {
    const error = await failureOf(build({ inputt: 'a.js', resolve: { aliass: {} }, output: [{}, { entryFileName: 'x' }] }));
    expect(error.name).toBe('BuildError');
    expect(error.errors.map((one) => [one.code, one.message, one.hint])).toEqual([
      ['UNKNOWN_OPTION', 'Unknown option "inputt"', 'Did you mean "input"?'],
      ['UNKNOWN_OPTION', 'Unknown option "output[1].entryFileName"', 'Did you mean "output[1].entryFileNames"?'],
      ['UNKNOWN_OPTION', 'Unknown option "resolve.aliass"', 'Did you mean "resolve.alias"?'],
    ]);
    expect(error.code).toBe('UNKNOWN_OPTION');
  });

  test('every wrong value is reported at once', async () => {
    const error = await failureOf(build({ input: 3, platform: 'nod', write: 'yes', define: [], assetsInlineLimit: -1, output: { minify: 'fast', format: 'system', dir: 'a', file: 'b' } }));
    expect(error.errors.map((one) => one.message).sort()).toEqual([
      'Option "assetsInlineLimit" must be a whole number of bytes, but it is -1',
      'Option "define" must be an object, but it is an array',
      'Option "input" must be an object, but it is 3',
      'Option "output.format" is "system"; it must be one of "es", "esm", "module", "cjs", "commonjs", "iife", "umd"',
      'Option "output.minify" is "fast"; it must be one of false, true, "thin", "full"',
      'Options "output.dir" and "output.file" exclude each other',
      'Option "platform" is "nod"; it must be one of "browser", "node", "neutral"',
      'Option "write" must be true or false, but it is "yes"',
    ].sort());
  });

  test('input is a string, a list or names', () => {
    expect(core({ input: './src/main.tsx' }).input).toEqual([{ name: 'main', import: './src/main.tsx' }]);
    expect(core({ input: ['a.js', 'pages/b.html?x'] }).input).toEqual([{ name: 'a', import: 'a.js' }, { name: 'b', import: 'pages/b.html?x' }]);
    expect(core({ input: { 'admin/app': './a.js' } }).input).toEqual([{ name: 'admin/app', import: './a.js', named: true }]);
  });

  test('what is absent is left to the core, what is given gets its name for it', () => {
    expect(Object.keys(core({}).output[0])).toEqual([]);
    expect(core({ output: { format: 'esm', sourcemap: true, minify: true, globals: { react: 'React' } } }).output[0]).toEqual({
      format: 'es', sourcemap: 'file', minify: 'thin', globals: [['react', 'React']],
    });
    expect(core({ treeshake: false }).treeshake).toEqual({ enabled: false });
    expect(core({ transform: { jsx: 'react', target: 'es2020, chrome100' } }).transform).toEqual({ jsx: { runtime: 'classic' }, target: ['es2020', 'chrome100'] });
    expect(core({ moduleTypes: { svg: 'text', '.x': 'json' } }).moduleTypes).toEqual([['.svg', 'text'], ['.x', 'json']]);
  });

  test('define: strings are expressions, everything else is a literal', () => {
    expect(core({ define: { A: 'b.c', B: { x: 1 }, C: true, D: null } }).define).toEqual([['A', 'b.c'], ['B', '{"x":1}'], ['C', 'true'], ['D', 'null']]);
  });

  test('string aliases go to the core; one expression among them keeps all in JavaScript, in order', () => {
    expect(core({ resolve: { alias: { a: './a', b: ['x', 'y'], c: false } } }).resolve.alias).toEqual([['a', ['./a']], ['b', ['x', 'y']], ['c', [null]]]);
    const { normalized } = normalizeOptions({ resolve: { alias: [{ find: 'a', replacement: 'b' }, { find: /^~/, replacement: '/src/' }] } });
    expect(normalized.core.resolve.alias).toEqual([]);
    expect(normalized.aliasRules).toHaveLength(2);
  });

  test('externals the core cannot decide stay in JavaScript', () => {
    const { normalized } = normalizeOptions({ external: ['react', /^node:/, /^(?!\.)/, () => true] });
    expect(normalized.core.external).toEqual([{ exact: 'react' }, { regex: { source: '^node:', flags: '' } }]);
    expect(normalized.externalTests).toHaveLength(2);
  });
});

describe('expressions for the core', () => {
  const source = (expression) => corePatternOf(expression)?.regex.source ?? null;

  test('are written in its language', () => {
    expect(source(/^\0virtual:/)).toBe('^\\x00virtual:');
    expect(source(/\.[jt]sx?$/)).toBe('\\.[jt]sx?$');
    expect(source(/a\/b/)).toBe('a/b');
    expect(source(/^\d+\w$/)).toBe('^[0-9]+[0-9A-Za-z_]$');
    expect(source(/[\w.-]+/)).toBe('[0-9A-Za-z_.\\-]+');
    expect(source(/[[&&]/)).toBe('[\\[\\&\\&]');
    expect(source(/[a-z\d-x]/)).toBe('[a-z0-9\\-x]');
    expect(source(/a{2,3}{/)).toBe('a{2,3}\\{');
    expect(source(/\u00e9(?<name>x)/)).toBe('\\u{00e9}(?<name>x)');
    expect(source(/\b\<x\>/)).toBe('(?-u:\\b)<x>');
    expect(source(/[\sx]/)).toMatch(/^\[\\t.*\\u\{FEFF\}x\]$/);
    expect(corePatternOf(/x/gi).regex.flags).toBe('i');
  });

  test('may match more where that is harmless: look-around is left out', () => {
    const wide = (expression) => corePatternOf(expression, { mayWiden: true })?.regex.source ?? null;
    expect(wide(/(?<![?#].*)\.wasm(?=$|\?)/)).toBe('\\.wasm');
    expect(wide(/x(?![)(]\))y/)).toBe('xy');
    expect(wide(/ab(?=c)?d/)).toBe(null);
  });

  test('are refused when it has no words for them', () => {
    for (const expression of [/(?=x)/, /(?!x)/, /(?<!x)y/, /(?<=x)y/, /(x)\1/, /(?<a>x)\k<a>/, /x/y, /[^]/, /[\D]/, /\cA/, /\p{L}/u]) {
      expect([expression, corePatternOf(expression)]).toEqual([expression, null]);
    }
  });
});
