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
  const routes = new Map(plan.chunks.flatMap(({ kind, entry, fileName }) => (kind === 'dynamic' && byId.has(entry ?? '') ? [[`${ROOT}/${fileOf(entry)}`, fileName]] : [])));
  /** @type {any} */
  let compilation;
  /** By what Rspack calls a chunk. @type {Map<string, string> | undefined} */
  let fileNames;
  // Its threads ask in any order, and names that are given one after the other depend on it: all are given when it asks for the first.
  const nameOf = (/** @type {any} */ { chunk }) => {
    fileNames ??= namesOf(compilation, { planned, routes, plan });
    return fileNames.get(labelOf(chunk)) ?? plan.fileName(labelOf(chunk));
  };
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
  compiler.hooks.compilation.tap('cloudpack', (/** @type {any} */ begun) => {
    compilation = begun;
    begun.hooks.processAssets.tap({ name: 'cloudpack', stage: rspack.Compilation.PROCESS_ASSETS_STAGE_REPORT }, (/** @type {any} */ emitted) => {
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

const labelOf = (/** @type {any} */ chunk) => String(chunk?.name ?? chunk?.id ?? 'chunk');

/**
 * File names of chunks that are no entries: those of the plan where a chunk is one of it, in an order that is the same each time.
 * @param {any} compilation whose chunks are complete
 * @param {{ planned: EnginePlan['chunks'], routes: Map<string, string>, plan: EnginePlan }} names
 */
function namesOf({ chunks, chunkGraph }, { planned, routes, plan }) {
  const taken = new Set();
  const named = [...chunks].map((chunk) => ({ label: labelOf(chunk), chunk })).sort((a, b) => (a.label < b.label ? -1 : 1)).map(({ label, chunk }) => {
    const common = planned[Number(/^common-(\d+)$/.exec(label)?.[1])]?.fileName;
    const route = common === undefined ? [...chunkGraph.getChunkModules(chunk)].map((module) => routes.get(module.nameForCondition?.() ?? '')).find((name) => name !== undefined && !taken.has(name)) : undefined;
    taken.add(route);
    return /** @type {const} */ ([label, common ?? route ?? (/^entry-\d+$/.test(label) ? undefined : plan.fileName(label))]);
  });
  return new Map(named.flatMap(([label, name]) => (name === undefined ? [] : [[label, name]])));
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
  if (format === 'umd') return { type: 'umd', ...own, ...(name !== undefined && { name: { root: name.split('.'), amd: name, commonjs: name } }) };
  // What exports nothing takes no variable, and a single value has no properties to add.
  if (name === undefined || exports === 'none' || entry?.exports.length === 0) return undefined;
  return { name: name.split('.'), type: extend && !isDefault ? 'assign-properties' : 'assign', ...own };
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
  const planned = new Map(plan.chunks.map((chunk, at) => [chunk.fileName, at]));
  const isMap = (/** @type {string} */ file) => file.endsWith('.map') && assets.has(file.slice(0, -4));
  const place = (/** @type {string} */ file) => planned.get(file) ?? planned.size;
  const inOrder = (/** @type {string[]} */ files) => [...new Set(files)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  const names = new Set(inOrder([...assets.keys()].filter((file) => !isMap(file))));
  const externals = new Set(plan.externals);
  const byFile = new Map(chunks.flatMap((chunk) => chunk.files.map((/** @type {string} */ file) => [file, chunk])));
  const byNumber = new Map(chunks.map((chunk) => [chunk.id, chunk]));
  return [...names].map((fileName) => {
    const code = String(assets.get(fileName));
    const chunk = byFile.get(fileName);
    const near = (/** @type {any[]} */ of = []) => inOrder(of.filter((id) => id !== chunk?.id).flatMap((id) => byNumber.get(id)?.files ?? []).filter((file) => !isMap(file)));
    const said = (/** @type {RegExp} */ requests) => inOrder([...code.matchAll(requests)].flatMap(([, specifier]) => {
      const file = path.posix.join(path.posix.dirname(fileName), specifier);
      return /^\.\.?\//.test(specifier) && names.has(file) ? [file] : externals.has(specifier) ? [specifier] : [];
    }));
    const isScript = plan.format !== 'es';
    return {
      fileName, code, map: mapOfModules(assets.get(`${fileName}.map`), plan),
      // Of modules that it joined, the statistics name only the one that the others went into.
      ...(!planned.has(fileName) && { modules: (chunk?.modules ?? []).flatMap((/** @type {any} */ module) => ids.get(module.nameForCondition) ?? []) }),
      imports: isScript ? near(chunk?.siblings) : said(STATIC_REQUEST),
      dynamicImports: isScript ? near(chunk?.children) : said(DYNAMIC_REQUEST),
    };
  });
}

/** Of statements, which begin a line or follow another one. */
const STATIC_REQUEST = /(?:^|[\n;}])\s*(?:import|export)\b(?:[\s\w$,{}*]*?\bfrom)?\s*["']([^"'\n]+)["']/g;
const DYNAMIC_REQUEST = /\bimport\s*\(\s*["']([^"'\n]+)["']/g;
