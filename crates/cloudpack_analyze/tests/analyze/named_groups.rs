//! Chunks that the user named: what they take, what they leave, and that naming them changes nothing else.

use crate::builder::{App, Outcome, app, module, section};
use cloudpack_plan::{ChunkKind, Wrap};

/// `a.js` uses `x.js`, `b.js` uses `y.js`; both use `lib.js`, and `y.js` uses `z.js`.
fn two_pages() -> App {
    app(
        "a.js b.js",
        [
            module("a.js").import("x.js", "x").import("lib.js", "lib").runs(&["x", "lib"]),
            module("b.js").import("y.js", "y").import("lib.js", "lib").runs(&["y", "lib"]),
            module("x.js").exports_function("x", &[]),
            module("y.js").import("z.js", "z").exports_function("y", &["z"]),
            module("z.js").exports_function("z", &[]).runs(&[]),
            module("lib.js").exports_function("lib", &[]),
        ],
    )
}

fn modules_of(outcome: &Outcome, name: &str) -> Vec<String> {
    let all = outcome.chunks();
    let found = all.iter().filter(|chunk| chunk.split(' ').nth(1) == Some(name));
    found.map(|chunk| chunk.split(['[', ']']).nth(1).unwrap_or("").to_owned()).collect()
}

#[test]
fn a_named_chunk_takes_its_modules_and_what_they_import() {
    let outcome = two_pages().named("vendor", "x.js y.js", |_| {}).run().accepted();
    assert_eq!(modules_of(&outcome, "vendor"), ["x.js z.js y.js"]);
    assert_eq!(modules_of(&outcome, "lib"), ["lib.js"]);
}

#[test]
fn what_one_page_does_not_want_of_a_named_chunk_waits() {
    let outcome = two_pages().named("vendor", "x.js y.js", |_| {}).run().accepted();
    assert_eq!(outcome.module("z.js").wrap, Wrap::Esm);
    assert_eq!(outcome.module("y.js").wrap, Wrap::Esm);
    assert_eq!(outcome.module("x.js").wrap, Wrap::None);
}

#[test]
fn the_group_of_higher_priority_takes_first() {
    let outcome = two_pages()
        .named("low", "x.js lib.js", |_| {})
        .named("high", "lib.js", |group| group.priority = 1.0)
        .run()
        .accepted();
    assert_eq!(modules_of(&outcome, "high"), ["lib.js"]);
    assert_eq!(modules_of(&outcome, "low"), ["x.js"]);
}

#[test]
fn a_group_that_takes_too_little_is_none() {
    let outcome = two_pages().named("vendor", "x.js", |group| group.min_size = 1 << 40).run().accepted();
    assert!(modules_of(&outcome, "vendor").is_empty());
}

#[test]
fn a_group_that_takes_too_much_is_several() {
    let outcome =
        two_pages().named("vendor", "x.js y.js lib.js", |group| group.max_size = Some(1_600_000)).run().accepted();
    assert_eq!(modules_of(&outcome, "vendor"), ["x.js lib.js", "z.js y.js"]);
}

#[test]
fn a_cycle_is_not_cut() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("x.js", "x").runs(&["x"]),
            module("x.js").import("y.js", "y").exports_function("x", &["y"]),
            module("y.js").import("x.js", "x").exports_function("y", &["x"]),
        ],
    )
    .named("vendor", "x.js", |group| group.max_size = Some(1))
    .run()
    .accepted();
    assert_eq!(modules_of(&outcome, "vendor"), ["y.js x.js"]);
}

#[test]
fn only_what_several_entries_want_is_taken_where_that_is_asked_for() {
    let outcome = two_pages().named("shared", "x.js lib.js", |group| group.min_share_count = 2).run().accepted();
    assert_eq!(modules_of(&outcome, "shared"), ["lib.js"]);
}

#[test]
fn an_entry_in_a_named_chunk_keeps_a_file_of_its_own() {
    let outcome = two_pages().named("all", "a.js b.js", |_| {}).run().accepted();
    let kinds: Vec<ChunkKind> = outcome.plan.chunks.iter().map(|chunk| chunk.kind).collect();
    assert_eq!(kinds, [ChunkKind::Entry, ChunkKind::Entry, ChunkKind::Common]);
    assert_eq!(outcome.module("a.js").wrap, Wrap::Esm, "b.js loads it and must not run it");
}

#[test]
fn a_route_in_a_named_chunk_is_loaded_with_it() {
    let outcome = app(
        "main.js",
        [
            module("main.js").section(section().effect().dynamic("one.js").dynamic("two.js")),
            module("one.js").runs(&[]),
            module("two.js").runs(&[]),
        ],
    )
    .named("routes", "one.js two.js", |_| {})
    .run()
    .accepted();
    assert_eq!(modules_of(&outcome, "routes"), ["one.js two.js"]);
    assert_eq!((outcome.module("one.js").wrap, outcome.module("two.js").wrap), (Wrap::Esm, Wrap::Esm));
}

#[test]
fn modules_that_await_stay_where_they_are() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").import("x.js", "x").runs(&["x"]),
            module("b.js").import("y.js", "y").runs(&["y"]),
            module("x.js").exports_function("x", &[]).section(section().awaits()),
            module("y.js").exports_function("y", &[]),
        ],
    )
    .named("vendor", "x.js y.js", |_| {})
    .run()
    .accepted();
    assert_eq!(modules_of(&outcome, "vendor"), ["y.js"]);
}

/// `ui.js` uses `react.js`, which uses `hooks.js` and `scheduler.js`.
fn components() -> App {
    app(
        "a.js",
        [
            module("a.js").import("ui.js", "ui").runs(&["ui"]),
            module("ui.js").import("react.js", "react").exports_function("ui", &["react"]),
            module("react.js")
                .import("hooks.js", "hooks")
                .import("scheduler.js", "scheduler")
                .exports_function("react", &["hooks", "scheduler"]),
            module("hooks.js").exports_function("hooks", &[]),
            module("scheduler.js").exports_function("scheduler", &[]),
        ],
    )
}

#[test]
fn of_names_that_one_function_gives_those_that_others_need_come_first() {
    let outcome = components()
        .named("a-ui", "ui.js", |group| group.place = 7)
        .named("react", "react.js", |group| group.place = 7)
        .run()
        .accepted();
    assert_eq!(modules_of(&outcome, "a-ui"), ["ui.js"]);
    assert_eq!(modules_of(&outcome, "react"), ["hooks.js scheduler.js react.js"]);
}

#[test]
fn of_groups_that_stand_one_after_the_other_the_first_takes_what_it_imports() {
    let outcome = components().named("a-ui", "ui.js", |_| {}).named("react", "react.js", |_| {}).run().accepted();
    assert_eq!(modules_of(&outcome, "a-ui"), ["hooks.js scheduler.js react.js ui.js"]);
    assert!(modules_of(&outcome, "react").is_empty());
}

#[test]
fn of_names_that_need_each_other_the_one_that_takes_less_comes_first() {
    let outcome = components()
        .named("all", "scheduler.js ui.js", |group| group.place = 7)
        .named("react", "react.js hooks.js", |group| group.place = 7)
        .run()
        .accepted();
    assert_eq!(modules_of(&outcome, "react"), ["hooks.js scheduler.js react.js"]);
    assert_eq!(modules_of(&outcome, "all"), ["ui.js"]);
}

#[test]
fn groups_of_one_name_are_one_chunk() {
    let outcome = two_pages().named("vendor", "x.js", |_| {}).named("vendor", "lib.js", |_| {}).run().accepted();
    assert_eq!(modules_of(&outcome, "vendor"), ["x.js lib.js"]);
}

#[test]
fn groups_of_one_name_stay_apart_where_another_lies_between_them() {
    let outcome = components()
        .named("outer", "scheduler.js", |_| {})
        .named("between", "react.js", |_| {})
        .named("outer", "ui.js", |_| {})
        .run()
        .accepted();
    assert_eq!(modules_of(&outcome, "between"), ["hooks.js react.js"]);
    assert_eq!(modules_of(&outcome, "outer"), ["scheduler.js", "ui.js"]);
}
