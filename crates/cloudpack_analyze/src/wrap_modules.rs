//! Which modules run inside a function instead of where they stand: CommonJS always, ES modules that `require()` or
//! an inlined `import()` may run late. Whatever such a module imports must wait with it, so its static dependencies
//! are wrapped too.
//!
//! And modules that may fail as a part of something else: of `import "./timer.js"; import "./broken.js"`, where the timer
//! calls `import("./broken.js")` later, that call has to fail as well. A wrapper keeps the error; a chunk keeps it only for
//! those who import the chunk.

use crate::graph::Graph;
use crate::load_edges::LoadEdges;
use crate::mark_live::Liveness;
use crate::options::AnalyzeOptions;
use cloudpack_base::{IndexVec, ModuleIdx};
use cloudpack_plan::{BitSet, Wrap};
use cloudpack_summary::ModuleFlags;

/// Cost: edges below the wrapped modules.
pub(crate) fn wrap_modules(
    graph: &Graph<'_>,
    live: &Liveness,
    edges: &LoadEdges,
    options: &AnalyzeOptions,
) -> IndexVec<ModuleIdx, Wrap> {
    let mut wraps = IndexVec::filled(Wrap::None, graph.modules.len());
    let mut pending = Vec::new();
    for module in graph.modules.indices().filter(|module| live.modules.contains(*module)) {
        if graph.is_commonjs(module) {
            wraps[module] = Wrap::CommonJs;
        }
        pending.extend(edges.lazy(module).iter().map(|edge| edge.module));
    }
    if options.strict_execution_order && !options.keeps_modules_apart() {
        pending.extend(failing_twice(graph, live, edges));
    }
    while let Some(module) = pending.pop() {
        if wraps[module] == Wrap::None {
            wraps[module] = Wrap::Esm;
            pending.extend(edges.eager(module).iter().map(|edge| edge.module));
        }
    }
    wraps
}

/// Targets of `import()` that others import statically too, and that fail because they throw or because something that
/// they import does. Cost: nothing in programs where no module throws; else the static edges.
fn failing_twice(graph: &Graph<'_>, live: &Liveness, edges: &LoadEdges) -> Vec<ModuleIdx> {
    let is_live = |module: &ModuleIdx| live.modules.contains(*module);
    let mut pending: Vec<ModuleIdx> = graph
        .modules
        .indices()
        .filter(is_live)
        .filter(|module| graph.has_flag(*module, ModuleFlags::THROWS) && !graph.is_commonjs(*module))
        .collect();
    if pending.is_empty() || live.dynamic_entries.is_empty() {
        return Vec::new();
    }
    let mut importers: IndexVec<ModuleIdx, Vec<ModuleIdx>> = IndexVec::filled(Vec::new(), graph.modules.len());
    for importer in graph.modules.indices().filter(is_live) {
        for edge in edges.eager(importer) {
            importers[edge.module].push(importer);
        }
    }
    let mut failing = BitSet::with_len(graph.modules.len());
    while let Some(module) = pending.pop() {
        if failing.insert(module) {
            pending.extend(&importers[module]);
        }
    }
    let is_imported = |module: &ModuleIdx| failing.contains(*module) && !importers[*module].is_empty();
    live.dynamic_entries.iter().copied().filter(is_imported).collect()
}
