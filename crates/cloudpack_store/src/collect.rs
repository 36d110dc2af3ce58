//! Keeps the store small. Two things wear it out: a segment for every commit, and records that nothing refers to any more.
//!
//! Small segments are merged as in a log-structured merge tree: the newest ones, as long as each is not much larger than
//! what is merged already, so that a record is copied a logarithmic number of times. Unreferenced records are dropped
//! when the store is over its limit or has doubled since that was done last; segments that are mostly alive stay as they
//! are. Both write new segments first and the root last, like any commit.

use crate::disk::Disk;
use crate::key::Key;
use crate::root::{Root, SegmentReference};
use crate::segment::{Record, Segment, write_segment};
use crate::store::StoreOptions;
use rustc_hash::FxHashSet;
use std::io;

/// More segments than this are merged. Opening the store reads the index of each.
const MOST_SEGMENTS: usize = 12;
/// A segment joins a merge if it is at most this many times as large as the newer ones together.
const MERGE_RATIO: u64 = 4;
/// Below this a store is not worth cleaning.
const SMALL: u64 = 16 << 20;

/// Whether the root changed. `segments` are those of `root`, oldest first.
pub(crate) fn collect(disk: &dyn Disk, options: &StoreOptions, root: &Root, segments: &[Segment]) -> io::Result<bool> {
    let bytes = root.bytes_of_segments();
    let grown = bytes.saturating_sub(root.collected_bytes);
    let has_doubled = bytes > SMALL && bytes / 2 > root.collected_bytes;
    // One build may be larger than the limit; it is not to be copied again on every commit.
    let is_over = bytes > options.max_bytes && grown > SMALL.min(options.max_bytes);
    if is_over || has_doubled {
        return drop_unreferenced(disk, options, root, segments).map(|()| true);
    }
    if segments.len() > MOST_SEGMENTS {
        return merge_newest(disk, options, root, segments).map(|()| true);
    }
    Ok(false)
}

fn merge_newest(disk: &dyn Disk, options: &StoreOptions, root: &Root, segments: &[Segment]) -> io::Result<()> {
    let mut merged_bytes = 0;
    let mut first = segments.len();
    for (at, segment) in segments.iter().enumerate().rev() {
        let taken = segments.len() - first;
        if taken >= 2 && segment.reference.length > merged_bytes * MERGE_RATIO {
            break;
        }
        merged_bytes += segment.reference.length;
        first = at;
    }
    let (kept, merged) = segments.split_at(first);
    let all: FxHashSet<Key> = merged.iter().flat_map(Segment::keys).collect();
    let mut root = root.clone();
    root.generation += 1;
    root.segments = kept.iter().map(|segment| segment.reference).collect();
    root.segments.extend(copy(disk, options, merged, &all)?);
    root.write(disk, &options.identity)
}

/// Marks from the heads, most recently used first, until the limit is reached; heads beyond it go.
fn drop_unreferenced(disk: &dyn Disk, options: &StoreOptions, root: &Root, segments: &[Segment]) -> io::Result<()> {
    let find = |key: &Key| segments.iter().rev().find_map(|segment| segment.get(key).flatten());
    // Of no use where they are, and in the way of those that will be made anew.
    let mut damaged: Vec<Key> = Vec::new();
    let size = |key: &Key| segments.iter().rev().map(|segment| segment.bytes_of(key)).find(|bytes| *bytes > 0);
    let mut root = root.clone();
    let mut heads = std::mem::take(&mut root.heads);
    heads.sort_by(|left, right| right.used.cmp(&left.used).then(left.name.cmp(&right.name)));
    let mut alive: FxHashSet<Key> = FxHashSet::default();
    let mut alive_bytes = 0;
    for head in heads {
        let mut found: Vec<Key> = Vec::new();
        let mut seen: FxHashSet<Key> = FxHashSet::default();
        let mut pending = vec![head.record];
        let mut bytes = 0;
        while let Some(key) = pending.pop() {
            if alive.contains(&key) || !seen.insert(key) {
                continue;
            }
            let Some(size) = size(&key) else { continue };
            match find(&key) {
                Some(record) => {
                    bytes += size;
                    found.push(key);
                    (options.references)(&key, &record, &mut pending);
                }
                None => damaged.push(key),
            }
        }
        // The newest head stays whatever it costs: a store that never holds one build would never be of use.
        if alive_bytes + bytes > options.max_bytes && !root.heads.is_empty() {
            continue;
        }
        alive_bytes += bytes;
        alive.extend(found);
        root.heads.push(head);
    }
    root.heads.sort_by_key(|head| head.name);
    root.generation += 1;
    let over_limit = root.bytes_of_segments() > options.max_bytes;
    root.segments.clear();
    let mut rewritten: Vec<&Segment> = Vec::new();
    for segment in segments {
        let (mut alive_here, mut all) = (0, 0);
        for key in segment.keys() {
            let bytes = segment.bytes_of(&key);
            all += bytes;
            alive_here += if alive.contains(&key) { bytes } else { 0 };
        }
        // With two thirds alive, copying it would free little.
        let is_sound = !damaged.iter().any(|key| segment.contains(key));
        if is_sound && (alive_here == all || !over_limit && alive_here * 3 > all * 2) {
            root.segments.push(segment.reference);
        } else {
            rewritten.push(segment);
        }
    }
    root.segments.extend(copy(disk, options, rewritten, &alive)?);
    root.collected_bytes = root.bytes_of_segments();
    root.write(disk, &options.identity)
}

/// One segment with what is wanted of several; of equal keys the newest. `None` if that is nothing.
fn copy<'s>(
    disk: &dyn Disk,
    options: &StoreOptions,
    segments: impl IntoIterator<Item = &'s Segment>,
    wanted: &FxHashSet<Key>,
) -> io::Result<Option<SegmentReference>> {
    let mut newest_first: Vec<&Segment> = segments.into_iter().collect();
    newest_first.reverse();
    let mut taken: FxHashSet<Key> = FxHashSet::default();
    let mut records: Vec<(Key, Record)> = Vec::new();
    for segment in newest_first {
        for key in segment.keys().filter(|key| wanted.contains(key)) {
            // A damaged record is dropped here, and made anew by whoever misses it.
            if !taken.contains(&key)
                && let Some(Some(record)) = segment.get(&key)
            {
                taken.insert(key);
                records.push((key, record));
            }
        }
    }
    if records.is_empty() {
        return Ok(None);
    }
    write_segment(disk, &options.identity, &mut records).map(Some)
}
