//! `output.chunkImportMap`: the names that chunks write for each other, and the files that these are now. As a file of its own, for
//! whoever serves pages, and in each document of the build.

use crate::documents::is_empty_document_chunk;
use crate::options::{BuildOptions, OutputOptions};
use crate::output::{OutputAsset, OutputFile};
use crate::plan::Part;
use crate::scan::Scan;
use crate::urls::file_url;
use cloudpack_base::{ChunkIdx, IndexVec};
use cloudpack_link::FinalChunk;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

const FILE_NAME: &str = "importmap.json";

/// What a chunk is called, and its file.
pub(crate) type Mapped = (String, String);

/// Those of one part that have files.
pub(crate) fn mapped_files(scan: &Scan, part: &Part, chunks: &IndexVec<ChunkIdx, FinalChunk>) -> Vec<Mapped> {
    chunks
        .iter_enumerated()
        .filter(|(index, chunk)| chunk.mapped_name.is_some() && !is_empty_document_chunk(scan, part, *index, chunk))
        .filter_map(|(_, chunk)| Some((chunk.mapped_name.clone()?, chunk.file_name.clone())))
        .collect()
}

/// The file, where one is asked for.
pub(crate) fn emit(options: &BuildOptions, output: &OutputOptions, mapped: Vec<Mapped>) -> Option<OutputFile> {
    let asked = output.chunk_import_map.as_ref()?;
    let base = asked.base_url.as_deref().or(options.base.as_deref()).unwrap_or("/");
    let file_name = asked.file_name.clone().unwrap_or_else(|| FILE_NAME.to_owned());
    // Relative URLs are relative to the page, which nobody knows here: as if it lay above all files.
    let text = import_map(&mapped, |file| Cow::Owned(file_url(Some(base), "", file)));
    let name = cloudpack_base::path::basename(&file_name).to_owned();
    Some(OutputFile::Asset(OutputAsset {
        file_name,
        names: vec![name],
        original_file_names: Vec::new(),
        source: Arc::from(text.into_bytes()),
    }))
}

/// For the inside of a `<script>`.
pub(crate) fn in_document<'u>(mapped: &[Mapped], url: impl Fn(&str) -> Cow<'u, str>) -> String {
    import_map(mapped, url).replace('<', "\\u003c")
}

fn import_map<'u>(mapped: &[Mapped], url: impl Fn(&str) -> Cow<'u, str>) -> String {
    let imports: BTreeMap<Cow<'u, str>, Cow<'u, str>> =
        mapped.iter().map(|(name, file)| (url(name), url(file))).collect();
    serde_json::json!({ "imports": imports }).to_string()
}
