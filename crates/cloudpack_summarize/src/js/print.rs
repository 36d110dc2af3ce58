//! Prints the marked tree once and reads the text back: the markers become the relocation table and the section
//! boundaries, the rest is the module's text. Source-map segments move from lines and columns to byte offsets.

use super::marker::{MARKER_LEN, MarkerKind, Markers};
use super::relocate::Relocated;
use super::sections::Draft;
use super::segments::{Renames, Segments};
use super::{JsInput, JsOptions};
use cloudpack_base::{IndexVec, SectionIdx, SymbolIdx};
use cloudpack_object::{
    ModuleObject, Relocation, RelocationKind, SectionShape, SectionText, members_len, short_name_number,
};
use cloudpack_summary::{ModuleFormat, ModuleSummary, SizeClass, Symbol, member_path};
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions, LegalComment};
use std::path::PathBuf;

pub(super) fn print(
    input: &JsInput<'_>,
    options: &JsOptions,
    relocated: Relocated<'_>,
) -> (ModuleSummary, ModuleObject) {
    let Relocated { program, scoping, private_names, renames, markers, mut table, drafts } = relocated;
    let (nested_names, global_names) = names_to_avoid(&scoping, table.format);
    let nested_short = if options.minify { short_nested_names(&scoping, &drafts, table.format) } else { Vec::new() };
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
    let segments = match &printed.map {
        Some(map) => Segments::new(
            &printed.code,
            map,
            input.source,
            &Renames { markers: &markers, symbols: &table.symbols, nested: &renames },
        ),
        None => Segments::default(),
    };
    let mut object = read_markers(&printed.code, segments, &markers, &drafts, &table.symbols, table.format);
    for (section, nested) in object.sections.iter_mut().zip(nested_short) {
        section.nested_short = nested;
    }
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
        plain: table.plain,
        commonjs: table.commonjs,
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

/// `SectionText::nested_short` of each section. Cost: symbols and scopes.
fn short_nested_names(scoping: &oxc_semantic::Scoping, drafts: &[Draft], format: ModuleFormat) -> Vec<u64> {
    let root = scoping.root_scope_id();
    let mut section_of = vec![usize::MAX; scoping.scopes_len()];
    for (section, draft) in drafts.iter().enumerate() {
        for scope in &draft.scopes {
            if let Some(slot) = section_of.get_mut(scope.index()) {
                *slot = section;
            }
        }
    }
    let mut nested = vec![0; drafts.len()];
    for symbol in scoping.symbol_ids() {
        let scope = scoping.symbol_scope_id(symbol);
        if scope == root && format != ModuleFormat::CommonJs {
            continue;
        }
        let Some(number) = short_name_number(scoping.symbol_name(symbol)).filter(|number| *number < u64::BITS) else {
            continue;
        };
        let section = scoping.scope_ancestors(scope).find_map(|scope| {
            section_of.get(scope.index()).copied().and_then(|section| nested.get(section).map(|_| section))
        });
        match section.and_then(|section| nested.get_mut(section)) {
            Some(names) => *names |= 1 << number,
            // Of a scope that no walk entered.
            None => nested.iter_mut().for_each(|names| *names |= 1 << number),
        }
    }
    nested
}

/// Splits the printed code at its markers. Cost: one search pass over `code`.
fn read_markers(
    code: &str,
    mut segments: Segments<'_>,
    markers: &Markers,
    drafts: &[Draft],
    symbols: &IndexVec<SymbolIdx, Symbol>,
    format: ModuleFormat,
) -> ModuleObject {
    let bytes = code.as_bytes();
    let mut object = ModuleObject::default();
    let mut out = String::with_capacity(code.len());
    object.segments.reserve_exact(segments.len());
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
                let covers = match kind {
                    RelocationKind::Member => members_len(
                        code.get(copied..).unwrap_or(""),
                        member_path(symbols, SymbolIdx(target)).count() - 1,
                    ),
                    _ => Some(0),
                };
                debug_assert!(covers.is_some(), "the printer puts something between an object and its member");
                relocate(&mut object, &out, section_start, kind, covers.unwrap_or(0), target);
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
        nested_short: 0,
        shape: draft.shape,
    });
}

/// `covers`: bytes behind the place, which are still to be copied.
fn relocate(
    object: &mut ModuleObject,
    out: &str,
    section_start: usize,
    kind: RelocationKind,
    covers: usize,
    target: u32,
) {
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
        kind => push(offset, covers, kind),
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
