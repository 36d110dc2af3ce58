//! What a build gives back, in Rollup's shape: `OutputChunk`s, `OutputAsset`s, statistics, warnings.

use crate::kept_output::KeptFile;
use cloudpack_base::{ContentHash, Diagnostic};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// One output (`BuildOptions::output` may ask for several) after names and hashes are final.
#[derive(Clone, Debug, Default)]
pub struct OutputBundle {
    /// Sorted: entry chunks, dynamic entries, common chunks, assets; within each by file name.
    pub files: Vec<OutputFile>,
}

#[derive(Clone, Debug)]
pub enum OutputFile {
    Chunk(Box<OutputChunk>),
    Asset(OutputAsset),
    /// A file of an earlier build that is still right; read when somebody asks.
    Kept(KeptFile),
}

impl OutputFile {
    pub fn file_name(&self) -> &str {
        match self {
            Self::Chunk(chunk) => &chunk.file_name,
            Self::Asset(asset) => &asset.file_name,
            Self::Kept(kept) => kept.file_name(),
        }
    }
    /// A kept file is read. Errors: it was changed or removed since the build.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, Diagnostic> {
        match self {
            Self::Chunk(chunk) => Ok(Cow::Borrowed(chunk.code.as_bytes())),
            Self::Asset(asset) => Ok(Cow::Borrowed(&asset.source)),
            Self::Kept(kept) => kept.bytes().map(Cow::Owned),
        }
    }
    /// Whether its bytes have this digest. Cost: that of hashing them; nothing for a kept file.
    pub(crate) fn has_hash(&self, hash: ContentHash) -> bool {
        match self {
            Self::Chunk(chunk) => ContentHash::of(chunk.code.as_bytes()) == hash,
            Self::Asset(asset) => ContentHash::of(&asset.source) == hash,
            Self::Kept(kept) => kept.entry().hash == hash,
        }
    }
    /// The same with all its parts in memory.
    pub fn loaded(&self) -> Result<Self, Diagnostic> {
        match self {
            Self::Kept(kept) => kept.load(),
            made => Ok(made.clone()),
        }
    }
}

/// All but `code` and `map` is cheap and crosses into JavaScript at once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputChunk {
    pub file_name: String,
    /// The name before hashes were known; equal to `file_name` when the pattern has none.
    pub preliminary_file_name: String,
    pub name: String,
    pub is_entry: bool,
    pub is_dynamic_entry: bool,
    pub facade_module_id: Option<String>,
    /// In execution order.
    pub module_ids: Vec<String>,
    /// Parallel to `module_ids`: what is left of each.
    pub modules: Vec<RenderedModule>,
    pub exports: Vec<String>,
    /// File names of chunks, and specifiers of external modules.
    pub imports: Vec<String>,
    pub dynamic_imports: Vec<String>,
    /// Names taken from each of `imports`.
    pub imported_bindings: Vec<(String, Vec<String>)>,
    /// File names of assets that the code mentions (style sheets included).
    pub referenced_files: Vec<String>,
    /// The style sheet that belongs to this chunk.
    pub css_file_name: Option<String>,
    pub sourcemap_file_name: Option<String>,
    #[serde(skip)]
    pub code: Arc<str>,
    /// JSON text; set when maps were asked for.
    #[serde(skip)]
    pub map: Option<Arc<str>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RenderedModule {
    /// Bytes in the chunk.
    pub rendered_length: u32,
    /// Bytes of the source as it was summarised.
    pub original_length: u32,
    pub rendered_exports: Vec<String>,
    pub removed_exports: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct OutputAsset {
    pub file_name: String,
    pub names: Vec<String>,
    pub original_file_names: Vec<String>,
    pub source: Arc<[u8]>,
}

/// Counters are what was done, not what exists: they show what was reused.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildStats {
    pub modules: u32,
    /// Parsed in this build.
    pub summarized: u32,
    /// Modules that were not parsed: their summary and object were in the cache.
    pub reused: u32,
    /// Requests that plugins were asked about, and modules; of all others JavaScript heard nothing.
    pub asked_requests: u32,
    pub asked_modules: u32,
    /// Requests and modules that plugins would have been asked about, had the answers not been in the cache.
    pub recalled_requests: u32,
    pub recalled_modules: u32,
    /// What became of the answers that plugins gave in the last build: `taken up`, or why not; empty if none are kept.
    pub last_results: String,
    /// Whether Analyze ran.
    pub analyzed: bool,
    /// Modules whose text was patched in this build.
    pub rendered: u32,
    /// Chunks whose text was made in this build; others were taken over as they were.
    pub chunks_linked: u32,
    /// Of these, with `minify: "full"`, chunks that were compressed as a whole; others were found in the cache.
    pub chunks_minified: u32,
    /// Modules that section GC left nothing of.
    pub dead_modules: u32,
    pub chunks_written: u32,
    /// Inputs of the last build that were held against the disk: files, directories and other questions. In a session these
    /// are the ones that events named, where events tell of everything.
    pub checked: u32,
    /// What the last build with the same options could do for this one: `unchanged` (it stands for it), or why it could not;
    /// empty without a cache.
    pub last_build: String,
    /// Milliseconds a phase, in the order of the phases: `scan`, `analyze`, `link`, `emit`, `write`.
    pub ms: Vec<(String, f64)>,
}

/// What the scan and the plan had to say. Errors mean: nothing was written.
#[derive(Clone, Debug, Default)]
pub struct BuildReport {
    pub diagnostics: Vec<Diagnostic>,
    pub stats: BuildStats,
    /// Absolute paths whose change should trigger a rebuild. Sorted.
    pub watch_files: Vec<String>,
}
