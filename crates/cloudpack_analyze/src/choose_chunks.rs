//! Turns delivery groups into chunks, and finds each entry point the chunk that speaks for it.
//!
//! The chunk of an entry may carry symbols that other chunks take, as long as nobody sees them: an entry without
//! exports hides nothing, one with exports must not gain names, and `module.exports` of a CommonJS entry has no room for
//! any. Where that fails, or where two entries share a group,
//! the group becomes a common chunk and the entry a *facade*: a chunk without modules that offers the entry's exports.
//! A dynamic entry needs no facade, because `import()` can take its namespace object from any chunk.

use crate::bind_imports::Bindings;
use crate::bind_symbols::wrapper_of;
use crate::entry_bits::{EntryBits, Root, RootKind};
use crate::execution_order::ExecutionOrder;
use crate::graph::Graph;
use crate::group_modules::{GroupIdx, Groups, has_exports};
use crate::mark_live::Liveness;
use crate::name_chunks::name_of_module;
use crate::options::AnalyzeOptions;
use crate::plan_requests::Place;
use crate::resolve_exports::Target;
use cloudpack_base::{ChunkIdx, Idx, IndexVec, ModuleIdx, SymbolRef};
use cloudpack_plan::ChunkKind;
use cloudpack_summary::RequestKind;
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) struct ChunkOutline {
    pub(crate) kind: ChunkKind,
    pub(crate) name: String,
    pub(crate) entry: Option<ModuleIdx>,
    /// `None` for a facade.
    pub(crate) group: Option<GroupIdx>,
}

pub(crate) struct Chunks {
    pub(crate) outlines: IndexVec<ChunkIdx, ChunkOutline>,
    of_group: IndexVec<GroupIdx, ChunkIdx>,
    /// The chunk whose exports are those of an entry point.
    own: FxHashMap<ModuleIdx, ChunkIdx>,
}

impl Chunks {
    pub(crate) fn of_group(&self, group: GroupIdx) -> ChunkIdx {
        self.of_group[group]
    }
    /// The chunk that has the module's code.
    pub(crate) fn of_module(&self, groups: &Groups, module: ModuleIdx) -> Option<ChunkIdx> {
        groups.of(module).map(|group| self.of_group[group])
    }
    pub(crate) fn place(&self, groups: &Groups, module: ModuleIdx) -> Option<Place> {
        let chunk = self.of_module(groups, module)?;
        Some(Place { chunk, own_chunk: self.own.get(&module).copied() })
    }
}

/// `taken` holds the symbols that other groups take from each group; `preserved` the names of groups of one module each,
/// where modules are kept apart. Cost: groups and entry points, plus the exports
/// of entry points whose group others take from.
pub(crate) fn choose_chunks(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    bindings: &Bindings<'_>,
    live: &Liveness,
    bits: &EntryBits,
    groups: &Groups,
    taken: &IndexVec<GroupIdx, Vec<SymbolRef>>,
    preserved: Option<&IndexVec<GroupIdx, String>>,
    options: &AnalyzeOptions,
) -> Chunks {
    let cwd = options.cwd.as_str();
    let mut claimed: IndexVec<GroupIdx, bool> = IndexVec::filled(false, groups.groups.len());
    let mut fixed_in: IndexVec<GroupIdx, Vec<ModuleIdx>> = groups.groups.iter().map(|_| Vec::new()).collect();
    for root in bits.roots.iter().filter(|root| root.kind != RootKind::Dynamic) {
        if let Some(group) = groups.of(root.module) {
            fixed_in[group].push(root.module);
        }
    }
    let wanted_lazily = wanted_lazily(graph, live, groups);
    let mut claim = |root: &Root| -> (Option<GroupIdx>, Option<ModuleIdx>) {
        let Some(group) = groups.of(root.module).filter(|group| !claimed[*group]) else {
            return (None, Some(root.module).filter(|_| root.kind != RootKind::Dynamic));
        };
        let takes_only_exports = || {
            let offered: FxHashSet<SymbolRef> = offered_symbols(bindings, root.module);
            taken[group].iter().all(|symbol| offered.contains(symbol))
        };
        if root.kind == RootKind::Dynamic {
            let is_alone = preserved.is_some()
                || matches!(groups.groups[group].roots.as_slice(),
                [only] if bits.roots.get(only.index()).is_some_and(|only| only.module == root.module));
            if !is_alone {
                return (None, None);
            }
            claimed[group] = true;
            // Names known only at run time are on the namespace object and on no chunk.
            let has_runtime_names = bindings
                .exports(root.module)
                .is_some_and(|exports| exports.runtime_stars.iter().any(|star| !graph.is_external(star.target)));
            let speaks = !has_runtime_names && takes_only_exports();
            return (Some(group), speaks.then_some(root.module));
        }
        // What the user named is no entry's own chunk.
        let is_alone =
            groups.groups[group].name.is_none() && fixed_in[group].iter().all(|module| *module == root.module);
        // Whoever calls the wrapper wants the module to run then, and not when the chunk is loaded.
        let is_called = taken[group].contains(&wrapper_of(root.module));
        // Other chunks will take its namespace object, or the function that makes it.
        let is_wanted_lazily = || wanted_lazily[group].iter().any(|module| *module != root.module);
        // `module.exports = value` is no object that others could take it from.
        let is_a_value =
            || options.default_stands_alone && !taken[group].is_empty() && exports_default_alone(bindings, root.module);
        let keeps_its_exports = || {
            !has_exports(graph, bindings, root.module) || takes_only_exports() && !is_wanted_lazily() && !is_a_value()
        };
        if is_alone && !is_called && keeps_its_exports() {
            claimed[group] = true;
            return (Some(group), Some(root.module));
        }
        (None, Some(root.module))
    };
    let mut chunks = Chunks {
        outlines: IndexVec::new(),
        of_group: IndexVec::filled(ChunkIdx(u32::MAX), groups.groups.len()),
        own: FxHashMap::default(),
    };
    // Claims are made entries first, then workers, then dynamic entries; the list mixes the last two.
    let mut claims: Vec<(&Root, _)> = bits.roots.iter().map(|root| (root, claim(root))).collect();
    let first_other = claims.partition_point(|(root, _)| matches!(root.kind, RootKind::Entry(_)));
    if let Some(others) = claims.get_mut(first_other..) {
        others.sort_by_key(|(root, _)| order.position[root.module]);
    }
    for (root, (group, entry)) in claims {
        let of_tree = || Some(preserved?.get(groups.of(root.module)?)?.clone());
        let given = || groups.groups[groups.of(root.module)?].name.clone();
        let from_id = || of_tree().unwrap_or_else(|| name_of_module(graph.modules[root.module].id, cwd));
        let (kind, name) = match root.kind {
            RootKind::Entry(index) => (
                ChunkKind::Entry,
                graph
                    .entries
                    .get(index)
                    .filter(|entry| !entry.name.is_empty())
                    .map_or_else(from_id, |entry| entry.name.to_owned()),
            ),
            RootKind::Worker => (ChunkKind::Worker, from_id()),
            RootKind::Dynamic => (ChunkKind::DynamicEntry, given().unwrap_or_else(from_id)),
        };
        if group.is_none() && entry.is_none() {
            continue;
        }
        let chunk = chunks.outlines.push(ChunkOutline { kind, name, entry, group });
        if let Some(group) = group {
            chunks.of_group[group] = chunk;
        }
        if let Some(entry) = entry {
            chunks.own.entry(entry).or_insert(chunk);
        }
    }
    for (index, group) in groups.groups.iter_enumerated() {
        if chunks.of_group[index] == ChunkIdx(u32::MAX) {
            let of_last = || {
                group.modules.last().map(|module| name_of_module(graph.modules[*module].id, cwd)).unwrap_or_default()
            };
            let given = preserved.and_then(|names| names.get(index)).or(group.name.as_ref());
            let name = given.cloned().unwrap_or_else(of_last);
            let outline = ChunkOutline { kind: ChunkKind::Common, name, entry: None, group: Some(index) };
            chunks.of_group[index] = chunks.outlines.push(outline);
        }
    }
    chunks
}

/// Of each group, the modules that other groups load lazily. Cost: live requests.
fn wanted_lazily(graph: &Graph<'_>, live: &Liveness, groups: &Groups) -> IndexVec<GroupIdx, Vec<ModuleIdx>> {
    let mut wanted: IndexVec<GroupIdx, Vec<ModuleIdx>> = groups.groups.iter().map(|_| Vec::new()).collect();
    for module in graph.modules.indices() {
        let Some(own) = groups.of(module) else { continue };
        for request in live.requests[module].iter() {
            let kind =
                graph.summary(module).and_then(|summary| summary.requests.get(request)).map(|record| record.kind);
            if kind == Some(RequestKind::Dynamic)
                && let Some(target) = graph.target(module, request)
                && let Some(group) = groups.of(target).filter(|group| *group != own)
            {
                wanted[group].push(target);
            }
        }
    }
    wanted
}

fn exports_default_alone(bindings: &Bindings<'_>, module: ModuleIdx) -> bool {
    bindings.exports(module).is_some_and(|exports| {
        exports.runtime_stars.is_empty() && matches!(exports.entries.as_slice(), [only] if only.name == "default")
    })
}

/// Symbols that are visible as exports of a module.
fn offered_symbols(bindings: &Bindings<'_>, module: ModuleIdx) -> FxHashSet<SymbolRef> {
    let entries = bindings.exports(module).into_iter().flat_map(|exports| &exports.entries);
    entries
        .filter_map(|entry| match entry.found.target {
            Target::Symbol(symbol) => Some(symbol),
            _ => None,
        })
        .collect()
}
