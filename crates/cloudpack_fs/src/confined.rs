//! Decides from its text alone whether a relative file name may be written below an output directory. The answer is
//! the same on every platform: a build that works on Linux must not fail, or escape, on Windows.

use crate::FsResult;
use std::collections::HashSet;
use std::sync::{OnceLock, PoisonError, RwLock};

/// An output directory, and what was found out about it while the files of one output are written to it. Not for longer:
/// somebody may put a link where a directory was.
pub struct ConfinedFolder {
    pub(crate) root: String,
    real_root: OnceLock<String>,
    /// Directories that are there and lie in the root.
    checked: RwLock<HashSet<String>>,
}

impl ConfinedFolder {
    pub fn new(root: impl Into<String>) -> Self {
        Self { root: root.into(), real_root: OnceLock::new(), checked: RwLock::default() }
    }

    pub(crate) fn is_checked(&self, directory: &str) -> bool {
        self.checked.read().unwrap_or_else(PoisonError::into_inner).contains(directory)
    }

    pub(crate) fn check(&self, directory: &str) {
        self.checked.write().unwrap_or_else(PoisonError::into_inner).insert(directory.to_owned());
    }

    pub(crate) fn real_root(&self, find: impl FnOnce() -> FsResult<String>) -> FsResult<&str> {
        match self.real_root.get() {
            Some(known) => Ok(known),
            None => {
                let found = find()?;
                Ok(self.real_root.get_or_init(|| found))
            }
        }
    }
}

/// `relative` with `/` separators and without `.` segments, or the reason why it is refused. `\` counts as a
/// separator, because on Windows it is one: `..\..\x` must not be a plain name on one machine and an escape on another.
pub fn confined_path(relative: &str) -> Result<String, String> {
    let normalised = relative.replace('\\', "/");
    if normalised.starts_with('/') {
        return Err("it is absolute".to_owned());
    }
    let mut parts = Vec::new();
    for part in normalised.split('/') {
        match part {
            "" | "." => continue,
            ".." => return Err("it contains \"..\"".to_owned()),
            _ => {}
        }
        if part.contains('\0') {
            return Err("it contains a NUL character".to_owned());
        }
        // `C:x` is a drive; `a.js:stream` is a hidden stream of `a.js` on NTFS.
        if part.contains(':') {
            return Err("it contains \":\"".to_owned());
        }
        if part.ends_with(['.', ' ']) {
            return Err(format!("Windows drops the last character of \"{part}\""));
        }
        if is_reserved_on_windows(part) {
            return Err(format!("\"{part}\" is a device on Windows"));
        }
        parts.push(part);
    }
    if parts.is_empty() {
        return Err("it is empty".to_owned());
    }
    if normalised.ends_with('/') {
        return Err("it names a directory".to_owned());
    }
    Ok(parts.join("/"))
}

/// `NUL`, `con.txt`, `Com1.js`: Windows opens the device whatever the extension and the directory.
/// Source: "Naming Files, Paths, and Namespaces", Win32 documentation; superscript digits count as digits.
fn is_reserved_on_windows(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    if ["con", "prn", "aux", "nul", "conin$", "conout$"].iter().any(|device| stem.eq_ignore_ascii_case(device)) {
        return true;
    }
    let mut characters = stem.chars();
    let port: String = characters.by_ref().take(3).collect();
    let numbered = matches!(characters.next(), Some('0'..='9' | '¹' | '²' | '³')) && characters.next().is_none();
    numbered && (port.eq_ignore_ascii_case("com") || port.eq_ignore_ascii_case("lpt"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileSystem, FsError, MemoryFileSystem};

    #[test]
    fn plain_names_pass_and_are_normalised() {
        assert_eq!(confined_path("assets/./chunk-[hash].js").as_deref(), Ok("assets/chunk-[hash].js"));
        assert_eq!(confined_path("assets\\logo.svg").as_deref(), Ok("assets/logo.svg"));
        assert_eq!(confined_path("console.js").as_deref(), Ok("console.js"));
        assert_eq!(confined_path("com10.js").as_deref(), Ok("com10.js"));
        assert_eq!(confined_path(".vite/manifest.json").as_deref(), Ok(".vite/manifest.json"));
    }

    #[test]
    fn names_that_escape_or_that_windows_cannot_hold_are_refused() {
        let refused = [
            "",
            ".",
            "/etc/passwd",
            "\\x",
            "../x",
            "a/../../x",
            "a\\..\\..\\x",
            "C:/x",
            "c:x",
            "a\0b",
            "a.js:stream",
            "NUL",
            "nul.txt",
            "a/con/b.js",
            "Com1.js",
            "lpt9",
            "lpt\u{b2}.js",
            "aux .js",
            "name.",
            "name ",
            "dir/",
            "//server/share/x",
        ];
        for name in refused {
            assert!(confined_path(name).is_err(), "{name:?} was accepted");
        }
    }

    #[test]
    fn a_write_is_skipped_when_the_bytes_are_there_already() {
        for root in ["/app/dist", "C:/app/dist"] {
            let fs = MemoryFileSystem::from_files([(format!("{root}/old.js"), "old")]);
            let folder = ConfinedFolder::new(root);
            assert_eq!(fs.write_confined(&folder, "old.js", b"old"), Ok(false));
            assert_eq!(fs.write_confined(&folder, "old.js", b"new"), Ok(true));
            assert_eq!(fs.write_confined(&folder, "deep/er/new.js", b"new"), Ok(true));
            assert_eq!(fs.read(&format!("{root}/deep/er/new.js")).as_deref(), Ok(&b"new"[..]));
        }
    }

    #[test]
    fn a_link_that_leads_out_of_the_root_is_never_written_through() {
        let fs = MemoryFileSystem::from_files([("/etc/passwd", "root"), ("/app/dist/a.js", "")])
            .with_symlink("/app/dist/out", "/etc")
            .with_symlink("/app/dist/file.js", "/etc/passwd")
            .with_symlink("/app/dist/inside", "sub")
            .with_file("/app/dist/sub/x.js", "");
        let dist = ConfinedFolder::new("/app/dist");
        assert!(matches!(fs.write_confined(&dist, "out/passwd", b"x"), Err(FsError::Other { .. })));
        assert!(matches!(fs.write_confined(&dist, "out/new/passwd", b"x"), Err(FsError::Other { .. })));
        assert!(fs.metadata("/etc/new").is_err());
        // A link in the file's own place is replaced.
        assert_eq!(fs.write_confined(&dist, "file.js", b"x"), Ok(true));
        assert_eq!(fs.read("/etc/passwd").as_deref(), Ok(&b"root"[..]));
        assert_eq!(fs.write_confined(&dist, "inside/y.js", b"x"), Ok(true));
        assert_eq!(fs.read("/app/dist/sub/y.js").as_deref(), Ok(&b"x"[..]));
        assert!(matches!(fs.write_confined(&dist, "sub", b"x"), Err(FsError::IsDirectory { .. })));
    }

    #[test]
    fn the_root_itself_may_be_a_link() {
        let fs = MemoryFileSystem::from_files([("/data/x", "")]).with_symlink("/app/dist", "/data");
        let dist = ConfinedFolder::new("/app/dist");
        assert_eq!(fs.write_confined(&dist, "a/b.js", b"x"), Ok(true));
        assert_eq!(fs.read("/data/a/b.js").as_deref(), Ok(&b"x"[..]));
    }
}
