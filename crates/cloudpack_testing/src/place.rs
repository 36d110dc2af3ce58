//! Where a case is laid out and built: a folder on the disk, or one of the two forms of the memory file system. Output
//! must not depend on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cloudpack_base::path;
use cloudpack_fs::{FileKind, FileSystem, MemoryFileSystem, OsFileSystem};

use crate::Failure;
use crate::tree::{Content, Tree};

pub(crate) struct Place {
    pub(crate) fs: Arc<dyn FileSystem>,
    /// Absolute, `/` separated.
    pub(crate) cwd: String,
    /// Of a place on the disk; removed when dropped.
    folder: Option<tempfile::TempDir>,
}

impl Place {
    pub(crate) fn on_disk(tree: &Tree) -> Result<Self, Failure> {
        let place = Self::empty()?;
        place.lay_out(&Tree::default(), tree)?;
        Ok(place)
    }

    /// The same, with the files made in the opposite order: directories may list them in another one.
    pub(crate) fn on_disk_reversed(tree: &Tree) -> Result<Self, Failure> {
        let place = Self::empty()?;
        for (name, content) in tree.entries.iter().rev() {
            place.put(name, content)?;
        }
        Ok(place)
    }

    fn empty() -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("case-").tempdir().map_err(|error| error.to_string())?;
        // The temporary folder may itself be a link, as on macOS.
        let real = folder.path().canonicalize().map_err(|error| error.to_string())?;
        let cwd = path::from_native(real.to_string_lossy().trim_start_matches(r"\\?\"));
        Ok(Self { fs: Arc::new(OsFileSystem), cwd, folder: Some(folder) })
    }

    pub(crate) fn in_memory_unix(tree: &Tree) -> Self {
        Self::in_memory(MemoryFileSystem::unix(), "/memory/app", tree)
    }

    pub(crate) fn in_memory_windows(tree: &Tree) -> Self {
        Self::in_memory(MemoryFileSystem::windows(), "C:/Memory/An App", tree)
    }

    fn in_memory(mut fs: MemoryFileSystem, cwd: &str, tree: &Tree) -> Self {
        for (name, content) in &tree.entries {
            let path = format!("{cwd}/{name}");
            fs = match content {
                Content::File(bytes) => fs.with_file(path, bytes),
                Content::Directory => fs.with_directory(path),
                Content::Link(target) => fs.with_symlink(path, target),
            };
        }
        Self { fs: Arc::new(fs), cwd: cwd.to_owned(), folder: None }
    }

    /// Turns what was laid out for `before` into `after`, touching only what differs, as an editor would.
    pub(crate) fn lay_out(&self, before: &Tree, after: &Tree) -> Result<(), Failure> {
        for name in before.entries.keys().filter(|name| !after.entries.contains_key(*name)) {
            let _ = std::fs::remove_file(self.native(name));
        }
        for (name, content) in &after.entries {
            if before.entries.get(name) == Some(content) {
                continue;
            }
            self.put(name, content)?;
        }
        Ok(())
    }

    fn put(&self, name: &str, content: &Content) -> Result<(), Failure> {
        let path = self.native(name);
        let laid = match content {
            Content::Directory => std::fs::create_dir_all(&path),
            Content::File(bytes) => make_parent(&path).and_then(|()| std::fs::write(&path, bytes)),
            Content::Link(target) => make_parent(&path).and_then(|()| make_link(target, &path)),
        };
        laid.map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn native(&self, relative: &str) -> PathBuf {
        Path::new(&self.cwd).join(relative)
    }

    pub(crate) fn is_on_disk(&self) -> bool {
        self.folder.is_some()
    }

    pub(crate) fn remove(&self, relative: &str) {
        let _ = std::fs::remove_dir_all(self.native(relative));
    }

    /// The files under `relative` with their bytes, sorted; empty when there is no such folder.
    pub(crate) fn files_in(&self, relative: &str) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        collect(&self.native(relative), "", &mut found);
        found.sort();
        found
    }
}

impl Place {
    /// The same through the file system of the place, whatever it is.
    pub(crate) fn all_files_in(&self, relative: &str) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![path::join(&self.cwd, relative)];
        while let Some(folder) = folders.pop() {
            for entry in self.fs.read_dir(&folder).unwrap_or_default() {
                let file = path::join(&folder, &entry.name);
                match entry.kind {
                    FileKind::Directory => folders.push(file),
                    _ => found.push((path::relative(&self.cwd, &file), self.fs.read(&file).unwrap_or_default())),
                }
            }
        }
        found.sort();
        found
    }
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), found);
        } else if let Ok(bytes) = std::fs::read(entry.path()) {
            found.push((name, bytes));
        }
    }
}

fn make_parent(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)
}

#[cfg(unix)]
fn make_link(target: &str, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn make_link(target: &str, link: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(target.replace('/', "\\"), link)
}
