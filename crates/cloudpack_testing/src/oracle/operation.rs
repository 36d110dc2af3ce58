//! What can happen to a project between two builds. Operations are concrete: a list of them is a trace that can be written
//! down, run again and cut shorter.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// Whatever stands in the way goes; directories are made.
    Write {
        path: String,
        text: String,
    },
    /// In place, and with the modification time that the file had.
    WriteUnseen {
        path: String,
        text: String,
    },
    Remove {
        path: String,
    },
    Rename {
        from: String,
        to: String,
    },
    /// `target` is as it stands in the link.
    Link {
        path: String,
        target: String,
    },
    /// Seconds from now.
    Touch {
        path: String,
        seconds: i64,
    },
    /// The value of `define.FLAG` from now on.
    Define {
        value: u8,
    },
    /// The n-th emitted file.
    AlterOutput {
        number: usize,
    },
    RemoveOutput {
        number: usize,
    },
    RemoveOutputs,
    RemoveStore,
    /// Turns a byte of the n-th file of the store over, at this share of its length in thousandths.
    DamageStore {
        number: usize,
        at: u64,
    },
    /// The process ends. Builds of the next one are those of one session, or each looks at everything.
    Process {
        is_session: bool,
    },
    Build,
}

/// What `AlterOutput` writes.
pub(super) const ALTERED: &[u8] = b"altered";

/// Where it happens.
pub(super) struct Places {
    pub(super) project: PathBuf,
    pub(super) store: PathBuf,
}

impl Operation {
    /// What cannot be done to the project as it is (there is no such file) is not done.
    pub(super) fn apply(&self, places: &Places, output: &Path) {
        let at = |path: &str| places.project.join(path);
        // Failures are the operation's own "not possible here".
        let _: io::Result<()> = match self {
            Self::Write { path, text } => {
                make_way(&places.project, path);
                // As editors do it: a new file in the place of the old one.
                let new = at(&format!("{path}.new"));
                fs::write(&new, text).and_then(|()| fs::rename(new, at(path)))
            }
            Self::WriteUnseen { path, text } => write_unseen(&at(path), text),
            Self::Remove { path } => remove(&at(path)),
            Self::Rename { from, to } => {
                if at(from).symlink_metadata().is_ok() && !to.starts_with(&format!("{from}/")) {
                    make_way(&places.project, to);
                    fs::rename(at(from), at(to))
                } else {
                    Ok(())
                }
            }
            Self::Link { path, target } => {
                make_way(&places.project, path);
                let _ = remove(&at(path));
                link(target, &at(path))
            }
            Self::Touch { path, seconds } => touch(&at(path), *seconds),
            Self::AlterOutput { number } => match nth(output, *number) {
                Some(file) => fs::write(file, ALTERED),
                None => Ok(()),
            },
            Self::RemoveOutput { number } => nth(output, *number).map_or(Ok(()), fs::remove_file),
            Self::RemoveOutputs => fs::remove_dir_all(output),
            Self::RemoveStore => fs::remove_dir_all(&places.store),
            Self::DamageStore { number, at } => nth(&places.store, *number).map_or(Ok(()), |file| damage(&file, *at)),
            Self::Define { .. } | Self::Process { .. } | Self::Build => Ok(()),
        };
    }
}

/// Directories above `path`, with files in their places removed; nothing at `path` that is a directory.
fn make_way(project: &Path, path: &str) {
    let mut at = project.to_path_buf();
    for part in path.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev() {
        at.push(part);
        if at.is_file() {
            let _ = fs::remove_file(&at);
        }
        let _ = fs::create_dir(&at);
    }
    let own = project.join(path);
    if own.symlink_metadata().is_ok_and(|it| it.is_dir()) {
        let _ = fs::remove_dir_all(own);
    }
}

fn remove(path: &Path) -> io::Result<()> {
    if path.symlink_metadata()?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

fn write_unseen(path: &Path, text: &str) -> io::Result<()> {
    let before = path.metadata()?;
    if !before.is_file() {
        return Ok(());
    }
    fs::write(path, text)?;
    File::options().write(true).open(path)?.set_modified(before.modified()?)
}

fn touch(path: &Path, seconds: i64) -> io::Result<()> {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let now = SystemTime::now();
    let time = if seconds < 0 { now - by } else { now + by };
    File::options().write(true).open(path)?.set_modified(time)
}

fn damage(path: &Path, at: u64) -> io::Result<()> {
    let mut bytes = fs::read(path)?;
    let index = (bytes.len() as u64 * at.min(999) / 1000) as usize;
    if let Some(byte) = bytes.get_mut(index) {
        *byte ^= 0x10;
    }
    fs::write(path, bytes)
}

/// The n-th file below a directory, in the order of names.
fn nth(directory: &Path, number: usize) -> Option<PathBuf> {
    let files = super::files_below(directory);
    let (name, _) = files.get(number % files.len().max(1))?;
    Some(directory.join(name))
}

#[cfg(unix)]
fn link(target: &str, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn link(target: &str, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target.replace('/', "\\"), link)
}
