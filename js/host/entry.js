/** The one module that the host builds: it stands for a graph that is ours. */

export const ENTRY = '\0cloudpack:entry';
export const ENTRY_FILE = '__cloudpack_entry__.js';

/** Has no exports, and is not empty, which hosts warn of. */
export const ENTRY_MODULE = { code: 'export {}; (0);', moduleSideEffects: /** @type {const} */ ('no-treeshake') };
