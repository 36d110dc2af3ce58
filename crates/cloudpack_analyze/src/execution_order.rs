//! The order in which modules run, from requests alone: dependencies first, cycles by first visit (ECMA-262 16.2.1.5.2).
//! Entries in their order, then whatever is reached only later by `import()`, workers and URLs, in order of discovery.

use crate::graph::Graph;
use crate::options::AnalyzeOptions;
use cloudpack_base::{IndexVec, ModuleIdx};
use cloudpack_plan::BitSet;
use cloudpack_summary::RequestKind;
use std::collections::VecDeque;

/// A program has few cycles that matter and may have thousands that do not.
const MAX_CYCLES: usize = 100;

const UNKNOWN: u32 = u32::MAX;

pub(crate) struct ExecutionOrder {
    /// All reached modules, external ones too.
    pub(crate) order: Vec<ModuleIdx>,
    /// Place in `order`; `u32::MAX` for modules that nothing reaches.
    pub(crate) position: IndexVec<ModuleIdx, u32>,
    /// Modules on one cycle of requests have one number; all others have their own.
    pub(crate) cycle_of: IndexVec<ModuleIdx, u32>,
    /// Modules that may be asked for something before they have run: those on a cycle of requests.
    pub(crate) on_cycle: BitSet<ModuleIdx>,
    /// Import cycles, first module first; only when asked for, at most `MAX_CYCLES`.
    pub(crate) cycles: Vec<Vec<ModuleIdx>>,
}

/// Cost: modules + requests. An explicit stack: chains of 10,000 imports exist in generated code.
pub(crate) fn execution_order(graph: &Graph<'_>, options: &AnalyzeOptions) -> ExecutionOrder {
    let mut position = IndexVec::filled(u32::MAX, graph.modules.len());
    // Tarjan's algorithm rides along: numbers by first visit, and the smallest one that a module leads back to.
    let mut cycle_of = IndexVec::<ModuleIdx, u32>::filled(UNKNOWN, graph.modules.len());
    let mut on_cycle = BitSet::with_len(graph.modules.len());
    let mut visit = IndexVec::<ModuleIdx, u32>::filled(UNKNOWN, graph.modules.len());
    let mut back_to = IndexVec::<ModuleIdx, u32>::filled(UNKNOWN, graph.modules.len());
    let mut open: Vec<ModuleIdx> = Vec::new();
    let mut visits = 0;
    let mut enter = |module: ModuleIdx, open: &mut Vec<ModuleIdx>, back_to: &mut IndexVec<ModuleIdx, u32>| {
        let is_new = visit[module] == UNKNOWN;
        if is_new {
            visit[module] = visits;
            back_to[module] = visits;
            visits += 1;
            open.push(module);
        }
        (is_new, visit[module])
    };
    let mut order = Vec::with_capacity(graph.modules.len());
    let mut cycles = Vec::new();
    let mut roots: VecDeque<ModuleIdx> = graph.entries.iter().map(|entry| entry.module).collect();
    let mut stack: Vec<(ModuleIdx, usize)> = Vec::new();
    while let Some(root) = roots.pop_front() {
        if enter(root, &mut open, &mut back_to).0 {
            stack.push((root, 0));
        }
        while let Some((module, next)) = stack.last_mut() {
            let module = *module;
            let record = graph.summary(module).and_then(|summary| summary.requests.as_slice().get(*next));
            let Some(record) = record else {
                stack.pop();
                position[module] = order.len() as u32;
                order.push(module);
                let lowest = back_to[module];
                if let Some((parent, _)) = stack.last() {
                    back_to[*parent] = back_to[*parent].min(lowest);
                }
                if lowest == enter(module, &mut open, &mut back_to).1 {
                    let is_alone = open.last() == Some(&module);
                    while let Some(member) = open.pop() {
                        cycle_of[member] = lowest;
                        if !is_alone {
                            on_cycle.insert(member);
                        }
                        if member == module {
                            break;
                        }
                    }
                }
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
                continue;
            }
            let (is_new, number) = enter(target, &mut open, &mut back_to);
            if is_new {
                stack.push((target, 0));
                continue;
            }
            if target == module {
                on_cycle.insert(module);
            }
            if cycle_of[target] == UNKNOWN {
                back_to[module] = back_to[module].min(number);
            }
            if options.like_rollup
                && record.kind.is_static()
                && position[target] == u32::MAX
                && cycles.len() < MAX_CYCLES
                && let Some(at) = stack.iter().position(|(on_stack, _)| *on_stack == target)
            {
                cycles.push(stack.iter().skip(at).map(|(on_stack, _)| *on_stack).collect());
            }
        }
    }
    ExecutionOrder { order, position, cycle_of, on_cycle, cycles }
}
