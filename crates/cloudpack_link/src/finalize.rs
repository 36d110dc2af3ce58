//! Pass 7 and 8, finalize: hashes and final names, put in place of placeholders; source maps and their comments.

use crate::file_names::{FileNames, FinalNames, Placeholders};
use crate::hashing::{ChunkHashes, ContentKey, content_key, join_keys};
use crate::input::{LinkInput, SourcemapMode};
use crate::output::{ChunkChange, FinalChunk, FinalOutput, ImportedFile, LinkedOutput, Passed, RenderedChunk};
use crate::relink::ChunkFacts;
use crate::source_map::{chunk_map, compose, through};
use crate::urls::encode_path;
use cloudpack_base::{ChunkIdx, Diagnostic, IndexVec, path};
use rayon::prelude::*;

/// `changes` is parallel to the chunks, or shorter when the rest is unchanged.
pub fn finalize(input: &LinkInput<'_>, linked: LinkedOutput, changes: Vec<ChunkChange>) -> FinalOutput {
    let LinkedOutput { chunks, diagnostics, files, keeps_facts } = linked;
    let mut changes: IndexVec<ChunkIdx, ChunkChange> = IndexVec::from(changes);
    while changes.len() < chunks.len() {
        changes.push(ChunkChange::default());
    }
    // From here on the content is fixed; only names are still open.
    let keys: Vec<ContentKey> =
        chunks.iter().zip(&changes).map(|(chunk, change)| changed_key(files.placeholders, chunk, change)).collect();
    let hashes = ChunkHashes::new(&keys.iter().map(ContentKey::view).collect());
    let FinalNames { names, hashes: hash_texts, .. } = FinalNames::new(&files, &hashes.all);
    let naming = Naming { names: &names, hashes: &hash_texts, files: &files, keeps_facts };
    let work: Vec<(ChunkIdx, RenderedChunk, ChunkChange)> = chunks
        .into_vec()
        .into_iter()
        .zip(changes.into_vec())
        .zip(names.indices())
        .map(|((chunk, change), index)| (index, chunk, change))
        .collect();
    let done: Vec<(FinalChunk, Option<Diagnostic>)> = work
        .into_par_iter()
        .map(|(index, chunk, change)| finalize_chunk(input, &naming, index, chunk, change))
        .collect();
    let mut output = FinalOutput { chunks: IndexVec::with_capacity(done.len()), diagnostics };
    for (chunk, diagnostic) in done {
        output.chunks.push(chunk);
        output.diagnostics.extend(diagnostic);
    }
    output
}

fn changed_key(placeholders: Placeholders, chunk: &RenderedChunk, change: &ChunkChange) -> ContentKey {
    let key = match &change.code {
        Some(code) => content_key(placeholders, [code.as_str()]),
        None => chunk.key.clone(),
    };
    match &change.extra_hash {
        Some(extra) => join_keys([&key, &content_key(placeholders, [extra.as_str()])]),
        None => key,
    }
}

/// The final names of all chunks.
pub(crate) struct Naming<'n> {
    pub(crate) names: &'n IndexVec<ChunkIdx, String>,
    /// The hash in each name; empty without one.
    pub(crate) hashes: &'n IndexVec<ChunkIdx, String>,
    pub(crate) files: &'n FileNames,
    pub(crate) keeps_facts: bool,
}

pub(crate) fn finalize_chunk(
    input: &LinkInput<'_>,
    naming: &Naming<'_>,
    index: ChunkIdx,
    chunk: RenderedChunk,
    change: ChunkChange,
) -> (FinalChunk, Option<Diagnostic>) {
    let hashes = naming.hashes;
    let placeholders = naming.files.placeholders;
    let file_name = naming.names[index].as_str();
    let mapped_name = naming.files.mapped.get(index).cloned().flatten();
    let mode = input.options.sourcemap;
    let keeps_facts = naming.keeps_facts && change.code.is_none() && change.extra_hash.is_none();
    let mut diagnostic = None;
    let mut map = None;
    if mode != SourcemapMode::None {
        let linked = match &chunk.passed {
            Some(Passed { before: Some((before, pass)), .. }) => {
                through(pass, chunk_map(input, file_name, before, &chunk.pieces))
            }
            _ => chunk_map(input, file_name, &chunk.code, &chunk.pieces),
        };
        map = Some(match (&change.code, &change.map) {
            (Some(_), Some(hook_map)) => {
                let unchanged = linked.clone();
                compose(hook_map, linked, file_name).unwrap_or_else(|fault| {
                    diagnostic = Some(*fault);
                    unchanged
                })
            }
            _ => linked,
        });
    }
    let mut code = change.code.unwrap_or(chunk.code);
    let places = placeholders.fill_in(&mut code, hashes);
    let facts = keeps_facts.then(|| {
        let is_empty = chunk.modules.iter().all(|module| module.rendered_length == 0) && chunk.imports.is_empty();
        let hash = hashes.get(index).cloned().unwrap_or_default();
        let passed = chunk.passed.and_then(|passed| passed.key);
        ChunkFacts::new((file_name, mapped_name.clone()), hash, chunk.key, places, chunk.aliases, is_empty, passed)
    });
    let final_name = |mut name: String| {
        placeholders.fill_in(&mut name, hashes);
        name
    };
    let (map, map_file_name) = match map {
        None => (None, None),
        Some(mut map) => {
            map.set_file(path::basename(file_name));
            match mode {
                SourcemapMode::Inline => push_comment(&mut code, &map.to_data_url()),
                SourcemapMode::File => push_comment(&mut code, &map_url(file_name)),
                SourcemapMode::Hidden | SourcemapMode::None => {}
            }
            let own_file = (mode != SourcemapMode::Inline).then(|| format!("{file_name}.map"));
            (Some(map.to_json_string()), own_file)
        }
    };
    let done = FinalChunk {
        file_name: file_name.to_owned(),
        preliminary_file_name: chunk.preliminary_file_name,
        code,
        map,
        map_file_name,
        exports: chunk.exports,
        imports: chunk
            .imports
            .into_iter()
            .map(|import| ImportedFile { file: final_name(import.file), ..import })
            .collect(),
        dynamic_imports: chunk.dynamic_imports.into_iter().map(final_name).collect(),
        modules: chunk.modules,
        mapped_name,
        facts,
    };
    (done, diagnostic)
}

/// How a chunk of this name mentions the file of its map.
pub fn map_url(file_name: &str) -> String {
    encode_path(&format!("{}.map", path::basename(file_name)))
}

fn push_comment(code: &mut String, url: &str) {
    if !code.ends_with('\n') {
        code.push('\n');
    }
    code.push_str("//# sourceMappingURL=");
    code.push_str(url);
    code.push('\n');
}
