//! Pass 6, assemble: pieces, imports, exports and the format's frame -> one chunk's text.
//!
//! The order is the same for every format: hashbang and directives, banner, what the chunk imports, helpers, namespace
//! objects, modules in execution order, the call that runs a wrapped entry, exports, footer.

mod cjs;
mod es;
mod iife;
mod imports;
mod umd;
mod whole;

use crate::address::Scope;
use crate::exports::EntryShape;
use crate::hashing::{ContentKey, content_key, join_keys};
use crate::helpers::{self, Helper};
use crate::input::{Format, SourcemapMode};
use crate::output::{ImportedFile, PlacedPiece, RenderedChunk, RenderedModule};
use crate::render::{Piece, pick};
use crate::survey::sections;
use cloudpack_base::{Diagnostic, ModuleIdx, SymbolRef};
use cloudpack_object::SectionShape;
use cloudpack_plan::{RequestAction, Wrap};
use cloudpack_summary::{ModuleFlags, RequestKind, WRAPPER_SYMBOL};
use rustc_hash::FxHashSet;

/// The text before and after the modules, as the format wants it.
#[derive(Default)]
struct Frame {
    /// Before helpers: `import` statements, the head of a function.
    open: String,
    /// After helpers, before namespace objects: `require()` of what the chunk imports, exports of cjs.
    imports: String,
    /// After the modules.
    close: String,
}

/// `pieces` is parallel to the chunk's modules.
pub(crate) fn assemble(scope: &Scope<'_, '_>, pieces: Vec<Piece>, diagnostics: &mut Vec<Diagnostic>) -> RenderedChunk {
    let input = scope.input;
    let plan = &input.plan.chunks[scope.chunk];
    let imported = imports::imported_files(scope);
    check(scope, diagnostics);
    let options = input.options;
    let frame = match scope.format {
        Format::Es => es::frame(scope, &imported),
        Format::Cjs => cjs::frame(scope, &imported),
        Format::Iife if options.universal => umd::frame(scope, &imported, diagnostics),
        Format::Iife => iife::frame(scope, &imported, diagnostics),
    };
    let keeps_segments = options.sourcemap != SourcemapMode::None;
    let size: usize = pieces.iter().map(|piece| piece.prelude.len() + piece.text.len() + 64).sum();
    let mut code = String::with_capacity(size + frame.open.len() + frame.imports.len() + frame.close.len() + 4096);

    let head = push_head(scope, &mut code);
    code.push_str(&frame.open);
    push_line(&mut code, options.intro.as_deref());
    if let Some(url) = scope.own_url_definition() {
        code.push_str(&url);
    }
    push_helpers(scope, &mut code);
    code.push_str(&frame.imports);
    // The frame has its own key; pieces bring theirs, so that hashing costs nothing for a piece that was reused.
    let mut frame_texts = vec![code.clone()];
    let mut keys: Vec<ContentKey> = Vec::with_capacity(pieces.len() + 1);

    for piece in &pieces {
        code.push_str(&piece.prelude);
    }
    let mut placed = Vec::new();
    let mut modules = Vec::with_capacity(pieces.len());
    let mut comments_seen: FxHashSet<&str> = FxHashSet::default();
    for (piece, &module) in pieces.into_iter().zip(&plan.modules) {
        let comments_start = code.len();
        if options.legal_comments {
            push_legal_comments(scope, module, &mut comments_seen, &mut code);
        }
        if let Some(comments) = code.get(comments_start..).filter(|comments| !comments.is_empty()) {
            frame_texts.push(comments.to_owned());
        }
        modules.push(RenderedModule { module, rendered_length: (piece.prelude.len() + piece.text.len()) as u32 });
        if !piece.text.is_empty() {
            let start = code.len();
            code.push_str(&piece.text);
            if keeps_segments && !piece.segments.is_empty() {
                placed.push(PlacedPiece { module, start, end: code.len(), segments: piece.segments });
            }
        }
        keys.push(piece.key);
    }
    let close_start = code.len();
    push_line(&mut code, options.outro.as_deref());
    code.push_str(&frame.close);
    let footer_start = code.len();
    push_line(&mut code, options.footer.as_deref());
    frame_texts.extend(code.get(close_start..).map(str::to_owned));
    if scope.files.any_hash {
        keys.push(content_key(scope.files.placeholders, frame_texts.iter().map(String::as_str)));
    }
    let mut chunk = RenderedChunk {
        preliminary_file_name: scope.files.preliminary[scope.chunk].clone(),
        exports: exported_names(scope),
        imports: imported.into_iter().map(|file| file.public).collect(),
        dynamic_imports: dynamic_imports(scope),
        modules,
        key: join_keys(&keys),
        pieces: placed,
        aliases: aliases(scope),
        passed: None,
        code,
    };
    if let Some(pass) = input.pass {
        whole::pass_over(pass, &mut chunk, &head, footer_start, keeps_segments, scope.files.placeholders);
    }
    chunk
}

/// What stands before the code: where each ends, in the text of the chunk.
struct Head {
    hashbang: usize,
    directives: usize,
    banner: usize,
}

/// Sorted, so that equal ones are equal bytes.
fn aliases(scope: &Scope<'_, '_>) -> Vec<(SymbolRef, Box<str>)> {
    if !scope.input.keeps_facts {
        return Vec::new();
    }
    let known = &scope.aliases[scope.chunk].of;
    let mut list: Vec<(SymbolRef, Box<str>)> =
        known.iter().map(|(symbol, name)| (*symbol, name.to_string().into_boxed_str())).collect();
    list.sort_unstable();
    list
}

fn push_line(code: &mut String, line: Option<&str>) {
    if let Some(line) = line.filter(|line| !line.is_empty()) {
        code.push_str(line);
        if !line.ends_with('\n') {
            code.push('\n');
        }
    }
}

/// Hashbang, directives, banner. A banner that is itself a hashbang goes first; otherwise it follows the directives,
/// which would mean nothing after code.
fn push_head(scope: &Scope<'_, '_>, code: &mut String) -> Head {
    let input = scope.input;
    let banner = input.options.banner.as_deref();
    let banner_is_hashbang = banner.is_some_and(|banner| banner.starts_with("#!"));
    if banner_is_hashbang {
        push_line(code, banner);
    }
    let entry = input.plan.chunks[scope.chunk].entry;
    let object = entry.and_then(|entry| input.modules[entry].code).map(|code| code.object);
    if let Some(hashbang) = object.and_then(|object| object.hashbang.as_deref()).filter(|_| !banner_is_hashbang) {
        push_line(code, Some(hashbang));
    }
    let hashbang = code.len();
    if scope.format == Format::Cjs && is_strict(scope) {
        code.push_str(pick(scope.minify, "\"use strict\";\n", "\"use strict\";"));
    }
    if let Some(entry) = entry {
        for directive in directives(scope, entry) {
            code.push_str(directive.trim_end_matches([';', '\n', ' ']));
            code.push_str(pick(scope.minify, ";\n", ";"));
        }
    }
    let directives = code.len();
    if !banner_is_hashbang {
        push_line(code, banner);
    }
    Head { hashbang, directives, banner: code.len() }
}

/// ES modules are strict. A file of nothing but CommonJS modules leaves it to each of them: sloppy code may need what
/// strict mode forbids (`with`, octal literals, functions in blocks). A module of which nothing is left has no say.
fn is_strict(scope: &Scope<'_, '_>) -> bool {
    let mut modules =
        scope.input.plan.chunks[scope.chunk].modules.iter().map(|module| &scope.input.plan.modules[*module]);
    modules.any(|module| module.wrap != Wrap::CommonJs && (!module.live_sections.is_empty() || module.needs_namespace))
}

/// Directives of the entry, `"use client"`, but for `"use strict"`: all output is strict.
fn directives<'x>(scope: &'x Scope<'_, '_>, entry: ModuleIdx) -> Vec<&'x str> {
    let Some(code) = scope.input.modules[entry].code else { return Vec::new() };
    // Section GC sees no effect in a directive; those of an entry stay all the same.
    sections(code.object)
        .filter(|(section, _)| code.object.sections[*section].shape == SectionShape::Directive)
        .filter_map(|(_, range)| code.object.text.get(range.text))
        .filter(|text| !text.contains("use strict"))
        .collect()
}

fn push_helpers(scope: &Scope<'_, '_>, code: &mut String) {
    let form = helpers::require_form(scope.format, scope.input.options.platform);
    let create_require = scope.own.create_require.map(|name| name.to_string()).unwrap_or_default();
    let mut own_url = String::new();
    scope.push_own_url(&mut own_url);
    for helper in Helper::ALL {
        if scope.own.helpers[helper as usize].is_some() {
            let name_of = |helper| scope.own.helper(helper).to_string();
            code.push_str(&helpers::definition(
                helper,
                scope.minify,
                scope.input.options.symbols,
                form,
                &name_of,
                &create_require,
                &own_url,
            ));
        }
    }
}

fn push_legal_comments<'x>(
    scope: &'x Scope<'_, '_>,
    module: ModuleIdx,
    seen: &mut FxHashSet<&'x str>,
    code: &mut String,
) {
    let Some(module) = scope.input.modules[module].code else { return };
    for comment in &module.object.legal_comments {
        if seen.insert(comment) {
            if !code.is_empty() && !code.ends_with('\n') {
                code.push('\n');
            }
            code.push_str(comment.trim_end());
            code.push('\n');
        }
    }
}

/// The call that runs a wrapped entry, without its semicolon: `init_a()`, `await init_a()`, `require_a()`.
fn run_entry(scope: &Scope<'_, '_>) -> Option<String> {
    let entry = scope.entries[scope.chunk].run?;
    let plan = &scope.input.plan.modules[entry];
    let call = scope.symbol(entry, WRAPPER_SYMBOL) + "()";
    Some(if plan.wrap == Wrap::Esm && plan.is_async { format!("await {call}") } else { call })
}

/// Statements at the end of a chunk that neither export nor return.
fn push_run(scope: &Scope<'_, '_>, close: &mut String) {
    if let Some(call) = run_entry(scope) {
        close.push_str(&call);
        close.push_str(pick(scope.minify, ";\n", ";"));
    }
}

fn check(scope: &Scope<'_, '_>, diagnostics: &mut Vec<Diagnostic>) {
    let input = scope.input;
    let plan = &input.plan.chunks[scope.chunk];
    if scope.format == Format::Es {
        return;
    }
    if plan.is_async {
        let awaits = |module: &&ModuleIdx| {
            let code = input.modules[**module].code;
            code.is_some_and(|code| code.summary.flags.contains(ModuleFlags::TOP_LEVEL_AWAIT))
        };
        diagnostics.extend(plan.modules.iter().filter(awaits).map(|module| {
            Diagnostic::error(
                "INVALID_TLA_FORMAT",
                format!("Top-level await needs output.format \"es\", not \"{}\"", scope.format.word()),
            )
            .with_id(input.modules[*module].id)
        }));
    }
    let needs_files = !plan.imports.is_empty() || !plan.dynamic_imports.is_empty();
    if scope.format == Format::Iife && input.options.format == Format::Iife && needs_files {
        diagnostics.push(
            Diagnostic::error("INVALID_OPTION", "output.format \"iife\" cannot be split into several chunks")
                .with_hint("Set output.codeSplitting to false, or give each entry a build of its own"),
        );
    }
}

fn exported_names(scope: &Scope<'_, '_>) -> Vec<String> {
    let entry = &scope.entries[scope.chunk];
    let mut names: Vec<String> = match entry.shape {
        EntryShape::None => Vec::new(),
        EntryShape::CommonJs => vec!["default".to_owned()],
        EntryShape::Named | EntryShape::Default => {
            entry.list.iter().map(|export| export.exported.to_string()).collect()
        }
    };
    names.extend(scope.aliases[scope.chunk].shared.iter().map(|(_, alias)| alias.to_string()));
    names.sort_unstable();
    names
}

fn dynamic_imports(scope: &Scope<'_, '_>) -> Vec<String> {
    let input = scope.input;
    let plan = &input.plan.chunks[scope.chunk];
    let mut files: Vec<String> =
        plan.dynamic_imports.iter().map(|chunk| scope.files.preliminary[*chunk].clone()).collect();
    let mut seen = FxHashSet::default();
    for module in &plan.modules {
        let Some(code) = input.modules[*module].code else { continue };
        for (request, request_plan) in input.plan.modules[*module].requests.iter_enumerated() {
            if let (RequestAction::External, Some(target)) = (&request_plan.action, request_plan.target)
                && code.summary.requests.get(request).is_some_and(|record| record.kind == RequestKind::Dynamic)
                && seen.insert(target)
            {
                files.push(scope.external_specifier(target));
            }
        }
    }
    files
}

/// One file that the chunk imports, for the text and for the outside.
struct Imported<'x> {
    from: ImportedFrom<'x>,
    public: ImportedFile,
}

enum ImportedFrom<'x> {
    Chunk(&'x cloudpack_plan::ChunkImport),
    External(&'x cloudpack_plan::ExternalImport),
}
