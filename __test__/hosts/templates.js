// Applications as create-vite makes them, in a directory of their own, with packages linked as if they were installed.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const packages = fileURLToPath(new URL('./node_modules/', import.meta.url));
const repository = fileURLToPath(new URL('../../', import.meta.url));

export const TEMPLATES = [
  'vanilla', 'vanilla-ts', 'react', 'react-ts', 'vue', 'vue-ts', 'svelte', 'svelte-ts', 'preact', 'preact-ts', 'solid', 'solid-ts', 'lit', 'lit-ts',
];

/** @param {string} name of a template of create-vite */
export function template(name) {
  return installed((dir) => cpSync(path.join(packages, 'create-vite', `template-${name}`), dir, { recursive: true }));
}

/**
 * @param {Record<string, string>} files `vite.config.js` among them, with a list of plugins
 * @param {string} [vite] package that is the Vite of the application
 */
export function application(files, vite) {
  return installed((dir) => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
      writeFileSync(path.join(dir, file), text);
    }
  }, vite);
}

/** @param {(dir: string) => void} fill @param {string} [vite] */
function installed(fill, vite = 'vite') {
  const dir = realpathSync(mkdtempSync(path.join(tmpdir(), 'cloudpack-template-')));
  const at = (file) => path.join(dir, file);
  fill(dir);
  if (existsSync(at('_gitignore'))) renameSync(at('_gitignore'), at('.gitignore'));
  link(packages, at('node_modules'));
  symlinkSync(repository, at('node_modules/cloudpack'));
  writeFileSync(at('package-lock.json'), '{}');
  const config = ['vite.config.ts', 'vite.config.js'].find((file) => existsSync(at(file)));
  const own = config ? readFileSync(at(config), 'utf8') : 'export default { plugins: [] };';
  const added = `import cloudpack from 'cloudpack/vite';\n${own.replace('plugins: [', 'plugins: [cloudpack(), ')}`;
  if (!added.includes('[cloudpack()')) throw new Error('The configuration has no plugins to add to');
  writeFileSync(at(`ours.${config ?? 'vite.config.js'}`), added);
  return {
    dir, at,
    /** @param {string} out @param {string[]} [which] configuration: with Cloudpack, or the template's */
    async build(out, which = ['--config', `ours.${config ?? 'vite.config.js'}`], env = {}) {
      await run(process.execPath, [at(`node_modules/${vite}/bin/vite.js`), 'build', '--outDir', out, '--emptyOutDir', '--logLevel', 'warn', ...which], { cwd: dir, env: { ...process.env, ...env } });
      return Object.fromEntries(list(at(out)).map((file) => [file, readFileSync(at(`${out}/${file}`), 'latin1')]));
    },
    /** A word of the page, somewhere in the sources, becomes another one. @param {string} from @param {string} to */
    edit(from, to) {
      const files = list(at('src')).map((file) => at(`src/${file}`)).filter((file) => /\.(?:[jt]sx?|vue|svelte|html|svg)$/.test(file) && readFileSync(file, 'utf8').includes(from));
      for (const file of files) writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));
      return files.length;
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Real directories, because packages write caches beside others. */
function link(from, to) {
  mkdirSync(to);
  for (const name of readdirSync(from)) if (!/^\.(?:cache|vite|vite-temp)$/.test(name)) symlinkSync(path.join(from, name), path.join(to, name));
}

function list(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')).sort();
}
