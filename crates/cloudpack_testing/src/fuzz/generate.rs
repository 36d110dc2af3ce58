//! Seed -> program. The programs are valid for Node: names that are imported exist, `require()` of an ES module stays
//! out of cycles and away from `await`. What they do when they run (cycles, dead zones, throws) is not kept in bounds.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Graph, Item, Module};

/// splitmix64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap_or(1)).unwrap_or(0)
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    fn pick<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        list.get(self.below(list.len()))
    }
}

/// Long enough that no minified name is one of them.
pub(super) const NAMES: [&str; 5] = ["alpha", "beta", "gamma", "then_", "value"];

pub fn generate(seed: u64) -> Graph {
    let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let count = 2 + random.below(5);
    // Each program leans one way, so that some are plain and some are wild.
    let (commonjs, awaits, throws) = (random.below(3) * 20, random.below(3) * 12, random.below(4) / 3 * 8);
    let is_cyclic = random.chance(50);
    let mut graph = Graph { modules: Vec::new(), entries: Vec::new() };
    for _ in 0..count {
        let is_commonjs = random.chance(commonjs);
        let mut items = Vec::new();
        for name in NAMES {
            match random.below(10) {
                0 | 1 => {
                    items.push(Item::Variable { name: name.to_owned(), changes: !is_commonjs && random.chance(50) })
                }
                2 => items.push(Item::Function { name: name.to_owned() }),
                3 => items.push(Item::Class { name: name.to_owned() }),
                _ => {}
            }
        }
        if random.chance(20) && !is_commonjs {
            items.push(Item::Default);
        }
        if random.chance(awaits) && !is_commonjs {
            items.push(Item::Await);
        }
        if random.chance(throws) {
            items.push(Item::Throw);
        }
        graph.modules.push(Module { is_commonjs, items });
    }
    connect(&mut graph, &mut random, is_cyclic);
    for module in 0..count {
        if module == 0 || random.chance(25) {
            graph.entries.push(module);
        }
    }
    let mut order = graph.entries.clone();
    if random.chance(30) {
        order.reverse();
    }
    graph.entries = order;
    // Of a CommonJS module that throws, `import` remembers the error and `require` does not: it runs again.
    let loads_again = graph.entries.len() > 1
        || graph.modules.iter().any(|module| module.items.iter().any(|item| matches!(item, Item::Later(_))));
    // So does one that requires a module that throws.
    let required = required_by_commonjs(&graph);
    // Of a cycle that one module made fail, Node fails all modules, also those that had run.
    let shares_failure = is_cyclic && loads_again;
    for (index, module) in graph.modules.iter_mut().enumerate() {
        if shares_failure || loads_again && (module.is_commonjs || required.get(index) == Some(&true)) {
            module.items.retain(|item| *item != Item::Throw);
        }
    }
    graph
}

fn connect(graph: &mut Graph, random: &mut Random, is_cyclic: bool) {
    let count = graph.modules.len();
    let target = |random: &mut Random, from: usize| {
        if is_cyclic { random.below(count) } else { (from + 1 + random.below(count)).min(count - 1) }
    };
    // Exports that lead elsewhere come first: what can be imported depends on them.
    for from in 0..count {
        if is_commonjs(graph, from) {
            continue;
        }
        if random.chance(30) {
            let to = target(random, from);
            if to != from && !is_commonjs(graph, to) {
                add(graph, random, from, Item::Star(to));
            }
        }
        if random.chance(15) {
            let to = target(random, from);
            if to != from {
                let name = format!("ns{from}");
                add(graph, random, from, Item::StarAs { from: to, name });
            }
        }
        if random.chance(25) {
            let to = target(random, from);
            let names: Vec<String> = names_of(graph, to).into_iter().collect();
            if let (true, Some(name)) = (to != from, random.pick(&names)) {
                let item = Item::ReExport { from: to, name: name.clone(), to: format!("re{from}") };
                add(graph, random, from, item);
            }
        }
    }
    for from in 0..count {
        for _ in 0..random.below(4) {
            let to = target(random, from);
            if to == from {
                continue;
            }
            let names: Vec<String> = names_of(graph, to).into_iter().collect();
            let name = random.pick(&names).cloned();
            let item = match (random.below(10), name) {
                (0 | 1, _) => Item::Bare(to),
                (2..=5, Some(name)) => Item::Named { from: to, name },
                (6 | 7, Some(name)) => Item::Namespace { from: to, name },
                (8, _) => Item::Later(to),
                _ => Item::Bare(to),
            };
            let requires = is_commonjs(graph, from) && !matches!(item, Item::Later(_));
            if (requires && !may_require(graph, from, to)) || (!requires && !may_import(graph, from, to)) {
                continue;
            }
            add(graph, random, from, item);
        }
    }
}

fn add(graph: &mut Graph, random: &mut Random, to: usize, item: Item) {
    if let Some(module) = graph.modules.get_mut(to) {
        let at = random.below(module.items.len() + 1);
        module.items.insert(at, item);
    }
}

fn is_commonjs(graph: &Graph, module: usize) -> bool {
    graph.modules.get(module).is_some_and(|module| module.is_commonjs)
}

fn static_targets(graph: &Graph, module: usize) -> Vec<usize> {
    let items = graph.modules.get(module).map(|module| module.items.as_slice()).unwrap_or_default();
    items.iter().filter(|item| !matches!(item, Item::Later(_))).filter_map(Item::target).collect()
}

/// Per module: whether some CommonJS module runs it.
fn required_by_commonjs(graph: &Graph) -> Vec<bool> {
    let mut required = vec![false; graph.modules.len()];
    for module in (0..graph.modules.len()).filter(|module| is_commonjs(graph, *module)) {
        for target in reached(graph, module) {
            if let Some(slot) = required.get_mut(target) {
                *slot = true;
            }
        }
    }
    required
}

fn reached(graph: &Graph, from: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        if reached.insert(module) {
            open.extend(static_targets(graph, module));
        }
    }
    reached
}

/// Node refuses `require()` of what awaits, or of what waits for the one that asks.
fn may_require(graph: &Graph, from: usize, to: usize) -> bool {
    let reached = reached(graph, to);
    let awaits = |module: &usize| graph.modules.get(*module).is_some_and(|module| module.items.contains(&Item::Await));
    let closes_cycle = reached.contains(&from);
    let has_es = reached.iter().any(|module| !is_commonjs(graph, *module));
    !(reached.iter().any(awaits) || closes_cycle && has_es)
}

/// A CommonJS module inside a cycle of ES modules is where Node's two loaders disagree with themselves.
fn may_import(graph: &Graph, from: usize, to: usize) -> bool {
    let reached = reached(graph, to);
    !(reached.contains(&from) && reached.iter().any(|module| is_commonjs(graph, *module)))
}

/// What can be imported by name, for certain: own exports, and those of stars that no other star has too.
fn names_of(graph: &Graph, module: usize) -> BTreeSet<String> {
    fn collect(graph: &Graph, module: usize, path: &mut Vec<usize>) -> BTreeSet<String> {
        if path.contains(&module) {
            return BTreeSet::new();
        }
        path.push(module);
        let items = graph.modules.get(module).map(|module| module.items.as_slice()).unwrap_or_default();
        let mut own = BTreeSet::new();
        let mut starred: BTreeMap<String, usize> = BTreeMap::new();
        for item in items {
            match item {
                Item::Variable { name, .. }
                | Item::Function { name }
                | Item::Class { name }
                | Item::StarAs { name, .. } => {
                    own.insert(name.clone());
                }
                Item::ReExport { to, .. } => {
                    own.insert(to.clone());
                }
                Item::Star(to) => {
                    for name in collect(graph, *to, path) {
                        *starred.entry(name).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
        path.pop();
        own.extend(starred.into_iter().filter(|(_, count)| *count == 1).map(|(name, _)| name));
        own
    }
    collect(graph, module, &mut Vec::new())
}

#[cfg(test)]
mod tests {
    use super::generate;

    #[test]
    fn a_seed_gives_the_same_program_each_time_and_seeds_differ() {
        assert_eq!(generate(7).files(), generate(7).files());
        assert_ne!(generate(7).files(), generate(8).files());
    }
}
