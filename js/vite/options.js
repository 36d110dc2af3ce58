/** Options of Vite 8 (Rolldown) and of Vite 7 (Rollup) that we have no word for. */
import { unknownOfSplitting } from '../options/code-splitting.js';
import { unknownOfInput as unknownOfRollupInput, unknownOfOutput as unknownOfRollupOutput, unknownOfPlugins as unknownOfRollupPlugins } from '../rollup/options.js';

/** @typedef {Record<string, any>} Options */

/**
 * @param {Options} options
 * @param {Options} config of the environment
 * @returns {string | undefined}
 */
export function unknownOfInput(options, { build, experimental }) {
  if (build.chunkImportMap || options.experimental?.chunkImportMap) return 'build.chunkImportMap';
  if (options.experimental?.devMode || experimental?.bundledDev === 'build') return 'experimental.devMode';
  if (options.transform?.inject) return 'transform.inject';
  // In Rolldown it says how syntax trees are made, in Rollup too; Vite compiles JSX itself.
  return unknownOfRollupInput({ ...options, jsx: undefined });
}

/** @param {Options} output @returns {string | undefined} */
export function unknownOfOutput(output) {
  for (const name of ['codeSplitting', 'advancedChunks']) {
    const word = unknownOfSplitting(output[name]);
    if (word !== undefined) return `output.${name} with ${word}`;
  }
  return unknownOfRollupOutput(output);
}

/** @param {import('../plugins/hooks.js').Plugin[]} plugins @returns {string | undefined} */
export function unknownOfPlugins(plugins) {
  // Of Vite's own we know what they do with `resolveFileUrl`.
  return unknownOfRollupPlugins(plugins.map((plugin) => (plugin.name === 'vite:asset' ? { ...plugin, resolveFileUrl: undefined } : plugin)));
}
