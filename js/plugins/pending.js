/**
 * Hooks whose promises have not settled. One that takes long is named in a warning, so that whoever waits knows for whom. When a promise can
 * never settle, because nothing is left to do for the process or because nobody has the promise any more who could settle it, the build
 * ends with an error that names the hook, instead of waiting for ever or of the process ending without a word.
 */

/** @typedef {import('./hooks.js').Hook} Hook */
/** @typedef {{ hook: Hook, id: string | undefined, since: number, told: number }} Waiting */
/** @typedef {(log: import('../types/index.d.ts').RollupLog) => void} Tell */

/** Seconds after which a hook is named, and after that each time twice as long. */
const PATIENCE = 30;

/** @type {Set<Waiting>} */
const waiting = new Set();
/** Who is told, and who ends. @type {Map<symbol, { warn: Tell, end: (error: Error) => void }>} */
const builds = new Map();
/** @type {NodeJS.Timeout | undefined} */
let timer;
/** A promise that was collected while somebody waited for it. */
const lost = new FinalizationRegistry((/** @type {Waiting} */ entry) => {
  if (waiting.has(entry)) endAll([entry]);
});

/**
 * @template T
 * @param {PromiseLike<T>} promise
 * @param {Hook} hook
 * @param {string} [id]
 * @returns {Promise<T>}
 */
export async function waitingFor(promise, hook, id) {
  const entry = { hook, id, since: Date.now(), told: PATIENCE / 2 };
  waiting.add(entry);
  // Of other thenables it says nothing that they are gone.
  if (promise instanceof Promise) lost.register(promise, entry);
  try {
    return await promise;
  } finally {
    waiting.delete(entry);
  }
}

/**
 * @template T
 * @param {Tell} warn
 * @param {() => Promise<T>} work that hooks are called in
 * @returns {Promise<T>}
 */
export async function withPatience(warn, work) {
  const key = Symbol('build');
  const never = /** @type {Promise<never>} */ (new Promise((_, end) => builds.set(key, { warn, end })));
  if (builds.size === 1) {
    process.prependListener('beforeExit', tellAndEnd);
    timer = setInterval(tellOfLong, 1000);
    // Waiting is no reason to go on.
    timer.unref();
  }
  try {
    return await Promise.race([work(), never]);
  } finally {
    builds.delete(key);
    if (builds.size === 0) {
      process.off('beforeExit', tellAndEnd);
      clearInterval(timer);
    }
  }
}

/** Rollup, which listens too, knows our plugin only, and its error comes first; so the hooks are named in a warning. */
function tellAndEnd() {
  const [first] = builds.values();
  first?.warn(endAll([...waiting]));
}

/** @param {Waiting[]} unfinished */
function endAll(unfinished) {
  for (const entry of unfinished) waiting.delete(entry);
  const message = `Nobody is left who could settle what these hooks promised:${unfinished.map((entry) => `\n  ${nameOf(entry)}`).join('')}`;
  // What waits for another began before it.
  const culprit = unfinished.at(-1);
  const fields = { code: 'UNFINISHED_HOOK', ...(culprit && { plugin: culprit.hook.plugin.name, hook: culprit.hook.name, id: culprit.id }) };
  for (const { end } of builds.values()) end(Object.assign(new Error(message), fields));
  return { ...fields, message };
}

function tellOfLong() {
  for (const entry of waiting) {
    const seconds = Math.floor((Date.now() - entry.since) / 1000);
    if (seconds < entry.told * 2) continue;
    entry.told *= 2;
    const log = { code: 'SLOW_HOOK', plugin: entry.hook.plugin.name, hook: entry.hook.name, id: entry.id, message: `${nameOf(entry)} has not ended for ${seconds} seconds` };
    const [first] = builds.values();
    first?.warn(log);
  }
}

/** @param {Waiting} entry */
function nameOf({ hook, id }) {
  return `hook "${hook.name}" of plugin "${hook.plugin.name}"${id === undefined ? '' : ` for ${JSON.stringify(id.replace('\0', ''))}`}`;
}
