// What a browser fetches for each route, read off any bundler's files: the graph of chunks from their `import`s, and whose
// bytes a chunk holds from its source map. No bundler is asked what it thinks of itself (Rspack alone is asked which files
// an `import()` loads, because its files do not say so).
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { decode } from '@jridgewell/sourcemap-codec';
import { parseAst } from 'rollup/parseAst';
import { filesBelow } from './output.mjs';

const slashes = (/** @type {string} */ path) => path.split(sep).join('/');

/**
 * The lazy routes of an application: what its main module imports with `import()`.
 * @param {string} app
 * @returns {string[]} paths below `app`
 */
export function routesOf(app) {
  const main = readFileSync(join(app, 'src', 'main.ts'), 'utf8');
  const sources = new Set(filesBelow(join(app, 'src')).map((file) => slashes(relative(app, file))));
  return [...main.matchAll(/import\(\s*["']([^"']+)["']\s*\)/g)].map(([, specifier]) => routeFile(specifier, 'src', sources));
}

function routeFile(specifier, folder, sources) {
  const path = posix.join(folder, specifier);
  const found = ['', '.ts', '.tsx', '.js', '.jsx'].map((ending) => path + ending).find((file) => sources.has(file));
  if (!found) throw new Error(`Nobody knows which file ${specifier} is`);
  return found;
}

/**
 * @typedef {object} Chunk
 * @property {number} bytes
 * @property {number} gzip
 * @property {Map<string, number>} modules bytes of each source
 * @property {string[]} imports
 * @property {string[]} lazy
 */

/**
 * @param {string} out
 * @param {string} app
 * @returns {Map<string, Chunk>} by file, below `out`
 */
export function readChunks(out, app) {
  const chunks = new Map();
  const files = filesBelow(out).filter((file) => /\.m?js$/.test(file));
  const names = new Set(files.map((file) => slashes(relative(out, file))));
  for (const file of files) {
    const name = slashes(relative(out, file));
    const code = readFileSync(file, 'utf8').replace(/\n?\/\/# (?:sourceMappingURL|debugId)=.*\s*/g, '\n');
    const { imports, lazy } = requestsOf(code);
    const inside = (/** @type {string[]} */ list) => [...new Set(list.map((to) => posix.join(dirname(name), to)).filter((to) => names.has(to)))];
    chunks.set(name, {
      bytes: Buffer.byteLength(code),
      gzip: gzipSync(code, { level: 6 }).length,
      modules: bytesBySource(code, file, app),
      imports: inside(imports),
      lazy: inside(lazy),
    });
  }
  return chunks;
}

function requestsOf(code) {
  const [imports, lazy] = [[], []];
  const pending = [parseAst(code, { allowReturnOutsideFunction: true })];
  while (pending.length > 0) {
    const node = pending.pop();
    if (!node || typeof node !== 'object') continue;
    if (Array.isArray(node)) {
      pending.push(...node);
      continue;
    }
    if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type) && node.source) imports.push(node.source.value);
    if (node.type === 'ImportExpression') {
      const text = node.source.value ?? node.source.quasis?.[0]?.value.cooked;
      if (typeof text === 'string') lazy.push(text);
    }
    for (const key in node) if (key !== 'type') pending.push(node[key]);
  }
  return { imports, lazy };
}

function bytesBySource(code, file, app) {
  // A file that only imports others has none.
  if (!existsSync(`${file}.map`)) return new Map();
  const map = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
  const folder = resolve(dirname(file), map.sourceRoot ?? '');
  const sources = map.sources.map((source) => sourcePath(source, folder, app));
  const found = new Map();
  const lines = code.split('\n');
  for (const [at, segments] of decode(map.mappings).entries()) {
    const end = lines[at]?.length ?? 0;
    for (const [index, [column, source]] of segments.entries()) {
      if (source === undefined) continue;
      const bytes = Math.max(0, Math.min(segments[index + 1]?.[0] ?? end, end) - column);
      const path = sources[source];
      found.set(path, (found.get(path) ?? 0) + bytes);
    }
  }
  return found;
}

function sourcePath(source, folder, app) {
  const scheme = /^(?:webpack|rspack):\/\/(?:[^/]*\/)?/.exec(source);
  if (scheme) return posix.normalize(source.slice(scheme[0].length).split('?')[0]);
  const path = source.startsWith('file:') ? new URL(source).pathname : resolve(folder, source);
  return slashes(relative(app, path));
}

/** Files that loading `file` loads. */
function closure(chunks, file) {
  const found = new Set([file]);
  for (const name of found) for (const to of chunks.get(name)?.imports ?? []) found.add(to);
  return found;
}

/**
 * Per route, and for the start: the files that must be there.
 * @param {Map<string, Chunk>} chunks
 * @param {string[]} routes
 * @param {{ request?: string, from?: string, files: string[] }[] | undefined} said
 * @param {string} app
 */
export function filesByRoute(chunks, routes, said, app) {
  const byRoute = new Map();
  if (said) {
    const sources = new Set(filesBelow(join(app, 'src')).map((file) => slashes(relative(app, file))));
    const main = new Set(said.filter((group) => group.request === undefined).flatMap((group) => group.files));
    for (const { request, from, files } of said.filter((group) => group.request !== undefined)) {
      if (!request.startsWith('.')) continue;
      byRoute.set(routeFile(request, slashes(relative(app, dirname(from))), sources), new Set(files));
    }
    return { main, byRoute };
  }
  const targets = new Set([...chunks.values()].flatMap((chunk) => chunk.lazy));
  for (const route of routes) {
    const holds = [...chunks].filter(([, chunk]) => chunk.modules.has(route)).map(([name]) => name);
    const own = holds.find((name) => targets.has(name));
    // A route that others share lies behind a file that only names it.
    const behind = () => [...targets].filter((name) => holds.some((holder) => chunks.get(name)?.imports.includes(holder)))
      .sort((one, other) => (chunks.get(one)?.bytes ?? 0) - (chunks.get(other)?.bytes ?? 0))[0];
    const file = own ?? behind();
    byRoute.set(route, file ? closure(chunks, file) : new Set());
  }
  return { main: closure(chunks, 'main.js'), byRoute };
}

/** Sources of which some bytes lie in these files. */
export function modulesIn(chunks, files) {
  const found = new Set();
  for (const file of files) for (const module of chunks.get(file)?.modules.keys() ?? []) found.add(module);
  return found;
}

/**
 * @param {Map<string, Chunk>} chunks
 * @param {Set<string>} files
 * @param {Set<string>} needed sources
 */
export function weigh(chunks, files, needed) {
  const sum = { requests: files.size, bytes: 0, gzip: 0, needed: 0, inVain: 0, twice: 0 };
  const seen = new Set();
  for (const file of files) {
    const chunk = chunks.get(file);
    if (!chunk) continue;
    sum.bytes += chunk.bytes;
    sum.gzip += chunk.gzip;
    for (const [module, bytes] of chunk.modules) {
      if (needed.has(module)) sum.needed += bytes;
      else sum.inVain += bytes;
      if (seen.has(module)) sum.twice += bytes;
      seen.add(module);
    }
  }
  return sum;
}
