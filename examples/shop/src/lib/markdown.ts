export interface Section {
  readonly title: string;
  readonly text: string;
}

/** The little of Markdown that our notes use: `# title` and the lines under it. */
export function sections(source: string): Section[] {
  const out: Section[] = [];
  for (const line of source.split(/\r?\n/)) {
    const last = out.at(-1);
    if (line.startsWith('# ')) out.push({ title: line.slice(2), text: '' });
    else if (last && line.trim()) out[out.length - 1] = { ...last, text: `${last.text} ${line.trim()}`.trim() };
  }
  return out;
}
