//! The facts of one build, and their bytes.

use super::layout::{
    FILE_BYTES, HEADER_BYTES, LISTING_BYTES, MAGIC, NAME_BYTES, OUTPUT_BYTES, QUESTION_BYTES, RECORD_VERSION,
    kind_number, push_stamp,
};
use super::trust::{Clock, trusted};
use cloudpack_base::ContentHash;
use cloudpack_fs::{Failed, FileKind, Observed, Stamp};
use cloudpack_resolve::{ListedName, UsedListing};
use rustc_hash::FxHashMap;

#[derive(Default)]
pub(crate) struct BuildFacts {
    /// The head that the record is for.
    pub(crate) head: [u8; 32],
    pub(crate) modules: u32,
    pub(crate) dead_modules: u32,
    /// Digest of the record that lists the files to watch.
    pub(crate) watch: [u8; 32],
    /// JSON list; no errors.
    pub(crate) diagnostics: String,
    /// The directory of each output.
    pub(crate) dirs: Vec<String>,
    /// Digests of the records that hold the graph, the plans and what is known of linked chunks; zeros where they were not
    /// kept.
    pub(crate) graph: [u8; 32],
    pub(crate) plans: [u8; 32],
    pub(crate) link: [u8; 32],
    /// Files that were read; sorted by path.
    pub(crate) files: Vec<FileFact>,
    pub(crate) questions: Vec<QuestionFact>,
    pub(crate) listings: Vec<ListingFact>,
    /// Files of all outputs, in the order of their bundles.
    pub(crate) outputs: Vec<OutputFact>,
}

/// A file that was read.
pub(crate) struct FileFact {
    pub(crate) path: String,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) hash: ContentHash,
}

/// Something else that was asked about a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct QuestionFact {
    pub(crate) path: String,
    pub(crate) question: Question,
    /// A kind, 16 for a text, 32 and more for a failure.
    pub(crate) answer: u8,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Reading fails.
    Content,
    Kind,
    OwnKind,
    RealPath,
    Link,
    /// Listing fails.
    Listing,
}

pub(crate) const ANSWERED_BY_TEXT: u8 = 16;
pub(crate) const FAILED: u8 = 32;

/// A directory that was listed, and the names that mattered.
pub(crate) struct ListingFact {
    pub(crate) path: String,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) names: Vec<(String, ListedName)>,
    /// Any other name matters too.
    pub(crate) whole: bool,
}

/// A file that was emitted.
pub(crate) struct OutputFact {
    pub(crate) output: u32,
    pub(crate) is_chunk: bool,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) hash: ContentHash,
    pub(crate) stamp: Option<Stamp>,
    /// Digest of the record with the rest of what is known of it.
    pub(crate) description: [u8; 32],
}

pub(crate) fn kind_answer<T>(answer: &Result<T, Failed>, of: impl Fn(&T) -> u8) -> u8 {
    match answer {
        Ok(value) => of(value),
        Err(Failed::NotFound) => FAILED,
        Err(Failed::PermissionDenied) => FAILED + 1,
        Err(Failed::IsDirectory) => FAILED + 2,
    }
}

/// What the recording file system saw, and what the resolver made of listings, as facts. `start`: before the first read.
/// `None`: a listing is not explained.
pub(crate) fn facts_of_observed(
    observed: Vec<(String, Observed)>,
    listings: Vec<UsedListing>,
    start: Clock,
    facts: &mut BuildFacts,
) -> Option<()> {
    let mut used: FxHashMap<String, UsedListing> =
        listings.into_iter().map(|listing| (listing.path.clone(), listing)).collect();
    for (path, seen) in observed {
        let mut ask = |question: Question, answer: u8, text: String| {
            facts.questions.push(QuestionFact { path: path.clone(), question, answer, text });
        };
        if let Some(answer) = &seen.kind {
            ask(Question::Kind, kind_answer(answer, |kind| kind_number(*kind)), String::new());
        }
        if let Some(answer) = &seen.own_kind {
            ask(Question::OwnKind, kind_answer(answer, |kind| kind_number(*kind)), String::new());
        }
        for (question, answer) in [(Question::RealPath, seen.real_path), (Question::Link, seen.link)] {
            if let Some(answer) = answer {
                let number = kind_answer(&answer, |_| ANSWERED_BY_TEXT);
                ask(question, number, answer.unwrap_or_default());
            }
        }
        match seen.listing {
            None => {}
            Some(Err(failed)) => {
                ask(Question::Listing, kind_answer::<FileKind>(&Err(failed), |_| 0), String::new());
            }
            Some(Ok(stamp)) => {
                let UsedListing { path, names, whole } = used.remove(&path)?;
                facts.listings.push(ListingFact { path, stamp: trusted(stamp, start), names, whole });
            }
        }
        match seen.content {
            None => {}
            Some(Err(failed)) => {
                facts.questions.push(QuestionFact {
                    path,
                    question: Question::Content,
                    answer: kind_answer::<FileKind>(&Err(failed), |_| 0),
                    text: String::new(),
                });
            }
            Some(Ok(content)) => {
                facts.files.push(FileFact { path, stamp: trusted(content.stamp, start), hash: content.hash });
            }
        }
    }
    used.is_empty().then_some(())
}

/// Texts of all entries, one after the other.
#[derive(Default)]
struct Texts(String);

impl Texts {
    fn push(&mut self, out: &mut Vec<u8>, text: &str) {
        out.extend_from_slice(&(self.0.len() as u32).to_le_bytes());
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.0.push_str(text);
    }
}

impl BuildFacts {
    /// `None`: more than 4 GiB of paths.
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        let names: usize = self.listings.iter().map(|listing| listing.names.len()).sum();
        let mut texts = Texts::default();
        let mut out = Vec::with_capacity(
            HEADER_BYTES
                + self.files.len() * (FILE_BYTES + 64)
                + self.questions.len() * (QUESTION_BYTES + 64)
                + self.listings.len() * (LISTING_BYTES + 64)
                + names * (NAME_BYTES + 16)
                + self.outputs.len() * (OUTPUT_BYTES + 32),
        );
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&RECORD_VERSION.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.head);
        out.extend_from_slice(&self.modules.to_le_bytes());
        out.extend_from_slice(&self.dead_modules.to_le_bytes());
        out.extend_from_slice(&self.watch);
        texts.push(&mut out, &self.diagnostics);
        texts.push(&mut out, &self.dirs.join("\0"));
        out.extend_from_slice(&self.graph);
        out.extend_from_slice(&self.plans);
        out.extend_from_slice(&self.link);
        let counts = [self.files.len(), self.questions.len(), self.listings.len(), names, self.outputs.len(), 0];
        for count in counts {
            out.extend_from_slice(&u32::try_from(count).ok()?.to_le_bytes());
        }
        for file in &self.files {
            texts.push(&mut out, &file.path);
            push_stamp(&mut out, file.stamp.as_ref());
            out.extend_from_slice(&file.hash.0);
        }
        for question in &self.questions {
            texts.push(&mut out, &question.path);
            out.extend_from_slice(&[question.question as u8, question.answer, 0, 0]);
            texts.push(&mut out, &question.text);
        }
        let mut first = 0_u32;
        for listing in &self.listings {
            texts.push(&mut out, &listing.path);
            push_stamp(&mut out, listing.stamp.as_ref());
            out.extend_from_slice(&first.to_le_bytes());
            out.extend_from_slice(&(listing.names.len() as u32).to_le_bytes());
            out.extend_from_slice(&[u8::from(listing.whole), 0, 0, 0]);
            first += listing.names.len() as u32;
        }
        for (name, kind) in self.listings.iter().flat_map(|listing| &listing.names) {
            texts.push(&mut out, name);
            out.extend_from_slice(&[*kind as u8, 0, 0, 0]);
        }
        for output in &self.outputs {
            out.extend_from_slice(&output.output.to_le_bytes());
            out.extend_from_slice(&[u8::from(output.is_chunk), 0, 0, 0]);
            texts.push(&mut out, &output.name);
            out.extend_from_slice(&output.size.to_le_bytes());
            out.extend_from_slice(&output.hash.0);
            push_stamp(&mut out, output.stamp.as_ref());
            out.extend_from_slice(&output.description);
        }
        let length = u32::try_from(texts.0.len()).ok()?;
        out.get_mut(HEADER_BYTES - 4..HEADER_BYTES)?.copy_from_slice(&length.to_le_bytes());
        out.extend_from_slice(texts.0.as_bytes());
        Some(out)
    }
}
