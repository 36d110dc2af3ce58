//! Files of an earlier build that are still right. They lie on the disk; what is known of them besides their bytes lies in
//! the store. Neither is read before somebody asks.

use crate::build_record::OutputFact;
use crate::cache_store::{DESCRIPTION, SharedStore};
use crate::output::{OutputAsset, OutputChunk, OutputFile};
use cloudpack_base::{ContentHash, Diagnostic, path};
use cloudpack_fs::{FileSystem, Stamp};
use cloudpack_store::Key;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock, PoisonError};

/// The files of one output.
pub(crate) struct KeptOutput {
    pub(crate) fs: Arc<dyn FileSystem>,
    pub(crate) store: SharedStore,
    /// Where they lie.
    pub(crate) dir: String,
    /// Maps are part of the code.
    pub(crate) inline_maps: bool,
    pub(crate) entries: Vec<KeptEntry>,
    /// Made when somebody looks for a name.
    pub(crate) by_name: OnceLock<FxHashMap<String, usize>>,
    /// Those that this process made, by name.
    pub(crate) made: Arc<MadeFiles>,
}

/// Files that are made again and again by the builds of a process, so that they need not be read: an edit changes the
/// same few chunks as the one before.
pub(crate) type MadeFiles = FxHashMap<String, OutputFile>;

pub(crate) struct KeptEntry {
    pub(crate) name: String,
    pub(crate) is_chunk: bool,
    pub(crate) size: u64,
    pub(crate) hash: ContentHash,
    /// As it was found by the build that keeps it.
    pub(crate) stamp: Option<Stamp>,
    /// It is there and unaltered.
    pub(crate) is_whole: bool,
    pub(crate) description: [u8; 32],
}

/// One of them.
#[derive(Clone)]
pub struct KeptFile {
    output: Arc<KeptOutput>,
    index: usize,
}

/// What is kept of an asset besides its bytes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssetDescription {
    names: Vec<String>,
    original_file_names: Vec<String>,
}

/// JSON of everything but code, map and source.
pub(crate) fn description_of(file: &OutputFile) -> Option<Vec<u8>> {
    match file {
        OutputFile::Chunk(chunk) => serde_json::to_vec(chunk).ok(),
        OutputFile::Asset(asset) => {
            let OutputAsset { names, original_file_names, .. } = asset.clone();
            serde_json::to_vec(&AssetDescription { names, original_file_names }).ok()
        }
        OutputFile::Kept(_) => None,
    }
}

impl KeptOutput {
    pub(crate) fn find(&self, name: &str) -> Option<&KeptEntry> {
        self.entries.get(self.index_of(name)?)
    }

    fn index_of(&self, name: &str) -> Option<usize> {
        let by_name = || self.entries.iter().enumerate().map(|(at, entry)| (entry.name.clone(), at)).collect();
        self.by_name.get_or_init(by_name).get(name).copied()
    }

    pub(crate) fn files(self: &Arc<Self>) -> Vec<OutputFile> {
        (0..self.entries.len()).map(|index| OutputFile::Kept(KeptFile { output: Arc::clone(self), index })).collect()
    }
}

impl KeptFile {
    pub(crate) fn new(output: &Arc<KeptOutput>, index: usize) -> Self {
        Self { output: Arc::clone(output), index }
    }
    pub(crate) fn of(output: &Arc<KeptOutput>, name: &str) -> Option<Self> {
        output.index_of(name).map(|index| Self::new(output, index))
    }
    pub(crate) fn entry(&self) -> &KeptEntry {
        &self.output.entries[self.index]
    }
    /// What the next record says of it.
    pub(crate) fn fact(&self, output: u32) -> OutputFact {
        let entry = self.entry();
        OutputFact {
            output,
            is_chunk: entry.is_chunk,
            name: entry.name.clone(),
            size: entry.size,
            hash: entry.hash,
            stamp: entry.stamp,
            description: entry.description,
        }
    }
    pub fn file_name(&self) -> &str {
        &self.entry().name
    }
    pub fn is_chunk(&self) -> bool {
        self.entry().is_chunk
    }
    /// Bytes.
    pub fn size(&self) -> u64 {
        self.entry().size
    }

    /// The file with all that belongs to it. Errors: it was changed or removed since the build.
    pub fn load(&self) -> Result<OutputFile, Diagnostic> {
        if let Some(made) = self.output.made.get(self.file_name()) {
            return Ok(made.clone());
        }
        let description = self.description()?;
        let bytes = self.bytes()?;
        let entry = self.entry();
        if !entry.is_chunk {
            let description: AssetDescription = serde_json::from_str(&description).map_err(|_| self.lost())?;
            return Ok(OutputFile::Asset(OutputAsset {
                file_name: entry.name.clone(),
                names: description.names,
                original_file_names: description.original_file_names,
                source: Arc::from(bytes),
            }));
        }
        let mut chunk: OutputChunk = serde_json::from_str(&description).map_err(|_| self.lost())?;
        let code = String::from_utf8(bytes).map_err(|_| self.lost())?;
        chunk.map = match &chunk.sourcemap_file_name {
            Some(name) => {
                let index = self.output.index_of(name).ok_or_else(|| self.lost())?;
                let map = Self { output: Arc::clone(&self.output), index }.bytes()?;
                Some(Arc::from(String::from_utf8(map).map_err(|_| self.lost())?))
            }
            None if self.output.inline_maps => inline_map(&code).map(Arc::from),
            None => None,
        };
        chunk.code = Arc::from(code);
        Ok(OutputFile::Chunk(Box::new(chunk)))
    }

    /// JSON of everything but code, map and source.
    pub fn description(&self) -> Result<String, Diagnostic> {
        let key = Key { kind: DESCRIPTION, digest: self.entry().description };
        let record = self.output.store.read().unwrap_or_else(PoisonError::into_inner).get(&key);
        record
            .filter(|record| ContentHash::of(record).0 == key.digest)
            .and_then(|record| String::from_utf8(record.to_vec()).ok())
            .ok_or_else(|| self.lost())
    }

    pub fn bytes(&self) -> Result<Vec<u8>, Diagnostic> {
        let entry = self.entry();
        let bytes = self.output.fs.read(&path::join(&self.output.dir, &entry.name)).map_err(|_| self.lost())?;
        if ContentHash::of(&bytes) == entry.hash { Ok(bytes) } else { Err(self.lost()) }
    }

    fn lost(&self) -> Diagnostic {
        let message = format!("{} was changed or removed after it was built", self.entry().name);
        Diagnostic::error("OUTPUT_CHANGED", message).with_hint("Build again")
    }
}

impl std::fmt::Debug for KeptFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeptFile({})", self.entry().name)
    }
}

/// The map in the comment at a chunk's end.
fn inline_map(code: &str) -> Option<String> {
    let last = code.trim_end().rsplit('\n').next()?;
    let (kind, data) = last.strip_prefix("//# sourceMappingURL=data:application/json")?.split_once(',')?;
    if !kind.ends_with(";base64") {
        return None;
    }
    String::from_utf8(data_encoding::BASE64.decode(data.as_bytes()).ok()?).ok()
}
