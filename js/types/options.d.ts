import type { TransformEngine } from './engine.d.ts';
import type { LogHandler, LogLevel, RollupLog } from './diagnostics.d.ts';
import type { RenderedChunk } from './output.d.ts';
import type { ModuleInfo, Plugin } from './plugin.d.ts';

export type MaybePromise<T> = T | Promise<T>;

/** Nested lists, promises and falsy entries are fine. */
export type PluginOption = MaybePromise<Plugin | false | null | undefined | '' | 0 | PluginOption[]>;

export type ModuleType =
  | 'js' | 'jsx' | 'ts' | 'tsx' | 'json' | 'css' | 'module.css' | 'html' | 'text' | 'asset' | 'dataurl' | 'file'
  | 'binary' | 'base64' | 'empty';

export type ExternalTest = (source: string, importer: string | undefined, isResolved: boolean) => boolean | null | undefined | void;

export interface BuildOptions {
  /** Entry points: a specifier, a list, or `{ name: specifier }`. An `.html` file is an entry point too. */
  input?: string | string[] | Record<string, string>;
  output?: OutputOptions | OutputOptions[];
  plugins?: PluginOption;
  /** Requests that stay as they are: a package (with its sub-paths), expressions, or a function. */
  external?: string | RegExp | ExternalTest | (string | RegExp | ExternalTest)[];
  resolve?: ResolveOptions;
  /** Expressions for free names and member chains; strings are expressions as written, other values become their literal. */
  define?: Record<string, unknown>;
  transform?: TransformOptions;
  /** `false` keeps every statement. */
  treeshake?: boolean | TreeshakeOptions;
  /** Default: `browser`. */
  platform?: 'browser' | 'node' | 'neutral';
  /** Default: the current directory. */
  cwd?: string;
  /** Extension -> how such files are read. */
  moduleTypes?: Record<string, ModuleType>;
  /** Values of `import.meta.env`. */
  env?: Record<string, unknown>;
  /** Default: `production`. */
  mode?: string;
  /** Where the files are served from. */
  base?: string;
  /** Assets of fewer bytes become `data:` URLs. Default: 4096. */
  assetsInlineLimit?: number;
  css?: {
    /** `[name]`, `[local]`, `[hash]`; default `[hash]_[local]`. */
    modulesPattern?: string;
    modulesCamelCase?: boolean;
  };
  /**
   * Keeps compiled modules from build to build, by content: what did not change is not parsed again. `true`: in
   * `node_modules/.cache/cloudpack`. Default: `false`.
   */
  cache?: boolean | {
    /** Relative to `cwd`. */
    dir?: string;
    /** Bytes on disk; what was used least recently goes first. Default: 1 GiB. */
    maxSize?: number;
    /** Uses what is there and writes nothing. */
    readonly?: boolean;
    /** Compiles what is found in the cache too; a difference is an error. */
    verify?: boolean;
    /**
     * Which results of the last build may stand for new ones; all of them by default. Output is the same with any of them `false`,
     * only later: whoever suspects that it is not finds out at which level. What each of them saves is counted in `stats`.
     */
    reuse?: {
      /** Everything, where nothing changed: `lastBuild`. */
      build?: boolean;
      /** Compiled modules of the same source: `reused`, `summarized`. Without them nothing but files is taken over. */
      modules?: boolean;
      /** Plans of modules that look to others as they did: `analyzed`. */
      plans?: boolean;
      /** Chunks of which no module and no plan changed: `chunksLinked`. */
      chunks?: boolean;
      /** Files whose bytes are the same: `chunksWritten`. */
      files?: boolean;
    };
  };
  /** Who makes the files of live modules: the linker, another bundler, or your own. Default: `native`. */
  engine?: 'native' | 'rolldown' | 'rspack' | TransformEngine;
  /**
   * `ci`: the result also says which files are new, kept and gone against the last build of these options in the same cache,
   * which may have run on another machine and in another directory. Default: `production`.
   */
  view?: 'production' | 'ci';
  /** Default: `info`. */
  logLevel?: LogLevel | 'silent';
  onLog?: (level: LogLevel, log: RollupLog, handler: LogHandler) => void;
  /** `false`: the result is only returned. Default: `true`. */
  write?: boolean;
  /** For `watch()`; `false` leaves this configuration out of it. */
  watch?: boolean | WatchOptions;
}

export interface WatchOptions {
  /** Milliseconds to wait after a change before the build. Default: 0; a burst of changes is one change all the same. */
  buildDelay?: number;
  /** Empties the terminal before each build of `cloudpack watch`. Default: `false`. */
  clearScreen?: boolean;
  /** Only changes of these files count; globs relative to `cwd`. */
  include?: string | RegExp | (string | RegExp)[];
  exclude?: string | RegExp | (string | RegExp)[];
  onInvalidate?: (id: string) => void;
  /** Builds and writes nothing. */
  skipWrite?: boolean;
}

export interface ResolveOptions {
  /** A target, several to try in order, or `false` for an empty module; in list form `find` may be an expression. */
  alias?: Record<string, string | false | (string | false)[]> | { find: string | RegExp; replacement: string }[];
  conditionNames?: string[];
  extensions?: string[];
  extensionAlias?: Record<string, string[]>;
  mainFields?: string[];
  mainFiles?: string[];
  modules?: string[];
  /** `false`: a linked package keeps the path of the link. */
  symlinks?: boolean;
  tsconfigFilename?: string;
}

export interface TransformOptions {
  /** `es2020`, `chrome100`, `node18`, ...; without one, nothing is lowered. */
  target?: string | string[];
  jsx?: 'react-jsx' | 'react' | 'preserve' | {
    runtime?: 'automatic' | 'classic' | 'preserve';
    importSource?: string;
    pragma?: string;
    pragmaFrag?: string;
    development?: boolean;
  };
  experimentalDecorators?: boolean;
  emitDecoratorMetadata?: boolean;
  useDefineForClassFields?: boolean;
  verbatimModuleSyntax?: boolean;
  /** Free functions whose calls can go when their result is not used. */
  pure?: string[];
  dropConsole?: boolean;
  dropDebugger?: boolean;
}

/** Without `test` or `external` it fits all. */
export interface ModuleSideEffectsRule {
  test?: RegExp;
  external?: boolean;
  sideEffects: boolean;
}

export interface TreeshakeOptions {
  /**
   * `false`: nothing runs for being imported alone, externals included. `'no-external'`: of externals only what is used. A list
   * of ids names those that do run. Of rules the first that fits decides; `undefined` of a function leaves it to the package.
   */
  moduleSideEffects?: boolean | 'no-external' | string[] | ModuleSideEffectsRule[] | ((id: string, external: boolean) => boolean | null | undefined);
  annotations?: boolean;
  propertyReadSideEffects?: boolean;
  unknownGlobalSideEffects?: boolean;
}

export type AddonFunction = (chunk: RenderedChunk) => MaybePromise<string>;

/** What a function that groups modules may ask. */
export interface ChunkingContext {
  getModuleInfo(id: string): ModuleInfo | null;
  getModuleIds(): IterableIterator<string>;
}

/** Sizes are bytes of printed code, estimated: each module counts as the middle of a power of two. */
export interface CodeSplittingSizes {
  /** A group that takes less is none. */
  minSize?: number;
  /** A group that takes more is several chunks. */
  maxSize?: number;
  minModuleSize?: number;
  maxModuleSize?: number;
  /** A module is taken if so many entries and routes want it. */
  minShareCount?: number;
}

/**
 * Modules that are to lie in one chunk, whoever wants them. What they import comes along, unless a group before this one has
 * it; modules that await at top level stay where they are.
 */
export interface CodeSplittingGroup extends CodeSplittingSizes {
  /** Of the chunk. A function may give each module another, or none. */
  name: string | ((id: string, context: ChunkingContext) => string | null | undefined | void);
  /** A part of the id, or what matches it; without a test all modules are meant. */
  test?: string | RegExp | ((id: string) => boolean | undefined | void);
  /** The highest takes its modules first; of equal ones the first. Default: 0. */
  priority?: number;
  includeDependenciesRecursively?: true;
  debugName?: string;
}

export interface CodeSplittingOptions extends CodeSplittingSizes {
  /** In the words of Rolldown. The sizes beside it are for groups that do not say theirs. */
  groups?: CodeSplittingGroup[];
  includeDependenciesRecursively?: true;
  /** Files that opening an entry or a route may ask for; chunks that several share are joined until it is so. Default: 25. */
  maxRequests?: number;
  /**
   * Bytes that an entry or a route may load and not need, as a share of what it needs. `0`: each set of entries that share
   * something has a chunk of its own, however small. Default: 0.1.
   */
  maxOverFetch?: number;
}

export interface OutputOptions {
  /** Default: `dist`. */
  dir?: string;
  /** One file; excludes `dir` and code splitting. */
  file?: string;
  /** Default: `es`. */
  format?: 'es' | 'esm' | 'module' | 'cjs' | 'commonjs' | 'iife' | 'umd';
  /** Patterns with `[name]`, `[hash]`, `[hash:8]`, `[format]`, `[ext]`, `[extname]`. */
  entryFileNames?: string;
  chunkFileNames?: string;
  assetFileNames?: string;
  sourcemap?: boolean | 'inline' | 'hidden';
  /**
   * `true` or `thin`: module by module, so that a change costs that module. `full`: each chunk once more as a whole, which is smaller
   * and costs each changed chunk about what parsing it does. Default: `false`.
   */
  minify?: boolean | 'thin' | 'full';
  banner?: string | AddonFunction;
  footer?: string | AddonFunction;
  intro?: string | AddonFunction;
  outro?: string | AddonFunction;
  exports?: 'auto' | 'named' | 'default' | 'none';
  /** Whether what `require()` of an entry gives has `__esModule`: by default where one of its exports is `default`. */
  esModule?: boolean | 'if-default-prop';
  /**
   * Which objects say `[object Module]` of themselves (`Symbol.toStringTag`), as namespaces of real modules do. `symbols: true`: namespaces, and
   * what `require()` of a cjs entry or the variable of an iife gives; `false`: none. Default: namespaces.
   */
  generatedCode?: { symbols?: boolean };
  /** Add the exports of an iife or umd to what its global variable holds already. */
  extend?: boolean;
  /**
   * What `import x from` an external module means in formats without modules. `'auto'`: its `default` if it says `__esModule`, else all
   * of it; for importers that are modules of Node, always all of it. `'default'`: always all of it, as Rollup has it.
   */
  interop?: 'auto' | 'default';
  /** Global variable of an iife or umd with exports. */
  name?: string;
  /** Specifier -> global variable, for iife and umd. */
  globals?: Record<string, string>;
  /** `false`: `import()` is inlined, one chunk an entry. */
  codeSplitting?: boolean | CodeSplittingOptions;
  /** Chunk -> what lies in it, or a function that says for each module in which chunk it is to lie, as in Rollup. */
  manualChunks?: Record<string, string[]> | ((id: string, context: ChunkingContext) => string | null | undefined | void);
  /** One file a module, laid out as the sources are, with what nobody uses taken out. For `es` and `cjs`. */
  preserveModules?: boolean;
  /** The directory whose modules lie right in `dir`. Default: the one that all modules share. */
  preserveModulesRoot?: string;
  /** Empties `dir` before writing. */
  cleanDir?: boolean;
  legalComments?: 'inline' | 'none';
  /**
   * Chunks mention each other by names that stay when the content changes, so that an edit renames one file and leaves its importers
   * as they are. An import map leads to the files: it stands in every page of the build, and is emitted as `fileName` (default
   * `importmap.json`) with URLs below `baseUrl` (default: `base`, or `/`). For `es`, where import maps are known.
   */
  chunkImportMap?: boolean | { baseUrl?: string; fileName?: string };
  plugins?: PluginOption;
}

/** What a configuration file exports: options, or a function that makes them. */
export type ConfigEnv = { command: 'build'; mode: string };
export type Config = BuildOptions | ((env: ConfigEnv) => MaybePromise<BuildOptions>);
