//! What is kept of plans and of linked chunks from one build to the next, as records: plans by module, because few of
//! them are looked at again, and facts of chunks as a whole.

use crate::indexed::{Indexed, encode, join};
use crate::kept_graph::KeptModule;
use crate::options::OutputFormat;
use crate::plan::Part;
use cloudpack_base::{ChunkIdx, Idx, IndexVec, ModuleIdx};
use cloudpack_link::ChunkFacts;
use cloudpack_plan::{ChunkPlan, LinkPlan, ModulePlan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The state of the last build that was linked: it changes with every edit, and graph and plans beside it do not.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct LinkState {
    /// For each output; `None` where chunks cannot be taken over one by one.
    pub(crate) outputs: Vec<Option<OutputFacts>>,
    /// Modules whose bodies changed since the graph was written, as they are now.
    pub(crate) edited: BTreeMap<u32, KeptModule>,
}

/// What chunks of one output rest on besides their own modules.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct OutputFacts {
    /// Parallel to the parts that are no workers.
    pub(crate) parts: Vec<PartFacts>,
    /// The emitted file of each module that has one.
    pub(crate) asset_files: Vec<(ModuleIdx, String)>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PartFacts {
    pub(crate) chunks: IndexVec<ChunkIdx, ChunkFacts>,
    pub(crate) css_files: IndexVec<ChunkIdx, Option<String>>,
}

/// All of a part's plan but the plans of its modules.
#[derive(Serialize, Deserialize)]
pub(crate) struct PartHead {
    pub(crate) format: OutputFormat,
    pub(crate) worker: Option<ModuleIdx>,
    pub(crate) entries: Vec<usize>,
    pub(crate) uses_async_modules: bool,
    pub(crate) chunks: IndexVec<ChunkIdx, ChunkPlan>,
}

/// One output's plans, as a record: for each part its head and the plans of its modules.
pub(crate) fn encode_parts(parts: &[Part]) -> Option<Vec<u8>> {
    let mut values = Vec::with_capacity(parts.len() * 2);
    for Part { plan, format, worker, entries } in parts {
        let head = PartHead {
            format: *format,
            worker: *worker,
            entries: entries.clone(),
            uses_async_modules: plan.uses_async_modules,
            chunks: plan.chunks.clone(),
        };
        values.push(postcard::to_stdvec(&head).ok()?);
        values.push(encode(plan.modules.as_slice())?);
    }
    join(&values)
}

/// One part of an output's plans; its head is decoded when somebody wants it, and modules one by one.
pub(crate) struct KeptPart<'r> {
    head: &'r [u8],
    modules: Indexed<'r>,
}

impl KeptPart<'_> {
    pub(crate) fn modules(&self) -> usize {
        self.modules.len()
    }

    pub(crate) fn module(&self, module: ModuleIdx) -> Option<ModulePlan> {
        self.modules.get(module.index())
    }

    /// The part with these plans of modules.
    pub(crate) fn with(&self, modules: IndexVec<ModuleIdx, ModulePlan>) -> Option<Part> {
        let PartHead { format, worker, entries, uses_async_modules, chunks } = postcard::from_bytes(self.head).ok()?;
        Some(Part { plan: LinkPlan { modules, chunks, uses_async_modules }, format, worker, entries })
    }
}

/// The parts of one output.
pub(crate) fn open_parts(record: &[u8]) -> Option<Vec<KeptPart<'_>>> {
    let parts = Indexed::open(record)?;
    (0..parts.len() / 2)
        .map(|at| Some(KeptPart { head: parts.bytes(at * 2)?, modules: Indexed::open(parts.bytes(at * 2 + 1)?)? }))
        .collect()
}

/// The parts of one output as they were.
pub(crate) fn decode_parts(record: &[u8]) -> Option<Vec<Part>> {
    open_parts(record)?.iter().map(|part| part.with(IndexVec::from(part.modules.all::<ModulePlan>()?))).collect()
}
