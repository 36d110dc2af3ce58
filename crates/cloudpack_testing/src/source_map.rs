//! Checks that need no second opinion: a map is readable, names sources of the case, stays within their text, and a
//! name it gives stands at the place it points to.

use std::collections::BTreeMap;

use cloudpack_base::path;
use oxc_sourcemap::SourceMap;

use crate::Failure;
use crate::build::Built;
use crate::tree::{Content, Tree};

/// Every `.map` of an output.
pub(crate) fn check(built: &Built, tree: &Tree, output_folder: &str) -> Result<(), Failure> {
    let files: BTreeMap<&str, &[u8]> =
        built.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    for (name, bytes) in &files {
        let Some(code_name) = name.strip_suffix(".map") else { continue };
        let code = files.get(code_name).ok_or_else(|| format!("{name} belongs to no file"))?;
        let text = std::str::from_utf8(bytes).map_err(|error| format!("{name}: {error}"))?;
        let map = SourceMap::from_json_string(text).map_err(|error| format!("{name}: {error}"))?;
        let folder = path::join(&format!("/{output_folder}"), path::dirname(name));
        check_map(&map, &String::from_utf8_lossy(code), tree, &folder).map_err(|fault| format!("{name}: {fault}"))?;
    }
    Ok(())
}

fn check_map(map: &SourceMap, code: &str, tree: &Tree, folder: &str) -> Result<(), Failure> {
    let code: Vec<Vec<u16>> = lines(code);
    let mut sources = Vec::new();
    for (id, source) in map.get_sources().enumerate() {
        let content = map.get_source_content(id as u32).ok_or_else(|| format!("{source} has no content"))?;
        let at = path::join(folder, source);
        let file = tree.entries.get(at.trim_start_matches('/'));
        // Of a virtual module there is no file to compare with. A byte order mark is not part of the text.
        if let Some(Content::File(bytes)) = file {
            let text = String::from_utf8_lossy(bytes);
            if text.trim_start_matches('\u{feff}') != content.trim_start_matches('\u{feff}') {
                return Err(format!("the content of {source} is not that of {at}"));
            }
        }
        sources.push((source.to_string(), lines(content)));
    }
    for token in map.get_tokens() {
        let to = (token.get_dst_line() as usize, token.get_dst_col() as usize);
        if code.get(to.0).is_none_or(|line| to.1 > line.len()) {
            return Err(format!("{to:?} lies outside of the output"));
        }
        let Some((source, text)) = token.get_source_id().and_then(|id| sources.get(id as usize)) else { continue };
        let from = (token.get_src_line() as usize, token.get_src_col() as usize);
        let Some(rest) = text.get(from.0).and_then(|line| line.get(from.1..)) else {
            return Err(format!("{from:?} lies outside of {source}"));
        };
        if let Some(name) = token.get_name_id().and_then(|id| map.get_name(id)) {
            let name: Vec<u16> = name.encode_utf16().collect();
            // An escaped identifier is named without its escape.
            if !rest.starts_with(&name) && !rest.iter().take(name.len()).any(|unit| *unit == u16::from(b'\\')) {
                let name = String::from_utf16_lossy(&name);
                return Err(format!("{name} does not stand at {from:?} of {source}"));
            }
        }
    }
    Ok(())
}

/// Lines in UTF-16, as positions in maps count. The line ends are those of ECMA-426: LF, CR, CRLF, LS, PS.
fn lines(text: &str) -> Vec<Vec<u16>> {
    let mut lines = vec![Vec::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let ends = matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}');
        if character == '\r' && characters.peek() == Some(&'\n') {
            continue;
        }
        if ends {
            lines.push(Vec::new());
        } else if let Some(line) = lines.last_mut() {
            line.extend_from_slice(character.encode_utf16(&mut [0; 2]));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(map: &str) -> Result<(), Failure> {
        let mut tree = Tree::default();
        tree.entries.insert("a.js".to_owned(), Content::File(b"let name = 1\n".to_vec()));
        let files =
            vec![("out.js".to_owned(), b"let n=1\n".to_vec()), ("out.js.map".to_owned(), map.as_bytes().to_vec())];
        check(&Built { files, ..Built::default() }, &tree, "dist")
    }

    fn map(mappings: &str, name: &str) -> String {
        format!(
            r#"{{"version":3,"sources":["../a.js"],"sourcesContent":["let name = 1\n"],"names":["{name}"],"mappings":"{mappings}"}}"#
        )
    }

    #[test]
    fn a_map_that_points_beside_its_source_is_found() {
        // `n` at 0:4 of the output is `name` at 0:4 of the source.
        assert_eq!(check_text(&map("IAAIA", "name")), Ok(()));
        assert!(check_text(&map("IAAKA", "name")).is_err());
        assert!(check_text(&map("IAAIA", "other")).is_err());
        assert!(check_text(&map("oCAAIA", "name")).is_err());
    }
}
