//! A case is a folder `fixtures/<area>/<case>/` whose `case.json` says what is special about it and whose output is
//! on record.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::walk::text;

/// Fewer would mean that a folder got lost.
const FEWEST: usize = 200;

pub(crate) fn faults(root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    let mut abouts = BTreeSet::new();
    let mut count = 0;
    for area in folders(root, "fixtures") {
        for case in folders(root, &area) {
            count += 1;
            let path = format!("{case}/case.json");
            let file = text(root, &path).and_then(|text| serde_json::from_str::<Value>(&text).ok()).unwrap_or_default();
            match file.get("about").and_then(Value::as_str).map(str::to_owned) {
                Some(about) if about.len() >= 20 && about.ends_with(['.', '!', '?']) => {
                    if !abouts.insert(about) {
                        faults.push(format!("{path}: another case is about the same"));
                    }
                }
                Some(_) => faults.push(format!("{path}: `about` is not a sentence")),
                None => faults.push(format!("{path}: missing, not JSON, or without `about`")),
            }
            // A known fault shows before there is an output to put on record.
            let is_known = file.get("knownFailure").is_some();
            if !is_known && !root.join(&case).join("expected.snap").exists() {
                faults.push(format!("{case}: no expected.snap; UPDATE_SNAPSHOTS=1 cargo test -p cloudpack_testing"));
            }
        }
    }
    if count < FEWEST {
        faults.push(format!("fixtures: {count} cases, there were {FEWEST}"));
    }
    faults
}

fn folders(root: &Path, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        folders.map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())).collect();
    names.sort();
    names
}
