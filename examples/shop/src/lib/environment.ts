import { version } from '../../package.json';

export interface BuildFacts {
  readonly version: string;
  readonly mode: string;
  readonly kind: 'production' | 'development';
}

export const buildFacts: BuildFacts = {
  version,
  mode: import.meta.env.MODE,
  kind: import.meta.env.PROD ? 'production' : 'development',
};

/** Gone from a production bundle, with its text. */
export function trace(...parts: unknown[]): void {
  if (import.meta.env.DEV) console.debug('[saltglaze trace]', ...parts);
}
