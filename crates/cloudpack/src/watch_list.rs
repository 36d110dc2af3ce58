//! What a watcher has to look at so that it notices everything that could make the next build differ: all that this build
//! asked the disk for, taken from the recording file system, or from the record of the build that stands for this one.

use crate::build_record::{BuildRecord, FAILED};
use cloudpack_fs::{Known, RecordingFileSystem, SeenContent, WatchList, WatchedFile, WatchedListing};
use cloudpack_resolve::{ListedName, Resolver};
use rustc_hash::{FxHashMap, FxHashSet};

/// Cost: a copy of every path.
pub(crate) fn of_build(recorder: &RecordingFileSystem, resolver: &Resolver) -> WatchList {
    let listings = resolver.watched_listings().into_iter().map(|listing| {
        let names = listing.names.iter().map(|(name, kind)| (name.as_str(), *kind));
        split_names(&listing.path, names, listing.whole)
    });
    WatchList { files: recorder.watched_files(), listings: listings.collect(), ignored: Vec::new() }
}

/// `None`: the record is damaged.
pub(crate) fn of_record(record: &BuildRecord) -> Option<WatchList> {
    let mut list = WatchList::default();
    for index in 0..record.files {
        let file = record.file(index)?;
        let known = Known::Content(SeenContent { stamp: file.stamp, hash: file.hash });
        list.files.push(WatchedFile { path: file.path.to_owned(), known });
    }
    let read = list.files.len();
    let mut last = "";
    for index in 0..record.questions {
        let question = record.question(index)?;
        // Questions about one path follow each other; one that a file was read for is watched already.
        if question.path != last && !is_read(&list, read, question.path) {
            last = question.path;
            let known = Known::IsThere(question.answer < FAILED);
            list.files.push(WatchedFile { path: question.path.to_owned(), known });
        }
    }
    for index in 0..record.listings {
        let listing = record.listing(index)?;
        list.listings.push(split_names(listing.path, listing.names.into_iter(), listing.whole));
    }
    Some(list)
}

/// Adds what an earlier build asked for and this one took over. What this one saw itself is newer.
pub(crate) fn add_former(list: &mut WatchList, record: &BuildRecord) {
    let Some(former) = of_record(record) else { return };
    let known: FxHashSet<String> = list.files.iter().map(|file| file.path.clone()).collect();
    list.files.extend(former.files.into_iter().filter(|file| !known.contains(&file.path)));
    let own: FxHashMap<String, usize> =
        list.listings.iter().enumerate().map(|(at, listing)| (listing.path.clone(), at)).collect();
    for listing in former.listings {
        match own.get(&listing.path).and_then(|at| list.listings.get_mut(*at)) {
            Some(own) => {
                own.whole |= listing.whole;
                own.present.extend(listing.present);
                own.absent.extend(listing.absent);
            }
            None => list.listings.push(listing),
        }
    }
}

fn split_names<'n>(path: &str, names: impl Iterator<Item = (&'n str, ListedName)>, whole: bool) -> WatchedListing {
    let mut listing = WatchedListing { path: path.to_owned(), whole, ..WatchedListing::default() };
    for (name, kind) in names {
        let list = if kind == ListedName::Absent { &mut listing.absent } else { &mut listing.present };
        list.push(name.to_owned());
    }
    listing
}

/// Adds files that the core did not read itself: plugins did, or named them.
pub(crate) fn add(list: &mut WatchList, files: Vec<String>) {
    let known: FxHashSet<&str> = list.files.iter().map(|file| file.path.as_str()).collect();
    let more: Vec<String> = files.into_iter().filter(|path| !known.contains(path.as_str())).collect();
    list.files.extend(more.into_iter().map(|path| WatchedFile { path, known: Known::Nothing }));
}

/// The files that were read come first, sorted.
fn is_read(list: &WatchList, read: usize, path: &str) -> bool {
    let files = list.files.get(..read).unwrap_or_default();
    files.binary_search_by(|file| (*file.path).cmp(path)).is_ok()
}
