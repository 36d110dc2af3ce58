import type { RollupLog } from './diagnostics.d.ts';
import type { EngineStats } from './engine.d.ts';
import type { BuildOptions } from './options.d.ts';

export interface SourceMap {
  version: 3;
  file?: string;
  sources: (string | null)[];
  sourcesContent?: (string | null)[];
  names: string[];
  mappings: string;
  toString(): string;
  toUrl(): string;
}

export interface RenderedModule {
  code: null;
  /** Bytes in the chunk. */
  renderedLength: number;
  /** Bytes of the source. */
  originalLength: number;
  renderedExports: string[];
  removedExports: string[];
}

/** A chunk while it is rendered: hashes are not known yet. */
export interface RenderedChunk {
  type: 'chunk';
  fileName: string;
  preliminaryFileName: string;
  name: string;
  isEntry: boolean;
  isDynamicEntry: boolean;
  isImplicitEntry: boolean;
  facadeModuleId: string | null;
  /** In execution order. */
  moduleIds: string[];
  modules: Record<string, RenderedModule>;
  exports: string[];
  /** Files of chunks, and specifiers of external modules. */
  imports: string[];
  dynamicImports: string[];
  importedBindings: Record<string, string[]>;
  implicitlyLoadedBefore: string[];
  referencedFiles: string[];
  /** The style sheet that belongs to this chunk. */
  cssFileName: string | null;
  sourcemapFileName: string | null;
}

export interface OutputChunk extends RenderedChunk {
  /** Fetched on the first read. */
  code: string;
  /** Fetched on the first read; null without `sourcemap`. */
  map: SourceMap | null;
}

export interface OutputAsset {
  type: 'asset';
  fileName: string;
  name: string | undefined;
  names: string[];
  originalFileName: string | null;
  originalFileNames: string[];
  needsCodeReference: boolean;
  /** Fetched on the first read. */
  source: string | Uint8Array;
}

export type OutputBundle = Record<string, OutputChunk | OutputAsset>;

export interface BuildStats {
  modules: number;
  /** Parsed in this build. */
  summarized: number;
  reused: number;
  /** Requests that plugins were asked about. */
  askedRequests: number;
  /** Modules that plugins were asked about: of all others JavaScript heard nothing. */
  askedModules: number;
  /** Requests and modules that plugins would have been asked about, had their answers not been in the cache. */
  recalledRequests: number;
  recalledModules: number;
  /** What became of the answers that plugins gave in the last build: `taken up`, or why not; empty if none are kept. */
  lastResults: string;
  analyzed: boolean;
  rendered: number;
  /** Chunks whose text was made in this build; others were taken over as they were. */
  chunksLinked: number;
  /** Of these, with `minify: 'full'`, chunks that were compressed as a whole; others were found in the cache. */
  chunksMinified: number;
  /** Modules that nothing is left of. */
  deadModules: number;
  chunksWritten: number;
  /**
   * Inputs of the last build that were held against the disk: files, directories and other questions. In a session or watch
   * these are the ones that events named, where events tell of everything.
   */
  checked: number;
  /**
   * What the last build with the same options could do for this one: `unchanged` (it stands for it), or why it could not;
   * empty without a cache.
   */
  lastBuild: string;
  /** With another `engine` than the linker. */
  engine?: EngineStats;
  /** Milliseconds a phase. */
  ms: Record<string, number>;
}

/** Results of plugins that are not kept, and why. */
export interface NotCached {
  /** Empty if no plugin is the cause. */
  plugin: string;
  why: string;
  /** `everything`: nothing is kept. */
  kind: 'modules' | 'requests' | 'everything';
  count: number;
  /** One of them. */
  example: string;
}

/** Of a build inside of another bundler. */
export interface HostStats extends BuildStats {
  /** Calls of `resolveId`, `load` and `transform` hooks. */
  hookCalls: number;
  /** Calls of `transform` hooks for what they keep in memory, whose results are in the cache. */
  replays: number;
  notCached: NotCached[];
}

/** Of `cloudpack()` inside of another bundler. */
export interface HostOptions {
  /** As in `build()`. */
  engine?: BuildOptions['engine'];
  /**
   * Keeps compiled modules, and what plugins that are known to give the same answer again made of modules. `false`: nothing.
   * `CLOUDPACK_VERIFY=1` asks plugins all the same and compares.
   */
  cache?: boolean | {
    /** Default: `node_modules/.cache/cloudpack` of the package. */
    dir?: string;
    /** Bytes. */
    maxSize?: number;
    /** Names of plugins whose answers rest on nothing but the module's text and on files that they read through Node or declare. */
    include?: string[];
    /** Names of plugins whose answers are not kept. */
    exclude?: string[];
    /** The files that make the configuration, where the bundler does not know them. */
    configFiles?: string[];
  };
}

/** A file of an output as a deploy sees it. */
export interface DeployedFile {
  /** Index of the output. */
  output: number;
  /** Relative to the directory of the output. */
  fileName: string;
  /** SHA-256 of its bytes, hexadecimal. */
  hash: string;
  /** Bytes. */
  size: number;
}

/** Against the last build of the same options that wrote into this cache, wherever it ran. */
export interface CiView {
  /** New, or with other contents: to be uploaded. */
  emitted: DeployedFile[];
  kept: DeployedFile[];
  /** Not emitted any more; with the hash that they had. */
  removed: DeployedFile[];
}

export interface BuildOutput {
  /** Files of the (first) output. */
  output: (OutputChunk | OutputAsset)[];
  /** Files of every output, in the order of `options.output`. */
  outputs: (OutputChunk | OutputAsset)[][];
  stats: BuildStats;
  /** Absolute paths whose change asks for another build. */
  watchFiles: string[];
  warnings: RollupLog[];
  /** With `view: 'ci'`, once everything is written. */
  ci?: CiView;
}
