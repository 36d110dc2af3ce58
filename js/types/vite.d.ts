/**
 * `cloudpack/vite`: makes the builds of Vite. Add it to `plugins`; everything else stays as it is, and the dev server is Vite's.
 */

import type { HostOptions, HostStats } from './output.d.ts';

/** A plugin of Vite. */
export interface VitePlugin {
  name: string;
  api: {
    /** Of the builds so far, in the order in which they ended; one an environment and output. */
    stats(): HostStats[];
  };
}

export default function cloudpack(options?: HostOptions): VitePlugin;
