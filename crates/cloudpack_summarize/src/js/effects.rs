//! Whether running a statement can be observed. oxc's analysis answers for expressions; this context tells it what is
//! global, which calls the user declared pure, and notes calls of top-level functions whose purity another module knows.

use super::JsOptions;
use super::attached::static_additions;
use super::marker::{MarkerKind, Markers};
use super::values::{Known, class_has_effects, element_has_effects, value_has_effects};
use cloudpack_base::{IndexVec, SymbolIdx};
use cloudpack_object::RelocationKind;
use cloudpack_summary::{Conditions, Symbol};
use oxc_ast::ast::{
    ArrayExpressionElement, ArrowFunctionBody, ArrowFunctionExpression, AssignmentTarget, BindingPattern, Class,
    ClassElement, Expression, FormalParameters, Function, FunctionBody, IdentifierReference, MethodDefinitionKind,
    ObjectPropertyKind, PropertyKey, PropertyKind, ReturnStatement, Statement, VariableDeclarator,
};
use oxc_ast_visit::Visit;
use oxc_ecmascript::GlobalContext;
use oxc_ecmascript::side_effects::{
    MayHaveSideEffects, MayHaveSideEffectsContext, PropertyReadSideEffects, is_pure_function,
};
use oxc_semantic::Scoping;
use oxc_syntax::operator::AssignmentOperator;
use oxc_syntax::scope::ScopeFlags;
use std::cell::RefCell;

/// What is decided by.
#[derive(Clone, Copy)]
pub(super) struct Facts<'c> {
    pub(super) scoping: &'c Scoping,
    pub(super) markers: &'c Markers,
    pub(super) options: &'c JsOptions,
    pub(super) symbols: &'c IndexVec<SymbolIdx, Symbol>,
}

pub(super) enum Effects {
    None,
    /// None, provided that all of this holds.
    Unless(Conditions),
    Some,
}

pub(super) fn effects_of(statement: &Statement<'_>, facts: Facts<'_>, known: &Known) -> Effects {
    let context = Context::new(facts, Some(known));
    let has_effects = match statement {
        Statement::ClassDeclaration(class) => class_has_effects(class, &context),
        Statement::ExpressionStatement(statement) => value_has_effects(&statement.expression, &context),
        // `using` calls a method at the end.
        Statement::VariableDeclaration(declaration) if !declaration.kind.is_using() => {
            declaration.declarations.iter().any(|declarator| declarator_has_effects(declarator, &context))
        }
        _ => statement.may_have_side_effects(&context),
    };
    context.effects(has_effects)
}

/// The same of making a value.
pub(super) fn effects_of_value(value: &Expression<'_>, facts: Facts<'_>, known: &Known) -> Effects {
    let context = Context::new(facts, Some(known));
    let has_effects = value_has_effects(value, &context);
    context.effects(has_effects)
}

impl<'c> Context<'c> {
    /// `known`: of variables above the place; `None` for what runs later, or may run often.
    pub(super) fn new(facts: Facts<'c>, known: Option<&'c Known>) -> Self {
        Self { facts, known, conditions: RefCell::default() }
    }

    /// The symbol that a relocated mention is of.
    pub(super) fn symbol_of(&self, value: &Expression<'_>) -> Option<SymbolIdx> {
        let Expression::Identifier(identifier) = value else { return None };
        if identifier.reference_id.get().is_some() {
            return None;
        }
        match self.facts.markers.parse(identifier.name.as_bytes())? {
            (MarkerKind::Relocation(RelocationKind::Name), symbol) => Some(SymbolIdx(symbol)),
            _ => None,
        }
    }

    fn effects(self, has_effects: bool) -> Effects {
        if has_effects {
            return Effects::Some;
        }
        let mut conditions = self.conditions.into_inner();
        for symbols in [&mut conditions.pure_if, &mut conditions.constant_if, &mut conditions.effects_with] {
            symbols.sort_unstable();
            symbols.dedup();
        }
        match conditions.pure_if.is_empty() && conditions.constant_if.is_empty() && conditions.effects_with.is_empty() {
            true => Effects::None,
            false => Effects::Unless(conditions),
        }
    }

    /// The calls, where nothing else is asked for.
    fn calls(self) -> Option<Vec<SymbolIdx>> {
        let conditions = self.conditions.into_inner();
        (conditions.constant_if.is_empty() && conditions.effects_with.is_empty()).then_some(conditions.pure_if)
    }
}

/// A function that can be called with anything, and nobody notices: `(name) => (hook) => add(name, hook)`. What is given back
/// are the top-level functions of which that must hold too; `None` if it does something by itself.
pub(super) fn calls_of_pure_function(callee: &Callee<'_, '_>, facts: Facts<'_>) -> Option<Vec<SymbolIdx>> {
    let context = Context::new(facts, None);
    let (parameters, has_effects): (_, &dyn Fn() -> bool) = match callee {
        Callee::Function(function) if !function.r#async && !function.generator => {
            let body = function.body.as_deref()?;
            (&function.params, &|| body.statements.iter().any(|statement| statement.may_have_side_effects(&context)))
        }
        Callee::Arrow(arrow) if !arrow.r#async => (&arrow.params, &|| match &arrow.body {
            ArrowFunctionBody::FunctionBody(body) => {
                body.statements.iter().any(|statement| statement.may_have_side_effects(&context))
            }
            _ => arrow.get_expression().is_none_or(|value| value.may_have_side_effects(&context)),
        }),
        _ => return None,
    };
    if !are_names(parameters, &context) || has_effects() {
        return None;
    }
    context.calls()
}

/// Of declaring a class whose static blocks only add to it, as `attached` has it.
pub(super) fn effects_of_class(class: &Class<'_>, facts: Facts<'_>, known: &Known) -> Effects {
    let context = Context::new(facts, Some(known));
    let has_effects = !class.decorators.is_empty()
        || class.heritage_expression().is_some_and(|parent| parent.may_have_side_effects(&context))
        || class.body.body.iter().any(|element| match element {
            ClassElement::StaticBlock(block) => static_additions(block)
                .is_none_or(|additions| additions.iter().any(|addition| value_has_effects(addition.value, &context))),
            element => element_has_effects(element, &context),
        });
    context.effects(has_effects)
}

/// What `new C()` does besides making an object that nobody has yet.
pub(super) struct Construction {
    /// Functions and classes that it calls.
    pub(super) calls: Vec<SymbolIdx>,
    /// `C.prototype.isC = true` in the constructor, or `this.a = 1`, which a setter sees that somebody put on the prototype of the
    /// class, or of one that it extends.
    pub(super) adds_to_itself: bool,
    /// The class that it extends.
    pub(super) parent: Option<SymbolIdx>,
}

/// `None` if making an object of the class may be seen by others than who gets it. `accessors`: names of the class and those
/// that it extends whose assignment runs something. `makes`: whether that is known of a class; what else may be extended could
/// give back an object of somebody else, on which the fields then are.
pub(super) fn construction(
    class: &Class<'_>,
    symbol: SymbolIdx,
    accessors: &[Box<str>],
    makes: impl Fn(SymbolIdx) -> bool,
    facts: Facts<'_>,
) -> Option<Construction> {
    let context = Context::new(facts, None);
    if let Some(heritage) = class.heritage_expression()
        && !(accessors.is_empty()
            && context.symbol_of(heritage).is_some_and(makes)
            && context.manual_pure_functions(heritage))
    {
        return None;
    }
    let is_derived = class.heritage_expression().is_some();
    let mut adds_to_itself = false;
    for element in &class.body.body {
        match element {
            ClassElement::PropertyDefinition(field)
                if !field.r#static
                    && (!field.decorators.is_empty()
                        || field.value.as_ref().is_some_and(|value| value_has_effects(value, &context))) =>
            {
                return None;
            }
            ClassElement::AccessorProperty(_) => return None,
            ClassElement::MethodDefinition(method) if method.kind == MethodDefinitionKind::Constructor => {
                let body = method.value.body.as_deref()?;
                if !are_names(&method.value.params, &context) || gives_back(body, is_derived) {
                    return None;
                }
                // Before `super()` there is no `this`, and without it none at all.
                let mut awaits_super = is_derived;
                for statement in &body.statements {
                    let Statement::ExpressionStatement(statement) = statement else {
                        if statement.may_have_side_effects(&context) {
                            return None;
                        }
                        continue;
                    };
                    let parts = match &statement.expression {
                        Expression::SequenceExpression(sequence) => sequence.expressions.as_slice(),
                        one => std::slice::from_ref(one),
                    };
                    for part in parts {
                        if is_super_call(part) != std::mem::take(&mut awaits_super) {
                            return None;
                        }
                        match constructs(part, class, symbol, accessors, &context) {
                            Constructs::Object => {}
                            Constructs::Property => adds_to_itself = true,
                            Constructs::Else => return None,
                        }
                    }
                }
                if awaits_super {
                    return None;
                }
            }
            _ => {}
        }
    }
    let parent = class.heritage_expression().and_then(|heritage| context.symbol_of(heritage));
    Some(Construction { calls: context.calls()?, adds_to_itself, parent })
}

enum Constructs {
    Object,
    /// By assignment.
    Property,
    Else,
}

fn is_super_call(part: &Expression<'_>) -> bool {
    matches!(part, Expression::CallExpression(call) if matches!(call.callee, Expression::Super(_)))
}

/// Whether a constructor may say itself which object `new` gives, or leave before `super()`.
fn gives_back(body: &FunctionBody<'_>, is_derived: bool) -> bool {
    struct Returns {
        found: bool,
        any: bool,
    }
    impl<'a> Visit<'a> for Returns {
        fn visit_return_statement(&mut self, it: &ReturnStatement<'a>) {
            self.found |= it.argument.is_some() || self.any;
        }
        fn visit_function(&mut self, _: &Function<'a>, _: ScopeFlags) {}
        fn visit_arrow_function_expression(&mut self, _: &ArrowFunctionExpression<'a>) {}
        fn visit_class(&mut self, _: &Class<'a>) {}
    }
    let mut returns = Returns { found: false, any: is_derived };
    returns.visit_function_body(body);
    returns.found
}

/// Whether assigning to `this.#name` in the class sets a field, and runs no setter nor throws.
fn has_private_field(class: &Class<'_>, name: &str) -> bool {
    class.body.body.iter().any(|element| {
        matches!(element, ClassElement::PropertyDefinition(field)
            if !field.r#static && matches!(&field.key, PropertyKey::PrivateIdentifier(key) if key.name == name))
    })
}

/// What an expression statement of a constructor adds to.
fn constructs(
    part: &Expression<'_>,
    class: &Class<'_>,
    symbol: SymbolIdx,
    accessors: &[Box<str>],
    context: &Context<'_>,
) -> Constructs {
    match part {
        // `super(a)`; who is called is seen to elsewhere.
        Expression::CallExpression(call) if matches!(call.callee, Expression::Super(_)) => {
            let is_pure = call
                .arguments
                .iter()
                .all(|argument| argument.as_expression().is_some_and(|argument| !value_has_effects(argument, context)));
            return if is_pure { Constructs::Object } else { Constructs::Else };
        }
        Expression::AssignmentExpression(assignment) if assignment.operator == AssignmentOperator::Assign => {
            if value_has_effects(&assignment.right, context) {
                return Constructs::Else;
            }
            match &assignment.left {
                AssignmentTarget::PrivateFieldExpression(member)
                    if matches!(member.object, Expression::ThisExpression(_))
                        && has_private_field(class, member.field.name.as_str()) =>
                {
                    return Constructs::Object;
                }
                AssignmentTarget::StaticMemberExpression(member) => {
                    let name = member.property.name.as_str();
                    if name == "__proto__" || accessors.iter().any(|accessor| **accessor == *name) {
                        return Constructs::Else;
                    }
                    match &member.object {
                        Expression::ThisExpression(_) => return Constructs::Property,
                        Expression::StaticMemberExpression(prototype)
                            if prototype.property.name == "prototype"
                                && context.symbol_of(&prototype.object) == Some(symbol) =>
                        {
                            return Constructs::Property;
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        _ => {}
    }
    if value_has_effects(part, context) { Constructs::Else } else { Constructs::Object }
}

/// Patterns read properties of whatever is passed.
fn are_names(parameters: &FormalParameters<'_>, context: &Context<'_>) -> bool {
    parameters.items.iter().all(|item| {
        item.pattern.is_binding_identifier()
            && item.initializer.as_ref().is_none_or(|value| !value_has_effects(value, context))
    }) && parameters.rest.as_ref().is_none_or(|rest| rest.rest.argument.is_binding_identifier())
}

pub(super) enum Callee<'c, 'a> {
    Function(&'c Function<'a>),
    Arrow(&'c ArrowFunctionExpression<'a>),
}

impl<'c, 'a> Callee<'c, 'a> {
    pub(super) fn of(value: &'c Expression<'a>) -> Option<Self> {
        match value {
            Expression::ArrowFunctionExpression(arrow) => Some(Self::Arrow(arrow)),
            Expression::FunctionExpression(function) => Some(Self::Function(function)),
            _ => None,
        }
    }
}

/// A pattern reads properties and runs iterators, so oxc counts each as an effect. Of an array or object literal it reads
/// what stands there: `const [a, b] = [1, 2]`, `const { a = f } = { a: 1 }`.
fn declarator_has_effects(declarator: &VariableDeclarator<'_>, context: &Context<'_>) -> bool {
    declarator.init.as_ref().is_some_and(|init| value_has_effects(init, context))
        || pattern_has_effects(&declarator.id, declarator.init.as_ref(), context)
}

/// `value`: what the pattern is applied to, `None` for one that is nothing but missing. The value itself was judged.
fn pattern_has_effects(pattern: &BindingPattern<'_>, value: Option<&Expression<'_>>, context: &Context<'_>) -> bool {
    match pattern {
        BindingPattern::BindingIdentifier(_) => false,
        BindingPattern::AssignmentPattern(with_default) => {
            let default = &with_default.right;
            default.may_have_side_effects(context)
                // Either may be what the pattern is applied to.
                || (value.is_some() && pattern_has_effects(&with_default.left, value, context))
                || pattern_has_effects(&with_default.left, Some(default), context)
        }
        BindingPattern::ArrayPattern(array) => {
            let Some(Expression::ArrayExpression(literal)) = value else { return true };
            if literal.elements.iter().any(|element| matches!(element, ArrayExpressionElement::SpreadElement(_))) {
                return true;
            }
            let element = |at: usize| literal.elements.get(at).and_then(ArrayExpressionElement::as_expression);
            array
                .elements
                .iter()
                .enumerate()
                .any(|(at, item)| item.as_ref().is_some_and(|item| pattern_has_effects(item, element(at), context)))
                || array
                    .rest
                    .as_ref()
                    .is_some_and(|rest| !matches!(rest.argument, BindingPattern::BindingIdentifier(_)))
        }
        BindingPattern::ObjectPattern(object) => {
            let Some(Expression::ObjectExpression(literal)) = value else { return true };
            let mut known: Vec<(&str, &Expression<'_>)> = Vec::with_capacity(literal.properties.len());
            for property in &literal.properties {
                match property {
                    ObjectPropertyKind::ObjectProperty(property)
                        if property.kind == PropertyKind::Init && !property.computed =>
                    {
                        let Some(name) = static_key(&property.key) else { return true };
                        if name == "__proto__" {
                            return true;
                        }
                        known.push((name, &property.value));
                    }
                    _ => return true,
                }
            }
            object.properties.iter().any(|property| {
                let Some(name) = static_key(&property.key).filter(|_| !property.computed) else {
                    return true;
                };
                // The last of equal names is the one that stays.
                let value = known.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| *value);
                // What is not there may come from Object.prototype: nothing that a nested pattern should be sure of.
                pattern_has_effects(&property.value, value, context)
            }) || object
                .rest
                .as_ref()
                .is_some_and(|rest| !matches!(rest.argument, BindingPattern::BindingIdentifier(_)))
        }
    }
}

fn static_key<'k>(key: &'k PropertyKey<'_>) -> Option<&'k str> {
    match key {
        PropertyKey::StaticIdentifier(name) => Some(name.name.as_str()),
        PropertyKey::StringLiteral(text) => Some(text.value.as_str()),
        _ => None,
    }
}

pub(super) struct Context<'c> {
    pub(super) facts: Facts<'c>,
    pub(super) known: Option<&'c Known>,
    pub(super) conditions: RefCell<Conditions>,
}

impl<'a> GlobalContext<'a> for Context<'_> {
    fn is_global_reference(&self, identifier: &IdentifierReference<'a>) -> bool {
        // A marker has no reference: it names a symbol of some module, not a global.
        identifier
            .reference_id
            .get()
            .is_some_and(|reference| self.facts.scoping.get_reference(reference).symbol_id().is_none())
    }
}

impl<'a> MayHaveSideEffectsContext<'a> for Context<'_> {
    fn annotations(&self) -> bool {
        self.facts.options.annotations
    }

    fn manual_pure_functions(&self, callee: &Expression) -> bool {
        if is_pure_function(callee, &self.facts.options.pure_functions) {
            return true;
        }
        let mut object = callee;
        let identifier = loop {
            object = match object {
                Expression::Identifier(identifier) => break identifier,
                Expression::StaticMemberExpression(member) => &member.object,
                Expression::ComputedMemberExpression(member)
                    if matches!(member.expression, Expression::StringLiteral(_)) =>
                {
                    &member.object
                }
                _ => return false,
            }
        };
        if identifier.reference_id.get().is_some() {
            return false;
        }
        let is_member = !matches!(callee, Expression::Identifier(_));
        match self.facts.markers.parse(identifier.name.as_bytes()) {
            Some((MarkerKind::Relocation(RelocationKind::Name | RelocationKind::Callee), symbol)) if !is_member => {
                self.conditions.borrow_mut().pure_if.push(SymbolIdx(symbol));
                true
            }
            // `x.y.f()`: the marker names the whole callee.
            Some((MarkerKind::Relocation(RelocationKind::Member), symbol)) => {
                self.conditions.borrow_mut().pure_if.push(SymbolIdx(symbol));
                true
            }
            _ => false,
        }
    }

    fn property_read_side_effects(&self) -> PropertyReadSideEffects {
        if self.facts.options.property_read_side_effects {
            PropertyReadSideEffects::All
        } else {
            PropertyReadSideEffects::None
        }
    }

    fn unknown_global_side_effects(&self) -> bool {
        self.facts.options.unknown_global_side_effects
    }
}
