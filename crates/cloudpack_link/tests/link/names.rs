//! Final names: unique in the chunk, never captured, never hiding a global.

use crate::common::{Graph, run};
use cloudpack_link::Format;
use cloudpack_summary::ModuleFlags;

#[test]
fn two_modules_with_the_same_name_keep_one_and_number_the_other() {
    let mut graph = Graph::new(Format::Es);
    graph.module("a.js").code("const ‹value› = 1;").export("value");
    graph.module("b.js").import("other", "a.js", "value").code("const ‹value› = ‹other› + 1;").export("value");
    assert_eq!(
        graph.text(),
        "//#region a.js\nconst value = 1;\n//#endregion\n//#region b.js\nconst value$1 = value + 1;\n//#endregion\nexport { value$1 as value };\n"
    );
}

#[test]
fn a_name_that_a_nested_scope_would_capture_is_changed_only_where_it_is_mentioned() {
    let mut graph = Graph::new(Format::Es);
    graph.module("a.js").code("const ‹value› = 1;").export("value").code("const ‹free› = 1;");
    graph
        .module("b.js")
        .import("imported", "a.js", "value")
        .nested(&["value", "free", "value$1"])
        .code("function ‹f›(value, value$1) { return value + ‹imported›; }")
        .export("f");
    let output = graph.link();
    let code = &output.chunks[cloudpack_base::ChunkIdx(0)].code;
    assert!(code.contains("const value$2 = 1;") && code.contains("return value + value$2;"), "{code}");
    assert!(code.contains("const free = 1;"), "b.js does not mention it\n{code}");
    let printed = run(&output, "main.mjs", "import { f } from './index.js'; console.log(f(40, 0))");
    assert_eq!(printed, "41");
}

#[test]
fn globals_reserved_words_and_helpers_are_never_hidden() {
    let mut graph = Graph::new(Format::Es);
    graph.common_js("c.js").nested(&["__toESM"]).code("‹exports›.a = 1;");
    graph.module("a.js").code("const ‹name› = 1;").code("const ‹Object› = 2;");
    graph.module("b.js").import("a", "c.js", "a").globals(&["name"]).code("globalThis.seen = [‹a›, typeof name];");
    let output = graph.link();
    let code = &output.chunks[cloudpack_base::ChunkIdx(0)].code;
    assert!(code.contains("const name$1 = 1;") && code.contains("const Object$1 = 2;"), "{code}");
    assert!(code.contains("var __toESM$1 ="), "{code}");
    assert_eq!(run(&output, "main.mjs", "import './index.js'; console.log(seen.join())"), "1,undefined");
}

#[test]
fn short_names_go_by_frequency_and_around_nested_ones() {
    let mut graph = Graph::new(Format::Es);
    graph.options.minify = true;
    graph
        .module("a.js")
        .nested(&["e", "t"])
        .code("const ‹rare›=1;")
        .code("const ‹often›=2;")
        .code("globalThis.seen=function(e,t){return e+t+‹often›+‹often›+‹often›+‹rare›};");
    let output = graph.link();
    let code = &output.chunks[cloudpack_base::ChunkIdx(0)].code;
    assert_eq!(code, "const r=1,n=2;globalThis.seen=function(e,t){return e+t+n+n+n+r};");
    assert_eq!(run(&output, "main.mjs", "import './index.js'; console.log(seen(1, 2))"), "10");
}

#[test]
fn short_names_skip_globals_and_keep_what_eval_may_look_for() {
    let mut graph = Graph::new(Format::Es);
    graph.options.minify = true;
    graph.module("a.js").globals(&["e", "n"]).code("const ‹first›=1;").code("console.log(‹first›,typeof e,typeof n);");
    let module = graph.module("b.js");
    module.code("const ‹t›=2;").code("console.log(eval('t'));");
    module.summary.flags.insert(ModuleFlags::DIRECT_EVAL);
    let output = graph.link();
    let code = &output.chunks[cloudpack_base::ChunkIdx(0)].code;
    assert!(code.starts_with("const r=1;"), "{code}");
    assert_eq!(run(&output, "main.mjs", "import './index.js'"), "1 undefined undefined\n2");
}

#[test]
fn thousands_of_short_names_stay_unique() {
    let mut graph = Graph::new(Format::Es);
    graph.options.minify = true;
    for module in 0..300 {
        let module = graph.module(&format!("m{module}.js"));
        module.nested(&["e", "t", "n", "r", "i"]);
        for symbol in 0..12 {
            module.code(&format!("const ‹v{symbol}›={symbol};"));
        }
        module.code("globalThis.total=(globalThis.total||0)+‹v1›+‹v11›;");
    }
    let output = graph.link();
    assert_eq!(run(&output, "main.mjs", "import './index.js'; console.log(total)"), "3600");
}
