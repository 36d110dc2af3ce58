// Source maps for tests: made by hand, and followed by a library that neither Cloudpack's core nor its shim uses.
import { encode } from '@jridgewell/sourcemap-codec';
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';

/** Puts `text` before `code`, with a map of every character. */
export function prepend(text, code) {
  const shift = text.split('\n').length - 1;
  const rest = text.length - (text.lastIndexOf('\n') + 1);
  const mappings = [
    ...Array.from({ length: shift }, () => []),
    ...code.split('\n').map((line, index) => [...line].map((_, column) => [column + (index === 0 ? rest : 0), 0, index, column])),
  ];
  return { code: text + code, map: { version: 3, sources: ['whatever'], names: [], mappings: encode(mappings) } };
}

/** Where `token` of the generated code comes from: `{ source, line, column }`, line from 1, column from 0. */
export function trace(code, map, token) {
  const offset = code.indexOf(token);
  if (offset < 0) throw new Error(`${token} is not in the code:\n${code}`);
  const before = code.slice(0, offset).split('\n');
  return originalPositionFor(new TraceMap(map), { line: before.length, column: before.at(-1).length });
}

/** Where `token` stands in `code`, the same way. */
export function positionOf(code, token) {
  const before = code.slice(0, code.indexOf(token)).split('\n');
  return { line: before.length, column: before.at(-1).length };
}
