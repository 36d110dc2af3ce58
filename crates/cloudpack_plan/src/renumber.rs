//! A plan of a part of a graph, whose modules have numbers of their own: every mention of a module is replaced by another.
//! Fields are taken apart by name, so that a new one cannot be forgotten here.

use crate::{Binding, ChunkImport, ChunkPlan, CssPart, ExternalImport, ModulePlan, RequestAction, RequestPlan};
use crate::{ResolvedExport, RuntimeStar};
use cloudpack_base::{ModuleIdx, SymbolRef};

impl ModulePlan {
    /// `to` gives the new number of an old one.
    pub fn renumber(&mut self, to: &impl Fn(ModuleIdx) -> ModuleIdx) {
        let Self {
            live: _,
            exec_order: _,
            wrap: _,
            is_async: _,
            awaits: _,
            pauses: _,
            run_in_place: _,
            chunk: _,
            needs_namespace: _,
            live_sections: _,
            bindings,
            requests,
            exports,
            runtime_stars,
            external_names: _,
        } = self;
        bindings.iter_mut().for_each(|binding| binding.renumber(to));
        for RequestPlan { target, action } in requests.iter_mut() {
            renumber_all(target, to);
            if let RequestAction::Init { modules } = action {
                renumber_all(modules, to);
            }
        }
        for ResolvedExport { exported: _, binding, local } in exports {
            binding.renumber(to);
            local.module = to(local.module);
        }
        for RuntimeStar { target, object } in runtime_stars {
            *target = to(*target);
            renumber_symbols(object, to);
        }
    }
}

impl Binding {
    fn renumber(&mut self, to: &impl Fn(ModuleIdx) -> ModuleIdx) {
        match self {
            Self::Symbol(symbol) | Self::Property { object: symbol, property: _ } => symbol.module = to(symbol.module),
            Self::Constant(_) | Self::Undefined => {}
        }
    }
}

impl ChunkPlan {
    /// `to` gives the new number of an old one.
    pub fn renumber(&mut self, to: &impl Fn(ModuleIdx) -> ModuleIdx) {
        let Self {
            kind: _,
            name: _,
            entry,
            modules,
            css,
            imports,
            externals,
            dynamic_imports: _,
            exports,
            helpers: _,
            is_async: _,
        } = self;
        renumber_all(entry, to);
        renumber_all(modules, to);
        for CssPart { module, conditions } in css {
            *module = to(*module);
            renumber_all(conditions.iter_mut().map(|(module, _)| module), to);
        }
        for ChunkImport { chunk: _, symbols } in imports {
            renumber_symbols(symbols, to);
        }
        for ExternalImport { module, symbols } in externals {
            *module = to(*module);
            renumber_symbols(symbols, to);
        }
        renumber_symbols(exports, to);
    }

    /// Without its modules and their symbols: as much of it as those see that take nothing from it.
    #[must_use]
    pub fn outline(&self) -> Self {
        let imports = self.imports.iter().map(|import| ChunkImport { chunk: import.chunk, symbols: Vec::new() });
        Self {
            kind: self.kind,
            name: self.name.clone(),
            entry: self.entry,
            modules: Vec::new(),
            css: Vec::new(),
            imports: imports.collect(),
            externals: Vec::new(),
            dynamic_imports: self.dynamic_imports.clone(),
            exports: Vec::new(),
            helpers: Vec::new(),
            is_async: self.is_async,
        }
    }
}

fn renumber_all<'m>(modules: impl IntoIterator<Item = &'m mut ModuleIdx>, to: &impl Fn(ModuleIdx) -> ModuleIdx) {
    modules.into_iter().for_each(|module| *module = to(*module));
}

fn renumber_symbols<'m>(symbols: impl IntoIterator<Item = &'m mut SymbolRef>, to: &impl Fn(ModuleIdx) -> ModuleIdx) {
    symbols.into_iter().for_each(|symbol| symbol.module = to(symbol.module));
}
