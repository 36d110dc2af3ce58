//! What relocations become: constants, shorthands, URLs, joined declarations.

use crate::common::{Graph, run};
use cloudpack_link::Format;
use cloudpack_summary::ConstantValue;

#[test]
fn constants_are_copied_to_their_uses_and_stay_one_expression() {
    for minify in [false, true] {
        let mut graph = Graph::new(Format::Es);
        graph.options.minify = minify;
        graph
            .module("a.js")
            .code("const ‹n› = -2;")
            .code("const ‹i› = 5;")
            .code("const ‹s› = 'use strict';")
            .code("const ‹b› = true;")
            .code("const ‹u› = undefined;")
            .constant("n", ConstantValue::Number(-2.0))
            .constant("i", ConstantValue::Number(5.0))
            .constant("s", ConstantValue::String("use \"strict\"".into()))
            .constant("b", ConstantValue::Boolean(true))
            .constant("u", ConstantValue::Undefined)
            .export("n")
            .export("i")
            .export("s")
            .export("b")
            .export("u");
        graph
            .module("index.js")
            .import("n", "a.js", "n")
            .import("i", "a.js", "i")
            .import("s", "a.js", "s")
            .import("b", "a.js", "b")
            .import("u", "a.js", "u")
            .import("missing", "a.js", "missing")
            .code("‹s›;")
            .code("console.log(1-‹n›, ‹n› ** 2, ‹i›.toFixed(1), ‹s›.length, ‹b›.toString(), typeof ‹u›, ‹missing›?.x, [‹n›].length);")
            .code("console.log(JSON.stringify({ ‹{i}›, ‹{b}›, ‹{u}› }), ‹b› ? 1 : 2, !‹b›);");
        let printed = run(&graph.link(), "main.mjs", "import './index.js'");
        assert_eq!(printed, "3 4 5.0 12 true undefined undefined 1\n{\"i\":5,\"b\":true} 1 false");
    }
}

#[test]
fn a_shorthand_relaxes_when_the_name_is_the_key() {
    let mut graph = Graph::new(Format::Es);
    graph.module("a.js").code("const ‹x› = 1;").code("const ‹y› = 2;").export("x").export("y");
    graph
        .module("index.js")
        .import("x", "a.js", "x")
        .import("z", "a.js", "y")
        .code("const ‹__proto__› = 3;")
        .code("console.log({ ‹{x}›, ‹{z}› });");
    assert!(graph.text().contains("console.log({ x, z: y });"), "{}", graph.text());
}

#[test]
fn a_shorthand_prototype_stays_a_property() {
    let mut graph = Graph::new(Format::Es);
    graph.options.minify = true;
    graph.module("index.js").code("const ‹__proto__› = 3;").code("console.log(Object.keys({ ‹{__proto__}› }).join());");
    assert_eq!(run(&graph.link(), "main.mjs", "import './index.js'"), "__proto__");
}

#[test]
fn neighbouring_declarations_of_one_kind_are_joined_when_minified() {
    let mut graph = Graph::new(Format::Es);
    graph.options.minify = true;
    graph.common_js("c.js").code("‹exports›.a=1;");
    graph
        .module("index.js")
        .import("a", "c.js", "a")
        .code("var ‹x›=1;")
        .code("var ‹y›=2;")
        .code("const ‹z›=3;")
        .code("const ‹w›=4;")
        .code("console.log(‹a›,‹x›,‹y›,‹z›,‹w›);");
    let text = graph.text();
    let (_, joined) = text.rsplit_once("});").unwrap();
    assert!(joined.starts_with("var ") && joined.matches("var ").count() == 1, "{joined}");
    assert_eq!(joined.matches("const ").count(), 1, "{joined}");
    assert_eq!(run(&graph.link(), "main.mjs", "import './index.js'"), "1 1 2 3 4");
}

#[test]
fn assets_are_reached_from_where_the_chunk_lies_or_from_the_base() {
    let build = |format, base: Option<&str>| {
        let mut graph = Graph::new(format);
        graph.options.base = base.map(str::to_owned);
        graph.options.entry_file_names = "js/[name].js".to_owned();
        graph.module("b.png").asset_file = Some("assets/b c.png".to_owned());
        graph.modules[0].code("const ‹url› = ‹own asset›;").export("url");
        graph.module("inline.svg").inline_asset("data:image/svg+xml,<svg/>");
        graph
            .module("index.js")
            .import("url", "b.png", "url")
            .code("console.log(‹url›, ‹url b.png›.pathname, ‹url inline.svg›.protocol);");
        graph
    };
    let main = "await import('./js/index.js')";
    for (format, main_name, main) in [
        (Format::Es, "main.mjs", main),
        (Format::Cjs, "main.cjs", "require('./js/index.js')"),
        (Format::Iife, "main.cjs", "require('./js/index.js')"),
    ] {
        let printed = run(&build(format, None).link(), main_name, main);
        let mut words = printed.split(' ');
        let (href, pathname) = (words.next().unwrap(), words.next().unwrap());
        assert!(href.starts_with("file:///") && href.ends_with("/assets/b%20c.png"), "{printed}");
        assert!(pathname.ends_with("/assets/b%20c.png"), "{printed}");
        assert!(printed.ends_with(" data:"), "{printed}");
    }
    let printed = run(&build(Format::Es, Some("https://cdn.example/x")).link(), "main.mjs", main);
    assert_eq!(printed, "https://cdn.example/x/assets/b%20c.png /x/assets/b%20c.png data:");
}

#[test]
fn import_meta_url_has_a_form_in_every_format() {
    for (format, main_name, main) in [
        (Format::Es, "main.mjs", "import './index.js'"),
        (Format::Cjs, "main.cjs", "require('./index.js')"),
        (Format::Iife, "main.cjs", "require('./index.js')"),
    ] {
        let mut graph = Graph::new(format);
        graph.module("index.js").code("console.log(‹meta.url›.split('/').pop());");
        assert_eq!(run(&graph.link(), main_name, main), "index.js");
    }
}

#[test]
fn a_classic_script_in_a_page_believes_only_a_script_element() {
    let mut graph = Graph::new(Format::Iife);
    graph.module("index.js").code("seen.push(‹meta.url›);");
    let main = "const vm = require('vm'), fs = require('fs'); const code = fs.readFileSync(__dirname + '/index.js', 'utf8'); const seen = [];
for (const tagName of ['SCRIPT', 'IMG']) vm.runInNewContext(code, { seen, document: { currentScript: { tagName, src: 'https://a/' + tagName } }, location: { href: 'https://page/' } });
console.log(seen.join());";
    assert_eq!(run(&graph.link(), "main.cjs", main), "https://a/SCRIPT,https://page/");
}
