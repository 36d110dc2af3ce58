//! Keys and records that say what they should be, so that a test sees a wrong answer without a table.

use cloudpack_store::{Commit, Disk, HeadName, Identity, Key, Store, StoreOptions};
use std::sync::Arc;

pub(crate) const IDENTITY: Identity = Identity([7; 32]);
pub(crate) const HEAD: HeadName = HeadName([1; 32]);

/// Records of this kind list keys: 36 bytes each.
pub(crate) const LIST: u32 = 1;
pub(crate) const LEAF: u32 = 2;

pub(crate) fn options() -> StoreOptions {
    StoreOptions { identity: IDENTITY, max_bytes: 1 << 30, readonly: false, references }
}

fn references(key: &Key, record: &[u8], out: &mut Vec<Key>) {
    if key.kind == LIST {
        out.extend(record.chunks_exact(4).map(|number| leaf(u32::from_le_bytes(number.try_into().expect("4 bytes")))));
    }
}

pub(crate) fn open(disk: &Arc<dyn Disk>) -> Store {
    Store::on_disk(Arc::clone(disk), options())
}

pub(crate) fn leaf(number: u32) -> Key {
    key(LEAF, number)
}

pub(crate) fn list(number: u32) -> Key {
    key(LIST, number)
}

fn key(kind: u32, number: u32) -> Key {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&number.wrapping_mul(0x9E37_79B9).to_le_bytes());
    digest[28..].copy_from_slice(&number.to_le_bytes());
    Key { kind, digest }
}

/// The one right payload of a leaf: 0 to 600 bytes, different for each number.
pub(crate) fn payload(number: u32) -> Vec<u8> {
    let length = number.wrapping_mul(2_654_435_761) % 600;
    (0..length).map(|at| (at.wrapping_mul(31) ^ number.wrapping_mul(17)) as u8).collect()
}

/// Leaves with these numbers, and a head for a list of them.
pub(crate) fn commit_of(name: HeadName, list_number: u32, numbers: impl IntoIterator<Item = u32>) -> Commit {
    let mut records = Vec::new();
    let mut listed = Vec::new();
    for number in numbers {
        records.push((leaf(number), payload(number)));
        listed.extend(number.to_le_bytes());
    }
    records.push((list(list_number), listed));
    Commit { records, heads: vec![(name, list(list_number))], distrusted: Vec::new() }
}

/// How many of the leaves are there. Panics at a wrong one.
pub(crate) fn count_right(store: &Store, numbers: impl IntoIterator<Item = u32>) -> usize {
    numbers
        .into_iter()
        .filter(|number| match store.get(&leaf(*number)) {
            Some(record) => {
                assert!(*record == *payload(*number), "record {number} is not what was put in");
                true
            }
            None => false,
        })
        .count()
}
