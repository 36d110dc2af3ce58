// Packages and entries in a directory of the user's cache, one for each content of package.json.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The directory with `node_modules/`, and `entries/` if there are any, of what `here` pins and holds; `name` tells it from others.
 * `CLOUDPACK_<NAME>` names another one.
 */
export async function install(here, name) {
  const manifest = readFileSync(join(here, 'package.json'));
  const key = createHash('sha256').update(manifest).digest('hex').slice(0, 12);
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const directory = process.env[`CLOUDPACK_${name.toUpperCase()}`] || join(cache, 'cloudpack', `${name}-${key}`);
  const done = join(directory, '.installed');
  mkdirSync(directory, { recursive: true });
  if (!existsSync(done) || readFileSync(done, 'utf8') !== key) {
    copyFileSync(join(here, 'package.json'), join(directory, 'package.json'));
    const windows = process.platform === 'win32';
    // Scripts of packages are not run: nothing here needs what they make.
    const { status } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: directory, stdio: 'inherit', shell: windows });
    if (status !== 0) throw new Error(`npm install in ${directory} failed`);
    writeFileSync(done, key);
  }
  rmSync(join(directory, 'entries'), { recursive: true, force: true });
  if (existsSync(join(here, 'entries'))) cpSync(join(here, 'entries'), join(directory, 'entries'), { recursive: true });
  return directory;
}
