/** Replaces ranges of a rendered chunk and says in a source map where everything went. */
import { identitySegments } from '../plugins/source-maps.js';

/** @typedef {{ start: number, end: number, text: string }} Edit offsets in UTF-16 units; ranges do not overlap */

/**
 * @param {string} code
 * @param {Edit[]} edits in any order
 * @param {boolean} wantsMap
 * @returns {Promise<{ code: string, step: import('../plugins/source-maps.js').RawMap | null }>} `step` maps the new code to `code`
 */
export async function applyEdits(code, edits, wantsMap) {
  if (edits.length === 0) return { code, step: null };
  const ordered = [...edits].sort((a, b) => a.start - b.start);
  let result = '';
  let from = 0;
  for (const { start, end, text } of ordered) {
    result += code.slice(from, start) + text;
    from = end;
  }
  result += code.slice(from);
  return { code: result, step: wantsMap ? await editMap(code, result, ordered) : null };
}

/**
 * Every word goes where its first character went; words inside of a replaced range have no place any more. Cost: one
 * segment a word.
 * @param {string} before
 * @param {string} after
 * @param {Edit[]} edits ordered
 */
async function editMap(before, after, edits) {
  const { encode } = await import('@jridgewell/sourcemap-codec');
  const oldLines = lineStarts(before);
  const newLines = lineStarts(after);
  const moved = /** @type {import('@jridgewell/sourcemap-codec').SourceMapMappings} */ (newLines.map(() => []));
  let at = 0;
  let shift = 0;
  let line = 0;
  identitySegments(before).forEach((segments, oldLine) => {
    for (const [column] of segments) {
      const offset = oldLines[oldLine] + column;
      while (at < edits.length && edits[at].end <= offset) {
        shift += edits[at].text.length - (edits[at].end - edits[at].start);
        at++;
      }
      if (at < edits.length && edits[at].start <= offset) continue;
      const target = offset + shift;
      while (line + 1 < newLines.length && newLines[line + 1] <= target) line++;
      moved[line].push([target - newLines[line], 0, oldLine, column]);
    }
  });
  return { version: 3, sources: ['chunk'], names: [], mappings: encode(moved) };
}

/** @param {string} text */
function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
