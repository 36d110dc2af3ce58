//! Prints the marked tree once and reads the text back: the markers become the relocation table and the section
//! boundaries, the rest is the module's text. Source-map segments move from lines and columns to byte offsets.

use super::marker::{MARKER_LEN, MarkerKind, Markers};
use super::relocate::Relocated;
use super::sections::Draft;
use super::{JsInput, JsOptions};
use cloudpack_base::{IndexVec, SectionIdx, SymbolIdx};
use cloudpack_object::{MapSegment, ModuleObject, Relocation, RelocationKind, SectionShape, SectionText};
use cloudpack_summary::{ModuleFormat, ModuleSummary, SizeClass};
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions, LegalComment};
use oxc_sourcemap::SourceMap;
use std::path::PathBuf;

pub(super) fn print(
    input: &JsInput<'_>,
    options: &JsOptions,
    relocated: Relocated<'_>,
) -> (ModuleSummary, ModuleObject) {
    let Relocated { program, scoping, private_names, markers, mut table, drafts } = relocated;
    let (nested_names, global_names) = names_to_avoid(&scoping, table.format);
    let legal_comments: Vec<Box<str>> = program
        .comments
        .iter()
        .filter(|comment| comment.is_legal())
        .filter_map(|comment| input.source.get(comment.span.start as usize..comment.span.end as usize))
        .map(Box::from)
        .collect();
    let codegen_options = CodegenOptions {
        minify: options.minify,
        comments: if options.minify {
            CommentOptions::disabled()
        } else {
            CommentOptions { normal: false, jsdoc: false, annotation: true, legal: LegalComment::None }
        },
        source_map_path: options.sourcemap.then(PathBuf::new),
        ..CodegenOptions::default()
    };
    let printed = Codegen::new()
        .with_options(codegen_options)
        .with_scoping(Some(scoping))
        .with_private_member_mappings(private_names)
        .build(&program);
    let mut object = read_markers(&printed.code, printed.map.as_ref(), &markers, &drafts, table.format);
    object.nested_names = nested_names;
    object.global_names = global_names;
    object.symbol_spans = std::mem::take(&mut table.symbol_spans);
    object.request_spans = std::mem::take(&mut table.request_spans);
    object.legal_comments = legal_comments;
    object.hashbang = input.source.starts_with("#!").then(|| input.source.lines().next().unwrap_or("").into());
    table.local_exports.sort_by(|left, right| left.exported.cmp(&right.exported));
    table.indirect_exports.sort_by(|left, right| left.exported.cmp(&right.exported));
    let mut sections: IndexVec<SectionIdx, _> = drafts.into_iter().map(|draft| draft.section).collect();
    if table.format == ModuleFormat::CommonJs {
        sort_uses(&mut sections);
    }
    let summary = ModuleSummary {
        format: table.format,
        flags: table.flags,
        size: SizeClass::of_bytes(object.text.len()),
        requests: table.requests,
        symbols: table.symbols,
        sections,
        local_exports: table.local_exports,
        indirect_exports: table.indirect_exports,
        star_exports: table.star_exports,
    };
    (summary, object)
}

fn sort_uses(sections: &mut IndexVec<SectionIdx, cloudpack_summary::Section>) {
    for section in sections.iter_mut() {
        section.uses.sort_unstable();
        section.uses.dedup();
    }
}

/// Names that top-level names must not meet: declared in nested scopes, and free.
fn names_to_avoid(scoping: &oxc_semantic::Scoping, format: ModuleFormat) -> (Vec<Box<str>>, Vec<Box<str>>) {
    let root = scoping.root_scope_id();
    let all_nested = format == ModuleFormat::CommonJs;
    let mut nested: Vec<&str> = scoping
        .symbol_ids()
        .filter(|symbol| all_nested || scoping.symbol_scope_id(*symbol) != root)
        .map(|symbol| scoping.symbol_name(symbol))
        .collect();
    nested.sort_unstable();
    nested.dedup();
    let mut globals: Vec<&str> = scoping.root_unresolved_references().keys().map(|name| name.as_str()).collect();
    globals.sort_unstable();
    (nested.into_iter().map(Box::from).collect(), globals.into_iter().map(Box::from).collect())
}

/// Splits the printed code at its markers. Cost: one search pass over `code`.
fn read_markers(
    code: &str,
    map: Option<&SourceMap<'_>>,
    markers: &Markers,
    drafts: &[Draft],
    format: ModuleFormat,
) -> ModuleObject {
    let bytes = code.as_bytes();
    let mut object = ModuleObject::default();
    let mut out = String::with_capacity(code.len());
    let mut segments = Segments::new(code, map);
    object.segments.reserve_exact(segments.tokens.len());
    let mut next_draft = drafts.iter().enumerate().peekable();
    // Directives are not in the printed code and come first.
    while let Some((_, draft)) = next_draft.next_if(|(_, draft)| draft.literal.is_some()) {
        out.push_str(draft.literal.as_deref().unwrap_or(""));
        out.push('\n');
        close_section(&mut object, &out, draft);
    }
    let mut section_start = out.len();
    // Everything before `copied` is in `out` already.
    let mut copied = 0;
    for at in memchr::memmem::find_iter(bytes, markers.nonce().as_bytes()) {
        let Some((kind, target)) = bytes.get(at..).and_then(|rest| markers.parse(rest)) else { continue };
        segments.copy_until(at, copied, out.len(), &mut object);
        out.push_str(code.get(copied..at).unwrap_or(""));
        copied = at + MARKER_LEN;
        match kind {
            MarkerKind::Relocation(kind) => {
                segments.at_relocation(at, copied, out.len(), &mut object);
                relocate(&mut object, &out, section_start, kind, target);
            }
            MarkerKind::SectionEnd => {
                segments.skip_until(copied + 1);
                // `marker;` and its line break are the printer's; what precedes is the section's.
                if bytes.get(copied) == Some(&b';') {
                    copied += 1;
                }
                if bytes.get(copied) == Some(&b'\n') {
                    copied += 1;
                }
                if let Some((_, draft)) = next_draft.next() {
                    frame_declaration(&mut object, &out, section_start, draft);
                    close_section(&mut object, &out, draft);
                }
                section_start = out.len();
            }
        }
    }
    let rest = code.get(copied..).unwrap_or("");
    if format == ModuleFormat::CommonJs {
        segments.copy_until(code.len(), copied, out.len(), &mut object);
        out.push_str(rest);
        if let Some((_, draft)) = next_draft.next() {
            close_section(&mut object, &out, draft);
        }
    }
    object.text = out;
    object.map_names = segments.into_names();
    object
}

fn close_section(object: &mut ModuleObject, out: &str, draft: &Draft) {
    object.sections.push(SectionText {
        text_end: out.len() as u32,
        relocations_end: object.relocations.len() as u32,
        segments_end: object.segments.len() as u32,
        shape: draft.shape,
    });
}

fn relocate(object: &mut ModuleObject, out: &str, section_start: usize, kind: RelocationKind, target: u32) {
    let offset = out.len();
    let mut push = |offset: usize, covers: usize, kind| {
        object.relocations.push(Relocation { offset: offset as u32, covers: covers as u16, kind, target });
    };
    match kind {
        RelocationKind::Shorthand => {
            let covers = shorthand_key_len(out.get(section_start..).unwrap_or(""));
            push(offset - covers, covers, RelocationKind::Shorthand);
        }
        RelocationKind::VarHead => {
            if out.ends_with("var ") {
                push(offset - 4, 4, RelocationKind::VarHead);
            }
            push(offset, 0, RelocationKind::Name);
        }
        kind => push(offset, 0, kind),
    }
}

/// Bytes of `key: ` (or `key:`) at the end of `text`.
fn shorthand_key_len(text: &str) -> usize {
    let trimmed = text.strip_suffix(' ').unwrap_or(text);
    let Some(key_end) = trimmed.strip_suffix(':') else { return 0 };
    let key_start = key_end
        .bytes()
        .rposition(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'\\') || byte >= 0x80))
        .map_or(0, |at| at + 1);
    text.len() - key_start
}

/// Adds the head and the tail of a declaration: its keyword and the place before its `;`.
fn frame_declaration(object: &mut ModuleObject, out: &str, section_start: usize, draft: &Draft) {
    let Some(target) = draft.section.declares.first().copied().or(Some(SymbolIdx(0))) else { return };
    let first = object.sections.iter().last().map_or(0, |section| section.relocations_end as usize);
    let text = out.get(section_start..).unwrap_or("");
    let comments = text.len() - after_comments(text).len();
    let mut head = Relocation {
        offset: (section_start + comments) as u32,
        covers: 0,
        kind: RelocationKind::DeclarationHead,
        target: target.0,
    };
    match draft.shape {
        SectionShape::Declaration => {
            let Some(tail) = text.trim_end().strip_suffix(';') else { return };
            head.covers = keyword_len(&text[comments..]) as u16;
            object.relocations.insert(first, head);
            object.relocations.push(Relocation {
                offset: (section_start + tail.len()) as u32,
                covers: 0,
                kind: RelocationKind::DeclarationTail,
                target: target.0,
            });
        }
        SectionShape::Class => object.relocations.insert(first, head),
        _ => {}
    }
}

/// `text` without the comments that the printer kept in front: `/* istanbul ignore next */ const a = 1;`.
fn after_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let end = if rest.starts_with("/*") {
            rest.find("*/").map(|at| at + 2)
        } else if rest.starts_with("//") {
            rest.find('\n')
        } else {
            None
        };
        match end.and_then(|end| rest.get(end..)) {
            Some(after) => rest = after.trim_start(),
            None => return rest,
        }
    }
}

/// Bytes of `const `, `let ` or `var ` at the start of a declaration. Of `const{a}=o`, as minified text has it, the
/// brace is not one of them.
fn keyword_len(text: &str) -> usize {
    let word = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    word + usize::from(text.as_bytes().get(word) == Some(&b' '))
}

/// Walks the printer's source map along with the copy. Tokens are sorted by generated place.
struct Segments<'m> {
    tokens: Vec<Token>,
    next: usize,
    names: Vec<&'m str>,
    used_names: Vec<Box<str>>,
    name_slots: Vec<u32>,
}

struct Token {
    /// Byte offset in the printed code.
    at: usize,
    line: u32,
    column: u32,
    name: u32,
}

impl<'m> Segments<'m> {
    fn new(code: &str, map: Option<&'m SourceMap<'_>>) -> Self {
        let Some(map) = map else {
            return Self {
                tokens: Vec::new(),
                next: 0,
                names: Vec::new(),
                used_names: Vec::new(),
                name_slots: Vec::new(),
            };
        };
        let names: Vec<&str> = map.get_names().collect();
        let mut tokens = Vec::new();
        let mut cursor = Cursor { code, at: 0, line: 0, column: 0 };
        for token in map.get_tokens() {
            if token.get_source_id().is_none() {
                continue;
            }
            let at = cursor.seek(token.get_dst_line(), token.get_dst_col());
            tokens.push(Token {
                at,
                line: token.get_src_line(),
                column: token.get_src_col(),
                name: token.get_name_id().unwrap_or(u32::MAX),
            });
        }
        let name_slots = vec![u32::MAX; names.len()];
        Self { tokens, next: 0, names, used_names: Vec::new(), name_slots }
    }

    /// Tokens before `until` belong to text copied from `copied` to `out_len`.
    fn copy_until(&mut self, until: usize, copied: usize, out_len: usize, object: &mut ModuleObject) {
        while let Some(token) = self.tokens.get(self.next).filter(|token| token.at < until) {
            let offset = (out_len + token.at.saturating_sub(copied)) as u32;
            let segment =
                MapSegment { offset, line: token.line, column: token.column, name: token.name, after_relocations: 0 };
            self.push(segment, object);
            self.next += 1;
        }
    }

    /// The token that maps the marker itself, and the one right behind it.
    fn at_relocation(&mut self, at: usize, end: usize, out_len: usize, object: &mut ModuleObject) {
        while let Some(token) = self.tokens.get(self.next).filter(|token| token.at <= end) {
            let after = u8::from(token.at > at);
            let segment = MapSegment {
                offset: out_len as u32,
                line: token.line,
                column: token.column,
                name: token.name,
                after_relocations: after,
            };
            self.push(segment, object);
            self.next += 1;
        }
    }

    fn skip_until(&mut self, until: usize) {
        while self.tokens.get(self.next).is_some_and(|token| token.at < until) {
            self.next += 1;
        }
    }

    fn push(&mut self, mut segment: MapSegment, object: &mut ModuleObject) {
        if let Some(slot) = self.name_slots.get_mut(segment.name as usize) {
            if *slot == u32::MAX {
                *slot = self.used_names.len() as u32;
                self.used_names.push(self.names.get(segment.name as usize).copied().unwrap_or("").into());
            }
            segment.name = *slot;
        }
        object.segments.push(segment);
    }

    fn into_names(self) -> Vec<Box<str>> {
        self.used_names
    }
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
