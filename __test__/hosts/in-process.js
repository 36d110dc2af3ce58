// Builds of Vite in processes of their own: what the next one finds is what lies on disk.
import { execFile } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OURS = pathToFileURL(fileURLToPath(new URL('../../js/vite/index.js', import.meta.url))).href;

/**
 * A script that builds; `plugins` and `config` are JavaScript.
 * @param {{ imports?: string, plugins?: string, config?: string, vite?: string }} given
 */
export function buildScript({ imports = '', plugins = '', config = '', vite = 'vite' } = {}) {
  return `import { writeFileSync } from 'node:fs';
import { build } from '${vite}';
import cloudpack from '${OURS}';
${imports}
const { dir, cache } = JSON.parse(process.argv[2]);
const logs = [];
const tell = (level) => (message) => logs.push([level, message.replace(/\\x1b\\[\\d+m/g, '')]);
const told = [];
const customLogger = { info(message) { told.push(message); }, warn: tell('warn'), warnOnce: tell('warn'), error: tell('error'), clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
const ours = cloudpack({ cache: cache && { dir: '.store', configFiles: ['build.mjs'], ...cache } });
try {
  await build({ root: import.meta.dirname, configFile: false, customLogger, plugins: [${plugins}${plugins && ','} ours], ${config}${config && ','} build: { outDir: dir, emptyOutDir: true, reportCompressedSize: false } });
  writeFileSync('result.json', JSON.stringify({ stats: ours.api.stats()[0], logs, told }));
} catch (error) {
  writeFileSync('result.json', JSON.stringify({ error: { message: error.message, code: error.code, errors: error.errors }, logs }));
}`;
}

/**
 * @param {ReturnType<import('../support/project.js').project>} app with a `build.mjs`
 * @param {string} dir for the output
 * @param {object | false} cache
 * @param {Record<string, string>} env
 * @returns {Promise<{ stats: any, printed: string, logs: [string, string][], error?: any, files: Record<string, string> }>}
 */
export async function buildInProcess(app, dir, cache = {}, env = {}) {
  const { stderr } = await run(process.execPath, [app.at('build.mjs'), JSON.stringify({ dir, cache })], { cwd: app.dir, env: { ...process.env, ...env }, maxBuffer: 1 << 26 });
  const result = JSON.parse(app.read('result.json'));
  return { ...result, printed: stderr, files: result.error ? {} : Object.fromEntries(app.list(dir).map((file) => [file, app.read(`${dir}/${file}`)])) };
}
