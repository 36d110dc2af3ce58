//! Numbers from a seed: SplitMix64 (Steele, Lea, Flood 2014). The same on every machine and in every version, which a
//! crate does not promise; a generated application is only comparable while it is the same bytes.

pub(crate) struct Random(u64);

impl Random {
    /// `stream` keeps the modules of one application independent of each other.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut random = Self(seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03));
        random.next();
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// `low <= result < high`; `low` when the range is empty.
    pub(crate) fn range(&mut self, low: u32, high: u32) -> u32 {
        let width = u64::from(high.saturating_sub(low)).max(1);
        low + (self.next() % width) as u32
    }

    pub(crate) fn index(&mut self, len: usize) -> usize {
        (self.next() % len.max(1) as u64) as usize
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.range(0, 100) < percent
    }

    /// True in `permille` of 1,000 cases.
    pub(crate) fn permille(&mut self, permille: u32) -> bool {
        self.range(0, 1_000) < permille
    }

    /// `""` for an empty list.
    pub(crate) fn word<'w>(&mut self, words: &[&'w str]) -> &'w str {
        let index = self.index(words.len());
        words.get(index).copied().unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn equal_seeds_give_equal_numbers_and_streams_differ() {
        let numbers = |seed, stream| {
            let mut random = Random::new(seed, stream);
            (0..8).map(|_| random.range(0, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(1, 2), numbers(1, 2));
        assert_ne!(numbers(1, 2), numbers(1, 3));
        assert_ne!(numbers(1, 2), numbers(2, 2));
    }
}
