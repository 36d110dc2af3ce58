//! Ground for every crate: index newtypes, content hashes, path strings, diagnostics and their one renderer.
//! Nothing here reads a file, knows JavaScript, or depends on another crate of the workspace.

mod diagnostic;
mod hash;
mod index;
mod line_index;
pub mod path;

pub use diagnostic::{Diagnostic, Location, RenderStyle, Severity, render_diagnostic};
pub use hash::{ContentHash, ContentHasher};
pub use index::{Idx, IndexVec};
pub use line_index::LineIndex;

define_index! {
    /// A module of one graph, in the deterministic order in which the scan numbered it.
    pub struct ModuleIdx, "module";
    /// A symbol within one module: declared, imported, or made by the linker.
    pub struct SymbolIdx, "symbol";
    /// A section within one module.
    pub struct SectionIdx, "section";
    /// An import record within one module.
    pub struct RequestIdx, "request";
    /// A chunk of one plan.
    pub struct ChunkIdx, "chunk";
}

/// A symbol anywhere in the graph. Ordered by module, then by symbol.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct SymbolRef {
    pub module: ModuleIdx,
    pub symbol: SymbolIdx,
}

impl SymbolRef {
    pub fn new(module: ModuleIdx, symbol: SymbolIdx) -> Self {
        Self { module, symbol }
    }
}

impl std::fmt::Debug for SymbolRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}.{:?}", self.module, self.symbol)
    }
}
