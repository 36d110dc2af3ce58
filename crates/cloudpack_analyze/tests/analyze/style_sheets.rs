//! The cascade: order of style sheets within a chunk, `@import`, conditions, sharing.

use crate::builder::{app, module, section, sheet};
use cloudpack_summary::RequestKind;

#[test]
fn sheets_come_in_the_order_in_which_javascript_imports_them() {
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("b.js").bare("a.css").runs(&[]),
            module("b.js").bare("b.css").runs(&[]),
            sheet("a.css", &["reset.css"]),
            sheet("b.css", &[]),
            sheet("reset.css", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.css("a"), "b.css reset.css a.css");
}

#[test]
fn of_equal_imports_the_last_stays() {
    let outcome = app(
        "a.js",
        [
            module("a.js").bare("one.css").bare("two.css").runs(&[]),
            sheet("one.css", &["base.css"]),
            sheet("two.css", &["base.css", "late.css"]),
            sheet("base.css", &["below.css"]),
            sheet("below.css", &[]),
            sheet("late.css", &["below.css"]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.css("a"), "one.css base.css below.css late.css two.css");
}

#[test]
fn conditions_gather_on_the_way_and_a_plain_copy_later_hides_a_conditional_one() {
    let outcome = app(
        "a.css",
        [
            sheet("a.css", &["(print.css)", "(both.css)", "both.css"]),
            sheet("print.css", &["(deep.css)", "plain.css"]),
            sheet("deep.css", &[]),
            sheet("plain.css", &[]),
            sheet("both.css", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.css("a"), "((deep.css)) (plain.css) (print.css) both.css a.css");
}

#[test]
fn sheets_that_import_each_other_end() {
    let outcome =
        app("a.css", [sheet("a.css", &["b.css", "(b.css)"]), sheet("b.css", &["a.css", "(a.css)"])]).run().accepted();
    assert!(outcome.css("a").ends_with("a.css"), "{}", outcome.css("a"));
}

#[test]
fn a_shared_sheet_lies_in_a_common_chunk_and_imported_text_in_each_root() {
    let outcome = app(
        "a.js b.js",
        [
            module("a.js").bare("shared.css").bare("a.css").runs(&[]),
            module("b.js").bare("shared.css").bare("b.css").runs(&[]),
            sheet("shared.css", &[]),
            sheet("a.css", &["vars.css"]),
            sheet("b.css", &["vars.css"]),
            sheet("vars.css", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.css("a"), "vars.css a.css");
    assert_eq!(outcome.css("b"), "vars.css b.css");
    assert_eq!(outcome.css("shared"), "shared.css");
    assert_eq!(outcome.module("vars.css").chunk, None);
}

#[test]
fn composed_classes_come_first_and_documents_bring_their_sheets() {
    let outcome = app(
        "a.html",
        [
            module("a.html").imports_as("a.css", RequestKind::HtmlStyle).imports_as("a.js", RequestKind::HtmlScript),
            sheet("a.css", &["ext:https://fonts"]),
            module("a.js").import("m.css", "default as s").runs(&["s"]).section(section().effect().dynamic("lazy.js")),
            sheet("m.css", &[]).imports_as("base.css", RequestKind::CssComposes).exports_function("default", &[]),
            sheet("base.css", &[]).no_side_effects(),
            module("lazy.js").bare("lazy.css").runs(&[]),
            sheet("lazy.css", &[]),
        ],
    )
    .run()
    .accepted();
    assert_eq!(outcome.css("a"), "ext:https://fonts a.css base.css m.css");
    assert_eq!(outcome.css("lazy"), "lazy.css");
}
