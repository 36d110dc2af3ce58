//! Which modules run inside a function instead of where they stand: CommonJS always, ES modules that `require()` or
//! an inlined `import()` may run late. Whatever such a module imports must wait with it, so its static dependencies
//! are wrapped too.

use crate::graph::Graph;
use crate::load_edges::LoadEdges;
use crate::mark_live::Liveness;
use cloudpack_base::{IndexVec, ModuleIdx};
use cloudpack_plan::Wrap;

/// Cost: edges below the wrapped modules.
pub(crate) fn wrap_modules(graph: &Graph<'_>, live: &Liveness, edges: &LoadEdges) -> IndexVec<ModuleIdx, Wrap> {
    let mut wraps = IndexVec::filled(Wrap::None, graph.modules.len());
    let mut pending = Vec::new();
    for module in graph.modules.indices().filter(|module| live.modules.contains(*module)) {
        if graph.is_commonjs(module) {
            wraps[module] = Wrap::CommonJs;
        }
        pending.extend(edges.lazy(module).iter().map(|edge| edge.module));
    }
    while let Some(module) = pending.pop() {
        if wraps[module] == Wrap::None {
            wraps[module] = Wrap::Esm;
            pending.extend(edges.eager(module).iter().map(|edge| edge.module));
        }
    }
    wraps
}
