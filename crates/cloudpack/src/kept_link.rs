//! What is kept of plans and of linked chunks from one build to the next, as records: plans by module, because few of
//! them are looked at again, and facts of chunks as a whole.

use crate::indexed::{Indexed, encode, join};
use crate::kept_graph::KeptModule;
use crate::options::OutputFormat;
use crate::paged::Bytes;
use crate::plan::Part;
use cloudpack_base::{ChunkIdx, Idx, IndexVec, ModuleIdx};
use cloudpack_link::ChunkFacts;
use cloudpack_plan::{ChunkPlan, LinkPlan, ModulePlan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    pub(crate) chunks: IndexVec<ChunkIdx, Arc<ChunkFacts>>,
    pub(crate) css_files: IndexVec<ChunkIdx, Option<String>>,
}

/// All of a part's plan but the plans of its modules; of its chunks what all others may see of them.
#[derive(Serialize, Deserialize)]
pub(crate) struct PartHead {
    pub(crate) format: OutputFormat,
    pub(crate) worker: Option<ModuleIdx>,
    pub(crate) entries: Vec<usize>,
    pub(crate) uses_async_modules: bool,
    pub(crate) outlines: IndexVec<ChunkIdx, ChunkPlan>,
}

/// One output's plans, as a record: for each part its head, the plans of its modules, and those of its chunks.
pub(crate) fn encode_parts(parts: &[Part]) -> Option<Vec<u8>> {
    let mut values = Vec::with_capacity(parts.len() * VALUES);
    for Part { plan, format, worker, entries } in parts {
        let head = PartHead {
            format: *format,
            worker: *worker,
            entries: entries.clone(),
            uses_async_modules: plan.uses_async_modules,
            outlines: plan.chunks.iter().map(ChunkPlan::outline).collect(),
        };
        values.push(postcard::to_stdvec(&head).ok()?);
        values.push(encode(plan.modules.as_slice())?);
        values.push(encode(plan.chunks.as_slice())?);
    }
    join(&values)
}

/// Values of a part.
const VALUES: usize = 3;

/// One part of an output's plans; its head is decoded when somebody wants it, modules and chunks one by one.
pub(crate) struct KeptPart<'r> {
    head: Bytes<'r>,
    modules: Indexed<'r>,
    chunks: Indexed<'r>,
}

impl KeptPart<'_> {
    pub(crate) fn modules(&self) -> usize {
        self.modules.len()
    }

    pub(crate) fn module(&self, module: ModuleIdx) -> Option<ModulePlan> {
        self.modules.get(module.index())
    }

    pub(crate) fn chunk(&self, chunk: ChunkIdx) -> Option<ChunkPlan> {
        self.chunks.get(chunk.index())
    }

    /// The part without modules; of chunks there are outlines.
    pub(crate) fn outline(&self) -> Option<Part> {
        let PartHead { format, worker, entries, uses_async_modules, outlines } =
            postcard::from_bytes(&self.head.read()?).ok()?;
        let plan = LinkPlan { modules: IndexVec::new(), chunks: outlines, uses_async_modules };
        (plan.chunks.len() == self.chunks.len()).then_some(Part { plan, format, worker, entries })
    }

    fn whole(&self) -> Option<Part> {
        let mut part = self.outline()?;
        part.plan.modules = IndexVec::from(self.modules.all::<ModulePlan>()?);
        part.plan.chunks = IndexVec::from(self.chunks.all::<ChunkPlan>()?);
        Some(part)
    }
}

/// The parts of one output.
pub(crate) fn open_parts(record: Bytes<'_>) -> Option<Vec<KeptPart<'_>>> {
    let values = Indexed::open(record)?;
    (0..values.len() / VALUES)
        .map(|part| {
            let value = |at: usize| values.part(part * VALUES + at);
            Some(KeptPart { head: value(0)?, modules: Indexed::open(value(1)?)?, chunks: Indexed::open(value(2)?)? })
        })
        .collect()
}

/// The parts of one output as they were.
pub(crate) fn decode_parts(record: Bytes<'_>) -> Option<Vec<Part>> {
    open_parts(record)?.iter().map(KeptPart::whole).collect()
}
