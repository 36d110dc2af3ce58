//! How to know that all events have come: a file is made in a directory of our own that is watched as well. Events come in
//! the order in which things happened, so that whatever happened before the file was made has been told of once the file
//! has. Only Linux promises that order across directories; elsewhere there are no cookies.

use cloudpack_base::path;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

static WATCHES: AtomicU64 = AtomicU64::new(0);

pub(super) struct Cookies {
    /// `None`: there can be none.
    directory: Option<PathBuf>,
    made: u64,
}

impl Cookies {
    pub(super) fn new() -> Self {
        let number = WATCHES.fetch_add(1, Ordering::Relaxed);
        let name = format!("cloudpack-watch-{}-{number}", std::process::id());
        // A process of this number that was killed may have left one behind.
        let directory = cfg!(target_os = "linux").then(|| std::env::temp_dir().join(name));
        Self { directory: directory.filter(|path| std::fs::create_dir(path).is_ok() || is_ours(path)), made: 0 }
    }

    /// To be watched.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Makes one; its path as events name it.
    pub(super) fn make(&mut self) -> Option<String> {
        let file = self.directory.as_ref()?.join(self.made.to_string());
        self.made += 1;
        let is_made = std::fs::File::create_new(&file).is_ok();
        drop(std::fs::remove_file(&file));
        is_made.then(|| path::from_native(&file.to_string_lossy()))
    }

    pub(super) fn is_one(&self, changed: &str) -> bool {
        let directory = self.directory.as_deref().and_then(Path::to_str);
        directory.is_some_and(|directory| path::dirname(changed) == directory)
    }
}

fn is_ours(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

impl Drop for Cookies {
    fn drop(&mut self) {
        if let Some(directory) = &self.directory {
            drop(std::fs::remove_dir(directory));
        }
    }
}
