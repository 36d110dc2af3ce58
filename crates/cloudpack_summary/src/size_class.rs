//! How large a module is, so roughly that an edit of a body nearly always leaves it as it was: summaries that are equal
//! leave the plan valid. Steps of a factor of two: adding 30 bytes to a module of 3,000 moves it once in a hundred times.
//! Modules below `SMALL` are all alike. Sums over many modules are good to a few per cent, because the errors have both
//! signs.

use serde::{Deserialize, Serialize};

/// Bytes. A request costs more than such a module.
const SMALL: usize = 512;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SizeClass(u8);

impl SizeClass {
    /// Of so many bytes of printed code.
    pub fn of_bytes(bytes: usize) -> Self {
        let told_apart = if bytes == 0 { 0 } else { bytes.max(SMALL / 2) };
        Self((usize::BITS - told_apart.leading_zeros()) as u8)
    }

    /// Bytes in the middle of the class; 0 only for nothing.
    pub fn bytes(self) -> u64 {
        if self.0 < 2 { u64::from(self.0) } else { 3 << (u32::from(self.0) - 2).min(60) }
    }
}

#[cfg(test)]
mod tests {
    use super::SizeClass;

    #[test]
    fn a_class_stands_for_sizes_up_to_twice_its_least() {
        assert_eq!(SizeClass::of_bytes(0).bytes(), 0);
        assert_eq!(SizeClass::of_bytes(1), SizeClass::of_bytes(511));
        for bytes in [256usize, 511, 512, 2048, 3000, 4095, 1 << 40] {
            let shown = SizeClass::of_bytes(bytes).bytes();
            assert!(shown * 4 <= bytes as u64 * 6 && shown * 4 >= bytes as u64 * 3, "{bytes} {shown}");
        }
        assert_eq!(SizeClass::of_bytes(2048), SizeClass::of_bytes(4095));
        assert_ne!(SizeClass::of_bytes(4095), SizeClass::of_bytes(4096));
    }
}
