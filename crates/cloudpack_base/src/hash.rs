//! Content hashes: SHA-256 everywhere, so that a key is as good on another machine as on this one.

use sha2::{Digest, Sha256};

/// A SHA-256 digest, 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest in the URL-safe alphabet `A-Z a-z 0-9 - _`, 43 characters; file names take a prefix of it.
    /// 8 characters (Rollup's default) hold 48 bits.
    pub fn to_base64url(&self) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut text = String::with_capacity(43);
        for group in self.0.chunks(3) {
            let bits = group.iter().fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - group.len()));
            for position in 0..=group.len() {
                text.push(char::from(ALPHABET[(bits >> (18 - 6 * position)) as usize & 63]));
            }
        }
        text
    }

    /// The first 16 hex digits; for logs and tests, never for names of files.
    pub fn to_short_hex(&self) -> String {
        self.0.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl std::fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_short_hex())
    }
}

/// Hashes a sequence of fields. Each field is preceded by its length, so that `("ab","c")` and `("a","bc")` differ.
#[derive(Clone, Default)]
pub struct ContentHasher(Sha256);

impl ContentHasher {
    pub fn new() -> Self {
        Self::default()
    }
    pub fn field(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }
    pub fn finish(&self) -> ContentHash {
        ContentHash(self.0.clone().finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_matches_the_known_digest_of_the_empty_string() {
        assert_eq!(ContentHash::of(b"").to_base64url(), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let mut left = ContentHasher::new();
        left.field("ab").field("c");
        let mut right = ContentHasher::new();
        right.field("a").field("bc");
        assert_ne!(left.finish(), right.finish());
    }
}
