//! A file system without a disk, for tests: Unix or Windows path forms on any machine, symlinks, case-sensitive names,
//! and a clock that counts changes, so that two runs see the same times.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use cloudpack_base::path;

use crate::{DirEntry, FileKind, FileSystem, FsError, FsResult, Stamp};

/// As many links as Linux follows in one path.
const LINK_LIMIT: usize = 40;

#[derive(Debug)]
pub struct MemoryFileSystem {
    windows: bool,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    /// By normalised path. A sorted map, so that the children of a directory are a range.
    nodes: BTreeMap<String, Node>,
    /// One tick a change; stamps are ticks.
    clock: i64,
    /// Two of these are two disks.
    device: u64,
}

#[derive(Debug)]
struct Node {
    content: Content,
    /// The tick of the last change, and of the creation, which serves as the inode.
    changed: i64,
    created: i64,
    readable: bool,
}

#[derive(Debug)]
enum Content {
    File(Vec<u8>),
    Directory,
    Symlink(String),
}

impl MemoryFileSystem {
    /// Paths look like `/app/a.js`.
    pub fn unix() -> Self {
        Self { windows: false, state: RwLock::new(State::new()) }
    }

    /// Paths look like `C:/app/a.js` or `//server/share/a.js`; a path without a drive does not exist.
    pub fn windows() -> Self {
        Self { windows: true, state: RwLock::new(State::new()) }
    }

    /// Files with their directories. The form of the first path decides between Unix and Windows.
    pub fn from_files<P: AsRef<str>, T: AsRef<[u8]>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        let mut files = files.into_iter().peekable();
        let windows = files.peek().is_some_and(|(path, _)| !is_unix_form(path.as_ref()));
        let fs = if windows { Self::windows() } else { Self::unix() };
        files.fold(fs, |fs, (path, text)| fs.with_file(path, text))
    }

    pub fn with_file(self, path: impl AsRef<str>, bytes: impl AsRef<[u8]>) -> Self {
        self.insert(path.as_ref(), Content::File(bytes.as_ref().to_vec()));
        self
    }

    pub fn with_directory(self, path: impl AsRef<str>) -> Self {
        self.insert(path.as_ref(), Content::Directory);
        self
    }

    /// `target` is kept as written: relative to the link's directory, or absolute. It need not exist.
    pub fn with_symlink(self, link: impl AsRef<str>, target: impl AsRef<str>) -> Self {
        self.insert(link.as_ref(), Content::Symlink(target.as_ref().to_owned()));
        self
    }

    /// Reading the file or listing the directory will fail with `PermissionDenied`.
    pub fn with_unreadable(self, path: impl AsRef<str>) -> Self {
        let mut state = self.write_state();
        let now = state.tick();
        if let Some(node) = state.nodes.get_mut(&path::normalize(path.as_ref())) {
            node.readable = false;
            node.changed = now;
        }
        drop(state);
        self
    }

    /// Every file with its bytes, sorted by path; links are left out. For tests that compare a whole output.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let files = self.read_state();
        let files = files.nodes.iter().filter_map(|(path, node)| match &node.content {
            Content::File(bytes) => Some((path.clone(), bytes.clone())),
            _ => None,
        });
        files.collect()
    }

    fn insert(&self, path: &str, content: Content) {
        debug_assert_eq!(is_unix_form(path), !self.windows, "{path} has the form of the other platform");
        self.write_state().insert(path::normalize(path), content);
    }

    fn read_state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_state(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, path: &str) -> FsResult<String> {
        if path::is_absolute(path) && is_unix_form(path) != self.windows {
            Ok(path::normalize(path))
        } else {
            Err(FsError::NotFound { path: path.to_owned() })
        }
    }
}

fn is_unix_form(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//")
}

impl State {
    fn new() -> Self {
        static DEVICES: AtomicU64 = AtomicU64::new(1);
        Self { nodes: BTreeMap::new(), clock: 0, device: DEVICES.fetch_add(1, Ordering::Relaxed) }
    }

    fn tick(&mut self) -> i64 {
        self.clock += 1;
        self.clock
    }

    fn insert(&mut self, path: String, content: Content) {
        let now = self.tick();
        let root = path::root_len(&path);
        let mut parent = path::dirname(&path);
        let mut has_new_name = true;
        loop {
            let is_new = !self.nodes.contains_key(parent);
            let node = || Node { content: Content::Directory, changed: now, created: now, readable: true };
            let node = self.nodes.entry(parent.to_owned()).or_insert_with(node);
            if has_new_name {
                node.changed = now;
            }
            has_new_name = is_new;
            if parent.len() <= root {
                break;
            }
            parent = path::dirname(parent);
        }
        self.nodes.insert(path, Node { content, changed: now, created: now, readable: true });
    }

    fn lost_a_name(&mut self, directory: &str) {
        let now = self.tick();
        if let Some(node) = self.nodes.get_mut(directory) {
            node.changed = now;
        }
    }

    fn stamp(&self, asked: &str, real: &str) -> FsResult<Stamp> {
        Ok(self.node(asked, real)?.stamp(self.device))
    }

    /// The path without links in any place but, unless `follow_last`, the last. The result need not exist.
    fn real(&self, asked: &str, path: String, follow_last: bool) -> FsResult<String> {
        let mut path = path;
        'again: for _ in 0..LINK_LIMIT {
            let root = path::root_len(&path);
            let ends = path[root..].match_indices('/').map(|(at, _)| root + at).chain([path.len()]);
            for end in ends {
                if end == path.len() && !follow_last {
                    break;
                }
                let Some(Node { content: Content::Symlink(target), .. }) = self.nodes.get(&path[..end]) else {
                    continue;
                };
                let target = path::join(path::dirname(&path[..end]), target);
                path = path::normalize(&format!("{target}{}", &path[end..]));
                continue 'again;
            }
            return Ok(path);
        }
        Err(FsError::NotFound { path: asked.to_owned() })
    }

    fn node(&self, asked: &str, real: &str) -> FsResult<&Node> {
        self.nodes.get(real).ok_or_else(|| FsError::NotFound { path: asked.to_owned() })
    }

    fn is_directory(&self, path: &str) -> bool {
        matches!(self.nodes.get(path), Some(Node { content: Content::Directory, .. }))
    }
}

impl Node {
    fn stamp(&self, device: u64) -> Stamp {
        let (kind, size) = match &self.content {
            Content::File(bytes) => (FileKind::File, bytes.len()),
            Content::Directory => (FileKind::Directory, 0),
            Content::Symlink(target) => (FileKind::Symlink, target.len()),
        };
        Stamp {
            kind,
            size: size as u64,
            mtime_ns: self.changed,
            ctime_ns: self.changed,
            inode: self.created.unsigned_abs(),
            device,
        }
    }
}

impl FileSystem for MemoryFileSystem {
    fn read(&self, path: &str) -> FsResult<Vec<u8>> {
        let state = self.read_state();
        let real = state.real(path, self.check(path)?, true)?;
        let node = state.node(path, &real)?;
        match &node.content {
            Content::File(_) if !node.readable => Err(FsError::PermissionDenied { path: path.to_owned() }),
            Content::File(bytes) => Ok(bytes.clone()),
            _ => Err(FsError::IsDirectory { path: path.to_owned() }),
        }
    }

    fn metadata(&self, path: &str) -> FsResult<Stamp> {
        let state = self.read_state();
        let real = state.real(path, self.check(path)?, true)?;
        state.stamp(path, &real)
    }

    fn symlink_metadata(&self, path: &str) -> FsResult<Stamp> {
        let state = self.read_state();
        let real = state.real(path, self.check(path)?, false)?;
        state.stamp(path, &real)
    }

    fn canonicalize(&self, path: &str) -> FsResult<String> {
        let state = self.read_state();
        let real = state.real(path, self.check(path)?, true)?;
        state.node(path, &real)?;
        Ok(real)
    }

    fn read_link(&self, path: &str) -> FsResult<String> {
        let state = self.read_state();
        let real = state.real(path, self.check(path)?, false)?;
        match &state.node(path, &real)?.content {
            Content::Symlink(target) => Ok(target.clone()),
            _ => Err(FsError::other(path, "not a symbolic link")),
        }
    }

    fn read_dir(&self, path: &str) -> FsResult<Vec<DirEntry>> {
        let state = self.read_state();
        let real = state.real(path, self.check(path)?, true)?;
        let node = state.node(path, &real)?;
        if !node.readable {
            return Err(FsError::PermissionDenied { path: path.to_owned() });
        }
        if !matches!(node.content, Content::Directory) {
            return Err(FsError::NotFound { path: path.to_owned() });
        }
        let prefix = if real.ends_with('/') { real } else { format!("{real}/") };
        let below = state.nodes.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
        let children = below.filter_map(|(path, node)| {
            let name = path.strip_prefix(&prefix)?;
            let is_child = !name.is_empty() && !name.contains('/');
            is_child.then(|| DirEntry { name: name.to_owned(), kind: node.stamp(state.device).kind })
        });
        let mut children: Vec<DirEntry> = children.collect();
        children.sort_unstable();
        Ok(children)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> FsResult<()> {
        let normal = self.check(path)?;
        let mut state = self.write_state();
        let real = state.real(path, normal, false)?;
        if !state.is_directory(path::dirname(&real)) {
            return Err(FsError::NotFound { path: path.to_owned() });
        }
        if state.is_directory(&real) {
            return Err(FsError::IsDirectory { path: path.to_owned() });
        }
        state.insert(real, Content::File(bytes.to_vec()));
        Ok(())
    }

    fn create_dir_all(&self, path: &str) -> FsResult<()> {
        let normal = self.check(path)?;
        let mut state = self.write_state();
        let real = state.real(path, normal, true)?;
        let root = path::root_len(&real);
        let mut at = real.as_str();
        loop {
            match state.nodes.get(at) {
                Some(Node { content: Content::Directory, .. }) | None => {}
                Some(_) => return Err(FsError::other(path, "a file is in the way")),
            }
            if at.len() <= root {
                break;
            }
            at = path::dirname(at);
        }
        if !state.is_directory(&real) {
            state.insert(real, Content::Directory);
        }
        Ok(())
    }

    fn remove_file(&self, path: &str) -> FsResult<()> {
        let normal = self.check(path)?;
        let mut state = self.write_state();
        let real = state.real(path, normal, false)?;
        if matches!(state.node(path, &real)?.content, Content::Directory) {
            return Err(FsError::IsDirectory { path: path.to_owned() });
        }
        state.nodes.remove(&real);
        state.lost_a_name(path::dirname(&real));
        Ok(())
    }

    fn remove_dir_all(&self, path: &str) -> FsResult<()> {
        let normal = self.check(path)?;
        let mut state = self.write_state();
        let real = state.real(path, normal, false)?;
        if !matches!(state.node(path, &real)?.content, Content::Directory) {
            return Err(FsError::other(path, "not a directory"));
        }
        let prefix = format!("{real}/");
        state.nodes.retain(|path, _| *path != real && !path.starts_with(&prefix));
        state.lost_a_name(path::dirname(&real));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_path_forms_work_and_do_not_mix() {
        let windows = MemoryFileSystem::from_files([("C:/app/a.js", "a"), ("D:/b.js", "b")]);
        assert_eq!(windows.read("C:/app/./x/../a.js").as_deref(), Ok(&b"a"[..]));
        assert_eq!(windows.metadata("C:/").map(|stamp| stamp.kind), Ok(FileKind::Directory));
        assert_eq!(windows.read_dir("D:/").map(|entries| entries.len()), Ok(1));
        assert!(windows.read("/app/a.js").unwrap_err().is_not_found());
        let unix = MemoryFileSystem::from_files([("/app/a.js", "a")]);
        assert!(unix.read("C:/app/a.js").unwrap_err().is_not_found());
        assert!(unix.read("app/a.js").unwrap_err().is_not_found());
        assert!(unix.read("/app/A.js").unwrap_err().is_not_found());
    }

    #[test]
    fn links_are_followed_in_the_middle_and_at_the_end() {
        let fs = MemoryFileSystem::from_files([("/store/pkg/index.js", "x")])
            .with_symlink("/app/node_modules/pkg", "../../store/pkg")
            .with_symlink("/app/main.js", "/app/node_modules/pkg/index.js")
            .with_symlink("/loop", "/loop");
        assert_eq!(fs.canonicalize("/app/main.js").as_deref(), Ok("/store/pkg/index.js"));
        assert_eq!(fs.read("/app/node_modules/pkg/index.js").as_deref(), Ok(&b"x"[..]));
        assert_eq!(fs.symlink_metadata("/app/node_modules/pkg").map(|stamp| stamp.kind), Ok(FileKind::Symlink));
        assert_eq!(fs.read_link("/app/node_modules/pkg").as_deref(), Ok("../../store/pkg"));
        assert!(matches!(fs.read("/loop"), Err(FsError::NotFound { .. })));
    }

    #[test]
    fn listings_are_sorted_and_hold_children_only() {
        let fs = MemoryFileSystem::from_files([("/app/b.js", ""), ("/app/a/deep/c.js", ""), ("/app/a.js", "")])
            .with_symlink("/app/z", "a");
        let names: Vec<_> = fs.read_dir("/app").unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["a", "a.js", "b.js", "z"]);
        assert_eq!(fs.read_dir("/app/z").map(|entries| entries.len()), Ok(1));
        assert!(fs.read_dir("/app/b.js").is_err());
    }

    #[test]
    fn a_change_moves_the_stamp_and_only_of_what_changed() {
        let fs = MemoryFileSystem::from_files([("/a", "1"), ("/b", "1")]);
        let before = (fs.metadata("/a"), fs.metadata("/b"));
        fs.write("/a", b"2").unwrap();
        assert_ne!(fs.metadata("/a"), before.0);
        assert_eq!(fs.metadata("/b"), before.1);
        let before = fs.metadata("/");
        fs.write("/a", b"3").unwrap();
        assert_ne!(fs.metadata("/"), before, "writing replaces the file");
        fs.create_dir_all("/d/e").unwrap();
        let before = (fs.metadata("/"), fs.metadata("/d"));
        fs.write("/d/e/f", b"").unwrap();
        fs.remove_file("/d/e/f").unwrap();
        assert_eq!((fs.metadata("/"), fs.metadata("/d")), before);
        fs.remove_dir_all("/d/e").unwrap();
        assert_ne!(fs.metadata("/d"), before.1);
        assert_ne!(
            MemoryFileSystem::unix().with_file("/a", "1").metadata("/a"),
            MemoryFileSystem::unix().with_file("/a", "1").metadata("/a")
        );
    }

    #[test]
    fn removal_takes_the_link_and_not_what_it_leads_to() {
        let fs =
            MemoryFileSystem::from_files([("/keep/a", ""), ("/app/dist/b", "")]).with_symlink("/app/dist/k", "/keep");
        fs.remove_dir_all("/app/dist").unwrap();
        assert!(fs.metadata("/app/dist/b").is_err());
        assert!(fs.read("/keep/a").is_ok());
        assert!(fs.metadata("/app").is_ok());
        fs.remove_file("/keep/a").unwrap();
        assert!(fs.read("/keep/a").unwrap_err().is_not_found());
    }

    #[test]
    fn an_unreadable_file_says_so() {
        let fs = MemoryFileSystem::from_files([("/a", "1")]).with_unreadable("/a");
        assert_eq!(fs.read("/a"), Err(FsError::PermissionDenied { path: "/a".into() }));
        assert!(fs.metadata("/a").is_ok());
    }
}
