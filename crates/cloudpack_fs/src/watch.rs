//! Tells which of the files that a build read, and which of the directories that it looked into, have changed since.
//!
//! The operating system is asked for events, but never believed without a look: an event names a candidate, a stamp decides.
//! Where events are lost (a queue that overflows) or cannot be had (no more watches, a network drive), every stamp is
//! compared instead, at once or once a second. What changed between a build's reading and the beginning of the watch
//! is found by its time of change.

use crate::filesystem::{FileSystem, Stamp};
use crate::os::OsFileSystem;
use cloudpack_base::path;
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
    /// Files, there or not.
    pub files: Vec<String>,
    /// Directories whose entries matter: something that is created or removed there may change how a request resolves.
    pub directories: Vec<String>,
    /// Nothing in these is of interest: where the build itself writes.
    pub ignored: Vec<String>,
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
            list: WatchList::default(),
            files: HashMap::new(),
            directories: HashMap::new(),
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
    list: WatchList,
    /// As they were when last looked at; `None`: not there.
    files: HashMap<String, Option<Seen>>,
    directories: HashMap<String, Option<Seen>>,
    is_polling: bool,
    /// What may have changed, and whether an entry came or went, which no stamp of it tells.
    candidates: BTreeMap<String, Candidate>,
}

#[derive(Clone, Copy, Default)]
struct Candidate {
    entry: Option<ChangeKind>,
}

#[derive(Clone, Copy)]
struct Seen {
    stamp: Stamp,
    /// Written so shortly before it was looked at that another write might not have changed the stamp.
    is_racy: bool,
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
        let mut wanted: HashSet<PathBuf> = HashSet::new();
        let folders = list.files.iter().map(|file| path::dirname(file));
        for folder in folders.chain(list.directories.iter().map(String::as_str)) {
            wanted.insert(PathBuf::from(existing(folder)));
        }
        self.watch_folders(wanted);
        // Watches are set: what happens from here on is an event, what happened before shows in a stamp.
        let since = nanoseconds(since.checked_sub(CLOCK_TICK).unwrap_or(since));
        self.list = list;
        let mut files = HashMap::with_capacity(self.list.files.len());
        for file in &self.list.files {
            let now = look(file);
            let entry = match self.files.get(file) {
                // Kept as it was, so that the look that decides sees the difference too.
                Some(before) if self.candidates.contains_key(file) || differs(before.as_ref(), now.as_ref()) => {
                    self.candidates.entry(file.clone()).or_default();
                    *before
                }
                None if now.is_some_and(|now| now.changed_at() >= since) => {
                    self.candidates.entry(file.clone()).or_default();
                    now.map(|now| Seen { is_racy: true, ..now })
                }
                _ => now,
            };
            files.insert(file.clone(), entry);
        }
        let mut directories = HashMap::with_capacity(self.list.directories.len());
        for directory in &self.list.directories {
            let mut now = look(directory);
            // Of one that was watched before, events have told.
            if !self.directories.contains_key(directory) && self.has_new_entries(directory, now, since) {
                self.candidates.entry(directory.clone()).or_default();
                now = now.map(|now| Seen { is_racy: true, ..now });
            }
            directories.insert(directory.clone(), now);
        }
        self.files = files;
        self.directories = directories;
    }

    /// Whether entries came or went. In a directory that holds one of ours (`dist`, `node_modules/.cache`), whether another
    /// entry came.
    fn has_new_entries(&self, directory: &str, now: Option<Seen>, since: i64) -> bool {
        if now.is_none_or(|now| now.changed_at() < since) {
            return false;
        }
        if !self.list.ignored.iter().any(|ignored| is_at_or_below(ignored, directory)) {
            return true;
        }
        let entries = OsFileSystem.read_dir(directory).unwrap_or_default();
        entries.into_iter().any(|entry| {
            let path = path::join(directory, &entry.name);
            !self.is_ignored(&path)
                && !is_passing(&entry.name)
                && OsFileSystem.symlink_metadata(&path).is_ok_and(|stamp| stamp.ctime_ns >= since)
        })
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
        let (is_entry, kind) = match event.kind {
            EventKind::Create(_) => (true, ChangeKind::Create),
            EventKind::Remove(_) => (true, ChangeKind::Delete),
            EventKind::Modify(ModifyKind::Name(_)) => (true, ChangeKind::Create),
            EventKind::Modify(_) | EventKind::Any | EventKind::Other => (false, ChangeKind::Update),
            EventKind::Access(_) => return,
        };
        for changed in &event.paths {
            let Some(changed) = changed.to_str().map(path::from_native) else { continue };
            // A watched folder that goes away takes its watch along; when it comes back, it is watched anew.
            if is_entry && self.watched.remove(Path::new(&changed)) {
                self.candidates.entry(changed.clone()).or_default().entry = Some(kind);
            }
            if self.is_ignored(&changed) {
                continue;
            }
            if self.files.contains_key(&changed) {
                self.candidates.entry(changed).or_default();
            } else if is_entry && self.is_asked_for(&changed) && !is_passing(path::basename(&changed)) {
                let exists = look(&changed).is_some();
                let kind = if exists { ChangeKind::Create } else { ChangeKind::Delete };
                self.candidates.entry(changed).or_default().entry = Some(kind);
            }
        }
    }

    /// Whether an entry of this name might have been looked for. A folder that was not there is asked for below the
    /// nearest one that is.
    fn is_asked_for(&self, changed: &str) -> bool {
        let parent = path::dirname(changed);
        let below = |path: &String| path.strip_prefix(changed).is_some_and(|rest| rest.starts_with('/'));
        self.directories.contains_key(parent)
            || self.directories.contains_key(changed)
            || self.list.directories.iter().any(below)
            || self.list.files.iter().any(below)
    }

    fn is_ignored(&self, changed: &str) -> bool {
        // Also what holds such a folder: making `dist` makes an entry, and so does making `node_modules/.cache`.
        self.list.ignored.iter().any(|ignored| is_at_or_below(changed, ignored) || is_at_or_below(ignored, changed))
    }

    fn look_at_everything(&mut self) {
        let mut changed = Vec::new();
        for (path, before) in &self.files {
            if differs(before.as_ref(), look(path).as_ref()) {
                changed.push(path.clone());
            }
        }
        for (path, before) in &self.directories {
            let now = look(path);
            let since = before.map_or(0, |before| before.changed_at() + 1);
            if before.is_some() != now.is_some() || self.has_new_entries(path, now, since) {
                changed.push(path.clone());
            }
        }
        for path in changed {
            self.candidates.entry(path).or_default();
        }
    }

    /// Passes on what really changed.
    fn tell(&mut self) {
        let mut changes = Vec::new();
        for (path, candidate) in std::mem::take(&mut self.candidates) {
            let table = if self.files.contains_key(&path) { &mut self.files } else { &mut self.directories };
            let seen = look(&path);
            let change = match table.get_mut(&path) {
                Some(before) => {
                    let kind = match (&before, &seen) {
                        (None, Some(_)) => Some(ChangeKind::Create),
                        (Some(_), None) => Some(ChangeKind::Delete),
                        (Some(old), Some(_)) if old.is_racy || differs(before.as_ref(), seen.as_ref()) => {
                            Some(ChangeKind::Update)
                        }
                        _ => None,
                    };
                    *before = seen;
                    kind
                }
                None => candidate.entry,
            };
            changes.extend(change.map(|kind| Change { path, kind }));
        }
        if !changes.is_empty() {
            (self.on_change)(changes);
        }
    }
}

impl Seen {
    /// Nanoseconds since 1970.
    fn changed_at(&self) -> i64 {
        self.stamp.mtime_ns.max(self.stamp.ctime_ns)
    }
}

fn look(path: &str) -> Option<Seen> {
    let stamp = OsFileSystem.metadata(path).ok()?;
    let recent = SystemTime::now().checked_sub(2 * CLOCK_TICK).map_or(i64::MAX, nanoseconds);
    Some(Seen { stamp, is_racy: stamp.mtime_ns.max(stamp.ctime_ns) >= recent })
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
    use super::{Change, ChangeKind, Watch, WatchList};
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

        fn list(&self, files: &[&str], directories: &[&str]) -> WatchList {
            WatchList {
                files: files.iter().map(|name| self.at(name)).collect(),
                directories: directories.iter().map(|name| self.at(name)).collect(),
                ignored: vec![self.at("src/dist")],
            }
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
        project.watch.set(project.list(&["src/a.js", "src/b.js", "src/missing.js"], &["src"]), now());
        assert!(project.is_quiet());
        project.write("src/a.js", "22");
        assert_eq!(project.next(), [("src/a.js".to_owned(), ChangeKind::Update)]);
        std::fs::remove_file(project.at("src/b.js")).expect("removed");
        assert_eq!(project.next(), [("src/b.js".to_owned(), ChangeKind::Delete)]);
        project.write("src/missing.js", "1");
        assert_eq!(project.next(), [("src/missing.js".to_owned(), ChangeKind::Create)]);
        project.write("src/shadow.ts", "1");
        assert_eq!(project.next(), [("src/shadow.ts".to_owned(), ChangeKind::Create)]);
        project.write("other/c.js", "22");
        project.write("src/dist/out.js", "1");
        project.write("src/.a.js.swp", "1");
        assert!(project.is_quiet());
    }

    #[test]
    fn a_burst_is_one_change() {
        let names: Vec<String> = (0..200).map(|number| format!("src/{number}.js")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let project = Project::new(&names);
        project.watch.set(project.list(&names, &["src"]), now());
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
        project.watch.set(project.list(&["src/a.js"], &["src"]), now());
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
        project.write("lib/new.js", "1");
        project.watch.set(project.list(&["src/a.js", "src/b.js"], &["lib"]), since);
        let told = project.next();
        assert_eq!(told, [("lib".to_owned(), ChangeKind::Update), ("src/b.js".to_owned(), ChangeKind::Update)]);
        assert!(project.is_quiet());
    }

    #[test]
    fn writing_the_output_is_no_news_of_the_folder_it_lies_in() {
        let project = Project::new(&["src/a.js"]);
        let since = now();
        project.write("src/dist/main.js", "1");
        project.watch.set(project.list(&["src/a.js"], &["src"]), since);
        assert!(project.is_quiet());
        project.write("src/b.js", "1");
        assert_eq!(project.next(), [("src/b.js".to_owned(), ChangeKind::Create)]);
    }

    #[test]
    fn a_folder_that_goes_and_comes_back_is_watched_again() {
        let project = Project::new(&["src/deep/a.js", "src/b.js"]);
        let list = || project.list(&["src/deep/a.js", "src/b.js"], &["src", "src/deep"]);
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
}
