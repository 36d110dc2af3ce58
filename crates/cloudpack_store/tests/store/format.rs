//! The document of the format says what the code does.

use crate::sim_disk::SimDisk;
use crate::support::{HEAD, commit_of, open};
use cloudpack_store::*;
use std::sync::Arc;

#[test]
fn the_document_has_the_numbers_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/format/store.md");
    let document = std::fs::read_to_string(path).expect("docs/format/store.md");
    for (what, bytes) in [
        ("Segment header", SEGMENT_HEADER_BYTES),
        ("Record header", RECORD_HEADER_BYTES),
        ("Index entry", INDEX_ENTRY_BYTES),
        ("Segment footer", SEGMENT_FOOTER_BYTES),
        ("Root header", ROOT_HEADER_BYTES),
        ("Segment reference", SEGMENT_REFERENCE_BYTES),
        ("Head", HEAD_BYTES),
    ] {
        let title = format!("### {what}: {bytes} bytes");
        assert!(document.contains(&title), "docs/format/store.md lacks \"{title}\"");
        let table = document.split(&title).nth(1).and_then(|rest| rest.split("\n### ").next()).unwrap_or_default();
        let sum: usize = table
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.split(" | ").nth(1)?.trim().parse::<usize>().ok())
            .sum();
        assert_eq!(sum, bytes, "the fields of \"{what}\"");
    }
    assert!(document.contains(&format!("Version: {FORMAT_VERSION}")));
    assert!(document.contains(&format!("multiple of {RECORD_ALIGNMENT} bytes")));
}

#[test]
fn an_empty_commit_of_a_head_and_one_list_has_the_length_that_the_document_gives() {
    let disk = Arc::new(SimDisk::new());
    let shared: Arc<dyn Disk> = disk.clone();
    open(&shared).commit(commit_of(HEAD, 1, []));
    let image = disk.image();
    let root = image.get("root").expect("root");
    assert_eq!(root.len(), ROOT_HEADER_BYTES + SEGMENT_REFERENCE_BYTES + HEAD_BYTES);
    let segment = image.iter().find(|(name, _)| name.ends_with(".seg")).expect("segment").1;
    let record = RECORD_HEADER_BYTES.next_multiple_of(RECORD_ALIGNMENT);
    assert_eq!(segment.len(), SEGMENT_HEADER_BYTES + record + INDEX_ENTRY_BYTES + SEGMENT_FOOTER_BYTES);
}
