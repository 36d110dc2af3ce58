//! A build record as it lies in memory: entries are taken out of the bytes one by one, and each step can miss. Nothing is
//! made of what nobody asks for.

use super::facts::{OutputFact, Question};
use super::layout::{
    FILE_BYTES, Fields, HEADER_BYTES, LINK_IN_HEADER, LISTING_BYTES, MAGIC, NAME_BYTES, OUTPUT_BYTES, QUESTION_BYTES,
    RECORD_VERSION, STAMP_BYTES, STAMP_IN_FILE, STAMP_IN_LISTING, STAMP_IN_OUTPUT, TEXT_BYTES, push_stamp,
};
use crate::changes::Touched;
use crate::paged::WholeRecord;
use cloudpack_base::ContentHash;
use cloudpack_fs::Stamp;
use cloudpack_resolve::ListedName;
use std::ops::Deref;

pub(crate) struct BuildRecord<B = WholeRecord> {
    bytes: B,
    /// The head that it is for.
    pub(crate) head: [u8; 32],
    pub(crate) modules: u32,
    pub(crate) dead_modules: u32,
    pub(crate) watch: [u8; 32],
    diagnostics: (u32, u32),
    dirs: (u32, u32),
    pub(crate) graph: [u8; 32],
    pub(crate) plans: [u8; 32],
    pub(crate) link: [u8; 32],
    pub(crate) files: usize,
    pub(crate) questions: usize,
    pub(crate) listings: usize,
    names: usize,
    pub(crate) outputs: usize,
    text_start: usize,
}

pub(crate) struct FileEntry<'r> {
    pub(crate) path: &'r str,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) hash: ContentHash,
}

pub(crate) struct QuestionEntry<'r> {
    pub(crate) path: &'r str,
    pub(crate) question: Question,
    pub(crate) answer: u8,
    pub(crate) text: &'r str,
}

pub(crate) struct ListingEntry<'r> {
    pub(crate) path: &'r str,
    pub(crate) names: Vec<(&'r str, ListedName)>,
    pub(crate) whole: bool,
}

pub(crate) struct OutputEntry<'r> {
    pub(crate) output: u32,
    pub(crate) is_chunk: bool,
    pub(crate) name: &'r str,
    pub(crate) size: u64,
    pub(crate) hash: ContentHash,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) description: [u8; 32],
}

/// What a build changed that took over all else.
pub(crate) struct RecordEdit<'e> {
    /// Files with another content, by their index.
    pub(crate) files: Vec<(usize, Option<Stamp>, ContentHash)>,
    pub(crate) touched: &'e Touched,
    pub(crate) link: [u8; 32],
    /// All emitted files, in the order of the record.
    pub(crate) outputs: &'e [OutputFact],
}

impl<B: Deref<Target = [u8]>> BuildRecord<B> {
    /// `None` if this is no record of this version. Looks at the header only.
    pub(crate) fn open(bytes: B) -> Option<Self> {
        let mut fields = Fields(bytes.get(..HEADER_BYTES)?);
        if fields.bytes::<8>()? != MAGIC || fields.u32()? != RECORD_VERSION {
            return None;
        }
        fields.u32()?;
        let head = fields.bytes()?;
        let (modules, dead_modules, watch) = (fields.u32()?, fields.u32()?, fields.bytes()?);
        let diagnostics = (fields.u32()?, fields.u32()?);
        let dirs = (fields.u32()?, fields.u32()?);
        let (graph, plans, link) = (fields.bytes()?, fields.bytes()?, fields.bytes()?);
        let mut count = || fields.u32().map(|count| count as usize);
        let (files, questions, listings, names, outputs, text) =
            (count()?, count()?, count()?, count()?, count()?, count()?);
        let tables = [
            (files, FILE_BYTES),
            (questions, QUESTION_BYTES),
            (listings, LISTING_BYTES),
            (names, NAME_BYTES),
            (outputs, OUTPUT_BYTES),
        ];
        let mut text_start = HEADER_BYTES;
        for (count, size) in tables {
            text_start = count.checked_mul(size)?.checked_add(text_start)?;
        }
        if text_start.checked_add(text)? != bytes.len() {
            return None;
        }
        let record = Self {
            bytes,
            head,
            modules,
            dead_modules,
            watch,
            diagnostics,
            dirs,
            graph,
            plans,
            link,
            files,
            questions,
            listings,
            names,
            outputs,
            text_start,
        };
        Some(record)
    }

    pub(crate) fn bytes(&self) -> &B {
        &self.bytes
    }

    /// Entry `index` of `count` in the table at `start`.
    fn entry(&self, start: usize, index: usize, count: usize, size: usize) -> Option<Fields<'_>> {
        if index >= count {
            return None;
        }
        let at = index.checked_mul(size)?.checked_add(start)?;
        self.bytes.get(at..at.checked_add(size)?).map(Fields)
    }

    fn text(&self, offset: u32, length: u32) -> Option<&str> {
        let start = self.text_start.checked_add(offset as usize)?;
        std::str::from_utf8(self.bytes.get(start..start.checked_add(length as usize)?)?).ok()
    }

    fn text_field(&self, fields: &mut Fields<'_>) -> Option<&str> {
        self.text(fields.u32()?, fields.u32()?)
    }

    fn questions_start(&self) -> usize {
        HEADER_BYTES + self.files * FILE_BYTES
    }
    fn listings_start(&self) -> usize {
        self.questions_start() + self.questions * QUESTION_BYTES
    }
    fn names_start(&self) -> usize {
        self.listings_start() + self.listings * LISTING_BYTES
    }
    fn outputs_start(&self) -> usize {
        self.names_start() + self.names * NAME_BYTES
    }

    pub(crate) fn diagnostics(&self) -> Option<&str> {
        self.text(self.diagnostics.0, self.diagnostics.1)
    }

    /// The directory of each output.
    pub(crate) fn dirs(&self) -> Option<Vec<&str>> {
        Some(self.text(self.dirs.0, self.dirs.1)?.split('\0').collect())
    }

    pub(crate) fn file(&self, index: usize) -> Option<FileEntry<'_>> {
        let mut fields = self.entry(HEADER_BYTES, index, self.files, FILE_BYTES)?;
        let path = self.text_field(&mut fields)?;
        Some(FileEntry { path, stamp: fields.stamp()?, hash: ContentHash(fields.bytes()?) })
    }

    pub(crate) fn question(&self, index: usize) -> Option<QuestionEntry<'_>> {
        let mut fields = self.entry(self.questions_start(), index, self.questions, QUESTION_BYTES)?;
        let path = self.text_field(&mut fields)?;
        let question = match fields.byte()? {
            0 => Question::Content,
            1 => Question::Kind,
            2 => Question::OwnKind,
            3 => Question::RealPath,
            4 => Question::Link,
            5 => Question::Listing,
            _ => return None,
        };
        let answer = fields.byte()?;
        fields.bytes::<2>()?;
        Some(QuestionEntry { path, question, answer, text: self.text_field(&mut fields)? })
    }

    pub(crate) fn listing(&self, index: usize) -> Option<ListingEntry<'_>> {
        let mut fields = self.entry(self.listings_start(), index, self.listings, LISTING_BYTES)?;
        let path = self.text_field(&mut fields)?;
        fields.stamp()?;
        let (first, count) = (fields.u32()? as usize, fields.u32()? as usize);
        let whole = fields.byte()? != 0;
        let end = first.checked_add(count).filter(|end| *end <= self.names)?;
        let names = (first..end).map(|at| self.name(at)).collect::<Option<Vec<_>>>()?;
        Some(ListingEntry { path, names, whole })
    }

    /// A listing's path and stamp, without its names.
    pub(crate) fn listing_stamp(&self, index: usize) -> Option<(&str, Option<Stamp>)> {
        let mut fields = self.entry(self.listings_start(), index, self.listings, LISTING_BYTES)?;
        Some((self.text_field(&mut fields)?, fields.stamp()?))
    }

    fn name(&self, index: usize) -> Option<(&str, ListedName)> {
        let mut fields = self.entry(self.names_start(), index, self.names, NAME_BYTES)?;
        let name = self.text_field(&mut fields)?;
        let kind = match fields.byte()? {
            0 => ListedName::Absent,
            1 => ListedName::File,
            2 => ListedName::Directory,
            3 => ListedName::Symlink,
            _ => return None,
        };
        Some((name, kind))
    }

    pub(crate) fn output(&self, index: usize) -> Option<OutputEntry<'_>> {
        let mut fields = self.entry(self.outputs_start(), index, self.outputs, OUTPUT_BYTES)?;
        let output = fields.u32()?;
        let is_chunk = fields.byte()? != 0;
        fields.bytes::<3>()?;
        Some(OutputEntry {
            output,
            is_chunk,
            name: self.text_field(&mut fields)?,
            size: fields.u64()?,
            hash: ContentHash(fields.bytes()?),
            stamp: fields.stamp()?,
            description: fields.bytes()?,
        })
    }

    /// The first of `count` entries, which are sorted by path, whose path is not before `path`.
    fn first_at<'p>(count: usize, path_of: impl Fn(usize) -> Option<&'p str>, path: &str) -> Option<usize> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = usize::midpoint(low, high);
            if path_of(middle)? < path {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Some(low)
    }

    pub(crate) fn find_file(&self, path: &str) -> Option<(usize, FileEntry<'_>)> {
        let at = Self::first_at(self.files, |index| Some(self.file(index)?.path), path)?;
        self.file(at).filter(|file| file.path == path).map(|file| (at, file))
    }

    pub(crate) fn find_question(&self, path: &str, question: Question) -> Option<QuestionEntry<'_>> {
        self.questions_about(path)?.into_iter().find(|asked| asked.question == question)
    }

    /// `None`: the record is damaged.
    pub(crate) fn questions_about(&self, path: &str) -> Option<Vec<QuestionEntry<'_>>> {
        let first = Self::first_at(self.questions, |index| Some(self.question(index)?.path), path)?;
        let mut of_path = Vec::new();
        for index in first..self.questions {
            let asked = self.question(index)?;
            if asked.path != path {
                break;
            }
            of_path.push(asked);
        }
        Some(of_path)
    }

    pub(crate) fn find_listing(&self, path: &str) -> Option<ListingEntry<'_>> {
        let at = Self::first_at(self.listings, |index| Some(self.listing_stamp(index)?.0), path)?;
        self.listing(at).filter(|listing| listing.path == path)
    }

    /// The record of a build that differs in this and in nothing else. `None`: it has to be made anew.
    pub(crate) fn edited(&self, edit: &RecordEdit<'_>) -> Option<Vec<u8>> {
        let Touched { files, listings, outputs, .. } = edit.touched;
        let mut bytes = self.renewed(files, listings, outputs)?;
        bytes.get_mut(LINK_IN_HEADER..LINK_IN_HEADER + 32)?.copy_from_slice(&edit.link);
        for (index, stamp, hash) in &edit.files {
            let mut fields = Vec::with_capacity(STAMP_BYTES + 32);
            push_stamp(&mut fields, stamp.as_ref());
            fields.extend_from_slice(&hash.0);
            let at = HEADER_BYTES + index * FILE_BYTES + STAMP_IN_FILE;
            bytes.get_mut(at..at + fields.len())?.copy_from_slice(&fields);
        }
        if edit.outputs.len() != self.outputs {
            return None;
        }
        for (index, fact) in edit.outputs.iter().enumerate() {
            let former = self.output(index)?;
            if former.output != fact.output || former.is_chunk != fact.is_chunk {
                return None;
            }
            let at = self.outputs_start() + index * OUTPUT_BYTES;
            let name_at = at + STAMP_IN_OUTPUT - TEXT_BYTES - 8 - 32;
            if former.name != fact.name {
                let mut name = Fields(bytes.get(name_at..name_at + TEXT_BYTES)?);
                let (offset, length) = (name.u32()? as usize, name.u32()? as usize);
                let (start, end) = if length == fact.name.len() {
                    (self.text_start + offset, self.text_start + offset + length)
                } else {
                    // What it was called stays behind.
                    let start = bytes.len();
                    bytes.resize(start + fact.name.len(), 0);
                    let place = [(start - self.text_start) as u32, fact.name.len() as u32].map(u32::to_le_bytes);
                    bytes.get_mut(name_at..name_at + TEXT_BYTES)?.copy_from_slice(place.as_flattened());
                    (start, start + fact.name.len())
                };
                bytes.get_mut(start..end)?.copy_from_slice(fact.name.as_bytes());
            }
            let mut fields = fact.size.to_le_bytes().to_vec();
            fields.extend_from_slice(&fact.hash.0);
            push_stamp(&mut fields, fact.stamp.as_ref());
            fields.extend_from_slice(&fact.description);
            let rest = name_at + TEXT_BYTES;
            bytes.get_mut(rest..at + OUTPUT_BYTES)?.copy_from_slice(&fields);
        }
        let texts = u32::try_from(bytes.len().checked_sub(self.text_start)?).ok()?;
        // Names that were left behind are let go now and then.
        if texts as usize > 2 * (self.bytes.len() - self.text_start) + 4096 {
            return None;
        }
        bytes.get_mut(HEADER_BYTES - 4..HEADER_BYTES)?.copy_from_slice(&texts.to_le_bytes());
        Some(bytes)
    }

    /// The record with other stamps: `(index, stamp)` of files, listings and outputs.
    pub(crate) fn renewed(
        &self,
        files: &[(usize, Option<Stamp>)],
        listings: &[(usize, Option<Stamp>)],
        outputs: &[(usize, Option<Stamp>)],
    ) -> Option<Vec<u8>> {
        let mut bytes = self.bytes.to_vec();
        let mut put = |start: usize, size: usize, within: usize, changes: &[(usize, Option<Stamp>)]| {
            for (index, stamp) in changes {
                let at = start + index * size + within;
                let mut stamp_bytes = Vec::with_capacity(STAMP_BYTES);
                push_stamp(&mut stamp_bytes, stamp.as_ref());
                bytes.get_mut(at..at + STAMP_BYTES)?.copy_from_slice(&stamp_bytes);
            }
            Some(())
        };
        put(HEADER_BYTES, FILE_BYTES, STAMP_IN_FILE, files)?;
        put(self.listings_start(), LISTING_BYTES, STAMP_IN_LISTING, listings)?;
        put(self.outputs_start(), OUTPUT_BYTES, STAMP_IN_OUTPUT, outputs)?;
        Some(bytes)
    }
}
