// Where the bench keeps what it makes: outside of the repository, in the user's cache. `CLOUDPACK_BENCH_DIR` moves it.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
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

const discarded = join(home, `discarded-${process.pid}`);
let count = 0;

/**
 * Puts a folder out of the way. It is deleted when the bench ends: ext4 does not give the inodes of files that were deleted in
 * the last minutes to new ones, and looks past them at every creation, which would be charged to the next tool (eight
 * times the cost of writing 700 files, measured).
 */
export function discard(folder) {
  if (!existsSync(folder)) return;
  if (count++ === 0) {
    mkdirSync(discarded, { recursive: true });
    process.once('exit', () => rmSync(discarded, { recursive: true, force: true }));
  }
  renameSync(folder, join(discarded, String(count)));
}
