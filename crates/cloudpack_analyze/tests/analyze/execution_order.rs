//! Execution order, cycles, top-level await.

use crate::builder::{app, commonjs, module, section};
use cloudpack_analyze::OutputFormat;

#[test]
fn dependencies_run_first_in_the_order_of_the_requests() {
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("b.js").bare("c.js").runs(&[]),
            module("b.js").bare("c.js").runs(&[]),
            module("c.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "c.js b.js a.js");
}

#[test]
fn a_cycle_runs_in_the_order_of_the_first_visit() {
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("b.js").runs(&[]),
            module("b.js").bare("c.js").runs(&[]),
            module("c.js").bare("a.js").runs(&[]),
        ],
    )
    .with(|options| options.like_rollup = true)
    .run()
    .accepted();
    assert_eq!(outcome.live(), "c.js b.js a.js");
    assert_eq!(outcome.diagnostics[0].message, "Circular dependency: a.js -> b.js -> c.js -> a.js");
}

#[test]
fn a_required_module_is_placed_where_the_require_stands() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().effect().require("c.js")).bare("b.js"),
            module("b.js").runs(&[]),
            commonjs("c.js", &["d.js"]),
            commonjs("d.js", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "d.js c.js b.js a.js");
}

#[test]
fn lazily_loaded_modules_come_after_all_entries() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").section(section().effect().dynamic("lazy.js")),
            module("lazy.js").bare("below.js").runs(&[]),
            module("below.js").runs(&[]),
            module("b.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "a.js b.js below.js lazy.js");
}

#[test]
fn top_level_await_spreads_to_importers_through_cycles_but_not_through_import_calls() {
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("b.js").runs(&[]),
            module("b.js").bare("c.js").runs(&[]),
            module("c.js").bare("b.js").bare("d.js").runs(&[]),
            module("d.js").section(section().awaits()),
            module("other.js").section(section().effect().dynamic("a.js")),
        ],
    )
    .with(|_| {})
    .run()
    .accepted();
    for id in ["a.js", "b.js", "c.js", "d.js"] {
        assert!(outcome.module(id).is_async, "{id}");
    }
    assert!(!outcome.module("other.js").is_async);
    assert!(outcome.plan.uses_async_modules && outcome.chunk("a").is_async);
}

#[test]
fn an_await_in_a_dead_section_makes_nothing_async() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "x").runs(&["x"]),
            module("b.js").exports_function("x", &[]).bare("c.js").no_side_effects(),
            module("c.js").section(section().awaits()).no_side_effects(),
        ],
    )
    .run()
    .accepted();
    assert!(!outcome.module("a.js").is_async);
}

#[test]
fn requiring_a_module_that_awaits_is_an_error_that_names_the_chain() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().effect().require("b.js")),
            module("b.js").bare("c.js").runs(&[]),
            module("c.js").section(section().awaits()),
        ],
    )
    .run();
    assert_eq!(outcome.codes(), ["REQUIRE_TLA"]);
    assert_eq!(outcome.diagnostics[0].message, "\"b.js\" cannot be loaded by require(): it awaits at top level");
    assert_eq!(outcome.diagnostics[0].hint.as_deref(), Some("The await is reached through b.js -> c.js"));
    assert!(outcome.diagnostics[0].request.is_some());
}

#[test]
fn formats_that_cannot_await_refuse_top_level_await() {
    let outcome = app("a.js", [module("a.js").section(section().awaits())]).format(OutputFormat::Cjs).run();
    assert_eq!(outcome.codes(), ["INVALID_TLA_FORMAT"]);
}
