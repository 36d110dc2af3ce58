//! Top-level await lets modules overlap: of `import "./slow"; import "./sync"`, where slow.js awaits, sync.js runs while
//! slow.js waits. Modules that stand one after the other in a chunk cannot do that: whatever comes after an `await` is
//! held up by it.
//!
//! That makes no difference where everything that comes after a module that awaits depends on it, as with one awaiting
//! configuration module at the head of a program, or an entry point that awaits: such modules stay hoisted. For an
//! entry where something else comes after, all asynchronous modules that it loads are wrapped, and their wrappers
//! (`__async`) are evaluated as ECMA-262 evaluates modules, side by side.

use crate::entry_bits::{EntryBits, RootIdx, has_bit};
use crate::graph::Graph;
use crate::group_modules::Groups;
use crate::load_edges::LoadEdges;
use crate::mark_live::Liveness;
use crate::propagate_async::AsyncModules;
use cloudpack_base::{Idx, IndexVec, ModuleIdx};
use cloudpack_plan::{BitSet, Wrap};
use cloudpack_summary::ModuleFlags;

/// Wraps them. Returns the modules that overlap with others.
/// Cost: for each entry that loads a module that awaits, the modules and edges that it loads.
pub(crate) fn wrap_overlapping(
    graph: &Graph<'_>,
    live: &Liveness,
    edges: &LoadEdges,
    bits: &EntryBits,
    groups: &Groups,
    async_modules: &AsyncModules,
    wraps: &mut IndexVec<ModuleIdx, Wrap>,
) -> BitSet<ModuleIdx> {
    let mut overlapping = BitSet::with_len(graph.modules.len());
    if async_modules.modules.is_empty() {
        return overlapping;
    }
    let count = graph.modules.len();
    let (seen_by, waits_for) = (IndexVec::filled(None, count), IndexVec::filled(0, count));
    let mut walk = Walk { graph, live, edges, groups, async_modules, seen_by, waits_for };
    for (index, root) in bits.roots.iter().enumerate() {
        let index = RootIdx::from_usize(index);
        if !async_modules.modules.iter().any(|module| has_bit(bits.of(module), index)) {
            continue;
        }
        let loaded = walk.modules_in_order(index, root.module);
        if walk.is_held_up(&loaded) {
            let asynchronous = loaded.into_iter().filter(|module| async_modules.modules.contains(*module));
            for module in asynchronous {
                overlapping.insert(module);
                if wraps[module] == Wrap::None {
                    wraps[module] = Wrap::Esm;
                }
            }
        }
    }
    overlapping
}

struct Walk<'g> {
    graph: &'g Graph<'g>,
    live: &'g Liveness,
    edges: &'g LoadEdges,
    groups: &'g Groups,
    async_modules: &'g AsyncModules,
    /// The last entry whose walk came by.
    seen_by: IndexVec<ModuleIdx, Option<RootIdx>>,
    /// Zero between walks. Per module: the number of the last module that awaits among itself and those it depends on, from 1.
    waits_for: IndexVec<ModuleIdx, u32>,
}

impl Walk<'_> {
    /// The modules that an entry loads and that were not loaded before, dependencies first.
    fn modules_in_order(&mut self, root: RootIdx, entry: ModuleIdx) -> Vec<ModuleIdx> {
        let mut order = Vec::new();
        self.seen_by[entry] = Some(root);
        let mut stack = vec![(entry, 0)];
        while let Some((module, next)) = stack.last_mut() {
            let module = *module;
            let edge = self.edges.eager(module).get(*next).copied();
            *next += 1;
            match edge {
                Some(edge) => {
                    if !self.groups.is_loaded_before(root, edge.module)
                        && self.seen_by[edge.module].replace(root) != Some(root)
                    {
                        stack.push((edge.module, 0));
                    }
                }
                None => {
                    stack.pop();
                    order.push(module);
                }
            }
        }
        order
    }

    /// Whether an `await` would hold up a module that does not depend on it. Each has to depend on the last one that
    /// awaits before it, which then depends on the one before that.
    fn is_held_up(&mut self, order: &[ModuleIdx]) -> bool {
        let is_held_up = self.number(order);
        for module in order {
            self.waits_for[*module] = 0;
        }
        is_held_up
    }

    fn number(&mut self, order: &[ModuleIdx]) -> bool {
        let mut last = 0;
        for module in order {
            let dependencies = self.edges.eager(*module).iter();
            let waits_for = dependencies.map(|edge| self.waits_for[edge.module]).max().unwrap_or(0);
            // What throws once something waits stops those that depend on it, and no others.
            let fails = last > 0 && self.graph.has_flag(*module, ModuleFlags::THROWS);
            let awaits = fails || self.async_modules.awaits.contains(*module);
            if waits_for != last && (awaits || self.live.order_sensitive.contains(*module)) {
                return true;
            }
            last += u32::from(awaits);
            self.waits_for[*module] = if awaits { last } else { waits_for };
        }
        false
    }
}

/// Modules that await, stand where they are run, and have others after them in their chunk. Those run a moment later
/// when they are not bundled: `await 0; Promise.resolve().then(f)` calls `f` before the importer runs.
pub(crate) fn find_pauses(
    live: &Liveness,
    groups: &Groups,
    async_modules: &AsyncModules,
    wraps: &IndexVec<ModuleIdx, Wrap>,
) -> BitSet<ModuleIdx> {
    let mut pauses = BitSet::default();
    for group in groups.groups.iter().filter(|_| !async_modules.modules.is_empty()) {
        let mut is_last = true;
        for module in group.modules.iter().rev() {
            if !is_last && wraps[*module] == Wrap::None && async_modules.awaits.contains(*module) {
                pauses.insert(*module);
            }
            is_last &= !live.order_sensitive.contains(*module);
        }
    }
    pauses
}
