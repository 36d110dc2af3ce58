//! Facts of files -> who imports whom: fan-out, fan-in, depth, circles.

use super::read::FileFacts;
use cloudpack_base::path;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

pub(super) struct Graph {
    /// Different targets, static ones and `require()`.
    eager: Vec<BTreeSet<usize>>,
    lazy: Vec<BTreeSet<usize>>,
    importers: Vec<BTreeSet<usize>>,
}

/// `offsets`: where the files of each directory start.
pub(super) fn graph(files: &[FileFacts], directories: &[&Path], offsets: &[usize]) -> Graph {
    let root_of = |index: usize| offsets.iter().filter(|offset| **offset <= index).count();
    let absolute = |index: usize| format!("/{}/{}", root_of(index).min(directories.len()), files[index].path);
    let known: FxHashMap<String, usize> = (0..files.len()).map(|index| (absolute(index), index)).collect();
    let mut graph = Graph {
        eager: vec![BTreeSet::new(); files.len()],
        lazy: vec![BTreeSet::new(); files.len()],
        importers: vec![BTreeSet::new(); files.len()],
    };
    for (index, file) in files.iter().enumerate() {
        let from = absolute(index);
        for (specifier, is_lazy) in &file.paths {
            let Some(target) = find(&known, &path::join(path::dirname(&from), specifier)) else { continue };
            if target != index && files[target].kind.is_code() {
                let edges = if *is_lazy { &mut graph.lazy } else { &mut graph.eager };
                edges[index].insert(target);
                graph.importers[target].insert(index);
            }
        }
    }
    graph
}

/// As bundlers search: the file, with an extension, a directory's index; TypeScript may be named by its output.
fn find(known: &FxHashMap<String, usize>, wanted: &str) -> Option<usize> {
    const EXTENSIONS: [&str; 11] =
        ["", ".tsx", ".ts", ".jsx", ".js", ".mjs", ".cjs", ".json", "/index.tsx", "/index.ts", "/index.js"];
    let stem = wanted.strip_suffix(".js");
    let stems = std::iter::once(wanted).chain(stem);
    stems.flat_map(|stem| EXTENSIONS.map(|end| format!("{stem}{end}"))).find_map(|name| known.get(&name).copied())
}

impl Graph {
    pub(super) fn fan_out(&self, module: usize) -> u32 {
        self.eager[module].len() as u32
    }

    pub(super) fn fan_in(&self, module: usize) -> u32 {
        self.importers[module].len() as u32
    }

    /// Edges, and lazy ones among them.
    pub(super) fn counts(&self) -> (usize, usize) {
        let of = |edges: &[BTreeSet<usize>]| edges.iter().map(BTreeSet::len).sum::<usize>();
        let lazy = of(&self.lazy);
        (of(&self.eager) + lazy, lazy)
    }

    /// Of the modules that can be reached from one that nobody imports.
    pub(super) fn depths(&self, modules: &[usize]) -> Vec<u32> {
        let mut depths: Vec<Option<u32>> = vec![None; self.eager.len()];
        let roots = modules.iter().copied().filter(|module| self.importers[*module].is_empty());
        let mut queue: VecDeque<usize> = roots.collect();
        queue.iter().for_each(|root| depths[*root] = Some(0));
        while let Some(module) = queue.pop_front() {
            let next = depths[module].map_or(0, |depth| depth + 1);
            for target in self.eager[module].iter().chain(&self.lazy[module]) {
                if depths[*target].is_none() {
                    depths[*target] = Some(next);
                    queue.push_back(*target);
                }
            }
        }
        depths.into_iter().flatten().collect()
    }

    /// Modules that reach themselves by static imports (Kosaraju: whoever reaches a module of a later finish, and is
    /// reached by it, is in its circle).
    pub(super) fn circular(&self) -> usize {
        let count = self.eager.len();
        let backward: Vec<BTreeSet<usize>> = (0..count)
            .map(|module| {
                self.importers[module].iter().copied().filter(move |from| self.eager[*from].contains(&module))
            })
            .map(Iterator::collect)
            .collect();
        let mut seen = vec![false; count];
        let mut finished = Vec::with_capacity(count);
        for root in 0..count {
            walk(&self.eager, root, &mut seen, &mut finished);
        }
        let mut seen = vec![false; count];
        let mut circular = 0;
        for root in finished.into_iter().rev() {
            let mut members = Vec::new();
            walk(&backward, root, &mut seen, &mut members);
            circular += if members.len() > 1 { members.len() } else { 0 };
        }
        circular
    }
}

/// Depth first from `root` over what was not seen; each module is pushed after all that it leads to.
fn walk(edges: &[BTreeSet<usize>], root: usize, seen: &mut [bool], finished: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[root], true) {
        return;
    }
    let mut open = vec![(root, edges[root].iter())];
    while let Some((module, targets)) = open.last_mut() {
        let module = *module;
        match targets.find(|target| !seen[**target]) {
            Some(target) => {
                seen[*target] = true;
                open.push((*target, edges[*target].iter()));
            }
            None => {
                finished.push(module);
                open.pop();
            }
        }
    }
}

pub(super) fn directory_sizes(files: &[FileFacts]) -> Vec<u32> {
    let mut sizes: BTreeMap<&str, u32> = BTreeMap::new();
    for file in files {
        *sizes.entry(file.path.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default() += 1;
    }
    sizes.into_values().collect()
}
