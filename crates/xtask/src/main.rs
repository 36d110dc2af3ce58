//! Chores of the repository. `cargo xtask tidy` tests what must be absent: forbidden dependencies, forbidden calls,
//! overlong files, loose ends. It prints every fault with its file and exits with 1.

// The repository itself is the subject.
#![allow(clippy::disallowed_methods)]

mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("tidy") if arguments.len() == 1 => tidy(),
        _ => {
            eprintln!("usage: cargo xtask tidy");
            ExitCode::from(2)
        }
    }
}

fn tidy() -> ExitCode {
    // Asked when it runs: clones that share a build directory share this program, and the path that one of them was
    // compiled with is not the other's.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let root = manifest.ancestors().nth(2).map_or(manifest.clone(), PathBuf::from);
    let faults = tidy::faults(&root);
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("{} faults", faults.len());
    ExitCode::FAILURE
}
