//! Markers: what stands in the printed text for a place that only the linker can fill. A marker is an identifier, so
//! the printer spaces and parenthesises around it as around any name. It is `$`, eight characters taken from the hash
//! of the source, a letter for the kind and five base-32 digits for the target. A source cannot contain its own hash,
//! so text that looks like a marker is one; a check over the raw source makes even the accident impossible.

use cloudpack_base::ContentHash;
use cloudpack_object::RelocationKind;

const NONCE_LEN: usize = 9;
const DIGITS: usize = 5;
/// Bytes of a marker.
pub(super) const MARKER_LEN: usize = NONCE_LEN + 1 + DIGITS;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkerKind {
    Relocation(RelocationKind),
    /// The statement `marker;` between two sections; the target is the section that ends.
    SectionEnd,
}

const KINDS: &[(u8, MarkerKind)] = &[
    (b'N', MarkerKind::Relocation(RelocationKind::Name)),
    (b'C', MarkerKind::Relocation(RelocationKind::Callee)),
    (b'S', MarkerKind::Relocation(RelocationKind::Shorthand)),
    (b'B', MarkerKind::Relocation(RelocationKind::Member)),
    (b'V', MarkerKind::Relocation(RelocationKind::VarHead)),
    (b'D', MarkerKind::Relocation(RelocationKind::DynamicImport)),
    (b'R', MarkerKind::Relocation(RelocationKind::Require)),
    (b'r', MarkerKind::Relocation(RelocationKind::RequireResolve)),
    (b'U', MarkerKind::Relocation(RelocationKind::NewUrl)),
    (b'W', MarkerKind::Relocation(RelocationKind::WorkerUrl)),
    (b'M', MarkerKind::Relocation(RelocationKind::ImportMeta)),
    (b'u', MarkerKind::Relocation(RelocationKind::ImportMetaUrl)),
    (b'd', MarkerKind::Relocation(RelocationKind::ImportMetaDirname)),
    (b'f', MarkerKind::Relocation(RelocationKind::ImportMetaFilename)),
    (b'F', MarkerKind::Relocation(RelocationKind::FreeRequire)),
    (b'm', MarkerKind::Relocation(RelocationKind::CjsModule)),
    (b'e', MarkerKind::Relocation(RelocationKind::CjsExports)),
    (b't', MarkerKind::Relocation(RelocationKind::CjsThis)),
    (b'E', MarkerKind::SectionEnd),
];

/// Makes and reads the markers of one module.
#[derive(Clone)]
pub(super) struct Markers {
    nonce: String,
}

impl Markers {
    pub(super) fn new(source: &str) -> Self {
        let mut hash = ContentHash::of(source.as_bytes());
        loop {
            let mut nonce = String::with_capacity(NONCE_LEN);
            nonce.push('$');
            // Five bits of each byte: letters and digits only, so no `-` of base64url gets into an identifier.
            nonce.extend(hash.0.iter().take(NONCE_LEN - 1).map(|byte| char::from(ALPHABET[(byte & 31) as usize])));
            if memchr::memmem::find(source.as_bytes(), nonce.as_bytes()).is_none() {
                return Self { nonce };
            }
            hash = ContentHash::of(&hash.0);
        }
    }

    pub(super) fn nonce(&self) -> &str {
        &self.nonce
    }

    pub(super) fn make(&self, kind: MarkerKind, target: u32) -> String {
        let mut text = String::with_capacity(MARKER_LEN);
        self.write(&mut text, kind, target);
        text
    }

    fn write(&self, text: &mut String, kind: MarkerKind, target: u32) {
        let letter = KINDS.iter().find(|(_, known)| *known == kind).map_or(b'N', |(letter, _)| *letter);
        text.push_str(&self.nonce);
        text.push(char::from(letter));
        for digit in (0..DIGITS).rev() {
            text.push(char::from(ALPHABET[(target >> (5 * digit) & 31) as usize]));
        }
    }

    /// Reads the marker at the start of `text`.
    pub(super) fn parse(&self, text: &[u8]) -> Option<(MarkerKind, u32)> {
        let rest = text.strip_prefix(self.nonce.as_bytes())?;
        let (letter, digits) = rest.get(..1 + DIGITS)?.split_first()?;
        let kind = KINDS.iter().find(|(known, _)| known == letter)?.1;
        let mut target = 0;
        for digit in digits {
            let value = match digit {
                b'a'..=b'z' => digit - b'a',
                b'0'..=b'5' => digit - b'0' + 26,
                _ => return None,
            };
            target = target << 5 | u32::from(value);
        }
        Some((kind, target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_the_round_trip() {
        let markers = Markers::new("let a = 1");
        for (_, kind) in KINDS {
            let text = markers.make(*kind, 33_554_431);
            assert_eq!(text.len(), MARKER_LEN);
            assert_eq!(markers.parse(text.as_bytes()), Some((*kind, 33_554_431)));
        }
        assert_eq!(markers.parse(b"$"), None);
    }
}
