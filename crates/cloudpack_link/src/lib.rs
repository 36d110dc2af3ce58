//! Link, the native engine: objects + plan -> chunk texts. No syntax tree, no parser: text is copied and relocations
//! are patched, at memory speed. Everything here is a pure function of its arguments.
//!
//! The whole engine is the list in `link`, then (after JavaScript has had its look at the chunks, if it wants one) the
//! list in `finalize`. Measured by `examples/link_bench.rs`, which links 10,000 modules of 4 KB.

mod address;
mod assemble;
mod css;
mod exports;
mod file_names;
mod finalize;
mod hashing;
mod helpers;
mod html;
mod input;
mod mapped_names;
mod names;
mod output;
mod quote;
mod relink;
mod render;
mod source_map;
mod survey;
mod urls;

pub use css::{CssContent, CssPiece, CssRule, link_css};
pub use file_names::{expand, sanitize, unique};
pub use finalize::{finalize, map_url};
pub use html::{HtmlTags, link_html};
pub use input::{
    ChunkPass, EsModuleMarker, ExportsMode, ForEngine, Format, LinkInput, LinkModule, LinkOptions, ModuleCode,
    NamespaceTags, PassedText, Platform, SourcemapMode,
};
pub use output::{ChunkChange, FinalChunk, FinalOutput, ImportedFile, LinkedOutput, RenderedChunk, RenderedModule};
pub use relink::{ChunkFacts, Former, KnownNames, Outcome, relink};
pub use source_map::UpstreamMap;

use address::Scope;
use cloudpack_base::{Diagnostic, IndexVec, ModuleIdx};
use file_names::FileNames;
use rayon::prelude::*;
use render::Piece;

/// Links all chunks of one output. Cost: one copy of the live text, plus a step a live relocation.
pub fn link(input: &LinkInput<'_>) -> LinkedOutput {
    debug_assert!(input.former.is_none(), "see `relink`");
    let Wanted { chunks, diagnostics, files, keeps_facts } = link_wanted(input, None);
    LinkedOutput { chunks: IndexVec::from(chunks), diagnostics, files, keeps_facts }
}

/// The chunks that are wanted, in their order.
struct Wanted {
    chunks: Vec<RenderedChunk>,
    diagnostics: Vec<Diagnostic>,
    files: FileNames,
    keeps_facts: bool,
}

/// `known`: names of files as for `assign_file_names`.
fn link_wanted(input: &LinkInput<'_>, known: Option<&FileNames>) -> Wanted {
    let mut diagnostics = Vec::new();
    // What live code mentions: symbols with counts, helpers, URLs.
    let survey = survey::survey(input);
    // What entries offer to the world, and in which shape.
    let entries = exports::entry_exports(input, &mut diagnostics);
    // Names of the files, hashes left open. Beyond this point the length of every path is known.
    let files = file_names::assign_file_names(input, known, &mut diagnostics);
    // A final name for everything at the top level of a chunk.
    let names = names::assign_names(input, &survey, &entries);
    // Names under which chunks take symbols from each other. Beyond this point all made text is determined.
    let aliases = exports::assign_aliases(input, &entries, &names);
    let scopes: Vec<Scope<'_, '_>> = input
        .plan
        .chunks
        .indices()
        .filter(|chunk| input.is_wanted(*chunk))
        .map(|chunk| Scope::new(input, &survey, &names, &entries, &aliases, &files, chunk))
        .collect();
    // Patched text of every module.
    let pieces = render_modules(&scopes);
    // Pieces in their frames.
    let rendered: Vec<(RenderedChunk, Vec<Diagnostic>)> = scopes
        .par_iter()
        .zip(pieces)
        .map(|(scope, pieces)| {
            let mut found = Vec::new();
            (assemble::assemble(scope, pieces, &mut found), found)
        })
        .collect();
    let mut chunks: Vec<RenderedChunk> = Vec::with_capacity(rendered.len());
    for (chunk, found) in rendered {
        chunks.push(chunk);
        diagnostics.extend(found);
    }
    diagnostics.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    diagnostics.dedup();
    // Attributes of an import may be written in a module of another chunk.
    let keeps_facts = input.keeps_facts && survey.attributes.is_empty() && !files.placeholders.has_rivals;
    Wanted { chunks, diagnostics, files, keeps_facts }
}

/// For each scope's chunk, the pieces of its modules. One flat list of modules, so that one big chunk and a thousand
/// small ones keep all threads busy alike.
fn render_modules(scopes: &[Scope<'_, '_>]) -> Vec<Vec<Piece>> {
    let Some(first) = scopes.first() else { return Vec::new() };
    let input = first.input;
    let with_map = input.options.sourcemap != SourcemapMode::None;
    let work: Vec<(&Scope<'_, '_>, ModuleIdx)> = scopes
        .iter()
        .flat_map(|scope| input.plan.chunks[scope.chunk].modules.iter().map(move |module| (scope, *module)))
        .collect();
    let pieces: Vec<Piece> = work
        .par_iter()
        .with_min_len(8)
        .map(|(scope, module)| match input.modules[*module].code {
            Some(code) => render::render_module(scope, *module, code, with_map),
            None => Piece::default(),
        })
        .collect();
    let mut pieces = pieces.into_iter();
    scopes.iter().map(|scope| pieces.by_ref().take(input.plan.chunks[scope.chunk].modules.len()).collect()).collect()
}
