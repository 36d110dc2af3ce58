import type { LogLevel, RollupLog } from './diagnostics.d.ts';
import type { AddonFunction, BuildOptions, MaybePromise, ModuleType, OutputOptions } from './options.d.ts';
import type { OutputBundle, RenderedChunk, SourceMap } from './output.d.ts';

type Nullish = null | undefined | void;

/** A hook, or a hook with settings. */
export type ObjectHook<F, O = {}> = F | ({ handler: F; order?: 'pre' | 'post' | null } & O);
type ParallelHook<F> = ObjectHook<F, { sequential?: boolean }>;

export type StringPattern = string | RegExp;
export type StringFilter = StringPattern | StringPattern[] | { include?: StringPattern | StringPattern[]; exclude?: StringPattern | StringPattern[] };
export interface HookFilter {
  /** Strings are globs; for `resolveId` they are specifiers. */
  id?: StringFilter;
  /** Strings are looked for as they are. */
  code?: StringFilter;
  moduleType?: ModuleType | ModuleType[] | { include: ModuleType | ModuleType[] };
}

export interface EmittedAsset {
  type: 'asset';
  name?: string;
  fileName?: string;
  originalFileName?: string | null;
  needsCodeReference?: boolean;
  source?: string | Uint8Array;
}
export interface EmittedChunk {
  type: 'chunk';
  id: string;
  name?: string;
  fileName?: string;
  importer?: string;
  preserveSignature?: 'strict' | 'allow-extension' | 'exports-only' | false;
}
export interface EmittedPrebuiltChunk {
  type: 'prebuilt-chunk';
  fileName: string;
  code: string;
  exports?: string[];
  map?: SourceMap;
  sourcemapFileName?: string;
}
export type EmittedFile = EmittedAsset | EmittedChunk | EmittedPrebuiltChunk;

export interface ModuleInfo {
  id: string;
  readonly code: string | null;
  ast: null;
  isEntry: boolean;
  isExternal: boolean;
  isIncluded: boolean | null;
  importers: string[];
  dynamicImporters: string[];
  importedIds: string[];
  dynamicallyImportedIds: string[];
  exports: string[] | null;
  hasDefaultExport: boolean | null;
  moduleSideEffects: boolean;
  meta: Record<string, any>;
  attributes: Record<string, string>;
}

export interface ResolvedId {
  id: string;
  external: boolean | 'absolute' | 'relative';
  moduleSideEffects: boolean;
  meta: Record<string, any>;
  attributes: Record<string, string>;
  resolvedBy: string;
}

type PartialResolvedId = Partial<Omit<ResolvedId, 'id' | 'moduleSideEffects'>> & {
  id: string;
  moduleSideEffects?: boolean | 'no-treeshake' | null;
};
export type ResolveIdResult = string | false | Nullish | PartialResolvedId;

export interface SourceDescription {
  code?: string;
  /** `null`: positions did not change. */
  map?: string | null | { mappings: string; [key: string]: any };
  moduleType?: ModuleType;
  moduleSideEffects?: boolean | 'no-treeshake' | null;
  meta?: Record<string, any> | null;
}
export type LoadResult = string | Nullish | (SourceDescription & { code: string });
export type TransformResult = string | Nullish | SourceDescription;

type Position = number | { line: number; column: number };
type LogText = string | RollupLog | (() => string | RollupLog);

export interface PluginContext {
  meta: { rollupVersion: string; cloudpackVersion: string; watchMode: boolean; [key: string]: any };
  cache: Map<string, any>;
  pluginName: string;
  addWatchFile(file: string): void;
  debug(log: LogText, position?: Position): void;
  info(log: LogText, position?: Position): void;
  warn(log: LogText, position?: Position): void;
  error(error: string | Error | RollupLog, position?: Position): never;
  /** Gives a reference for `getFileName` and `import.meta.ROLLUP_FILE_URL_<reference>`. */
  emitFile(file: EmittedFile): string;
  getFileName(reference: string): string;
  setAssetSource(reference: string, source: string | Uint8Array): void;
  getModuleInfo(id: string): ModuleInfo | null;
  getModuleIds(): IterableIterator<string>;
  getWatchFiles(): string[];
  load(options: { id: string; moduleSideEffects?: boolean | 'no-treeshake' | null; meta?: Record<string, any> | null }): Promise<ModuleInfo>;
  /** With the parser of an installed `rollup` or `oxc-parser`. */
  parse(code: string, options?: { allowReturnOutsideFunction?: boolean; jsx?: boolean }): any;
  resolve(
    source: string,
    importer?: string,
    options?: { attributes?: Record<string, string>; custom?: Record<string, any>; isEntry?: boolean; skipSelf?: boolean },
  ): Promise<ResolvedId | null>;
}

export interface TransformPluginContext extends PluginContext {
  getCombinedSourcemap(): any;
}

export interface Plugin {
  name: string;
  version?: string;
  api?: any;
  options?: ObjectHook<(this: Pick<PluginContext, 'meta' | 'debug' | 'info' | 'warn' | 'error'>, options: BuildOptions) => MaybePromise<BuildOptions | Nullish>>;
  outputOptions?: ObjectHook<(this: Pick<PluginContext, 'meta' | 'debug' | 'info' | 'warn' | 'error'>, options: OutputOptions) => MaybePromise<OutputOptions | Nullish>>;
  onLog?: ObjectHook<(level: LogLevel, log: RollupLog) => boolean | Nullish>;
  buildStart?: ParallelHook<(this: PluginContext, options: BuildOptions) => MaybePromise<void>>;
  resolveId?: ObjectHook<
    (this: PluginContext, source: string, importer: string | undefined,
      options: { attributes: Record<string, string>; custom?: Record<string, any>; isEntry: boolean; kind: string }) => MaybePromise<ResolveIdResult>,
    { filter?: Pick<HookFilter, 'id'> }
  >;
  load?: ObjectHook<(this: PluginContext, id: string) => MaybePromise<LoadResult>, { filter?: Pick<HookFilter, 'id'> }>;
  transform?: ObjectHook<
    (this: TransformPluginContext, code: string, id: string, options: { moduleType: ModuleType }) => MaybePromise<TransformResult>,
    { filter?: HookFilter }
  >;
  moduleParsed?: ParallelHook<(this: PluginContext, info: ModuleInfo) => MaybePromise<void>>;
  buildEnd?: ParallelHook<(this: PluginContext, error?: Error) => MaybePromise<void>>;
  renderStart?: ParallelHook<(this: PluginContext, output: OutputOptions, input: BuildOptions) => MaybePromise<void>>;
  banner?: string | ObjectHook<AddonFunction>;
  footer?: string | ObjectHook<AddonFunction>;
  intro?: string | ObjectHook<AddonFunction>;
  outro?: string | ObjectHook<AddonFunction>;
  renderChunk?: ObjectHook<
    (this: PluginContext, code: string, chunk: RenderedChunk, options: OutputOptions, meta: { chunks: Record<string, RenderedChunk> }) =>
      MaybePromise<string | Nullish | { code: string; map?: SourceDescription['map'] }>
  >;
  augmentChunkHash?: ObjectHook<(this: PluginContext, chunk: RenderedChunk) => string | Nullish>;
  generateBundle?: ObjectHook<(this: PluginContext, options: OutputOptions, bundle: OutputBundle, isWrite: boolean) => MaybePromise<void>>;
  renderError?: ParallelHook<(this: PluginContext, error: Error) => MaybePromise<void>>;
  writeBundle?: ParallelHook<(this: PluginContext, options: OutputOptions, bundle: OutputBundle) => MaybePromise<void>>;
  closeBundle?: ParallelHook<(this: PluginContext, error?: Error) => MaybePromise<void>>;
}
