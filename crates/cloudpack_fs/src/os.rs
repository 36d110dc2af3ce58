//! The disk. Decides how each question is asked of the platform: one system call where one is enough, `/` paths in and
//! out, and every platform call with its `cfg` twin.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use cloudpack_base::path;

use crate::{DirEntry, FileKind, FileSystem, FsError, FsResult, Stamp};

#[derive(Clone, Copy, Debug, Default)]
pub struct OsFileSystem;

impl FileSystem for OsFileSystem {
    fn read(&self, path: &str) -> FsResult<Vec<u8>> {
        self.read_stamped(path).map(|(bytes, _)| bytes)
    }

    fn read_stamped(&self, path: &str) -> FsResult<(Vec<u8>, Option<Stamp>)> {
        let mut file = open_without_waiting(path).map_err(|error| from_io(path, &error))?;
        let metadata = file.metadata().map_err(|error| from_io(path, &error))?;
        match kind_of(metadata.file_type()) {
            FileKind::File => {}
            FileKind::Directory => return Err(FsError::IsDirectory { path: path.to_owned() }),
            FileKind::Symlink | FileKind::Other => return Err(FsError::other(path, "not a regular file")),
        }
        let mut bytes = Vec::new();
        // A sparse file may claim any size: an allocation that fails is an error, not an abort.
        bytes
            .try_reserve_exact(usize::try_from(metadata.len()).unwrap_or(usize::MAX))
            .map_err(|_| FsError::other(path, format!("{} bytes do not fit into memory", metadata.len())))?;
        // Through `take`, because `File::read_to_end` would ask for the size and the position again.
        (&mut file).take(u64::MAX).read_to_end(&mut bytes).map_err(|error| from_io(path, &error))?;
        let before = stamp(&metadata);
        let after = file.metadata().ok().map(|metadata| stamp(&metadata));
        Ok((bytes, Some(before).filter(|_| after == Some(before))))
    }

    fn metadata(&self, path: &str) -> FsResult<Stamp> {
        fs::metadata(native(path).as_ref()).map(|metadata| stamp(&metadata)).map_err(|error| from_io(path, &error))
    }

    fn symlink_metadata(&self, path: &str) -> FsResult<Stamp> {
        fs::symlink_metadata(native(path).as_ref())
            .map(|metadata| stamp(&metadata))
            .map_err(|error| from_io(path, &error))
    }

    fn canonicalize(&self, path: &str) -> FsResult<String> {
        let real = fs::canonicalize(native(path).as_ref()).map_err(|error| from_io(path, &error))?;
        unicode(path, real).map(|real| without_verbatim_prefix(&real))
    }

    fn read_link(&self, path: &str) -> FsResult<String> {
        let target = fs::read_link(native(path).as_ref()).map_err(|error| from_io(path, &error))?;
        unicode(path, target).map(|target| without_verbatim_prefix(&target))
    }

    fn read_dir(&self, path: &str) -> FsResult<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(native(path).as_ref()).map_err(|error| from_io(path, &error))? {
            let entry = entry.map_err(|error| from_io(path, &error))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // Comes with the listing on every file system that matters; where it does not, this is an `lstat`.
            let kind = entry.file_type().map_err(|error| from_io(path, &error))?;
            entries.push(DirEntry { name, kind: kind_of(kind) });
        }
        entries.sort_unstable();
        Ok(entries)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> FsResult<()> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        // Hidden, in the same directory (a rename across file systems is a copy), unique among processes and threads.
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let temporary = format!("{}/.cloudpack-{}-{number}.tmp", path::dirname(path), std::process::id());
        let temporary = native(&temporary);
        let written = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(temporary.as_ref())
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(temporary.as_ref(), native(path).as_ref()));
        written.map_err(|error| {
            // The first error is the one worth telling; a left-over file is only untidy.
            let _ = fs::remove_file(temporary.as_ref());
            from_io(path, &error)
        })
    }

    fn create_dir_all(&self, path: &str) -> FsResult<()> {
        fs::create_dir_all(native(path).as_ref()).map_err(|error| from_io(path, &error))
    }

    fn remove_file(&self, path: &str) -> FsResult<()> {
        fs::remove_file(native(path).as_ref()).map_err(|error| from_io(path, &error))
    }

    fn remove_dir_all(&self, path: &str) -> FsResult<()> {
        fs::remove_dir_all(native(path).as_ref()).map_err(|error| from_io(path, &error))
    }
}

/// Opening a pipe for reading waits for a writer unless told not to; on regular files the flag means nothing.
#[cfg(unix)]
fn open_without_waiting(path: &str) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)
}

/// Windows pipes live under `\\.\pipe`, outside every directory; a directory cannot be opened as a file at all, with
/// "access denied" as the answer.
#[cfg(not(unix))]
fn open_without_waiting(path: &str) -> io::Result<fs::File> {
    let path = native(path);
    fs::File::open(path.as_ref()).map_err(|error| {
        let is_directory = fs::metadata(path.as_ref()).is_ok_and(|metadata| metadata.is_dir());
        if is_directory { io::Error::from(io::ErrorKind::IsADirectory) } else { error }
    })
}

fn native(path: &str) -> Cow<'_, Path> {
    if cfg!(windows) { Cow::Owned(PathBuf::from(path.replace('/', "\\"))) } else { Cow::Borrowed(Path::new(path)) }
}

/// `canonicalize` on Windows answers in verbatim form: `\\?\C:\app`, `\\?\UNC\server\share`.
fn without_verbatim_prefix(native: &str) -> String {
    let path = path::from_native(native);
    if !cfg!(windows) {
        return path;
    }
    if let Some(rest) = path.strip_prefix("//?/UNC/") {
        return format!("//{rest}");
    }
    path.strip_prefix("//?/").map(str::to_owned).unwrap_or(path)
}

fn unicode(asked: &str, path: PathBuf) -> FsResult<String> {
    path.into_os_string().into_string().map_err(|_| FsError::other(asked, "leads to a path that is not Unicode"))
}

fn from_io(path: &str, error: &io::Error) -> FsError {
    let path = path.to_owned();
    match error.kind() {
        // `a -> a` leads nowhere, like a link to a name that is not there.
        _ if leads_to_itself(error) => FsError::NotFound { path },
        // `/app/a.js/b`: for whoever asks for a path, a file in the middle of it means that it is not there.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FsError::NotFound { path },
        io::ErrorKind::PermissionDenied => FsError::PermissionDenied { path },
        io::ErrorKind::IsADirectory => FsError::IsDirectory { path },
        _ => FsError::Other { path, reason: error.to_string() },
    }
}

#[cfg(unix)]
fn leads_to_itself(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

/// `ERROR_CANT_RESOLVE_FILENAME`.
#[cfg(not(unix))]
fn leads_to_itself(error: &io::Error) -> bool {
    cfg!(windows) && error.raw_os_error() == Some(1921)
}

fn kind_of(kind: fs::FileType) -> FileKind {
    if kind.is_file() {
        FileKind::File
    } else if kind.is_dir() {
        FileKind::Directory
    } else if kind.is_symlink() {
        FileKind::Symlink
    } else {
        FileKind::Other
    }
}

#[cfg(unix)]
fn stamp(metadata: &fs::Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    Stamp {
        kind: kind_of(metadata.file_type()),
        size: metadata.len(),
        mtime_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        ctime_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        inode: metadata.ino(),
        device: metadata.dev(),
    }
}

#[cfg(not(unix))]
fn stamp(metadata: &fs::Metadata) -> Stamp {
    let modified = metadata.modified().ok().and_then(|time| {
        let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_nanos()).ok()
    });
    let modified = modified.unwrap_or(0);
    Stamp {
        kind: kind_of(metadata.file_type()),
        size: metadata.len(),
        mtime_ns: modified,
        ctime_ns: modified,
        inode: 0,
        device: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ConfinedFolder;

    /// A directory of its own for each test, removed at the end.
    struct Scratch(String);

    impl Scratch {
        fn new(name: &str) -> Self {
            let base = std::env::temp_dir().join(format!("cloudpack-fs-{}-{name}", std::process::id()));
            let base = path::from_native(base.to_str().unwrap());
            let _ = OsFileSystem.remove_dir_all(&base);
            OsFileSystem.create_dir_all(&base).unwrap();
            Self(OsFileSystem.canonicalize(&base).unwrap())
        }
        fn path(&self, name: &str) -> String {
            format!("{}/{name}", self.0)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = OsFileSystem.remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_is_written_can_be_read_listed_and_stamped() {
        let scratch = Scratch::new("write");
        let file = scratch.path("b.js");
        OsFileSystem.write(&file, b"one").unwrap();
        let first = OsFileSystem.metadata(&file).unwrap();
        OsFileSystem.write(&file, b"three").unwrap();
        assert_eq!(OsFileSystem.read(&file).unwrap(), b"three");
        let second = OsFileSystem.metadata(&file).unwrap();
        assert_eq!((first.size, second.size), (3, 5));
        assert_ne!(first, second);
        OsFileSystem.create_dir_all(&scratch.path("a/c")).unwrap();
        let names: Vec<_> = OsFileSystem.read_dir(&scratch.0).unwrap();
        assert_eq!(
            names,
            [
                DirEntry { name: "a".into(), kind: FileKind::Directory },
                DirEntry { name: "b.js".into(), kind: FileKind::File }
            ],
            "no temporary file stays behind"
        );
    }

    #[test]
    fn errors_name_the_path_and_the_kind() {
        let scratch = Scratch::new("errors");
        let missing = scratch.path("missing.js");
        assert_eq!(OsFileSystem.read(&missing), Err(FsError::NotFound { path: missing.clone() }));
        assert_eq!(OsFileSystem.read(&scratch.0), Err(FsError::IsDirectory { path: scratch.0.clone() }));
        OsFileSystem.write(&scratch.path("file"), b"").unwrap();
        assert!(OsFileSystem.metadata(&scratch.path("file/below")).unwrap_err().is_not_found());
        assert!(OsFileSystem.write(&scratch.path("no/such/dir.js"), b"").unwrap_err().is_not_found());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_device_is_an_error_and_not_a_wait() {
        let scratch = Scratch::new("pipe");
        let pipe = scratch.path("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert!(matches!(OsFileSystem.read(&pipe), Err(FsError::Other { .. })));
        assert!(matches!(OsFileSystem.read("/dev/zero"), Err(FsError::Other { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_to_itself_leads_nowhere() {
        let scratch = Scratch::new("loop");
        std::os::unix::fs::symlink("loop.js", scratch.path("loop.js")).unwrap();
        let path = scratch.path("loop.js");
        assert!(OsFileSystem.read(&path).unwrap_err().is_not_found());
        assert!(OsFileSystem.metadata(&path).unwrap_err().is_not_found());
        assert!(OsFileSystem.canonicalize(&path).unwrap_err().is_not_found());
        assert_eq!(OsFileSystem.symlink_metadata(&path).unwrap().kind, FileKind::Symlink);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_told_apart_and_replaced_by_a_write() {
        let scratch = Scratch::new("links");
        OsFileSystem.write(&scratch.path("real.js"), b"real").unwrap();
        std::os::unix::fs::symlink("real.js", scratch.path("link.js")).unwrap();
        let link = scratch.path("link.js");
        assert_eq!(OsFileSystem.symlink_metadata(&link).unwrap().kind, FileKind::Symlink);
        assert_eq!(OsFileSystem.metadata(&link).unwrap().kind, FileKind::File);
        assert_eq!(OsFileSystem.read_link(&link).unwrap(), "real.js");
        assert_eq!(OsFileSystem.canonicalize(&link).unwrap(), scratch.path("real.js"));
        OsFileSystem.write(&link, b"new").unwrap();
        assert_eq!(OsFileSystem.read(&scratch.path("real.js")).unwrap(), b"real");
        assert_eq!(OsFileSystem.symlink_metadata(&link).unwrap().kind, FileKind::File);
    }

    #[cfg(unix)]
    #[test]
    fn a_confined_write_does_not_follow_a_link_out_of_the_root() {
        let scratch = Scratch::new("confined");
        OsFileSystem.create_dir_all(&scratch.path("outside")).unwrap();
        OsFileSystem.create_dir_all(&scratch.path("dist")).unwrap();
        std::os::unix::fs::symlink(scratch.path("outside"), scratch.path("dist/link")).unwrap();
        let dist = ConfinedFolder::new(scratch.path("dist"));
        assert!(OsFileSystem.write_confined(&dist, "link/x.js", b"x").is_err());
        assert!(OsFileSystem.read_dir(&scratch.path("outside")).unwrap().is_empty());
        assert_eq!(OsFileSystem.write_confined(&dist, "a/x.js", b"x"), Ok(true));
        let before = OsFileSystem.metadata(&scratch.path("dist/a/x.js")).unwrap();
        assert_eq!(OsFileSystem.write_confined(&dist, "a/x.js", b"x"), Ok(false));
        assert_eq!(OsFileSystem.metadata(&scratch.path("dist/a/x.js")).unwrap(), before);
    }
}
