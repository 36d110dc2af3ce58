/** Replaces ranges of a rendered chunk and moves the segments of its source map along. */

/** @typedef {{ start: number, end: number, text: string }} Edit offsets in UTF-16 units; ranges do not overlap */

/**
 * @param {string} code
 * @param {string | undefined} map JSON text
 * @param {Edit[]} edits in any order
 * @returns {Promise<{ code: string, map: string | undefined }>}
 */
export async function applyEdits(code, map, edits) {
  if (edits.length === 0) return { code, map };
  const ordered = [...edits].sort((a, b) => a.start - b.start);
  let result = '';
  let from = 0;
  for (const { start, end, text } of ordered) {
    result += code.slice(from, start) + text;
    from = end;
  }
  result += code.slice(from);
  return { code: result, map: map && (await moveSegments(map, code, result, ordered)) };
}

/**
 * Every segment goes where its character went; segments inside of a replaced range are gone. Cost: one pass over the map.
 * @param {string} map
 * @param {string} before
 * @param {string} after
 * @param {Edit[]} edits ordered
 */
async function moveSegments(map, before, after, edits) {
  const { decode, encode } = await import('@jridgewell/sourcemap-codec');
  const raw = JSON.parse(map);
  const oldLines = lineStarts(before);
  const newLines = lineStarts(after);
  const moved = /** @type {import('@jridgewell/sourcemap-codec').SourceMapMappings} */ (newLines.map(() => []));
  let at = 0;
  let shift = 0;
  let line = 0;
  decode(raw.mappings).forEach((segments, oldLine) => {
    for (const segment of segments) {
      const offset = (oldLines[oldLine] ?? before.length) + segment[0];
      while (at < edits.length && edits[at].end <= offset) {
        shift += edits[at].text.length - (edits[at].end - edits[at].start);
        at++;
      }
      if (at < edits.length && edits[at].start < offset) continue;
      const target = offset + shift;
      while (line + 1 < newLines.length && newLines[line + 1] <= target) line++;
      const copy = /** @type {typeof segment} */ ([...segment]);
      copy[0] = target - newLines[line];
      moved[line].push(copy);
    }
  });
  return JSON.stringify({ ...raw, mappings: encode(moved) });
}

/** @param {string} text */
function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
