// Copied beside the peers' node_modules: what is imported here is found there.
export const load = (/** @type {string} */ name) => import(name);
