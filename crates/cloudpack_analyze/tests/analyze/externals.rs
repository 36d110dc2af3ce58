//! External modules in formats with and without `import`.

use crate::builder::{app, module, section};
use cloudpack_analyze::OutputFormat;
use cloudpack_summary::ModuleFlags;

fn importer(id: &str) -> crate::builder::ModuleBuilder {
    module(id).import("ext:react", "useState, default as React, * as ns").runs(&[
        "useState",
        "React",
        "ns",
        "ns.memo",
        "ns.default",
    ])
}

#[test]
fn in_format_es_names_are_imported_and_members_read_from_the_namespace() {
    let outcome = app("a.js", [importer("a.js")]).run().accepted();
    assert_eq!(outcome.binding("a.js", "useState"), "ext:react:useState");
    assert_eq!(outcome.binding("a.js", "React"), "ext:react:default");
    assert_eq!(outcome.binding("a.js", "ns"), "ext:react:*");
    assert_eq!(outcome.binding("a.js", "ns.memo"), "ext:react:*.memo");
    assert_eq!(outcome.chunks(), ["Entry a [a.js] <- ext:react{ext:react:* ext:react:default ext:react:useState}"]);
}

#[test]
fn in_format_cjs_names_are_properties_and_default_depends_on_the_importer() {
    let outcome = app("a.js", [importer("a.js")]).format(OutputFormat::Cjs).run().accepted();
    assert_eq!(outcome.binding("a.js", "useState"), "ext:react#0.useState");
    assert_eq!(outcome.binding("a.js", "React"), "ext:react#1.default");
    assert_eq!(outcome.binding("a.js", "ns"), "ext:react#1");
    assert_eq!(outcome.binding("a.js", "ns.memo"), "ext:react#0.memo");
    assert_eq!(outcome.binding("a.js", "ns.default"), "ext:react#1.default");

    let node = app("a.mjs", [importer("a.mjs").flag(ModuleFlags::NODE_ESM)]).format(OutputFormat::Cjs).run().accepted();
    assert_eq!(node.binding("a.mjs", "React"), "ext:react#2.default");
    assert_eq!(node.chunks(), ["Entry a [a.mjs] <- ext:react{ext:react#0 ext:react#2}"]);
}

#[test]
fn externals_stay_for_their_side_effects_in_execution_order() {
    let modules = || {
        [
            module("a.js").bare("b.js").bare("ext:z").runs(&[]),
            module("b.js").bare("ext:y").import("ext:unused", "x").runs(&[]),
        ]
    };
    let outcome = app("a.js", modules()).run().accepted();
    assert_eq!(outcome.chunks(), ["Entry a [b.js a.js] <- ext:y{} <- ext:unused{} <- ext:z{}"]);
    let outcome = app("a.js", modules()).externals_without_side_effects().run().accepted();
    assert_eq!(outcome.chunks(), ["Entry a [b.js a.js]"]);
}

#[test]
fn re_exported_external_names_reach_importers_and_entries() {
    let outcome = app(
        "a.js",
        [
            module("a.js")
                .import("b.js", "useState")
                .runs(&["useState"])
                .export_from("b.js", "memo")
                .export_star("ext:all"),
            module("b.js").export_from("ext:react", "useState, memo").no_side_effects(),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "useState"), "ext:react:useState");
    assert_eq!(outcome.exports("a.js"), "memo=ext:react:memo *ext:all");
    assert_eq!(outcome.chunks(), ["Entry a [a.js] <- ext:react{ext:react:memo ext:react:useState} <- ext:all{}"]);
}

#[test]
fn two_stars_that_lead_to_one_external_name_agree() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "x").runs(&["x"]),
            module("b.js").export_star("c.js").export_star("d.js"),
            module("c.js").export_from("ext:e", "x"),
            module("d.js").export_from("ext:e", "x"),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "x"), "ext:e:x");
}

#[test]
fn requests_of_external_modules_stay_as_they_are() {
    let outcome =
        app("a.js", [module("a.js").section(section().effect().dynamic("ext:a").require("ext:b").require("missing"))])
            .run()
            .accepted();
    assert_eq!(outcome.action("a.js", "ext:a"), "External");
    assert_eq!(outcome.action("a.js", "ext:b"), "External");
    assert_eq!(outcome.action("a.js", "missing"), "Throw");
    assert_eq!(outcome.chunk("a").helpers, [cloudpack_plan::RuntimeHelper::Require]);
}
