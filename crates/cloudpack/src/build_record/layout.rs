//! The numbers of the layout, and how to take fields from bytes that nobody vouches for. All integers are little-endian.

use cloudpack_fs::{FileKind, Stamp};

/// Changes with any change of the layout or of what an entry means.
pub(crate) const RECORD_VERSION: u32 = 3;
pub(crate) const MAGIC: [u8; 8] = *b"CPBUILD\n";

/// offset 4, length 4
pub(crate) const TEXT_BYTES: usize = 4 + 4;
/// state 1, kind 1, zero 6, size 8, mtime 8, ctime 8, inode 8, device 8
pub(crate) const STAMP_BYTES: usize = 1 + 1 + 6 + 5 * 8;
/// magic 8, version 4, zero 4, head 32, modules 4, dead modules 4, watch list 32, diagnostics 8, output directories 8,
/// graph 32, plans 32, link 32, six counts 24
pub(crate) const HEADER_BYTES: usize = 8 + 4 + 4 + 32 + 4 + 4 + 32 + 2 * TEXT_BYTES + 3 * 32 + 6 * 4;
/// path 8, stamp, SHA-256 of the content 32
pub(crate) const FILE_BYTES: usize = TEXT_BYTES + STAMP_BYTES + 32;
/// path 8, question 1, answer 1, zero 2, text of the answer 8
pub(crate) const QUESTION_BYTES: usize = TEXT_BYTES + 1 + 1 + 2 + TEXT_BYTES;
/// path 8, stamp, first name 4, names 4, whole 1, zero 3
pub(crate) const LISTING_BYTES: usize = TEXT_BYTES + STAMP_BYTES + 4 + 4 + 1 + 3;
/// name 8, kind 1, zero 3
pub(crate) const NAME_BYTES: usize = TEXT_BYTES + 1 + 3;
/// output 4, is a chunk 1, zero 3, name 8, size 8, SHA-256 of the content 32, stamp, description 32
pub(crate) const OUTPUT_BYTES: usize = 4 + 1 + 3 + TEXT_BYTES + 8 + 32 + STAMP_BYTES + 32;

/// Where the stamp of a file entry and of an output entry stands, for those who renew it in place.
pub(crate) const STAMP_IN_FILE: usize = TEXT_BYTES;
/// Where the digest of the link state stands in the header: before the counts.
pub(crate) const LINK_IN_HEADER: usize = HEADER_BYTES - 6 * 4 - 32;
pub(crate) const STAMP_IN_LISTING: usize = TEXT_BYTES;
pub(crate) const STAMP_IN_OUTPUT: usize = 4 + 1 + 3 + TEXT_BYTES + 8 + 32;

/// Takes fields one after the other; `None` once the bytes are used up.
pub(crate) struct Fields<'b>(pub(crate) &'b [u8]);

impl Fields<'_> {
    pub(crate) fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.bytes::<1>().map(|[byte]| byte)
    }
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_le_bytes)
    }
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_le_bytes)
    }
    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.bytes().map(i64::from_le_bytes)
    }

    /// `None` inside: there is no stamp that could be trusted.
    pub(crate) fn stamp(&mut self) -> Option<Option<Stamp>> {
        let state = self.byte()?;
        let kind = match self.byte()? {
            0 => FileKind::File,
            1 => FileKind::Directory,
            2 => FileKind::Symlink,
            _ => FileKind::Other,
        };
        self.bytes::<6>()?;
        let stamp = Stamp {
            kind,
            size: self.u64()?,
            mtime_ns: self.i64()?,
            ctime_ns: self.i64()?,
            inode: self.u64()?,
            device: self.u64()?,
        };
        Some((state == 1).then_some(stamp))
    }
}

pub(crate) fn kind_number(kind: FileKind) -> u8 {
    match kind {
        FileKind::File => 0,
        FileKind::Directory => 1,
        FileKind::Symlink => 2,
        FileKind::Other => 3,
    }
}

pub(crate) fn push_stamp(out: &mut Vec<u8>, stamp: Option<&Stamp>) {
    let Some(stamp) = stamp else {
        out.extend_from_slice(&[0; STAMP_BYTES]);
        return;
    };
    out.extend_from_slice(&[1, kind_number(stamp.kind), 0, 0, 0, 0, 0, 0]);
    out.extend_from_slice(&stamp.size.to_le_bytes());
    out.extend_from_slice(&stamp.mtime_ns.to_le_bytes());
    out.extend_from_slice(&stamp.ctime_ns.to_le_bytes());
    out.extend_from_slice(&stamp.inode.to_le_bytes());
    out.extend_from_slice(&stamp.device.to_le_bytes());
}
