//! A document of the output: its text with URLs in their places and the tags of what was built for it.

use cloudpack_object::{HtmlObject, RelocationKind};
use std::borrow::Cow;

/// What was built for a document, as URLs. Written in this order: import map, scripts, preloads, style sheets.
#[derive(Clone, Debug, Default)]
pub struct HtmlTags<'a> {
    /// JSON text; before all scripts, as a script that came first would be resolved without it.
    pub import_map: Option<String>,
    /// Chunks to run.
    pub scripts: Vec<Cow<'a, str>>,
    /// Chunks that the scripts import statically.
    pub preloads: Vec<Cow<'a, str>>,
    pub style_sheets: Vec<Cow<'a, str>>,
    /// Not modules but classic scripts (format `iife`), run after the document is read all the same.
    pub classic: bool,
}

/// `urls` is parallel to the object's relocations; what stands at the place of the tags is not read.
/// Cost: one copy of the text.
pub fn link_html(object: &HtmlObject, urls: &[Cow<'_, str>], tags: &HtmlTags<'_>) -> String {
    let text = object.text.as_str();
    let mut out = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for (index, relocation) in object.relocations.iter().enumerate() {
        let offset = relocation.offset as usize;
        match relocation.kind {
            RelocationKind::HtmlTags => {
                out.push_str(text.get(at..offset).unwrap_or(""));
                push_tags(&mut out, tags, text.get(offset..).unwrap_or(""));
            }
            _ => {
                out.push_str(text.get(at..offset).unwrap_or(""));
                let url = urls.get(index).map_or("", |url| url);
                // `url("` with a real quote stands in `<style>`, whose text knows no character references.
                let is_css = out.strip_suffix('"').is_some_and(|before| before.trim_ascii_end().ends_with('('));
                if is_css { push_css(&mut out, url) } else { push_attribute(&mut out, url) }
            }
        }
        at = offset;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

/// One tag a line, as deep as what stands around them.
fn push_tags(out: &mut String, tags: &HtmlTags<'_>, rest: &str) {
    let lines = tag_texts(tags);
    let line_start = out.rfind('\n').map_or(0, |at| at + 1);
    let before = out.get(line_start..).unwrap_or("").to_owned();
    let is_blank = before.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
    let takes_line = rest.is_empty() || rest.starts_with(['\n', '\r']);
    let has_lines = out.contains('\n') || rest.contains('\n');
    for (index, line) in lines.iter().enumerate() {
        if is_blank && takes_line {
            // The line of a script that was taken out: `    |\n`
            if index > 0 {
                out.push('\n');
                out.push_str(&before);
            }
            out.push_str(line);
        } else if is_blank && has_lines {
            // Before `  </head>`: one level deeper, then its indent again.
            out.push_str("  ");
            out.push_str(line);
            out.push('\n');
            out.push_str(&before);
        } else {
            out.push_str(line);
            if has_lines {
                out.push('\n');
            }
        }
    }
}

fn tag_texts(tags: &HtmlTags<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(tags.import_map.iter().map(|map| format!("<script type=\"importmap\">{map}</script>")));
    for url in &tags.scripts {
        let head = if tags.classic { "<script defer src=\"" } else { "<script type=\"module\" crossorigin src=\"" };
        lines.push(tag(head, url, "\"></script>"));
    }
    for url in &tags.preloads {
        lines.push(tag("<link rel=\"modulepreload\" crossorigin href=\"", url, "\">"));
    }
    for url in &tags.style_sheets {
        lines.push(tag("<link rel=\"stylesheet\" crossorigin href=\"", url, "\">"));
    }
    lines
}

fn tag(head: &str, url: &str, tail: &str) -> String {
    let mut out = head.to_owned();
    push_attribute(&mut out, url);
    out.push_str(tail);
    out
}

/// For a double-quoted string of a style sheet in a document.
fn push_css(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("%22"),
            '<' => out.push_str("%3C"),
            '\\' => out.push_str("%5C"),
            '\n' | '\r' => {}
            _ => out.push(character),
        }
    }
}

/// For the inside of a double-quoted attribute.
fn push_attribute(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudpack_object::Relocation;

    /// `<T>` is the place of the tags, `<U>` that of a URL.
    fn object(text: &str) -> HtmlObject {
        let mut object = HtmlObject::default();
        let mut rest = text;
        while let Some(at) = rest.find("<T>").into_iter().chain(rest.find("<U>")).min() {
            object.text.push_str(&rest[..at]);
            let kind = if rest[at..].starts_with("<T>") { RelocationKind::HtmlTags } else { RelocationKind::Url };
            object.relocations.push(Relocation { offset: object.text.len() as u32, covers: 0, kind, target: 0 });
            rest = &rest[at + 3..];
        }
        object.text.push_str(rest);
        object
    }
    fn tags() -> HtmlTags<'static> {
        HtmlTags {
            import_map: None,
            scripts: vec!["/m.js".into()],
            preloads: vec!["/p.js".into()],
            style_sheets: vec!["/s.css".into()],
            classic: false,
        }
    }
    const SCRIPT: &str = "<script type=\"module\" crossorigin src=\"/m.js\"></script>";
    const PRELOAD: &str = "<link rel=\"modulepreload\" crossorigin href=\"/p.js\">";
    const STYLE: &str = "<link rel=\"stylesheet\" crossorigin href=\"/s.css\">";

    #[test]
    fn tags_take_the_line_of_the_script_they_replace() {
        let text = link_html(&object("<head>\n    <T>\n  </head>"), &[], &tags());
        assert_eq!(text, format!("<head>\n    {SCRIPT}\n    {PRELOAD}\n    {STYLE}\n  </head>"));
    }

    #[test]
    fn tags_before_the_end_of_the_head_are_indented() {
        let text = link_html(&object("<head>\n  <T></head>\n"), &[], &tags());
        assert_eq!(text, format!("<head>\n    {SCRIPT}\n    {PRELOAD}\n    {STYLE}\n  </head>\n"));
        assert_eq!(
            link_html(&object("<head><T></head>"), &[], &tags()),
            format!("<head>{SCRIPT}{PRELOAD}{STYLE}</head>")
        );
        assert_eq!(link_html(&object("<T>"), &[], &HtmlTags::default()), "");
    }

    #[test]
    fn urls_are_escaped_for_their_attribute() {
        let text = link_html(
            &object("<T><img src=\"<U>#x\"><img src=\"<U>\">"),
            &["".into(), "/a&b\".png".into(), "data:,<'".into()],
            &HtmlTags::default(),
        );
        assert_eq!(text, "<img src=\"/a&amp;b&quot;.png#x\"><img src=\"data:,&lt;'\">");
    }

    #[test]
    fn urls_in_style_elements_know_no_character_references() {
        let text = link_html(
            &object("<T><style>a{b:url( \"<U>?c\" )}</style>"),
            &["".into(), "/a&b<\".png".into()],
            &HtmlTags::default(),
        );
        assert_eq!(text, "<style>a{b:url( \"/a&b%3C%22.png?c\" )}</style>");
    }

    #[test]
    fn classic_scripts_wait_for_the_document() {
        let tags = HtmlTags { scripts: vec!["/i.js".into()], classic: true, ..HtmlTags::default() };
        assert_eq!(link_html(&object("<T>"), &[], &tags), "<script defer src=\"/i.js\"></script>");
    }
}
