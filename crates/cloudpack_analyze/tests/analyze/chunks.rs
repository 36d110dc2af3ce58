//! Delivery groups, chunks, facades, and what chunks take from each other.

use crate::builder::{app, commonjs, module, section};
use cloudpack_plan::ChunkKind;

#[test]
fn modules_travel_with_the_entries_that_reach_them() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").import("shared.js", "x").import("only_a.js", "y").runs(&["x", "y"]),
            module("b.js").import("shared.js", "x").runs(&["x"]),
            module("shared.js").exports_function("x", &[]).exports_function("unused", &[]),
            module("only_a.js").exports_function("y", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(
        outcome.chunks(),
        [
            "Entry a [only_a.js a.js] <- shared{shared.js:x}",
            "Entry b [b.js] <- shared{shared.js:x}",
            "Common shared [shared.js]"
        ]
    );
}

#[test]
fn a_barrel_does_not_bring_what_other_entries_take_from_it() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").import("barrel.js", "x").runs(&["x"]),
            module("b.js").import("barrel.js", "y").runs(&["y"]),
            module("barrel.js").export_from("x.js", "x").export_from("y.js", "y").no_side_effects(),
            module("x.js").exports_function("x", &[]).no_side_effects(),
            module("y.js").exports_function("y", &[]).no_side_effects(),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.chunks(), ["Entry a [x.js a.js]", "Entry b [y.js b.js]"]);
}

#[test]
fn what_an_entry_has_loaded_is_not_loaded_again_for_its_routes() {
    let outcome = app(
        "main.js",
        [
            module("main.js")
                .import("lib.js", "x")
                .section(section().effect().uses(&["x"]).dynamic("one.js").dynamic("two.js")),
            module("lib.js").exports_function("x", &[]).exports_function("y", &[]),
            module("one.js").import("lib.js", "x").import("routes.js", "r").runs(&["x", "r"]),
            module("two.js").import("lib.js", "y").import("routes.js", "r").runs(&["y", "r"]),
            module("routes.js").exports_function("r", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(
        outcome.chunks(),
        [
            "Entry main [lib.js main.js]",
            "DynamicEntry one [one.js] <- main{lib.js:x} <- routes{routes.js:r}",
            "DynamicEntry two [two.js] <- main{lib.js:y} <- routes{routes.js:r}",
            "Common routes [routes.js]"
        ]
    );
}

#[test]
fn a_route_below_a_route_finds_loaded_what_the_upper_one_loaded() {
    let outcome = app(
        "main.js",
        [
            module("main.js").section(section().effect().dynamic("one.js")),
            module("one.js")
                .import("lib.js", "x")
                .exports_function("o", &[])
                .section(section().effect().uses(&["x"]).dynamic("two.js")),
            module("two.js").import("lib.js", "x").runs(&["x"]),
            module("lib.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    // lib.js stays in one's chunk, which therefore has more names than one.js: import() takes the namespace object.
    assert_eq!(
        outcome.chunks(),
        ["Entry main [main.js]", "DynamicEntry one [lib.js one.js]", "DynamicEntry two [two.js] <- one{lib.js:x}"]
    );
    assert_eq!(outcome.action("main.js", "one.js"), "import one namespace");
    assert!(outcome.module("one.js").needs_namespace);
    assert_eq!(outcome.chunk("one").entry, None);
}

#[test]
fn only_what_every_importer_has_loaded_counts_as_loaded() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").import("lib.js", "x").section(section().effect().uses(&["x"]).dynamic("lazy.js")),
            module("b.js").section(section().effect().dynamic("lazy.js")),
            module("lazy.js").import("lib.js", "x").runs(&["x"]),
            module("lib.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(
        outcome.chunks(),
        [
            "Entry a [a.js] <- lib{lib.js:x}",
            "Entry b [b.js]",
            "DynamicEntry lazy [lazy.js] <- lib{lib.js:x}",
            "Common lib [lib.js]"
        ]
    );
}

#[test]
fn a_worker_has_loaded_nothing_before() {
    let outcome = app(
        "main.js",
        [
            module("main.js")
                .import("lib.js", "x")
                .section(section().effect().uses(&["x"]).request("w.js", cloudpack_summary::RequestKind::Worker)),
            module("w.js").import("lib.js", "x").runs(&["x"]),
            module("lib.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.chunk("w").imports.len(), 1);
    assert_eq!(outcome.chunk("lib").kind, ChunkKind::Common);
}

#[test]
fn no_route_imports_from_an_entry_that_awaits_it() {
    // `const { run } = await import("./lazy.js")` in main.js: if lazy.js imported from main's chunk, both would wait.
    let outcome = app(
        "main.js",
        [
            module("main.js")
                .import("lib.js", "x")
                .section(section().awaits().uses(&["x"]).dynamic("one.js").dynamic("two.js")),
            module("lib.js").exports_function("x", &[]).exports_function("y", &[]),
            module("one.js").import("lib.js", "x").exports_function("run", &["x"]),
            module("two.js").import("lib.js", "y").import("deep.js", "d").exports_function("run", &["y", "d"]),
            module("deep.js").import("lib.js", "x").exports_function("d", &["x"]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(
        outcome.chunks(),
        [
            "Entry main [main.js] <- lib{lib.js:x}",
            "DynamicEntry one [one.js] <- lib{lib.js:x}",
            "DynamicEntry two [deep.js two.js] <- lib{lib.js:x lib.js:y}",
            "Common lib [lib.js]"
        ]
    );
    assert!(outcome.chunk("main").is_async && !outcome.chunk("lib").is_async);
}

#[test]
fn what_routes_share_with_an_awaiting_entry_is_one_chunk_and_not_one_for_each_set_of_routes() {
    let mut main = module("main.js");
    let mut awaiting = section().awaits();
    let mut modules = Vec::new();
    for index in 0..8 {
        main = main.import(&format!("lib{index}.js"), &format!("x{index}"));
        awaiting = awaiting.uses(&[&format!("x{index}")]).dynamic(&format!("route{index}.js"));
        modules.push(module(&format!("lib{index}.js")).exports_function(&format!("x{index}"), &[]));
        modules.push(
            module(&format!("route{index}.js"))
                .import(&format!("lib{index}.js"), &format!("x{index}"))
                .import(&format!("lib{}.js", (index + 3) % 8), "* as ns")
                .exports_function("run", &[&format!("x{index}"), &format!("ns.x{}", (index + 3) % 8)]),
        );
    }
    modules.push(main.section(awaiting));
    let outcome = app("main.js", modules).run().accepted();
    assert_eq!(outcome.plan.chunks.len(), 1 + 8 + 1);
}

#[test]
fn an_awaiting_module_that_a_route_shares_stays_out_of_what_other_routes_wait_for() {
    // t.js awaits route d2; d1 imports t.js. d2 needs m.js, which must not lie with t.js.
    let outcome = app(
        "main.js",
        [
            module("main.js")
                .bare("t.js")
                .import("m.js", "m")
                .section(section().effect().uses(&["m"]).dynamic("d1.js")),
            module("t.js").section(section().awaits().dynamic("d2.js")),
            module("d1.js").bare("t.js").runs(&[]),
            module("d2.js").import("m.js", "m").runs(&["m"]),
            module("m.js").exports_function("m", &[]),
        ],
    )
    .run()
    .accepted();
    let chunk_of = |id: &str| outcome.module(id).chunk.unwrap();
    assert_ne!(chunk_of("t.js"), chunk_of("m.js"));
    // Whatever d2 loads statically, t.js is not in it.
    let mut pending = vec![chunk_of("d2.js")];
    let mut seen = vec![];
    while let Some(chunk) = pending.pop() {
        assert_ne!(chunk, chunk_of("t.js"));
        if !seen.contains(&chunk) {
            seen.push(chunk);
            pending.extend(outcome.plan.chunks[chunk].imports.iter().map(|import| import.chunk));
        }
    }
}

#[test]
fn an_entry_with_exports_gains_no_names_for_its_routes() {
    let outcome = app(
        "main.js",
        [
            module("main.js")
                .import("lib.js", "x")
                .exports_function("api", &["x"])
                .section(section().effect().dynamic("lazy.js")),
            module("lazy.js").import("lib.js", "x").exports_function("l", &["x"]),
            module("lib.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(
        outcome.chunks(),
        [
            "Entry main [main.js] <- lib{lib.js:x}",
            "DynamicEntry lazy [lazy.js] <- lib{lib.js:x}",
            "Common lib [lib.js]"
        ]
    );
}

#[test]
fn an_entry_that_another_entry_imports_keeps_its_chunk_if_only_its_exports_are_taken() {
    let outcome = app(
        "index.js utils.js",
        [
            module("index.js").import("utils.js", "f").exports_function("main", &["f"]),
            module("utils.js").exports_function("f", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.chunks(), ["Entry index [index.js] <- utils{utils.js:f}", "Entry utils [utils.js]"]);
}

#[test]
fn an_entry_whose_chunk_would_show_more_than_its_exports_becomes_a_facade() {
    let outcome = app(
        "index.js utils.js",
        [
            module("index.js").import("utils.js", "f").import("hidden.js", "h").exports_function("main", &["f", "h"]),
            module("utils.js").import("hidden.js", "h").exports_function("f", &["h"]),
            module("hidden.js").exports_function("h", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(
        outcome.chunks(),
        [
            "Entry index [index.js] <- utils{hidden.js:h utils.js:f}",
            "Entry utils [] <- utils{utils.js:f}",
            "Common utils [hidden.js utils.js]"
        ]
    );
}

#[test]
fn two_entries_of_one_cycle_are_facades_of_one_chunk() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").import("b.js", "y").exports_function("x", &["y"]),
            module("b.js").import("a.js", "x").exports_function("y", &["x"]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.chunks(), ["Entry a [] <- a{a.js:x}", "Entry b [] <- a{b.js:y}", "Common a [b.js a.js]"]);
}

#[test]
fn one_module_may_be_two_entries() {
    let outcome = app("a.js a.js", [module("a.js").exports_function("x", &[])]).run().accepted();
    assert_eq!(outcome.chunks(), ["Entry a [a.js]", "Entry a [] <- a{a.js:x}"]);
}

#[test]
fn a_lazy_module_that_is_there_already_gives_its_namespace() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "x").section(section().effect().uses(&["x"]).dynamic("b.js").dynamic("c.js")),
            module("b.js").exports_function("x", &[]),
            module("c.js").section(section().effect().dynamic("b.js")),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.action("a.js", "b.js"), "inline namespace");
    assert_eq!(outcome.action("c.js", "b.js"), "import a namespace");
    assert_eq!(outcome.chunks(), ["Entry a [b.js a.js]", "DynamicEntry c [c.js]"]);
    assert_eq!(outcome.chunk("a").exports.iter().map(|s| outcome.show_symbol(*s)).collect::<Vec<_>>(), ["b.js:*"]);
}

#[test]
fn an_import_call_of_an_entry_loads_the_entry() {
    let outcome = app(
        "a.js b.js",
        [module("a.js").section(section().effect().dynamic("b.js")), module("b.js").exports_function("x", &[])],
    )
    .run()
    .accepted();
    assert_eq!(outcome.action("a.js", "b.js"), "import b");
    assert_eq!(outcome.plan.chunks.len(), 2);
}

#[test]
fn shared_commonjs_is_called_through_its_wrapper() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").import("c.cjs", "x").runs(&["x"]),
            module("b.js").import("c.cjs", "x").runs(&["x"]),
            commonjs("c.cjs", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.chunks(), ["Entry a [a.js] <- c{c.cjs()}", "Entry b [b.js] <- c{c.cjs()}", "Common c [c.cjs]"]);
}

#[test]
fn a_commonjs_entry_that_is_shared_becomes_a_facade() {
    let outcome =
        app("a.cjs b.js", [commonjs("a.cjs", &[]), module("b.js").import("a.cjs", "x").runs(&["x"])]).run().accepted();
    assert_eq!(outcome.chunks(), ["Entry a [] <- a{a.cjs()}", "Entry b [b.js] <- a{a.cjs()}", "Common a [a.cjs]"]);
}

#[test]
fn a_chunk_that_only_runs_is_imported_without_names() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("polyfill.js").runs(&[]),
            module("b.js").bare("polyfill.js").runs(&[]),
            module("polyfill.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(
        outcome.chunks(),
        ["Entry a [a.js] <- polyfill{}", "Entry b [b.js] <- polyfill{}", "Common polyfill [polyfill.js]"]
    );
}

#[test]
fn namespace_objects_cross_between_chunks() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").import("lib.js", "* as ns").runs(&["ns"]),
            module("b.js").import("lib.js", "x").runs(&["x"]),
            module("lib.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(
        outcome.chunks(),
        ["Entry a [a.js] <- lib{lib.js:*}", "Entry b [b.js] <- lib{lib.js:x}", "Common lib [lib.js]"]
    );
}

#[test]
fn importing_a_module_that_runs_nothing_loads_nothing() {
    // b.js may have side effects as far as its package knows, but has none; a.js uses nothing of it.
    let outcome = app(
        "a.js c.js",
        [
            module("a.js").import("b.js", "unused").runs(&[]),
            module("b.js").exports_function("unused", &[]).exports_function("x", &[]),
            module("c.js").import("b.js", "x").runs(&["x"]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.chunks(), ["Entry a [a.js]", "Entry c [b.js c.js]"]);
}
