//! The frames of the three formats, chunks that import each other, externals.

use crate::common::{Graph, run};
use cloudpack_base::ChunkIdx;
use cloudpack_link::{ExportsMode, Format, Platform};
use cloudpack_plan::ChunkKind;

const FIRST: ChunkIdx = ChunkIdx(0);

/// index -> shared <- lazy
fn three_chunks(format: Format, minify: bool) -> Graph {
    let mut graph = Graph::new(format);
    graph.options.minify = minify;
    let shared = graph.module("shared.js");
    shared.chunk = 2;
    shared.code("let ‹count› = 0;").code("function ‹add›() { return ++‹count›; }").export("count").export("add");
    let lazy = graph.module("lazy.js");
    lazy.chunk = 1;
    lazy.import("add", "shared.js", "add").code("const ‹name› = 'lazy' + ‹add()›();").export("name");
    graph
        .module("index.js")
        .import("add", "shared.js", "add")
        .import("count", "shared.js", "count")
        .code("const ‹run› = async () => { ‹add()›(); const lazy = await ‹import lazy.js›; return [lazy.name, ‹count›].join(); };")
        .export("run");
    graph.chunk(ChunkKind::Entry, "index", "index.js");
    graph.chunk(ChunkKind::DynamicEntry, "lazy", "lazy.js");
    graph.chunk(ChunkKind::Common, "shared", "");
    graph
}

#[test]
fn chunks_share_live_bindings_in_es() {
    for minify in [false, true] {
        let output = three_chunks(Format::Es, minify).link();
        let printed = run(&output, "main.mjs", "import { run } from './index.js'; console.log(await run())");
        assert_eq!(printed, "lazy2,2");
    }
}

#[test]
fn chunks_share_live_bindings_in_cjs() {
    for minify in [false, true] {
        let output = three_chunks(Format::Cjs, minify).link();
        let printed = run(&output, "main.cjs", "require('./index.js').run().then(console.log)");
        assert_eq!(printed, "lazy2,2");
    }
}

#[test]
fn chunks_in_folders_find_each_other() {
    let mut graph = three_chunks(Format::Es, false);
    graph.options.chunk_file_names = "assets/[name]-[hash].js".to_owned();
    let output = graph.link();
    let lazy = &output.chunks[ChunkIdx(1)];
    assert!(lazy.file_name.starts_with("assets/lazy-") && lazy.file_name.len() == "assets/lazy-12345678.js".len());
    assert_eq!(lazy.imports[0].file, output.chunks[ChunkIdx(2)].file_name);
    let printed = run(&output, "main.mjs", "import { run } from './index.js'; console.log(await run())");
    assert_eq!(printed, "lazy2,2");
}

fn with_externals(format: Format) -> Graph {
    let mut graph = Graph::new(format);
    graph.external("node:path");
    graph.external("node:os");
    graph
        .module("index.js")
        .import("path", "node:path", "default")
        .import("join", "node:path", "join")
        .import_all("all", "node:path")
        .import_bare("node:os")
        .code("console.log(‹path›.sep, ‹join()›('a', 'b'), typeof ‹all›.dirname);");
    graph
}

#[test]
fn external_modules_are_imported_once_in_each_format() {
    let es = with_externals(Format::Es);
    let text = es.text();
    assert!(
        text.contains("import path, * as path$1 from \"node:path\";\nimport { join } from \"node:path\";\n"),
        "{text}"
    );
    assert!(text.contains("import \"node:os\";\n"), "{text}");
    assert_eq!(run(&es.link(), "main.mjs", "import './index.js'"), "/ a/b function");

    let cjs = with_externals(Format::Cjs);
    let text = cjs.text();
    assert_eq!(text.matches("require(\"node:path\")").count(), 1, "{text}");
    assert_eq!(run(&cjs.link(), "main.cjs", "require('./index.js')"), "/ a/b function");

    let mut iife = with_externals(Format::Iife);
    iife.options.globals = vec![("node:path".to_owned(), "globalThis.thePath".to_owned())];
    let main = "globalThis.thePath = require('path'); require('./index.js')";
    assert_eq!(run(&iife.link(), "main.cjs", main), "/ a/b function");
}

#[test]
fn import_statements_are_merged_and_compact_when_minified() {
    let mut graph = with_externals(Format::Es);
    graph.options.minify = true;
    let text = graph.text();
    assert!(text.contains("from\"node:path\";import{join as "), "{text}");
    assert!(text.contains("import\"node:os\";"), "{text}");
}

#[test]
fn a_cjs_entry_with_only_a_default_export_is_that_value() {
    let mut graph = Graph::new(Format::Cjs);
    graph.module("index.js").code("const ‹a› = 1;").export_as("a", "default");
    assert_eq!(run(&graph.link(), "main.cjs", "console.log(require('./index.js'))"), "1");
    graph.options.exports = ExportsMode::Named;
    let main = "const all = require('./index.js'); console.log(all.default, all.__esModule, Object.keys(all).join())";
    assert_eq!(run(&graph.link(), "main.cjs", main), "1 true default");
}

#[test]
fn node_finds_the_names_of_a_cjs_entry_without_running_it() {
    let mut graph = Graph::new(Format::Cjs);
    graph.options.entry_file_names = "[name].cjs".to_owned();
    graph.module("index.js").code("const ‹a› = 1;").code("const ‹b› = 2;").export("a").export("b");
    assert_eq!(run(&graph.link(), "main.mjs", "import { a, b } from './index.cjs'; console.log(a, b)"), "1 2");
}

#[test]
fn export_modes_that_do_not_fit_the_entry_are_refused() {
    let mut graph = Graph::new(Format::Cjs);
    graph.module("index.js").code("const ‹a› = 1;").export("a");
    for mode in [ExportsMode::Default, ExportsMode::None] {
        graph.options.exports = mode;
        let codes: Vec<String> = graph.link().diagnostics.into_iter().map(|found| found.code).collect();
        assert_eq!(codes, ["INVALID_EXPORT_OPTION"]);
    }
}

#[test]
fn an_iife_puts_its_exports_into_a_variable() {
    for minify in [false, true] {
        let mut graph = Graph::new(Format::Iife);
        graph.options.minify = minify;
        graph.options.name = Some("acme.lib".to_owned());
        graph.module("index.js").code("let ‹a› = 1;").code("function ‹up›() { ‹a›++; }").export("a").export("up");
        let main = "const vm = require('vm'), fs = require('fs'); const box = vm.createContext({}); vm.runInContext(fs.readFileSync(__dirname + '/index.js', 'utf8'), box); const lib = vm.runInContext('acme.lib', box); lib.up(); console.log(lib.a, Object.keys(lib).join())";
        assert_eq!(run(&graph.link(), "main.cjs", main), "2 a,up");
    }
}

#[test]
fn top_level_await_outside_of_es_modules_is_an_error_for_each_module() {
    for format in [Format::Cjs, Format::Iife] {
        let mut graph = Graph::new(format);
        for id in ["a.js", "index.js"] {
            let module = graph.module(id);
            module.is_async = true;
            module.summary.flags.insert(cloudpack_summary::ModuleFlags::TOP_LEVEL_AWAIT);
            module.code("await 1;");
        }
        let found = graph.link().diagnostics;
        let ids: Vec<&str> = found.iter().filter_map(|found| found.id.as_deref()).collect();
        assert_eq!((found[0].code.as_str(), ids), ("INVALID_TLA_FORMAT", vec!["/app/a.js", "/app/index.js"]));
    }
}

#[test]
fn hashbang_directives_and_banner_stand_in_the_only_order_that_keeps_their_meaning() {
    let mut graph = Graph::new(Format::Es);
    graph.options.banner = Some("/* banner */".to_owned());
    graph.options.footer = Some("/* footer */".to_owned());
    let module = graph.module("index.js");
    module.object.hashbang = Some("#!/usr/bin/env node".into());
    module.code("\"use strict\";").code("\"use client\";").code("console.log(1);");
    assert_eq!(
        graph.text(),
        "#!/usr/bin/env node\n\"use client\";\n/* banner */\n//#region index.js\nconsole.log(1);\n//#endregion\n/* footer */\n"
    );
}

#[test]
fn a_file_of_sloppy_common_js_modules_stays_sloppy() {
    for format in [Format::Cjs, Format::Iife] {
        let mut graph = Graph::new(format);
        graph
            .common_js("strict.js")
            .code("\"use strict\";")
            .code("‹exports›.strict = (function () { return !this })();");
        graph.common_js("index.js").code("with ({ x: 1 }) console.log(x, ‹require strict.js›.strict);");
        assert_eq!(run(&graph.link(), "main.cjs", "require('./index.js')"), "1 true");
    }
}

#[test]
fn licences_stay_once_each_and_can_be_left_out() {
    let mut graph = Graph::new(Format::Es);
    graph.options.minify = true;
    graph.module("a.js").legal("/*! MIT */").code("console.log(1);");
    graph.module("b.js").legal("/*! MIT */").legal("/*! BSD */").code("console.log(2);");
    assert_eq!(graph.text(), "/*! MIT */\nconsole.log(1);\n/*! BSD */\nconsole.log(2);");
    graph.options.legal_comments = false;
    assert_eq!(graph.text(), "console.log(1);console.log(2);");
}

#[test]
fn names_that_are_strings_and_values_that_are_no_variables_are_exported() {
    for minify in [false, true] {
        let mut graph = Graph::new(Format::Es);
        graph.options.minify = minify;
        graph.common_js("c.js").code("‹exports›.a = 1;");
        graph
            .module("index.js")
            .import("a", "c.js", "a")
            .code("const ‹x› = 2;")
            .export_as("x", "a b")
            .export_as("a", "class");
        let main = "import { 'a b' as x, class as y } from './index.js'; console.log(x, y)";
        assert_eq!(run(&graph.link(), "main.mjs", main), "2 1");
    }
}

#[test]
fn require_comes_from_node_or_says_that_it_is_missing() {
    let mut graph = Graph::new(Format::Es);
    graph.external("node:path");
    graph.options.platform = Platform::Node;
    graph.common_js("index.js").code("console.log(‹require node:path›.sep, typeof ‹free require›);");
    assert_eq!(run(&graph.link(), "main.mjs", "import './index.js'"), "/ function");
    graph.options.platform = Platform::Browser;
    let main = "try { await import('./index.js') } catch (error) { console.log(error.code) }";
    assert_eq!(run(&graph.link(), "main.mjs", main), "MODULE_NOT_FOUND");
}

#[test]
fn a_lazy_chunk_with_a_style_sheet_waits_for_it_in_a_browser_only() {
    let mut graph = three_chunks(Format::Es, false);
    graph.css_files = vec![None, Some("lazy-1.css".into()), Some("shared-2.css".into())];
    let output = graph.link();
    let code = &output.chunks[FIRST].code;
    assert!(
        code.contains("__preload([new URL(\"shared-2.css\", import.meta.url).href, new URL(\"lazy-1.css\", import.meta.url).href], () => import("),
        "{code}"
    );
    assert_eq!(run(&output, "main.mjs", "import { run } from './index.js'; console.log(await run())"), "lazy2,2");
    graph.options.base = Some("/app".to_owned());
    let output = graph.link();
    assert!(output.chunks[FIRST].code.contains("__preload([\"/app/shared-2.css\", \"/app/lazy-1.css\"]"));
    graph.options.platform = Platform::Node;
    assert!(!graph.link().chunks[FIRST].code.contains("__preload"));
}
