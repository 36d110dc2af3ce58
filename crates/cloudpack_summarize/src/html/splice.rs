//! Edits of a text by byte ranges: `%KEY%` before the document is read, cuts and places for URLs after.

use cloudpack_object::{Relocation, RelocationKind};
use std::ops::Range;

#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    /// Kind and target.
    Relocation(RelocationKind, u32),
}

#[derive(Debug, Default)]
pub(super) struct Splices(Vec<(Range<usize>, Vec<Piece>)>);

impl Splices {
    pub(super) fn replace(&mut self, range: Range<usize>, pieces: Vec<Piece>) {
        self.0.push((range, pieces));
    }

    pub(super) fn insert(&mut self, at: usize, piece: Piece) {
        self.0.push((at..at, vec![piece]));
    }

    /// In source order, insertions before replacements at the same place; of two that overlap the first wins, but an
    /// insertion is never lost.
    pub(super) fn apply(mut self, text: &str) -> (String, Vec<Relocation>) {
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(text.len());
        let mut relocations = Vec::new();
        let mut at = 0;
        for (range, pieces) in self.0 {
            if range.start < at && !range.is_empty() {
                continue;
            }
            if let Some(kept) = text.get(at..range.start) {
                out.push_str(kept);
            }
            for piece in pieces {
                match piece {
                    Piece::Text(text) => out.push_str(&text),
                    Piece::Relocation(kind, target) => {
                        relocations.push(Relocation { offset: out.len() as u32, covers: 0, kind, target });
                    }
                }
            }
            at = at.max(range.end);
        }
        out.push_str(text.get(at..).unwrap_or(""));
        (out, relocations)
    }
}

/// A text with `%KEY%` replaced, that knows where its bytes came from.
pub(super) struct Replaced {
    pub(super) text: String,
    /// `(end in text, end in the original)` of each replacement, in order.
    ends: Vec<(usize, usize)>,
}

impl Replaced {
    pub(super) fn new(source: &str, env: &[(String, String)]) -> Self {
        let mut text = String::with_capacity(source.len());
        let mut ends = Vec::new();
        let mut copied = 0;
        let mut signs = memchr::memchr_iter(b'%', source.as_bytes()).peekable();
        while let Some(start) = signs.next() {
            let Some(end) = signs.peek().copied() else { break };
            let key = source.get(start + 1..end).unwrap_or("");
            // The second sign may open the next key: `50% %MODE%`.
            let Some((_, value)) = env.iter().find(|(known, _)| known == key) else { continue };
            signs.next();
            text.push_str(source.get(copied..start).unwrap_or(""));
            text.push_str(value);
            copied = end + 1;
            ends.push((text.len(), copied));
        }
        text.push_str(source.get(copied..).unwrap_or(""));
        Self { text, ends }
    }

    /// The place in the original of a place in the text. Inside of a replacement: its end.
    pub(super) fn original(&self, at: usize) -> u32 {
        let before = self.ends.partition_point(|(end, _)| *end <= at);
        let place = match before.checked_sub(1).and_then(|index| self.ends.get(index)) {
            Some((end, original)) => original + (at - end),
            None => at,
        };
        place as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_keys_are_replaced_and_places_lead_back() {
        let env = [("MODE".to_owned(), "production".to_owned()), ("X".to_owned(), String::new())];
        let source = "50% %MODE%|%X%|%NO%|%MODE";
        let replaced = Replaced::new(source, &env);
        assert_eq!(replaced.text, "50% production||%NO%|%MODE");
        for mark in ["|%NO%", "%NO%", "50%"] {
            let at = replaced.text.find(mark).unwrap();
            assert!(source[replaced.original(at) as usize..].starts_with(mark), "{mark}");
        }
    }

    #[test]
    fn overlapping_edits_keep_the_first_and_all_insertions() {
        let mut splices = Splices::default();
        splices.replace(2..5, vec![Piece::Text("X".into())]);
        splices.replace(3..4, vec![Piece::Text("Y".into())]);
        splices.insert(2, Piece::Relocation(RelocationKind::HtmlTags, 0));
        splices.insert(6, Piece::Text("Z".into()));
        let (text, relocations) = splices.apply("abcdefg");
        assert_eq!(text, "abXfZg");
        assert_eq!(relocations[0].offset, 2);
    }
}
