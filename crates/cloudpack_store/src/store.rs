//! The store as its users see it: open, get, commit. Opening and getting never fail, they miss; a commit that cannot be
//! written is kept in memory for the life of the process and told once.

use crate::collect;
use crate::disk::Disk;
use crate::key::{HeadName, Identity, Key};
use crate::os_disk::{OpenError, OsDisk};
use crate::root::{ROOT, Root, SegmentReference};
use crate::segment::{Record, Segment, write_segment};
use rustc_hash::{FxHashMap, FxHashSet};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub struct StoreOptions {
    pub identity: Identity,
    /// Bytes that the store may take on disk; what was used least recently goes first. It is looked at when 16 MiB (or the
    /// limit, if that is less) have come since the last time, and what the newest head reaches is never dropped.
    pub max_bytes: u64,
    /// Reads and never writes.
    pub readonly: bool,
    /// Adds the keys that a record mentions: what is reached from a head is kept.
    pub references: fn(&Key, &[u8], &mut Vec<Key>),
}

/// Things that happened to the store and not to the build.
#[derive(Debug, thiserror::Error)]
pub enum Warning {
    #[error("the cache cannot be used and this build runs without it: {0}")]
    Unusable(#[from] OpenError),
    #[error("the cache could not be written and keeps what it had: {0}")]
    NotWritten(io::Error),
    #[error("another process is writing the cache; this build's results were not saved")]
    Busy,
    #[error("twice in a row the cache held something wrong; it was put aside as \"*.quarantined\"")]
    Quarantined,
}

/// What a build learnt.
#[derive(Default)]
pub struct Commit {
    /// New records. Those that are there already cost nothing.
    pub records: Vec<(Key, Vec<u8>)>,
    /// What these names stand for from now on.
    pub heads: Vec<(HeadName, Key)>,
    /// Records that were read and turned out to be wrong: `records` replace them. The second such commit in a row puts the
    /// store aside.
    pub distrusted: Vec<Key>,
}

/// What a commit wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Records that were not there before.
    pub records: usize,
    /// Bytes written, root included; 0 when there was nothing to say.
    pub bytes: u64,
    /// Old segments were merged, or what nobody reaches was dropped.
    pub collected: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Info {
    pub segments: usize,
    pub records: usize,
    pub heads: usize,
    /// Bytes of all segments.
    pub bytes: u64,
    pub generation: u64,
}

/// A name and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub name: HeadName,
    pub record: Key,
    /// Generation of the store that last used it.
    pub used: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    pub records: usize,
    /// Records whose bytes are not what was written.
    pub damaged: usize,
    /// Segments that the root names and that are missing or damaged.
    pub missing_segments: usize,
}

pub struct Store {
    /// `None`: memory only.
    disk: Option<Arc<dyn Disk>>,
    options: StoreOptions,
    root: Root,
    /// Those of the root that could be opened; oldest first.
    segments: Vec<Segment>,
    /// Those that could not for a reason that may pass: too many open files, no permission. They stay in the root.
    unreadable: Vec<SegmentReference>,
    /// What was committed and could not be written.
    memory: FxHashMap<Key, Record>,
    memory_heads: FxHashMap<HeadName, Key>,
    /// Records that are on disk and not what they were; a commit writes them again.
    damaged: Mutex<FxHashSet<Key>>,
    warning: Option<Warning>,
    /// One warning in the life of a store.
    has_warned: bool,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Store {
    /// Cost: reads the root and the index of each segment, 48 bytes a record.
    pub fn open(directory: &Path, options: StoreOptions) -> Self {
        match OsDisk::open(directory) {
            Ok(disk) => Self::on_disk(Arc::new(disk), options),
            Err(error) => {
                let mut store = Self::in_memory(options);
                store.warn(error.into());
                store
            }
        }
    }

    pub fn on_disk(disk: Arc<dyn Disk>, options: StoreOptions) -> Self {
        let mut store = Self::in_memory(options);
        store.load(&*disk);
        store.disk = Some(disk);
        store
    }

    /// A store that ends with the process.
    pub fn in_memory(options: StoreOptions) -> Self {
        Self {
            disk: None,
            options,
            root: Root::default(),
            segments: Vec::new(),
            unreadable: Vec::new(),
            memory: FxHashMap::default(),
            memory_heads: FxHashMap::default(),
            damaged: Mutex::default(),
            warning: None,
            has_warned: false,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    fn load(&mut self, disk: &dyn Disk) {
        self.root = Root::read(disk, &self.options.identity);
        let mut open: FxHashMap<[u8; 16], Segment> =
            std::mem::take(&mut self.segments).into_iter().map(|segment| (segment.reference.id, segment)).collect();
        self.unreadable.clear();
        for reference in &self.root.segments {
            match open.remove(&reference.id).filter(|segment| segment.reference == *reference) {
                Some(known) => self.segments.push(known),
                None => match Segment::open(disk, *reference, &self.options.identity) {
                    Ok(segment) => self.segments.extend(segment),
                    Err(_) => self.unreadable.push(*reference),
                },
            }
        }
    }

    /// Whether nobody has committed since this store was opened or last committed itself. Cost: reads the root.
    pub fn is_current(&self) -> bool {
        self.disk.as_ref().is_none_or(|disk| Root::read(&**disk, &self.options.identity) == self.root)
    }

    /// What the record is, or that it has to be made anew. Reads it from disk each time.
    pub fn get(&self, key: &Key) -> Option<Record> {
        let found = self.find(key);
        let counter = if found.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    fn find(&self, key: &Key) -> Option<Record> {
        if let Some(record) = self.memory.get(key) {
            return Some(record.clone());
        }
        let mut is_damaged = false;
        for segment in self.segments.iter().rev() {
            match segment.get(key) {
                Some(Some(record)) => return Some(record),
                Some(None) => is_damaged = true,
                None => {}
            }
        }
        if is_damaged {
            self.damaged.lock().unwrap_or_else(PoisonError::into_inner).insert(*key);
        }
        None
    }

    /// Whether there is such a record, without reading it.
    pub fn contains(&self, key: &Key) -> bool {
        self.memory.contains_key(key) || self.segments.iter().any(|segment| segment.contains(key))
    }

    /// What a head stands for. The record may be gone all the same.
    pub fn head(&self, name: HeadName) -> Option<Key> {
        self.memory_heads.get(&name).copied().or_else(|| self.root.head(name).map(|head| head.record))
    }

    /// All heads with what they stand for; those of other builds of the tool are not there.
    pub fn heads(&self) -> Vec<(HeadName, Key)> {
        let on_disk = self.root.heads.iter().map(|head| (head.name, head.record));
        on_disk.chain(self.memory_heads.iter().map(|(name, key)| (*name, *key))).collect()
    }

    /// Heads on disk, sorted by name.
    pub fn heads_on_disk(&self) -> Vec<Head> {
        let heads = self.root.heads.iter();
        heads.map(|head| Head { name: head.name, record: head.record, used: head.used }).collect()
    }

    /// Every key on disk with the bytes that it takes, its place in the index included. Sorted; of a key that lies in several
    /// segments the newest.
    pub fn sizes(&self) -> Vec<(Key, u64)> {
        let mut sizes: FxHashMap<Key, u64> = FxHashMap::default();
        for segment in &self.segments {
            sizes.extend(segment.keys().map(|key| (key, segment.bytes_of(&key))));
        }
        let mut sizes: Vec<(Key, u64)> = sizes.into_iter().collect();
        sizes.sort_unstable();
        sizes
    }

    /// Records that were found and not found since the store was opened.
    pub fn counts(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    /// What to tell the user, at most once in the life of a store.
    pub fn take_warning(&mut self) -> Option<Warning> {
        self.warning.take()
    }

    fn warn(&mut self, warning: Warning) {
        if !std::mem::replace(&mut self.has_warned, true) {
            self.warning = Some(warning);
        }
    }

    /// Saves. Never fails: what cannot be written stays in memory. Cost: bytes of the new records, and now and then a
    /// share of what is there, to merge small segments.
    pub fn commit(&mut self, commit: Commit) -> Committed {
        self.damaged.get_mut().unwrap_or_else(PoisonError::into_inner).extend(&commit.distrusted);
        let has_records = commit.records.iter().any(|(key, _)| self.is_wanted(key));
        let newest = self.root.heads.iter().map(|head| head.used).max().unwrap_or(0);
        let is_news = |(name, record): &(HeadName, Key)| {
            self.root.head(*name).is_none_or(|head| head.record != *record || head.used < newest)
        };
        let heads: Vec<(HeadName, Key)> = commit.heads.iter().copied().filter(is_news).collect();
        if !has_records && heads.is_empty() && self.root.failures == 0 {
            return Committed::default();
        }
        let written = match self.disk.clone() {
            Some(disk) if !self.options.readonly => self.write(&*disk, &commit, &heads),
            _ => Ok(None),
        };
        match written {
            Ok(Some(committed)) => {
                self.damaged.lock().unwrap_or_else(PoisonError::into_inner).clear();
                self.memory.retain(|key, _| !self.segments.iter().any(|segment| segment.contains(key)));
                self.memory_heads.clear();
                committed
            }
            failed => {
                if let Err(warning) = failed {
                    self.warn(warning);
                }
                let records = self.wanted(&commit.records);
                self.memory.extend(records);
                self.memory_heads.extend(heads);
                Committed::default()
            }
        }
    }

    fn is_wanted(&self, key: &Key) -> bool {
        let is_damaged = || self.damaged.lock().unwrap_or_else(PoisonError::into_inner).contains(key);
        !self.contains(key) || is_damaged()
    }

    /// Without those that are stored already, and each once.
    fn wanted(&self, records: &[(Key, Vec<u8>)]) -> Vec<(Key, Record)> {
        let mut seen = FxHashSet::default();
        records
            .iter()
            .filter(|(key, _)| self.is_wanted(key) && seen.insert(*key))
            .map(|(key, payload)| (*key, Record::new(payload)))
            .collect()
    }

    fn write(
        &mut self,
        disk: &dyn Disk,
        commit: &Commit,
        heads: &[(HeadName, Key)],
    ) -> Result<Option<Committed>, Warning> {
        let _lock = lock(disk)?;
        // Somebody may have committed since this store was opened: their records and heads stay.
        if Root::read(disk, &self.options.identity) != self.root {
            self.load(disk);
        }
        let failures = if commit.distrusted.is_empty() { 0 } else { self.root.failures + 1 };
        let is_hopeless = failures >= 2;
        if is_hopeless {
            self.put_aside(disk);
        }
        // What was kept in memory goes along.
        let mut records = self.wanted(&commit.records);
        let is_stored = |key: &Key| self.segments.iter().any(|segment| segment.contains(key));
        records
            .extend(self.memory.iter().filter(|(key, _)| !is_stored(key)).map(|(key, record)| (*key, record.clone())));
        let mut committed = Committed { records: records.len(), ..Committed::default() };
        let mut root = self.root.clone();
        root.generation += 1;
        root.failures = if is_hopeless { 0 } else { failures };
        // A segment that is damaged is of no more use.
        let is_of_use = |reference: &SegmentReference| {
            self.unreadable.contains(reference) || self.segments.iter().any(|segment| segment.reference == *reference)
        };
        root.segments.retain(is_of_use);
        if !records.is_empty() {
            let reference = write_segment(disk, &self.options.identity, &mut records).map_err(Warning::NotWritten)?;
            root.segments.push(reference);
            committed.bytes += reference.length;
        }
        // Sorting by key takes the order of the map out of the file; heads are sorted by their root.
        for (name, record) in self.memory_heads.iter().chain(heads.iter().map(|(name, record)| (name, record))) {
            root.set_head(*name, *record);
        }
        root.write(disk, &self.options.identity).map_err(Warning::NotWritten)?;
        // ---- Beyond this point the commit counts. ----
        committed.bytes += root.encode(&self.options.identity).len() as u64;
        self.load(disk);
        // Where that fails, for want of room or because something cannot be read now, the next commit tries again.
        committed.collected = self.unreadable.is_empty()
            && collect::collect(disk, &self.options, &self.root, &self.segments).unwrap_or(false);
        if committed.collected {
            self.load(disk);
        }
        self.remove_leftovers(disk);
        Ok(Some(committed))
    }

    /// Files that no root names: of commits that died, and of segments that were merged. Another process may have them
    /// open; where that forbids removing, the next commit does it.
    fn remove_leftovers(&self, disk: &dyn Disk) {
        let named: FxHashSet<String> = self.root.segments.iter().map(|segment| segment.file_name()).collect();
        for name in disk.list().unwrap_or_default() {
            let is_ours = name.ends_with(".seg") || name.ends_with(".seg.new") || name == "root.new";
            if is_ours && !named.contains(&name) {
                drop(disk.remove(&name));
            }
        }
    }

    /// Begins anew, and leaves what was there to whoever wants to know why.
    fn put_aside(&mut self, disk: &dyn Disk) {
        self.root = Root::default();
        self.segments.clear();
        self.unreadable.clear();
        if disk.quarantine().is_err() {
            // What cannot be moved is at least not read again.
            drop(disk.remove(ROOT));
        }
        self.warn(Warning::Quarantined);
    }

    /// Removes everything.
    pub fn clear(&mut self) -> io::Result<()> {
        self.root = Root::default();
        self.segments.clear();
        self.memory.clear();
        self.memory_heads.clear();
        let Some(disk) = &self.disk else { return Ok(()) };
        let _lock = disk.try_lock()?.ok_or_else(|| io::Error::from(io::ErrorKind::ResourceBusy))?;
        for name in disk.list()? {
            if name == ROOT || name == "root.new" || name.ends_with(".seg") || name.ends_with(".seg.new") {
                disk.remove(&name)?;
            }
        }
        Ok(())
    }

    pub fn info(&self) -> Info {
        Info {
            segments: self.segments.len(),
            records: self.segments.iter().map(|segment| segment.keys().count()).sum(),
            heads: self.root.heads.len(),
            bytes: self.root.bytes_of_segments(),
            generation: self.root.generation,
        }
    }

    /// Reads every record. Cost: the whole store.
    pub fn verify(&self) -> Verified {
        let mut verified = Verified {
            missing_segments: self.root.segments.len().saturating_sub(self.segments.len()),
            ..Verified::default()
        };
        for segment in &self.segments {
            for key in segment.keys() {
                verified.records += 1;
                verified.damaged += usize::from(!matches!(segment.get(&key), Some(Some(_))));
            }
        }
        verified
    }
}

/// Writers take turns. A commit takes milliseconds, so the next one waits a moment before it gives up.
fn lock(disk: &dyn Disk) -> Result<Box<dyn crate::DiskLock>, Warning> {
    const ATTEMPTS: u32 = 40;
    const PAUSE: Duration = Duration::from_millis(25);
    for attempt in 0..ATTEMPTS {
        match disk.try_lock() {
            Ok(Some(lock)) => return Ok(lock),
            Ok(None) if attempt + 1 < ATTEMPTS => std::thread::sleep(PAUSE),
            Ok(None) => {}
            Err(error) => return Err(Warning::NotWritten(error)),
        }
    }
    Err(Warning::Busy)
}
