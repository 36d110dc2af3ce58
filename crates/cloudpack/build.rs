//! The identity of this build of the core: a digest of its sources, its dependencies, and the machine it is for. What
//! one build stored, another must not read: a fixed bug would live on in records.

#![allow(clippy::disallowed_methods, reason = "a build script reads the sources")]

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

fn main() {
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let crates = here.join("..");
    let mut files = Vec::new();
    for entry in fs::read_dir(&crates).into_iter().flatten().flatten() {
        let manifest = entry.path().join("Cargo.toml");
        println!("cargo::rerun-if-changed={}", manifest.display());
        files.push(manifest);
        let sources = entry.path().join("src");
        if sources.is_dir() {
            println!("cargo::rerun-if-changed={}", sources.display());
            collect(&sources, &mut files);
        }
    }
    // Versions, features and profiles.
    for manifest in ["../../Cargo.lock", "../../Cargo.toml"] {
        let manifest = here.join(manifest);
        println!("cargo::rerun-if-changed={}", manifest.display());
        files.push(manifest);
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(&crates).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file).unwrap_or_default().hash(&mut hasher);
    }
    for of_the_machine in
        ["CARGO_CFG_TARGET_ARCH", "CARGO_CFG_TARGET_ENDIAN", "CARGO_CFG_TARGET_POINTER_WIDTH", "PROFILE"]
    {
        std::env::var(of_the_machine).unwrap_or_default().hash(&mut hasher);
    }
    println!("cargo::rustc-env=CLOUDPACK_BUILD={:016x}", hasher.finish());
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
