//! Graph and plans as far as relinking builds of one process have decoded them. Modules and plans that nobody asked for are
//! empty at their places, so that the code which links a whole build links this one. An edit mostly touches what the
//! edit before touched, and then nothing is decoded.

use crate::graph::ModuleRecord;
use crate::kept_graph::{KeptGraph, take_up};
use crate::kept_link::{KeptPart, open_parts};
use crate::link_input::shown_path;
use crate::plan::Part;
use crate::scan::ScanContext;
use crate::seeded_faults::{Edge, is_dropped};
use cloudpack_base::{ChunkIdx, IndexVec, ModuleIdx};
use cloudpack_link::{LinkModule, ModuleCode};
use cloudpack_plan::{Binding, BitSet, ModulePlan, RequestAction};
use rayon::prelude::*;
use rustc_hash::FxHashSet;

/// With more modules in memory than that, it begins anew.
const MANY: usize = 4096;

pub(crate) struct WarmGraph {
    pub(crate) modules: IndexVec<ModuleIdx, ModuleRecord>,
    /// Of loaded modules, as a reader knows them.
    pub(crate) paths: IndexVec<ModuleIdx, String>,
    /// Of each output.
    pub(crate) parts: Vec<Vec<WarmPart>>,
    loaded: usize,
}

pub(crate) struct WarmPart {
    pub(crate) part: Part,
    /// Modules whose plans are there.
    planned: FxHashSet<ModuleIdx>,
}

impl WarmGraph {
    /// Empty. `plans`: those of each output, encoded. Cost: a step a module, and decoding the plans of chunks.
    pub(crate) fn new(graph: &KeptGraph<'_>, plans: &[&[u8]]) -> Option<Self> {
        let count = graph.paths().len();
        let parts = |plans: &&[u8]| {
            open_parts(plans)?.iter().map(|kept| WarmPart::new(kept, count)).collect::<Option<Vec<_>>>()
        };
        Some(Self {
            modules: (0..count).map(|_| ModuleRecord::default()).collect(),
            paths: IndexVec::filled(String::new(), count),
            parts: plans.iter().map(parts).collect::<Option<_>>()?,
            loaded: 0,
        })
    }

    pub(crate) fn is_large(&self) -> bool {
        self.loaded > MANY
    }

    /// Loads these modules, where they are not yet. `None`: one is not what it was.
    pub(crate) fn load(
        &mut self,
        wanted: impl IntoIterator<Item = ModuleIdx>,
        graph: &KeptGraph<'_>,
        context: &ScanContext<'_>,
    ) -> Option<()> {
        let is_missing = |at: &ModuleIdx| self.modules.get(*at).is_none_or(|it| it.id.is_empty());
        let mut missing: Vec<ModuleIdx> = wanted.into_iter().filter(is_missing).collect();
        missing.sort_unstable();
        missing.dedup();
        let taken = missing
            .par_iter()
            .map(|index| {
                let (module, path) = (graph.module(*index)?, graph.path(*index)?);
                let taken = take_up(&module, path, false, context).filter(|taken| taken.is_same)?;
                Some((*index, module, path, taken))
            })
            .collect::<Option<Vec<_>>>()?;
        for (index, module, path, taken) in taken {
            taken.put(&module, path, self.modules.get_mut(index)?);
            self.name(index, context)?;
        }
        Some(())
    }

    /// Gives a module that was put in its place the path that is shown.
    pub(crate) fn name(&mut self, index: ModuleIdx, context: &ScanContext<'_>) -> Option<()> {
        let path = self.paths.get_mut(index)?;
        if path.is_empty() {
            *path = shown_path(&self.modules.get(index)?.id, &context.compile.options.cwd);
            self.loaded += 1;
        }
        Some(())
    }
}

impl WarmPart {
    /// `None`: the plans are of another graph.
    fn new(kept: &KeptPart<'_>, modules: usize) -> Option<Self> {
        let plans = IndexVec::filled(ModulePlan::default(), modules);
        let part = kept.with(plans).filter(|_| kept.modules() == modules)?;
        Some(Self { part, planned: FxHashSet::default() })
    }

    fn plan(&mut self, kept: &KeptPart<'_>, module: ModuleIdx) -> Option<&ModulePlan> {
        let slot = self.part.plan.modules.get_mut(module)?;
        if self.planned.insert(module) {
            *slot = kept.module(module)?;
        }
        Some(slot)
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

    /// The chunks whose names and exports stand in the text of these, and these.
    pub(crate) fn near(&self, wanted: &BitSet<ChunkIdx>) -> BitSet<ChunkIdx> {
        let mut near = wanted.clone();
        for chunk in wanted.iter().filter_map(|chunk| self.part.plan.chunks.get(chunk)) {
            for chunk in chunk.imports.iter().map(|import| &import.chunk).chain(&chunk.dynamic_imports) {
                near.insert(*chunk);
            }
        }
        near
    }

    /// Plans of the modules of wanted chunks and of all that they mention. Gives these modules, in no order.
    pub(crate) fn load_mentioned(
        &mut self,
        kept: &KeptPart<'_>,
        wanted: &BitSet<ChunkIdx>,
        near: &BitSet<ChunkIdx>,
    ) -> Option<FxHashSet<ModuleIdx>> {
        let mut mentioned: FxHashSet<ModuleIdx> = FxHashSet::default();
        let mut own: FxHashSet<ModuleIdx> = FxHashSet::default();
        for chunk in wanted.iter() {
            let chunk = self.part.plan.chunks.get(chunk)?;
            own.extend(chunk.modules.iter().chain(&chunk.entry));
            mentioned.extend(chunk.imports.iter().flat_map(|import| &import.symbols).map(|symbol| symbol.module));
            mentioned.extend(chunk.externals.iter().map(|external| external.module));
            mentioned.extend(chunk.exports.iter().map(|symbol| symbol.module));
        }
        for chunk in near.iter() {
            let chunk = self.part.plan.chunks.get(chunk)?;
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
        for module in &second {
            self.plan(kept, *module)?;
        }
        own.extend(mentioned);
        own.extend(second);
        Some(own)
    }

    /// Whether the plans are of these modules: they answer for each of their symbols and requests. Plans that nobody asked for
    /// are empty.
    pub(crate) fn fits(&self, modules: &IndexVec<ModuleIdx, LinkModule<'_>>) -> bool {
        let fits = |code: &ModuleCode<'_>, plan: &ModulePlan| {
            plan.bindings.len() == code.summary.symbols.len() && plan.requests.len() == code.summary.requests.len()
        };
        self.planned.iter().all(|module| {
            let (Some(plan), Some(module)) = (self.part.plan.modules.get(*module), modules.get(*module)) else {
                return false;
            };
            plan.chunk.is_none() || module.code.as_ref().is_none_or(|code| fits(code, plan))
        })
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
