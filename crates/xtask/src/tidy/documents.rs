//! The crate map of ARCHITECTURE.md lists the crates that exist, all of them and no others.

use std::collections::BTreeSet;
use std::path::Path;

use super::walk::text;

pub(crate) fn faults(root: &Path) -> Vec<String> {
    let Some(document) = text(root, "ARCHITECTURE.md") else {
        return vec!["ARCHITECTURE.md: missing".to_owned()];
    };
    let members = members(root);
    let named = crates_named(&document);
    let missing = members.difference(&named).map(|name| format!("ARCHITECTURE.md: does not mention the crate {name}"));
    let unknown = named.difference(&members).map(|name| format!("ARCHITECTURE.md: there is no crate {name}"));
    missing.chain(unknown).collect()
}

fn members(root: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root.join("crates")).into_iter().flatten().flatten();
    let crates = entries.filter(|entry| entry.path().join("Cargo.toml").exists());
    crates.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// `cloudpack` itself and `xtask` count when they stand alone in backquotes or at the start of a line.
fn crates_named(document: &str) -> BTreeSet<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let words = document.split(|character| !is_part(character));
    let mut named: BTreeSet<String> = words.filter(|word| word.starts_with("cloudpack_")).map(str::to_owned).collect();
    for name in ["cloudpack", "xtask"] {
        let opens = |line: &str| line.trim_start().strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
        if document.contains(&format!("`{name}`")) || document.lines().any(opens) {
            named.insert(name.to_owned());
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::crates_named;

    #[test]
    fn crates_are_found_in_prose_and_in_lists() {
        let named = crates_named("see `cloudpack_base`, cloudpack_fs.\n  xtask   chores\nthe cloudpack way");
        assert_eq!(named.into_iter().collect::<Vec<_>>(), ["cloudpack_base", "cloudpack_fs", "xtask"]);
    }
}
