//! Values of one kind in one record, each found and decoded without the others.
//!
//! count 4, the end of each value within what follows 4 x count, values; integers are little-endian. The bytes come from
//! the disk: each step can miss.

use crate::paged::Bytes;
use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

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
    bytes: Bytes<'r>,
    count: usize,
}

impl<'r> Indexed<'r> {
    pub(crate) fn open(bytes: impl Into<Bytes<'r>>) -> Option<Self> {
        let bytes = bytes.into();
        let count = bytes.u32_at(0)? as usize;
        let values = count.checked_mul(4)?.checked_add(4)?;
        (values <= bytes.len()).then_some(Self { bytes, count })
    }

    pub(crate) fn len(self) -> usize {
        self.count
    }

    /// Value `index`, not read yet.
    pub(crate) fn part(self, index: usize) -> Option<Bytes<'r>> {
        if index >= self.count {
            return None;
        }
        let end_of = |at: usize| self.bytes.u32_at(4 + at * 4).map(|end| end as usize);
        let start = match index.checked_sub(1) {
            Some(before) => end_of(before)?,
            None => 0,
        };
        let values = 4 + self.count * 4;
        self.bytes.slice(values.checked_add(start)?..values.checked_add(end_of(index)?)?)
    }

    pub(crate) fn bytes(self, index: usize) -> Option<Cow<'r, [u8]>> {
        self.part(index)?.read()
    }

    pub(crate) fn text(self, index: usize) -> Option<Cow<'r, str>> {
        match self.bytes(index)? {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        }
    }

    pub(crate) fn get<T: DeserializeOwned>(self, index: usize) -> Option<T> {
        postcard::from_bytes(&self.bytes(index)?).ok()
    }

    /// All of them, in parallel.
    pub(crate) fn all<T: DeserializeOwned + Send>(self) -> Option<Vec<T>> {
        (0..self.len()).into_par_iter().with_min_len(64).map(|index| self.get(index)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Indexed, encode, join};

    #[test]
    fn each_value_is_found_without_the_others() {
        let bytes = encode(&["one", "", "three"]).expect("encoded");
        let indexed = Indexed::open(&*bytes).expect("opened");
        let value = |index| indexed.get::<String>(index);
        assert_eq!(indexed.len(), 3);
        assert_eq!((value(2).as_deref(), value(1).as_deref(), value(3)), (Some("three"), Some(""), None));
        assert_eq!(indexed.all::<String>(), Some(["one", "", "three"].map(str::to_owned).to_vec()));
        let texts = join(&["a", "bc"]).expect("joined");
        assert_eq!(Indexed::open(&*texts).and_then(|texts| texts.text(1)).as_deref(), Some("bc"));
    }

    #[test]
    fn bytes_that_were_cut_or_altered_are_a_miss() {
        let bytes = encode(&["one", "two", "three"]).expect("encoded");
        for length in 0..bytes.len() {
            let found = Indexed::open(&bytes[..length]).and_then(|indexed| indexed.get::<String>(2));
            assert_eq!(found, None, "{length} bytes");
        }
        let mut altered = bytes;
        altered[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        let indexed = Indexed::open(&*altered).expect("the table is there");
        assert_eq!(indexed.get::<String>(0), None);
        assert_eq!(indexed.get::<String>(1), None);
    }
}
