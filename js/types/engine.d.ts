import type { MaybePromise } from './options.d.ts';

/**
 * Whoever makes files out of live modules, in place of the linker. The graph, what of it is live, what lies in which chunk, style sheets,
 * assets, documents and workers are Cloudpack's in any case.
 */
export interface TransformEngine {
  /** For messages and statistics. */
  name: string;
  /**
   * With `options`, what a result rests on besides the plan: while none of them changes, files of the last build are taken over. Without one,
   * those of another process are not.
   */
  version?: string;
  /** Anything that JSON can say. */
  options?: unknown;
  transform(plan: EnginePlan): MaybePromise<EngineFile[]>;
}

/** One output, as it is to be made. */
export interface EnginePlan {
  cwd: string;
  format: 'es' | 'cjs' | 'iife' | 'umd';
  platform: 'browser' | 'node' | 'neutral';
  minify: boolean;
  /** Whether files are to come with maps. */
  sourcemap: boolean;
  /** Otherwise each entry is one file with all that it may ever load. */
  codeSplitting: boolean;
  exports: 'auto' | 'named' | 'default' | 'none';
  /** Global variable of an iife or umd. */
  name: string | undefined;
  extend: boolean;
  /** External module -> global variable. */
  globals: Record<string, string>;
  /** Those of which something is left, in evaluation order. */
  modules: EngineModule[];
  /** Entries in the order of the input, then routes, then what several share. */
  chunks: EngineChunk[];
  /** Specifiers that are to stay as they are, sorted. A file that was left out has a word, in whose place the way from the chunk is put. */
  externals: string[];
  /** What is left of a module, as an ES module; fetched on the first call. Where the format has no `import.meta`, nor has the code. */
  code(id: string): string;
  /** From `code` to the sources; null without `sourcemap`. */
  map(id: string): object | null;
  /** A name for a file that is not planned, made as those of chunks are. A hash in it is put in later. */
  fileName(name: string): string;
  /** What this engine made when the same build ran last in this process. */
  previous: { files: EngineFile[]; /** Ids of modules whose code is new or different. */ changed: string[]; isSamePlan: boolean } | null;
}

export interface EngineModule {
  id: string;
  /** A path of its own, of which there is no file: requests in the code lead from one of these to another. */
  file: string;
  isEntry: boolean;
  /** Exports that something uses, and all of an entry. */
  exports: string[];
  /** Files of modules and specifiers of external modules, in the order of the code. */
  imports: string[];
  dynamicImports: string[];
}

export interface EngineChunk {
  name: string;
  /** Relative to the output directory. Where a hash belongs, something of its length stands, which has to survive in code and names. */
  fileName: string;
  kind: 'entry' | 'dynamic' | 'common';
  /** The module whose exports the file offers. */
  entry: string | null;
  /** In evaluation order. A module that lies in no chunk goes where it is wanted. */
  modules: string[];
}

/** A file of code, or any other. */
export interface EngineFile {
  /** That of a planned chunk, or one of `plan.fileName()`, or any other. The file of each entry has to be there. */
  fileName: string;
  code?: string;
  /** From `code` to the code of modules; sources are their `file`. The code of one module as it is needs none. */
  map?: object | string | null;
  /** Instead of `code`. */
  source?: string | Uint8Array;
  /** Ids. Without it, and without the next three, those of the chunk of this name. */
  modules?: string[];
  /** File names, and specifiers of external modules. */
  imports?: string[];
  dynamicImports?: string[];
  exports?: string[];
}

/** Of a build by another engine than the linker. */
export interface EngineStats {
  name: string;
  /** Outputs that it was asked for in this build. */
  calls: number;
  /** Outputs of the last build that were taken over because nothing they rest on has changed. */
  reused: number;
  /** Live modules whose code it asked for. */
  modules: number;
  /** Milliseconds that it took. */
  ms: number;
}

