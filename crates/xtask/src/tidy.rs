//! The list of checks. Each takes the repository's root and gives sentences that begin with a file or a crate.

mod dependencies;
mod documents;
mod fixtures;
mod sources;
mod walk;

use std::path::Path;

pub(crate) fn faults(root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    // Which crate may know which.
    faults.extend(dependencies::faults(root));
    // What no source file may contain, how long it may be, how it opens.
    faults.extend(sources::faults(root));
    // Every case says what is special about it.
    faults.extend(fixtures::faults(root));
    // Documents name what exists.
    faults.extend(documents::faults(root));
    faults
}
