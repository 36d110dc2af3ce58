//! Groups that are joined to save requests, and what waits in wrappers because of it.

use crate::builder::{ModuleBuilder, Outcome, app, commonjs, module, section};
use cloudpack_plan::Wrap;

const LARGE: usize = 1_000_000;
const SMALL: usize = 500;

/// Three lazy routes. `x.js` is wanted by one and two, `y.js` by two and three.
fn routes(more: impl IntoIterator<Item = ModuleBuilder>) -> Vec<ModuleBuilder> {
    let mut modules = vec![
        module("main.js").section(section().effect().dynamic("one.js").dynamic("two.js").dynamic("three.js")),
        module("one.js").import("x.js", "x").runs(&["x"]).size(LARGE),
        module("two.js").import("x.js", "x").import("y.js", "y").runs(&["x", "y"]).size(LARGE),
        module("three.js").import("y.js", "y").runs(&["y"]).size(LARGE),
    ];
    modules.extend(more);
    modules
}

fn chunk_of(outcome: &Outcome, id: &str) -> String {
    outcome.chunks().into_iter().find(|chunk| chunk.split(['[', ']', ' ']).any(|word| word == id)).unwrap()
}

fn share_a_chunk(outcome: &Outcome, left: &str, right: &str) -> bool {
    outcome.module(left).chunk.is_some() && outcome.module(left).chunk == outcome.module(right).chunk
}

#[test]
fn small_groups_are_joined_where_that_costs_less_than_a_request() {
    let outcome = app(
        "main.js",
        routes([
            module("x.js").exports_function("x", &[]).size(SMALL),
            module("y.js").exports_function("y", &[]).size(SMALL),
        ]),
    )
    .run()
    .accepted();
    assert!(share_a_chunk(&outcome, "x.js", "y.js"), "{:?}", outcome.chunks());
    assert_eq!(outcome.module("x.js").wrap, Wrap::None);
}

#[test]
fn nothing_is_joined_when_nobody_may_load_anything_in_vain() {
    let outcome = app(
        "main.js",
        routes([
            module("x.js").exports_function("x", &[]).size(SMALL),
            module("y.js").exports_function("y", &[]).size(SMALL),
        ]),
    )
    .with(|options| options.max_over_fetch = 0.0)
    .run()
    .accepted();
    assert!(!share_a_chunk(&outcome, "x.js", "y.js"));
}

#[test]
fn a_small_route_does_not_load_much_in_vain() {
    let outcome = app(
        "main.js",
        [
            module("main.js").section(section().effect().dynamic("one.js").dynamic("two.js").dynamic("three.js")),
            module("one.js").import("x.js", "x").runs(&["x"]).size(SMALL),
            module("two.js").import("x.js", "x").import("y.js", "y").runs(&["x", "y"]).size(SMALL),
            module("three.js").import("y.js", "y").runs(&["y"]).size(SMALL),
            module("x.js").exports_function("x", &[]).size(SMALL),
            module("y.js").exports_function("y", &[]).size(SMALL),
        ],
    )
    .run()
    .accepted();
    assert!(!share_a_chunk(&outcome, "x.js", "y.js"));
}

#[test]
fn what_an_entry_does_not_want_waits_until_somebody_does() {
    let outcome = app(
        "main.js",
        routes([
            module("x.js").exports_function("x", &[]).runs(&[]).size(SMALL),
            module("y.js").import("z.js", "z").exports_function("y", &["z"]).size(SMALL),
            module("z.js").exports_function("z", &[]).runs(&[]).size(SMALL),
        ]),
    )
    .run()
    .accepted();
    assert!(share_a_chunk(&outcome, "x.js", "z.js"), "{:?}", outcome.chunks());
    assert_eq!(outcome.module("x.js").wrap, Wrap::Esm, "it runs something");
    assert_eq!(outcome.module("z.js").wrap, Wrap::Esm, "it runs something");
    assert_eq!(outcome.module("y.js").wrap, Wrap::Esm, "its head runs z.js");
    assert_eq!(outcome.module("one.js").wrap, Wrap::None);
}

#[test]
fn what_leads_only_to_what_everybody_wants_stays_hoisted() {
    let outcome = app(
        "main.js",
        [
            module("main.js").section(section().effect().dynamic("one.js").dynamic("two.js").dynamic("three.js")),
            module("one.js").import("x.js", "x").runs(&["x"]),
            module("two.js").import("x.js", "x").import("y.js", "y").runs(&["x", "y"]),
            module("three.js").import("y.js", "y").runs(&["y"]),
            module("x.js").import("react.cjs", "default as react").exports_function("x", &["react"]).size(SMALL),
            module("y.js").import("react.cjs", "default as react").exports_function("y", &["react"]).size(SMALL),
            commonjs("react.cjs", &[]),
        ],
    )
    .run()
    .accepted();
    assert!(share_a_chunk(&outcome, "x.js", "y.js"), "{:?}", outcome.chunks());
    assert_eq!((outcome.module("x.js").wrap, outcome.module("y.js").wrap), (Wrap::None, Wrap::None));
}

#[test]
fn commonjs_that_not_everybody_wants_is_not_run_in_its_place() {
    let outcome = app(
        "main.js",
        routes([
            module("x.js").bare("c.cjs").bare("s.js").exports_function("x", &[]).size(SMALL),
            commonjs("c.cjs", &[]).size(SMALL),
            module("s.js").runs(&[]).size(SMALL),
            module("y.js").exports_function("y", &[]).size(SMALL),
        ]),
    )
    .run()
    .accepted();
    assert!(share_a_chunk(&outcome, "c.cjs", "y.js"), "{:?}", outcome.chunks());
    assert!(!outcome.module("c.cjs").run_in_place);
    assert_eq!(outcome.module("s.js").wrap, Wrap::Esm);
}

#[test]
fn modules_that_await_are_waited_for_by_nobody_who_does_not_want_them() {
    let outcome = app(
        "main.js",
        routes([
            module("x.js").exports_function("x", &[]).section(section().awaits()).size(SMALL),
            module("y.js").exports_function("y", &[]).size(SMALL),
        ]),
    )
    .run()
    .accepted();
    assert!(!share_a_chunk(&outcome, "x.js", "y.js"));
}

#[test]
fn an_external_module_is_imported_by_those_who_want_it() {
    let outcome = app(
        "main.js",
        routes([
            module("x.js").import("ext:fs", "read").exports_function("x", &["read"]).size(SMALL),
            module("y.js").exports_function("y", &[]).size(SMALL),
        ]),
    )
    .run()
    .accepted();
    assert!(!share_a_chunk(&outcome, "x.js", "y.js"));
}

#[test]
fn no_chunk_is_joined_around_another() {
    // x.js needs m.js, which needs y.js: x.js and y.js in one chunk would need a chunk that needs them.
    let outcome = app(
        "main.js",
        [
            module("main.js")
                .section(section().effect().dynamic("one.js").dynamic("two.js").dynamic("three.js").dynamic("four.js")),
            module("one.js").import("x.js", "x").import("y.js", "y").runs(&["x", "y"]),
            module("two.js").import("x.js", "x").import("y.js", "y").runs(&["x", "y"]),
            module("three.js").import("m.js", "m").import("y.js", "y").runs(&["m", "y"]),
            module("four.js").import("y.js", "y").runs(&["y"]),
            module("x.js").import("m.js", "m").exports_function("x", &["m"]).size(SMALL),
            module("m.js").import("y.js", "y").exports_function("m", &["y"]),
            module("y.js").exports_function("y", &[]).size(SMALL),
        ],
    )
    .run()
    .accepted();
    assert!(!share_a_chunk(&outcome, "x.js", "y.js"), "{:?}", outcome.chunks());
}

#[test]
fn routes_that_ask_for_too_many_files_get_fewer() {
    // Each pair of neighbouring routes shares a module that is too large to be joined for the sake of one request.
    let names: Vec<String> = (0..8).map(|route| format!("r{route}.js")).collect();
    let build = |most: u32| {
        let lazy = names.iter().fold(section().effect(), |section, name| section.dynamic(name));
        let mut modules = vec![module("main.js").section(lazy)];
        for (at, name) in names.iter().enumerate() {
            let mut route = module(name).size(LARGE);
            for shared in 0..6 {
                if (at + shared) % 7 < 5 {
                    route =
                        route.import(&format!("s{shared}.js"), &format!("s{shared}")).runs(&[&format!("s{shared}")]);
                }
            }
            modules.push(route);
        }
        for shared in 0..6 {
            modules.push(module(&format!("s{shared}.js")).exports_function(&format!("s{shared}"), &[]).size(60_000));
        }
        app("main.js", modules).with(|options| options.max_requests = most).run().accepted()
    };
    let most = |outcome: &Outcome| outcome.plan.chunks.iter().map(|chunk| chunk.imports.len()).max().unwrap();
    assert!(most(&build(100)) > most(&build(4)));
    assert!(chunk_of(&build(4), "r0.js").contains("r0.js"));
}
