//! `view: 'ci'`: what this build emitted against what the last build of these options emitted, wherever that ran. A deploy
//! uploads what is new and removes what is gone.
//!
//! The record is found by the options without the place of the project: a store that was restored on another machine, in
//! another directory, says what was deployed from the first. It lists names, hashes and sizes and nothing else.

use crate::cache_store::{DEPLOYED, SharedStore, json};
use crate::options::BuildOptions;
use crate::output::OutputBundle;
use cloudpack_base::{ContentHash, ContentHasher};
use cloudpack_store::{Commit, HeadName, Key};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::PoisonError;

/// Each list is sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CiView {
    /// New, or with other contents than in the last build.
    pub emitted: Vec<EmittedFile>,
    /// As in the last build.
    pub kept: Vec<EmittedFile>,
    /// Emitted by the last build and not by this one; with the hash that they had.
    pub removed: Vec<EmittedFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmittedFile {
    /// Index of the output.
    pub output: usize,
    /// Relative to the directory of the output.
    pub file_name: String,
    /// SHA-256, hexadecimal.
    pub hash: String,
    /// Bytes.
    pub size: u64,
}

/// The files of one output. A file that cannot be read any more is left out: it is missing from the disk too.
pub(crate) fn emitted(output: usize, bundle: &OutputBundle) -> Vec<EmittedFile> {
    let files = bundle.files.par_iter().filter_map(|file| {
        let bytes = file.bytes().ok()?;
        let hash = hex(&ContentHash::of(&bytes));
        Some(EmittedFile { output, file_name: file.file_name().to_owned(), hash, size: bytes.len() as u64 })
    });
    files.collect()
}

/// Compares with the last build, and takes its place in the store.
pub(crate) fn deploy(store: Option<&SharedStore>, options: &BuildOptions, mut now: Vec<EmittedFile>) -> CiView {
    now.sort();
    // Without a store nothing is known of earlier builds: everything is to be uploaded.
    let Some(store) = store else { return compare(Vec::new(), now) };
    let head = head_of(options);
    let before = {
        let store = store.read().unwrap_or_else(PoisonError::into_inner);
        let record = store.head(head).filter(|key| key.kind == DEPLOYED).and_then(|key| Some((key, store.get(&key)?)));
        // A record that is not what its digest says is none.
        let record = record.filter(|(key, record)| ContentHash::of(record).0 == key.digest);
        record.and_then(|(_, record)| serde_json::from_slice::<Vec<EmittedFile>>(&record).ok()).unwrap_or_default()
    };
    let record = json(&now);
    let key = Key { kind: DEPLOYED, digest: ContentHash::of(&record).0 };
    let commit = Commit { records: vec![(key, record)], heads: vec![(head, key)], distrusted: Vec::new() };
    store.write().unwrap_or_else(PoisonError::into_inner).commit(commit);
    compare(before, now)
}

fn compare(before: Vec<EmittedFile>, now: Vec<EmittedFile>) -> CiView {
    let name = |file: &EmittedFile| (file.output, file.file_name.clone());
    let mut before: BTreeMap<(usize, String), EmittedFile> =
        before.into_iter().map(|file| (name(&file), file)).collect();
    let mut view = CiView::default();
    for file in now {
        let is_kept = before.remove(&name(&file)).is_some_and(|former| former.hash == file.hash);
        if is_kept { view.kept.push(file) } else { view.emitted.push(file) }
    }
    view.removed = before.into_values().collect();
    view
}

/// Everything that the build is made of but the place: absolute paths below the project are as good as relative ones.
fn head_of(options: &BuildOptions) -> HeadName {
    let mut portable = BuildOptions { cache: None, watch: false, helpers_dir: None, ..options.clone() };
    let cwd = std::mem::take(&mut portable.cwd);
    let text = String::from_utf8_lossy(&json(&portable)).replace(&format!("\"{cwd}/"), "\"./");
    let mut head = ContentHasher::new();
    HeadName(head.field("deployed").field(text).finish().0)
}

fn hex(hash: &ContentHash) -> String {
    hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{CiView, EmittedFile, compare, head_of};
    use crate::options::BuildOptions;

    fn file(file_name: &str, hash: &str) -> EmittedFile {
        EmittedFile { output: 0, file_name: file_name.to_owned(), hash: hash.to_owned(), size: 1 }
    }

    #[test]
    fn a_file_with_another_hash_is_emitted_and_one_that_is_gone_is_removed() {
        let before = vec![file("a.js", "1"), file("b.js", "2"), file("c.js", "3")];
        let now = vec![file("a.js", "1"), file("b.js", "9"), file("d.js", "4")];
        let expected = CiView {
            kept: vec![file("a.js", "1")],
            emitted: vec![file("b.js", "9"), file("d.js", "4")],
            removed: vec![file("c.js", "3")],
        };
        assert_eq!(compare(before, now), expected);
    }

    #[test]
    fn the_head_depends_on_the_options_and_not_on_the_place() {
        let options = |cwd: &str, mode: &str| -> BuildOptions {
            let json = format!(
                r#"{{ "cwd": "{cwd}", "mode": "{mode}", "input": [{{ "name": "main", "import": "{cwd}/main.js" }}],
                     "helpersDir": "{cwd}/node_modules/helpers" }}"#
            );
            serde_json::from_str(&json).expect("options")
        };
        assert!(head_of(&options("/a", "production")) == head_of(&options("/deep/b", "production")));
        assert!(head_of(&options("/a", "production")) != head_of(&options("/a", "development")));
    }
}
