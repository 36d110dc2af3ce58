/**
 * Browsers that do not know `<link rel="modulepreload">` fetch nothing for it; this code, which Vite puts in front of a page's
 * first script, fetches in their place. Vite 8 has it in native code.
 */

const POLYFILL = `(() => {
  if (document.createElement("link").relList?.supports?.("modulepreload")) return;
  const credentials = { "use-credentials": "include", anonymous: "omit" };
  const seen = new WeakSet();
  const fetchLink = (link) => {
    if (seen.has(link)) return;
    seen.add(link);
    const options = { credentials: credentials[link.crossOrigin] ?? "same-origin" };
    if (link.integrity) options.integrity = link.integrity;
    if (link.referrerPolicy) options.referrerPolicy = link.referrerPolicy;
    fetch(link.href, options);
  };
  const isPreload = (node) => node.tagName === "LINK" && node.rel === "modulepreload";
  document.querySelectorAll('link[rel="modulepreload"]').forEach(fetchLink);
  new MutationObserver((records) => {
    for (const record of records) for (const node of record.addedNodes) if (isPreload(node)) fetchLink(node);
  }).observe(document, { childList: true, subtree: true });
})();`;

/**
 * @param {any} environment
 * @returns {import('../plugins/hooks.js').Plugin}
 */
export function modulePreloadPolyfill(environment) {
  const isClient = environment.config.consumer === 'client';
  return {
    name: 'cloudpack:vite-modulepreload-polyfill',
    resolveId: { filter: { id: /^vite\/modulepreload-polyfill$/ }, handler: () => '\0vite/modulepreload-polyfill.js' },
    load: {
      filter: { id: /^\0vite\/modulepreload-polyfill\.js$/ },
      handler: () => ({ code: isClient ? POLYFILL : '', moduleSideEffects: true }),
    },
  };
}
