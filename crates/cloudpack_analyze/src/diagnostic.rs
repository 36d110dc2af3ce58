//! Faults that Analyze finds, with ids in place of positions: a summary has no offsets. The driver looks up the place
//! (`ModuleObject::symbol_spans`, `request_spans`) when it shows one.

use crate::graph::Graph;
use cloudpack_base::{ModuleIdx, RequestIdx, Severity, SymbolIdx, path};

#[derive(Clone, Debug, PartialEq)]
pub struct AnalyzeDiagnostic {
    /// `MISSING_EXPORT`, `AMBIGUOUS_EXPORT`, `CIRCULAR_REEXPORT`, `REQUIRE_TLA`, `INVALID_TLA_FORMAT`,
    /// `REQUIRE_RESOLVE_NOT_EXTERNAL`, `CIRCULAR_DEPENDENCY`, `SEVERAL_ENTRIES_WITHOUT_SPLITTING`,
    /// `RUNTIME_EXPORTS_LOST`.
    pub code: &'static str,
    pub severity: Severity,
    /// The module whose text is at fault.
    pub module: Option<ModuleIdx>,
    /// Where in it: the first mention of a symbol, or a request site.
    pub symbol: Option<SymbolIdx>,
    pub request: Option<RequestIdx>,
    /// Modules that import each other, the first once more at the end.
    pub cycle: Vec<ModuleIdx>,
    pub message: String,
    pub hint: Option<String>,
}

impl AnalyzeDiagnostic {
    pub(crate) fn new(code: &'static str, severity: Severity, message: String) -> Self {
        Self { code, severity, module: None, symbol: None, request: None, cycle: Vec::new(), message, hint: None }
    }
    pub(crate) fn in_module(mut self, module: ModuleIdx) -> Self {
        self.module = Some(module);
        self
    }
    pub(crate) fn at_symbol(mut self, symbol: SymbolIdx) -> Self {
        self.symbol = Some(symbol);
        self
    }
    pub(crate) fn at_request(mut self, request: RequestIdx) -> Self {
        self.request = Some(request);
        self
    }
    pub(crate) fn with_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

/// A module's id as a reader knows it: relative to `cwd`, virtual ids readable.
pub(crate) fn shown(graph: &Graph<'_>, module: ModuleIdx, cwd: &str) -> String {
    let id = graph.modules[module].id;
    if let Some(rest) = id.strip_prefix('\0') {
        return rest.to_owned();
    }
    if cwd.is_empty() || !path::is_absolute(id) {
        return id.to_owned();
    }
    let (file, query) = path::split_query(id);
    format!("{}{query}", path::relative(cwd, file))
}

/// The name of `names` that is nearest to `wanted`, if near enough that a slip of the hand explains it.
pub(crate) fn nearest_name<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = 1 + wanted.chars().count() / 4;
    names
        .filter_map(|name| {
            let distance = edit_distance(&wanted.to_lowercase(), &name.to_lowercase());
            (distance <= limit && name != wanted).then_some((distance, name))
        })
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein; cost is the product of the lengths.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, a) in left.chars().enumerate() {
        let mut diagonal = at;
        let mut before = at + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&right) {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = *cell;
            before = replaced.min(before + 1).min(*cell + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_recognised_and_another_word_is_not() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(nearest_name("buton", ["button", "Bottom", "x"].into_iter()), Some("button"));
        assert_eq!(nearest_name("foo", ["bar", "quux"].into_iter()), None);
    }
}
