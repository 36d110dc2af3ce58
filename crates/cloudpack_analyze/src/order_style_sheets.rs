//! The style sheets of each chunk in cascade order.
//!
//! A sheet that JavaScript, a document or `composes` imports is a root and travels with its group, in execution order.
//! What a root reaches by `@import` is text of the root, in the place of the rule and under its conditions. A browser
//! applies a sheet that comes twice at both places, of which only the last can be seen: so of equal sheets under equal
//! conditions the last stays. Walking the list backwards makes "last" "first seen", and a diamond of `@import`s costs
//! its edges and not its ways.

use crate::graph::Graph;
use crate::group_modules::{GroupIdx, Groups};
use cloudpack_base::{IndexVec, ModuleIdx, RequestIdx};
use cloudpack_plan::CssPart;
use cloudpack_summary::{ModuleFlags, RequestFlags, RequestKind};
use rustc_hash::FxHashSet;

type Conditions = Vec<(ModuleIdx, RequestIdx)>;

/// Cost: `@import` rules of live sheets, times the distinct conditions above them.
pub(crate) fn order_style_sheets(graph: &Graph<'_>, groups: &Groups) -> IndexVec<GroupIdx, Vec<CssPart>> {
    groups
        .groups
        .iter()
        .map(|group| {
            let is_sheet = |module: &&ModuleIdx| graph.has_flag(**module, ModuleFlags::HAS_CSS);
            let mut seen: FxHashSet<(ModuleIdx, Conditions)> = FxHashSet::default();
            let mut parts = Vec::new();
            for root in group.modules.iter().filter(is_sheet).rev() {
                collect_backwards(graph, *root, &mut seen, &mut parts);
            }
            parts.reverse();
            parts
        })
        .collect()
}

fn collect_backwards(
    graph: &Graph<'_>,
    root: ModuleIdx,
    seen: &mut FxHashSet<(ModuleIdx, Conditions)>,
    parts: &mut Vec<CssPart>,
) {
    let mut pending = vec![(root, Conditions::new())];
    while let Some((module, conditions)) = pending.pop() {
        // A sheet that comes plainly later on hides every earlier copy, whatever that one's conditions are.
        let is_hidden = !conditions.is_empty() && seen.contains(&(module, Conditions::new()));
        if is_hidden || !seen.insert((module, conditions.clone())) {
            continue;
        }
        for request in graph.requests(module).filter(|request| request.record.kind == RequestKind::CssImport) {
            let Some(target) = request.target else { continue };
            let mut below = conditions.clone();
            if request.record.flags.contains(RequestFlags::CONDITIONAL) {
                // A sheet that imports itself under conditions would go on for ever.
                if below.contains(&(module, request.index)) {
                    continue;
                }
                below.push((module, request.index));
            }
            pending.push((target, below));
        }
        parts.push(CssPart { module, conditions });
    }
}
