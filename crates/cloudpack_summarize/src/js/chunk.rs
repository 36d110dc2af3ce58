//! A whole chunk of linked modules -> the same program, compressed and named once more. What stands in another module is
//! seen here: constants, functions that are called once, names that are shared better between functions.
//!
//! The text comes from the linker and was compressed module by module, so nothing is lowered or replaced any more.

use super::depth;
use super::lower::{compress_smallest, may_use_with};
use super::parse::{self, Parsed};
use super::single_calls::{Single, inline_single_calls};
use super::{FormatHint, JsInput, JsOptions, JsxMode, Language};
use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions, LegalComment};
use oxc_mangler::{MangleOptions, Mangler};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How the text of a chunk is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChunkKind {
    Module,
    /// The body of a function, as Node sees it.
    CommonJs,
    /// Its top level is that of the page.
    Script,
}

pub struct ChunkInput<'i> {
    /// As readers know it.
    pub name: &'i str,
    pub code: &'i str,
    pub kind: ChunkKind,
    /// Texts that stand around the code and may declare or use names.
    pub around: &'i [&'i str],
    pub sourcemap: bool,
    pub legal_comments: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinifiedChunk {
    pub code: String,
    /// JSON text of a map to the code that was given.
    pub map: Option<String>,
}

/// `None`: the text is none that could be compressed as a whole, and stays as it is. Pure; cost is linear in the text,
/// dominated by the compressor.
pub fn minify_chunk(input: &ChunkInput<'_>, options: &JsOptions) -> Option<MinifiedChunk> {
    if input.kind != ChunkKind::Module && may_use_with(input.code) {
        return None;
    }
    let as_module = JsInput { id: input.name, source: input.code, language: Language::Js, format: FormatHint::Unknown };
    depth::check_depth(&as_module).ok()?;
    let allocator = Allocator::default();
    let source_type = match input.kind {
        ChunkKind::Module => SourceType::mjs(),
        ChunkKind::CommonJs => SourceType::cjs(),
        ChunkKind::Script => SourceType::script(),
    };
    let source_type = source_type.with_jsx(options.jsx == JsxMode::Preserve);
    let mut found = Vec::new();
    let parsed = parse::attempt(&allocator, allocator.alloc_str(input.code), source_type, &mut found)?;
    if !found.is_empty() {
        return None;
    }
    let Parsed { mut program, mut scoping } = parsed;
    let legal: Vec<&str> = program
        .comments
        .iter()
        .filter(|comment| input.legal_comments && comment.is_legal())
        .filter_map(|comment| input.code.get(comment.span.start as usize..comment.span.end as usize))
        .collect();
    let single = Single {
        own_top_level: input.kind != ChunkKind::Script,
        strict: input.kind == ChunkKind::Module,
        reserved: input.around.iter().flat_map(|text| words(text)).collect(),
    };
    if inline_single_calls(&allocator, &mut program, &scoping, &single) {
        scoping = SemanticBuilder::new().build(&program).semantic.into_scoping();
    }
    compress_smallest(&allocator, &mut program, scoping, options);
    let mut semantic = SemanticBuilder::new().with_build_nodes(true).with_class_table(true).build(&program).semantic;
    let mangle = MangleOptions {
        reserved: single.reserved.iter().map(|word| oxc_str::CompactStr::from(*word)).collect(),
        ..MangleOptions::default()
    };
    let private_names = Mangler::new().with_options(mangle).build_with_semantic(&mut semantic, &program);
    let scoping = semantic.into_scoping();
    let legal_comment = if input.legal_comments { LegalComment::Inline } else { LegalComment::None };
    let printed = Codegen::new()
        .with_options(CodegenOptions {
            minify: true,
            comments: CommentOptions { normal: false, jsdoc: false, annotation: false, legal: legal_comment },
            source_map_path: input.sourcemap.then(PathBuf::new),
            ..CodegenOptions::default()
        })
        .with_scoping(Some(scoping))
        .with_private_member_mappings(Some(private_names))
        .build(&program);
    let mut code = printed.code;
    // A licence stays where nothing is left of the statement that it stood at.
    for comment in legal {
        if !code.contains(comment) {
            code.push('\n');
            code.push_str(comment);
            code.push('\n');
        }
    }
    Some(MinifiedChunk { code, map: printed.map.map(|map| map.to_json_string()) })
}

/// Everything that could be a name.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
    text.split(move |character: char| !is_part(character)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::tests::options;
    use super::*;

    fn minified(code: &str, kind: ChunkKind, around: &[&str]) -> Option<String> {
        let input = ChunkInput { name: "main.js", code, kind, around, sourcemap: false, legal_comments: true };
        minify_chunk(&input, &JsOptions { minify: true, ..options() }).map(|made| made.code)
    }

    #[test]
    fn modules_of_one_chunk_are_compressed_as_one_program() {
        let code =
            "const answer=42;function once(value){return value+answer}console.log(once(1));export{once as default};";
        let made = minified(code, ChunkKind::Module, &[]).unwrap();
        assert!(!made.contains("answer") && made.contains("as default"), "{made}");
    }

    #[test]
    fn what_a_script_declares_is_there_for_other_scripts() {
        let made = minified("var library=function(){return{one:1}}();", ChunkKind::Script, &[]).unwrap();
        assert!(made.contains("var library="), "{made}");
    }

    #[test]
    fn directives_stay_in_front() {
        let made = minified("\"use strict\";exports.x=1;", ChunkKind::CommonJs, &[]).unwrap();
        assert!(made.starts_with("\"use strict\";"), "{made}");
    }

    #[test]
    fn names_around_the_code_are_left_to_it() {
        let code = "function first(){return Math.random()}export{first,first as second};";
        let made = minified(code, ChunkKind::Module, &["const e = 1, t = 2;"]).unwrap();
        assert!(!made.contains("function e(") && !made.contains("function t("), "{made}");
    }

    #[test]
    fn licences_stay_though_their_code_goes() {
        let made =
            minified("/*! by somebody */\nfunction unused(){}\nexport const x=1;", ChunkKind::Module, &[]).unwrap();
        assert!(made.contains("/*! by somebody */") && !made.contains("unused"), "{made}");
    }

    #[test]
    fn a_text_that_no_program_can_be_made_of_stays() {
        assert_eq!(minified("with(a){b}", ChunkKind::CommonJs, &[]), None);
        assert_eq!(minified("const a=;", ChunkKind::Module, &[]), None);
    }
}
