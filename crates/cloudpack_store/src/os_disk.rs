//! The disk of the operating system: one directory, made when it is missing, never reached through a symbolic link.

#![allow(clippy::disallowed_methods, reason = "with cloudpack_fs, the one place that opens files")]

use crate::disk::{Disk, DiskFile, DiskLock};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub struct OsDisk {
    directory: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{path} is not a directory")]
    NotADirectory { path: PathBuf },
    #[error("{path} is a symbolic link")]
    SymbolicLink { path: PathBuf },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

pub(crate) const LOCK: &str = "lock";

impl OsDisk {
    /// Makes the directory and those above it. Refuses one that is a symbolic link: whoever can plant a link could point
    /// it at files that are not ours.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        if let Some(disk) = Self::open_existing(directory)? {
            return Ok(disk);
        }
        std::fs::create_dir_all(directory).map_err(|source| OpenError::Io { path: directory.to_owned(), source })?;
        Ok(Self { directory: directory.to_owned() })
    }

    /// `None`: there is nothing.
    pub(crate) fn open_existing(directory: &Path) -> Result<Option<Self>, OpenError> {
        match std::fs::symlink_metadata(directory) {
            Ok(metadata) if metadata.file_type().is_symlink() => {
                Err(OpenError::SymbolicLink { path: directory.to_owned() })
            }
            Ok(metadata) if !metadata.is_dir() => Err(OpenError::NotADirectory { path: directory.to_owned() }),
            Ok(_) => Ok(Some(Self { directory: directory.to_owned() })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(OpenError::Io { path: directory.to_owned(), source }),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

impl Disk for OsDisk {
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let path = self.path(name);
        // Opening a pipe would wait for a writer, and a link may lead anywhere.
        if !std::fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a file"));
        }
        Ok(Box::new(OsFile(File::open(path)?)))
    }

    fn create(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        let path = self.path(name);
        let result = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|mut file| parts.iter().try_for_each(|part| file.write_all(part)));
        if let Err(error) = &result
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            // What is half written is of no use; that it cannot be removed either is no further harm.
            drop(std::fs::remove_file(&path));
        }
        result
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path(name))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.directory)? {
            // A name that is not UTF-8 is not ours.
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn try_lock(&self) -> io::Result<Option<Box<dyn DiskLock>>> {
        let path = self.path(LOCK);
        match std::fs::symlink_metadata(&path) {
            Ok(metadata) if !metadata.is_file() => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the lock is not a file"));
            }
            Ok(_) => {}
            // The directory may have been removed since it was opened.
            Err(error) if error.kind() == io::ErrorKind::NotFound => std::fs::create_dir_all(&self.directory)?,
            Err(error) => return Err(error),
        }
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(OsLock { _file: file }))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn quarantine(&self) -> io::Result<()> {
        let aside = aside(&self.directory);
        // Only the last one is of interest to whoever looks into it.
        match std::fs::symlink_metadata(&aside) {
            Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(&aside)?,
            Ok(_) => std::fs::remove_file(&aside)?,
            Err(_) => {}
        }
        std::fs::rename(&self.directory, &aside)?;
        std::fs::create_dir_all(&self.directory)
    }
}

/// Where a store goes that held wrong records.
pub(crate) fn aside(directory: &Path) -> PathBuf {
    let mut aside = directory.to_path_buf().into_os_string();
    aside.push(".quarantined");
    PathBuf::from(aside)
}

struct OsFile(File);

impl DiskFile for OsFile {
    fn len(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.0, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        use std::os::windows::fs::FileExt;
        let (mut at, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            match self.0.seek_read(rest, at) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    at += read as u64;
                    rest = rest.get_mut(read..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// `flock` on Unix, `LockFileEx` on Windows: gone when the file is closed, however that comes about.
struct OsLock {
    _file: File,
}

impl DiskLock for OsLock {}
