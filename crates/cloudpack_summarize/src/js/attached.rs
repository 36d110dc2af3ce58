//! Statements that only add to something that the module itself made. Nobody who does not have the thing can see them, so
//! they are kept where it is, and go with it:
//!
//! ```js
//! function Button() {}
//! Button.displayName = "Button";
//! Button.prototype.render = function () {};
//! ```
//!
//! What may have a setter of that name, or may be frozen, is not counted in: an object from a call, a class that extends
//! one from elsewhere.

use super::commonjs::{assigned_member, member_of};
use oxc_ast::ast::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// What is known of the value of a variable from its declaration on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fresh {
    is_function: bool,
    is_class: bool,
    /// Its `prototype` is the object that was made with it, or a literal.
    pub(super) prototype: bool,
    /// Of a class and those that it extends: names of getters and setters.
    pub(super) accessors: Vec<Box<str>>,
}

impl Fresh {
    /// Whether reading `.name` of it, or `.prototype.name`, runs nothing and does not throw.
    pub(super) fn reads_plainly(&self, name: &str, of_prototype: bool) -> bool {
        let is_refused = self.is_function && !of_prototype && matches!(name, "caller" | "arguments");
        !is_refused && (!of_prototype || self.prototype) && !self.accessors.iter().any(|accessor| **accessor == *name)
    }
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
    pub(super) fn add_to(&self, fresh: &Fresh) -> Option<Fresh> {
        let fresh = fresh.clone();
        match self.name {
            name if fresh.accessors.iter().any(|accessor| **accessor == *name) => None,
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
    match value {
        Expression::FunctionExpression(function) => fresh_function(function),
        Expression::ArrowFunctionExpression(_) => Some(Fresh { is_function: true, ..Fresh::default() }),
        Expression::ClassExpression(class) => {
            class.heritage.is_none().then(|| fresh_class(class, &Fresh::default()))?
        }
        Expression::ArrayExpression(_) => Some(Fresh::default()),
        value => is_plain_object(value).then(Fresh::default),
    }
}

pub(super) fn fresh_function(function: &Function<'_>) -> Option<Fresh> {
    let prototype = !function.r#async && !function.generator;
    Some(Fresh { is_function: true, prototype, ..Fresh::default() })
}

/// `parent`: what it extends, if anything.
pub(super) fn fresh_class(class: &Class<'_>, parent: &Fresh) -> Option<Fresh> {
    let mut accessors = parent.accessors.clone();
    let mut additions = Vec::new();
    for element in &class.body.body {
        match element {
            ClassElement::MethodDefinition(method) => {
                let is_accessor = matches!(method.kind, MethodDefinitionKind::Get | MethodDefinitionKind::Set);
                if is_accessor && !matches!(method.key, PropertyKey::PrivateIdentifier(_)) {
                    accessors.push(method.key.static_name().filter(|_| !method.computed)?.into());
                }
            }
            ClassElement::PropertyDefinition(_) => {}
            ClassElement::StaticBlock(block) => additions.extend(static_additions(block)?),
            ClassElement::AccessorProperty(_) | ClassElement::TSIndexSignature(_) => return None,
        }
    }
    let is_refused = |addition: &Addition<'_, '_>| {
        let is_fixed = matches!(addition.name, "name" | "length" | "prototype" | "caller" | "arguments");
        addition.name == "__proto__"
            || is_fixed && !addition.is_prototype
            || accessors.iter().any(|accessor| **accessor == *addition.name)
    };
    if additions.iter().any(is_refused) {
        return None;
    }
    class.decorators.is_empty().then_some(Fresh { is_function: true, is_class: true, prototype: true, accessors })
}

/// `this.name = value`, `this.prototype.name = value` in a static block.
pub(super) struct Addition<'e, 'a> {
    is_prototype: bool,
    name: &'e str,
    pub(super) value: &'e Expression<'a>,
}

/// All that a static block does; `None` if it does something else than adding to its class.
pub(super) fn static_additions<'e, 'a>(block: &'e StaticBlock<'a>) -> Option<Vec<Addition<'e, 'a>>> {
    let mut additions = Vec::new();
    for statement in &block.body {
        let Statement::ExpressionStatement(statement) = statement else { return None };
        let parts = match &statement.expression {
            Expression::SequenceExpression(sequence) => sequence.expressions.as_slice(),
            one => std::slice::from_ref(one),
        };
        for part in parts {
            let Expression::AssignmentExpression(assignment) = part else { return None };
            let (target, name) = assigned_member(&assignment.left)?;
            let (object, is_prototype) = match member_of(target) {
                Some((object, "prototype")) => (object, true),
                _ => (target, false),
            };
            if assignment.operator != AssignmentOperator::Assign || !matches!(object, Expression::ThisExpression(_)) {
                return None;
            }
            additions.push(Addition { is_prototype, name, value: &assignment.right });
        }
    }
    Some(additions)
}

/// Whether the module may give setters to something else than `this`, `exports` and what it makes in the same place. Then
/// what extends another class may have any.
pub(super) fn adds_accessors(source: &str) -> bool {
    let find = |word: &'static str| {
        memchr::memmem::find_iter(source.as_bytes(), word.as_bytes())
            .map(move |at| source.split_at_checked(at).unwrap_or_default())
            .map(move |(before, rest)| (before, rest.strip_prefix(word).unwrap_or_default()))
    };
    find("__defineSetter__").next().is_some()
        || find("__defineGetter__").next().is_some()
        || find("setPrototypeOf").next().is_some()
        // `Object.freeze({ ... })`
        || find("freeze").any(|(_, rest)| {
            let argument = rest.trim_start().strip_prefix('(').unwrap_or_default();
            !argument.trim_start().starts_with(['{', '['])
        })
        // `{ __proto__: null }`
        || find("__proto__").any(|(before, rest)| {
            let quotes = ['"', '\''];
            let (before, rest) = (before.trim_end_matches(quotes).trim_end(), rest.trim_start_matches(quotes).trim_start());
            !before.ends_with(['{', ',']) || !rest.starts_with(':')
        })
        || find("definePropert").any(|(_, rest)| {
            let rest = rest.strip_prefix("ies").or_else(|| rest.strip_prefix('y')).unwrap_or_default().trim_start();
            let target = rest.strip_prefix('(').unwrap_or_default().trim_start();
            !["this", "exports"]
                .iter()
                .any(|known| target.strip_prefix(known).is_some_and(|rest| rest.trim_start().starts_with(',')))
        })
}

/// Names of static fields and methods that the class itself has, and that are no getters or setters: reading one asks
/// nothing that it extends.
pub(super) fn own_statics(class: &Class<'_>) -> FxHashSet<Box<str>> {
    let mut accessors = FxHashSet::default();
    let mut names = FxHashSet::default();
    for element in &class.body.body {
        let (key, is_plain) = match element {
            ClassElement::PropertyDefinition(field) if field.r#static => (&field.key, !field.computed),
            ClassElement::MethodDefinition(method) if method.r#static => {
                (&method.key, !method.computed && method.kind == MethodDefinitionKind::Method)
            }
            ClassElement::AccessorProperty(accessor) if accessor.r#static => (&accessor.key, false),
            // It may do anything to the class.
            ClassElement::StaticBlock(_) => return FxHashSet::default(),
            _ => continue,
        };
        match key.static_name() {
            Some(name) if is_plain => drop(names.insert(name.as_ref().into())),
            Some(name) => drop(accessors.insert(Box::<str>::from(name.as_ref()))),
            // A key that is computed may be any.
            None if matches!(key, PropertyKey::PrivateIdentifier(_)) => {}
            None => return FxHashSet::default(),
        }
    }
    names.retain(|name| !accessors.contains(name));
    names
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
