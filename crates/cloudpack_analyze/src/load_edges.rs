//! Which live modules must be there for a live module to run: the module graph after section garbage collection, with
//! skipped barrels bridged. Entry bits, top-level await, wrappers and the order of chunks all walk these edges.

use crate::bind_imports::{Bindings, BoundImport, Import};
use crate::execution_order::ExecutionOrder;
use crate::graph::Graph;
use crate::mark_live::{Liveness, is_run_by_import};
use crate::options::AnalyzeOptions;
use crate::resolve_exports::{Found, Target};
use cloudpack_base::{IndexVec, ModuleIdx, RequestIdx, SymbolRef};
use cloudpack_summary::RequestKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoadEdge {
    /// The importer's request that leads there.
    pub(crate) request: RequestIdx,
    pub(crate) module: ModuleIdx,
}

pub(crate) struct LoadEdges {
    edges: Vec<LoadEdge>,
    /// Per module: start, end of eager, end of lazy edges.
    ranges: IndexVec<ModuleIdx, (u32, u32, u32)>,
}

impl LoadEdges {
    /// Modules that run before this one: through static requests, in the order of the requests; behind one request, the
    /// target before the re-exporters below it and those before the modules that define what is imported, because a
    /// barrel runs its dependencies in an order of its own. Each module once.
    pub(crate) fn eager(&self, module: ModuleIdx) -> &[LoadEdge] {
        let (start, end, _) = self.ranges[module];
        self.edges.get(start as usize..end as usize).unwrap_or(&[])
    }
    /// Modules that this one may run later and that must be loaded by then: `require()`, and `import()` where the
    /// output has no chunk for it.
    pub(crate) fn lazy(&self, module: ModuleIdx) -> &[LoadEdge] {
        let (_, start, end) = self.ranges[module];
        self.edges.get(start as usize..end as usize).unwrap_or(&[])
    }
    pub(crate) fn all(&self, module: ModuleIdx) -> &[LoadEdge] {
        let (start, _, end) = self.ranges[module];
        self.edges.get(start as usize..end as usize).unwrap_or(&[])
    }
}

/// Sorted by request, rank, and place in execution order.
type Pending = (RequestIdx, Rank, u32, ModuleIdx);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Target,
    Reexporter,
    Definition,
}

/// Cost: requests and imported symbols of live modules.
pub(crate) fn load_edges(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    bindings: &Bindings<'_>,
    live: &Liveness,
    options: &AnalyzeOptions,
) -> LoadEdges {
    let mut edges = Vec::new();
    let mut ranges = IndexVec::with_capacity(graph.modules.len());
    let mut is_dynamic = IndexVec::<ModuleIdx, bool>::filled(false, graph.modules.len());
    for module in
        live.dynamic_entries.iter().chain(&live.workers).copied().chain(graph.entries.iter().map(|e| e.module))
    {
        is_dynamic[module] = true;
    }
    // The list for which a target was last seen, so that finding duplicates needs no set for each list.
    let mut seen_by = IndexVec::<ModuleIdx, u32>::filled(u32::MAX, graph.modules.len());
    let mut pending: Vec<Pending> = Vec::new();
    for module in graph.modules.indices() {
        let start = edges.len() as u32;
        if graph.is_external(module) || !live.modules.contains(module) {
            ranges.push((start, start, start));
            continue;
        }
        let mut add_all = |list: u32, pending: &mut Vec<Pending>| {
            pending.sort_unstable();
            for (request, _, _, target) in pending.drain(..) {
                if target != module
                    && live.modules.contains(target)
                    && !graph.is_external(target)
                    && std::mem::replace(&mut seen_by[target], list) != list
                {
                    edges.push(LoadEdge { request, module: target });
                }
            }
            edges.len() as u32
        };
        eager_edges(graph, order, bindings, live, options, module, is_dynamic[module], &mut pending);
        let eager_end = add_all(2 * module.0, &mut pending);
        for request in live.requests[module].iter() {
            let Some(target) = graph.target(module, request) else { continue };
            let kind =
                graph.summary(module).and_then(|summary| summary.requests.get(request)).map(|record| record.kind);
            if kind == Some(RequestKind::Require) || kind == Some(RequestKind::Dynamic) && !options.splits() {
                pending.push((request, Rank::Target, order.position[target], target));
            }
        }
        let lazy_end = add_all(2 * module.0 + 1, &mut pending);
        ranges.push((start, eager_end, lazy_end));
    }
    LoadEdges { edges, ranges }
}

fn eager_edges(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    bindings: &Bindings<'_>,
    live: &Liveness,
    options: &AnalyzeOptions,
    module: ModuleIdx,
    is_entry: bool,
    found: &mut Vec<Pending>,
) {
    let mut add = |request: RequestIdx, rank: Rank, target: ModuleIdx| {
        found.push((request, rank, order.position[target], target));
    };
    for request in graph.requests(module) {
        let Some(target) = request.target else { continue };
        // Style sheets that are imported by style sheets are text of those, not modules of their own.
        if !request.record.kind.is_static() || request.record.kind == RequestKind::CssImport {
            continue;
        }
        let interop = bindings.interop.get(module, request.index);
        if live.effects.contains(target) && is_run_by_import(graph, request.record.kind, target, options)
            || interop.is_some_and(|interop| live.symbols.contains(interop))
        {
            add(request.index, Rank::Target, target);
        }
    }
    // Of a barrel on a cycle with its importer, which is running already, nothing behind it runs sooner for being
    // imported: it is the barrel that runs its dependencies, in its own order.
    let is_running = |request: RequestIdx, module_behind: ModuleIdx| {
        graph.target(module, request).is_some_and(|target| {
            target != module_behind
                && order.cycle_of[target] == order.cycle_of[module]
                && live.effects.contains(target)
                && live.effects.contains(module_behind)
        })
    };
    let mut add_behind = |request: RequestIdx, rank: Rank, behind: ModuleIdx| {
        if !is_running(request, behind) {
            add(request, rank, behind);
        }
    };
    let mut add_found = |request: RequestIdx, found: &Found<'_>, is_copied: bool| {
        if let Target::Symbol(symbol) | Target::Property { object: symbol, .. } = found.target
            && (!is_copied || live.effects.contains(symbol.module))
        {
            add_behind(request, Rank::Definition, symbol.module);
        }
        bindings.paths.walk(
            found.path,
            |_| true,
            |on_the_way| {
                if live.effects.contains(on_the_way) {
                    add_behind(request, Rank::Reexporter, on_the_way);
                }
            },
        );
    };
    for bound in used_imports(bindings, live, module) {
        match bound.import {
            Import::Found(found) => add_found(bound.request, &found, false),
            // Of the module of a copied value, only what it runs is missed; re-exporters on the way to it run as ever.
            Import::Constant { found, .. } => add_found(bound.request, &found, true),
            Import::Undefined => {}
        }
    }
    // What a namespace object or an entry chunk offers must be there before anybody can ask for it.
    if (is_entry || live.namespaces.contains(module))
        && let Some(exports) = bindings.exports(module)
    {
        for entry in &exports.entries {
            if let Some(request) = entry.request {
                add_found(request, &entry.found, false);
            }
        }
        for star in &exports.runtime_stars {
            add(star.first_request, Rank::Definition, star.holder);
        }
    }
}

/// The imported symbols that live sections of a module mention.
pub(crate) fn used_imports<'s, 'a>(
    bindings: &'s Bindings<'a>,
    live: &'s Liveness,
    module: ModuleIdx,
) -> impl Iterator<Item = &'s BoundImport<'a>> {
    let imports = bindings.imports(module).iter();
    imports.filter(move |bound| live.symbols.contains(SymbolRef::new(module, bound.symbol)))
}
