//! Segments: many records in one file, and an index at its end. A segment is read as nobody's friend: every length and
//! offset is checked against the file, every record against its checksum and against the key that was asked for.

use crate::disk::{Disk, DiskFile};
use crate::key::{Identity, Key};
use crate::layout::{
    FOOTER_MAGIC, FORMAT_VERSION, INDEX_ENTRY_BYTES, RECORD_ALIGNMENT, RECORD_HEADER_BYTES, Reader,
    SEGMENT_FOOTER_BYTES, SEGMENT_HEADER_BYTES, SEGMENT_MAGIC, checksum, push_key,
};
use crate::root::SegmentReference;
use std::io;

/// The bytes of one record.
#[derive(Clone)]
pub struct Record {
    /// Header and payload, as they lie in the file.
    bytes: Vec<u8>,
}

impl Record {
    /// A record that is not on disk.
    pub fn new(payload: &[u8]) -> Self {
        let mut bytes = vec![0; RECORD_HEADER_BYTES];
        bytes.extend_from_slice(payload);
        Self { bytes }
    }
}

impl std::ops::Deref for Record {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.bytes.get(RECORD_HEADER_BYTES..).unwrap_or_default()
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({} bytes)", self.len())
    }
}

pub(crate) struct Segment {
    pub(crate) reference: SegmentReference,
    file: Box<dyn DiskFile>,
    /// Sorted by key.
    index: Vec<IndexEntry>,
}

#[derive(Clone, Copy)]
struct IndexEntry {
    key: Key,
    /// Bytes of the payload.
    length: u32,
    offset: u64,
}

impl Segment {
    /// `None`: not there, damaged, or not the one that the root means. An error may be gone the next time. Reads the index,
    /// not the records.
    pub(crate) fn open(disk: &dyn Disk, reference: SegmentReference, identity: &Identity) -> io::Result<Option<Self>> {
        match disk.open(&reference.file_name()) {
            Ok(file) => Ok(Self::read_index(file, reference, identity)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn read_index(file: Box<dyn DiskFile>, reference: SegmentReference, identity: &Identity) -> Option<Self> {
        let length = file.len().ok()?;
        if length != reference.length {
            return None;
        }
        let mut header = [0; SEGMENT_HEADER_BYTES];
        file.read_at(0, &mut header).ok()?;
        if header != segment_header(identity, &reference.id)[..] {
            return None;
        }
        let footer_offset = length.checked_sub(SEGMENT_FOOTER_BYTES as u64)?;
        let mut footer = [0; SEGMENT_FOOTER_BYTES];
        file.read_at(footer_offset, &mut footer).ok()?;
        let mut reader = Reader::new(&footer);
        let (sum, index_offset, records) = (reader.u64()?, reader.u64()?, reader.u64()?);
        if reader.bytes::<8>()? != FOOTER_MAGIC || sum != reference.index_checksum {
            return None;
        }
        let index_bytes = records.checked_mul(INDEX_ENTRY_BYTES as u64)?;
        if index_offset < SEGMENT_HEADER_BYTES as u64 || index_offset.checked_add(index_bytes)? != footer_offset {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(index_bytes).ok()?];
        file.read_at(index_offset, &mut bytes).ok()?;
        if index_checksum(&bytes, index_offset) != sum {
            return None;
        }
        let mut index = Vec::with_capacity(bytes.len() / INDEX_ENTRY_BYTES);
        let mut reader = Reader::new(&bytes);
        while !reader.is_empty() {
            let entry = IndexEntry { key: reader.key()?, length: reader.u32()?, offset: reader.u64()? };
            let end = entry.offset.checked_add(RECORD_HEADER_BYTES as u64)?.checked_add(u64::from(entry.length))?;
            if entry.offset < SEGMENT_HEADER_BYTES as u64 || end > index_offset {
                return None;
            }
            index.push(entry);
        }
        index.is_sorted_by(|left, right| left.key < right.key).then_some(Self { reference, file, index })
    }

    fn entry(&self, key: &Key) -> Option<&IndexEntry> {
        let at = self.index.binary_search_by(|entry| entry.key.cmp(key)).ok()?;
        self.index.get(at)
    }

    pub(crate) fn contains(&self, key: &Key) -> bool {
        self.entry(key).is_some()
    }

    /// `None`: not here. `Some(None)`: here, but damaged.
    pub(crate) fn get(&self, key: &Key) -> Option<Option<Record>> {
        self.entry(key).map(|entry| self.read(entry))
    }

    fn read(&self, entry: &IndexEntry) -> Option<Record> {
        let mut bytes = vec![0; RECORD_HEADER_BYTES + entry.length as usize];
        self.file.read_at(entry.offset, &mut bytes).ok()?;
        let (sum, checked) = bytes.split_first_chunk::<8>()?;
        if u64::from_le_bytes(*sum) != checksum(checked) {
            return None;
        }
        let mut reader = Reader::new(checked);
        (reader.u32()? == entry.length && reader.key()? == entry.key).then_some(Record { bytes })
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        self.index.iter().map(|entry| entry.key)
    }

    /// Bytes that this record takes, its entry in the index included.
    pub(crate) fn bytes_of(&self, key: &Key) -> u64 {
        self.entry(key).map_or(0, |entry| (record_bytes(entry.length as usize) + INDEX_ENTRY_BYTES) as u64)
    }
}

/// Writes a segment and gives its place in the root. The file has its name only when it is whole.
pub(crate) fn write_segment(
    disk: &dyn Disk,
    identity: &Identity,
    records: &mut [(Key, Record)],
) -> io::Result<SegmentReference> {
    records.sort_by_key(|(key, _)| *key);
    let mut index = Vec::with_capacity(records.len() * INDEX_ENTRY_BYTES);
    let mut sums = Vec::with_capacity(records.len() * 8);
    let mut offset = SEGMENT_HEADER_BYTES as u64;
    for (key, record) in records.iter_mut() {
        let length = u32::try_from(record.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        let mut header = Vec::with_capacity(RECORD_HEADER_BYTES);
        header.extend_from_slice(&[0; 8]);
        header.extend_from_slice(&length.to_le_bytes());
        push_key(&mut header, key);
        if let Some(place) = record.bytes.get_mut(..RECORD_HEADER_BYTES) {
            place.copy_from_slice(&header);
        }
        let sum = checksum(record.bytes.get(8..).unwrap_or_default()).to_le_bytes();
        if let Some(place) = record.bytes.get_mut(..8) {
            place.copy_from_slice(&sum);
        }
        sums.extend_from_slice(&sum);
        push_key(&mut index, key);
        index.extend_from_slice(&length.to_le_bytes());
        index.extend_from_slice(&offset.to_le_bytes());
        offset += record_bytes(record.len()) as u64;
    }
    // The same records make the same file, so two writers of one name cannot disagree.
    sums.extend_from_slice(&index);
    let id = xxhash_rust::xxh3::xxh3_128(&sums).to_le_bytes();
    let index_sum = index_checksum(&index, offset);
    let mut footer = Vec::with_capacity(SEGMENT_FOOTER_BYTES);
    footer.extend_from_slice(&index_sum.to_le_bytes());
    footer.extend_from_slice(&offset.to_le_bytes());
    footer.extend_from_slice(&(records.len() as u64).to_le_bytes());
    footer.extend_from_slice(&FOOTER_MAGIC);
    let header = segment_header(identity, &id);
    let mut parts: Vec<&[u8]> = Vec::with_capacity(records.len() * 2 + 3);
    parts.push(&header);
    for (_, record) in records.iter() {
        parts.push(&record.bytes);
        parts.push(&PADDING[..record_bytes(record.len()) - record.bytes.len()]);
    }
    parts.push(&index);
    parts.push(&footer);
    let length = parts.iter().map(|part| part.len() as u64).sum();
    let reference = SegmentReference { id, length, index_checksum: index_sum };
    let name = reference.file_name();
    let unfinished = format!("{name}.new");
    // Left behind by a process that died here; the lock is ours.
    drop(disk.remove(&unfinished));
    disk.create(&unfinished, &parts)?;
    disk.rename(&unfinished, &name)?;
    Ok(reference)
}

const PADDING: [u8; RECORD_ALIGNMENT] = [0; RECORD_ALIGNMENT];

/// Bytes in the file of a record with a payload of this length.
fn record_bytes(payload: usize) -> usize {
    (RECORD_HEADER_BYTES + payload).next_multiple_of(RECORD_ALIGNMENT)
}

fn index_checksum(index: &[u8], index_offset: u64) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(index, index_offset)
}

fn segment_header(identity: &Identity, id: &[u8; 16]) -> Vec<u8> {
    let mut header = Vec::with_capacity(SEGMENT_HEADER_BYTES);
    header.extend_from_slice(&SEGMENT_MAGIC);
    header.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    header.extend_from_slice(&[0; 4]);
    header.extend_from_slice(&identity.0);
    header.extend_from_slice(id);
    header
}
