//! Chores of the repository. `cargo xtask tidy` tests what must be absent: forbidden dependencies, forbidden calls,
//! overlong files, loose ends. It prints every fault with its file and exits with 1. `cargo xtask oracle --seed N --steps N`,
//! `cargo xtask kill --builds N` and `cargo xtask fuzz --count N` are programs of `cloudpack_testing`, compiled as a release
//! is: most of their time is builds.

// The repository itself is the subject.
#![allow(clippy::disallowed_methods)]

mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("tidy") if arguments.len() == 1 => tidy(),
        Some(program @ ("oracle" | "kill" | "fuzz")) => run(program, arguments.get(1..).unwrap_or_default()),
        _ => {
            eprintln!(
                "usage: cargo xtask tidy | oracle [--seed N] [--steps N] | kill [--builds N] | fuzz [--seed N] [--count N]"
            );
            ExitCode::from(2)
        }
    }
}

/// A program of its own crate, which `xtask` does not compile: `tidy` needs none of the bundler.
fn run(program: &str, arguments: &[String]) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let package = ["run", "--quiet", "--release", "--package", "cloudpack_testing", "--bin", program, "--"];
    match std::process::Command::new(cargo).args(package).args(arguments).status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("cargo could not be started: {error}");
            ExitCode::FAILURE
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
