//! Pass 8, maps: the pieces' segments -> one source map for a chunk. Positions in the output are computed here, from
//! byte offsets, in one pass over the text that is parallel over pieces; nothing of it happens when maps are off.

use crate::input::{LinkInput, LinkModule, ModuleCode};
use crate::output::PlacedPiece;
use crate::render::NO_SOURCE;
use cloudpack_base::{Diagnostic, path};
use oxc_sourcemap::{SourceMap, Token};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// A map from a module's compiled-from text back to what the user wrote.
pub struct UpstreamMap(SourceMap<'static>);

impl UpstreamMap {
    /// Reads JSON text, as plugins give it. Errors: not a source map.
    pub fn parse(json: &str, module_id: &str) -> Result<Self, Box<Diagnostic>> {
        match SourceMap::from_json_string(json) {
            Ok(map) => Ok(Self(map.into_owned())),
            Err(error) => {
                let message = format!(
                    "The source map of a transform cannot be read ({error}); positions will be those of its output"
                );
                Err(Box::new(Diagnostic::warning("SOURCEMAP_ERROR", message).with_id(module_id)))
            }
        }
    }
}

/// A place in a text: zero-based line, zero-based UTF-16 column.
pub(crate) type Position = (u32, u32);

pub(crate) fn advance((line, column): Position, text: &str) -> Position {
    let width = |text: &str| if text.is_ascii() { text.len() as u32 } else { text.encode_utf16().count() as u32 };
    match memchr::memrchr(b'\n', text.as_bytes()) {
        None => (line, column + width(text)),
        Some(last) => {
            let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u32;
            (line + lines, width(text.get(last + 1..).unwrap_or_default()))
        }
    }
}

const NO_NAME: u32 = u32::MAX;

/// One piece's part of the map, with lines and columns counted from its start.
struct PieceMap<'a> {
    tokens: Vec<PieceToken>,
    sources: Vec<(String, Option<Cow<'a, str>>)>,
    names: Vec<&'a str>,
    /// Where the piece ends, counted from its start.
    end: Position,
}

#[derive(Clone, Copy)]
struct PieceToken {
    at: Position,
    original: Position,
    /// `NO_SOURCE` for text that the linker made.
    source: u32,
    name: u32,
}

/// JSON text of the map of `code`. `file` is the chunk's final name, from which sources are seen.
pub(crate) fn chunk_map(input: &LinkInput<'_>, file: &str, code: &str, pieces: &[PlacedPiece]) -> SourceMap<'static> {
    let directory = path::join(&input.options.dir, path::dirname(file));
    let maps: Vec<PieceMap<'_>> =
        pieces.par_iter().with_min_len(16).map(|piece| piece_map(input, &directory, code, piece)).collect();
    let mut tokens: Vec<Token> = Vec::with_capacity(maps.iter().map(|map| map.tokens.len()).sum());
    let mut sources = Interner::default();
    let mut contents: Vec<Option<Cow<'static, str>>> = Vec::new();
    let mut names = Interner::default();
    let mut position = (0, 0);
    let mut from = 0;
    for (piece, map) in pieces.iter().zip(maps) {
        let start = advance(position, code.get(from..piece.start).unwrap_or_default());
        let shift =
            |(line, column): Position| if line == 0 { (start.0, start.1 + column) } else { (start.0 + line, column) };
        let source_ids: Vec<u32> = map
            .sources
            .into_iter()
            .map(|(source, content)| {
                let id = sources.intern(&source);
                if id as usize == contents.len() {
                    contents.push(content.map(|content| Cow::Owned(content.into_owned())));
                }
                id
            })
            .collect();
        let name_ids: Vec<u32> = map.names.iter().map(|name| names.intern(name)).collect();
        for token in map.tokens {
            let (line, column) = shift(token.at);
            let source = source_ids.get(token.source as usize).copied();
            let name = name_ids.get(token.name as usize).copied();
            // What has no source needs to say so only behind what has one, on the same line.
            let follows =
                tokens.last().is_some_and(|last| last.get_dst_line() == line && last.get_source_id().is_some());
            if source.is_none() && !follows {
                continue;
            }
            tokens.push(Token::new(line, column, token.original.0, token.original.1, source, name));
        }
        position = shift(map.end);
        from = piece.end;
    }
    SourceMap::new(
        Some(Cow::Owned(path::basename(file).to_owned())),
        names.into_list(),
        None,
        sources.into_list(),
        contents,
        tokens.into_boxed_slice(),
        None,
    )
}

#[derive(Default)]
struct Interner {
    ids: FxHashMap<String, u32>,
    list: Vec<Cow<'static, str>>,
}

impl Interner {
    fn intern(&mut self, text: &str) -> u32 {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = self.list.len() as u32;
        self.ids.insert(text.to_owned(), id);
        self.list.push(Cow::Owned(text.to_owned()));
        id
    }
    fn into_list(self) -> Vec<Cow<'static, str>> {
        self.list
    }
}

fn piece_map<'a>(input: &LinkInput<'a>, directory: &str, code: &str, piece: &PlacedPiece) -> PieceMap<'a> {
    let mut map = PieceMap {
        tokens: Vec::with_capacity(piece.segments.len()),
        sources: Vec::new(),
        names: Vec::new(),
        end: (0, 0),
    };
    let text = code.get(piece.start..piece.end).unwrap_or_default();
    let module = &input.modules[piece.module];
    if let Some(module_code) = module.code {
        let upstream = module.upstream_map.map(|map| Upstream { map: &map.0, table: map.0.generate_lookup_table() });
        place_tokens(&mut map, text, piece, module_code, upstream.as_ref());
        match upstream {
            Some(upstream) => add_upstream_sources(&mut map, module, directory, &upstream),
            None => map.sources.push((source_path(directory, module.id), module.source.map(Cow::Borrowed))),
        }
    }
    map.end = advance((0, 0), text);
    map
}

struct Upstream<'a> {
    map: &'a SourceMap<'static>,
    table: Vec<&'a [Token]>,
}

fn place_tokens<'a>(
    map: &mut PieceMap<'a>,
    text: &str,
    piece: &PlacedPiece,
    code: ModuleCode<'a>,
    upstream: Option<&Upstream<'a>>,
) {
    map.names.extend(code.object.map_names.iter().map(|name| &**name));
    let (mut position, mut from) = ((0, 0), 0);
    for &(offset, index) in &piece.segments {
        let to = offset as usize;
        position = advance(position, text.get(from..to).unwrap_or_default());
        from = to.max(from);
        let mut token = PieceToken { at: position, original: (0, 0), source: NO_SOURCE, name: NO_NAME };
        if let Some(segment) = code.object.segments.get(index as usize) {
            token = PieceToken { original: (segment.line, segment.column), source: 0, name: segment.name, ..token };
        }
        if let Some(upstream) = upstream.filter(|_| token.source != NO_SOURCE) {
            let (line, column) = token.original;
            let found = upstream.map.lookup_token_approx(&upstream.table, line, column);
            let Some((found, source)) = found.and_then(|found| Some((found, found.get_source_id()?))) else { continue };
            token.original = (found.get_src_line(), found.get_src_col());
            token.source = source;
            // Names of the user's own text are better than those of the transform's output.
            if let Some(name) = found.get_name_id().and_then(|name| upstream.map.get_name(name)) {
                token.name = map.names.len() as u32;
                map.names.push(name);
            }
        }
        // A name that stayed needs no mention.
        if let Some(name) = map.names.get(token.name as usize)
            && is_word(text.get(to..).unwrap_or_default(), name)
        {
            token.name = NO_NAME;
        }
        // Of several at one place the last is the most exact: what stood before it was left out of the text.
        match map.tokens.last_mut() {
            Some(last) if last.at == position => *last = token,
            Some(last)
                if last.original == token.original
                    && last.source == token.source
                    && token.name == NO_NAME
                    && last.name == NO_NAME => {}
            _ => map.tokens.push(token),
        }
    }
}

/// Whether `text` begins with `name` and nothing that goes on with it.
fn is_word(text: &str, name: &str) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || *byte >= 0x80;
    text.strip_prefix(name).is_some_and(|rest| !rest.as_bytes().first().is_some_and(part))
}

fn add_upstream_sources<'a>(map: &mut PieceMap<'a>, module: &LinkModule<'a>, directory: &str, upstream: &Upstream<'a>) {
    let own = path::split_query(module.id).0;
    let root = upstream.map.get_source_root().unwrap_or_default();
    for (at, source) in upstream.map.get_sources().enumerate() {
        let content = upstream.map.get_source_content(at as u32).map(Cow::Borrowed);
        let id = if source.is_empty() {
            own.to_owned()
        } else if path::is_absolute(source) || source.contains("://") || !path::is_absolute(own) {
            source.to_owned()
        } else {
            path::join(&path::join(path::dirname(own), root), source)
        };
        map.sources.push((source_path(directory, &id), content));
    }
}

/// How a map in `directory` names a source: by the way to it, never by this machine's absolute path.
fn source_path(directory: &str, id: &str) -> String {
    let id = id.trim_start_matches('\0');
    if path::is_absolute(id) && !id.contains("://") { path::relative(directory, id) } else { id.to_owned() }
}

/// A map through both: `change` leads from new code to the linked code, `linked` from there to the sources.
pub(crate) fn compose(
    change: &str,
    linked: SourceMap<'static>,
    chunk: &str,
) -> Result<SourceMap<'static>, Box<Diagnostic>> {
    let refuse = |why: String| {
        let message = format!("The source map of a renderChunk hook cannot be used for {chunk}: {why}");
        Box::new(Diagnostic::warning("SOURCEMAP_ERROR", message))
    };
    let change = SourceMap::from_json_string(change).map_err(|error| refuse(error.to_string()))?;
    if change.get_sources().len() > 1 {
        return Err(refuse(format!("it has {} sources instead of one", change.get_sources().len())));
    }
    Ok(through(&change, linked))
}

/// `change` leads from new code to the linked code, `linked` from there to the sources.
pub(crate) fn through(change: &SourceMap<'_>, linked: SourceMap<'static>) -> SourceMap<'static> {
    let table = linked.generate_lookup_table();
    let mut names = Interner::default();
    linked.get_names().for_each(|name| {
        names.intern(name);
    });
    let tokens: Vec<Token> = change
        .get_tokens()
        .filter_map(|token| {
            token.get_source_id()?;
            let found = linked.lookup_token_approx(&table, token.get_src_line(), token.get_src_col())?;
            let own_name = || token.get_name_id().and_then(|name| change.get_name(name)).map(|name| names.intern(name));
            let name = found.get_name_id().or_else(own_name);
            let (line, column) = (token.get_dst_line(), token.get_dst_col());
            Some(Token::new(line, column, found.get_src_line(), found.get_src_col(), found.get_source_id(), name))
        })
        .collect();
    let mut parts = linked.into_parts();
    parts.names = names.into_list();
    parts.tokens = tokens.into_boxed_slice();
    SourceMap::from_parts(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_utf16_units_from_the_last_line_break() {
        assert_eq!(advance((2, 5), "ab"), (2, 7));
        assert_eq!(advance((2, 5), "a\nb😀"), (3, 3));
        assert_eq!(advance((0, 0), "\n\n"), (2, 0));
    }

    #[test]
    fn sources_are_named_by_the_way_to_them() {
        assert_eq!(source_path("/app/dist/assets", "/app/src/a.ts"), "../../src/a.ts");
        assert_eq!(source_path("/app/dist", "\0virtual:x"), "virtual:x");
    }
}
