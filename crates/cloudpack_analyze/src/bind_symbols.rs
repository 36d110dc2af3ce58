//! What the linker prints for each symbol of a live module, now that it is known which names of external modules are
//! wanted and how the output addresses them.

use crate::bind_imports::{Bindings, ExportEntry, Import, ModuleExports};
use crate::graph::Graph;
use crate::mark_live::Liveness;
use crate::options::{AnalyzeOptions, OutputFormat};
use crate::plain_reads::PlainReads;
use crate::resolve_exports::{ExternalName, Target};
use crate::star_exports::RuntimeStarSource;
use cloudpack_base::{IndexVec, ModuleIdx, SymbolIdx, SymbolRef};
use cloudpack_plan::{Binding, EXTERNAL_ESM, EXTERNAL_NODE_ESM, EXTERNAL_REQUIRE, ResolvedExport, RuntimeStar};
use cloudpack_summary::{ImportName, ModuleSummary, NAMESPACE_SYMBOL, SymbolKind, WRAPPER_SYMBOL};
use rustc_hash::FxHashMap;

/// How external modules are addressed in one output format.
pub(crate) struct ExternalNames {
    format: OutputFormat,
    /// Only in format `es`: sorted names of each module.
    names: FxHashMap<ModuleIdx, Vec<ImportName>>,
}

impl ExternalNames {
    pub(crate) fn new(live: &Liveness, format: OutputFormat) -> Self {
        let mut names: FxHashMap<ModuleIdx, Vec<ImportName>> = FxHashMap::default();
        if format == OutputFormat::Es {
            for (module, name) in &live.external_names {
                names.entry(*module).or_default().push(name.clone());
            }
        }
        Self { format, names }
    }

    /// `ModulePlan::external_names` of an external module.
    pub(crate) fn table(&self, module: ModuleIdx) -> Vec<ImportName> {
        match self.format {
            OutputFormat::Es => self.names.get(&module).cloned().unwrap_or_default(),
            OutputFormat::Cjs | OutputFormat::Iife => vec![ImportName::Namespace; 3],
        }
    }

    fn es_symbol(&self, module: ModuleIdx, name: &ImportName) -> Option<SymbolRef> {
        let at = self.names.get(&module)?.binary_search(name).ok()?;
        Some(SymbolRef::new(module, SymbolIdx(at as u32)))
    }

    /// The object that `__reExport` copies from.
    fn star_object(&self, module: ModuleIdx) -> Option<SymbolRef> {
        match self.format {
            OutputFormat::Es => self.es_symbol(module, &ImportName::Namespace),
            OutputFormat::Cjs | OutputFormat::Iife => Some(SymbolRef::new(module, EXTERNAL_REQUIRE)),
        }
    }

    fn bind(&self, module: ModuleIdx, name: ExternalName<'_>, node_mode: bool) -> Binding {
        if self.format == OutputFormat::Es {
            let (wanted, member) = match name {
                ExternalName::Namespace => (ImportName::Namespace, None),
                ExternalName::Named(name) => (ImportName::Named(name.into()), None),
                ExternalName::Member(name) => (ImportName::Namespace, Some(name)),
            };
            return match (self.es_symbol(module, &wanted), member) {
                (None, _) => Binding::Undefined,
                (Some(symbol), None) => Binding::Symbol(symbol),
                (Some(object), Some(member)) => Binding::Property { object, property: member.into() },
            };
        }
        let namespace = SymbolRef::new(module, if node_mode { EXTERNAL_NODE_ESM } else { EXTERNAL_ESM });
        match name {
            ExternalName::Namespace => Binding::Symbol(namespace),
            ExternalName::Named(name @ "default") | ExternalName::Member(name @ "default") => {
                Binding::Property { object: namespace, property: name.into() }
            }
            ExternalName::Named(name) | ExternalName::Member(name) => {
                Binding::Property { object: SymbolRef::new(module, EXTERNAL_REQUIRE), property: name.into() }
            }
        }
    }

    fn bind_target(&self, target: Target<'_>) -> Binding {
        match target {
            Target::Symbol(symbol) => Binding::Symbol(symbol),
            Target::Property { object, property } => Binding::Property { object, property: property.into() },
            Target::External { module, name, node_mode } => self.bind(module, name, node_mode),
        }
    }
}

/// Parallel to the summary's symbols; empty for dead and external modules. Cost: symbols of live modules.
pub(crate) fn bind_symbols(
    graph: &Graph<'_>,
    live: &Liveness,
    bindings: &Bindings<'_>,
    externals: &ExternalNames,
    reads: &PlainReads<'_, '_>,
    options: &AnalyzeOptions,
) -> IndexVec<ModuleIdx, IndexVec<SymbolIdx, Binding>> {
    let of_module = |module: ModuleIdx| {
        let summary = graph.summary(module).filter(|_| live.modules.contains(module));
        let Some(summary) = summary else { return IndexVec::new() };
        let mut bound: IndexVec<SymbolIdx, Binding> =
            summary.symbols.indices().map(|symbol| Binding::Symbol(SymbolRef::new(module, symbol))).collect();
        for import in bindings.imports(module) {
            bound[import.symbol] = match import.import {
                Import::Found(found) => externals.bind_target(found.target),
                Import::Constant { value, .. } => Binding::Constant(value.clone()),
                Import::Undefined => Binding::Undefined,
            };
        }
        if options.inline_constants {
            bind_plain_members(summary, module, bindings, reads, &mut bound);
        }
        bound
    };
    graph.modules.indices().map(of_module).collect()
}

/// `config.isOn`, where nobody can have changed it.
fn bind_plain_members(
    summary: &ModuleSummary,
    module: ModuleIdx,
    bindings: &Bindings<'_>,
    reads: &PlainReads<'_, '_>,
    bound: &mut IndexVec<SymbolIdx, Binding>,
) {
    for import in bindings.imports(module).iter().filter(|import| import.is_property) {
        let SymbolKind::Import { is_called, .. } = summary.symbols[import.symbol].kind else { continue };
        if let Some((object, value)) = reads.constant(SymbolRef::new(module, import.symbol), is_called)
            && !reads.is_out(object)
        {
            bound[import.symbol] = Binding::Constant(value.clone());
        }
    }
}

pub(crate) fn resolved_exports(exports: &ModuleExports<'_>, externals: &ExternalNames) -> Vec<ResolvedExport> {
    let resolve = |entry: &ExportEntry<'_>| ResolvedExport {
        exported: entry.name.into(),
        binding: externals.bind_target(entry.found.target),
        local: entry.local,
    };
    exports.entries.iter().map(resolve).collect()
}

pub(crate) fn runtime_stars(
    graph: &Graph<'_>,
    bindings: &Bindings<'_>,
    exports: &ModuleExports<'_>,
    externals: &ExternalNames,
) -> Vec<RuntimeStar> {
    let resolve = |star: &RuntimeStarSource| RuntimeStar {
        target: star.target,
        object: if graph.is_external(star.target) {
            externals.star_object(star.target)
        } else {
            bindings.interop.get(star.holder, star.request)
        },
    };
    exports.runtime_stars.iter().map(resolve).collect()
}

/// The symbol that a mention with this binding needs in its chunk.
pub(crate) fn symbol_of(binding: &Binding) -> Option<SymbolRef> {
    match binding {
        Binding::Symbol(symbol) | Binding::Property { object: symbol, .. } => Some(*symbol),
        Binding::Constant(_) | Binding::Undefined => None,
    }
}

pub(crate) fn namespace_of(module: ModuleIdx) -> SymbolRef {
    SymbolRef::new(module, NAMESPACE_SYMBOL)
}

pub(crate) fn wrapper_of(module: ModuleIdx) -> SymbolRef {
    SymbolRef::new(module, WRAPPER_SYMBOL)
}
