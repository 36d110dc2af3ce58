//! Small module objects from text with readable marks, a plan for them, and a way to run what is linked.
//!
//! Marks: `‹x›` name, `‹x()›` callee (the parentheses of the call follow in the text), `‹{x}›` shorthand,
//! `‹import b.js›`, `‹require b.js›`, `‹url b.png›`, `‹exports›`, `‹module›`, `‹meta.url›`, `‹own asset›`.
//! A text that begins with `const `, `let `, `var ` (and ends with `;`), `function ` or `class ` declares its first
//! name.

use cloudpack_base::{
    ChunkIdx, Diagnostic, IndexVec, LineIndex, ModuleIdx, RequestIdx, SectionIdx, SymbolIdx, SymbolRef,
};
use cloudpack_link::{
    ChunkChange, FinalOutput, Format, LinkInput, LinkModule, LinkOptions, ModuleCode, UpstreamMap, finalize, link,
};
use cloudpack_object::{
    AssetObject, MapSegment, ModuleObject, Relocation, RelocationKind, SectionShape, SectionText, short_name_number,
};
use cloudpack_plan::{
    Binding, BitSet, ChunkImport, ChunkKind, ChunkPlan, EXTERNAL_ESM, EXTERNAL_REQUIRE, ExternalImport, ImportThen,
    LinkPlan, ModulePlan, RequestAction, RequestPlan, ResolvedExport, RuntimeStar, Wrap,
};
use cloudpack_summary::{
    ConstantValue, DeclarationKind, ImportName, ImportRecord, LocalExport, ModuleFlags, ModuleFormat, ModuleSummary,
    NAMESPACE_SYMBOL, RequestFlags, RequestKind, Section, SectionFlags, Symbol, SymbolFlags, SymbolKind,
    WRAPPER_SYMBOL, base_name_of,
};
use std::path::PathBuf;

pub(crate) struct TestModule {
    pub(crate) id: String,
    pub(crate) summary: ModuleSummary,
    pub(crate) object: ModuleObject,
    pub(crate) wrap: Wrap,
    pub(crate) is_async: bool,
    pub(crate) awaits: bool,
    pub(crate) is_external: bool,
    pub(crate) run_in_place: bool,
    pub(crate) chunk: u32,
    pub(crate) needs_namespace: bool,
    pub(crate) constants: Vec<(String, ConstantValue)>,
    pub(crate) stars: Vec<String>,
    pub(crate) asset_file: Option<String>,
    pub(crate) upstream: Option<UpstreamMap>,
    pub(crate) source: String,
}

#[derive(Default)]
pub(crate) struct Graph {
    pub(crate) modules: Vec<TestModule>,
    pub(crate) chunks: Vec<(ChunkKind, String, String)>,
    pub(crate) options: LinkOptions,
    pub(crate) css_files: Vec<Option<String>>,
}

impl Graph {
    pub(crate) fn new(format: Format) -> Self {
        Self { options: LinkOptions { format, ..LinkOptions::default() }, ..Self::default() }
    }

    /// Modules come in execution order.
    pub(crate) fn module(&mut self, id: &str) -> &mut TestModule {
        self.add(id, ModuleFormat::EsModule, Wrap::None)
    }
    pub(crate) fn common_js(&mut self, id: &str) -> &mut TestModule {
        self.add(id, ModuleFormat::CommonJs, Wrap::CommonJs)
    }
    pub(crate) fn lazy(&mut self, id: &str) -> &mut TestModule {
        self.add(id, ModuleFormat::EsModule, Wrap::Esm)
    }
    pub(crate) fn external(&mut self, id: &str) {
        self.add(id, ModuleFormat::EsModule, Wrap::None).is_external = true;
    }

    fn add(&mut self, id: &str, format: ModuleFormat, wrap: Wrap) -> &mut TestModule {
        self.modules.push(TestModule {
            id: id.to_owned(),
            summary: ModuleSummary::empty(format, &base_name_of(id)),
            object: ModuleObject::default(),
            wrap,
            is_async: false,
            awaits: false,
            is_external: false,
            run_in_place: false,
            chunk: 0,
            needs_namespace: false,
            constants: Vec::new(),
            stars: Vec::new(),
            asset_file: None,
            upstream: None,
            source: String::new(),
        });
        self.modules.last_mut().unwrap()
    }

    pub(crate) fn chunk(&mut self, kind: ChunkKind, name: &str, entry: &str) -> &mut Self {
        self.chunks.push((kind, name.to_owned(), entry.to_owned()));
        self
    }

    fn index_of(&self, id: &str) -> Option<ModuleIdx> {
        self.modules.iter().position(|module| module.id == id).map(|at| ModuleIdx(at as u32))
    }

    pub(crate) fn link(&self) -> FinalOutput {
        self.link_changed(Vec::new())
    }

    pub(crate) fn link_changed(&self, changes: Vec<ChunkChange>) -> FinalOutput {
        let plan = self.plan();
        let ids: Vec<String> = self
            .modules
            .iter()
            .map(|module| if module.is_external { module.id.clone() } else { format!("/app/{}", module.id) })
            .collect();
        let modules: IndexVec<ModuleIdx, LinkModule<'_>> = self
            .modules
            .iter()
            .zip(&ids)
            .map(|(module, id)| LinkModule {
                id,
                path: &module.id,
                code: (!module.is_external).then_some(ModuleCode { summary: &module.summary, object: &module.object }),
                source: Some(&module.source),
                is_left_out: false,
                upstream_map: module.upstream.as_ref(),
                asset_file: module.asset_file.as_deref(),
            })
            .collect();
        let css_files = IndexVec::from(self.css_files.clone());
        let input = LinkInput {
            plan: &plan,
            modules: &modules,
            options: &self.options,
            css_files: &css_files,
            keeps_facts: false,
            former: None,
            pass: None,
        };
        let linked = link(&input);
        finalize(&input, linked, changes)
    }

    /// The text of the only chunk.
    pub(crate) fn text(&self) -> String {
        let output = self.link();
        let errors: Vec<&Diagnostic> = output.diagnostics.iter().filter(|found| found.is_error()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        output.chunks[ChunkIdx(0)].code.clone()
    }

    fn plan(&self) -> LinkPlan {
        let es = self.options.format == Format::Es;
        let mut plan = LinkPlan::default();
        let mut externals: Vec<Vec<ImportName>> = vec![Vec::new(); self.modules.len()];
        let namespaces = self.namespaces_wanted();
        for (at, module) in self.modules.iter().enumerate() {
            let own = ModuleIdx(at as u32);
            let requests = self.request_plans(module);
            let mut live_sections = BitSet::with_len(module.summary.sections.len());
            module.summary.sections.indices().for_each(|section| {
                live_sections.insert(section);
            });
            let bindings = module
                .summary
                .symbols
                .iter_enumerated()
                .map(|(symbol, data)| match &data.kind {
                    SymbolKind::Import { request, name, .. } => {
                        let target = requests[*request].target.unwrap();
                        let interop = SymbolRef::new(own, interop_of(&module.summary, *request));
                        self.bind(target, name, interop, es, &mut externals)
                    }
                    _ => Binding::Symbol(SymbolRef::new(own, symbol)),
                })
                .collect();
            let stars = module.stars.iter().map(|star| self.star(module, own, star, es, &mut externals));
            plan.modules.push(ModulePlan {
                live: true,
                exec_order: at as u32,
                wrap: module.wrap,
                is_async: module.is_async,
                awaits: module.awaits,
                pauses: false,
                run_in_place: module.run_in_place,
                chunk: (!module.is_external).then_some(ChunkIdx(module.chunk)),
                needs_namespace: module.needs_namespace || namespaces[at],
                live_sections,
                bindings,
                requests,
                exports: Vec::new(),
                runtime_stars: stars.collect(),
                external_names: Vec::new(),
            });
        }
        for (at, module) in self.modules.iter().enumerate() {
            let exports = module.summary.local_exports.iter().map(|export| {
                let local = SymbolRef::new(ModuleIdx(at as u32), export.symbol);
                let binding = plan.modules[ModuleIdx(at as u32)].bindings[export.symbol].clone();
                ResolvedExport { exported: export.exported.clone(), binding, local }
            });
            plan.modules[ModuleIdx(at as u32)].exports = exports.collect();
        }
        for (at, names) in externals.into_iter().enumerate() {
            plan.modules[ModuleIdx(at as u32)].external_names = if es { names } else { vec![ImportName::Namespace; 3] };
        }
        self.plan_chunks(&mut plan);
        plan
    }

    fn namespaces_wanted(&self) -> Vec<bool> {
        let mut wanted = vec![false; self.modules.len()];
        for module in &self.modules {
            for symbol in &module.summary.symbols {
                if let SymbolKind::Import { request, name: ImportName::Namespace, .. } = &symbol.kind {
                    let target = self.index_of(&module.summary.requests[*request].specifier).unwrap();
                    wanted[target.0 as usize] |= self.modules[target.0 as usize].wrap != Wrap::CommonJs;
                }
            }
            for request in &module.summary.requests {
                let Some(target) = self.index_of(&request.specifier) else { continue };
                let target = target.0 as usize;
                let same = self.modules[target].chunk == module.chunk;
                let lazily = request.kind == RequestKind::Require || request.kind == RequestKind::Dynamic && same;
                wanted[target] |= lazily && self.modules[target].wrap != Wrap::CommonJs;
            }
        }
        wanted
    }

    fn request_plans(&self, module: &TestModule) -> IndexVec<RequestIdx, RequestPlan> {
        let node_mode = module.summary.flags.contains(ModuleFlags::NODE_ESM);
        let plans = module.summary.requests.iter_enumerated().map(|(at, request)| {
            let Some(target) = self.index_of(&request.specifier) else {
                return RequestPlan { target: None, action: RequestAction::Throw };
            };
            let to = &self.modules[target.0 as usize];
            let bound = module
                .summary
                .symbols
                .iter()
                .any(|symbol| matches!(&symbol.kind, SymbolKind::Import { request, .. } if *request == at));
            let action = match (request.kind, to.wrap) {
                (RequestKind::NewUrl, _) => RequestAction::AssetUrl,
                (_, _) if to.is_external => RequestAction::External,
                (RequestKind::Static, Wrap::None) => RequestAction::None,
                (RequestKind::Static, Wrap::Esm) => RequestAction::Init { modules: vec![target] },
                (RequestKind::Static, Wrap::CommonJs) => {
                    let starred = module.stars.contains(&to.id);
                    let symbol = (bound || starred).then(|| interop_of(&module.summary, at));
                    RequestAction::Interop { symbol, node_mode }
                }
                (RequestKind::Require, Wrap::CommonJs) => RequestAction::RequireCjs,
                (RequestKind::Require, _) => RequestAction::RequireEsm,
                (_, wrap) => {
                    let then = match wrap {
                        Wrap::CommonJs => ImportThen::CommonJs { node_mode },
                        _ if to.chunk == module.chunk => ImportThen::Namespace,
                        _ => ImportThen::Chunk,
                    };
                    if to.chunk == module.chunk {
                        RequestAction::ImportInline { then }
                    } else {
                        RequestAction::ImportChunk { chunk: ChunkIdx(to.chunk), then }
                    }
                }
            };
            RequestPlan { target: Some(target), action }
        });
        plans.collect()
    }

    fn bind(
        &self,
        target: ModuleIdx,
        name: &ImportName,
        interop: SymbolRef,
        es: bool,
        externals: &mut [Vec<ImportName>],
    ) -> Binding {
        let to = &self.modules[target.0 as usize];
        if to.is_external {
            if !es {
                let object = |symbol| SymbolRef::new(target, symbol);
                return match name {
                    ImportName::Namespace => Binding::Symbol(object(EXTERNAL_ESM)),
                    ImportName::Named(name) if &**name == "default" => {
                        Binding::Property { object: object(EXTERNAL_ESM), property: name.clone() }
                    }
                    ImportName::Named(name) => {
                        Binding::Property { object: object(EXTERNAL_REQUIRE), property: name.clone() }
                    }
                };
            }
            let names = &mut externals[target.0 as usize];
            let at = names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name.clone());
                names.len() - 1
            });
            return Binding::Symbol(SymbolRef::new(target, SymbolIdx(at as u32)));
        }
        match (name, to.wrap) {
            (ImportName::Namespace, Wrap::CommonJs) => Binding::Symbol(interop),
            (ImportName::Named(name), Wrap::CommonJs) => Binding::Property { object: interop, property: name.clone() },
            (ImportName::Namespace, _) => Binding::Symbol(SymbolRef::new(target, NAMESPACE_SYMBOL)),
            (ImportName::Named(name), _) => {
                if let Some((_, value)) = to.constants.iter().find(|(known, _)| **known == **name) {
                    return Binding::Constant(value.clone());
                }
                match to.summary.local_exports.iter().find(|export| export.exported == *name) {
                    Some(export) => Binding::Symbol(SymbolRef::new(target, export.symbol)),
                    None => Binding::Undefined,
                }
            }
        }
    }

    fn star(
        &self,
        module: &TestModule,
        own: ModuleIdx,
        star: &str,
        es: bool,
        externals: &mut [Vec<ImportName>],
    ) -> RuntimeStar {
        let target = self.index_of(star).unwrap();
        let request =
            module.summary.requests.iter_enumerated().find(|(_, request)| &*request.specifier == star).unwrap().0;
        let object = if !self.modules[target.0 as usize].is_external {
            Some(SymbolRef::new(own, interop_of(&module.summary, request)))
        } else if !es {
            Some(SymbolRef::new(target, EXTERNAL_REQUIRE))
        } else if module.needs_namespace {
            let interop = SymbolRef::new(own, NAMESPACE_SYMBOL);
            match self.bind(target, &ImportName::Namespace, interop, es, externals) {
                Binding::Symbol(symbol) => Some(symbol),
                _ => None,
            }
        } else {
            None
        };
        RuntimeStar { target, object }
    }

    fn plan_chunks(&self, plan: &mut LinkPlan) {
        let default = vec![(ChunkKind::Entry, "index".to_owned(), self.modules.last().unwrap().id.clone())];
        let chunks = if self.chunks.is_empty() { &default } else { &self.chunks };
        let mut exports: Vec<Vec<SymbolRef>> = vec![Vec::new(); chunks.len()];
        let mut all = Vec::new();
        for (at, (kind, name, entry)) in chunks.iter().enumerate() {
            let chunk = ChunkIdx(at as u32);
            let modules: Vec<ModuleIdx> = plan
                .modules
                .iter_enumerated()
                .filter(|(_, module)| module.chunk == Some(chunk))
                .map(|(module, _)| module)
                .collect();
            let entry = self.index_of(entry);
            let mut wanted = Vec::new();
            let mut dynamic_imports = Vec::new();
            let mut side_effects = Vec::new();
            for &module in &modules {
                let module_plan = &plan.modules[module];
                for binding in &module_plan.bindings {
                    match binding {
                        Binding::Symbol(symbol) => wanted.push(*symbol),
                        Binding::Property { object, .. } => wanted.push(*object),
                        _ => {}
                    }
                }
                wanted.extend(module_plan.runtime_stars.iter().filter_map(|star| star.object));
                for request in &module_plan.requests {
                    match (&request.action, request.target) {
                        (RequestAction::Interop { .. } | RequestAction::RequireCjs, Some(target)) => {
                            wanted.push(SymbolRef::new(target, WRAPPER_SYMBOL));
                        }
                        (RequestAction::Init { modules }, _) => {
                            wanted.extend(modules.iter().map(|module| SymbolRef::new(*module, WRAPPER_SYMBOL)));
                        }
                        (RequestAction::ImportChunk { chunk, .. }, _) => dynamic_imports.push(*chunk),
                        (RequestAction::External | RequestAction::None, Some(target)) => side_effects.push(target),
                        _ => {}
                    }
                }
            }
            wanted.extend(entry.iter().flat_map(|entry| &plan.modules[*entry].exports).filter_map(|export| {
                match &export.binding {
                    Binding::Symbol(symbol) => Some(*symbol),
                    Binding::Property { object, .. } => Some(*object),
                    _ => None,
                }
            }));
            wanted.sort();
            wanted.dedup();
            let (mut imports, mut externals): (Vec<ChunkImport>, Vec<ExternalImport>) = (Vec::new(), Vec::new());
            for target in &side_effects {
                match plan.modules[*target].chunk {
                    Some(home) if home != chunk && !imports.iter().any(|import| import.chunk == home) => {
                        imports.push(ChunkImport { chunk: home, symbols: Vec::new() });
                    }
                    None if !externals.iter().any(|import| import.module == *target) => {
                        externals.push(ExternalImport { module: *target, symbols: Vec::new() });
                    }
                    _ => {}
                }
            }
            for symbol in wanted {
                match plan.modules[symbol.module].chunk {
                    None => match externals.iter_mut().find(|import| import.module == symbol.module) {
                        Some(import) => import.symbols.push(symbol),
                        None => externals.push(ExternalImport { module: symbol.module, symbols: vec![symbol] }),
                    },
                    Some(home) if home != chunk => {
                        exports[home.0 as usize].push(symbol);
                        match imports.iter_mut().find(|import| import.chunk == home) {
                            Some(import) => import.symbols.push(symbol),
                            None => imports.push(ChunkImport { chunk: home, symbols: vec![symbol] }),
                        }
                    }
                    Some(_) => {}
                }
            }
            all.push(ChunkPlan {
                kind: *kind,
                name: name.clone(),
                entry,
                is_async: modules.iter().any(|module| plan.modules[*module].is_async),
                modules,
                css: Vec::new(),
                imports,
                externals,
                dynamic_imports,
                exports: Vec::new(),
                helpers: Vec::new(),
            });
        }
        for (chunk, mut exported) in all.iter_mut().zip(exports) {
            exported.sort();
            exported.dedup();
            chunk.exports = exported;
        }
        plan.chunks = IndexVec::from(all);
    }
}

fn interop_of(summary: &ModuleSummary, wanted: RequestIdx) -> SymbolIdx {
    let found = summary
        .symbols
        .iter_enumerated()
        .find(|(_, symbol)| matches!(symbol.kind, SymbolKind::Interop { request } if request == wanted));
    found.map_or(NAMESPACE_SYMBOL, |(symbol, _)| symbol)
}

impl TestModule {
    pub(crate) fn import(&mut self, local: &str, from: &str, name: &str) -> &mut Self {
        self.import_with(local, from, ImportName::Named(name.into()), None)
    }
    pub(crate) fn import_all(&mut self, local: &str, from: &str) -> &mut Self {
        self.import_with(local, from, ImportName::Namespace, None)
    }
    /// `ns.name` of the source, where `ns` is an `import * as`.
    pub(crate) fn member(&mut self, local: &str, from: &str, name: &str) -> &mut Self {
        self.import_with(local, from, ImportName::Named(name.into()), Some(NAMESPACE_SYMBOL))
    }
    fn import_with(&mut self, local: &str, from: &str, name: ImportName, namespace: Option<SymbolIdx>) -> &mut Self {
        let request = self.request(RequestKind::Static, from);
        let kind = SymbolKind::Import { request, name, namespace, is_called: false };
        self.summary.symbols.push(Symbol { name: local.into(), kind });
        self
    }
    pub(crate) fn import_bare(&mut self, from: &str) -> &mut Self {
        self.request(RequestKind::Static, from);
        self
    }
    pub(crate) fn star(&mut self, from: &str) -> &mut Self {
        self.request(RequestKind::Static, from);
        self.stars.push(from.to_owned());
        self
    }
    fn request(&mut self, kind: RequestKind, specifier: &str) -> RequestIdx {
        let known = self.summary.requests.iter_enumerated();
        let found = known
            .filter(|(_, request)| request.kind == kind && &*request.specifier == specifier)
            .map(|(at, _)| at)
            .next();
        if let Some(found) = found {
            return found;
        }
        let flags = RequestFlags::default();
        let request = self.summary.requests.push(ImportRecord {
            specifier: specifier.into(),
            kind,
            attributes: Vec::new(),
            flags,
        });
        self.object.request_spans.push(cloudpack_object::Span::NONE);
        if kind == RequestKind::Static {
            let name = format!("import_{}", base_name_of(specifier));
            self.summary.symbols.push(Symbol { name: name.into(), kind: SymbolKind::Interop { request } });
        }
        request
    }
    pub(crate) fn export(&mut self, local: &str) -> &mut Self {
        self.export_as(local, local)
    }
    pub(crate) fn export_as(&mut self, local: &str, exported: &str) -> &mut Self {
        let symbol = self.symbol(local);
        self.summary.local_exports.push(LocalExport { exported: exported.into(), symbol, copy_of: None });
        self.summary.local_exports.sort_by(|left, right| left.exported.cmp(&right.exported));
        self
    }
    pub(crate) fn constant(&mut self, exported: &str, value: ConstantValue) -> &mut Self {
        self.constants.push((exported.to_owned(), value));
        self
    }
    pub(crate) fn nested(&mut self, names: &[&str]) -> &mut Self {
        self.object.nested_names = sorted(names);
        self
    }
    pub(crate) fn globals(&mut self, names: &[&str]) -> &mut Self {
        self.object.global_names = sorted(names);
        self
    }
    pub(crate) fn inline_asset(&mut self, url: &str) -> &mut Self {
        self.object.asset = Some(Box::new(AssetObject::Inline(url.into())));
        self
    }
    pub(crate) fn legal(&mut self, comment: &str) -> &mut Self {
        self.object.legal_comments.push(comment.into());
        self
    }

    fn symbol(&mut self, name: &str) -> SymbolIdx {
        let found = self.summary.symbols.iter_enumerated().find(|(_, symbol)| &*symbol.name == name);
        found.map(|(symbol, _)| symbol).unwrap_or_else(|| panic!("no symbol {name} in {}", self.id))
    }

    /// Adds one section. Positions of names in `text` become map segments to the same places of the source, which is
    /// the text without its marks.
    pub(crate) fn code(&mut self, text: &str) -> &mut Self {
        let shape = if text.starts_with("\"use ") {
            SectionShape::Directive
        } else if text.starts_with("function ") {
            SectionShape::Function
        } else if text.starts_with("class ") {
            SectionShape::Class
        } else if ["const ", "let ", "var "].iter().any(|keyword| text.starts_with(keyword)) {
            SectionShape::Declaration
        } else {
            SectionShape::Statement
        };
        let section = SectionIdx(self.summary.sections.len() as u32);
        let mut flags = SectionFlags::default();
        if shape == SectionShape::Function {
            flags.insert(SectionFlags::HOISTED);
        }
        let declared = match shape {
            SectionShape::Statement | SectionShape::Directive => None,
            _ => text.split('‹').nth(1).and_then(|rest| rest.split('›').next()),
        };
        let mut declares = Vec::new();
        if let Some(name) = declared {
            let kind = match shape {
                SectionShape::Function => DeclarationKind::Function,
                SectionShape::Class => DeclarationKind::Class,
                _ if text.starts_with("var") => DeclarationKind::Var,
                _ => DeclarationKind::Const,
            };
            let kind = SymbolKind::Declared { kind, section, constant: None, flags: SymbolFlags::default() };
            declares.push(self.summary.symbols.push(Symbol { name: name.into(), kind }));
        }
        self.write(text, shape, &declares);
        if !text.ends_with('\n') {
            self.object.text.push('\n');
            self.source.push('\n');
        }
        let nested_short = self.nested_short();
        self.object.sections.push(SectionText {
            nested_short,
            text_end: self.object.text.len() as u32,
            relocations_end: self.object.relocations.len() as u32,
            segments_end: self.object.segments.len() as u32,
            shape,
        });
        self.summary.sections.push(Section { declares, flags, ..Section::default() });
        self
    }

    fn nested_short(&self) -> u64 {
        let numbers = self.object.nested_names.iter().filter_map(|name| short_name_number(name));
        numbers.filter(|number| *number < u64::BITS).fold(0, |names, number| names | 1 << number)
    }

    fn relocate(&mut self, kind: RelocationKind, covers: &str, target: u32) {
        let offset = self.object.text.len() as u32;
        self.object.text.push_str(covers);
        self.object.relocations.push(Relocation { offset, covers: covers.len() as u16, kind, target });
    }

    fn segment(&mut self, name: Option<&str>) {
        let (line, column) = {
            let index = LineIndex::new(&self.source);
            index.line_and_column(self.source.len() as u32)
        };
        let name = name.map_or(u32::MAX, |name| {
            self.object.map_names.push(name.into());
            self.object.map_names.len() as u32 - 1
        });
        let offset = self.object.text.len() as u32;
        self.object.segments.push(MapSegment { offset, line, column, name, after_relocations: 0 });
    }

    fn write(&mut self, text: &str, shape: SectionShape, declares: &[SymbolIdx]) {
        let mut rest = text;
        self.segment(None);
        if let (SectionShape::Declaration | SectionShape::Class, Some(symbol)) = (shape, declares.first()) {
            let covered = if shape == SectionShape::Class { 0 } else { text.find(' ').unwrap() + 1 };
            self.relocate(RelocationKind::DeclarationHead, &text[..covered], symbol.0);
            self.source.push_str(&text[..covered]);
            rest = &text[covered..];
        }
        let tail = (shape == SectionShape::Declaration).then(|| {
            let (body, end) = rest.split_at(rest.rfind(';').unwrap());
            rest = body;
            end
        });
        while let Some((before, marked)) = rest.split_once('‹') {
            self.object.text.push_str(before);
            self.source.push_str(before);
            let (mark, after) = marked.split_once('›').unwrap();
            self.mark(mark);
            rest = after;
        }
        self.object.text.push_str(rest);
        self.source.push_str(rest);
        if let (Some(end), Some(symbol)) = (tail, declares.first()) {
            self.relocate(RelocationKind::DeclarationTail, "", symbol.0);
            self.object.text.push_str(end);
            self.source.push_str(end);
        }
    }

    fn mark(&mut self, mark: &str) {
        if let Some((word, specifier)) = mark.split_once(' ').filter(|(word, _)| !matches!(*word, "own" | "free")) {
            let (kind, relocation) = match word {
                "import" => (RequestKind::Dynamic, RelocationKind::DynamicImport),
                "require" => (RequestKind::Require, RelocationKind::Require),
                "url" => (RequestKind::NewUrl, RelocationKind::NewUrl),
                other => panic!("unknown mark {other}"),
            };
            let request = self.request(kind, specifier);
            self.relocate(relocation, "", request.0);
            return;
        }
        let fixed = match mark {
            "exports" => Some(RelocationKind::CjsExports),
            "module" => Some(RelocationKind::CjsModule),
            "meta.url" => Some(RelocationKind::ImportMetaUrl),
            "own asset" => Some(RelocationKind::OwnAssetUrl),
            "free require" => Some(RelocationKind::FreeRequire),
            _ => None,
        };
        if let Some(kind) = fixed {
            return self.relocate(kind, "", 0);
        }
        if let Some(name) = mark.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            let symbol = self.symbol(name);
            self.relocate(RelocationKind::Shorthand, &format!("{name}: "), symbol.0);
        } else if let Some(name) = mark.strip_suffix("()") {
            self.segment(Some(name));
            let symbol = self.symbol(name);
            self.relocate(RelocationKind::Callee, "", symbol.0);
            self.source.push_str(name);
        } else {
            self.segment(Some(mark));
            let symbol = self.symbol(mark);
            self.relocate(RelocationKind::Name, "", symbol.0);
            self.source.push_str(mark);
        }
    }
}

fn sorted(names: &[&str]) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = names.iter().map(|name| (*name).into()).collect();
    names.sort();
    names
}

/// Writes the files and `main` beside them, runs `main` with Node and gives what it printed.
#[expect(clippy::disallowed_methods, reason = "tests run what was linked, and Node reads files")]
pub(crate) fn run(output: &FinalOutput, main_name: &str, main: &str) -> String {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let directory: PathBuf = std::env::temp_dir().join(format!("cloudpack-link-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let kind = if main_name.ends_with(".cjs") { "commonjs" } else { "module" };
    std::fs::write(directory.join("package.json"), format!("{{\"type\":\"{kind}\"}}")).unwrap();
    for chunk in &output.chunks {
        let path = directory.join(&chunk.file_name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &chunk.code).unwrap();
    }
    std::fs::write(directory.join(main_name), main).unwrap();
    let ran = std::process::Command::new("node").arg(directory.join(main_name)).output().unwrap();
    let printed = String::from_utf8(ran.stdout).unwrap();
    let complaints = String::from_utf8(ran.stderr).unwrap();
    let code: String = output.chunks.iter().map(|chunk| format!("--- {}\n{}", chunk.file_name, chunk.code)).collect();
    assert!(ran.status.success(), "{complaints}\n{code}");
    std::fs::remove_dir_all(&directory).unwrap();
    printed.trim_end().to_owned()
}
