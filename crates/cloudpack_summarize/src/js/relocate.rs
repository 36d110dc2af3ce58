//! Replaces every mention that only the linker can write by a marker: top-level symbols, `import()`, `require()`,
//! `import.meta`, `new URL(..., import.meta.url)`. One walk over the tree; along the way it collects what each section
//! uses. The tree is changed in place: a marker is an identifier without a reference, which the printer writes as it is.

use super::commonjs::{self, CommonJs};
use super::commonjs_uses::pattern_names;
use super::lower::Lowered;
use super::marker::{MarkerKind, Markers};
use super::plain_objects::PlainObjects;
use super::sections::{self, Draft};
use super::specifiers::{import_attributes, is_module_worker, is_url_with_scheme, literal_key, static_string};
use super::symbols::{Table, span_of};
use super::{JsInput, JsOptions};
use cloudpack_base::{Diagnostic, SymbolIdx};
use cloudpack_object::RelocationKind;
use cloudpack_summary::{ModuleFlags, ModuleFormat, RequestFlags, RequestKind, Section, SectionFlags};
use oxc_allocator::{Allocator, ArenaVec, TakeIn};
use oxc_ast::ast::*;
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{VisitJsMut, walk_js_mut};
use oxc_semantic::Scoping;
use oxc_span::{GetSpan, SPAN, Span};
use oxc_syntax::scope::{ScopeFlags, ScopeId};
use std::cell::Cell;

/// A module whose code is all markers and sections, ready to print.
pub(super) struct Relocated<'a> {
    /// Sections' statements with a `SectionEnd` marker after each.
    pub(super) program: Program<'a>,
    pub(super) scoping: Scoping,
    pub(super) private_names: super::lower::PrivateNames,
    pub(super) renames: super::segments::NestedRenames,
    pub(super) markers: Markers,
    pub(super) table: Table,
    /// Sections in the order of the text. Those with `literal` are not in `program`.
    pub(super) drafts: Vec<Draft>,
}

pub(super) fn relocate<'a>(
    allocator: &'a Allocator,
    input: &JsInput<'_>,
    options: &JsOptions,
    lowered: Lowered<'a>,
    table: Table,
    diagnostics: &mut Vec<Diagnostic>,
) -> Relocated<'a> {
    let Lowered { mut program, scoping, private_names, renames } = lowered;
    let commonjs_paths = options.commonjs_paths && table.format == ModuleFormat::CommonJs;
    let plain = PlainObjects::collect(&program, &table, &scoping);
    let mut walk = Relocator {
        builder: AstBuilder::new(allocator),
        allocator,
        markers: Markers::new(input.source),
        table,
        scoping,
        section: Section::default(),
        scopes: Vec::new(),
        callee: None,
        function_depth: 0,
        this_depth: 0,
        try_depth: 0,
        commonjs_paths,
        keep_urls: options.keep_urls,
        commonjs: None,
        quiet: false,
        plain,
        input,
        diagnostics,
    };
    let drafts = sections::cut(&mut walk, &mut program, options);
    let Relocator { markers, mut table, scoping, plain, .. } = walk;
    table.plain = plain.finish(&table);
    Relocated { program, scoping, private_names, renames, markers, table, drafts }
}

pub(super) struct Relocator<'a, 'i> {
    pub(super) builder: AstBuilder<'a>,
    pub(super) allocator: &'a Allocator,
    pub(super) markers: Markers,
    pub(super) table: Table,
    pub(super) scoping: Scoping,
    /// What the section being walked uses.
    pub(super) section: Section,
    /// Scopes within the section being walked.
    pub(super) scopes: Vec<ScopeId>,
    /// Where the callee of the call or tag that was entered last stands; nodes that a transform made may all stand in one
    /// place, and then count as called.
    callee: Option<Span>,
    /// Functions of any kind around the place; 0 is top level.
    function_depth: u32,
    /// Things that give `this` a meaning of their own around the place: functions, class bodies' initialisers.
    pub(super) this_depth: u32,
    /// `try` blocks with a handler around the place.
    try_depth: u32,
    commonjs_paths: bool,
    keep_urls: bool,
    /// Of a CommonJS module that is cut.
    pub(super) commonjs: Option<CommonJs>,
    /// What is done with `exports` here is known.
    pub(super) quiet: bool,
    plain: PlainObjects,
    pub(super) input: &'i JsInput<'i>,
    diagnostics: &'i mut Vec<Diagnostic>,
}

impl<'a> Relocator<'a, '_> {
    pub(super) fn marker_text(&self, kind: MarkerKind, target: u32) -> &'a str {
        self.allocator.alloc_str(&self.markers.make(kind, target))
    }

    pub(super) fn marker(&self, kind: RelocationKind, target: u32, span: Span) -> Expression<'a> {
        let text = self.marker_text(MarkerKind::Relocation(kind), target);
        Expression::new_identifier(span, text, &self.builder)
    }

    /// The symbol that a marker of a symbol kind names.
    pub(super) fn symbol_of_marker(&self, name: &str) -> Option<SymbolIdx> {
        match self.markers.parse(name.as_bytes())? {
            (
                MarkerKind::Relocation(RelocationKind::Name | RelocationKind::Callee | RelocationKind::Shorthand),
                target,
            ) => Some(SymbolIdx(target)),
            _ => None,
        }
    }

    fn is_free(&self, identifier: &IdentifierReference<'a>) -> bool {
        identifier
            .reference_id
            .get()
            .is_some_and(|reference| self.scoping.get_reference(reference).symbol_id().is_none())
    }

    pub(super) fn is_free_named(&self, expression: &Expression<'a>, name: &str) -> bool {
        matches!(expression, Expression::Identifier(identifier) if identifier.name == name && self.is_free(identifier))
    }

    fn symbol_of(&self, identifier: &IdentifierReference<'a>) -> Option<SymbolIdx> {
        let symbol = self.scoping.get_reference(identifier.reference_id.get()?).symbol_id()?;
        self.table.symbol_of(symbol)
    }

    /// Whether minifying gave the variable another name than the text has.
    fn is_renamed(&self, identifier: &IdentifierReference<'a>) -> bool {
        let reference = identifier.reference_id.get().map(|reference| self.scoping.get_reference(reference));
        let symbol = reference.and_then(|reference| reference.symbol_id());
        symbol.is_some_and(|symbol| self.scoping.symbol_name(symbol) != identifier.name.as_str())
    }

    fn request(&mut self, specifier: &str, kind: RequestKind, flags: RequestFlags, span: Span) -> u32 {
        let mut flags = flags;
        if self.try_depth > 0 {
            flags.insert(RequestFlags::IN_TRY);
        }
        let index = self.table.add_request(specifier, kind, flags, span_of(span));
        self.section.requests.push(index);
        // Inside a function it runs only when somebody calls, and then the call is what counts.
        if self.function_depth == 0 && matches!(kind, RequestKind::Require | RequestKind::Dynamic | RequestKind::Worker)
        {
            self.section.flags.insert(SectionFlags::SIDE_EFFECTS);
        }
        index.0
    }

    /// Rewrites `$..Name` as another kind of mention of the same symbol.
    fn upgrade(&self, expression: &mut Expression<'a>, kind: RelocationKind) {
        if let Expression::Identifier(identifier) = expression
            && identifier.reference_id.get().is_none()
            && let Some((MarkerKind::Relocation(RelocationKind::Name), target)) =
                self.markers.parse(identifier.name.as_bytes())
        {
            identifier.name = self.marker_text(MarkerKind::Relocation(kind), target).into();
        }
    }

    /// `ns.name` and `ns["name"]` of an `import * as ns` become the imported symbol itself.
    /// `at` is the name's own place, to which source maps lead.
    fn namespace_member(
        &mut self,
        object: &Expression<'a>,
        property: &str,
        span: Span,
        at: Span,
    ) -> Option<Expression<'a>> {
        let Expression::Identifier(identifier) = object else { return None };
        let namespace = self.symbol_of(identifier).filter(|symbol| self.table.is_namespace_import(*symbol))?;
        let symbol = self.table.member(namespace, property, span_of(span))?;
        self.section.uses.push(symbol);
        if self.callee == Some(span) {
            self.table.note_call(symbol);
        }
        Some(self.marker(RelocationKind::Name, symbol.0, at))
    }

    /// Marks the object of `x.name`, `x.y.name`, `x?.["name"]` where `x` is imported: the linker may know what part of it
    /// leads through namespace objects.
    fn imported_member(&mut self, mut object: &mut Expression<'a>, property: &'a str, span: Span) -> bool {
        // Most objects are no imports: nothing is made for them.
        let Some(first) = self.imported_object(object) else { return false };
        // From the last name to the first.
        let mut names = vec![(property, span)];
        let identifier = loop {
            object = match object {
                Expression::Identifier(identifier) => break identifier,
                Expression::StaticMemberExpression(member) => {
                    names.push((member.property.name.as_str(), member.span));
                    &mut member.object
                }
                Expression::ComputedMemberExpression(member) => {
                    let Some(name) = literal_key(&member.expression) else { return false };
                    names.push((name, member.span));
                    &mut member.object
                }
                _ => return false,
            }
        };
        if names.len() > MOST_MEMBERS || names.iter().any(|(name, _)| name.len() > LONGEST_MEMBER) {
            return false;
        }
        let mut last = first;
        let is_called = self.callee == Some(span);
        for (name, span) in names.into_iter().rev() {
            let Some(member) = self.table.member(last, name, span_of(span)) else { return false };
            last = member;
        }
        self.section.uses.push(last);
        if is_called {
            self.table.note_call(last);
        }
        identifier.name = self.marker_text(MarkerKind::Relocation(RelocationKind::Member), last.0).into();
        identifier.reference_id.set(None);
        true
    }

    /// `x` of `x`, `x.y`, `x["y"].z` where it is imported.
    fn imported_object(&self, mut object: &Expression<'a>) -> Option<SymbolIdx> {
        loop {
            object = match object {
                Expression::Identifier(identifier) => {
                    return self.symbol_of(identifier).filter(|symbol| self.table.is_import(*symbol));
                }
                Expression::StaticMemberExpression(member) => &member.object,
                Expression::ComputedMemberExpression(member) if literal_key(&member.expression).is_some() => {
                    &member.object
                }
                _ => return None,
            }
        }
    }

    fn static_member(&mut self, member: &mut StaticMemberExpression<'a>) -> bool {
        self.imported_member(&mut member.object, member.property.name.as_str(), member.span)
    }

    fn computed_member(&mut self, member: &mut ComputedMemberExpression<'a>) -> bool {
        literal_key(&member.expression)
            .is_some_and(|property| self.imported_member(&mut member.object, property, member.span))
    }

    /// The specifier of `new URL("./x", import.meta.url)`.
    fn url_specifier(&self, expression: &Expression<'a>) -> Option<(&'a str, Span)> {
        let Expression::NewExpression(new) = expression else { return None };
        if self.keep_urls || !self.is_free_named(&new.callee, "URL") || new.arguments.len() != 2 {
            return None;
        }
        let specifier = static_string(new.arguments.first()?.as_expression()?)?;
        let Expression::StaticMemberExpression(member) = new.arguments.get(1)?.as_expression()? else { return None };
        let is_url = member.property.name == "url" && matches!(member.object, Expression::ImportMeta(_));
        (is_url && !is_url_with_scheme(specifier)).then_some((specifier, new.span))
    }

    fn worker(&mut self, new: &mut NewExpression<'a>) {
        // By name, whatever it is bound to: `import { Worker } from "node:worker_threads"` means the same file.
        let Expression::Identifier(callee) = &new.callee else { return };
        let shared = callee.name == "SharedWorker";
        if !shared && callee.name != "Worker" {
            return;
        }
        let Some((specifier, span)) =
            new.arguments.first().and_then(Argument::as_expression).and_then(|first| self.url_specifier(first))
        else {
            return;
        };
        let mut flags = if shared { RequestFlags::SHARED_WORKER } else { RequestFlags::default() };
        if !is_module_worker(new.arguments.get(1)) {
            flags.insert(RequestFlags::CLASSIC_WORKER);
        }
        let request = self.request(specifier, RequestKind::Worker, flags, span);
        let marker = self.marker(RelocationKind::WorkerUrl, request, span);
        if let Some(first) = new.arguments.first_mut() {
            *first = Argument::from(marker);
        }
    }

    fn import_expression(&mut self, import: &ImportExpression<'a>) -> Option<Expression<'a>> {
        let specifier = static_string(&import.source)?;
        if import.phase.is_some() {
            return None;
        }
        let attributes = match &import.options {
            None => Vec::new(),
            Some(options) => import_attributes(options)?,
        };
        let request = self.request(specifier, RequestKind::Dynamic, RequestFlags::default(), import.source.span());
        self.table.requests[cloudpack_base::RequestIdx(request)].attributes = attributes;
        Some(self.marker(RelocationKind::DynamicImport, request, import.span))
    }

    /// `import("./a.js", options())` -> `(options(), import("./a.js"))`. Options that are computed say nothing to a linker,
    /// which knows the file; that they are evaluated, and throw, can be observed.
    fn split_import_options(&mut self, expression: &mut Expression<'a>) {
        let Expression::ImportExpression(import) = expression else { return };
        let is_file = static_string(&import.source).is_some_and(|specifier| specifier.starts_with('.'));
        let are_computed = import.options.as_ref().is_some_and(|options| import_attributes(options).is_none());
        if !is_file || !are_computed || import.phase.is_some() {
            return;
        }
        let Some(options) = import.options.take() else { return };
        let span = import.span;
        let mut parts = ArenaVec::new_in(&self.builder);
        parts.push(options);
        parts.push(expression.take_in(&self.builder));
        *expression = Expression::new_sequence_expression(span, parts, &self.builder);
    }

    /// `require`, and `module.require` of a CommonJS module, which is the same function.
    fn is_require(&self, callee: &Expression<'a>) -> bool {
        let object = match callee {
            Expression::StaticMemberExpression(member) if member.property.name == "require" => &member.object,
            Expression::ComputedMemberExpression(member) if static_string(&member.expression) == Some("require") => {
                &member.object
            }
            callee => return self.is_free_named(callee, "require"),
        };
        self.table.format == ModuleFormat::CommonJs && self.is_free_named(object, "module")
    }

    /// `require("x")` and `require.resolve("x")`.
    fn require_call(&mut self, call: &CallExpression<'a>) -> Option<Expression<'a>> {
        let [argument] = call.arguments.as_slice() else { return None };
        let specifier = static_string(argument.as_expression()?)?;
        let (request_kind, kind) = match &call.callee {
            callee if self.is_require(callee) => (RequestKind::Require, RelocationKind::Require),
            Expression::StaticMemberExpression(member)
                if member.property.name == "resolve" && self.is_free_named(&member.object, "require") =>
            {
                (RequestKind::RequireResolve, RelocationKind::RequireResolve)
            }
            _ => return None,
        };
        let request = self.request(specifier, request_kind, RequestFlags::default(), argument.span());
        Some(self.marker(kind, request, call.span))
    }

    fn import_meta_member(&self, property: &str, span: Span) -> Option<Expression<'a>> {
        let kind = match property {
            "url" => RelocationKind::ImportMetaUrl,
            "dirname" => RelocationKind::ImportMetaDirname,
            "filename" => RelocationKind::ImportMetaFilename,
            _ => return None,
        };
        Some(self.marker(kind, 0, span))
    }

    /// `import.meta?.url`: there always is one.
    fn optional_import_meta_member(&self, chain: &ChainExpression<'a>) -> Option<Expression<'a>> {
        let (object, property) = match &chain.expression {
            ChainElement::StaticMemberExpression(member) => (&member.object, member.property.name.as_str()),
            ChainElement::ComputedMemberExpression(member) => (&member.object, static_string(&member.expression)?),
            _ => return None,
        };
        matches!(object, Expression::ImportMeta(_)).then(|| self.import_meta_member(property, chain.span))?
    }

    /// What stands for a whole expression, if it is one that the linker writes.
    fn replacement(&mut self, expression: &Expression<'a>) -> Option<Expression<'a>> {
        match expression {
            Expression::ImportExpression(import) => self.import_expression(import),
            Expression::CallExpression(call) if !call.optional => self.require_call(call),
            Expression::NewExpression(_) => {
                let (specifier, span) = self.url_specifier(expression)?;
                let request = self.request(specifier, RequestKind::NewUrl, RequestFlags::default(), span);
                Some(self.marker(RelocationKind::NewUrl, request, span))
            }
            Expression::ChainExpression(chain) => self.optional_import_meta_member(chain),
            Expression::StaticMemberExpression(member) if !member.optional => {
                if matches!(member.object, Expression::ImportMeta(_)) {
                    return self.import_meta_member(member.property.name.as_str(), member.span);
                }
                let property = &member.property;
                self.namespace_member(&member.object, property.name.as_str(), member.span, property.span)
            }
            Expression::ComputedMemberExpression(member) if !member.optional => {
                let Expression::StringLiteral(property) = &member.expression else { return None };
                if matches!(member.object, Expression::ImportMeta(_)) {
                    return self.import_meta_member(property.value.as_str(), member.span);
                }
                literal_key(&member.expression)?;
                // Within the quotes, where the name stands.
                let at = Span::new(property.span.start + 1, property.span.end);
                self.namespace_member(&member.object, property.value.as_str(), member.span, at)
            }
            Expression::ImportMeta(meta) => Some(self.marker(RelocationKind::ImportMeta, 0, meta.span)),
            Expression::ThisExpression(this) if self.this_depth == 0 => Some(match self.table.format {
                ModuleFormat::CommonJs => {
                    self.use_all_exports();
                    self.marker(RelocationKind::CjsThis, 0, this.span)
                }
                _ => {
                    self.table.flags.insert(ModuleFlags::TOP_LEVEL_THIS);
                    Expression::new_void_0(this.span, &self.builder)
                }
            }),
            _ => None,
        }
    }

    /// Variable declarations below the top level of the section. A `var` there declares a top-level symbol.
    fn nested_var(&mut self, declaration: &mut VariableDeclaration<'a>) {
        let mut names = Vec::new();
        if declaration.kind == VariableDeclarationKind::Var {
            use oxc_ecmascript::BoundNames;
            declaration.bound_names(&mut |id| names.extend(id.symbol_id.get().and_then(|id| self.table.symbol_of(id))));
            let commonjs = self.commonjs.as_ref();
            let locals = &mut self.section.declares;
            declaration.bound_names(&mut |id| {
                locals.extend(id.symbol_id.get().and_then(|id| commonjs.and_then(|commonjs| commonjs.local(id))));
            });
        }
        let Some(first_name) = names.first().copied() else {
            return walk_js_mut::walk_variable_declaration(self, declaration);
        };
        self.section.declares.extend(&names);
        let starts_plain = declaration
            .declarations
            .first()
            .is_some_and(|first| matches!(first.id, BindingPattern::BindingIdentifier(_)));
        walk_js_mut::walk_variable_declaration(self, declaration);
        if !starts_plain && declaration.declarations.iter().all(|declarator| declarator.init.is_some()) {
            // `var { a } = o` gets a plain name in front, so that the keyword can go: `var a, { a } = o`.
            let id = BindingPattern::new_binding_identifier(SPAN, "_", &self.builder);
            let declarator = VariableDeclarator::new(SPAN, id, None, None, false, &self.builder);
            declaration.declarations.insert(0, declarator);
        }
        if let Some(VariableDeclarator { id: BindingPattern::BindingIdentifier(id), .. }) =
            declaration.declarations.first_mut()
        {
            let symbol = match self.markers.parse(id.name.as_bytes()) {
                Some((_, symbol)) => symbol,
                None => first_name.0,
            };
            id.name = self.marker_text(MarkerKind::Relocation(RelocationKind::VarHead), symbol).into();
            id.symbol_id.set(None);
        }
    }
}

impl<'a> VisitJsMut<'a> for Relocator<'a, '_> {
    fn enter_scope(&mut self, _: ScopeFlags, scope: &Cell<Option<ScopeId>>) {
        self.scopes.extend(scope.get());
    }

    fn visit_expression(&mut self, expression: &mut Expression<'a>) {
        if let Expression::StaticMemberExpression(member) = &*expression
            && let Some((object, names)) = self.plain.path(member)
            && let (Some(symbol), Some(head)) = (self.symbol_of(object), object.reference_id.get())
        {
            self.plain.read(symbol, head, &names, self.callee == Some(member.span));
        }
        self.split_import_options(expression);
        if let Some(replacement) = self.replacement(expression) {
            *expression = replacement;
            return;
        }
        if self.commonjs.is_some() && self.commonjs_expression(expression) {
            return;
        }
        let is_marked = match expression {
            Expression::StaticMemberExpression(member) => self.static_member(member),
            Expression::ComputedMemberExpression(member) => self.computed_member(member),
            Expression::NewExpression(new) => {
                self.worker(new);
                false
            }
            _ => false,
        };
        if !is_marked {
            walk_js_mut::walk_expression(self, expression);
        }
    }

    fn visit_chain_expression(&mut self, chain: &mut ChainExpression<'a>) {
        let is_marked = match &mut chain.expression {
            ChainElement::StaticMemberExpression(member) => self.static_member(member),
            ChainElement::ComputedMemberExpression(member) => self.computed_member(member),
            _ => false,
        };
        if !is_marked {
            walk_js_mut::walk_chain_expression(self, chain);
        }
    }

    fn visit_unary_expression(&mut self, unary: &mut UnaryExpression<'a>) {
        let asks_for_kind = unary.operator == UnaryOperator::Typeof
            && ["exports", "module"].iter().any(|name| self.is_free_named(&unary.argument, name));
        if asks_for_kind {
            return self.quietly(|walk| walk.visit_expression(&mut unary.argument));
        }
        // `delete ns.a` must stay a deletion of a property: `delete a` is no program.
        if unary.operator == UnaryOperator::Delete {
            match &mut unary.argument {
                Expression::StaticMemberExpression(member) => return self.visit_expression(&mut member.object),
                Expression::ComputedMemberExpression(member) => {
                    self.visit_expression(&mut member.object);
                    return self.visit_expression(&mut member.expression);
                }
                Expression::ChainExpression(chain) => match &mut chain.expression {
                    ChainElement::StaticMemberExpression(member) => return self.visit_expression(&mut member.object),
                    ChainElement::ComputedMemberExpression(member) => {
                        self.visit_expression(&mut member.object);
                        return self.visit_expression(&mut member.expression);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        walk_js_mut::walk_unary_expression(self, unary);
    }

    fn visit_call_expression(&mut self, call: &mut CallExpression<'a>) {
        // `import("x").catch(...)` handles the failure as `try` does.
        let guarded = matches!(&call.callee, Expression::StaticMemberExpression(member)
            if member.property.name == "catch" && matches!(member.object, Expression::ImportExpression(_)));
        self.try_depth += u32::from(guarded);
        self.callee = Some(call.callee.span());
        walk_js_mut::walk_call_expression(self, call);
        self.try_depth -= u32::from(guarded);
        self.upgrade(&mut call.callee, RelocationKind::Callee);
    }

    fn visit_tagged_template_expression(&mut self, tagged: &mut TaggedTemplateExpression<'a>) {
        match &mut tagged.tag {
            // The tag is called as a method.
            Expression::StaticMemberExpression(member) if self.commonjs.is_some() => {
                self.visit_expression(&mut member.object);
                return self.visit_template_literal(&mut tagged.quasi);
            }
            Expression::ComputedMemberExpression(member) if self.commonjs.is_some() => {
                self.visit_expression(&mut member.object);
                self.visit_expression(&mut member.expression);
                return self.visit_template_literal(&mut tagged.quasi);
            }
            tag => {
                self.callee = Some(tag.span());
                walk_js_mut::walk_tagged_template_expression(self, tagged);
            }
        }
        self.upgrade(&mut tagged.tag, RelocationKind::Callee);
    }

    fn visit_identifier_reference(&mut self, identifier: &mut IdentifierReference<'a>) {
        if let Some(symbol) = self.symbol_of(identifier) {
            self.plain.mention(symbol, identifier.reference_id.get());
            self.section.uses.push(symbol);
            identifier.name = self.marker_text(MarkerKind::Relocation(RelocationKind::Name), symbol.0).into();
            identifier.reference_id.set(None);
            return;
        }
        self.commonjs_local(identifier);
        // `arguments[0]` is `exports`.
        if self.this_depth == 0 && identifier.name == "arguments" && self.is_free(identifier) {
            self.use_all_exports();
        }
        let is_commonjs = self.table.format == ModuleFormat::CommonJs;
        let kind = match identifier.name.as_str() {
            "require" => RelocationKind::FreeRequire,
            "module" if is_commonjs => RelocationKind::CjsModule,
            "exports" if is_commonjs => RelocationKind::CjsExports,
            "__dirname" if self.commonjs_paths => RelocationKind::ImportMetaDirname,
            "__filename" if self.commonjs_paths => RelocationKind::ImportMetaFilename,
            _ => return,
        };
        if self.is_free(identifier) {
            match kind {
                RelocationKind::FreeRequire => self.table.flags.insert(ModuleFlags::FREE_REQUIRE),
                RelocationKind::CjsModule | RelocationKind::CjsExports => self.use_all_exports(),
                _ => {}
            }
            identifier.name = self.marker_text(MarkerKind::Relocation(kind), 0).into();
            identifier.reference_id.set(None);
        }
    }

    fn visit_binding_identifier(&mut self, identifier: &mut BindingIdentifier<'a>) {
        if let Some(symbol) = identifier.symbol_id.get().and_then(|symbol| self.table.symbol_of(symbol)) {
            identifier.name = self.marker_text(MarkerKind::Relocation(RelocationKind::Name), symbol.0).into();
            identifier.symbol_id.set(None);
        }
    }

    fn visit_simple_assignment_target(&mut self, target: &mut SimpleAssignmentTarget<'a>) {
        if let SimpleAssignmentTarget::AssignmentTargetIdentifier(identifier) = target
            && let Some(symbol) = self.symbol_of(identifier)
            && self.table.is_import(symbol)
        {
            let message =
                format!("Cannot assign to \"{}\": it is an import, and imports are read-only", identifier.name);
            self.diagnostics.push(
                Diagnostic::error("ILLEGAL_REASSIGNMENT", message)
                    .with_span(self.input.id, self.input.source, identifier.span.start, identifier.span.end)
                    .with_hint("Export a function from the other module that sets the value, and call it here"),
            );
        }
        walk_js_mut::walk_simple_assignment_target(self, target);
    }

    fn visit_assignment_target_property(&mut self, property: &mut AssignmentTargetProperty<'a>) {
        // `({ a } = o)` names key and target with one node; only `({ a: a } = o)` lets the target be renamed. The printer
        // would rename one of a nested scope all the same, and map neither.
        if let AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(identifier) = property
            && (self.symbol_of(&identifier.binding).is_some() || self.is_renamed(&identifier.binding))
        {
            let builder = &self.builder;
            let key = PropertyKey::new_static_identifier(identifier.binding.span, identifier.binding.name, builder);
            let reference = identifier.binding.take_in(builder);
            let target =
                AssignmentTarget::AssignmentTargetIdentifier(oxc_allocator::ArenaBox::new_in(reference, builder));
            let target = match identifier.init.take() {
                Some(init) => AssignmentTargetMaybeDefault::new_assignment_target_with_default(
                    identifier.span,
                    target,
                    init,
                    builder,
                ),
                None => AssignmentTargetMaybeDefault::from(target),
            };
            *property = AssignmentTargetProperty::new_assignment_target_property_property(
                identifier.span,
                key,
                target,
                false,
                builder,
            );
        }
        walk_js_mut::walk_assignment_target_property(self, property);
    }

    fn visit_object_property(&mut self, property: &mut ObjectProperty<'a>) {
        walk_js_mut::walk_object_property(self, property);
        if !property.shorthand {
            return;
        }
        let is_marker = matches!(&property.value, Expression::Identifier(value) if self.symbol_of_marker(value.name.as_str()).is_some());
        if is_marker && matches!(&property.key, PropertyKey::StaticIdentifier(key) if key.name == "__proto__") {
            // `{ __proto__ }` makes a property, `{ __proto__: x }` sets the prototype.
            property.key = PropertyKey::from(Expression::new_string_literal(SPAN, "__proto__", None, &self.builder));
            property.computed = true;
            property.shorthand = false;
        } else {
            self.upgrade(&mut property.value, RelocationKind::Shorthand);
        }
    }

    fn visit_binding_property(&mut self, property: &mut BindingProperty<'a>) {
        walk_js_mut::walk_binding_property(self, property);
        if !property.shorthand {
            return;
        }
        let target = match &mut property.value {
            BindingPattern::AssignmentPattern(pattern) => &mut pattern.left,
            pattern => pattern,
        };
        if let BindingPattern::BindingIdentifier(id) = target
            && let Some(symbol) = self.symbol_of_marker(id.name.as_str())
        {
            id.name = self.marker_text(MarkerKind::Relocation(RelocationKind::Shorthand), symbol.0).into();
        }
    }

    fn visit_variable_declarator(&mut self, declarator: &mut VariableDeclarator<'a>) {
        let names = match (&self.commonjs, &declarator.init) {
            (Some(_), Some(init)) if commonjs::is_require(init, &self.scoping) => match &declarator.id {
                BindingPattern::BindingIdentifier(id) => {
                    let symbol = id.symbol_id.get();
                    self.visit_required(&mut declarator.init, symbol, &[]);
                    return self.visit_binding_pattern(&mut declarator.id);
                }
                BindingPattern::ObjectPattern(pattern) => pattern_names(pattern),
                _ => None,
            },
            _ => None,
        };
        let Some(names) = names else { return walk_js_mut::walk_variable_declarator(self, declarator) };
        self.visit_binding_pattern(&mut declarator.id);
        self.visit_required(&mut declarator.init, None, &names);
    }

    fn visit_expression_statement(&mut self, statement: &mut ExpressionStatement<'a>) {
        if self.commonjs.is_some() && commonjs::is_require(&statement.expression, &self.scoping) {
            let request = self.visit_request(&mut statement.expression);
            return self.only_members(request);
        }
        walk_js_mut::walk_expression_statement(self, statement);
    }

    fn visit_variable_declaration(&mut self, declaration: &mut VariableDeclaration<'a>) {
        if declaration.kind == VariableDeclarationKind::AwaitUsing && self.function_depth == 0 {
            self.section.flags.insert(SectionFlags::AWAIT);
        }
        self.nested_var(declaration);
    }

    fn visit_function(&mut self, function: &mut Function<'a>, flags: ScopeFlags) {
        // It runs when somebody calls it, and `try` around the place where it is made catches nothing then.
        let try_depth = std::mem::take(&mut self.try_depth);
        self.function_depth += 1;
        self.this_depth += 1;
        walk_js_mut::walk_function(self, function, flags);
        self.function_depth -= 1;
        self.this_depth -= 1;
        self.try_depth = try_depth;
    }

    fn visit_arrow_function_expression(&mut self, arrow: &mut ArrowFunctionExpression<'a>) {
        self.function_depth += 1;
        walk_js_mut::walk_arrow_function_expression(self, arrow);
        self.function_depth -= 1;
    }

    fn visit_static_block(&mut self, block: &mut StaticBlock<'a>) {
        // It runs where the class stands, and has a `this` of its own.
        self.this_depth += 1;
        walk_js_mut::walk_static_block(self, block);
        self.this_depth -= 1;
    }

    fn visit_property_definition(&mut self, definition: &mut PropertyDefinition<'a>) {
        self.visit_decorators(&mut definition.decorators);
        self.visit_property_key(&mut definition.key);
        self.class_initializer(&mut definition.value, definition.r#static);
    }

    fn visit_accessor_property(&mut self, accessor: &mut AccessorProperty<'a>) {
        self.visit_decorators(&mut accessor.decorators);
        self.visit_property_key(&mut accessor.key);
        self.class_initializer(&mut accessor.value, accessor.r#static);
    }

    fn visit_await_expression(&mut self, expression: &mut AwaitExpression<'a>) {
        if self.function_depth == 0 {
            self.section.flags.insert(SectionFlags::AWAIT);
        }
        walk_js_mut::walk_await_expression(self, expression);
    }

    fn visit_throw_statement(&mut self, statement: &mut ThrowStatement<'a>) {
        if self.function_depth == 0 && self.try_depth == 0 {
            self.table.flags.insert(ModuleFlags::THROWS);
        }
        walk_js_mut::walk_throw_statement(self, statement);
    }

    fn visit_for_of_statement(&mut self, statement: &mut ForOfStatement<'a>) {
        if statement.r#await && self.function_depth == 0 {
            self.section.flags.insert(SectionFlags::AWAIT);
        }
        walk_js_mut::walk_for_of_statement(self, statement);
    }

    fn visit_try_statement(&mut self, statement: &mut TryStatement<'a>) {
        let guarded = u32::from(statement.handler.is_some());
        self.try_depth += guarded;
        self.visit_block_statement(&mut statement.block);
        self.try_depth -= guarded;
        if let Some(handler) = &mut statement.handler {
            self.visit_catch_clause(handler);
        }
        if let Some(finalizer) = &mut statement.finalizer {
            self.visit_block_statement(finalizer);
        }
    }
}

impl<'a> Relocator<'a, '_> {
    fn class_initializer(&mut self, value: &mut Option<Expression<'a>>, is_static: bool) {
        let Some(value) = value else { return };
        let later = u32::from(!is_static);
        self.this_depth += 1;
        self.function_depth += later;
        self.visit_expression(value);
        self.this_depth -= 1;
        self.function_depth -= later;
    }
}

/// Together they keep what a `Relocation` covers below its 65,536 bytes, also where the printer escapes.
const MOST_MEMBERS: usize = 32;
const LONGEST_MEMBER: usize = 256;
