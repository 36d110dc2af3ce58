//! What `export *` makes visible, for modules that somebody asks: the names below a barrel, sorted, and the sources
//! whose names are known only at run time. Built once a barrel, because a barrel of 1,000 icons is asked 1,000 times.

use crate::graph::Graph;
use crate::resolve_exports::{PathIdx, Paths, explicit_export};
use cloudpack_base::{ModuleIdx, RequestIdx};
use rustc_hash::{FxHashMap, FxHashSet};

/// A module below a barrel that states a name itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StarSource {
    pub(crate) module: ModuleIdx,
    /// Modules with side effects on the way, the barrel included.
    pub(crate) path: PathIdx,
    /// The barrel's own request with which the way begins.
    pub(crate) request: RequestIdx,
}

/// `export *` of a CommonJS or external module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuntimeStarSource {
    /// The module that holds the `export *`; the barrel or one below it.
    pub(crate) holder: ModuleIdx,
    pub(crate) request: RequestIdx,
    pub(crate) target: ModuleIdx,
    pub(crate) path: PathIdx,
    /// The barrel's own request with which the way begins.
    pub(crate) first_request: RequestIdx,
}

#[derive(Default)]
struct StarTable<'a> {
    /// Sorted by name; of equal names, in the order of a walk along the stars. Never `default`.
    names: Vec<(&'a str, StarSource)>,
    /// In the order of the walk, each target once.
    runtime: Vec<RuntimeStarSource>,
}

#[derive(Default)]
pub(crate) struct StarTables<'a> {
    tables: FxHashMap<ModuleIdx, StarTable<'a>>,
}

impl<'a> StarTables<'a> {
    /// The modules that may give `barrel` the name, in order. A module that states a name hides those below it, so
    /// that with several candidates the way to each must be walked.
    pub(crate) fn sources(
        &mut self,
        graph: &Graph<'a>,
        paths: &mut Paths,
        barrel: ModuleIdx,
        name: &str,
    ) -> Vec<StarSource> {
        let table = self.table(graph, paths, barrel);
        let start = table.names.partition_point(|(known, _)| *known < name);
        let found: Vec<StarSource> =
            table.names.iter().skip(start).take_while(|(known, _)| *known == name).map(|(_, source)| *source).collect();
        if found.len() < 2 {
            return found;
        }
        let mut found = Vec::new();
        walk_stars(graph, paths, barrel, |visit| match visit {
            Visit::Module(source) if explicit_export(graph, source.module, name).is_some() => {
                found.push(source);
                Below::Skip
            }
            _ => Below::Follow,
        });
        found
    }

    pub(crate) fn runtime(&mut self, graph: &Graph<'a>, paths: &mut Paths, barrel: ModuleIdx) -> &[RuntimeStarSource] {
        &self.table(graph, paths, barrel).runtime
    }

    /// All names that come through stars, sorted, possibly more than once, with the barrel's request.
    pub(crate) fn names(
        &mut self,
        graph: &Graph<'a>,
        paths: &mut Paths,
        barrel: ModuleIdx,
    ) -> impl Iterator<Item = (&'a str, RequestIdx)> + '_ {
        self.table(graph, paths, barrel).names.iter().map(|(name, source)| (*name, source.request))
    }

    fn table(&mut self, graph: &Graph<'a>, paths: &mut Paths, barrel: ModuleIdx) -> &StarTable<'a> {
        self.tables.entry(barrel).or_insert_with(|| {
            let mut table = StarTable::default();
            if graph.summary(barrel).is_none_or(|summary| summary.star_exports.is_empty()) {
                return table;
            }
            walk_stars(graph, paths, barrel, |visit| {
                match visit {
                    Visit::Module(source) => {
                        if let Some(summary) = graph.summary(source.module) {
                            let local = summary.local_exports.iter().map(|export| &*export.exported);
                            let indirect = summary.indirect_exports.iter().map(|export| &*export.exported);
                            let names = local.chain(indirect).filter(|name| *name != "default");
                            table.names.extend(names.map(|name| (name, source)));
                        }
                    }
                    Visit::Runtime(star) if table.runtime.iter().all(|known| known.target != star.target) => {
                        table.runtime.push(star);
                    }
                    Visit::Runtime(_) => {}
                }
                Below::Follow
            });
            table.names.sort_by_key(|(name, _)| *name);
            table
        })
    }
}

enum Visit {
    Module(StarSource),
    Runtime(RuntimeStarSource),
}

#[derive(PartialEq)]
enum Below {
    Follow,
    Skip,
}

struct Walk {
    module: ModuleIdx,
    next: usize,
    path: PathIdx,
    first: Option<RequestIdx>,
}

/// Visits what is below the barrel along `export *`, depth first in source order, each ES module once.
fn walk_stars(graph: &Graph<'_>, paths: &mut Paths, barrel: ModuleIdx, mut visit: impl FnMut(Visit) -> Below) {
    let extend = |paths: &mut Paths, module, path| {
        if graph.has_side_effects(module) { paths.add(module, path) } else { path }
    };
    let mut visited = FxHashSet::from_iter([barrel]);
    let mut stack = vec![Walk { module: barrel, next: 0, path: extend(paths, barrel, PathIdx::NONE), first: None }];
    while let Some(walk) = stack.last_mut() {
        let request = graph.summary(walk.module).and_then(|summary| summary.star_exports.get(walk.next)).copied();
        let Some(request) = request else {
            stack.pop();
            continue;
        };
        walk.next += 1;
        let (holder, path, first_request) = (walk.module, walk.path, walk.first.unwrap_or(request));
        let Some(target) = graph.target(holder, request) else { continue };
        if graph.is_external(target) || graph.is_commonjs(target) {
            visit(Visit::Runtime(RuntimeStarSource { holder, request, target, path, first_request }));
        } else if visited.insert(target)
            && visit(Visit::Module(StarSource { module: target, path, request: first_request })) == Below::Follow
        {
            let path = extend(paths, target, path);
            stack.push(Walk { module: target, next: 0, path, first: Some(first_request) });
        }
    }
}
