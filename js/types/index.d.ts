/** The public types of the package `cloudpack`. */
import type { BuildOutput } from './output.d.ts';
import type { BuildOptions, Config } from './options.d.ts';
import type { Session } from './session.d.ts';
import type { Watcher } from './watch.d.ts';

export type * from './diagnostics.d.ts';
export type * from './engine.d.ts';
export type * from './options.d.ts';
export type * from './output.d.ts';
export type * from './plugin.d.ts';
export type * from './session.d.ts';
export type * from './watch.d.ts';

/** Version of the package. */
export declare const VERSION: string;

/** Builds once. Rejects with a `BuildError` that carries every diagnostic. */
export declare function build(options: BuildOptions): Promise<BuildOutput>;

/**
 * Builds, and builds again whenever something changes that a build asked the disk for. With several configurations only
 * those that a change concerns are built again. `cache` is on unless it is `false`.
 */
export declare function watch(options: BuildOptions | BuildOptions[]): Watcher;

/**
 * One configuration that is built when its owner says so, and that can be asked about its graph between two builds. `cache` is on
 * unless it is `false`.
 */
export declare function createSession(options: BuildOptions): Promise<Session>;

/** Gives the configuration back as it is, with its type. */
export declare function defineConfig<T extends Config>(config: T): T;
