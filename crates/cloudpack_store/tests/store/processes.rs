//! Several stores over one directory.

use crate::sim_disk::SimDisk;
use crate::support::{HEAD, commit_of, count_right, leaf, list, open, options};
use cloudpack_store::{Commit, Disk, HeadName, Store, StoreOptions};
use std::sync::Arc;

const OTHER: HeadName = HeadName([2; 32]);

#[test]
fn commits_of_two_writers_that_opened_together_are_both_there() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let (mut first, mut second) = (open(&disk), open(&disk));
    first.commit(commit_of(HEAD, 1, 0..20));
    second.commit(commit_of(OTHER, 2, 10..30));
    let store = open(&disk);
    assert_eq!(count_right(&store, 0..30), 30);
    assert_eq!((store.head(HEAD), store.head(OTHER)), (Some(list(1)), Some(list(2))));
    assert_eq!(store.verify().records, 32, "records that both had were written once");
}

#[test]
fn a_reader_keeps_its_snapshot_while_others_write_and_merge() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    open(&disk).commit(commit_of(HEAD, 1, 0..20));
    let reader = open(&disk);
    for round in 0..40 {
        open(&disk).commit(commit_of(OTHER, 100 + round, 100 + round * 5..105 + round * 5));
    }
    assert_eq!(count_right(&reader, 0..20), 20);
    assert_eq!(reader.head(HEAD), Some(list(1)));
    assert_eq!(reader.head(OTHER), None);
}

#[test]
fn who_cannot_get_the_lock_keeps_its_results_and_says_so_once() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut store = open(&disk);
    let lock = disk.try_lock().expect("no error").expect("free");
    store.commit(commit_of(HEAD, 1, 0..5));
    assert_eq!(count_right(&store, 0..5), 5);
    let warning = store.take_warning().expect("a warning").to_string();
    assert!(warning.contains("another process"), "{warning}");
    drop(lock);
    assert_eq!(open(&disk).head(HEAD), None);
    // The lock is free again: what was kept in memory goes with the next commit.
    store.commit(commit_of(HEAD, 2, 5..6));
    assert_eq!(open(&disk).head(HEAD), Some(list(2)));
    assert_eq!(count_right(&open(&disk), 0..6), 6);
}

#[test]
fn a_read_only_store_reads_and_never_writes() {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    open(&shared).commit(commit_of(HEAD, 1, 0..20));
    let before = disk.image();
    let mut store = Store::on_disk(Arc::clone(&shared), StoreOptions { readonly: true, ..options() });
    store.commit(commit_of(HEAD, 2, 10..30));
    store.commit(Commit { distrusted: vec![leaf(3)], ..Commit::default() });
    assert_eq!(count_right(&store, 0..30), 30);
    assert!(store.take_warning().is_none());
    assert!(disk.image() == before);
}
