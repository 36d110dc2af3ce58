//! Tells which of the files that a build read, and which of the directories that it looked into, have changed since.
//!
//! The operating system is asked for events, but never believed without a look: an event names a candidate, a stamp decides.
//! Where events are lost (a queue that overflows) or cannot be had (no more watches, a network drive), every stamp is
//! compared instead, at once or once a second. What changed between a build's reading and the beginning of the watch
//! is found by its time of change.

use crate::filesystem::{FileKind, FileSystem, Stamp};
use crate::os::OsFileSystem;
use crate::recording::SeenContent;
use cloudpack_base::{ContentHash, path};
use notify::event::{EventKind, ModifyKind};
use notify::{RecursiveMode, Watcher as _};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

/// File systems write times of change up to a tick of the kernel's clock early.
const CLOCK_TICK: Duration = Duration::from_millis(10);
/// A burst is told of as one change once it pauses for the delay, or after this long.
const LONGEST_BURST: Duration = Duration::from_millis(250);
const POLL: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Create,
    Update,
    Delete,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    pub kind: ChangeKind,
}

/// What is to be watched. All paths are absolute.
#[derive(Clone, Debug, Default)]
pub struct WatchList {
    pub files: Vec<WatchedFile>,
    /// Directories that were listed.
    pub listings: Vec<WatchedListing>,
    /// Nothing in these is of interest: where the build itself writes.
    pub ignored: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct WatchedFile {
    pub path: String,
    pub known: Known,
}

/// What the build knows of a file, so that a change between its reading and the beginning of the watch shows.
#[derive(Clone, Copy, Debug)]
pub enum Known {
    Content(SeenContent),
    /// Only whether it is there was asked.
    IsThere(bool),
    /// That somebody wants to hear of it.
    Nothing,
}

/// A directory, and what was looked for in it: if one of these names comes or goes, a request may lead elsewhere.
#[derive(Clone, Debug, Default)]
pub struct WatchedListing {
    pub path: String,
    pub present: Vec<String>,
    pub absent: Vec<String>,
    /// Every name matters.
    pub whole: bool,
}

/// Watches until it is dropped.
pub struct Watch {
    orders: Sender<Message>,
}

enum Message {
    List(WatchList, SystemTime),
    Event(notify::Result<notify::Event>),
    Stop,
}

impl Watch {
    /// `delay`: how long a burst must pause. `on_change` is called from a thread of its own, with changes sorted by path.
    pub fn new(delay: Duration, on_change: impl FnMut(Vec<Change>) + Send + 'static) -> Self {
        let (orders, inbox) = channel();
        let worker = Worker {
            delay,
            on_change: Box::new(on_change),
            events: orders.clone(),
            watcher: None,
            watched: HashSet::new(),
            ignored: Vec::new(),
            files: HashMap::new(),
            listings: HashMap::new(),
            above: HashSet::new(),
            is_polling: false,
            candidates: BTreeMap::new(),
        };
        // Without a thread nothing is ever told of, and `send` fails from the start; the next build comes by hand.
        drop(std::thread::Builder::new().name("cloudpack-watch".to_owned()).spawn(move || worker.run(&inbox)));
        Self { orders }
    }

    /// From now on, this. `since`: before the build that it comes from read anything. Cost, on the watching thread: a
    /// stat of each file and directory.
    pub fn set(&self, list: WatchList, since: SystemTime) {
        drop(self.orders.send(Message::List(list, since)));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.orders.send(Message::Stop));
    }
}

struct Worker {
    delay: Duration,
    on_change: Box<dyn FnMut(Vec<Change>) + Send>,
    events: Sender<Message>,
    watcher: Option<notify::RecommendedWatcher>,
    watched: HashSet<PathBuf>,
    ignored: Vec<String>,
    /// As they were when last looked at; `None`: not there.
    files: HashMap<String, WatchedState>,
    listings: HashMap<String, Listing>,
    /// Every folder above something that is watched.
    above: HashSet<String>,
    is_polling: bool,
    /// What may have changed; for an entry that came or went, how.
    candidates: BTreeMap<String, Option<ChangeKind>>,
}

#[derive(Clone, Copy)]
struct WatchedState {
    /// `None`: not there.
    seen: Option<Seen>,
    /// What is in it is of no interest: a directory on the way, a link.
    only_existence: bool,
}

impl WatchedState {
    fn differs(&self, now: Option<&Seen>) -> bool {
        if self.only_existence { self.seen.is_some() != now.is_some() } else { differs(self.seen.as_ref(), now) }
    }
}

struct Listing {
    /// Of each name that matters: whether it is there.
    names: HashMap<String, bool>,
    whole: bool,
    seen: Option<Seen>,
}

#[derive(Clone, Copy)]
struct Seen {
    stamp: Stamp,
    /// Written so shortly before it was looked at that another write might not have changed the stamp.
    is_racy: bool,
    /// Of the content, where it is known.
    hash: Option<ContentHash>,
}

impl Worker {
    fn run(mut self, inbox: &Receiver<Message>) {
        let mut burst: Option<Instant> = None;
        let mut next_poll = Instant::now() + POLL;
        loop {
            let wait = if burst.is_some() {
                self.delay
            } else if self.is_polling {
                next_poll.saturating_duration_since(Instant::now())
            } else {
                Duration::from_secs(3_600)
            };
            match inbox.recv_timeout(wait) {
                Ok(Message::List(list, since)) => self.set_list(list, since),
                Ok(Message::Event(event)) => self.take_event(event),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    burst = None;
                    if self.is_polling && Instant::now() >= next_poll {
                        self.look_at_everything();
                        next_poll = Instant::now() + POLL;
                    }
                    self.tell();
                    continue;
                }
            }
            if !self.candidates.is_empty() {
                let began = *burst.get_or_insert_with(Instant::now);
                if began.elapsed() >= LONGEST_BURST {
                    burst = None;
                    self.tell();
                }
            }
        }
    }

    fn set_list(&mut self, list: WatchList, since: SystemTime) {
        let folders = list.files.iter().map(|file| path::dirname(&file.path));
        let folders = folders.chain(list.listings.iter().map(|listing| listing.path.as_str()));
        let wanted: HashSet<&str> = folders.collect();
        self.above.clear();
        for mut folder in wanted.iter().copied() {
            // Whose own parents are there already.
            while self.above.insert(folder.to_owned()) && path::dirname(folder).len() < folder.len() {
                folder = path::dirname(folder);
            }
        }
        self.watch_folders(wanted.into_iter().map(|folder| PathBuf::from(existing(folder))).collect());
        // Watches are set: what happens from here on is an event, what happened before shows in a stamp.
        let since = nanoseconds(since.checked_sub(CLOCK_TICK).unwrap_or(since));
        self.ignored = list.ignored;
        let mut files = HashMap::with_capacity(list.files.len());
        for WatchedFile { path, known } in list.files {
            let before = self.files.get(&path);
            let now = look(&path);
            let seen = match before {
                // Kept as it was, so that the look that decides sees the difference too.
                Some(before) if self.candidates.contains_key(&path) || before.differs(now.as_ref()) => {
                    self.candidates.entry(path.clone()).or_default();
                    before.seen
                }
                None if known.has_changed(&path, now.as_ref(), since) => {
                    self.candidates.entry(path.clone()).or_default();
                    match known {
                        Known::IsThere(false) => None,
                        _ => Some(Seen { is_racy: true, ..now.unwrap_or(Seen::NEVER) }),
                    }
                }
                _ => {
                    let hash = known.hash().or_else(|| before?.seen?.hash);
                    now.map(|now| Seen { hash, ..now })
                }
            };
            files.insert(path, WatchedState { seen, only_existence: matches!(known, Known::IsThere(_)) });
        }
        self.files = files;
        let mut listings = HashMap::with_capacity(list.listings.len());
        for WatchedListing { path, present, absent, whole } in list.listings {
            let seen = look(&path);
            let mut names: HashMap<String, bool> = absent.into_iter().map(|name| (name, false)).collect();
            names.extend(present.into_iter().map(|name| (name, true)));
            let listing = Listing { names, whole, seen };
            if seen.is_none_or(|seen| seen.changed_at() >= since) {
                self.find_changed_names(&path, &listing);
            }
            listings.insert(path, listing);
        }
        self.listings = listings;
    }

    /// Entries of a directory that came or went without an event.
    fn find_changed_names(&mut self, directory: &str, listing: &Listing) {
        for (name, was_there) in &listing.names {
            let path = path::join(directory, name);
            let is_there = OsFileSystem.symlink_metadata(&path).is_ok();
            if is_there != *was_there && !self.files.contains_key(&path) {
                let kind = if is_there { ChangeKind::Create } else { ChangeKind::Delete };
                self.candidates.insert(path, Some(kind));
            }
        }
        if listing.whole {
            self.candidates.insert(directory.to_owned(), Some(ChangeKind::Update));
        }
    }

    fn watch_folders(&mut self, wanted: HashSet<PathBuf>) {
        if self.watcher.is_none() {
            let events = self.events.clone();
            self.watcher = notify::recommended_watcher(move |event| drop(events.send(Message::Event(event)))).ok();
        }
        let Some(watcher) = &mut self.watcher else {
            self.is_polling = true;
            return;
        };
        for folder in self.watched.difference(&wanted) {
            // It may be gone, and its watch with it.
            drop(watcher.unwatch(folder));
        }
        let mut has_failed = false;
        for folder in wanted.difference(&self.watched) {
            has_failed |= watcher.watch(folder, RecursiveMode::NonRecursive).is_err() && folder.exists();
        }
        self.is_polling = has_failed;
        self.watched = wanted;
    }

    fn take_event(&mut self, event: notify::Result<notify::Event>) {
        let Ok(event) = event else { return self.look_at_everything() };
        if event.need_rescan() {
            return self.look_at_everything();
        }
        let is_entry = match event.kind {
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => true,
            EventKind::Modify(_) | EventKind::Any | EventKind::Other => false,
            EventKind::Access(_) => return,
        };
        for changed in &event.paths {
            let Some(changed) = changed.to_str().map(path::from_native) else { continue };
            // A watched folder that goes away takes its watch along; when it comes back, it is watched anew.
            if is_entry {
                self.watched.remove(Path::new(&changed));
            }
            if self.ignored.iter().any(|ignored| is_at_or_below(&changed, ignored)) {
                continue;
            }
            if self.files.contains_key(&changed) {
                self.candidates.entry(changed).or_default();
            } else if is_entry && self.matters(&changed) {
                let exists = OsFileSystem.symlink_metadata(&changed).is_ok();
                let kind = if exists { ChangeKind::Create } else { ChangeKind::Delete };
                self.candidates.insert(changed, Some(kind));
            }
        }
    }

    /// Whether somebody asked for an entry, or for something below it.
    fn matters(&self, changed: &str) -> bool {
        let (folder, name) = (path::dirname(changed), path::basename(changed));
        let is_asked_for = self
            .listings
            .get(folder)
            .is_some_and(|listing| listing.names.contains_key(name) || listing.whole && !is_passing(name));
        is_asked_for || self.above.contains(changed)
    }

    fn look_at_everything(&mut self) {
        for (path, before) in &self.files {
            if before.differs(look(path).as_ref()) {
                self.candidates.entry(path.clone()).or_default();
            }
        }
        let listings = std::mem::take(&mut self.listings);
        for (path, listing) in &listings {
            if differs(listing.seen.as_ref(), look(path).as_ref()) {
                self.find_changed_names(path, listing);
            }
        }
        self.listings = listings;
    }

    /// Passes on what really changed.
    fn tell(&mut self) {
        let mut changes = Vec::new();
        for (path, entry) in std::mem::take(&mut self.candidates) {
            let change = match self.files.get_mut(&path) {
                Some(state) => {
                    let mut now = look(&path);
                    let is_racy = !state.only_existence && state.seen.is_some_and(|seen| seen.is_racy);
                    let may_differ = is_racy || state.differs(now.as_ref());
                    if let (true, Some(now)) = (may_differ, &mut now) {
                        now.hash = hash_of(&path);
                    }
                    let kind = match (&state.seen, &now) {
                        (None, Some(_)) => Some(ChangeKind::Create),
                        (Some(_), None) => Some(ChangeKind::Delete),
                        // The same bytes again, or one write that came as two events.
                        (Some(old), Some(now)) if may_differ && (old.hash.is_none() || old.hash != now.hash) => {
                            Some(ChangeKind::Update)
                        }
                        _ => None,
                    };
                    if may_differ {
                        state.seen = now;
                    }
                    kind
                }
                None => {
                    self.note_entry(&path, entry);
                    entry
                }
            };
            changes.extend(change.map(|kind| Change { path, kind }));
        }
        if !changes.is_empty() {
            (self.on_change)(changes);
        }
    }

    /// So that a poll does not tell of it again.
    fn note_entry(&mut self, path: &str, entry: Option<ChangeKind>) {
        if let Some(listing) = self.listings.get_mut(path::dirname(path)) {
            listing.seen = look(path::dirname(path));
            if let Some(is_there) = listing.names.get_mut(path::basename(path)) {
                *is_there = entry != Some(ChangeKind::Delete);
            }
        }
        if let Some(listing) = self.listings.get_mut(path) {
            listing.seen = look(path);
        }
    }
}

impl Known {
    fn hash(&self) -> Option<ContentHash> {
        if let Self::Content(seen) = self { Some(seen.hash) } else { None }
    }

    /// `since`: nanoseconds; before the build read anything.
    fn has_changed(&self, path: &str, now: Option<&Seen>, since: i64) -> bool {
        match (self, now) {
            (Self::Content(seen), Some(now)) => {
                // A stamp that is not older than the reading might stand for two contents.
                let is_sure = seen.stamp == Some(now.stamp) && now.changed_at() < since;
                !is_sure && hash_of(path) != Some(seen.hash)
            }
            (Self::Content(_), None) => true,
            (Self::IsThere(was_there), now) => *was_there != now.is_some(),
            (Self::Nothing, Some(now)) => now.changed_at() >= since,
            (Self::Nothing, None) => false,
        }
    }
}

impl Seen {
    /// Differs from everything that is there.
    const NEVER: Self = Self {
        stamp: Stamp { kind: FileKind::Other, size: 0, mtime_ns: 0, ctime_ns: 0, inode: 0, device: 0 },
        is_racy: true,
        hash: None,
    };

    /// Nanoseconds since 1970.
    fn changed_at(&self) -> i64 {
        self.stamp.mtime_ns.max(self.stamp.ctime_ns)
    }
}

fn look(path: &str) -> Option<Seen> {
    let stamp = OsFileSystem.metadata(path).ok()?;
    let recent = SystemTime::now().checked_sub(2 * CLOCK_TICK).map_or(i64::MAX, nanoseconds);
    Some(Seen { stamp, is_racy: stamp.mtime_ns.max(stamp.ctime_ns) >= recent, hash: None })
}

fn hash_of(path: &str) -> Option<ContentHash> {
    OsFileSystem.read(path).ok().map(|bytes| ContentHash::of(&bytes))
}

fn differs(before: Option<&Seen>, now: Option<&Seen>) -> bool {
    before.map(|seen| seen.stamp) != now.map(|seen| seen.stamp)
}

fn nanoseconds(time: SystemTime) -> i64 {
    let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_nanos()).unwrap_or(i64::MAX)
}

/// The folder, or the nearest above it that is there.
fn existing(folder: &str) -> &str {
    let mut folder = folder;
    while OsFileSystem.metadata(folder).is_err() {
        let parent = path::dirname(folder);
        if parent.len() >= folder.len() {
            break;
        }
        folder = parent;
    }
    folder
}

fn is_at_or_below(inner: &str, outer: &str) -> bool {
    inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/') || outer.ends_with('/'))
}

/// Names under which editors and we ourselves write before they rename.
fn is_passing(name: &str) -> bool {
    name.ends_with('~')
        || name.ends_with(".tmp")
        || name.ends_with(".swp")
        || name.ends_with(".swx")
        || name.starts_with(".#")
        || name.starts_with(".cloudpack-")
        || name == "4913"
}

#[cfg(test)]
mod tests {
    use super::{Change, ChangeKind, Known, Watch, WatchList, WatchedFile, WatchedListing};
    use crate::recording::SeenContent;
    use cloudpack_base::ContentHash;
    use std::path::Path;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::{Duration, SystemTime};
    use tempfile::TempDir;

    /// Far longer than any event takes: only a failing test waits for it.
    const PATIENCE: Duration = Duration::from_secs(20);
    const QUIET: Duration = Duration::from_millis(300);

    struct Project {
        dir: TempDir,
        watch: Watch,
        told: Receiver<Vec<Change>>,
    }

    impl Project {
        fn new(files: &[&str]) -> Self {
            let dir = tempfile::tempdir().expect("a directory");
            for file in files {
                write(&dir.path().join(file), "1");
            }
            let (tell, told) = channel();
            let watch = Watch::new(Duration::from_millis(5), move |changes| drop(tell.send(changes)));
            Self { dir, watch, told }
        }

        fn at(&self, name: &str) -> String {
            cloudpack_base::path::from_native(&self.dir.path().join(name).to_string_lossy())
        }

        /// In `src`, two names were looked for.
        fn list(&self, files: &[&str]) -> WatchList {
            let absent = vec!["shadow.ts".to_owned(), "deep.ts".to_owned()];
            let src = WatchedListing { path: self.at("src"), absent, ..WatchedListing::default() };
            let watched = |name: &&str| WatchedFile { path: self.at(name), known: Known::Nothing };
            let files = files.iter().map(watched).collect();
            WatchList { files, listings: vec![src], ignored: vec![self.at("src/dist")] }
        }

        fn write(&self, name: &str, text: &str) {
            write(&self.dir.path().join(name), text);
        }

        /// Names relative to the project.
        fn next(&self) -> Vec<(String, ChangeKind)> {
            let changes = self.told.recv_timeout(PATIENCE).expect("a change");
            let root = format!("{}/", self.at("").trim_end_matches('/'));
            changes.into_iter().map(|change| (change.path.replace(&root, ""), change.kind)).collect()
        }

        fn is_quiet(&self) -> bool {
            self.told.recv_timeout(QUIET).is_err()
        }
    }

    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        std::fs::write(path, text).expect("a file");
    }

    fn now() -> SystemTime {
        // Files that were just made are not news.
        std::thread::sleep(Duration::from_millis(30));
        SystemTime::now()
    }

    #[test]
    fn edits_new_files_and_deleted_ones_are_told_of_and_strangers_are_not() {
        let project = Project::new(&["src/a.js", "src/b.js", "other/c.js"]);
        project.watch.set(project.list(&["src/a.js", "src/b.js", "src/missing.js"]), now());
        assert!(project.is_quiet());
        project.write("src/a.js", "22");
        assert_eq!(project.next(), [("src/a.js".to_owned(), ChangeKind::Update)]);
        std::fs::remove_file(project.at("src/b.js")).expect("removed");
        assert_eq!(project.next(), [("src/b.js".to_owned(), ChangeKind::Delete)]);
        project.write("src/missing.js", "1");
        assert_eq!(project.next(), [("src/missing.js".to_owned(), ChangeKind::Create)]);
        project.write("src/shadow.ts", "1");
        assert_eq!(project.next(), [("src/shadow.ts".to_owned(), ChangeKind::Create)]);
        std::fs::remove_file(project.at("src/shadow.ts")).expect("removed");
        assert_eq!(project.next(), [("src/shadow.ts".to_owned(), ChangeKind::Delete)]);
        project.write("other/c.js", "22");
        project.write("src/unrelated.ts", "1");
        project.write("src/dist/out.js", "1");
        project.write("src/.a.js.swp", "1");
        assert!(project.is_quiet());
    }

    #[test]
    fn a_burst_is_one_change() {
        let names: Vec<String> = (0..200).map(|number| format!("src/{number}.js")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let project = Project::new(&names);
        project.watch.set(project.list(&names), now());
        assert!(project.is_quiet());
        for name in &names {
            project.write(name, "333");
        }
        let mut changed = 0;
        while changed < names.len() {
            changed += project.next().len();
        }
        assert_eq!(changed, names.len(), "each once");
        assert!(project.is_quiet());
    }

    #[test]
    fn an_editor_that_writes_beside_and_renames_makes_one_update() {
        let project = Project::new(&["src/a.js"]);
        project.watch.set(project.list(&["src/a.js"]), now());
        assert!(project.is_quiet());
        project.write("src/a.js.tmp", "22");
        std::fs::rename(project.at("src/a.js.tmp"), project.at("src/a.js")).expect("renamed");
        assert_eq!(project.next(), [("src/a.js".to_owned(), ChangeKind::Update)]);
        assert!(project.is_quiet());
    }

    #[test]
    fn what_changed_between_the_reading_and_the_watch_is_told_of() {
        let project = Project::new(&["src/a.js", "src/b.js"]);
        let since = now();
        // The build reads, and then:
        project.write("src/b.js", "22");
        project.write("src/shadow.ts", "1");
        project.write("src/unrelated.ts", "1");
        project.watch.set(project.list(&["src/a.js", "src/b.js"]), since);
        let told = project.next();
        assert_eq!(
            told,
            [("src/b.js".to_owned(), ChangeKind::Update), ("src/shadow.ts".to_owned(), ChangeKind::Create)]
        );
        assert!(project.is_quiet());
    }

    #[test]
    fn where_every_name_matters_a_new_one_is_told_of_but_not_the_output() {
        let project = Project::new(&["src/a.js"]);
        let mut list = project.list(&["src/a.js"]);
        list.listings[0].whole = true;
        project.watch.set(list, now());
        assert!(project.is_quiet());
        project.write("src/dist/main.js", "1");
        project.write("src/.a.js.swp", "1");
        assert!(project.is_quiet());
        project.write("src/b.js", "1");
        assert_eq!(project.next(), [("src/b.js".to_owned(), ChangeKind::Create)]);
    }

    #[test]
    fn a_folder_that_goes_and_comes_back_is_watched_again() {
        let project = Project::new(&["src/deep/a.js", "src/b.js"]);
        let list = || project.list(&["src/deep/a.js", "src/b.js"]);
        project.watch.set(list(), now());
        assert!(project.is_quiet());
        std::fs::remove_dir_all(project.at("src/deep")).expect("removed");
        let mut gone = Vec::new();
        while !gone.iter().any(|(name, kind)| name == "src/deep/a.js" && *kind == ChangeKind::Delete) {
            gone.extend(project.next());
        }
        project.watch.set(list(), SystemTime::now());
        while !project.is_quiet() {}
        project.write("src/deep/a.js", "22");
        let mut back = Vec::new();
        while !back.iter().any(|(name, _)| name == "src/deep/a.js" || name == "src/deep") {
            back.extend(project.next());
        }
        project.watch.set(list(), SystemTime::now());
        while !project.is_quiet() {}
        project.write("src/deep/a.js", "333");
        assert_eq!(project.next(), [("src/deep/a.js".to_owned(), ChangeKind::Update)]);
    }

    #[test]
    fn files_that_were_made_just_before_the_build_read_them_are_no_news() {
        let project = Project::new(&[]);
        let since = SystemTime::now();
        project.write("src/a.js", "1");
        project.write("src/b.js", "1");
        let seen = |text: &str| Known::Content(SeenContent { stamp: None, hash: ContentHash::of(text.as_bytes()) });
        let mut list = project.list(&["src/a.js", "src/b.js", "src/gone.js", "src/new.js"]);
        for (file, known) in list.files.iter_mut().zip([seen("1"), seen("0"), seen("1"), Known::IsThere(false)]) {
            file.known = known;
        }
        project.write("src/new.js", "1");
        project.watch.set(list, since);
        let expected = [
            ("src/b.js".to_owned(), ChangeKind::Update),
            ("src/gone.js".to_owned(), ChangeKind::Delete),
            ("src/new.js".to_owned(), ChangeKind::Create),
        ];
        assert_eq!(project.next(), expected);
        assert!(project.is_quiet());
    }

    #[test]
    fn a_folder_that_is_moved_away_takes_its_files_along() {
        let project = Project::new(&["src/deep/er/a.js", "src/b.js"]);
        let mut list = project.list(&["src/deep/er/a.js", "src/b.js"]);
        list.listings.clear();
        project.watch.set(list, now());
        assert!(project.is_quiet());
        std::fs::rename(project.at("src/deep"), project.at("away")).expect("renamed");
        let told = project.next();
        assert!(told.contains(&("src/deep".to_owned(), ChangeKind::Delete)), "{told:?}");
    }
}
