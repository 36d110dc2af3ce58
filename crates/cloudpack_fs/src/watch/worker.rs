//! The thread that watches: keeps what is watched as it was last seen, turns events into candidates and candidates into
//! changes.

use super::cookie::Cookies;
use super::journal::{Journal, Suspects};
use super::{Change, ChangeKind, Known, Message, WatchList, WatchedFile, WatchedListing};
use crate::filesystem::{FileKind, FileSystem, Stamp};
use crate::os::OsFileSystem;
use cloudpack_base::{ContentHash, path};
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{RecursiveMode, Watcher as _};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};

/// File systems write times of change up to a tick of the kernel's clock early.
const CLOCK_TICK: Duration = Duration::from_millis(10);
/// A burst is told of as one change once it pauses for the delay, or after this long.
const LONGEST_BURST: Duration = Duration::from_millis(250);
/// The same of a single file that was closed by whoever wrote it, or came as a whole: mostly somebody saved it, and nobody is in the
/// middle of it. If it is the first of many, its build is followed by one of the rest.
const ONE_SAVE: Duration = Duration::from_millis(1);
const POLL: Duration = Duration::from_secs(1);
/// After a build, once nothing has moved for so long, all stamps are compared.
const QUIET: Duration = Duration::from_secs(1);
/// So many at a time: whoever wants to build does not wait for more.
const STEP: usize = 512;

pub(super) struct Worker {
    delay: Duration,
    on_change: Box<dyn FnMut(Vec<Change>) + Send>,
    events: Sender<Message>,
    watcher: Option<notify::RecommendedWatcher>,
    /// By their real paths: of a folder that is watched under two names, the system tells under one of them.
    watched: HashSet<PathBuf>,
    /// Other names of watched folders, by their real paths.
    aliases: HashMap<String, Vec<String>>,
    ignored: Vec<String>,
    /// Directories that builds wrote to.
    emitted: HashSet<String>,
    /// As they were when last looked at; `None`: not there.
    files: HashMap<String, WatchedState>,
    listings: HashMap<String, Listing>,
    /// Every folder above something that is watched.
    above: HashSet<String>,
    is_polling: bool,
    /// What may have changed; for an entry that came or went, how.
    candidates: BTreeMap<String, Option<ChangeKind>>,
    /// Candidates that somebody may be in the middle of: all but those that were closed or moved to their places since. A file
    /// that is gone is one, as that is how many editors begin.
    unfinished: BTreeSet<String>,
    /// The same for whoever builds again; it keeps them until they are asked for.
    journal: Journal,
    cookies: Cookies,
    /// Who wants the journal once this cookie was told of.
    asking: Option<(String, Sender<Option<Suspects>>)>,
    /// What is still to be looked at, if anything.
    audit: Audit,
}

/// A look at everything, in steps.
enum Audit {
    Done,
    /// A build was made, and the time has not come.
    Due,
    Files(Vec<String>),
    Listings(Vec<String>),
}

#[derive(Clone)]
enum WatchedState {
    /// `None`: not there.
    Content(Option<Seen>),
    /// What is in it is of no interest: a directory on the way, a link.
    Entry(Entry),
}

/// What a name stands for, as far as it decides which file is meant.
#[derive(Clone, PartialEq, Eq)]
enum Entry {
    Absent,
    Directory,
    /// Files are not told apart: which of them it is shows in what was read.
    File,
    Link {
        target: String,
        leads_somewhere: bool,
    },
    /// Something that it is not any more.
    Other,
}

impl WatchedState {
    fn is_there(&self) -> bool {
        match self {
            Self::Content(seen) => seen.is_some(),
            Self::Entry(entry) => entry.is_there(),
        }
    }

    fn differs(&self, path: &str) -> bool {
        match self {
            Self::Content(seen) => differs(seen.as_ref(), look(path).as_ref()),
            Self::Entry(entry) => *entry != Entry::at(path),
        }
    }
}

impl Entry {
    fn at(path: &str) -> Self {
        match OsFileSystem.symlink_metadata(path).map(|own| own.kind) {
            Err(_) => Self::Absent,
            Ok(FileKind::Directory) => Self::Directory,
            Ok(FileKind::Symlink) => Self::Link {
                target: OsFileSystem.read_link(path).unwrap_or_default(),
                leads_somewhere: OsFileSystem.metadata(path).is_ok(),
            },
            Ok(FileKind::File | FileKind::Other) => Self::File,
        }
    }

    /// With links followed.
    fn is_there(&self) -> bool {
        !matches!(self, Self::Absent | Self::Link { leads_somewhere: false, .. })
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
    pub(super) fn new(delay: Duration, on_change: Box<dyn FnMut(Vec<Change>) + Send>, events: Sender<Message>) -> Self {
        let mut journal = Journal::default();
        // Nothing is watched yet.
        journal.lose();
        Self {
            delay,
            on_change,
            events,
            watcher: None,
            watched: HashSet::new(),
            aliases: HashMap::new(),
            ignored: Vec::new(),
            emitted: HashSet::new(),
            files: HashMap::new(),
            listings: HashMap::new(),
            above: HashSet::new(),
            is_polling: false,
            candidates: BTreeMap::new(),
            unfinished: BTreeSet::new(),
            journal,
            cookies: Cookies::new(),
            asking: None,
            audit: Audit::Done,
        }
    }

    pub(super) fn run(mut self, inbox: &Receiver<Message>) {
        let mut burst: Option<Instant> = None;
        let mut next_poll = Instant::now() + POLL;
        loop {
            let wait = if burst.is_some() {
                let is_one_save = self.candidates.len() == 1 && self.unfinished.is_empty();
                if is_one_save { self.delay.min(ONE_SAVE) } else { self.delay }
            } else if self.is_polling {
                next_poll.saturating_duration_since(Instant::now())
            } else {
                match self.audit {
                    Audit::Done => Duration::from_secs(3_600),
                    Audit::Due => QUIET,
                    Audit::Files(_) | Audit::Listings(_) => Duration::ZERO,
                }
            };
            match inbox.recv_timeout(wait) {
                Ok(Message::List(list, since)) => self.set_list(list, since),
                Ok(Message::Seen(files, since)) => {
                    let since = nanoseconds(since.checked_sub(CLOCK_TICK).unwrap_or(since));
                    files.into_iter().for_each(|file| self.take_file(file, since));
                    self.audit = Audit::Due;
                }
                Ok(Message::Emitted(directories)) => self.set_emitted(directories),
                Ok(Message::Suspects(reply)) => self.ask(reply),
                Ok(Message::Event(event)) => self.take_event(event),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                // The burst is over.
                Err(RecvTimeoutError::Timeout) if burst.take().is_some() => self.tell(),
                Err(RecvTimeoutError::Timeout) if self.is_polling => {
                    self.look_at_everything();
                    next_poll = Instant::now() + POLL;
                    self.tell();
                }
                Err(RecvTimeoutError::Timeout) => self.go_on_looking(),
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
        self.watch_folders(wanted.into_iter().map(|folder| existing(folder).to_owned()).collect());
        // Watches are set: what happens from here on is an event, what happened before shows in a stamp.
        let since = nanoseconds(since.checked_sub(CLOCK_TICK).unwrap_or(since));
        self.ignored = list.ignored;
        let former = std::mem::replace(&mut self.files, HashMap::with_capacity(list.files.len()));
        for file in list.files {
            let before = former.get(&file.path).cloned();
            self.take_watched(file, before, since);
        }
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
        // All of it was looked at just now.
        self.audit = Audit::Done;
    }

    /// A file that is watched already, or in a folder that is, as a build saw it.
    fn take_file(&mut self, file: WatchedFile, since: i64) {
        let before = self.files.remove(&file.path);
        self.take_watched(file, before, since);
    }

    /// What was suspected before is kept as it was, so that the look that decides sees the difference too. Its event has been
    /// noted. What a build has read meanwhile is not told.
    fn take_watched(&mut self, file: WatchedFile, before: Option<WatchedState>, since: i64) {
        let WatchedFile { path, known } = file;
        let is_suspected = self.candidates.contains_key(&path);
        let (state, is_suspect) = match known {
            Known::IsThere(was_there) => taken_entry(&path, was_there, before, is_suspected, since),
            _ => taken_content(&path, &known, before, is_suspected, since),
        };
        if is_suspect {
            self.suspect(&path, None);
        }
        self.files.insert(path, state);
    }

    /// Something may have happened to it; for an entry that came or went, what.
    fn suspect(&mut self, path: &str, entry: Option<ChangeKind>) {
        self.journal.note(path);
        self.unfinished.insert(path.to_owned());
        match (self.candidates.get_mut(path), entry) {
            (Some(known), Some(kind)) => *known = Some(kind),
            (Some(_), None) => {}
            (None, entry) => drop(self.candidates.insert(path.to_owned(), entry)),
        }
    }

    /// Gives the journal to whoever asks for it, once all that happened before is in it.
    fn ask(&mut self, reply: Sender<Option<Suspects>>) {
        let knows = !self.is_polling && self.watcher.is_some();
        match self.cookies.make().filter(|_| knows) {
            Some(cookie) => self.asking = Some((cookie, reply)),
            None => {
                self.journal.lose();
                drop(reply.send(self.journal.take()));
            }
        }
    }

    /// The next step of the look at everything, if one is due.
    fn go_on_looking(&mut self) {
        self.audit = match std::mem::replace(&mut self.audit, Audit::Done) {
            Audit::Done => Audit::Done,
            Audit::Due => Audit::Files(self.files.keys().cloned().collect()),
            Audit::Files(mut left) if !left.is_empty() => {
                let rest = left.split_off(left.len().saturating_sub(STEP));
                rest.iter().for_each(|path| self.look_at_file(path));
                Audit::Files(left)
            }
            Audit::Files(_) => Audit::Listings(self.listings.keys().cloned().collect()),
            Audit::Listings(mut left) => {
                let rest = left.split_off(left.len().saturating_sub(STEP));
                rest.iter().for_each(|path| self.look_at_listing(path));
                if left.is_empty() { Audit::Done } else { Audit::Listings(left) }
            }
        };
    }

    fn look_at_file(&mut self, path: &str) {
        if self.files.get(path).is_some_and(|before| before.differs(path)) {
            self.suspect(path, None);
        }
    }

    fn look_at_listing(&mut self, path: &str) {
        let Some(mut listing) = self.listings.remove(path) else { return };
        let now = look(path);
        if differs(listing.seen.as_ref(), now.as_ref()) {
            self.find_changed_names(path, &listing);
            listing.seen = now;
        }
        self.listings.insert(path.to_owned(), listing);
    }

    /// Entries of a directory that came or went without an event.
    fn find_changed_names(&mut self, directory: &str, listing: &Listing) {
        for (name, was_there) in &listing.names {
            let path = path::join(directory, name);
            let is_there = OsFileSystem.symlink_metadata(&path).is_ok();
            if is_there != *was_there && !self.files.contains_key(&path) {
                let kind = if is_there { ChangeKind::Create } else { ChangeKind::Delete };
                self.suspect(&path, Some(kind));
            }
        }
        if listing.whole {
            self.suspect(directory, Some(ChangeKind::Update));
        }
    }

    fn watch_folders(&mut self, mut wanted: HashSet<String>) {
        if self.watcher.is_none() {
            let events = self.events.clone();
            self.watcher = notify::recommended_watcher(move |event| drop(events.send(Message::Event(event)))).ok();
        }
        wanted.extend(self.cookies.directory().map(|folder| path::from_native(&folder.to_string_lossy())));
        let mut aliases = HashMap::new();
        let mut real: HashSet<PathBuf> = wanted.into_iter().map(|folder| real_folder(folder, &mut aliases)).collect();
        // What happened in others of these is not known, as `set_emitted` says.
        let emitted = self.emitted.iter().map(|folder| real_folder(folder.clone(), &mut aliases));
        real.extend(emitted.filter(|folder| self.watched.contains(folder)));
        self.aliases = aliases;
        let Some(watcher) = &mut self.watcher else {
            self.is_polling = true;
            return;
        };
        for folder in self.watched.difference(&real) {
            // It may be gone, and its watch with it.
            drop(watcher.unwatch(folder));
        }
        let mut has_failed = false;
        for folder in real.difference(&self.watched) {
            has_failed |= watcher.watch(folder, RecursiveMode::NonRecursive).is_err() && folder.exists();
        }
        self.is_polling = has_failed;
        self.watched = real;
    }

    /// What happened to them before they were watched is not known.
    fn set_emitted(&mut self, directories: HashSet<String>) {
        for directory in &directories {
            let folder = real_folder(directory.clone(), &mut self.aliases);
            if self.watched.contains(&folder) {
                continue;
            }
            self.journal.lose_emitted();
            if let Some(watcher) = &mut self.watcher
                && watcher.watch(&folder, RecursiveMode::NonRecursive).is_ok()
            {
                self.watched.insert(folder);
            }
        }
        self.emitted = directories;
    }

    /// All names of what an event names.
    fn names_of(&self, changed: String) -> Vec<String> {
        let own = self.aliases.get(&changed).into_iter().flatten().cloned();
        let folders = self.aliases.get(path::dirname(&changed)).into_iter().flatten();
        let in_folders = folders.map(|folder| path::join(folder, path::basename(&changed)));
        let mut names: Vec<String> = own.chain(in_folders).collect();
        names.push(changed);
        names
    }

    fn take_event(&mut self, event: notify::Result<notify::Event>) {
        let Ok(event) = event else { return self.look_at_everything() };
        if event.need_rescan() {
            return self.look_at_everything();
        }
        let changed = event.paths.iter().filter_map(|changed| changed.to_str().map(path::from_native));
        let names: Vec<String> = changed.flat_map(|changed| self.names_of(changed)).collect();
        let is_entry = match event.kind {
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => true,
            EventKind::Modify(_) | EventKind::Any | EventKind::Other => false,
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                return names.iter().for_each(|name| {
                    self.unfinished.remove(name);
                });
            }
            EventKind::Access(_) => return,
        };
        // The two names of a file that was moved were each told of before.
        let says_both = event.kind == EventKind::Modify(ModifyKind::Name(RenameMode::Both));
        let is_whole = event.kind == EventKind::Modify(ModifyKind::Name(RenameMode::To));
        for changed in names {
            // A watched folder that goes away takes its watch along; when it comes back, it is watched anew.
            if is_entry {
                self.watched.remove(Path::new(&changed));
            }
            if self.cookies.is_one(&changed) {
                // Whoever lost patience looked at everything, but before this moment.
                if let Some((_, reply)) = self.asking.take_if(|(cookie, _)| *cookie == changed)
                    && reply.send(self.journal.take()).is_err()
                {
                    self.journal.lose();
                }
                continue;
            }
            if self.emitted.contains(&changed) {
                self.journal.lose_emitted();
            }
            if self.emitted.contains(path::dirname(&changed)) {
                self.journal.note_emitted(&changed);
            }
            if self.ignored.iter().any(|ignored| is_at_or_below(&changed, ignored)) {
                continue;
            }
            // With a folder goes or comes all that is in it.
            if is_entry && self.above.contains(&changed) {
                self.journal.lose();
            }
            if self.files.contains_key(&changed) {
                let was_whole = !self.unfinished.contains(&changed);
                self.suspect(&changed, None);
                if is_whole || says_both && was_whole {
                    self.unfinished.remove(&changed);
                }
            } else if is_entry && self.matters(&changed) {
                let exists = OsFileSystem.symlink_metadata(&changed).is_ok();
                let kind = if exists { ChangeKind::Create } else { ChangeKind::Delete };
                self.suspect(&changed, Some(kind));
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
        self.journal.lose();
        let files: Vec<String> = self.files.keys().cloned().collect();
        files.iter().for_each(|path| self.look_at_file(path));
        let listings: Vec<String> = self.listings.keys().cloned().collect();
        listings.iter().for_each(|path| self.look_at_listing(path));
    }

    /// Passes on what really changed.
    fn tell(&mut self) {
        self.unfinished.clear();
        let mut changes = Vec::new();
        for (path, entry) in std::mem::take(&mut self.candidates) {
            let change = match self.files.get_mut(&path) {
                Some(state) => state.update(&path),
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

/// What is watched of a name of which only what it stands for was asked, and whether it stands for something else already.
fn taken_entry(
    path: &str,
    was_there: bool,
    before: Option<WatchedState>,
    is_suspected: bool,
    since: i64,
) -> (WatchedState, bool) {
    let now = Entry::at(path);
    let (entry, is_suspect) = match before {
        Some(WatchedState::Entry(before)) if is_suspected => (before, false),
        Some(WatchedState::Entry(before)) => {
            let is_suspect = before != now;
            (before, is_suspect)
        }
        _ if was_there != now.is_there() => (if was_there { Entry::Other } else { Entry::Absent }, true),
        // It may have been a link to something else when the build asked.
        None if was_there && was_replaced_since(path, since) => (Entry::Other, true),
        _ => (now, false),
    };
    (WatchedState::Entry(entry), is_suspect)
}

/// The same of a file that was read, or that somebody wants to hear of.
fn taken_content(
    path: &str,
    known: &Known,
    before: Option<WatchedState>,
    is_suspected: bool,
    since: i64,
) -> (WatchedState, bool) {
    let now = look(path);
    let read = known.hash();
    let with_hash = |seen: Option<Seen>, hash: Option<ContentHash>| seen.map(|seen| Seen { hash, ..seen });
    let (seen, is_suspect) = match before {
        Some(WatchedState::Content(before)) => {
            let hash = read.or_else(|| before?.hash);
            if is_suspected {
                (with_hash(before, hash), false)
            } else if differs(before.as_ref(), now.as_ref()) {
                (before, true)
            } else {
                (with_hash(now, hash), false)
            }
        }
        _ if known.has_changed(path, now.as_ref(), since) => {
            (Some(Seen { is_racy: true, ..now.unwrap_or(Seen::NEVER) }), true)
        }
        _ => (with_hash(now, read), false),
    };
    (WatchedState::Content(seen), is_suspect)
}

impl WatchedState {
    /// What happened to it, if anything. From now on it is as it is now.
    fn update(&mut self, path: &str) -> Option<ChangeKind> {
        let was_there = self.is_there();
        let is_other = match self {
            Self::Content(seen) => {
                let mut now = look(path);
                let may_differ = seen.is_some_and(|seen| seen.is_racy) || differs(seen.as_ref(), now.as_ref());
                if let (true, Some(now)) = (may_differ, &mut now) {
                    now.hash = hash_of(path);
                }
                // The same bytes again, or one write that came as two events.
                let is_other = may_differ
                    && seen.zip(now).is_none_or(|(before, now)| before.hash.is_none() || before.hash != now.hash);
                if may_differ {
                    *seen = now;
                }
                is_other
            }
            Self::Entry(entry) => {
                let now = Entry::at(path);
                let is_other = *entry != now;
                *entry = now;
                is_other
            }
        };
        match (was_there, self.is_there()) {
            (false, true) => Some(ChangeKind::Create),
            (true, false) => Some(ChangeKind::Delete),
            (true, true) if is_other => Some(ChangeKind::Update),
            _ => None,
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
            (Self::IsThere(_), _) => false,
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

/// A file in the place of a link is there as the link was, and means another module. Folders change whenever something in them
/// comes or goes.
fn was_replaced_since(path: &str, since: i64) -> bool {
    let own = OsFileSystem.symlink_metadata(path);
    own.is_ok_and(|own| own.kind != FileKind::Directory && own.mtime_ns.max(own.ctime_ns) >= since)
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

/// The real path of a folder. Another name goes to the aliases.
fn real_folder(folder: String, aliases: &mut HashMap<String, Vec<String>>) -> PathBuf {
    let real = OsFileSystem.canonicalize(&folder).unwrap_or_else(|_| folder.clone());
    let path = PathBuf::from(&real);
    if real != folder {
        let known = aliases.entry(real).or_default();
        if !known.contains(&folder) {
            known.push(folder);
        }
    }
    path
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
