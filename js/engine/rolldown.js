/**
 * Rolldown as an engine: live modules are virtual, chunks are groups, entries and routes have the names that were planned. It resolves
 * nothing but ways between these modules.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadPackage, mapOfModules, OWN_URL, ROOT } from './packages.js';

/** @typedef {import('../types/index.d.ts').EnginePlan} EnginePlan */
/** @typedef {import('../types/index.d.ts').EngineFile} EngineFile */

/**
 * @param {string} cwd whose packages are looked at first
 * @returns {Promise<import('../types/index.d.ts').TransformEngine>}
 */
export async function rolldownEngine(cwd) {
  const { module, version } = await loadPackage({ engine: 'rolldown', name: 'rolldown', major: 1, cwd }, async (file) => {
    const found = await import(pathToFileURL(file).href);
    return { module: found.rolldown, version: String(found.VERSION) };
  });
  return { name: 'rolldown', version: `rolldown ${version}, 1`, transform: (plan) => transform(module, plan) };
}

/**
 * @param {any} rolldown
 * @param {EnginePlan} plan
 * @returns {Promise<EngineFile[]>}
 */
async function transform(rolldown, plan) {
  const entries = plan.chunks.filter((chunk) => chunk.kind === 'entry');
  if (plan.codeSplitting) return run(rolldown, plan, entries);
  // One file with everything for each entry.
  const lists = [];
  for (const entry of entries) lists.push(await run(rolldown, plan, [entry]));
  return lists.flat();
}

/**
 * @param {any} rolldown
 * @param {EnginePlan} plan
 * @param {EnginePlan['chunks']} entries
 * @returns {Promise<EngineFile[]>}
 */
async function run(rolldown, plan, entries) {
  const fileOf = new Map(plan.modules.map((module) => [module.id, `${ROOT}/${module.file}`]));
  const idOf = new Map([...fileOf].map(([id, file]) => [file, id]));
  const routes = new Map(plan.chunks.flatMap((chunk) => (chunk.entry === null || chunk.kind === 'entry' ? [] : [[fileOf.get(chunk.entry), chunk.fileName]])));
  const common = plan.chunks.filter((chunk) => chunk.kind === 'common');
  const commonOf = new Map(common.flatMap((chunk, at) => chunk.modules.map((id) => [fileOf.get(id), `common-${at}`])));
  const names = new Map(common.map((chunk, at) => [`common-${at}`, chunk.fileName]));
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map(({ entry }, at) => [`entry-${at}`, fileOf.get(entry ?? '')])),
    cwd: plan.cwd, platform: plan.platform, logLevel: 'silent', tsconfig: false,
    ...(OWN_URL[plan.format] && { transform: { define: { 'import.meta.url': OWN_URL[plan.format] } } }),
    // Everything that is given is live, and runs.
    treeshake: { moduleSideEffects: true },
    plugins: [{
      name: 'cloudpack',
      resolveId(/** @type {string} */ source, /** @type {string | undefined} */ importer) {
        if (importer === undefined) return source;
        const file = path.posix.join(path.posix.dirname(importer), source);
        return /^\.\.?\//.test(source) && idOf.has(file) ? file : { id: source, external: true };
      },
      load: (/** @type {string} */ file) => ({ code: plan.code(idOf.get(file) ?? ''), moduleType: 'js', moduleSideEffects: true }),
    }],
  });
  try {
    const { output } = await bundle.generate({
      format: plan.format, sourcemap: plan.sourcemap ? 'hidden' : false, minify: plan.minify, exports: plan.exports,
      name: plan.name, extend: plan.extend, globals: plan.globals, externalLiveBindings: true,
      entryFileNames: (/** @type {any} */ { name }) => entries[Number(/^entry-(\d+)$/.exec(name)?.[1])]?.fileName ?? plan.fileName(name),
      chunkFileNames: (/** @type {any} */ { name, facadeModuleId }) => routes.get(facadeModuleId) ?? names.get(name) ?? plan.fileName(name.replace(/[^\w-]/g, '_')),
      // Modules that a route does not want lie in chunks that it loads: they must not run.
      ...(plan.codeSplitting
        ? { strictExecutionOrder: common.length > 0, codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: (/** @type {string} */ file) => commonOf.get(file) ?? null, minSize: 0 }] } }
        : { codeSplitting: false }),
    });
    return output.filter((/** @type {any} */ file) => file.type === 'chunk').map((/** @type {any} */ chunk) => ({
      fileName: chunk.fileName, code: chunk.code, map: chunk.map ? mapOfModules(JSON.parse(chunk.map.toString())) : null,
      modules: chunk.moduleIds.flatMap((/** @type {string} */ file) => idOf.get(file) ?? []),
      imports: chunk.imports, dynamicImports: chunk.dynamicImports, exports: chunk.exports,
    }));
  } finally {
    await bundle.close();
  }
}
