/**
 * `output.codeSplitting` and `output.manualChunks` in the words of the core. What a function decides, or a resolver, is
 * asked for when the graph is there (`output/choose-chunks.js`); everything else the core decides alone.
 */
import { kindOf } from './checker.js';
import { corePatternOf, escaped, matches } from './patterns.js';

/** @typedef {import('../types/index.d.ts').ChunkingContext} ChunkingContext */
/**
 * Of one group of the core, the name of the chunk that a module is to lie in.
 * @typedef {{ group: number, nameOf: (id: string, context: ChunkingContext) => string | null | undefined | void }} Chooser
 */
/** Chunk -> specifiers, as `manualChunks` may say. @typedef {{ group: number, lists: Record<string, string[]> }} Lists */
/** @typedef {{ choosers: Chooser[], lists: Lists[] }} LocalChunks */

const SIZES = /** @type {const} */ (['minSize', 'maxSize', 'minModuleSize', 'maxModuleSize']);
const COUNTS = /** @type {const} */ ([...SIZES, 'minShareCount']);
const KEYS = ['maxRequests', 'maxOverFetch', 'groups', 'includeDependenciesRecursively', ...COUNTS];
const GROUP_KEYS = ['name', 'test', 'priority', 'debugName', 'includeDependenciesRecursively', ...COUNTS];

/**
 * @param {Record<string, any>} output
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 * @returns {{ core: boolean | Record<string, any> | undefined, local: LocalChunks | undefined }}
 */
export function normalizeCodeSplitting({ codeSplitting, manualChunks: manual, ...output }, where, check) {
  const manualChunks = manual !== null && typeof manual === 'object' && Object.keys(manual).length === 0 ? undefined : manual;
  const isObject = codeSplitting !== null && typeof codeSplitting === 'object' && !Array.isArray(codeSplitting);
  if (!isObject && codeSplitting !== undefined && codeSplitting !== null && typeof codeSplitting !== 'boolean') {
    check.fault(`Option "${where}.codeSplitting" must be true, false or an object, but it is ${kindOf(codeSplitting)}`);
    return { core: undefined, local: undefined };
  }
  if (!isObject && !manualChunks) return { core: codeSplitting ?? undefined, local: undefined };
  const given = isObject ? check.object(codeSplitting, KEYS, `${where}.codeSplitting`) : {};
  /** @type {LocalChunks} */
  const local = { choosers: [], lists: [] };
  /** @type {Record<string, any>[]} */
  const groups = [];
  const clash = oneFileBy({ codeSplitting, ...output }) ?? (given.groups === undefined ? undefined : 'codeSplitting.groups');
  if (manualChunks) {
    if (clash !== undefined) check.fault(`Options "${where}.manualChunks" and "${where}.${clash}" exclude each other`);
    manualGroup(manualChunks, `${where}.manualChunks`, check, groups, local);
  } else if (given.groups !== undefined && !Array.isArray(given.groups)) {
    check.fault(`Option "${where}.codeSplitting.groups" must be an array, but it is ${kindOf(given.groups)}`);
  } else if (given.groups?.length > 0) {
    if (clash !== 'codeSplitting.groups') check.fault(`Options "${where}.codeSplitting.groups" and "${where}.${clash}" exclude each other`);
    for (const [at, group] of given.groups.entries()) namedGroup(group, given, `${where}.codeSplitting.groups[${at}]`, check, groups, local);
  }
  checkDependencies(given, `${where}.codeSplitting`, check);
  const core = {
    maxRequests: given.maxRequests === Infinity ? undefined : check.count(given.maxRequests, `${where}.codeSplitting.maxRequests`),
    maxOverFetch: number(given.maxOverFetch, `${where}.codeSplitting.maxOverFetch`, check, 0),
    groups,
  };
  return { core: known(core), local: local.choosers.length + local.lists.length > 0 ? local : undefined };
}

/**
 * What of an output leaves no chunks that could be named.
 * @param {Record<string, any>} output
 */
function oneFileBy({ codeSplitting, preserveModules, format, file }) {
  if (codeSplitting === false) return 'codeSplitting: false';
  if (preserveModules) return 'preserveModules';
  if (format === 'iife' || format === 'umd') return `format: ${JSON.stringify(format)}`;
  return file === undefined || file === null ? undefined : 'file';
}

/**
 * @param {unknown} group
 * @param {Record<string, any>} all what the groups do not say themselves
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 * @param {Record<string, any>[]} groups
 * @param {LocalChunks} local
 */
function namedGroup(group, all, where, check, groups, local) {
  const given = check.object(group, GROUP_KEYS, where);
  checkDependencies(given, where, check);
  const { name, test } = given;
  if (name === '' || (typeof name !== 'string' && typeof name !== 'function')) {
    check.fault(`Option "${where}.name" must be a name or a function, but it is ${kindOf(name)}`);
    return;
  }
  const isTest = test === undefined || test === null || typeof test === 'string' || typeof test === 'function' || test instanceof RegExp;
  if (!isTest) {
    check.fault(`Option "${where}.test" must be a string, an expression or a function, but it is ${kindOf(test)}`);
    return;
  }
  /** @type {Record<string, any>} */
  const core = { priority: number(given.priority, `${where}.priority`, check, -Infinity) };
  for (const size of COUNTS) {
    const value = given[size] ?? all[size];
    core[size] = value === Infinity ? undefined : check.count(value, `${where}.${size}`);
  }
  const expression = typeof test === 'string' ? new RegExp(escaped(test)) : test;
  const pattern = expression instanceof RegExp ? corePatternOf(expression) : undefined;
  if (typeof name === 'string' && typeof expression !== 'function' && pattern !== null) {
    groups.push(known({ ...core, name, test: pattern }));
    return;
  }
  const isMeant = expression instanceof RegExp ? (/** @type {string} */ id) => matches(expression, id) : (expression ?? (() => true));
  local.choosers.push({ group: groups.length, nameOf: (id, context) => (isMeant(id) ? (typeof name === 'string' ? name : name(id, context)) : null) });
  groups.push(known(core));
}

/**
 * @param {unknown} given
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 * @param {Record<string, any>[]} groups
 * @param {LocalChunks} local
 */
function manualGroup(given, where, check, groups, local) {
  if (typeof given === 'function') {
    local.choosers.push({ group: groups.length, nameOf: /** @type {any} */ (given) });
    groups.push({});
    return;
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    check.fault(`Option "${where}" must be a function, or an object { chunk: specifiers }, but it is ${kindOf(given)}`);
    return;
  }
  const lists = check.entries(given, where).map(([name, list]) => [name, check.strings(list, `${where}.${name}`) ?? []]);
  if (lists.length === 0) return;
  local.lists.push({ group: groups.length, lists: Object.fromEntries(lists) });
  groups.push({});
}

/**
 * A chunk without what its modules import may need a chunk that needs it.
 * @param {Record<string, any>} given
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 */
function checkDependencies({ includeDependenciesRecursively }, where, check) {
  if (check.boolean(includeDependenciesRecursively, `${where}.includeDependenciesRecursively`) === false) {
    check.fault(`Option "${where}.includeDependenciesRecursively" cannot be false`, 'A group always takes what its modules import, as far as no group before it has');
  }
}

/**
 * @param {unknown} given
 * @param {string} where
 * @param {import('./checker.js').OptionChecker} check
 * @param {number} least
 */
function number(given, where, check, least) {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'number' && given >= least && Number.isFinite(given)) return given;
  return check.fault(`Option "${where}" must be a number${least === 0 ? ' of 0 or more, such as 0.1' : ''}, but it is ${kindOf(given)}`);
}

/** @param {Record<string, any>} object */
function known(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/**
 * The first word of Rolldown's `codeSplitting` or `advancedChunks` that is not ours.
 * @param {unknown} given
 * @returns {string | undefined}
 */
export function unknownOfSplitting(given) {
  if (given === null || typeof given !== 'object') return undefined;
  const { groups, ...rest } = /** @type {Record<string, any>} */ (given);
  const each = Array.isArray(groups) ? groups : [];
  for (const [level, keys] of /** @type {const} */ ([[rest, KEYS], ...each.map((group) => [group ?? {}, GROUP_KEYS])])) {
    const other = Object.keys(level).find((key) => level[key] !== undefined && !keys.includes(key));
    if (other !== undefined) return other;
    if (level.includeDependenciesRecursively === false) return 'includeDependenciesRecursively: false';
  }
  return undefined;
}
