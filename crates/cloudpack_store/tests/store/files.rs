//! The directory on a real disk, and what others may have put in its place.

use crate::support::{HEAD, commit_of, count_right, leaf, list, options};
use cloudpack_store::{Commit, Store, StoreOptions};
use std::path::Path;

fn check_memory_mode(directory: &Path, says: &str) {
    let mut store = Store::open(directory, options());
    store.commit(commit_of(HEAD, 1, 0..5));
    assert_eq!(count_right(&store, 0..5), 5, "works from memory");
    let warning = store.take_warning().expect("a warning").to_string();
    assert!(warning.contains(says), "{warning}");
    assert!(store.take_warning().is_none(), "once");
}

#[test]
fn a_directory_is_made_filled_read_again_and_cleared() {
    let place = tempfile::tempdir().expect("a directory");
    let directory = place.path().join("deep").join("store");
    Store::open(&directory, options()).commit(commit_of(HEAD, 1, 0..100));
    let mut store = Store::open(&directory, options());
    assert_eq!(count_right(&store, 0..100), 100);
    assert_eq!(store.verify().records, 101);
    let moved = place.path().join("moved");
    std::fs::rename(&directory, &moved).expect("rename");
    assert_eq!(count_right(&Store::open(&moved, options()), 0..100), 100, "it does not know where it lies");
    assert_eq!(count_right(&store, 0..100), 100, "and open files stay readable");
    store = Store::open(&moved, options());
    store.clear().expect("clear");
    assert_eq!(count_right(&Store::open(&moved, options()), 0..100), 0);
    let left: Vec<_> =
        std::fs::read_dir(&moved).expect("list").map(|entry| entry.expect("entry").file_name()).collect();
    assert_eq!(left, ["lock"]);
}

#[test]
fn a_quarter_of_a_million_records_are_found_again() {
    const COUNT: u32 = 250_000;
    let place = tempfile::tempdir().expect("a directory");
    let mut records: Vec<_> = (0..COUNT).map(|number| (leaf(number), number.to_le_bytes().to_vec())).collect();
    // What no head reaches would be dropped by the collection that so large a commit brings on.
    records.push((list(1), (0..COUNT).flat_map(u32::to_le_bytes).collect()));
    let commit = Commit { records, heads: vec![(HEAD, list(1))], ..Commit::default() };
    let committed = Store::open(place.path(), options()).commit(commit);
    assert_eq!(committed.records, COUNT as usize + 1);
    let store = Store::open(place.path(), options());
    assert_eq!(store.info().records, COUNT as usize + 1);
    for number in (0..COUNT).step_by(997) {
        assert_eq!(store.get(&leaf(number)).as_deref(), Some(&number.to_le_bytes()[..]), "record {number}");
    }
    assert!(store.get(&leaf(COUNT)).is_none());
}

#[test]
fn deleted_while_it_is_open_it_is_made_again_by_the_next_commit() {
    let place = tempfile::tempdir().expect("a directory");
    let directory = place.path().join("store");
    let mut store = Store::open(&directory, options());
    store.commit(commit_of(HEAD, 1, 0..20));
    std::fs::remove_dir_all(&directory).expect("remove");
    store.commit(commit_of(HEAD, 2, 0..30));
    assert!(store.take_warning().is_none());
    assert_eq!(count_right(&Store::open(&directory, options()), 0..30), 30);
}

#[test]
fn a_file_where_the_directory_should_be_means_memory() {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("store");
    std::fs::write(&path, "mine").expect("write");
    check_memory_mode(&path, "not a directory");
    assert_eq!(std::fs::read_to_string(&path).expect("read"), "mine");
}

#[cfg(unix)]
#[test]
fn a_link_where_the_directory_should_be_is_not_followed() {
    let place = tempfile::tempdir().expect("a directory");
    let elsewhere = place.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).expect("directory");
    let path = place.path().join("store");
    std::os::unix::fs::symlink(&elsewhere, &path).expect("link");
    check_memory_mode(&path, "symbolic link");
    assert_eq!(std::fs::read_dir(&elsewhere).expect("list").count(), 0);
}

#[cfg(unix)]
#[test]
fn pipes_and_links_in_the_place_of_files_are_neither_waited_for_nor_followed() {
    let place = tempfile::tempdir().expect("a directory");
    let directory = place.path().join("store");
    Store::open(&directory, options()).commit(commit_of(HEAD, 1, 0..20));
    let segment = std::fs::read_dir(&directory)
        .expect("list")
        .map(|entry| entry.expect("entry").path())
        .find(|path| path.extension().is_some_and(|extension| extension == "seg"))
        .expect("a segment");
    for file in [segment, directory.join("root")] {
        std::fs::remove_file(&file).expect("remove");
        let made = std::process::Command::new("mkfifo").arg(&file).status().expect("mkfifo");
        assert!(made.success());
        assert_eq!(count_right(&Store::open(&directory, options()), 0..20), 0);
    }
    let mut store = Store::open(&directory, options());
    store.commit(commit_of(HEAD, 2, 0..20));
    assert_eq!(count_right(&Store::open(&directory, options()), 0..20), 20, "a commit puts files there again");
}

#[test]
fn a_segment_cut_short_while_it_is_open_is_a_miss_and_no_signal() {
    let place = tempfile::tempdir().expect("a directory");
    let directory = place.path().join("store");
    Store::open(&directory, options()).commit(commit_of(HEAD, 1, 0..200));
    let store = Store::open(&directory, options());
    assert_eq!(count_right(&store, 0..200), 200);
    for entry in std::fs::read_dir(&directory).expect("list") {
        let file = std::fs::OpenOptions::new().write(true).open(entry.expect("entry").path()).expect("open");
        file.set_len(100).expect("cut");
    }
    assert_eq!(count_right(&store, 0..200), 0);
}

#[test]
fn a_read_only_store_makes_no_directory_of_its_own_files() {
    let place = tempfile::tempdir().expect("a directory");
    let directory = place.path().join("store");
    let mut store = Store::open(&directory, StoreOptions { readonly: true, ..options() });
    store.commit(commit_of(HEAD, 1, 0..20));
    assert_eq!(count_right(&store, 0..20), 20);
    assert_eq!(std::fs::read_dir(&directory).map_or(0, Iterator::count), 0);
}
