//! The root: which segments count, and what the heads stand for. One small file, written anew as a whole and put in place
//! by renaming, so that a reader sees one commit or the next and nothing between.

use crate::disk::Disk;
use crate::key::{HeadName, Identity, Key};
use crate::layout::{
    FORMAT_VERSION, HEAD_BYTES, ROOT_HEADER_BYTES, ROOT_MAGIC, Reader, SEGMENT_REFERENCE_BYTES, checksum, push_key,
};
use std::io;

pub(crate) const ROOT: &str = "root";
pub(crate) const ROOT_BEING_WRITTEN: &str = "root.new";
/// 16 MiB: 200,000 heads. What is longer is not a root.
const LONGEST: u64 = 1 << 24;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Root {
    pub(crate) generation: u64,
    /// Commits in a row that replaced a wrong record.
    pub(crate) failures: u32,
    /// Bytes of all segments after the last full collection.
    pub(crate) collected_bytes: u64,
    /// Oldest first.
    pub(crate) segments: Vec<SegmentReference>,
    /// Sorted by name.
    pub(crate) heads: Vec<HeadEntry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentReference {
    pub(crate) id: [u8; 16],
    /// Bytes of the whole file.
    pub(crate) length: u64,
    pub(crate) index_checksum: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct HeadEntry {
    pub(crate) name: HeadName,
    pub(crate) record: Key,
    /// Generation that last used it: which head goes first when there is no room.
    pub(crate) used: u64,
}

impl SegmentReference {
    pub(crate) fn file_name(&self) -> String {
        let mut name = String::with_capacity(36);
        for byte in self.id {
            name.push_str(&format!("{byte:02x}"));
        }
        name.push_str(".seg");
        name
    }
}

/// What lies where the root should be.
pub(crate) enum RootState {
    Absent,
    OtherBuild,
    Damaged,
    Sound,
}

impl Root {
    pub(crate) fn look(disk: &dyn Disk, identity: &Identity) -> RootState {
        let bytes = match Self::read_bytes(disk) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return RootState::Absent,
            Err(_) => return RootState::Damaged,
        };
        if Self::decode(&bytes, identity).is_some() {
            return RootState::Sound;
        }
        // What another version wrote is not looked into.
        let is_sound =
            bytes.split_first_chunk::<8>().filter(|(magic, _)| **magic == ROOT_MAGIC).is_some_and(|(_, rest)| {
                rest.split_first_chunk::<8>().is_some_and(|(sum, body)| u64::from_le_bytes(*sum) == checksum(body))
            });
        if is_sound { RootState::OtherBuild } else { RootState::Damaged }
    }

    pub(crate) fn has_magic(disk: &dyn Disk) -> bool {
        Self::read_bytes(disk).is_ok_and(|bytes| bytes.starts_with(&ROOT_MAGIC))
    }

    /// The root on disk; an empty one if there is none, or if it is damaged or of another build.
    pub(crate) fn read(disk: &dyn Disk, identity: &Identity) -> Self {
        Self::read_bytes(disk).ok().and_then(|bytes| Self::decode(&bytes, identity)).unwrap_or_default()
    }

    fn read_bytes(disk: &dyn Disk) -> io::Result<Vec<u8>> {
        let file = disk.open(ROOT)?;
        let length = file.len()?;
        if length > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length as usize];
        file.read_at(0, &mut bytes)?;
        Ok(bytes)
    }

    /// Puts this root in the place of the one before.
    pub(crate) fn write(&self, disk: &dyn Disk, identity: &Identity) -> io::Result<()> {
        // Left behind by a process that died here; the lock is ours.
        drop(disk.remove(ROOT_BEING_WRITTEN));
        disk.create(ROOT_BEING_WRITTEN, &[&self.encode(identity)])?;
        disk.rename(ROOT_BEING_WRITTEN, ROOT)
    }

    pub(crate) fn encode(&self, identity: &Identity) -> Vec<u8> {
        let length = ROOT_HEADER_BYTES + self.segments.len() * SEGMENT_REFERENCE_BYTES + self.heads.len() * HEAD_BYTES;
        let mut body = Vec::with_capacity(length);
        body.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        body.extend_from_slice(&self.failures.to_le_bytes());
        body.extend_from_slice(&identity.0);
        body.extend_from_slice(&self.generation.to_le_bytes());
        body.extend_from_slice(&self.collected_bytes.to_le_bytes());
        body.extend_from_slice(&(self.segments.len() as u32).to_le_bytes());
        body.extend_from_slice(&(self.heads.len() as u32).to_le_bytes());
        for segment in &self.segments {
            body.extend_from_slice(&segment.id);
            body.extend_from_slice(&segment.length.to_le_bytes());
            body.extend_from_slice(&segment.index_checksum.to_le_bytes());
        }
        for head in &self.heads {
            body.extend_from_slice(&head.name.0);
            push_key(&mut body, &head.record);
            body.extend_from_slice(&head.used.to_le_bytes());
        }
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(&ROOT_MAGIC);
        bytes.extend_from_slice(&checksum(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8], identity: &Identity) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<8>()?;
        let (sum, body) = rest.split_first_chunk::<8>()?;
        if *magic != ROOT_MAGIC || u64::from_le_bytes(*sum) != checksum(body) {
            return None;
        }
        let mut reader = Reader::new(body);
        if reader.u32()? != FORMAT_VERSION {
            return None;
        }
        let failures = reader.u32()?;
        if reader.bytes::<32>()? != identity.0 {
            return None;
        }
        let (generation, collected_bytes) = (reader.u64()?, reader.u64()?);
        let (segment_count, head_count) = (reader.u32()?, reader.u32()?);
        let mut root = Self { generation, failures, collected_bytes, segments: Vec::new(), heads: Vec::new() };
        for _ in 0..segment_count {
            root.segments.push(SegmentReference {
                id: reader.bytes()?,
                length: reader.u64()?,
                index_checksum: reader.u64()?,
            });
        }
        for _ in 0..head_count {
            root.heads.push(HeadEntry { name: HeadName(reader.bytes()?), record: reader.key()?, used: reader.u64()? });
        }
        let is_sorted = root.heads.is_sorted_by(|left, right| left.name < right.name);
        (reader.is_empty() && is_sorted).then_some(root)
    }

    pub(crate) fn head(&self, name: HeadName) -> Option<&HeadEntry> {
        let at = self.heads.binary_search_by(|head| head.name.cmp(&name)).ok()?;
        self.heads.get(at)
    }

    pub(crate) fn set_head(&mut self, name: HeadName, record: Key) {
        let entry = HeadEntry { name, record, used: self.generation };
        match self.heads.binary_search_by(|head| head.name.cmp(&name)) {
            Ok(at) => self.heads[at] = entry,
            Err(at) => self.heads.insert(at, entry),
        }
    }

    pub(crate) fn bytes_of_segments(&self) -> u64 {
        self.segments.iter().fold(0, |sum, segment| sum.saturating_add(segment.length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Root {
        let mut root = Root { generation: 7, failures: 1, collected_bytes: 99, ..Root::default() };
        root.segments.push(SegmentReference { id: [3; 16], length: 4096, index_checksum: 17 });
        for name in [9, 2, 5] {
            root.set_head(HeadName([name; 32]), Key { kind: u32::from(name), digest: [name; 32] });
        }
        root
    }

    #[test]
    fn a_root_reads_back_as_it_was_written_and_has_the_documented_length() {
        let (root, identity) = (sample(), Identity([1; 32]));
        let bytes = root.encode(&identity);
        assert_eq!(bytes.len(), ROOT_HEADER_BYTES + SEGMENT_REFERENCE_BYTES + 3 * HEAD_BYTES);
        assert_eq!(Root::decode(&bytes, &identity), Some(root));
    }

    #[test]
    fn no_flipped_bit_and_no_cut_gives_a_root() {
        let identity = Identity([1; 32]);
        let bytes = sample().encode(&identity);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            assert_eq!(Root::decode(&damaged, &identity), None, "byte {at}");
            assert_eq!(Root::decode(&bytes[..at], &identity), None, "{at} bytes");
        }
    }

    #[test]
    fn a_root_of_another_build_is_none() {
        let bytes = sample().encode(&Identity([1; 32]));
        assert_eq!(Root::decode(&bytes, &Identity([2; 32])), None);
    }
}
