//! The record reads back as it was written, whatever happened to its bytes nothing panics, and the document says what the code
//! does.

use super::facts::{FileFact, ListingFact, OutputFact, Question, QuestionFact};
use super::layout::{
    FILE_BYTES, HEADER_BYTES, LISTING_BYTES, NAME_BYTES, OUTPUT_BYTES, QUESTION_BYTES, RECORD_VERSION, STAMP_BYTES,
};
use super::{BuildFacts, BuildRecord, RecordEdit};
use crate::changes::Touched;
use cloudpack_base::ContentHash;
use cloudpack_fs::{FileKind, FileSystem, OsFileSystem, Stamp};
use cloudpack_resolve::ListedName;

fn stamp(seed: u64) -> Stamp {
    let time = seed as i64;
    Stamp { kind: FileKind::File, size: seed, mtime_ns: time + 1, ctime_ns: time + 2, inode: seed + 3, device: 4 }
}

fn facts() -> BuildFacts {
    let file = |path: &str, stamp| FileFact { path: path.to_owned(), stamp, hash: ContentHash::of(path.as_bytes()) };
    BuildFacts {
        head: [7; 32],
        modules: 2,
        dead_modules: 1,
        dirs: vec!["/p/dist".to_owned(), "/p/other".to_owned()],
        watch: [9; 32],
        graph: [10; 32],
        plans: [11; 32],
        link: [12; 32],
        diagnostics: "[]".to_owned(),
        files: vec![file("/p/a.js", Some(stamp(100))), file("/p/\u{e4}.js", None)],
        questions: vec![
            QuestionFact { path: "/p".to_owned(), question: Question::OwnKind, answer: 1, text: String::new() },
            QuestionFact { path: "/p/l".to_owned(), question: Question::RealPath, answer: 16, text: "/q".to_owned() },
        ],
        listings: vec![
            ListingFact {
                path: "/p".to_owned(),
                stamp: None,
                names: vec![("a.js".to_owned(), ListedName::File)],
                whole: true,
            },
            ListingFact {
                path: "/p/d".to_owned(),
                stamp: Some(stamp(5)),
                names: vec![("x".to_owned(), ListedName::Absent), ("y".to_owned(), ListedName::Symlink)],
                whole: false,
            },
        ],
        outputs: vec![OutputFact {
            output: 1,
            is_chunk: true,
            name: "main.js".to_owned(),
            size: 12,
            hash: ContentHash::of(b"code"),
            stamp: None,
            description: [3; 32],
        }],
    }
}

fn record(bytes: &[u8]) -> Option<BuildRecord<&[u8]>> {
    BuildRecord::open(bytes)
}

#[test]
fn what_is_written_is_what_is_read() {
    let bytes = facts().encode().unwrap();
    let record = record(&bytes).unwrap();
    assert_eq!((record.head, record.modules, record.dead_modules, record.watch), ([7; 32], 2, 1, [9; 32]));
    assert_eq!(record.diagnostics(), Some("[]"));
    assert_eq!((record.graph, record.plans, record.link), ([10; 32], [11; 32], [12; 32]));
    assert_eq!(record.dirs(), Some(vec!["/p/dist", "/p/other"]));
    let second = record.file(1).unwrap();
    assert_eq!(
        (second.path, second.stamp, second.hash),
        ("/p/\u{e4}.js", None, ContentHash::of("/p/\u{e4}.js".as_bytes()))
    );
    assert_eq!(record.file(0).unwrap().stamp, Some(stamp(100)));
    assert!(record.file(2).is_none());
    let link = record.question(1).unwrap();
    assert_eq!((link.path, link.question, link.answer, link.text), ("/p/l", Question::RealPath, 16, "/q"));
    let listing = record.listing(1).unwrap();
    assert_eq!(listing.names, [("x", ListedName::Absent), ("y", ListedName::Symlink)]);
    assert_eq!((listing.path, listing.whole), ("/p/d", false));
    assert_eq!(record.listing_stamp(1), Some(("/p/d", Some(stamp(5)))));
    let output = record.output(0).unwrap();
    assert_eq!((output.output, output.is_chunk, output.name, output.size), (1, true, "main.js", 12));
    assert_eq!((output.hash, output.stamp, output.description), (ContentHash::of(b"code"), None, [3; 32]));
}

#[test]
fn stamps_are_renewed_in_place_and_nothing_else_changes() {
    let bytes = facts().encode().unwrap();
    let renewed =
        record(&bytes).unwrap().renewed(&[(1, Some(stamp(8)))], &[(1, None)], &[(0, Some(stamp(9)))]).unwrap();
    let mut expected = facts();
    expected.files[1].stamp = Some(stamp(8));
    expected.listings[1].stamp = None;
    expected.outputs[0].stamp = Some(stamp(9));
    assert_eq!(renewed, expected.encode().unwrap());
}

#[test]
fn an_edited_record_says_what_one_that_is_made_anew_says() {
    let before = facts().encode().unwrap();
    let before = record(&before).unwrap();
    for name in ["main-b.js", "a-longer-name.js"] {
        let mut after = facts();
        after.link = [13; 32];
        after.files[0].stamp = None;
        after.files[0].hash = ContentHash::of(b"edited");
        after.files[1].stamp = Some(stamp(300));
        for output in &mut after.outputs {
            output.name = name.to_owned();
            (output.size, output.hash, output.stamp) = (77, ContentHash::of(b"out"), Some(stamp(500)));
            output.description = [14; 32];
        }
        let touched = Touched { files: vec![(1, Some(stamp(300)))], ..Touched::default() };
        let files = vec![(0, None, ContentHash::of(b"edited"))];
        let edit = RecordEdit { files, touched: &touched, link: [13; 32], outputs: &after.outputs };
        let edited = before.edited(&edit).unwrap();
        let edited = record(&edited).unwrap();
        let anew = after.encode().unwrap();
        let anew = record(&anew).unwrap();
        assert_eq!((edited.link, edited.graph, edited.head), (anew.link, anew.graph, anew.head));
        for index in 0..anew.files {
            let (edited, anew) = (edited.file(index).unwrap(), anew.file(index).unwrap());
            assert_eq!((edited.path, edited.stamp, edited.hash), (anew.path, anew.stamp, anew.hash));
        }
        for index in 0..anew.outputs {
            let (edited, anew) = (edited.output(index).unwrap(), anew.output(index).unwrap());
            assert_eq!((edited.output, edited.is_chunk, edited.name), (anew.output, anew.is_chunk, anew.name));
            assert_eq!((edited.size, edited.hash, edited.stamp), (anew.size, anew.hash, anew.stamp));
            assert_eq!(edited.description, anew.description);
        }
        assert_eq!(edited.question(1).unwrap().text, "/q");
        let fewer = RecordEdit { outputs: &[], files: Vec::new(), ..edit };
        assert!(before.edited(&fewer).is_none(), "a file went");
    }
}

#[test]
fn entries_are_found_by_their_paths() {
    let bytes = facts().encode().unwrap();
    let record = record(&bytes).unwrap();
    assert_eq!(record.find_file("/p/\u{e4}.js").map(|(index, _)| index), Some(1));
    assert_eq!(record.find_file("/p/b.js").map(|(index, _)| index), None);
    assert_eq!(record.find_question("/p/l", Question::RealPath).map(|asked| asked.text), Some("/q"));
    assert!(record.find_question("/p/l", Question::Kind).is_none());
    assert!(record.find_listing("/p").is_some() && record.find_listing("/").is_none());
}

#[test]
fn no_cut_and_no_flipped_bit_makes_reading_panic() {
    let bytes = facts().encode().unwrap();
    let read_all = |bytes: &[u8]| {
        let Some(record) = record(bytes) else { return };
        let _ = (record.diagnostics(), record.dirs());
        for index in 0..4 {
            let _ = (record.file(index).is_some(), record.question(index).is_some(), record.listing(index).is_some());
            let _ = (record.listing_stamp(index).is_some(), record.output(index).is_some());
            let _ = record.renewed(&[(index, None)], &[(index, None)], &[(index, None)]);
        }
    };
    for at in 0..bytes.len() {
        assert!(record(&bytes[..at]).is_none(), "{at} bytes");
        for bit in [1, 0x80] {
            let mut damaged = bytes.clone();
            damaged[at] ^= bit;
            read_all(&damaged);
        }
    }
}

#[test]
fn the_document_has_the_numbers_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/format/build-record.md");
    let document = String::from_utf8(OsFileSystem.read(path).unwrap()).unwrap();
    for (what, bytes) in [
        ("Header", HEADER_BYTES),
        ("Stamp", STAMP_BYTES),
        ("File", FILE_BYTES),
        ("Question", QUESTION_BYTES),
        ("Listing", LISTING_BYTES),
        ("Name", NAME_BYTES),
        ("Emitted file", OUTPUT_BYTES),
    ] {
        let title = format!("### {what}: {bytes} bytes");
        assert!(document.contains(&title), "docs/format/build-record.md lacks \"{title}\"");
        let table = document.split(&title).nth(1).and_then(|rest| rest.split("\n### ").next()).unwrap_or_default();
        let sum: usize = table
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.split(" | ").nth(1)?.trim().parse::<usize>().ok())
            .sum();
        assert_eq!(sum, bytes, "the fields of \"{what}\"");
    }
    assert!(document.contains(&format!("Version: {RECORD_VERSION}")));
}
