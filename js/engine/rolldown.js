/**
 * Rolldown as an engine: the crate, in an addon of its own that is loaded when a build asks for it. What it is told and how lies there
 * (`engines/rolldown`); here it is found, and handed the plan and the code of live modules.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { loadPackage, mapOfModules, resolved } from './packages.js';

/** @typedef {typeof import('../../engines/rolldown/index.d.ts')} RolldownAddon */
/** @typedef {import('../types/index.d.ts').EnginePlan} EnginePlan */
/** @typedef {import('../types/index.d.ts').EngineFile} EngineFile */

const NAME = 'cloudpack-rolldown';
/** In a clone of the repository. */
const BESIDE = fileURLToPath(new URL('../../engines/rolldown/binding.cjs', import.meta.url));

/**
 * @param {string} cwd whose packages are looked at first
 * @returns {Promise<import('../types/index.d.ts').TransformEngine>}
 */
export async function rolldownEngine(cwd) {
  // Both sides of the interface are of one release.
  const { version: release } = createRequire(import.meta.url)('../../package.json');
  const { module: addon } = await loadPackage({
    engine: 'rolldown', name: NAME, release, fits: (version) => version === release, cwd,
    hint: existsSync(BESIDE) ? ', or in this clone: npm run setup -- rolldown' : '',
    find: (places) => resolved(NAME, places) ?? (existsSync(BESIDE) ? BESIDE : undefined),
  }, async (file) => {
    const load = createRequire(file);
    return { version: load('./package.json').version, module: /** @type {RolldownAddon} */ (load(file)) };
  });
  return { name: 'rolldown', version: `rolldown ${addon.version()}, cloudpack ${release}, 2`, transform: (plan) => transform(addon, plan) };
}

/**
 * @param {RolldownAddon} addon
 * @param {EnginePlan} plan
 * @returns {Promise<EngineFile[]>}
 */
async function transform(addon, plan) {
  const { code, map: _, fileName, previous: __, ...said } = plan;
  const files = await addon.transform(JSON.stringify(said), said.modules.map((module) => code(module.id)), fileName);
  return files.map((file) => ({ ...file, map: mapOfModules(file.map, plan) }));
}
