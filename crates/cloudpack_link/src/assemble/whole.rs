//! The pass over a whole chunk (`LinkInput::pass`): its code goes in, between what the user added before and after it, and
//! what comes out takes its place. Directives go through the pass, which may depend on them, and stay in front of the banner.

use super::Head;
use crate::file_names::Placeholders;
use crate::hashing::content_key;
use crate::input::{ChunkPass, PassedText};
use crate::output::{Passed, RenderedChunk};
use crate::source_map::{Position, advance};
use oxc_sourcemap::{SourceMap, Token};

/// Where the pass has nothing to say, or loses a directive, the chunk stays as it is. Cost: that of the pass.
pub(super) fn pass_over(
    pass: &dyn ChunkPass,
    chunk: &mut RenderedChunk,
    head: &Head,
    footer: usize,
    with_map: bool,
    placeholders: Placeholders,
) {
    let part = |from: usize, to: usize| chunk.code.get(from..to).unwrap_or_default();
    let (hashbang, directives) = (part(0, head.hashbang), part(head.hashbang, head.directives));
    let (banner, after) = (part(head.directives, head.banner), part(footer, chunk.code.len()));
    // Blanks in place of what does not take part, so that places in the text stay what they are.
    let mut text = blank(hashbang);
    text.push_str(directives);
    text.push_str(&blank(banner));
    text.push_str(part(head.banner, footer));
    let Some(PassedText { code: made, map, key }) = pass.run(&chunk.preliminary_file_name, &text, &[banner, after])
    else {
        return;
    };
    let Some(rest) = made.strip_prefix(directives) else { return };
    let map = map.map(|map| SourceMap::from_json_string(&map).map(SourceMap::into_owned));
    let map = match map {
        Some(Ok(map)) if with_map => Some(map),
        _ if with_map => return,
        _ => None,
    };
    let mut code = String::with_capacity(made.len() + banner.len() + after.len() + hashbang.len() + 1);
    for text in [hashbang, directives, banner] {
        code.push_str(text);
    }
    let map = map.map(|map| moved(&map, advance((0, 0), directives), advance((0, 0), &code)));
    code.push_str(rest);
    if !after.is_empty() && !code.ends_with('\n') {
        code.push('\n');
    }
    code.push_str(after);
    chunk.key = content_key(placeholders, [code.as_str()]);
    let before = std::mem::replace(&mut chunk.code, code);
    chunk.passed = Some(Passed { before: map.map(|map| (before, map)), key });
}

fn blank(text: &str) -> String {
    // A blank for each UTF-16 unit: columns of maps count these.
    let blank = |character: char| match character {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => character.to_string(),
        other => " ".repeat(other.len_utf16()),
    };
    text.chars().map(blank).collect()
}

/// The map where the text from `from` on begins at `to`.
fn moved(map: &SourceMap<'static>, from: Position, to: Position) -> SourceMap<'static> {
    let place = |token: Token| {
        let (line, column) = (token.get_dst_line(), token.get_dst_col());
        let (line, column) = match line.checked_sub(from.0)? {
            0 => (to.0, to.1 + column.checked_sub(from.1)?),
            below => (to.0 + below, column),
        };
        let (source, name) = (token.get_source_id(), token.get_name_id());
        Some(Token::new(line, column, token.get_src_line(), token.get_src_col(), source, name))
    };
    let tokens: Vec<Token> = map.get_tokens().filter_map(place).collect();
    let mut parts = map.clone().into_parts();
    parts.tokens = tokens.into_boxed_slice();
    SourceMap::from_parts(parts)
}
