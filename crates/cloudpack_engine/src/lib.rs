//! `TransformEngine`: whoever makes files out of live modules in place of the linker. This crate is the interface and nothing
//! else: an engine is compiled into an addon of its own, against these types, and the core never links one.
//!
//! An engine joins ES modules. What is live, what lies in which chunk, CommonJS, TypeScript, JSX, assets and style sheets
//! were dealt with before it is asked; it resolves nothing but ways between the files of `EnginePlan::modules`.
//! `docs/design/engines.md` says why; `js/types/engine.d.ts` is the same interface in JavaScript, and the names are the same.

mod file;
mod plan;

pub use file::{EngineCode, EngineFile, FileContent};
pub use plan::{ChunkKind, EngineChunk, EngineModule, EnginePlan, Exports, Format, Platform};

use std::sync::Arc;

pub trait TransformEngine: Send + Sync {
    /// For messages and statistics.
    fn name(&self) -> &str;

    /// With the plan and the code of its modules, all that a result rests on: while none of them changes, the files of
    /// the last build are taken over and the engine is not asked.
    fn version(&self) -> &str;

    /// The files of one output. Called on a thread that may wait; an engine may have threads of its own.
    ///
    /// # Errors
    /// Whatever keeps it from giving every entry of the plan a file. Nothing is written then.
    fn transform(&self, request: TransformRequest) -> Result<Vec<EngineFile>, EngineError>;
}

/// One output, as it is to be made. Shared, so that an engine may hand the parts to its threads.
#[derive(Clone)]
pub struct TransformRequest {
    pub plan: Arc<EnginePlan>,
    pub modules: Arc<dyn LiveModules>,
    /// What this engine made when the same build ran last.
    pub previous: Option<Arc<PreviousResult>>,
}

/// What an engine may ask for while it works. It is asked for live modules only: others are not there.
pub trait LiveModules: Send + Sync {
    /// What is left of a module, as an ES module whose requests lead from one `EngineModule::file` to another.
    ///
    /// # Errors
    /// `NotLive` for an id that the plan does not have.
    fn code(&self, id: &str) -> Result<Arc<str>, EngineError>;

    /// JSON of a source map from `code` to the sources; none where the output has no maps.
    ///
    /// # Errors
    /// `NotLive` for an id that the plan does not have.
    fn map(&self, id: &str) -> Result<Option<Arc<str>>, EngineError>;

    /// A name for a file that is not planned, made as those of chunks are. A hash in it is put in later.
    ///
    /// # Errors
    /// `Host`, when whoever names files cannot be asked.
    fn file_name(&self, name: &str) -> Result<String, EngineError>;
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PreviousResult {
    pub files: Vec<EngineFile>,
    /// Ids of modules whose code is new or different since then.
    pub changed: Vec<String>,
    /// Whether nothing but code is different.
    pub is_same_plan: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    #[error("there is no live module \"{0}\" in the plan")]
    NotLive(String),
    /// What the engine says of the modules or of the output, each as a text of one or more lines.
    #[error("{}", .0.join("\n"))]
    Refused(Vec<String>),
    /// A bug of the engine. What it was doing is lost, the process is not.
    #[error("it panicked: {0}")]
    Panicked(String),
    #[error("{0}")]
    Host(String),
}
