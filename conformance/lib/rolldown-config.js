// A case's `_config.json` -> options of build(), one set for each of its configurations.
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

/** How the output looks inside, which a case that runs can hardly tell, or what Cloudpack always does. */
const WITHOUT_EFFECT = new Set([
  'chunkOptimization', 'experimental', 'externalLiveBindings', 'generatedCode', 'inlineConst', 'minifyInternalExports',
  'onDemandWrapping', 'optimization', 'pifeForModuleWrappers', 'preserveEntrySignatures', 'profilerNames',
  'strict', 'strictExecutionOrder', 'topLevelVar',
]);

/** Comments and commas at the end of lists are allowed in a configuration. */
export const readConfig = (text) => new Function(`return (${text.trim() || '{}'}\n)`)();

/** `[{ name, options, configName }]`: the case's own configuration, then its variants; `options` are Rolldown's. */
export function configurationsOf({ config = {}, configName, configVariants = [] }) {
  const own = { name: '', options: config, configName };
  const variants = configVariants.map((variant, index) => {
    const given = Object.entries(variant).filter(([key]) => !key.startsWith('_'));
    return { name: variant._configName ?? String(index), options: { ...config, ...Object.fromEntries(given) }, configName: variant._configName ?? configName };
  });
  return [own, ...variants];
}

/** `option:preserveModules`, `option:format=umd`: what a skip may be about. */
export const optionNames = (options) =>
  Object.entries(options).flatMap(([key, value]) => {
    const nested = value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value).map((inner) => `option:${key}.${inner}`) : [];
    return [`option:${key}`, `option:${key}=${value}`, ...nested];
  });

const FORMATS = { esm: 'es' };

/** Options without a place in Cloudpack are handed on, so that build() refuses them by name. */
export function buildOptionsOf(given, cwd) {
  const { input, external, platform, define, resolve = {}, treeshake, moduleTypes, transform, tsconfig, minify, ...rest } = given;
  const format = rest.format ?? 'esm';
  const output = { dir: 'dist', entryFileNames: '[name].js', chunkFileNames: '[name].js' };
  for (const [key, value] of Object.entries(rest)) {
    if (!WITHOUT_EFFECT.has(key)) Object.assign(output, OUTPUT[key]?.(value) ?? { [key]: value });
  }
  if (minify !== undefined && minify !== 'dceOnly') output.minify = minify;
  if (output.file) for (const key of ['dir', 'entryFileNames', 'chunkFileNames']) delete output[key];
  return {
    cwd,
    logLevel: 'silent',
    input: Object.fromEntries((input ?? [{ name: 'main', import: './main.js' }]).map((item) => [item.name ?? path.basename(item.import).replace(/\.\w+$/, ''), entryOf(item.import, cwd)])),
    external: external ?? ['node:assert', 'node:assert/strict'],
    platform: platform ?? (format === 'cjs' ? 'node' : 'browser'),
    ...(define && { define }),
    ...(treeshake !== undefined && { treeshake: treeshakeOf(treeshake) }),
    ...(moduleTypes && { moduleTypes }),
    ...(transform && { transform }),
    resolve: {
      ...resolve,
      ...(resolve.alias && { alias: Object.fromEntries(resolve.alias.map(([from, to]) => [from, to[0] ?? false])) }),
      ...(resolve.extensionAlias && { extensionAlias: Object.fromEntries(resolve.extensionAlias) }),
      ...(typeof tsconfig === 'string' && { tsconfigFilename: tsconfig }),
    },
    output,
  };
}

/** `main.js` is a file where there is one, else a package. */
function entryOf(request, cwd) {
  const file = path.resolve(cwd, request);
  return existsSync(file) && statSync(file).isFile() ? file : request;
}

function treeshakeOf(given) {
  if (typeof given !== 'object') return given;
  // Inside a CommonJS module nothing is dropped, so it need not be asked for.
  const { commonjs, propertyReadSideEffects, propertyWriteSideEffects, ...rest } = given;
  return { ...rest, ...(propertyReadSideEffects !== undefined && { propertyReadSideEffects: String(propertyReadSideEffects) !== 'false' }) };
}

/** Where the name or the value is another one. */
const OUTPUT = {
  format: (value) => ({ format: FORMATS[value] ?? value }),
  entryFilenames: (value) => ({ entryFileNames: value }),
  chunkFilenames: (value) => ({ chunkFileNames: value }),
  assetFilenames: (value) => ({ assetFileNames: value }),
  // Which modules share a file is ours to say; that each runs once and in order holds for any answer.
  codeSplitting: (value) => (typeof value === 'object' ? {} : { codeSplitting: value }),
  esModule: (value) => ({ esModule: { always: true, never: false }[value] ?? value }),
  sourcemap: (value) => ({ sourcemap: { File: true, Inline: 'inline', Hidden: 'hidden' }[value] ?? value }),
};
