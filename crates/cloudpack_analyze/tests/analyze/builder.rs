//! Summaries in a few words, and plans as text. `module("a.js").import("b.js", "x, default as d, * as ns")` states what
//! a summariser would; `run()` gives the plan with questions that a test asks. A specifier is the target's id; one that
//! begins with `ext:` is external, any other unknown one does not resolve.

use cloudpack_analyze::{
    AnalyzeDiagnostic, AnalyzeOptions, Entry, EntryKind, Graph, GraphModule, GraphModuleKind, NamedGroup, OutputFormat,
    analyze,
};
use cloudpack_base::{IndexVec, ModuleIdx, RequestIdx, SectionIdx, Severity, SymbolIdx, SymbolRef};
use cloudpack_plan::{Binding, ChunkPlan, ImportThen, LinkPlan, ModulePlan, RequestAction, Wrap};
use cloudpack_summary::{
    Conditions, ConstantValue, DeclarationKind, ImportName, ImportRecord, IndirectExport, LocalExport, ModuleFlags,
    ModuleFormat, ModuleSummary, NAMESPACE_SYMBOL, RequestFlags, RequestKind, Section, SectionFlags, SizeClass, Symbol,
    SymbolFlags, SymbolKind, WRAPPER_SYMBOL, base_name_of,
};

pub(crate) struct ModuleBuilder {
    id: String,
    summary: ModuleSummary,
    side_effects: bool,
}

pub(crate) fn module(id: &str) -> ModuleBuilder {
    let mut summary = ModuleSummary::empty(ModuleFormat::EsModule, &base_name_of(id));
    summary.flags.insert(ModuleFlags::ES_SYNTAX);
    ModuleBuilder { id: id.to_owned(), summary, side_effects: true }
}

/// CommonJS with one section that requires `targets`.
pub(crate) fn commonjs(id: &str, targets: &[&str]) -> ModuleBuilder {
    let mut built = module(id);
    built.summary = ModuleSummary::empty(ModuleFormat::CommonJs, &base_name_of(id));
    targets.iter().fold(section(), |section, target| section.require(target)).effect().end(built)
}

/// A style sheet with `@import`s; a specifier in parentheses is imported under conditions.
pub(crate) fn sheet(id: &str, imports: &[&str]) -> ModuleBuilder {
    let mut built = module(id);
    built.summary = ModuleSummary::empty(ModuleFormat::Css, &base_name_of(id));
    built.summary.flags.insert(ModuleFlags::HAS_CSS);
    for specifier in imports {
        let plain = specifier.trim_matches(['(', ')']);
        let request = built.request(plain, RequestKind::CssImport);
        if plain != *specifier {
            built.summary.requests[request].flags.insert(RequestFlags::CONDITIONAL);
        }
    }
    built
}

/// One section in the making: what it mentions by local name (`ns.x` for a member), and its requests.
#[derive(Default)]
pub(crate) struct SectionBuilder {
    declares: Vec<(String, DeclarationKind, Option<ConstantValue>, SymbolFlags)>,
    uses: Vec<String>,
    requests: Vec<(String, RequestKind, RequestFlags)>,
    flags: SectionFlags,
    pure_if: Vec<String>,
}

pub(crate) fn section() -> SectionBuilder {
    SectionBuilder::default()
}

impl SectionBuilder {
    fn with(mut self, name: &str, kind: DeclarationKind, constant: Option<ConstantValue>, flags: SymbolFlags) -> Self {
        self.declares.push((name.to_owned(), kind, constant, flags));
        self
    }
    pub(crate) fn function(self, name: &str) -> Self {
        self.with(name, DeclarationKind::Function, None, SymbolFlags::default())
    }
    pub(crate) fn pure_function(self, name: &str) -> Self {
        self.with(name, DeclarationKind::Function, None, SymbolFlags::PURE_FUNCTION)
    }
    pub(crate) fn constant(self, name: &str, value: ConstantValue) -> Self {
        self.with(name, DeclarationKind::Const, Some(value), SymbolFlags::default())
    }
    pub(crate) fn reassigned(self, name: &str, value: ConstantValue) -> Self {
        self.with(name, DeclarationKind::Let, Some(value), SymbolFlags::REASSIGNED)
    }
    pub(crate) fn uses(mut self, names: &[&str]) -> Self {
        self.uses.extend(names.iter().map(|name| (*name).to_owned()));
        self
    }
    pub(crate) fn pure_if(mut self, names: &[&str]) -> Self {
        self.pure_if.extend(names.iter().map(|name| (*name).to_owned()));
        self.uses(names)
    }
    pub(crate) fn effect(mut self) -> Self {
        self.flags.insert(SectionFlags::SIDE_EFFECTS);
        self
    }
    pub(crate) fn awaits(mut self) -> Self {
        self.flags.insert(SectionFlags::AWAIT);
        self.effect()
    }
    pub(crate) fn request(mut self, specifier: &str, kind: RequestKind) -> Self {
        self.requests.push((specifier.to_owned(), kind, RequestFlags::default()));
        self
    }
    pub(crate) fn flagged(mut self, flags: RequestFlags) -> Self {
        self.requests.last_mut().unwrap().2.insert(flags);
        self
    }
    pub(crate) fn dynamic(self, specifier: &str) -> Self {
        self.request(specifier, RequestKind::Dynamic)
    }
    pub(crate) fn require(self, specifier: &str) -> Self {
        self.request(specifier, RequestKind::Require)
    }
    fn end(self, module: ModuleBuilder) -> ModuleBuilder {
        module.section(self)
    }
}

impl ModuleBuilder {
    fn request(&mut self, specifier: &str, kind: RequestKind) -> RequestIdx {
        let known = self.summary.requests.iter_enumerated().find(|(_, record)| {
            kind.is_static() && kind == record.kind && &*record.specifier == specifier && kind != RequestKind::CssImport
        });
        if let Some((request, _)) = known {
            return request;
        }
        self.summary.requests.push(ImportRecord {
            specifier: specifier.into(),
            kind,
            attributes: Vec::new(),
            flags: RequestFlags::default(),
        })
    }

    fn bound_request(&mut self, specifier: &str) -> RequestIdx {
        let request = self.request(specifier, RequestKind::Static);
        let known = self.summary.symbols.iter().any(|symbol| symbol.kind == SymbolKind::Interop { request });
        if !known {
            let name = format!("import_{}", base_name_of(specifier)).into();
            self.summary.symbols.push(Symbol { name, kind: SymbolKind::Interop { request } });
        }
        request
    }

    /// `x as y, * as ns` -> symbols, with their local names.
    fn import_symbols(&mut self, specifier: &str, names: &str) -> Vec<(String, SymbolIdx)> {
        let request = self.bound_request(specifier);
        names
            .split(", ")
            .map(|name| {
                let (imported, local) = name.split_once(" as ").unwrap_or((name, name));
                let name = if imported == "*" { ImportName::Namespace } else { ImportName::Named(imported.into()) };
                let kind = SymbolKind::Import { request, name, namespace: None, is_called: false };
                (local.to_owned(), self.summary.symbols.push(Symbol { name: local.into(), kind }))
            })
            .collect()
    }

    pub(crate) fn import(mut self, specifier: &str, names: &str) -> Self {
        self.import_symbols(specifier, names);
        self
    }
    pub(crate) fn bare(mut self, specifier: &str) -> Self {
        self.request(specifier, RequestKind::Static);
        self
    }
    pub(crate) fn imports_as(mut self, specifier: &str, kind: RequestKind) -> Self {
        self.request(specifier, kind);
        self
    }
    /// `export { x as y } from`, `export * as ns from`.
    pub(crate) fn export_from(mut self, specifier: &str, names: &str) -> Self {
        for (exported, symbol) in self.import_symbols(specifier, names) {
            self.summary.indirect_exports.push(IndirectExport { exported: exported.into(), symbol });
        }
        self
    }
    pub(crate) fn export_star(mut self, specifier: &str) -> Self {
        let request = self.bound_request(specifier);
        self.summary.star_exports.push(request);
        self
    }
    /// `export { local as exported }`
    pub(crate) fn export(mut self, names: &str) -> Self {
        for name in names.split(", ") {
            let (local, exported) = name.split_once(" as ").unwrap_or((name, name));
            let symbol = self.symbol(local);
            self.summary.local_exports.push(LocalExport { exported: exported.into(), symbol, copy_of: None });
        }
        self
    }
    pub(crate) fn section(mut self, section: SectionBuilder) -> Self {
        let index = self.summary.sections.next_index();
        let mut built = Section { flags: section.flags, ..Section::default() };
        for (name, kind, constant, flags) in section.declares {
            let known = self.summary.symbols.iter_enumerated().find(|(_, symbol)| *symbol.name == *name);
            let symbol = match known {
                Some((symbol, _)) => symbol,
                None => {
                    let kind = SymbolKind::Declared { kind, section: index, constant, flags };
                    self.summary.symbols.push(Symbol { name: name.into(), kind })
                }
            };
            built.declares.push(symbol);
        }
        for (specifier, kind, flags) in section.requests {
            let request = self.request(&specifier, kind);
            self.summary.requests[request].flags.insert(flags);
            built.requests.push(request);
        }
        // Names may be declared further down; `finish` looks them up.
        built.uses = section.uses.iter().map(|name| self.late_symbol(name)).collect();
        let pure_if = section.pure_if.iter().map(|name| self.late_symbol(name)).collect();
        built.set_conditions(Conditions { pure_if, ..Conditions::default() });
        self.summary.sections.push(built);
        self
    }
    /// An exported function that uses `uses`: the most common section.
    pub(crate) fn exports_function(self, name: &str, uses: &[&str]) -> Self {
        self.section(section().function(name).uses(uses)).export(name)
    }
    /// A statement with side effects that uses `uses`.
    pub(crate) fn runs(self, uses: &[&str]) -> Self {
        self.section(section().effect().uses(uses))
    }
    pub(crate) fn size(mut self, bytes: usize) -> Self {
        self.summary.size = SizeClass::of_bytes(bytes);
        self
    }
    pub(crate) fn no_side_effects(mut self) -> Self {
        self.side_effects = false;
        self
    }
    pub(crate) fn flag(mut self, flag: ModuleFlags) -> Self {
        self.summary.flags.insert(flag);
        self
    }
    pub(crate) fn format(mut self, format: ModuleFormat) -> Self {
        self.summary.format = format;
        self.summary.flags = ModuleFlags::default();
        self
    }

    fn find(&self, name: &str) -> Option<SymbolIdx> {
        self.summary.symbols.iter_enumerated().skip(2).find(|(_, symbol)| &*symbol.name == name).map(|(index, _)| index)
    }

    fn symbol(&mut self, name: &str) -> SymbolIdx {
        if let Some(known) = self.find(name) {
            return known;
        }
        let (namespace, property) = name.split_once('.').unwrap_or_else(|| panic!("{} declares no {name}", self.id));
        let namespace = self.symbol(namespace);
        let SymbolKind::Import { request, .. } = self.summary.symbols[namespace].kind else { panic!("{name}") };
        let kind = SymbolKind::Import {
            request,
            name: ImportName::Named(property.into()),
            namespace: Some(namespace),
            is_called: false,
        };
        self.summary.symbols.push(Symbol { name: name.into(), kind })
    }

    fn late_symbol(&mut self, name: &str) -> SymbolIdx {
        self.symbol(name)
    }

    fn finish(&mut self) {
        // Of one size, unless a test says otherwise, and so large that nobody loads one in vain.
        if self.summary.size == SizeClass::default() {
            self.summary.size = SizeClass::of_bytes(1_000_000);
        }
        self.summary.local_exports.sort_by(|left, right| left.exported.cmp(&right.exported));
        self.summary.indirect_exports.sort_by(|left, right| left.exported.cmp(&right.exported));
        for section in self.summary.sections.iter_mut() {
            section.uses.sort_unstable();
            section.uses.dedup();
        }
    }
}

pub(crate) struct App {
    pub(crate) options: AnalyzeOptions,
    modules: Vec<ModuleBuilder>,
    entries: Vec<(String, EntryKind)>,
    external_side_effects: bool,
    /// Per module: the named groups that want it.
    named: Vec<Vec<u32>>,
}

/// Entries are ids in one string: `a.js b.js`.
pub(crate) fn app(entries: &str, modules: impl IntoIterator<Item = ModuleBuilder>) -> App {
    App {
        options: AnalyzeOptions::default(),
        modules: modules.into_iter().collect(),
        entries: entries.split(' ').map(|id| (id.to_owned(), EntryKind::User)).collect(),
        external_side_effects: true,
        named: Vec::new(),
    }
}

impl App {
    pub(crate) fn format(mut self, format: OutputFormat) -> Self {
        self.options.format = format;
        self
    }
    pub(crate) fn without_splitting(mut self) -> Self {
        self.options.code_splitting = false;
        self
    }
    pub(crate) fn with(mut self, change: impl FnOnce(&mut AnalyzeOptions)) -> Self {
        change(&mut self.options);
        self
    }
    /// A chunk that the user named, with the modules that it wants.
    pub(crate) fn named(mut self, name: &str, ids: &str, change: impl FnOnce(&mut NamedGroup)) -> Self {
        let mut group = NamedGroup {
            name: name.to_owned(),
            priority: 0.0,
            place: self.options.named_groups.len() as u32,
            min_size: 0,
            max_size: None,
            min_share_count: 1,
            min_module_size: 0,
            max_module_size: None,
        };
        change(&mut group);
        let index = self.options.named_groups.len() as u32;
        self.options.named_groups.push(group);
        self.named.resize(self.modules.len(), Vec::new());
        for (module, named) in self.modules.iter().zip(&mut self.named) {
            if ids.split(' ').any(|id| id == module.id) {
                named.push(index);
            }
        }
        self
    }
    pub(crate) fn externals_without_side_effects(mut self) -> Self {
        self.external_side_effects = false;
        self
    }

    pub(crate) fn run(mut self) -> Outcome {
        for module in &mut self.modules {
            module.finish();
        }
        self.named.resize(self.modules.len(), Vec::new());
        let mut ids: Vec<String> = self.modules.iter().map(|module| module.id.clone()).collect();
        let internal = ids.len();
        let mut resolved: Vec<Vec<Option<ModuleIdx>>> = Vec::new();
        for module in &self.modules {
            let targets = module.summary.requests.iter().map(|record| {
                let known = ids.iter().position(|id| **id == *record.specifier);
                let at = known.or_else(|| {
                    record.specifier.starts_with("ext:").then(|| {
                        ids.push(record.specifier.to_string());
                        ids.len() - 1
                    })
                });
                at.map(|at| ModuleIdx(at as u32))
            });
            resolved.push(targets.collect());
        }
        let modules: IndexVec<ModuleIdx, GraphModule<'_>> = ids
            .iter()
            .enumerate()
            .map(|(index, id)| match self.modules.get(index) {
                Some(module) => GraphModule {
                    id,
                    kind: GraphModuleKind::Internal(&module.summary),
                    side_effects: module.side_effects,
                    keep: false,
                    named_groups: &self.named[index],
                    resolved: &resolved[index],
                },
                None => GraphModule {
                    id,
                    kind: GraphModuleKind::External { specifier: id },
                    side_effects: self.external_side_effects,
                    keep: false,
                    named_groups: &[],
                    resolved: &[],
                },
            })
            .collect();
        let entries = self.entries.iter().map(|(id, kind)| Entry {
            module: ModuleIdx(ids.iter().position(|known| known == id).unwrap() as u32),
            name: id.split('.').next().unwrap(),
            kind: *kind,
        });
        let graph = Graph { entries: entries.collect(), modules };
        let (plan, diagnostics) = analyze(&graph, &self.options);
        let again = analyze(&graph, &self.options);
        assert!(again.0 == plan && again.1 == diagnostics, "the same graph gives the same plan");
        let summaries = self.modules.into_iter().map(|module| module.summary).collect();
        check_plan(&plan, internal);
        Outcome { plan, diagnostics, ids, summaries, format: self.options.format }
    }
}

/// What every plan obeys.
fn check_plan(plan: &LinkPlan, internal: usize) {
    for (index, module) in plan.modules.iter_enumerated() {
        if !module.live_sections.is_empty() {
            assert!(module.chunk.is_some(), "{index:?} has live sections and no chunk");
        }
        if let Some(chunk) = module.chunk {
            assert!(plan.chunks[chunk].modules.contains(&index), "a module lies in the chunk that it names");
        }
    }
    for (index, chunk) in plan.chunks.iter_enumerated() {
        assert!(chunk.modules.is_sorted_by_key(|module| plan.modules[*module].exec_order));
        for module in &chunk.modules {
            assert_eq!(plan.modules[*module].chunk, Some(index), "a module lies in one chunk");
        }
        for import in &chunk.imports {
            assert_ne!(import.chunk, index);
            for symbol in &import.symbols {
                assert_eq!(plan.modules[symbol.module].chunk, Some(import.chunk));
                assert!(plan.chunks[import.chunk].exports.contains(symbol), "what is taken is offered");
            }
        }
        for external in &chunk.externals {
            assert!(external.module.0 as usize >= internal);
        }
    }
}

pub(crate) struct Outcome {
    pub(crate) plan: LinkPlan,
    pub(crate) diagnostics: Vec<AnalyzeDiagnostic>,
    ids: Vec<String>,
    summaries: Vec<ModuleSummary>,
    format: OutputFormat,
}

impl Outcome {
    /// Fails on an error, so that a test cannot pass on a program that is refused.
    pub(crate) fn accepted(self) -> Self {
        assert!(
            self.diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error),
            "{:?}",
            self.diagnostics
        );
        self
    }
    pub(crate) fn index(&self, id: &str) -> ModuleIdx {
        ModuleIdx(self.ids.iter().position(|known| known == id).unwrap_or_else(|| panic!("no module {id}")) as u32)
    }
    pub(crate) fn module(&self, id: &str) -> &ModulePlan {
        &self.plan.modules[self.index(id)]
    }
    fn summary(&self, id: &str) -> &ModuleSummary {
        &self.summaries[self.index(id).0 as usize]
    }
    /// Ids of live modules in execution order.
    pub(crate) fn live(&self) -> String {
        let mut live: Vec<(u32, &str)> = self
            .plan
            .modules
            .iter_enumerated()
            .filter(|(_, module)| module.live)
            .map(|(index, module)| (module.exec_order, self.id(index)))
            .collect();
        live.sort_unstable();
        live.into_iter().map(|(_, id)| id).collect::<Vec<_>>().join(" ")
    }
    /// Live sections of a module by what they declare; `!` for one that declares nothing.
    pub(crate) fn sections(&self, id: &str) -> String {
        let summary = self.summary(id);
        let name = |section: SectionIdx| match summary.sections[section].declares.first() {
            Some(symbol) => summary.symbols[*symbol].name.to_string(),
            None => "!".to_owned(),
        };
        self.module(id).live_sections.iter().map(name).collect::<Vec<_>>().join(" ")
    }
    pub(crate) fn binding(&self, id: &str, local: &str) -> String {
        let symbols = &self.summary(id).symbols;
        let symbol = symbols.iter_enumerated().skip(2).find(|(_, symbol)| &*symbol.name == local);
        self.show_binding(&self.module(id).bindings[symbol.unwrap_or_else(|| panic!("{id} has no {local}")).0])
    }
    /// `name=binding` for each export, then `*object` for each source of names known at run time.
    pub(crate) fn exports(&self, id: &str) -> String {
        let module = self.module(id);
        let exports = module.exports.iter().map(|e| format!("{}={}", e.exported, self.show_binding(&e.binding)));
        let stars = module.runtime_stars.iter().map(|star| match star.object {
            Some(object) => format!("*{}", self.show_symbol(object)),
            None => format!("*{}", self.id(star.target)),
        });
        exports.chain(stars).collect::<Vec<_>>().join(" ")
    }
    fn show_binding(&self, binding: &Binding) -> String {
        match binding {
            Binding::Symbol(symbol) => self.show_symbol(*symbol),
            Binding::Property { object, property } => format!("{}.{property}", self.show_symbol(*object)),
            Binding::Constant(ConstantValue::Number(number)) => format!("={number}"),
            Binding::Constant(ConstantValue::String(text)) => format!("={text:?}"),
            Binding::Constant(other) => format!("={other:?}"),
            Binding::Undefined => "undefined".to_owned(),
        }
    }
    /// `b.js:x`, `b.js:*` (namespace), `b.js()` (wrapper), `ext:react:useState`.
    pub(crate) fn show_symbol(&self, symbol: SymbolRef) -> String {
        let id = self.id(symbol.module);
        if let Some(summary) = self.summaries.get(symbol.module.0 as usize) {
            return match symbol.symbol {
                NAMESPACE_SYMBOL => format!("{id}:*"),
                WRAPPER_SYMBOL => format!("{id}()"),
                other => format!("{id}:{}", summary.symbols[other].name),
            };
        }
        if self.format != OutputFormat::Es {
            return format!("{id}#{}", symbol.symbol.0);
        }
        match &self.plan.modules[symbol.module].external_names[symbol.symbol.0 as usize] {
            ImportName::Namespace => format!("{id}:*"),
            ImportName::Named(name) => format!("{id}:{name}"),
        }
    }
    pub(crate) fn id(&self, module: ModuleIdx) -> &str {
        &self.ids[module.0 as usize]
    }
    /// The action at the request of `id` for `specifier`.
    pub(crate) fn action(&self, id: &str, specifier: &str) -> String {
        let requests = self.summary(id).requests.iter_enumerated();
        let actions = requests
            .filter(|(_, record)| &*record.specifier == specifier)
            .map(|(request, _)| self.show_action(id, request));
        // A specifier may be imported and loaded lazily.
        let mut actions: Vec<String> = actions.filter(|action| action != "none").collect();
        assert!(actions.len() < 2, "{actions:?}");
        actions.pop().unwrap_or_else(|| "none".to_owned())
    }
    fn show_action(&self, id: &str, request: RequestIdx) -> String {
        let then = |then: &ImportThen| match then {
            ImportThen::Chunk => "",
            ImportThen::Namespace => " namespace",
            ImportThen::CommonJs { node_mode: false } => " cjs",
            ImportThen::CommonJs { node_mode: true } => " cjs-node",
        };
        match &self.module(id).requests[request].action {
            RequestAction::None => "none".to_owned(),
            RequestAction::Init { modules } => {
                let names: Vec<&str> = modules.iter().map(|module| self.id(*module)).collect();
                format!("init {}", names.join(" "))
            }
            RequestAction::Interop { symbol: Some(_), node_mode: true } => "interop node".to_owned(),
            RequestAction::Interop { symbol: Some(_), node_mode: false } => "interop".to_owned(),
            RequestAction::Interop { symbol: None, .. } => "run".to_owned(),
            RequestAction::ImportChunk { chunk, then: how } => {
                format!("import {}{}", self.plan.chunks[*chunk].name, then(how))
            }
            RequestAction::ImportInline { then: how } => format!("inline{}", then(how)),
            RequestAction::WorkerUrl { chunk } => format!("worker {}", self.plan.chunks[*chunk].name),
            other => format!("{other:?}"),
        }
    }
    pub(crate) fn wrap(&self, id: &str) -> Wrap {
        self.module(id).wrap
    }
    /// Ids of ES modules that are wrapped.
    pub(crate) fn wrapped(&self) -> String {
        let wrapped = self.plan.modules.iter_enumerated().filter(|(_, module)| module.wrap == Wrap::Esm);
        wrapped.map(|(index, _)| self.id(index)).collect::<Vec<_>>().join(" ")
    }
    pub(crate) fn chunk(&self, name: &str) -> &ChunkPlan {
        self.plan.chunks.iter().find(|chunk| chunk.name == name).unwrap_or_else(|| panic!("no chunk {name}"))
    }
    /// One line a chunk: `Kind name [modules] <- imported{symbols}`.
    pub(crate) fn chunks(&self) -> Vec<String> {
        let show = |chunk: &ChunkPlan| {
            let modules: Vec<&str> = chunk.modules.iter().map(|module| self.id(*module)).collect();
            let mut line = format!("{:?} {} [{}]", chunk.kind, chunk.name, modules.join(" "));
            for import in &chunk.imports {
                let symbols: Vec<String> = import.symbols.iter().map(|symbol| self.show_symbol(*symbol)).collect();
                line.push_str(&format!(" <- {}{{{}}}", self.plan.chunks[import.chunk].name, symbols.join(" ")));
            }
            for external in &chunk.externals {
                let symbols: Vec<String> = external.symbols.iter().map(|symbol| self.show_symbol(*symbol)).collect();
                line.push_str(&format!(" <- {}{{{}}}", self.id(external.module), symbols.join(" ")));
            }
            line
        };
        self.plan.chunks.iter().map(show).collect()
    }
    /// Style sheets of a chunk; `(x)` for one under conditions.
    pub(crate) fn css(&self, chunk: &str) -> String {
        let show = |part: &cloudpack_plan::CssPart| match part.conditions.len() {
            0 => self.id(part.module).to_owned(),
            depth => format!("{}{}{}", "(".repeat(depth), self.id(part.module), ")".repeat(depth)),
        };
        self.chunk(chunk).css.iter().map(show).collect::<Vec<_>>().join(" ")
    }
    pub(crate) fn codes(&self) -> Vec<&str> {
        self.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
    }
}
