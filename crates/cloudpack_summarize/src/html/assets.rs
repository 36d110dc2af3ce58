//! Which attributes name files, and what is asked of those files.

use super::parse::StartTag;

pub(super) enum AttributeUse {
    Url,
    /// A file of its own: a place that cannot hold a `data:` URL, or where one would be wasted.
    FileUrl,
    SrcSet,
}

/// The attributes of `tag` that name assets. Scripts and style sheets are not among them.
pub(super) fn asset_attributes(tag: &StartTag) -> &'static [(&'static str, AttributeUse)] {
    use AttributeUse::{FileUrl, SrcSet, Url};
    match tag.name.as_str() {
        "img" | "source" => &[("src", Url), ("srcset", SrcSet)],
        "video" => &[("src", Url), ("poster", Url)],
        "audio" | "embed" | "input" | "track" => &[("src", Url)],
        "object" => &[("data", Url)],
        "image" | "feimage" => &[("href", Url), ("xlink:href", Url), ("src", Url)],
        // Browsers refuse `data:` here.
        "use" if tag.is_foreign => &[("href", FileUrl), ("xlink:href", FileUrl)],
        "link" => match LinkUse::of(tag) {
            LinkUse::Asset => &[("href", Url), ("imagesrcset", SrcSet)],
            LinkUse::File => &[("href", FileUrl)],
            _ => &[],
        },
        "meta" if is_image_meta(tag) => &[("content", FileUrl)],
        _ => &[],
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkUse {
    StyleSheet,
    /// A style sheet that must stay apart: switched off, alternate, or only for readers without scripts.
    SeparateStyleSheet,
    /// A hint for a script or style sheet that will be inside of a chunk: the linker writes its own.
    BundledPreload,
    Asset,
    File,
    Other,
}

impl LinkUse {
    pub(super) fn of(tag: &StartTag) -> Self {
        let rel = tag.value("rel").unwrap_or("").to_ascii_lowercase();
        let has = |word: &str| rel.split_ascii_whitespace().any(|found| found == word);
        if has("stylesheet") {
            let separate = has("alternate") || tag.attribute("disabled").is_some() || tag.in_noscript;
            return if separate { Self::SeparateStyleSheet } else { Self::StyleSheet };
        }
        if has("modulepreload") {
            return Self::BundledPreload;
        }
        if has("preload") || has("prefetch") {
            let target = tag.value("as").unwrap_or("").to_ascii_lowercase();
            return if matches!(target.as_str(), "script" | "style") { Self::BundledPreload } else { Self::Asset };
        }
        const FILES: [&str; 8] = [
            "icon",
            "mask-icon",
            "fluid-icon",
            "apple-touch-icon",
            "apple-touch-icon-precomposed",
            "apple-touch-startup-image",
            "manifest",
            "image_src",
        ];
        if FILES.iter().any(|word| has(word)) { Self::File } else { Self::Other }
    }
}

fn is_image_meta(tag: &StartTag) -> bool {
    const KEYS: [&str; 14] = [
        "og:image",
        "og:image:url",
        "og:image:secure_url",
        "og:audio",
        "og:audio:secure_url",
        "og:video",
        "og:video:secure_url",
        "twitter:image",
        "twitter:image:src",
        "msapplication-tileimage",
        "msapplication-square70x70logo",
        "msapplication-square150x150logo",
        "msapplication-wide310x150logo",
        "msapplication-square310x310logo",
    ];
    [tag.value("property"), tag.value("name")]
        .into_iter()
        .flatten()
        .any(|key| KEYS.iter().any(|known| key.trim().eq_ignore_ascii_case(known)))
}
