//! Line and UTF-16 column of a source -> the text that begins there, in any order. Lines as source maps of the printer count
//! them: they end with `\n`, `\r`, `\r\n`, U+2028, U+2029.

pub(super) struct SourcePlaces<'s> {
    source: &'s str,
    /// Byte offset of each line.
    lines: Vec<u32>,
    /// `(byte offset of what follows it, bytes minus UTF-16 units up to there)` of each character beyond ASCII.
    wide: Vec<(u32, u32)>,
}

impl<'s> SourcePlaces<'s> {
    /// Cost: one pass over `source`.
    pub(super) fn new(source: &'s str) -> Self {
        let (mut lines, mut wide) = (vec![0], Vec::new());
        let mut excess = 0;
        let bytes = source.as_bytes();
        let breaks = memchr::memchr2_iter(b'\n', b'\r', bytes)
            .filter(|&at| bytes.get(at) == Some(&b'\n') || bytes.get(at + 1) != Some(&b'\n'))
            .map(|at| at as u32 + 1);
        lines.extend(breaks);
        if !source.is_ascii() {
            for (at, character) in source.char_indices().filter(|(_, character)| !character.is_ascii()) {
                let end = (at + character.len_utf8()) as u32;
                excess += (character.len_utf8() - character.len_utf16()) as u32;
                wide.push((end, excess));
                if matches!(character, '\u{2028}' | '\u{2029}') {
                    lines.push(end);
                }
            }
            lines.sort_unstable();
        }
        Self { source, lines, wide }
    }

    /// Empty beyond the end.
    pub(super) fn rest(&self, line: u32, column: u32) -> &'s str {
        let Some(&start) = self.lines.get(line as usize) else { return "" };
        let before =
            |count: usize| count.checked_sub(1).and_then(|at| self.wide.get(at)).map_or(0, |(_, excess)| *excess);
        let unit = start - before(self.wide.partition_point(|(end, _)| *end <= start)) + column;
        let passed = self.wide.partition_point(|(end, excess)| end - excess <= unit);
        self.source.get((unit + before(passed)) as usize..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_utf16_units_and_lines_end_in_five_ways() {
        let places = SourcePlaces::new("é = a;\r\n😀é b\rc\u{2028}d\ne");
        let rest = |line, column| places.rest(line, column).chars().next();
        assert_eq!(rest(0, 4), Some('a'));
        assert_eq!(rest(1, 2), Some('é'));
        assert_eq!(rest(1, 4), Some('b'));
        assert_eq!((rest(2, 0), rest(3, 0), rest(4, 0)), (Some('c'), Some('d'), Some('e')));
        assert_eq!((rest(4, 1), rest(9, 0)), (None, None));
    }
}
