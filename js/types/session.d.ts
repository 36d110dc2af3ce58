import type { BuildOutput, BuildStats } from './output.d.ts';
import type { ChangeEvent } from './watch.d.ts';

/** Calls are answered in the order in which they were made, one after the other. */
export interface Session {
  /** Builds and, unless `write` is `false`, writes. Rejects with a `BuildError`; the next call may do better. */
  build(): Promise<BuildOutput>;
  /**
   * Builds again. What has changed is found out by looking, so `changes` may be left out, and may be incomplete; plugins are told of
   * them by `watchChange`. Paths are relative to `cwd`.
   */
  update(changes?: Iterable<string | { id: string; event: ChangeEvent }>): Promise<BuildOutput>;
  /**
   * Why a module is in the (first) output, or is not; builds first if nothing was built yet. `id` as in `moduleIds`, or a path
   * relative to `cwd`. `null`: nothing asks for such a module.
   */
  why(id: string): Promise<Why | null>;
  /** Of the last build, if it ended well. */
  stats(): BuildStats | undefined;
  /** Ends it, after what was asked before. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Why {
  id: string;
  isExternal: boolean;
  isEntry: boolean;
  /** Something of it is in the output. */
  isIncluded: boolean;
  /** Why not; `null` if it is, and for external modules. */
  excludedBecause: string | null;
  /** The shortest way from an entry point, the module itself last: a static one if there is one. Empty for an entry point. */
  chain: { id: string; /** As written; `null` on the last. */ specifier: string | null; kind: RequestWord | null }[];
  /** Everybody who asks for it. */
  importers: { id: string; specifier: string; kind: RequestWord; isIncluded: boolean }[];
  /** Sorted by name; `*` is the whole namespace object. Of CommonJS the names that somebody uses. */
  exports: { name: string; /** Its code is in the output. */ isLive: boolean; /** Ids; `entry` is whoever loads the output. */ usedBy: string[] }[];
  /** Names of the chunks that hold it. */
  chunks: string[];
  /** Files of the output that hold it. */
  files: string[];
  lastBuild: {
    /** It was parsed; otherwise it was found in the cache. */
    compiled: boolean;
    because: string;
    /** Files that were different from those of the build before. */
    changed: string[];
  };
}

export type RequestWord =
  | 'import' | 'import()' | 'require()' | 'require.resolve()' | 'new URL()' | 'worker' | '@import' | 'url()' | 'composes' | 'html';
