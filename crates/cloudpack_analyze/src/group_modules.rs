//! Delivery groups: modules that travel together, from entry bits. Each group becomes one chunk.
//!
//! Plain bits make too many groups. A module that an entry runs and that a lazily loaded route needs as well would be
//! a group of its own, although the route can only be asked for once the entry has loaded it. So the bit of a dynamic
//! entry is taken from modules that every importer of it has *already loaded*:
//! `loaded(d)` is the intersection over the entries `e` that import `d` of `closure(e)` and `loaded(e)`, the greatest
//! solution, computed on distinct bit sets and not on modules.
//!
//! The route's chunk then imports statically from the entry's chunk. That must not be when the entry awaits at top
//! level: `await import("./route.js")` in entry.js would wait for route.js, which waits for entry.js, and Node ends
//! without a word. Nor when the entry's exports are seen by users, because more names would appear among them. In both
//! cases what routes need becomes a group of its own beside the entry's (one for all routes together), and modules that
//! await keep all their bits, so that no route waits for one that the unbundled program would not wait for.

use crate::bind_imports::Bindings;
use crate::entry_bits::{EntryBits, RootIdx, RootKind, each_bit, has_bit};
use crate::execution_order::ExecutionOrder;
use crate::graph::Graph;
use crate::mark_live::Liveness;
use crate::options::AnalyzeOptions;
use crate::propagate_async::AsyncModules;
use cloudpack_base::{Idx, IndexVec, ModuleIdx};
use cloudpack_plan::BitSet;
use cloudpack_summary::RequestKind;
use rustc_hash::FxHashMap;

cloudpack_base::define_index! {
    /// A delivery group.
    pub(crate) struct GroupIdx, "group";
}

pub(crate) struct Group {
    /// That the user gave it.
    pub(crate) name: Option<String>,
    /// In execution order.
    pub(crate) modules: Vec<ModuleIdx>,
    /// The entries that load it. A dynamic entry whose importers have loaded it before is not among them.
    pub(crate) roots: Vec<RootIdx>,
    /// The distinct bit sets of its modules; each once, nearly always one.
    atoms: Vec<u32>,
}

pub(crate) struct Groups {
    /// In execution order of their first modules.
    pub(crate) groups: IndexVec<GroupIdx, Group>,
    of: IndexVec<ModuleIdx, Option<GroupIdx>>,
    /// Per module: the entries that load it for its own sake, as a place in `wanted`; `u32::MAX` for none.
    wanted_of: IndexVec<ModuleIdx, u32>,
    /// What `roots` of the groups said before any were joined.
    wanted: Vec<Vec<RootIdx>>,
    /// Some group holds modules that not all of its entries want.
    pub(crate) are_joined: bool,
    /// Per module: which distinct bit set it has; `u32::MAX` for none.
    atom_of: IndexVec<ModuleIdx, u32>,
    /// Per root: the atoms that are loaded before it is asked for.
    loaded: Vec<Vec<u64>>,
}

impl Groups {
    pub(crate) fn of(&self, module: ModuleIdx) -> Option<GroupIdx> {
        self.of[module]
    }
    /// Whether whoever asks for `root` has loaded `module` before.
    pub(crate) fn is_loaded_before(&self, root: RootIdx, module: ModuleIdx) -> bool {
        self.is_atom_loaded(root, self.atom_of[module])
    }
    /// Whether it has loaded all of `group`, and so everything that the group needs.
    pub(crate) fn is_group_loaded_before(&self, root: RootIdx, group: GroupIdx) -> bool {
        self.groups[group].atoms.iter().all(|atom| self.is_atom_loaded(root, *atom))
    }
    fn is_atom_loaded(&self, root: RootIdx, atom: u32) -> bool {
        let atom = atom as usize;
        self.loaded
            .get(root.index())
            .and_then(|words| words.get(atom / 64))
            .is_some_and(|word| word >> (atom % 64) & 1 == 1)
    }
    /// Whether the same entries load both. That a lazy route wants one of them too, and finds it loaded, changes nothing.
    pub(crate) fn are_wanted_together(&self, left: ModuleIdx, right: ModuleIdx) -> bool {
        match (self.wanted_by(left), self.wanted_by(right)) {
            (Some(of_left), Some(of_right)) => self.wanted_of[left] == self.wanted_of[right] || of_left == of_right,
            _ => false,
        }
    }
    fn wanted_by(&self, module: ModuleIdx) -> Option<&[RootIdx]> {
        self.wanted.get(self.wanted_of[module] as usize).map(Vec::as_slice)
    }
    /// The entries that have loaded `module` before they are asked for, one bit each.
    pub(crate) fn loaded_before(&self, module: ModuleIdx) -> Vec<u64> {
        self.bits_where(|root| self.is_loaded_before(root, module))
    }
    /// The entries that have loaded all of `group` before.
    pub(crate) fn group_loaded_before(&self, group: GroupIdx) -> Vec<u64> {
        self.bits_where(|root| self.is_group_loaded_before(root, group))
    }
    fn bits_where(&self, has: impl Fn(RootIdx) -> bool) -> Vec<u64> {
        let mut words = vec![0; self.loaded.len().div_ceil(64).max(1)];
        for root in (0..self.loaded.len()).map(RootIdx::from_usize).filter(|root| has(*root)) {
            words[root.index() / 64] |= 1 << (root.index() % 64);
        }
        words
    }
    /// Puts each group where `into` says; a group that stays names itself.
    pub(crate) fn join(mut self, into: &IndexVec<GroupIdx, GroupIdx>, order: &ExecutionOrder) -> Self {
        let mut joined: IndexVec<GroupIdx, Option<Group>> = self.groups.iter().map(|_| None).collect();
        for (index, group) in std::mem::take(&mut self.groups).into_vec().into_iter().enumerate() {
            let index = GroupIdx::from_usize(index);
            match &mut joined[into[index]] {
                Some(known) => {
                    known.modules.extend(group.modules);
                    known.roots.extend(group.roots);
                    known.atoms.extend(group.atoms);
                    self.are_joined = true;
                }
                empty => *empty = Some(group),
            }
        }
        self.number(joined.into_vec().into_iter().flatten().collect(), order)
    }
    /// Makes groups of their own of these modules, in execution order.
    pub(crate) fn take_out(mut self, pieces: Vec<(String, Vec<ModuleIdx>)>, order: &ExecutionOrder) -> Self {
        let mut is_taken = BitSet::<ModuleIdx>::with_len(self.of.len());
        for module in pieces.iter().flat_map(|(_, modules)| modules) {
            is_taken.insert(*module);
        }
        let mut groups = std::mem::take(&mut self.groups).into_vec();
        for group in &mut groups {
            group.modules.retain(|module| !is_taken.contains(*module));
            group.atoms = group.modules.iter().map(|module| self.atom_of[*module]).collect();
        }
        groups.retain(|group| !group.modules.is_empty());
        for (name, modules) in pieces {
            let first = modules.first().map(|module| self.wanted_of[*module]);
            self.are_joined |= modules.iter().any(|module| Some(self.wanted_of[*module]) != first);
            let roots = modules.iter().filter_map(|module| self.wanted_by(*module)).flatten().copied().collect();
            let atoms = modules.iter().map(|module| self.atom_of[*module]).collect();
            groups.push(Group { name: Some(name), modules, roots, atoms });
        }
        self.number(groups, order)
    }
    fn number(mut self, mut groups: Vec<Group>, order: &ExecutionOrder) -> Self {
        for group in &mut groups {
            group.modules.sort_unstable_by_key(|module| order.position[*module]);
            group.roots.sort_unstable();
            group.roots.dedup();
            group.atoms.sort_unstable();
            group.atoms.dedup();
        }
        groups.sort_by_key(|group| group.modules.first().map(|module| order.position[*module]));
        self.groups = groups.into_iter().collect();
        for (index, group) in self.groups.iter_enumerated() {
            for module in &group.modules {
                self.of[*module] = Some(index);
            }
        }
        self
    }
}

/// Cost: modules, plus importing entries x distinct bit sets / 64 for each dynamic entry.
pub(crate) fn group_modules(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    bindings: &Bindings<'_>,
    live: &Liveness,
    bits: &EntryBits,
    async_modules: &AsyncModules,
    options: &AnalyzeOptions,
) -> Groups {
    let mut atom_of = IndexVec::filled(u32::MAX, graph.modules.len());
    let mut atoms: Vec<&[u64]> = Vec::new();
    let mut atom_by_bits: FxHashMap<&[u64], u32> = FxHashMap::default();
    let is_carried = |module: ModuleIdx| !graph.is_external(module) && live.modules.contains(module);
    for module in order.order.iter().copied().filter(|module| is_carried(*module)) {
        let own = bits.of(module);
        if own.iter().all(|word| *word == 0) {
            continue;
        }
        atom_of[module] = *atom_by_bits.entry(own).or_insert_with(|| {
            atoms.push(own);
            atoms.len() as u32 - 1
        });
    }
    let loaded = loaded_before(graph, live, bits, &atoms);
    let exposed = exposed_roots(graph, bindings, bits, async_modules);

    // Of each atom: its bits without the entries that find it loaded, and whether it stands apart from the entry's own.
    let reduced: Vec<(Vec<u64>, bool)> = atoms
        .iter()
        .enumerate()
        .map(|(atom, full)| {
            let mut rest = full.to_vec();
            for root in each_bit(full) {
                if has_bit(&loaded[root.index()], RootIdx(atom as u32)) {
                    rest[root.index() / 64] &= !(1 << (root.index() % 64));
                }
            }
            if rest.iter().all(|word| *word == 0) {
                rest = full.to_vec();
            }
            let is_shared = rest != *full && rest.iter().zip(&exposed).any(|(mine, exposed)| mine & exposed != 0);
            (rest, is_shared)
        })
        .collect();
    let mut groups: IndexVec<GroupIdx, Group> = IndexVec::new();
    let mut group_by_key: FxHashMap<(&[u64], bool), GroupIdx> = FxHashMap::default();
    let mut of = IndexVec::filled(None, graph.modules.len());
    let mut wanted_of = IndexVec::filled(u32::MAX, graph.modules.len());
    let mut wanted = Vec::new();
    for module in &order.order {
        let atom = atom_of[*module] as usize;
        let (Some(full), Some((rest, is_shared))) = (atoms.get(atom), reduced.get(atom)) else { continue };
        if options.preserve_modules.is_some() {
            let group = Group {
                name: None,
                modules: vec![*module],
                roots: each_bit(full).collect(),
                atoms: vec![atom_of[*module]],
            };
            wanted.push(group.roots.clone());
            wanted_of[*module] = wanted.len() as u32 - 1;
            of[*module] = Some(groups.push(group));
            continue;
        }
        let key = if async_modules.modules.contains(*module) { (*full, false) } else { (rest.as_slice(), *is_shared) };
        let group = *group_by_key.entry(key).or_insert_with(|| {
            wanted.push(each_bit(key.0).collect());
            groups.push(Group { name: None, modules: Vec::new(), roots: each_bit(key.0).collect(), atoms: Vec::new() })
        });
        groups[group].modules.push(*module);
        if !groups[group].atoms.contains(&atom_of[*module]) {
            groups[group].atoms.push(atom_of[*module]);
        }
        wanted_of[*module] = group.0;
        of[*module] = Some(group);
    }
    Groups { groups, of, wanted_of, wanted, are_joined: false, atom_of, loaded }
}

/// Per root, a set of atoms.
fn loaded_before(graph: &Graph<'_>, live: &Liveness, bits: &EntryBits, atoms: &[&[u64]]) -> Vec<Vec<u64>> {
    let count = bits.roots.len();
    let words = atoms.len().div_ceil(64);
    let mut closures = vec![vec![0u64; words]; count];
    for (atom, full) in atoms.iter().enumerate() {
        for root in each_bit(full) {
            closures[root.index()][atom / 64] |= 1 << (atom % 64);
        }
    }
    let root_of: FxHashMap<ModuleIdx, usize> =
        bits.roots.iter().enumerate().rev().map(|(index, root)| (root.module, index)).collect();
    // The entries from whose code each dynamic entry is asked for.
    let mut askers = vec![vec![0u64; count.div_ceil(64)]; count];
    for module in graph.modules.indices() {
        for request in live.requests[module].iter() {
            let kind =
                graph.summary(module).and_then(|summary| summary.requests.get(request)).map(|record| record.kind);
            if kind != Some(RequestKind::Dynamic) {
                continue;
            }
            if let Some(root) = graph.target(module, request).and_then(|target| root_of.get(&target)) {
                for (asker, bit) in askers[*root].iter_mut().zip(bits.of(module)) {
                    *asker |= bit;
                }
            }
        }
    }
    let is_dynamic =
        |root: usize| bits.roots[root].kind == RootKind::Dynamic && askers[root].iter().any(|word| *word != 0);
    let mut loaded: Vec<Vec<u64>> =
        (0..count).map(|root| vec![if is_dynamic(root) { u64::MAX } else { 0 }; words]).collect();
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for root in (0..count).filter(|root| is_dynamic(*root)) {
            let mut all = vec![u64::MAX; words];
            for asker in each_bit(&askers[root]) {
                for (at, word) in all.iter_mut().enumerate() {
                    *word &= closures[asker.index()][at] | loaded[asker.index()][at];
                }
            }
            if all != loaded[root] {
                loaded[root] = all;
                has_changed = true;
            }
        }
    }
    loaded
}

/// Entries whose own chunk nobody may import from: those that await, and those with exports that users see.
fn exposed_roots(
    graph: &Graph<'_>,
    bindings: &Bindings<'_>,
    bits: &EntryBits,
    async_modules: &AsyncModules,
) -> Vec<u64> {
    let mut exposed = vec![0u64; bits.roots.len().div_ceil(64)];
    for (index, root) in bits.roots.iter().enumerate() {
        if root.kind != RootKind::Dynamic && has_exports(graph, bindings, root.module) {
            exposed[index / 64] |= 1 << (index % 64);
        }
    }
    for module in async_modules.modules.iter() {
        for (word, own) in exposed.iter_mut().zip(bits.of(module)) {
            *word |= own;
        }
    }
    exposed
}

pub(crate) fn has_exports(graph: &Graph<'_>, bindings: &Bindings<'_>, module: ModuleIdx) -> bool {
    graph.is_commonjs(module)
        || bindings
            .exports(module)
            .is_some_and(|exports| !exports.entries.is_empty() || !exports.runtime_stars.is_empty())
}
