// What can be said about an output directory without running it: every address that its pages and styles name exists, and every
// source map is well formed and leads back to the right token.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { decodedMappings, originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

/** All files under `dist`, as sorted paths with forward slashes. */
export function filesOf(dist) {
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join('/'))
    .sort();
}

/** One sentence for each address in HTML or CSS that leads nowhere. */
export function deadReferences(dist) {
  const dead = [];
  for (const file of filesOf(dist)) {
    const patterns = file.endsWith('.css') ? [/url\(\s*(['"]?)(?<to>.*?)\1\s*\)/g, /@import\s+(['"])(?<to>.*?)\1/g] : file.endsWith('.html') ? [/\s(?:src|href)=(['"])(?<to>.*?)\1/g] : [];
    const text = patterns.length > 0 ? readFileSync(join(dist, file), 'utf8') : '';
    for (const pattern of patterns) {
      for (const { groups } of text.matchAll(pattern)) {
        const { to } = groups;
        if (/^(data:|#|[a-z]+:\/\/)/i.test(to)) continue;
        const path = to.replace(/[?#].*$/, '');
        const target = path.startsWith('/') ? join(dist, path) : join(dist, dirname(file), path);
        if (!existsSync(target)) dead.push(`${file} names ${to}, which is not there`);
      }
    }
  }
  return dead;
}

/** The map of an emitted script, or null if it has none. Throws when it names one that is missing or malformed. */
export function mapOf(dist, file) {
  const code = readFileSync(join(dist, file), 'utf8');
  const comment = [...code.matchAll(/^\/\/[#@] sourceMappingURL=(\S+)\s*$/gm)].at(-1);
  if (!comment) return null;
  const json = comment[1].startsWith('data:') ? Buffer.from(comment[1].slice(comment[1].indexOf(',') + 1), 'base64').toString() : readFileSync(join(dist, dirname(file), comment[1]), 'utf8');
  const raw = JSON.parse(json);
  return { code, raw, map: new TraceMap(raw) };
}

/** One sentence for each fault of form: version, bounds, sources without content, segments outside of the code or of the source. */
export function mapFaults({ code, raw, map }, file) {
  const faults = [];
  const say = (text) => faults.push(`${file}: ${text}`);
  if (raw.version !== 3) say(`map version ${raw.version}`);
  if (raw.sources.length === 0) say('a map without sources');
  if (raw.sourcesContent?.length !== raw.sources.length) say('sourcesContent does not match sources');
  raw.sources.forEach((source, i) => {
    if (typeof raw.sourcesContent?.[i] !== 'string') say(`no content for ${source}`);
    if (/^(\/|[a-z]:[\\/])/i.test(source)) say(`an absolute path in sources: ${source}`);
  });
  const lines = code.split('\n');
  const sourceLines = raw.sources.map((_, i) => (raw.sourcesContent?.[i] ?? '').split('\n'));
  decodedMappings(map).forEach((segments, line) => {
    let last = -1;
    for (const [column, source, sourceLine, sourceColumn] of segments) {
      if (column < last) say(`segments out of order in line ${line + 1}`);
      last = column;
      if (column > (lines[line]?.length ?? 0)) say(`a segment at ${line + 1}:${column} outside of the code`);
      if (source === undefined) continue;
      const length = sourceLines[source]?.[sourceLine]?.length;
      if (length === undefined || sourceColumn > length) say(`a segment to ${raw.sources[source]} ${sourceLine + 1}:${sourceColumn}, which is outside of that file`);
    }
  });
  return faults.slice(0, 20);
}

/**
 * Finds the string literal `text` in the emitted scripts and asks their maps where it came from.
 * @returns {{ file: string, source: string, line: number, column: number } | null} 1-based line, 0-based column of the opening quote.
 */
export function origin(dist, text) {
  for (const file of filesOf(dist).filter((name) => name.endsWith('.js'))) {
    const found = mapOf(dist, file);
    const at = found?.code.indexOf(text) ?? -1;
    if (at < 1) continue;
    const before = found.code.slice(0, at - 1).split('\n');
    const position = originalPositionFor(found.map, { line: before.length, column: before.at(-1).length });
    return { file, ...position };
  }
  return null;
}
