//! Which CommonJS modules can be cut into sections, and along which lines: those that say at top level what they export,
//! one name at a time, or that they are another module. Nothing needs to be proven about the rest of such a module. What
//! else it does with `exports` or `module` is noted as a use of all that it exports, of the section that does it:
//!
//! ```js
//! exports.a = () => b();                // wanted by whoever wants `a`
//! exports.d = exports.c = void 0;       // by whoever wants `c` or `d`
//! Object.defineProperty(exports, "e", { enumerable: true, get: function () { return f.e; } });
//! register(exports);                    // runs in any case, so all of the above is wanted
//! ```

use super::specifiers::static_string;
use super::symbols::{Table, span_of};
use cloudpack_base::{RequestIdx, SectionIdx, SymbolIdx};
use cloudpack_summary::{
    CommonJsExports, DeclarationKind, ModuleFlags, RequestFlags, SymbolFlags, SymbolKind, base_name_of,
};
use oxc_allocator::{ArenaVec, TakeIn};
use oxc_ast::ast::*;
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::Scoping;
use oxc_span::GetSpan;
use oxc_syntax::scope::ScopeFlags;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;

/// What the walk over a module that is cut knows and learns.
pub(super) struct CommonJs {
    names: FxHashMap<Box<str>, SymbolIdx>,
    /// oxc's symbol -> ours, of the top level; `u32::MAX` for nested ones.
    locals: Vec<u32>,
    /// `const x = require("./x")` at top level, `x` assigned to nowhere else.
    required: FxHashMap<SymbolId, RequiredLocal>,
    /// `x.name` of those, until all requests are known.
    members: FxHashMap<(Object, Box<str>, bool), SymbolIdx>,
    forwards: bool,
}

#[derive(Default)]
struct RequiredLocal {
    request: Option<RequestIdx>,
    /// Something else than reading a member is done with it.
    escapes: bool,
}

/// What a member is read from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Object {
    Local(SymbolId),
    Request(RequestIdx),
}

/// `exports.a = exports.b = value`
pub(super) struct Definition<'e, 'a> {
    pub(super) names: Vec<&'e str>,
    pub(super) value: &'e Expression<'a>,
    /// `value` is the descriptor of a property.
    pub(super) is_descriptor: bool,
}

/// Cost: one look at each expression statement of the top level, and at functions that are exported.
pub(super) fn find_exports(
    table: &mut Table,
    program: &Program<'_>,
    scoping: &Scoping,
    source: &str,
) -> Option<CommonJs> {
    if table.flags.contains(ModuleFlags::DIRECT_EVAL) || super::lower::may_use_with(source) {
        return None;
    }
    let (mut definitions, mut forwards) = (Vec::new(), 0);
    let mut required = FxHashMap::default();
    for statement in &program.body {
        match statement {
            Statement::ExpressionStatement(statement) => {
                for expression in parts(&statement.expression) {
                    // Everything is wanted of what replaces the object.
                    if replaces_exports(expression, scoping) && !is_forward(expression, scoping) {
                        return None;
                    }
                    definitions.extend(definition(expression, scoping));
                    forwards += usize::from(is_forward(expression, scoping));
                }
            }
            // `if (exports.a = 1, b) ...`, as compressors write.
            Statement::IfStatement(statement) => {
                definitions.extend(parts(&statement.test).filter_map(|expression| definition(expression, scoping)));
            }
            Statement::VariableDeclaration(declaration) => {
                required.extend(declaration.declarations.iter().filter_map(|one| required_local(one, scoping)));
            }
            _ => {}
        }
    }
    let forwards = forwards == 1 && definitions.is_empty();
    if definitions.is_empty() && !forwards {
        return None;
    }
    let mut times: FxHashMap<&str, (usize, bool)> = FxHashMap::default();
    for definition in &definitions {
        for name in &definition.names {
            let (times, is_descriptor) = times.entry(name).or_default();
            *times += 1;
            *is_descriptor |= definition.is_descriptor;
        }
    }
    let functions = top_level_functions(program);
    let mut names: FxHashMap<Box<str>, SymbolIdx> = FxHashMap::default();
    for definition in &definitions {
        let this = this_uses(definition, &functions, scoping);
        let may_use_this = this.is_none_or(|used| used.iter().any(|name| times.contains_key(name.as_str())));
        for name in &definition.names {
            // What is defined cannot be assigned to; whether that throws is for the program to find out.
            if matches!(times.get(name), Some((2.., true))) {
                continue;
            }
            let symbol = *names.entry(Box::from(*name)).or_insert_with(|| {
                let kind = SymbolKind::Declared {
                    kind: DeclarationKind::Var,
                    section: SectionIdx(0),
                    constant: None,
                    flags: SymbolFlags::default(),
                };
                table.add_symbol(&base_name_of(name), kind, span_of(definition.value.span()))
            });
            if may_use_this && let SymbolKind::Declared { flags, .. } = &mut table.symbols[symbol].kind {
                flags.insert(SymbolFlags::MAY_USE_THIS);
            }
        }
    }
    let locals = table.commonjs_locals(scoping);
    Some(CommonJs { names, locals, required, members: FxHashMap::default(), forwards })
}

impl CommonJs {
    pub(super) fn local(&self, symbol: SymbolId) -> Option<SymbolIdx> {
        self.locals.get(symbol.index()).copied().filter(|index| *index != u32::MAX).map(SymbolIdx)
    }

    pub(super) fn name(&self, name: &str) -> Option<SymbolIdx> {
        self.names.get(name).copied()
    }

    pub(super) fn is_required(&self, symbol: SymbolId) -> bool {
        self.required.contains_key(&symbol)
    }

    pub(super) fn escapes(&mut self, symbol: SymbolId) {
        if let Some(local) = self.required.get_mut(&symbol) {
            local.escapes = true;
        }
    }

    pub(super) fn set_request(&mut self, symbol: SymbolId, request: RequestIdx) {
        if let Some(local) = self.required.get_mut(&symbol) {
            local.request = Some(request);
        }
    }

    /// The symbol of `object.name`.
    pub(super) fn member(&mut self, table: &mut Table, object: Object, name: &str, is_called: bool) -> SymbolIdx {
        let key = (object, Box::from(name), is_called);
        *self.members.entry(key).or_insert_with(|| {
            let request = match object {
                Object::Local(_) => RequestIdx(u32::MAX),
                Object::Request(request) => request,
            };
            let kind = SymbolKind::Required { request, name: name.into(), is_called };
            table.add_symbol(&base_name_of(name), kind, cloudpack_object::Span::NONE)
        })
    }

    pub(super) fn forward_of(&self, expression: &Expression<'_>, scoping: &Scoping) -> bool {
        self.forwards && is_forward(expression, scoping)
    }

    /// Writes down what was learned, `forward` being the request of `module.exports = require("./a")`.
    pub(super) fn finish(self, table: &mut Table, forward: Option<RequestIdx>) {
        for ((object, ..), symbol) in &self.members {
            if let (Object::Local(local), SymbolKind::Required { request, .. }) =
                (object, &mut table.symbols[*symbol].kind)
                && let Some(known) = self.required.get(local).and_then(|local| local.request)
            {
                *request = known;
            }
        }
        for local in self.required.values().filter(|local| !local.escapes) {
            if let Some(request) = local.request {
                table.requests[request].flags.insert(RequestFlags::MEMBERS);
            }
        }
        let mut names: Vec<_> = self.names.into_iter().collect();
        names.sort_unstable();
        table.commonjs = Some(Box::new(CommonJsExports { names, forward }));
    }
}

/// `a, b;` -> `a; b;` and `if (a, b) {}` -> `a; if (b) {}`, at top level: a section for each.
pub(super) fn split_sequences<'a>(builder: &AstBuilder<'a>, body: &mut ArenaVec<'a, Statement<'a>>) {
    let mut all = ArenaVec::new_in(builder);
    for mut statement in body.drain(..) {
        match &mut statement {
            Statement::ExpressionStatement(one) => {
                if let Expression::SequenceExpression(sequence) = &mut one.expression {
                    let expressions = sequence.expressions.take_in(builder);
                    all.extend(
                        expressions
                            .into_iter()
                            .map(|part| Statement::new_expression_statement(part.span(), part, builder)),
                    );
                    continue;
                }
            }
            Statement::IfStatement(one) => {
                if let Expression::SequenceExpression(sequence) = &mut one.test {
                    let mut expressions = sequence.expressions.take_in(builder);
                    if let Some(test) = expressions.pop() {
                        all.extend(
                            expressions
                                .into_iter()
                                .map(|part| Statement::new_expression_statement(part.span(), part, builder)),
                        );
                        one.test = test;
                    }
                }
            }
            _ => {}
        }
        all.push(statement);
    }
    *body = all;
}

fn parts<'e, 'a>(expression: &'e Expression<'a>) -> impl Iterator<Item = &'e Expression<'a>> {
    let (one, several) = match expression {
        Expression::SequenceExpression(sequence) => (None, sequence.expressions.as_slice()),
        expression => (Some(expression), [].as_slice()),
    };
    one.into_iter().chain(several)
}

fn is_free(identifier: &IdentifierReference<'_>, scoping: &Scoping) -> bool {
    identifier.reference_id.get().is_some_and(|reference| scoping.get_reference(reference).symbol_id().is_none())
}

fn is_free_named(expression: &Expression<'_>, name: &str, scoping: &Scoping) -> bool {
    matches!(expression, Expression::Identifier(identifier) if identifier.name == name && is_free(identifier, scoping))
}

/// `exports` and `module.exports`, anywhere.
pub(super) fn is_exports(expression: &Expression<'_>, scoping: &Scoping) -> bool {
    is_free_named(expression, "exports", scoping) || is_module_exports(expression, scoping)
}

fn is_module_exports(expression: &Expression<'_>, scoping: &Scoping) -> bool {
    matches!(member_of(expression), Some((object, "exports")) if is_free_named(object, "module", scoping))
}

/// `object.name` and `object["name"]`
pub(super) fn member_of<'e, 'a>(expression: &'e Expression<'a>) -> Option<(&'e Expression<'a>, &'e str)> {
    match expression {
        Expression::StaticMemberExpression(member) if !member.optional => {
            Some((&member.object, member.property.name.as_str()))
        }
        Expression::ComputedMemberExpression(member) if !member.optional => match &member.expression {
            Expression::StringLiteral(name) if !name.lone_surrogates => Some((&member.object, name.value.as_str())),
            _ => None,
        },
        _ => None,
    }
}

/// The same of what is assigned to.
pub(super) fn assigned_member<'e, 'a>(target: &'e AssignmentTarget<'a>) -> Option<(&'e Expression<'a>, &'e str)> {
    match target {
        AssignmentTarget::StaticMemberExpression(member) => Some((&member.object, member.property.name.as_str())),
        AssignmentTarget::ComputedMemberExpression(member) => match &member.expression {
            Expression::StringLiteral(name) if !name.lone_surrogates => Some((&member.object, name.value.as_str())),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn definition<'e, 'a>(expression: &'e Expression<'a>, scoping: &Scoping) -> Option<Definition<'e, 'a>> {
    if let Expression::CallExpression(call) = expression {
        let (name, descriptor) = defined_property(call, scoping)?;
        let is_fit = name != "__proto__" && (name != "__esModule" || is_true_property(descriptor));
        return is_fit.then(|| Definition { names: vec![name], value: descriptor, is_descriptor: true });
    }
    let mut names = Vec::new();
    let mut value = expression;
    while let Expression::AssignmentExpression(assignment) = value
        && assignment.operator == AssignmentOperator::Assign
        && let Some((object, name)) = assigned_member(&assignment.left)
        && (is_exports(object, scoping) || matches!(object, Expression::ThisExpression(_)))
        && name != "__proto__"
    {
        names.push(name);
        value = &assignment.right;
    }
    // `exports.__esModule` decides what a default import is: it must be what it looks like.
    let is_fit = !names.is_empty() && (!names.contains(&"__esModule") || is_true(value));
    is_fit.then_some(Definition { names, value, is_descriptor: false })
}

/// What is assigned, or the descriptor, of a definition of so many names.
pub(super) fn defined_value<'e, 'a>(expression: &'e Expression<'a>, names: usize) -> Option<&'e Expression<'a>> {
    match expression {
        Expression::CallExpression(call) if names == 1 => call.arguments.get(2)?.as_expression(),
        Expression::AssignmentExpression(assignment) if names == 1 => Some(&assignment.right),
        Expression::AssignmentExpression(assignment) => defined_value(&assignment.right, names - 1),
        _ => None,
    }
}

/// `Object.defineProperty(exports, "name", { ... })`: the name and the descriptor.
pub(super) fn defined_property<'e, 'a>(
    call: &'e CallExpression<'a>,
    scoping: &Scoping,
) -> Option<(&'e str, &'e Expression<'a>)> {
    let (object, "defineProperty") = member_of(&call.callee)? else { return None };
    let [target, name, descriptor] = call.arguments.as_slice() else { return None };
    let (target, descriptor) = (target.as_expression()?, descriptor.as_expression()?);
    let is_target = is_exports(target, scoping) || matches!(target, Expression::ThisExpression(_));
    if call.optional || !is_free_named(object, "Object", scoping) || !is_target {
        return None;
    }
    let Expression::StringLiteral(name) = name.as_expression()? else { return None };
    let Expression::ObjectExpression(object) = descriptor else { return None };
    let is_plain = object.properties.iter().all(|property| {
        let ObjectPropertyKind::ObjectProperty(property) = property else { return false };
        let is_plain = property.kind == PropertyKind::Init && !property.computed;
        match property.key.static_name().as_deref() {
            Some("value" | "enumerable" | "writable" | "configurable") => is_plain,
            // A getter is called with `exports` as `this`.
            Some("get") => is_plain && !mentions_this(&property.value),
            _ => false,
        }
    });
    (is_plain && !name.lone_surrogates).then_some((name.value.as_str(), descriptor))
}

fn is_true_property(descriptor: &Expression<'_>) -> bool {
    let Expression::ObjectExpression(object) = descriptor else { return false };
    object.properties.iter().any(|property| {
        matches!(property, ObjectPropertyKind::ObjectProperty(property)
            if property.key.static_name().as_deref() == Some("value") && is_true(&property.value))
    })
}

fn is_true(value: &Expression<'_>) -> bool {
    match value {
        Expression::BooleanLiteral(literal) => literal.value,
        Expression::UnaryExpression(unary) => {
            unary.operator == UnaryOperator::LogicalNot
                && matches!(&unary.argument, Expression::NumericLiteral(number) if number.value == 0.0)
        }
        _ => false,
    }
}

/// `module.exports = ...`, `exports = module.exports = ...`
fn replaces_exports(expression: &Expression<'_>, scoping: &Scoping) -> bool {
    let Expression::AssignmentExpression(assignment) = expression else { return false };
    let replaces = match assigned_member(&assignment.left) {
        Some((object, "exports")) => is_free_named(object, "module", scoping),
        Some(_) => false,
        None => matches!(&assignment.left, AssignmentTarget::AssignmentTargetIdentifier(name)
            if name.name == "exports" && is_free(name, scoping)),
    };
    replaces || replaces_exports(&assignment.right, scoping)
}

/// `module.exports = require("./a")`
fn is_forward(expression: &Expression<'_>, scoping: &Scoping) -> bool {
    let Expression::AssignmentExpression(assignment) = expression else { return false };
    assignment.operator == AssignmentOperator::Assign
        && matches!(assigned_member(&assignment.left), Some((object, "exports")) if is_free_named(object, "module", scoping))
        && is_require(&assignment.right, scoping)
}

/// `require("./a")`
pub(super) fn is_require(expression: &Expression<'_>, scoping: &Scoping) -> bool {
    let Expression::CallExpression(call) = expression else { return false };
    let [argument] = call.arguments.as_slice() else { return false };
    !call.optional
        && is_free_named(&call.callee, "require", scoping)
        && argument.as_expression().is_some_and(|argument| static_string(argument).is_some())
}

fn required_local(declarator: &VariableDeclarator<'_>, scoping: &Scoping) -> Option<(SymbolId, RequiredLocal)> {
    let BindingPattern::BindingIdentifier(id) = &declarator.id else { return None };
    let symbol = id.symbol_id.get()?;
    let is_fixed = !scoping.symbol_is_mutated(symbol) && scoping.symbol_redeclarations(symbol).is_empty();
    let is_required = declarator.init.as_ref().is_some_and(|init| is_require(init, scoping));
    (is_fixed && is_required).then(|| (symbol, RequiredLocal::default()))
}

fn top_level_functions<'e, 'a>(program: &'e Program<'a>) -> FxHashMap<SymbolId, Option<&'e Function<'a>>> {
    let mut functions = FxHashMap::default();
    for statement in &program.body {
        if let Statement::FunctionDeclaration(function) = statement
            && let Some(id) = function.id.as_ref().and_then(|id| id.symbol_id.get())
        {
            functions.entry(id).and_modify(|known| *known = None).or_insert(Some(&**function));
        }
    }
    functions
}

/// Names of `exports` that the value reads through `this` when it is called as a method; `None` if that is not known.
fn this_uses(
    definition: &Definition<'_, '_>,
    functions: &FxHashMap<SymbolId, Option<&Function<'_>>>,
    scoping: &Scoping,
) -> Option<Vec<String>> {
    let of_function = |function: &Function<'_>| {
        let mut uses = ThisUses::default();
        walk::walk_function(&mut uses, function, ScopeFlags::Function);
        (!uses.escapes).then_some(uses.names)
    };
    if definition.is_descriptor {
        return None;
    }
    match definition.value {
        Expression::FunctionExpression(function) => of_function(function),
        // Its `this` is that of the top level, and is seen there.
        Expression::ArrowFunctionExpression(_)
        | Expression::StringLiteral(_)
        | Expression::NumericLiteral(_)
        | Expression::BooleanLiteral(_)
        | Expression::NullLiteral(_)
        | Expression::UnaryExpression(_)
        | Expression::ObjectExpression(_)
        | Expression::ArrayExpression(_)
        | Expression::ClassExpression(_) => Some(Vec::new()),
        Expression::Identifier(identifier) => {
            let symbol = scoping.get_reference(identifier.reference_id.get()?).symbol_id()?;
            // `function f() {} var f = g` is a declaration with a value, and no assignment.
            if scoping.symbol_is_mutated(symbol) || !scoping.symbol_redeclarations(symbol).is_empty() {
                return None;
            }
            functions.get(&symbol).copied().flatten().and_then(of_function)
        }
        _ => None,
    }
}

#[derive(Default)]
struct ThisUses {
    names: Vec<String>,
    escapes: bool,
}

impl<'a> Visit<'a> for ThisUses {
    fn visit_static_member_expression(&mut self, member: &StaticMemberExpression<'a>) {
        match &member.object {
            Expression::ThisExpression(_) => self.names.push(member.property.name.to_string()),
            object => self.visit_expression(object),
        }
    }
    fn visit_this_expression(&mut self, _: &ThisExpression) {
        self.escapes = true;
    }
    /// Has its own.
    fn visit_function(&mut self, _: &Function<'a>, _: ScopeFlags) {}
}

fn mentions_this(value: &Expression<'_>) -> bool {
    let mut uses = ThisUses::default();
    match value {
        Expression::FunctionExpression(function) => walk::walk_function(&mut uses, function, ScopeFlags::Function),
        value => uses.visit_expression(value),
    }
    uses.escapes || !uses.names.is_empty()
}
