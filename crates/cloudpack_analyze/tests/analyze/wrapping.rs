//! Which modules are wrapped because somebody runs them late, and what their importers do.

use crate::builder::{app, commonjs, module, section};
use cloudpack_plan::Wrap;
use cloudpack_summary::ModuleFlags;

#[test]
fn a_required_es_module_is_wrapped_with_its_static_dependencies() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().effect().require("b.js")).import("free.js", "f").runs(&["f"]),
            module("b.js")
                .import("c.js", "x")
                .exports_function("y", &["x"])
                .section(section().effect().dynamic("d.js")),
            module("c.js").exports_function("x", &[]).runs(&[]),
            module("d.js").runs(&[]),
            module("free.js").exports_function("f", &[]).runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "b.js c.js");
    assert_eq!(outcome.action("a.js", "b.js"), "RequireEsm");
    assert_eq!(outcome.action("b.js", "c.js"), "init c.js");
    assert!(outcome.module("b.js").needs_namespace && !outcome.module("c.js").needs_namespace);
    assert_eq!(outcome.binding("b.js", "x"), "c.js:x", "variables of a wrapped module are outside of its wrapper");
}

#[test]
fn a_require_in_a_dead_section_wraps_nothing() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().function("dead").require("b.js")).bare("b.js").runs(&[]),
            module("b.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrap("b.js"), Wrap::None);
}

#[test]
fn without_code_splitting_import_calls_run_their_target_from_within() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().effect().dynamic("b.js").dynamic("c.cjs")),
            module("b.js").bare("d.js").exports_function("x", &[]),
            commonjs("c.cjs", &[]),
            module("d.js").runs(&[]),
        ],
    )
    .without_splitting()
    .run()
    .accepted();
    assert_eq!(outcome.chunks(), ["Entry a [d.js b.js c.cjs a.js]"]);
    assert_eq!(outcome.wrapped(), "b.js d.js");
    assert_eq!(outcome.action("a.js", "b.js"), "inline namespace");
    assert_eq!(outcome.action("a.js", "c.cjs"), "inline cjs");
    assert!(outcome.module("b.js").needs_namespace);
}

#[test]
fn an_import_of_a_wrapped_module_through_a_skipped_barrel_runs_it() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().effect().require("b.js")).import("barrel.js", "x").runs(&["x"]),
            module("barrel.js").export_from("b.js", "x").no_side_effects(),
            module("b.js").exports_function("x", &[]).no_side_effects(),
        ],
    )
    .run()
    .accepted();
    assert!(!outcome.module("barrel.js").live);
    assert_eq!(outcome.action("a.js", "barrel.js"), "init b.js");
}

#[test]
fn requiring_json_gives_the_value() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().effect().require("b.json")),
            module("b.json")
                .format(cloudpack_summary::ModuleFormat::EsModule)
                .flag(ModuleFlags::SIDE_EFFECT_FREE)
                .exports_function("default", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.action("a.js", "b.json"), "RequireDefault");
    assert!(!outcome.module("b.json").needs_namespace);
    assert_eq!(outcome.exports("b.json"), "default=b.json:default");
    assert_eq!(outcome.sections("b.json"), "default");
}

#[test]
fn an_entry_that_is_required_is_wrapped_and_still_speaks_for_its_chunk() {
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("b.js").exports_function("x", &[]),
            module("b.js").section(section().function("later").require("a.js")).runs(&["later"]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.wrapped(), "a.js b.js");
    assert_eq!(outcome.chunk("a").entry, Some(outcome.index("a.js")));
}
