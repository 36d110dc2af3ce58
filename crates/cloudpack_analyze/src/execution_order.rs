//! The order in which modules run, from requests alone: dependencies first, cycles by first visit (ECMA-262 16.2.1.5.2).
//! Entries in their order, then whatever is reached only later by `import()`, workers and URLs, in order of discovery.

use crate::graph::Graph;
use crate::options::AnalyzeOptions;
use cloudpack_base::{IndexVec, ModuleIdx};
use cloudpack_summary::RequestKind;
use std::collections::VecDeque;

/// A program has few cycles that matter and may have thousands that do not.
const MAX_CYCLES: usize = 100;

pub(crate) struct ExecutionOrder {
    /// All reached modules, external ones too.
    pub(crate) order: Vec<ModuleIdx>,
    /// Place in `order`; `u32::MAX` for modules that nothing reaches.
    pub(crate) position: IndexVec<ModuleIdx, u32>,
    /// Import cycles, first module first; only when asked for, at most `MAX_CYCLES`.
    pub(crate) cycles: Vec<Vec<ModuleIdx>>,
}

/// Cost: modules + requests. An explicit stack: chains of 10,000 imports exist in generated code.
pub(crate) fn execution_order(graph: &Graph<'_>, options: &AnalyzeOptions) -> ExecutionOrder {
    let mut position = IndexVec::filled(u32::MAX, graph.modules.len());
    let mut is_visited = IndexVec::<ModuleIdx, bool>::filled(false, graph.modules.len());
    let mut order = Vec::with_capacity(graph.modules.len());
    let mut cycles = Vec::new();
    let mut roots: VecDeque<ModuleIdx> = graph.entries.iter().map(|entry| entry.module).collect();
    let mut stack: Vec<(ModuleIdx, usize)> = Vec::new();
    while let Some(root) = roots.pop_front() {
        if !std::mem::replace(&mut is_visited[root], true) {
            stack.push((root, 0));
        }
        while let Some((module, next)) = stack.last_mut() {
            let module = *module;
            let record = graph.summary(module).and_then(|summary| summary.requests.as_slice().get(*next));
            let Some(record) = record else {
                stack.pop();
                position[module] = order.len() as u32;
                order.push(module);
                continue;
            };
            let target = graph.modules[module].resolved.get(*next).copied().flatten();
            *next += 1;
            let Some(target) = target else { continue };
            let follow = match record.kind {
                // `require()` runs later or never, but what it runs must be there: it is visited where it stands.
                RequestKind::Require => true,
                RequestKind::Dynamic => !options.splits(),
                RequestKind::RequireResolve => continue,
                kind => kind.is_static(),
            };
            if !follow {
                roots.push_back(target);
            } else if !std::mem::replace(&mut is_visited[target], true) {
                stack.push((target, 0));
            } else if options.report_cycles
                && record.kind.is_static()
                && position[target] == u32::MAX
                && target != module
                && cycles.len() < MAX_CYCLES
                && let Some(at) = stack.iter().position(|(on_stack, _)| *on_stack == target)
            {
                cycles.push(stack.iter().skip(at).map(|(on_stack, _)| *on_stack).collect());
            }
        }
    }
    ExecutionOrder { order, position, cycles }
}
