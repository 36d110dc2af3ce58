//! One configuration that is built again and again in one process: what the last build left in memory, and what may have
//! changed on the disk since. Whoever builds next looks at these paths and reads nothing back.
//!
//! Nothing here has to be true for a build to be right: where something is not known (no watch, events that were lost,
//! another process that wrote the store, a build that failed), everything is looked at as by the first build.

use crate::build_record::{BuildRecord, OLD_ENOUGH};
use crate::cache_store::SharedStore;
use crate::changes::{SettledStamps, settle_outputs};
use crate::last_build::LastBuild;
use crate::seeded_faults::{Edge, is_dropped};
use cloudpack_base::path;
use cloudpack_fs::{FileSystem, Watch, WatchList, WatchedFile};
use cloudpack_store::{HeadName, Key};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeSet, HashSet};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

pub struct LiveBuild {
    watch: Watch,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Builds that have begun.
    turns: u64,
    last: Option<Kept>,
    /// What may be different from what `last` rests on. `None`: anything.
    suspects: Option<BTreeSet<String>>,
    /// The same of files that it emitted.
    emitted: Option<BTreeSet<String>>,
    /// Of files that `last` emitted.
    settled: SettledStamps,
    /// The build whose files are watched.
    watched: u64,
    /// Files that are watched besides, and what is ignored, as the last build said.
    more: WatchList,
    /// What other builds that share the store emitted, by the keys of their records.
    others: FxHashMap<Key, Arc<FxHashSet<String>>>,
    /// The last record is being written; says when it is.
    remembering: Option<Receiver<()>>,
}

struct Kept {
    turn: u64,
    head: HeadName,
    build: Arc<LastBuild>,
    store: SharedStore,
}

/// One build among those of a process.
#[derive(Clone)]
pub(crate) struct LiveTurn {
    live: Arc<LiveBuild>,
    number: u64,
    head: HeadName,
    /// The build before this one, its store as it left it.
    pub(crate) last: Option<Arc<LastBuild>>,
    pub(crate) store: Option<SharedStore>,
    /// What may have changed since. `None`: anything.
    pub(crate) suspects: Option<BTreeSet<String>>,
    /// Emitted files that may have changed. `None`: any.
    pub(crate) emitted: Option<BTreeSet<String>>,
    pub(crate) settled: SettledStamps,
}

impl LiveBuild {
    /// `delay` and `on_change` as for `Watch::new`.
    pub fn new(delay: Duration, on_change: impl FnMut(Vec<cloudpack_fs::Change>) + Send + 'static) -> Self {
        Self { watch: Watch::new(delay, on_change), state: Mutex::default() }
    }

    /// Watches these files and nothing else, for whoever does not build.
    pub fn watch_only(&self, list: WatchList, since: SystemTime) {
        self.watch.set(list, since);
    }

    /// Waits until the last build is written to the store.
    pub fn settle(&self) {
        let remembering = self.state().remembering.take();
        if let Some(remembering) = remembering
            && remembering.recv().is_err()
        {
            debug_assert!(false, "remembering a build panicked");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next build. Cost: waits for the record of the last one, and for events that are under way.
    pub(crate) fn begin(self: &Arc<Self>, head: HeadName) -> LiveTurn {
        self.settle();
        let news = self.watch.suspects();
        let mut state = self.state();
        state.turns += 1;
        let (paths, emitted) = news.map_or((None, None), |news| (Some(news.paths), news.emitted));
        let paths = paths.map(|paths| if is_dropped(Edge::Suspects) { BTreeSet::new() } else { paths });
        let emitted = emitted.map(|emitted| if is_dropped(Edge::Emitted) { BTreeSet::new() } else { emitted });
        state.suspects = joined(state.suspects.take(), paths);
        state.emitted = joined(state.emitted.take(), emitted);
        let mut turn = LiveTurn {
            live: Arc::clone(self),
            number: state.turns,
            head,
            last: None,
            store: None,
            suspects: None,
            emitted: None,
            settled: SettledStamps::default(),
        };
        let settled = std::mem::take(&mut state.settled);
        // What we know to be in the store may be gone where somebody else wrote it.
        let is_current =
            |kept: &Kept| kept.head == head && kept.store.read().unwrap_or_else(PoisonError::into_inner).is_current();
        let watched = state.watched;
        match &state.last {
            Some(kept) if is_current(kept) => {
                turn.last = Some(Arc::clone(&kept.build));
                turn.store = Some(Arc::clone(&kept.store));
                turn.suspects = state.suspects.clone().filter(|_| watched == kept.turn);
                turn.emitted = state.emitted.clone();
                turn.settled = settled;
            }
            _ => {
                (state.last, state.suspects, state.emitted) = (None, None, None);
                state.others.clear();
            }
        }
        turn
    }
}

impl LiveTurn {
    /// Watches what this build rests on, and `more`. `read`: what it read itself where it took over all else from a build whose
    /// files are watched. `since`: before it read anything.
    pub(crate) fn watch(
        &self,
        read: Option<Vec<WatchedFile>>,
        whole: impl FnOnce() -> WatchList,
        more: WatchList,
        since: SystemTime,
    ) {
        let mut state = self.live.state();
        let is_same = self.suspects.is_some() && state.more.is_same(&more);
        match read.filter(|_| is_same) {
            Some(read) => self.live.watch.saw(read, since),
            None => {
                let mut list = whole();
                list.extend(more.clone());
                self.live.watch.set(list, since);
            }
        }
        state.more = more;
        state.watched = self.number;
    }

    /// What the build of this record emitted. `read` says it, and is asked once.
    pub(crate) fn files_of(&self, record: Key, read: impl FnOnce() -> FxHashSet<String>) -> Arc<FxHashSet<String>> {
        let known = self.live.state().others.get(&record).cloned();
        known.unwrap_or_else(|| {
            let files = Arc::new(read());
            self.live.state().others.insert(record, Arc::clone(&files));
            files
        })
    }

    /// This build is what the next one goes on from.
    pub(crate) fn keep(&self, build: Arc<LastBuild>, store: &SharedStore) {
        let directories = directories_of(&build.record);
        let mut state = self.live.state();
        if state.turns == self.number {
            self.live.watch.emitted(directories);
            let store = Arc::clone(store);
            state.last = Some(Kept { turn: self.number, head: self.head, build, store });
            (state.suspects, state.emitted) = (Some(BTreeSet::new()), Some(BTreeSet::new()));
        }
    }

    /// The same, and what the next build will want is made ready beside what follows.
    pub(crate) fn keep_now(&self, build: Arc<LastBuild>, store: &SharedStore, disk: &Arc<dyn FileSystem>) {
        self.keep(Arc::clone(&build), store);
        let (live, number, disk) = (Arc::downgrade(&self.live), self.number, Arc::clone(disk));
        let work = move || settle_later(&live, number, &build, &*disk);
        // Without a thread the next build does it itself.
        drop(std::thread::Builder::new().name("cloudpack-settle".to_owned()).spawn(work));
    }

    /// The same once `make` has made it, on a thread of its own. The next build waits for it.
    pub(crate) fn keep_later(
        &self,
        store: &SharedStore,
        disk: Arc<dyn FileSystem>,
        make: impl FnOnce() -> Option<Arc<LastBuild>> + Send + 'static,
    ) {
        let (turn, store) = (self.clone(), Arc::clone(store));
        let (is_done, done) = channel();
        let work = move || {
            let build = make();
            if let Some(build) = &build {
                turn.keep(Arc::clone(build), &store);
            }
            // Nobody may be waiting.
            let _ = is_done.send(());
            if let Some(build) = build {
                let (live, number) = (Arc::downgrade(&turn.live), turn.number);
                drop(turn);
                settle_later(&live, number, &build, &*disk);
            }
        };
        let started = std::thread::Builder::new().name("cloudpack-remember".to_owned()).spawn(work);
        // Without a thread the build is not remembered, and the next one looks at everything.
        self.live.state().remembering = started.ok().map(|_| done);
    }
}

/// Files that were written just now have stamps that another writer could share: the next build would read each of them to
/// see whether it is what was written. This makes ready what that build will look into, looks at them when they are old enough, while nobody waits, and gives up when that
/// build begins before. Cost: reads what the build of this number wrote, once.
fn settle_later(live: &Weak<LiveBuild>, number: u64, build: &LastBuild, disk: &dyn FileSystem) {
    let is_last = || live.upgrade().is_some_and(|live| live.state().turns == number);
    let start = Instant::now();
    // What cannot be made ready is found out about by the build that wants it.
    build.prepare(&is_last);
    std::thread::sleep(OLD_ENOUGH.saturating_sub(start.elapsed()));
    let settled = settle_outputs(&build.record, disk, is_last);
    if let (Some(settled), Some(live)) = (settled, live.upgrade()) {
        let mut state = live.state();
        if state.turns == number {
            state.settled = settled;
        }
    }
}

fn joined(known: Option<BTreeSet<String>>, news: Option<BTreeSet<String>>) -> Option<BTreeSet<String>> {
    known.zip(news).map(|(mut known, news)| {
        known.extend(news);
        known
    })
}

/// Where the emitted files lie.
fn directories_of(record: &BuildRecord) -> HashSet<String> {
    let dirs = record.dirs().unwrap_or_default();
    let outputs = (0..record.outputs).filter_map(|index| record.output(index));
    let mut folders: FxHashSet<(u32, &str)> = FxHashSet::default();
    folders.extend(outputs.map(|output| (output.output, path::dirname(output.name))));
    let full = |(output, folder): (u32, &str)| Some(path::join(dirs.get(output as usize)?, folder));
    folders.into_iter().filter_map(full).collect()
}

#[cfg(test)]
mod tests {
    use super::{LiveBuild, OLD_ENOUGH};
    use crate::options::{BuildOptions, CacheOptions};
    use crate::session::Session;
    use cloudpack_base::path;
    use cloudpack_fs::{DirEntry, FileSystem, FsResult, OsFileSystem, Stamp, WatchList};
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::{Duration, Instant, SystemTime};

    /// The disk, and which files were read.
    #[derive(Default)]
    struct CountingDisk {
        reads: Mutex<Vec<String>>,
    }

    impl CountingDisk {
        fn take_reads(&self) -> Vec<String> {
            std::mem::take(&mut *self.reads.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }

    impl FileSystem for CountingDisk {
        fn read(&self, path: &str) -> FsResult<Vec<u8>> {
            self.reads.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
            OsFileSystem.read(path)
        }

        fn metadata(&self, path: &str) -> FsResult<Stamp> {
            OsFileSystem.metadata(path)
        }

        fn symlink_metadata(&self, path: &str) -> FsResult<Stamp> {
            OsFileSystem.symlink_metadata(path)
        }

        fn canonicalize(&self, path: &str) -> FsResult<String> {
            OsFileSystem.canonicalize(path)
        }

        fn read_link(&self, path: &str) -> FsResult<String> {
            OsFileSystem.read_link(path)
        }

        fn read_dir(&self, path: &str) -> FsResult<Vec<DirEntry>> {
            OsFileSystem.read_dir(path)
        }

        fn write(&self, path: &str, bytes: &[u8]) -> FsResult<()> {
            OsFileSystem.write(path, bytes)
        }

        fn create_dir_all(&self, path: &str) -> FsResult<()> {
            OsFileSystem.create_dir_all(path)
        }

        fn remove_file(&self, path: &str) -> FsResult<()> {
            OsFileSystem.remove_file(path)
        }

        fn remove_dir_all(&self, path: &str) -> FsResult<()> {
            OsFileSystem.remove_dir_all(path)
        }
    }

    fn build(cwd: &str, disk: &Arc<CountingDisk>, live: &Arc<LiveBuild>) {
        let since = SystemTime::now();
        let json = serde_json::json!({
            "cwd": cwd, "output": [{ "dir": "out" }],
            "input": [{ "name": "one", "import": "./one.js" }, { "name": "two", "import": "./two.js" }],
        });
        let cache = Some(CacheOptions::at(path::join(cwd, "store")));
        let options = BuildOptions { cache, ..serde_json::from_value(json).expect("options") };
        let fs = Arc::clone(disk) as Arc<dyn FileSystem>;
        let mut session = Session::next(options, Default::default(), fs, Some(Arc::clone(live))).expect("options");
        session.scan(Vec::new());
        let ignored = vec![path::join(cwd, "out"), path::join(cwd, "store")];
        session.follow(WatchList { ignored, ..WatchList::default() }, since);
        let bundle = session.finalize(0, Vec::new(), Vec::new()).expect("an output");
        session.write(0, &bundle).expect("written");
        drop(session);
        live.settle();
    }

    /// Waits for what another thread does, which may be late and must come.
    fn wait_until(what: &str, is_so: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_so() {
            assert!(start.elapsed() < Duration::from_secs(30), "{what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn a_build_does_not_read_what_the_last_one_wrote() {
        let folder = tempfile::tempdir().expect("a directory");
        let cwd = OsFileSystem.canonicalize(&folder.path().to_string_lossy()).expect("a real path");
        let edit = |file: &str, text: &str| {
            OsFileSystem.write(&path::join(&cwd, file), text.as_bytes()).expect("written");
        };
        edit("one.js", "console.log(1)");
        edit("two.js", "console.log(2)");
        // Sources that could have changed within the clock's step are read again, which is not what is asked here.
        std::thread::sleep(OLD_ENOUGH);
        let disk = Arc::new(CountingDisk::default());
        let live = Arc::new(LiveBuild::new(Duration::from_millis(1), |_| {}));
        build(&cwd, &disk, &live);
        edit("one.js", "console.log(3)");
        build(&cwd, &disk, &live);
        // A slow machine comes to the record when files are old enough.
        let known = || {
            let state = live.state();
            let record = state.last.as_ref().map(|kept| &kept.build.record);
            let stamped = record.map_or(0, |record| {
                (0..record.outputs).filter(|index| record.output(*index).is_some_and(|it| it.stamp.is_some())).count()
            });
            stamped + state.settled.len()
        };
        wait_until("emitted files are looked at once they are old enough", || known() == 2);
        disk.take_reads();
        edit("one.js", "console.log(10)");
        build(&cwd, &disk, &live);
        let reads: Vec<String> = disk.take_reads().into_iter().filter(|file| !file.ends_with("/one.js")).collect();
        assert_eq!(reads, [] as [&str; 0]);
        let written = OsFileSystem.read(&path::join(&cwd, "out/one.js")).expect("the output");
        assert!(String::from_utf8_lossy(&written).contains("10"), "{written:?}");
    }
}
