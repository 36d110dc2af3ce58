//! Top-level await: a module awaits when it does so itself or when a module that must run before it does. What cannot
//! wait is a fault: `require()` of such a module, and formats that run to their end at once.

use crate::diagnostic::{AnalyzeDiagnostic, shown};
use crate::execution_order::ExecutionOrder;
use crate::graph::Graph;
use crate::load_edges::LoadEdges;
use crate::mark_live::Liveness;
use crate::options::{AnalyzeOptions, OutputFormat};
use cloudpack_base::{IndexVec, ModuleIdx, Severity};
use cloudpack_plan::BitSet;
use cloudpack_summary::{RequestKind, SectionFlags};

pub(crate) struct AsyncModules {
    pub(crate) modules: BitSet<ModuleIdx>,
    /// Those that await themselves.
    pub(crate) awaits: BitSet<ModuleIdx>,
    /// The dependency through which a module awaits; `None` for one that awaits itself.
    through: IndexVec<ModuleIdx, Option<ModuleIdx>>,
}

/// Cost: edges, walked backwards from the modules that await.
pub(crate) fn propagate_async(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    live: &Liveness,
    edges: &LoadEdges,
    options: &AnalyzeOptions,
) -> (AsyncModules, Vec<AnalyzeDiagnostic>) {
    let mut found = AsyncModules {
        modules: BitSet::with_len(graph.modules.len()),
        awaits: BitSet::with_len(graph.modules.len()),
        through: IndexVec::filled(None, graph.modules.len()),
    };
    let awaits = |module: ModuleIdx| {
        graph.summary(module).is_some_and(|summary| {
            live.sections[module].iter().any(|section| summary.sections[section].flags.contains(SectionFlags::AWAIT))
        })
    };
    let roots: Vec<ModuleIdx> = order.order.iter().copied().filter(|module| awaits(*module)).collect();
    if roots.is_empty() {
        return (found, Vec::new());
    }
    let mut importers: IndexVec<ModuleIdx, Vec<ModuleIdx>> = graph.modules.indices().map(|_| Vec::new()).collect();
    for module in &order.order {
        for edge in edges.eager(*module) {
            importers[edge.module].push(*module);
        }
    }
    let mut pending = std::collections::VecDeque::from(roots.clone());
    for root in &roots {
        found.modules.insert(*root);
        found.awaits.insert(*root);
    }
    while let Some(module) = pending.pop_front() {
        for importer in &importers[module] {
            if !graph.is_commonjs(*importer) && found.modules.insert(*importer) {
                found.through[*importer] = Some(module);
                pending.push_back(*importer);
            }
        }
    }
    let diagnostics = report(graph, order, live, &found, &roots, options);
    (found, diagnostics)
}

fn report(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    live: &Liveness,
    found: &AsyncModules,
    roots: &[ModuleIdx],
    options: &AnalyzeOptions,
) -> Vec<AnalyzeDiagnostic> {
    let mut diagnostics = Vec::new();
    for module in &order.order {
        for request in live.requests[*module].iter() {
            let record = graph.summary(*module).and_then(|summary| summary.requests.get(request));
            if record.is_none_or(|record| record.kind != RequestKind::Require) {
                continue;
            }
            let Some(target) = graph.target(*module, request).filter(|target| found.modules.contains(*target)) else {
                continue;
            };
            let message = format!(
                "\"{}\" cannot be loaded by require(): it awaits at top level",
                shown(graph, target, &options.cwd)
            );
            let mut chain = vec![shown(graph, target, &options.cwd)];
            let mut at = target;
            while let Some(next) = found.through[at] {
                chain.push(shown(graph, next, &options.cwd));
                at = next;
            }
            let hint = (chain.len() > 1).then(|| format!("The await is reached through {}", shorten(&chain)));
            let diagnostic = AnalyzeDiagnostic::new("REQUIRE_TLA", Severity::Error, message);
            diagnostics.push(diagnostic.in_module(*module).at_request(request).with_hint(hint));
        }
    }
    if options.format != OutputFormat::Es {
        let format = if options.format == OutputFormat::Cjs { "cjs" } else { "iife" };
        for module in roots {
            let message = format!(
                "\"{}\" awaits at top level, which the format \"{format}\" cannot express",
                shown(graph, *module, &options.cwd)
            );
            let diagnostic = AnalyzeDiagnostic::new("INVALID_TLA_FORMAT", Severity::Error, message);
            let hint = "Use the format \"es\", or await inside an async function".to_owned();
            diagnostics.push(diagnostic.in_module(*module).with_hint(Some(hint)));
        }
    }
    diagnostics
}

/// `a -> b -> c`; the middle of a long chain is left out.
pub(crate) fn shorten(chain: &[String]) -> String {
    const SHOWN: usize = 8;
    if chain.len() <= SHOWN {
        return chain.join(" -> ");
    }
    let (head, tail) = (chain.iter().take(SHOWN - 2), chain.iter().skip(chain.len() - 1));
    let mut parts: Vec<&str> = head.map(String::as_str).collect();
    let more = format!("({} more)", chain.len() + 1 - SHOWN);
    parts.push(&more);
    parts.extend(tail.map(String::as_str));
    parts.join(" -> ")
}
