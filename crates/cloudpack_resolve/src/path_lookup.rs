//! Absolute path without extension -> existing file, from directory listings: Node's LOAD_AS_FILE and LOAD_AS_DIRECTORY
//! with the user's extensions. Decides everything about paths except what only a `package.json` can say: directories
//! that have one, and files of packages whose `browser` field remaps single files, are handed on.

use std::sync::Arc;

use cloudpack_base::path;

use crate::directories::{Directories, Directory, Found};
use crate::options::{Kind, Rules};

/// How one request wants paths to be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Completion {
    pub(crate) kind: Kind,
    /// `./a.js` may be `./a.ts`.
    pub(crate) extension_alias: bool,
}

pub(crate) enum PathAnswer {
    File(FoundFile),
    Absent,
    /// A directory whose `package.json` has the say.
    AskPackage,
}

pub(crate) struct FoundFile {
    /// Real unless links are preserved.
    pub(crate) path: String,
    /// Of the real path.
    pub(crate) directory: Arc<Directory>,
}

/// Looks for `target` (normalised). `wants_directory` for specifiers that end in `/`, `.` or `..`. Tried and absent
/// paths are added to `missing`.
pub(crate) fn find_file(
    directories: &Directories,
    rules: &Rules,
    completion: Completion,
    target: &str,
    wants_directory: bool,
    missing: &mut Vec<String>,
) -> PathAnswer {
    let parent_path = path::dirname(target);
    let Some(parent) = directories.get(parent_path) else {
        missing.push(first_absent(directories, parent_path));
        return PathAnswer::Absent;
    };
    let name = if parent_path.len() < target.len() { path::basename(target) } else { "" };
    if !wants_directory && !name.is_empty() {
        let search = Search { directories, rules, completion, directory: &parent };
        if let Some(file) = search.file(name, missing) {
            return PathAnswer::File(file);
        }
    }
    match directories.lookup(target) {
        Some(found) if found.is_directory => {}
        Some(_) => return PathAnswer::Absent,
        None => {
            missing.push(target.to_owned());
            return PathAnswer::Absent;
        }
    }
    let Some(directory) = directories.get(target) else { return PathAnswer::Absent };
    if directories.is_file(&directory, "package.json") {
        return PathAnswer::AskPackage;
    }
    missing.push(directory.child("package.json"));
    let search = Search { directories, rules, completion, directory: &directory };
    match rules.main_files.iter().find_map(|main| search.with_extensions(main, missing)) {
        Some(file) => PathAnswer::File(file),
        None => PathAnswer::Absent,
    }
}

/// `name` as it stands, without completion.
pub(crate) fn find_exact(directories: &Directories, target: &str, missing: &mut Vec<String>) -> Option<FoundFile> {
    let parent = directories.get(path::dirname(target))?;
    let name = path::basename(target);
    match directories.entry(&parent, name) {
        Some(found) if !found.is_directory => file_in(directories, &parent, name, &found),
        _ => {
            missing.push(target.to_owned());
            None
        }
    }
}

struct Search<'a> {
    directories: &'a Directories,
    rules: &'a Rules,
    completion: Completion,
    directory: &'a Arc<Directory>,
}

impl Search<'_> {
    fn file(&self, name: &str, missing: &mut Vec<String>) -> Option<FoundFile> {
        if self.completion.extension_alias
            && let Some((stem, _)) = name.rsplit_once('.')
            && let Some((_, stand_ins)) =
                self.rules.extension_alias.iter().find(|(written, _)| name[stem.len()..] == **written)
        {
            let stand_in = stand_ins.iter().find_map(|extension| self.exact(&format!("{stem}{extension}"), missing));
            // A user's table may leave the written extension out, to say that such files are not meant.
            if stand_in.is_some() || self.directories.is_file(self.directory, name) {
                return stand_in;
            }
        }
        self.exact(name, missing).or_else(|| self.with_extensions(name, missing))
    }

    fn with_extensions(&self, stem: &str, missing: &mut Vec<String>) -> Option<FoundFile> {
        let extensions = &self.rules.kind(self.completion.kind).extensions;
        // One buffer for all candidates: this loop is the greater part of what a request costs.
        let mut name = String::with_capacity(stem.len() + 8);
        name.push_str(stem);
        extensions.iter().find_map(|extension| {
            name.truncate(stem.len());
            name.push_str(extension);
            self.exact(&name, missing)
        })
    }

    fn exact(&self, name: &str, missing: &mut Vec<String>) -> Option<FoundFile> {
        match self.directories.entry(self.directory, name) {
            Some(found) if !found.is_directory => file_in(self.directories, self.directory, name, &found),
            Some(_) => None,
            None => {
                missing.push(self.directory.child(name));
                None
            }
        }
    }
}

fn file_in(directories: &Directories, directory: &Arc<Directory>, name: &str, found: &Found) -> Option<FoundFile> {
    let path = directories.real_path(directory, name, found);
    let real_parent = path::dirname(&path);
    let directory =
        if *real_parent == *directory.path { Arc::clone(directory) } else { directories.get(real_parent)? };
    Some(FoundFile { path, directory })
}

/// The highest directory on the way to `path` that is not there: the one whose making would change the answer.
fn first_absent(directories: &Directories, path: &str) -> String {
    let mut absent = path;
    loop {
        let parent = path::dirname(absent);
        if parent.len() >= absent.len() || directories.get(parent).is_some() {
            return absent.to_owned();
        }
        absent = parent;
    }
}
