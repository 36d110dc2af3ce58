//! What may have changed since somebody last asked: paths that events or a look at the stamps named.

use std::collections::BTreeSet;

/// With more, looking at everything is as cheap.
const MANY: usize = 1 << 16;

/// Paths that may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspects {
    pub paths: BTreeSet<String>,
    /// In the directories that a build wrote to. `None`: it is not known.
    pub emitted: Option<BTreeSet<String>>,
}

#[derive(Default)]
pub(super) struct Journal {
    paths: Noted,
    emitted: Noted,
}

/// `is_lost`: something happened that paths do not tell of.
#[derive(Default)]
struct Noted {
    paths: BTreeSet<String>,
    is_lost: bool,
}

impl Noted {
    fn note(&mut self, path: &str) {
        if !self.is_lost && !self.paths.contains(path) {
            self.paths.insert(path.to_owned());
            if self.paths.len() > MANY {
                self.lose();
            }
        }
    }

    fn lose(&mut self) {
        self.is_lost = true;
        self.paths.clear();
    }

    fn take(&mut self) -> Option<BTreeSet<String>> {
        let Self { paths, is_lost } = std::mem::take(self);
        (!is_lost).then_some(paths)
    }
}

impl Journal {
    pub(super) fn note(&mut self, path: &str) {
        self.paths.note(path);
    }

    pub(super) fn note_emitted(&mut self, path: &str) {
        self.emitted.note(path);
    }

    pub(super) fn lose(&mut self) {
        self.paths.lose();
        self.emitted.lose();
    }

    pub(super) fn lose_emitted(&mut self) {
        self.emitted.lose();
    }

    /// Begins anew. `None`: it is not known.
    pub(super) fn take(&mut self) -> Option<Suspects> {
        let (paths, emitted) = (self.paths.take(), self.emitted.take());
        Some(Suspects { paths: paths?, emitted })
    }
}

#[cfg(test)]
mod tests {
    use super::{Journal, MANY};

    #[test]
    fn too_much_is_everything_and_then_it_begins_anew() {
        let mut journal = Journal::default();
        (0..=MANY).for_each(|number| journal.note(&number.to_string()));
        assert_eq!(journal.take(), None);
        journal.note("b");
        journal.note("a");
        journal.note("b");
        journal.lose_emitted();
        let suspects = journal.take().expect("known");
        assert!(suspects.paths.iter().eq(["a", "b"]) && suspects.emitted.is_none());
        journal.note_emitted("c");
        let suspects = journal.take().expect("known");
        assert!(suspects.paths.is_empty() && suspects.emitted.expect("known").iter().eq(["c"]));
    }
}
