//! What plugins may ask about a module: Rollup's `ModuleInfo`, made on demand from the graph.

use crate::protocol::ModuleInfo;
use crate::scan::Scan;
use cloudpack_base::ModuleIdx;
use cloudpack_summary::RequestKind;

/// Cost: one pass over all requests, for the importers.
pub(crate) fn module_info(scan: &Scan, module: ModuleIdx) -> Option<ModuleInfo> {
    let graph = &scan.graph;
    let record = graph.modules.get(module)?;
    let id_of = |module: ModuleIdx| graph.modules[module].id.clone();
    let mut importers = Vec::new();
    let mut dynamic_importers = Vec::new();
    for other in &graph.modules {
        for request in other.requests.iter().filter(|request| request.target == Some(module)) {
            let list = if request.key.kind == RequestKind::Dynamic { &mut dynamic_importers } else { &mut importers };
            if !list.contains(&other.id) {
                list.push(other.id.clone());
            }
        }
    }
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
        importers,
        dynamic_importers,
        imported_ids: imported(false),
        dynamically_imported_ids: imported(true),
        has_default_export: summary.map(|_| exports.iter().any(|name| name == "default")),
        exports,
        module_side_effects: record.side_effects,
    })
}
