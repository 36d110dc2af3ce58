//! What a build was made from and what it left behind, so that the next process can tell by a few thousand `stat`s whether
//! anything changed. One record a build, found by the head of its options; read in place, entry by entry, from the bytes
//! that the store gave. `docs/format/build-record.md` is the layout in words; a test compares the two.

mod facts;
mod layout;
mod merge;
mod trust;
mod view;

pub(crate) use facts::{ANSWERED_BY_TEXT, BuildFacts, FAILED, OutputFact, Question, facts_of_observed, kind_answer};
pub(crate) use layout::kind_number;
pub(crate) use merge::{add_former, changed_files, stamp_of};
pub(crate) use trust::{Clock, OLD_ENOUGH, trusted};
pub(crate) use view::{BuildRecord, FileEntry, ListingEntry, OutputEntry, QuestionEntry, RecordEdit};

#[cfg(test)]
mod tests;
