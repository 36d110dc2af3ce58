//! A `catch (e)` around another one that says `var e` (Annex B.3.4) gets a name of its own:
//!
//! ```js
//! try {} catch (e) {                     // -> catch (e$0)
//!   try {} catch (e) { var e = 1; use(e); }
//!   use(e);                              // -> use(e$0)
//! }
//! ```
//!
//! The analysis of scopes takes parameter and variable of the inner one for one symbol of the function, finds the outer
//! parameter on the way there, and would bind what stands inside to it. With another name it is not in the way.

use super::lower::may_use_with;
use oxc_allocator::{Allocator, ArenaBox, GetAllocator, TakeIn};
use oxc_ast::ast::*;
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{Visit, VisitMut, walk, walk_mut};
use oxc_semantic::Scoping;
use oxc_syntax::scope::ScopeFlags;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;

/// `true` if something was changed, and then scopes are stale. Cost: the number of symbols; two walks where some `catch`
/// declares its own parameter again, which few programs do.
pub(super) fn separate_catch_parameters<'a>(
    allocator: &'a Allocator,
    program: &mut Program<'a>,
    scoping: &Scoping,
    source: &str,
) -> bool {
    if !scoping.symbol_ids().any(|symbol| is_declared_again(scoping, symbol)) {
        return false;
    }
    // There, names are what a program may ask for.
    if scoping.root_scope_flags().contains_direct_eval() || may_use_with(source) {
        return false;
    }
    let mut find = Find { scoping, around: Vec::new(), found: Vec::new() };
    find.visit_program(program);
    let mut next = 0;
    let mut names = FxHashMap::default();
    for (symbol, name) in find.found {
        names.entry(symbol).or_insert_with(|| {
            loop {
                let fresh = format!("{name}${next}");
                next += 1;
                if memchr::memmem::find(source.as_bytes(), fresh.as_bytes()).is_none() {
                    return fresh;
                }
            }
        });
    }
    if names.is_empty() {
        return false;
    }
    let mut rename = Rename { builder: AstBuilder::new(allocator), scoping, names, around: Vec::new() };
    rename.visit_program(program);
    true
}

fn is_declared_again(scoping: &Scoping, symbol: SymbolId) -> bool {
    scoping.symbol_flags(symbol).is_catch_variable() && !scoping.symbol_redeclarations(symbol).is_empty()
}

/// The parameter of a `catch` that is one name; with a pattern it must not be declared again.
fn parameter(clause: &CatchClause<'_>) -> Option<(SymbolId, String)> {
    match &clause.param.as_ref()?.pattern {
        BindingPattern::BindingIdentifier(id) => Some((id.symbol_id.get()?, id.name.to_string())),
        _ => None,
    }
}

struct Find<'s> {
    scoping: &'s Scoping,
    /// Parameters of the `catch` clauses around the place, within its function.
    around: Vec<(SymbolId, String)>,
    found: Vec<(SymbolId, String)>,
}

impl<'a> Visit<'a> for Find<'_> {
    fn visit_catch_clause(&mut self, clause: &CatchClause<'a>) {
        let Some((symbol, name)) = parameter(clause) else { return walk::walk_catch_clause(self, clause) };
        if is_declared_again(self.scoping, symbol) {
            self.found.extend(self.around.iter().filter(|(_, outer)| *outer == name).cloned());
        }
        self.around.push((symbol, name));
        walk::walk_catch_clause(self, clause);
        self.around.pop();
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        let around = std::mem::take(&mut self.around);
        walk::walk_function(self, function, flags);
        self.around = around;
    }

    fn visit_arrow_function_expression(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        let around = std::mem::take(&mut self.around);
        walk::walk_arrow_function_expression(self, arrow);
        self.around = around;
    }

    fn visit_static_block(&mut self, block: &StaticBlock<'a>) {
        let around = std::mem::take(&mut self.around);
        walk::walk_static_block(self, block);
        self.around = around;
    }
}

struct Rename<'a, 's> {
    builder: AstBuilder<'a>,
    scoping: &'s Scoping,
    names: FxHashMap<SymbolId, String>,
    around: Vec<(SymbolId, String)>,
}

impl Rename<'_, '_> {
    /// The new name of a mention of `symbol` as `name`. Inside of an inner clause of that name it is never the outer one.
    fn name(&self, symbol: Option<SymbolId>, name: &str) -> Option<&str> {
        let (around, _) = self.around.iter().rev().find(|(_, each)| each == name)?;
        if symbol != Some(*around) {
            return None;
        }
        self.names.get(around).map(String::as_str)
    }

    fn name_of_reference(&self, reference: &IdentifierReference<'_>) -> Option<&str> {
        let symbol = self.scoping.get_reference(reference.reference_id.get()?).symbol_id();
        self.name(symbol, reference.name.as_str())
    }
}

impl<'a> VisitMut<'a> for Rename<'a, '_> {
    fn visit_catch_clause(&mut self, clause: &mut CatchClause<'a>) {
        let Some(parameter) = parameter(clause) else { return walk_mut::walk_catch_clause(self, clause) };
        self.around.push(parameter);
        walk_mut::walk_catch_clause(self, clause);
        self.around.pop();
    }

    fn visit_binding_identifier(&mut self, id: &mut BindingIdentifier<'a>) {
        if let Some(name) = self.name(id.symbol_id.get(), id.name.as_str()) {
            id.name = self.builder.allocator().alloc_str(name).into();
        }
    }

    fn visit_identifier_reference(&mut self, reference: &mut IdentifierReference<'a>) {
        if let Some(name) = self.name_of_reference(reference) {
            reference.name = self.builder.allocator().alloc_str(name).into();
        }
    }

    fn visit_object_property(&mut self, property: &mut ObjectProperty<'a>) {
        property.shorthand &=
            !matches!(&property.value, Expression::Identifier(value) if self.name_of_reference(value).is_some());
        walk_mut::walk_object_property(self, property);
    }

    fn visit_binding_property(&mut self, property: &mut BindingProperty<'a>) {
        let names = property.value.get_binding_identifiers();
        property.shorthand &= names.first().is_none_or(|id| self.name(id.symbol_id.get(), id.name.as_str()).is_none());
        walk_mut::walk_binding_property(self, property);
    }

    fn visit_assignment_target_property(&mut self, property: &mut AssignmentTargetProperty<'a>) {
        if let AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(identifier) = property
            && self.name_of_reference(&identifier.binding).is_some()
        {
            // `({ e } = o)` -> `({ e: e$0 } = o)`
            let builder = &self.builder;
            let key = PropertyKey::new_static_identifier(identifier.binding.span, identifier.binding.name, builder);
            let reference = identifier.binding.take_in(builder);
            let target = AssignmentTarget::AssignmentTargetIdentifier(ArenaBox::new_in(reference, builder));
            let span = identifier.span;
            let target = match identifier.init.take() {
                Some(init) => {
                    AssignmentTargetMaybeDefault::new_assignment_target_with_default(span, target, init, builder)
                }
                None => AssignmentTargetMaybeDefault::from(target),
            };
            *property =
                AssignmentTargetProperty::new_assignment_target_property_property(span, key, target, false, builder);
        }
        walk_mut::walk_assignment_target_property(self, property);
    }
}
