//! The runner of `fixtures/`: a case is a folder, and each is built in every mode, run by Node, and compared with what
//! Node does with the unbundled modules. What a case may say stands in `case`; the order of all checks in `check`.
//!
//! ```text
//! cargo test -p cloudpack_testing                      all cases
//! cargo test -p cloudpack_testing -- tla/              cases whose name contains `tla/`
//! UPDATE_SNAPSHOTS=1 cargo test -p cloudpack_testing   rewrites expected.snap
//! ```

// The disk is the subject here: cases are laid out on a real one and Node reads the results from it.
#![allow(clippy::disallowed_methods)]

mod build;
mod case;
mod check;
mod diagnostics;
mod digest;
pub mod faults;
pub mod fuzz;
mod node;
mod observation;
mod options;
pub mod oracle;
mod place;
mod snapshot;
mod source_map;
mod tree;
mod variant;
mod warm;

pub use case::{Case, discover};
pub use check::check;
pub use digest::digest_of;

use std::path::PathBuf;

/// What went wrong, for a reader at a terminal.
pub type Failure = String;

/// The root of the repository.
pub fn workspace_root() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).map_or(manifest.clone(), PathBuf::from)
}
