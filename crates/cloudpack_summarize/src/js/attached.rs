//! Statements that only add to something that the module itself made. Nobody who does not have the thing can see them, so
//! they are kept where it is, and go with it:
//!
//! ```js
//! function Button() {}
//! Button.displayName = "Button";
//! Button.prototype.render = function () {};
//! ```
//!
//! What may have a setter of that name, or may be frozen, is not counted in: a class that extends another, an object from
//! a call.

use super::commonjs::{assigned_member, member_of};
use oxc_ast::ast::*;
use rustc_hash::FxHashMap;

/// What is known of the value of a variable from its declaration on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fresh {
    is_function: bool,
    is_class: bool,
    /// Its `prototype` is the object that was made with it, or a literal.
    prototype: bool,
}

/// `object.name = value`, `object.prototype.name = value`
pub(super) struct Attached<'e, 'a> {
    pub(super) object: &'e IdentifierReference<'a>,
    is_prototype: bool,
    name: &'e str,
    pub(super) value: &'e Expression<'a>,
}

/// The things of a module to which something may be attached, by symbol.
pub(super) type FreshThings = FxHashMap<cloudpack_base::SymbolIdx, Fresh>;

pub(super) fn attached<'e, 'a>(expression: &'e Expression<'a>) -> Option<Attached<'e, 'a>> {
    let Expression::AssignmentExpression(assignment) = expression else { return None };
    let (target, name) = assigned_member(&assignment.left)?;
    if assignment.operator != AssignmentOperator::Assign {
        return None;
    }
    let (object, is_prototype) = match member_of(target) {
        Some((object, "prototype")) => (object, true),
        Some(_) => return None,
        None => (target, false),
    };
    let Expression::Identifier(object) = object else { return None };
    Some(Attached { object, is_prototype, name, value: &assignment.right })
}

/// What the statement assigns, once it was walked.
pub(super) fn attached_value<'e, 'a>(expression: &'e Expression<'a>) -> Option<&'e Expression<'a>> {
    match expression {
        Expression::AssignmentExpression(assignment) => Some(&assignment.right),
        _ => None,
    }
}

impl Attached<'_, '_> {
    /// What its object is afterwards, if nobody but who has the object sees it.
    pub(super) fn add_to(&self, fresh: Fresh) -> Option<Fresh> {
        match self.name {
            "__proto__" => None,
            _ if self.is_prototype => fresh.prototype.then_some(fresh),
            "prototype" if fresh.is_function && !fresh.is_class => {
                Some(Fresh { prototype: is_plain_object(self.value), ..fresh })
            }
            // Cannot be assigned to, or not everything can: that throws.
            "name" | "caller" | "arguments" | "prototype" if fresh.is_function => None,
            "length" => None,
            _ => Some(fresh),
        }
    }
}

/// The value of a variable, if nothing but its declaration has to do with it so far.
pub(super) fn fresh_value(value: &Expression<'_>) -> Option<Fresh> {
    let thing = Fresh { is_function: false, is_class: false, prototype: false };
    match value {
        Expression::FunctionExpression(function) => fresh_function(function),
        Expression::ArrowFunctionExpression(_) => Some(Fresh { is_function: true, ..thing }),
        Expression::ClassExpression(class) => fresh_class(class),
        Expression::ArrayExpression(_) => Some(thing),
        value => is_plain_object(value).then_some(thing),
    }
}

pub(super) fn fresh_function(function: &Function<'_>) -> Option<Fresh> {
    let prototype = !function.r#async && !function.generator;
    Some(Fresh { is_function: true, is_class: false, prototype })
}

pub(super) fn fresh_class(class: &Class<'_>) -> Option<Fresh> {
    let is_plain = class.heritage.is_none()
        && class.decorators.is_empty()
        && class.body.body.iter().all(|element| match element {
            ClassElement::MethodDefinition(method) => {
                method.decorators.is_empty()
                    && matches!(method.kind, MethodDefinitionKind::Method | MethodDefinitionKind::Constructor)
            }
            ClassElement::PropertyDefinition(property) => property.decorators.is_empty(),
            ClassElement::StaticBlock(_) | ClassElement::AccessorProperty(_) | ClassElement::TSIndexSignature(_) => {
                false
            }
        });
    is_plain.then_some(Fresh { is_function: true, is_class: true, prototype: true })
}

fn is_plain_object(value: &Expression<'_>) -> bool {
    let Expression::ObjectExpression(object) = value else { return false };
    object.properties.iter().all(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) => {
            property.kind == PropertyKind::Init
                && (property.computed || property.key.static_name().is_none_or(|name| name != "__proto__"))
        }
        ObjectPropertyKind::SpreadProperty(_) => true,
    })
}
