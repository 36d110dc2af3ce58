//! Tells which of the files that a build read, and which of the directories that it looked into, have changed since.
//!
//! The operating system is asked for events, but never believed without a look: an event names a candidate, a stamp decides.
//! Where events are lost (a queue that overflows) or cannot be had (no more watches, a network drive), every stamp is
//! compared instead, at once or once a second. What changed between a build's reading and the beginning of the watch
//! is found by its time of change.
//!
//! Whoever builds again asks for the candidates since the last time (`Watch::suspects`) and looks at no others. What no
//! event tells of (a write through a memory map, a hard link elsewhere) is found when all stamps are compared, which
//! happens after each build once nothing moves.

mod cookie;
mod journal;
mod worker;

#[cfg(test)]
mod tests;

use crate::recording::SeenContent;
pub use journal::Suspects;
use std::collections::HashSet;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, SystemTime};
use worker::Worker;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    Create,
    Update,
    Delete,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    pub kind: ChangeKind,
}

/// What is to be watched. All paths are absolute.
#[derive(Clone, Debug, Default)]
pub struct WatchList {
    pub files: Vec<WatchedFile>,
    /// Directories that were listed.
    pub listings: Vec<WatchedListing>,
    /// Nothing in these is of interest: where the build itself writes.
    pub ignored: Vec<String>,
}

impl WatchList {
    /// Whether it is a list of the same files of which nothing is known, with nothing listed, and the same is ignored.
    pub fn is_same(&self, other: &Self) -> bool {
        let paths = |list: &Self| list.files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
        paths(self) == paths(other) && self.listings.len() + other.listings.len() == 0 && self.ignored == other.ignored
    }

    pub fn extend(&mut self, more: Self) {
        self.files.extend(more.files);
        self.listings.extend(more.listings);
        self.ignored.extend(more.ignored);
    }
}

#[derive(Clone, Debug)]
pub struct WatchedFile {
    pub path: String,
    pub known: Known,
}

/// What the build knows of a file, so that a change between its reading and the beginning of the watch shows.
#[derive(Clone, Copy, Debug)]
pub enum Known {
    Content(SeenContent),
    /// Only whether it is there was asked.
    IsThere(bool),
    /// That somebody wants to hear of it.
    Nothing,
}

/// A directory, and what was looked for in it: if one of these names comes or goes, a request may lead elsewhere.
#[derive(Clone, Debug, Default)]
pub struct WatchedListing {
    pub path: String,
    pub present: Vec<String>,
    pub absent: Vec<String>,
    /// Every name matters.
    pub whole: bool,
}

/// Far longer than an event takes: a file system that sends none.
const PATIENCE: Duration = Duration::from_millis(500);

/// Watches until it is dropped.
pub struct Watch {
    orders: Sender<Message>,
}

enum Message {
    List(WatchList, SystemTime),
    Seen(Vec<WatchedFile>, SystemTime),
    Emitted(HashSet<String>),
    Suspects(Sender<Option<Suspects>>),
    Event(notify::Result<notify::Event>),
    Stop,
}

impl Watch {
    /// `delay`: how long a burst must pause. `on_change` is called from a thread of its own, with changes sorted by path.
    pub fn new(delay: Duration, on_change: impl FnMut(Vec<Change>) + Send + 'static) -> Self {
        let (orders, inbox) = channel();
        let worker = Worker::new(delay, Box::new(on_change), orders.clone());
        // Without a thread nothing is ever told of, and `send` fails from the start; the next build comes by hand.
        drop(std::thread::Builder::new().name("cloudpack-watch".to_owned()).spawn(move || worker.run(&inbox)));
        Self { orders }
    }

    /// From now on, this. `since`: before the build that it comes from read anything. Cost, on the watching thread: a
    /// stat of each file and directory.
    pub fn set(&self, list: WatchList, since: SystemTime) {
        drop(self.orders.send(Message::List(list, since)));
    }

    /// A build read these again, of what is watched already; all else of the list stays as it is. `since` as for `set`.
    pub fn saw(&self, files: Vec<WatchedFile>, since: SystemTime) {
        drop(self.orders.send(Message::Seen(files, since)));
    }

    /// A build wrote to these directories. What happens to files in them belongs to the suspects and is nothing to tell of.
    pub fn emitted(&self, directories: HashSet<String>) {
        drop(self.orders.send(Message::Emitted(directories)));
    }

    /// Paths that may have changed since the last call, events of all changes before this call included. `None`: what happened
    /// is not known, and everything has to be looked at. Cost: a file that is made and removed, to know that all
    /// events have come.
    pub fn suspects(&self) -> Option<Suspects> {
        let (reply, suspects) = channel();
        self.orders.send(Message::Suspects(reply)).ok()?;
        suspects.recv_timeout(PATIENCE).ok()?
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.orders.send(Message::Stop));
    }
}
