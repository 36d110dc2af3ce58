/**
 * `banner`, `footer`, `intro` and `outro` as functions of the chunk, from the options and from plugins. Where they stand is
 * the core's knowledge (after a hashbang, inside of a wrapper), so the core places a marker and JavaScript puts the text there.
 */
import { ADDONS } from '../options/output-options.js';
import { textBy } from '../plugins/results.js';
import { callHook } from '../plugins/run-hooks.js';
import { collectHooks } from '../plugins/hooks.js';

/** @typedef {import('../options/output-options.js').AddonName} AddonName */

/** Between the texts of several plugins. */
const JOINT = { banner: '\n', footer: '\n', intro: '\n\n', outro: '\n\n' };

/**
 * The addons of this output that depend on the chunk or come from plugins.
 * @param {import('../options/output-options.js').LocalOutput} local
 * @param {import('../plugins/hooks.js').Plugin[]} plugins
 * @returns {AddonName[]}
 */
export function computedAddons(local, plugins) {
  return ADDONS.filter((addon) => local.addons[addon] || plugins.some((plugin) => plugin[addon]));
}

/** @param {AddonName} addon */
export function addonMarker(addon) {
  return `/*__CLOUDPACK_${addon.toUpperCase()}__*/`;
}

/**
 * @param {object} given
 * @param {AddonName[]} given.addons
 * @param {import('../options/output-options.js').LocalOutput} given.local
 * @param {import('./render.js').OutputRun} given.output
 * @param {any} given.chunk
 * @param {string} given.code
 * @returns {Promise<import('./edits.js').Edit[]>}
 */
export async function addonEdits({ addons, local, output, chunk, code }) {
  /** @type {import('./edits.js').Edit[]} */
  const edits = [];
  for (const addon of addons) {
    const marker = addonMarker(addon);
    const start = addon === 'footer' || addon === 'outro' ? code.lastIndexOf(marker) : code.indexOf(marker);
    if (start < 0) continue;
    const text = await addonText(addon, { local, output, chunk });
    let end = start + marker.length;
    // Nothing to say: the marker's line goes too.
    if (text === '' && code[end] === '\n') end++;
    edits.push({ start, end, text });
  }
  return edits;
}

/**
 * @param {AddonName} addon
 * @param {{ local: import('../options/output-options.js').LocalOutput, output: import('./render.js').OutputRun, chunk: any }} given
 */
export async function addonText(addon, { local, output, chunk }) {
  const own = local.addons[addon] ? await local.addons[addon](chunk) : local.options[addon];
  const texts = [own];
  const written = output.plugins.map((plugin) => asFunction(plugin, addon));
  for (const hook of collectHooks(written, addon)) texts.push(textBy(await callHook(hook, output.driver.context(hook.plugin, { output }), [chunk]), hook));
  return texts.filter(Boolean).join(JOINT[addon]);
}

/**
 * A hook that adds text may be the text.
 * @param {any} plugin
 * @param {AddonName} addon
 */
function asFunction(plugin, addon) {
  const given = plugin[addon];
  if (typeof given === 'string') return { ...plugin, [addon]: () => given };
  return typeof given?.handler === 'string' ? { ...plugin, [addon]: { ...given, handler: () => given.handler } } : plugin;
}
