//! The numbers of the format, and how to read them from bytes that nobody vouches for. `docs/format/store.md` is the same
//! in words; a test compares the two. All integers are little-endian.

/// Changes with any change of the layout. A store of another version is empty.
pub const FORMAT_VERSION: u32 = 1;

pub(crate) const SEGMENT_MAGIC: [u8; 8] = *b"CPSEG\r\n\x1a";
pub(crate) const FOOTER_MAGIC: [u8; 8] = *b"CPEND\r\n\x1a";
pub(crate) const ROOT_MAGIC: [u8; 8] = *b"CPROOT\r\n";

const KEY: usize = 4 + 32;

/// magic 8, version 4, zero 4, identity 32, segment id 16
pub const SEGMENT_HEADER_BYTES: usize = 8 + 4 + 4 + 32 + 16;
/// checksum 8, payload length 4, key 36
pub const RECORD_HEADER_BYTES: usize = 8 + 4 + KEY;
/// Every record starts at a multiple of this.
pub const RECORD_ALIGNMENT: usize = 8;
/// key 36, payload length 4, offset of the record 8
pub const INDEX_ENTRY_BYTES: usize = KEY + 4 + 8;
/// checksum of index and footer 8, index offset 8, records 8, magic 8
pub const SEGMENT_FOOTER_BYTES: usize = 8 + 8 + 8 + 8;
/// magic 8, checksum of the rest 8, version 4, distrust 4, identity 32, generation 8, bytes after the last
/// collection 8, segments 4, heads 4
pub const ROOT_HEADER_BYTES: usize = 8 + 8 + 4 + 4 + 32 + 8 + 8 + 4 + 4;
/// segment id 16, length of the file 8, checksum of its index 8
pub const SEGMENT_REFERENCE_BYTES: usize = 16 + 8 + 8;
/// name 32, key of its record 36, generation of the last use 8
pub const HEAD_BYTES: usize = 32 + KEY + 8;

pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(bytes)
}

/// Reads fields one after the other; `None` once the bytes are used up.
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }
    pub(crate) fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*head)
    }
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_le_bytes)
    }
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_le_bytes)
    }
    pub(crate) fn key(&mut self) -> Option<crate::Key> {
        Some(crate::Key { kind: self.u32()?, digest: self.bytes()? })
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

pub(crate) fn push_key(out: &mut Vec<u8>, key: &crate::Key) {
    out.extend_from_slice(&key.kind.to_le_bytes());
    out.extend_from_slice(&key.digest);
}
