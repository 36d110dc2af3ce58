//! What plugins may ask about a module: Rollup's `ModuleInfo`, made on demand from the graph.

use crate::graph::ModuleGraph;
use crate::protocol::ModuleInfo;
use crate::scan::Scan;
use cloudpack_base::{IndexVec, ModuleIdx};
use cloudpack_summary::RequestKind;

/// Who imports a module, in the order of the graph, and whether with `import()`.
pub(crate) type Importer = (ModuleIdx, bool);

/// Of every module. One pass over all requests: a function that chooses chunks may ask about each.
pub(crate) struct Importers(IndexVec<ModuleIdx, Vec<Importer>>);

impl Importers {
    pub(crate) fn new(graph: &ModuleGraph) -> Self {
        let mut all: IndexVec<ModuleIdx, Vec<Importer>> = graph.modules.iter().map(|_| Vec::new()).collect();
        for (index, record) in graph.modules.iter_enumerated() {
            for request in &record.requests {
                let Some(known) = request.target.and_then(|target| all.get_mut(target)) else { continue };
                let importer = (index, request.key.kind == RequestKind::Dynamic);
                // Those of one importer stand at the end.
                if !known.iter().rev().take_while(|(other, _)| *other == index).any(|other| *other == importer) {
                    known.push(importer);
                }
            }
        }
        Self(all)
    }

    pub(crate) fn of(&self, module: ModuleIdx) -> &[Importer] {
        self.0.get(module).map_or(&[], Vec::as_slice)
    }
}

/// Of one module, while the graph grows. Cost: one pass over all requests.
pub(crate) fn importers_of(graph: &ModuleGraph, module: ModuleIdx) -> Vec<Importer> {
    let mut importers = Vec::new();
    for (index, record) in graph.modules.iter_enumerated() {
        for request in record.requests.iter().filter(|request| request.target == Some(module)) {
            let importer = (index, request.key.kind == RequestKind::Dynamic);
            if !importers.contains(&importer) {
                importers.push(importer);
            }
        }
    }
    importers
}

pub(crate) fn module_info(scan: &Scan, module: ModuleIdx, importers: &[Importer]) -> Option<ModuleInfo> {
    let graph = &scan.graph;
    let record = graph.modules.get(module)?;
    let id_of = |module: ModuleIdx| graph.modules[module].id.clone();
    let importers_by = |dynamic: bool| {
        importers.iter().filter(|(_, by)| *by == dynamic).map(|(importer, _)| id_of(*importer)).collect()
    };
    let imported = |dynamic: bool| {
        let mut ids: Vec<String> = Vec::new();
        for request in &record.requests {
            let id = request.target.filter(|_| (request.key.kind == RequestKind::Dynamic) == dynamic).map(id_of);
            ids.extend(id.filter(|id| !ids.contains(id)));
        }
        ids
    };
    let summary = record.compiled.first().map(|compiled| &compiled.summary);
    let mut exports: Vec<String> = Vec::new();
    if let Some(summary) = summary {
        exports.extend(summary.local_exports.iter().map(|export| export.exported.to_string()));
        exports.extend(summary.indirect_exports.iter().map(|export| export.exported.to_string()));
        exports.sort_unstable();
    }
    Some(ModuleInfo {
        id: record.id.clone(),
        code: (!record.is_external && summary.is_some()).then(|| record.source.to_string()),
        is_entry: scan.entries.iter().any(|entry| entry.module == Some(module)),
        is_external: record.is_external,
        is_included: None,
        importers: importers_by(false),
        dynamic_importers: importers_by(true),
        imported_ids: imported(false),
        dynamically_imported_ids: imported(true),
        has_default_export: summary.map(|_| exports.iter().any(|name| name == "default")),
        exports,
        module_side_effects: record.side_effects,
    })
}
