//! Functions of a chunk that are called in one place, and nothing else is done with them, go there:
//!
//! ```js
//! function trimmed(text) { return text.replace(SPACE, ""); }    // gone
//! export const number = (text) => +trimmed(text);               // => +((text) => text.replace(SPACE, ""))(text)
//! ```
//!
//! Declarations are there before anything runs, so that it makes no difference when the call does. So do functions and strings
//! that are the values of variables, if nothing that runs before can come to the variable (`settled`). Not into a loop,
//! which would make the function each time; not where a name that the function uses means something else.

use super::settled::settled_variables;
use super::template::Template;
use oxc_allocator::{Allocator, ArenaBox, ArenaVec};
use oxc_ast::ast::*;
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{Visit, VisitMut, walk, walk_mut};
use oxc_semantic::Scoping;
use oxc_span::SPAN;
use oxc_str::Ident;
use oxc_syntax::scope::{ScopeFlags, ScopeId};
use oxc_syntax::symbol::SymbolId;
use rustc_hash::{FxHashMap, FxHashSet};

/// What may be done with a program.
pub(super) struct Single<'r> {
    /// Declarations of the top level are seen by nobody else.
    pub(super) own_top_level: bool,
    /// The code is strict, so that a function without `this` and `arguments` may be an arrow.
    pub(super) strict: bool,
    /// Names that text around the program may use.
    pub(super) reserved: FxHashSet<&'r str>,
}

/// `true` if something was changed, and then scopes are stale. Cost: two walks, and a look-up for each name that a function
/// with one call uses from outside; two more walks where there are such.
pub(super) fn inline_single_calls<'a>(
    allocator: &'a Allocator,
    program: &mut Program<'a>,
    scoping: &Scoping,
    single: &Single<'_>,
) -> bool {
    if scoping.root_scope_flags().contains_direct_eval() {
        return false;
    }
    let mut candidates = Candidates { scoping, single, found: FxHashMap::default() };
    candidates.visit_program(program);
    if single.own_top_level {
        candidates.variables(program);
    }
    if candidates.found.is_empty() {
        return false;
    }
    let mut calls = Calls { scoping, functions: candidates.found, around: Vec::new(), variable: None, loops: 0 };
    calls.visit_program(program);
    let mut choice = Choice { scoping, functions: calls.functions, decided: FxHashMap::default() };
    choice.take_calls();
    let mut symbols: Vec<SymbolId> = choice.functions.keys().copied().collect();
    symbols.sort_unstable();
    for symbol in symbols {
        choice.decide(symbol, LONGEST_CHAIN);
    }
    let chosen: FxHashSet<SymbolId> =
        choice.decided.iter().filter(|(_, chosen)| **chosen == Some(true)).map(|(symbol, _)| *symbol).collect();
    if chosen.is_empty() {
        return false;
    }
    let mut moved = Moved {
        builder: AstBuilder::new(allocator),
        template: Template::new(allocator),
        scoping,
        chosen,
        taken: FxHashMap::default(),
        strict: single.strict,
        is_placing: false,
    };
    moved.visit_program(program);
    moved.is_placing = true;
    moved.visit_program(program);
    true
}

/// Functions that call each other in longer chains stay.
const LONGEST_CHAIN: usize = 64;

struct Called {
    /// That of the function; `None` for a string.
    scope: Option<ScopeId>,
    /// Where it is called.
    call: Option<ScopeId>,
    /// Such functions around the call.
    around: Vec<SymbolId>,
    /// Names in it that are declared outside, or nowhere.
    free: FxHashSet<(String, Option<SymbolId>)>,
    /// Functions whose calls are in it.
    calls: Vec<SymbolId>,
}

struct Candidates<'s, 'r> {
    scoping: &'s Scoping,
    single: &'s Single<'r>,
    found: FxHashMap<SymbolId, Called>,
}

impl Candidates<'_, '_> {
    fn insert(&mut self, id: &BindingIdentifier<'_>, scope: Option<ScopeId>) {
        let Some(symbol) = id.symbol_id.get() else { return };
        let [reference] = self.scoping.get_resolved_reference_ids(symbol) else { return };
        let reference = self.scoping.get_reference(*reference);
        if !reference.is_write()
            && self.scoping.symbol_redeclarations(symbol).is_empty()
            && !self.single.reserved.contains(id.name.as_str())
        {
            let (around, calls) = (Vec::new(), Vec::new());
            self.found.insert(symbol, Called { scope, call: None, around, free: FxHashSet::default(), calls });
        }
    }

    /// Of the top level.
    fn variables(&mut self, program: &Program<'_>) {
        let mut settled = None;
        for statement in &program.body {
            let Statement::VariableDeclaration(declaration) = statement else { continue };
            for declarator in declaration.declarations.iter().filter(|_| !declaration.kind.is_using()) {
                let (BindingPattern::BindingIdentifier(id), Some(value)) = (&declarator.id, &declarator.init) else {
                    continue;
                };
                let (Some(scope), Some(symbol)) = (movable(value), id.symbol_id.get()) else { continue };
                if self.scoping.get_resolved_reference_ids(symbol).len() == 1
                    && settled.get_or_insert_with(|| settled_variables(program, self.scoping)).contains(&symbol)
                {
                    self.insert(id, scope);
                }
            }
        }
    }

    fn statements(&mut self, statements: &[Statement<'_>]) {
        for statement in statements {
            let Statement::FunctionDeclaration(function) = statement else { continue };
            if let (Some(id), scope @ Some(_)) = (&function.id, function.scope_id.get()) {
                self.insert(id, scope);
            }
        }
    }
}

fn is_string(value: &Expression<'_>) -> bool {
    match value {
        Expression::StringLiteral(_) => true,
        // As they are printed.
        Expression::TemplateLiteral(template) => template.expressions.is_empty(),
        _ => false,
    }
}

/// The scope of a function, `Some(None)` for a string; `None` for what may not stand elsewhere.
fn movable(value: &Expression<'_>) -> Option<Option<ScopeId>> {
    match value {
        value if is_string(value) => Some(None),
        Expression::FunctionExpression(function) => Some(Some(function.scope_id.get()?)),
        // Elsewhere, it would have another `this`.
        Expression::ArrowFunctionExpression(arrow) if !arrow_uses_own(arrow) => Some(Some(arrow.scope_id.get()?)),
        _ => None,
    }
}

impl<'a> Visit<'a> for Candidates<'_, '_> {
    fn visit_program(&mut self, program: &Program<'a>) {
        if self.single.own_top_level {
            self.statements(&program.body);
        }
        walk::walk_program(self, program);
    }

    fn visit_function_body(&mut self, body: &FunctionBody<'a>) {
        self.statements(&body.statements);
        walk::walk_function_body(self, body);
    }
}

struct Calls<'s> {
    scoping: &'s Scoping,
    functions: FxHashMap<SymbolId, Called>,
    /// Candidates around the place.
    around: Vec<SymbolId>,
    /// The variable that the next function is the value of.
    variable: Option<SymbolId>,
    /// Around the place, within its function.
    loops: u32,
}

impl Calls<'_> {
    fn in_loop(&mut self, walk: impl FnOnce(&mut Self)) {
        self.loops += 1;
        walk(self);
        self.loops -= 1;
    }

    fn in_function(&mut self, symbol: Option<SymbolId>, walk: impl FnOnce(&mut Self)) {
        let loops = std::mem::take(&mut self.loops);
        let symbol = symbol.filter(|symbol| self.functions.contains_key(symbol));
        self.around.extend(symbol);
        walk(self);
        if symbol.is_some() {
            self.around.pop();
        }
        self.loops = loops;
    }
}

impl<'a> Visit<'a> for Calls<'_> {
    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if let Expression::Identifier(callee) = &call.callee
            && let Some(reference) = callee.reference_id.get()
            && !call.optional
            && self.loops == 0
        {
            let reference = self.scoping.get_reference(reference);
            if let Some(symbol) = reference.symbol_id().filter(|symbol| !self.around.contains(symbol))
                && let Some(called) = self.functions.get_mut(&symbol).filter(|called| called.scope.is_some())
            {
                called.call = Some(reference.scope_id());
                called.around = self.around.clone();
            }
        }
        walk::walk_call_expression(self, call);
    }

    fn visit_expression(&mut self, expression: &Expression<'a>) {
        // A string goes anywhere where there are expressions.
        if let Expression::Identifier(identifier) = expression
            && let Some(reference) = identifier.reference_id.get()
            && let Some(symbol) = self.scoping.get_reference(reference).symbol_id()
            && let Some(string) = self.functions.get_mut(&symbol).filter(|it| it.scope.is_none())
        {
            string.call = Some(self.scoping.get_reference(reference).scope_id());
        }
        walk::walk_expression(self, expression);
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        self.variable = match &declarator.init {
            Some(Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_)) => {
                declarator.id.get_binding_identifier().and_then(|id| id.symbol_id.get())
            }
            _ => None,
        };
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_identifier_reference(&mut self, identifier: &IdentifierReference<'a>) {
        let symbol = identifier.reference_id.get().and_then(|id| self.scoping.get_reference(id).symbol_id());
        let declared = symbol.map(|symbol| self.scoping.symbol_scope_id(symbol));
        for around in &self.around {
            let Some(function) = self.functions.get_mut(around) else { continue };
            let Some(own) = function.scope else { continue };
            let is_own = declared.is_some_and(|scope| scope == own || self.scoping.scope_is_descendant_of(scope, own));
            if !is_own {
                function.free.insert((identifier.name.to_string(), symbol));
            }
        }
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        let variable = self.variable.take();
        let symbol = match function.is_declaration() {
            true => function.id.as_ref().and_then(|id| id.symbol_id.get()),
            false => variable,
        };
        self.in_function(symbol, |calls| walk::walk_function(calls, function, flags));
    }

    fn visit_arrow_function_expression(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        let variable = self.variable.take();
        self.in_function(variable, |calls| walk::walk_arrow_function_expression(calls, arrow));
    }

    fn visit_for_statement(&mut self, it: &ForStatement<'a>) {
        self.in_loop(|calls| walk::walk_for_statement(calls, it));
    }

    fn visit_for_in_statement(&mut self, it: &ForInStatement<'a>) {
        self.in_loop(|calls| walk::walk_for_in_statement(calls, it));
    }

    fn visit_for_of_statement(&mut self, it: &ForOfStatement<'a>) {
        self.in_loop(|calls| walk::walk_for_of_statement(calls, it));
    }

    fn visit_while_statement(&mut self, it: &WhileStatement<'a>) {
        self.in_loop(|calls| walk::walk_while_statement(calls, it));
    }

    fn visit_do_while_statement(&mut self, it: &DoWhileStatement<'a>) {
        self.in_loop(|calls| walk::walk_do_while_statement(calls, it));
    }
}

struct Choice<'s> {
    scoping: &'s Scoping,
    functions: FxHashMap<SymbolId, Called>,
    /// `None` while it is being decided.
    decided: FxHashMap<SymbolId, Option<bool>>,
}

impl Choice<'_> {
    fn take_calls(&mut self) {
        let mut calls: Vec<(SymbolId, SymbolId)> = self
            .functions
            .iter()
            .flat_map(|(symbol, called)| called.around.iter().map(|around| (*around, *symbol)))
            .collect();
        calls.sort_unstable();
        for (around, symbol) in calls {
            if let Some(function) = self.functions.get_mut(&around) {
                function.calls.push(symbol);
            }
        }
    }

    /// What a function takes with it includes what those take that come into it, so they are decided first.
    fn decide(&mut self, symbol: SymbolId, depth: usize) -> bool {
        if let Some(decided) = self.decided.get(&symbol) {
            return decided.unwrap_or(false);
        }
        self.decided.insert(symbol, None);
        let Some(function) = self.functions.get(&symbol) else { return false };
        let (scope, calls) = (function.scope, function.calls.clone());
        let mut is_possible = depth > 0;
        let mut brought = Vec::new();
        for called in calls {
            if matches!(self.decided.get(&called), Some(None)) {
                // Two that only call each other.
                is_possible = false;
            } else if depth > 0 && self.decide(called, depth - 1) {
                let free = self.functions.get(&called).into_iter().flat_map(|called| &called.free);
                brought.extend(
                    free.filter(|(_, symbol)| {
                        symbol.is_none_or(|symbol| {
                            let declared = self.scoping.symbol_scope_id(symbol);
                            Some(declared) != scope
                                && !scope.is_some_and(|scope| self.scoping.scope_is_descendant_of(declared, scope))
                        })
                    })
                    .cloned(),
                );
            }
        }
        let Some(function) = self.functions.get_mut(&symbol) else { return false };
        function.free.extend(brought);
        let chosen = is_possible
            && function.call.is_some_and(|call| {
                function
                    .free
                    .iter()
                    .all(|(name, symbol)| self.scoping.find_binding(call, Ident::from(name.as_str())) == *symbol)
            });
        self.decided.insert(symbol, Some(chosen));
        chosen
    }
}

/// Takes the declarations out of the program, then puts them where they are called.
struct Moved<'a, 's> {
    builder: AstBuilder<'a>,
    template: Template<'a>,
    scoping: &'s Scoping,
    chosen: FxHashSet<SymbolId>,
    taken: FxHashMap<SymbolId, Expression<'a>>,
    strict: bool,
    is_placing: bool,
}

impl<'a> Moved<'a, '_> {
    fn take(&mut self, statements: &mut ArenaVec<'a, Statement<'a>>) {
        for statement in statements.iter_mut() {
            if let Statement::VariableDeclaration(declaration) = statement {
                self.take_variables(declaration);
                if declaration.declarations.is_empty() {
                    *statement = Statement::new_empty_statement(SPAN, &self.builder);
                }
                continue;
            }
            let Statement::FunctionDeclaration(function) = statement else { continue };
            let symbol = function.id.as_ref().and_then(|id| id.symbol_id.get());
            let Some(symbol) = symbol.filter(|symbol| self.chosen.contains(symbol)) else { continue };
            let nothing = Statement::new_empty_statement(SPAN, &self.builder);
            if let Statement::FunctionDeclaration(function) = std::mem::replace(statement, nothing) {
                let function = self.expression(function);
                self.taken.insert(symbol, function);
            }
        }
    }

    fn take_variables(&mut self, declaration: &mut VariableDeclaration<'a>) {
        let is_chosen = |declarator: &VariableDeclarator<'a>| {
            let id = declarator.id.get_binding_identifier().and_then(|id| id.symbol_id.get());
            id.filter(|symbol| self.chosen.contains(symbol))
        };
        if !declaration.declarations.iter().any(|declarator| is_chosen(declarator).is_some()) {
            return;
        }
        let mut left = ArenaVec::new_in(&self.builder);
        for mut declarator in declaration.declarations.drain(..) {
            match (is_chosen(&declarator), declarator.init.take()) {
                (Some(symbol), Some(value)) => drop(self.taken.insert(symbol, value)),
                (_, value) => {
                    declarator.init = value;
                    left.push(declarator);
                }
            }
        }
        declaration.declarations = left;
    }

    /// What a mention of a chosen name gives way to.
    fn value_of(&mut self, identifier: &IdentifierReference<'a>, is_called: bool) -> Option<Expression<'a>> {
        let symbol = self.scoping.get_reference(identifier.reference_id.get()?).symbol_id()?;
        if is_called == is_string(self.taken.get(&symbol)?) {
            return None;
        }
        self.taken.remove(&symbol)
    }

    fn expression(&self, mut function: ArenaBox<'a, Function<'a>>) -> Expression<'a> {
        function.r#type = FunctionType::FunctionExpression;
        function.id = None;
        if !self.strict || function.generator || uses_own(&function) {
            return Expression::FunctionExpression(function);
        }
        let mut made = self.template.expression("() => {}", Vec::new());
        let Expression::ArrowFunctionExpression(arrow) = &mut made else {
            return Expression::FunctionExpression(function);
        };
        if let Some(body) = function.body.take() {
            arrow.body = ArrowFunctionBody::FunctionBody(body);
        }
        arrow.r#async = function.r#async;
        std::mem::swap(&mut arrow.params, &mut function.params);
        arrow.params.kind = FormalParameterKind::ArrowFormalParameters;
        made
    }
}

impl<'a> VisitMut<'a> for Moved<'a, '_> {
    fn visit_program(&mut self, program: &mut Program<'a>) {
        walk_mut::walk_program(self, program);
        if !self.is_placing {
            self.take(&mut program.body);
        }
    }

    fn visit_function_body(&mut self, body: &mut FunctionBody<'a>) {
        walk_mut::walk_function_body(self, body);
        if !self.is_placing {
            self.take(&mut body.statements);
        }
    }

    fn visit_call_expression(&mut self, call: &mut CallExpression<'a>) {
        if self.is_placing
            && let Expression::Identifier(callee) = &call.callee
            && let Some(function) = self.value_of(callee, true)
        {
            call.pure |= match &function {
                Expression::FunctionExpression(function) => function.pure,
                Expression::ArrowFunctionExpression(arrow) => arrow.pure,
                _ => false,
            };
            call.callee = function;
        }
        walk_mut::walk_call_expression(self, call);
    }

    fn visit_expression(&mut self, expression: &mut Expression<'a>) {
        if self.is_placing
            && let Expression::Identifier(identifier) = &*expression
            && let Some(string) = self.value_of(identifier, false)
        {
            *expression = string;
        }
        walk_mut::walk_expression(self, expression);
    }

    fn visit_object_property(&mut self, property: &mut ObjectProperty<'a>) {
        walk_mut::walk_object_property(self, property);
        property.shorthand &= matches!(property.value, Expression::Identifier(_));
    }
}

/// Whether the function mentions what an arrow does not have.
fn uses_own(function: &Function<'_>) -> bool {
    let mut own = Own { found: false };
    own.visit_formal_parameters(&function.params);
    if let Some(body) = &function.body {
        own.visit_function_body(body);
        own.found |= !body.directives.is_empty();
    }
    own.found
}

fn arrow_uses_own(arrow: &ArrowFunctionExpression<'_>) -> bool {
    let mut own = Own { found: false };
    walk::walk_arrow_function_expression(&mut own, arrow);
    own.found
}

struct Own {
    found: bool,
}

impl<'a> Visit<'a> for Own {
    fn visit_this_expression(&mut self, _: &ThisExpression) {
        self.found = true;
    }

    fn visit_new_target(&mut self, _: &NewTarget) {
        self.found = true;
    }

    fn visit_identifier_reference(&mut self, identifier: &IdentifierReference<'a>) {
        self.found |= identifier.name == "arguments";
    }

    fn visit_function(&mut self, _: &Function<'a>, _: ScopeFlags) {}
}
