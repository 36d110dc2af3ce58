//! `determinism`: a line for every fixture, with a digest of everything that its builds give. `RAYON_NUM_THREADS` decides on how
//! many threads; `--reversed` lays the files out in the opposite order.

use std::process::ExitCode;

use cloudpack_testing::{Case, digest_of, discover, workspace_root};

fn main() -> ExitCode {
    let is_reversed = std::env::args().any(|argument| argument == "--reversed");
    for (name, folder) in discover(&workspace_root().join("fixtures")) {
        match Case::load(&name, &folder).and_then(|case| digest_of(&case, is_reversed)) {
            Ok(digest) => println!("{name} {digest}"),
            Err(failure) => {
                eprintln!("{name}: {failure}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
