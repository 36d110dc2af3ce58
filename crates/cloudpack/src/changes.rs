//! What changed since a build was recorded: every file, every question and every name that it rests on, held against the
//! disk as it is now. Stamps decide where they can be trusted, contents and answers where not. Nothing is believed for
//! being likely.

use crate::build_record::{
    ANSWERED_BY_TEXT, BuildRecord, Clock, FileEntry, ListingEntry, OutputEntry, Question, QuestionEntry, kind_answer,
    kind_number, trusted,
};
use crate::seeded_faults::{Edge, is_dropped};
use cloudpack_base::{ContentHash, path};
use cloudpack_fs::{Failed, FileKind, FileSystem, FsError, FsResult, Stamp};
use cloudpack_resolve::ListedName;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// The differences between a record and the disk.
#[derive(Default)]
pub(crate) struct Changes {
    /// Indices of files whose content is another, or that are gone.
    pub(crate) files: Vec<usize>,
    /// A question is answered differently, or a name that mattered is something else.
    pub(crate) surroundings: Vec<String>,
    /// Indices of emitted files that are gone or altered.
    pub(crate) outputs: Vec<usize>,
    /// Inputs that were held against the disk.
    pub(crate) checked: usize,
    /// Stamps that are new over contents that are not: `(index, stamp)`.
    pub(crate) touched: Touched,
}

#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) files: Vec<(usize, Option<Stamp>)>,
    pub(crate) listings: Vec<(usize, Option<Stamp>)>,
    pub(crate) outputs: Vec<(usize, Option<Stamp>)>,
    /// Bytes that had to be read to find out.
    pub(crate) bytes: u64,
}

impl Touched {
    /// Whether looking again next time would cost more than writing the record anew.
    pub(crate) fn is_worth_a_record(&self) -> bool {
        const MUCH: u64 = 1 << 20;
        const MANY: usize = 500;
        self.bytes > MUCH || self.files.len() + self.listings.len() + self.outputs.len() > MANY
    }
}

/// Stamps of emitted files by path, taken once they were old enough to be trusted: the content was the emitted one.
pub(crate) type SettledStamps = FxHashMap<String, Stamp>;

/// The stamps of files that were too young for one when the record was made. `goes_on`: asked before each file.
pub(crate) fn settle_outputs(
    record: &BuildRecord,
    fs: &dyn FileSystem,
    goes_on: impl Fn() -> bool,
) -> Option<SettledStamps> {
    let dirs = record.dirs()?;
    let mut settled = SettledStamps::default();
    for index in 0..record.outputs {
        let output = record.output(index)?;
        if output.stamp.is_some() {
            continue;
        }
        if !goes_on() {
            return None;
        }
        let file = path::join(dirs.get(output.output as usize)?, output.name);
        if let Seen::Touched(Some(stamp), _) = see_output(fs, &output, &file, Clock::now(), &settled) {
            settled.insert(file, stamp);
        }
    }
    Some(settled)
}

/// What became of one entry.
enum Seen {
    Same,
    /// The same content under another stamp; bytes that were read for it.
    Touched(Option<Stamp>, u64),
    Other,
}

impl Changes {
    pub(crate) fn inputs_are_same(&self) -> bool {
        self.files.is_empty() && self.surroundings.is_empty()
    }
}

/// `None`: the record is damaged. `dirs`: the directory of each output. `suspects`: all that may have changed, where that is
/// known, and `emitted` of emitted files, of which some are `settled`. Cost: a `stat` for each entry that may have changed.
pub(crate) fn changes_since(
    record: &BuildRecord,
    fs: &dyn FileSystem,
    dirs: &[String],
    suspects: Option<&BTreeSet<String>>,
    emitted: Option<&BTreeSet<String>>,
    settled: &SettledStamps,
) -> Option<Changes> {
    let start = Clock::now();
    let checked = suspects.map_or(record.files + record.listings + record.questions, BTreeSet::len);
    let mut changes = Changes { checked, ..Changes::default() };
    match suspects {
        Some(suspects) => look_at_suspects(record, fs, suspects, start, &mut changes)?,
        None => look_at_inputs(record, fs, start, &mut changes)?,
    }
    // Most are none of these, which their last part tells.
    let names: Option<FxHashSet<&str>> =
        emitted.map(|emitted| emitted.iter().map(|file| path::basename(file)).collect());
    let may_be_other = |name: &str| names.as_ref().is_none_or(|names| names.contains(path::basename(name)));
    let count = if names.as_ref().is_some_and(FxHashSet::is_empty) { 0 } else { record.outputs };
    let outputs = look_at(count, |index| {
        let output = record.output(index)?;
        if !may_be_other(output.name) {
            return Some(Seen::Same);
        }
        let Some(dir) = dirs.get(output.output as usize) else { return Some(Seen::Other) };
        let file = path::join(dir, output.name);
        let may_differ = emitted.is_none_or(|emitted| emitted.contains(&file));
        Some(if may_differ { see_output(fs, &output, &file, start, settled) } else { Seen::Same })
    })?;
    for (index, seen) in outputs {
        changes.touched.bytes += sort(index, seen, &mut changes.touched.outputs, &mut changes.outputs);
    }
    Some(changes)
}

fn look_at_inputs(record: &BuildRecord, fs: &dyn FileSystem, start: Clock, changes: &mut Changes) -> Option<()> {
    let files = look_at(record.files, |index| Some(see_file(fs, &record.file(index)?, start)))?;
    for (index, seen) in files {
        changes.touched.bytes += sort(index, seen, &mut changes.touched.files, &mut changes.files);
    }
    for (index, seen) in look_at(record.listings, |index| see_listing(fs, record, index, start))? {
        match seen {
            Seen::Touched(stamp, _) => changes.touched.listings.push((index, stamp)),
            _ => changes.surroundings.push(record.listing(index)?.path.to_owned()),
        }
    }
    for (index, _) in look_at(record.questions, |index| Some(see_question(fs, &record.question(index)?)))? {
        changes.surroundings.push(record.question(index)?.path.to_owned());
    }
    Some(())
}

/// The same for what rests on these paths: the file, what was asked about it, and the name in its directory.
fn look_at_suspects(
    record: &BuildRecord,
    fs: &dyn FileSystem,
    suspects: &BTreeSet<String>,
    start: Clock,
    changes: &mut Changes,
) -> Option<()> {
    for path in suspects {
        if let Some((index, file)) = record.find_file(path) {
            let seen = see_file(fs, &file, start);
            changes.touched.bytes += sort(index, seen, &mut changes.touched.files, &mut changes.files);
        }
        let is_other = |asked: &QuestionEntry<'_>| !matches!(see_question(fs, asked), Seen::Same);
        let asked = record.questions_about(path)?.iter().any(is_other);
        let listed = record.find_listing(path).is_some_and(|listing| !names_are_same(fs, &listing));
        let named = record.find_listing(path::dirname(path)).is_some_and(|listing| {
            let now = fs.symlink_metadata(path).map_or(ListedName::Absent, |stamp| listed_name(stamp.kind));
            let name = path::basename(path);
            let then = listing.names.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
            // Where every name matters, one that is not known was not there.
            then.or(listing.whole.then_some(ListedName::Absent)).is_some_and(|then| then != now)
                && !is_dropped(Edge::Name)
        });
        if asked || listed || named {
            changes.surroundings.push(path.clone());
        }
    }
    // As they are when everything is looked at.
    changes.files.sort_unstable();
    changes.touched.files.sort_unstable_by_key(|(index, _)| *index);
    Some(())
}

/// Puts an entry where it belongs. Gives the bytes that were read for it.
fn sort(index: usize, seen: Seen, touched: &mut Vec<(usize, Option<Stamp>)>, other: &mut Vec<usize>) -> u64 {
    match seen {
        Seen::Same => 0,
        Seen::Touched(stamp, bytes) => {
            touched.push((index, stamp));
            bytes
        }
        Seen::Other => {
            other.push(index);
            0
        }
    }
}

/// All that are not the same, in order.
fn look_at(count: usize, see: impl Fn(usize) -> Option<Seen> + Sync) -> Option<Vec<(usize, Seen)>> {
    (0..count)
        .into_par_iter()
        .with_min_len(64)
        .filter_map(|index| match see(index) {
            Some(Seen::Same) => None,
            Some(seen) => Some(Some((index, seen))),
            None => Some(None),
        })
        .collect()
}

fn see_file(fs: &dyn FileSystem, file: &FileEntry<'_>, start: Clock) -> Seen {
    let edge = match path::basename(file.path) {
        "package.json" => Edge::PackageJson,
        name if name.contains("tsconfig") => Edge::Tsconfig,
        _ => Edge::ModuleContent,
    };
    let mut now = fs.metadata(file.path).ok();
    if is_dropped(Edge::ChangeTime)
        && let (Some(now), Some(then)) = (&mut now, file.stamp)
    {
        now.ctime_ns = then.ctime_ns;
    }
    if file.stamp.is_some() && now == file.stamp || is_dropped(edge) {
        return Seen::Same;
    }
    same_content(fs, file.path, &file.hash, start)
}

fn same_content(fs: &dyn FileSystem, path: &str, hash: &ContentHash, start: Clock) -> Seen {
    match fs.read_stamped(path) {
        Ok((bytes, stamp)) if ContentHash::of(&bytes) == *hash => {
            Seen::Touched(trusted(stamp, start), bytes.len() as u64)
        }
        _ => Seen::Other,
    }
}

fn see_listing(fs: &dyn FileSystem, record: &BuildRecord, index: usize, start: Clock) -> Option<Seen> {
    let (path, stamp) = record.listing_stamp(index)?;
    let before = fs.metadata(path).ok();
    if stamp.is_some() && before == stamp {
        return Some(Seen::Same);
    }
    let listing = record.listing(index)?;
    if !names_are_same(fs, &listing) {
        return Some(Seen::Other);
    }
    let stamp = before.filter(|before| fs.metadata(path).ok().as_ref() == Some(before));
    Some(Seen::Touched(trusted(stamp, start), 0))
}

fn names_are_same(fs: &dyn FileSystem, listing: &ListingEntry<'_>) -> bool {
    let Ok(entries) = fs.read_dir(listing.path) else { return false };
    let now = |name: &str| match entries.binary_search_by(|entry| entry.name.as_str().cmp(name)) {
        Ok(at) => entries.get(at).map_or(ListedName::Absent, |entry| listed_name(entry.kind)),
        Err(_) => ListedName::Absent,
    };
    let present = listing.names.iter().filter(|(_, kind)| *kind != ListedName::Absent).count();
    (!listing.whole || present == entries.len())
        && listing.names.iter().all(|(name, kind)| now(name) == *kind || is_dropped(Edge::Name))
}

fn listed_name(kind: FileKind) -> ListedName {
    match kind {
        FileKind::Directory => ListedName::Directory,
        FileKind::Symlink => ListedName::Symlink,
        _ => ListedName::File,
    }
}

fn see_question(fs: &dyn FileSystem, asked: &QuestionEntry<'_>) -> Seen {
    let is_same = match asked.question {
        Question::Kind => kind_of(fs.metadata(asked.path)) == Some(asked.answer),
        Question::OwnKind => kind_of(fs.symlink_metadata(asked.path)) == Some(asked.answer),
        Question::RealPath => text_is_same(fs.canonicalize(asked.path), asked),
        Question::Link => text_is_same(fs.read_link(asked.path), asked),
        Question::Content => failure_is_same(fs.read(asked.path).map(drop), asked),
        Question::Listing => failure_is_same(fs.read_dir(asked.path).map(drop), asked),
    };
    if is_same || is_dropped(Edge::Question) { Seen::Same } else { Seen::Other }
}

/// `None`: an error that was never recorded.
fn number_of<T>(answer: FsResult<T>, of: impl Fn(&T) -> u8) -> Option<u8> {
    let answer = match answer {
        Ok(value) => Ok(value),
        Err(FsError::NotFound { .. }) => Err(Failed::NotFound),
        Err(FsError::PermissionDenied { .. }) => Err(Failed::PermissionDenied),
        Err(FsError::IsDirectory { .. }) => Err(Failed::IsDirectory),
        Err(FsError::Other { .. }) => return None,
    };
    Some(kind_answer(&answer, of))
}

fn kind_of(answer: FsResult<Stamp>) -> Option<u8> {
    number_of(answer, |stamp| kind_number(stamp.kind))
}

fn text_is_same(answer: FsResult<String>, asked: &QuestionEntry<'_>) -> bool {
    let is_same_text = answer.as_ref().is_ok_and(|text| text == asked.text);
    let number = number_of(answer, |_| ANSWERED_BY_TEXT);
    number == Some(asked.answer) && (is_same_text || asked.answer != ANSWERED_BY_TEXT)
}

/// What could not be done still cannot, for the same reason.
fn failure_is_same(answer: FsResult<()>, asked: &QuestionEntry<'_>) -> bool {
    // No failure has the number of a kind.
    number_of(answer, |()| 0) == Some(asked.answer)
}

fn see_output(
    fs: &dyn FileSystem,
    output: &OutputEntry<'_>,
    file: &str,
    start: Clock,
    settled: &SettledStamps,
) -> Seen {
    let stamp = fs.symlink_metadata(file).ok();
    match stamp {
        None if is_dropped(Edge::OutputRemoved) => Seen::Same,
        Some(_) if is_dropped(Edge::OutputAltered) => Seen::Same,
        Some(stamp) if output.stamp == Some(stamp) => Seen::Same,
        Some(stamp) if settled.get(file) == Some(&stamp) => Seen::Touched(Some(stamp), 0),
        Some(stamp) if stamp.kind == FileKind::File && stamp.size == output.size => {
            same_content(fs, file, &output.hash, start)
        }
        _ => Seen::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build_record::{BuildFacts, OutputFact};
    use crate::paged::WholeRecord;
    use cloudpack_fs::MemoryFileSystem;

    fn record_of(contents: &[(&str, &str)]) -> BuildRecord {
        let output = |(name, content): &(&str, &str)| OutputFact {
            output: 0,
            is_chunk: true,
            name: (*name).to_owned(),
            size: content.len() as u64,
            hash: ContentHash::of(content.as_bytes()),
            stamp: None,
            description: [0; 32],
        };
        let dirs = vec!["/dist".to_owned()];
        let facts = BuildFacts { dirs, outputs: contents.iter().map(output).collect(), ..BuildFacts::default() };
        BuildRecord::open(WholeRecord::new(facts.encode().unwrap(), Vec::new())).unwrap()
    }

    #[test]
    fn outputs_that_settled_are_recognised_without_being_read() {
        let record = record_of(&[("a.js", "one"), ("b.js", "two"), ("c.js", "six")]);
        let fs = MemoryFileSystem::from_files([("/dist/a.js", "one"), ("/dist/b.js", "2wo"), ("/dist/c.js", "six")]);
        let settled = settle_outputs(&record, &fs, || true).unwrap();
        let mut names: Vec<&str> = settled.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["/dist/a.js", "/dist/c.js"], "b.js is not what was emitted");

        // Altered after it settled, its size kept.
        fs.write("/dist/c.js", b"SIX").unwrap();
        let dirs = ["/dist".to_owned()];
        let changes = changes_since(&record, &fs, &dirs, None, None, &settled).unwrap();
        assert_eq!(changes.outputs, [1, 2]);
        assert_eq!(changes.touched.outputs, [(0, settled.get("/dist/a.js").copied())]);
        assert_eq!(changes.touched.bytes, 0, "a.js was read");
        let unsettled = changes_since(&record, &fs, &dirs, None, None, &SettledStamps::default()).unwrap();
        assert_eq!((unsettled.outputs.as_slice(), unsettled.touched.bytes), (&[1, 2][..], 3));
    }

    #[test]
    fn settling_stops_when_the_next_build_begins() {
        let record = record_of(&[("a.js", "one")]);
        let fs = MemoryFileSystem::from_files([("/dist/a.js", "one")]);
        assert!(settle_outputs(&record, &fs, || false).is_none());
    }
}
