//! Whether making a value can be observed, as far as oxc's analysis of expressions does not say: it knows nothing of
//! variables, and of a property that is read it has to think that a getter stands behind it.

use super::attached::FreshThings;
use super::effects::Context;
use super::marker::{MarkerKind, Markers};
use cloudpack_base::SymbolIdx;
use cloudpack_object::RelocationKind;
use cloudpack_summary::{ImportName, SymbolKind, member_path};
use oxc_allocator::{Allocator, ArenaVec};
use oxc_ast::ast::*;
use oxc_ast::builder::AstBuilder;
use oxc_ecmascript::GlobalContext;
use oxc_ecmascript::side_effects::{MayHaveSideEffects, MayHaveSideEffectsContext, is_valid_regexp};
use oxc_span::SPAN;
use oxc_syntax::operator::{BinaryOperator, UnaryOperator};
use rustc_hash::{FxHashMap, FxHashSet};

/// What is known of the values of variables, from their declarations on. All of them have their only value.
#[derive(Default)]
pub(super) struct Known {
    /// Strings, numbers or the like.
    pub(super) primitives: FxHashSet<SymbolIdx>,
    pub(super) strings: FxHashMap<SymbolIdx, String>,
    /// Functions, classes and literals.
    pub(super) fresh: FreshThings,
    /// Classes of which more is not known: what they have themselves.
    pub(super) statics: FxHashMap<SymbolIdx, FxHashSet<Box<str>>>,
}

/// Longer strings are not computed.
const LONGEST_STRING: usize = 4096;

/// Whether making the value can be observed. Cost: linear in the expression.
pub(super) fn value_has_effects(value: &Expression<'_>, context: &Context<'_>) -> bool {
    let is_pure = |callee: &Expression<'_>| context.manual_pure_functions(callee);
    match value {
        Expression::CallExpression(call) if (call.pure && context.annotations()) || is_pure(&call.callee) => {
            arguments_have_effects(&call.arguments, context)
        }
        Expression::NewExpression(new) if (new.pure && context.annotations()) || is_pure(&new.callee) => {
            arguments_have_effects(&new.arguments, context)
        }
        Expression::ObjectExpression(object) => object.properties.iter().any(|property| match property {
            ObjectPropertyKind::ObjectProperty(property) if !property.computed => {
                value_has_effects(&property.value, context)
            }
            property => property.may_have_side_effects(context),
        }),
        Expression::ArrayExpression(array) => array.elements.iter().any(|element| match element.as_expression() {
            Some(element) => value_has_effects(element, context),
            None => element.may_have_side_effects(context),
        }),
        Expression::SequenceExpression(sequence) => {
            sequence.expressions.iter().any(|part| value_has_effects(part, context))
        }
        Expression::UnaryExpression(unary)
            if matches!(unary.operator, UnaryOperator::LogicalNot | UnaryOperator::Void) =>
        {
            value_has_effects(&unary.argument, context)
        }
        Expression::LogicalExpression(logical) if !matches!(logical.right, Expression::Identifier(_)) => {
            value_has_effects(&logical.left, context) || value_has_effects(&logical.right, context)
        }
        // `typeof a > "u" ? b : a`
        Expression::ConditionalExpression(chosen)
            if !matches!(chosen.consequent, Expression::Identifier(_))
                && !matches!(chosen.alternate, Expression::Identifier(_)) =>
        {
            value_has_effects(&chosen.test, context)
                || value_has_effects(&chosen.consequent, context)
                || value_has_effects(&chosen.alternate, context)
        }
        Expression::StaticMemberExpression(member) => {
            !is_global_member(member, context)
                && !is_own_member(member, context)
                && !is_imported_member(member, context)
                && value.may_have_side_effects(context)
        }
        Expression::ChainExpression(chain) => !is_host_member(chain, context) && value.may_have_side_effects(context),
        Expression::ClassExpression(class) => class_has_effects(class, context),
        Expression::NewExpression(new) => {
            !is_known_pattern(new, context) && !is_plain_error(new, context) && value.may_have_side_effects(context)
        }
        _ => {
            value.may_have_side_effects(context)
                && !is_primitive(value, Some(context), context.facts.markers, context.known)
                && known_string(value, context.facts.markers, context.known).is_none()
        }
    }
}

fn arguments_have_effects(arguments: &[Argument<'_>], context: &Context<'_>) -> bool {
    arguments.iter().any(|argument| match argument.as_expression() {
        Some(argument) => value_has_effects(argument, context),
        None => argument.may_have_side_effects(context),
    })
}

/// As oxc has it, but for values of static fields. That a class may extend what is no constructor is left out of account.
pub(super) fn class_has_effects(class: &Class<'_>, context: &Context<'_>) -> bool {
    !class.decorators.is_empty()
        || class.heritage_expression().is_some_and(|parent| {
            matches!(parent, Expression::ArrowFunctionExpression(_)) || value_has_effects(parent, context)
        })
        || class.body.body.iter().any(|element| element_has_effects(element, context))
}

pub(super) fn element_has_effects(element: &ClassElement<'_>, context: &Context<'_>) -> bool {
    match element {
        ClassElement::PropertyDefinition(field) if field.r#static && !field.computed => {
            !field.decorators.is_empty() || field.value.as_ref().is_some_and(|value| value_has_effects(value, context))
        }
        element => element.may_have_side_effects(context),
    }
}

/// `Array.isArray`, `Object.prototype.toString`: of what every engine has, reading a property runs nothing. Getters that
/// refuse to be read from a prototype, as that of `Map.prototype.size`, are not among them.
fn is_global_member(member: &StaticMemberExpression<'_>, context: &Context<'_>) -> bool {
    const OBJECTS: &[&str] =
        &["Array", "Date", "Error", "JSON", "Math", "Number", "Object", "Promise", "Reflect", "String"];
    let object = match &member.object {
        Expression::StaticMemberExpression(prototype) if prototype.property.name == "prototype" => &prototype.object,
        object => object,
    };
    matches!(object, Expression::Identifier(identifier)
        if OBJECTS.contains(&identifier.name.as_str()) && context.is_global_reference(identifier))
}

/// `globalThis.document?.contentType`: of what browsers have, reading one property runs nothing of the program.
fn is_host_member(chain: &ChainExpression<'_>, context: &Context<'_>) -> bool {
    const OBJECTS: &[&str] = &["document", "location", "navigator", "process", "self", "window"];
    let ChainElement::StaticMemberExpression(member) = &chain.expression else { return false };
    let Expression::StaticMemberExpression(host) = &member.object else { return false };
    member.optional
        && !host.optional
        && OBJECTS.contains(&host.property.name.as_str())
        && matches!(&host.object, Expression::Identifier(identifier)
            if identifier.name == "globalThis" && context.is_global_reference(identifier))
}

/// `A.x` and `A.prototype.x` of what this module made above, without a getter of that name. Whoever gives it one later has
/// `A`, so the read is kept where anybody has it.
fn is_own_member(member: &StaticMemberExpression<'_>, context: &Context<'_>) -> bool {
    let Some(known) = context.known else { return false };
    let name = member.property.name.as_str();
    let (object, of_prototype) = match &member.object {
        Expression::StaticMemberExpression(prototype)
            if prototype.property.name == "prototype" && !prototype.optional =>
        {
            (&prototype.object, true)
        }
        object => (object, false),
    };
    let Some(symbol) = context.symbol_of(object) else { return false };
    let reads_plainly = match known.fresh.get(&symbol) {
        Some(fresh) => fresh.reads_plainly(name, of_prototype),
        None => !of_prototype && known.statics.get(&symbol).is_some_and(|names| names.contains(name)),
    };
    if !reads_plainly {
        return false;
    }
    context.conditions.borrow_mut().effects_with.push(symbol);
    true
}

/// `A.x.y` of an import: the whole graph knows what it leads to.
fn is_imported_member(member: &StaticMemberExpression<'_>, context: &Context<'_>) -> bool {
    let mut names = 1;
    let mut object = &member.object;
    while let Expression::StaticMemberExpression(inner) = object {
        names += 1;
        object = &inner.object;
    }
    let Expression::Identifier(identifier) = object else { return false };
    if context.known.is_none() || identifier.reference_id.get().is_some() {
        return false;
    }
    let marker = context.facts.markers.parse(identifier.name.as_bytes());
    let Some((MarkerKind::Relocation(RelocationKind::Member), symbol)) = marker else { return false };
    let symbol = SymbolIdx(symbol);
    if member_path(context.facts.symbols, symbol).count() != names + 1 {
        return false;
    }
    context.conditions.borrow_mut().effects_with.push(symbol);
    true
}

/// `new RegExp("^" + a)` where the text is known, and a pattern.
fn is_known_pattern(new: &NewExpression<'_>, context: &Context<'_>) -> bool {
    if !is_global(&new.callee, "RegExp", context) || new.arguments.is_empty() || new.arguments.len() > 2 {
        return false;
    }
    let allocator = Allocator::default();
    let builder = AstBuilder::new(&allocator);
    let mut arguments = ArenaVec::new_in(&builder);
    for argument in &new.arguments {
        let text =
            argument.as_expression().and_then(|argument| known_string(argument, context.facts.markers, context.known));
        let Some(text) = text else { return false };
        let text: &str = allocator.alloc_str(&text);
        arguments.push(Argument::from(Expression::new_string_literal(SPAN, text, None, &builder)));
    }
    is_valid_regexp(&arguments, context)
}

/// `new class extends Error { name = "E" }`
fn is_plain_error(new: &NewExpression<'_>, context: &Context<'_>) -> bool {
    const ERRORS: &[&str] =
        &["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"];
    let Expression::ClassExpression(class) = &new.callee else { return false };
    let extends_error =
        class.heritage_expression().is_none_or(|parent| ERRORS.iter().any(|name| is_global(parent, name, context)));
    new.arguments.is_empty()
        && class.decorators.is_empty()
        && extends_error
        && class.body.body.iter().all(|element| match element {
            ClassElement::PropertyDefinition(field) => {
                !field.computed
                    && field.decorators.is_empty()
                    && !field.value.as_ref().is_some_and(|value| value_has_effects(value, context))
            }
            ClassElement::MethodDefinition(method) => {
                method.kind != MethodDefinitionKind::Constructor && !element_has_effects(element, context)
            }
            _ => false,
        })
}

fn is_global(value: &Expression<'_>, name: &str, context: &Context<'_>) -> bool {
    matches!(value, Expression::Identifier(identifier)
        if identifier.name == name && context.is_global_reference(identifier))
}

/// The symbol of a mention that is relocated already.
fn marked(value: &Expression<'_>, markers: &Markers) -> Option<SymbolIdx> {
    let Expression::Identifier(identifier) = value else { return None };
    if identifier.reference_id.get().is_some() {
        return None;
    }
    match markers.parse(identifier.name.as_bytes())? {
        (MarkerKind::Relocation(RelocationKind::Name), symbol) => Some(SymbolIdx(symbol)),
        _ => None,
    }
}

/// Whether the value is a string, a number, a boolean, `null` or `undefined`, and nobody notices that it is made.
/// `asking`: who knows what is global, and notes which imports would have to be constants for that.
pub(super) fn is_primitive(
    value: &Expression<'_>,
    asking: Option<&Context<'_>>,
    markers: &Markers,
    known: Option<&Known>,
) -> bool {
    let is_primitive = |value: &Expression<'_>| is_primitive(value, asking, markers, known);
    match value {
        Expression::NumericLiteral(_)
        | Expression::StringLiteral(_)
        | Expression::BooleanLiteral(_)
        | Expression::NullLiteral(_) => true,
        Expression::TemplateLiteral(template) => template.expressions.iter().all(is_primitive),
        Expression::UnaryExpression(unary) => unary.operator != UnaryOperator::Delete && is_primitive(&unary.argument),
        Expression::BinaryExpression(binary) => {
            !matches!(binary.operator, BinaryOperator::In | BinaryOperator::Instanceof)
                && is_primitive(&binary.left)
                && is_primitive(&binary.right)
        }
        Expression::LogicalExpression(logical) => is_primitive(&logical.left) && is_primitive(&logical.right),
        Expression::ConditionalExpression(chosen) => {
            is_primitive(&chosen.test) && is_primitive(&chosen.consequent) && is_primitive(&chosen.alternate)
        }
        Expression::StaticMemberExpression(member) => asking.is_some_and(|context| is_global_number(member, context)),
        Expression::Identifier(_) => marked(value, markers).is_some_and(|symbol| {
            known.is_some_and(|known| known.primitives.contains(&symbol))
                || asking.is_some_and(|context| may_be_constant(symbol, context))
        }),
        _ => false,
    }
}

/// `Math.PI`, `Number.MAX_VALUE`: nobody can change them.
fn is_global_number(member: &StaticMemberExpression<'_>, context: &Context<'_>) -> bool {
    const MATH: &[&str] = &["E", "LN10", "LN2", "LOG10E", "LOG2E", "PI", "SQRT1_2", "SQRT2"];
    const NUMBER: &[&str] = &[
        "EPSILON",
        "MAX_SAFE_INTEGER",
        "MAX_VALUE",
        "MIN_SAFE_INTEGER",
        "MIN_VALUE",
        "NEGATIVE_INFINITY",
        "NaN",
        "POSITIVE_INFINITY",
    ];
    let name = member.property.name.as_str();
    is_global(&member.object, "Math", context) && MATH.contains(&name)
        || is_global(&member.object, "Number", context) && NUMBER.contains(&name)
}

/// Notes an import of which only the whole graph knows whether it is a constant.
fn may_be_constant(symbol: SymbolIdx, context: &Context<'_>) -> bool {
    let is_import = matches!(
        context.facts.symbols.get(symbol).map(|symbol| &symbol.kind),
        Some(SymbolKind::Import { name: ImportName::Named(_), namespace: None, .. })
    );
    if is_import && context.known.is_some() {
        context.conditions.borrow_mut().constant_if.push(symbol);
    }
    is_import && context.known.is_some()
}

/// The value, if it is a string that is put together from strings, `/pattern/.source` and `.replace("a", b)` of such.
pub(super) fn known_string(value: &Expression<'_>, markers: &Markers, known: Option<&Known>) -> Option<String> {
    let mut text = String::new();
    push_string(value, markers, known, &mut text).then_some(text)
}

fn push_string(value: &Expression<'_>, markers: &Markers, known: Option<&Known>, out: &mut String) -> bool {
    match value {
        Expression::StringLiteral(literal) if !literal.lone_surrogates => out.push_str(literal.value.as_str()),
        Expression::TemplateLiteral(template) => {
            let mut expressions = template.expressions.iter();
            for quasi in &template.quasis {
                match &quasi.value.cooked {
                    Some(cooked) if !quasi.lone_surrogates => out.push_str(cooked.as_str()),
                    _ => return false,
                }
                if expressions.next().is_some_and(|part| !push_string(part, markers, known, out)) {
                    return false;
                }
            }
        }
        Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
            if !push_string(&sum.left, markers, known, out) || !push_string(&sum.right, markers, known, out) {
                return false;
            }
        }
        Expression::Identifier(_) => {
            let text = marked(value, markers).and_then(|symbol| known?.strings.get(&symbol));
            let Some(text) = text else { return false };
            out.push_str(text);
        }
        Expression::StaticMemberExpression(member) if member.property.name == "source" => {
            let Expression::RegExpLiteral(literal) = &member.object else { return false };
            out.push_str(literal.regex.pattern.text.as_str());
        }
        Expression::CallExpression(call) if !call.optional => {
            let Expression::StaticMemberExpression(member) = &call.callee else { return false };
            let [from, to] = call.arguments.as_slice() else { return false };
            let string = |value: &Expression<'_>| known_string(value, markers, known);
            let (Some(from), Some(to)) = (from.as_expression().and_then(string), to.as_expression().and_then(string))
            else {
                return false;
            };
            // `$&` means something in the second one.
            if member.property.name != "replace" || member.optional || to.contains('$') {
                return false;
            }
            let Some(text) = string(&member.object) else { return false };
            out.push_str(&text.replacen(&from, &to, 1));
        }
        _ => return false,
    }
    out.len() <= LONGEST_STRING
}
