/**
 * `cloudpack/vite`: makes the builds of Vite. Add it to `plugins`; everything else stays as it is, and the dev server is Vite's.
 */

/** A plugin of Vite. */
export interface VitePlugin {
  name: string;
}

export default function cloudpack(): VitePlugin;
