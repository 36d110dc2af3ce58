//! Crashes, full disks and read errors, at every operation of a commit.

use crate::sim_disk::{Fate, Image, Operation, SimDisk, crash};
use crate::support::{HEAD, commit_of, count_right, leaf, list, open, payload};
use cloudpack_store::{Commit, Disk, Store};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Two commits: the image between them, the operations of the second, and the image after.
fn two_commits() -> (Image, Vec<Operation>, Image) {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    open(&shared).commit(commit_of(HEAD, 1, 0..20));
    let before = disk.image();
    disk.take_log();
    open(&shared).commit(commit_of(HEAD, 2, 10..30));
    (before, disk.take_log(), disk.image())
}

fn disk_of(image: Image) -> Arc<dyn Disk> {
    Arc::new(SimDisk::with_image(image))
}

/// Whatever is left, nothing that is found is wrong, the head is one of the two, and the next commit makes it whole.
fn check(image: Image, what: &str) {
    let disk = disk_of(image);
    let store = open(&disk);
    count_right(&store, 0..30);
    let head = store.head(HEAD);
    assert!([None, Some(list(1)), Some(list(2))].contains(&head), "{what}: {head:?}");
    drop(store);
    open(&disk).commit(commit_of(HEAD, 3, 0..30));
    let store = open(&disk);
    assert_eq!(count_right(&store, 0..30), 30, "{what}");
    assert_eq!(store.head(HEAD), Some(list(3)), "{what}");
    assert_eq!(store.verify().missing_segments, 0, "{what}");
    let leftovers = disk.list().expect("list");
    assert!(leftovers.iter().all(|name| !name.ends_with(".new")), "{what}: {leftovers:?}");
}

#[test]
fn a_process_that_dies_between_any_two_operations_leaves_a_store_that_opens() {
    let (before, operations, _) = two_commits();
    assert!(operations.len() >= 4, "a commit is a segment and a root, each written and renamed: {operations:?}");
    for done in 0..=operations.len() {
        let image = crash(&before, &operations[..done], &[]);
        let store = open(&disk_of(image.clone()));
        // Nothing of the first commit is lost by a second that dies.
        assert_eq!(count_right(&store, 0..20), 20, "after {done} operations");
        check(image, &format!("after {done} operations"));
    }
}

#[test]
fn writes_that_power_loss_tears_loses_or_reorders_give_misses_and_no_wrong_record() {
    let (before, operations, _) = two_commits();
    let mut fates = vec![Fate::Done, Fate::Lost];
    for eighths in [0, 1, 4, 7] {
        fates.extend([false, true].map(|zeros| Fate::Torn { eighths, zeros }));
    }
    let mut images = 0;
    for done in 1..=operations.len() {
        // Any three operations at the end may have gone any way; those before are down.
        let uncertain = done.min(3);
        for combination in 0..fates.len().pow(uncertain as u32) {
            let mut chosen = vec![Fate::Done; done - uncertain];
            let mut rest = combination;
            for _ in 0..uncertain {
                chosen.push(fates[rest % fates.len()]);
                rest /= fates.len();
            }
            check(crash(&before, &operations[..done], &chosen), &format!("{done} operations, {chosen:?}"));
            images += 1;
        }
    }
    assert!(images > 1_000, "{images}");
}

#[test]
fn a_full_disk_leaves_the_store_as_it_was_and_the_build_with_its_results() {
    let (before, operations, _) = two_commits();
    for room in 0..operations.len() {
        let disk = Arc::new(SimDisk::with_image(before.clone()));
        let shared: Arc<dyn Disk> = disk.clone();
        let mut store = open(&shared);
        disk.writes_left.store(room, Ordering::SeqCst);
        store.commit(commit_of(HEAD, 2, 10..30));
        assert_eq!(count_right(&store, 0..30), 30, "room for {room}");
        assert_eq!(store.head(HEAD), Some(list(2)), "room for {room}");
        store.commit(Commit { records: vec![(leaf(99), payload(99))], ..Commit::default() });
        assert!(store.take_warning().is_some() || room + 1 >= operations.len(), "room for {room}: said once");
        assert!(store.take_warning().is_none(), "room for {room}: and not again");
        disk.writes_left.store(usize::MAX, Ordering::SeqCst);
        check(disk.image(), &format!("room for {room}"));
    }
}

#[test]
fn a_read_error_anywhere_is_a_miss() {
    let (.., after) = two_commits();
    let disk = Arc::new(SimDisk::with_image(after));
    let shared: Arc<dyn Disk> = disk.clone();
    let mut found = Vec::new();
    for reads in 0..60 {
        disk.reads_left.store(reads, Ordering::SeqCst);
        let store: Store = open(&shared);
        found.push(count_right(&store, 0..30));
    }
    assert_eq!(found.first(), Some(&0));
    assert_eq!(found.last(), Some(&30), "all of it once the disk reads again");
    assert!(found.is_sorted(), "{found:?}");
}
