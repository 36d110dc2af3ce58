//! File names of chunks from patterns. Before the code is known a hash is a placeholder of the hash's own length, so
//! that putting the hash in moves no byte and no source map.

use crate::input::{LinkInput, LinkOptions};
use crate::mapped_names::mapped_names;
use cloudpack_base::{ChunkIdx, ContentHash, Diagnostic, Idx, IndexVec, path};
use cloudpack_plan::{BitSet, ChunkKind};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// Letters of a hash in a file name; Rollup's default.
const DEFAULT_HASH_LENGTH: usize = 8;
/// A SHA-256 digest in base 64.
const MAX_HASH_LENGTH: usize = 43;
const OPEN: &str = "!~{";
const CLOSE: &str = "}~";
const DIGITS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Names before hashes are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileNames {
    /// Relative to the output directory.
    pub(crate) preliminary: IndexVec<ChunkIdx, String>,
    /// Length of the hash in each name; 0 without one.
    pub(crate) hash_lengths: IndexVec<ChunkIdx, usize>,
    pub(crate) any_hash: bool,
    /// With an import map: what others write for the chunk (`mapped_names.rs`).
    pub(crate) mapped: IndexVec<ChunkIdx, Option<String>>,
    pub(crate) placeholders: Placeholders,
}

/// `known`: those of a former build with the same chunks and options, which had nothing to say.
pub(crate) fn assign_file_names(
    input: &LinkInput<'_>,
    known: Option<&FileNames>,
    diagnostics: &mut Vec<Diagnostic>,
) -> FileNames {
    let options = input.options;
    let placeholders = Placeholders::new(input.plan.chunks.len(), user_texts(input));
    if let Some(known) = known.filter(|known| known.placeholders == placeholders) {
        return known.clone();
    }
    let mut names = FileNames { placeholders, ..FileNames::default() };
    let mut taken: FxHashSet<String> = FxHashSet::default();
    let digits = placeholders.digits();
    for (option, pattern) in
        [("entryFileNames", &options.entry_file_names), ("chunkFileNames", &options.chunk_file_names)]
    {
        diagnostics.extend(check_pattern(option, pattern, digits));
    }
    diagnostics
        .extend(options.own_patterns.iter().filter_map(|(_, pattern)| check_pattern("fileNames", pattern, digits)));
    let explicit = |wanted: ChunkIdx| options.explicit_file_names.iter().find(|(chunk, _)| *chunk == wanted);
    // Names that were asked for are never changed to make room for others.
    taken.extend(options.explicit_file_names.iter().map(|(_, name)| name.to_lowercase()));
    for (chunk, plan) in input.plan.chunks.iter_enumerated() {
        if let Some((_, name)) = explicit(chunk) {
            names.preliminary.push(name.clone());
            names.hash_lengths.push(0);
            continue;
        }
        let own = options.own_patterns.iter().find(|(owner, _)| *owner == chunk);
        let pattern = match (own, plan.kind) {
            (Some((_, pattern)), _) => pattern,
            (None, ChunkKind::Entry) => &options.entry_file_names,
            (None, ChunkKind::DynamicEntry | ChunkKind::Common) if options.preserve_modules => {
                &options.entry_file_names
            }
            (None, ChunkKind::DynamicEntry | ChunkKind::Worker | ChunkKind::Common) => &options.chunk_file_names,
        };
        let mut hash_length = 0;
        let name = expand(pattern, |word, argument| match word {
            "name" => Some(sanitize(&plan.name)),
            "format" => Some(options.format.word().to_owned()),
            "ext" => Some("js".to_owned()),
            "extname" => Some(".js".to_owned()),
            "hash" => {
                hash_length = hash_length_of(argument, digits);
                Some(placeholders.of(chunk, hash_length))
            }
            _ => None,
        });
        let name = unique(path::normalize(name.trim_start_matches('/')), &mut taken);
        names.any_hash |= hash_length > 0;
        names.preliminary.push(name);
        names.hash_lengths.push(hash_length);
    }
    names.mapped = mapped_names(input, &names);
    names
}

/// Text that is not ours and stands in chunks.
fn user_texts<'x>(input: &'x LinkInput<'_>) -> impl ParallelIterator<Item = &'x str> {
    let LinkOptions { banner, intro, outro, footer, .. } = input.options;
    let added = [banner, intro, outro, footer].into_par_iter().filter_map(|text| text.as_deref());
    let live = input.plan.modules.as_slice().par_iter().zip(input.modules.as_slice()).filter(|(plan, _)| plan.live);
    live.filter_map(|(_, module)| module.code.map(|code| code.object.text.as_str())).chain(added)
}

fn hash_length_of(argument: Option<&str>, digits: usize) -> usize {
    let wanted = argument.and_then(|argument| argument.parse().ok()).unwrap_or(DEFAULT_HASH_LENGTH);
    wanted.clamp(OPEN.len() + digits + CLOSE.len(), MAX_HASH_LENGTH)
}

fn check_pattern(option: &str, pattern: &str, digits: usize) -> Option<Diagnostic> {
    let refuse = |why: String| {
        Diagnostic::error("VALIDATION_ERROR", format!("Invalid pattern \"{pattern}\" for output.{option}: {why}"))
    };
    let climbs = pattern.split('/').any(|part| part == ".." || part == ".");
    if climbs && !pattern.starts_with("./") && !pattern.starts_with("../") {
        let why = "it must lead to a file inside of the output directory, without \".\" and \"..\"";
        let message = format!("Invalid pattern \"{pattern}\" for output.{option}: {why}");
        return Some(Diagnostic::error("FILE_NAME_OUTSIDE_OUTPUT_DIRECTORY", message));
    }
    if pattern.is_empty() || path::is_absolute(pattern) || climbs {
        return Some(refuse("it must be a path inside of the output directory, without \".\" and \"..\"".to_owned()));
    }
    if let Some(unknown) = unknown_placeholder(pattern) {
        return Some(refuse(format!("there is no placeholder \"{unknown}\"")));
    }
    let argument = pattern.split_once("[hash:")?.1.split_once(']')?.0;
    let (least, most) = (OPEN.len() + digits + CLOSE.len(), MAX_HASH_LENGTH);
    match argument.parse::<usize>() {
        Ok(length) if (least..=most).contains(&length) => None,
        _ => Some(refuse(format!("a hash has {least} to {most} letters here"))),
    }
}

/// `[nmae]`, which would be part of the file's name. What has no shape of a word is: `[...slug].js`, `[page-1]`.
fn unknown_placeholder(pattern: &str) -> Option<&str> {
    const KNOWN: [&str; 7] = ["name", "hash", "format", "ext", "extname", "assetExtname", "hash:"];
    pattern.match_indices('[').find_map(|(start, _)| {
        let (inner, _) = pattern.get(start + 1..)?.split_once(']')?;
        let is_word = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b':');
        let is_known = KNOWN.contains(&inner) || inner.starts_with("hash:");
        (is_word && !is_known).then(|| pattern.get(start..start + inner.len() + 2)).flatten()
    })
}

/// Replaces `[word]` and `[word:argument]`; what `value` does not know stays.
pub fn expand(pattern: &str, mut value: impl FnMut(&str, Option<&str>) -> Option<String>) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some((before, opened)) = rest.split_once('[') {
        out.push_str(before);
        let Some((inside, after)) = opened.split_once(']') else {
            rest = &rest[before.len()..];
            break;
        };
        let (word, argument) = match inside.split_once(':') {
            Some((word, argument)) => (word, Some(argument)),
            None => (inside, None),
        };
        match value(word, argument) {
            Some(text) => out.push_str(&text),
            None => {
                out.push('[');
                out.push_str(inside);
                out.push(']');
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A chunk's name as part of a path: no characters that a file system or a URL gives a meaning, no way out of the
/// output directory. Slashes stay: an entry may be named `admin/index`.
pub fn sanitize(name: &str) -> String {
    let cleaned: String = name
        .chars()
        .map(|character| match character {
            '"' | '#' | '$' | '%' | '&' | '*' | '+' | ',' | ':' | ';' | '<' | '=' | '>' | '?' | '[' | ']' | '^'
            | '`' | '{' | '|' | '}' | '\\' | '\u{7f}' => '_',
            character if character < ' ' => '_',
            other => other,
        })
        .collect();
    let parts: Vec<&str> = cleaned
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .map(|part| if part == ".." { "_" } else { part })
        .collect();
    if parts.is_empty() { "_".to_owned() } else { parts.join("/") }
}

/// Adds a number before the extension while the name is taken. Names that differ in case only are one on many disks.
pub fn unique(name: String, taken: &mut FxHashSet<String>) -> String {
    if taken.insert(name.to_lowercase()) {
        return name;
    }
    let at = path::extension(&name).map_or(name.len(), |extension| name.len() - extension.len() - 1);
    let (stem, extension) = name.split_at(at);
    (2..)
        .map(|number: u32| format!("{stem}{number}{extension}"))
        .find(|candidate| taken.insert(candidate.to_lowercase()))
        .unwrap_or_default()
}

/// What stands for the hash of a chunk's name until it is known. Numbers begin where no text of the user's has the like: a
/// program may hold the string `"!~{001}~"`, and keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Placeholders {
    first: usize,
    count: usize,
    /// Some text of the user's has the like.
    pub(crate) has_rivals: bool,
}

impl Placeholders {
    /// For so many chunks and these texts. Cost: a search of the texts.
    pub(crate) fn new<'t>(count: usize, texts: impl ParallelIterator<Item = &'t str>) -> Self {
        let mut taken: Vec<usize> = texts.flat_map_iter(|text| numbers_in(text).map(|(_, number)| number)).collect();
        taken.sort_unstable();
        let has_rivals = !taken.is_empty();
        let mut first = 0;
        for number in taken {
            if number < first + count {
                first = first.max(number + 1);
            }
        }
        Self { first, count, has_rivals }
    }

    /// How many letters a chunk's number needs.
    fn digits(self) -> usize {
        let mut digits = 1;
        let mut room = DIGITS.len();
        while room < self.first + self.count {
            room *= DIGITS.len();
            digits += 1;
        }
        digits
    }

    /// `!~{003}~`, exactly `length` bytes.
    pub(crate) fn of(self, chunk: ChunkIdx, length: usize) -> String {
        let width = length - OPEN.len() - CLOSE.len();
        let mut digits = vec![DIGITS[0]; width];
        let mut rest = self.first + chunk.index();
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[rest % DIGITS.len()];
            rest /= DIGITS.len();
        }
        let digits: String = digits.into_iter().map(char::from).collect();
        format!("{OPEN}{digits}{CLOSE}")
    }

    /// Those in `text`, in order: where, and of which chunk.
    pub(crate) fn find(self, text: &str) -> impl Iterator<Item = (Range<usize>, ChunkIdx)> + '_ {
        numbers_in(text).filter_map(move |(range, number)| {
            let chunk = number.checked_sub(self.first).filter(|chunk| *chunk < self.count)?;
            Some((range, ChunkIdx::from_usize(chunk)))
        })
    }

    /// Puts hashes in their place. Nothing moves. Gives the places, in order.
    pub(crate) fn fill_in(
        self,
        text: &mut String,
        hashes: &IndexVec<ChunkIdx, String>,
    ) -> Vec<(Range<usize>, ChunkIdx)> {
        let found: Vec<(Range<usize>, ChunkIdx)> = self.find(text).collect();
        for (range, chunk) in &found {
            if let Some(hash) = hashes.get(*chunk).filter(|hash| hash.len() == range.len()) {
                text.replace_range(range.clone(), hash);
            }
        }
        found
    }
}

/// Everything of the shape of a placeholder, and its number.
fn numbers_in(text: &str) -> impl Iterator<Item = (Range<usize>, usize)> + '_ {
    memchr::memmem::find_iter(text.as_bytes(), OPEN).filter_map(move |start| {
        let inside = text.get(start + OPEN.len()..)?;
        let window = inside.as_bytes().get(..inside.len().min(MAX_HASH_LENGTH))?;
        let width = window.iter().position(|byte| *byte == b'}')?;
        let mut number = 0usize;
        for byte in window.get(..width)? {
            let digit = DIGITS.iter().position(|digit| digit == byte)?;
            number = number.checked_mul(DIGITS.len())?.checked_add(digit)?;
        }
        let closed = inside.get(width..)?.starts_with(CLOSE) && width > 0 && number <= u32::MAX as usize;
        let end = start + OPEN.len() + width + CLOSE.len();
        closed.then_some((start..end, number))
    })
}

/// Names with hashes, without conflicts: a hash that meets another chunk's name is hashed once more.
#[derive(Default)]
pub(crate) struct FinalNames {
    pub(crate) names: IndexVec<ChunkIdx, String>,
    /// The hash in each name; empty without one.
    pub(crate) hashes: IndexVec<ChunkIdx, String>,
    /// In small letters.
    taken: FxHashSet<String>,
    /// Some hash met another name.
    had_conflicts: bool,
}

impl FinalNames {
    pub(crate) fn new(files: &FileNames, hashes: &IndexVec<ChunkIdx, ContentHash>) -> Self {
        let mut made = Self {
            names: IndexVec::with_capacity(files.preliminary.len()),
            hashes: IndexVec::with_capacity(files.preliminary.len()),
            taken: files.mapped.iter().flatten().map(|name| name.to_lowercase()).collect(),
            had_conflicts: false,
        };
        for (chunk, preliminary) in files.preliminary.iter_enumerated() {
            if files.hash_lengths[chunk] == 0 {
                made.taken.insert(preliminary.to_lowercase());
                made.names.push(preliminary.clone());
                made.hashes.push(String::new());
                continue;
            }
            let mut hash = hashes[chunk];
            loop {
                let (file, text) = files.with_hash(chunk, hash);
                if made.taken.insert(file.to_lowercase()) {
                    made.names.push(file);
                    made.hashes.push(text);
                    break;
                }
                made.had_conflicts = true;
                hash = ContentHash::of(&hash.0);
            }
        }
        made
    }

    /// The same with other hashes of these chunks. `None`: names meet, and all have to be made.
    pub(crate) fn again(
        mut self,
        files: &FileNames,
        hashes: &IndexVec<ChunkIdx, ContentHash>,
        changed: &BitSet<ChunkIdx>,
    ) -> Option<Self> {
        for chunk in changed.iter().filter(|chunk| files.hash_lengths[*chunk] > 0) {
            let (file, text) = files.with_hash(chunk, hashes[chunk]);
            if text == self.hashes[chunk] {
                continue;
            }
            // A name that is given up stays taken until all are there: who meets it has everything made anew.
            self.had_conflicts |= !self.taken.insert(file.to_lowercase());
            self.names[chunk] = file;
            self.hashes[chunk] = text;
        }
        (!self.had_conflicts).then_some(self)
    }

    /// A name that nobody has any more.
    pub(crate) fn forget(&mut self, former: &str) {
        self.taken.remove(&former.to_lowercase());
    }
}

impl FileNames {
    /// The chunk's name with this hash, and what of it stands there.
    fn with_hash(&self, chunk: ChunkIdx, hash: ContentHash) -> (String, String) {
        let length = self.hash_lengths[chunk];
        let text: String = hash.to_base64url().chars().take(length).collect();
        (self.preliminary[chunk].replace(&self.placeholders.of(chunk, length), &text), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(texts: &[&str]) -> Placeholders {
        Placeholders::new(1_200, texts.par_iter().copied())
    }

    #[test]
    fn placeholders_are_as_long_as_the_hash_and_found_again() {
        let placeholders = placeholders(&[]);
        for chunk in [0, 61, 62, 1_199] {
            let mark = placeholders.of(ChunkIdx(chunk), 8);
            assert_eq!(mark.len(), 8);
            let text = format!("import \"./a-{mark}.js\"; x = !~{{}}~; !~{{ }}~ {mark} !~{{zzz}}~");
            let found: Vec<_> =
                placeholders.find(&text).map(|(range, chunk)| (text[range].to_owned(), chunk.0)).collect();
            assert_eq!(found, [(mark.clone(), chunk), (mark, chunk)]);
        }
    }

    #[test]
    fn text_of_the_user_that_looks_like_one_is_none() {
        let texts = ["a !~{000}~ !~{00a}~", "!~{0j8}~ !~{ZZZ}~"];
        let placeholders = placeholders(&texts);
        let hashes: IndexVec<ChunkIdx, String> = (0..1_200).map(|_| "ABCDEFGH".to_owned()).collect();
        for text in texts {
            let mut filled = format!("{text} {}", placeholders.of(ChunkIdx(7), 8));
            placeholders.fill_in(&mut filled, &hashes);
            assert_eq!(filled, format!("{text} ABCDEFGH"));
        }
    }

    #[test]
    fn filling_in_changes_no_length() {
        let placeholders = placeholders(&[]);
        let mut text = format!("a{}b", placeholders.of(ChunkIdx(1), 8));
        let hashes: IndexVec<ChunkIdx, String> = IndexVec::from(vec![String::new(), "ABCDEFGH".to_owned()]);
        placeholders.fill_in(&mut text, &hashes);
        assert_eq!(text, "aABCDEFGHb");
    }

    #[test]
    fn names_cannot_leave_the_output_directory() {
        assert_eq!(sanitize("../../etc/pa*sswd"), "_/_/etc/pa_sswd");
        assert_eq!(sanitize("admin/index"), "admin/index");
        assert_eq!(sanitize("C:\\x"), "C__x");
        assert_eq!(sanitize(""), "_");
    }

    #[test]
    fn names_that_differ_in_case_only_are_told_apart() {
        let mut taken = FxHashSet::default();
        assert_eq!(unique("a.js".into(), &mut taken), "a.js");
        assert_eq!(unique("A.js".into(), &mut taken), "A2.js");
        assert_eq!(unique("a.js".into(), &mut taken), "a3.js");
    }

    #[test]
    fn a_pattern_that_leads_out_or_asks_for_a_tiny_hash_is_refused() {
        assert!(check_pattern("entryFileNames", "../[name].js", 1).is_some());
        assert!(check_pattern("entryFileNames", "/[name].js", 1).is_some());
        assert!(check_pattern("entryFileNames", "[name]-[hash:4].js", 1).is_some());
        assert!(check_pattern("entryFileNames", "a/[name]-[hash:6].js", 1).is_none());
    }
}
