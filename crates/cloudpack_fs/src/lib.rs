//! The only door to files. Paths are `&str` with `/` separators on every platform, as in module ids; the disk and the
//! memory file system answer the same questions, so that every other crate can be tested without a disk and in
//! Windows path forms on any machine.
//!
//! Architecture invariant: `std::fs` is named in this crate and nowhere else.
#![allow(clippy::disallowed_methods, reason = "this crate is the door that the ban sends everybody else to")]

mod confined;
mod filesystem;
mod memory;
mod os;
mod recording;
mod watch;

pub use confined::{ConfinedFolder, confined_path};
pub use filesystem::{DirEntry, FileKind, FileSystem, FsError, FsResult, Stamp};
pub use memory::MemoryFileSystem;
pub use os::OsFileSystem;
pub use recording::{Failed, Observed, RecordingFileSystem, SeenContent};
pub use watch::{Change, ChangeKind, Known, Suspects, Watch, WatchList, WatchedFile, WatchedListing};
