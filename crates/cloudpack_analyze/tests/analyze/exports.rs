//! ResolveExport: chains, stars, cycles, ambiguity, CommonJS, constants, and what is reported.

use crate::builder::{app, commonjs, module, section};
use cloudpack_base::Severity;
use cloudpack_summary::{ConstantValue, ModuleFlags, ModuleFormat};

#[test]
fn an_import_binds_to_the_declaration_at_the_end_of_a_chain() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "y as z").runs(&["z"]),
            module("b.js").export_from("c.js", "x as y"),
            module("c.js").export_star("d.js"),
            module("d.js").section(section().function("f")).export("f as x"),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "z"), "d.js:f");
}

#[test]
fn default_does_not_come_through_a_star() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "default as d").runs(&["d"]),
            module("b.js").export_star("c.js"),
            module("c.js").section(section().function("f").function("g")).export("f as default, g"),
        ],
    )
    .run();
    assert_eq!(outcome.codes(), ["MISSING_EXPORT"]);
    assert_eq!(outcome.diagnostics[0].hint.as_deref(), Some("It has no default export; it exports \"g\""));
}

#[test]
fn a_name_from_two_stars_is_ambiguous_unless_both_lead_to_one_binding() {
    let modules = |second: &'static str| {
        [
            module("a.js").import("b.js", "x").import("b.js", "* as ns").runs(&["x", "ns"]),
            module("b.js").export_star("c.js").export_star("d.js"),
            module("c.js").exports_function("x", &[]),
            if second == "same" {
                module("d.js").export_from("c.js", "x").exports_function("y", &[])
            } else {
                module("d.js").exports_function("x", &[]).exports_function("y", &[])
            },
        ]
    };
    let same = app("a.js", modules("same")).run().accepted();
    assert_eq!(same.binding("a.js", "x"), "c.js:x");
    assert_eq!(same.exports("b.js"), "x=c.js:x y=d.js:y");

    let other = app("a.js", modules("other")).run();
    assert_eq!(other.codes(), ["AMBIGUOUS_EXPORT"]);
    assert_eq!(other.exports("b.js"), "y=d.js:y", "an ambiguous name is no property of the namespace");
    assert!(other.diagnostics[0].message.contains("from \"c.js\" and from \"d.js\""));
}

#[test]
fn a_module_that_states_a_name_hides_the_stars_below_it() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "x").runs(&["x"]),
            module("b.js").export_star("c.js"),
            module("c.js").export_star("d.js").exports_function("x", &[]),
            module("d.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "x"), "c.js:x");
}

#[test]
fn star_cycles_resolve_and_circles_of_names_are_reported() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "x, y").runs(&["x", "y"]),
            module("b.js").export_star("c.js").export_from("c.js", "y"),
            module("c.js").export_star("b.js").exports_function("x", &[]).export_from("b.js", "y"),
        ],
    )
    .run();
    assert_eq!(outcome.binding("a.js", "x"), "c.js:x");
    // Each of the three places that ask for y is told.
    assert_eq!(outcome.codes(), ["CIRCULAR_REEXPORT", "CIRCULAR_REEXPORT", "CIRCULAR_REEXPORT"]);
    assert_eq!(outcome.binding("a.js", "y"), "undefined");
}

#[test]
fn an_answer_inside_a_circle_is_not_taken_for_the_answer_from_outside() {
    // a.x asks b.x, which asks a.x (circular), then finds it through c. Asked from outside, b.x is c.x as well.
    let outcome = app(
        "main.js",
        [
            module("main.js").import("a.js", "x").import("b.js", "x as y").runs(&["x", "y"]),
            module("a.js").export_star("b.js").export_star("c.js"),
            module("b.js").export_from("a.js", "x"),
            module("c.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("main.js", "x"), "c.js:x");
    assert_eq!(outcome.binding("main.js", "y"), "c.js:x");
}

#[test]
fn a_chain_of_20_000_re_exports_needs_no_stack() {
    let count = 20_000;
    let mut modules = vec![module("main.js").import("m0.js", "x").runs(&["x"])];
    for index in 0..count {
        modules.push(module(&format!("m{index}.js")).export_from(&format!("m{}.js", index + 1), "x"));
    }
    modules.push(module(&format!("m{count}.js")).exports_function("x", &[]));
    let ids: Vec<_> = modules.into_iter().collect();
    let outcome = crate::scale::run_linked(ids);
    assert_eq!(outcome.binding("main.js", "x"), format!("m{count}.js:x"));
}

#[test]
fn imports_of_commonjs_are_properties_of_the_interop_variable_and_never_fail() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("c.cjs", "x, default as d, * as ns").runs(&["x", "d", "ns", "ns.member"]),
            commonjs("c.cjs", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "x"), "a.js:import_c.x");
    assert_eq!(outcome.binding("a.js", "d"), "a.js:import_c.default");
    assert_eq!(outcome.binding("a.js", "ns"), "a.js:import_c");
    assert_eq!(outcome.binding("a.js", "ns.member"), "a.js:import_c.member");
    assert_eq!(outcome.action("a.js", "c.cjs"), "interop");
}

#[test]
fn a_name_of_commonjs_is_read_where_it_is_re_exported() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "x").runs(&["x"]),
            module("b.js").export_from("c.cjs", "x").no_side_effects(),
            commonjs("c.cjs", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "x"), "b.js:import_c.x");
    assert_eq!(outcome.live(), "c.cjs b.js a.js", "the re-exporter holds the interop variable");
    assert_eq!(outcome.action("b.js", "c.cjs"), "interop");
}

#[test]
fn a_missing_name_comes_from_the_only_star_whose_names_are_unknown() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "x, y, z").import("d.js", "w").runs(&["x", "y", "w", "z"]),
            module("b.js").export_star("c.cjs").export_star("e.js").exports_function("y", &[]),
            module("d.js").export_star("ext:react"),
            module("e.js").exports_function("z", &[]),
            commonjs("c.cjs", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "x"), "b.js:import_c.x");
    assert_eq!(outcome.binding("a.js", "y"), "b.js:y");
    assert_eq!(outcome.binding("a.js", "z"), "e.js:z");
    assert_eq!(outcome.binding("a.js", "w"), "ext:react:w");
}

#[test]
fn with_several_such_stars_the_namespace_object_finds_out() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "x").runs(&["x"]),
            module("b.js").export_star("c.cjs").export_star("ext:react"),
            commonjs("c.cjs", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "x"), "b.js:*.x");
    assert!(outcome.module("b.js").needs_namespace);
    assert_eq!(outcome.exports("b.js"), "*b.js:import_c *ext:react:*");
}

#[test]
fn stars_of_stars_bring_their_unknown_names_along() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "* as ns").runs(&["ns"]),
            module("b.js").export_star("m.js").exports_function("own", &[]),
            module("m.js").export_star("c.cjs").exports_function("y", &[]),
            commonjs("c.cjs", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.exports("b.js"), "own=b.js:own y=m.js:y *m.js:import_c");
    assert_eq!(outcome.action("m.js", "c.cjs"), "interop");
}

#[test]
fn a_missing_export_is_an_error_with_the_nearest_name() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "buton, foo").runs(&[]),
            module("b.js").exports_function("button", &[]).section(section().function("f")).export("f as default"),
        ],
    )
    .run();
    assert_eq!(outcome.codes(), ["MISSING_EXPORT", "MISSING_EXPORT"]);
    assert_eq!(outcome.diagnostics[0].severity, Severity::Error);
    assert_eq!(outcome.diagnostics[0].message, "\"buton\" is not exported by \"b.js\", imported by \"a.js\"");
    assert_eq!(outcome.diagnostics[0].hint.as_deref(), Some("Did you mean \"button\"?"));
    assert_eq!(outcome.diagnostics[1].hint.as_deref(), Some("It has a default export: import foo from ..."));
}

#[test]
fn a_missing_member_of_a_namespace_is_undefined_with_a_warning() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "* as ns").runs(&["ns.nope", "ns.x"]),
            module("b.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "ns.nope"), "undefined");
    assert_eq!(outcome.binding("a.js", "ns.x"), "b.js:x");
    assert_eq!(outcome.diagnostics[0].severity, Severity::Warning);
    assert!(!outcome.module("b.js").needs_namespace, "members need no namespace object");
}

#[test]
fn feature_detection_in_a_dependency_is_not_reported() {
    let outcome = app(
        "/app/node_modules/a/a.js",
        [
            module("/app/node_modules/a/a.js").import("b.js", "* as ns").runs(&["ns.nope"]),
            module("b.js").exports_function("x", &[]),
        ],
    )
    .run();
    assert!(outcome.diagnostics.is_empty());
}

#[test]
fn a_file_of_neither_module_system_gives_undefined_with_a_warning() {
    let outcome = app(
        "a.js",
        [module("a.js").import("b.js", "x").runs(&["x"]), module("b.js").format(ModuleFormat::EsModule).runs(&[])],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "x"), "undefined");
    assert_eq!(outcome.diagnostics[0].severity, Severity::Warning);
}

#[test]
fn a_missing_re_export_in_typescript_is_a_type() {
    let outcome = app(
        "a.ts",
        [
            module("a.ts").import("b.ts", "* as ns").runs(&["ns"]),
            module("b.ts").export_from("types.ts", "Props").exports_function("x", &[]),
            module("types.ts"),
        ],
    )
    .run()
    .accepted();
    assert!(outcome.diagnostics.is_empty());
    assert_eq!(outcome.exports("b.ts"), "x=b.ts:x");
}

#[test]
fn constants_are_copied_when_they_are_short_and_never_change() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "n, s, long, changing").runs(&["n", "s", "long", "changing"]),
            module("b.js")
                .section(section().constant("n", ConstantValue::Number(1.0)))
                .section(section().constant("s", ConstantValue::String("short".into())))
                .section(section().constant("long", ConstantValue::String("a longer text than a name".into())))
                .section(section().reassigned("changing", ConstantValue::Number(2.0)))
                .export("n, s, long, changing")
                .no_side_effects(),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "n"), "=1");
    assert_eq!(outcome.binding("a.js", "s"), "=\"short\"");
    assert_eq!(outcome.binding("a.js", "long"), "b.js:long");
    assert_eq!(outcome.binding("a.js", "changing"), "b.js:changing");
    assert_eq!(outcome.sections("b.js"), "long changing", "a copied constant keeps nothing");
}

#[test]
fn a_constant_is_not_copied_within_a_cycle_where_reading_it_may_throw() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "n").import("c.js", "m").runs(&["n", "m"]),
            module("b.js").bare("d.js").section(section().constant("n", ConstantValue::Number(1.0))).export("n"),
            module("d.js").import("b.js", "n").runs(&["n"]),
            module("c.js")
                .import("c.js", "m as self")
                .runs(&["self"])
                .section(section().constant("m", ConstantValue::Number(2.0)))
                .export("m"),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "n"), "=1");
    assert_eq!(outcome.binding("a.js", "m"), "=2");
    assert_eq!(outcome.binding("d.js", "n"), "b.js:n");
    assert_eq!(outcome.binding("c.js", "self"), "c.js:m");
}

#[test]
fn the_module_of_a_copied_constant_still_runs() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "n").runs(&["n"]),
            module("b.js")
                .bare("loud.js")
                .section(section().constant("n", ConstantValue::Number(1.0)))
                .export("n")
                .no_side_effects(),
            module("loud.js").runs(&[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.live(), "loud.js b.js a.js");
    assert_eq!(outcome.sections("b.js"), "");
}

#[test]
fn namespaces_nest() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "inner").runs(&["inner"]),
            module("b.js").export_from("c.js", "* as inner"),
            module("c.js").exports_function("x", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.binding("a.js", "inner"), "c.js:*");
    assert_eq!(outcome.exports("c.js"), "x=c.js:x");
    assert!(outcome.module("c.js").needs_namespace && !outcome.module("b.js").needs_namespace);
}

#[test]
fn names_of_a_namespace_are_sorted_by_code_units() {
    let outcome = app(
        "a.js",
        [
            module("a.js").import("b.js", "* as ns").runs(&["ns"]),
            module("b.js").section(section().function("f")).export("f as b, f as \u{ff5a}, f as \u{1d431}, f as a"),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.exports("b.js"), "a=b.js:f b=b.js:f \u{1d431}=b.js:f \u{ff5a}=b.js:f");
}

#[test]
fn nodes_reading_of_an_importer_reaches_its_interop() {
    let outcome = app(
        "a.mjs",
        [
            module("a.mjs").flag(ModuleFlags::NODE_ESM).import("c.cjs", "default as d").runs(&["d"]),
            commonjs("c.cjs", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.action("a.mjs", "c.cjs"), "interop node");
}
