//! What Link gives back: chunks with placeholder names, then files.

use crate::file_names::FileNames;
use crate::hashing::ContentKey;
use crate::relink::ChunkFacts;
use cloudpack_base::{ChunkIdx, Diagnostic, IndexVec, ModuleIdx, SymbolRef};
use oxc_sourcemap::SourceMap;

/// All chunks before their hashes are known.
pub struct LinkedOutput {
    pub chunks: IndexVec<ChunkIdx, RenderedChunk>,
    /// Faults of the user's options or code, and warnings. With an error among them the chunks are not to be used.
    pub diagnostics: Vec<Diagnostic>,
    pub(crate) files: FileNames,
    pub(crate) keeps_facts: bool,
}

/// One chunk's text. Names of files in it may hold placeholders (`!~{00a}~`), as long as the hash that replaces them.
pub struct RenderedChunk {
    /// Relative to the output directory, with a placeholder for the hash.
    pub preliminary_file_name: String,
    pub code: String,
    /// Names that the file exports, to the world and to other chunks; sorted.
    pub exports: Vec<String>,
    /// Static imports in the order of the text.
    pub imports: Vec<ImportedFile>,
    /// `import()` of chunks (preliminary names), then of external modules (specifiers).
    pub dynamic_imports: Vec<String>,
    /// The chunk's modules in execution order, with the bytes that each takes.
    pub modules: Vec<RenderedModule>,
    pub(crate) key: ContentKey,
    pub(crate) pieces: Vec<PlacedPiece>,
    /// Names under which others take its symbols; only with `LinkInput::keeps_facts`.
    pub(crate) aliases: Vec<(SymbolRef, Box<str>)>,
    /// `LinkInput::pass` made `code` of another text.
    pub(crate) passed: Option<Passed>,
}

/// What was made of the text that the pieces were put together to.
pub(crate) struct Passed {
    /// Where maps are wanted, the text before, whose places `RenderedChunk::pieces` are, and a map from `code` to it.
    pub(crate) before: Option<(String, SourceMap<'static>)>,
    pub(crate) key: Option<[u8; 32]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// Preliminary file name of a chunk, or the specifier of an external module.
    pub file: String,
    pub is_external: bool,
    /// Names taken from it, as it exports them; `*` for all.
    pub names: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderedModule {
    pub module: ModuleIdx,
    /// Bytes in the chunk, its wrapper and namespace object included.
    pub rendered_length: u32,
}

/// Where a module's text stands in the code, and which segments it has; only when maps are wanted.
pub(crate) struct PlacedPiece {
    pub(crate) module: ModuleIdx,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// `(byte offset from start, index into the object's segments)`
    pub(crate) segments: Vec<(u32, u32)>,
}

/// What JavaScript made of a chunk between `link` and `finalize`.
#[derive(Clone, Debug, Default)]
pub struct ChunkChange {
    /// New code (`renderChunk`). Placeholders must survive in it.
    pub code: Option<String>,
    /// Source map (JSON text) from the new code to the old one.
    pub map: Option<String>,
    /// `augmentChunkHash`
    pub extra_hash: Option<String>,
}

pub struct FinalOutput {
    pub chunks: IndexVec<ChunkIdx, FinalChunk>,
    pub diagnostics: Vec<Diagnostic>,
}

/// One file, ready to be written.
#[derive(Clone, Debug, Default)]
pub struct FinalChunk {
    pub file_name: String,
    pub preliminary_file_name: String,
    pub code: String,
    /// JSON text, when maps were asked for.
    pub map: Option<String>,
    /// The map's own file beside the chunk; `None` for inline maps.
    pub map_file_name: Option<String>,
    pub exports: Vec<String>,
    /// With final names.
    pub imports: Vec<ImportedFile>,
    pub dynamic_imports: Vec<String>,
    pub modules: Vec<RenderedModule>,
    /// What the other chunks write for this one; an import map must lead from there to `file_name`.
    pub mapped_name: Option<String>,
    /// With `LinkInput::keeps_facts`, where nothing stands in the way.
    pub facts: Option<ChunkFacts>,
}
