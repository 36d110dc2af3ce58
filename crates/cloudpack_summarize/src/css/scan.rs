//! One flat pass over CSS text by the token rules of CSS Syntax 3, without recursion. It answers two questions:
//! where the URLs are (for style attributes and `<style>` elements, whose text is spliced and never printed anew), and
//! whether a recursive parser may be let loose on the text.
//!
//! lightningcss 1.0.0-alpha.72 recurses per bracket and tries some forms twice per level: `calc(calc(...` of depth 16
//! with an invalid leaf takes 0.3 s and each level more doubles it (measured); nested selector lists multiply when a
//! target lacks nesting; and its printer's indent is a `u8`. The limits lie far above what people write.

use std::ops::Range;

/// Brackets and blocks.
const MAX_DEPTH: usize = 64;
/// Math functions inside each other.
const MAX_MATH_DEPTH: usize = 10;
/// Operators in one pair of parentheses: a sum is a tree of that depth.
const MAX_OPERATORS: usize = 500;
/// Selectors that nested rules multiply to when nesting is lowered.
const MAX_EXPANSION: f64 = 20_000.0;

#[derive(Debug, Default)]
pub(crate) struct CssScan {
    /// In source order.
    pub(crate) urls: Vec<CssUrl>,
    /// The first place that is too much for a recursive parser, and why.
    pub(crate) too_deep: Option<(usize, String)>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CssUrl {
    /// What to replace by a quoted string: the string with its quotes, or the bare text between `url(` and `)`.
    pub(crate) range: Range<usize>,
    /// With escapes resolved.
    pub(crate) url: String,
    /// In an `@import` rule.
    pub(crate) is_import: bool,
    /// A bare string of an `image-set()`.
    pub(crate) is_bare: bool,
}

struct Open {
    closer: u8,
    kind: OpenKind,
    operators: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum OpenKind {
    Block {
        outer_expansion: f64,
    },
    Math,
    /// A string inside is a URL.
    ImageSet,
    /// `url("...")`
    Url,
    Other,
}

/// `lowers_nesting`: whether a target may lack CSS nesting. Cost: linear in `text`.
pub(crate) fn scan_css(text: &str, lowers_nesting: bool) -> CssScan {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        scan: CssScan::default(),
        open: Vec::new(),
        math_depth: 0,
        in_import: false,
        prelude: Prelude::default(),
        expansion: 1.0,
        lowers_nesting,
    };
    scanner.run();
    scanner.scan
}

/// Counts in the text since the last `;`, `{` or `}`: the selector, if a `{` follows.
#[derive(Clone, Copy, Default)]
struct Prelude {
    is_at_rule: bool,
    commas: u32,
    ampersands: u32,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    scan: CssScan,
    open: Vec<Open>,
    math_depth: usize,
    in_import: bool,
    prelude: Prelude,
    expansion: f64,
    lowers_nesting: bool,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(byte) = self.bytes.get(at).copied() {
            at = match byte {
                b'/' if self.bytes.get(at + 1) == Some(&b'*') => {
                    let rest = self.bytes.get(at + 2..).unwrap_or_default();
                    memchr::memmem::find(rest, b"*/").map_or(self.bytes.len(), |found| at + 2 + found + 2)
                }
                b'"' | b'\'' => self.string(at),
                b'@' => {
                    let end = self.name_end(at + 1);
                    self.prelude.is_at_rule = true;
                    self.in_import = self.open.is_empty() && self.is_word(at + 1, end, "import");
                    end
                }
                b'(' | b'[' => self.push(at, OpenKind::Other),
                b'{' => self.block(at),
                b')' | b']' | b'}' => {
                    self.close(byte);
                    at + 1
                }
                b';' => {
                    self.in_import = false;
                    self.prelude = Prelude::default();
                    at + 1
                }
                b',' if self.in_prelude() => {
                    self.prelude.commas += 1;
                    at + 1
                }
                b'&' => {
                    self.prelude.ampersands += 1;
                    at + 1
                }
                b'+' | b'-' | b'*' | b'/' if !self.starts_name(at) => {
                    if let Some(open) = self.open.last_mut() {
                        open.operators += 1;
                        if open.operators > MAX_OPERATORS && open.closer == b')' {
                            self.fail(at, format!("More than {MAX_OPERATORS} operators in one pair of parentheses"));
                        }
                    }
                    at + 1
                }
                _ if self.starts_name(at) => self.name(at),
                _ if byte.is_ascii_digit() => {
                    // A number with its unit, so that `2em(` is no function.
                    self.name_end(at)
                }
                _ => at + 1,
            };
        }
    }

    fn in_prelude(&self) -> bool {
        self.open.last().is_none_or(|open| open.closer == b'}')
    }

    fn starts_name(&self, at: usize) -> bool {
        match self.bytes.get(at) {
            Some(b'-') => {
                matches!(self.bytes.get(at + 1), Some(b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'\\' | 0x80..))
            }
            Some(b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80..) => true,
            Some(b'\\') => !matches!(self.bytes.get(at + 1), None | Some(b'\n' | b'\r' | b'\x0C')),
            _ => false,
        }
    }

    fn name_end(&self, start: usize) -> usize {
        let mut at = start;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => at += 1,
                b'\\' if self.starts_name(at) => at += 2,
                _ => break,
            }
        }
        at.min(self.bytes.len())
    }

    fn is_word(&self, start: usize, end: usize, word: &str) -> bool {
        self.bytes.get(start..end).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// An identifier, or a function with its opening parenthesis.
    fn name(&mut self, start: usize) -> usize {
        let end = self.name_end(start);
        if self.bytes.get(end) != Some(&b'(') {
            return end.max(start + 1);
        }
        if self.is_word(start, end, "url") {
            return self.url(end);
        }
        const MATH: [&str; 22] = [
            "calc",
            "-webkit-calc",
            "-moz-calc",
            "min",
            "max",
            "clamp",
            "round",
            "rem",
            "mod",
            "sin",
            "cos",
            "tan",
            "asin",
            "acos",
            "atan",
            "atan2",
            "pow",
            "sqrt",
            "hypot",
            "log",
            "exp",
            "abs",
        ];
        let kind = if self.is_word(start, end, "image-set") || self.is_word(start, end, "-webkit-image-set") {
            OpenKind::ImageSet
        } else if self.is_word(start, end, "sign") || MATH.iter().any(|word| self.is_word(start, end, word)) {
            OpenKind::Math
        } else {
            OpenKind::Other
        };
        self.push(end, kind)
    }

    /// After `url`; `paren` is the place of the parenthesis.
    fn url(&mut self, paren: usize) -> usize {
        let mut start = paren + 1;
        while self.bytes.get(start).is_some_and(u8::is_ascii_whitespace) {
            start += 1;
        }
        if matches!(self.bytes.get(start), Some(b'"' | b'\'')) {
            self.push(paren, OpenKind::Url);
            return start;
        }
        let mut end = start;
        let mut is_bad = false;
        while let Some(byte) = self.bytes.get(end) {
            match byte {
                b')' => break,
                b'\\' => end += 1,
                b'"' | b'\'' | b'(' => is_bad = true,
                _ => {}
            }
            end += 1;
        }
        let end = end.min(self.bytes.len());
        let value = self.text.get(start..end).unwrap_or("").trim_ascii_end();
        if !is_bad && !value.bytes().any(|byte| byte.is_ascii_whitespace() && !value.contains('\\')) {
            self.found(start..start + value.len(), value, false);
        }
        end + 1
    }

    fn string(&mut self, start: usize) -> usize {
        let quote = self.bytes.get(start).copied();
        let mut at = start + 1;
        let mut is_bad = true;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 2,
                b'\n' | b'\r' | b'\x0C' => break,
                _ => {
                    at += 1;
                    if Some(*byte) == quote {
                        is_bad = false;
                        break;
                    }
                }
            }
        }
        let end = at.min(self.bytes.len());
        let is_url = match self.open.last() {
            Some(open) => matches!(open.kind, OpenKind::ImageSet | OpenKind::Url),
            None => self.in_import,
        };
        if is_url && !is_bad {
            let inner = self.text.get(start + 1..end.saturating_sub(1)).unwrap_or("");
            let is_bare = self.open.last().is_some_and(|open| open.kind == OpenKind::ImageSet);
            self.found(start..end, inner, is_bare);
        }
        end
    }

    fn found(&mut self, range: Range<usize>, raw: &str, is_bare: bool) {
        let url = if raw.contains('\\') { unescape(raw) } else { raw.to_owned() };
        // The rest of the rule are conditions.
        let is_import = std::mem::take(&mut self.in_import);
        self.scan.urls.push(CssUrl { range, url, is_import, is_bare });
    }

    fn push(&mut self, at: usize, kind: OpenKind) -> usize {
        let closer = match self.bytes.get(at) {
            Some(b'(') => b')',
            Some(b'[') => b']',
            _ => b'}',
        };
        if kind == OpenKind::Math {
            self.math_depth += 1;
            if self.math_depth > MAX_MATH_DEPTH {
                self.fail(at, format!("Math functions are nested deeper than {MAX_MATH_DEPTH} levels"));
            }
        }
        self.open.push(Open { closer, kind, operators: 0 });
        if self.open.len() > MAX_DEPTH {
            self.fail(at, format!("CSS is nested deeper than {MAX_DEPTH} levels"));
        }
        at + 1
    }

    fn block(&mut self, at: usize) -> usize {
        let prelude = std::mem::take(&mut self.prelude);
        let outer_expansion = self.expansion;
        let is_nested = self.open.iter().any(|open| matches!(open.kind, OpenKind::Block { .. }));
        if !prelude.is_at_rule && self.in_prelude() {
            // `& &` repeats the outer list twice, in all combinations.
            self.expansion = outer_expansion.powi(prelude.ampersands.clamp(1, 64) as i32)
                * f64::from(prelude.commas + 1)
                * f64::from(prelude.ampersands.max(1));
            if is_nested && self.lowers_nesting && self.expansion > MAX_EXPANSION {
                self.fail(at, format!("Nested selector lists would expand to more than {MAX_EXPANSION} selectors"));
            }
        }
        self.push(at, OpenKind::Block { outer_expansion })
    }

    /// A closer that does not match the innermost opener is a token like any other.
    fn close(&mut self, closer: u8) {
        if self.open.last().is_none_or(|open| open.closer != closer) {
            return;
        }
        match self.open.pop().map(|open| open.kind) {
            Some(OpenKind::Math) => self.math_depth -= 1,
            Some(OpenKind::Block { outer_expansion }) => {
                self.expansion = outer_expansion;
                self.prelude = Prelude::default();
            }
            _ => {}
        }
    }

    fn fail(&mut self, at: usize, why: String) {
        self.scan.too_deep.get_or_insert((at, why));
    }
}

/// Resolves escapes: up to six hex digits and one white space, an escaped line break, or the character itself.
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        let mut code = 0;
        let mut digits = 0;
        while digits < 6
            && let Some(digit) = characters.peek().and_then(|next| next.to_digit(16))
        {
            code = code * 16 + digit;
            digits += 1;
            characters.next();
        }
        if digits > 0 {
            if characters.peek().is_some_and(char::is_ascii_whitespace) {
                characters.next();
            }
            out.push(char::from_u32(code).filter(|character| *character != '\0').unwrap_or('\u{FFFD}'));
        } else if let Some(next) = characters.next()
            && !matches!(next, '\n' | '\r' | '\x0C')
        {
            out.push(next);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str) -> Vec<(&str, String)> {
        let scan = scan_css(text, true);
        scan.urls.into_iter().map(|found| (&text[found.range], found.url)).collect()
    }

    #[test]
    fn urls_are_found_in_every_form_and_nowhere_else() {
        assert_eq!(
            urls(r#"a{b:url(x.png);c:URL( "y z.png" );d:url('a\'b')}"#),
            [("x.png", "x.png".into()), ("\"y z.png\"", "y z.png".into()), (r"'a\'b'", "a'b".into())]
        );
        assert_eq!(urls(r#"a{b:image-set("x.png" 1x, url(y.png) 2x);c:"no.png"}"#).len(), 2);
        assert_eq!(urls("/* url(a) */ a{content:'url(b)';b:myurl(c);d:url(bad'x)}"), []);
        assert_eq!(urls(r"a{b:url(x\ y\2e png)}"), [(r"x\ y\2e png", "x y.png".into())]);
        assert_eq!(urls("a{b:url(x.png"), [("x.png", "x.png".into())]);
        assert_eq!(urls("a{b:url( x.png )}"), [("x.png", "x.png".into())]);
    }

    #[test]
    fn only_the_url_of_an_import_rule_is_an_import() {
        let scan = scan_css("@import 'a.css' layer(x);@IMPORT url(b.css);a{b:url(c.png)}", true);
        assert_eq!(scan.urls.iter().map(|url| url.is_import).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn what_people_write_is_not_too_deep() {
        let nested = ".a, .b { &:hover, &:focus { .c, .d { color: red; @media print { & > .e { width: calc(1px + min(2em, max(1%, var(--a, var(--b))))) } } } } }";
        assert_eq!(scan_css(nested, true).too_deep, None);
        assert_eq!(scan_css(&"a{}".repeat(100_000), true).too_deep, None);
        assert_eq!(scan_css(&"a,".repeat(100_000), true).too_deep, None);
        assert_eq!(scan_css(&format!("{}{{b:c}}", "a,".repeat(50_000)), true).too_deep, None);
        assert_eq!(
            scan_css(
                "a { content: '((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((' }",
                true
            )
            .too_deep,
            None
        );
    }

    #[test]
    fn what_would_exhaust_a_recursive_parser_is_reported_with_its_place() {
        for hostile in ["{", "(", "[", "a{", ":is(", "@media x{", "a{b:c("] {
            assert!(scan_css(&hostile.repeat(100_000), true).too_deep.is_some(), "{hostile}");
        }
        let math = format!("a{{b:{}", "calc(".repeat(11));
        assert_eq!(scan_css(&math, true).too_deep.map(|(at, _)| at), Some(math.len() - 1));
        assert!(scan_css(&format!("a{{b:calc(1px{})}}", " + 1em".repeat(600)), true).too_deep.is_some());
        assert!(scan_css(&".a,.b{".repeat(20), true).too_deep.is_some());
        assert!(scan_css(&".a,.b{".repeat(20), false).too_deep.is_none());
        assert!(scan_css(&format!(".a,.b{{{}", "& .a &{".repeat(8)), true).too_deep.is_some());
    }

    #[test]
    fn cut_off_text_ends_quietly() {
        for text in ["/*", "'", "\"\\", "url(", "url('", "@", "@import", "a{b:url(\\", "\\", "a\\", "-", "é\\"] {
            assert_eq!(scan_css(text, true).too_deep, None, "{text}");
        }
    }
}
