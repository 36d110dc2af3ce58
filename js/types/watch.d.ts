import type { BuildError } from './diagnostics.d.ts';
import type { BuildOptions } from './options.d.ts';
import type { BuildOutput } from './output.d.ts';

export type ChangeEvent = 'create' | 'update' | 'delete';

/** One run is START, for each configuration that is built BUNDLE_START and then BUNDLE_END or ERROR, and END. */
export type WatcherEvent =
  | { code: 'START' }
  | { code: 'BUNDLE_START'; input: BuildOptions['input']; output: string[] }
  | { code: 'BUNDLE_END'; input: BuildOptions['input']; output: string[]; /** Milliseconds. */ duration: number; result: BuildOutput }
  | { code: 'ERROR'; error: BuildError; result: null }
  | { code: 'END' };

export interface WatcherListeners {
  /** Waited for before the next event. */
  event: (event: WatcherEvent) => void | Promise<void>;
  change: (id: string, change: { event: ChangeEvent }) => void;
  /** Something changed while a build ran; another one follows. */
  restart: () => void;
  /** After `close()`, or because no configuration got so far that there is something to watch. */
  close: () => void | Promise<void>;
}

export interface Watcher {
  on<N extends keyof WatcherListeners>(name: N, listener: WatcherListeners[N]): this;
  once<N extends keyof WatcherListeners>(name: N, listener: WatcherListeners[N]): this;
  off<N extends keyof WatcherListeners>(name: N, listener: WatcherListeners[N]): this;
  /** Stops watching, after the build that is under way. */
  close(): Promise<void>;
}
