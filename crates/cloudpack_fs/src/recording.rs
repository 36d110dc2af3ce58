//! A file system that takes down what it was asked and what it answered. Whatever a build does with files goes through
//! it, so that the record is complete by construction: equal answers to the same questions, equal build.
//!
//! Listings are the exception: that one was read is noted here, which of its names mattered only the reader knows.
//!
//! Where a question was answered by following links, each link on the way is noted too, and the name that the last one
//! leads to: an event that names one of them names nothing that was asked for.

use crate::watch::{Known, WatchedFile};
use crate::{ConfinedFolder, DirEntry, FileKind, FileSystem, FsError, FsResult, Stamp};
use cloudpack_base::{ContentHash, path};
use rustc_hash::{FxHashMap, FxHashSet};
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many that two threads seldom wait for each other.
const SHARDS: usize = 16;
/// As many links as Linux follows.
const MOST_HOPS: usize = 40;

pub struct RecordingFileSystem {
    inner: Arc<dyn FileSystem>,
    shards: [Mutex<FxHashMap<Box<str>, Observed>>; SHARDS],
    is_explainable: AtomicBool,
    reads_through_links: bool,
    /// Directories to which no link leads.
    linkless: Mutex<FxHashSet<Box<str>>>,
}

/// All that was asked about one path; `None` where it was not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    pub content: Option<Result<SeenContent, Failed>>,
    /// With links followed.
    pub kind: Option<Result<FileKind, Failed>>,
    /// Of the path itself.
    pub own_kind: Option<Result<FileKind, Failed>>,
    pub real_path: Option<Result<String, Failed>>,
    pub link: Option<Result<String, Failed>>,
    /// The directory's stamp from before it was listed; `None` if it changed meanwhile.
    pub listing: Option<Result<Option<Stamp>, Failed>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenContent {
    /// From before the read; `None` if the file changed meanwhile, so that no stamp stands for what was read.
    pub stamp: Option<Stamp>,
    pub hash: ContentHash,
}

impl Observed {
    /// `None`: only its entries were asked for.
    fn known(&self) -> Option<Known> {
        let Self { content, kind, own_kind, real_path, link, listing: _ } = self;
        if let Some(Ok(seen)) = content {
            return Some(Known::Content(*seen));
        }
        let failed = content.as_ref().map(|_| false);
        let told = [kind.as_ref().map(Result::is_ok), own_kind.as_ref().map(Result::is_ok), failed];
        let more = [real_path.as_ref().map(Result::is_ok), link.as_ref().map(|_| true)];
        told.into_iter().chain(more).flatten().next().map(Known::IsThere)
    }
}

/// An error as far as it can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    NotFound,
    PermissionDenied,
    IsDirectory,
}

impl RecordingFileSystem {
    /// `reads_through_links`: files may be read by paths that are not real. Costs a `readlink` for each.
    pub fn new(inner: Arc<dyn FileSystem>, reads_through_links: bool) -> Self {
        Self {
            inner,
            shards: Default::default(),
            is_explainable: AtomicBool::new(true),
            reads_through_links,
            linkless: Mutex::default(),
        }
    }

    /// Everything so far, sorted by path. `None`: something was answered that cannot be compared later (an input error),
    /// or twice in two ways.
    pub fn observed(&self) -> Option<Vec<(String, Observed)>> {
        if !self.is_explainable.load(Ordering::Relaxed) {
            return None;
        }
        let mut all = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend(shard.iter().map(|(path, observed)| (path.to_string(), observed.clone())));
        }
        all.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        Some(all)
    }

    /// What was asked for in any way but by a listing, with what it was; in no order.
    pub fn watched_files(&self) -> Vec<WatchedFile> {
        let mut all = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let files = shard.iter().filter_map(|(path, observed)| {
                let known = observed.known()?;
                Some(WatchedFile { path: path.to_string(), known })
            });
            all.extend(files);
        }
        all
    }

    fn shard(&self, path: &str) -> MutexGuard<'_, FxHashMap<Box<str>, Observed>> {
        let hash = rustc_hash::FxBuildHasher.hash_one(path);
        // The map takes its buckets from the low bits.
        let shard = (hash >> 56) as usize % SHARDS;
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes down each link on the way to `path`, and gives its end if there are any. Cost: a `readlink` for each directory on
    /// the way that was not asked for before.
    fn note_links(&self, path: &str) -> Option<String> {
        let mut current = path::normalize(path);
        let mut has_links = false;
        for _ in 0..MOST_HOPS {
            let Some((link, target)) = self.first_link(&current) else { break };
            has_links = true;
            let rest = current.get(link.len()..).unwrap_or_default().trim_start_matches('/').to_owned();
            current = path::join(&path::join(path::dirname(&link), &target), &rest);
            self.note(&link, Ok(target), |observed| &mut observed.link);
        }
        has_links.then_some(current)
    }

    /// The first link among the directories above `path` and itself, and what it says.
    fn first_link(&self, path: &str) -> Option<(String, String)> {
        let link_at = |path: &str| Some((path.to_owned(), path::from_native(&self.inner.read_link(path).ok()?)));
        let directory = path::dirname(path);
        let is_known = |directory: &str| self.linkless().contains(directory);
        if directory.len() < path.len() && !is_known(directory) {
            let above = self.first_link(directory);
            if above.is_some() {
                return above;
            }
            self.linkless().insert(directory.into());
        }
        link_at(path)
    }

    fn linkless(&self) -> MutexGuard<'_, FxHashSet<Box<str>>> {
        self.linkless.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note<T: PartialEq>(
        &self,
        path: &str,
        answer: Result<T, &FsError>,
        field: impl FnOnce(&mut Observed) -> &mut Option<Result<T, Failed>>,
    ) {
        let answer = match answer {
            Ok(value) => Ok(value),
            Err(FsError::NotFound { .. }) => Err(Failed::NotFound),
            Err(FsError::PermissionDenied { .. }) => Err(Failed::PermissionDenied),
            Err(FsError::IsDirectory { .. }) => Err(Failed::IsDirectory),
            Err(FsError::Other { .. }) => return self.is_explainable.store(false, Ordering::Relaxed),
        };
        let mut shard = self.shard(path);
        let slot = field(match shard.get_mut(path) {
            Some(observed) => observed,
            None => shard.entry(path.into()).or_default(),
        });
        match slot {
            None => *slot = Some(answer),
            Some(before) if *before == answer => {}
            // It changed while the build ran: no one state of the disk explains it.
            Some(_) => self.is_explainable.store(false, Ordering::Relaxed),
        }
    }
}

impl FileSystem for RecordingFileSystem {
    fn read(&self, path: &str) -> FsResult<Vec<u8>> {
        self.read_stamped(path).map(|(bytes, _)| bytes)
    }

    fn read_stamped(&self, path: &str) -> FsResult<(Vec<u8>, Option<Stamp>)> {
        let end = if self.reads_through_links { self.note_links(path) } else { None };
        let read = self.inner.read_stamped(path);
        let seen = read.as_ref().map(|(bytes, stamp)| SeenContent { stamp: *stamp, hash: ContentHash::of(bytes) });
        if let Some(end) = end {
            self.note(&end, seen, |observed| &mut observed.content);
        }
        self.note(path, seen, |observed| &mut observed.content);
        read
    }

    fn metadata(&self, path: &str) -> FsResult<Stamp> {
        let stamp = self.inner.metadata(path);
        self.note(path, stamp.as_ref().map(|stamp| stamp.kind), |observed| &mut observed.kind);
        stamp
    }

    fn symlink_metadata(&self, path: &str) -> FsResult<Stamp> {
        let stamp = self.inner.symlink_metadata(path);
        self.note(path, stamp.as_ref().map(|stamp| stamp.kind), |observed| &mut observed.own_kind);
        stamp
    }

    fn canonicalize(&self, path: &str) -> FsResult<String> {
        let real = self.inner.canonicalize(path);
        let is_real = real.as_ref().is_ok_and(|real| real == path);
        if let Some(end) = (!is_real).then(|| self.note_links(path)).flatten() {
            // Says whether it is there.
            drop(self.symlink_metadata(&end));
        }
        self.note(path, real.as_ref().map(ToString::to_string), |observed| &mut observed.real_path);
        real
    }

    fn read_link(&self, path: &str) -> FsResult<String> {
        let target = self.inner.read_link(path);
        self.note(path, target.as_ref().map(ToString::to_string), |observed| &mut observed.link);
        target
    }

    fn read_dir(&self, path: &str) -> FsResult<Vec<DirEntry>> {
        let before = self.inner.metadata(path).ok();
        let listing = self.inner.read_dir(path);
        let after = self.inner.metadata(path).ok();
        let stamp = before.filter(|_| before == after);
        self.note(path, listing.as_ref().map(|_| stamp), |observed| &mut observed.listing);
        listing
    }

    // What is written is no input.
    fn write(&self, path: &str, bytes: &[u8]) -> FsResult<()> {
        self.inner.write(path, bytes)
    }

    fn create_dir_all(&self, path: &str) -> FsResult<()> {
        self.inner.create_dir_all(path)
    }

    fn remove_file(&self, path: &str) -> FsResult<()> {
        self.inner.remove_file(path)
    }

    fn remove_dir_all(&self, path: &str) -> FsResult<()> {
        self.inner.remove_dir_all(path)
    }

    fn write_confined(&self, folder: &ConfinedFolder, relative: &str, bytes: &[u8]) -> FsResult<bool> {
        self.inner.write_confined(folder, relative, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryFileSystem;

    fn recorded() -> RecordingFileSystem {
        let files = MemoryFileSystem::from_files([("/p/a.js", "a"), ("/p/d/b.js", "b")]).with_symlink("/p/l", "d");
        RecordingFileSystem::new(Arc::new(files), false)
    }

    #[test]
    fn every_question_is_noted_with_its_answer() {
        let fs = recorded();
        fs.read("/p/a.js").unwrap();
        fs.read("/p/none.js").unwrap_err();
        fs.metadata("/p/l").unwrap();
        fs.symlink_metadata("/p/l").unwrap();
        fs.canonicalize("/p/l").unwrap();
        fs.read_link("/p/l").unwrap();
        fs.read_dir("/p").unwrap();
        let all = fs.observed().unwrap();
        let of = |path: &str| all.iter().find(|(known, _)| known == path).map(|(_, observed)| observed).unwrap();
        let content = of("/p/a.js").content.unwrap().unwrap();
        assert_eq!(content.hash, ContentHash::of(b"a"));
        assert_eq!(content.stamp, fs.inner.metadata("/p/a.js").ok());
        assert_eq!(of("/p/none.js").content, Some(Err(Failed::NotFound)));
        assert_eq!(of("/p/l").kind, Some(Ok(FileKind::Directory)));
        assert_eq!(of("/p/l").own_kind, Some(Ok(FileKind::Symlink)));
        assert_eq!(of("/p/l").real_path, Some(Ok("/p/d".to_owned())));
        assert_eq!(of("/p/l").link, Some(Ok("d".to_owned())));
        assert_eq!(of("/p").listing, Some(Ok(fs.inner.metadata("/p").ok())));
    }

    #[test]
    fn two_answers_to_one_question_cannot_be_explained() {
        let fs = recorded();
        fs.read("/p/a.js").unwrap();
        fs.read("/p/a.js").unwrap();
        assert!(fs.observed().is_some());
        fs.write("/p/a.js", b"other").unwrap();
        fs.read("/p/a.js").unwrap();
        assert!(fs.observed().is_none());
    }
}
