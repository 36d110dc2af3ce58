//! A document -> its text without module scripts and style sheet links, places for URLs and for the entry's own tags,
//! and requests in document order. The text is the source with pieces cut out and put in; nothing is printed anew.
//!
//! What bundlers of HTML agree on: module scripts and style sheets are the entry's imports; `src`, `srcset`, `poster`
//! and the like name assets; URLs with a scheme or a host stay.

mod assets;
mod parse;
mod splice;
mod srcset;

use crate::css::{bundled_url, scan_css};
use crate::value_module::ValueModule;
use assets::{AttributeUse, LinkUse, asset_attributes};
use cloudpack_base::path::{basename, split_query};
use cloudpack_base::{Diagnostic, RequestIdx};
use cloudpack_object::{HtmlObject, InlineScript, ModuleObject, RelocationKind, Span};
use cloudpack_summary::{ModuleFlags, ModuleFormat, ModuleSummary, RequestKind};
use parse::{Attribute, HtmlTag, StartTag, parse_tags};
use splice::{Piece, Replaced, Splices};
use std::ops::Range;

/// `env`: values for `%KEY%`, such as `MODE` and `BASE_URL`; other words between percent signs stay.
/// Cost: linear in `source`.
pub fn summarize_html(
    id: &str,
    source: &str,
    env: &[(String, String)],
) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
    let replaced = Replaced::new(source, env);
    let tags = parse_tags(&replaced.text);
    let flags = ModuleFlags::default().with(ModuleFlags::ES_SYNTAX);
    let mut document = Document {
        id,
        source,
        text: &replaced.text,
        replaced: &replaced,
        base: Base::None,
        module: ValueModule::new(id, ModuleFormat::Html, flags, false),
        splices: Splices::default(),
        inline: Vec::new(),
        diagnostics: Vec::new(),
        tags_at: None,
    };
    document.find_base(&tags);
    document.walk(&tags);
    let at = document.tags_at.unwrap_or_else(|| fallback_place(&tags));
    document.splices.insert(at, Piece::Relocation(RelocationKind::HtmlTags, 0));
    let Document { module, splices, inline, mut diagnostics, .. } = document;
    let (text, relocations) = splices.apply(&replaced.text);
    let mut module = module;
    module.object_mut().html = Some(Box::new(HtmlObject { text, relocations, inline_scripts: inline }));
    let (summary, object) = module.finish();
    diagnostics.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    (summary, object, diagnostics)
}

/// Before `</head>`, else before `<body>`, else behind `<head>`, `<html>` or the doctype, else at the start: each is a
/// place that every parser reads as part of the head.
fn fallback_place(tags: &[HtmlTag]) -> usize {
    let start_of = |wanted: &str| {
        tags.iter().find_map(|tag| match tag {
            HtmlTag::Start(tag) if tag.name == wanted && !tag.in_template && !tag.is_foreign => Some(&tag.range),
            _ => None,
        })
    };
    let head_end = tags.iter().find_map(|tag| match tag {
        HtmlTag::End { name, range } if name == "head" => Some(range.start),
        _ => None,
    });
    let doctype = tags.iter().find_map(|tag| match tag {
        HtmlTag::Doctype { end } => Some(*end),
        _ => None,
    });
    head_end
        .or_else(|| start_of("body").map(|range| range.start))
        .or_else(|| start_of("head").map(|range| range.end))
        .or_else(|| start_of("html").map(|range| range.end))
        .or(doctype)
        .unwrap_or(0)
}

/// What relative URLs are relative to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    None,
    /// `<base href="/">`: the project's root.
    Root,
    /// Somewhere that only exists when deployed: relative URLs stay as they are.
    Elsewhere,
}

struct Document<'a> {
    id: &'a str,
    /// As on disk; diagnostics and spans speak about it.
    source: &'a str,
    /// With `%KEY%` replaced; everything else speaks about it.
    text: &'a str,
    replaced: &'a Replaced,
    base: Base,
    module: ValueModule,
    splices: Splices,
    inline: Vec<InlineScript>,
    diagnostics: Vec<Diagnostic>,
    tags_at: Option<usize>,
}

/// A request's specifier and what stays behind the URL.
struct Target {
    specifier: String,
    suffix: String,
}

impl Document<'_> {
    fn find_base(&mut self, tags: &[HtmlTag]) {
        let base = tags.iter().find_map(|tag| match tag {
            HtmlTag::Start(tag) if tag.name == "base" && !tag.in_template && !tag.is_foreign => tag.attribute("href"),
            _ => None,
        });
        let Some(href) = base else { return };
        self.base = match href.value.trim() {
            "" | "." | "./" => Base::None,
            "/" => Base::Root,
            _ => Base::Elsewhere,
        };
        if self.base == Base::Elsewhere {
            let message = "Relative URLs of this document are left as they are because of its <base>";
            self.warn("HTML_BASE", message, &href.range);
        }
    }

    fn walk(&mut self, tags: &[HtmlTag]) {
        let mut in_head = true;
        for (index, tag) in tags.iter().enumerate() {
            let HtmlTag::Start(tag) = tag else {
                in_head &= !matches!(tag, HtmlTag::End { name, .. } if name == "head");
                continue;
            };
            in_head &= tag.is_foreign || tag.name != "body";
            // Script and style hold text only: their end is the very next tag.
            let end = match tags.get(index + 1) {
                Some(HtmlTag::End { name, range }) if *name == tag.name => Some(range),
                _ => None,
            };
            let removed = match tag.name.as_str() {
                "script" if !tag.is_foreign => self.script(tag, end, in_head),
                "style" if end.is_some() => self.style_element(tag, end),
                "link" if !tag.is_foreign => self.link(tag),
                _ => false,
            };
            if !removed {
                self.assets(tag);
                self.style_attribute(tag);
            }
        }
    }

    /// Whether the element was taken out.
    fn script(&mut self, tag: &StartTag, end: Option<&Range<usize>>, in_head: bool) -> bool {
        let kind = tag.value("type").unwrap_or("").trim().to_ascii_lowercase();
        let is_module = kind == "module";
        let Some(end) = end else { return false };
        let element = tag.range.start..end.end;
        let target = tag.attribute("src").and_then(|src| self.target(&src.value).map(|target| (src, target)));
        if !is_module {
            let is_script = matches!(kind.as_str(), "" | "text/javascript" | "application/javascript");
            if let Some((src, target)) = target
                && is_script
                && !target.specifier.starts_with('/')
            {
                let message = format!("<script src=\"{}\"> is not bundled without type=\"module\"", src.value);
                self.warn("HTML_CLASSIC_SCRIPT", &message, &src.range);
            }
            return false;
        }
        if tag.in_template {
            if let Some((src, _)) = target {
                self.warn("HTML_TEMPLATE", "Scripts inside of <template> are not bundled", &src.range);
            }
            return false;
        }
        match target {
            Some((src, target)) => {
                let span = self.span(&src.range);
                self.module.request(&target.specifier, RequestKind::HtmlScript, span);
            }
            None if tag.attribute("src").is_some() => return false,
            None => {
                let content = self.text.get(tag.range.end..end.start).unwrap_or("");
                if !content.trim().is_empty() {
                    self.inline_module(content, tag.range.end, "js", RequestKind::HtmlScript);
                }
            }
        }
        let is_first = in_head && self.tags_at.is_none();
        if is_first {
            // The tags take its line.
            self.tags_at = Some(element.start);
            self.splices.replace(element, Vec::new());
        } else {
            self.remove(element);
        }
        true
    }

    fn link(&mut self, tag: &StartTag) -> bool {
        let Some(href) = tag.attribute("href") else { return false };
        let Some(target) = self.target(&href.value) else { return false };
        let span = self.span(&href.range);
        match LinkUse::of(tag) {
            LinkUse::StyleSheet if tag.in_template => {
                self.warn("HTML_TEMPLATE", "Style sheets inside of <template> are not bundled", &href.range);
                false
            }
            LinkUse::StyleSheet => {
                let media = tag.value("media").map(str::trim).filter(|media| !matches!(*media, "" | "all"));
                match media {
                    None => {
                        self.module.request(&target.specifier, RequestKind::HtmlStyle, span);
                    }
                    Some(media) => {
                        let mut rule = String::from("@import ");
                        push_css_string(&mut rule, &target.specifier);
                        rule.push_str(&format!(" {media};"));
                        self.inline_module(&rule, href.range.start, "css", RequestKind::HtmlStyle);
                    }
                }
                self.remove(tag.range.clone());
                true
            }
            LinkUse::BundledPreload => {
                self.remove(tag.range.clone());
                true
            }
            LinkUse::SeparateStyleSheet => {
                let request = self.asset_request(&target, "url", span);
                self.splices.replace(href.range.clone(), quoted_url(request, &target.suffix));
                false
            }
            _ => false,
        }
    }

    fn style_element(&mut self, tag: &StartTag, end: Option<&Range<usize>>) -> bool {
        let Some(end) = end else { return false };
        let kind = tag.value("type").unwrap_or("").trim();
        let content_range = tag.range.end..end.start;
        let content = self.text.get(content_range.clone()).unwrap_or("");
        if !(kind.is_empty() || kind.eq_ignore_ascii_case("text/css")) || tag.is_foreign && content.contains('&') {
            return false;
        }
        let scan = scan_css(content, false);
        let imports_ours = scan.urls.iter().any(|url| url.is_import && self.target(&url.url).is_some());
        let is_plain = tag.value("media").is_none() && !tag.in_template && !tag.in_noscript && !tag.is_foreign;
        if imports_ours && is_plain {
            self.inline_module(content, tag.range.end, "css", RequestKind::HtmlStyle);
            self.remove(tag.range.start..end.end);
            return true;
        }
        for url in &scan.urls {
            if url.is_import {
                continue;
            }
            let range = content_range.start + url.range.start..content_range.start + url.range.end;
            let Some(target) = self.target(&url.url) else { continue };
            let span = self.span(&range);
            let request = self.asset_request(&target, "", span);
            // Raw text: nothing is escaped as in attributes. The linker knows it by the parenthesis before the quote.
            let (open, close) = if url.is_bare { ("url(\"", "\")") } else { ("\"", "\"") };
            let pieces = vec![
                Piece::Text(open.to_owned()),
                Piece::Relocation(RelocationKind::Url, request.0),
                Piece::Text(format!("{}{close}", target.suffix.replace(['"', '\\', '<', '\n'], ""))),
            ];
            self.splices.replace(range, pieces);
        }
        false
    }

    fn assets(&mut self, tag: &StartTag) {
        for (name, usage) in asset_attributes(tag) {
            let Some(attribute) = tag.attribute(name).filter(|attribute| !attribute.range.is_empty()) else { continue };
            let span = self.span(&attribute.range);
            match usage {
                AttributeUse::Url | AttributeUse::FileUrl => {
                    let Some(target) = self.target(&attribute.value) else { continue };
                    let query = if matches!(usage, AttributeUse::FileUrl) { "no-inline" } else { "" };
                    let request = self.asset_request(&target, query, span);
                    self.splices.replace(attribute.range.clone(), quoted_url(request, &target.suffix));
                }
                AttributeUse::SrcSet => {
                    let urls = srcset::srcset_urls(&attribute.value);
                    let parts: Vec<_> = urls
                        .into_iter()
                        .filter_map(|range| {
                            let target = self.target(attribute.value.get(range.clone())?)?;
                            Some((range, self.asset_request(&target, "", span), target.suffix))
                        })
                        .collect();
                    self.rewrite_value(attribute, parts, "");
                }
            }
        }
    }

    fn style_attribute(&mut self, tag: &StartTag) {
        let Some(attribute) = tag.attribute("style").filter(|attribute| !attribute.range.is_empty()) else { return };
        let span = self.span(&attribute.range);
        let mut parts = Vec::new();
        for url in scan_css(&attribute.value, false).urls {
            let Some(target) = self.target(&url.url) else { continue };
            let request = self.asset_request(&target, "", span);
            parts.push((url.range, request, target.suffix));
        }
        // A bare `url(x)` could not hold the quotes that `data:` URLs of drawings have.
        self.rewrite_value(attribute, parts, "\"");
    }

    /// Replaces ranges of a decoded value, each by a URL between `quote`s, and writes the whole attribute value again in
    /// double quotes.
    fn rewrite_value(&mut self, attribute: &Attribute, parts: Vec<(Range<usize>, RequestIdx, String)>, quote: &str) {
        if parts.is_empty() {
            return;
        }
        let mut pieces = vec![Piece::Text("\"".to_owned())];
        let mut at = 0;
        for (range, request, suffix) in parts {
            let before = attribute.value.get(at..range.start).unwrap_or("");
            pieces.push(Piece::Text(escape_attribute(&format!("{before}{quote}"))));
            pieces.push(Piece::Relocation(RelocationKind::Url, request.0));
            pieces.push(Piece::Text(escape_attribute(&format!("{suffix}{quote}"))));
            at = range.end;
        }
        pieces.push(Piece::Text(escape_attribute(attribute.value.get(at..).unwrap_or("")) + "\""));
        self.splices.replace(attribute.range.clone(), pieces);
    }

    fn asset_request(&mut self, target: &Target, query: &str, span: Span) -> RequestIdx {
        // A fragment picks a part of a drawing, which `data:` URLs of it do not offer everywhere.
        let picks_part = target.suffix.contains('#') && target.specifier.to_ascii_lowercase().ends_with(".svg");
        let query = if query.is_empty() && picks_part { "no-inline" } else { query };
        let specifier = match (query, target.specifier.contains('?')) {
            ("", _) => target.specifier.clone(),
            (query, false) => format!("{}?{query}", target.specifier),
            (query, true) => format!("{}&{query}", target.specifier),
        };
        self.module.request(&specifier, RequestKind::HtmlAsset, span)
    }

    /// What a URL asks the project for; `None` if it stays as written.
    fn target(&self, url: &str) -> Option<Target> {
        let bundled = bundled_url(url)?;
        let path = bundled.specifier;
        let specifier = if path.starts_with('/') || path.starts_with("./") || path.starts_with("../") {
            match self.base {
                _ if path.starts_with('/') => path,
                Base::None => path,
                Base::Root => format!("/{}", path.trim_start_matches("./").trim_start_matches("../")),
                Base::Elsewhere => return None,
            }
        } else {
            match self.base {
                Base::None => format!("./{path}"),
                Base::Root => format!("/{path}"),
                Base::Elsewhere => return None,
            }
        };
        Some(Target { specifier, suffix: bundled.suffix })
    }

    /// A module whose source stands in the document: `index.html?html-proxy&index=0.js`.
    fn inline_module(&mut self, content: &str, at: usize, extension: &str, kind: RequestKind) {
        let file = basename(split_query(self.id).0);
        let specifier = format!("{file}?html-proxy&index={}.{extension}", self.inline.len());
        let span = self.span(&(at..at + 1));
        self.inline.push(InlineScript { source: content.to_owned(), offset: span.start });
        self.module.request(&specifier, kind, span);
    }

    /// Takes an element out; when nothing else stands on its lines, the lines too.
    fn remove(&mut self, range: Range<usize>) {
        let bytes = self.text.as_bytes();
        let mut start = range.start;
        while start > 0 && matches!(bytes.get(start - 1), Some(b' ' | b'\t')) {
            start -= 1;
        }
        let mut end = range.end;
        while matches!(bytes.get(end), Some(b' ' | b'\t')) {
            end += 1;
        }
        let at_line_start = start == 0 || matches!(bytes.get(start - 1), Some(b'\n'));
        let line_end = match (bytes.get(end), bytes.get(end + 1)) {
            (Some(b'\n'), _) => Some(end + 1),
            (Some(b'\r'), Some(b'\n')) => Some(end + 2),
            _ => None,
        };
        match line_end {
            Some(line_end) if at_line_start => self.splices.replace(start..line_end, Vec::new()),
            _ => self.splices.replace(range, Vec::new()),
        }
    }

    fn span(&self, range: &Range<usize>) -> Span {
        Span { start: self.replaced.original(range.start), end: self.replaced.original(range.end) }
    }

    fn warn(&mut self, code: &str, message: &str, range: &Range<usize>) {
        let Span { start, end } = self.span(range);
        self.diagnostics.push(Diagnostic::warning(code, message).with_span(self.id, self.source, start, end));
    }
}

/// A URL with its suffix in double quotes, for an attribute or for `url()`.
fn quoted_url(request: RequestIdx, suffix: &str) -> Vec<Piece> {
    vec![
        Piece::Text("\"".to_owned()),
        Piece::Relocation(RelocationKind::Url, request.0),
        Piece::Text(escape_attribute(suffix) + "\""),
    ]
}

fn escape_attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;")
}

fn push_css_string(out: &mut String, text: &str) {
    out.push('"');
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
    out.push('"');
}

#[cfg(test)]
mod tests;
