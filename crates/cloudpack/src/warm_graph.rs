//! Graph and plans as far as relinking builds of one process have decoded them, and the part of both that a relinking build
//! links: modules of the chunks that it makes, and what these mention. Modules of that part have numbers of their own, in
//! the order of the whole graph, so that the code which links a whole build links this one, and nothing costs a step for
//! each module that is not looked at.

use crate::graph::ModuleRecord;
use crate::kept_graph::{KeptGraph, take_up};
use crate::kept_link::{KeptPart, open_parts};
use crate::link_input::shown_path;
use crate::paged::Bytes;
use crate::plan::Part;
use crate::scan::ScanContext;
use crate::seeded_faults::{Edge, is_dropped};
use cloudpack_base::{ChunkIdx, Idx, IndexVec, ModuleIdx, SymbolRef};
use cloudpack_link::KnownNames;
use cloudpack_plan::{Binding, BitSet, ChunkPlan, ModulePlan, RequestAction};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::hash_map::Entry;

/// With more modules in memory than that, it begins anew.
const MANY: usize = 4096;

pub(crate) struct WarmGraph {
    /// By their numbers in the whole graph.
    pub(crate) modules: FxHashMap<ModuleIdx, WarmModule>,
    /// Of each output.
    pub(crate) parts: Vec<Vec<WarmPart>>,
}

pub(crate) struct WarmModule {
    pub(crate) record: ModuleRecord,
    /// As a reader knows it.
    pub(crate) path: String,
}

/// One part of an output's plans.
pub(crate) struct WarmPart {
    /// As it is linked: modules are those of `near`, and of all other chunks there are outlines.
    pub(crate) part: Part,
    pub(crate) near: Near,
    /// Of all its chunks, as the last build that linked some left them.
    pub(crate) names: Option<KnownNames>,
    /// The entry of each chunk. In the part only those of chunks whose plans are there.
    entries: IndexVec<ChunkIdx, Option<ModuleIdx>>,
    /// What was decoded, with the numbers of the whole graph.
    plans: FxHashMap<ModuleIdx, ModulePlan>,
    chunks: FxHashMap<ChunkIdx, ChunkPlan>,
}

/// What is linked again. Equal `wanted`, equal rest: a plan does not change under it.
#[derive(Default)]
pub(crate) struct Near {
    /// Chunks that are made.
    pub(crate) wanted: BitSet<ChunkIdx>,
    /// These, and chunks whose names and exports stand in the text of these.
    pub(crate) chunks: BitSet<ChunkIdx>,
    pub(crate) modules: Numbers,
    /// Outlines of chunks whose plan stands in the part as a whole.
    outlines: Vec<(ChunkIdx, ChunkPlan)>,
}

/// Modules of a part of the graph by number: their place in this list, which is in the order of the whole graph.
#[derive(Default)]
pub(crate) struct Numbers(Vec<ModuleIdx>);

impl Numbers {
    fn new(modules: impl IntoIterator<Item = ModuleIdx>) -> Self {
        let mut modules: Vec<ModuleIdx> = modules.into_iter().collect();
        modules.sort_unstable();
        modules.dedup();
        Self(modules)
    }

    /// The whole graph's numbers, in order.
    pub(crate) fn whole(&self) -> &[ModuleIdx] {
        &self.0
    }

    pub(crate) fn find(&self, module: ModuleIdx) -> Option<ModuleIdx> {
        self.0.binary_search(&module).ok().map(ModuleIdx::from_usize)
    }

    /// One that is no part of it has the number after the last, where an empty module stands.
    pub(crate) fn of(&self, module: ModuleIdx) -> ModuleIdx {
        self.find(module).unwrap_or_else(|| ModuleIdx::from_usize(self.0.len()))
    }

    pub(crate) fn of_symbol(&self, symbol: SymbolRef) -> SymbolRef {
        SymbolRef::new(self.of(symbol.module), symbol.symbol)
    }
}

impl WarmGraph {
    /// Empty. `plans`: those of each output, encoded. Cost: decoding the outlines of chunks.
    pub(crate) fn new(graph: &KeptGraph<'_>, plans: &[Bytes<'_>]) -> Option<Self> {
        let count = graph.len();
        let parts = |plans: &Bytes<'_>| {
            open_parts(*plans)?.iter().map(|kept| WarmPart::new(kept, count)).collect::<Option<Vec<_>>>()
        };
        Some(Self { modules: FxHashMap::default(), parts: plans.iter().map(parts).collect::<Option<_>>()? })
    }

    pub(crate) fn is_large(&self) -> bool {
        self.modules.len() > MANY
    }

    /// Loads these modules, where they are not yet. `None`: one is not what it was.
    pub(crate) fn load(
        &mut self,
        wanted: impl IntoIterator<Item = ModuleIdx>,
        graph: &KeptGraph<'_>,
        context: &ScanContext<'_>,
    ) -> Option<()> {
        let is_missing = |at: &ModuleIdx| !self.modules.contains_key(at);
        let mut missing: Vec<ModuleIdx> = wanted.into_iter().filter(is_missing).collect();
        missing.sort_unstable();
        missing.dedup();
        let loaded = missing
            .par_iter()
            .map(|index| {
                let (module, path) = (graph.module(*index)?, graph.path(*index)?);
                let taken = take_up(&module, &path, false, context).filter(|taken| taken.is_same)?;
                let mut record = ModuleRecord::default();
                taken.put(&module, &path, &mut record);
                Some((*index, WarmModule::new(record, context)))
            })
            .collect::<Option<Vec<_>>>()?;
        self.modules.extend(loaded);
        Some(())
    }

    /// Documents, and what they ask for. They name chunks, and are few.
    pub(crate) fn with_targets(&self, documents: &[ModuleIdx]) -> Vec<ModuleIdx> {
        let requests = documents.iter().filter_map(|at| self.modules.get(at)).flat_map(|it| &it.record.requests);
        let targets = requests.filter_map(|request| request.target);
        documents.iter().copied().chain(targets).collect()
    }
}

impl WarmModule {
    pub(crate) fn new(record: ModuleRecord, context: &ScanContext<'_>) -> Self {
        let path = shown_path(&record.id, &context.compile.options.cwd);
        Self { record, path }
    }

    /// The module as it is linked in a part of the graph; what is left is put back with `put_back`.
    pub(crate) fn lend(&mut self, numbers: &Numbers) -> (ModuleRecord, String, Vec<Option<ModuleIdx>>) {
        let (mut record, path) = (std::mem::take(&mut self.record), std::mem::take(&mut self.path));
        let targets = record
            .requests
            .iter_mut()
            .map(|request| {
                let own = request.target.map(|target| numbers.of(target));
                std::mem::replace(&mut request.target, own)
            })
            .collect();
        (record, path, targets)
    }

    pub(crate) fn put_back(&mut self, mut record: ModuleRecord, path: String, targets: Vec<Option<ModuleIdx>>) {
        for (request, target) in record.requests.iter_mut().zip(targets) {
            request.target = target;
        }
        (self.record, self.path) = (record, path);
    }
}

impl WarmPart {
    /// `None`: the plans are of another graph.
    fn new(kept: &KeptPart<'_>, modules: usize) -> Option<Self> {
        let mut part = kept.outline().filter(|_| kept.modules() == modules)?;
        let entries = part.plan.chunks.iter_mut().map(|outline| outline.entry.take()).collect();
        let (near, names, plans, chunks) = Default::default();
        Some(Self { part, near, names, entries, plans, chunks })
    }

    fn plan(&mut self, kept: &KeptPart<'_>, module: ModuleIdx) -> Option<&ModulePlan> {
        Some(match self.plans.entry(module) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(slot) => slot.insert(kept.module(module)?),
        })
    }

    /// The chunks that hold these modules. `None`: the text of one stands in a place that is no chunk.
    pub(crate) fn chunks_of(&mut self, kept: &KeptPart<'_>, modules: &[ModuleIdx]) -> Option<BitSet<ChunkIdx>> {
        let mut chunks = BitSet::with_len(self.part.plan.chunks.len());
        for module in modules {
            let plan = self.plan(kept, *module)?;
            match plan.chunk {
                Some(_) if is_dropped(Edge::ChunkText) => {}
                Some(chunk) => {
                    chunks.insert(chunk);
                }
                None if plan.live => return None,
                None => {}
            }
        }
        Some(chunks)
    }

    /// Makes ready to link these chunks, and what `always` holds. Cost: what they hold and mention, the first time.
    pub(crate) fn approach(
        &mut self,
        kept: &KeptPart<'_>,
        wanted: BitSet<ChunkIdx>,
        always: &[ModuleIdx],
    ) -> Option<()> {
        if self.near.wanted == wanted && !self.part.plan.modules.is_empty() {
            return Some(());
        }
        for (chunk, outline) in std::mem::take(&mut self.near.outlines) {
            *self.part.plan.chunks.get_mut(chunk)? = outline;
        }
        let near = self.around(&wanted);
        // A document's tags stand in the text of no chunk.
        let is_document = |(_, entry): &(ChunkIdx, &Option<ModuleIdx>)| entry.is_some_and(|at| always.contains(&at));
        let documents: Vec<ChunkIdx> = if always.is_empty() {
            Vec::new()
        } else {
            self.entries.iter_enumerated().filter(is_document).map(|(chunk, _)| chunk).collect()
        };
        for chunk in near.iter().chain(documents.iter().copied()) {
            if let Entry::Vacant(slot) = self.chunks.entry(chunk) {
                slot.insert(kept.chunk(chunk)?);
            }
        }
        let modules = Numbers::new(self.mentioned(kept, &wanted, &near)?.into_iter().chain(always.iter().copied()));
        let to = |module: ModuleIdx| modules.of(module);
        let mut plans: IndexVec<ModuleIdx, ModulePlan> = IndexVec::with_capacity(modules.whole().len() + 1);
        for module in modules.whole() {
            let mut plan = self.plan(kept, *module)?.clone();
            plan.renumber(&to);
            plans.push(plan);
        }
        plans.push(ModulePlan::default());
        let mut outlines = Vec::new();
        let others = documents.into_iter().filter(|chunk| !near.contains(*chunk));
        for chunk in near.iter().chain(others) {
            let mut plan = self.chunks.get(&chunk)?.clone();
            plan.renumber(&to);
            outlines.push((chunk, std::mem::replace(self.part.plan.chunks.get_mut(chunk)?, plan)));
        }
        self.part.plan.modules = plans;
        self.near = Near { wanted, chunks: near, modules, outlines };
        Some(())
    }

    /// The chunks whose names and exports stand in the text of these, and these.
    fn around(&self, wanted: &BitSet<ChunkIdx>) -> BitSet<ChunkIdx> {
        let mut near = wanted.clone();
        for chunk in wanted.iter().filter_map(|chunk| self.part.plan.chunks.get(chunk)) {
            for chunk in chunk.imports.iter().map(|import| &import.chunk).chain(&chunk.dynamic_imports) {
                near.insert(*chunk);
            }
        }
        near
    }

    /// The modules of wanted chunks and all that they mention; their plans are there.
    fn mentioned(
        &mut self,
        kept: &KeptPart<'_>,
        wanted: &BitSet<ChunkIdx>,
        near: &BitSet<ChunkIdx>,
    ) -> Option<FxHashSet<ModuleIdx>> {
        let mut mentioned: FxHashSet<ModuleIdx> = FxHashSet::default();
        let mut own: FxHashSet<ModuleIdx> = FxHashSet::default();
        for chunk in wanted.iter() {
            let chunk = self.chunks.get(&chunk)?;
            own.extend(chunk.modules.iter().chain(&chunk.entry));
            mentioned.extend(chunk.imports.iter().flat_map(|import| &import.symbols).map(|symbol| symbol.module));
            mentioned.extend(chunk.externals.iter().map(|external| external.module));
            mentioned.extend(chunk.exports.iter().map(|symbol| symbol.module));
        }
        for chunk in near.iter() {
            let chunk = self.chunks.get(&chunk)?;
            // The first module says when the chunk runs.
            mentioned.extend(chunk.modules.first().into_iter().chain(&chunk.entry));
        }
        for module in &own {
            let plan = self.plan(kept, *module)?;
            mentioned.extend(plan.bindings.iter().filter_map(module_of));
            for request in &plan.requests {
                mentioned.extend(request.target);
                if let RequestAction::Init { modules } = &request.action {
                    mentioned.extend(modules);
                }
            }
            mention_exports(plan, &mut mentioned);
        }
        // `require("./a.json")` stands for what the target's default export stands for.
        let mut second: FxHashSet<ModuleIdx> = FxHashSet::default();
        for module in mentioned.difference(&own) {
            mention_exports(self.plan(kept, *module)?, &mut second);
        }
        own.extend(mentioned);
        own.extend(second);
        Some(own)
    }
}

fn mention_exports(plan: &ModulePlan, mentioned: &mut FxHashSet<ModuleIdx>) {
    mentioned.extend(plan.exports.iter().filter_map(|export| module_of(&export.binding)));
    for star in &plan.runtime_stars {
        mentioned.insert(star.target);
        mentioned.extend(star.object.map(|object| object.module));
    }
}

fn module_of(binding: &Binding) -> Option<ModuleIdx> {
    match binding {
        Binding::Symbol(symbol) => Some(symbol.module),
        Binding::Property { object, .. } => Some(object.module),
        Binding::Constant(_) | Binding::Undefined => None,
    }
}
