//! What any bundler built on oxc must do at least, on all cores: stat every file; read and hash it; read, parse,
//! resolve names in and print it; the same with types stripped, compressed and mangled file by file. The phases are
//! measured against the last but one.

use crate::measure::{Spent, measure};
use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_mangler::Mangler;
use oxc_minifier::{CompressOptions, Compressor};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use oxc_transformer::{TransformOptions, Transformer};
use rayon::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug)]
pub struct Floor {
    pub stat: Spent,
    pub read_and_hash: Spent,
    pub read_parse_print: Spent,
    pub read_minify: Spent,
}

/// Floors of all sources below a directory, as JSON; milliseconds.
pub fn report(directory: &Path) -> Result<Value, String> {
    let files = sources(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    // Once to warm the caches of the file system and of the allocator.
    floor(&files);
    let floor = floor(&files);
    let spent = |spent: Spent| json!({ "wall": spent.wall, "cpu": spent.cpu });
    Ok(json!({
        "modules": files.len(),
        "stat": spent(floor.stat),
        "readAndHash": spent(floor.read_and_hash),
        "readParsePrint": spent(floor.read_parse_print),
        "readMinify": spent(floor.read_minify),
    }))
}

/// JavaScript and TypeScript below `directory`, sorted.
pub fn sources(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let (mut found, mut queue) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(folder) = queue.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                queue.push(path);
            } else if SourceType::from_path(&path).is_ok() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads each file four times. Errors of single files are not counted: they are as fast as a success.
pub fn floor(files: &[PathBuf]) -> Floor {
    let (stat, _) = measure(|| {
        let known = files.par_iter().filter_map(|file| std::fs::metadata(file).ok());
        known.map(|metadata| metadata.len()).sum::<u64>()
    });
    let (read_and_hash, _) = measure(|| {
        let hashed = files.par_iter().filter_map(|file| std::fs::read(file).ok());
        hashed.map(|bytes| Sha256::digest(bytes)[0] as usize).sum::<usize>()
    });
    let (read_parse_print, _) = measure(|| files.par_iter().map(|file| printed_len(file)).sum::<usize>());
    let (read_minify, _) = measure(|| files.par_iter().map(|file| minified_len(file)).sum::<usize>());
    Floor { stat, read_and_hash, read_parse_print, read_minify }
}

fn printed_len(file: &Path) -> usize {
    let (Ok(text), Ok(source_type)) = (std::fs::read_to_string(file), SourceType::from_path(file)) else { return 0 };
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &text, source_type).parse();
    let semantic = SemanticBuilder::new().build(&parsed.program).semantic;
    Codegen::new().with_scoping(Some(semantic.into_scoping())).build(&parsed.program).code.len()
}

/// The passes of oxc that a minifying build asks for, each at least once, with its defaults and nothing between them.
fn minified_len(file: &Path) -> usize {
    let (Ok(text), Ok(source_type)) = (std::fs::read_to_string(file), SourceType::from_path(file)) else { return 0 };
    let allocator = Allocator::default();
    let mut program = Parser::new(&allocator, &text, source_type).parse().program;
    let mut scoping = SemanticBuilder::new().with_enum_eval(true).build(&program).semantic.into_scoping();
    if source_type.is_typescript() || source_type.is_jsx() {
        Transformer::new(&allocator, file, &TransformOptions::default()).build_with_scoping(scoping, &mut program);
        scoping = SemanticBuilder::new().build(&program).semantic.into_scoping();
    }
    Compressor::new(&allocator).build_with_scoping(&mut program, scoping, CompressOptions::smallest());
    let mut semantic = SemanticBuilder::new().with_build_nodes(true).with_class_table(true).build(&program).semantic;
    let private_names = Mangler::new().build_with_semantic(&mut semantic, &program);
    Codegen::new()
        .with_options(CodegenOptions::minify())
        .with_scoping(Some(semantic.into_scoping()))
        .with_private_member_mappings(Some(private_names))
        .build(&program)
        .code
        .len()
}
