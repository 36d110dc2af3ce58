//! Cuts a module into sections, the unit of section GC: one top-level statement each, lists of declarations apart.
//! `import` and `export` disappear, they are in the tables; `export default` becomes a variable. A CommonJS module that
//! does not say name by name what it exports is one section. After each section's statement stands its end marker, so that one print serves all.

use super::JsOptions;
use super::attached::{
    self, Fresh, adds_accessors, attached, attached_value, fresh_class, fresh_function, fresh_value,
};
use super::commonjs;
use super::effects::{
    Callee, Construction, Context, Effects, Facts, calls_of_pure_function, construction, effects_of, effects_of_class,
    effects_of_value,
};
use super::marker::MarkerKind;
use super::pure_functions::{attach_constructions, flag_pure_functions};
use super::relocate::Relocator;
use super::symbols::span_of;
use super::values::{Known, is_primitive, known_string};
use cloudpack_base::{Idx, RequestIdx, SectionIdx, SymbolIdx};
use cloudpack_object::SectionShape;
use cloudpack_summary::{
    ConstantValue, DeclarationKind, ModuleFlags, ModuleFormat, RequestKind, Section, SectionFlags, SymbolFlags,
    SymbolKind,
};
use oxc_allocator::{ArenaBox, ArenaVec, TakeIn};
use oxc_ast::ast::*;
use oxc_ast_visit::{VisitJsMut, walk_js_mut};
use oxc_ecmascript::BoundNames;
use oxc_span::{GetSpan, SPAN};
use oxc_syntax::scope::ScopeId;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::{FxHashMap, FxHashSet};

/// A section before its text is known.
pub(super) struct Draft {
    pub(super) section: Section,
    pub(super) shape: SectionShape,
    pub(super) scopes: Vec<ScopeId>,
    /// Text that is not printed from the tree: a directive.
    pub(super) literal: Option<String>,
}

pub(super) fn cut<'a>(walk: &mut Relocator<'a, '_>, program: &mut Program<'a>, options: &JsOptions) -> Vec<Draft> {
    let is_commonjs = walk.table.format == ModuleFormat::CommonJs;
    let mut drafts = directives(program, is_commonjs);
    if is_commonjs {
        walk.commonjs = commonjs::find_exports(&mut walk.table, program, &walk.scoping, walk.input.source);
        if walk.commonjs.is_none() {
            drafts.push(keep_whole(walk, program));
            return drafts;
        }
        commonjs::split_sequences(&walk.builder, &mut program.body);
    }
    let body = ArenaVec::new_in(&walk.builder);
    let mut cutter = Cutter {
        drafts,
        harmless: Vec::new(),
        known: Known::default(),
        declared_above: FxHashSet::default(),
        makers: FxHashMap::default(),
        adds_accessors: adds_accessors(walk.input.source),
        forward: None,
        body,
        options,
    };
    let statements = program.body.take_in(&walk.builder);
    for statement in statements {
        cutter.statement(walk, statement);
    }
    program.body = cutter.body;
    program.hashbang = None;
    if let Some(commonjs) = walk.commonjs.take() {
        commonjs.finish(&mut walk.table, cutter.forward);
    }
    // `section` of a declared symbol could not be known when the table was made.
    let mut declarations = vec![0u32; walk.table.symbols.len()];
    for (index, draft) in cutter.drafts.iter().enumerate() {
        if draft.section.flags.contains(SectionFlags::ATTACHED) {
            continue;
        }
        for symbol in &draft.section.declares {
            declarations[symbol.index()] += 1;
            if let SymbolKind::Declared { section, .. } = &mut walk.table.symbols[*symbol].kind {
                *section = SectionIdx(index as u32);
            }
        }
    }
    // `var f = () => {}; var f = g()`
    cutter.harmless.retain(|(symbol, _)| declarations[symbol.index()] == 1);
    flag_pure_functions(&mut walk.table, cutter.harmless);
    attach_constructions(&walk.table, &mut cutter.drafts, &cutter.makers);
    cutter.drafts
}

/// Whether the section may run a module: of its request, only a name is left in the tree.
fn asks(walk: &Relocator<'_, '_>) -> bool {
    walk.section.requests.iter().any(|request| {
        let kind = walk.table.requests[*request].kind;
        matches!(kind, RequestKind::Require | RequestKind::Dynamic | RequestKind::Worker)
    })
}

/// The whole body of a CommonJS module is one section that always runs when the module does.
fn keep_whole<'a>(walk: &mut Relocator<'a, '_>, program: &mut Program<'a>) -> Draft {
    program.hashbang = None;
    walk_js_mut::walk_program(walk, program);
    let mut section = std::mem::take(&mut walk.section);
    section.flags.insert(SectionFlags::SIDE_EFFECTS);
    Draft { section, shape: SectionShape::Statement, scopes: std::mem::take(&mut walk.scopes), literal: None }
}

/// `"use client"` and the like become sections of their own; `"use strict"` says nothing in an ES module.
fn directives(program: &mut Program<'_>, is_commonjs: bool) -> Vec<Draft> {
    let drafts = program
        .directives
        .iter()
        .filter(|directive| is_commonjs || directive.directive != "use strict")
        .map(|directive| {
            let quote = if directive.directive.contains('"') { '\'' } else { '"' };
            let flags = SectionFlags::DIRECTIVE;
            Draft {
                section: Section { flags, ..Section::default() },
                shape: SectionShape::Directive,
                scopes: Vec::new(),
                literal: Some(format!("{quote}{}{quote};", directive.directive)),
            }
        })
        .collect();
    program.directives.clear();
    drafts
}

struct Cutter<'a, 'o> {
    drafts: Vec<Draft>,
    /// Functions that do nothing by themselves, with those that they call.
    harmless: Vec<(SymbolIdx, Vec<SymbolIdx>)>,
    /// Of variables above the place.
    known: Known,
    declared_above: FxHashSet<SymbolIdx>,
    /// Classes whose constructors add to nothing but their objects and prototypes of such classes.
    makers: FxHashMap<SymbolIdx, Construction>,
    /// The module may give setters to anything.
    adds_accessors: bool,
    /// `module.exports = require("./a")`
    forward: Option<RequestIdx>,
    body: ArenaVec<'a, Statement<'a>>,
    options: &'o JsOptions,
}

impl<'a> Cutter<'a, '_> {
    fn statement(&mut self, walk: &mut Relocator<'a, '_>, statement: Statement<'a>) {
        match statement {
            Statement::ImportDeclaration(_)
            | Statement::ExportAllDeclaration(_)
            | Statement::ExportFromDeclaration(_)
            | Statement::ExportNamedDeclaration(_)
            | Statement::EmptyStatement(_) => {}
            Statement::ExportDeclaration(export) => {
                self.statement(walk, Statement::from(export.unbox().declaration));
            }
            Statement::ExportDefaultDeclaration(export) => self.export_default(walk, export.unbox()),
            Statement::VariableDeclaration(declaration) => self.variables(walk, declaration.unbox()),
            Statement::FunctionDeclaration(mut function) => {
                let fresh = self.made(walk, function.id.as_ref(), fresh_function(&function));
                walk.visit_function(&mut function, oxc_syntax::scope::ScopeFlags::Function);
                let declares = function.id.as_ref().and_then(|id| declared(walk, id));
                self.note_function(walk, declares, &Callee::Function(&function));
                self.finish(walk, Statement::FunctionDeclaration(function), declares, SectionShape::Function);
                self.keep_fresh(fresh);
            }
            Statement::ClassDeclaration(mut class) => {
                let fresh = self.made(walk, class.id.as_ref(), self.class(walk, &class));
                walk.visit_class(&mut class);
                let declares = class.id.as_ref().and_then(|id| declared(walk, id));
                self.note_class(walk, &fresh, &class);
                self.finish_class(walk, class, declares, fresh.is_some());
                self.keep_fresh(fresh);
            }
            Statement::ExpressionStatement(mut statement) => match &mut statement.expression {
                // `A.name = "a", f(), ~FLAG`, as compressors write: one part may go without the others.
                Expression::SequenceExpression(sequence) => {
                    for part in sequence.expressions.take_in(&walk.builder) {
                        let part = Statement::new_expression_statement(part.span(), part, &walk.builder);
                        self.statement(walk, part);
                    }
                }
                _ => self.expression(walk, statement),
            },
            mut other => {
                walk.visit_statement(&mut other);
                if walk.commonjs.is_some() {
                    // `if (a) return;`
                    walk.section.flags.insert(SectionFlags::SIDE_EFFECTS);
                }
                self.finish(walk, other, None, SectionShape::Statement);
            }
        }
    }

    fn facts<'w>(&'w self, walk: &'w Relocator<'a, '_>) -> Facts<'w> {
        Facts { scoping: &walk.scoping, markers: &walk.markers, options: self.options, symbols: &walk.table.symbols }
    }

    fn is_primitive(&self, walk: &Relocator<'a, '_>, value: &Expression<'a>) -> bool {
        let context = Context::new(self.facts(walk), None);
        is_primitive(value, Some(&context), &walk.markers, Some(&self.known))
    }

    fn expression(&mut self, walk: &mut Relocator<'a, '_>, mut statement: ArenaBox<'a, ExpressionStatement<'a>>) {
        if let Some((symbol, fresh)) = self.attached(walk, &statement.expression) {
            self.known.fresh.extend(fresh.map(|fresh| (symbol, fresh)));
            let reads_prototype = self.reads_prototype(walk, &statement.expression);
            walk.visit_expression_statement(&mut statement);
            let effects = match attached_value(&statement.expression) {
                _ if reads_prototype => Effects::None,
                Some(value) => effects_of_value(value, self.facts(walk), &self.known),
                None => Effects::Some,
            };
            walk.section.flags.insert(SectionFlags::ATTACHED);
            let statement = Statement::ExpressionStatement(statement);
            return self.close(walk, statement, Some(symbol), SectionShape::Statement, effects);
        }
        if walk.commonjs.is_some() {
            return self.commonjs_expression(walk, statement);
        }
        walk.visit_expression_statement(&mut statement);
        self.finish(walk, Statement::ExpressionStatement(statement), None, SectionShape::Statement);
    }

    /// The symbol of what the expression adds to or gives a value, and what that is afterwards, if that is known.
    fn attached(&self, walk: &Relocator<'a, '_>, expression: &Expression<'a>) -> Option<(SymbolIdx, Option<Fresh>)> {
        if let Some(symbol) = self.assigned(walk, expression) {
            return Some((symbol, None));
        }
        let attached = attached(expression)?;
        let symbol = top_level_symbol(walk, attached.object)?;
        attached.add_to(self.known.fresh.get(&symbol)?).map(|fresh| (symbol, Some(fresh)))
    }

    /// The variable of this module that `a = value` gives a value.
    fn assigned(&self, walk: &Relocator<'a, '_>, expression: &Expression<'a>) -> Option<SymbolIdx> {
        let Expression::AssignmentExpression(assignment) = expression else { return None };
        let AssignmentTarget::AssignmentTargetIdentifier(target) = &assignment.left else { return None };
        if assignment.operator != AssignmentOperator::Assign {
            return None;
        }
        let id = walk.scoping.get_reference(target.reference_id.get()?).symbol_id()?;
        let flags = walk.scoping.symbol_flags(id);
        let symbol = top_level_symbol(walk, target)?;
        let is_declared = matches!(walk.table.symbols[symbol].kind, SymbolKind::Declared { .. });
        // Too early, or to a constant, it throws.
        let is_there = !flags.is_const_variable()
            && (flags.is_function_scoped_declaration() && !flags.is_catch_variable()
                || self.declared_above.contains(&symbol));
        (is_declared && is_there).then_some(symbol)
    }

    /// `A.prototype = B.prototype`
    fn reads_prototype(&self, walk: &Relocator<'a, '_>, expression: &Expression<'a>) -> bool {
        let value = attached_value(expression).and_then(commonjs::member_of);
        let Some((Expression::Identifier(object), "prototype")) = value else { return false };
        top_level_symbol(walk, object).is_some_and(|symbol| {
            // Of a function or class it is a property of its own.
            matches!(walk.table.symbols[symbol].kind, SymbolKind::Declared { kind, flags, .. }
                if matches!(kind, DeclarationKind::Function | DeclarationKind::Class)
                    && !flags.contains(SymbolFlags::REASSIGNED))
        })
    }

    fn class(&self, walk: &Relocator<'a, '_>, class: &Class<'a>) -> Option<Fresh> {
        match class.heritage_expression() {
            None => fresh_class(class, &Fresh::default()),
            Some(Expression::Identifier(parent)) if !self.adds_accessors => {
                // With another prototype than its own it is not known what that has.
                let parent =
                    self.known.fresh.get(&top_level_symbol(walk, parent)?).filter(|parent| parent.prototype)?;
                fresh_class(class, parent)
            }
            Some(_) => None,
        }
    }

    fn finish_class(
        &mut self,
        walk: &mut Relocator<'a, '_>,
        class: ArenaBox<'a, Class<'a>>,
        declares: Option<SymbolIdx>,
        is_fresh: bool,
    ) {
        if !is_fresh {
            let statics = attached::own_statics(&class);
            let symbol = declares.filter(|_| !statics.is_empty()).filter(|symbol| {
                matches!(walk.table.symbols[*symbol].kind, SymbolKind::Declared { flags, .. }
                    if !flags.contains(SymbolFlags::REASSIGNED))
            });
            self.finish(walk, Statement::ClassDeclaration(class), declares, SectionShape::Class);
            let has_effects = self.drafts.last().is_none_or(|draft| may_use(&draft.section));
            self.known.statics.extend(symbol.filter(|_| !has_effects).map(|symbol| (symbol, statics)));
            return;
        }
        let effects = effects_of_class(&class, self.facts(walk), &self.known);
        self.close(walk, Statement::ClassDeclaration(class), declares, SectionShape::Class, effects);
    }

    /// `new C()` of a class that only fills its object is like a call of a pure function.
    fn note_class(&mut self, walk: &Relocator<'a, '_>, made: &Option<(SymbolIdx, Fresh)>, class: &Class<'a>) {
        let Some((symbol, fresh)) = made else { return };
        if asks(walk) {
            return;
        }
        let makes = |parent: SymbolIdx| self.makers.contains_key(&parent);
        let construction = construction(class, *symbol, &fresh.accessors, makes, self.facts(walk));
        let Some(construction) = construction else { return };
        if !construction.adds_to_itself {
            self.harmless.push((*symbol, construction.calls.clone()));
        }
        self.makers.insert(*symbol, construction);
    }

    /// The symbol of a declaration, with what it makes, if that stays its only value.
    fn made(
        &self,
        walk: &Relocator<'a, '_>,
        id: Option<&BindingIdentifier<'a>>,
        fresh: Option<Fresh>,
    ) -> Option<(SymbolIdx, Fresh)> {
        let id = id?;
        let symbol = declared(walk, id)?;
        let is_fixed = matches!(walk.table.symbols[symbol].kind, SymbolKind::Declared { flags, .. }
            if !flags.contains(SymbolFlags::REASSIGNED))
            && walk.scoping.symbol_redeclarations(id.symbol_id.get()?).is_empty();
        fresh.filter(|_| is_fixed).map(|fresh| (symbol, fresh))
    }

    /// After the section that declares it: where that is kept for what it does, the thing may be in use.
    fn keep_fresh(&mut self, made: Option<(SymbolIdx, Fresh)>) {
        let is_removable = self.drafts.last().is_some_and(|draft| !may_use(&draft.section));
        self.known.fresh.extend(made.filter(|_| is_removable));
    }

    /// Of a CommonJS module that is cut: `exports.a = value` is wanted by whoever wants `a`, if the value makes itself
    /// known to nobody.
    fn commonjs_expression(
        &mut self,
        walk: &mut Relocator<'a, '_>,
        mut statement: ArenaBox<'a, ExpressionStatement<'a>>,
    ) {
        let forward = walk.forward(&mut statement.expression);
        if forward.is_some() {
            self.forward = forward;
            return self.finish(walk, Statement::ExpressionStatement(statement), None, SectionShape::Statement);
        }
        let Some(definition) = commonjs::definition(&statement.expression, &walk.scoping) else {
            walk.visit_expression_statement(&mut statement);
            return self.finish(walk, Statement::ExpressionStatement(statement), None, SectionShape::Statement);
        };
        let names = definition.names.len();
        let symbols: Vec<Option<SymbolIdx>> = definition
            .names
            .iter()
            .map(|name| walk.commonjs.as_ref().and_then(|commonjs| commonjs.name(name)))
            .collect();
        let reads_required = walk.reads_required(definition.value);
        walk.visit_definition(&mut statement.expression, names);
        walk.section.declares.extend(symbols.iter().flatten());
        if symbols.contains(&None) {
            walk.section.flags.insert(SectionFlags::SIDE_EFFECTS);
        }
        let effects = match commonjs::defined_value(&statement.expression, names) {
            _ if reads_required => Effects::None,
            Some(value) => effects_of_value(value, self.facts(walk), &self.known),
            None => Effects::Some,
        };
        self.close(walk, Statement::ExpressionStatement(statement), None, SectionShape::Statement, effects);
    }

    fn export_default(&mut self, walk: &mut Relocator<'a, '_>, export: ExportDefaultDeclaration<'a>) {
        let span = span_of(export.span);
        match export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(mut function) => {
                let fresh = self.made(walk, function.id.as_ref(), fresh_function(&function));
                let named =
                    function.id.as_ref().and_then(|id| id.symbol_id.get()).and_then(|id| walk.table.symbol_of(id));
                let symbol = named.unwrap_or_else(|| walk.table.add_default_symbol(DeclarationKind::Function, span));
                if function.pure
                    && let SymbolKind::Declared { flags, .. } = &mut walk.table.symbols[symbol].kind
                {
                    flags.insert(SymbolFlags::PURE_FUNCTION);
                }
                walk.table.export_symbol("default", symbol);
                walk.visit_function(&mut function, oxc_syntax::scope::ScopeFlags::Function);
                if function.id.is_none() {
                    function.id = Some(binding(walk, symbol));
                }
                function.r#type = FunctionType::FunctionDeclaration;
                self.note_function(walk, Some(symbol), &Callee::Function(&function));
                self.finish(walk, Statement::FunctionDeclaration(function), Some(symbol), SectionShape::Function);
                self.keep_fresh(fresh);
                if named.is_none() && !self.options.minify {
                    self.name_default_function(walk, symbol);
                }
            }
            ExportDefaultDeclarationKind::ClassDeclaration(class) if class.id.is_none() && !self.options.minify => {
                let mut class = class;
                class.r#type = ClassType::ClassExpression;
                self.default_variable(walk, Expression::ClassExpression(class), export.span);
            }
            ExportDefaultDeclarationKind::ClassDeclaration(mut class) => {
                let fresh = self.made(walk, class.id.as_ref(), self.class(walk, &class));
                let named = class.id.as_ref().and_then(|id| id.symbol_id.get()).and_then(|id| walk.table.symbol_of(id));
                let symbol = named.unwrap_or_else(|| walk.table.add_default_symbol(DeclarationKind::Class, span));
                walk.table.export_symbol("default", symbol);
                walk.visit_class(&mut class);
                if class.id.is_none() {
                    class.id = Some(binding(walk, symbol));
                }
                class.r#type = ClassType::ClassDeclaration;
                self.note_class(walk, &fresh, &class);
                self.finish_class(walk, class, Some(symbol), fresh.is_some());
                self.keep_fresh(fresh);
            }
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => {}
            expression => {
                let Ok(expression) = Expression::try_from(expression) else { return };
                let named = named_symbol(walk, &expression);
                if let Some((id, symbol)) = named
                    && let SymbolKind::Declared { kind: DeclarationKind::Function, flags, .. } =
                        walk.table.symbols[symbol].kind
                    && !flags.contains(SymbolFlags::REASSIGNED)
                    && walk.scoping.symbol_redeclarations(id).is_empty()
                {
                    // `export default foo` copies the value of `foo`. That of a function was there before anything ran.
                    walk.table.export_symbol("default", symbol);
                    return;
                }
                let copy_of = named.and_then(|(id, symbol)| self.settled(walk, id, symbol));
                self.default_variable(walk, expression, export.span);
                if let (Some(_), Some(export)) = (copy_of, walk.table.local_exports.last_mut()) {
                    export.copy_of = copy_of;
                }
            }
        }
    }

    /// The symbol, if this module does not change its value from here on: an import, or a class or variable whose one
    /// declaration stands before this place. Of `export default x; let x = 1` running the export must throw.
    fn settled(&self, walk: &Relocator<'_, '_>, id: SymbolId, symbol: SymbolIdx) -> Option<SymbolIdx> {
        let is_settled = match &walk.table.symbols[symbol].kind {
            SymbolKind::Import { .. } => true,
            SymbolKind::Declared { flags, .. } => {
                !flags.contains(SymbolFlags::REASSIGNED)
                    && walk.scoping.symbol_redeclarations(id).is_empty()
                    && self.drafts.iter().any(|draft| {
                        matches!(draft.shape, SectionShape::Declaration | SectionShape::Class)
                            && draft.section.declares.contains(&symbol)
                    })
            }
            SymbolKind::Linker | SymbolKind::Interop { .. } | SymbolKind::Required { .. } => false,
        };
        is_settled.then_some(symbol)
    }

    /// `const foo_default = expression;`
    fn default_variable(&mut self, walk: &mut Relocator<'a, '_>, expression: Expression<'a>, span: oxc_span::Span) {
        let symbol = walk.table.add_default_symbol(DeclarationKind::Const, span_of(span));
        walk.table.export_symbol("default", symbol);
        let id =
            BindingPattern::BindingIdentifier(oxc_allocator::ArenaBox::new_in(binding(walk, symbol), &walk.builder));
        let is_anonymous = match &expression {
            Expression::ArrowFunctionExpression(_) => true,
            Expression::FunctionExpression(function) => function.id.is_none(),
            Expression::ClassExpression(class) => class.id.is_none(),
            _ => false,
        };
        let declarator = VariableDeclarator::new(expression.span(), id, None, Some(expression), false, &walk.builder);
        let declarators = ArenaVec::from_value_in(declarator, &walk.builder);
        let declaration =
            VariableDeclaration::new(span, VariableDeclarationKind::Const, declarators, false, &walk.builder);
        self.variables(walk, declaration);
        // Its name is "default", not the variable's. Minified text gives up all names of functions.
        let last = self.body.len().checked_sub(2).and_then(|at| self.body.get_mut(at));
        if let (true, false, Some(Statement::VariableDeclaration(declaration))) =
            (is_anonymous, self.options.minify, last)
            && let Some(VariableDeclarator { init: Some(init), .. }) = declaration.declarations.first_mut()
        {
            let value = init.take_in(&walk.builder);
            let key = PropertyKey::new_static_identifier(SPAN, "default", &walk.builder);
            let property = ObjectPropertyKind::new_object_property(
                SPAN,
                PropertyKind::Init,
                key,
                value,
                false,
                false,
                false,
                &walk.builder,
            );
            let object = Expression::new_object_expression(
                SPAN,
                ArenaVec::from_value_in(property, &walk.builder),
                &walk.builder,
            );
            let name = IdentifierName::new(SPAN, "default", &walk.builder);
            *init = Expression::from(MemberExpression::new_static_member_expression(
                SPAN,
                object,
                name,
                false,
                &walk.builder,
            ));
        }
    }

    /// `Object.defineProperty(foo_default, "name", { value: "default", configurable: true });` within the function's own
    /// section: a hoisted function has no other way to be called what the specification calls it.
    fn name_default_function(&mut self, walk: &Relocator<'a, '_>, symbol: SymbolIdx) {
        let builder = &walk.builder;
        let property = |key: &'a str, value: Expression<'a>| {
            let key = PropertyKey::new_static_identifier(SPAN, key, builder);
            ObjectPropertyKind::new_object_property(SPAN, PropertyKind::Init, key, value, false, false, false, builder)
        };
        let mut properties = ArenaVec::new_in(builder);
        properties.push(property("value", Expression::new_string_literal(SPAN, "default", None, builder)));
        properties.push(property("configurable", Expression::new_boolean_literal(SPAN, true, builder)));
        let object = Expression::new_identifier(SPAN, "Object", builder);
        let callee = Expression::from(MemberExpression::new_static_member_expression(
            SPAN,
            object,
            IdentifierName::new(SPAN, "defineProperty", builder),
            false,
            builder,
        ));
        let mut arguments = ArenaVec::new_in(builder);
        arguments.push(Argument::from(walk.marker(cloudpack_object::RelocationKind::Name, symbol.0, SPAN)));
        arguments.push(Argument::from(Expression::new_string_literal(SPAN, "name", None, builder)));
        arguments.push(Argument::from(Expression::new_object_expression(SPAN, properties, builder)));
        let call = Expression::new_call_expression(SPAN, callee, None, arguments, false, builder);
        let statement = Statement::new_expression_statement(SPAN, call, builder);
        // Before the section's end marker.
        let at = self.body.len().saturating_sub(1);
        self.body.insert(at, statement);
    }

    /// `const a = 1, b = 2` is two sections, so that one may go without the other.
    fn variables(&mut self, walk: &mut Relocator<'a, '_>, mut declaration: VariableDeclaration<'a>) {
        let keyword = match declaration.kind {
            VariableDeclarationKind::Var => DeclarationKind::Var,
            VariableDeclarationKind::Let => DeclarationKind::Let,
            VariableDeclarationKind::Const => DeclarationKind::Const,
            VariableDeclarationKind::Using | VariableDeclarationKind::AwaitUsing => {
                let mut statement =
                    Statement::VariableDeclaration(oxc_allocator::ArenaBox::new_in(declaration, &walk.builder));
                let mut names = Vec::new();
                if let Statement::VariableDeclaration(declaration) = &statement {
                    declaration.bound_names(&mut |id| names.extend(declared(walk, id)));
                }
                walk.visit_statement(&mut statement);
                walk.section.declares.extend(names);
                return self.finish(walk, statement, None, SectionShape::Statement);
            }
        };
        let declarators = declaration.declarations.take_in(&walk.builder);
        let single = declarators.len() == 1;
        for mut declarator in declarators {
            let mut names = Vec::new();
            declarator.id.bound_names(&mut |id| {
                names.extend(declared(walk, id));
            });
            let constant = declarator.init.as_ref().and_then(constant_value);
            let fresh = match (&declarator.id, &declarator.init) {
                (BindingPattern::BindingIdentifier(id), Some(init)) => self.made(walk, Some(id), fresh_value(init)),
                _ => None,
            };
            walk.visit_variable_declarator(&mut declarator);
            walk.section.declares.extend(&names);
            if let (BindingPattern::BindingIdentifier(_), [symbol], Some(value)) =
                (&declarator.id, names.as_slice(), constant)
                && keyword != DeclarationKind::Var
                && let SymbolKind::Declared { constant, flags, .. } = &mut walk.table.symbols[*symbol].kind
                && !flags.contains(SymbolFlags::REASSIGNED)
            {
                *constant = Some(value);
            }
            if let (BindingPattern::BindingIdentifier(_), [symbol], Some(init)) =
                (&declarator.id, names.as_slice(), &declarator.init)
                && !asks(walk)
                && let SymbolKind::Declared { flags, .. } = &mut walk.table.symbols[*symbol].kind
                && !flags.contains(SymbolFlags::REASSIGNED)
            {
                if is_pure_function(init) {
                    flags.insert(SymbolFlags::PURE_FUNCTION);
                } else if let Some(callee) = Callee::of(init) {
                    self.note_function(walk, Some(*symbol), &callee);
                }
            }
            // Only of what is declared once, and after its value was made: `var a = 1; var a = {}`.
            let only_value = match (&declarator.id, names.as_slice(), &declarator.init) {
                (BindingPattern::BindingIdentifier(_), [symbol], Some(init))
                    if keyword != DeclarationKind::Var
                        && matches!(walk.table.symbols[*symbol].kind, SymbolKind::Declared { flags, .. }
                            if !flags.contains(SymbolFlags::REASSIGNED)) =>
                {
                    Some((*symbol, init))
                }
                _ => None,
            };
            let string = only_value
                .and_then(|(symbol, init)| Some((symbol, known_string(init, &walk.markers, Some(&self.known))?)));
            let primitive = only_value
                .filter(|(_, init)| string.is_some() || self.is_primitive(walk, init))
                .map(|(symbol, _)| symbol);
            let span = if single { declaration.span } else { declarator.span };
            let one = Statement::new_variable_declaration(
                span,
                declaration.kind,
                ArenaVec::from_value_in(declarator, &walk.builder),
                false,
                &walk.builder,
            );
            self.finish(walk, one, None, SectionShape::Declaration);
            self.keep_fresh(fresh);
            self.known.primitives.extend(primitive);
            self.known.strings.extend(string);
        }
    }

    fn note_function(&mut self, walk: &Relocator<'a, '_>, symbol: Option<SymbolIdx>, callee: &Callee<'_, 'a>) {
        if asks(walk) {
            return;
        }
        let calls = calls_of_pure_function(callee, self.facts(walk));
        self.harmless.extend(symbol.zip(calls));
    }

    /// Closes the section whose walked statement this is.
    fn finish(
        &mut self,
        walk: &mut Relocator<'a, '_>,
        statement: Statement<'a>,
        declares: Option<SymbolIdx>,
        shape: SectionShape,
    ) {
        let effects = effects_of(&statement, self.facts(walk), &self.known);
        self.close(walk, statement, declares, shape, effects);
    }

    fn close(
        &mut self,
        walk: &mut Relocator<'a, '_>,
        statement: Statement<'a>,
        declares: Option<SymbolIdx>,
        shape: SectionShape,
        effects: Effects,
    ) {
        let mut section = std::mem::take(&mut walk.section);
        section.declares.extend(declares);
        section.declares.sort_unstable();
        section.declares.dedup();
        section.uses.sort_unstable();
        section.uses.dedup();
        if !section.flags.contains(SectionFlags::ATTACHED) {
            section.uses.retain(|symbol| !section.declares.contains(symbol));
        }
        if shape == SectionShape::Function {
            section.flags.insert(SectionFlags::HOISTED);
        }
        if section.flags.contains(SectionFlags::AWAIT) {
            walk.table.flags.insert(ModuleFlags::TOP_LEVEL_AWAIT);
            walk.table.flags.insert(ModuleFlags::ES_SYNTAX);
        }
        match effects {
            Effects::None => {}
            Effects::Unless(conditions) => section.set_conditions(conditions),
            Effects::Some => section.flags.insert(SectionFlags::SIDE_EFFECTS),
        }
        if section.flags.contains(SectionFlags::SIDE_EFFECTS) || section.flags.contains(SectionFlags::AWAIT) {
            section.flags.insert(SectionFlags::SIDE_EFFECTS);
            section.take_conditions();
        }
        if !section.flags.contains(SectionFlags::ATTACHED) {
            self.declared_above.extend(&section.declares);
        }
        let index = self.drafts.len() as u32;
        self.body.push(statement);
        let marker = walk.marker_text(MarkerKind::SectionEnd, index);
        let marker = Expression::new_identifier(SPAN, marker, &walk.builder);
        self.body.push(Statement::new_expression_statement(SPAN, marker, &walk.builder));
        let scopes = std::mem::take(&mut walk.scopes);
        self.drafts.push(Draft { section, shape, scopes, literal: None });
    }
}

/// What the section declares may be in the hands of others once it has run.
fn may_use(section: &Section) -> bool {
    section.flags.contains(SectionFlags::SIDE_EFFECTS) || !section.conditions().pure_if.is_empty()
}

fn binding<'a>(walk: &Relocator<'a, '_>, symbol: SymbolIdx) -> BindingIdentifier<'a> {
    let text = walk.marker_text(MarkerKind::Relocation(cloudpack_object::RelocationKind::Name), symbol.0);
    BindingIdentifier::new(SPAN, text, &walk.builder)
}

/// The top-level symbol that a declaration is of.
fn declared(walk: &Relocator<'_, '_>, id: &BindingIdentifier<'_>) -> Option<SymbolIdx> {
    let Some(symbol) = id.symbol_id.get() else {
        // Relocated already, or the variable of `export default`, which has no symbol in oxc's table.
        return walk.symbol_of_marker(id.name.as_str());
    };
    match &walk.commonjs {
        Some(commonjs) => commonjs.local(symbol),
        None => walk.table.symbol_of(symbol),
    }
}

/// The same of a mention, before it is relocated.
fn top_level_symbol(walk: &Relocator<'_, '_>, identifier: &IdentifierReference<'_>) -> Option<SymbolIdx> {
    let symbol = walk.scoping.get_reference(identifier.reference_id.get()?).symbol_id()?;
    match &walk.commonjs {
        Some(commonjs) => commonjs.local(symbol),
        None => walk.table.symbol_of(symbol),
    }
}

/// The top-level symbol that an expression names.
fn named_symbol(walk: &Relocator<'_, '_>, expression: &Expression<'_>) -> Option<(SymbolId, SymbolIdx)> {
    let Expression::Identifier(identifier) = expression else { return None };
    let id = walk.scoping.get_reference(identifier.reference_id.get()?).symbol_id()?;
    Some((id, walk.table.symbol_of(id)?))
}

/// `/* #__NO_SIDE_EFFECTS__ */ () => ...` as the value of a variable.
fn is_pure_function(init: &Expression<'_>) -> bool {
    match init {
        Expression::ArrowFunctionExpression(arrow) => arrow.pure,
        Expression::FunctionExpression(function) => function.pure,
        _ => false,
    }
}

pub(super) fn constant_value(init: &Expression<'_>) -> Option<ConstantValue> {
    match init {
        Expression::NullLiteral(_) => Some(ConstantValue::Null),
        Expression::BooleanLiteral(literal) => Some(ConstantValue::Boolean(literal.value)),
        Expression::NumericLiteral(literal) => Some(ConstantValue::Number(literal.value)),
        Expression::StringLiteral(literal) if !literal.lone_surrogates => {
            Some(ConstantValue::String(literal.value.as_str().into()))
        }
        Expression::UnaryExpression(unary) => match (&unary.operator, &unary.argument) {
            (UnaryOperator::UnaryNegation, Expression::NumericLiteral(literal)) => {
                Some(ConstantValue::Number(-literal.value))
            }
            (UnaryOperator::Void, Expression::NumericLiteral(_)) => Some(ConstantValue::Undefined),
            (UnaryOperator::LogicalNot, Expression::NumericLiteral(literal)) => {
                // `!0` and `!1` are how a compressor writes booleans.
                Some(ConstantValue::Boolean(literal.value == 0.0))
            }
            _ => None,
        },
        _ => None,
    }
}
