/**
 * `require("react")` of an external module, inside of a bundler whose chunks know imports only: a module that imports it stands
 * in for it. In a CommonJS chunk the import becomes a `require()` again.
 */

const PREFIX = '\0cloudpack:require:';
/** Of one that is named by the way to its file. */
const FILE = `${PREFIX}file:`;

/** @param {string} id */
export function isStandIn(id) {
  return id.startsWith(PREFIX);
}

/**
 * @param {string} external
 * @param {boolean} isFile
 */
export function standInFor(external, isFile) {
  return (isFile ? FILE : PREFIX) + external;
}

/** @param {string} standIn @returns {true | 'relative'} `external` of what it stands in for */
export function placeOfExternal(standIn) {
  return standIn.startsWith(FILE) ? 'relative' : true;
}

/** Gives the modules that `standInFor` names. */
export const requiredExternals = {
  name: 'cloudpack:required-externals',
  load: {
    filter: { id: /^\0cloudpack:require:/ },
    /** @param {string} id */
    handler: (id) => `import value from ${JSON.stringify(id.slice((id.startsWith(FILE) ? FILE : PREFIX).length))};\nexport { value as "module.exports", value as default };\n`,
  },
};
