//! A disk in memory that writes down what is done to it, so that the images that a crash could leave can be built, and
//! that fails when it is told to.

use cloudpack_store::{Disk, DiskFile, DiskLock};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) type Image = BTreeMap<String, Vec<u8>>;

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Create { name: String, bytes: Vec<u8> },
    Rename { from: String, to: String },
    Remove { name: String },
}

/// What became of an operation in a crash.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    Done,
    Lost,
    /// Of the bytes of a new file only this share (of 8) reached the disk; the rest is missing or reads as zeros.
    Torn {
        eighths: usize,
        zeros: bool,
    },
}

#[derive(Default)]
pub(crate) struct SimDisk {
    files: Mutex<BTreeMap<String, Arc<Vec<u8>>>>,
    log: Mutex<Vec<Operation>>,
    locked: Arc<AtomicBool>,
    /// Operations that change something, until the one that fails for want of room; `usize::MAX` is never.
    pub(crate) writes_left: AtomicUsize,
    /// The same for reads.
    pub(crate) reads_left: Arc<AtomicUsize>,
    pub(crate) was_quarantined: AtomicBool,
    /// As if there were too many open files.
    pub(crate) refuse_segments: AtomicBool,
}

impl SimDisk {
    pub(crate) fn new() -> Self {
        Self::with_image(Image::new())
    }

    pub(crate) fn with_image(image: Image) -> Self {
        let files = image.into_iter().map(|(name, bytes)| (name, Arc::new(bytes))).collect();
        Self {
            files: Mutex::new(files),
            writes_left: AtomicUsize::new(usize::MAX),
            reads_left: Arc::new(AtomicUsize::new(usize::MAX)),
            ..Self::default()
        }
    }

    pub(crate) fn image(&self) -> Image {
        self.files.lock().expect("lock").iter().map(|(name, bytes)| (name.clone(), (**bytes).clone())).collect()
    }

    pub(crate) fn take_log(&self) -> Vec<Operation> {
        std::mem::take(&mut *self.log.lock().expect("lock"))
    }

    fn change(&self, operation: Operation) -> io::Result<()> {
        spend(&self.writes_left, io::ErrorKind::StorageFull)?;
        let mut files = self.files.lock().expect("lock");
        let not_found = || io::Error::from(io::ErrorKind::NotFound);
        match &operation {
            Operation::Create { name, .. } if files.contains_key(name) => {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            Operation::Create { name, bytes } => drop(files.insert(name.clone(), Arc::new(bytes.clone()))),
            Operation::Rename { from, to } => {
                let bytes = files.remove(from).ok_or_else(not_found)?;
                files.insert(to.clone(), bytes);
            }
            Operation::Remove { name } => drop(files.remove(name).ok_or_else(not_found)?),
        }
        self.log.lock().expect("lock").push(operation);
        Ok(())
    }
}

fn spend(left: &AtomicUsize, kind: io::ErrorKind) -> io::Result<()> {
    match left.load(Ordering::SeqCst) {
        usize::MAX => Ok(()),
        0 => Err(kind.into()),
        some => {
            left.store(some - 1, Ordering::SeqCst);
            Ok(())
        }
    }
}

/// The files after a crash in which these things became of these operations.
pub(crate) fn crash(before: &Image, operations: &[Operation], fates: &[Fate]) -> Image {
    let mut files = before.clone();
    for (at, operation) in operations.iter().enumerate() {
        let fate = fates.get(at).copied().unwrap_or(Fate::Done);
        if fate == Fate::Lost {
            continue;
        }
        match operation {
            Operation::Create { name, bytes } => {
                let mut bytes = bytes.clone();
                if let Fate::Torn { eighths, zeros } = fate {
                    let kept = bytes.len() * eighths / 8;
                    if zeros { bytes[kept..].fill(0) } else { bytes.truncate(kept) }
                }
                files.insert(name.clone(), bytes);
            }
            Operation::Rename { from, to } => {
                if let Some(bytes) = files.remove(from) {
                    files.insert(to.clone(), bytes);
                }
            }
            Operation::Remove { name } => drop(files.remove(name)),
        }
    }
    files
}

struct SimFile {
    bytes: Arc<Vec<u8>>,
    reads_left: Arc<AtomicUsize>,
}

struct SimLock(Arc<AtomicBool>);

impl DiskLock for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Disk for SimDisk {
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        if self.refuse_segments.load(Ordering::SeqCst) && name.ends_with(".seg") {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let files = self.files.lock().expect("lock");
        let bytes = files.get(name).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Box::new(SimFile { bytes: Arc::clone(bytes), reads_left: Arc::clone(&self.reads_left) }))
    }
    fn create(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        self.change(Operation::Create { name: name.to_owned(), bytes: parts.concat() })
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.change(Operation::Rename { from: from.to_owned(), to: to.to_owned() })
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.change(Operation::Remove { name: name.to_owned() })
    }
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.files.lock().expect("lock").keys().cloned().collect())
    }
    fn try_lock(&self) -> io::Result<Option<Box<dyn DiskLock>>> {
        let was_locked = self.locked.swap(true, Ordering::SeqCst);
        Ok((!was_locked).then(|| Box::new(SimLock(Arc::clone(&self.locked))) as Box<dyn DiskLock>))
    }
    fn quarantine(&self) -> io::Result<()> {
        self.files.lock().expect("lock").clear();
        self.was_quarantined.store(true, Ordering::SeqCst);
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        spend(&self.reads_left, io::ErrorKind::Other)?;
        let start = offset as usize;
        let bytes = self.bytes.get(start..start + buffer.len());
        buffer.copy_from_slice(bytes.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?);
        Ok(())
    }
}
