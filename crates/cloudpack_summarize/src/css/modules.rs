//! CSS modules: the names that lightningcss scoped -> exports in JavaScript. Every name is an export of its own (a
//! string of class names), so that a rule's names that nobody reads cost nothing; the default export has all of them.

use super::CssOptions;
use crate::value_module::{ValueModule, is_identifier_name, push_string_literal};
use cloudpack_base::{ContentHash, RequestIdx, SymbolIdx};
use lightningcss::css_modules::{Config, CssModuleExports, CssModuleReference, Pattern, Segment};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// lightningcss would hash with the standard library's hasher, whose results may change with the compiler; so only
/// `[local]` is left to it. `Err` is the reason why the pattern is refused.
pub(crate) fn config(options: &CssOptions, relative_id: &str, source: &str) -> Result<Config, String> {
    let text = options.modules_pattern.as_deref().unwrap_or("[hash]_[local]");
    let parsed = Pattern::parse(text).map_err(|error| error.to_string())?;
    if !parsed.segments.contains(&Segment::Local) {
        return Err("the pattern has no `[local]`".to_owned());
    }
    let mut pattern = Pattern { segments: Default::default() };
    for segment in parsed.segments {
        let is_first = pattern.segments.is_empty();
        let literal = match segment {
            Segment::Local | Segment::Literal(_) => {
                pattern.segments.push(segment);
                continue;
            }
            Segment::Name => {
                let file = cloudpack_base::path::basename(cloudpack_base::path::split_query(relative_id).0);
                let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
                stem.chars().map(|character| if character.is_alphanumeric() { character } else { '-' }).collect()
            }
            Segment::Hash => short_hash(relative_id),
            Segment::ContentHash => short_hash(source),
        };
        let literal =
            if is_first && !literal.starts_with(char::is_alphabetic) { format!("_{literal}") } else { literal };
        pattern.segments.push(Segment::Literal(Cow::Owned(literal)));
    }
    // Names of grid lines get `-start` and `-end` behind them.
    let grid = pattern.segments.last() == Some(&Segment::Local);
    Ok(Config { pattern, grid, ..Config::default() })
}

/// Six letters and digits, 35 bits: two modules share it only by chance, and then only equal local names meet.
fn short_hash(text: &str) -> String {
    let hash = ContentHash::of(text.as_bytes()).to_base64url();
    hash.chars().filter(char::is_ascii_alphanumeric).take(6).collect()
}

/// `requests` leads from the specifier of a `composes` to its request.
pub(crate) fn export_names(
    module: &mut ValueModule,
    exports: CssModuleExports,
    requests: &BTreeMap<String, RequestIdx>,
    options: &CssOptions,
) {
    // A hash map until here; sorted by name from now on.
    let exports: BTreeMap<String, _> = exports.into_iter().collect();
    let by_scoped_name: BTreeMap<&str, &str> =
        exports.iter().map(|(name, export)| (export.name.as_str(), name.as_str())).collect();
    let mut properties: Vec<(String, SymbolIdx)> = Vec::new();
    for name in exports.keys() {
        let parts = flatten(name, &exports, &by_scoped_name);
        let mut pieces: Vec<Piece> = Vec::new();
        for part in parts {
            match part {
                Part::Own(text) => match pieces.last_mut() {
                    Some(Piece::Text(known)) => *known = format!("{known} {text}"),
                    _ => pieces.push(Piece::Text(text)),
                },
                Part::Foreign { name, specifier } => {
                    let Some(request) = requests.get(&specifier) else { continue };
                    pieces.push(Piece::Symbol(module.import(*request, &name)));
                }
            }
        }
        let symbol = module.declare(name, None, |out| {
            // `"own names " + imported + " more names"`
            let plus = if options.minify { "+" } else { " + " };
            let count = pieces.len();
            let mut text = String::new();
            let mut is_first = true;
            for (index, piece) in pieces.iter().enumerate() {
                match piece {
                    Piece::Text(piece) => text.push_str(piece),
                    Piece::Symbol(symbol) => {
                        if !text.is_empty() {
                            out.text(if std::mem::take(&mut is_first) { "" } else { plus });
                            push_string_literal(out.buffer(), &text);
                            text.clear();
                        }
                        out.text(if std::mem::take(&mut is_first) { "" } else { plus });
                        out.name(*symbol);
                    }
                }
                if index + 1 < count {
                    text.push(' ');
                }
            }
            if !text.is_empty() || count == 0 {
                out.text(if is_first { "" } else { plus });
                push_string_literal(out.buffer(), &text);
            }
        });
        if name != "default" {
            module.export(name, symbol);
        }
        properties.push((name.clone(), symbol));
    }
    if options.modules_camel_case {
        for (name, symbol) in properties.clone() {
            let alias = camel_case(&name);
            if alias != "default" && !exports.contains_key(&alias) && module.export(&alias, symbol) {
                properties.push((alias, symbol));
            }
        }
    }
    module.declare_default(|out| {
        let (line, separator, end) = if options.minify { ("", ":", "}") } else { ("\n\t", ": ", "\n}") };
        out.text("{");
        for (index, (name, symbol)) in properties.iter().enumerate() {
            out.text(if index > 0 { "," } else { "" });
            out.text(line);
            if name == "__proto__" {
                out.text("[\"__proto__\"]");
            } else if name.is_ascii() && is_identifier_name(name) {
                out.property(name, separator, *symbol);
                continue;
            } else {
                push_string_literal(out.buffer(), name);
            }
            out.text(separator);
            out.name(*symbol);
        }
        out.text(if properties.is_empty() { "}" } else { end });
    });
}

enum Part {
    Own(String),
    Foreign { name: String, specifier: String },
}

enum Piece {
    Text(String),
    Symbol(SymbolIdx),
}

/// A name with all that it composes, in the order of first mention: `.a { composes: b }`, `.b { composes: c }` give
/// `a b c`. Without recursion; a cycle ends where it began.
fn flatten(
    name: &str,
    exports: &BTreeMap<String, lightningcss::css_modules::CssModuleExport>,
    by_scoped_name: &BTreeMap<&str, &str>,
) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut seen: BTreeSet<(String, Option<String>)> = BTreeSet::new();
    let Some(export) = exports.get(name) else { return parts };
    let own = CssModuleReference::Local { name: export.name.clone() };
    let mut rest = vec![&own];
    while let Some(reference) = rest.pop() {
        match reference {
            CssModuleReference::Local { name } => {
                if seen.insert((name.clone(), None)) {
                    parts.push(Part::Own(name.clone()));
                    let local = by_scoped_name.get(name.as_str()).and_then(|local| exports.get(*local));
                    rest.extend(local.into_iter().flat_map(|export| export.composes.iter().rev()));
                }
            }
            CssModuleReference::Global { name } => {
                if seen.insert((name.clone(), None)) {
                    parts.push(Part::Own(name.clone()));
                }
            }
            CssModuleReference::Dependency { name, specifier } => {
                if seen.insert((name.clone(), Some(specifier.clone()))) {
                    parts.push(Part::Foreign { name: name.clone(), specifier: specifier.clone() });
                }
            }
        }
    }
    parts
}

/// `foo-bar` -> `fooBar`, `--x_y` -> `xY`
fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for character in name.chars() {
        if matches!(character, '-' | '_' | ' ') {
            upper = !out.is_empty();
        } else if std::mem::take(&mut upper) {
            out.extend(character.to_uppercase());
        } else {
            out.push(character);
        }
    }
    out
}
