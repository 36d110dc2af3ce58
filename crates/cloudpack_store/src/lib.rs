//! The store: bytes under keys, on disk, for as long as they are of use. It knows nothing of modules.
//!
//! A *record* is bytes under a full key. Records lie in *segments*, files that never change once they have their name.
//! The *root* is a small file, replaced as a whole, that lists the segments and the *heads*: names that stand for the
//! newest record of a kind ("the graph of this configuration"). A *commit* writes at most one segment and then the root.
//!
//! Nothing here is ever needed: a record that is absent, damaged, of another build or under another key is a miss, and a
//! miss costs time and nothing else. So there is no repair, and no `fsync`: after a crash the root is the old one or the
//! new one, and what it names is there with the right checksums or is a miss.
//!
//! Reads copy; nothing is mapped. A file that somebody else cuts short gives an error here and not a signal, and the
//! bytes that a warm build touches are few. The format is in `docs/format/store.md`; `layout.rs` holds its numbers.

mod collect;
mod disk;
mod folder;
mod key;
mod layout;
mod os_disk;
mod root;
mod segment;
mod store;

pub use disk::{Disk, DiskFile, DiskLock};
pub use folder::{ClearError, Folder, FolderState};
pub use key::{HeadName, Identity, Key};
pub use layout::{
    FORMAT_VERSION, HEAD_BYTES, INDEX_ENTRY_BYTES, RECORD_ALIGNMENT, RECORD_HEADER_BYTES, ROOT_HEADER_BYTES,
    SEGMENT_FOOTER_BYTES, SEGMENT_HEADER_BYTES, SEGMENT_REFERENCE_BYTES,
};
pub use os_disk::{OpenError, OsDisk};
pub use segment::Record;
pub use store::{Commit, Committed, Head, Info, Store, StoreOptions, Verified, Warning};
