//! Source files: forbidden calls and words, length, and the lines they open with.

use std::path::Path;

use super::walk::{files, text};

const LONGEST: usize = 800;

/// Files that may be longer, with the reason. One that became short again is a fault too.
const LONG_FILES: &[(&str, &str)] = &[];

/// Crates that touch the disk and the environment; the others get a `FileSystem` and options.
const MAY_TOUCH_THE_SYSTEM: &[&str] =
    &["cloudpack_fs", "cloudpack_store", "cloudpack_testing", "cloudpack_bench", "xtask"];

const FOLDERS: &[&str] = &["crates", "engines", "js", "__test__", "benches", "npm", "docs", "examples", "conformance"];

pub(crate) fn faults(root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for folder in FOLDERS {
        for path in files(root, folder) {
            let Some(text) = text(root, &path) else { continue };
            check_file(root, &path, &text, &mut faults);
        }
    }
    for (path, _) in LONG_FILES {
        if text(root, path).is_none_or(|text| text.lines().count() <= LONGEST) {
            faults.push(format!("{path}: no longer long; remove it from LONG_FILES"));
        }
    }
    faults
}

fn check_file(root: &Path, path: &str, text: &str, faults: &mut Vec<String>) {
    let extension = path.rsplit('.').next().unwrap_or("");
    let is_code = matches!(extension, "rs" | "js" | "mjs" | "cjs" | "ts" | "mts" | "tsx" | "jsx");
    let is_generated = text.lines().take(3).any(|line| line.starts_with("/* auto-generated"));
    let is_own = is_code && !is_generated && !path.contains(".d.ts");
    if is_own {
        let lines = text.lines().count();
        if lines > LONGEST && !LONG_FILES.iter().any(|(known, _)| *known == path) {
            faults.push(format!("{path}: {lines} lines; more than {LONGEST} needs a reason in LONG_FILES"));
        }
        for (number, line) in text.lines().enumerate() {
            for word in loose_ends() {
                if has_word(line, &word) {
                    faults.push(format!("{path}:{}: {word}: do it, or write it under \"Unresolved\"", number + 1));
                }
            }
        }
    }
    for (number, line) in text.lines().enumerate() {
        if let Some(found) = machine_paths(root).iter().find(|found| line.contains(found.as_str())) {
            faults.push(format!("{path}:{}: a path of one machine: {found}", number + 1));
        }
    }
    if extension == "rs" {
        check_rust(path, text, faults);
    }
}

fn check_rust(path: &str, text: &str, faults: &mut Vec<String>) {
    let mut parts = path.split('/').skip(1);
    let (name, folder) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    if matches!(folder, "src" | "tests" | "benches") && !text.trim_start().starts_with("//!") {
        faults.push(format!("{path}: opens without //! lines that say what it decides, from what, to what"));
    }
    if folder == "src" && !MAY_TOUCH_THE_SYSTEM.contains(&name) {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            for forbidden in ["std::fs", "std::env"] {
                if code.contains(forbidden) {
                    faults.push(format!("{path}:{}: {forbidden} outside of cloudpack_fs", number + 1));
                }
            }
        }
    }
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("#[ignore") {
            faults.push(format!("{path}:{}: an ignored test; fix it or delete it", number + 1));
        }
    }
}

/// Put together, so that this file does not contain them.
fn loose_ends() -> [String; 2] {
    [format!("TO{}", "DO"), format!("FIX{}", "ME")]
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part)
    })
}

/// Home folders, and the folder of this checkout where its name is long enough to be no accident.
fn machine_paths(root: &Path) -> Vec<String> {
    let mut paths = vec![format!("/{}/", "root"), format!("/{}/", "home"), format!("/{}/", "Users")];
    let root = root.to_string_lossy().replace('\\', "/");
    if root.matches('/').count() > 1 {
        paths.push(root);
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(path: &str, text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        check_file(Path::new("/some/checkout"), path, text, &mut faults);
        faults
    }

    #[test]
    fn each_forbidden_thing_is_found() {
        let path = "crates/cloudpack_link/src/x.rs";
        let opening = "//! Says something.\n";
        let found = |line: &str| faults_of(path, &format!("{opening}{line}\n")).len();
        assert_eq!(found("let x = 1;"), 0);
        assert_eq!(found("use std::fs;"), 1);
        assert_eq!(found("// std::fs is not used here"), 0);
        assert_eq!(found(&format!("// {} later", loose_ends()[0])), 1);
        assert_eq!(found(&format!("let {}s = 1;", loose_ends()[0])), 0);
        assert_eq!(found("let path = \"/some/checkout/x\";"), 1);
        assert_eq!(found("#[ignore]"), 1);
        assert_eq!(faults_of(path, "let x = 1;").len(), 1);
        assert_eq!(faults_of(path, &format!("{opening}{}", "x\n".repeat(LONGEST))).len(), 1);
    }
}
