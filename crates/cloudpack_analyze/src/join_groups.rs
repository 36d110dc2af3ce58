//! Joins delivery groups, because one chunk for each set of entries is too many: an application with 100 routes has
//! 550 sets, and a route would ask for 200 files of which most hold a function or two.
//!
//! A request is worth a number of bytes, the *price*. Two groups are joined where the bytes that entries then load and do
//! not need come to less than the price for each request that is saved; cheapest first. The price starts low. Where some
//! entry still asks for more files than it may, the price rises, and only the requests of such entries count.
//! No entry loads more than a share of what it needs in vain.
//!
//! What is compared is local to two groups, and sizes are known by class (`SizeClass`), so an edit moves only what it has
//! to do with. Joining never changes what runs: modules that an entry now loads and does not want wait in a wrapper
//! (`wrap_unwanted`). Never joined are groups
//! - of an entry of any kind: its chunk is its own;
//! - with modules that await at top level: who loads them waits for them;
//! - with style sheets that a document wants: they would apply to, or come in another order in, another document. Lazy
//!   entries come and go in any order, and each meets the style sheets of the others anyway;
//! - where an entry would import an external module that it does not want: nothing can wrap that;
//! - into a cycle of chunks.

use crate::entry_bits::{EntryBits, RootIdx, RootKind, each_bit, has_bit};
use crate::execution_order::ExecutionOrder;
use crate::graph::Graph;
use crate::group_modules::{GroupIdx, Groups};
use crate::load_edges::LoadEdges;
use crate::mark_live::Liveness;
use crate::options::AnalyzeOptions;
use crate::propagate_async::AsyncModules;
use crate::repair_order::group_imports;
use cloudpack_base::{Idx, ModuleIdx};
use cloudpack_summary::ModuleFlags;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Bytes that one request is worth where nobody asks for too many: about what a request costs besides its content.
const FIRST_PRICE: u64 = 4 << 10;
/// Above it a chunk is never joined to save a request.
const LAST_PRICE: u64 = 64 << 20;

/// Partners of a group that are looked at closely.
const PARTNERS: usize = 8;
/// Pairs that are compared at once; with more, only neighbours are.
const MAX_PAIRS: usize = 500_000;
const MAX_PASSES: usize = 4;

type Roots = Vec<u64>;

/// Price, both groups, and how often they had grown when this was noted.
type Noted = Reverse<(u64, usize, usize, u32, u32)>;

/// Cost: pairs of common groups, for each price; nothing with fewer than two of them.
pub(crate) fn join_groups(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    live: &Liveness,
    edges: &LoadEdges,
    bits: &EntryBits,
    async_modules: &AsyncModules,
    options: &AnalyzeOptions,
    groups: Groups,
) -> Groups {
    if !options.may_regroup() || options.max_over_fetch <= 0.0 || bits.roots.len() < 2 {
        return groups;
    }
    let mut joiner = Joiner::new(graph, live, edges, bits, async_modules, options, &groups);
    if joiner.free.len() < 2 {
        return groups;
    }
    // Of many groups there are enough to choose from at any price.
    let is_large = joiner.is_large();
    let mut price = FIRST_PRICE;
    let everybody: Roots = vec![u64::MAX; joiner.words];
    joiner.join_below(price, &everybody, &joiner.small_budget());
    let budget = joiner.budget();
    loop {
        let asks_too_much = joiner.roots_with_more_requests_than(options.max_requests);
        price += if is_large { price } else { price / 2 };
        if asks_too_much.iter().all(|word| *word == 0) || price > LAST_PRICE {
            break;
        }
        joiner.join_below(price, &asks_too_much, &budget);
    }
    let into = (0..groups.groups.len()).map(|index| joiner.end_of(index)).map(GroupIdx::from_usize).collect();
    groups.join(&into, order)
}

struct Joiner {
    /// Per set of roots.
    words: usize,
    /// Groups that may be joined with others and still are groups, ascending.
    free: Vec<usize>,
    /// Where a group was put; itself if nowhere.
    into: Vec<usize>,
    /// How often a group has grown.
    version: Vec<u32>,
    weight: Vec<u64>,
    /// The entries that load a group, except those that have loaded it before.
    load: Vec<Roots>,
    before: Vec<Roots>,
    /// How many entries load a group, and how many do or have done so before.
    loading: Vec<u64>,
    served: Vec<u64>,
    /// The entries that may load it.
    allowed: Vec<Roots>,
    /// As they were before any were joined.
    imports: Vec<Vec<usize>>,
    /// The groups that must be there for a group, one bit each.
    below: Vec<Vec<u64>>,
    /// Per entry, bytes: what it needs, what of that was loaded before it, what it loads in vain.
    needed: Vec<u64>,
    needed_before: Vec<u64>,
    in_vain: Vec<u64>,
    share: f64,
}

/// What joining two groups would save and cost.
struct Offer {
    /// Of both groups and all below them, those that more entries would load, with these.
    more: Vec<(usize, Roots)>,
    /// Bytes for each request saved.
    price: u64,
}

impl Joiner {
    fn new(
        graph: &Graph<'_>,
        live: &Liveness,
        edges: &LoadEdges,
        bits: &EntryBits,
        async_modules: &AsyncModules,
        options: &AnalyzeOptions,
        groups: &Groups,
    ) -> Self {
        let count = groups.groups.len();
        let words = bits.roots.len().div_ceil(64).max(1);
        let mut is_fixed = vec![0; words];
        let mut holds_root = vec![false; count];
        for (index, root) in bits.roots.iter().enumerate() {
            if root.kind != RootKind::Dynamic {
                is_fixed[index / 64] |= 1 << (index % 64);
            }
            if let Some(group) = groups.of(root.module) {
                holds_root[group.index()] = true;
            }
        }
        let importers_of = roots_that_want(graph, bits, groups);
        let mut joiner = Self {
            words,
            free: Vec::new(),
            into: (0..count).collect(),
            version: vec![0; count],
            weight: Vec::with_capacity(count),
            load: Vec::with_capacity(count),
            before: Vec::with_capacity(count),
            loading: vec![0; count],
            served: vec![0; count],
            allowed: Vec::with_capacity(count),
            imports: group_imports(groups, edges)
                .iter()
                .map(|imports| imports.iter().map(|group| group.index()).collect())
                .collect(),
            below: Vec::new(),
            needed: vec![0; bits.roots.len()],
            needed_before: vec![0; bits.roots.len()],
            in_vain: vec![0; bits.roots.len()],
            share: options.max_over_fetch,
        };
        for (index, group) in groups.groups.iter_enumerated() {
            let mut load = vec![0; words];
            for root in &group.roots {
                load[root.index() / 64] |= 1 << (root.index() % 64);
            }
            let before = groups.group_loaded_before(index);
            // Of an entry's chunk, which ends by running the entry, and of one that has to be waited for: only those who want it.
            let is_open = !holds_root[index.index()]
                && !group.modules.iter().any(|module| async_modules.modules.contains(*module));
            let mut allowed = vec![if is_open { u64::MAX } else { 0 }; words];
            let mut may_join = is_open && group.name.is_none();
            for module in &group.modules {
                let has_style = graph.has_flag(*module, ModuleFlags::HAS_CSS) || graph.is_kept(*module);
                if has_style {
                    may_join &= !intersects(&load, &is_fixed);
                    allowed.iter_mut().zip(&is_fixed).for_each(|(word, fixed)| *word &= !fixed);
                }
                for wanted in external_targets(graph, *module).filter_map(|target| importers_of.get(&target)) {
                    allowed.iter_mut().zip(wanted).for_each(|(word, wanted)| *word &= wanted);
                }
            }
            let weight = group.modules.iter().map(|module| weight_of(graph, live, *module)).sum();
            for root in each_bit(&load) {
                joiner.needed[root.index()] += weight;
            }
            for root in each_bit(&before).filter(|root| !has_bit(&load, *root)) {
                joiner.needed_before[root.index()] += weight;
            }
            if may_join {
                joiner.free.push(index.index());
            }
            joiner.weight.push(weight);
            joiner.load.push(load);
            joiner.before.push(before);
            joiner.allowed.push(allowed);
        }
        (0..count).for_each(|group| joiner.count_roots(group));
        joiner.find_below();
        // Groups on a cycle, which chunks of modules that await may form, stay as they are.
        let Self { free, below, .. } = &mut joiner;
        free.retain(|group| !has(&below[*group], *group));
        joiner
    }

    fn count_roots(&mut self, group: usize) {
        let both = || self.load[group].iter().zip(&self.before[group]);
        self.loading[group] = both().map(|(load, _)| u64::from(load.count_ones())).sum();
        self.served[group] = both().map(|(load, before)| u64::from((load | before).count_ones())).sum();
    }

    fn find_below(&mut self) {
        let count = self.into.len();
        self.below = vec![vec![0; count.div_ceil(64)]; count];
        // Dependencies mostly come first, so one round does nearly everything and another finds that nothing is left.
        let mut has_changed = true;
        while has_changed {
            has_changed = false;
            for group in 0..count {
                let mut all = std::mem::take(&mut self.below[group]);
                for import in &self.imports[group] {
                    has_changed |= set(&mut all, *import);
                    if *import != group {
                        has_changed |= union(&mut all, &self.below[*import]);
                    }
                }
                self.below[group] = all;
            }
        }
    }

    /// Too many to compare each with each.
    fn is_large(&self) -> bool {
        self.free.len() * self.free.len() > MAX_PAIRS
    }

    fn end_of(&self, mut group: usize) -> usize {
        while self.into[group] != group {
            group = self.into[group];
        }
        group
    }

    /// While a common price is paid, an entry's share is of what it loads itself: a small route of a large application
    /// stays small.
    fn small_budget(&self) -> Vec<u64> {
        self.needed.iter().map(|bytes| (*bytes as f64 * self.share) as u64).collect()
    }

    /// Where an entry asks for too many files it is large, and what it is loaded on top of counts too.
    fn budget(&self) -> Vec<u64> {
        let all = self.needed.iter().zip(&self.needed_before);
        all.map(|(own, before)| ((own + before) as f64 * self.share) as u64).collect()
    }

    fn roots_with_more_requests_than(&self, most: u32) -> Roots {
        let mut requests = vec![0u32; self.needed.len()];
        for group in (0..self.into.len()).filter(|group| self.into[*group] == *group) {
            let asked: Roots = self.load[group].iter().zip(&self.before[group]).map(|(load, old)| load | old).collect();
            for root in each_bit(&asked) {
                requests[root.index()] += 1;
            }
        }
        let mut found = vec![0; self.words];
        for (index, _) in requests.iter().enumerate().filter(|(_, requests)| **requests > most) {
            found[index / 64] |= 1 << (index % 64);
        }
        found
    }

    /// Joins what can be had for the price, cheapest first, until nothing can.
    fn join_below(&mut self, price: u64, counted: &Roots, budget: &[u64]) {
        let passes = if self.is_large() { 1 } else { MAX_PASSES };
        for _ in 0..passes {
            if !self.join_once(price, counted, budget) {
                break;
            }
        }
    }

    /// Whether it joined anything.
    fn join_once(&mut self, price: u64, counted: &Roots, budget: &[u64]) -> bool {
        // Of many groups, those that the same entries want stand together, and only neighbours are compared.
        let mut sorted = self.free.clone();
        if self.is_large() {
            sorted.sort_by(|left, right| self.load[*left].cmp(&self.load[*right]));
        }
        let reach = (MAX_PAIRS / sorted.len().max(1)).max(64);
        let best_of =
            |(at, left): (usize, &usize)| self.best_of(*left, sorted.iter().skip(at + 1).take(reach), counted, price);
        let best: Vec<Noted> = sorted.iter().enumerate().flat_map(best_of).collect();
        let mut offers = BinaryHeap::from(best);
        let mut has_joined = false;
        while let Some(Reverse((asked, left, right, of_left, of_right))) = offers.pop() {
            if self.version[left] != of_left || self.version[right] != of_right {
                continue;
            }
            let Some(offer) = self.offer(left, right, counted, price) else { continue };
            if offer.price > asked {
                offers.push(Reverse((offer.price, left, right, of_left, of_right)));
                continue;
            }
            if !self.is_within(&offer, budget) {
                continue;
            }
            self.join(left, right, &offer);
            has_joined = true;
            let others = self.free.iter().filter(|other| **other != left);
            offers.extend(self.best_of(left, others, counted, price));
        }
        has_joined
    }

    /// The best partners of a group. What they cost is not less than said.
    fn best_of<'o>(
        &self,
        group: usize,
        others: impl Iterator<Item = &'o usize>,
        counted: &Roots,
        price: u64,
    ) -> Vec<Noted> {
        let mut best: Vec<(u64, usize)> = Vec::new();
        for other in others {
            let floor = self.floor_price(group, *other);
            if floor > price || best.len() == PARTNERS && best.last().is_some_and(|worst| *worst <= (floor, *other)) {
                continue;
            }
            let Some(least) = self.least_price(group, *other, counted) else { continue };
            debug_assert!(floor <= least, "a pair was told from numbers that is worth joining");
            if least > price {
                continue;
            }
            if best.len() == PARTNERS && best.last().is_some_and(|worst| *worst <= (least, *other)) {
                continue;
            }
            let at = best.partition_point(|known| *known < (least, *other));
            best.insert(at, (least, *other));
            best.truncate(PARTNERS);
        }
        let noted = |(least, other): (u64, usize)| {
            let (low, high) = (group.min(other), group.max(other));
            Reverse((least, low, high, self.version[low], self.version[high]))
        };
        best.into_iter().map(noted).collect()
    }

    /// Not more than `least_price`, from numbers alone: of most pairs it is too much already.
    fn floor_price(&self, left: usize, right: usize) -> u64 {
        let to_left = self.loading[right].saturating_sub(self.served[left]) * self.weight[left];
        let to_right = self.loading[left].saturating_sub(self.served[right]) * self.weight[right];
        (to_left + to_right) / self.loading[left].min(self.loading[right]).max(1)
    }

    /// Without what lies below, which can only add to it. `None` where no request is saved.
    fn least_price(&self, left: usize, right: usize, counted: &Roots) -> Option<u64> {
        let (of_left, of_right) = (&self.load[left], &self.load[right]);
        let mut saved = 0u64;
        for (at, counted) in counted.iter().enumerate() {
            saved += u64::from((of_left[at] & of_right[at] & counted).count_ones());
        }
        if saved == 0 {
            return None;
        }
        let (mut to_left, mut to_right) = (0u64, 0u64);
        for at in 0..self.words {
            to_left += u64::from((of_right[at] & !of_left[at] & !self.before[left][at]).count_ones());
            to_right += u64::from((of_left[at] & !of_right[at] & !self.before[right][at]).count_ones());
        }
        Some((to_left * self.weight[left] + to_right * self.weight[right]) / saved)
    }

    /// `None` where it saves nothing, costs more than the price, or may not be.
    fn offer(&self, left: usize, right: usize, counted: &Roots, price: u64) -> Option<Offer> {
        let (of_left, of_right) = (&self.load[left], &self.load[right]);
        let both = of_left.iter().zip(of_right).zip(counted).map(|((left, right), counted)| left & right & counted);
        let saved: u64 = both.map(|word| u64::from(word.count_ones())).sum();
        if self.would_close_cycle(left, right) || self.would_close_cycle(right, left) {
            return None;
        }
        let all: Roots = of_left.iter().zip(of_right).map(|(left, right)| left | right).collect();
        let mut below = self.below[left].clone();
        union(&mut below, &self.below[right]);
        set(&mut below, left);
        set(&mut below, right);
        let (mut more, mut cost, mut added) = (Vec::new(), 0, 0);
        for group in each_bit(&below).map(RootIdx::index) {
            let extra: Roots =
                (0..self.words).map(|at| all[at] & !self.load[group][at] & !self.before[group][at]).collect();
            let count = extra.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
            if count == 0 {
                continue;
            }
            if extra.iter().zip(&self.allowed[group]).any(|(extra, allowed)| extra & !allowed != 0) {
                return None;
            }
            cost += count * self.weight[group];
            if group != left && group != right {
                let of_counted = extra.iter().zip(counted).map(|(extra, counted)| (extra & counted).count_ones());
                added += of_counted.map(u64::from).sum::<u64>();
            }
            more.push((group, extra));
        }
        let saved = saved.checked_sub(added).filter(|saved| *saved > 0)?;
        (cost <= price * saved).then(|| Offer { more, price: cost / saved })
    }

    /// Whether something between them, that `from` needs and that needs `to`, would be in the middle of one chunk.
    fn would_close_cycle(&self, from: usize, to: usize) -> bool {
        let imports = || self.imports[from].iter().map(|import| self.end_of(*import));
        has(&self.below[from], to)
            && imports().any(|import| import != to && import != from && has(&self.below[import], to))
    }

    fn is_within(&self, offer: &Offer, budget: &[u64]) -> bool {
        let mut added: FxHashMap<usize, u64> = FxHashMap::default();
        for (group, roots) in &offer.more {
            for root in each_bit(roots) {
                *added.entry(root.index()).or_default() += self.weight[*group];
            }
        }
        added.iter().all(|(root, bytes)| self.in_vain[*root] + bytes <= budget[*root])
    }

    /// `right` becomes part of `left`.
    fn join(&mut self, left: usize, right: usize, offer: &Offer) {
        for (group, roots) in &offer.more {
            for root in each_bit(roots) {
                self.in_vain[root.index()] += self.weight[*group];
            }
            union(&mut self.load[*group], roots);
            self.count_roots(*group);
        }
        self.into[right] = left;
        self.free.retain(|group| *group != right);
        self.version[left] += 1;
        self.version[right] += 1;
        self.weight[left] += self.weight[right];
        let of_right = std::mem::take(&mut self.load[right]);
        union(&mut self.load[left], &of_right);
        for sets in [&mut self.before, &mut self.allowed] {
            let of_right = std::mem::take(&mut sets[right]);
            sets[left].iter_mut().zip(of_right).for_each(|(word, other)| *word &= other);
        }
        self.count_roots(left);
        let more = std::mem::take(&mut self.imports[right]);
        self.imports[left].extend(more);
        self.imports[left].sort_unstable();
        self.imports[left].dedup();
        let of_right = std::mem::take(&mut self.below[right]);
        let mut below = std::mem::take(&mut self.below[left]);
        union(&mut below, &of_right);
        clear(&mut below, left);
        clear(&mut below, right);
        for group in 0..self.below.len() {
            if has(&self.below[group], left) || has(&self.below[group], right) {
                clear(&mut self.below[group], right);
                set(&mut self.below[group], left);
                union(&mut self.below[group], &below);
            }
        }
        self.below[left] = below;
    }
}

/// Bytes of the sections that are alive, taking all sections of a module to be of one size.
pub(crate) fn weight_of(graph: &Graph<'_>, live: &Liveness, module: ModuleIdx) -> u64 {
    let Some(summary) = graph.summary(module) else { return 0 };
    let (all, alive) = (summary.sections.len() as u64, live.sections[module].count() as u64);
    let bytes = summary.size.bytes();
    (bytes * alive).checked_div(all).unwrap_or(bytes)
}

fn external_targets<'g>(graph: &'g Graph<'_>, module: ModuleIdx) -> impl Iterator<Item = ModuleIdx> + 'g {
    let is_static = |record: &cloudpack_summary::ImportRecord| record.kind.is_static();
    let requests = graph.requests(module).filter(move |request| is_static(request.record));
    requests.filter_map(|request| request.target).filter(|target| graph.is_external(*target))
}

/// Of each external module, the entries that import it or have done so before.
fn roots_that_want(graph: &Graph<'_>, bits: &EntryBits, groups: &Groups) -> FxHashMap<ModuleIdx, Roots> {
    let mut wanted: FxHashMap<ModuleIdx, Roots> = FxHashMap::default();
    for module in groups.groups.iter().flat_map(|group| &group.modules) {
        for target in external_targets(graph, *module) {
            let all = wanted.entry(target).or_insert_with(|| vec![0; bits.of(*module).len()]);
            union(all, bits.of(*module));
            union(all, &groups.loaded_before(*module));
        }
    }
    wanted
}

fn intersects(left: &[u64], right: &[u64]) -> bool {
    left.iter().zip(right).any(|(left, right)| left & right != 0)
}

fn has(set: &[u64], index: usize) -> bool {
    set.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
}

fn set(set: &mut [u64], index: usize) -> bool {
    let is_new = !has(set, index);
    if let Some(word) = set.get_mut(index / 64) {
        *word |= 1 << (index % 64);
    }
    is_new
}

fn clear(set: &mut [u64], index: usize) {
    if let Some(word) = set.get_mut(index / 64) {
        *word &= !(1 << (index % 64));
    }
}

fn union(set: &mut [u64], other: &[u64]) -> bool {
    let mut has_grown = false;
    for (mine, theirs) in set.iter_mut().zip(other) {
        has_grown |= *theirs & !*mine != 0;
        *mine |= *theirs;
    }
    has_grown
}
