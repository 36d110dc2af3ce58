//! What an engine is told, before it asks for anything. Ids are opaque strings, as plugins may make them; files are paths with
//! `/` that no disk has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One output. Unknown fields are refused, so that the two sides of the interface cannot drift apart unseen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnginePlan {
    /// Absolute; of this machine, so nothing of it belongs into the output.
    pub cwd: String,
    pub format: Format,
    pub platform: Platform,
    pub minify: bool,
    /// Whether files are to come with maps.
    pub sourcemap: bool,
    /// Otherwise each entry is one file with all that it may ever load.
    pub code_splitting: bool,
    pub exports: Exports,
    /// Global variable of an iife or umd.
    #[serde(default)]
    pub name: Option<String>,
    pub extend: bool,
    /// External module -> global variable.
    pub globals: BTreeMap<String, String>,
    /// Those of which something is left, in evaluation order.
    pub modules: Vec<EngineModule>,
    /// Entries in the order of the input, then routes, then what several share.
    pub chunks: Vec<EngineChunk>,
    /// Specifiers that are to stay as they are, sorted.
    pub externals: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Es,
    Cjs,
    Iife,
    Umd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    Browser,
    Node,
    Neutral,
}

/// What an entry is in a format without `export`, as in Rollup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exports {
    Auto,
    Named,
    Default,
    None,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EngineModule {
    pub id: String,
    /// A path of its own, below a root that the engine chooses: requests in the code lead from one of these to another.
    pub file: String,
    pub is_entry: bool,
    /// Exports that something uses, and all of an entry.
    pub exports: Vec<String>,
    /// Files of modules and specifiers of external modules, in the order of the code.
    pub imports: Vec<String>,
    pub dynamic_imports: Vec<String>,
}

/// A delivery group with the file that carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EngineChunk {
    pub name: String,
    /// Relative to the output directory. Where a hash belongs, something of its length stands, which has to survive in code
    /// and names.
    pub file_name: String,
    pub kind: ChunkKind,
    /// Id of the module whose exports the file offers.
    pub entry: Option<String>,
    /// Ids in evaluation order. A module that lies in no chunk goes where it is wanted.
    pub modules: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChunkKind {
    Entry,
    Dynamic,
    Common,
}

impl EnginePlan {
    pub fn chunks_of(&self, kind: ChunkKind) -> impl Iterator<Item = &EngineChunk> {
        self.chunks.iter().filter(move |chunk| chunk.kind == kind)
    }
}
