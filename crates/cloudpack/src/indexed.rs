//! Values of one kind in one record, each found and decoded without the others.
//!
//! count 4, the end of each value within what follows 4 x count, values; integers are little-endian. The bytes come from
//! the disk: each step can miss.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// `None`: a value cannot be encoded, or all together have more than 4 GiB.
pub(crate) fn encode<T: Serialize + Sync>(values: &[T]) -> Option<Vec<u8>> {
    let encoded: Vec<Vec<u8>> =
        values.par_iter().with_min_len(64).map(|value| postcard::to_stdvec(value).ok()).collect::<Option<_>>()?;
    join(&encoded)
}

/// Bytes of several things, one after the other.
pub(crate) fn join<B: AsRef<[u8]>>(values: &[B]) -> Option<Vec<u8>> {
    let length: usize = values.iter().map(|value| value.as_ref().len()).sum();
    let mut out = Vec::with_capacity(4 + values.len() * 4 + length);
    out.extend_from_slice(&u32::try_from(values.len()).ok()?.to_le_bytes());
    let mut end = 0;
    for value in values {
        end += value.as_ref().len();
        out.extend_from_slice(&u32::try_from(end).ok()?.to_le_bytes());
    }
    for value in values {
        out.extend_from_slice(value.as_ref());
    }
    Some(out)
}

#[derive(Clone, Copy)]
pub(crate) struct Indexed<'r> {
    ends: &'r [[u8; 4]],
    values: &'r [u8],
}

impl<'r> Indexed<'r> {
    pub(crate) fn open(bytes: &'r [u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<4>()?;
        let table = (u32::from_le_bytes(*count) as usize).checked_mul(4)?;
        let (ends, _) = rest.get(..table)?.as_chunks::<4>();
        Some(Self { ends, values: rest.get(table..)? })
    }

    pub(crate) fn len(self) -> usize {
        self.ends.len()
    }

    pub(crate) fn bytes(self, index: usize) -> Option<&'r [u8]> {
        let end_of = |at: usize| self.ends.get(at).map(|end| u32::from_le_bytes(*end) as usize);
        let start = match index.checked_sub(1) {
            Some(before) => end_of(before)?,
            None => 0,
        };
        self.values.get(start..end_of(index)?)
    }

    pub(crate) fn get<T: Deserialize<'r>>(self, index: usize) -> Option<T> {
        postcard::from_bytes(self.bytes(index)?).ok()
    }

    /// All of them, in parallel.
    pub(crate) fn all<T: Deserialize<'r> + Send>(self) -> Option<Vec<T>> {
        (0..self.len()).into_par_iter().with_min_len(64).map(|index| self.get(index)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Indexed, encode};

    #[test]
    fn each_value_is_found_without_the_others() {
        let bytes = encode(&["one", "", "three"]).expect("encoded");
        let indexed = Indexed::open(&bytes).expect("opened");
        assert_eq!(indexed.len(), 3);
        assert_eq!(indexed.get::<&str>(2), Some("three"));
        assert_eq!(indexed.get::<&str>(1), Some(""));
        assert_eq!(indexed.get::<&str>(3), None);
        assert_eq!(indexed.all::<&str>(), Some(vec!["one", "", "three"]));
    }

    #[test]
    fn bytes_that_were_cut_or_altered_are_a_miss() {
        let bytes = encode(&["one", "two", "three"]).expect("encoded");
        for length in 0..bytes.len() {
            let found = Indexed::open(&bytes[..length]).and_then(|indexed| indexed.get::<&str>(2));
            assert_eq!(found, None, "{length} bytes");
        }
        let mut altered = bytes;
        altered[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        let indexed = Indexed::open(&altered).expect("the table is there");
        assert_eq!(indexed.get::<&str>(0), None);
        assert_eq!(indexed.get::<&str>(1), None);
    }
}
