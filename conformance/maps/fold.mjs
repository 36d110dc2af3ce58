// What an expression of a source is worth when a compiler may know it: literals, operators, and names that the same file or the map's
// names tie to a literal. A small evaluator of our own, so that a folded number is checked and not believed.

/** Values that the expression at `offset` of `text`, or one that it begins with, may have; `texts` are all files. */
export function fold({ acorn, text, texts, offset }) {
  const known = { acorn, text, texts, near: text.slice(Math.max(0, offset - 8000), offset), depth: 0 };
  const leading = /^-?\d[\d.]*/.exec(text.slice(offset, offset + 20));
  const values = leading ? [Number(leading[0])] : [];
  const node = parse(acorn, text, offset);
  for (let part = node; part; part = part.left ?? part.test ?? part.tag ?? part.callee ?? part.object ?? part.expressions?.[0]) {
    const value = evaluate(part, known);
    if (value !== undefined) values.push(value);
    if (part.type === 'Identifier') values.push(...declared(known, part.name));
    if (part.type === 'MemberExpression' && !part.computed) values.push(...declared(known, part.property.name));
    if (part.type === 'BinaryExpression') values.push(...[evaluate(part.right, known)].filter((value) => value !== undefined));
    if (part.type === 'LogicalExpression' || part.type === 'ConditionalExpression' || part.type === 'SequenceExpression') {
      for (const branch of [part.right, part.consequent, part.alternate, ...(part.expressions ?? [])]) {
        const other = branch && evaluate(branch, known);
        if (other !== undefined) values.push(other);
      }
    }
  }
  return values;
}

function parse(acorn, text, offset) {
  try {
    return acorn.parseExpressionAt(expressionText(text, offset), 0, { ecmaVersion: 'latest', sourceType: 'module' });
  } catch (error) {
    // TypeScript behind an expression: `a as B`, `a!`.
    const before = expressionText(text, offset).slice(0, error.pos);
    try {
      return acorn.parseExpressionAt(before, 0, { ecmaVersion: 'latest', sourceType: 'module' });
    } catch {
      return undefined;
    }
  }
}

/** Up to what ends an expression in a list, a block or brackets; of long ones, only strings are whole. */
function expressionText(text, offset) {
  const string = /^(?:'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"|`(?:[^`\\$]|\\[^])*`)(?=\s*[;,)\n])/.exec(text.slice(offset, offset + 30_000));
  if (string) return string[0];
  const rest = text.slice(offset, offset + 3000);
  let depth = 0;
  for (const { 0: part, index } of rest.matchAll(/'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"|`(?:[^`\\]|\\[^])*`|\/\*[^]*?\*\/|\/\/.*|[()[\]{},;]/g)) {
    if (part === '(' || part === '[' || part === '{') depth += 1;
    else if (')]}'.includes(part)) depth -= 1;
    if (depth < 0 || (depth === 0 && (part === ',' || part === ';'))) return rest.slice(0, index);
  }
  return rest;
}

function evaluate(node, known) {
  switch (node?.type) {
    case 'Literal': return node.value ?? undefined;
    case 'ParenthesizedExpression': return evaluate(node.expression, known);
    case 'TemplateLiteral': return join(node.quasis.flatMap((quasi, index) => [quasi.value.cooked, ...(node.expressions[index] ? [evaluate(node.expressions[index], known)] : [])]));
    case 'UnaryExpression': return unary(node.operator, evaluate(node.argument, known));
    case 'BinaryExpression': return binary(node.operator, evaluate(node.left, known), evaluate(node.right, known));
    case 'ArrayExpression': return list(node.elements.map((element) => evaluate(element, known)));
    case 'Identifier': return node.name === 'Infinity' ? Infinity : declared(known, node.name)[0];
    case 'MemberExpression': return member(node, known);
    case 'CallExpression': return call(node, known);
    default: return undefined;
  }
}

const join = (parts) => (parts.includes(undefined) ? parts[0] : parts.join(''));
const list = (elements) => (elements.includes(undefined) ? undefined : elements);

function unary(operator, value) {
  if (value === undefined) return undefined;
  const result = { '-': () => -value, '+': () => +value, '~': () => ~value, '!': () => !value, void: () => undefined, typeof: () => typeof value }[operator];
  return result?.();
}

function binary(operator, left, right) {
  if (left === undefined || right === undefined) return undefined;
  const result = {
    '+': () => left + right, '-': () => left - right, '*': () => left * right, '/': () => left / right, '%': () => left % right, '**': () => left ** right,
    '|': () => left | right, '&': () => left & right, '^': () => left ^ right, '<<': () => left << right, '>>': () => left >> right, '>>>': () => left >>> right,
  }[operator];
  return result?.();
}

function member(node, known) {
  const property = node.computed ? evaluate(node.property, known) : node.property.name;
  const object = node.object.type === 'Identifier' ? node.object.name : undefined;
  if (['Number', 'Math'].includes(object) && typeof globalThis[object][property] === 'number') return globalThis[object][property];
  if (property === 'NODE_ENV') return 'production';
  if (property === 'length') return evaluate(node.object, known)?.length;
  return typeof property === 'string' ? declared(known, property)[0] : undefined;
}

function call(node, known) {
  const values = node.arguments.map((argument) => evaluate(argument, known));
  if (values.includes(undefined)) return undefined;
  const { callee } = node;
  if (callee.type === 'Identifier' && ['Number', 'String', 'parseInt'].includes(callee.name)) return globalThis[callee.name](...values);
  if (callee.type !== 'MemberExpression' || callee.computed) return undefined;
  if (callee.object.name === 'String' && callee.property.name === 'fromCharCode') return String.fromCharCode(...values);
  if (callee.object.name === 'Math') return Math[callee.property.name]?.(...values);
  const object = evaluate(callee.object, known);
  return ['charCodeAt', 'join', 'split', 'toUpperCase', 'toLowerCase', 'concat', 'repeat'].includes(callee.property.name) ? object?.[callee.property.name]?.(...values) : undefined;
}

/** Values of `name = expression` and `name: Type = expression`, in the file, else in the others. */
function declared(known, name) {
  if (known.depth > 3) return [];
  const inner = { ...known, depth: known.depth + 1 };
  const nearby = declarationsOf(inner, known.near, name);
  if (nearby.length > 0) return nearby;
  const own = known.text.length < LARGE ? declaredIn(inner, known.text, name) : [];
  if (own.length > 0) return own;
  return remember(elsewhere, known.texts, name, () => known.texts.flatMap((text) => (text.length < LARGE && text.includes(name) ? declaredIn({ ...inner, text }, text, name) : [])));
}

/** What names are worth, of the files of one map and of one file. */
const elsewhere = new Map();
const inFile = new Map();

function remember(cache, key, name, make) {
  if (!cache.has(key)) cache.set(key, new Map());
  const names = cache.get(key);
  if (!names.has(name)) {
    names.set(name, []);
    names.set(name, make());
  }
  return names.get(name);
}

/** Files that are not searched as a whole, in characters. */
const LARGE = 12_000_000;

const declaredIn = (known, text, name) => remember(inFile, text, name, () => declarationsOf(known, text, name));

function declarationsOf(known, text, name) {
  const values = [];
  let looks = 0;
  const pattern = new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}\\s*(?::[^=;,(){}\n]{1,80})?=(?![=>])\\s*`, 'g');
  for (const { index, 0: { length } } of text.matchAll(pattern)) {
    const node = parse(known.acorn, text, index + length);
    const value = node && evaluate(node, known);
    if (value !== undefined && !values.includes(value)) values.push(value);
    looks += 1;
    if (looks >= 60) break;
  }
  return values;
}
