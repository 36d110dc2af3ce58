//! What the linker does at each request of a live module. `import()` and workers are decided last, because they name
//! chunks: see `plan_chunk_requests`.

use crate::bind_imports::Bindings;
use crate::diagnostic::{AnalyzeDiagnostic, shown};
use crate::graph::{Graph, Request};
use crate::load_edges::LoadEdges;
use crate::mark_live::{Liveness, is_in_graph, is_run_by_import};
use crate::options::AnalyzeOptions;
use crate::repair_order::Wrapping;
use cloudpack_base::{ChunkIdx, IndexVec, ModuleIdx, RequestIdx, Severity};
use cloudpack_plan::{ImportThen, RequestAction, RequestPlan, Wrap};
use cloudpack_summary::{ModuleFlags, RequestKind};

pub(crate) type RequestPlans = IndexVec<ModuleIdx, IndexVec<RequestIdx, RequestPlan>>;

/// Cost: requests of live modules.
pub(crate) fn plan_requests(
    graph: &Graph<'_>,
    bindings: &Bindings<'_>,
    live: &Liveness,
    edges: &LoadEdges,
    wrapping: &Wrapping,
    options: &AnalyzeOptions,
) -> (RequestPlans, Vec<AnalyzeDiagnostic>) {
    let mut diagnostics = Vec::new();
    let plans = graph
        .modules
        .indices()
        .map(|module| {
            let plan = |request: Request<'_>| {
                let is_live = live.modules.contains(module)
                    && (request.record.kind.is_static() || live.requests[module].contains(request.index));
                if !is_live {
                    return RequestPlan { target: None, action: RequestAction::None };
                }
                let Some(target) = request.target else {
                    let action = match request.record.kind {
                        RequestKind::Dynamic | RequestKind::Require => RequestAction::Throw,
                        kind if kind.is_static() => RequestAction::None,
                        _ => RequestAction::External,
                    };
                    return RequestPlan { target: None, action };
                };
                let action = match request.record.kind {
                    kind if kind.is_static() => {
                        static_action(graph, bindings, live, edges, wrapping, module, &request, target, options)
                    }
                    RequestKind::Require => require_action(graph, wrapping, target),
                    RequestKind::RequireResolve => {
                        if !graph.is_external(target) {
                            diagnostics.push(resolve_of_bundled(graph, module, &request, target, options));
                        }
                        RequestAction::External
                    }
                    RequestKind::Worker if !is_in_graph(request.record.flags, options) => RequestAction::WorkerBundle,
                    RequestKind::Dynamic | RequestKind::Worker if graph.is_external(target) => RequestAction::External,
                    RequestKind::NewUrl | RequestKind::CssUrl | RequestKind::HtmlAsset if graph.is_external(target) => {
                        RequestAction::External
                    }
                    RequestKind::NewUrl | RequestKind::CssUrl | RequestKind::HtmlAsset => RequestAction::AssetUrl,
                    _ => RequestAction::None,
                };
                RequestPlan { target: Some(target), action }
            };
            graph.requests(module).map(plan).collect()
        })
        .collect();
    (plans, diagnostics)
}

fn static_action(
    graph: &Graph<'_>,
    bindings: &Bindings<'_>,
    live: &Liveness,
    edges: &LoadEdges,
    wrapping: &Wrapping,
    module: ModuleIdx,
    request: &Request<'_>,
    target: ModuleIdx,
    options: &AnalyzeOptions,
) -> RequestAction {
    if graph.is_external(target) {
        return RequestAction::External;
    }
    if request.record.kind == RequestKind::CssImport {
        return RequestAction::None;
    }
    if wrapping.wraps[target] == Wrap::CommonJs {
        let symbol = bindings.interop.get(module, request.index).filter(|symbol| live.symbols.contains(*symbol));
        let runs = is_run_by_import(graph, request.record.kind, target, options);
        // Called in its place, it has run by now.
        if symbol.is_none() && (!runs || wrapping.in_place.contains(target)) {
            return RequestAction::None;
        }
        let node_mode = graph.has_flag(module, ModuleFlags::NODE_ESM);
        return RequestAction::Interop { symbol: symbol.map(|symbol| symbol.symbol), node_mode };
    }
    let wrapped: Vec<ModuleIdx> = edges
        .eager(module)
        .iter()
        .filter(|edge| edge.request == request.index && wrapping.wraps[edge.module] == Wrap::Esm)
        .map(|edge| edge.module)
        .collect();
    if wrapped.is_empty() { RequestAction::None } else { RequestAction::Init { modules: wrapped } }
}

fn require_action(graph: &Graph<'_>, wrapping: &Wrapping, target: ModuleIdx) -> RequestAction {
    if graph.is_external(target) {
        RequestAction::External
    } else if wrapping.wraps[target] == Wrap::CommonJs {
        RequestAction::RequireCjs
    } else if graph.is_value(target) {
        RequestAction::RequireDefault
    } else {
        RequestAction::RequireEsm
    }
}

fn resolve_of_bundled(
    graph: &Graph<'_>,
    module: ModuleIdx,
    request: &Request<'_>,
    target: ModuleIdx,
    options: &AnalyzeOptions,
) -> AnalyzeDiagnostic {
    let message = format!(
        "require.resolve(\"{}\") stays as it is, but \"{}\" is bundled and may not be there at run time",
        request.record.specifier,
        shown(graph, target, &options.cwd)
    );
    AnalyzeDiagnostic::new("REQUIRE_RESOLVE_NOT_EXTERNAL", Severity::Warning, message)
        .in_module(module)
        .at_request(request.index)
        .with_hint(Some("Mark it as external".to_owned()))
}

/// Where a dynamic entry or a worker ended up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The chunk that has the module.
    pub(crate) chunk: ChunkIdx,
    /// The chunk whose exports are the module's own and nothing else, if there is one.
    pub(crate) own_chunk: Option<ChunkIdx>,
}

/// Fills in live `import()` and worker requests. `place_of` knows every target. Returns the modules whose namespace
/// object `import()` needs.
pub(crate) fn plan_chunk_requests(
    graph: &Graph<'_>,
    live: &Liveness,
    options: &AnalyzeOptions,
    chunk_of: impl Fn(ModuleIdx) -> Option<ChunkIdx>,
    place_of: impl Fn(ModuleIdx) -> Option<Place>,
    requests: &mut RequestPlans,
) -> Vec<ModuleIdx> {
    let mut namespaces = Vec::new();
    for module in graph.modules.indices().filter(|module| live.modules.contains(*module)) {
        for index in live.requests[module].iter() {
            let record = graph.summary(module).and_then(|summary| summary.requests.get(index));
            let (Some(record), Some(target)) = (record, graph.target(module, index)) else { continue };
            let Some(place) = place_of(target).filter(|_| !graph.is_external(target)) else { continue };
            let action = match record.kind {
                RequestKind::Worker if is_in_graph(record.flags, options) => {
                    RequestAction::WorkerUrl { chunk: place.own_chunk.unwrap_or(place.chunk) }
                }
                RequestKind::Dynamic => {
                    let then = if graph.is_commonjs(target) {
                        let node_mode = graph.has_flag(module, ModuleFlags::NODE_ESM);
                        ImportThen::CommonJs { node_mode }
                    } else {
                        ImportThen::Namespace
                    };
                    let is_here = chunk_of(module) == Some(place.chunk);
                    match place.own_chunk {
                        Some(chunk) if options.splits() => {
                            let is_commonjs = matches!(then, ImportThen::CommonJs { .. });
                            let then = if is_commonjs { then } else { ImportThen::Chunk };
                            RequestAction::ImportChunk { chunk, then }
                        }
                        _ => {
                            if then == ImportThen::Namespace {
                                namespaces.push(target);
                            }
                            if is_here {
                                RequestAction::ImportInline { then }
                            } else {
                                RequestAction::ImportChunk { chunk: place.chunk, then }
                            }
                        }
                    }
                }
                _ => continue,
            };
            if let Some(plan) = requests[module].get_mut(index) {
                plan.action = action;
            }
        }
    }
    namespaces
}
