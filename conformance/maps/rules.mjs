// Tokens that no source has, although they stand in text that comes from one. Each rule looks at the output around the token and at what
// the map leads to; what no rule knows is wrong. They are counted apart.
import { fold } from './fold.mjs';

/** @type {{ name: string, holds: (context: any) => boolean }[]} */
const rules = [
  // Number.EPSILON -> 2**-52, Number.MAX_SAFE_INTEGER -> 2**53-1, 0 / 0 -> NaN, + Infinity -> Infinity
  { name: 'short constant', holds: ({ source, near }) => /2 ?\*\* ?(-52|53 ?- ?1)/.test(near) && /Number\.(EPSILON|MAX_SAFE|MIN_SAFE)/.test(source.slice(0, 300)) },
  { name: 'short constant', holds: ({ token, source }) => (token.value === 'NaN' && /^(\(?0 \/ 0|Number\.NaN)/.test(source)) || (token.value === 'Infinity' && /^[-+]\s*Infinity/.test(source)) },
  // true -> !0, undefined -> void 0, Infinity -> 1/0
  { name: 'short constant', holds: ({ token, before, after }) => token.kind === 'number' && ((/(!|\bvoid )$/.test(before) && token.value <= 1) || (token.raw === '1' && /^\/0\b/.test(after)) || (token.raw === '0' && /\b1 ?\/ ?$/.test(before))) },
  // typeof a !== 'undefined' -> typeof a < 'u'
  { name: 'typeof', holds: ({ token, before }) => token.value === 'u' && /typeof [\w$.?\])]+\s*[<>]=?\s*$/.test(before) },
  // process.env.NODE_ENV -> 'production', __filename -> import.meta.filename, as options and platforms say
  { name: 'define', holds: ({ token, source, before }) => (token.kind === 'string' && /process\.env\.|import\.meta\b/.test(source.slice(0, 80))) || (/import\.meta\.$/.test(before) && /^__(file|dir)name\b/.test(source)) },
  // (0, a.b)() of a call of an imported function
  { name: 'callee', holds: ({ token, before, after }) => token.raw === '0' && before.endsWith('(') && /^,\s*[\w$]+(\.[\w$]+|\[[^\]]*\])\)/.test(after) },
  // require('a'), import('a') -> the call of a wrapper, the name of a chunk
  { name: 'request', holds: ({ source }) => /^(require|import)\b/.test(source) },
  // export default 1, export default function () {} -> a name for it
  { name: 'default export', holds: ({ token, source, sourceBefore, before }) => token.kind === 'name' && (/^export\s+default\b/.test(source) || (token.value === 'default' && /\}\s*\.$/.test(before)) || /export\s+default\s+(\/\*.*?\*\/\s*)?$/s.test(sourceBefore)) },
  // <div> -> jsx('div'), and what the call is found by
  { name: 'JSX', holds: ({ token, source, near }) => /\(0, ?[\w$]+\.(jsx|jsxs|Fragment)\)/.test(near) || /^[<{(]|^return \(/.test(source) && (/^(import_)?_?(jsx|jsxs|jsx_runtime|Fragment|children|key)([$\d]|$)/.test(token.value) || source.startsWith('<')) },
  // -1, 1 | 2, 'a' + b with a constant b, SIZE where SIZE = 3, Number.EPSILON
  { name: 'constant', holds: (context) => (context.token.kind !== 'name' && context.found.kind === 'name' && context.found.value === context.name) || fold(context).some((value) => isValue(value, context)) },
  // 'a' + 'b' + c -> 'ab' + c, ['a', 'b'] -> 'a.b'.split('.')
  { name: 'joined strings', holds: ({ source, code, token }) => source.startsWith('[') && /^`?\.?split\(/.test(code.slice(token.start + token.raw.length).replace(/^\./, '') || '') || (source.startsWith('[') && /split\(?$/.test(code.slice(Math.max(0, token.start - 6), token.start) + (token.value === 'split' ? 'split' : ''))) },
  // 1 | a | 2 -> a | 3
  { name: 'constant', holds: ({ token, source, sourceBefore }) => token.kind === 'number' && joined(sourceBefore, source).includes(token.value) },
  { name: 'joined strings', holds: ({ token, found }) => token.kind === 'string' && typeof found.value === 'string' && found.kind !== 'name' && String(token.value).startsWith(found.value) },
  // const b = a; b.c() -> a.c(), where b is mentioned once
  { name: 'variable', holds: ({ token, found, name, sourceBefore }) => found.kind === 'name' && name === undefined && new RegExp(`[\\s,(]${String(found.value).replaceAll('$', '\\$')}\\s*(:[^=;]+)?=\\s*[\\w$(./'"]`).test(sourceBefore) },
  // enum E { A = 1 } and E.A: the compiler writes members and their values anew and gives them no places of their own
  { name: 'enum', holds: ({ token, text, source, sourceBefore, before }) => /\benum\s/.test(text) && (isEnumBody(sourceBefore, source) || (token.kind !== 'name' && /^[^;{}]{0,200}?[\w$]+\.[\w$]+/.test(source)) || /\]\s*=\s*-?$/.test(before)) },
];

export function ruleFor(context) {
  const { code, token, text, offset } = context;
  const full = {
    ...context,
    before: code.slice(Math.max(0, token.start - 60), token.start),
    after: code.slice(token.start + token.raw.length, token.start + token.raw.length + 60),
    near: code.slice(Math.max(0, token.start - 12), token.start + 14),
    source: text.slice(offset, offset + 2000),
    sourceBefore: text.slice(Math.max(0, offset - 4000), offset),
  };
  return rules.find((rule) => rule.holds(full))?.name;
}

/** The sign of a number stands before the token; a string may go on with what came after it. */
function isValue(value, { token, before, after }) {
  if (typeof value === 'number' && token.kind === 'number') return value === token.value || (before.endsWith('-') && value === -Number(token.value));
  if (token.kind === 'name') return value === token.value || after.startsWith(`.${value}`);
  return typeof value === 'string' && token.kind === 'string' && (value === '' ? token.value === '' : String(token.value).startsWith(value));
}

const isEnumBody = (before, source) => /^(export\s+)?(const\s+)?enum\s/.test(source) || /\benum\s+[\w$]+\s*(\{[^{}]*)?$/.test(before);

/** A number of the same expression before the place, joined with the first one behind it: `1 | f(a) | 2`. */
function joined(before, source) {
  const expression = before.slice(-120).replaceAll(/\/\*.*?\*\//g, '').split(/[;{}]/).at(-1) ?? '';
  const other = Number(/^\W*(\d+)/.exec(source.slice(0, 40))?.[1]);
  if (Number.isNaN(other)) return [];
  return [...expression.matchAll(/\b\d+\b/g)].flatMap(([one]) => [Number(one) | other, Number(one) + other, Number(one) * other]);
}
