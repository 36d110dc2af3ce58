//! The tables of a module before its code is touched: top-level symbols, import records, exports. Everything that
//! `relocate` and `sections` add to them later (dynamic requests, namespace members, the default export's variable)
//! goes through the methods here, so that indices are handed out in one place and in source order.

use super::format::Format;
use super::lower::Lowered;
use super::{FormatHint, JsInput};
use cloudpack_base::{IndexVec, RequestIdx, SectionIdx, SymbolIdx};
use cloudpack_object::Span;
use cloudpack_summary::{
    CommonJsExports, DeclarationKind, ImportName, ImportRecord, IndirectExport, LocalExport, ModuleFlags, ModuleFormat,
    PlainObject, RequestFlags, RequestKind, Symbol, SymbolFlags, SymbolKind, base_name_of, linker_symbols,
};
use oxc_ast::ast::{
    BindingPattern, Declaration, ImportAttributeKey, ImportDeclarationSpecifier, ModuleExportName, Statement,
    WithClause,
};
use oxc_semantic::Scoping;
use oxc_span::GetSpan;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;

pub(super) struct Table {
    pub(super) base_name: String,
    pub(super) format: ModuleFormat,
    pub(super) flags: ModuleFlags,
    pub(super) requests: IndexVec<RequestIdx, ImportRecord>,
    pub(super) request_spans: IndexVec<RequestIdx, Span>,
    pub(super) symbols: IndexVec<SymbolIdx, Symbol>,
    pub(super) symbol_spans: IndexVec<SymbolIdx, Span>,
    pub(super) local_exports: Vec<LocalExport>,
    pub(super) indirect_exports: Vec<IndirectExport>,
    pub(super) star_exports: Vec<RequestIdx>,
    pub(super) plain: Vec<PlainObject>,
    pub(super) commonjs: Option<Box<CommonJsExports>>,
    /// oxc's symbol -> ours, for those that relocate; `u32::MAX` for nested ones.
    of_symbol: Vec<u32>,
    static_requests: FxHashMap<(Box<str>, Attributes), RequestIdx>,
    interop: FxHashMap<RequestIdx, SymbolIdx>,
    members: FxHashMap<(SymbolIdx, Box<str>), SymbolIdx>,
}

/// `with { key: "value" }`
type Attributes = Vec<(Box<str>, Box<str>)>;

pub(super) fn span_of(span: oxc_span::Span) -> Span {
    // Nodes that a transform made have the empty span at 0.
    if span.start == 0 && span.end == 0 { Span::NONE } else { Span { start: span.start, end: span.end } }
}

pub(super) fn collect_symbols(input: &JsInput<'_>, format: &Format, lowered: &Lowered<'_>) -> Table {
    let scoping = &lowered.scoping;
    let base_name = base_name_of(input.id);
    let symbols = IndexVec::from(linker_symbols(&base_name, format.format));
    let mut table = Table {
        symbol_spans: IndexVec::filled(Span::NONE, symbols.len()),
        base_name,
        format: format.format,
        flags: ModuleFlags::default(),
        requests: IndexVec::new(),
        request_spans: IndexVec::new(),
        symbols,
        local_exports: Vec::new(),
        indirect_exports: Vec::new(),
        star_exports: Vec::new(),
        plain: Vec::new(),
        commonjs: None,
        of_symbol: vec![u32::MAX; scoping.symbols_len()],
        static_requests: FxHashMap::default(),
        interop: FxHashMap::default(),
        members: FxHashMap::default(),
    };
    if format.es_syntax {
        table.flags.insert(ModuleFlags::ES_SYNTAX);
    }
    if input.format == FormatHint::EsModule {
        table.flags.insert(ModuleFlags::NODE_ESM);
    }
    if scoping.root_scope_flags().contains_direct_eval() {
        table.flags.insert(ModuleFlags::DIRECT_EVAL);
    }
    if format.format == ModuleFormat::CommonJs {
        table.flags.insert(ModuleFlags::USES_MODULE_OR_EXPORTS);
        if memchr::memmem::find(input.source.as_bytes(), b"__esModule").is_some() {
            table.flags.insert(ModuleFlags::ES_MODULE_MARKER);
        }
        if lowered.program.body.is_empty() {
            table.flags.insert(ModuleFlags::SIDE_EFFECT_FREE);
        }
        let says_strict = lowered.program.directives.iter().any(|directive| directive.directive == "use strict");
        if !says_strict && !input.language.is_typescript() && !super::parse::is_strict_syntax(input.source) {
            table.flags.insert(ModuleFlags::SLOPPY);
        }
        return table;
    }
    for statement in &lowered.program.body {
        table.collect_imports(statement);
    }
    table.collect_declarations(scoping);
    for statement in &lowered.program.body {
        table.collect_exports(statement, scoping);
    }
    table
}

impl Table {
    /// Our symbol for one of oxc's, if its mentions relocate.
    pub(super) fn symbol_of(&self, symbol: SymbolId) -> Option<SymbolIdx> {
        self.of_symbol.get(symbol.index()).copied().filter(|index| *index != u32::MAX).map(SymbolIdx)
    }

    pub(super) fn add_symbol(&mut self, name: &str, kind: SymbolKind, span: Span) -> SymbolIdx {
        self.symbol_spans.push(span);
        self.symbols.push(Symbol { name: name.into(), kind })
    }

    /// The variable of `export default expression`.
    pub(super) fn add_default_symbol(&mut self, kind: DeclarationKind, span: Span) -> SymbolIdx {
        let name = format!("{}_default", self.base_name);
        let kind = SymbolKind::Declared { kind, section: SectionIdx(0), constant: None, flags: SymbolFlags::default() };
        self.add_symbol(&name, kind, span)
    }

    pub(super) fn add_request(
        &mut self,
        specifier: &str,
        kind: RequestKind,
        flags: RequestFlags,
        span: Span,
    ) -> RequestIdx {
        self.request_spans.push(span);
        self.requests.push(ImportRecord { specifier: specifier.into(), kind, attributes: Vec::new(), flags })
    }

    /// `import`/`export ... from` of the same specifier share a record: they are one module request.
    fn add_static_request(&mut self, specifier: &str, with: Option<&WithClause<'_>>, span: Span) -> RequestIdx {
        let attributes: Attributes = with
            .into_iter()
            .flat_map(|clause| &clause.with_entries)
            .map(|entry| {
                let key = match &entry.key {
                    ImportAttributeKey::Identifier(name) => name.name.as_str(),
                    ImportAttributeKey::StringLiteral(text) => text.value.as_str(),
                };
                (key.into(), entry.value.value.as_str().into())
            })
            .collect();
        let key = (Box::from(specifier), attributes);
        if let Some(index) = self.static_requests.get(&key) {
            return *index;
        }
        self.request_spans.push(span);
        let index = self.requests.push(ImportRecord {
            specifier: key.0.clone(),
            kind: RequestKind::Static,
            attributes: key.1.clone(),
            flags: RequestFlags::BARE,
        });
        self.static_requests.insert(key, index);
        index
    }

    /// Marks that something is taken from `request`, and makes the variable that would hold its interop namespace.
    fn bind(&mut self, request: RequestIdx) {
        self.requests[request].flags.remove(RequestFlags::BARE);
        if !self.interop.contains_key(&request) {
            let name = format!("import_{}", base_name_of(&self.requests[request].specifier));
            let symbol = self.add_symbol(&name, SymbolKind::Interop { request }, Span::NONE);
            self.interop.insert(request, symbol);
        }
    }

    fn add_import(&mut self, request: RequestIdx, name: ImportName, local: &str, span: Span) -> SymbolIdx {
        self.bind(request);
        self.add_symbol(local, SymbolKind::Import { request, name, namespace: None, is_called: false }, span)
    }

    /// The symbol for `object.property` where `object` is imported, or is such a member itself; `None` otherwise.
    pub(super) fn member(&mut self, object: SymbolIdx, property: &str, span: Span) -> Option<SymbolIdx> {
        let SymbolKind::Import { request, .. } = self.symbols[object].kind else { return None };
        if let Some(symbol) = self.members.get(&(object, Box::from(property))) {
            return Some(*symbol);
        }
        let name = ImportName::Named(property.into());
        let kind = SymbolKind::Import { request, name, namespace: Some(object), is_called: false };
        let base = base_name_of(property);
        let symbol = self.add_symbol(&base, kind, span);
        self.members.insert((object, property.into()), symbol);
        Some(symbol)
    }

    pub(super) fn note_call(&mut self, member: SymbolIdx) {
        if let SymbolKind::Import { is_called, .. } = &mut self.symbols[member].kind {
            *is_called = true;
        }
    }

    pub(super) fn is_namespace_import(&self, symbol: SymbolIdx) -> bool {
        matches!(self.symbols[symbol].kind, SymbolKind::Import { name: ImportName::Namespace, .. })
    }

    pub(super) fn is_import(&self, symbol: SymbolIdx) -> bool {
        matches!(self.symbols[symbol].kind, SymbolKind::Import { .. })
    }

    fn collect_imports(&mut self, statement: &Statement<'_>) {
        match statement {
            Statement::ImportDeclaration(import) => {
                let with = import.with_clause.as_deref();
                let request = self.add_static_request(import.source.value.as_str(), with, span_of(import.source.span));
                for specifier in import.specifiers.iter().flatten() {
                    let name = match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(specifier) => {
                            ImportName::Named(specifier.imported.name().as_str().into())
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => ImportName::Named("default".into()),
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => ImportName::Namespace,
                    };
                    let local = specifier.local();
                    let symbol = self.add_import(request, name, local.name.as_str(), span_of(specifier.span()));
                    if let Some(id) = local.symbol_id.get()
                        && let Some(slot) = self.of_symbol.get_mut(id.index())
                    {
                        *slot = symbol.0;
                    }
                }
            }
            Statement::ExportAllDeclaration(export) => {
                let with = export.with_clause.as_deref();
                let request = self.add_static_request(export.source.value.as_str(), with, span_of(export.source.span));
                match &export.exported {
                    Some(exported) => {
                        let local = base_name_of(exported.name().as_str());
                        let symbol = self.add_import(request, ImportName::Namespace, &local, span_of(export.span));
                        self.indirect_exports
                            .push(IndirectExport { exported: exported.name().as_str().into(), symbol });
                    }
                    None => {
                        self.bind(request);
                        self.star_exports.push(request);
                    }
                }
            }
            Statement::ExportFromDeclaration(export) => {
                let with = export.with_clause.as_deref();
                let request = self.add_static_request(export.source.value.as_str(), with, span_of(export.source.span));
                for specifier in &export.specifiers {
                    let imported = specifier.local.name();
                    let local = base_name_of(imported.as_str());
                    let name = ImportName::Named(imported.as_str().into());
                    let symbol = self.add_import(request, name, &local, span_of(specifier.span));
                    self.indirect_exports
                        .push(IndirectExport { exported: specifier.exported.name().as_str().into(), symbol });
                }
            }
            _ => {}
        }
    }

    fn collect_declarations(&mut self, scoping: &Scoping) {
        for (id, symbol) in self.add_declarations(scoping) {
            self.of_symbol[id.index()] = symbol.0;
        }
    }

    /// Symbols for what a CommonJS module declares at top level, by oxc's; `u32::MAX` for the nested. Their mentions are not
    /// relocated.
    pub(super) fn commonjs_locals(&mut self, scoping: &Scoping) -> Vec<u32> {
        let mut locals = vec![u32::MAX; scoping.symbols_len()];
        for (id, symbol) in self.add_declarations(scoping) {
            locals[id.index()] = symbol.0;
        }
        locals
    }

    fn add_declarations(&mut self, scoping: &Scoping) -> Vec<(SymbolId, SymbolIdx)> {
        let root = scoping.root_scope_id();
        let mut added = Vec::new();
        for id in scoping.symbol_ids() {
            if scoping.symbol_scope_id(id) != root || self.symbol_of(id).is_some() {
                continue;
            }
            let oxc_flags = scoping.symbol_flags(id);
            let kind = if oxc_flags.is_function() {
                DeclarationKind::Function
            } else if oxc_flags.is_class() {
                DeclarationKind::Class
            } else if oxc_flags.is_const_variable() {
                DeclarationKind::Const
            } else if oxc_flags.is_block_scoped() {
                DeclarationKind::Let
            } else {
                DeclarationKind::Var
            };
            let mut flags = SymbolFlags::default();
            if scoping.symbol_is_mutated(id) {
                flags.insert(SymbolFlags::REASSIGNED);
            }
            if scoping.no_side_effects().contains(&id) {
                flags.insert(SymbolFlags::PURE_FUNCTION);
            }
            let kind = SymbolKind::Declared { kind, section: SectionIdx(0), constant: None, flags };
            let symbol = self.add_symbol(scoping.symbol_name(id), kind, span_of(scoping.symbol_span(id)));
            added.push((id, symbol));
        }
        added
    }

    fn collect_exports(&mut self, statement: &Statement<'_>, scoping: &Scoping) {
        match statement {
            Statement::ExportDeclaration(export) => match &export.declaration {
                Declaration::VariableDeclaration(declaration) => {
                    for declarator in &declaration.declarations {
                        self.export_pattern(&declarator.id);
                    }
                }
                Declaration::FunctionDeclaration(function) => {
                    if let Some(id) = &function.id {
                        self.export_binding(id.name.as_str(), id.symbol_id.get());
                    }
                }
                Declaration::ClassDeclaration(class) => {
                    if let Some(id) = &class.id {
                        self.export_binding(id.name.as_str(), id.symbol_id.get());
                    }
                }
                _ => {}
            },
            Statement::ExportNamedDeclaration(export) => {
                for specifier in &export.specifiers {
                    let ModuleExportName::IdentifierReference(local) = &specifier.local else { continue };
                    let symbol =
                        local.reference_id.get().and_then(|reference| scoping.get_reference(reference).symbol_id());
                    self.export_binding(specifier.exported.name().as_str(), symbol);
                }
            }
            _ => {}
        }
    }

    fn export_pattern(&mut self, pattern: &BindingPattern<'_>) {
        use oxc_ecmascript::BoundNames;
        let mut found = Vec::new();
        pattern.bound_names(&mut |id| found.push((id.name.to_string(), id.symbol_id.get())));
        for (name, symbol) in found {
            self.export_binding(&name, symbol);
        }
    }

    fn export_binding(&mut self, exported: &str, symbol: Option<SymbolId>) {
        let Some(symbol) = symbol.and_then(|symbol| self.symbol_of(symbol)) else { return };
        self.export_symbol(exported, symbol);
    }

    pub(super) fn export_symbol(&mut self, exported: &str, symbol: SymbolIdx) {
        if self.is_import(symbol) {
            self.indirect_exports.push(IndirectExport { exported: exported.into(), symbol });
        } else {
            self.local_exports.push(LocalExport { exported: exported.into(), symbol, copy_of: None });
        }
    }
}
