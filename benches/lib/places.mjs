// Where the bench keeps what it makes: outside of the repository, in the user's cache. `CLOUDPACK_BENCH_DIR` moves it.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root, targetDirectory } from '../../scripts/lib/run.mjs';

export const home = process.env.CLOUDPACK_BENCH_DIR
  || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cloudpack', 'bench');
export const peersFolder = join(home, 'peers');
export const appsFolder = join(home, 'apps');
export const reportFolder = join(root, 'docs', 'benchmarks');
export const fingerprintsFolder = join(root, 'benches', 'fingerprints');
export const program = join(targetDirectory, 'release', process.platform === 'win32' ? 'cloudpack-bench.exe' : 'cloudpack-bench');
export { root };
