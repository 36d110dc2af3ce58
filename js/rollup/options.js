/**
 * Rollup's options in our words, and those that we have no word for. An option that is not honoured is named, so that the
 * build is left to Rollup instead of being made differently.
 */

/** @typedef {Record<string, any>} Options */

const isNot = (/** @type {unknown[]} */ ...harmless) => (/** @type {unknown} */ value) => !harmless.includes(value);
const isFunction = (/** @type {unknown} */ value) => typeof value === 'function';
const isGiven = () => true;

/**
 * Name of an input option -> whether a value of it is more than we can do.
 * @type {Record<string, (value: any) => boolean>}
 */
const INPUT = {
  context: isNot('undefined', 'void 0'),
  moduleContext: isGiven,
  shimMissingExports: isNot(false),
  makeAbsoluteExternalsRelative: isNot(true, 'ifRelativeSource'),
  jsx: isNot(false),
};

/** The same for options of an output. @type {Record<string, (value: any) => boolean>} */
const OUTPUT = {
  format: (value) => !['es', 'esm', 'module', 'cjs', 'commonjs', 'iife', 'umd'].includes(value),
  preserveModules: isNot(false),
  onlyExplicitManualChunks: isNot(false),
  experimentalMinChunkSize: isNot(0, 1),
  globals: isFunction,
  hashCharacters: isNot('base64'),
  sanitizeFileName: isNot(true),
  interop: isNot('default', 'auto'),
  paths: (value) => isFunction(value) || Object.keys(value).length > 0,
  amd: (value) => Object.keys(value).length > 0,
  noConflict: isNot(false),
  strict: isNot(true),
  dynamicImportInCjs: isNot(true),
  externalImportAttributes: isNot(true),
  importAttributesKey: isNot('with'),
  sourcemapBaseUrl: isGiven,
  sourcemapFile: isGiven,
  sourcemapFileNames: isGiven,
  sourcemapDebugIds: isNot(false),
};

/** Hooks that reach into what only Rollup's own code generation has. */
const HOOKS = ['resolveDynamicImport', 'resolveImportMeta', 'resolveFileUrl', 'renderDynamicImport'];

/** Hooks whose filters Rolldown also takes as lists of expressions. */
const FILTERED = ['resolveId', 'load', 'transform'];

/** @param {Options} options @returns {string | undefined} what of them we cannot do */
export function unknownOfInput(options) {
  return unknownOf(options, INPUT);
}

/** @param {Options} options @returns {string | undefined} */
export function unknownOfOutput(options) {
  const found = unknownOf(options, OUTPUT);
  return found === undefined ? undefined : `output.${found}`;
}

/** @param {import('../plugins/hooks.js').Plugin[]} plugins @returns {string | undefined} */
export function unknownOfPlugins(plugins) {
  for (const plugin of plugins) {
    const hook = HOOKS.find((name) => /** @type {Options} */ (plugin)[name]);
    if (hook !== undefined) return `the hook "${hook}" of plugin "${plugin.name}"`;
    const composed = FILTERED.find((name) => Array.isArray(/** @type {Options} */ (plugin)[name]?.filter));
    if (composed !== undefined) return `the composed filter of "${composed}" of plugin "${plugin.name}"`;
  }
  return undefined;
}

/**
 * @param {Options} options
 * @param {Record<string, (value: any) => boolean>} table
 */
function unknownOf(options, table) {
  return Object.keys(table).find((name) => options[name] !== undefined && options[name] !== null && table[name](options[name]));
}

/**
 * @param {Options} given as the user wrote them
 * @param {Options} normalized by Rollup
 * @returns {Options} as `normalizeOptions` takes them
 */
export function inputInOurWords(given, normalized) {
  const { treeshake } = normalized;
  return {
    input: given.input,
    cwd: process.cwd(),
    platform: 'neutral',
    // Text for the plugin that knows it; without one it cannot be parsed, as in Rollup.
    moduleTypes: { '.svg': 'js', '.txt': 'js', '.vtt': 'js', '.webmanifest': 'js' },
    treeshake: treeshake
      ? {
          annotations: Boolean(treeshake.annotations),
          propertyReadSideEffects: Boolean(treeshake.propertyReadSideEffects),
          unknownGlobalSideEffects: Boolean(treeshake.unknownGlobalSideEffects),
        }
      : false,
    transform: { pure: treeshake ? [...treeshake.manualPureFunctions] : [] },
  };
}

/** @param {unknown} generatedCode a preset, or an object that may name one */
function hasSymbols(generatedCode) {
  const given = /** @type {Options} */ (typeof generatedCode === 'object' ? (generatedCode ?? {}) : { preset: generatedCode });
  return Boolean(given.symbols ?? given.preset === 'es2015');
}

const SAME = /** @type {const} */ ([
  'dir', 'file', 'format', 'sourcemap', 'banner', 'footer', 'intro', 'outro', 'exports',
  'esModule', 'extend', 'name', 'globals', 'manualChunks',
]);

/**
 * @param {Options} raw as the user wrote them
 * @returns {Options} as `normalizeOutput` takes them
 */
export function outputInOurWords(raw) {
  const ours = Object.fromEntries(SAME.flatMap((name) => (raw[name] === undefined || raw[name] === null ? [] : [[name, raw[name]]])));
  for (const name of ['entryFileNames', 'chunkFileNames', 'assetFileNames']) if (typeof raw[name] === 'string') ours[name] = raw[name];
  if (raw.inlineDynamicImports) ours.codeSplitting = false;
  ours.interop = raw.interop ?? 'default';
  ours.generatedCode = { symbols: hasSymbols(raw.generatedCode) };
  // Without either, names of files are relative to where Rollup runs.
  if (ours.dir === undefined && ours.file === undefined) ours.dir = '.';
  return ours;
}
