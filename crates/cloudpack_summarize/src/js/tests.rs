//! What the summariser makes of small sources, written with the relocated places in `‹kind:target›`.

use super::*;
use cloudpack_base::Idx;
use cloudpack_object::{RelocationKind, SectionShape};
use cloudpack_summary::{ModuleSummary, SectionFlags, SymbolFlags, SymbolKind};

pub(super) fn options() -> JsOptions {
    JsOptions {
        minify: false,
        sourcemap: false,
        env: None,
        jsx: JsxMode::Automatic { import_source: None, development: false },
        legacy_decorators: false,
        decorator_metadata: false,
        assign_class_fields: false,
        verbatim_module_syntax: false,
        defines: None,
        pure_functions: Vec::new(),
        annotations: true,
        property_read_side_effects: true,
        unknown_global_side_effects: true,
        drop_console: false,
        drop_debugger: false,
        commonjs_paths: false,
        keep_urls: false,
        keep_unused: false,
    }
}

fn input<'a>(id: &'a str, source: &'a str) -> JsInput<'a> {
    let language = match id.rsplit('.').next() {
        Some("ts") => Language::Ts,
        Some("tsx") => Language::Tsx,
        Some("jsx") => Language::Jsx,
        _ => Language::Js,
    };
    JsInput { id, source, language, format: FormatHint::Unknown }
}

/// Text of all sections, one line break between; `!` before a section with side effects, `?` before one that is pure
/// if its calls are.
fn dump(summary: &ModuleSummary, object: &ModuleObject) -> String {
    let mut text = String::new();
    let (mut at, mut relocation_at) = (0usize, 0usize);
    for (index, section) in object.sections.iter_enumerated() {
        let facts = &summary.sections[index];
        if facts.flags.contains(SectionFlags::SIDE_EFFECTS) {
            text.push('!');
        }
        if !facts.conditions().pure_if.is_empty() {
            text.push('?');
        }
        while relocation_at < section.relocations_end as usize {
            let relocation = object.relocations[relocation_at];
            let offset = relocation.offset as usize;
            assert!(offset >= at, "relocations are sorted");
            text.push_str(&object.text[at..offset]);
            at = offset;
            use RelocationKind as K;
            let shown = match relocation.kind {
                K::Name | K::Callee | K::Shorthand | K::Member => summary.symbols[relocation.symbol()].name.to_string(),
                K::DynamicImport | K::Require | K::NewUrl | K::WorkerUrl | K::RequireResolve => {
                    summary.requests[relocation.request()].specifier.to_string()
                }
                _ => String::new(),
            };
            let label = match relocation.kind {
                K::Name => String::new(),
                K::DeclarationHead => "H".into(),
                K::DeclarationTail => "T".into(),
                kind => format!("{kind:?}:"),
            };
            text.push_str(&format!("‹{label}{shown}›"));
            relocation_at += 1;
        }
        text.push_str(&object.text[at..section.text_end as usize]);
        at = section.text_end as usize;
    }
    text
}

fn compile(id: &str, source: &str, options: &JsOptions) -> (ModuleSummary, ModuleObject) {
    let (summary, object, diagnostics) = summarize_js(input(id, source), options);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(summary.sections.len(), object.sections.len());
    assert_eq!(summary.symbols.len(), object.symbol_spans.len());
    (summary, object)
}

fn text(source: &str) -> String {
    let (summary, object) = compile("a.js", source, &options());
    dump(&summary, &object)
}

#[test]
fn top_level_mentions_become_relocations_and_nested_ones_stay() {
    assert_eq!(
        text(
            "import { a as b, c } from './x';\nexport const d = b(1);\nfunction e(c2) { const b2 = c; return c2 + b2 + d; }\n"
        ),
        "?‹H›const ‹d› = ‹Callee:b›(1)‹T›;\nfunction ‹e›(c2) {\n\tconst b2 = ‹c›;\n\treturn c2 + b2 + ‹d›;\n}\n"
    );
}

#[test]
fn lists_of_declarations_are_cut_and_patterns_are_kept_together() {
    assert_eq!(
        text("export let a = 1, { b, c: [d] } = {}, e;"),
        "‹H›let ‹a› = 1‹T›;\n!‹H›let { ‹Shorthand:b›b: , c: [‹d›] } = {}‹T›;\n‹H›let ‹e›‹T›;\n"
    );
}

#[test]
fn default_exports_become_variables_unless_they_name_something_fixed() {
    let (summary, object) = compile("foo.js", "export default 1 + x;", &options());
    assert_eq!(dump(&summary, &object), "!‹H›const ‹foo_default› = 1 + x‹T›;\n");
    assert_eq!(&*summary.local_exports[0].exported, "default");
    let (summary, object) = compile("foo.js", "function f() {}\nexport default f;", &options());
    assert_eq!(dump(&summary, &object), "function ‹f›() {}\n");
    assert_eq!(&*summary.symbols[summary.local_exports[0].symbol].name, "f");
    let (summary, object) = compile("foo.js", "export default class {}", &options());
    assert_eq!(dump(&summary, &object), "‹H›const ‹foo_default› = { default: class {} }.default‹T›;\n");
    assert_eq!(object.sections.as_slice()[0].shape, SectionShape::Declaration);
}

#[test]
fn namespace_members_are_symbols_of_their_own() {
    let (summary, object) =
        compile("a.js", "import * as ns from './x';\nns.foo(ns['bar'], ns);\ndelete ns.z;\nns?.q;", &options());
    assert_eq!(dump(&summary, &object), "?‹Callee:foo›(‹bar›, ‹ns›);\n!delete ‹ns›.z;\n!‹Member:q›?.q;\n");
    let members =
        summary.symbols.iter().filter(|symbol| matches!(&symbol.kind, SymbolKind::Import { namespace: Some(_), .. }));
    assert_eq!(members.count(), 3);
}

#[test]
fn members_of_imports_are_symbols_of_their_own_at_any_depth() {
    let source = "import { x } from './x';\nx.y.z(x.y['a-b']?.c, x[0], x.w = 1, delete x.v.u);";
    let (summary, object) = compile("a.js", source, &options());
    assert_eq!(
        dump(&summary, &object),
        "!‹Member:z›.y.z(‹Member:c›.y[\"a-b\"]?.c, ‹x›[0], ‹x›.w = 1, delete ‹Member:v›.v.u);\n"
    );
    let path = |symbol| cloudpack_summary::member_path(&summary.symbols, symbol).count();
    let covered: Vec<_> =
        object.relocations.iter().map(|relocation| (relocation.covers, path(relocation.symbol()))).collect();
    assert_eq!(covered, [(4, 3), (12, 4), (0, 1), (0, 1), (2, 2)]);
}

#[test]
fn destructuring_assignments_name_key_and_target_apart() {
    assert_eq!(
        text("let a, b;\n({ a, b = 2 } = { a, b });"),
        "‹H›let ‹a›‹T›;\n‹H›let ‹b›‹T›;\n!({a: ‹a›, b: ‹b› = 2} = {\n\t‹Shorthand:a›a: ,\n\t‹Shorthand:b›b: \n});\n"
    );
}

#[test]
fn variables_of_blocks_and_loops_keep_a_removable_keyword() {
    assert_eq!(
        text("for (var i = 0, n = 2; i < n; i++) {}\nif (x) { var { q } = y; }"),
        "!for (‹VarHead:›var ‹i› = 0, ‹n› = 2; ‹i› < ‹n›; ‹i›++) {}\n!if (x) {\n\t‹VarHead:›var ‹q›, { ‹Shorthand:q›q:  } = y;\n}\n"
    );
}

#[test]
fn requests_are_found_wherever_they_stand() {
    let source = "const a = () => import('./a');\nexport const w = () => new Worker(new URL('./w.js', import.meta.url), { type: 'module' });\nexport const u = new URL('./u.png', import.meta.url);\nif (import.meta.url) {}\nrequire('./r');";
    assert_eq!(
        text(source),
        "‹H›const ‹a› = () => ‹DynamicImport:./a›‹T›;\n‹H›const ‹w› = () => new Worker(‹WorkerUrl:./w.js›, { type: \"module\" })‹T›;\n‹H›const ‹u› = ‹NewUrl:./u.png›‹T›;\nif (‹ImportMetaUrl:›) {}\n!‹Require:./r›;\n"
    );
}

#[test]
fn commonjs_that_replaces_what_it_exports_is_one_section_with_its_parameters_relocated() {
    let (summary, object) = compile(
        "a.js",
        "'use strict';\nvar x = require('./x');\nthis.y = 1;\nmodule.exports = function () { return exports.x; };",
        &options(),
    );
    assert_eq!(summary.format, ModuleFormat::CommonJs);
    assert_eq!(
        dump(&summary, &object),
        "\"use strict\";\n!var x = ‹Require:./x›;\n‹CjsThis:›.y = 1;\n‹CjsModule:›.exports = function() {\n\treturn ‹CjsExports:›.x;\n};\n"
    );
    assert_eq!(&*object.nested_names[0], "x");
    assert!(summary.commonjs.is_none());
}

#[test]
fn commonjs_that_exports_name_by_name_is_cut_and_its_locals_stay_text() {
    let (summary, object) = compile(
        "a.js",
        "function f() { return g; }\nvar g = 1;\nexports.f = f;\nexports.g = exports.h = void 0;\nexports.i = h();",
        &options(),
    );
    assert_eq!(
        dump(&summary, &object),
        "function f() {\n\treturn g;\n}\n‹H›var g = 1‹T›;\n‹CjsExports:›.f = f;\n‹CjsExports:›.g = ‹CjsExports:›.h = void 0;\n!‹CjsExports:›.i = h();\n"
    );
    let names: Vec<&str> = summary.commonjs.iter().flat_map(|known| &known.names).map(|(name, _)| &**name).collect();
    assert_eq!(names, ["f", "g", "h", "i"]);
}

#[test]
fn static_blocks_that_add_to_their_class_have_no_effects() {
    let source = "class A { static { this.prototype.isA = true; this.made = 1; } }\nclass B extends A { static { this.prototype.isB = true; } }\nclass C { static { this.c = f(); } }\nclass D { static set d(d) {} static { this.d = 1; } }\nclass E extends f { static { this.e = 1; } }\nexport {};";
    let (summary, _) = compile("a.mjs", source, &options());
    let has_effects: Vec<bool> =
        summary.sections.iter().map(|section| section.flags.contains(SectionFlags::SIDE_EFFECTS)).collect();
    assert_eq!(has_effects, [false, false, true, true, true]);
}

#[test]
fn classes_that_only_fill_their_objects_are_pure() {
    let source = "class A { constructor(x = 0) { this.x = x; A.prototype.isA = true; } }\nclass B { y = new A(); set z(z) {} }\nclass C { constructor() { this.z = 1; } set z(z) {} }\nconst a = new A();\nconst b = [new B()];\nconst c = new C();\nA.a = 1;\nexport {};";
    let (summary, _) = compile("a.mjs", source, &options());
    let flags: Vec<(bool, usize)> = summary
        .sections
        .iter()
        .map(|section| (section.flags.contains(SectionFlags::SIDE_EFFECTS), section.conditions().pure_if.len()))
        .collect();
    // `C` sets a property whose setter runs.
    assert_eq!(flags, [(false, 0), (false, 0), (false, 0), (false, 0), (false, 0), (false, 1), (false, 0)]);
    let with = |section| summary.sections[cloudpack_base::SectionIdx(section)].conditions().effects_with.len();
    // Wanted with what it declares, and with `A`.
    assert_eq!([with(3), with(4), with(6)], [1, 1, 0]);
}

#[test]
fn typescript_and_jsx_are_lowered_before_anything_is_recorded() {
    let (summary, object) = compile(
        "a.tsx",
        "import { type T, C } from './c';\nimport type { D } from './d';\nenum E { A, B = 5 }\nexport const el = (p: T) => <C a={E.B}>{p}</C>;",
        &options(),
    );
    let specifiers: Vec<&str> = summary.requests.iter().map(|request| &*request.specifier).collect();
    assert!(
        specifiers.contains(&"react/jsx-runtime") && specifiers.contains(&"./c") && specifiers.len() == 2,
        "{specifiers:?}"
    );
    assert!(
        dump(&summary, &object).contains("= (p) => /* @__PURE__ */ ‹Callee:_jsx›(‹C›, {"),
        "{}",
        dump(&summary, &object)
    );
}

#[test]
fn enums_are_removable_if_unused() {
    let (summary, _) = compile("a.ts", "export enum E { A, B = A << 1 }", &options());
    assert!(!summary.sections.iter().any(|section| section.flags.contains(SectionFlags::SIDE_EFFECTS)));
}

#[test]
fn constants_and_purity_are_recorded() {
    let source = "export const a = -1;\nexport const b = 'x';\nexport let c = 1;\nc = 2;\n/* @__NO_SIDE_EFFECTS__ */ export function f() { g(); }\nexport const h = /* @__NO_SIDE_EFFECTS__ */ () => g();";
    let (summary, _) = compile("a.js", source, &options());
    let facts: Vec<(String, bool, bool)> = summary
        .symbols
        .iter()
        .filter_map(|symbol| match &symbol.kind {
            SymbolKind::Declared { constant, flags, .. } => {
                Some((symbol.name.to_string(), constant.is_some(), flags.contains(SymbolFlags::PURE_FUNCTION)))
            }
            _ => None,
        })
        .collect();
    let expected =
        [("a", true, false), ("b", true, false), ("c", false, false), ("f", false, true), ("h", false, true)];
    for (name, constant, pure) in expected {
        let found = facts.iter().find(|fact| fact.0 == name).unwrap();
        assert_eq!((found.1, found.2), (constant, pure), "{name}");
    }
}

#[test]
fn minified_text_has_short_nested_names_and_all_markers() {
    let mut minified = options();
    minified.minify = true;
    let (summary, object) = compile(
        "a.js",
        "import { first, second } from './x';\nexport function outer(longName, other) { const inner = first(longName); return inner + other + second.value; }\nconsole.log(outer(1, 2));",
        &minified,
    );
    let dumped = dump(&summary, &object);
    assert_eq!(
        dumped,
        "function ‹outer›(e,t){return ‹Callee:first›(e)+t+‹Member:value›.value}!console.log(‹Callee:outer›(1,2));"
    );
    assert_eq!(object.nested_names.iter().map(|name| &**name).collect::<Vec<_>>(), ["e", "t"]);
}

#[test]
fn map_segments_point_at_tokens_of_the_source() {
    let mut mapped = options();
    mapped.sourcemap = true;
    let source = "import { foo } from './x';\nexport const bar = foo(\n  'é', baz);";
    let (_, object) = compile("a.js", source, &mapped);
    for segment in &object.segments {
        let rest = &object.text[segment.offset as usize..];
        let line = source.lines().nth(segment.line as usize).unwrap();
        let original: String = line
            .encode_utf16()
            .skip(segment.column as usize)
            .map(|unit| char::from_u32(u32::from(unit)).unwrap())
            .collect();
        if rest.starts_with("baz") || rest.starts_with('"') {
            assert_eq!(original.chars().nth(1), if rest.starts_with('"') { Some('é') } else { Some('a') });
        }
    }
    let names: Vec<&str> = object.map_names.iter().map(|name| &**name).collect();
    assert_eq!(names, ["bar", "foo"]);
    assert!(object.segments.len() >= 5, "{:?}", object.segments);
}

/// Each segment as `printed<-written`, with `=name` where it has one; `‹›` is what the linker writes.
fn mapped_words(id: &str, source: &str, minify: bool) -> Vec<String> {
    let (_, object) = compile(id, source, &JsOptions { sourcemap: true, minify, ..options() });
    let word = |text: &str| text.split(|character: char| !character.is_alphanumeric()).next().unwrap_or("").to_owned();
    let place = |segment: &cloudpack_object::MapSegment| {
        let relocated = object.relocations.iter().any(|relocation| {
            relocation.offset + u32::from(relocation.covers) == segment.offset
                && matches!(relocation.kind, RelocationKind::Name | RelocationKind::Callee | RelocationKind::Shorthand)
        });
        let printed = if relocated { "‹›".to_owned() } else { word(&object.text[segment.offset as usize..]) };
        let line = source.lines().nth(segment.line as usize).unwrap_or_default();
        let original = word(line.get(segment.column as usize..).unwrap_or_default());
        let name = object.map_names.get(segment.name as usize).map_or(String::new(), |name| format!("={name}"));
        format!("{printed}<-{original}{name}")
    };
    object.segments.iter().map(place).collect()
}

#[track_caller]
fn assert_maps(id: &str, source: &str, minify: bool, wanted: &str, times: usize) {
    let words = mapped_words(id, source, minify);
    assert_eq!(words.iter().filter(|word| *word == wanted).count(), times, "{wanted} in {words:?}");
}

#[test]
fn a_renamed_word_has_its_name_also_where_it_begins_a_statement() {
    let source = "export function run(value) {\n  value.go();\n  if (value) return;\n  use(value);\n}";
    assert_maps("a.js", source, true, "e<-value=value", 4);
}

#[test]
fn both_words_of_a_property_that_was_a_shorthand_are_mapped() {
    assert_maps("a.js", "export function f(key) { return { key } }", true, "e<-key=key", 2);
    let source = "export function f(o) { let key; ({ key } = o); return g(key, o) }";
    assert_maps("a.js", source, true, "key<-key", 1);
    assert_maps("a.js", source, true, "t<-key=key", 3);
    let source = "let key = g();\nexport const o = () => ({ key });";
    assert_maps("a.js", source, false, "‹›<-key=key", 2);
}

#[test]
fn a_member_of_a_namespace_is_mapped_to_its_name() {
    let source = "import * as ns from './x';\nconsole.log(ns.member(), ns['other']);";
    assert_maps("a.js", source, false, "‹›<-member=member", 1);
    assert_maps("a.js", source, false, "‹›<-other=other", 1);
}

#[test]
fn declarations_that_are_cut_apart_keep_their_names() {
    assert_maps("a.js", "var a = g(), b = g();\nconsole.log(a, b);", false, "‹›<-b=b", 2);
}

#[test]
fn a_parameter_that_is_a_property_is_mapped_twice() {
    assert_maps("a.ts", "export class C { constructor(readonly kind: string) {} }", true, "e<-kind=kind", 2);
}

#[test]
fn faults_are_values_with_a_place() {
    let (_, _, diagnostics) = summarize_js(input("a.js", "import { a } from './x';\na = 1;\na++;"), &options());
    assert_eq!(diagnostics.len(), 2, "{diagnostics:?}");
    assert_eq!(diagnostics[0].code, "ILLEGAL_REASSIGNMENT");
    assert_eq!(diagnostics[0].loc.as_ref().map(|loc| (loc.line, loc.column)), Some((2, 0)));
    let (_, _, diagnostics) = summarize_js(input("a.js", "let x = ;"), &options());
    assert_eq!(diagnostics[0].code, "PARSE_ERROR");
}

#[test]
fn sources_that_nest_too_deeply_are_refused() {
    for source in [
        "(".repeat(200_000),
        "[".repeat(200_000),
        format!("x = {}1", "!".repeat(200_000)),
        format!("x = 1{}", "+1".repeat(200_000)),
    ] {
        let (_, _, diagnostics) = summarize_js(input("a.js", &source), &options());
        assert_eq!(diagnostics[0].code, "TOO_DEEP");
    }
}

#[test]
fn a_file_without_module_syntax_is_hoisted_only_when_strictness_cannot_be_seen() {
    let format = |source: &str| compile("a.js", source, &options()).0.format;
    assert_eq!(format("console.log(1)"), ModuleFormat::EsModule);
    assert_eq!(format("x = 1"), ModuleFormat::CommonJs);
    assert_eq!(format("with (a) b"), ModuleFormat::CommonJs);
    assert_eq!(format("globalThis.a = this"), ModuleFormat::CommonJs);
    assert_eq!(format("if (a) return"), ModuleFormat::CommonJs);
    assert_eq!(format("await 1"), ModuleFormat::EsModule);
    assert_eq!(format("import('./x')"), ModuleFormat::EsModule);
    let first = compile("a.js", "export const a = 1", &options()).0.symbols.indices().next().unwrap();
    assert_eq!(first.index(), 0);
}

#[test]
fn an_import_of_another_phase_is_refused_and_not_read_as_another_import() {
    for (source, word) in
        [("import source x from './a.wasm'", "source"), ("import defer * as x from './a.js'", "defer")]
    {
        let (_, _, diagnostics) = summarize_js(input("a.js", source), &options());
        let [diagnostic] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
        assert_eq!(diagnostic.code, "UNSUPPORTED_SYNTAX");
        assert_eq!(diagnostic.message, format!("\"import {word}\" is not supported"));
        assert!(diagnostic.loc.is_some());
    }
}
