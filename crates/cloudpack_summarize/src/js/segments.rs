//! Source-map segments of one module: the printer's map, walked along with the copy of the printed text, so that lines
//! and columns become byte offsets. Names are given here and not taken from the printer, which loses the name of an
//! identifier that begins a statement (`foo.bar()`: the statement is at its place already) and calls `require("x")` one.

use super::marker::{MARKER_LEN, MarkerKind, Markers};
use super::source_places::SourcePlaces;
use cloudpack_base::{IndexVec, SymbolIdx};
use cloudpack_object::{MapSegment, ModuleObject, RelocationKind, members_len};
use cloudpack_summary::{Symbol, member_path};
use oxc_sourcemap::SourceMap;
use rustc_hash::{FxHashMap, FxHashSet};

/// What identifiers of the printed text were called in the source.
pub(super) struct Renames<'r> {
    pub(super) markers: &'r Markers,
    pub(super) symbols: &'r IndexVec<SymbolIdx, Symbol>,
    /// Names of nested scopes: `(old, new)`.
    pub(super) nested: &'r NestedRenames,
}

pub(super) type NestedRenames = FxHashSet<(Box<str>, Box<str>)>;

impl Renames<'_> {
    /// Whether `printed` stands for what the source calls `written`.
    fn is_renamed(&self, written: &str, printed: &str) -> bool {
        if let Some((kind, target)) = self.markers.parse(printed.as_bytes()).filter(|_| printed.len() == MARKER_LEN) {
            use RelocationKind as Kind;
            return match kind {
                MarkerKind::Relocation(Kind::Name | Kind::Callee | Kind::Shorthand | Kind::VarHead) => {
                    self.symbols.get(SymbolIdx(target)).is_some_and(|symbol| &*symbol.name == written)
                }
                // The object: of `x.y.z` the text before the dots.
                MarkerKind::Relocation(Kind::Member) => {
                    let object = member_path(self.symbols, SymbolIdx(target)).last();
                    object.and_then(|object| self.symbols.get(object)).is_some_and(|object| &*object.name == written)
                }
                MarkerKind::Relocation(Kind::CjsModule) => written == "module",
                MarkerKind::Relocation(Kind::CjsExports) => written == "exports",
                MarkerKind::Relocation(Kind::CjsThis) => written == "this",
                _ => false,
            };
        }
        if printed.starts_with('#') && written.starts_with('#') {
            return printed != written;
        }
        printed != written && !self.nested.is_empty() && self.nested.contains(&(written.into(), printed.into()))
    }
}

impl Renames<'_> {
    /// Of text that begins with the marker of `x.y.z`, its length.
    fn member_accesses(&self, text: &str) -> Option<usize> {
        match self.markers.parse(text.as_bytes())? {
            (MarkerKind::Relocation(RelocationKind::Member), target) => {
                let count = member_path(self.symbols, SymbolIdx(target)).count() - 1;
                Some(MARKER_LEN + members_len(text.get(MARKER_LEN..)?, count)?)
            }
            _ => None,
        }
    }
}

/// Tokens are sorted by generated place, one a place.
#[derive(Default)]
pub(super) struct Segments<'s> {
    tokens: Vec<Token>,
    next: usize,
    names: Names<'s>,
    /// Index into the tables of the object, in the order of their first use.
    slots: Vec<u32>,
    used_names: Vec<Box<str>>,
}

#[derive(Clone, Copy)]
struct Token {
    /// Byte offset in the printed code.
    at: usize,
    line: u32,
    column: u32,
    name: u32,
}

const NO_NAME: u32 = u32::MAX;

#[derive(Default)]
struct Names<'s> {
    ids: FxHashMap<&'s str, u32>,
    list: Vec<&'s str>,
}

impl<'s> Names<'s> {
    fn intern(&mut self, name: &'s str) -> u32 {
        *self.ids.entry(name).or_insert_with(|| {
            self.list.push(name);
            self.list.len() as u32 - 1
        })
    }
}

impl<'s> Segments<'s> {
    pub(super) fn new(code: &str, map: &SourceMap<'_>, source: &'s str, renames: &Renames<'_>) -> Self {
        let mut placed: Vec<Token> = Vec::new();
        let mut cursor = Cursor { code, at: 0, line: 0, column: 0 };
        for token in map.get_tokens() {
            if token.get_source_id().is_none() {
                continue;
            }
            let mut at = cursor.seek(token.get_dst_line(), token.get_dst_col());
            // Of `return a` the printer maps the space too.
            at += code.as_bytes().iter().skip(at).take_while(|byte| **byte == b' ').count();
            let token = Token { at, line: token.get_src_line(), column: token.get_src_col(), name: NO_NAME };
            match placed.last_mut() {
                // Statement, expression and identifier begin at one place: the last is the most exact.
                Some(last) if last.at == at => *last = token,
                _ => placed.push(token),
            }
        }
        let places = SourcePlaces::new(source);
        let mut names = Names::default();
        let mut tokens = Vec::with_capacity(placed.len());
        let mut members_end = 0;
        for (index, &token) in placed.iter().enumerate() {
            let next = placed.get(index + 1).map_or(code.len(), |next| next.at);
            let rest = places.rest(token.line, token.column);
            let (written, printed) = (identifier(rest), identifier(code.get(token.at..).unwrap_or_default()));
            if let Some(length) = renames.member_accesses(code.get(token.at..).unwrap_or_default()) {
                members_end = token.at + length;
            }
            // Of `x.y.z` that becomes another name, the map says what it was.
            let is_member = token.at < members_end && printed == written;
            let name = if !written.is_empty() && (is_member || renames.is_renamed(written, printed)) {
                names.intern(written)
            } else {
                NO_NAME
            };
            tokens.push(Token { name, ..token });
            let gap = code.get(token.at..next).unwrap_or_default();
            if let Some(at) = second_mention(gap, printed, written, rest, renames) {
                tokens.push(Token { at: token.at + at, name: names.intern(written), ..token });
            }
        }
        let slots = vec![NO_NAME; names.list.len()];
        Self { tokens, next: 0, names, slots, used_names: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Tokens before `until` belong to text copied from `copied` to `out_len`.
    pub(super) fn copy_until(&mut self, until: usize, copied: usize, out_len: usize, object: &mut ModuleObject) {
        while let Some(&token) = self.tokens.get(self.next).filter(|token| token.at < until) {
            self.push(token, out_len + token.at.saturating_sub(copied), 0, object);
        }
    }

    /// The token that maps the marker itself, and the one right behind it.
    pub(super) fn at_relocation(&mut self, at: usize, end: usize, out_len: usize, object: &mut ModuleObject) {
        while let Some(&token) = self.tokens.get(self.next).filter(|token| token.at <= end) {
            self.push(token, out_len, u8::from(token.at > at), object);
        }
    }

    pub(super) fn skip_until(&mut self, until: usize) {
        while self.tokens.get(self.next).is_some_and(|token| token.at < until) {
            self.next += 1;
        }
    }

    fn push(&mut self, token: Token, offset: usize, after_relocations: u8, object: &mut ModuleObject) {
        self.next += 1;
        let mut name = NO_NAME;
        if let Some(slot) = self.slots.get_mut(token.name as usize) {
            if *slot == NO_NAME {
                *slot = self.used_names.len() as u32;
                self.used_names.push(self.names.list.get(token.name as usize).copied().unwrap_or_default().into());
            }
            name = *slot;
        }
        let (offset, line, column) = (offset as u32, token.line, token.column);
        object.segments.push(MapSegment { offset, line, column, name, after_relocations });
    }

    pub(super) fn into_names(self) -> Vec<Box<str>> {
        self.used_names
    }
}

/// The printer maps a place of the source once in a row, at the first thing of it that it prints: of `{ key }` the key of
/// `key: a`, of `if (key) return` the `!` of `!a`, of the parameter `private key` the `this` of `this.key = a`, of a call
/// the comment before it. The renamed mention that follows has no token then. Its offset in `gap`, the text up to the
/// next token.
fn second_mention(gap: &str, printed: &str, written: &str, rest: &str, renames: &Renames<'_>) -> Option<usize> {
    // Of `{ key: value }` the value is mapped by itself.
    let is_pair = || rest.get(written.len()..).is_some_and(|rest| rest.trim_start().starts_with(':'));
    if written.is_empty() || printed == written && (!gap.get(written.len()..)?.starts_with(':') || is_pair()) {
        return None;
    }
    let bytes = gap.as_bytes();
    let mut at = printed.len();
    let mut words = 0;
    while words < LOOK_AHEAD {
        match *bytes.get(at)? {
            b'"' | b'\'' | b'`' | b'0'..=b'9' => return None,
            b'/' if bytes.get(at + 1) == Some(&b'*') => at += gap.get(at..)?.find("*/")? + 2,
            b'/' => return None,
            _ => {
                let word = identifier(gap.get(at..)?);
                let is_property = at.checked_sub(1).is_some_and(|before| bytes.get(before) == Some(&b'.'));
                if !word.is_empty() && !is_property && renames.is_renamed(written, word) {
                    return Some(at);
                }
                words += u32::from(!word.is_empty());
                at += word.len().max(1);
            }
        }
    }
    None
}

/// Words that may stand before the mention: `if`, `!`, `return`, `this.key =`.
const LOOK_AHEAD: u32 = 4;

/// The identifier that `text` begins with, `#` of a private name included; empty without one.
fn identifier(text: &str) -> &str {
    let start = usize::from(text.starts_with('#'));
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80;
    let length = text.bytes().skip(start).take_while(|byte| is_part(*byte)).count();
    if length == 0 || text.as_bytes().get(start).is_some_and(u8::is_ascii_digit) {
        return "";
    }
    text.get(..start + length).unwrap_or_default()
}

/// Line and UTF-16 column -> byte offset, moving forward only.
struct Cursor<'c> {
    code: &'c str,
    at: usize,
    line: u32,
    column: u32,
}

impl Cursor<'_> {
    fn seek(&mut self, line: u32, column: u32) -> usize {
        let bytes = self.code.as_bytes();
        while self.line < line && self.at < bytes.len() {
            match bytes[self.at] {
                b'\n' => {
                    self.line += 1;
                    self.column = 0;
                }
                // The printer escapes U+2028 and U+2029, except inside templates, where they count as lines here.
                0xE2 if matches!(bytes.get(self.at + 1..self.at + 3), Some([0x80, 0xA8 | 0xA9])) => {
                    self.at += 2;
                    self.line += 1;
                    self.column = 0;
                }
                b'\r' if bytes.get(self.at + 1) != Some(&b'\n') => {
                    self.line += 1;
                    self.column = 0;
                }
                _ => {}
            }
            self.at += 1;
        }
        while self.column < column && self.at < bytes.len() {
            let width = match bytes[self.at] {
                0..=0x7F => 1,
                0x80..=0xDF => 2,
                0xE0..=0xEF => 3,
                _ => 4,
            };
            self.column += if width == 4 { 2 } else { 1 };
            self.at += width;
        }
        self.at
    }
}
