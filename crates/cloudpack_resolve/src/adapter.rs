//! Our file system in the form `oxc_resolver` asks for. Existence comes from the directory listings, content from the
//! files; decides nothing about resolution.
//!
//! `oxc_resolver` works with `std::path`, which knows drives on Windows only. So that Windows forms can be tested on
//! any machine, `C:/app` travels as `/C:/app` there.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cloudpack_base::path;
use cloudpack_fs::{FsError, OsFileSystem};
use oxc_resolver::{FileMetadata, FileSystem, ResolveError};
use rustc_hash::FxHashMap;

use crate::directories::{Directories, Directory, Found};
use crate::outcome::ProbeList;

/// Whether paths with drives have to be disguised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathForm {
    Native,
    DisguisedDrives,
}

impl PathForm {
    pub(crate) fn of(cwd: &str) -> Self {
        if !cfg!(windows) && has_drive(cwd) { Self::DisguisedDrives } else { Self::Native }
    }

    pub(crate) fn to_oxc(self, path: &str) -> PathBuf {
        if self == Self::DisguisedDrives && has_drive(path) {
            PathBuf::from(format!("/{path}"))
        } else if cfg!(windows) {
            PathBuf::from(path.replace('/', "\\"))
        } else {
            PathBuf::from(path)
        }
    }

    pub(crate) fn of_oxc(self, path: &Path) -> Option<String> {
        let path = path::from_native(path.to_str()?);
        if self == Self::DisguisedDrives
            && let Some(rest) = path.strip_prefix('/')
            && has_drive(rest)
        {
            // The root of a drive keeps its slash: `C:` alone would be relative.
            return Some(if rest.len() == 2 { format!("{rest}/") } else { rest.to_owned() });
        }
        Some(path)
    }
}

fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

pub(crate) struct Adapter {
    directories: Arc<Directories>,
    form: PathForm,
    recorder: Option<Arc<Recorder>>,
}

/// Takes down what is read, and may answer some reads itself: how a tsconfig is loaded, whose chain of `extends` is
/// known to `oxc_resolver` alone.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) probes: Mutex<ProbeList>,
    pub(crate) instead: Mutex<FxHashMap<String, Vec<u8>>>,
}

impl Adapter {
    pub(crate) fn new(directories: Arc<Directories>, form: PathForm) -> Self {
        Self { directories, form, recorder: None }
    }

    pub(crate) fn recording(directories: Arc<Directories>, form: PathForm, recorder: Arc<Recorder>) -> Self {
        Self { directories, form, recorder: Some(recorder) }
    }

    fn path(&self, path: &Path) -> io::Result<String> {
        self.form.of_oxc(path).map(|path| path::normalize(&path)).ok_or_else(not_found)
    }

    fn found(&self, path: &str) -> Option<(Found, Option<Arc<Directory>>)> {
        let parent = path::dirname(path);
        if parent.len() >= path.len() {
            let directory = self.directories.get(path)?;
            return Some((Found { is_directory: true, is_link: false, real: None }, Some(directory)));
        }
        let parent = self.directories.get(parent)?;
        let found = self.directories.entry(&parent, path::basename(path))?;
        Some((found, Some(parent)))
    }
}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}

fn to_io(error: FsError) -> io::Error {
    match error {
        FsError::NotFound { .. } => not_found(),
        FsError::PermissionDenied { .. } => io::ErrorKind::PermissionDenied.into(),
        FsError::IsDirectory { .. } => io::ErrorKind::IsADirectory.into(),
        FsError::Other { .. } => io::Error::other(error.to_string()),
    }
}

impl FileSystem for Adapter {
    /// The trait asks for a value out of nothing; nobody here makes one this way.
    fn new() -> Self {
        let directories = Directories::new(Arc::new(OsFileSystem), "/", true);
        Self::new(Arc::new(directories), PathForm::Native)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = self.path(path)?;
        if let Some(recorder) = &self.recorder
            && let Some(bytes) = recorder.instead.lock().unwrap_or_else(PoisonError::into_inner).get(&path)
        {
            return Ok(bytes.clone());
        }
        // Most reads ask for a `package.json` that is not there; the listing knows.
        let exists = self.found(&path).is_some_and(|(found, _)| !found.is_directory);
        if let Some(recorder) = &self.recorder {
            let mut probes = recorder.probes.lock().unwrap_or_else(PoisonError::into_inner);
            if exists { &mut probes.found } else { &mut probes.missing }.push(path.clone());
        }
        if !exists {
            return Err(not_found());
        }
        let bytes = self.directories.fs.read(&path).map_err(to_io)?;
        if nests_too_deep(&bytes) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "nested too deep"));
        }
        Ok(bytes)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        String::from_utf8(self.read(path)?).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let (found, _) = self.found(&self.path(path)?).ok_or_else(not_found)?;
        Ok(FileMetadata::new(!found.is_directory, found.is_directory, false))
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let path = self.path(path)?;
        let found = self.found(&path);
        if let Some(recorder) = &self.recorder
            && found.is_none()
        {
            recorder.probes.lock().unwrap_or_else(PoisonError::into_inner).missing.push(path);
        }
        let (found, _) = found.ok_or_else(not_found)?;
        let plain = !found.is_link;
        Ok(FileMetadata::new(plain && !found.is_directory, plain && found.is_directory, found.is_link))
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        let target = self.directories.fs.read_link(&self.path(path)?).map_err(to_io)?;
        Ok(self.form.to_oxc(&target))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let real = self.directories.fs.canonicalize(&self.path(path)?).map_err(to_io)?;
        Ok(self.form.to_oxc(&real))
    }
}

/// `simd-json` builds its values by recursion: 200,000 open brackets would overflow the stack, which nothing catches.
/// No honest `package.json` is deeper than a dozen.
pub(crate) fn nests_too_deep(json: &[u8]) -> bool {
    const LIMIT: u32 = 200;
    let (mut depth, mut in_string, mut escaped) = (0u32, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > LIMIT {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}
