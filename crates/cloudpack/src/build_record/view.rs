//! A build record as it lies in memory: entries are taken out of the bytes one by one, and each step can miss. Nothing is
//! made of what nobody asks for.

use super::facts::Question;
use super::layout::{
    FILE_BYTES, Fields, HEADER_BYTES, LISTING_BYTES, MAGIC, NAME_BYTES, OUTPUT_BYTES, QUESTION_BYTES, RECORD_VERSION,
    STAMP_BYTES, STAMP_IN_FILE, STAMP_IN_LISTING, STAMP_IN_OUTPUT, push_stamp,
};
use cloudpack_base::ContentHash;
use cloudpack_fs::Stamp;
use cloudpack_resolve::ListedName;
use cloudpack_store::Record;
use std::ops::Deref;

pub(crate) struct BuildRecord<B = Record> {
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
