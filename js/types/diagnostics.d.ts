/** A fault or a log, as a value. Fields and codes follow Rollup's logs. */
export interface Diagnostic {
  /** Stable upper-case word, e.g. `UNRESOLVED_IMPORT`. Rollup's where one exists. */
  code: string;
  severity: 'error' | 'warning' | 'info' | 'debug';
  /** One sentence without the place. */
  message: string;
  /** Module it is about. */
  id?: string;
  /** All modules that it is about, where there are several. */
  ids?: string[];
  /** `line` from 1, `column` from 0 in UTF-16 units. */
  loc?: { file: string; line: number; column: number };
  /** The lines around the place with a caret under it. */
  frame?: string;
  /** What can be done about it. */
  hint?: string;
  plugin?: string;
  hook?: string;
  /** `code` of the error as the plugin threw it. */
  pluginCode?: unknown;
  /** Stack of the error a plugin threw. */
  stack?: string;
}

/** What `build()` rejects with. `message` is the rendered text of all errors; the fields are those of the first. */
export interface BuildError extends Error {
  name: 'BuildError';
  errors: Diagnostic[];
  code: string;
  id?: string;
  loc?: Diagnostic['loc'];
  frame?: string;
  hint?: string;
  plugin?: string;
  hook?: string;
}

export type LogLevel = 'debug' | 'info' | 'warn';

/** What `onLog` receives. */
export interface RollupLog extends Partial<Omit<Diagnostic, 'severity'>> {
  message: string;
  pos?: number;
  [key: string]: any;
}

export type LogHandler = (level: LogLevel | 'error', log: RollupLog | string) => void;
