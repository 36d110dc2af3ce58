//! Which entry points reach which module: one bit an entry, for user entries, workers and targets of `import()` alike.
//! Modules with equal bits are always wanted together.
//!
//! Bits flow from importers to imported modules. One pass in topological order over strongly connected components
//! costs edges x words; a walk from each of 500 routes would cost routes x modules.

use crate::graph::Graph;
use crate::load_edges::LoadEdges;
use crate::mark_live::Liveness;
use crate::strongly_connected::Components;
use cloudpack_base::{Idx, ModuleIdx};

cloudpack_base::define_index! {
    /// An entry point of any kind.
    pub(crate) struct RootIdx, "root";
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Root {
    pub(crate) module: ModuleIdx,
    pub(crate) kind: RootKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RootKind {
    /// Index into the graph's entries.
    Entry(usize),
    Worker,
    Dynamic,
}

pub(crate) struct EntryBits {
    /// User entries in their order, then workers, then dynamic entries, each in execution order. A module that is
    /// already an entry of an earlier kind has no second root.
    pub(crate) roots: Vec<Root>,
    words_each: usize,
    words: Vec<u64>,
}

impl EntryBits {
    pub(crate) fn of(&self, module: ModuleIdx) -> &[u64] {
        let start = module.index() * self.words_each;
        self.words.get(start..start + self.words_each).unwrap_or(&[])
    }
}

pub(crate) fn has_bit(bits: &[u64], root: RootIdx) -> bool {
    bits.get(root.index() / 64).is_some_and(|word| word >> (root.index() % 64) & 1 == 1)
}

pub(crate) fn each_bit(bits: &[u64]) -> impl Iterator<Item = RootIdx> + '_ {
    bits.iter().enumerate().flat_map(|(at, word)| {
        let mut rest = *word;
        std::iter::from_fn(move || {
            let bit = rest.trailing_zeros();
            rest &= rest.wrapping_sub(1);
            (bit < 64).then(|| RootIdx((at * 64) as u32 + bit))
        })
    })
}

pub(crate) fn entry_bits(
    graph: &Graph<'_>,
    live: &Liveness,
    edges: &LoadEdges,
    components: &Components,
    splits: bool,
) -> EntryBits {
    let mut roots: Vec<Root> = graph
        .entries
        .iter()
        .enumerate()
        .map(|(index, entry)| Root { module: entry.module, kind: RootKind::Entry(index) })
        .collect();
    let mut is_root = vec![false; graph.modules.len()];
    for root in &roots {
        is_root[root.module.index()] = true;
    }
    if splits {
        let workers = live.workers.iter().map(|module| (*module, RootKind::Worker));
        let dynamic = live.dynamic_entries.iter().map(|module| (*module, RootKind::Dynamic));
        for (module, kind) in workers.chain(dynamic) {
            if !std::mem::replace(&mut is_root[module.index()], true) {
                roots.push(Root { module, kind });
            }
        }
    }
    let words_each = roots.len().div_ceil(64).max(1);
    let mut of_component = vec![0u64; components.count() * words_each];
    for (index, root) in roots.iter().enumerate() {
        let at = components.of(root.module) * words_each + index / 64;
        of_component[at] |= 1 << (index % 64);
    }
    // Components are numbered dependencies first.
    for component in (0..components.count()).rev() {
        let (below, own) = of_component.split_at_mut(component * words_each);
        let own = &own[..words_each];
        for module in components.members(component) {
            for edge in edges.all(*module) {
                let target = components.of(edge.module);
                if target != component {
                    let start = target * words_each;
                    for (theirs, mine) in below[start..start + words_each].iter_mut().zip(own) {
                        *theirs |= mine;
                    }
                }
            }
        }
    }
    let mut words = vec![0u64; graph.modules.len() * words_each];
    for module in graph.modules.indices() {
        let from = components.of(module) * words_each;
        let to = module.index() * words_each;
        words[to..to + words_each].copy_from_slice(&of_component[from..from + words_each]);
    }
    EntryBits { roots, words_each, words }
}
