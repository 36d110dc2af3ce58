/** What a build of Vite is, for the answers of its plugins: whoever changes any of this gets none of the old ones. */
import path from 'node:path';
import { readText, trackingOf } from '../host/cache-options.js';

/** @typedef {Record<string, any>} Options */

/** Parts of the resolved configuration that Vite's own plugins look at. */
const CONFIG = [
  'root', 'base', 'mode', 'define', 'resolve', 'css', 'json', 'oxc', 'esbuild', 'assetsInclude', 'worker', 'experimental', 'legacy',
  'publicDir', 'consumer', 'env', 'isProduction', 'html',
];
const BUILD = [
  'target', 'cssTarget', 'cssMinify', 'cssCodeSplit', 'assetsInlineLimit', 'assetsDir', 'lib', 'sourcemap', 'modulePreload', 'ssr', 'minify',
  'dynamicImportVarsOptions', 'emitAssets', 'ssrEmitAssets',
];

/** Where other tools have a configuration of their own that Vite's plugins read as code. */
const POSTCSS = /^(?:\.postcssrc(?:\.\w+)?|postcss\.config\.\w+)$/;
const SVELTE = ['svelte.config.js', 'svelte.config.mjs', 'svelte.config.ts', 'svelte.config.cjs'];

/**
 * @param {object} given
 * @param {import('../host/cache-options.js').HostCache} given.cache
 * @param {any} given.environment
 * @param {Options} given.options
 * @param {import('../plugins/hooks.js').Plugin[]} given.plugins
 * @param {Options} given.meta
 * @param {string[]} given.files of the directory of the configuration
 */
export function viteTracking({ cache, environment, options, plugins, meta, files }) {
  const { config } = environment;
  const top = environment.getTopLevelConfig?.() ?? config;
  if (typeof options.external === 'function') return '"external" is a function';
  const svelte = SVELTE.map((name) => path.join(config.root, name)).filter((file) => readText(file) !== undefined);
  const importing = svelte.find((file) => /(?:from|import|require)\s*\(?\s*["']\.{1,2}\//.test(readText(file) ?? ''));
  if (importing !== undefined) return `"${path.basename(importing)}" imports other files`;
  const hasPostcss = Boolean(config.css?.postcss) || files.some((file) => POSTCSS.test(file)) || /"postcss"\s*:/.test(readText(path.join(config.root, 'package.json')) ?? '');
  const pick = (/** @type {any} */ from, /** @type {string[]} */ names) => names.map((name) => [name, from?.[name]]);
  return trackingOf({
    cache, root: config.root, plugins,
    name: JSON.stringify([environment.name, config.mode, options.input]),
    configFiles: top.configFile ? [...new Set([top.configFile, ...(top.configFileDependencies ?? [])])] : [],
    css: !hasPostcss && config.css?.transformer !== 'lightningcss',
    facts: [meta.viteVersion, meta.rollupVersion, meta.rolldownVersion, pick(config, CONFIG), pick(config.build, BUILD), options.transform, svelte.map(readText)],
  });
}
