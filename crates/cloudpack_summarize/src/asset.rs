//! A file's bytes -> an ES module whose default export is its URL, or its bytes in another form. Decides between a
//! `data:` URL and an emitted file; the name of an emitted file and its bytes stay with the driver.

use crate::value_module::{ValueModule, push_string_literal};
use cloudpack_base::Diagnostic;
use cloudpack_base::path::{extension, split_query};
use cloudpack_object::{AssetObject, ModuleObject};
use cloudpack_summary::{ModuleFlags, ModuleFormat, ModuleSummary};
use data_encoding::BASE64;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssetMode {
    /// A `data:` URL for files of fewer than `limit` bytes, a file otherwise. HTML documents are always files.
    Auto { limit: u32 },
    /// `?no-inline`, module type `file`.
    File,
    /// `?inline`, module type `dataurl`.
    DataUrl,
    /// The bytes in base64, without a `data:` head.
    Base64,
    /// A `Uint8Array`.
    Binary,
}

/// Cost: linear in `bytes` when inlined, constant otherwise.
pub fn summarize_asset(
    id: &str,
    bytes: &[u8],
    mode: AssetMode,
    minify: bool,
) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
    let flags = ModuleFlags::default().with(ModuleFlags::SIDE_EFFECT_FREE).with(ModuleFlags::ES_SYNTAX);
    let inline = match mode {
        AssetMode::Auto { limit } => bytes.len() < limit as usize && !is_document(id),
        AssetMode::File => false,
        AssetMode::DataUrl => true,
        AssetMode::Base64 | AssetMode::Binary => {
            let mut module = ValueModule::new(id, ModuleFormat::EsModule, flags, minify);
            let text = BASE64.encode(bytes);
            if mode == AssetMode::Base64 {
                module.declare_default(|out| push_string_literal(out.buffer(), &text));
            } else {
                module.mentions(&["Uint8Array", "atob"], &["byte"]);
                module.declare_default(|out| {
                    out.text("/* @__PURE__ */ Uint8Array.from(/* @__PURE__ */ atob(\"");
                    out.text(&text);
                    out.text("\"), (byte) => byte.charCodeAt(0))");
                });
            }
            let (summary, object) = module.finish();
            return (summary, object, Vec::new());
        }
    };
    let mut module = ValueModule::new(id, ModuleFormat::Asset, flags, minify);
    module.declare_default(|out| out.own_asset_url());
    let asset = if inline { AssetObject::Inline(data_url(id, bytes).into()) } else { AssetObject::File };
    module.object_mut().asset = Some(Box::new(asset));
    let (summary, object) = module.finish();
    (summary, object, Vec::new())
}

fn is_document(id: &str) -> bool {
    extension(split_query(id).0)
        .is_some_and(|extension| extension.eq_ignore_ascii_case("html") || extension.eq_ignore_ascii_case("htm"))
}

/// The `data:` URL of a file. It holds no quotes, spaces, brackets or line breaks, so that it may stand in CSS, HTML
/// and JavaScript strings as it is.
pub fn data_url(id: &str, bytes: &[u8]) -> String {
    let mime = mime_type(id);
    if mime == "image/svg+xml"
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        let plain = svg_data_url(text);
        // Base64 costs a third; percent signs cost more in an image that is not mostly ASCII.
        if plain.len() <= bytes.len().div_ceil(3) * 4 + "data:image/svg+xml;base64,".len() {
            return plain;
        }
    }
    // Of a file that its name says nothing about, the bytes tell whether somebody can read it.
    if known_mime_type(id).is_none()
        && let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\0')
    {
        let head = "data:text/plain;charset=utf-8";
        let plain = format!("{head},{}", utf8_percent_encode(text, TEXT_ESCAPES));
        let encoded = format!("{head};base64,{}", BASE64.encode(bytes));
        return if plain.len() <= encoded.len() { plain } else { encoded };
    }
    format!("data:{mime};base64,{}", BASE64.encode(bytes))
}

/// By the extension of the path before the query; `application/octet-stream` if unknown.
pub fn mime_type(id: &str) -> String {
    known_mime_type(id).unwrap_or_else(|| "application/octet-stream".to_owned())
}

fn known_mime_type(id: &str) -> Option<String> {
    let extension = extension(split_query(id).0).unwrap_or("");
    // What the table lacks or has under an old name.
    match extension {
        "js" | "mjs" | "cjs" => return Some("text/javascript".to_owned()),
        "woff" => return Some("font/woff".to_owned()),
        "webmanifest" => return Some("application/manifest+json".to_owned()),
        _ => {}
    }
    mime_guess::from_ext(extension).first_raw().map(str::to_owned)
}

/// What must be escaped in a `data:` URL that stands in quotes or in a `srcset`. Letters of the path that a URL allows
/// stay, so that the text compresses well.
const SVG_ESCAPES: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'\\').add(b'`');

const TEXT_ESCAPES: &AsciiSet = &SVG_ESCAPES.add(b'\'').add(b'(').add(b')').add(b'[').add(b']').add(b'{').add(b'}');

fn svg_data_url(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').trim();
    // Double quotes are three bytes each here. They only delimit attributes, and may become single ones, unless the
    // text has single quotes already or characters that somebody reads.
    let has_prose = ["<text", "<title", "<desc", "<foreignObject", "<style", "<script", "<![CDATA["]
        .iter()
        .any(|tag| memchr::memmem::find(text.as_bytes(), tag.as_bytes()).is_some());
    let text = if has_prose {
        std::borrow::Cow::Borrowed(text)
    } else {
        let between_tags_removed: String = remove_space_between_tags(text);
        if text.contains('\'') { between_tags_removed.into() } else { between_tags_removed.replace('"', "'").into() }
    };
    // A single quote would end a string in single quotes; ours never stand in those.
    format!("data:image/svg+xml,{}", utf8_percent_encode(&text, SVG_ESCAPES))
}

fn remove_space_between_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('>') {
        let (head, tail) = rest.split_at(at + 1);
        out.push_str(head);
        let trimmed = tail.trim_start();
        rest = if trimmed.starts_with('<') { trimmed } else { tail };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value_module::{check_tables, plain_javascript};

    fn asset(id: &str, bytes: &[u8], mode: AssetMode) -> (AssetObject, String) {
        let (summary, object, _) = summarize_asset(id, bytes, mode, true);
        check_tables(&summary, &object);
        assert_eq!(summary.format, ModuleFormat::Asset);
        (object.asset.as_deref().unwrap().clone(), plain_javascript(&summary, &object))
    }

    #[test]
    fn a_file_below_the_limit_is_a_data_url_and_one_at_the_limit_is_a_file() {
        let auto = AssetMode::Auto { limit: 4 };
        let (object, text) = asset("/app/a.png", b"abc", auto);
        assert_eq!(object, AssetObject::Inline("data:image/png;base64,YWJj".into()));
        assert_eq!(text, "var a_default=[own url];");
        assert_eq!(asset("/app/a.png", b"abcd", auto).0, AssetObject::File);
        assert_eq!(asset("/app/a.html", b"abc", auto).0, AssetObject::File);
    }

    #[test]
    fn queries_and_module_types_overrule_the_limit() {
        assert_eq!(asset("/app/a.png?no-inline", b"abc", AssetMode::File).0, AssetObject::File);
        let (object, _) = asset("/app/a.woff2?inline", b"abcd", AssetMode::DataUrl);
        assert_eq!(object, AssetObject::Inline("data:font/woff2;base64,YWJjZA==".into()));
    }

    #[test]
    fn bytes_become_base64_or_an_array() {
        let (summary, object, _) = summarize_asset("/a.bin", b"\0\xff", AssetMode::Base64, true);
        assert_eq!(plain_javascript(&summary, &object), "var a_default=\"AP8=\";");
        let (summary, object, _) = summarize_asset("/a.bin", b"\0\xff", AssetMode::Binary, true);
        check_tables(&summary, &object);
        assert_eq!(summary.format, ModuleFormat::EsModule);
        assert!(plain_javascript(&summary, &object).contains("atob(\"AP8=\"), (byte) => byte.charCodeAt(0))"));
        assert_eq!(object.global_names, ["Uint8Array".into(), "atob".into()]);
        assert_eq!(object.nested_names, ["byte".into()]);
    }

    #[test]
    fn a_drawing_is_percent_encoded_and_keeps_what_it_says() {
        let plain = "<svg xmlns=\"http://www.w3.org/2000/svg\">\n  <path d=\"M0 0\" fill=\"#fff\"/>\n</svg>\n";
        assert_eq!(
            data_url("a.svg", plain.as_bytes()),
            "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%3E%3Cpath%20d='M0%200'%20fill='%23fff'/%3E%3C/svg%3E"
        );
        let prose = "<svg><text>say \"5 %\"</text>\n</svg>";
        assert!(
            data_url("a.svg", prose.as_bytes()).ends_with("base64,PHN2Zz48dGV4dD5zYXkgIjUgJSI8L3RleHQ+Cjwvc3ZnPg==")
        );
        let quotes = "<svg class=\"a\" style='font:\"x\"'/>";
        let url = data_url("a.svg", quotes.as_bytes());
        assert!(url.contains("%22x%22") || url.contains("base64"), "{url}");
    }

    #[test]
    fn a_data_url_never_holds_what_would_end_its_place() {
        for text in ["<svg a='1' b=\"2\">\\ ` \n\r\t\0é</svg>", "\u{feff}<svg/>", ""] {
            let url = data_url("a.svg", text.as_bytes());
            assert!(!url.contains(['"', ' ', '\n', '\r', '\t', '\\', '<', '>', '\0']), "{url}");
        }
        assert!(data_url("a.svg", b"\xff").starts_with("data:image/svg+xml;base64,"));
    }

    #[test]
    fn types_of_the_web_are_known() {
        for (id, mime) in [
            ("a.avif", "image/avif"),
            ("a.webp", "image/webp"),
            ("a.wasm", "application/wasm"),
            ("a.js?url", "text/javascript"),
            ("a.mp4", "video/mp4"),
            ("a.ico", "image/x-icon"),
            ("a.webmanifest", "application/manifest+json"),
            ("a.PNG", "image/png"),
            ("a.nobodyknows", "application/octet-stream"),
            ("noextension", "application/octet-stream"),
            ("a.woff", "font/woff"),
            ("a.ttf", "font/ttf"),
        ] {
            assert_eq!(mime_type(id), mime, "{id}");
        }
    }
}
