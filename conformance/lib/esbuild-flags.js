// esbuild's command line -> options of build().
import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Flags that change no result that a test looks at, or that are read with another one. */
const IGNORED = new Set(['--bundle', '--log-level', '--log-override', '--outbase', '--minify-syntax', '--minify-whitespace', '--minify-identifiers']);

/** `[['--define', 'foo', 'null'], ['--bundle']]`: name, key behind `:`, value behind `=`. */
export const parseFlags = (args) =>
  args.filter((arg) => arg.startsWith('--')).map((arg) => {
    const [, name, key, value] = arg.match(/^(--[^:=]+)(?::([^=]*))?(?:=([^]*))?$/);
    return { name, key, value };
  });

/** Throws on a flag that it does not know. */
export function buildOptionsOf(args, cwd) {
  const isBundle = args.includes('--bundle');
  const options = {
    input: inputOf(args, cwd),
    cwd,
    logLevel: 'silent',
    // Without --bundle a file is transformed alone, with what its lowered syntax needs.
    external: isBundle ? [] : [(id, importer) => importer !== undefined && !/oxc-project.runtime/.test(id + importer)],
    treeshake: isBundle,
    define: {},
    moduleTypes: {},
    resolve: { alias: {} },
    transform: {},
    output: { exports: 'named', esModule: true, globals: { fs: 'require("fs")' }, entryFileNames: '[name].js', minify: args.some((arg) => arg.startsWith('--minify')), codeSplitting: args.includes('--splitting') },
  };
  for (const flag of parseFlags(args)) {
    const apply = APPLY[flag.name];
    if (apply) apply(options, flag, cwd);
    else if (!IGNORED.has(flag.name) && flag.name !== '--minify' && flag.name !== '--splitting') throw new Error(`a flag without translation: ${flag.name}`);
  }
  options.output.format ??= 'cjs';
  return options;
}

const FORMATS = { esm: 'es', cjs: 'cjs', iife: 'iife' };
const LOADERS = { 'local-css': 'module.css', css: 'css', binary: 'binary', text: 'text', file: 'file' };

const APPLY = {
  '--outfile': (options, { value }, cwd) => {
    delete options.output.entryFileNames;
    options.output.file = path.resolve(cwd, value);
  },
  '--outdir': (options, { value }, cwd) => (options.output.dir = path.resolve(cwd, value)),
  '--format': (options, { value }) => (options.output.format = FORMATS[value]),
  '--platform': (options, { value }) => (options.platform = value),
  '--target': (options, { value }) => (options.transform.target = value.split(',')),
  '--define': (options, { key, value }) => (options.define[key] = value),
  '--external': (options, { key }, cwd) => options.external.push(externalOf(key, cwd)),
  '--packages': (options, { value }) => value === 'external' && options.external.push(/^[^./#]/),
  '--alias': (options, { key, value }) => (options.resolve.alias[key] = value),
  '--conditions': (options, { value }) => (options.resolve.conditionNames = ['browser', ...value.split(',').filter(Boolean)]),
  '--resolve-extensions': (options, { value }) => (options.resolve.extensions = value.split(',')),
  '--preserve-symlinks': (options) => (options.resolve.symlinks = false),
  '--loader': (options, { key, value }) => (options.moduleTypes[key] = LOADERS[value]),
  '--global-name': (options, { value }) => (options.output.name = value),
  '--sourcemap': (options, { value }) => (options.output.sourcemap = value === 'inline' ? 'inline' : true),
  '--banner': (options, { value }) => (options.output.banner = value),
  '--footer': (options, { value }) => (options.output.footer = value),
  '--entry-names': (options, { value }) => (options.output.entryFileNames = `${value}.js`),
  '--chunk-names': (options, { value }) => (options.output.chunkFileNames = `${value}.js`),
};

/** `*` stands for any text; a path is one from the working directory. */
function externalOf(pattern, cwd) {
  if (!pattern.includes('*')) return pattern;
  const whole = (text) => new RegExp(`^${text.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&')).join('.*')}$`);
  if (!pattern.startsWith('.')) return whole(pattern);
  const files = whole(path.join(cwd, pattern));
  return (id, importer) => files.test(path.resolve(importer ? path.dirname(importer) : cwd, id));
}

/** `name=file` or a file; several, or one. */
function inputOf(args, cwd) {
  const input = {};
  for (const arg of args.filter((each) => !each.startsWith('--')).flatMap((each) => expand(each, cwd))) {
    const [, name, file] = arg.match(/^(?:([^=]+)=)?(.+)$/);
    input[name ?? path.basename(file).replace(/\.[^.]+$/, '')] = path.resolve(cwd, file);
  }
  return input;
}

/** `./src/*.js` as a shell has it, in the last part of a path only. */
function expand(arg, cwd) {
  if (!arg.includes('*')) return [arg];
  const [start, end] = path.basename(arg).split('*');
  const folder = path.dirname(arg);
  return readdirSync(path.resolve(cwd, folder)).filter((name) => name.startsWith(start) && name.endsWith(end)).map((name) => path.join(folder, name));
}
