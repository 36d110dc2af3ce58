/** Documents of an application whose scripts an engine has made: the core wrote them for the linker's. */

/** @typedef {Record<string, any>} Fields */

/**
 * A document with the names of the engine's files; what it was to load beforehand and is not there is left out. One pass, so that no
 * name that was put in is taken for another file's, and whole names: `main.js` is no part of `domain.js`, `lib/main.js` or `main.js.map`.
 * @param {string} html
 * @param {Map<string, string | undefined>} successors
 */
export function withSuccessors(html, successors) {
  /** As written in a document -> what is to stand there. @type {Map<string, string | undefined>} */
  const forms = new Map();
  for (const [from, to] of successors) {
    forms.set(from, to);
    forms.set(encodeURI(from), to && encodeURI(to));
  }
  if (forms.size === 0) return html;
  const longestFirst = [...forms.keys()].sort((a, b) => b.length - a.length).map((form) => form.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  const name = new RegExp(`(?<![\\p{L}\\p{N}_.%$-])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}_.%$-])`, 'gu');
  const isGone = (/** @type {string} */ tag) => (tag.match(name) ?? []).some((form) => forms.get(form) === undefined);
  return html
    .replace(/[ \t]*<link\b[^>]*\brel="modulepreload"[^>]*>\n?/g, (tag) => (isGone(tag) ? '' : tag))
    .replace(name, (form) => forms.get(form) ?? form);
}

/**
 * A document that loads beforehand what its scripts import and an engine has made in addition. The addresses begin as that of the script.
 * @param {string} html
 * @param {Fields[]} chunks with final names
 */
export function withPreloads(html, chunks) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const entries = chunks.filter(({ isEntry }) => isEntry).map((chunk) => ({ chunk, form: encodeURI(chunk.fileName) })).sort((a, b) => b.form.length - a.form.length);
  const said = new Set([...html.matchAll(/\bhref="([^"]*)"/g)].map(([, url]) => url));
  return html.replace(/([ \t]*)<script type="module" crossorigin src="([^"]*)"><\/script>(?:\n[ \t]*<link rel="modulepreload"[^>]*>)*/g, (tags, indent, src) => {
    const entry = entries.find(({ form }) => src === form || src.endsWith(`/${form}`));
    if (!entry) return tags;
    const reached = new Set([entry.chunk]);
    for (const chunk of reached) for (const name of chunk.imports) if (byName.has(name)) reached.add(/** @type {Fields} */ (byName.get(name)));
    const base = src.slice(0, src.length - entry.form.length);
    const missing = [...reached].filter((chunk) => chunk !== entry.chunk).map(({ fileName }) => base + encodeURI(fileName)).filter((url) => !said.has(url));
    for (const url of missing) said.add(url);
    return tags + missing.map((url) => `\n${indent}<link rel="modulepreload" crossorigin href="${url}">`).join('');
  });
}
