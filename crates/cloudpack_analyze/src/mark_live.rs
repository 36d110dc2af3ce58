//! Section garbage collection (what users call tree shaking): walks call edges from the roots and says which sections,
//! modules, names and requests are wanted.
//!
//! Roots are the entry points: all their exports, and what they run. A module that is *reached* (an entry, or the
//! target of a reached module's import that has side effects at module level, or the home of a used symbol) keeps its
//! sections with side effects; everything else is kept only along call edges. A barrel that is free of side effects
//! is therefore skipped: `import { a } from "./barrel"` reaches the module that defines `a`, the modules with side
//! effects on the way, and nothing else of the barrel.

use crate::bind_imports::{Bindings, BoundImport, Import};
use crate::execution_order::ExecutionOrder;
use crate::graph::{Graph, is_unconditional};
use crate::options::AnalyzeOptions;
use crate::plain_reads::{PlainReads, Read};
use crate::resolve_exports::{ExternalName, Found, Target};
use crate::symbol_set::SymbolSet;
use crate::want_commonjs::DefaultImport;
use cloudpack_base::{IndexVec, ModuleIdx, RequestIdx, SectionIdx, SymbolIdx, SymbolRef};
use cloudpack_plan::BitSet;
use cloudpack_summary::{
    ImportName, ModuleFlags, ModuleSummary, NAMESPACE_SYMBOL, RequestFlags, RequestKind, Section, SectionFlags,
    SymbolFlags, SymbolKind,
};
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) struct Liveness {
    /// Modules of which something is wanted.
    pub(crate) modules: BitSet<ModuleIdx>,
    pub(crate) sections: IndexVec<ModuleIdx, BitSet<SectionIdx>>,
    /// Requests of live sections and of live style sheets and documents; static ones are not listed.
    pub(crate) requests: IndexVec<ModuleIdx, BitSet<RequestIdx>>,
    /// Symbols that live sections mention, interop variables and namespace objects that something needs.
    pub(crate) symbols: SymbolSet,
    /// Modules whose namespace object is used as a value.
    pub(crate) namespaces: BitSet<ModuleIdx>,
    /// Modules that it makes a difference to import for nothing: they run something, or import something that does.
    pub(crate) effects: BitSet<ModuleIdx>,
    /// Modules that can observe, or be observed in, the order in which modules run.
    pub(crate) order_sensitive: BitSet<ModuleIdx>,
    /// Targets of live `import()`, in execution order.
    pub(crate) dynamic_entries: Vec<ModuleIdx>,
    /// Targets of live module workers, in execution order. Empty without code splitting.
    pub(crate) workers: Vec<ModuleIdx>,
    /// What live code imports from external modules, sorted.
    /// `PlainReads::out`.
    pub(crate) out: FxHashSet<SymbolRef>,
    pub(crate) external_names: Vec<(ModuleIdx, ImportName)>,
}

enum Work {
    Module(ModuleIdx),
    Section(ModuleIdx, SectionIdx),
    Symbol(SymbolRef),
    /// All exports of a module.
    Exports(ModuleIdx),
}

pub(crate) struct Marker<'g, 'a> {
    pub(crate) graph: &'g Graph<'a>,
    pub(crate) bindings: &'g Bindings<'a>,
    pub(crate) options: &'g AnalyzeOptions,
    /// Sections that declare a symbol besides the one that its declaration names: `var a = 1; var a = 2`.
    redeclared: FxHashMap<SymbolRef, Vec<SectionIdx>>,
    reached: BitSet<ModuleIdx>,
    exports_wanted: BitSet<ModuleIdx>,
    /// CommonJS modules of which nothing may be left out.
    pub(crate) wanted_whole: BitSet<ModuleIdx>,
    files_wanted: BitSet<ModuleIdx>,
    paths_seen: Vec<bool>,
    pub(crate) reads: PlainReads<'g, 'a>,
    /// Work in the module at hand comes before work elsewhere, while its tables are in the cache.
    current: ModuleIdx,
    nearby: Vec<Work>,
    work: Vec<Work>,
    live: Liveness,
}

impl Work {
    fn module(&self) -> ModuleIdx {
        match self {
            Self::Module(module) | Self::Section(module, _) | Self::Exports(module) => *module,
            Self::Symbol(symbol) => symbol.module,
        }
    }
}

/// Cost: call edges of live sections.
pub(crate) fn mark_live(
    graph: &Graph<'_>,
    order: &ExecutionOrder,
    bindings: &Bindings<'_>,
    options: &AnalyzeOptions,
) -> Liveness {
    let count = graph.modules.len();
    let mut marker = Marker {
        graph,
        bindings,
        options,
        redeclared: FxHashMap::default(),
        current: ModuleIdx(u32::MAX),
        nearby: Vec::new(),
        reached: BitSet::with_len(count),
        exports_wanted: BitSet::with_len(count),
        wanted_whole: BitSet::with_len(count),
        files_wanted: BitSet::with_len(count),
        paths_seen: vec![false; bindings.paths.len()],
        reads: PlainReads::new(graph, order, bindings, FxHashSet::default()),
        work: Vec::new(),
        live: Liveness {
            modules: BitSet::with_len(count),
            sections: graph.modules.indices().map(|_| BitSet::default()).collect(),
            requests: graph.modules.indices().map(|_| BitSet::default()).collect(),
            symbols: SymbolSet::new(graph),
            namespaces: BitSet::with_len(count),
            effects: BitSet::with_len(count),
            order_sensitive: BitSet::with_len(count),
            dynamic_entries: Vec::new(),
            workers: Vec::new(),
            external_names: Vec::new(),
            out: FxHashSet::default(),
        },
    };
    for entry in &graph.entries {
        marker.reach(entry.module);
        marker.want_exports(entry.module);
    }
    while let Some(work) = marker.next() {
        match work {
            Work::Module(module) => marker.run_module(module),
            Work::Section(module, section) => marker.keep_section(module, section),
            Work::Symbol(symbol) => marker.keep_symbol(symbol),
            Work::Exports(module) => marker.keep_exports(module),
        }
    }
    marker.finish(order)
}

impl Marker<'_, '_> {
    fn next(&mut self) -> Option<Work> {
        let work = self.nearby.pop().or_else(|| self.work.pop())?;
        self.current = work.module();
        Some(work)
    }

    fn push(&mut self, work: Work) {
        if work.module() == self.current { self.nearby.push(work) } else { self.work.push(work) }
    }

    pub(crate) fn reach(&mut self, module: ModuleIdx) {
        if self.reached.insert(module) {
            self.push(Work::Module(module));
        }
    }

    pub(crate) fn want_section(&mut self, module: ModuleIdx, section: SectionIdx) {
        if self.live.sections[module].insert(section) {
            self.push(Work::Section(module, section));
        }
    }

    pub(crate) fn want_symbol(&mut self, symbol: SymbolRef) {
        if self.live.symbols.insert(symbol) {
            self.push(Work::Symbol(symbol));
        }
    }

    fn want_exports(&mut self, module: ModuleIdx) {
        if self.graph.is_commonjs(module) {
            self.want_whole(module);
        } else if self.exports_wanted.insert(module) {
            self.push(Work::Exports(module));
        }
    }

    fn want_namespace(&mut self, module: ModuleIdx) {
        self.reach(module);
        if self.graph.is_commonjs(module) {
            self.want_whole(module);
        } else if self.live.namespaces.insert(module) {
            self.want_exports(module);
        }
    }

    fn run_module(&mut self, module: ModuleIdx) {
        let Some(summary) = self.graph.summary(module) else { return };
        let is_commonjs = self.graph.is_commonjs(module);
        let is_kept = is_commonjs && summary.commonjs.is_none() || self.graph.is_kept(module);
        let keep_all = is_kept || !self.options.treeshake || summary.flags.contains(ModuleFlags::DIRECT_EVAL);
        let mut is_sensitive = is_commonjs;
        for (index, section) in summary.sections.iter_enumerated() {
            for symbol in section.declares.iter().chain(&section.conditions().effects_with) {
                if let SymbolKind::Declared { section: first, .. } = summary.symbols[*symbol].kind
                    && first != index
                {
                    let symbol = SymbolRef::new(module, *symbol);
                    self.redeclared.entry(symbol).or_default().push(index);
                    // The symbol may have been asked for before its module was reached.
                    if self.live.symbols.contains(symbol) {
                        self.want_section(module, index);
                    }
                }
            }
            for symbol in &section.conditions().effects_with {
                if let Read::Of(object) = self.reads.read(SymbolRef::new(module, *symbol)) {
                    if self.reads.is_out(object) {
                        self.want_section(module, index);
                    } else {
                        self.reads.keep_with(object, module, index);
                    }
                }
            }
            let has_side_effects = is_commonjs && section.flags.contains(SectionFlags::DIRECTIVE)
                || has_side_effects(self.graph, self.bindings, &self.reads, module, summary, section);
            is_sensitive |= has_side_effects || section.flags.contains(SectionFlags::AWAIT);
            if keep_all || has_side_effects {
                self.want_section(module, index);
            }
        }
        if is_sensitive {
            self.live.order_sensitive.insert(module);
        }
        for request in self.graph.requests(module) {
            let Some(target) = request.target else { continue };
            match request.record.kind {
                kind if kind.is_static() && is_run_by_import(self.graph, kind, target, self.options) => {
                    self.reach(target);
                }
                RequestKind::CssUrl | RequestKind::HtmlAsset => self.keep_request(module, request.index),
                _ => {}
            }
        }
    }

    fn keep_section(&mut self, module: ModuleIdx, section: SectionIdx) {
        self.reach(module);
        let Some(section) = self.graph.summary(module).and_then(|summary| summary.sections.get(section)) else {
            return;
        };
        for symbol in &section.uses {
            self.want_symbol(SymbolRef::new(module, *symbol));
        }
        for request in &section.requests {
            self.keep_request(module, *request);
        }
    }

    fn keep_request(&mut self, module: ModuleIdx, index: RequestIdx) {
        if !self.live.requests[module].insert(index) {
            return;
        }
        let record = self.graph.summary(module).and_then(|summary| summary.requests.get(index));
        let (Some(record), Some(target)) = (record, self.graph.target(module, index)) else { return };
        match record.kind {
            RequestKind::Dynamic => {
                self.reach(target);
                self.want_exports(target);
                if !self.graph.is_external(target) {
                    self.live.dynamic_entries.push(target);
                }
            }
            RequestKind::Require => {
                if self.graph.is_value(target) {
                    self.reach(target);
                    self.want_exports(target);
                } else if !self.graph.is_commonjs(target) || !record.flags.contains(RequestFlags::MEMBERS) {
                    self.want_namespace(target);
                } else {
                    self.reach(target);
                }
            }
            RequestKind::Worker if is_in_graph(record.flags, self.options) && !self.graph.is_external(target) => {
                self.reach(target);
                self.want_exports(target);
                self.live.workers.push(target);
            }
            RequestKind::NewUrl | RequestKind::CssUrl | RequestKind::HtmlAsset => {
                self.files_wanted.insert(target);
            }
            RequestKind::RequireResolve => {}
            kind if kind.is_static() => self.reach(target),
            _ => {}
        }
    }

    fn keep_symbol(&mut self, symbol: SymbolRef) {
        let Some(declared) = self.graph.summary(symbol.module).and_then(|summary| summary.symbols.get(symbol.symbol))
        else {
            return;
        };
        match &declared.kind {
            SymbolKind::Linker if symbol.symbol == NAMESPACE_SYMBOL => self.want_namespace(symbol.module),
            SymbolKind::Linker => {}
            SymbolKind::Interop { request } => {
                // The variable lives in the module that imports, so that module is there too.
                self.reach(symbol.module);
                if let Some(target) = self.graph.target(symbol.module, *request) {
                    self.reach(target);
                }
            }
            SymbolKind::Declared { section, .. } => {
                self.want_section(symbol.module, *section);
                for other in self.redeclared.get(&symbol).cloned().unwrap_or_default() {
                    self.want_section(symbol.module, other);
                }
            }
            SymbolKind::Required { request, name, is_called } => {
                if let Some(target) =
                    self.graph.target(symbol.module, *request).filter(|it| self.graph.is_commonjs(*it))
                {
                    self.want_property(target, name, *is_called);
                }
            }
            SymbolKind::Import { is_called, .. } => match self.bindings.import(symbol) {
                Some(BoundImport { import: Import::Found(found), is_property: true, .. }) => {
                    self.keep_member(symbol, found, *is_called);
                }
                Some(BoundImport { import: Import::Found(found), .. }) => self.keep_found(found, *is_called),
                Some(BoundImport { import: Import::Constant { found, .. }, .. }) => {
                    if let Target::Symbol(constant) = found.target {
                        self.reach(constant.module);
                    }
                    self.keep_path(found);
                }
                Some(BoundImport { import: Import::Undefined, .. }) | None => {}
            },
        }
    }

    /// `keeps_receiver`: calling it may pass the object that it is a property of as `this`.
    pub(crate) fn keep_found(&mut self, found: &Found<'_>, keeps_receiver: bool) {
        match found.target {
            Target::Symbol(symbol) => {
                for (module, section) in self.reads.give_out(symbol) {
                    self.want_section(module, section);
                }
                self.want_symbol(symbol);
                if let Some(required) = self.required_by(symbol) {
                    self.want_whole(required);
                }
            }
            Target::Property { object, property } => {
                self.want_symbol(object);
                if let Some(required) = self.required_by(object) {
                    match self.default_import(object.module, required) {
                        _ if property != "default" => self.want_property(required, property, keeps_receiver),
                        DefaultImport::Property => {
                            self.want_property(required, "__esModule", false);
                            self.want_property(required, property, keeps_receiver);
                        }
                        DefaultImport::Whole | DefaultImport::Unknown => self.want_whole(required),
                    }
                }
            }
            Target::External { module, name, .. } => {
                self.reach(module);
                let name = match name {
                    ExternalName::Named(name) => ImportName::Named(name.into()),
                    ExternalName::Namespace | ExternalName::Member(_) => ImportName::Namespace,
                };
                self.live.external_names.push((module, name));
            }
        }
        self.keep_path(found);
    }

    pub(crate) fn keep_path(&mut self, found: &Found<'_>) {
        let mut on_the_way = Vec::new();
        let seen = &mut self.paths_seen;
        self.bindings.paths.walk(
            found.path,
            |node| seen.get_mut(node).is_some_and(|seen| !std::mem::replace(seen, true)),
            |module| on_the_way.push(module),
        );
        for module in on_the_way {
            self.reach(module);
        }
    }

    fn keep_exports(&mut self, module: ModuleIdx) {
        let bindings = self.bindings;
        let Some(exports) = bindings.exports(module) else { return };
        for entry in &exports.entries {
            self.keep_found(&entry.found, false);
        }
        for star in &exports.runtime_stars {
            self.reach(star.target);
            if self.graph.is_external(star.target) {
                self.live.external_names.push((star.target, ImportName::Namespace));
            } else if let Some(symbol) = bindings.interop.get(star.holder, star.request) {
                self.want_symbol(symbol);
                self.want_whole(star.target);
            }
        }
    }

    /// A reached module is live when something of it is wanted, or when importing it runs something.
    fn finish(mut self, order: &ExecutionOrder) -> Liveness {
        let (graph, live) = (self.graph, &mut self.live);
        for target in live.dynamic_entries.iter().chain(&live.workers) {
            live.modules.insert(*target);
        }
        for entry in &graph.entries {
            live.modules.insert(entry.module);
        }
        for module in self.files_wanted.iter() {
            live.modules.insert(module);
        }
        let mut undecided = Vec::new();
        for module in order.order.iter().copied().filter(|module| self.reached.contains(*module)) {
            let is_wanted = graph.is_external(module)
                || !live.sections[module].is_empty()
                || live.namespaces.contains(module)
                || has_interop(graph, self.bindings, &live.symbols, module);
            if is_wanted {
                live.modules.insert(module);
            }
            let runs_something = live.order_sensitive.contains(module)
                || graph.has_flag(module, ModuleFlags::HAS_CSS)
                || graph.is_external(module) && graph.has_side_effects(module)
                || graph.is_kept(module)
                || !self.options.treeshake;
            if runs_something {
                live.effects.insert(module);
                live.modules.insert(module);
            } else {
                undecided.push(module);
            }
        }
        // Dependencies come first, so that one round decides all but cycles.
        loop {
            let before = undecided.len();
            undecided.retain(|module| {
                let runs_something = graph.requests(*module).any(|request| {
                    request.record.kind.is_static()
                        && request.target.is_some_and(|target| {
                            live.effects.contains(target)
                                && is_run_by_import(graph, request.record.kind, target, self.options)
                        })
                });
                if runs_something {
                    live.effects.insert(*module);
                    live.modules.insert(*module);
                }
                !runs_something
            });
            if undecided.len() == before {
                break;
            }
        }
        for list in [&mut live.dynamic_entries, &mut live.workers] {
            list.sort_by_key(|module| order.position[*module]);
            list.dedup();
        }
        live.external_names.sort_unstable();
        live.external_names.dedup();
        live.out = self.reads.finish();
        self.live
    }
}

/// A worker that the plan gives a chunk; others are built apart because their file must be self-contained.
pub(crate) fn is_in_graph(flags: RequestFlags, options: &AnalyzeOptions) -> bool {
    options.splits() && !options.workers_stand_alone && !flags.contains(RequestFlags::CLASSIC_WORKER)
}

/// Whether a static request alone makes its target run.
pub(crate) fn is_run_by_import(
    graph: &Graph<'_>,
    kind: RequestKind,
    target: ModuleIdx,
    options: &AnalyzeOptions,
) -> bool {
    graph.has_side_effects(target) || is_unconditional(kind) || !options.treeshake
}

fn has_interop(graph: &Graph<'_>, bindings: &Bindings<'_>, symbols: &SymbolSet, module: ModuleIdx) -> bool {
    graph
        .requests(module)
        .any(|request| bindings.interop.get(module, request.index).is_some_and(|interop| symbols.contains(interop)))
}

/// Running the section can be observed, after looking through the functions that it calls.
fn has_side_effects(
    graph: &Graph<'_>,
    bindings: &Bindings<'_>,
    reads: &PlainReads<'_, '_>,
    module: ModuleIdx,
    summary: &ModuleSummary,
    section: &Section,
) -> bool {
    if section.flags.contains(SectionFlags::SIDE_EFFECTS) {
        return true;
    }
    let is_pure = |symbol: &SymbolIdx| {
        let mut callee = SymbolRef::new(module, *symbol);
        if let SymbolKind::Import { .. } = summary.symbols[*symbol].kind {
            match bindings.import(callee) {
                Some(BoundImport {
                    import: Import::Found(Found { target: Target::Symbol(canonical), .. }),
                    is_property: false,
                    ..
                }) => callee = *canonical,
                _ => return false,
            }
        }
        let kind = graph.summary(callee.module).and_then(|summary| summary.symbols.get(callee.symbol));
        matches!(kind.map(|symbol| &symbol.kind), Some(SymbolKind::Declared { flags, .. })
            if flags.contains(SymbolFlags::PURE_FUNCTION) && !flags.contains(SymbolFlags::REASSIGNED))
    };
    let is_constant = |symbol: &SymbolIdx| {
        let import = bindings.import(SymbolRef::new(module, *symbol));
        matches!(import, Some(BoundImport { import: Import::Constant { .. }, .. }))
    };
    let may_be_seen = |symbol: &SymbolIdx| matches!(reads.read(SymbolRef::new(module, *symbol)), Read::MayBeSeen);
    !section.conditions().pure_if.iter().all(is_pure)
        || !section.conditions().constant_if.iter().all(is_constant)
        || section.conditions().effects_with.iter().any(may_be_seen)
}
