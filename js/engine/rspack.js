/**
 * Rspack as an engine: live modules are files of a disk that only it sees, chunks are cache groups, and what it emits is taken out of the
 * compilation. It resolves nothing but ways between these modules and shakes nothing but what it finds itself.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadPackage, mapOfModules, ROOT } from './packages.js';

/** @typedef {import('../types/index.d.ts').EnginePlan} EnginePlan */
/** @typedef {import('../types/index.d.ts').EngineFile} EngineFile */

/**
 * @param {string} cwd whose packages are looked at first
 * @returns {Promise<import('../types/index.d.ts').TransformEngine>}
 */
export async function rspackEngine(cwd) {
  const { module, version } = await loadPackage({ engine: 'rspack', name: '@rspack/core', release: '2', fits: (version) => Number.parseInt(version, 10) === 2, cwd }, async (file) => {
    const { rspack } = await import(pathToFileURL(file).href);
    return { module: rspack, version: String(rspack.rspackVersion) };
  });
  const { version: release } = createRequire(import.meta.url)('../../package.json');
  return { name: 'rspack', version: `@rspack/core ${version}, cloudpack ${release}, 2`, transform: (plan) => transform(module, plan) };
}

/**
 * @param {any} rspack
 * @param {EnginePlan} plan
 * @returns {Promise<EngineFile[]>}
 */
async function transform(rspack, plan) {
  if (plan.codeSplitting) return run(rspack, plan, plan.chunks.filter((chunk) => chunk.kind === 'entry'));
  // One file with everything for each entry.
  const lists = [];
  for (const entry of plan.chunks.filter((chunk) => chunk.kind === 'entry')) lists.push(await run(rspack, plan, [entry]));
  return lists.flat();
}

/**
 * @param {any} rspack
 * @param {EnginePlan} plan
 * @param {EnginePlan['chunks']} entries
 * @returns {Promise<EngineFile[]>}
 */
async function run(rspack, plan, entries) {
  const byId = new Map(plan.modules.map((module) => [module.id, module]));
  const fileOf = (/** @type {string | null} */ id) => /** @type {import('../types/index.d.ts').EngineModule} */ (byId.get(id ?? '')).file;
  const planned = plan.chunks.filter((chunk) => chunk.kind === 'common');
  const chunkOf = new Map(planned.flatMap((chunk) => chunk.modules.map((id) => [`${ROOT}/${fileOf(id)}`, chunk])));
  /** File names of chunks that are not planned. @type {Map<string, string>} */
  const more = new Map();
  const moreName = (/** @type {string} */ name) => more.get(name) ?? /** @type {string} */ (more.set(name, plan.fileName(name)).get(name));
  const nameOf = (/** @type {any} */ { chunk }) => planned[Number(/^common-(\d+)$/.exec(chunk?.name)?.[1])]?.fileName ?? moreName(String(chunk?.name ?? chunk?.id ?? 'chunk'));
  const compiler = rspack({
    mode: 'production',
    context: ROOT,
    target: plan.platform === 'node' ? 'node20' : ['web', 'es2022'],
    devtool: plan.sourcemap ? 'hidden-source-map' : false,
    // Entries of several directories may have one name.
    entry: Object.fromEntries(entries.map((chunk, at) => [`entry-${at}`, { import: `${ROOT}/${fileOf(chunk.entry)}`, filename: chunk.fileName, library: libraryOf(plan, byId.get(chunk.entry ?? '')) }])),
    output: {
      ...outputOf(plan),
      path: ROOT, publicPath: plan.platform === 'node' || plan.format === 'es' ? undefined : 'auto', pathinfo: false, compareBeforeEmit: false,
      // What entries share is named like an entry, routes and what they share like chunks.
      filename: nameOf, chunkFilename: nameOf,
      devtoolModuleFilenameTemplate: (/** @type {any} */ info) => info.absoluteResourcePath || info.resource,
    },
    ...externalsOf(plan),
    resolve: { extensions: [], mainFiles: [], symlinks: false },
    module: {
      rules: [{ test: () => true, type: 'javascript/esm', sideEffects: true, resolve: { fullySpecified: false } }],
      parser: { javascript: {
        url: false, importMeta: false, worker: false, dynamicImportMode: plan.codeSplitting ? 'lazy' : 'eager', exportsPresence: false,
      } },
    },
    plugins: [
      new rspack.experiments.VirtualModulesPlugin(Object.fromEntries(plan.modules.map((module) => [`${ROOT}/${module.file}`, plan.code(module.id)]))),
      ...(plan.importMetaUrl === null ? [] : [new rspack.DefinePlugin({ 'import.meta.url': plan.importMetaUrl })]),
    ],
    optimization: {
      minimize: plan.minify, nodeEnv: false, emitOnErrors: false, realContentHash: false, moduleIds: 'deterministic', chunkIds: 'named',
      runtimeChunk: entries.length > 1 ? { name: 'runtime' } : false,
      splitChunks: plan.codeSplitting && {
        chunks: 'all', minSize: 0,
        cacheGroups: { default: false, defaultVendors: false, ...Object.fromEntries(planned.map((chunk, at) => [`common-${at}`, {
          name: `common-${at}`, enforce: true, reuseExistingChunk: false, chunks: 'all',
          test: (/** @type {any} */ module) => chunkOf.get(module.nameForCondition?.() ?? '') === chunk,
        }])) },
      },
    },
    performance: false, node: false, stats: 'none', infrastructureLogging: { level: 'none' },
  });
  /** @type {Map<string, string | Buffer>} */
  const assets = new Map();
  compiler.hooks.compilation.tap('cloudpack', (/** @type {any} */ compilation) => {
    compilation.hooks.processAssets.tap({ name: 'cloudpack', stage: rspack.Compilation.PROCESS_ASSETS_STAGE_REPORT }, (/** @type {any} */ emitted) => {
      for (const [name, source] of Object.entries(emitted)) assets.set(name, /** @type {any} */ (source).source());
    });
  });
  compiler.hooks.shouldEmit.tap('cloudpack', () => false);
  let told;
  try {
    const stats = await new Promise((resolve, reject) => {
      compiler.run((/** @type {unknown} */ error, /** @type {any} */ result) => (error ? reject(error) : resolve(result)));
    });
    told = stats.toJson({ all: false, errors: true, chunks: true, chunkModules: true, chunkRelations: true, nestedModules: true, nestedModulesSpace: 1e9, chunkModulesSpace: 1e9, ids: true });
  } finally {
    await new Promise((resolve) => compiler.close(resolve));
  }
  if (told.errors.length > 0) throw new Error(told.errors.map((/** @type {any} */ error) => error.message).join('\n'));
  return filesOf(assets, told.chunks, plan);
}

/** @param {EnginePlan} plan */
function outputOf({ format, platform }) {
  if (format === 'es') return { module: true, chunkFormat: 'module', chunkLoading: 'import', importFunctionName: 'import', library: { type: 'modern-module' } };
  if (format === 'cjs') return { chunkFormat: 'commonjs', chunkLoading: 'require', ...(platform === 'node' ? {} : { globalObject: 'globalThis' }) };
  return { iife: true, globalObject: 'globalThis' };
}

/**
 * As in Rollup, an entry that exports nothing but `default` is that value, unless `exports` says otherwise.
 * @param {EnginePlan} plan
 * @param {import('../types/index.d.ts').EngineModule | undefined} entry
 */
function libraryOf({ format, name, exports, extend }, entry) {
  if (format === 'es') return undefined;
  const isDefault = exports === 'default' || (exports === 'auto' && entry?.exports.join() === 'default');
  const own = isDefault ? { export: 'default' } : {};
  if (format === 'cjs') return { type: 'commonjs2', ...own };
  if (format === 'umd') return { type: 'umd', ...own, ...(name !== undefined && { name }) };
  return name === undefined ? undefined : { name: name.split('.'), type: extend ? 'assign-properties' : 'assign', ...own };
}

/** @param {EnginePlan} plan */
function externalsOf({ format, externals, globals }) {
  const named = externals.map((specifier) => {
    const variable = globals[specifier] ?? specifier.replace(/\W+/g, '_');
    // Only where there is no loader, a umd looks for the variable, which may be a path.
    if (format === 'umd') return [specifier, { commonjs: specifier, commonjs2: specifier, amd: specifier, root: variable.split('.') }];
    return [specifier, format === 'iife' ? variable : specifier];
  });
  return {
    externalsType: { es: 'module-import', cjs: 'commonjs', iife: 'var', umd: 'umd' }[format],
    externalsPresets: { node: false, web: false },
    // What the linker's own helpers ask for, `node:module`, is no module's import.
    externals: [Object.fromEntries(named), /^(?!\.{0,2}\/)/],
  };
}

/**
 * @param {Map<string, string | Buffer>} assets
 * @param {any[]} chunks of its statistics
 * @param {EnginePlan} plan
 * @returns {EngineFile[]}
 */
function filesOf(assets, chunks, plan) {
  const ids = new Map(plan.modules.map((module) => [`${ROOT}/${module.file}`, module.id]));
  const planned = new Set(plan.chunks.map((chunk) => chunk.fileName));
  const isMap = (/** @type {string} */ file) => file.endsWith('.map') && assets.has(file.slice(0, -4));
  const names = [...assets.keys()].filter((file) => !isMap(file));
  return names.map((fileName) => {
    const code = String(assets.get(fileName));
    const chunk = chunks.find((one) => one.files.includes(fileName));
    const map = assets.get(`${fileName}.map`);
    const near = (/** @type {any[]} */ of) => chunks.filter((one) => of?.includes(one.id) && one.id !== chunk?.id).flatMap((one) => one.files).filter((file) => !isMap(file));
    const says = (/** @type {string} */ before, /** @type {string} */ after) => (/** @type {string} */ file) => {
      const way = planned.has(file) || names.includes(file) ? wayTo(fileName, file) : file;
      return new RegExp(`${before}\\s*["']${way.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}["']${after}`).test(code);
    };
    const isScript = plan.format !== 'es';
    return {
      fileName, code, map: mapOfModules(map, plan),
      // Of modules that it joined, the statistics name only the one that the others went into.
      ...(!planned.has(fileName) && { modules: (chunk?.modules ?? []).flatMap((/** @type {any} */ module) => ids.get(module.nameForCondition) ?? []) }),
      imports: isScript ? near(chunk?.siblings) : [...names, ...plan.externals].filter(says('\\b(?:from|import)', '')),
      dynamicImports: isScript ? near(chunk?.children) : [...names, ...plan.externals].filter(says('\\bimport\\s*\\(', '')),
    };
  });
}

/**
 * @param {string} from
 * @param {string} to
 */
function wayTo(from, to) {
  const way = path.posix.relative(path.posix.dirname(from), to);
  return way.startsWith('../') ? way : `./${way}`;
}
