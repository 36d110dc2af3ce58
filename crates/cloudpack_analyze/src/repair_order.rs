//! Makes chunks run what the unbundled program runs, in its order. Hoisting breaks it in two ways:
//!
//! - a common chunk runs before the chunks that import it: of `import "./polyfill"; import "./shared"`, where only
//!   shared.js is shared, shared.js would run first. It is wrapped, and the importer runs it in its place;
//! - CommonJS runs where it is first required, after the hoisted modules of its importer: of `import "./a.cjs"; import
//!   "./b.js"`, b.js would run first. The wrapper of a.cjs is called where it stands. So is that of an ES module that
//!   is wrapped because it awaits while others run (`wrap_overlapping`).
//!
//! For every entry the order of the program (a walk along its requests) is compared with the order in which its chunks
//! would run, looking at order-sensitive modules only; whatever runs too early is wrapped, and the comparison is made
//! again. Nothing is wrapped in a program whose order is right, which is nearly all of nearly all programs.

use crate::entry_bits::{EntryBits, RootIdx, each_bit};
use crate::execution_order::ExecutionOrder;
use crate::graph::Graph;
use crate::group_modules::{GroupIdx, Groups};
use crate::load_edges::{LoadEdge, LoadEdges};
use crate::mark_live::Liveness;
use crate::strongly_connected::Components;
use cloudpack_base::{Idx, IndexVec, ModuleIdx};
use cloudpack_plan::{BitSet, Wrap};
use cloudpack_summary::RequestKind;

pub(crate) struct Wrapping {
    pub(crate) wraps: IndexVec<ModuleIdx, Wrap>,
    /// Modules whose wrapper is called where it stands: CommonJS, and those that await and overlap with others.
    pub(crate) in_place: BitSet<ModuleIdx>,
}

/// The groups that each group imports, in the order in which its modules need them.
pub(crate) fn group_imports(groups: &Groups, edges: &LoadEdges) -> IndexVec<GroupIdx, Vec<GroupIdx>> {
    let mut seen_by: IndexVec<GroupIdx, u32> = IndexVec::filled(u32::MAX, groups.groups.len());
    let mut imports = IndexVec::with_capacity(groups.groups.len());
    for (index, group) in groups.groups.iter_enumerated() {
        let mut found = Vec::new();
        for edge in group.modules.iter().flat_map(|module| edges.all(*module)) {
            if let Some(target) = groups.of(edge.module)
                && target != index
                && std::mem::replace(&mut seen_by[target], index.0) != index.0
            {
                found.push(target);
            }
        }
        imports.push(found);
    }
    imports
}

/// Rounds after which a program is left as it is; each round wraps at least one more module. A bound on time, not
/// reached by any program that is known.
const MAX_ROUNDS: usize = 64;

/// Cost: for each entry, the modules that it loads and that were not loaded before; again after each repair.
pub(crate) fn repair_order(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    live: &Liveness,
    edges: &LoadEdges,
    components: &Components,
    bits: &EntryBits,
    groups: &Groups,
    imports: &IndexVec<GroupIdx, Vec<GroupIdx>>,
    overlapping: &BitSet<ModuleIdx>,
    unwanted: &BitSet<ModuleIdx>,
    wraps: IndexVec<ModuleIdx, Wrap>,
) -> Wrapping {
    let count = graph.modules.len();
    let mut repair = Repair {
        graph,
        live,
        matters: modules_that_matter(graph, order, live),
        edges,
        groups,
        imports,
        may_run_in_place: BitSet::with_len(count),
        banned: unwanted.clone(),
        wrapping: Wrapping { wraps, in_place: BitSet::with_len(count) },
        expected: IndexVec::filled(0, count),
        numbering: 0,
        changed: Vec::new(),
        has_run: IndexVec::filled(0, count),
        group_has_run: IndexVec::filled(0, groups.groups.len()),
        epoch: 0,
    };
    repair.find_candidates(order, components, overlapping);
    let mut unchecked = vec![true; bits.roots.len()];
    for _ in 0..MAX_ROUNDS {
        for (index, root) in bits.roots.iter().enumerate() {
            if !std::mem::take(&mut unchecked[index]) {
                continue;
            }
            // A repair wraps ES modules, and the unbundled program knows nothing of that.
            repair.number_expected(RootIdx::from_usize(index), root.module);
            for _ in 0..MAX_ROUNDS {
                if !repair.check(RootIdx::from_usize(index), root.module) {
                    break;
                }
            }
            // What helps one entry may harm another that reaches the same modules.
            for module in repair.changed.drain(..) {
                for other in each_bit(bits.of(module)).filter(|other| other.index() != index) {
                    unchecked[other.index()] = true;
                }
            }
        }
        if !unchecked.contains(&true) {
            if !repair.wrap_early_callers(order) {
                break;
            }
            unchecked.fill(true);
        }
    }
    repair.wrapping
}

/// Modules that are order-sensitive, or lead to one that is. A module on a cycle is taken to be.
fn modules_that_matter(graph: &Graph<'_>, order: &ExecutionOrder, live: &Liveness) -> BitSet<ModuleIdx> {
    let mut matters = BitSet::with_len(graph.modules.len());
    for module in &order.order {
        let leads_to_one = || {
            let mut targets = graph.requests(*module).filter_map(|request| request.target);
            targets.any(|target| matters.contains(target))
        };
        if live.order_sensitive.contains(*module) || order.on_cycle.contains(*module) || leads_to_one() {
            matters.insert(*module);
        }
    }
    matters
}

struct Repair<'g, 'a> {
    graph: &'g Graph<'a>,
    live: &'g Liveness,
    matters: BitSet<ModuleIdx>,
    edges: &'g LoadEdges,
    groups: &'g Groups,
    imports: &'g IndexVec<GroupIdx, Vec<GroupIdx>>,
    /// Wrapped modules that run whenever their chunk does.
    may_run_in_place: BitSet<ModuleIdx>,
    /// Those that were tried in place and ran too early there, and those that some entry of their chunk does not want.
    banned: BitSet<ModuleIdx>,
    wrapping: Wrapping,
    /// Number of the numbering in the high half, place in the program's order in the low half.
    expected: IndexVec<ModuleIdx, u64>,
    numbering: u32,
    /// Modules that are wrapped otherwise than when this was last cleared.
    changed: Vec<ModuleIdx>,
    has_run: IndexVec<ModuleIdx, u32>,
    group_has_run: IndexVec<GroupIdx, u32>,
    epoch: u32,
}

/// A module that ran, and the hoisted module at whose place it did.
#[derive(Clone, Copy)]
struct Run {
    module: ModuleIdx,
    trigger: ModuleIdx,
}

impl Repair<'_, '_> {
    /// A CommonJS module runs whenever its chunk does if a hoisted module that the same entries want imports it. It can
    /// do so in its place if all that it may require stands above, which a cycle would prevent. Of a cycle of modules
    /// that await, that is the one where the walk of the unbundled program enters it; it then evaluates the others.
    fn find_candidates(&mut self, order: &ExecutionOrder, components: &Components, overlapping: &BitSet<ModuleIdx>) {
        let mut last_below = vec![0; components.count()];
        for component in 0..components.count() {
            let mut last = 0;
            for module in components.members(component) {
                last = last.max(order.position[*module]);
                for edge in self.edges.all(*module) {
                    last = last.max(last_below[components.of(edge.module)]);
                }
            }
            last_below[component] = last;
        }
        for module in overlapping.iter() {
            if last_below[components.of(module)] == order.position[module] {
                self.may_run_in_place.insert(module);
            }
        }
        for module in self.live.modules.iter() {
            if self.wrapping.wraps[module] != Wrap::None {
                continue;
            }
            for edge in self.edges.eager(module) {
                if self.wrapping.wraps[edge.module] == Wrap::CommonJs
                    && self.groups.are_wanted_together(module, edge.module)
                    && last_below[components.of(edge.module)] == order.position[edge.module]
                {
                    self.may_run_in_place.insert(edge.module);
                }
            }
        }
    }

    /// In a cycle a hoisted module may stand above a wrapped one that its head calls: the wrapper would not be there
    /// yet. Such a module is wrapped as well. Whether there was one.
    fn wrap_early_callers(&mut self, order: &ExecutionOrder) -> bool {
        let mut has_changed = false;
        for module in order.order.iter().rev() {
            let calls_one_below = self.wrapping.wraps[*module] == Wrap::None
                && self.edges.eager(*module).iter().any(|edge| {
                    self.wrapping.wraps[edge.module] != Wrap::None
                        && order.position[edge.module] > order.position[*module]
                });
            if calls_one_below {
                has_changed |= self.wrap(*module);
            }
        }
        has_changed
    }

    /// Compares both orders for the entry that was numbered last and repairs what it can. Whether it changed anything.
    fn check(&mut self, root: RootIdx, entry: ModuleIdx) -> bool {
        self.epoch += 1;
        let runs = self.simulate(root, entry);
        let place = |module: ModuleIdx| self.expected[module] as u32;
        let mut latest = 0;
        let mut is_late = BitSet::<ModuleIdx>::default();
        for run in &runs {
            if place(run.module) < latest {
                is_late.insert(run.module);
            }
            latest = latest.max(place(run.module));
        }
        if is_late.is_empty() {
            return false;
        }
        let mut has_changed = false;
        for module in is_late.iter() {
            if self.may_run_in_place.contains(module)
                && !self.banned.contains(module)
                && self.wrapping.in_place.insert(module)
            {
                self.changed.push(module);
                has_changed = true;
            }
        }
        if has_changed {
            return true;
        }
        let mut earliest = u32::MAX;
        let mut too_early = Vec::new();
        for run in runs.iter().rev() {
            if place(run.module) > earliest {
                too_early.push(run.trigger);
            }
            earliest = earliest.min(place(run.module));
        }
        for trigger in too_early {
            has_changed |= match self.wrapping.wraps[trigger] {
                Wrap::None => self.wrap(trigger),
                Wrap::CommonJs => self.ban(trigger),
                Wrap::Esm => self.wrapping.in_place.contains(trigger) && self.ban(trigger),
            };
        }
        has_changed
    }

    fn wrap(&mut self, module: ModuleIdx) -> bool {
        let is_new = self.wrapping.wraps[module] == Wrap::None && !self.graph.is_external(module);
        if is_new {
            self.wrapping.wraps[module] = Wrap::Esm;
            self.changed.push(module);
        }
        is_new
    }

    fn ban(&mut self, module: ModuleIdx) -> bool {
        let is_new = self.banned.insert(module);
        if is_new {
            self.wrapping.in_place.remove(module);
            self.changed.push(module);
        }
        is_new
    }

    /// Modules that must have run before `module` did, as far as its own text tells. CommonJS is taken to require
    /// everything that it mentions, in order, once it has begun: what it does before a `require()` is seen by what it
    /// requires, unless somebody else has run that already.
    fn dependencies(&self, module: ModuleIdx) -> &[LoadEdge] {
        match self.wrapping.wraps[module] {
            Wrap::CommonJs => self.edges.all(module),
            Wrap::None | Wrap::Esm => self.edges.eager(module),
        }
    }

    /// Numbers the modules of an entry in the order of the unbundled program. Load edges would not do: they lead past
    /// barrels of which nothing is wanted, and the order in which such a barrel names its modules is still theirs. Of
    /// `import { a } from "./barrel"`, where the barrel names b.js first and a.js needs b.js too, b.js is the first.
    fn number_expected(&mut self, root: RootIdx, entry: ModuleIdx) {
        self.numbering += 1;
        let stamp = u64::from(self.numbering) << 32;
        let mut next_place = 1;
        let mut stack = vec![(entry, 0)];
        self.enter_expected(entry, stamp, &mut next_place);
        while let Some((module, next)) = stack.last_mut() {
            let module = *module;
            let Some(record) = self.graph.summary(module).and_then(|summary| summary.requests.as_slice().get(*next))
            else {
                stack.pop();
                if self.wrapping.wraps[module] != Wrap::CommonJs {
                    self.expected[module] = stamp | next_place;
                    next_place += 1;
                }
                continue;
            };
            let target = self.graph.modules[module].resolved.get(*next).copied().flatten();
            *next += 1;
            // As for `dependencies`, CommonJS is taken to require everything that it mentions.
            let is_followed = match record.kind {
                RequestKind::Require => self.wrapping.wraps[module] == Wrap::CommonJs,
                kind => kind.is_static(),
            };
            if let Some(target) = target
                && is_followed
                && self.matters.contains(target)
                && self.expected[target] >> 32 != u64::from(self.numbering)
                && !self.groups.is_loaded_before(root, target)
            {
                self.enter_expected(target, stamp, &mut next_place);
                stack.push((target, 0));
            }
        }
    }

    fn enter_expected(&mut self, module: ModuleIdx, stamp: u64, next_place: &mut u64) {
        self.expected[module] = stamp;
        if self.wrapping.wraps[module] == Wrap::CommonJs {
            self.expected[module] |= *next_place;
            *next_place += 1;
        }
    }

    /// The order-sensitive modules in the order in which the chunks would run them.
    fn simulate(&mut self, root: RootIdx, entry: ModuleIdx) -> Vec<Run> {
        let mut runs = Vec::new();
        if let Some(group) = self.groups.of(entry) {
            let mut stack = vec![(group, 0)];
            self.group_has_run[group] = self.epoch;
            while let Some((group, next)) = stack.last_mut() {
                let group = *group;
                let import = self.imports[group].get(*next).copied();
                *next += 1;
                match import {
                    Some(import) => {
                        // An entry's chunk, which all its routes import, is not walked again for each of them.
                        if std::mem::replace(&mut self.group_has_run[import], self.epoch) != self.epoch
                            && !self.groups.is_group_loaded_before(root, import)
                        {
                            stack.push((import, 0));
                        }
                    }
                    None => {
                        stack.pop();
                        self.run_group(root, group, &mut runs);
                    }
                }
            }
        }
        // An entry that is wrapped, as CommonJS always is, is run by the end of its chunk.
        self.run(root, entry, entry, &mut runs);
        runs
    }

    fn run_group(&mut self, root: RootIdx, group: GroupIdx, runs: &mut Vec<Run>) {
        let groups = self.groups;
        for module in &groups.groups[group].modules {
            let is_hoisted = self.wrapping.wraps[*module] == Wrap::None || self.wrapping.in_place.contains(*module);
            if is_hoisted && self.matters.contains(*module) {
                self.run(root, *module, *module, runs);
            }
        }
    }

    /// Runs a module after the wrapped modules that its head calls.
    fn run(&mut self, root: RootIdx, module: ModuleIdx, trigger: ModuleIdx, runs: &mut Vec<Run>) {
        if self.begin(root, module) {
            return;
        }
        let mut stack = vec![(module, 0)];
        while let Some((module, next)) = stack.last_mut() {
            let module = *module;
            let runs_first = self.wrapping.wraps[module] == Wrap::CommonJs;
            let edge = self.dependencies(module).get(*next).copied();
            if runs_first && *next == 0 {
                self.note(module, trigger, runs);
            }
            *next += 1;
            match edge {
                Some(edge) => {
                    if self.wrapping.wraps[edge.module] != Wrap::None
                        && self.matters.contains(edge.module)
                        && !self.begin(root, edge.module)
                    {
                        stack.push((edge.module, 0));
                    }
                }
                None => {
                    stack.pop();
                    if !runs_first {
                        self.note(module, trigger, runs);
                    }
                }
            }
        }
    }

    fn note(&self, module: ModuleIdx, trigger: ModuleIdx, runs: &mut Vec<Run>) {
        let is_expected = self.expected[module] >> 32 == u64::from(self.numbering);
        if is_expected && self.live.order_sensitive.contains(module) {
            runs.push(Run { module, trigger });
        }
    }

    /// Marks a module as running; whether it needs no run.
    fn begin(&mut self, root: RootIdx, module: ModuleIdx) -> bool {
        std::mem::replace(&mut self.has_run[module], self.epoch) == self.epoch
            || self.groups.is_loaded_before(root, module)
    }
}
