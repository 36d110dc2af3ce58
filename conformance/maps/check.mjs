// One chunk and its map -> what each token of the chunk is: `same` as the token of the source that the map leads to, `renamed` (the
// map's names say from what), `added` by the bundler (mapped to nothing), made by a rule of rules.mjs, or `wrong`.
import { ruleFor } from './rules.mjs';
import { outputTokens, sourceToken } from './tokens.mjs';

/**
 * @param {{ acorn: any, traceMapping: any }} tools
 * @returns {{ tokens: number, same: number, renamed: number, added: number, made: Record<string, number>, wrong: string[] }}
 */
export function checkChunk({ acorn, traceMapping }, code, mapText) {
  const map = new traceMapping.TraceMap(mapText);
  const sources = map.sourcesContent.map((text) => ({ text: text ?? '', lines: lineStarts(text ?? '', true) }));
  const texts = sources.map(({ text }) => text);
  const lines = lineStarts(code, false);
  const result = { tokens: 0, same: 0, renamed: 0, added: 0, made: {}, wrong: [] };
  let line = 0;
  for (const token of outputTokens(acorn, code)) {
    while (lines[line + 1] <= token.start) line += 1;
    result.tokens += 1;
    const column = token.start - lines[line];
    const segment = traceMapping.traceSegment(map, line, column);
    if (segment === null || segment.length === 1) {
      result.added += 1;
      continue;
    }
    const [, source, sourceLine, sourceColumn, nameIndex] = segment;
    const { text, lines: starts } = sources[source];
    const offset = starts[sourceLine] + sourceColumn;
    const name = nameIndex === undefined ? undefined : map.names[nameIndex];
    const found = sourceToken(acorn, text, offset);
    // The key 7 may be written as the string '7'.
    if (found.kind !== 'other' && (found.value === token.value || (token.kind !== 'name' && String(found.value) === String(token.value)))) {
      result.same += 1;
    } else if (token.kind === 'name' && found.kind === 'name' && found.value === name) {
      result.renamed += 1;
    } else {
      const rule = ruleFor({ acorn, code, token, text, texts, offset, found, name });
      if (rule) result.made[rule] = (result.made[rule] ?? 0) + 1;
      else result.wrong.push(describe());
    }

    function describe() {
      const at = `${line + 1}:${column}`;
      const excerpt = `${code.slice(Math.max(0, token.start - 30), token.start)}»${code.slice(token.start, token.start + 20)}`;
      const place = `${map.sources[source]}:${sourceLine + 1}:${sourceColumn}`;
      return `${token.kind} at ${at} ${JSON.stringify(excerpt)} leads to ${place} ${JSON.stringify(text.slice(offset, offset + 40))}${name === undefined ? '' : `, named ${name}`}`;
    }
  }
  return result;
}

/** Offsets of lines. In sources U+2028 ends one too, as the specification of JavaScript says; readers of outputs count \n. */
function lineStarts(text, separators) {
  const starts = [0];
  for (const match of text.matchAll(separators ? /\r\n|[\n\r\u2028\u2029]/g : /\r\n|[\n\r]/g)) starts.push(match.index + match[0].length);
  return starts;
}
