//! What an engine gives back. Names are relative to the output directory; whoever asked checks them and puts hashes in.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EngineFile {
    /// That of a planned chunk, or one of `LiveModules::file_name`, or any other. The file of each entry has to be there.
    pub file_name: String,
    pub content: FileContent,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FileContent {
    Code(EngineCode),
    /// A file that is no code.
    Source(Vec<u8>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EngineCode {
    pub code: String,
    /// JSON, from `code` to the code of modules; sources are their `file`.
    pub map: Option<String>,
    /// Ids of the modules in it.
    pub modules: Vec<String>,
    /// File names, and specifiers of external modules.
    pub imports: Vec<String>,
    pub dynamic_imports: Vec<String>,
    pub exports: Vec<String>,
}
