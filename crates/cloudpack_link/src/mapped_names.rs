//! Names for chunks that others mention by way of an import map: of the chunk's name, and not of its content, so that a text
//! which mentions the chunk stays as it is when that changes.
//!
//! ```js
//! import("./lazy-8ZmFqmUe.js")   // { "imports": { "/lazy-8ZmFqmUe.js": "/lazy-PEW1vCFl.js" } }
//! ```
//!
//! A worker has no import map, so what a worker leads to is mentioned by its real name everywhere: one module under two
//! URLs would be two modules.

use crate::file_names::FileNames;
use crate::input::{Format, LinkInput};
use cloudpack_base::{ChunkIdx, ContentHash, IndexVec};
use cloudpack_plan::{BitSet, ChunkKind};
use rustc_hash::FxHashSet;

/// Relative to the output directory; `None` where the real name is written. Cost: a step a chunk and an import of one.
pub(crate) fn mapped_names(input: &LinkInput<'_>, names: &FileNames) -> IndexVec<ChunkIdx, Option<String>> {
    if !input.options.import_map || input.options.format != Format::Es {
        return IndexVec::new();
    }
    let of_workers = led_to_by_workers(input);
    let mut taken: FxHashSet<String> = FxHashSet::default();
    let mapped = names.preliminary.iter_enumerated().map(|(chunk, preliminary)| {
        let length = names.hash_lengths[chunk];
        if length == 0 || of_workers.contains(chunk) {
            return None;
        }
        let mark = names.placeholders.of(chunk, length);
        let mut hash = ContentHash::of(preliminary.replace(&mark, "").as_bytes());
        // Chunks of one name are told apart by their order.
        loop {
            let text: String = hash.to_base64url().chars().take(length).collect();
            let name = preliminary.replace(&mark, &text);
            if taken.insert(name.to_lowercase()) {
                return Some(name);
            }
            hash = ContentHash::of(&hash.0);
        }
    });
    IndexVec::from(mapped.collect::<Vec<_>>())
}

fn led_to_by_workers(input: &LinkInput<'_>) -> BitSet<ChunkIdx> {
    let chunks = &input.plan.chunks;
    let mut found = BitSet::default();
    let mut open: Vec<ChunkIdx> =
        chunks.iter_enumerated().filter(|(_, plan)| plan.kind == ChunkKind::Worker).map(|(chunk, _)| chunk).collect();
    while let Some(chunk) = open.pop() {
        if found.contains(chunk) {
            continue;
        }
        found.insert(chunk);
        if let Some(plan) = chunks.get(chunk) {
            open.extend(plan.imports.iter().map(|import| import.chunk).chain(plan.dynamic_imports.iter().copied()));
        }
    }
    found
}
