//! Section garbage collection: what is kept, and which modules run.

use crate::builder::{app, commonjs, module, section, sheet};
use cloudpack_summary::{ModuleFlags, RequestKind};

#[test]
fn sections_are_kept_along_call_edges_only() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "f").runs(&["f"]),
            module("b.js")
                .section(section().function("helper"))
                .section(section().function("unused_helper"))
                .exports_function("f", &["helper"])
                .exports_function("g", &["unused_helper"]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.sections("b.js"), "helper f");
}

#[test]
fn all_exports_of_an_entry_are_kept_and_its_other_declarations_are_not() {
    let outcome = app(
        "a.js",
        [
            module("a.js").exports_function("f", &[]).section(section().function("g")).export_from("b.js", "x"),
            module("b.js").exports_function("x", &[]).exports_function("y", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!((outcome.sections("a.js"), outcome.sections("b.js")), ("f".to_owned(), "x".to_owned()));
}

#[test]
fn names_declared_together_are_kept_together_and_a_redeclaration_stays() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "x").runs(&["x"]),
            module("b.js")
                .section(section().function("x").function("y"))
                .section(section().function("x"))
                .section(section().function("z"))
                .export("x, y, z"),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.sections("b.js"), "x x");
}

#[test]
fn a_side_effect_free_barrel_is_skipped_with_all_that_it_would_run() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("barrel.js", "x").bare("barrel.js").runs(&["x"]),
            module("barrel.js")
                .export_from("x.js", "x")
                .export_from("y.js", "y")
                .bare("z.js")
                .runs(&[])
                .no_side_effects(),
            module("x.js").exports_function("x", &[]).runs(&[]).no_side_effects(),
            module("y.js").exports_function("y", &[]).runs(&[]).no_side_effects(),
            module("z.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "x.js a.js");
    assert_eq!(outcome.sections("x.js"), "! x".split(' ').rev().collect::<Vec<_>>().join(" "));
}

#[test]
fn modules_with_side_effects_on_the_way_of_a_re_export_run() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("quiet.js", "x").runs(&["x"]),
            module("quiet.js").export_from("loud.js", "x").no_side_effects(),
            module("loud.js").export_from("x.js", "x").runs(&[]),
            module("x.js").exports_function("x", &[]).no_side_effects(),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "x.js loud.js a.js");
}

#[test]
fn modules_with_side_effects_on_the_way_of_a_star_run() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("quiet.js", "x").runs(&["x"]),
            module("quiet.js").export_star("loud.js").no_side_effects(),
            module("loud.js").export_star("x.js").runs(&[]),
            module("x.js").exports_function("x", &[]).no_side_effects(),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "x.js loud.js a.js");
}

#[test]
fn a_module_without_effects_that_imports_one_with_effects_is_passed_through() {
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("empty.js").bare("nothing.js").runs(&[]),
            module("empty.js").bare("loud.js").section(section().function("f")),
            module("nothing.js").bare("nothing_else.js").section(section().function("f")),
            module("nothing_else.js").bare("nothing.js"),
            module("loud.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "loud.js empty.js a.js");
    assert_eq!(outcome.sections("empty.js"), "");
}

#[test]
fn a_used_module_runs_even_if_its_package_says_that_it_has_no_side_effects() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "x").runs(&["x"]),
            module("b.js").exports_function("x", &[]).runs(&[]).bare("c.js").no_side_effects(),
            module("c.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "c.js b.js a.js");
    assert_eq!(outcome.sections("b.js"), "x !");
}

#[test]
fn a_call_of_a_pure_function_of_another_module_is_removable() {
    let outcome = app(
        "a.js",
        [
            module("a.js")
                .import("b.js", "pure, impure")
                .import("c.cjs", "other")
                .runs(&[])
                .section(section().function("x").pure_if(&["pure"]))
                .section(section().function("y").pure_if(&["impure"]))
                .section(section().function("z").pure_if(&["other"])),
            module("b.js")
                .section(section().pure_function("pure"))
                .section(section().function("impure"))
                .export("pure, impure"),
            commonjs("c.cjs", &[]).no_side_effects(),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.sections("a.js"), "! y z");
    assert_eq!(outcome.sections("b.js"), "impure");
}

#[test]
fn a_namespace_that_escapes_keeps_all_exports_and_members_do_not() {
    let modules = |uses: &[&str]| {
        [
            module("a.js").import("b.js", "* as ns").runs(uses),
            module("b.js").exports_function("x", &[]).exports_function("y", &[]),
        ]
    };
    let members = app("a.js", modules(&["ns.x"])).run().accepted();
    assert_eq!(members.sections("b.js"), "x");
    let escaped = app("a.js", modules(&["ns"])).run().accepted();
    assert_eq!(escaped.sections("b.js"), "x y");
    assert!(escaped.module("b.js").needs_namespace);
}

#[test]
fn import_calls_keep_all_exports_only_while_their_section_is_live() {
    let outcome = app(
        "a.js",
        [
            module("a.js")
                .section(section().effect().dynamic("b.js"))
                .section(section().function("dead").dynamic("c.js").require("d.js")),
            module("b.js").exports_function("x", &[]),
            module("c.js").exports_function("x", &[]).runs(&[]),
            commonjs("d.js", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "a.js b.js");
    assert_eq!(outcome.sections("b.js"), "x");
    assert_eq!(outcome.module("a.js").requests.as_slice()[1].target, None);
}

#[test]
fn commonjs_is_kept_whole_and_only_if_it_is_wanted() {
    let outcome = app(
        "a.js",
        [
            module("a.js")
                .bare("loud.cjs")
                .bare("quiet.cjs")
                .import("used.cjs", "x")
                .import("unused.cjs", "y")
                .runs(&["x"]),
            commonjs("loud.cjs", &["below.cjs"]),
            commonjs("below.cjs", &[]).no_side_effects(),
            commonjs("quiet.cjs", &[]).no_side_effects(),
            commonjs("used.cjs", &[]).no_side_effects(),
            commonjs("unused.cjs", &[]).no_side_effects(),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "below.cjs loud.cjs used.cjs a.js");
    assert_eq!(outcome.action("a.js", "loud.cjs"), "run");
    assert_eq!(outcome.action("a.js", "unused.cjs"), "none");
}

#[test]
fn without_tree_shaking_everything_stays() {
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("b.js").section(section().function("f")),
            module("b.js").exports_function("x", &[]).no_side_effects(),
        ],
    )
    .with(|options| options.treeshake = false)
    .run()
    .accepted();
    assert_eq!(outcome.live(), "b.js a.js");
    assert_eq!((outcome.sections("a.js"), outcome.sections("b.js")), ("f".to_owned(), "x".to_owned()));
    assert_eq!(outcome.chunks(), ["Entry a [b.js a.js]"]);
}

#[test]
fn values_without_side_effects_go_unless_they_are_used() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("x.json", "default as x").import("y.json", "default as y").runs(&["x"]),
            module("x.json").exports_function("default", &[]).flag(ModuleFlags::SIDE_EFFECT_FREE),
            module("y.json").exports_function("default", &[]).flag(ModuleFlags::SIDE_EFFECT_FREE),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "x.json a.js");
}

#[test]
fn style_sheets_stay_with_what_they_import_and_the_files_that_they_name() {
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("a.css").runs(&[]),
            sheet("a.css", &["b.css"]).imports_as("logo.svg", RequestKind::CssUrl),
            sheet("b.css", &[]).no_side_effects(),
            module("logo.svg").flag(ModuleFlags::SIDE_EFFECT_FREE),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "b.css a.css a.js logo.svg");
    assert_eq!(outcome.module("logo.svg").chunk, None);
    assert_eq!(outcome.module("b.css").chunk, None);
    assert_eq!(outcome.action("a.css", "logo.svg"), "AssetUrl");
}

#[test]
fn a_class_module_that_is_used_brings_its_sheet() {
    let outcome = app(
        "a.js",
        [
            module("a.js")
                .import("used.module.css", "default as s")
                .import("unused.module.css", "default as t")
                .runs(&["s"]),
            sheet("used.module.css", &[]).exports_function("default", &[]).flag(ModuleFlags::SIDE_EFFECT_FREE),
            sheet("unused.module.css", &[]).exports_function("default", &[]).flag(ModuleFlags::SIDE_EFFECT_FREE),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.css("a"), "used.module.css");
}
