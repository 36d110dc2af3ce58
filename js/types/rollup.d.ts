/**
 * `cloudpack/rollup`: makes the builds of Rollup 4. Add it to `plugins`; everything else stays as it is.
 */

/** A plugin of Rollup. */
export interface RollupPlugin {
  name: string;
}

export default function cloudpack(): RollupPlugin;
