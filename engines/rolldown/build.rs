//! Linker arguments of a Node addon, and the release of Rolldown that the lock names.

use std::path::Path;

fn main() {
    napi_build::setup();
    let lock = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    let text = std::fs::read_to_string(&lock).unwrap_or_default();
    let version = text
        .split_once("name = \"rolldown\"\nversion = \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("", |(version, _)| version);
    println!("cargo::rustc-env=ROLLDOWN_VERSION={version}");
}
