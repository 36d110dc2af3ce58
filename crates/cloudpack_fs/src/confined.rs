//! Decides from its text alone whether a relative file name may be written below an output directory. The answer is
//! the same on every platform: a build that works on Linux must not fail, or escape, on Windows.

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
            assert_eq!(fs.write_confined(root, "old.js", b"old"), Ok(false));
            assert_eq!(fs.write_confined(root, "old.js", b"new"), Ok(true));
            assert_eq!(fs.write_confined(root, "deep/er/new.js", b"new"), Ok(true));
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
        assert!(matches!(fs.write_confined("/app/dist", "out/passwd", b"x"), Err(FsError::Other { .. })));
        assert!(matches!(fs.write_confined("/app/dist", "out/new/passwd", b"x"), Err(FsError::Other { .. })));
        assert!(fs.metadata("/etc/new").is_err());
        // A link in the file's own place is replaced.
        assert_eq!(fs.write_confined("/app/dist", "file.js", b"x"), Ok(true));
        assert_eq!(fs.read("/etc/passwd").as_deref(), Ok(&b"root"[..]));
        assert_eq!(fs.write_confined("/app/dist", "inside/y.js", b"x"), Ok(true));
        assert_eq!(fs.read("/app/dist/sub/y.js").as_deref(), Ok(&b"x"[..]));
        assert!(matches!(fs.write_confined("/app/dist", "sub", b"x"), Err(FsError::IsDirectory { .. })));
    }

    #[test]
    fn the_root_itself_may_be_a_link() {
        let fs = MemoryFileSystem::from_files([("/data/x", "")]).with_symlink("/app/dist", "/data");
        assert_eq!(fs.write_confined("/app/dist", "a/b.js", b"x"), Ok(true));
        assert_eq!(fs.read("/data/a/b.js").as_deref(), Ok(&b"x"[..]));
    }
}
