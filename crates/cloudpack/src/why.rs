//! Why a module is in the output, or is not; what became of it in the last build; and who uses its exports. Answered on
//! demand from the graph and its plan, for one module at a time: a build pays nothing for it.

use crate::graph::{Compiled, ModuleRecord};
use crate::plan::Part;
use crate::scan::Scan;
use cloudpack_base::{ModuleIdx, SymbolIdx};
use cloudpack_plan::{Binding, LinkPlan};
use cloudpack_summary::{ImportName, ModuleSummary, RequestKind, SymbolKind, member_path};
use rustc_hash::FxHashSet;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Why {
    pub id: String,
    pub is_external: bool,
    /// An entry point of the build.
    pub is_entry: bool,
    /// Something of it is in the output.
    pub is_included: bool,
    /// Why not.
    pub excluded_because: Option<String>,
    /// The shortest way from an entry point, the module itself last: a static one if there is one. Empty for an entry point.
    pub chain: Vec<Step>,
    /// Everybody who asks for it, in the order of the graph.
    pub importers: Vec<Importer>,
    /// Sorted by name. `*`: the whole namespace object. Of CommonJS the names that somebody uses.
    pub exports: Vec<ExportUse>,
    /// Names of the chunks that hold it.
    pub chunks: Vec<String>,
    pub last_build: Rebuilt,
}

/// One module on the way, and how it asks for the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    pub id: String,
    /// Absent on the last.
    pub specifier: Option<String>,
    /// `import`, `import()`, `require()`, `new URL()`, `worker`, `@import`, `url()`, `composes`, `html`
    pub kind: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Importer {
    pub id: String,
    pub specifier: String,
    pub kind: &'static str,
    /// Something of the importer is in the output.
    pub is_included: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportUse {
    pub name: String,
    /// Its code is in the output; a module may use its own exports.
    pub is_live: bool,
    /// Ids, sorted. `entry`: whoever loads the output.
    pub used_by: Vec<String>,
}

/// What became of the module in the last build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rebuilt {
    /// It was parsed. Otherwise what is known of it was found in the cache.
    pub compiled: bool,
    pub because: String,
    /// The files that were different from those of the build before.
    pub changed: Vec<String>,
}

/// `None`: the graph has no such module. `variant`: of the output that is explained. Cost: one pass over all requests, and
/// over the mentions of live sections.
pub(crate) fn why(scan: &Scan, parts: &[Part], variant: usize, id: &str, last_build: Rebuilt) -> Option<Why> {
    let module = scan.graph.find_any(id)?;
    let record = scan.graph.modules.get(module)?;
    let is_live = |module: ModuleIdx| parts.iter().any(|part| is_live_in(&part.plan, module));
    let is_entry = scan.entries.iter().any(|entry| entry.module == Some(module));
    let importers = importers(scan, module, &is_live);
    let is_included = is_live(module);
    let uses = uses(scan, parts, variant, module);
    let mut chunks = BTreeSet::new();
    for part in parts {
        let chunk = part.plan.modules.get(module).and_then(|planned| planned.chunk);
        chunks.extend(chunk.and_then(|chunk| part.plan.chunks.get(chunk)).map(|chunk| chunk.name.clone()));
    }
    Some(Why {
        id: record.id.clone(),
        is_external: record.is_external,
        is_entry,
        is_included,
        excluded_because: (!is_included && !record.is_external)
            .then(|| excluded_because(record, variant, &importers, !uses.is_empty(), parts.is_empty()).to_owned()),
        chain: if is_entry { Vec::new() } else { chain(scan, module, &is_live) },
        exports: exports(scan, parts, variant, module, is_entry, uses),
        importers,
        chunks: chunks.into_iter().collect(),
        last_build,
    })
}

fn is_live_in(plan: &LinkPlan, module: ModuleIdx) -> bool {
    plan.modules.get(module).is_some_and(|planned| planned.live)
}

fn word_for(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Static => "import",
        RequestKind::Dynamic => "import()",
        RequestKind::Require => "require()",
        RequestKind::RequireResolve => "require.resolve()",
        RequestKind::NewUrl => "new URL()",
        RequestKind::Worker => "worker",
        RequestKind::CssImport => "@import",
        RequestKind::CssUrl => "url()",
        RequestKind::CssComposes => "composes",
        RequestKind::HtmlScript | RequestKind::HtmlStyle | RequestKind::HtmlAsset => "html",
    }
}

fn importers(scan: &Scan, module: ModuleIdx, is_live: &dyn Fn(ModuleIdx) -> bool) -> Vec<Importer> {
    let mut importers = Vec::new();
    for (index, record) in scan.graph.modules.iter_enumerated() {
        for request in record.requests.iter().filter(|request| request.target == Some(module)) {
            importers.push(Importer {
                id: record.id.clone(),
                specifier: request.key.specifier.to_string(),
                kind: word_for(request.key.kind),
                is_included: is_live(index),
            });
        }
    }
    importers
}

fn excluded_because(
    record: &ModuleRecord,
    variant: usize,
    importers: &[Importer],
    is_used: bool,
    is_broken: bool,
) -> &'static str {
    let summary = record.compiled.get(variant).map(|compiled| &compiled.summary);
    let only_passes_on = |summary: &ModuleSummary| {
        summary.local_exports.is_empty() && !(summary.indirect_exports.is_empty() && summary.star_exports.is_empty())
    };
    if is_broken {
        "the build has errors, so nothing was planned"
    } else if is_used {
        "what is used of it are constants, and their values stand where they are used"
    } else if !importers.iter().any(|importer| importer.is_included) {
        "no module that asks for it is in the output"
    } else if summary.is_some_and(only_passes_on) {
        "it only passes exports on, and those who import them are bound to the modules that define them"
    } else if !record.side_effects {
        "none of its exports is used, and it is said to have no side effects"
    } else {
        "none of its exports is used, and running it has no side effects"
    }
}

/// Three ways in turn, each by breadth first: through modules that are in the output by static requests, through any module by
/// static requests, and through anything.
fn chain(scan: &Scan, module: ModuleIdx, is_live: &dyn Fn(ModuleIdx) -> bool) -> Vec<Step> {
    let is_static = |kind: RequestKind| kind.is_static() || kind == RequestKind::Require;
    let ways: [&dyn Fn(ModuleIdx, RequestKind) -> bool; 3] =
        [&|from, kind| is_live(from) && is_static(kind), &|_, kind| is_static(kind), &|_, _| true];
    ways.into_iter().find_map(|may_go| way(scan, module, may_go)).unwrap_or_default()
}

fn way(scan: &Scan, module: ModuleIdx, may_go: &dyn Fn(ModuleIdx, RequestKind) -> bool) -> Option<Vec<Step>> {
    // Who was met from whom, by which of its requests.
    let mut from: BTreeMap<ModuleIdx, Option<(ModuleIdx, usize)>> = BTreeMap::new();
    let mut queue: VecDeque<ModuleIdx> = VecDeque::new();
    for entry in scan.entries.iter().filter_map(|entry| entry.module) {
        if from.insert(entry, None).is_none() {
            queue.push_back(entry);
        }
    }
    while let Some(next) = queue.pop_front() {
        if next == module {
            break;
        }
        for (at, request) in scan.graph.modules.get(next)?.requests.iter().enumerate() {
            let Some(target) = request.target.filter(|_| may_go(next, request.key.kind)) else { continue };
            if let std::collections::btree_map::Entry::Vacant(place) = from.entry(target) {
                place.insert(Some((next, at)));
                queue.push_back(target);
            }
        }
    }
    let last = scan.graph.modules.get(module)?;
    let mut steps = vec![Step { id: last.id.clone(), specifier: None, kind: None }];
    let mut at = *from.get(&module)?;
    while let Some((importer, request)) = at {
        let record = scan.graph.modules.get(importer)?;
        let request = record.requests.get(request)?;
        steps.push(Step {
            id: record.id.clone(),
            specifier: Some(request.key.specifier.to_string()),
            kind: Some(word_for(request.key.kind)),
        });
        at = *from.get(&importer)?;
    }
    steps.reverse();
    Some(steps)
}

/// Exported name -> who uses it.
type Uses = BTreeMap<String, BTreeSet<String>>;

const WHOLE: &str = "*";

fn uses(scan: &Scan, parts: &[Part], variant: usize, module: ModuleIdx) -> Uses {
    let mut uses = Uses::new();
    for part in parts {
        for (index, planned) in part.plan.modules.iter_enumerated().filter(|(index, _)| *index != module) {
            let Some(record) = scan.graph.modules.get(index) else { continue };
            let Some(compiled) = record.compiled.get(variant).filter(|_| planned.live) else { continue };
            let summary = &compiled.summary;
            let mut note = |name: String| {
                uses.entry(name).or_default().insert(record.id.clone());
            };
            let mut mentioned: FxHashSet<SymbolIdx> = FxHashSet::default();
            for section in planned.live_sections.iter().filter_map(|section| summary.sections.get(section)) {
                mentioned.extend(&section.uses);
                for request in &section.requests {
                    let Some(asked) = summary.requests.get(*request) else { continue };
                    let target = target_of(record, &compiled.requests, *request);
                    if target == Some(module) && matches!(asked.kind, RequestKind::Dynamic | RequestKind::Require) {
                        note(WHOLE.to_owned());
                    }
                }
            }
            // What an entry point, or somebody's namespace, offers goes through it.
            let is_offered = !planned.exports.is_empty();
            if is_offered {
                mentioned.extend(summary.indirect_exports.iter().map(|export| export.symbol));
                for export in &planned.exports {
                    if let Binding::Symbol(found) = &export.binding
                        && found.module == module
                        && let Some(name) = name_of_symbol(scan, variant, module, found.symbol)
                    {
                        note(name);
                    }
                }
            }
            for symbol in mentioned {
                let Some((found, name)) = stands_for(scan, variant, record, compiled, symbol) else { continue };
                if found == module {
                    note(name);
                }
            }
        }
    }
    uses
}

/// The module that defines what an imported symbol stands for, and its name there.
fn stands_for(
    scan: &Scan,
    variant: usize,
    record: &ModuleRecord,
    compiled: &Compiled,
    symbol: SymbolIdx,
) -> Option<(ModuleIdx, String)> {
    let symbols = &compiled.summary.symbols;
    let mut found: Option<(ModuleIdx, String)> = None;
    // From `x` over `x.y` to `x.y.z`, while what was found is a namespace object.
    let mut path: Vec<SymbolIdx> = member_path(symbols, symbol).collect();
    while let Some(member) = path.pop() {
        let SymbolKind::Import { request, name, .. } = &symbols.get(member)?.kind else { return None };
        found = Some(match (found, name) {
            (None, ImportName::Namespace) => (target_of(record, &compiled.requests, *request)?, WHOLE.to_owned()),
            (None, ImportName::Named(name)) => {
                follow(scan, variant, target_of(record, &compiled.requests, *request)?, name)
            }
            (Some((module, whole)), ImportName::Named(name)) if whole == WHOLE => follow(scan, variant, module, name),
            (Some(found), _) => return Some(found),
        });
    }
    found
}

fn target_of(record: &ModuleRecord, requests: &[u32], request: cloudpack_base::RequestIdx) -> Option<ModuleIdx> {
    use cloudpack_base::Idx;
    let at = *requests.get(request.index())?;
    record.requests.get(at as usize)?.target
}

fn name_of_symbol(scan: &Scan, variant: usize, module: ModuleIdx, symbol: SymbolIdx) -> Option<String> {
    let summary = &scan.graph.modules.get(module)?.compiled.get(variant)?.summary;
    let is_it = |export: &&cloudpack_summary::LocalExport| export.symbol == symbol || export.copy_of == Some(symbol);
    summary.local_exports.iter().find(is_it).map(|export| export.exported.to_string())
}

/// The module that defines an export, and its name there. Where it cannot be told (CommonJS, a name that does not exist), the
/// last module that was asked.
fn follow(scan: &Scan, variant: usize, module: ModuleIdx, name: &str) -> (ModuleIdx, String) {
    let mut asked: FxHashSet<(ModuleIdx, String)> = FxHashSet::default();
    find_export(scan, variant, module, name, &mut asked).unwrap_or_else(|| (module, name.to_owned()))
}

fn find_export(
    scan: &Scan,
    variant: usize,
    module: ModuleIdx,
    name: &str,
    asked: &mut FxHashSet<(ModuleIdx, String)>,
) -> Option<(ModuleIdx, String)> {
    if !asked.insert((module, name.to_owned())) {
        return None;
    }
    let record = scan.graph.modules.get(module)?;
    let Some(compiled) = record.compiled.get(variant) else { return Some((module, name.to_owned())) };
    let summary = &compiled.summary;
    if summary.local_exports.iter().any(|export| *export.exported == *name) {
        return Some((module, name.to_owned()));
    }
    if let Some(export) = summary.indirect_exports.iter().find(|export| *export.exported == *name)
        && let Some(SymbolKind::Import { request, name: imported, .. }) =
            summary.symbols.get(export.symbol).map(|it| &it.kind)
    {
        let target = target_of(record, &compiled.requests, *request)?;
        return match imported {
            ImportName::Namespace => Some((target, WHOLE.to_owned())),
            ImportName::Named(imported) => find_export(scan, variant, target, imported, asked),
        };
    }
    if name == "default" {
        return None;
    }
    let mut stars = summary.star_exports.iter().filter_map(|request| target_of(record, &compiled.requests, *request));
    stars.find_map(|target| find_export(scan, variant, target, name, asked))
}

fn exports(
    scan: &Scan,
    parts: &[Part],
    variant: usize,
    module: ModuleIdx,
    is_entry: bool,
    mut uses: Uses,
) -> Vec<ExportUse> {
    let summary = scan.graph.modules.get(module).and_then(|record| record.compiled.get(variant));
    let mut live: BTreeMap<String, bool> = uses.keys().map(|name| (name.clone(), true)).collect();
    if let Some(summary) = summary.map(|compiled| &compiled.summary) {
        for export in &summary.local_exports {
            let section = match summary.symbols.get(export.symbol).map(|symbol| &symbol.kind) {
                Some(SymbolKind::Declared { section, .. }) => Some(*section),
                _ => None,
            };
            let is_kept = section.is_some_and(|section| {
                let planned = parts.iter().filter_map(|part| part.plan.modules.get(module));
                planned.into_iter().any(|planned| planned.live && planned.live_sections.contains(section))
            });
            *live.entry(export.exported.to_string()).or_default() |= is_kept;
            if is_entry {
                uses.entry(export.exported.to_string()).or_default().insert("entry".to_owned());
            }
        }
        for export in &summary.indirect_exports {
            live.entry(export.exported.to_string()).or_default();
            if is_entry {
                uses.entry(export.exported.to_string()).or_default().insert("entry".to_owned());
            }
        }
    }
    live.into_iter()
        .map(|(name, is_live)| {
            let used_by = uses.remove(&name).unwrap_or_default().into_iter().collect::<Vec<_>>();
            ExportUse { is_live: is_live || !used_by.is_empty(), used_by, name }
        })
        .collect()
}
