//! HTML entries: the document's text with the URLs of what it mentions and the tags of its own chunk.

use crate::import_map;
use crate::link_input::shown_path;
use crate::options::BuildOptions;
use crate::output::{OutputAsset, OutputFile};
use crate::plan::Part;
use crate::scan::Scan;
use crate::style_sheets::UrlContext;
use crate::urls::file_url;
use cloudpack_base::{ChunkIdx, Idx, IndexVec, ModuleIdx, path};
use cloudpack_link::{FinalChunk, HtmlTags, link_html};
use std::borrow::Cow;
use std::sync::Arc;

/// Where a document is emitted: at its place below the project, as servers expect pages at the URLs of their folders.
fn document_file(id: &str, cwd: &str) -> String {
    let shown = shown_path(path::split_query(id).0, cwd);
    if shown.starts_with("..") || path::is_absolute(&shown) { path::basename(&shown).to_owned() } else { shown }
}

/// Final files of one part, as documents need them.
pub(crate) struct PartFiles<'f> {
    pub(crate) chunks: &'f IndexVec<ChunkIdx, FinalChunk>,
    pub(crate) css_files: &'f IndexVec<ChunkIdx, Option<String>>,
    pub(crate) asset_files: &'f IndexVec<ModuleIdx, Option<String>>,
}

/// Chunks that no page needs to load: a document without scripts of its own leaves an empty one.
pub(crate) fn is_empty_document_chunk(scan: &Scan, part: &Part, index: ChunkIdx, chunk: &FinalChunk) -> bool {
    let planned = &part.plan.chunks[index];
    let is_document = planned.entry.is_some_and(|module| crate::emit::is_document(scan, module));
    // A comment that leads to a map, and the frame of an iife, are not code.
    is_document && chunk.modules.iter().all(|module| module.rendered_length == 0) && chunk.imports.is_empty()
}

pub(crate) fn emit_documents(
    scan: &Scan,
    options: &BuildOptions,
    part: &Part,
    variant: usize,
    files: &PartFiles<'_>,
    out: &mut Vec<OutputFile>,
) {
    for (index, planned) in part.plan.chunks.iter_enumerated() {
        let Some(module) = planned.entry.filter(|module| crate::emit::is_document(scan, *module)) else { continue };
        let record = &scan.graph.modules[module];
        let Some(html) = record.compiled.get(variant).and_then(|compiled| compiled.object.html.as_deref()) else {
            continue;
        };
        let own_file = document_file(&record.id, &options.cwd);
        let context = UrlContext { scan, options, variant, asset_files: files.asset_files, from: &own_file };
        let urls = context.urls(module, &html.relocations);
        let url = |file: &str| Cow::Owned(file_url(options.base.as_deref(), &own_file, file));
        let closure = static_closure(part, index);
        let Some(chunk) = files.chunks.get(index) else { continue };
        let has_code = !is_empty_document_chunk(scan, part, index, chunk);
        let mapped = if has_code { import_map::mapped_files(scan, part, files.chunks) } else { Vec::new() };
        let tags = HtmlTags {
            import_map: (!mapped.is_empty()).then(|| import_map::in_document(&mapped, url)),
            scripts: if has_code { vec![url(&chunk.file_name)] } else { Vec::new() },
            preloads: closure
                .iter()
                .filter(|other| **other != index && has_code)
                .filter_map(|other| files.chunks.get(*other))
                .map(|other| url(&other.file_name))
                .collect(),
            style_sheets: closure
                .iter()
                .filter_map(|other| files.css_files.get(*other).and_then(Option::as_deref))
                .map(url)
                .collect(),
            classic: part.format.is_script(),
        };
        let text = link_html(html, &urls, &tags);
        out.push(OutputFile::Asset(OutputAsset {
            file_name: own_file.clone(),
            names: vec![own_file],
            original_file_names: vec![path::split_query(&record.id).0.to_owned()],
            source: Arc::from(text.into_bytes()),
        }));
    }
}

/// The chunk and all that it imports statically, dependencies first: the order in which style sheets must come.
fn static_closure(part: &Part, start: ChunkIdx) -> Vec<ChunkIdx> {
    let mut order = Vec::new();
    let mut seen = vec![false; part.plan.chunks.len()];
    let mut stack = vec![(start, false)];
    while let Some((chunk, is_done)) = stack.pop() {
        if is_done {
            order.push(chunk);
            continue;
        }
        match seen.get_mut(chunk.index()) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        stack.push((chunk, true));
        stack.extend(part.plan.chunks[chunk].imports.iter().rev().map(|import| (import.chunk, false)));
    }
    order
}
