//! What records are asked for by: a kind, so that two facts about one content cannot be taken for each other, and a
//! digest of everything that the record was derived from.

/// The full key of a record. It is stored with the record and compared on every read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which fact: numbers are given out by the driver.
    pub kind: u32,
    /// SHA-256 of all inputs of the fact.
    pub digest: [u8; 32],
}

/// The name of a head: SHA-256 of what distinguishes it, such as the options of a build.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HeadName(pub [u8; 32]);

/// The build of the tool and the machine's architecture: SHA-256 of whatever makes records unreadable to others. A store
/// of another identity is empty.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Identity(pub [u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", self.kind)?;
        short_hex(&self.digest, f)
    }
}

impl std::fmt::Debug for HeadName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        short_hex(&self.0, f)
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        short_hex(&self.0, f)
    }
}

fn short_hex(bytes: &[u8], f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    bytes.iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))
}
