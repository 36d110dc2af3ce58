//! Functions whose calls do nothing that can be observed, once all of a module is known: those that call only such, and
//! classes whose constructors only fill their objects.

use super::effects::Construction;
use super::sections::Draft;
use super::symbols::Table;
use cloudpack_base::SymbolIdx;
use cloudpack_summary::{SymbolFlags, SymbolKind};
use rustc_hash::FxHashMap;

/// `const a = new A()`, where making an `A` adds to the prototype of `A`, is kept for nothing else than `a` or `A`.
pub(super) fn attach_constructions(table: &Table, drafts: &mut [Draft], makers: &FxHashMap<SymbolIdx, Construction>) {
    if makers.is_empty() {
        return;
    }
    for draft in drafts {
        let mut attached = Vec::new();
        let mut conditions = draft.section.take_conditions();
        conditions.pure_if.retain(|callee| match makes(table, makers, *callee, LONGEST_CONSTRUCTION) {
            Some(mut classes) => {
                attached.append(&mut classes);
                false
            }
            None => true,
        });
        conditions.effects_with.extend(attached);
        conditions.effects_with.sort_unstable();
        conditions.effects_with.dedup();
        draft.section.set_conditions(conditions);
    }
}

/// Longer chains of classes that make each other are not looked through.
const LONGEST_CONSTRUCTION: usize = 16;

/// The classes to whose prototypes making one of these adds; `None` if it may do more, or is pure anyway.
fn makes(
    table: &Table,
    makers: &FxHashMap<SymbolIdx, Construction>,
    class: SymbolIdx,
    depth: usize,
) -> Option<Vec<SymbolIdx>> {
    let is_pure = |callee: SymbolIdx| {
        matches!(table.symbols[callee].kind, SymbolKind::Declared { flags, .. }
            if flags.contains(SymbolFlags::PURE_FUNCTION) && !flags.contains(SymbolFlags::REASSIGNED))
    };
    let construction = makers.get(&class).filter(|_| !is_pure(class))?;
    let mut classes = Vec::new();
    let mut extended = Some(class).filter(|_| construction.adds_to_itself);
    while let Some(class) = extended {
        classes.push(class);
        // A class cannot extend one that comes later.
        extended = makers.get(&class).and_then(|it| it.parent).filter(|parent| !classes.contains(parent));
    }
    for callee in &construction.calls {
        if !is_pure(*callee) {
            classes.append(&mut makes(table, makers, *callee, depth.checked_sub(1)?)?);
        }
    }
    Some(classes)
}

/// A function is pure that does nothing by itself and calls only pure ones. One that calls itself may never come back.
/// Cost: calls, once a round; a round for each turn of the longest chain between going up and down the file.
pub(super) fn flag_pure_functions(table: &mut Table, mut harmless: Vec<(SymbolIdx, Vec<SymbolIdx>)>) {
    loop {
        let before = harmless.len();
        harmless.retain(|(symbol, calls)| {
            let is_pure = |callee: &SymbolIdx| {
                matches!(table.symbols[*callee].kind, SymbolKind::Declared { flags, .. }
                    if flags.contains(SymbolFlags::PURE_FUNCTION) && !flags.contains(SymbolFlags::REASSIGNED))
            };
            if !calls.iter().all(is_pure) {
                return true;
            }
            if let SymbolKind::Declared { flags, .. } = &mut table.symbols[*symbol].kind
                && !flags.contains(SymbolFlags::REASSIGNED)
            {
                flags.insert(SymbolFlags::PURE_FUNCTION);
            }
            false
        });
        if harmless.len() == before {
            return;
        }
        // Callers stand after what they call or before it, all of them: one of the two ways needs no more rounds.
        harmless.reverse();
    }
}
