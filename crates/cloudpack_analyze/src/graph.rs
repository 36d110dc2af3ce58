//! What Analyze is given: the modules of one graph by their summaries, where each request leads, and the entry points.
//! Everything is borrowed from the driver, which owns summaries and ids for longer than one analysis.

use cloudpack_base::{IndexVec, ModuleIdx, RequestIdx};
use cloudpack_summary::{ImportRecord, ModuleFlags, ModuleFormat, ModuleSummary, RequestKind};

pub struct Graph<'a> {
    /// In the order in which the scan numbered them; the order has no meaning here but must be reproducible.
    pub modules: IndexVec<ModuleIdx, GraphModule<'a>>,
    /// In the order of the user's configuration: it decides execution order between entries.
    pub entries: Vec<Entry<'a>>,
}

pub struct GraphModule<'a> {
    /// An opaque string; only its path-like tail is looked at, for names of chunks.
    pub id: &'a str,
    pub kind: GraphModuleKind<'a>,
    /// Whether importing the module for nothing but its side effects keeps it: package.json `sideEffects`, or a
    /// plugin's `moduleSideEffects`. `true` unless somebody said otherwise.
    pub side_effects: bool,
    /// Nothing is shaken out of it, and it is listed even when nothing is in it: Rollup's `moduleSideEffects: "no-treeshake"`.
    pub keep: bool,
    /// Places in `AnalyzeOptions::named_groups` of those that want it.
    pub named_groups: &'a [u32],
    /// Where each request leads; parallel to `ModuleSummary::requests`, empty for external modules. `None` did not
    /// resolve: the driver has already said so, or the request stands in `try`.
    pub resolved: &'a [Option<ModuleIdx>],
}

#[derive(Clone, Copy)]
pub enum GraphModuleKind<'a> {
    Internal(&'a ModuleSummary),
    External {
        /// What is printed after `from`.
        specifier: &'a str,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub module: ModuleIdx,
    /// Base of the chunk's file name. Empty: after its module.
    pub name: &'a str,
    pub kind: EntryKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    User,
    /// `this.emitFile({ type: "chunk" })`
    Emitted,
}

/// One import record with its place and its target.
pub(crate) struct Request<'a> {
    pub(crate) index: RequestIdx,
    pub(crate) record: &'a ImportRecord,
    pub(crate) target: Option<ModuleIdx>,
}

impl<'a> Graph<'a> {
    /// `None` for external modules.
    pub(crate) fn summary(&self, module: ModuleIdx) -> Option<&'a ModuleSummary> {
        match self.modules[module].kind {
            GraphModuleKind::Internal(summary) => Some(summary),
            GraphModuleKind::External { .. } => None,
        }
    }

    pub(crate) fn is_external(&self, module: ModuleIdx) -> bool {
        self.summary(module).is_none()
    }

    pub(crate) fn is_commonjs(&self, module: ModuleIdx) -> bool {
        self.summary(module).is_some_and(|summary| summary.format == ModuleFormat::CommonJs)
    }

    pub(crate) fn has_flag(&self, module: ModuleIdx, flag: ModuleFlags) -> bool {
        self.summary(module).is_some_and(|summary| summary.flags.contains(flag))
    }

    pub(crate) fn is_kept(&self, module: ModuleIdx) -> bool {
        self.modules[module].keep
    }

    /// Module level: whether reaching the module by an import is a reason to run it.
    pub(crate) fn has_side_effects(&self, module: ModuleIdx) -> bool {
        let GraphModule { side_effects, keep, .. } = self.modules[module];
        keep || side_effects && !self.has_flag(module, ModuleFlags::SIDE_EFFECT_FREE)
    }

    pub(crate) fn target(&self, module: ModuleIdx, request: RequestIdx) -> Option<ModuleIdx> {
        self.modules[module].resolved.get(request.0 as usize).copied().flatten()
    }

    /// The requests of a module in source order; none for an external one.
    pub(crate) fn requests(&self, module: ModuleIdx) -> impl Iterator<Item = Request<'a>> + use<'a> {
        let resolved = self.modules[module].resolved;
        self.summary(module).into_iter().flat_map(move |summary| {
            summary.requests.iter_enumerated().map(move |(index, record)| Request {
                index,
                record,
                target: resolved.get(index.0 as usize).copied().flatten(),
            })
        })
    }

    /// A value that somebody else wrote down as an ES module: JSON, text, a URL, the names of a CSS module. `require()`
    /// gives the value itself, as Node does for JSON.
    pub(crate) fn is_value(&self, module: ModuleIdx) -> bool {
        self.summary(module).is_some_and(|summary| {
            summary.flags.contains(ModuleFlags::SIDE_EFFECT_FREE)
                && summary.local_exports.iter().any(|export| &*export.exported == "default")
        })
    }
}

/// Requests that run their target before the importer whatever the target says about side effects: a style sheet
/// without its `@import`s, or a document without its scripts, is a different one.
pub(crate) fn is_unconditional(kind: RequestKind) -> bool {
    kind.is_static() && kind != RequestKind::Static
}
