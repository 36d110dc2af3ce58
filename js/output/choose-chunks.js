/** Asks the functions and lists of `codeSplitting.groups` and `manualChunks` which module is to lie in which chunk. */
import path from 'node:path';

/** @typedef {{ group: number, id: string, name: string }} Chosen */

/**
 * @param {import('../options/code-splitting.js').LocalChunks} local
 * @param {import('../plugins/driver.js').PluginDriver} driver
 * @returns {Promise<Chosen[]>} in the order of the graph
 */
export async function chooseChunks({ choosers, lists }, driver) {
  /** @type {Chosen[]} */
  const chosen = [];
  const context = { getModuleInfo: (/** @type {string} */ id) => driver.moduleInfo(id), getModuleIds: () => driver.moduleIds() };
  const ids = choosers.length > 0 ? driver.session.internalModuleIds() : [];
  for (const { group, nameOf } of choosers) {
    for (const id of ids) {
      const name = /** @type {unknown} */ (nameOf(id, context));
      if (typeof name === 'string' && name !== '') chosen.push({ group, id, name });
      else if (name) throw invalid(`The name of a chunk must be a string, but for "${shown(id, driver)}" it is ${name instanceof Promise ? 'a promise' : `a ${typeof name}`}`, id);
    }
  }
  for (const { group, lists: byName } of lists) chosen.push(...(await resolveLists(group, byName, driver)));
  return chosen;
}

/**
 * @param {number} group
 * @param {Record<string, string[]>} lists
 * @param {import('../plugins/driver.js').PluginDriver} driver
 * @returns {Promise<Chosen[]>}
 */
async function resolveLists(group, lists, driver) {
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const [name, specifiers] of Object.entries(lists)) {
    const resolved = await Promise.all(specifiers.map((specifier) => driver.resolver.resolveFully(specifier, undefined, { isEntry: true })));
    for (const [at, target] of resolved.entries()) {
      const asked = `"${specifiers[at]}" of chunk "${name}" in output.manualChunks`;
      if (!target) throw Object.assign(new Error(`Could not resolve ${asked}`), { code: 'UNRESOLVED_ENTRY' });
      if (target.external) throw Object.assign(new Error(`${asked} is external`), { code: 'UNRESOLVED_ENTRY' });
      const known = names.get(target.id);
      if (known !== undefined && known !== name) throw invalid(`Cannot put "${shown(target.id, driver)}" into the chunk "${name}": it is in "${known}" already`, target.id);
      names.set(target.id, name);
    }
  }
  return [...names].map(([id, name]) => ({ group, id, name }));
}

/**
 * @param {string} message
 * @param {string} id
 */
function invalid(message, id) {
  return Object.assign(new Error(message), { code: 'INVALID_CHUNK', id });
}

/**
 * @param {string} id
 * @param {import('../plugins/driver.js').PluginDriver} driver
 */
function shown(id, driver) {
  return path.isAbsolute(id) ? path.relative(driver.cwd, id) : id;
}
