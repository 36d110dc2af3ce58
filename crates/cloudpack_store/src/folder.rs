//! The folder of a store, for whoever looks after it: what lies there, whose it is, and how to be rid of it. Unlike
//! `Store::open` nothing here makes a folder, and only files that a store could have made are removed.

#![allow(clippy::disallowed_methods, reason = "with cloudpack_fs, the one place that opens files")]

use crate::key::Identity;
use crate::os_disk::{LOCK, OpenError, OsDisk, aside};
use crate::root::{ROOT, ROOT_BEING_WRITTEN, Root, RootState};
use crate::{Disk, DiskLock};
use std::io;
use std::path::{Path, PathBuf};

/// What lies in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    pub state: FolderState,
    /// Files of a store; others are not counted.
    pub files: usize,
    /// Of these files.
    pub bytes: u64,
    /// Bytes of a store that was put aside because it held wrong records; it lies beside the folder.
    pub quarantined: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderState {
    /// There is no folder, or nothing of a store in it.
    Absent,
    /// Made by another build of the tool, or on another kind of machine: as good as empty.
    OtherBuild,
    /// The root cannot be read: as good as empty.
    Damaged,
    Sound,
}

#[derive(Debug, thiserror::Error)]
pub enum ClearError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{path} holds files and no cache of Cloudpack")]
    NotAStore { path: PathBuf },
    #[error("another process is writing the cache in {path}")]
    Busy { path: PathBuf },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

impl Folder {
    /// Cost: a `stat` for each file, and the root is read.
    pub fn look(directory: &Path, identity: &Identity) -> Result<Self, OpenError> {
        let mut folder = Self { state: FolderState::Absent, files: 0, bytes: 0, quarantined: None };
        folder.quarantined = bytes_below(&aside(directory));
        let Some(disk) = OsDisk::open_existing(directory)? else { return Ok(folder) };
        let io = |source| OpenError::Io { path: directory.to_owned(), source };
        for name in disk.list().map_err(io)?.iter().filter(|name| is_of_a_store(name)) {
            folder.files += 1;
            folder.bytes += std::fs::symlink_metadata(directory.join(name)).map_or(0, |metadata| metadata.len());
        }
        folder.state = match Root::look(&disk, identity) {
            RootState::Absent => FolderState::Absent,
            RootState::OtherBuild => FolderState::OtherBuild,
            RootState::Damaged => FolderState::Damaged,
            RootState::Sound => FolderState::Sound,
        };
        Ok(folder)
    }

    /// Removes the files of a store, one that was put aside among them; the folder stays. Gives the bytes that were freed.
    pub fn clear(directory: &Path) -> Result<u64, ClearError> {
        let io = |source| ClearError::Io { path: directory.to_owned(), source };
        let aside = aside(directory);
        let mut freed = bytes_below(&aside).unwrap_or(0);
        if freed > 0 {
            std::fs::remove_dir_all(&aside).map_err(io)?;
        }
        let Some(disk) = OsDisk::open_existing(directory)? else { return Ok(freed) };
        let names = disk.list().map_err(io)?;
        let has_segments = names.iter().any(|name| is_segment(name));
        // A damaged root says nothing; segments and the lock have names and sizes of their own.
        let is_store = has_segments || names.iter().any(|name| name == LOCK) || Root::has_magic(&disk);
        if !is_store {
            return if names.is_empty() {
                Ok(freed)
            } else {
                Err(ClearError::NotAStore { path: directory.to_owned() })
            };
        }
        let lock: Option<Box<dyn DiskLock>> = disk.try_lock().map_err(io)?;
        let _lock = lock.ok_or_else(|| ClearError::Busy { path: directory.to_owned() })?;
        // The root goes first: segments without a root are of no meaning, a root without segments would be a store of misses.
        let mut names: Vec<String> = names.into_iter().filter(|name| name != LOCK && is_of_a_store(name)).collect();
        names.sort_by_key(|name| (name != ROOT, name.clone()));
        for name in names {
            freed += std::fs::symlink_metadata(directory.join(&name)).map_or(0, |metadata| metadata.len());
            match disk.remove(&name) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
                _ => {}
            }
        }
        Ok(freed)
    }
}

fn is_of_a_store(name: &str) -> bool {
    is_segment(name) || [ROOT, ROOT_BEING_WRITTEN, LOCK].contains(&name)
}

fn is_segment(name: &str) -> bool {
    let id = name.strip_suffix(".seg").or_else(|| name.strip_suffix(".seg.new"));
    id.is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)))
}

/// Of the files of one folder; `None` if there is no such folder.
fn bytes_below(directory: &Path) -> Option<u64> {
    if !std::fs::symlink_metadata(directory).ok()?.is_dir() {
        return None;
    }
    let entries = std::fs::read_dir(directory).ok()?;
    Some(entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum())
}
