//! CommonJS wrappers, lazily run ES modules, namespace objects.

use crate::common::{Graph, run};
use cloudpack_base::ChunkIdx;
use cloudpack_link::Format;
use cloudpack_plan::ChunkKind;
use cloudpack_summary::ModuleFlags;

fn both(build: impl Fn(&mut Graph)) -> [Graph; 2] {
    [false, true].map(|minify| {
        let mut graph = Graph::new(Format::Es);
        graph.options.minify = minify;
        build(&mut graph);
        graph
    })
}

#[test]
fn a_common_js_module_is_imported_by_node_s_rule_or_by_its_marker() {
    for graph in both(|graph| {
        graph.common_js("c.js").code("‹exports›.__esModule = true; ‹exports›.default = 1; ‹exports›.a = 2;");
        graph.module("web.js").import("d", "c.js", "default").import("a", "c.js", "a").code("log(‹d›, ‹a›);");
        let node = graph.module("node.mjs");
        node.import("d", "c.js", "default").code("log(typeof ‹d›, ‹d›.default);");
        node.summary.flags.insert(ModuleFlags::NODE_ESM);
    }) {
        let printed = run(&graph.link(), "main.mjs", "globalThis.log = console.log; await import('./index.js')");
        assert_eq!(printed, "1 2\nobject 1");
    }
}

#[test]
fn module_exports_may_be_replaced_and_the_wrapper_runs_once() {
    for graph in both(|graph| {
        graph
            .common_js("f.js")
            .code("globalThis.runs = (globalThis.runs || 0) + 1; ‹module›.exports = function () { return this };");
        graph.common_js("g.js").code("‹module›.exports = [‹require f.js›, ‹require f.js›];");
        graph
            .module("index.js")
            .import("list", "g.js", "default")
            .import("f", "f.js", "default")
            .code("console.log(‹list›[0] === ‹list›[1], runs, ‹f()›() === undefined);");
    }) {
        assert_eq!(run(&graph.link(), "main.mjs", "import './index.js'"), "true 1 true");
    }
}

#[test]
fn a_call_through_an_import_has_no_receiver_but_a_namespace_member_keeps_it() {
    let mut graph = Graph::new(Format::Es);
    graph.common_js("c.js").code("‹exports›.f = function () { return this === undefined };");
    graph
        .module("index.js")
        .import("f", "c.js", "f")
        .member("ns_f", "c.js", "f")
        .code("console.log(‹f()›(), ‹ns_f()›(), new ‹f›().constructor.name);");
    let output = graph.link();
    let code = &output.chunks[ChunkIdx(0)].code;
    assert!(code.contains("(0, import_c.f)(), import_c.f(), new import_c.f()"), "{code}");
}

#[test]
fn a_common_js_module_that_throws_runs_again_and_a_lazy_es_module_throws_the_same_again() {
    for graph in both(|graph| {
        graph
            .common_js("c.js")
            .code("globalThis.seenC = (globalThis.seenC || 0) + 1; if (seenC < 2) throw new Error('c' + seenC);");
        graph
            .lazy("e.js")
            .code("globalThis.seenE = (globalThis.seenE || 0) + 1;")
            .code("throw new Error('e' + seenE);");
        graph.common_js("index.js").nested(&["i", "x"]).code(
            "for (let i = 0; i < 2; i++) { try { ‹require c.js›; } catch (x) { console.log(x.message); } }\nfor (let i = 0; i < 2; i++) { try { ‹require e.js›; } catch (x) { console.log(x.message); } }\nconsole.log(seenC, seenE);",
        );
    }) {
        assert_eq!(run(&graph.link(), "main.mjs", "import './index.js'"), "c1\ne1\ne1\n2 1");
    }
}

#[test]
fn lazily_run_modules_declare_outside_and_run_inside() {
    for graph in both(|graph| {
        graph
            .lazy("a.js")
            .code("const ‹a› = [1, 2];")
            .code("let ‹b› = 3;")
            .code("class ‹C› { static self() { return ‹C›; } }")
            .code("function ‹f›() { return ‹a›.length + ‹b›; }")
            .code("globalThis.order.push('a');")
            .export("a")
            .export("C")
            .export("f");
        graph.common_js("index.js").code(
            "globalThis.order = ['start']; const one = ‹require a.js›; const two = ‹require a.js›;\nconsole.log(order.join(), one === two, one.__esModule, one.f(), one.C.self() === one.C, Object.keys(one).join());",
        );
    }) {
        let output = graph.link();
        let printed = run(&output, "main.mjs", "import './index.js'");
        assert_eq!(printed, "start,a true true 5 true C,a,f");
    }
}

#[test]
fn lazily_run_modules_that_await_in_a_circle_do_not_wait_for_each_other() {
    for graph in both(|graph| {
        for (id, other) in [("a.js", "b.js"), ("b.js", "a.js")] {
            let module = graph.lazy(id);
            module.is_async = true;
            let name = &id[..1];
            module.import_bare("slow.js").import_bare(other).code(&format!("console.log('{name}');"));
        }
        let slow = graph.lazy("slow.js");
        slow.is_async = true;
        slow.awaits = true;
        slow.code("await new Promise((done) => setTimeout(done, 5));").code("console.log('slow');");
        let index = graph.module("index.js");
        index.is_async = true;
        index.import_bare("a.js").code("console.log('index');");
    }) {
        assert_eq!(run(&graph.link(), "main.mjs", "import './index.js'"), "slow\nb\na\nindex");
    }
}

#[test]
fn a_namespace_object_is_like_a_real_one_and_exists_before_any_module_runs() {
    for graph in both(|graph| {
        graph
            .module("a.js")
            .import_all("self", "b.js")
            .code("globalThis.early = typeof ‹self›;")
            .code("const ‹x› = 1;")
            .export_as("x", "__proto__")
            .export_as("x", "b-c")
            .export("x");
        graph
            .module("b.js")
            .import_all("ns", "a.js")
            .code("let ‹n› = 1;")
            .code("console.log(early, Object.keys(‹ns›).join(), ‹ns›.__proto__, ‹ns›['b-c'], Object.prototype.toString.call(‹ns›), Object.getPrototypeOf(‹ns›), Object.isExtensible(‹ns›));")
            .export("n");
    }) {
        let printed = run(&graph.link(), "main.mjs", "import './index.js'");
        assert_eq!(printed, "object __proto__,b-c,x 1 1 [object Module] null false");
    }
}

#[test]
fn stars_of_common_js_modules_are_copied_at_run_time() {
    for graph in both(|graph| {
        graph.common_js("c.js").code("‹exports›.a = 1; ‹exports›.default = 2; ‹exports›.own = 3;");
        graph.module("star.js").star("c.js").code("const ‹own› = 4;").export("own").needs_namespace = true;
        graph.module("index.js").import_all("ns", "star.js").code("console.log(‹ns›.a, ‹ns›.default, ‹ns›.own);");
    }) {
        assert_eq!(run(&graph.link(), "main.mjs", "import './index.js'"), "1 undefined 4");
    }
}

#[test]
fn a_common_js_module_may_run_where_it_stands() {
    let mut graph = Graph::new(Format::Es);
    graph.common_js("polyfill.js").code("globalThis.ready = true;").run_in_place = true;
    graph.module("app.js").code("console.log(globalThis.ready);");
    graph.module("index.js").import_bare("polyfill.js").import_bare("app.js").code("console.log('index');");
    assert_eq!(run(&graph.link(), "main.mjs", "import './index.js'"), "true\nindex");
}

#[test]
fn import_of_a_module_in_the_same_chunk_gives_its_namespace_later() {
    for graph in both(|graph| {
        graph.lazy("lazy.js").code("console.log('lazy runs');").code("const ‹x› = 1;").export("x");
        graph.common_js("c.js").code("‹module›.exports = { y: 2 };");
        graph
            .module("index.js")
            .code("‹import lazy.js›.then((ns) => console.log(ns.x));")
            .code("‹import c.js›.then((ns) => console.log(ns.default.y, ns.y));")
            .code("‹import missing.js›.catch((error) => console.log(error.code));")
            .code("console.log('first');");
    }) {
        let mut lines: Vec<String> =
            run(&graph.link(), "main.mjs", "import './index.js'").lines().map(str::to_owned).collect();
        assert_eq!(lines.remove(0), "first");
        lines.sort();
        assert_eq!(lines, ["1", "2 2", "MODULE_NOT_FOUND", "lazy runs"]);
    }
}

#[test]
fn a_common_js_entry_is_the_default_export() {
    let mut graph = Graph::new(Format::Es);
    graph.common_js("c.js").code("‹module›.exports = { a: 1 };");
    graph.chunk(ChunkKind::Entry, "index", "c.js");
    let output = graph.link();
    assert_eq!(output.chunks[ChunkIdx(0)].exports, ["default"]);
    assert_eq!(run(&output, "main.mjs", "import c from './index.js'; console.log(c.a)"), "1");
}

#[test]
fn the_result_of_new_is_that_of_the_source_when_a_request_becomes_a_call() {
    let mut graph = Graph::new(Format::Es);
    graph.common_js("c.js").code("‹module›.exports = class { constructor() { this.x = 1; } };");
    graph.common_js("index.js").code("console.log(new ‹require c.js›().x);");
    assert_eq!(run(&graph.link(), "main.mjs", "import './index.js'"), "1");
}
