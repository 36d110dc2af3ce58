//! What is promised of generated applications: equal bytes, complete requests, the asked-for shape, edits that stay small.

use super::{Application, Edit, EditKind, Options, application};
use crate::fingerprint::{Fingerprint, Origin};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

const MIXED: &str = include_str!("../../../../benches/fingerprints/mixed.json");

fn mixed() -> Fingerprint {
    Fingerprint::parse(MIXED).unwrap_or_else(|error| panic!("{error}"))
}

fn made(modules: usize, seed: u64, edits: &[Edit]) -> Application {
    application(&Options { fingerprint: &mixed(), modules, seed, average_bytes: None }, edits)
}

fn hash(application: &Application) -> String {
    let mut hash = Sha256::new();
    for (path, text) in &application.files {
        hash.update(format!("{path}\0{}\0", text.len()));
        hash.update(text);
    }
    format!("{:x}", hash.finalize())
}

#[test]
fn equal_seeds_give_equal_trees_on_every_machine() {
    let tree = made(300, 7, &[]);
    assert_eq!(hash(&tree), hash(&made(300, 7, &[])));
    assert_ne!(hash(&tree), hash(&made(300, 8, &[])));
    // On record: a change here means that figures before and after are of different applications.
    assert_eq!(hash(&tree), "569b1a9308ac45903d052cc1b6386758c71d9f6fcc569c62173c5316f44cbb8e");
    assert_eq!(format!("{:08x}", tree.checksum), "8afa8c36");
}

#[test]
fn there_are_as_many_modules_as_asked_for_each_with_its_own_path() {
    for count in [60, 300, 1_000, 2_357] {
        let application = made(count, 1, &[]);
        assert_eq!(application.modules, count);
        let paths: BTreeSet<&String> = application.files.iter().map(|(path, _)| path).collect();
        assert_eq!(paths.len(), application.files.len());
    }
}

#[test]
fn sizes_can_be_scaled_to_an_average() {
    let options = Options { fingerprint: &mixed(), modules: 1_000, seed: 1, average_bytes: Some(4_096) };
    let made = application(&options, &[]);
    let average = made.bytes / made.modules;
    assert!((2_800..6_000).contains(&average), "{average} bytes a module");
}

#[test]
fn every_relative_request_leads_to_a_file() {
    for seed in 1..4 {
        assert_complete(&made(400, seed, &[]));
    }
}

fn assert_complete(application: &Application) {
    let paths: BTreeSet<&str> = application.files.iter().map(|(path, _)| path.as_str()).collect();
    for (path, text) in &application.files {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let requests = ["from \"", "import \"", "require(\"", "import(\""];
        let starts = requests.iter().flat_map(|start| text.split(start).skip(1));
        for specifier in starts.filter_map(|rest| rest.split('"').next()).filter(|specifier| specifier.starts_with('.'))
        {
            let target = cloudpack_base::path::join(&format!("/{folder}"), specifier);
            let ends = ["", ".ts", ".tsx", ".js", ".jsx", "/index.ts", "/index.js"];
            let exists = ends.iter().any(|end| paths.contains(format!("{target}{end}").trim_start_matches('/')));
            assert!(exists, "{path}: {specifier}");
        }
    }
}

#[test]
fn every_edit_changes_few_files_and_leaves_no_request_without_a_file() {
    let before = made(400, 3, &[]);
    for (word, kind) in EditKind::ALL {
        let edited = made(400, 3, &[Edit { kind, turn: 1 }]);
        let old: BTreeSet<&(String, String)> = before.files.iter().collect();
        let changed = edited.files.iter().filter(|file| !old.contains(file)).count();
        let most = if kind == EditKind::Many { 40 } else { 30 };
        assert!((1..=most).contains(&changed), "{word}: {changed} files");
        let same_result = matches!(kind, EditKind::Comment | EditKind::NewExport | EditKind::Rename);
        assert_eq!(edited.checksum == before.checksum, same_result, "{word}");
        assert_complete(&edited);
        let again = made(400, 3, &[Edit { kind, turn: 1 }, Edit { kind, turn: 2 }]);
        assert_ne!(hash(&again), hash(&edited), "{word}");
    }
}

/// Means of what was asked for and of what came out.
#[test]
fn a_generated_application_has_the_fingerprint_that_it_was_made_from() -> std::io::Result<()> {
    let wanted = mixed();
    let folder = tempfile::tempdir()?;
    for (path, text) in &made(3_000, 1, &[]).files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        std::fs::write(path, text)?;
    }
    let found = Fingerprint::of_directories(&[&folder.path().join("src")], Origin::default())?;
    let near = |name: &str, found: f64, wanted: f64, factor: f64| {
        let ratio = (found + 0.5) / (wanted + 0.5);
        assert!(ratio < factor && ratio > 1.0 / factor, "{name}: {found} instead of {wanted}");
    };
    near("bytes", found.bytes.mean, wanted.bytes.mean, 1.5);
    near("fan-out", found.fan_out.mean, wanted.fan_out.mean, 1.5);
    near("depth", found.depth.mean, wanted.depth.mean, 2.5);
    near("exports", found.exports.mean, wanted.exports.mean, 1.5);
    near("directories", found.directory_files.mean, wanted.directory_files.mean, 2.0);
    near("comments", f64::from(found.comments), f64::from(wanted.comments), 1.5);
    near("type imports", f64::from(found.type_only_imports), f64::from(wanted.type_only_imports), 2.0);
    near("barrels", f64::from(found.barrels), f64::from(wanted.barrels), 1.5);
    near("side effects", f64::from(found.side_effect_modules), f64::from(wanted.side_effect_modules), 2.0);
    near("TypeScript", f64::from(found.files.ts), f64::from(wanted.files.ts), 1.3);
    near("style sheets", f64::from(found.files.css), f64::from(wanted.files.css), 1.3);
    Ok(())
}
