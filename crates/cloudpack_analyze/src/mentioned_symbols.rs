//! The symbols that a module's printed code needs in its chunk: what live sections mention, what a namespace object
//! refers to, and the wrappers that its requests call. `import()` is not among them: it reaches chunks by name.

use crate::bind_imports::Bindings;
use crate::bind_symbols::{namespace_of, symbol_of, wrapper_of};
use crate::graph::Graph;
use crate::load_edges::used_imports;
use crate::mark_live::Liveness;
use crate::plan_requests::RequestPlans;
use cloudpack_base::{IndexVec, ModuleIdx, SymbolIdx, SymbolRef};
use cloudpack_plan::{Binding, RequestAction, ResolvedExport, RuntimeStar};

/// What `Mentions::of` reads; each field is the result of an earlier pass.
pub(crate) struct Mentions<'g, 'a> {
    pub(crate) graph: &'g Graph<'a>,
    pub(crate) bindings: &'g Bindings<'a>,
    pub(crate) live: &'g Liveness,
    pub(crate) symbols: &'g IndexVec<ModuleIdx, IndexVec<SymbolIdx, Binding>>,
    pub(crate) exports: &'g IndexVec<ModuleIdx, ExportTable>,
}

/// Exports of a module whose namespace or entry chunk may be printed; empty for others.
#[derive(Clone, Default)]
pub(crate) struct ExportTable {
    pub(crate) exports: Vec<ResolvedExport>,
    pub(crate) runtime_stars: Vec<RuntimeStar>,
}

impl ExportTable {
    pub(crate) fn symbols(&self) -> impl Iterator<Item = SymbolRef> + '_ {
        let exports = self.exports.iter().filter_map(|export| symbol_of(&export.binding));
        exports.chain(self.runtime_stars.iter().filter_map(|star| star.object))
    }
}

impl Mentions<'_, '_> {
    /// Cost: imported symbols and requests of the module, and its exports if it has a namespace object.
    pub(crate) fn of(
        &self,
        module: ModuleIdx,
        has_namespace: bool,
        requests: &RequestPlans,
        add: &mut impl FnMut(SymbolRef),
    ) {
        for import in used_imports(self.bindings, self.live, module) {
            if let Some(symbol) = self.symbols[module].get(import.symbol).and_then(symbol_of) {
                add(symbol);
            }
        }
        if has_namespace {
            self.exports[module].symbols().for_each(&mut *add);
        }
        for plan in &requests[module] {
            let Some(target) = plan.target else { continue };
            match &plan.action {
                RequestAction::Init { modules } => modules.iter().for_each(|wrapped| add(wrapper_of(*wrapped))),
                RequestAction::Interop { .. } if !self.graph.is_external(target) => add(wrapper_of(target)),
                RequestAction::RequireCjs => add(wrapper_of(target)),
                RequestAction::RequireEsm => {
                    add(wrapper_of(target));
                    add(namespace_of(target));
                }
                RequestAction::RequireDefault => {
                    add(wrapper_of(target));
                    if let Some(symbol) = self.default_of(target) {
                        add(symbol);
                    }
                }
                _ => {}
            }
        }
    }

    fn default_of(&self, module: ModuleIdx) -> Option<SymbolRef> {
        let export = self.exports[module].exports.iter().find(|export| &*export.exported == "default")?;
        symbol_of(&export.binding)
    }
}
