//! Exported literals of which the module only reads what stands in them:
//!
//! ```js
//! const formatters = { numeric(value) {} };
//! export const Ticks = { formatters };        // `Ticks.formatters.numeric` is plain
//! ```
//!
//! Nobody in this module can give them a getter, so that other modules may read these paths, and nobody notices, as long as
//! nobody else has the objects themselves (`ModuleSummary::plain`).

use super::sections::constant_value;
use super::symbols::Table;
use cloudpack_base::SymbolIdx;
use cloudpack_summary::{ConstantValue, ModuleFlags, ModuleFormat, PlainObject, SymbolFlags, SymbolKind};
use oxc_ast::ast::*;
use oxc_semantic::Scoping;
use oxc_syntax::reference::ReferenceId;
use rustc_hash::{FxHashMap, FxHashSet};

#[derive(Default)]
pub(super) struct PlainObjects {
    objects: FxHashMap<SymbolIdx, Object>,
    /// Mentions as a property of such an object.
    held: FxHashSet<ReferenceId>,
    /// The mention of an object at the head of the path that is being walked.
    head: Option<ReferenceId>,
}

struct Object {
    properties: Properties,
    is_exported: bool,
    /// Something else is done with it than reading what it was made with.
    is_out: bool,
}

type Properties = FxHashMap<Box<str>, Property>;

enum Property {
    Value(Option<ConstantValue>),
    Object(Properties),
    /// A variable with such an object.
    Variable(SymbolIdx),
}

/// Of larger objects nothing is known.
const MOST_PROPERTIES: usize = 256;

impl PlainObjects {
    /// Cost: the statements of the top level, and literals among them where one is exported.
    pub(super) fn collect(program: &Program<'_>, table: &Table, scoping: &Scoping) -> Self {
        let mut objects = Self::default();
        if table.format != ModuleFormat::EsModule {
            return objects;
        }
        let exported: FxHashSet<SymbolIdx> = table.local_exports.iter().map(|export| export.symbol).collect();
        let literals = || {
            program.body.iter().flat_map(|statement| {
                let declaration = match statement {
                    Statement::VariableDeclaration(declaration) => Some(declaration),
                    Statement::ExportDeclaration(export) => match &export.declaration {
                        Declaration::VariableDeclaration(declaration) => Some(declaration),
                        _ => None,
                    },
                    _ => None,
                };
                declaration.into_iter().flat_map(|declaration| &declaration.declarations).filter_map(|declarator| {
                    let BindingPattern::BindingIdentifier(id) = &declarator.id else { return None };
                    let Some(Expression::ObjectExpression(literal)) = &declarator.init else { return None };
                    let id = id.symbol_id.get()?;
                    let symbol = table.symbol_of(id)?;
                    let is_fixed = matches!(table.symbols[symbol].kind, SymbolKind::Declared { flags, .. }
                        if !flags.contains(SymbolFlags::REASSIGNED))
                        && scoping.symbol_redeclarations(id).is_empty();
                    is_fixed.then_some((symbol, literal))
                })
            })
        };
        if !literals().any(|(symbol, _)| exported.contains(&symbol)) {
            return objects;
        }
        for (symbol, literal) in literals() {
            let mut left = MOST_PROPERTIES;
            if let Some(properties) = objects.properties(literal, table, scoping, &mut left) {
                let is_exported = exported.contains(&symbol);
                objects.objects.insert(symbol, Object { properties, is_exported, is_out: false });
            }
        }
        objects
    }

    fn properties(
        &mut self,
        literal: &ObjectExpression<'_>,
        table: &Table,
        scoping: &Scoping,
        left: &mut usize,
    ) -> Option<Properties> {
        *left = left.checked_sub(literal.properties.len())?;
        let mut properties = Properties::default();
        for property in &literal.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else { return None };
            let name = property.key.static_name().filter(|name| name != "__proto__" && !name.contains('.'))?;
            if property.kind != PropertyKind::Init || property.computed {
                return None;
            }
            let value = match &property.value {
                Expression::ObjectExpression(inner) => {
                    self.properties(inner, table, scoping, left).map_or(Property::Value(None), Property::Object)
                }
                Expression::Identifier(identifier) => {
                    let reference = identifier.reference_id.get();
                    let symbol = reference.and_then(|id| scoping.get_reference(id).symbol_id());
                    // One that comes later has no value yet.
                    let held = symbol
                        .and_then(|symbol| table.symbol_of(symbol))
                        .filter(|symbol| self.objects.contains_key(symbol));
                    self.held.extend(reference.filter(|_| held.is_some()));
                    let is_undefined = identifier.name == "undefined" && symbol.is_none();
                    let value = is_undefined.then_some(ConstantValue::Undefined);
                    held.map_or(Property::Value(value), Property::Variable)
                }
                value => Property::Value(constant_value(value)),
            };
            properties.insert(name.as_ref().into(), value);
        }
        Some(properties)
    }

    /// The head of `object.a.b`, and the names, where there are such objects at all.
    pub(super) fn path<'e, 'a>(
        &self,
        member: &'e StaticMemberExpression<'a>,
    ) -> Option<(&'e IdentifierReference<'a>, Vec<&'e str>)> {
        if self.objects.is_empty() {
            return None;
        }
        let mut names = vec![member.property.name.as_str()];
        let mut object = &member.object;
        while let Expression::StaticMemberExpression(inner) = object {
            names.push(inner.property.name.as_str());
            object = &inner.object;
        }
        names.reverse();
        match object {
            Expression::Identifier(identifier) => Some((identifier, names)),
            _ => None,
        }
    }

    /// `object.a.b` is read, or called as a method, which hands on `object.a`.
    pub(super) fn read(&mut self, object: SymbolIdx, head: ReferenceId, names: &[&str], is_called: bool) {
        if self.head == Some(head) {
            // A part of the path that was read before.
            return;
        }
        let Some(mut known) = self.objects.get(&object) else { return };
        self.head = Some(head);
        let handed_on = names.len() - usize::from(is_called && !names.is_empty());
        let (mut owner, mut properties) = (object, &known.properties);
        for name in names.iter().take(handed_on) {
            match properties.get(*name) {
                // What is done with a value does nothing to the object. Of what is not there, nothing is.
                None | Some(Property::Value(_)) => return,
                Some(Property::Object(inner)) => properties = inner,
                Some(Property::Variable(symbol)) => {
                    let Some(next) = self.objects.get(symbol) else { return };
                    known = next;
                    (owner, properties) = (*symbol, &known.properties);
                }
            }
        }
        self.gets_out(owner);
    }

    /// A mention of the object itself, if it is not the head of a path.
    pub(super) fn mention(&mut self, object: SymbolIdx, reference: Option<ReferenceId>) {
        let is_known = reference.is_some_and(|id| self.head == Some(id) || self.held.contains(&id));
        if !is_known {
            self.gets_out(object);
        }
    }

    fn gets_out(&mut self, object: SymbolIdx) {
        if let Some(object) = self.objects.get_mut(&object) {
            object.is_out = true;
        }
    }

    /// What other modules may read, once the whole module was walked.
    pub(super) fn finish(mut self, table: &Table) -> Vec<PlainObject> {
        if self.objects.is_empty() || table.flags.contains(ModuleFlags::DIRECT_EVAL) {
            return Vec::new();
        }
        // Whoever has an object has what stands in it, and who imports an exported one has it without a path.
        let mut out: Vec<SymbolIdx> = Vec::new();
        for object in self.objects.values() {
            held_by(&object.properties, &mut |held| {
                if object.is_out || self.objects.get(&held).is_some_and(|held| held.is_exported) {
                    out.push(held);
                }
            });
        }
        while let Some(symbol) = out.pop() {
            let Some(object) = self.objects.get_mut(&symbol) else { continue };
            if !std::mem::replace(&mut object.is_out, true) {
                held_by(&object.properties, &mut |held| out.push(held));
            }
        }
        let mut plain = Vec::new();
        for (symbol, object) in &self.objects {
            if object.is_exported && !object.is_out {
                let mut paths = Vec::new();
                self.paths(&object.properties, "", &mut paths);
                paths.sort_unstable_by(|left, right| left.0.cmp(&right.0));
                paths.truncate(MOST_PROPERTIES);
                plain.push(PlainObject { symbol: *symbol, paths });
            }
        }
        plain.retain(|object| !object.paths.is_empty());
        plain.sort_unstable_by_key(|object| object.symbol);
        plain
    }

    fn paths(&self, properties: &Properties, before: &str, paths: &mut Vec<(Box<str>, Option<ConstantValue>)>) {
        if paths.len() > MOST_PROPERTIES {
            return;
        }
        for (name, property) in properties {
            let path = if before.is_empty() { name.to_string() } else { format!("{before}.{name}") };
            match property {
                Property::Value(value) => paths.push((path.into(), value.clone())),
                Property::Object(inner) => self.paths(inner, &path, paths),
                Property::Variable(symbol) => {
                    if let Some(object) = self.objects.get(symbol).filter(|object| !object.is_out) {
                        self.paths(&object.properties, &path, paths);
                    }
                }
            }
        }
    }
}

fn held_by(properties: &Properties, found: &mut impl FnMut(SymbolIdx)) {
    for property in properties.values() {
        match property {
            Property::Value(_) => {}
            Property::Object(inner) => held_by(inner, found),
            Property::Variable(symbol) => found(*symbol),
        }
    }
}
