// The same Rollup build twice, by Rollup alone and with one plugin added, and what can be seen of each.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { rollup } from 'rollup';
import cloudpack from '../../js/rollup/index.js';

const run = promisify(execFile);

/**
 * @param {{ dir: string, at: (name: string) => string }} app
 * @param {() => { input?: any, plugins?: any[], [option: string]: any }} options made anew for each build: plugins keep state
 * @param {(dir: string) => object[]} outputs
 */
export async function buildWithBoth(app, options, outputs = (dir) => [{ dir }]) {
  const results = [];
  for (const name of ['alone', 'ours']) {
    const { plugins = [], ...given } = options();
    const logs = [];
    const onLog = (level, log) => level !== 'debug' && logs.push({ level, code: log.code, plugin: log.plugin, message: log.message, ids: log.ids });
    const bundle = await rollup({
      input: app.at('main.js'), onLog, ...given, plugins: [...plugins, name === 'ours' && cloudpack()],
    });
    const written = [];
    for (const output of outputs(app.at(name))) written.push(await bundle.write(output));
    await bundle.close();
    results.push({ dir: app.at(name), logs, outputs: written.map(({ output }) => output), shape: written.map(shapeOf), watchFiles: bundle.watchFiles, cache: bundle.cache });
  }
  return { alone: results[0], ours: results[1] };
}

/** Files without hashes in names, and what an importer or a server needs to know of them. */
function shapeOf({ output }) {
  const nameOf = (file) => file.replace(/-[\w-]{8}(?=\.\w+(?:\.map)?$)/, '-HASH');
  return output.map((file) => file.type === 'asset'
    ? { asset: nameOf(file.fileName), names: file.names }
    : {
        chunk: nameOf(file.fileName), name: file.name, isEntry: file.isEntry, isDynamicEntry: file.isDynamicEntry,
        // Chunks may agree with each other on any names.
        exports: file.facadeModuleId ? file.exports : [],
        modules: Object.keys(file.modules).filter((id) => !id.startsWith('\0')).map((id) => path.basename(id)).sort(),
        dynamicImports: file.dynamicImports.map(nameOf).sort(),
      }).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** What a file prints. */
export async function outputOf(file, args = []) {
  const { stdout, stderr } = await run(process.execPath, [...args, file]);
  return stdout + stderr;
}

/** What the same file of both builds prints. */
export async function outputsOfBoth({ alone, ours }, file = 'main.js') {
  return { alone: await outputOf(path.join(alone.dir, file)), ours: await outputOf(path.join(ours.dir, file)) };
}
