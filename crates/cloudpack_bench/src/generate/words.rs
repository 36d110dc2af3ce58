//! The vocabulary of generated names. Local names repeat from module to module, as in real code, so that bundlers have
//! to tell them apart; exported names carry the number of their module.

pub(super) const VERBS: &[&str] = &[
    "settle", "gather", "measure", "refine", "balance", "collect", "derive", "encode", "fold", "index", "join",
    "label", "merge", "narrow", "order", "parse", "quote", "rank", "score", "trim", "unfold", "verify", "weigh",
    "extend",
];

pub(super) const NOUNS: &[&str] = &[
    "ledger", "invoice", "cursor", "parcel", "session", "filter", "column", "region", "ticket", "volume", "signal",
    "bundle", "margin", "record", "window", "anchor", "budget", "canvas", "device", "folder", "garden", "harbor",
    "island", "journal", "kernel", "lantern", "matrix", "notice", "orchard", "packet", "quarter", "ribbon", "sample",
    "tunnel", "update", "vector", "widget", "yield", "zone", "basket",
];

pub(super) const ADJECTIVES: &[&str] =
    &["open", "final", "local", "remote", "stale", "fresh", "partial", "nested", "shared", "hidden", "daily", "legacy"];

/// Sentences of comments.
pub(super) const REMARKS: &[&str] = &[
    "Callers pass what the form holds, before it is rounded.",
    "The order of these steps is part of the contract with the report service.",
    "Keep in step with the table in the settings page.",
    "An empty list is a list: nothing special happens here.",
    "Measured once a week; the numbers are small on purpose.",
    "The old client sends this value twice, so it must be stable.",
    "See the notes of the spring release for the reason.",
    "Values wrap around at 32 bits, as the devices do.",
    "Not cached: it is cheaper to compute than to look up.",
    "The second branch is rare, but the audit asks for it.",
];

/// `open` -> `Open`.
pub(super) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
