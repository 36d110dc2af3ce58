//! Stores from which single records were taken, or in which bytes were exchanged, with every checksum made right again: whoever
//! did that, a build with such a store gives what one without gives.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test may fail, and has a disk"
)]

use std::collections::BTreeMap;
use std::path::Path;

use cloudpack_store::{
    INDEX_ENTRY_BYTES, RECORD_HEADER_BYTES, ROOT_HEADER_BYTES, SEGMENT_FOOTER_BYTES, SEGMENT_REFERENCE_BYTES,
};
use cloudpack_testing::Failure;
use cloudpack_testing::faults::Project;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

type Image = BTreeMap<String, Vec<u8>>;

/// Compiled modules: their key is a digest of what they were made from, so nothing tells a forged one from a true one.
const COMPILED: u32 = 3;

fn read(store: &Path) -> Image {
    let mut image = Image::new();
    for entry in std::fs::read_dir(store).expect("a store") {
        let entry = entry.expect("an entry");
        image.insert(entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a file"));
    }
    image
}

fn put(store: &Path, image: &Image) {
    drop(std::fs::remove_dir_all(store));
    std::fs::create_dir_all(store).expect("a directory");
    for (name, bytes) in image {
        std::fs::write(store.join(name), bytes).expect("written");
    }
}

fn segments(image: &Image) -> Vec<String> {
    image.keys().filter(|name| name.ends_with(".seg")).cloned().collect()
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("8 bytes"))
}

/// Where the index begins, and how many entries it has.
fn index_of(segment: &[u8]) -> (usize, usize) {
    let footer = segment.len() - SEGMENT_FOOTER_BYTES;
    (number(&segment[footer + 8..footer + 16]) as usize, number(&segment[footer + 16..footer + 24]) as usize)
}

/// Gives a segment an index without one of its entries, and makes footer and root fit.
fn without_record(image: &Image, name: &str, taken: usize) -> Image {
    let mut image = image.clone();
    let segment = image.get_mut(name).expect("the segment");
    let (index, records) = index_of(segment);
    drop(segment.drain(index + taken * INDEX_ENTRY_BYTES..index + (taken + 1) * INDEX_ENTRY_BYTES));
    let footer = segment.len() - SEGMENT_FOOTER_BYTES;
    let sum = xxh3_64_with_seed(&segment[index..footer], index as u64).to_le_bytes();
    segment[footer..footer + 8].copy_from_slice(&sum);
    segment[footer + 16..footer + 24].copy_from_slice(&(records as u64 - 1).to_le_bytes());
    let (length, id) = (segment.len() as u64, segment[48..64].to_vec());
    let root = image.get_mut("root").expect("the root");
    let at = (ROOT_HEADER_BYTES..)
        .step_by(SEGMENT_REFERENCE_BYTES)
        .find(|at| root[*at..*at + 16] == id)
        .expect("a reference");
    root[at + 16..at + 24].copy_from_slice(&length.to_le_bytes());
    root[at + 24..at + 32].copy_from_slice(&sum);
    let root_sum = xxh3_64(&root[16..]).to_le_bytes();
    root[8..16].copy_from_slice(&root_sum);
    image
}

/// Flips a byte of a record's payload and makes the checksum of the record right.
fn with_other_payload(image: &Image, name: &str, record: usize, share: usize) -> Option<Image> {
    let mut image = image.clone();
    let segment = image.get_mut(name).expect("the segment");
    let entry = index_of(segment).0 + record * INDEX_ENTRY_BYTES;
    let kind = u32::from_le_bytes(segment[entry..entry + 4].try_into().expect("4 bytes"));
    let length = u32::from_le_bytes(segment[entry + 36..entry + 40].try_into().expect("4 bytes")) as usize;
    let offset = number(&segment[entry + 40..entry + 48]) as usize;
    if kind == COMPILED || length == 0 {
        return None;
    }
    let end = offset + RECORD_HEADER_BYTES + length;
    segment[offset + RECORD_HEADER_BYTES + (length - 1) * share / 8] ^= 1 << share;
    let sum = xxh3_64(&segment[offset + 8..end]).to_le_bytes();
    segment[offset..offset + 8].copy_from_slice(&sum);
    Some(image)
}

/// A project that was built, edited and built again, and its store.
fn built() -> (tempfile::TempDir, Project, Image) {
    let folder = tempfile::tempdir().expect("a directory");
    let project = Project::make(&folder.path().canonicalize().expect("a path")).expect("a project");
    project.check().expect("built");
    project.edit(3, 1).expect("edited");
    project.check().expect("built");
    let image = read(&project.store());
    (folder, project, image)
}

#[test]
fn any_record_taken_out_of_a_sound_store_leaves_builds_right() -> Result<(), Failure> {
    let (_folder, project, image) = built();
    let mut removed = 0;
    for name in segments(&image) {
        for taken in 0..index_of(&image[&name]).1 {
            let forged = without_record(&image, &name, taken);
            // Nothing changed, and then something did.
            for round in [None, Some(taken + 2)] {
                put(&project.store(), &forged);
                if let Some(round) = round {
                    project.edit(taken, round)?;
                }
                project.check().map_err(|failure| format!("record {taken} of {name}: {failure}"))?;
            }
            removed += 1;
        }
    }
    assert!(removed > 50, "{removed} records");
    Ok(())
}

#[test]
fn records_that_are_not_what_their_digest_says_leave_builds_right() -> Result<(), Failure> {
    let (_folder, project, image) = built();
    let mut forged = 0;
    for name in segments(&image) {
        for record in 0..index_of(&image[&name]).1 {
            for share in 0..8 {
                let Some(image) = with_other_payload(&image, &name, record, share) else { continue };
                put(&project.store(), &image);
                project.check().map_err(|failure| format!("record {record} of {name}, part {share}: {failure}"))?;
                forged += 1;
            }
        }
    }
    assert!(forged > 50, "{forged} forgeries");
    Ok(())
}
