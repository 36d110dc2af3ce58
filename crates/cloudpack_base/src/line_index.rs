//! Byte offset -> line and column. Built once a text, lazily, only when something must be shown or mapped.

/// Starts of lines of one text. Lines end as in ECMA-262: `\n`, `\r\n`, `\r`, U+2028, U+2029.
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<u32>,
}

impl<'a> LineIndex<'a> {
    /// Cost: one pass over `text`.
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        let mut at = 0;
        while at < bytes.len() {
            let width = match bytes[at] {
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => 2,
                b'\n' | b'\r' => 1,
                0xE2 if matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xA8 | 0xA9])) => 3,
                _ => {
                    at += 1;
                    continue;
                }
            };
            at += width;
            starts.push(at as u32);
        }
        Self { text, starts }
    }

    /// Zero-based line and zero-based column in UTF-16 units of a byte offset. Offsets past the end or inside a
    /// character are moved back to the nearest place that exists.
    pub fn line_and_column(&self, offset: u32) -> (u32, u32) {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start as usize <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0) as usize;
        let prefix = self.text.get(start..offset).unwrap_or("");
        let column = if prefix.is_ascii() { prefix.len() } else { prefix.encode_utf16().count() };
        (line as u32, column as u32)
    }

    /// The text of a zero-based line without its end.
    pub fn line(&self, line: u32) -> Option<&'a str> {
        let start = *self.starts.get(line as usize)? as usize;
        let end = self.starts.get(line as usize + 1).map_or(self.text.len(), |next| *next as usize);
        Some(self.text.get(start..end)?.trim_end_matches(['\n', '\r', '\u{2028}', '\u{2029}']))
    }

    /// Byte offset of a zero-based line and a zero-based UTF-16 column, clamped to the line.
    pub fn offset(&self, line: u32, column: u32) -> Option<u32> {
        let start = *self.starts.get(line as usize)?;
        let mut units = 0;
        let text = self.line(line)?;
        for (at, character) in text.char_indices() {
            if units >= column {
                return Some(start + at as u32);
            }
            units += character.len_utf16() as u32;
        }
        Some(start + text.len() as u32)
    }

    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_utf16_units_and_lines_end_as_in_the_specification() {
        let index = LineIndex::new("a\r\nβ😀c\u{2028}d");
        assert_eq!(index.line_and_column(0), (0, 0));
        assert_eq!(index.line_and_column(3), (1, 0));
        assert_eq!(index.line_and_column(9), (1, 3));
        assert_eq!(index.line_and_column(13), (2, 0));
        assert_eq!(index.line(1), Some("β😀c"));
        assert_eq!(index.offset(1, 3), Some(9));
        assert_eq!(index.line_and_column(999), (2, 1));
    }
}
