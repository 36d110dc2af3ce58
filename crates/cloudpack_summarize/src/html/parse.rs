//! A document -> its tags in source order with the byte ranges of everything that may be spliced. The tokens are
//! html5gum's, which follows the standard's state machine; what a tree builder would tell it (that `<style/>` inside
//! `<svg>` opens no raw text) is followed here with a stack of namespaces.

use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, State, Tokenizer};
use std::ops::Range;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum HtmlTag {
    Doctype { end: usize },
    Start(StartTag),
    End { name: String, range: Range<usize> },
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct StartTag {
    /// In lower case.
    pub(super) name: String,
    /// `<p a="b">`
    pub(super) range: Range<usize>,
    /// Of repeated names the first, as the standard says.
    pub(super) attributes: Vec<Attribute>,
    /// In SVG or MathML.
    pub(super) is_foreign: bool,
    /// Contents of `<template>` belong to no document until a script says so.
    pub(super) in_template: bool,
    pub(super) in_noscript: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    /// In lower case.
    pub(super) name: String,
    /// Character references resolved.
    pub(super) value: String,
    /// The value with its quotes, if any; empty at the name's end when there is no value.
    pub(super) range: Range<usize>,
}

impl StartTag {
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.attribute(name).map(|attribute| attribute.value.as_str())
    }
}

/// A tag that the end of the document cuts off is no tag. Cost: linear in `source`.
pub(super) fn parse_tags(source: &str) -> Vec<HtmlTag> {
    let collector = Collector { source, ..Collector::default() };
    let emitter = DocumentEmitter { inner: CallbackEmitter::new(collector) };
    let mut tags = Vec::new();
    for tag in Tokenizer::new_with_emitter(source, emitter) {
        match tag {
            Ok(tag) => tags.push(tag),
            Err(never) => match never {},
        }
    }
    tags
}

struct DocumentEmitter<'a> {
    inner: CallbackEmitter<Collector<'a>, HtmlTag, usize>,
}

impl ForwardingEmitter for DocumentEmitter<'_> {
    type Token = HtmlTag;

    fn inner(&mut self) -> &mut impl Emitter<Token = HtmlTag> {
        &mut self.inner
    }
    fn emit_current_tag(&mut self) -> Option<State> {
        let _ = self.inner.emit_current_tag();
        self.inner.callback_mut().next_state.take()
    }
    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.inner.callback_mut().is_foreign()
    }
    fn should_emit_errors(&mut self) -> bool {
        false
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Svg,
    MathMl,
    /// HTML again, inside of `<foreignObject>` and the like.
    Html,
}

#[derive(Default)]
struct Collector<'a> {
    source: &'a str,
    current: Option<StartTag>,
    next_state: Option<State>,
    /// Elements that change the namespace, outermost first.
    open: Vec<(Namespace, String)>,
    templates: usize,
    noscripts: usize,
}

impl Callback<HtmlTag, usize> for Collector<'_> {
    fn handle_event(&mut self, event: CallbackEvent<'_>, span: Span<usize>) -> Option<HtmlTag> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match event {
            CallbackEvent::OpenStartTag { name } => {
                let range = span.start..span.start;
                self.current = Some(StartTag { name: text(name), range, ..StartTag::default() });
            }
            CallbackEvent::AttributeName { name } => {
                if let Some(tag) = &mut self.current {
                    let range = span.end..span.end;
                    tag.attributes.push(Attribute { name: text(name), value: String::new(), range });
                }
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some(attribute) = self.current.as_mut().and_then(|tag| tag.attributes.last_mut()) {
                    attribute.value = text(value);
                    attribute.range = value_range(self.source, span.start, &attribute.value);
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(mut tag) = self.current.take() {
                    tag.range.end = span.end;
                    self.open_element(&mut tag, self_closing);
                    let mut seen = std::collections::BTreeSet::new();
                    tag.attributes.retain(|attribute| seen.insert(attribute.name.clone()));
                    return Some(HtmlTag::Start(tag));
                }
            }
            CallbackEvent::EndTag { name } => {
                let name = text(name);
                self.close_element(&name);
                return Some(HtmlTag::End { name, range: span.start..span.end });
            }
            CallbackEvent::Doctype { .. } => return Some(HtmlTag::Doctype { end: span.end }),
            CallbackEvent::String { .. } | CallbackEvent::Comment { .. } | CallbackEvent::Error(_) => {}
        }
        None
    }
}

impl Collector<'_> {
    fn is_foreign(&self) -> bool {
        matches!(self.open.last(), Some((Namespace::Svg | Namespace::MathMl, _)))
    }

    fn open_element(&mut self, tag: &mut StartTag, self_closing: bool) {
        if self.is_foreign() && leaves_foreign_content(&tag.name) {
            self.leave_foreign_content();
        }
        tag.in_template = self.templates > 0;
        tag.in_noscript = self.noscripts > 0;
        let name = tag.name.as_str();
        let enclosing = self.open.last().map(|(namespace, _)| *namespace).filter(|_| self.is_foreign());
        let entered = match (enclosing, name) {
            (_, "svg") => Some(Namespace::Svg),
            (_, "math") => Some(Namespace::MathMl),
            (Some(Namespace::Svg), "foreignobject" | "desc" | "title") => Some(Namespace::Html),
            (Some(Namespace::MathMl), "mi" | "mo" | "mn" | "ms" | "mtext") => Some(Namespace::Html),
            (Some(Namespace::MathMl), "annotation-xml") => tag
                .value("encoding")
                .filter(|encoding| {
                    encoding.eq_ignore_ascii_case("text/html") || encoding.eq_ignore_ascii_case("application/xhtml+xml")
                })
                .map(|_| Namespace::Html),
            _ => None,
        };
        tag.is_foreign = enclosing.is_some() || matches!(entered, Some(Namespace::Svg | Namespace::MathMl));
        if let Some(namespace) = entered
            && !self_closing
        {
            self.open.push((namespace, name.to_owned()));
        }
        if tag.is_foreign {
            return;
        }
        match name {
            "template" => self.templates += 1,
            "noscript" => self.noscripts += 1,
            _ => {}
        }
        self.next_state = match name {
            "textarea" | "title" => Some(State::RcData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(State::RawText),
            "script" => Some(State::ScriptData),
            "plaintext" => Some(State::PlainText),
            _ => None,
        };
    }

    fn close_element(&mut self, name: &str) {
        match self.open.iter().rposition(|(_, open)| open == name) {
            Some(at) => self.open.truncate(at),
            None if self.is_foreign() && leaves_foreign_content(name) => self.leave_foreign_content(),
            None => {}
        }
        if !self.is_foreign() {
            match name {
                "template" => self.templates = self.templates.saturating_sub(1),
                "noscript" => self.noscripts = self.noscripts.saturating_sub(1),
                _ => {}
            }
        }
    }

    fn leave_foreign_content(&mut self) {
        while self.is_foreign() {
            self.open.pop();
        }
    }
}

/// Tags that end SVG and MathML wherever they appear (HTML 13.2.6.5), and sectioning ones that can only mean that
/// somebody forgot `</svg>`.
fn leaves_foreign_content(name: &str) -> bool {
    matches!(
        name,
        "b" | "big"
            | "blockquote"
            | "body"
            | "br"
            | "center"
            | "code"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "em"
            | "embed"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "head"
            | "hr"
            | "html"
            | "i"
            | "img"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "meta"
            | "nobr"
            | "ol"
            | "p"
            | "pre"
            | "ruby"
            | "s"
            | "section"
            | "small"
            | "span"
            | "strong"
            | "strike"
            | "sub"
            | "sup"
            | "table"
            | "tt"
            | "u"
            | "ul"
            | "var"
    )
}

/// The bytes of a value that starts at `start`, with its quotes. A value that cannot be found again in the text gets
/// an empty range at its place, and nobody will splice it.
fn value_range(source: &str, start: usize, value: &str) -> Range<usize> {
    let bytes = source.as_bytes();
    let rest = bytes.get(start..).unwrap_or_default();
    let quote = start.checked_sub(1).and_then(|before| bytes.get(before)).filter(|byte| matches!(byte, b'"' | b'\''));
    let (range, inner) = match quote {
        Some(quote) => {
            let length = memchr::memchr(*quote, rest).unwrap_or(rest.len());
            (start - 1..start + length + 1, start..start + length)
        }
        None => {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
            let length = rest.iter().position(ends).unwrap_or(rest.len());
            (start..start + length, start..start + length)
        }
    };
    let raw = source.get(inner).unwrap_or("");
    let is_plain = !raw.contains(['&', '\r', '\0']);
    if is_plain && raw != value || range.end > bytes.len() { start..start } else { range }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(source: &str) -> Vec<StartTag> {
        let tags = parse_tags(source);
        tags.into_iter().filter_map(|tag| if let HtmlTag::Start(tag) = tag { Some(tag) } else { None }).collect()
    }
    fn names(source: &str) -> Vec<String> {
        starts(source).into_iter().map(|tag| tag.name).collect()
    }

    #[test]
    fn ranges_cut_out_what_they_say() {
        let source = "<!doctype html>\r\n<IMG SRC=\"a.png\"\r\n ALT='x &amp; y' data-x=a&amp;b checked empty=\"\" src=again>\r\né<p\n  title=\r\n\"q\">";
        let tags = starts(source);
        assert_eq!(
            &source[tags[0].range.clone()],
            &source
                [source.find("<IMG").unwrap()..source.find('>').map(|_| source.find("again>").unwrap() + 6).unwrap()]
        );
        let found: Vec<_> = tags[0]
            .attributes
            .iter()
            .map(|found| (&*found.name, &*found.value, &source[found.range.clone()]))
            .collect();
        assert_eq!(
            found,
            [
                ("src", "a.png", "\"a.png\""),
                ("alt", "x & y", "'x &amp; y'"),
                ("data-x", "a&b", "a&amp;b"),
                ("checked", "", ""),
                ("empty", "", "")
            ]
        );
        assert_eq!(&source[tags[1].attributes[0].range.clone()], "\"q\"");
        assert_eq!(&source[tags[1].range.clone()], "<p\n  title=\r\n\"q\">");
    }

    #[test]
    fn comments_raw_text_and_cut_off_tags_hold_no_tags() {
        assert_eq!(names("<!--<a>--><![if IE]><b><![endif]><!--[if IE]><c><![endif]--><d x"), ["b"]);
        assert_eq!(
            names(
                "<script>'<a>'</script ><style><b></style><title><c></title><textarea><d></textarea><iframe><e></iframe>"
            ),
            ["script", "style", "title", "textarea", "iframe"]
        );
        assert_eq!(names("<script><!-- <script> </script> --></script><a>"), ["script", "a"]);
        assert_eq!(names("<noscript><img></noscript>"), ["noscript", "img"]);
        assert_eq!(names("<plaintext><a>"), ["plaintext"]);
        assert_eq!(names("<script>"), ["script"]);
    }

    #[test]
    fn inside_of_drawings_other_rules_hold() {
        assert_eq!(
            names("<svg><style/><title/><![CDATA[<a>]]><script/></svg><b>"),
            ["svg", "style", "title", "script", "b"]
        );
        let tags = starts("<svg><use/><foreignObject><p><style>x</style></foreignObject><g></svg><p>");
        let foreign: Vec<_> = tags.iter().map(|tag| (&*tag.name, tag.is_foreign)).collect();
        assert_eq!(
            foreign,
            [
                ("svg", true),
                ("use", true),
                ("foreignobject", true),
                ("p", false),
                ("style", false),
                ("g", true),
                ("p", false)
            ]
        );
        assert!(!starts("<svg><path><div><script>")[3].is_foreign);
        assert!(!starts("<div><svg></div><script>")[2].is_foreign);
        assert_eq!(names("<![CDATA[<a>]]>"), Vec::<String>::new());
    }

    #[test]
    fn templates_and_noscript_are_known() {
        let tags = starts("<template><img></template><noscript><img></noscript><img></template>");
        let flags: Vec<_> = tags.iter().map(|tag| (tag.in_template, tag.in_noscript)).collect();
        assert_eq!(flags, [(false, false), (true, false), (false, false), (false, true), (false, false)]);
    }

    #[test]
    fn hostile_documents_end() {
        assert_eq!(names(&"<div>".repeat(100_000)).len(), 100_000);
        assert_eq!(names(&"<svg>".repeat(100_000)).len(), 100_000);
        assert_eq!(names(&format!("<a {}>", "x ".repeat(50_000))).len(), 1);
        assert_eq!(names(&"<".repeat(100_000)).len(), 0);
        assert_eq!(starts(&format!("<a b=\"{}\">", "é\0".repeat(100_000)))[0].attributes.len(), 1);
        assert_eq!(names(&format!("<{}>", "a".repeat(100_000))).len(), 1);
    }
}
