//! Chunks and CommonJS must not change the order in which a program runs.

use crate::builder::{app, commonjs, module, section};

#[test]
fn a_program_whose_order_is_right_has_nothing_wrapped() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("shared.js").bare("a1.js").runs(&[]),
            module("b.js").bare("shared.js").bare("b1.js").runs(&[]),
            module("shared.js").runs(&[]),
            module("a1.js").runs(&[]),
            module("b1.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "");
}

#[test]
fn a_shared_module_that_would_run_before_a_polyfill_is_wrapped() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("polyfill.js").import("shared.js", "x").runs(&["x"]),
            module("b.js").import("shared.js", "x").runs(&["x"]),
            module("polyfill.js").runs(&[]),
            module("shared.js").exports_function("x", &[]).runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "shared.js");
    assert_eq!(outcome.action("a.js", "shared.js"), "init shared.js");
    assert_eq!(outcome.action("b.js", "shared.js"), "init shared.js");
    assert_eq!(
        outcome.chunks(),
        [
            "Entry a [polyfill.js a.js] <- shared{shared.js() shared.js:x}",
            "Entry b [b.js] <- shared{shared.js() shared.js:x}",
            "Common shared [shared.js]"
        ]
    );
}

#[test]
fn order_is_left_alone_when_nobody_asked_for_it() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("polyfill.js").bare("shared.js").runs(&[]),
            module("b.js").bare("shared.js").runs(&[]),
            module("polyfill.js").runs(&[]),
            module("shared.js").runs(&[]),
        ],
    )
    .with(|options| options.strict_execution_order = false)
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "");
}

#[test]
fn a_module_that_cannot_observe_order_is_not_wrapped() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("polyfill.js").import("shared.js", "x").runs(&["x"]),
            module("b.js").import("shared.js", "x").runs(&["x"]),
            module("polyfill.js").runs(&[]),
            module("shared.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "");
}

#[test]
fn what_follows_a_wrapped_module_in_its_importer_is_wrapped_too() {
    // Hoisted, q.js would run before a.js calls init_shared().
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("p.js").bare("shared.js").bare("q.js").runs(&[]),
            module("b.js").bare("shared.js").runs(&[]),
            module("p.js").runs(&[]),
            module("q.js").runs(&[]),
            module("shared.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "q.js shared.js");
    assert_eq!(outcome.action("a.js", "q.js"), "init q.js");
}

#[test]
fn a_hoisted_importer_that_would_start_a_wrapped_module_too_early_is_wrapped_too() {
    // middle.js itself has no effects, but its head calls init_shared().
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("p.js").bare("middle.js").runs(&[]),
            module("b.js").bare("middle.js").runs(&[]),
            module("middle.js").bare("shared.js"),
            module("p.js").runs(&[]),
            module("shared.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "middle.js shared.js");
    assert_eq!(outcome.action("a.js", "middle.js"), "init middle.js");
    assert_eq!(outcome.action("middle.js", "shared.js"), "init shared.js");
}

#[test]
fn two_entries_that_disagree_about_order_both_get_their_own() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("x.js").bare("y.js").runs(&[]),
            module("b.js").bare("y.js").bare("x.js").runs(&[]),
            module("x.js").runs(&[]),
            module("y.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "x.js y.js");
}

#[test]
fn commonjs_that_hoisted_modules_would_overtake_runs_where_it_stands() {
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("polyfill.cjs").bare("b.js").runs(&[]),
            commonjs("polyfill.cjs", &["below.cjs"]),
            commonjs("below.cjs", &[]),
            module("b.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "");
    assert!(outcome.module("polyfill.cjs").run_in_place);
    assert!(!outcome.module("below.cjs").run_in_place, "its importer runs it");
    assert_eq!(outcome.action("a.js", "polyfill.cjs"), "none", "it has run by then");
}

#[test]
fn commonjs_that_is_run_in_time_stays_lazy() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("react.cjs", "x").bare("b.js").runs(&["x"]),
            commonjs("react.cjs", &[]),
            module("b.js").import("react.cjs", "x").runs(&["x"]),
        ],
    )
    .run()
    .accepted();
    assert!(!outcome.module("react.cjs").run_in_place);
}

#[test]
fn commonjs_that_one_entry_may_never_run_is_not_run_in_place() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("c.cjs").bare("x.js").runs(&[]),
            module("b.js").section(section().effect().require("c.cjs")),
            commonjs("c.cjs", &[]),
            module("x.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert!(!outcome.module("c.cjs").run_in_place);
    assert_eq!(outcome.wrapped(), "x.js");
    assert_eq!(outcome.action("a.js", "c.cjs"), "run");
}

#[test]
fn a_wrapped_entry_that_another_entry_runs_is_a_facade_so_that_loading_it_does_not_run_it() {
    let outcome = app(
        "a.js b.js",
        [module("a.js").bare("p.js").bare("b.js").runs(&[]), module("b.js").runs(&[]), module("p.js").runs(&[])],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "b.js");
    assert_eq!(outcome.chunks(), ["Entry a [p.js a.js] <- b{b.js()}", "Entry b [] <- b{b.js()}", "Common b [b.js]"]);
}

#[test]
fn a_lazy_chunk_has_its_own_order() {
    let outcome = app(
        "main.js",
        [
            module("main.js").section(section().effect().dynamic("one.js").dynamic("two.js")),
            module("one.js").bare("p.js").bare("shared.js").runs(&[]),
            module("two.js").bare("shared.js").runs(&[]),
            module("p.js").runs(&[]),
            module("shared.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "shared.js");
}

#[test]
fn an_awaited_import_of_a_module_that_runs_later_runs_it() {
    let outcome = app(
        "main.js",
        [
            module("main.js").bare("first.js").bare("second.js").runs(&[]),
            module("first.js").section(section().awaits().dynamic("second.js")),
            module("second.js").exports_function("x", &[]).runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.action("first.js", "second.js"), "import second namespace");
    // second.js is not held up by first.js, so all are wrapped: the list of main.js runs it while first.js waits.
    assert_eq!(outcome.wrapped(), "main.js first.js second.js");
}

#[test]
fn modules_that_await_stay_hoisted_where_all_that_follows_waits_for_them() {
    let chain = |extra: &str| {
        let mut main = module("main.js").bare("second.js");
        if !extra.is_empty() {
            main = main.bare(extra);
        }
        let outcome = app(
            "main.js",
            [
                main.runs(&[]),
                module("second.js").bare("first.js").section(section().awaits()),
                module("first.js").section(section().awaits()),
                module("runs.js").runs(&[]),
                module("waits.js").bare("second.js").runs(&[]),
                module("inert.js").exports_function("x", &[]),
            ],
        )
        .run()
        .accepted();
        outcome.wrapped()
    };
    for extra in ["", "waits.js", "inert.js"] {
        assert_eq!(chain(extra), "", "with {extra:?}");
    }
    // runs.js stays where it stands; what awaits is called in its place before it.
    assert_eq!(chain("runs.js"), "main.js second.js first.js");
}

#[test]
fn commonjs_in_a_cycle_is_not_run_before_what_it_requires_is_there() {
    // d.cjs stands above c.cjs, which it requires.
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("c.cjs").bare("d.cjs").bare("b.js").runs(&[]),
            commonjs("c.cjs", &["d.cjs"]),
            commonjs("d.cjs", &["c.cjs"]),
            module("b.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert!(outcome.module("c.cjs").run_in_place && !outcome.module("d.cjs").run_in_place);
    assert_eq!(outcome.wrapped(), "");
}

#[test]
fn a_hoisted_module_above_a_wrapped_one_that_it_calls_is_wrapped_too() {
    // A cycle: x.js runs after m.js although m.js imports it, and x.js must wait for the polyfill.
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("p.js").bare("x.js").runs(&[]),
            module("b.js").bare("x.js").runs(&[]),
            module("p.js").runs(&[]),
            module("x.js").import("m.js", "m").exports_function("x", &["m"]).runs(&[]),
            module("m.js").import("x.js", "x").exports_function("m", &["x"]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "p.js m.js x.js a.js b.js");
    assert_eq!(outcome.wrapped(), "x.js m.js");
}

#[test]
fn a_barrel_that_runs_keeps_its_own_order() {
    // main.js imports used.js's name through barrel.js, which runs unused.js first.
    let outcome = app(
        "main.js",
        [
            module("main.js").import("barrel.js", "used").runs(&["used"]),
            module("barrel.js")
                .export_from("unused.js", "unused")
                .export_from("used.js", "used")
                .export_star("star.js")
                .runs(&[]),
            module("unused.js").exports_function("unused", &[]).runs(&[]),
            module("used.js").exports_function("used", &[]).runs(&[]),
            module("star.js").exports_function("star", &[]).runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "");
    assert_eq!(outcome.chunks(), ["Entry main [unused.js used.js star.js barrel.js main.js]"]);
}
