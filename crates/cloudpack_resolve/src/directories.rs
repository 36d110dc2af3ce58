//! Directory listings, read once: whether a path exists, as what, and its real path, from memory. Decides how to ask the
//! disk: one listing answers every probe in a directory (`x`, `x.tsx`, `x.ts`...), where a `stat` answers one.
//!
//! Directories above `cwd` are not listed but asked name by name: `/` or a home directory may hold a hundred thousand
//! entries of which `node_modules` and `package.json` are of interest.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cloudpack_base::path;
use cloudpack_fs::{FileKind, FileSystem};
use dashmap::DashMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::listings::{ListedName, UsedListing};
use crate::outcome::ProbeList;
use crate::packages::PackageFacts;
use crate::tsconfigs::LoadedTsconfig;

pub(crate) struct Directories {
    pub(crate) fs: Arc<dyn FileSystem>,
    cwd: String,
    symlinks: bool,
    known: DashMap<Box<str>, Option<Arc<Directory>>, FxBuildHasher>,
}

pub(crate) struct Directory {
    pub(crate) path: Box<str>,
    /// Without links; equal to `path` when links are to be preserved.
    pub(crate) real: Box<str>,
    pub(crate) parent: Option<Arc<Directory>>,
    /// `node_modules` itself counts.
    pub(crate) in_node_modules: bool,
    entries: Entries,
    pub(crate) facts: DirectoryFacts,
}

/// What other modules derive from a directory, each on first use.
#[derive(Default)]
pub(crate) struct DirectoryFacts {
    pub(crate) package: OnceLock<Option<Arc<PackageFacts>>>,
    /// The `package.json` files that `package` was decided by.
    pub(crate) package_probes: OnceLock<Arc<ProbeList>>,
    pub(crate) start: OnceLock<(Box<str>, Arc<ProbeList>)>,
    pub(crate) tsconfig: OnceLock<Option<Arc<LoadedTsconfig>>>,
    pub(crate) tsconfig_probes: OnceLock<Arc<ProbeList>>,
}

enum Entries {
    Listed(Listing),
    /// Each question went to the file system.
    Asked(Mutex<FxHashMap<Box<str>, Option<Entry>>>),
}

/// A listing, and what somebody wanted to know of it: all that an answer can depend on.
#[derive(Default)]
struct Listing {
    entries: FxHashMap<Box<str>, ListedEntry>,
    absent: Mutex<FxHashSet<Box<str>>>,
    /// All names were looked at, for "did you mean".
    whole: AtomicBool,
}

struct ListedEntry {
    entry: Entry,
    asked: AtomicBool,
}

#[derive(Clone)]
enum Entry {
    /// Pipes and devices too: they exist, and reading them gives the better error.
    File,
    Directory,
    /// Where it leads is asked when somebody wants to know.
    Symlink(Arc<OnceLock<Option<Target>>>),
}

#[derive(Clone)]
struct Target {
    is_directory: bool,
    real: Box<str>,
}

/// A name in a directory, links followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    pub name: String,
    pub is_directory: bool,
    pub is_link: bool,
}

/// An existing path.
pub(crate) struct Found {
    pub(crate) is_directory: bool,
    pub(crate) is_link: bool,
    /// Set for links (unless links are preserved); everything else lies in its directory's real path.
    pub(crate) real: Option<Box<str>>,
}

impl Directories {
    pub(crate) fn new(fs: Arc<dyn FileSystem>, cwd: &str, symlinks: bool) -> Self {
        Self { fs, cwd: cwd.to_owned(), symlinks, known: DashMap::default() }
    }

    /// The directory at a normalised absolute path. Cost when known: one hash of the path.
    pub(crate) fn get(&self, path: &str) -> Option<Arc<Directory>> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let made = self.load(path).map(Arc::new);
        // Two threads may load the same directory; the first to arrive is kept, so that facts are derived once.
        self.known.entry(path.into()).or_insert(made).clone()
    }

    /// A stand-in where not even a root exists: on a memory file system without files, or a drive that is gone.
    pub(crate) fn empty(&self, path: &str) -> Arc<Directory> {
        let entries = Entries::Listed(Listing::default());
        let facts = DirectoryFacts::default();
        let (path, real) = (path.into(), path.into());
        Arc::new(Directory { path, real, parent: None, in_node_modules: false, entries, facts })
    }

    fn load(&self, path: &str) -> Option<Directory> {
        if !path::is_absolute(path) {
            return None;
        }
        let parent_path = path::dirname(path);
        let (parent, real) = if parent_path.len() >= path.len() {
            self.fs.metadata(path).ok().filter(|stamp| stamp.kind == FileKind::Directory)?;
            (None, Box::from(path))
        } else {
            let parent = self.get(parent_path)?;
            let found = self.entry(&parent, path::basename(path))?;
            if !found.is_directory {
                return None;
            }
            let real = self.real_path(&parent, path::basename(path), &found);
            (Some(parent), real.into_boxed_str())
        };
        let entries = if is_strict_ancestor(path, &self.cwd) { None } else { self.list(path) };
        let entries = entries.unwrap_or_else(|| Entries::Asked(Mutex::default()));
        let in_node_modules =
            path.ends_with("/node_modules") || parent.as_ref().is_some_and(|parent| parent.in_node_modules);
        let facts = DirectoryFacts::default();
        Some(Directory { path: path.into(), real, parent, in_node_modules, entries, facts })
    }

    /// `None` for a directory that may be entered but not listed.
    fn list(&self, path: &str) -> Option<Entries> {
        let listing = self.fs.read_dir(path).ok()?;
        let entry = |kind: FileKind| ListedEntry {
            entry: match kind {
                FileKind::Directory => Entry::Directory,
                FileKind::Symlink => Entry::Symlink(Arc::default()),
                FileKind::File | FileKind::Other => Entry::File,
            },
            asked: AtomicBool::new(false),
        };
        let entries = listing.into_iter().map(|item| (item.name.into(), entry(item.kind))).collect();
        Some(Entries::Listed(Listing { entries, ..Listing::default() }))
    }

    /// What was asked of every directory that was listed, sorted by path.
    pub(crate) fn used_listings(&self) -> Vec<UsedListing> {
        let mut used: Vec<UsedListing> = self
            .known
            .iter()
            .filter_map(|known| {
                let directory = known.value().as_ref()?;
                match &directory.entries {
                    Entries::Listed(listing) => Some(listing.used(&directory.path)),
                    Entries::Asked(_) => None,
                }
            })
            .collect();
        used.sort_unstable_by(|left, right| left.path.cmp(&right.path));
        used
    }

    /// What `name` is in `directory`, links followed.
    pub(crate) fn entry(&self, directory: &Directory, name: &str) -> Option<Found> {
        let entry = match &directory.entries {
            Entries::Listed(listed) => match listed.get(name) {
                Some(entry) => entry,
                // Some file systems list another Unicode form of a name than the one they also answer to.
                None if !name.is_ascii() => self.ask(directory, name)?,
                None => return None,
            },
            Entries::Asked(asked) => {
                let known = asked.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
                let entry = known.unwrap_or_else(|| {
                    let entry = self.ask(directory, name);
                    asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name.into(), entry.clone());
                    entry
                });
                entry?
            }
        };
        match entry {
            Entry::File => Some(Found { is_directory: false, is_link: false, real: None }),
            Entry::Directory => Some(Found { is_directory: true, is_link: false, real: None }),
            Entry::Symlink(target) => {
                let target = target.get_or_init(|| {
                    let path = directory.child(name);
                    // First, because it takes down which links it followed, to wherever they lead.
                    let real = self.fs.canonicalize(&path).ok()?.into_boxed_str();
                    let stamp = self.fs.metadata(&path).ok()?;
                    Some(Target { is_directory: stamp.kind == FileKind::Directory, real })
                });
                let target = target.as_ref()?;
                let real = self.symlinks.then(|| target.real.clone());
                Some(Found { is_directory: target.is_directory, is_link: true, real })
            }
        }
    }

    fn ask(&self, directory: &Directory, name: &str) -> Option<Entry> {
        let stamp = self.fs.symlink_metadata(&directory.child(name)).ok()?;
        Some(match stamp.kind {
            FileKind::Directory => Entry::Directory,
            FileKind::Symlink => Entry::Symlink(Arc::default()),
            FileKind::File | FileKind::Other => Entry::File,
        })
    }

    pub(crate) fn real_path(&self, directory: &Directory, name: &str, found: &Found) -> String {
        match &found.real {
            Some(real) => real.to_string(),
            None => child_of(&directory.real, name),
        }
    }

    /// What a normalised absolute path is, links followed.
    pub(crate) fn lookup(&self, path: &str) -> Option<Found> {
        let parent = path::dirname(path);
        if parent.len() >= path.len() {
            return self.get(path).map(|_| Found { is_directory: true, is_link: false, real: None });
        }
        self.entry(&*self.get(parent)?, path::basename(path))
    }

    pub(crate) fn is_file(&self, directory: &Directory, name: &str) -> bool {
        self.entry(directory, name).is_some_and(|found| !found.is_directory)
    }
}

impl Listing {
    fn get(&self, name: &str) -> Option<Entry> {
        match self.entries.get(name) {
            Some(listed) => {
                // A plain load first: most names are asked for by many, and a store would pass the line between cores.
                if !listed.asked.load(Ordering::Relaxed) {
                    listed.asked.store(true, Ordering::Relaxed);
                }
                Some(listed.entry.clone())
            }
            None => {
                let mut absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
                if !absent.contains(name) {
                    absent.insert(name.into());
                }
                None
            }
        }
    }

    fn used(&self, path: &str) -> UsedListing {
        let whole = self.whole.load(Ordering::Relaxed);
        let mut names: Vec<(String, ListedName)> = self
            .entries
            .iter()
            .filter(|(_, listed)| whole || listed.asked.load(Ordering::Relaxed))
            .map(|(name, listed)| {
                let kind = match listed.entry {
                    Entry::File => ListedName::File,
                    Entry::Directory => ListedName::Directory,
                    Entry::Symlink(_) => ListedName::Symlink,
                };
                (name.to_string(), kind)
            })
            .collect();
        let absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
        names.extend(absent.iter().map(|name| (name.to_string(), ListedName::Absent)));
        names.sort_unstable();
        UsedListing { path: path.to_owned(), names, whole }
    }
}

impl Directory {
    pub(crate) fn child(&self, name: &str) -> String {
        child_of(&self.path, name)
    }
    pub(crate) fn name(&self) -> &str {
        path::basename(&self.path)
    }
    pub(crate) fn is_node_modules(&self) -> bool {
        self.name() == "node_modules"
    }
    /// This directory, then its parent, up to the root.
    pub(crate) fn upwards(&self) -> impl Iterator<Item = &Directory> {
        std::iter::successors(Some(self), |directory| directory.parent.as_deref())
    }
    /// Names for "did you mean": none where the directory was not listed.
    pub(crate) fn names(&self) -> Vec<&str> {
        match &self.entries {
            Entries::Listed(listed) => {
                listed.whole.store(true, Ordering::Relaxed);
                let mut names: Vec<&str> = listed.entries.keys().map(AsRef::as_ref).collect();
                names.sort_unstable();
                names
            }
            Entries::Asked(_) => Vec::new(),
        }
    }
}

pub(crate) fn child_of(directory: &str, name: &str) -> String {
    let mut path = String::with_capacity(directory.len() + 1 + name.len());
    path.push_str(directory);
    if !directory.ends_with('/') {
        path.push('/');
    }
    path.push_str(name);
    path
}

fn is_strict_ancestor(path: &str, of: &str) -> bool {
    of.strip_prefix(path).is_some_and(|rest| !rest.is_empty() && (rest.starts_with('/') || path.ends_with('/')))
}
