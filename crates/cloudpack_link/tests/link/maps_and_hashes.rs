//! Source maps to the token, hashes in names, changes by JavaScript between link and finalize.

use crate::common::Graph;
use cloudpack_base::{ChunkIdx, LineIndex};
use cloudpack_link::{ChunkChange, FinalChunk, Format, SourcemapMode, UpstreamMap};
use cloudpack_plan::ChunkKind;
use oxc_sourcemap::SourceMap;

const FIRST: ChunkIdx = ChunkIdx(0);

/// Where the map says that `needle` of the chunk comes from: source, line, column, name.
fn origin(chunk: &FinalChunk, needle: &str) -> (String, u32, u32, Option<String>) {
    let map = SourceMap::from_json_string(chunk.map.as_deref().unwrap()).unwrap();
    let at = chunk.code.find(needle).unwrap_or_else(|| panic!("no {needle} in {}", chunk.code));
    let (line, column) = LineIndex::new(&chunk.code).line_and_column(at as u32);
    let table = map.generate_lookup_table();
    let token = map.lookup_source_view_token(&table, line, column).unwrap();
    assert_eq!((token.get_dst_line(), token.get_dst_col()), (line, column), "{needle} has a token of its own");
    (
        token.get_source().unwrap().to_owned(),
        token.get_src_line(),
        token.get_src_col(),
        token.get_name().map(str::to_owned),
    )
}

fn mapped(minify: bool) -> Graph {
    let mut graph = Graph::new(Format::Es);
    graph.options.sourcemap = SourcemapMode::File;
    graph.options.minify = minify;
    graph.options.entry_file_names = "js/[name].js".to_owned();
    graph.module("src/a.js").code("/* é😀 */ const first = 1;\n").code("const ‹value› = 1;").export("value");
    graph
        .module("src/b.js")
        .import("imported", "src/a.js", "value")
        .code("const ‹value› = 2;")
        .code("console.log('😀', ‹imported›, ‹value›);");
    graph
}

#[test]
fn maps_lead_from_every_renamed_token_to_its_place_and_name() {
    let output = mapped(false).link();
    let chunk = &output.chunks[FIRST];
    // A name that stayed is not mentioned.
    assert_eq!(origin(chunk, "value = 1"), ("../../app/src/a.js".into(), 1, 6, None));
    assert_eq!(origin(chunk, "value$1 = 2"), ("../../app/src/b.js".into(), 0, 6, Some("value".into())));
    assert_eq!(origin(chunk, "value, value$1)"), ("../../app/src/b.js".into(), 1, 18, Some("imported".into())));
    assert_eq!(origin(chunk, "value$1)"), ("../../app/src/b.js".into(), 1, 28, Some("value".into())));
    assert!(chunk.code.ends_with("//# sourceMappingURL=index.js.map\n"));
    assert_eq!(chunk.map_file_name.as_deref(), Some("js/index.js.map"));
}

#[test]
fn maps_of_minified_code_count_columns_over_joined_pieces() {
    let output = mapped(true).link();
    let chunk = &output.chunks[FIRST];
    let (source, line, column, name) = origin(chunk, "t = 2");
    let origin_of_short = (source.as_str(), line, column, name.as_deref());
    assert_eq!(origin_of_short, ("../../app/src/b.js", 0, 6, Some("value")), "{}", chunk.code);
}

#[test]
fn a_transform_s_map_is_followed_to_the_user_s_text() {
    let mut graph = mapped(false);
    // Everything on the first line of b.js comes from line 10, column 4 of b.vue.
    let upstream =
        r#"{"version":3,"sources":["b.vue"],"sourcesContent":["<vue>"],"names":["original"],"mappings":"AAUIA"}"#;
    graph.modules[1].upstream = Some(UpstreamMap::parse(upstream, "b.js").unwrap());
    let output = graph.link();
    let chunk = &output.chunks[FIRST];
    assert_eq!(origin(chunk, "value$1 = 2"), ("../../app/src/b.vue".into(), 10, 4, Some("original".into())));
    assert!(UpstreamMap::parse("{", "b.js").is_err());
}

#[test]
fn inline_and_hidden_maps() {
    let mut graph = mapped(false);
    graph.options.sourcemap = SourcemapMode::Inline;
    let chunk = graph.link().chunks[FIRST].clone();
    assert!(chunk.code.contains("//# sourceMappingURL=data:application/json;charset=utf-8;base64,"));
    assert_eq!(chunk.map_file_name, None);
    graph.options.sourcemap = SourcemapMode::Hidden;
    let chunk = graph.link().chunks[FIRST].clone();
    assert!(!chunk.code.contains("sourceMappingURL") && chunk.map.is_some());
}

fn hashed(value: &str) -> Vec<String> {
    let mut graph = Graph::new(Format::Es);
    graph.options.entry_file_names = "[name]-[hash:10].js".to_owned();
    let lazy = graph.module("lazy.js");
    lazy.chunk = 1;
    lazy.code(&format!("console.log({value});"));
    let other = graph.module("other.js");
    other.chunk = 2;
    other.code("console.log('other');");
    graph.module("index.js").code("‹import lazy.js›;").code("‹import other.js›;");
    graph.chunk(ChunkKind::Entry, "index", "index.js");
    graph.chunk(ChunkKind::DynamicEntry, "lazy", "lazy.js");
    graph.chunk(ChunkKind::DynamicEntry, "other", "other.js");
    let output = graph.link();
    let code = &output.chunks[FIRST].code;
    for chunk in output.chunks.iter().skip(1) {
        assert!(code.contains(&format!("\"./{}\"", chunk.file_name)), "{code}");
        assert!(!chunk.file_name.contains('!'));
    }
    output.chunks.iter().map(|chunk| chunk.file_name.clone()).collect()
}

#[test]
fn hashes_change_with_what_a_chunk_leads_to_and_only_then() {
    let (before, same, after) = (hashed("1"), hashed("1"), hashed("2"));
    assert_eq!(before, same);
    assert_ne!(before[0], after[0]);
    assert_ne!(before[1], after[1]);
    assert_eq!(before[2], after[2]);
    assert_eq!(before[0].len(), "index-1234567890.js".len());
}

#[test]
fn changed_code_is_hashed_as_it_is_and_its_map_is_chained() {
    let mut graph = mapped(false);
    graph.options.entry_file_names = "[name]-[hash].js".to_owned();
    let plain = graph.link();
    let code = plain.chunks[FIRST].code.replace("//# sourceMappingURL", "");
    // The hook puts one line in front: the old first line is the new second.
    let lines = code.lines().count();
    let mappings = format!(";AAAA{}", ";AACA".repeat(lines));
    let change = ChunkChange {
        code: Some(format!("/* hook */\n{code}")),
        map: Some(format!(r#"{{"version":3,"sources":["x"],"names":[],"mappings":"{mappings}"}}"#)),
        extra_hash: None,
    };
    let changed = graph.link_changed(vec![change.clone()]);
    assert_ne!(changed.chunks[FIRST].file_name, plain.chunks[FIRST].file_name);
    let map = SourceMap::from_json_string(changed.chunks[FIRST].map.as_deref().unwrap()).unwrap();
    let table = map.generate_lookup_table();
    let code = &changed.chunks[FIRST].code;
    let at = code.find("const value$1").unwrap();
    let (line, column) = LineIndex::new(code).line_and_column(at as u32);
    let token = map.lookup_source_view_token(&table, line, column).unwrap();
    assert_eq!((token.get_source().unwrap(), token.get_src_line()), ("../app/src/b.js", 0));
    let again = graph.link_changed(vec![ChunkChange { extra_hash: Some("x".into()), ..change }]);
    assert_ne!(changed.chunks[FIRST].file_name, again.chunks[FIRST].file_name);
}

#[test]
fn two_chunks_with_one_name_get_two_files() {
    let mut graph = Graph::new(Format::Es);
    graph.options.chunk_file_names = "[name].js".to_owned();
    for (at, id) in ["a/x.js", "b/x.js", "index.js"].iter().enumerate() {
        graph.module(id).chunk = 2 - at as u32;
        graph.modules[at].code("console.log(1);");
    }
    graph.chunk(ChunkKind::Entry, "index", "index.js");
    graph.chunk(ChunkKind::DynamicEntry, "x", "b/x.js");
    graph.chunk(ChunkKind::DynamicEntry, "X", "a/x.js");
    let names: Vec<String> = graph.link().chunks.iter().map(|chunk| chunk.file_name.clone()).collect();
    assert_eq!(names, ["index.js", "x.js", "X2.js"]);
}
