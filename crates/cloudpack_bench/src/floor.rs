//! What any bundler built on oxc must do at least, on all cores: stat every file; read and hash it; read, parse,
//! resolve names in and print it. The phases are measured against the last.

use crate::measure::{Spent, measure};
use oxc_allocator::Allocator;
use oxc_codegen::Codegen;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use rayon::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug)]
pub struct Floor {
    pub stat: Spent,
    pub read_and_hash: Spent,
    pub read_parse_print: Spent,
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

/// Reads each file three times. Errors of single files are not counted: they are as fast as a success.
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
    Floor { stat, read_and_hash, read_parse_print }
}

fn printed_len(file: &Path) -> usize {
    let (Ok(text), Ok(source_type)) = (std::fs::read_to_string(file), SourceType::from_path(file)) else { return 0 };
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &text, source_type).parse();
    let semantic = SemanticBuilder::new().build(&parsed.program).semantic;
    Codegen::new().with_scoping(Some(semantic.into_scoping())).build(&parsed.program).code.len()
}
