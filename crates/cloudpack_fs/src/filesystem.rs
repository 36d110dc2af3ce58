//! What a file system must answer, and with which errors. Each method is one question with one cost; nothing here
//! caches, because only the caller knows for how long an answer holds.

use cloudpack_base::path;

use crate::confined::{ConfinedFolder, confined_path};

/// Every error names the path that was asked for, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FsError {
    #[error("{path} does not exist")]
    NotFound { path: String },
    #[error("no permission for {path}")]
    PermissionDenied { path: String },
    #[error("{path} is a directory")]
    IsDirectory { path: String },
    #[error("{path}: {reason}")]
    Other { path: String, reason: String },
}

pub type FsResult<T> = Result<T, FsError>;

impl FsError {
    pub fn path(&self) -> &str {
        match self {
            Self::NotFound { path }
            | Self::PermissionDenied { path }
            | Self::IsDirectory { path }
            | Self::Other { path, .. } => path,
        }
    }
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
    pub(crate) fn other(path: &str, reason: impl Into<String>) -> Self {
        Self::Other { path: path.to_owned(), reason: reason.into() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    File,
    Directory,
    Symlink,
    /// A pipe, socket or device: exists, but has no content that could be read twice.
    Other,
}

/// What one `stat` tells. Two equal stamps of one path mean "not touched" as far as the platform can say: `ctime_ns`
/// catches a restored `mtime`, `inode` a file swapped in by rename. Times are nanoseconds since 1970; 0 where the
/// platform has no such number (Windows: `inode` and `device`; `ctime_ns` equals `mtime_ns` there).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    pub kind: FileKind,
    /// Bytes.
    pub size: u64,
    pub mtime_ns: i64,
    pub ctime_ns: i64,
    pub inode: u64,
    pub device: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirEntry {
    pub name: String,
    /// Of the entry itself: a link to a directory is a `Symlink`.
    pub kind: FileKind,
}

/// All paths are absolute and use `/`.
pub trait FileSystem: Send + Sync {
    /// The bytes of a regular file. A directory, pipe or device is an error at once, never a wait.
    fn read(&self, path: &str) -> FsResult<Vec<u8>>;
    /// The bytes with the stamp that stands for them: none if the file was seen to change while it was read.
    fn read_stamped(&self, path: &str) -> FsResult<(Vec<u8>, Option<Stamp>)> {
        let before = self.metadata(path).ok();
        let bytes = self.read(path)?;
        let after = self.metadata(path).ok();
        Ok((bytes, before.filter(|_| before == after)))
    }
    /// Follows symlinks.
    fn metadata(&self, path: &str) -> FsResult<Stamp>;
    fn symlink_metadata(&self, path: &str) -> FsResult<Stamp>;
    /// The path without symlinks, `.` and `..`; it must exist.
    fn canonicalize(&self, path: &str) -> FsResult<String>;
    /// The target as written in the link, relative or absolute.
    fn read_link(&self, path: &str) -> FsResult<String>;
    /// Sorted by name. Names that are not Unicode are left out: no specifier can name them.
    fn read_dir(&self, path: &str) -> FsResult<Vec<DirEntry>>;
    /// All of `bytes` or nothing appears at `path`; a symlink there is replaced, not followed. The directory must exist.
    fn write(&self, path: &str, bytes: &[u8]) -> FsResult<()>;
    fn create_dir_all(&self, path: &str) -> FsResult<()>;
    fn remove_file(&self, path: &str) -> FsResult<()>;
    /// Removes links inside, never what they lead to.
    fn remove_dir_all(&self, path: &str) -> FsResult<()>;

    /// Writes `folder/relative` for a `relative` that somebody else chose (a chunk name, a plugin's file name): refuses
    /// names that leave the folder by their text or through a symlink on the way, and names that one of the three
    /// platforms cannot hold. Creates directories. Leaves the file alone when it already holds `bytes`, so that
    /// servers and sync tools see only real changes; returns whether it wrote.
    ///
    /// Cost: one `canonicalize` of the folder and of each directory in it, and a read of the old file when the sizes agree.
    fn write_confined(&self, folder: &ConfinedFolder, relative: &str, bytes: &[u8]) -> FsResult<bool> {
        let root = folder.root.as_str();
        let relative = confined_path(relative)
            .map_err(|reason| FsError::other(&format!("{root}/{relative}"), format!("refused file name: {reason}")))?;
        let target = path::join(root, &relative);
        let parent = path::dirname(&target);
        if !folder.is_checked(parent) {
            self.create_dir_all(root)?;
            let real_root = folder.real_root(|| self.canonicalize(root))?;
            // Directories are made only below a place that was already checked: with `root/link -> /etc`, creating
            // `root/link/new` first and looking afterwards would be too late.
            let mut existing = parent;
            while let Err(error) = self.symlink_metadata(existing) {
                if !error.is_not_found() || existing == root {
                    return Err(error);
                }
                existing = path::dirname(existing);
            }
            if !is_inside(&self.canonicalize(existing)?, real_root) {
                let reason = format!("refused to write through a link that leads out of {root}");
                return Err(FsError::other(&target, reason));
            }
            if existing != parent {
                self.create_dir_all(parent)?;
            }
            folder.check(parent);
        }
        if let Ok(stamp) = self.symlink_metadata(&target) {
            if stamp.kind == FileKind::Directory {
                return Err(FsError::IsDirectory { path: target });
            }
            let may_be_equal = stamp.kind == FileKind::File && stamp.size == bytes.len() as u64;
            if may_be_equal && self.read(&target).is_ok_and(|old| old == bytes) {
                return Ok(false);
            }
        }
        self.write(&target, bytes)?;
        Ok(true)
    }
}

fn is_inside(inner: &str, outer: &str) -> bool {
    inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/') || outer.ends_with('/'))
}
