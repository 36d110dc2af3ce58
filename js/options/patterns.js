/**
 * Turns JavaScript's patterns into those of the core (`Pattern` in options.rs). The core's regular expressions have no
 * look-around and no back-references and escape some characters differently; what cannot be said there gives null, and
 * the caller then decides in JavaScript. A wrong translation would silently skip a hook, so every doubt is a null.
 */

/** @typedef {{ exact: string } | { glob: string } | { regex: { source: string, flags: string } }} CorePattern */

/** Escapes that stand for themselves in both languages. */
const SHARED_ESCAPES = new Set('tnrfv');
/** What `\\s` is in JavaScript, for the inside of a set; the core's counts other characters among them. */
const SPACES = '\\t\\n\\x0B\\x0C\\r \\u{A0}\\u{1680}\\u{2000}-\\u{200A}\\u{2028}\\u{2029}\\u{202F}\\u{205F}\\u{3000}\\u{FEFF}';
const LOOK_AROUND = /^\(\?<?[=!]/;
const PUNCTUATION = /^[!-/:-@[-`{-~]$/;

/**
 * @param {RegExp} expression
 * @param {{ mayWiden?: boolean }} [how] `mayWiden`: what matches more texts will do, so that look-around can be left out
 * @returns {CorePattern | null}
 */
export function corePatternOf(expression, { mayWiden = false } = {}) {
  if (/[yv]/.test(expression.flags)) return null;
  const source = translate(expression.source, expression.unicode, mayWiden);
  if (source === null) return null;
  return { regex: { source, flags: [...expression.flags].filter((flag) => 'ims'.includes(flag)).join('') } };
}

/**
 * @param {string} source
 * @param {boolean} unicode
 * @param {boolean} mayWiden
 * @returns {string | null}
 */
function translate(source, unicode, mayWiden) {
  let out = '';
  for (let at = 0; at < source.length; ) {
    const char = source[at];
    if (char === '\\') {
      const escape = readEscape(source, at, unicode);
      if (!escape || (escape.single && isSurrogate(escape.text))) return null;
      out += escape.text;
      at = escape.end;
    } else if (char === '[') {
      const set = readSet(source, at, unicode);
      if (!set) return null;
      out += set.text;
      at = set.end;
    } else if (mayWiden && LOOK_AROUND.test(source.slice(at, at + 4))) {
      const end = endOfGroup(source, at);
      // A quantifier after it would then be about what stands before.
      if (end === null || /^[*+?{]/.test(source.slice(end))) return null;
      at = end;
    } else if (char === '(') {
      const head = /^\((?:\?(?::|<[A-Za-z_]\w*>))?/.exec(source.slice(at))?.[0] ?? '(';
      if (head === '(' && source[at + 1] === '?') return null;
      out += head;
      at += head.length;
    } else if (char === '{') {
      const quantifier = /^\{\d+(?:,\d*)?\}/.exec(source.slice(at))?.[0];
      out += quantifier ?? '\\{';
      at += quantifier?.length ?? 1;
    } else if (char === '}' || char === ']') {
      out += `\\${char}`;
      at++;
    } else {
      if (isSurrogate(char) && !/^[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(source.slice(at, at + 2)) && !isSurrogate(source[at - 1] ?? '')) {
        return null;
      }
      out += char;
      at++;
    }
  }
  return out;
}

/**
 * Behind the group that opens at `at`.
 * @param {string} source
 * @param {number} at
 * @returns {number | null}
 */
function endOfGroup(source, at) {
  let depth = 0;
  let inSet = false;
  for (let index = at; index < source.length; index++) {
    const char = source[index];
    if (char === '\\') index++;
    else if (inSet) inSet = char !== ']';
    else if (char === '[') inSet = true;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return index + 1;
  }
  return null;
}

/**
 * One escape, outside of a set or inside (`\b` differs, the caller knows).
 * @param {string} source
 * @param {number} at index of the backslash
 * @param {boolean} unicode
 * @returns {{ text: string, end: number, single: boolean } | null} `single`: it stands for one character
 */
function readEscape(source, at, unicode) {
  const char = source[at + 1];
  const end = at + 2;
  if (char === undefined) return null;
  if (char === '0') return /\d/.test(source[end] ?? '') ? null : { text: '\\x00', end, single: true };
  if (char === 'd') return { text: '[0-9]', end, single: false };
  if (char === 'D') return { text: '[^0-9]', end, single: false };
  if (char === 'w') return { text: '[0-9A-Za-z_]', end, single: false };
  if (char === 'W') return { text: '[^0-9A-Za-z_]', end, single: false };
  if (char === 's') return { text: `[${SPACES}]`, end, single: false };
  if (char === 'S') return { text: `[^${SPACES}]`, end, single: false };
  // The core knows letters besides those of ASCII.
  if (char === 'b') return { text: '(?-u:\\b)', end, single: false };
  if (SHARED_ESCAPES.has(char)) return { text: `\\${char}`, end, single: 'tnrfv'.includes(char) };
  if (char === 'x') {
    const digits = /^[0-9a-f]{2}/i.exec(source.slice(end))?.[0];
    return digits ? { text: `\\x${digits}`, end: end + 2, single: true } : null;
  }
  if (char === 'u') {
    const digits = /^[0-9a-f]{4}/i.exec(source.slice(end))?.[0];
    if (digits) return /^d[89a-f]/i.test(digits) ? null : { text: `\\u{${digits}}`, end: end + 4, single: true };
    const braced = unicode ? /^\{[0-9a-f]{1,6}\}/i.exec(source.slice(end))?.[0] : undefined;
    return braced ? { text: `\\u${braced}`, end: end + braced.length, single: true } : null;
  }
  if (PUNCTUATION.test(char)) {
    // `\<` and `\>` are word boundaries in the core's language, `\/` is nothing special.
    return { text: '</>'.includes(char) ? char : `\\${char}`, end, single: true };
  }
  return null;
}

/**
 * `[...]`, with everything escaped that the core would read as set arithmetic (`&&`, `--`, nested sets).
 * @param {string} source
 * @param {number} at index of the bracket
 * @param {boolean} unicode
 * @returns {{ text: string, end: number } | null}
 */
function readSet(source, at, unicode) {
  let out = '[';
  let index = at + 1;
  if (source[index] === '^') {
    out += '^';
    index++;
  }
  if (source[index] === ']') return null;
  // Whether a `-` here may continue a range: only after a single character that does not itself end one.
  let rangeStart = false;
  for (;;) {
    const char = source[index];
    if (char === undefined) return null;
    if (char === ']') return { text: `${out}]`, end: index + 1 };
    if (char === '-') {
      const next = readSetItem(source, index + 1, unicode);
      if (rangeStart && next?.single) {
        out += `-${next.text}`;
        index = next.end;
        rangeStart = false;
      } else {
        out += '\\-';
        index++;
      }
      continue;
    }
    const item = readSetItem(source, index, unicode);
    if (!item) return null;
    out += item.text;
    index = item.end;
    rangeStart = item.single;
  }
}

/**
 * @param {string} source
 * @param {number} at
 * @param {boolean} unicode
 * @returns {{ text: string, end: number, single: boolean } | null}
 */
function readSetItem(source, at, unicode) {
  const char = source[at];
  if (char === undefined || char === ']') return null;
  if (char !== '\\') {
    if (isSurrogate(char)) {
      const pair = /^[\uD800-\uDBFF][\uDC00-\uDFFF]/.exec(source.slice(at, at + 2))?.[0];
      // Without the `u` flag a pair in a set is two halves, which the core cannot say.
      return pair && unicode ? { text: pair, end: at + 2, single: true } : null;
    }
    return { text: '[&~'.includes(char) ? `\\${char}` : char, end: at + 1, single: true };
  }
  const escaped = source[at + 1];
  if (escaped === 'b') return { text: '\\x08', end: at + 2, single: true };
  if (escaped === 'd') return { text: '0-9', end: at + 2, single: false };
  if (escaped === 'w') return { text: '0-9A-Za-z_', end: at + 2, single: false };
  if (escaped === 's') return { text: SPACES, end: at + 2, single: false };
  if ('DWSB'.includes(escaped ?? '')) return null;
  return readEscape(source, at, unicode);
}

/** @param {string} char */
function isSurrogate(char) {
  return /^[\uD800-\uDFFF]$/.test(char);
}

/**
 * An expression that matches `text` as it is.
 * @param {string} text
 */
export function escaped(text) {
  return text.replace(/[$()*+./?[\\\]^{|}-]/g, '\\$&');
}

/**
 * Tests an expression that may carry state: `g` and `y` remember where they stopped.
 * @param {RegExp} expression
 * @param {string} text
 */
export function matches(expression, text) {
  expression.lastIndex = 0;
  return expression.test(text);
}
