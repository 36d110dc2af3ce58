// The tokens of an output that a map has to explain: identifiers, strings and numbers, by a parse, so that `of` and `get` are no
// identifiers where they are syntax. And the one token that stands at a place of a source, whatever language the source is in.

/** @typedef {{ kind: 'name' | 'string' | 'number', value: string | number, start: number, raw: string }} OutputToken */

/** @returns {OutputToken[]} by position */
export function outputTokens(acorn, code) {
  const program = acorn.parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
  /** @type {Map<number, OutputToken>} of one place once: `{ a }` is a key and a value */
  const tokens = new Map();
  const add = (kind, value, node, start = node.start) => tokens.set(start, { kind, value, start, raw: code.slice(node.start, node.end) });
  const waiting = [program];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (node.type === 'Identifier') add('name', node.name, node);
    else if (node.type === 'PrivateIdentifier') add('name', `#${node.name}`, node);
    else if (node.type === 'Literal' && typeof node.value === 'string') add('string', node.value, node);
    else if (node.type === 'Literal' && (typeof node.value === 'number' || typeof node.value === 'bigint')) add('number', node.value, node);
    else if (node.type === 'TemplateLiteral' && node.expressions.length === 0) add('string', node.quasis[0].value.cooked, node);
    // `target` of new.target and `meta` of import.meta are syntax.
    if (node.type === 'MetaProperty') continue;
    for (const key in node) {
      const child = node[key];
      if (Array.isArray(child)) waiting.push(...child.filter((each) => typeof each?.type === 'string'));
      else if (typeof child?.type === 'string') waiting.push(child);
    }
  }
  return [...tokens.values()].sort((one, other) => one.start - other.start);
}

/** What stands at `offset` of a source: a name, a string or a number with its value, or the text of the place. */
export function sourceToken(acorn, source, offset) {
  const rest = source.slice(offset, offset + 100_000);
  try {
    const tokenizer = acorn.tokenizer(rest, { ecmaVersion: 'latest', sourceType: 'module' });
    const token = tokenizer.getToken();
    const { label, keyword } = token.type;
    if (token.start === 0) {
      if (label === 'name' || keyword) return { kind: 'name', value: token.value };
      if (label === 'privateId') return { kind: 'name', value: `#${token.value}` };
      if (label === 'string') return { kind: 'string', value: token.value };
      if (label === 'num') return { kind: 'number', value: token.value };
      if (label === '`') {
        const quasi = tokenizer.getToken();
        return tokenizer.getToken().type.label === '`' ? { kind: 'string', value: quasi.value } : { kind: 'template', value: quasi.value };
      }
    }
  } catch {
    // No JavaScript token: text of an element, `@` of a decorator.
  }
  return { kind: 'other', value: rest.slice(0, 40) };
}
