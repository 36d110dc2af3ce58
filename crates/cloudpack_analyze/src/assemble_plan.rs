//! Puts the results of the passes into the shape that Link reads, and says what is wrong with the request as a whole.

use crate::bind_imports::Bindings;
use crate::bind_symbols::{ExternalNames, resolved_exports, runtime_stars};
use crate::choose_chunks::Chunks;
use crate::diagnostic::{AnalyzeDiagnostic, shown};
use crate::execution_order::ExecutionOrder;
use crate::graph::Graph;
use crate::group_modules::Groups;
use crate::mark_live::Liveness;
use crate::mentioned_symbols::ExportTable;
use crate::options::AnalyzeOptions;
use crate::plan_requests::RequestPlans;
use crate::propagate_async::{AsyncModules, shorten};
use crate::repair_order::Wrapping;
use cloudpack_base::{ChunkIdx, IndexVec, ModuleIdx, Severity, SymbolIdx};
use cloudpack_plan::{Binding, BitSet, ChunkPlan, LinkPlan, ModulePlan, Wrap};

pub(crate) fn check_request(graph: &Graph<'_>, options: &AnalyzeOptions) -> Vec<AnalyzeDiagnostic> {
    if options.splits() || graph.entries.len() < 2 {
        return Vec::new();
    }
    let message = "several entry points need code splitting: without it each is analysed alone".to_owned();
    vec![AnalyzeDiagnostic::new("SEVERAL_ENTRIES_WITHOUT_SPLITTING", Severity::Error, message)]
}

pub(crate) fn report_cycles(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    options: &AnalyzeOptions,
) -> Vec<AnalyzeDiagnostic> {
    let report = |cycle: &Vec<ModuleIdx>| {
        let names: Vec<String> =
            cycle.iter().chain(cycle.first()).map(|module| shown(graph, *module, &options.cwd)).collect();
        let message = format!("import cycle: {}", shorten(&names));
        let diagnostic = AnalyzeDiagnostic::new("CIRCULAR_DEPENDENCY", Severity::Info, message);
        match cycle.first() {
            Some(first) => diagnostic.in_module(*first),
            None => diagnostic,
        }
    };
    order.cycles.iter().map(report).collect()
}

/// Parallel to the graph's modules; empty where nobody may want the exports whole.
pub(crate) fn export_tables(
    graph: &Graph<'_>,
    bindings: &Bindings<'_>,
    externals: &ExternalNames,
) -> IndexVec<ModuleIdx, ExportTable> {
    let table = |module| {
        let Some(exports) = bindings.exports(module) else { return ExportTable::default() };
        ExportTable {
            exports: resolved_exports(exports, externals),
            runtime_stars: runtime_stars(graph, bindings, exports, externals),
        }
    };
    graph.modules.indices().map(table).collect()
}

pub(crate) fn assemble_plan(
    graph: &Graph<'_>,
    order: ExecutionOrder,
    mut live: Liveness,
    groups: Groups,
    chunks: Chunks,
    namespaces: BitSet<ModuleIdx>,
    wrapping: Wrapping,
    async_modules: AsyncModules,
    externals: ExternalNames,
    mut symbols: IndexVec<ModuleIdx, IndexVec<SymbolIdx, Binding>>,
    mut exports: IndexVec<ModuleIdx, ExportTable>,
    mut requests: RequestPlans,
    chunk_plans: IndexVec<ChunkIdx, ChunkPlan>,
    entry_modules: &[ModuleIdx],
) -> LinkPlan {
    let mut is_entry = BitSet::with_len(graph.modules.len());
    for module in entry_modules {
        is_entry.insert(*module);
    }
    let modules = graph
        .modules
        .indices()
        .map(|module| {
            let is_live = live.modules.contains(module);
            let needs_namespace = namespaces.contains(module);
            let offers = needs_namespace || is_entry.contains(module) || wrapping.wraps[module] == Wrap::Esm;
            let table = if offers { std::mem::take(&mut exports[module]) } else { ExportTable::default() };
            ModulePlan {
                live: is_live,
                exec_order: order.position[module],
                wrap: wrapping.wraps[module],
                is_async: async_modules.modules.contains(module),
                run_in_place: wrapping.in_place.contains(module),
                chunk: chunks.of_module(&groups, module),
                needs_namespace,
                live_sections: std::mem::take(&mut live.sections[module]),
                bindings: std::mem::take(&mut symbols[module]),
                requests: std::mem::take(&mut requests[module]),
                exports: table.exports,
                runtime_stars: table.runtime_stars,
                external_names: if graph.is_external(module) { externals.table(module) } else { Vec::new() },
            }
        })
        .collect();
    let uses_async_modules = !async_modules.modules.is_empty();
    LinkPlan { modules, chunks: chunk_plans, uses_async_modules }
}
