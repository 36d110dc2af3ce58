//! What the store asks of a disk. Small, so that tests can build the image that a crash, a full disk or a read error
//! leaves behind.

use std::io;

/// One flat directory of files.
pub trait Disk: Send + Sync {
    /// Opens for reading. The file stays readable while it is open, also when it is removed meanwhile.
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Makes a new file of these parts, one after the other. Fails if the name is taken.
    fn create(&self, name: &str, parts: &[&[u8]]) -> io::Result<()>;
    /// Gives a file another name in one step, over an existing file if there is one.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Names of all files, in no order.
    fn list(&self) -> io::Result<Vec<String>>;
    /// The lock of writers; `None` if another holds it. The operating system frees it when its holder dies.
    fn try_lock(&self) -> io::Result<Option<Box<dyn DiskLock>>>;
    /// Puts the whole directory aside under another name and begins an empty one.
    fn quarantine(&self) -> io::Result<()>;
}

pub trait DiskFile: Send + Sync {
    /// Length now, in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Fills the buffer from this offset; an error if the file ends before.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// Freed when it is dropped.
pub trait DiskLock: Send {}
