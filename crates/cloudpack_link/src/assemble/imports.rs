//! What a chunk imports statically, in the order in which it must be evaluated.

use super::{Imported, ImportedFrom};
use crate::address::Scope;
use crate::output::ImportedFile;
use cloudpack_base::{ChunkIdx, Idx, ModuleIdx};
use cloudpack_plan::{ChunkImport, ExternalImport};
use cloudpack_summary::ImportName;

/// Chunks in the plan's order; an external module goes before the first chunk whose code runs after it.
pub(super) fn imported_files<'x>(scope: &Scope<'x, '_>) -> Vec<Imported<'x>> {
    let plan = &scope.input.plan.chunks[scope.chunk];
    let order_of = |module: ModuleIdx| scope.input.plan.modules[module].exec_order;
    let runs_at =
        |chunk: ChunkIdx| scope.input.plan.chunks[chunk].modules.first().map_or(u32::MAX, |module| order_of(*module));
    let mut externals = plan.externals.iter().peekable();
    let mut files = Vec::with_capacity(plan.externals.len() + plan.imports.len());
    for import in &plan.imports {
        while let Some(external) = externals.next_if(|external| order_of(external.module) < runs_at(import.chunk)) {
            files.push(from_external(scope, external));
        }
        files.push(from_chunk(scope, import));
    }
    files.extend(externals.map(|external| from_external(scope, external)));
    files
}

fn from_chunk<'x>(scope: &Scope<'x, '_>, import: &'x ChunkImport) -> Imported<'x> {
    let aliases = &scope.aliases[import.chunk].of;
    let names = import.symbols.iter().filter_map(|symbol| aliases.get(symbol)).map(ToString::to_string).collect();
    let file = scope.files.preliminary[import.chunk].clone();
    Imported { from: ImportedFrom::Chunk(import), public: ImportedFile { file, is_external: false, names } }
}

fn from_external<'x>(scope: &Scope<'x, '_>, import: &'x ExternalImport) -> Imported<'x> {
    let known = &scope.input.plan.modules[import.module].external_names;
    let names = import
        .symbols
        .iter()
        .filter_map(|symbol| known.get(symbol.symbol.index()))
        .map(|name| match name {
            ImportName::Namespace => "*".to_owned(),
            ImportName::Named(name) => name.to_string(),
        })
        .collect();
    let file = scope.external_specifier(import.module);
    Imported { from: ImportedFrom::External(import), public: ImportedFile { file, is_external: true, names } }
}
