//! Large records in pages: what is kept of a build is megabytes, of which the next one looks at a few places and changes a few
//! others. A root lists the digests of pages of equal size; a page is read, and held against its digest, when somebody
//! asks for bytes in it. Of a record that is written again only the pages are new whose bytes are.
//!
//! Root: references 4, for each kind 4 and digest 32 (other records that this one needs); bytes of the content 8; the digest
//! of each page 32. Integers are little-endian.

use crate::cache_store::{CONTENT, SharedStore};
use crate::last_build::get;
use crate::threads::pool;
use cloudpack_base::ContentHash;
use cloudpack_store::{Key, Record};
use rayon::prelude::*;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{OnceLock, PoisonError};

/// Small enough that an edit writes little, large enough that the list of pages is short.
const PAGE_BYTES: usize = 64 << 10;

/// What a root says.
pub(crate) struct Root {
    pub(crate) references: Vec<Key>,
    length: usize,
    pages: Vec<[u8; 32]>,
}

impl Root {
    /// `None`: it is no root.
    pub(crate) fn open(bytes: &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<4>()?;
        let (references, rest) = rest.split_at_checked((u32::from_le_bytes(*count) as usize).checked_mul(36)?)?;
        let references = references.as_chunks::<36>().0.iter().map(|reference| {
            let (kind, digest) = reference.split_first_chunk::<4>()?;
            Some(Key { kind: u32::from_le_bytes(*kind), digest: digest.try_into().ok()? })
        });
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (pages, beyond) = rest.as_chunks::<32>();
        let is_whole = pages.len() == length.div_ceil(PAGE_BYTES) && beyond.is_empty();
        is_whole.then_some(())?;
        Some(Self { references: references.collect::<Option<_>>()?, length, pages: pages.to_vec() })
    }

    fn encode(&self) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(12 + self.references.len() * 36 + self.pages.len() * 32);
        out.extend_from_slice(&u32::try_from(self.references.len()).ok()?.to_le_bytes());
        for reference in &self.references {
            out.extend_from_slice(&reference.kind.to_le_bytes());
            out.extend_from_slice(&reference.digest);
        }
        out.extend_from_slice(&(self.length as u64).to_le_bytes());
        self.pages.iter().for_each(|page| out.extend_from_slice(page));
        Some(out)
    }

    /// All records that this one needs.
    pub(crate) fn needs(self) -> impl Iterator<Item = Key> {
        self.references.into_iter().chain(self.pages.into_iter().map(|digest| Key { kind: CONTENT, digest }))
    }
}

/// Puts `content` into `records`, in pages. `before`: a former state of it, of whose pages nothing is made again where they are
/// the same. `None`: too many references. Cost: a digest of each page that is new.
pub(crate) fn keep(
    kind: u32,
    content: &[u8],
    references: Vec<Key>,
    before: Option<&WholeRecord>,
    records: &mut Vec<(Key, Vec<u8>)>,
) -> Option<(Key, Vec<[u8; 32]>)> {
    let former = |at: usize| {
        let before = before?;
        let start = at * PAGE_BYTES;
        let bytes = before.bytes.get(start..before.bytes.len().min(start + PAGE_BYTES))?;
        Some((bytes, *before.pages.get(at)?))
    };
    let digest = |(at, page): (usize, &[u8])| match former(at) {
        Some((bytes, digest)) if bytes == page => (digest, false),
        _ => (ContentHash::of(page).0, true),
    };
    let pages: Vec<([u8; 32], bool)> =
        pool().install(|| content.par_chunks(PAGE_BYTES).enumerate().map(digest).collect());
    for ((digest, is_new), page) in pages.iter().zip(content.chunks(PAGE_BYTES)) {
        if *is_new {
            records.push((Key { kind: CONTENT, digest: *digest }, page.to_vec()));
        }
    }
    let pages: Vec<[u8; 32]> = pages.into_iter().map(|(digest, _)| digest).collect();
    let root = Root { references, length: content.len(), pages: pages.clone() }.encode()?;
    let key = Key { kind, digest: ContentHash::of(&root).0 };
    records.push((key, root));
    Some((key, pages))
}

/// A record that is needed as a whole.
pub(crate) struct WholeRecord {
    pub(crate) bytes: Vec<u8>,
    pages: Vec<[u8; 32]>,
}

impl WholeRecord {
    pub(crate) fn new(bytes: Vec<u8>, pages: Vec<[u8; 32]>) -> Self {
        Self { bytes, pages }
    }

    /// `None`: it is not there, or not what it was. Cost: reads and digests all of it, on all threads.
    pub(crate) fn read(store: &SharedStore, key: &Key) -> Option<Self> {
        Self::read_with(&|key| get(store, key), key)
    }

    /// `get` gives records that are what their digests say.
    pub(crate) fn read_with(get: &(impl Fn(&Key) -> Option<Record> + Sync), key: &Key) -> Option<Self> {
        let Root { length, pages, .. } = Root::open(&get(key)?)?;
        let mut bytes = vec![0; length];
        let read = |(place, digest): (&mut [u8], &[u8; 32])| {
            let page = get(&Key { kind: CONTENT, digest: *digest })?;
            (page.len() == place.len()).then(|| place.copy_from_slice(&page))
        };
        pool().install(|| bytes.par_chunks_mut(PAGE_BYTES).zip(&pages).try_for_each(read))?;
        Some(Self { bytes, pages })
    }
}

impl std::ops::Deref for WholeRecord {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A record of which little is looked at.
pub(crate) struct PagedRecord {
    store: SharedStore,
    length: usize,
    digests: Vec<[u8; 32]>,
    /// Those that somebody asked for; `None` inside where one is not what it was.
    pages: Vec<OnceLock<Option<Record>>>,
}

impl PagedRecord {
    /// Reads the root. `None`: it or a page is not there.
    pub(crate) fn open(store: &SharedStore, key: &Key) -> Option<Self> {
        let Root { length, pages: digests, .. } = Root::open(&get(store, key)?)?;
        let is_whole = {
            let store = store.read().unwrap_or_else(PoisonError::into_inner);
            digests.iter().all(|digest| store.contains(&Key { kind: CONTENT, digest: *digest }))
        };
        let pages = digests.iter().map(|_| OnceLock::new()).collect();
        is_whole.then(|| Self { store: store.clone(), length, digests, pages })
    }

    /// Reads all pages, for whoever will look into it later. Whether it came to the end; `goes_on` is asked before each.
    pub(crate) fn load(&self, goes_on: &dyn Fn() -> bool) -> bool {
        (0..self.pages.len()).all(|at| goes_on() && self.page(at).is_some())
    }

    fn page(&self, at: usize) -> Option<&[u8]> {
        let digest = *self.digests.get(at)?;
        let read = || get(&self.store, &Key { kind: CONTENT, digest });
        self.pages.get(at)?.get_or_init(read).as_deref()
    }

    /// `None`: it ends before, or a page is not what it was.
    fn read(&self, range: Range<usize>) -> Option<Cow<'_, [u8]>> {
        let (first, within) = (range.start / PAGE_BYTES, range.start % PAGE_BYTES);
        if range.is_empty() {
            return (range.end <= self.length).then_some(Cow::Borrowed(&[]));
        }
        if within + range.len() <= PAGE_BYTES {
            return self.page(first)?.get(within..within + range.len()).map(Cow::Borrowed);
        }
        if range.end > self.length {
            return None;
        }
        let mut out = Vec::with_capacity(range.len());
        for at in first..range.end.div_ceil(PAGE_BYTES) {
            let start = at * PAGE_BYTES;
            let (from, to) = (range.start.saturating_sub(start), (range.end - start).min(PAGE_BYTES));
            out.extend_from_slice(self.page(at)?.get(from..to)?);
        }
        Some(Cow::Owned(out))
    }
}

/// A range of a record, read when somebody wants it.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'r> {
    source: Source<'r>,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy)]
enum Source<'r> {
    Whole(&'r [u8]),
    Paged(&'r PagedRecord),
}

impl<'r> From<&'r [u8]> for Bytes<'r> {
    fn from(bytes: &'r [u8]) -> Self {
        Self { source: Source::Whole(bytes), start: 0, end: bytes.len() }
    }
}

impl<'r> From<&'r PagedRecord> for Bytes<'r> {
    fn from(record: &'r PagedRecord) -> Self {
        Self { source: Source::Paged(record), start: 0, end: record.length }
    }
}

impl<'r> Bytes<'r> {
    pub(crate) fn len(self) -> usize {
        self.end - self.start
    }

    /// `None`: there are not so many.
    pub(crate) fn slice(self, range: Range<usize>) -> Option<Self> {
        let (start, end) = (self.start.checked_add(range.start)?, self.start.checked_add(range.end)?);
        (start <= end && end <= self.end).then_some(Self { source: self.source, start, end })
    }

    pub(crate) fn read(self) -> Option<Cow<'r, [u8]>> {
        match self.source {
            Source::Whole(bytes) => bytes.get(self.start..self.end).map(Cow::Borrowed),
            Source::Paged(record) => record.read(self.start..self.end),
        }
    }

    /// `None`: there are not so many.
    pub(crate) fn u32_at(self, at: usize) -> Option<u32> {
        let bytes = self.slice(at..at.checked_add(4)?)?.read()?;
        Some(u32::from_le_bytes((&*bytes).try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, PAGE_BYTES, PagedRecord, Root, WholeRecord, keep};
    use crate::cache_store::{BUILD, CONTENT, GRAPH, LIST, PLANS, SharedStore, WATCH_LIST, identity};
    use cloudpack_base::ContentHash;
    use cloudpack_fs::{FileSystem, OsFileSystem};
    use cloudpack_store::{Commit, Key, Store, StoreOptions};
    use std::sync::{Arc, RwLock};

    fn store(records: Vec<(Key, Vec<u8>)>) -> SharedStore {
        let options =
            StoreOptions { identity: identity(), max_bytes: 1 << 30, readonly: false, references: |_, _, _| {} };
        let mut store = Store::in_memory(options);
        store.commit(Commit { records, ..Commit::default() });
        Arc::new(RwLock::new(store))
    }

    fn content(length: usize) -> Vec<u8> {
        (0..length as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
    }

    #[test]
    fn what_is_kept_is_read_back_as_a_whole_and_in_parts() {
        for length in [0, 1, PAGE_BYTES, PAGE_BYTES + 1, 3 * PAGE_BYTES + 77] {
            let (content, mut records) = (content(length), Vec::new());
            let needed = Key { kind: LIST, digest: [7; 32] };
            let (key, _) = keep(GRAPH, &content, vec![needed], None, &mut records).expect("kept");
            let root = Root::open(&records.last().expect("a root").1).expect("a root");
            assert_eq!(root.needs().next(), Some(needed));
            let store = store(records);
            assert_eq!(WholeRecord::read(&store, &key).expect("read").bytes, content);
            let paged = PagedRecord::open(&store, &key).expect("opened");
            let bytes = Bytes::from(&paged);
            assert_eq!(bytes.len(), length);
            for start in [0, 1, PAGE_BYTES - 2, PAGE_BYTES, 2 * PAGE_BYTES + 5] {
                for part in [0, 1, 4, PAGE_BYTES, 2 * PAGE_BYTES] {
                    let read = bytes.slice(start..start + part).and_then(Bytes::read);
                    assert_eq!(read.as_deref(), content.get(start..start + part), "{start} + {part} of {length}");
                }
            }
        }
    }

    #[test]
    fn an_edit_makes_the_pages_in_which_it_lies_and_no_other() {
        let (mut content, mut records) = (content(5 * PAGE_BYTES + 9), Vec::new());
        let (_, pages) = keep(GRAPH, &content, Vec::new(), None, &mut records).expect("kept");
        assert_eq!(records.len(), 7, "six pages and a root");
        let before = WholeRecord::new(content.clone(), pages);
        content[PAGE_BYTES + 3] ^= 1;
        let mut again = Vec::new();
        let (key, _) = keep(GRAPH, &content, Vec::new(), Some(&before), &mut again).expect("kept");
        assert_eq!(again.len(), 2, "a page and a root");
        records.extend(again);
        assert_eq!(WholeRecord::read(&store(records), &key).expect("read").bytes, content);
    }

    #[test]
    fn the_document_has_the_numbers_of_the_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/format/pages.md");
        let document = String::from_utf8(OsFileSystem.read(path).expect("the document")).expect("text");
        assert!(document.contains(&format!("### Page: {PAGE_BYTES} bytes\n\nKind {CONTENT}.")));
        let roots = [BUILD, WATCH_LIST, GRAPH, PLANS];
        assert!(document.contains(&format!(
            "Kind {} (build), {} (files to watch), {} (graph), {} (plans).",
            roots[0], roots[1], roots[2], roots[3]
        )));
    }

    #[test]
    fn a_page_that_is_another_or_gone_and_a_root_that_was_cut_are_a_miss() {
        let (content, mut records) = (content(2 * PAGE_BYTES), Vec::new());
        let (key, pages) = keep(GRAPH, &content, Vec::new(), None, &mut records).expect("kept");
        let root = records.last().expect("a root").1.clone();
        for length in 0..root.len() {
            assert!(Root::open(&root[..length]).is_none(), "{length} bytes");
        }
        let second = Key { kind: CONTENT, digest: pages[1] };
        let mut altered = records.clone();
        altered.iter_mut().filter(|(key, _)| *key == second).for_each(|(_, bytes)| bytes[5] ^= 1);
        let store_of = |records: Vec<(Key, Vec<u8>)>| store(records);
        assert!(WholeRecord::read(&store_of(altered.clone()), &key).is_none());
        let altered = store_of(altered);
        let paged = PagedRecord::open(&altered, &key).expect("nobody has looked yet");
        assert!(Bytes::from(&paged).slice(0..9).and_then(Bytes::read).is_some());
        assert!(Bytes::from(&paged).slice(PAGE_BYTES..PAGE_BYTES + 9).and_then(Bytes::read).is_none());
        records.retain(|(key, _)| *key != second);
        assert!(PagedRecord::open(&store_of(records), &key).is_none());
        assert_ne!(ContentHash::of(&root).0, [0; 32]);
    }
}
