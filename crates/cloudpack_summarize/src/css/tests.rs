//! What a style sheet becomes, read from its tables.

use super::*;
use crate::value_module::{check_tables, plain_javascript};
use cloudpack_summary::{ImportName, SymbolKind};

fn options(minify: bool) -> CssOptions {
    CssOptions { minify, ..CssOptions::default() }
}

fn run(source: &str, kind: CssKind, options: &CssOptions) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
    let input = CssInput { id: "/app/src/a.css", relative_id: "src/a.css", source };
    let (summary, object, diagnostics) = summarize_css(&input, kind, options);
    check_tables(&summary, &object);
    if let Some(css) = &object.css {
        let imports = summary.requests.iter().filter(|request| request.kind == RequestKind::CssImport).count();
        assert_eq!(css.import_conditions.len(), imports);
        assert!(css.relocations.is_sorted_by_key(|relocation| relocation.offset));
    }
    (summary, object, diagnostics)
}

/// The sheet's text, URLs as `<specifier>`.
fn text(summary: &ModuleSummary, object: &ModuleObject) -> String {
    let css = object.css.as_ref().unwrap();
    let mut out = String::new();
    let mut at = 0;
    for relocation in &css.relocations {
        let offset = relocation.offset as usize;
        out.push_str(&css.text[at..offset]);
        out.push_str(&format!("<{}>", summary.requests.get(relocation.request()).unwrap().specifier));
        at = offset;
    }
    out + &css.text[at..]
}

fn sheet(source: &str) -> String {
    let (summary, object, diagnostics) = run(source, CssKind::Sheet, &options(true));
    assert_eq!(diagnostics, vec![]);
    text(&summary, &object)
}

fn requests(summary: &ModuleSummary) -> Vec<(RequestKind, &str)> {
    summary.requests.iter().map(|request| (request.kind, &*request.specifier)).collect()
}

#[test]
fn a_plain_sheet_is_an_empty_module_whose_import_is_a_side_effect() {
    let (summary, object, diagnostics) = run("a { color: red }", CssKind::Sheet, &options(false));
    assert_eq!(diagnostics, vec![]);
    assert_eq!(summary.format, ModuleFormat::Css);
    assert!(summary.flags.contains(ModuleFlags::HAS_CSS) && !summary.flags.contains(ModuleFlags::SIDE_EFFECT_FREE));
    assert!(object.text.is_empty() && summary.local_exports.is_empty());
    assert_eq!(object.css.unwrap().text, "a {\n  color: red;\n}\n");
    assert_eq!(sheet("a { color: #ff0000 } /* x */"), "a{color:red}");
    assert_eq!(sheet(" /* nothing */ "), "");
}

#[test]
fn urls_become_requests_and_stay_quoted_with_their_suffix() {
    let source = "@font-face{font-family:x;src:url(f.eot?#iefix) format('embedded-opentype'),url('f.woff2')}\
        a{background:url(./a.png);mask:url(./a.png) , url(#m)}b{--x:url(my%20b.png);cursor:url(data:,x),auto;\
        background:image-set('c.png' 1x,url(//h/d.png) 2x)}";
    let (summary, object, diagnostics) = run(source, CssKind::Sheet, &options(true));
    assert_eq!(diagnostics, vec![]);
    let printed = text(&summary, &object);
    assert!(printed.contains("url(\"<f.eot>?#iefix\")"), "{printed}");
    assert!(printed.contains("--x:url(\"<my b.png>\")"), "{printed}");
    assert!(printed.contains("url(#m)") && printed.contains("url(data:,x)"), "{printed}");
    assert!(!printed.contains("cpurl"), "{printed}");
    let mut names: Vec<_> = requests(&summary)
        .into_iter()
        .map(|(kind, name)| {
            assert_eq!(kind, RequestKind::CssUrl);
            name
        })
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["./a.png", "c.png", "f.eot", "f.woff2", "my b.png"]);
    let (at, _) = summary.requests.iter_enumerated().find(|(_, request)| &*request.specifier == "./a.png").unwrap();
    let span = object.request_spans.get(at).unwrap();
    assert!(source[span.start as usize..].starts_with("url(./a.png)"), "{}", &source[span.start as usize..]);
}

#[test]
fn unminified_urls_are_quoted_too() {
    let (summary, object, _) = run("a{b:c;background:url(x.png)}", CssKind::Sheet, &options(false));
    assert!(text(&summary, &object).contains("url(\"<x.png>\")"));
}

#[test]
fn imports_are_taken_out_with_their_conditions() {
    let source = "@charset \"utf-8\";@import 'a.css';@import url(b.css) layer(x.y) supports(display:grid) screen and (min-width:1px);\
        @import 'c.css' layer;@import 'https://fonts/x' print;a{b:c}";
    let (summary, object, diagnostics) = run(source, CssKind::Sheet, &options(true));
    assert_eq!(diagnostics, vec![]);
    assert_eq!(
        requests(&summary),
        ["a.css", "b.css", "c.css", "https://fonts/x"].map(|name| (RequestKind::CssImport, name))
    );
    let css = object.css.unwrap();
    assert_eq!(css.text, "a{b:c}");
    let shown: Vec<_> = css
        .import_conditions
        .iter()
        .map(|found| (found.layer.as_deref(), found.supports.as_deref(), found.media.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            (None, None, None),
            (Some("x.y"), Some("(display:grid)"), Some("screen and (width>=1px)")),
            (Some(""), None, None),
            (None, None, Some("print"))
        ]
    );
    let span = object.request_spans.as_slice()[1];
    assert!(source[span.start as usize..span.end as usize].starts_with("@import url(b.css)"));
}

#[test]
fn a_layer_order_before_imports_stays_before_them() {
    let (summary, object, _) =
        run("@layer reset,base;@import 'a.css' layer(base);@layer late;", CssKind::Sheet, &options(true));
    let (statement, place) = requests(&summary)[0].1.split_once('#').unwrap();
    assert_eq!((statement, place.len()), ("data:text/css,@layer%20reset%2Cbase%3B", 16));
    assert_eq!(requests(&summary)[1].1, "a.css");
    assert_eq!(object.css.unwrap().text, "@layer late;");
}

#[test]
fn an_import_after_rules_is_a_warning_with_its_place() {
    let (_, _, diagnostics) = run("a{b:c}\n@import 'x.css';", CssKind::Sheet, &options(true));
    assert_eq!(diagnostics.len(), 1);
    assert!(!diagnostics[0].is_error());
    assert_eq!(diagnostics[0].loc.as_ref().map(|loc| loc.line), Some(2));
}

#[test]
fn bad_rules_are_dropped_with_warnings_and_the_rest_stays() {
    let (summary, object, diagnostics) = run("a{color:red}\n}}b{color:red}\nc{:::}", CssKind::Sheet, &options(true));
    assert!(!diagnostics.is_empty() && diagnostics.iter().all(|diagnostic| !diagnostic.is_error()), "{diagnostics:?}");
    assert!(text(&summary, &object).contains("a{color:red}"));
}

#[test]
fn targets_decide_what_is_lowered() {
    let source = "a{&:hover{inset:0;color:#ff00007f}}";
    assert!(sheet(source).contains("&:hover"), "{}", sheet(source));
    let target = CssOptions { target: vec!["es2020".into(), "chrome80".into(), "safari13".into()], ..options(true) };
    let (summary, object, _) = run(source, CssKind::Sheet, &target);
    let lowered = text(&summary, &object);
    assert!(lowered.contains("a:hover") && lowered.contains("top:0") && !lowered.contains("inset"), "{lowered}");
    let only_language = CssOptions { target: vec!["es2015".into()], ..options(true) };
    let (summary, object, _) = run(source, CssKind::Sheet, &only_language);
    assert_eq!(text(&summary, &object), sheet(source));
}

fn module(source: &str, options: &CssOptions) -> (ModuleSummary, ModuleObject) {
    let (summary, object, diagnostics) = run(source, CssKind::Module, options);
    assert_eq!(diagnostics, vec![]);
    (summary, object)
}

fn named(pattern: &str, minify: bool) -> CssOptions {
    CssOptions { modules_pattern: Some(pattern.to_owned()), ..options(minify) }
}

#[test]
fn each_name_of_a_css_module_is_an_export() {
    let (summary, object) =
        module(".foo{color:red}.foo-bar .class{color:red}.default{color:red}", &named("x_[local]", true));
    assert!(summary.flags.contains(ModuleFlags::SIDE_EFFECT_FREE) && summary.flags.contains(ModuleFlags::HAS_CSS));
    let exports: Vec<_> = summary.local_exports.iter().map(|export| &*export.exported).collect();
    assert_eq!(exports, ["class", "default", "foo", "foo-bar"]);
    assert_eq!(
        plain_javascript(&summary, &object),
        r#"var _class="x_class";var _default="x_default";var foo="x_foo";var foo_bar="x_foo-bar";var a_default={class:_class,default:_default,foo:foo,"foo-bar":foo_bar};"#
    );
    assert!(text(&summary, &object).contains(".x_foo-bar .x_class"));
}

#[test]
fn composed_names_are_joined_across_rules_and_files() {
    let source = ".a{composes:b;composes:g from global;composes:o p-q from './o.css'}.b{composes:c;color:red}.c{color:red}.z{composes:o from './z.css'}";
    let (summary, object) = module(source, &named("x_[local]", true));
    assert_eq!(requests(&summary), [(RequestKind::CssComposes, "./o.css"), (RequestKind::CssComposes, "./z.css")]);
    let code = plain_javascript(&summary, &object);
    assert!(code.contains(r#"var a="x_a x_b x_c g "+o+" "+p_q;"#), "{code}");
    assert!(code.contains(r#"var z="x_z "+o;"#), "{code}");
    let imported: Vec<_> = summary
        .symbols
        .iter()
        .filter_map(|symbol| match &symbol.kind {
            SymbolKind::Import { request, name: ImportName::Named(name), .. } => Some((request.0, &**name)),
            _ => None,
        })
        .collect();
    assert_eq!(imported, [(0, "o"), (0, "p-q"), (1, "o")]);
    let interop = summary.symbols.iter().filter(|symbol| matches!(symbol.kind, SymbolKind::Interop { .. })).count();
    assert_eq!(interop, 2);
    assert!(!text(&summary, &object).contains("composes"));
}

#[test]
fn a_cycle_of_composes_ends() {
    let (summary, object) = module(".a{composes:b}.b{composes:a}", &named("[local]", true));
    assert!(plain_javascript(&summary, &object).starts_with(r#"var a="a b";var b="b a";"#));
}

#[test]
fn scoped_names_depend_on_the_relative_id_alone() {
    let name = |id, relative_id| {
        let input = CssInput { id, relative_id, source: ".a{color:red}" };
        summarize_css(&input, CssKind::Module, &options(true)).1.css.unwrap().text
    };
    assert_eq!(name("/x/src/a.module.css", "src/a.module.css"), name("/y/z/src/a.module.css", "src/a.module.css"));
    assert_ne!(name("/x/a.module.css", "a.module.css"), name("/x/a.module.css", "b.module.css"));
    let (_, object) = module(".a{color:red}", &named("[name]-[content-hash]-[local]", true));
    let css = object.css.unwrap().text;
    assert!(css.starts_with(".a-") && css.ends_with("-a{color:red}"), "{css}");
    let (_, object) = module(".a{grid-area:x}", &named("[local]_y", true));
    assert_eq!(object.css.unwrap().text, ".a_y{grid-area:x}");
}

#[test]
fn camel_case_names_are_offered_when_asked_for() {
    let camel = CssOptions { modules_camel_case: true, ..named("[local]", true) };
    let (summary, object) = module(".foo-bar{color:red}.a-b{color:red}.aB{color:red}", &camel);
    let exports: Vec<_> = summary.local_exports.iter().map(|export| &*export.exported).collect();
    assert_eq!(exports, ["a-b", "aB", "default", "foo-bar", "fooBar"]);
    assert!(plain_javascript(&summary, &object).contains("fooBar:foo_bar"));
}

#[test]
fn a_bad_pattern_or_composes_is_an_error() {
    for pattern in ["", "x", "[what]_[local]", "[local"] {
        let (_, object, diagnostics) = run(".a{color:red}", CssKind::Module, &named(pattern, true));
        assert!(diagnostics[0].is_error() && object.css.is_none(), "{pattern}");
    }
    let (_, _, diagnostics) = run(".a .b{composes:c}", CssKind::Module, &options(true));
    assert!(diagnostics[0].is_error(), "{diagnostics:?}");
}

#[test]
fn an_inline_sheet_is_a_string_that_joins_what_it_imports() {
    let source = "@layer x;@import 'https://f';@import './b.css' layer(x) print;a{background:url(./a.png?#q)}";
    let (summary, object, diagnostics) = run(source, CssKind::Inline, &options(true));
    assert_eq!(diagnostics, vec![]);
    assert_eq!(summary.format, ModuleFormat::EsModule);
    assert!(object.css.is_none() && !summary.flags.contains(ModuleFlags::HAS_CSS));
    assert_eq!(requests(&summary), [(RequestKind::Static, "./b.css?inline"), (RequestKind::CssUrl, "./a.png")]);
    assert_eq!(
        plain_javascript(&summary, &object),
        r##"var a_default="@layer x;@import \"https://f\";@media print{@layer x{"+b_default+"}}a{background:url(\"[url 1]?#q\")}";"##
    );
    let (summary, object, _) = run("", CssKind::Inline, &options(true));
    assert_eq!(plain_javascript(&summary, &object), "var a_default=\"\";");
}

#[test]
fn hostile_sheets_end_in_diagnostics() {
    for hostile in ["{", "(", "a{", ":is(", "@media x{", "a{b:calc(", "[", "a{b:c(", "@supports ("] {
        let (_, _, diagnostics) = run(&hostile.repeat(100_000), CssKind::Sheet, &options(true));
        assert_eq!(diagnostics[0].code, "TOO_DEEP", "{hostile}");
    }
    for odd in
        ["\0", "a{b:\0}", "/*", "a{b:'", "a{b:url(", "@import", "@import '", "\u{feff}a{color:red}", "}", "\\", "@"]
    {
        run(odd, CssKind::Sheet, &options(true));
        run(odd, CssKind::Module, &options(false));
    }
    let long = format!("a{{content:\"{}\"}}", "x".repeat(100_000));
    assert_eq!(sheet(&long).len(), long.len());
    let flat = "a{b:c}".repeat(20_000);
    run(&flat, CssKind::Sheet, &options(false));
}
