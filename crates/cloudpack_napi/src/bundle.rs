//! The files of one output, held for JavaScript: their descriptions cross at once, their text when it is read.

use crate::guard::{bug, guarded, to_json};
use cloudpack::output::{OutputAsset, OutputBundle, OutputChunk, OutputFile};
use cloudpack_base::Diagnostic;
use napi::Result;
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use serde::Serialize;
use std::sync::{Arc, OnceLock};

/// Result of `Session.generate` and `Session.finalize`.
#[napi]
pub struct Bundle {
    pub(crate) files: Arc<OutputBundle>,
    /// Parallel to the files: those of an earlier build that were read.
    loaded: Vec<OnceLock<OutputFile>>,
    diagnostics: Vec<Diagnostic>,
}

/// A file added or changed by a plugin, or made by an engine.
#[napi(object)]
pub struct AddedFile {
    pub file_name: String,
    pub source: Buffer,
    /// Of a chunk: JSON of `OutputChunk`.
    pub chunk: Option<String>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum FileDescription<'a> {
    Chunk(&'a OutputChunk),
    #[serde(rename_all = "camelCase")]
    Asset {
        file_name: &'a str,
        names: &'a [String],
        original_file_names: &'a [String],
        size: usize,
    },
    #[serde(untagged, rename_all = "camelCase")]
    Kept {
        /// `chunk` or `asset`.
        kept: &'static str,
        file_name: &'a str,
    },
}

impl Bundle {
    pub(crate) fn new(result: std::result::Result<OutputBundle, Vec<Diagnostic>>) -> Self {
        match result {
            Ok(files) => {
                let loaded = files.files.iter().map(|_| OnceLock::new()).collect();
                Self { files: Arc::new(files), loaded, diagnostics: Vec::new() }
            }
            Err(diagnostics) => Self { files: Arc::default(), loaded: Vec::new(), diagnostics },
        }
    }

    fn entry(&self, index: u32) -> Result<&OutputFile> {
        self.files.files.get(index as usize).ok_or_else(|| bug("a file was asked for that the bundle does not hold"))
    }

    /// The file with its text; one of an earlier build is read now.
    fn file(&self, index: u32) -> Result<&OutputFile> {
        let file = self.entry(index)?;
        let (OutputFile::Kept(_), Some(slot)) = (file, self.loaded.get(index as usize)) else { return Ok(file) };
        if let Some(loaded) = slot.get() {
            return Ok(loaded);
        }
        let loaded = file.loaded().map_err(|fault| napi::Error::from_reason(fault.message))?;
        Ok(slot.get_or_init(|| loaded))
    }
}

#[napi]
impl Bundle {
    /// JSON list; when it is not empty, there are no files.
    #[napi]
    pub fn diagnostics(&self) -> Result<String> {
        to_json(&self.diagnostics)
    }

    /// JSON list of `OutputChunk | OutputAsset` without code, maps and sources; `type` is `chunk` or `asset`. Of a file of an
    /// earlier build `{ kept, fileName }`.
    #[napi]
    pub fn files(&self) -> Result<String> {
        guarded(|| {
            let files: Vec<FileDescription<'_>> = self
                .files
                .files
                .iter()
                .map(|file| match file {
                    OutputFile::Chunk(chunk) => FileDescription::Chunk(chunk),
                    OutputFile::Asset(asset) => FileDescription::Asset {
                        file_name: &asset.file_name,
                        names: &asset.names,
                        original_file_names: &asset.original_file_names,
                        size: asset.source.len(),
                    },
                    OutputFile::Kept(file) => FileDescription::Kept {
                        kept: if file.is_chunk() { "chunk" } else { "asset" },
                        file_name: file.file_name(),
                    },
                })
                .collect();
            to_json(&files)
        })
    }

    #[napi]
    pub fn file_name(&self, index: u32) -> Result<&str> {
        self.entry(index).map(OutputFile::file_name)
    }

    /// Of a file of an earlier build: JSON of what `files` says of others.
    #[napi]
    pub fn description(&self, index: u32) -> Result<String> {
        match self.entry(index)? {
            OutputFile::Kept(file) => file.description().map_err(|fault| napi::Error::from_reason(fault.message)),
            _ => Err(bug("a file that was made now was asked for as if it had been kept")),
        }
    }

    /// Text of a chunk.
    #[napi]
    pub fn code(&self, index: u32) -> Result<&str> {
        match self.file(index)? {
            OutputFile::Chunk(chunk) => Ok(&chunk.code),
            _ => Err(bug("an asset has no code")),
        }
    }

    /// Source map of a chunk as JSON text; null when maps were not asked for.
    #[napi]
    pub fn map(&self, index: u32) -> Result<Option<&str>> {
        match self.file(index)? {
            OutputFile::Chunk(chunk) => Ok(chunk.map.as_deref()),
            _ => Err(bug("an asset has no map")),
        }
    }

    /// Bytes of a file, as a copy.
    #[napi]
    pub fn source(&self, index: u32) -> Result<Buffer> {
        let bytes = self.entry(index)?.bytes().map_err(|fault| napi::Error::from_reason(fault.message))?;
        Ok(bytes.into_owned().into())
    }
}

/// The bundle without the files at the indices `removed`, and with `added` after the others.
pub(crate) fn with_changes(bundle: &Arc<OutputBundle>, removed: &[u32], added: &[AddedFile]) -> Arc<OutputBundle> {
    if removed.is_empty() && added.is_empty() {
        return bundle.clone();
    }
    let kept =
        bundle.files.iter().zip(0u32..).filter(|(_, index)| !removed.contains(index)).map(|(file, _)| file.clone());
    let new = added.iter().map(|file| {
        let described = file.chunk.as_deref().and_then(|chunk| serde_json::from_str::<OutputChunk>(chunk).ok());
        match described.zip(std::str::from_utf8(&file.source).ok()) {
            Some((chunk, code)) => OutputFile::Chunk(Box::new(OutputChunk { code: Arc::from(code), ..chunk })),
            None => {
                let source = Arc::from(&*file.source);
                OutputFile::Asset(OutputAsset { file_name: file.file_name.clone(), source, ..OutputAsset::default() })
            }
        }
    });
    let mut files: Vec<OutputFile> = kept.chain(new).collect();
    if added.iter().any(|file| file.chunk.is_some()) {
        // As the core has them: the record of this build gives them in the order in which they are here.
        files.sort_by_key(|file| match file {
            OutputFile::Chunk(chunk) if chunk.is_entry => 0,
            OutputFile::Chunk(chunk) if chunk.is_dynamic_entry => 1,
            OutputFile::Chunk(_) => 2,
            OutputFile::Asset(_) | OutputFile::Kept(_) => 3,
        });
    }
    Arc::new(OutputBundle { files })
}

/// Chunks alone as a bundle, for `Session.generate`.
pub(crate) fn of_chunks(chunks: Vec<OutputChunk>) -> OutputBundle {
    OutputBundle { files: chunks.into_iter().map(|chunk| OutputFile::Chunk(Box::new(chunk))).collect() }
}
