//! Size: nothing is written when there is nothing to say, small segments are merged, and the limit is kept.

use crate::sim_disk::SimDisk;
use crate::support::{HEAD, commit_of, count_right, list, open, options};
use cloudpack_store::{Commit, Committed, Disk, HeadName, Store, StoreOptions};
use std::sync::Arc;

fn bytes_of(disk: &SimDisk) -> usize {
    disk.image().values().map(Vec::len).sum()
}

#[test]
fn a_hundred_commits_of_nothing_new_write_nothing() {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    open(&shared).commit(commit_of(HEAD, 1, 0..50));
    let before = disk.image();
    disk.take_log();
    for _ in 0..100 {
        let committed = open(&shared).commit(commit_of(HEAD, 1, 0..50));
        assert_eq!(committed, Committed::default());
    }
    assert!(disk.take_log().is_empty());
    assert!(disk.image() == before);
}

#[test]
fn the_same_commits_make_the_same_files() {
    let images = [(); 2].map(|()| {
        let disk = Arc::new(SimDisk::new());
        let shared: Arc<dyn Disk> = disk.clone();
        for round in 0..30 {
            open(&shared).commit(commit_of(HEAD, round, round * 3..round * 3 + 10));
        }
        disk.image()
    });
    assert!(images[0] == images[1]);
}

#[test]
fn three_hundred_small_commits_stay_few_segments_and_lose_nothing() {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    open(&shared).commit(commit_of(HEAD, 0, 0..2_000));
    let mut written = 0;
    for round in 1..=300 {
        written += open(&shared).commit(commit_of(HEAD, round, 1_999 + round..2_003 + round)).bytes;
        assert!(open(&shared).info().segments <= 13);
    }
    let store = open(&shared);
    assert_eq!(count_right(&store, 0..2_303), 2_303);
    assert_eq!(store.head(HEAD), Some(list(300)));
    assert!(written < 1_000_000, "a small commit does not copy the large one: {written}");
}

#[test]
fn over_the_limit_what_was_used_least_recently_goes_first() {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    // About 300 bytes a record: 100 of them are some 40 kB.
    let limit = 200_000;
    let limited = || Store::on_disk(Arc::clone(&shared), StoreOptions { max_bytes: limit, ..options() });
    let name = |number: u32| HeadName([number as u8; 32]);
    for build in 0..30 {
        limited().commit(commit_of(name(build), build, build * 100..build * 100 + 100));
        // The first is used again and again.
        limited().commit(Commit { heads: vec![(name(0), list(0))], ..Commit::default() });
        assert!(bytes_of(&disk) < limit as usize * 2 + 60_000, "{} bytes", bytes_of(&disk));
    }
    let store = limited();
    assert_eq!(store.head(name(29)), Some(list(29)));
    assert_eq!(count_right(&store, 2_900..3_000), 100, "the newest");
    assert_eq!(count_right(&store, 0..100), 100, "the one in use");
    assert_eq!(count_right(&store, 100..200), 0, "an old one");
}

#[test]
fn one_build_larger_than_the_limit_is_kept_and_not_copied_again_each_time() {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    let limited = || Store::on_disk(Arc::clone(&shared), StoreOptions { max_bytes: 50_000, ..options() });
    limited().commit(commit_of(HEAD, 0, 0..1_000));
    let one_build = bytes_of(&disk);
    let mut written = 0;
    for round in 1..=50 {
        written += limited().commit(commit_of(HEAD, round, round..1_000 + round)).bytes;
        assert!(bytes_of(&disk) < one_build + 150_000);
    }
    assert_eq!(count_right(&limited(), 50..1_050), 1_000);
    assert!(written < 50 * 20_000, "{written}");
}
