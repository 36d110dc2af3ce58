//! A joined group brings modules to entries that do not want them. Where running one could be observed, it is wrapped
//! (`__esm`), and whoever wants it runs it from its own head: of `a.js` and `b.js` in one chunk, where a.js logs
//! something and only the other route imports it, this route must not log.
//!
//! Running a module runs what it imports, so what counts is whether each entry that loads the chunk wants every
//! order-sensitive module that the module leads to. Modules that lead to none stay hoisted, as do those that lead only to
//! what everybody wants: `react` of all components.

use crate::entry_bits::EntryBits;
use crate::graph::Graph;
use crate::group_modules::{GroupIdx, Groups};
use crate::load_edges::LoadEdges;
use crate::mark_live::Liveness;
use crate::strongly_connected::Components;
use cloudpack_base::{IndexVec, ModuleIdx};
use cloudpack_plan::{BitSet, Wrap};

/// Wraps them. Returns the modules that must not run just because their chunk does.
/// Cost: nothing where no groups were joined; else modules and edges x entries / 64.
pub(crate) fn wrap_unwanted(
    graph: &Graph<'_>,
    live: &Liveness,
    edges: &LoadEdges,
    components: &Components,
    bits: &EntryBits,
    groups: &Groups,
    group_imports: &IndexVec<GroupIdx, Vec<GroupIdx>>,
    wraps: &mut IndexVec<ModuleIdx, Wrap>,
) -> BitSet<ModuleIdx> {
    let mut unwanted = BitSet::with_len(graph.modules.len());
    if !groups.are_joined {
        return unwanted;
    }
    let may_run = roots_that_may_run(live, edges, components, bits, groups);
    let loading = roots_that_load(bits, groups, group_imports);
    for (index, group) in groups.groups.iter_enumerated() {
        for module in &group.modules {
            let is_wanted =
                loading[index].iter().zip(&may_run[components.of(*module)]).all(|(load, may)| load & !may == 0);
            if is_wanted {
                continue;
            }
            unwanted.insert(*module);
            if wraps[*module] == Wrap::None {
                wraps[*module] = Wrap::Esm;
            }
        }
    }
    unwanted
}

/// Per component: the entries that want all that running it would run, or have run it before.
fn roots_that_may_run(
    live: &Liveness,
    edges: &LoadEdges,
    components: &Components,
    bits: &EntryBits,
    groups: &Groups,
) -> Vec<Vec<u64>> {
    let words = bits.roots.len().div_ceil(64).max(1);
    let mut may_run: Vec<Vec<u64>> = Vec::with_capacity(components.count());
    // Components are numbered dependencies first.
    for component in 0..components.count() {
        let mut all = vec![u64::MAX; words];
        for module in components.members(component) {
            if live.order_sensitive.contains(*module) {
                let before = groups.loaded_before(*module);
                for (at, word) in all.iter_mut().enumerate() {
                    *word &= bits.of(*module).get(at).unwrap_or(&0) | before.get(at).unwrap_or(&0);
                }
            }
            for edge in edges.eager(*module) {
                if let Some(below) = may_run.get(components.of(edge.module)) {
                    all.iter_mut().zip(below).for_each(|(word, below)| *word &= below);
                }
            }
        }
        may_run.push(all);
    }
    may_run
}

/// Per group: the entries that import it, in however many steps.
fn roots_that_load(
    bits: &EntryBits,
    groups: &Groups,
    group_imports: &IndexVec<GroupIdx, Vec<GroupIdx>>,
) -> IndexVec<GroupIdx, Vec<u64>> {
    let words = bits.roots.len().div_ceil(64).max(1);
    let mut loading: IndexVec<GroupIdx, Vec<u64>> = groups.groups.iter().map(|_| vec![0; words]).collect();
    for (index, root) in bits.roots.iter().enumerate() {
        if let Some(group) = groups.of(root.module) {
            loading[group][index / 64] |= 1 << (index % 64);
        }
    }
    let mut pending: Vec<GroupIdx> = groups.groups.indices().collect();
    while let Some(group) = pending.pop() {
        let all = loading[group].clone();
        for import in &group_imports[group] {
            let mut has_grown = false;
            for (mine, more) in loading[*import].iter_mut().zip(&all) {
                has_grown |= more & !*mine != 0;
                *mine |= more;
            }
            if has_grown {
                pending.push(*import);
            }
        }
    }
    loading
}
