// What a test262 file says about itself, in the YAML comment at its head. Only the forms that the suite uses are read.

/** `{ flags: ['module'], includes: [], features: [], negative: { phase, type } | undefined }` */
export function frontmatterOf(source) {
  const [, text = ''] = source.match(/\/\*---\r?\n([^]*?)---\*\//) ?? [];
  const [, block] = text.match(/^negative:\r?\n((?:[ \t]+.*\r?\n?)+)/m) ?? [];
  const field = (name) => block?.match(new RegExp(`^\\s+${name}:\\s*(\\S+)`, 'm'))?.[1];
  return {
    flags: list(text, 'flags'),
    includes: list(text, 'includes'),
    features: list(text, 'features'),
    negative: block ? { phase: field('phase'), type: field('type') } : undefined,
  };
}

/** `name: [a, b]`, or one `- a` a line. */
function list(text, name) {
  const [, inline] = text.match(new RegExp(`^${name}:\\s*\\[([^\\]]*)\\]`, 'm')) ?? [];
  const [, lines] = text.match(new RegExp(`^${name}:\\s*\\r?\\n((?:\\s+- .*\\r?\\n?)+)`, 'm')) ?? [];
  const parts = inline?.split(',') ?? lines?.split('\n').map((line) => line.replace(/^\s+- /, '')) ?? [];
  return parts.map((part) => part.trim()).filter(Boolean);
}
