//! What happens at requests that lead to chunks and files.

use crate::builder::{app, commonjs, module, section};
use cloudpack_plan::RuntimeHelper;
use cloudpack_summary::{RequestFlags, RequestKind};

#[test]
fn files_are_addressed_by_url_and_their_javascript_is_not_wanted() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().effect().request("x.png", RequestKind::NewUrl)),
            module("x.png").exports_function("default", &[]).no_side_effects(),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.action("a.js", "x.png"), "AssetUrl");
    assert!(outcome.module("x.png").live);
    assert_eq!((outcome.sections("x.png"), outcome.module("x.png").chunk), (String::new(), None));
}

#[test]
fn a_module_worker_is_an_entry_and_shares_chunks() {
    let outcome = app(
        "a.js",
        [
            module("a.js")
                .import("s.js", "x")
                .section(section().effect().uses(&["x"]).request("w.js", RequestKind::Worker)),
            module("w.js").import("s.js", "x").runs(&["x"]),
            module("s.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.action("a.js", "w.js"), "worker w");
    assert_eq!(outcome.chunks(), ["Entry a [a.js] <- s{s.js:x}", "Worker w [w.js] <- s{s.js:x}", "Common s [s.js]"]);
}

#[test]
fn a_worker_whose_file_must_stand_alone_is_built_apart() {
    let modules = || {
        [
            module("a.js")
                .section(section().effect().request("w.js", RequestKind::Worker).flagged(RequestFlags::CLASSIC_WORKER)),
            module("w.js").runs(&[]),
        ]
    };
    let outcome = app("a.js", modules()).run().accepted();
    assert_eq!(outcome.action("a.js", "w.js"), "WorkerBundle");
    assert_eq!(outcome.live(), "a.js");
}

#[test]
fn import_calls_name_the_chunk_whose_exports_are_the_namespace() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().effect().dynamic("es.js").dynamic("c.cjs")),
            module("es.js").exports_function("x", &[]),
            commonjs("c.cjs", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.action("a.js", "es.js"), "import es");
    assert_eq!(outcome.action("a.js", "c.cjs"), "import c cjs");
    assert_eq!(outcome.chunk("a").helpers, [RuntimeHelper::ToEsm]);
    assert_eq!(outcome.chunk("c").helpers, [RuntimeHelper::CommonJs]);
    assert_eq!(outcome.chunk("c").entry, Some(outcome.index("c.cjs")));
    assert_eq!(outcome.chunk("a").dynamic_imports.len(), 2);
    assert!(!outcome.module("es.js").needs_namespace);
    assert_eq!(outcome.exports("es.js"), "x=es.js:x");
}

#[test]
fn a_lazy_module_with_names_known_only_at_run_time_gives_its_namespace_object() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().effect().dynamic("lazy.js")),
            module("lazy.js").export_star("c.cjs").exports_function("x", &[]),
            commonjs("c.cjs", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.action("a.js", "lazy.js"), "import lazy namespace");
    assert_eq!(outcome.exports("lazy.js"), "x=lazy.js:x *lazy.js:import_c");
}

#[test]
fn an_entry_in_format_es_warns_when_it_stars_commonjs() {
    let outcome = app("a.js", [module("a.js").export_star("c.cjs"), commonjs("c.cjs", &[])]).run().accepted();
    assert_eq!(outcome.codes(), ["RUNTIME_EXPORTS_LOST"]);
}

#[test]
fn require_resolve_of_a_bundled_module_is_a_warning() {
    let outcome = app(
        "a.js",
        [
            module("a.js").section(section().effect().request("b.js", RequestKind::RequireResolve)),
            module("b.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.codes(), ["REQUIRE_RESOLVE_NOT_EXTERNAL"]);
    assert_eq!(outcome.action("a.js", "b.js"), "External");
}

#[test]
fn helpers_are_listed_for_the_chunk_that_calls_them() {
    let outcome = app(
        "a.js",
        [
            module("a.js")
                .import("c.cjs", "x")
                .import("ns.js", "* as ns")
                .section(section().effect().uses(&["x", "ns"]).require("es.js")),
            commonjs("c.cjs", &[]),
            module("ns.js").export_star("d.cjs"),
            commonjs("d.cjs", &[]),
            module("es.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(
        outcome.chunk("a").helpers,
        [
            RuntimeHelper::CommonJs,
            RuntimeHelper::Esm,
            RuntimeHelper::Export,
            RuntimeHelper::ReExport,
            RuntimeHelper::ToEsm,
            RuntimeHelper::ToCommonJs
        ]
    );
}

#[test]
fn several_entries_need_code_splitting() {
    let outcome = app("a.js b.js", [module("a.js").runs(&[]), module("b.js").runs(&[])]).without_splitting().run();
    assert_eq!(outcome.codes(), ["SEVERAL_ENTRIES_WITHOUT_SPLITTING"]);
}
