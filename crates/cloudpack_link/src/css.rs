//! The style sheet of a chunk from its sheets in cascade order: conditions of the `@import` rules that led to each
//! become blocks around it, imports that stay external go to the top, URLs go to their places.
//!
//! ```css
//! /* main.css: @import "a.css" layer(x) print;   a.css: @import "b.css"; */
//! @media print { @layer x { ...b.css... ...a.css... } }
//! ```

use cloudpack_base::{ModuleIdx, RequestIdx};
use cloudpack_object::{CssImportConditions, CssObject};
use std::borrow::Cow;

#[derive(Clone, Debug)]
pub struct CssPiece<'a> {
    pub content: CssContent<'a>,
    /// All `@import` rules on the way to it, outermost first.
    pub rules: Vec<CssRule<'a>>,
}

#[derive(Clone, Debug)]
pub enum CssContent<'a> {
    Sheet {
        object: &'a CssObject,
        /// Parallel to the object's relocations, as they shall stand in the file but for escapes.
        urls: Vec<Cow<'a, str>>,
    },
    /// The URL of a sheet that is not part of the build, as its rule wrote it.
    External(&'a str),
}

/// One `@import` rule. Sheets reached through the same rule share its block: an anonymous layer is a new one each time
/// it is written.
#[derive(Clone, Copy, Debug)]
pub struct CssRule<'a> {
    pub place: (ModuleIdx, RequestIdx),
    pub conditions: &'a CssImportConditions,
}

/// A `data:` sheet that holds nothing but an `@layer` statement; the summariser makes it of one that stands before
/// imports, because its place between the imported sheets is what it means. A fragment keeps those of two sheets apart.
const LAYER_SHEET: &str = "data:text/css,@layer";

/// The text of the style sheet. Cost: one copy of the sheets; indented blocks are copied once a level.
pub fn link_css(pieces: &[CssPiece<'_>], minify: bool) -> String {
    let mut linker = CssLinker { out: String::new(), open: Vec::new(), minify };
    // `@import` is valid only before all rules but `@layer` statements, so those above the last one go up with it.
    let last_import = pieces.iter().rposition(|piece| is_real_import(piece)).map_or(0, |last| last + 1);
    for piece in pieces.iter().take(last_import) {
        match &piece.content {
            CssContent::External(url) if is_real_import(piece) => linker.import(url, &piece.rules),
            CssContent::External(url) if rules_with_conditions(piece).next().is_none() => linker.layers(url),
            _ => {}
        }
    }
    for (index, piece) in pieces.iter().enumerate() {
        let is_free_layer = rules_with_conditions(piece).next().is_none();
        match &piece.content {
            CssContent::External(_) if is_real_import(piece) || is_free_layer && index < last_import => {}
            CssContent::External(url) => {
                linker.enter(piece);
                linker.layers(url);
            }
            CssContent::Sheet { object, urls } => {
                let makes_layer = piece.rules.iter().any(|rule| rule.conditions.layer.is_some());
                if !object.text.is_empty() || makes_layer {
                    linker.enter(piece);
                    linker.sheet(object, urls);
                }
            }
        }
    }
    linker.leave_to(0);
    let mut out = linker.out;
    if !out.is_ascii() {
        out.insert_str(0, if minify { "@charset \"UTF-8\";" } else { "@charset \"UTF-8\";\n" });
    }
    out
}

fn is_real_import(piece: &CssPiece<'_>) -> bool {
    matches!(piece.content, CssContent::External(url) if !url.starts_with(LAYER_SHEET))
}

fn rules_with_conditions<'p, 'a>(piece: &'p CssPiece<'a>) -> impl DoubleEndedIterator<Item = CssRule<'a>> + 'p {
    piece.rules.iter().copied().filter(|rule| !rule.conditions.is_empty())
}

struct CssLinker<'a> {
    out: String,
    /// The rules whose blocks are open, with the place in `out` where the block's content starts.
    open: Vec<(CssRule<'a>, usize)>,
    minify: bool,
}

impl<'a> CssLinker<'a> {
    fn line(&mut self) {
        if !self.minify && !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// `@import "x" layer(a) print;`. Conditions of several rules cannot stand in one, so the outer ones import a
    /// `data:` sheet that holds the inner rule.
    fn import(&mut self, url: &str, rules: &[CssRule<'_>]) {
        let mut rules = rules.iter().filter(|rule| !rule.conditions.is_empty()).rev();
        let mut rule = import_rule(url, rules.next().map(|rule| rule.conditions));
        for outer in rules {
            let sheet = format!("data:text/css,{}", percent_encode(&rule));
            rule = import_rule(&sheet, Some(outer.conditions));
        }
        self.out.push_str(&rule);
        self.line();
    }

    fn layers(&mut self, url: &str) {
        let names = url.get(LAYER_SHEET.len()..).unwrap_or("");
        let names = percent_decode(names.split('#').next().unwrap_or(""));
        self.out.push_str("@layer");
        self.out.push_str(names.trim_end_matches(['\n', ';']));
        self.out.push(';');
        self.line();
    }

    /// Closes the blocks that the piece is not in and opens those that it is.
    fn enter(&mut self, piece: &CssPiece<'a>) {
        let wanted: Vec<CssRule<'a>> = rules_with_conditions(piece).collect();
        let shared = self.open.iter().zip(&wanted).take_while(|((open, _), wanted)| open.place == wanted.place).count();
        self.leave_to(shared);
        for rule in wanted.into_iter().skip(shared) {
            let heads: Vec<String> = block_heads(rule.conditions).collect();
            self.out.push_str(&heads.join(if self.minify { "{" } else { " { " }));
            self.out.push_str(if self.minify { "{" } else { " {\n" });
            self.open.push((rule, self.out.len()));
        }
    }

    fn leave_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some((rule, start)) = self.open.pop() else { return };
            let blocks = block_heads(rule.conditions).count();
            if !self.minify {
                indent(&mut self.out, start);
            }
            for _ in 0..blocks {
                self.out.push('}');
            }
            self.line();
        }
    }

    fn sheet(&mut self, object: &CssObject, urls: &[Cow<'_, str>]) {
        let text = object.text.as_str();
        let mut at = 0;
        for (index, relocation) in object.relocations.iter().enumerate() {
            let offset = relocation.offset as usize;
            self.out.push_str(text.get(at..offset).unwrap_or(""));
            at = offset;
            let url = urls.get(index).map_or("", |url| url);
            // The text has `url("` and `")`. When nothing in the URL needs them, quotes are bytes for nothing.
            let rest = text.get(offset..).unwrap_or("");
            let suffix = rest.find('"').and_then(|end| rest.get(..end)).filter(|_| self.minify);
            match suffix {
                Some(suffix)
                    if self.out.ends_with("url(\"")
                        && rest.get(suffix.len()..).is_some_and(|rest| rest.starts_with("\")"))
                        && !url.is_empty()
                        && needs_no_quotes(url)
                        && needs_no_quotes(suffix) =>
                {
                    self.out.pop();
                    self.out.push_str(url);
                    self.out.push_str(suffix);
                    at = offset + suffix.len() + 1;
                }
                _ => push_escaped(&mut self.out, url),
            }
        }
        self.out.push_str(text.get(at..).unwrap_or(""));
        self.line();
    }
}

/// `@media`, `@supports`, `@layer`: the rule applies where all hold, in whatever order they are nested.
fn block_heads(conditions: &CssImportConditions) -> impl Iterator<Item = String> {
    let media = conditions.media.as_ref().map(|media| format!("@media {media}"));
    let supports = conditions.supports.as_ref().map(|supports| format!("@supports {supports}"));
    let layer = conditions.layer.as_ref().map(|layer| match &**layer {
        "" => "@layer".to_owned(),
        layer => format!("@layer {layer}"),
    });
    [media, supports, layer].into_iter().flatten()
}

fn import_rule(url: &str, conditions: Option<&CssImportConditions>) -> String {
    let mut rule = String::from("@import \"");
    push_escaped(&mut rule, url);
    rule.push('"');
    if let Some(conditions) = conditions {
        match conditions.layer.as_deref() {
            Some("") => rule.push_str(" layer"),
            Some(layer) => rule.push_str(&format!(" layer({layer})")),
            None => {}
        }
        if let Some(supports) = &conditions.supports {
            rule.push_str(&format!(" supports({supports})"));
        }
        if let Some(media) = &conditions.media {
            rule.push_str(&format!(" {media}"));
        }
    }
    rule.push(';');
    rule
}

/// Two spaces before every line from `start` on.
fn indent(out: &mut String, start: usize) {
    let block = out.split_off(start);
    for line in block.lines() {
        if !line.is_empty() {
            out.push_str("  ");
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// What an unquoted `url()` may hold as it is.
fn needs_no_quotes(text: &str) -> bool {
    text.bytes().all(|byte| !matches!(byte, b'"' | b'\'' | b'(' | b')' | b'\\' | 0..=b' ' | 0x7F))
}

/// For the inside of a double-quoted CSS string.
fn push_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '\n' | '\r' | '\x0C' => out.push_str(&format!("\\{:x} ", u32::from(character))),
            _ => out.push(character),
        }
    }
}

/// Keeps what a `data:` URL in quotes may hold, so that the rule stays readable.
fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b'/'
            | b':'
            | b'@'
            | b';'
            | b','
            | b'('
            | b')' => {
                out.push(byte.into());
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = rest.by_ref().take(2).filter_map(|digit| char::from(digit).to_digit(16));
        bytes.push(digits.fold(0, |value, digit| value * 16 + digit) as u8);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudpack_object::{Relocation, RelocationKind};

    fn object(text: &str) -> CssObject {
        let mut object = CssObject::default();
        for (index, part) in text.split("<>").enumerate() {
            if index > 0 {
                let offset = object.text.len() as u32;
                object.relocations.push(Relocation { offset, covers: 0, kind: RelocationKind::Url, target: 0 });
            }
            object.text.push_str(part);
        }
        object
    }
    fn conditions(layer: Option<&str>, supports: Option<&str>, media: Option<&str>) -> CssImportConditions {
        CssImportConditions {
            layer: layer.map(Box::from),
            supports: supports.map(Box::from),
            media: media.map(Box::from),
        }
    }
    fn rule(number: u32, conditions: &CssImportConditions) -> CssRule<'_> {
        CssRule { place: (ModuleIdx(number), RequestIdx(0)), conditions }
    }
    fn sheet<'a>(object: &'a CssObject, rules: &[CssRule<'a>]) -> CssPiece<'a> {
        let urls = object.relocations.iter().map(|_| Cow::Borrowed("/x.png")).collect();
        CssPiece { content: CssContent::Sheet { object, urls }, rules: rules.to_vec() }
    }
    fn external<'a>(url: &'a str, rules: &[CssRule<'a>]) -> CssPiece<'a> {
        CssPiece { content: CssContent::External(url), rules: rules.to_vec() }
    }

    #[test]
    fn sheets_follow_each_other_in_order() {
        let (a, b) = (object("a{b:c}"), object("d{e:f}\n"));
        assert_eq!(link_css(&[sheet(&a, &[]), sheet(&b, &[])], false), "a{b:c}\nd{e:f}\n");
        let b = object("d{e:f}");
        assert_eq!(link_css(&[sheet(&a, &[]), sheet(&b, &[])], true), "a{b:c}d{e:f}");
        assert_eq!(link_css(&[], true), "");
        assert_eq!(link_css(&[sheet(&object(""), &[])], false), "");
    }

    #[test]
    fn urls_are_quoted_where_they_must_be() {
        let text = object("a{b:url(\"<>\");c:url(\"<>?#iefix\")}");
        let link = |urls: [&'static str; 2], minify| {
            let urls = urls.map(Cow::Borrowed).to_vec();
            link_css(&[CssPiece { content: CssContent::Sheet { object: &text, urls }, rules: Vec::new() }], minify)
        };
        assert_eq!(link(["/x.png", "y"], true), "a{b:url(/x.png);c:url(y?#iefix)}");
        assert_eq!(link(["/x.png", "y"], false), "a{b:url(\"/x.png\");c:url(\"y?#iefix\")}\n");
        assert_eq!(link(["a b'", "\"\\\n"], true), "a{b:url(\"a b'\");c:url(\"\\\"\\\\\\a ?#iefix\")}");
        assert_eq!(link(["", "data:x,(1)"], true), "a{b:url(\"\");c:url(\"data:x,(1)?#iefix\")}");
        let set = object("a{b:image-set(\"<>\" 1x)}");
        assert_eq!(link_css(&[sheet(&set, &[])], true), "a{b:image-set(\"/x.png\" 1x)}");
    }

    #[test]
    fn conditions_become_blocks_that_neighbours_share() {
        let (outer, inner, none) = (
            conditions(Some(""), None, Some("print")),
            conditions(None, Some("(a:b)"), None),
            conditions(None, None, None),
        );
        let (a, b, c) = (object("a{}"), object("b{}"), object("c{}"));
        let pieces = [
            sheet(&a, &[rule(1, &outer), rule(2, &inner)]),
            sheet(&b, &[rule(1, &outer), rule(3, &none)]),
            sheet(&c, &[]),
        ];
        assert_eq!(link_css(&pieces, true), "@media print{@layer{@supports (a:b){a{}}b{}}}c{}");
        assert_eq!(
            link_css(&[sheet(&a, &[rule(1, &inner)]), sheet(&c, &[])], false),
            "@supports (a:b) {\n  a{}\n}\nc{}\n"
        );
        // Another rule with equal conditions is another anonymous layer.
        let layer = conditions(Some(""), None, None);
        assert_eq!(
            link_css(&[sheet(&a, &[rule(1, &layer)]), sheet(&b, &[rule(2, &layer)])], true),
            "@layer{a{}}@layer{b{}}"
        );
    }

    #[test]
    fn an_empty_sheet_in_a_layer_still_places_the_layer() {
        let empty = object("");
        let (layer, media) = (conditions(Some("x"), None, None), conditions(None, None, Some("print")));
        assert_eq!(
            link_css(&[sheet(&empty, &[rule(1, &layer)]), sheet(&empty, &[rule(2, &media)])], true),
            "@layer x{}"
        );
    }

    #[test]
    fn external_imports_go_to_the_top_with_their_conditions() {
        let (layer, print) =
            (conditions(Some("x.y"), Some("(a:b)"), Some("screen")), conditions(None, None, Some("print")));
        let a = object("a{}");
        let pieces = [sheet(&a, &[]), external("https://f/\"", &[]), external("//g", &[rule(1, &layer)])];
        assert_eq!(
            link_css(&pieces, true),
            "@import \"https://f/\\\"\";@import \"//g\" layer(x.y) supports((a:b)) screen;a{}"
        );
        let nested = [external("//g", &[rule(1, &print), rule(2, &layer)])];
        assert_eq!(
            link_css(&nested, false),
            "@import \"data:text/css,@import%20%22//g%22%20layer(x.y)%20supports((a:b))%20screen;\" print;\n"
        );
    }

    #[test]
    fn a_layer_order_stands_between_the_sheets_it_stood_between() {
        let (a, b) = (object("a{}"), object("b{}"));
        let order = "data:text/css,@layer%20x%2Cy%3B#0123456789abcdef";
        assert_eq!(link_css(&[sheet(&a, &[]), external(order, &[]), sheet(&b, &[])], true), "a{}@layer x,y;b{}");
        assert_eq!(
            link_css(&[external(order, &[]), sheet(&a, &[]), external("//g", &[])], true),
            "@layer x,y;@import \"//g\";a{}"
        );
        let print = conditions(None, None, Some("print"));
        let in_print = external(order, &[rule(1, &print)]);
        assert_eq!(link_css(&[in_print, external("//g", &[])], true), "@import \"//g\";@media print{@layer x,y;}");
    }

    #[test]
    fn the_encoding_is_named_when_it_matters() {
        let object = object("a{content:\"é\"}");
        assert_eq!(link_css(&[sheet(&object, &[])], true), "@charset \"UTF-8\";a{content:\"é\"}");
    }
}
