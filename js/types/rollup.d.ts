/**
 * `cloudpack/rollup`: makes the builds of Rollup 4. Add it to `plugins`; everything else stays as it is.
 */

import type { HostOptions, HostStats } from './output.d.ts';

/** A plugin of Rollup. */
export interface RollupPlugin {
  name: string;
  api: {
    /** Of the builds so far, in the order in which they ended. */
    stats(): HostStats[];
  };
}

export default function cloudpack(options?: HostOptions): RollupPlugin;
