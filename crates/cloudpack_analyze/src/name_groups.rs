//! Chunks that the user named (`output.codeSplitting.groups`, `output.manualChunks`), taken out of the groups of entry
//! bits before small ones are joined.
//!
//! A group takes the modules that it wants, and what these import: so a group needs nothing but itself and groups that
//! came before it, and no two chunks need each other. What is not taken: modules that await at top level, because whoever
//! loads the chunk would wait for them, and documents.
//!
//! Of names that one function gives, those that others need come first, so that each keeps what it was given: of
//! `id => id.includes('react') ? 'react' : 'vendor'` a component of `vendor` imports react and does not take it along.
//!
//! A group that is too large is cut between modules in execution order, where no cycle of imports is cut through; each
//! piece then needs earlier pieces only. Groups of one name are one chunk where no other lies between them.

use crate::entry_bits::EntryBits;
use crate::execution_order::ExecutionOrder;
use crate::graph::Graph;
use crate::group_modules::Groups;
use crate::join_groups::weight_of;
use crate::load_edges::LoadEdges;
use crate::mark_live::Liveness;
use crate::options::{AnalyzeOptions, NamedGroup};
use crate::propagate_async::AsyncModules;
use cloudpack_base::{IndexVec, ModuleIdx};
use cloudpack_plan::BitSet;
use cloudpack_summary::ModuleFormat;
use rustc_hash::{FxHashMap, FxHashSet};

struct Piece<'a> {
    named: &'a NamedGroup,
    modules: Vec<ModuleIdx>,
}

/// Cost: modules and edges; for names that one function gives and that need each other in a circle, of each of them.
pub(crate) fn name_groups(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    live: &Liveness,
    edges: &LoadEdges,
    bits: &EntryBits,
    async_modules: &AsyncModules,
    options: &AnalyzeOptions,
    groups: Groups,
) -> Groups {
    if !options.may_regroup() || options.named_groups.is_empty() {
        return groups;
    }
    let mut free = BitSet::<ModuleIdx>::with_len(graph.modules.len());
    for module in order.order.iter().copied() {
        let is_document = || graph.summary(module).is_none_or(|summary| summary.format == ModuleFormat::Html);
        if groups.of(module).is_some() && !async_modules.modules.contains(module) && !is_document() {
            free.insert(module);
        }
    }
    let wanted = modules_that_are_wanted(graph, order, live, bits, &free, options);
    let mut ranked: Vec<(&NamedGroup, Vec<ModuleIdx>)> = options.named_groups.iter().zip(wanted).collect();
    // Of equal priority, the first one first.
    ranked.sort_by(|(left, _), (right, _)| right.priority.total_cmp(&left.priority).then(left.place.cmp(&right.place)));
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    for run in ranked.chunk_by(|(left, _), (right, _)| (left.priority, left.place) == (right.priority, right.place)) {
        for (named, wanted) in needed_first(run, edges, &free) {
            let mut members = closure(wanted, edges, &free, |_| true);
            members.sort_unstable_by_key(|module| order.position[*module]);
            let weights: Vec<u64> = members.iter().map(|module| weight_of(graph, live, *module)).collect();
            if members.is_empty() || weights.iter().sum::<u64>() < named.min_size {
                continue;
            }
            for module in &members {
                free.remove(*module);
            }
            let cuts = cut(&members, &weights, named.max_size, order);
            pieces.extend(cuts.into_iter().map(|modules| Piece { named, modules }));
        }
    }
    let pieces = merge_namesakes(pieces, graph.modules.len(), edges);
    groups.take_out(pieces.into_iter().map(|piece| (piece.named.name.clone(), piece.modules)).collect(), order)
}

/// Per named group, in execution order.
fn modules_that_are_wanted(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    live: &Liveness,
    bits: &EntryBits,
    free: &BitSet<ModuleIdx>,
    options: &AnalyzeOptions,
) -> Vec<Vec<ModuleIdx>> {
    let mut wanted: Vec<Vec<ModuleIdx>> = options.named_groups.iter().map(|_| Vec::new()).collect();
    for module in order.order.iter().copied().filter(|module| free.contains(*module)) {
        let entries = || bits.of(module).iter().map(|word| word.count_ones()).sum::<u32>();
        let weight = || weight_of(graph, live, module);
        for index in graph.modules[module].named_groups {
            let index = *index as usize;
            let (Some(named), Some(wanted)) = (options.named_groups.get(index), wanted.get_mut(index)) else {
                continue;
            };
            if (named.min_share_count <= 1 || entries() >= named.min_share_count)
                && (named.min_module_size == 0 || weight() >= named.min_module_size)
                && named.max_module_size.is_none_or(|most| weight() <= most)
            {
                wanted.push(module);
            }
        }
    }
    wanted
}

/// `from` and what it imports, in however many steps; what is not free, or may not be entered, is not walked through.
fn closure(
    from: &[ModuleIdx],
    edges: &LoadEdges,
    free: &BitSet<ModuleIdx>,
    mut may_enter: impl FnMut(ModuleIdx) -> bool,
) -> Vec<ModuleIdx> {
    let mut found: Vec<ModuleIdx> = Vec::new();
    let mut seen: FxHashSet<ModuleIdx> = FxHashSet::default();
    let mut pending: Vec<ModuleIdx> = from.to_vec();
    while let Some(module) = pending.pop() {
        if free.contains(module) && may_enter(module) && seen.insert(module) {
            found.push(module);
            pending.extend(edges.all(module).iter().map(|edge| edge.module));
        }
    }
    found
}

/// Groups of one rank, those that others need first. Of a circle the one first that takes least of what the others were
/// given, then by name.
fn needed_first<'r, 'a>(
    run: &'r [(&'a NamedGroup, Vec<ModuleIdx>)],
    edges: &LoadEdges,
    free: &BitSet<ModuleIdx>,
) -> Vec<(&'a NamedGroup, &'r [ModuleIdx])> {
    let mut left: Vec<usize> = (0..run.len()).collect();
    left.sort_by_key(|index| run.get(*index).map(|(named, _)| &named.name));
    let mut owner: FxHashMap<ModuleIdx, usize> = FxHashMap::default();
    if run.len() > 1 {
        for (index, (_, wanted)) in run.iter().enumerate() {
            owner.extend(wanted.iter().map(|module| (*module, index)));
        }
    }
    let mut needs: Vec<FxHashSet<usize>> = Vec::new();
    for (index, (_, wanted)) in run.iter().enumerate() {
        let mut needed = FxHashSet::default();
        closure(wanted, edges, free, |module| match owner.get(&module) {
            Some(other) if *other != index => {
                needed.insert(*other);
                false
            }
            _ => true,
        });
        needs.push(needed);
    }
    let mut robbed: Option<Vec<usize>> = None;
    let mut done: FxHashSet<usize> = FxHashSet::default();
    let mut sorted = Vec::with_capacity(run.len());
    while !left.is_empty() {
        let is_next = |index: &usize| needs.get(*index).is_none_or(|needs| needs.is_subset(&done));
        let at = left.iter().position(is_next).or_else(|| {
            let of_others = |(index, (_, wanted)): (usize, &(&NamedGroup, Vec<ModuleIdx>))| {
                let all = closure(wanted, edges, free, |_| true);
                all.iter().filter(|module| owner.get(module).is_some_and(|other| *other != index)).count()
            };
            let robbed = robbed.get_or_insert_with(|| run.iter().enumerate().map(of_others).collect());
            (0..left.len()).min_by_key(|at| left.get(*at).and_then(|index| robbed.get(*index)))
        });
        let Some(at) = at else { break };
        let index = left.remove(at);
        done.insert(index);
        sorted.extend(run.get(index).map(|(named, wanted)| (*named, wanted.as_slice())));
    }
    sorted
}

/// Pieces that are not larger than `most`, unless one module is, or a cycle.
fn cut(members: &[ModuleIdx], weights: &[u64], most: Option<u64>, order: &ExecutionOrder) -> Vec<Vec<ModuleIdx>> {
    let Some(most) = most else { return vec![members.to_vec()] };
    let mut last_of_cycle: FxHashMap<u32, usize> = FxHashMap::default();
    for (at, module) in members.iter().enumerate() {
        last_of_cycle.insert(order.cycle_of[*module], at);
    }
    // Runs of modules that stay together.
    let mut pieces: Vec<Vec<ModuleIdx>> = Vec::new();
    let (mut piece, mut size) = (Vec::new(), 0);
    let (mut run, mut run_size, mut end) = (Vec::new(), 0, 0);
    for (at, (module, weight)) in members.iter().zip(weights).enumerate() {
        end = end.max(last_of_cycle.get(&order.cycle_of[*module]).copied().unwrap_or(at));
        run.push(*module);
        run_size += weight;
        if at < end {
            continue;
        }
        if !piece.is_empty() && size + run_size > most {
            pieces.push(std::mem::take(&mut piece));
            size = 0;
        }
        piece.append(&mut run);
        size += std::mem::take(&mut run_size);
    }
    pieces.push(piece);
    pieces
}

/// Two groups of one name are one chunk, unless one needs a third that needs the other, or they were cut.
fn merge_namesakes<'a>(pieces: Vec<Piece<'a>>, modules: usize, edges: &LoadEdges) -> Vec<Piece<'a>> {
    let mut names: FxHashSet<&str> = FxHashSet::default();
    if pieces.iter().all(|piece| piece.named.max_size.is_some() || names.insert(&piece.named.name)) {
        return pieces;
    }
    let mut piece_of: IndexVec<ModuleIdx, Option<usize>> = IndexVec::filled(None, modules);
    let mut merged: Vec<Piece<'a>> = Vec::new();
    for mut piece in pieces {
        let namesake = |known: &Piece<'_>| {
            known.named.name == piece.named.name && known.named.max_size.is_none() && piece.named.max_size.is_none()
        };
        let before = merged.iter().position(namesake).filter(|before| {
            // What it needs besides, down to the last.
            let mut seen: FxHashSet<usize> = FxHashSet::default();
            let mut pending: Vec<usize> = Vec::new();
            let needed_by = |module: &ModuleIdx| edges.all(*module).iter().filter_map(|edge| piece_of[edge.module]);
            pending.extend(piece.modules.iter().flat_map(needed_by).filter(|needed| needed != before));
            while let Some(next) = pending.pop() {
                if next == *before {
                    return false;
                }
                if seen.insert(next)
                    && let Some(next) = merged.get(next)
                {
                    pending.extend(next.modules.iter().flat_map(needed_by));
                }
            }
            true
        });
        let index = before.unwrap_or(merged.len());
        for module in &piece.modules {
            piece_of[*module] = Some(index);
        }
        match merged.get_mut(index) {
            Some(known) => known.modules.append(&mut piece.modules),
            None => merged.push(piece),
        }
    }
    merged
}
