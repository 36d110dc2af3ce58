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
use crate::options::{AnalyzeOptions, OutputFormat};
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
        let message = format!("Circular dependency: {}", shorten(&names));
        let mut diagnostic = AnalyzeDiagnostic::new("CIRCULAR_DEPENDENCY", Severity::Warning, message);
        diagnostic.cycle = cycle.iter().chain(cycle.first()).copied().collect();
        match cycle.first() {
            Some(first) => diagnostic.in_module(*first),
            None => diagnostic,
        }
    };
    order.cycles.iter().map(report).collect()
}

/// `export * from "./x.cjs"` of an entry: a file of format `es` cannot export names that it does not know.
pub(crate) fn report_lost_exports(
    graph: &Graph<'_>,
    bindings: &Bindings<'_>,
    options: &AnalyzeOptions,
) -> Vec<AnalyzeDiagnostic> {
    let mut diagnostics = Vec::new();
    for entry in graph.entries.iter().filter(|_| options.format == OutputFormat::Es) {
        let stars = bindings.exports(entry.module).into_iter().flat_map(|exports| &exports.runtime_stars);
        for star in stars.filter(|star| graph.is_commonjs(star.target)) {
            let message = format!(
                "names that entry \"{}\" re-exports from CommonJS \"{}\" are known only at run time and are not exported",
                shown(graph, entry.module, &options.cwd),
                shown(graph, star.target, &options.cwd)
            );
            let hint = "Name them: export { a, b } from ..., or use the format \"cjs\"".to_owned();
            diagnostics.push(
                AnalyzeDiagnostic::new("RUNTIME_EXPORTS_LOST", Severity::Warning, message)
                    .in_module(star.holder)
                    .at_request(star.request)
                    .with_hint(Some(hint)),
            );
        }
    }
    diagnostics
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
    pauses: BitSet<ModuleIdx>,
    externals: ExternalNames,
    mut symbols: IndexVec<ModuleIdx, IndexVec<SymbolIdx, Binding>>,
    mut exports: IndexVec<ModuleIdx, ExportTable>,
    mut requests: RequestPlans,
    chunk_plans: IndexVec<ChunkIdx, ChunkPlan>,
    entry_modules: &[ModuleIdx],
    options: &AnalyzeOptions,
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
            let mut table = if offers { std::mem::take(&mut exports[module]) } else { ExportTable::default() };
            // `export * from "x"` takes no symbol.
            if !needs_namespace && options.format == OutputFormat::Es {
                for star in table.runtime_stars.iter_mut().filter(|star| graph.is_external(star.target)) {
                    star.object = None;
                }
            }
            ModulePlan {
                live: is_live,
                exec_order: order.position[module],
                wrap: wrapping.wraps[module],
                is_async: async_modules.modules.contains(module),
                awaits: async_modules.awaits.contains(module),
                pauses: pauses.contains(module),
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
