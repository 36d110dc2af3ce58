/**
 * `require("react")` of an external module, inside of a bundler whose chunks know imports only: a module that imports it stands
 * in for it. In a CommonJS chunk the import becomes a `require()` again.
 */

const PREFIX = '\0cloudpack:require:';

/** @param {string} id */
export function isStandIn(id) {
  return id.startsWith(PREFIX);
}

/** @param {string} external */
export function standInFor(external) {
  return PREFIX + external;
}

/** Gives the modules that `standInFor` names. */
export const requiredExternals = {
  name: 'cloudpack:required-externals',
  load: {
    filter: { id: /^\0cloudpack:require:/ },
    /** @param {string} id */
    handler: (id) => `import value from ${JSON.stringify(id.slice(PREFIX.length))};\nexport { value as "module.exports", value as default };\n`,
  },
};
