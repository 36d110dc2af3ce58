//! Bytes that are not what was written, by accident or by intent.

use crate::sim_disk::{Image, SimDisk};
use crate::support::{HEAD, IDENTITY, commit_of, count_right, leaf, list, open, options, payload};
use cloudpack_store::{
    Commit, Disk, INDEX_ENTRY_BYTES, Identity, ROOT_HEADER_BYTES, SEGMENT_FOOTER_BYTES, Store, StoreOptions,
};
use std::sync::Arc;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

fn image_of_one_commit(numbers: std::ops::Range<u32>) -> Image {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    open(&shared).commit(commit_of(HEAD, 1, numbers));
    disk.image()
}

fn store_of(image: Image) -> Store {
    open(&(Arc::new(SimDisk::with_image(image)) as Arc<dyn Disk>))
}

fn segment_name(image: &Image) -> String {
    image.keys().find(|name| name.ends_with(".seg")).expect("a segment").clone()
}

#[test]
fn no_flipped_bit_gives_a_wrong_record_or_a_panic() {
    let image = image_of_one_commit(0..12);
    let mut misses = 0;
    for name in image.keys() {
        for at in 0..image[name].len() {
            let mut damaged = image.clone();
            damaged.get_mut(name).expect("file")[at] ^= 1 << (at % 8);
            let store = store_of(damaged);
            misses += 12 - count_right(&store, 0..12);
            store.verify();
        }
    }
    assert!(misses > 0, "damage shows");
}

#[test]
fn a_damaged_record_is_written_again_by_the_next_commit() {
    let mut image = image_of_one_commit(0..12);
    let name = segment_name(&image);
    let bytes = image.get_mut(&name).expect("segment");
    let at = bytes.windows(40).position(|window| window == &payload(5)[..40]).expect("record 5");
    bytes[at] ^= 0x40;
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::with_image(image));
    let mut store = open(&disk);
    assert_eq!(store.verify().damaged, 1);
    assert!(store.get(&leaf(5)).is_none());
    let committed = store.commit(commit_of(HEAD, 1, 0..12));
    assert_eq!(committed.records, 1);
    assert_eq!(count_right(&open(&disk), 0..12), 12);
}

#[test]
fn files_cut_at_any_length_and_files_that_grew_are_misses() {
    let image = image_of_one_commit(0..12);
    for name in image.keys() {
        for length in 0..image[name].len() {
            let mut cut = image.clone();
            cut.get_mut(name).expect("file").truncate(length);
            assert_eq!(count_right(&store_of(cut), 0..12), 0, "{name} of {length} bytes");
        }
        let mut grown = image.clone();
        grown.get_mut(name).expect("file").extend([0; 64]);
        assert_eq!(count_right(&store_of(grown), 0..12), 0, "{name} with more at its end");
    }
}

/// Changes the index of the one segment and makes every checksum right again.
fn forge(image: &mut Image, change: impl FnOnce(&mut Vec<u8>)) {
    let name = segment_name(image);
    let segment = image.get_mut(&name).expect("segment");
    let footer_at = segment.len() - SEGMENT_FOOTER_BYTES;
    let footer = segment.split_off(footer_at);
    let offset_bytes: [u8; 8] = footer[8..16].try_into().expect("8 bytes");
    let index_at = u64::from_le_bytes(offset_bytes);
    let mut index = segment.split_off(index_at as usize);
    change(&mut index);
    let sum = xxh3_64_with_seed(&index, index_at).to_le_bytes();
    let records = (index.len() / INDEX_ENTRY_BYTES) as u64;
    segment.extend(&index);
    segment.extend(sum);
    segment.extend(offset_bytes);
    segment.extend(records.to_le_bytes());
    segment.extend(&footer[24..]);
    let length = segment.len() as u64;
    let root = image.get_mut("root").expect("root");
    root[ROOT_HEADER_BYTES + 16..ROOT_HEADER_BYTES + 24].copy_from_slice(&length.to_le_bytes());
    root[ROOT_HEADER_BYTES + 24..ROOT_HEADER_BYTES + 32].copy_from_slice(&sum);
    let root_sum = xxh3_64(&root[16..]).to_le_bytes();
    root[8..16].copy_from_slice(&root_sum);
}

#[test]
fn a_forged_index_that_changes_nothing_is_accepted() {
    // Otherwise the next three tests would pass for the wrong reason.
    let mut image = image_of_one_commit(0..12);
    forge(&mut image, |_| {});
    assert_eq!(count_right(&store_of(image), 0..12), 12);
}

#[test]
fn values_of_two_keys_exchanged_with_all_checksums_right_are_misses() {
    let mut image = image_of_one_commit(0..12);
    forge(&mut image, |index| {
        let second = index[INDEX_ENTRY_BYTES + 36..2 * INDEX_ENTRY_BYTES].to_vec();
        let first = index[36..INDEX_ENTRY_BYTES].to_vec();
        index[36..INDEX_ENTRY_BYTES].copy_from_slice(&second);
        index[INDEX_ENTRY_BYTES + 36..2 * INDEX_ENTRY_BYTES].copy_from_slice(&first);
    });
    let store = store_of(image);
    assert!(count_right(&store, 0..12) >= 10);
    assert_eq!(store.verify().damaged, 2);
}

#[test]
fn a_record_that_was_taken_out_with_all_checksums_right_is_a_miss() {
    for taken in 0..13 {
        let mut image = image_of_one_commit(0..12);
        forge(&mut image, |index| {
            drop(index.drain(taken * INDEX_ENTRY_BYTES..(taken + 1) * INDEX_ENTRY_BYTES));
        });
        let store = store_of(image);
        let rest = count_right(&store, 0..12) + usize::from(store.contains(&list(1)));
        assert_eq!(rest, 12, "all but entry {taken}");
    }
}

#[test]
fn duplicate_and_unsorted_entries_void_the_segment() {
    let mut image = image_of_one_commit(0..12);
    forge(&mut image, |index| {
        let first = index[..INDEX_ENTRY_BYTES].to_vec();
        index.extend(first);
    });
    assert_eq!(count_right(&store_of(image), 0..12), 0);
}

#[test]
fn offsets_outside_of_the_file_void_the_segment() {
    for offset in [0, 1 << 40, u64::MAX, u64::MAX - 40] {
        let mut image = image_of_one_commit(0..12);
        forge(&mut image, |index| index[40..48].copy_from_slice(&offset.to_le_bytes()));
        assert_eq!(count_right(&store_of(image), 0..12), 0, "{offset}");
    }
}

#[test]
fn a_store_of_another_build_is_empty_and_is_replaced() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::with_image(image_of_one_commit(0..12)));
    let other = StoreOptions { identity: Identity([8; 32]), ..options() };
    let mut store = Store::on_disk(Arc::clone(&disk), other);
    assert_eq!((count_right(&store, 0..12), store.head(HEAD)), (0, None));
    store.commit(commit_of(HEAD, 1, 0..3));
    let back = open(&disk);
    assert_eq!(back.head(HEAD), None, "and the first finds nothing of its own: {IDENTITY:?}");
    assert_eq!(disk.list().expect("list").iter().filter(|name| name.ends_with(".seg")).count(), 1);
}

#[test]
fn a_distrusted_record_is_replaced_and_the_second_time_in_a_row_the_store_is_put_aside() {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    let was_put_aside = || disk.was_quarantined.load(std::sync::atomic::Ordering::SeqCst);
    let wrong = || Commit { records: vec![(leaf(3), b"wrong".to_vec())], ..Commit::default() };
    let mended = || Commit { distrusted: vec![leaf(3)], ..commit_of(HEAD, 1, 0..12) };

    open(&shared).commit(wrong());
    open(&shared).commit(commit_of(HEAD, 1, 0..12));
    assert_eq!(open(&shared).get(&leaf(3)).as_deref(), Some(&b"wrong"[..]), "a commit does not compare");
    open(&shared).commit(mended());
    assert_eq!(count_right(&open(&shared), 0..12), 12);
    assert!(!was_put_aside(), "once may be an accident");

    open(&shared).commit(commit_of(HEAD, 2, 0..13));
    open(&shared).commit(mended());
    assert!(!was_put_aside(), "a good build lies between");
    let mut store = open(&shared);
    store.commit(mended());
    assert!(was_put_aside());
    assert!(store.take_warning().is_some_and(|warning| warning.to_string().contains("put aside")));
    assert_eq!(count_right(&open(&shared), 0..12), 12, "what this build learnt is kept");
    assert_eq!(count_right(&open(&shared), 12..13), 0, "and nothing else");
}

#[test]
fn a_segment_that_cannot_be_opened_for_now_is_not_given_up() {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    open(&shared).commit(commit_of(HEAD, 1, 0..12));
    disk.refuse_segments.store(true, std::sync::atomic::Ordering::SeqCst);
    let mut store = open(&shared);
    assert_eq!(count_right(&store, 0..12), 0);
    store.commit(commit_of(HEAD, 2, 12..24));
    disk.refuse_segments.store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(count_right(&open(&shared), 0..24), 24);
}

#[test]
fn a_damaged_list_is_made_anew_and_does_not_cost_the_next_collection_everything() {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    let limited = || Store::on_disk(Arc::clone(&shared), StoreOptions { max_bytes: 60_000, ..options() });
    limited().commit(commit_of(HEAD, 1, 0..100));
    let mut image = disk.image();
    let name = segment_name(&image);
    // The list holds the numbers of its leaves.
    let listed: Vec<u8> = (0..100u32).flat_map(u32::to_le_bytes).collect();
    let bytes = image.get_mut(&name).expect("segment");
    let at = bytes.windows(listed.len()).position(|window| window == listed).expect("the list");
    bytes[at] ^= 1;
    let disk = Arc::new(SimDisk::with_image(image));
    let shared: Arc<dyn Disk> = disk.clone();
    let limited = || Store::on_disk(Arc::clone(&shared), StoreOptions { max_bytes: 60_000, ..options() });
    // Enough that something has to go.
    limited().commit(commit_of(cloudpack_store::HeadName([9; 32]), 9, 1_000..1_200));
    limited().commit(commit_of(HEAD, 1, 0..100));
    limited().commit(commit_of(HEAD, 1, 0..100));
    let store = limited();
    assert_eq!(count_right(&store, 0..100), 100);
    assert!(store.get(&list(1)).is_some(), "the list is sound again");
    assert_eq!(store.verify().damaged, 0);
}
