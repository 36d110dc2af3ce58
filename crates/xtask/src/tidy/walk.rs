//! Files of the repository, as relative paths with `/`, sorted. Build results and installed packages are passed over.

use std::path::Path;

pub(crate) fn files(root: &Path, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(root, folder, &mut found);
    found.sort();
    found
}

fn collect(root: &Path, folder: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if !entry.path().is_dir() {
            found.push(path);
        } else if !matches!(name.as_str(), "target" | "node_modules" | "dist" | ".git") {
            collect(root, &path, found);
        }
    }
}

/// Text of a file; `None` for what is not UTF-8.
pub(crate) fn text(root: &Path, path: &str) -> Option<String> {
    std::fs::read_to_string(root.join(path)).ok()
}
