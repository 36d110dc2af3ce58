//! Whether running a statement can be observed. oxc's analysis answers for expressions; this context tells it what is
//! global, which calls the user declared pure, and notes calls of top-level functions whose purity another module knows.

use super::JsOptions;
use super::marker::{MarkerKind, Markers};
use cloudpack_base::SymbolIdx;
use cloudpack_object::RelocationKind;
use oxc_ast::ast::{Expression, IdentifierReference, Statement};
use oxc_ecmascript::GlobalContext;
use oxc_ecmascript::side_effects::{
    MayHaveSideEffects, MayHaveSideEffectsContext, PropertyReadSideEffects, is_pure_function,
};
use oxc_semantic::Scoping;
use std::cell::RefCell;

pub(super) enum Effects {
    None,
    /// None, provided that calls of these symbols have none.
    Unless(Vec<SymbolIdx>),
    Some,
}

pub(super) fn effects_of(
    statement: &Statement<'_>,
    scoping: &Scoping,
    markers: &Markers,
    options: &JsOptions,
) -> Effects {
    let context = Context { scoping, markers, options, calls: RefCell::new(Vec::new()) };
    if statement.may_have_side_effects(&context) {
        return Effects::Some;
    }
    let mut calls = context.calls.into_inner();
    calls.sort_unstable();
    calls.dedup();
    if calls.is_empty() { Effects::None } else { Effects::Unless(calls) }
}

struct Context<'c> {
    scoping: &'c Scoping,
    markers: &'c Markers,
    options: &'c JsOptions,
    calls: RefCell<Vec<SymbolIdx>>,
}

impl<'a> GlobalContext<'a> for Context<'_> {
    fn is_global_reference(&self, identifier: &IdentifierReference<'a>) -> bool {
        // A marker has no reference: it names a symbol of some module, not a global.
        identifier
            .reference_id
            .get()
            .is_some_and(|reference| self.scoping.get_reference(reference).symbol_id().is_none())
    }
}

impl<'a> MayHaveSideEffectsContext<'a> for Context<'_> {
    fn annotations(&self) -> bool {
        self.options.annotations
    }

    fn manual_pure_functions(&self, callee: &Expression) -> bool {
        if is_pure_function(callee, &self.options.pure_functions) {
            return true;
        }
        let Expression::Identifier(identifier) = callee else { return false };
        if identifier.reference_id.get().is_some() {
            return false;
        }
        match self.markers.parse(identifier.name.as_bytes()) {
            Some((MarkerKind::Relocation(RelocationKind::Name | RelocationKind::Callee), symbol)) => {
                self.calls.borrow_mut().push(SymbolIdx(symbol));
                true
            }
            _ => false,
        }
    }

    fn property_read_side_effects(&self) -> PropertyReadSideEffects {
        if self.options.property_read_side_effects {
            PropertyReadSideEffects::All
        } else {
            PropertyReadSideEffects::None
        }
    }

    fn unknown_global_side_effects(&self) -> bool {
        self.options.unknown_global_side_effects
    }
}
