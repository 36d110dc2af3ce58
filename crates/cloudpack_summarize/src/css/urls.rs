//! Which URLs in a style sheet or document are ours to resolve, and how the rest of the text holds their places while
//! lightningcss prints it.

use cloudpack_base::ContentHash;
use percent_encoding::percent_decode_str;

/// A URL that names a file of the project: what to resolve, and what stays behind the resolved URL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BundledUrl {
    /// Percent signs decoded. Queries that mean something to us (`?url`, `?no-inline`) belong to it.
    pub(crate) specifier: String,
    /// `#icon`, `?#iefix`, `?v=4.7.0`
    pub(crate) suffix: String,
}

/// `None` for what stays as written: `https:`, `//`, `data:`, `#fragment`, the empty string.
pub(crate) fn bundled_url(url: &str) -> Option<BundledUrl> {
    let url = url.trim_matches([' ', '\t', '\n', '\r', '\x0C']);
    if is_external(url) || url.starts_with(['#', '?']) || url.is_empty() || url.contains('\0') {
        return None;
    }
    let fragment_at = url.find('#').unwrap_or(url.len());
    let (before, fragment) = url.split_at(fragment_at);
    let query_at = before.find('?').unwrap_or(before.len());
    let (path, query) = before.split_at(query_at);
    let path = match percent_decode_str(path).decode_utf8() {
        Ok(decoded) if !decoded.contains('\0') => decoded.into_owned(),
        _ => path.to_owned(),
    };
    if is_our_query(query) {
        return Some(BundledUrl { specifier: path + query, suffix: fragment.to_owned() });
    }
    Some(BundledUrl { specifier: path, suffix: format!("{query}{fragment}") })
}

/// Queries of Vite that choose what a request gives.
fn is_our_query(query: &str) -> bool {
    query
        .trim_start_matches('?')
        .split('&')
        .any(|part| matches!(part, "url" | "raw" | "inline" | "no-inline" | "worker" | "sharedworker" | "module"))
}

/// A scheme, or a host without one. `C:/x` is a path on Windows and not the scheme `c`.
pub(crate) fn is_external(url: &str) -> bool {
    if url.starts_with("//") || url.starts_with("\\\\") {
        return true;
    }
    match url.find([':', '/', '?', '#']) {
        Some(at) if at > 1 && url.as_bytes().get(at) == Some(&b':') => {
            let scheme = url.get(..at).unwrap_or("");
            scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        }
        _ => false,
    }
}

/// A word that a text does not contain, made from the text's hash.
pub(crate) struct Marker(String);

impl Marker {
    /// Cost: one hash and one search of `source`.
    pub(crate) fn for_source(source: &str) -> Self {
        let mut hash = ContentHash::of(source.as_bytes());
        loop {
            let marker = format!("cpurl{}x", hash.to_short_hex());
            if memchr::memmem::find(source.as_bytes(), marker.as_bytes()).is_none() {
                return Self(marker);
            }
            hash = ContentHash::of(&hash.0);
        }
    }

    /// The word for place `index`; only letters and digits, so that no printer escapes it.
    pub(crate) fn nth(&self, index: usize) -> String {
        format!("{}{index}x", self.0)
    }

    pub(crate) fn is_in(&self, text: &str) -> bool {
        text.starts_with(&self.0)
    }

    /// The places in `text`: byte range and index of each, in order.
    pub(crate) fn find_all(&self, text: &str) -> Vec<(std::ops::Range<usize>, usize)> {
        let bytes = text.as_bytes();
        let mut found = Vec::new();
        for at in memchr::memmem::find_iter(bytes, self.0.as_bytes()) {
            let digits = at + self.0.len();
            let rest = bytes.get(digits..).unwrap_or_default();
            let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
            if let Some(index) = text.get(digits..digits + length).and_then(|digits| digits.parse().ok()) {
                found.push((at..digits + length + 1, index));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_bundled() {
        for url in [
            "",
            " ",
            "#a",
            "https://a/b",
            "HTTP://a",
            "//a/b",
            "data:,x",
            "mailto:a@b",
            "about:blank",
            "?x",
            "blob:x",
            "a\0b",
        ] {
            assert_eq!(bundled_url(url), None, "{url:?}");
        }
        for (url, specifier, suffix) in [
            ("a.png", "a.png", ""),
            (" ./a.png\n", "./a.png", ""),
            ("/a.png", "/a.png", ""),
            ("f.eot?#iefix", "f.eot", "?#iefix"),
            ("f.svg?v=1.2#x", "f.svg", "?v=1.2#x"),
            ("a.svg?no-inline#x", "a.svg?no-inline", "#x"),
            ("my%20image%E2%82%AC.png", "my image€.png", ""),
            ("bad%FF.png", "bad%FF.png", ""),
            ("C:/a.png", "C:/a.png", ""),
            ("@scope/pkg/a.png", "@scope/pkg/a.png", ""),
        ] {
            let expected = BundledUrl { specifier: specifier.to_owned(), suffix: suffix.to_owned() };
            assert_eq!(bundled_url(url), Some(expected), "{url:?}");
        }
    }

    #[test]
    fn a_marker_is_never_part_of_the_source() {
        let first = Marker::for_source("a").nth(12);
        let marker = Marker::for_source("a");
        assert_eq!(
            marker.find_all(&format!("x{first}y{}", marker.nth(3))),
            [(1..1 + first.len(), 12), (first.len() + 2..first.len() * 2 + 1, 3)]
        );
        assert!(marker.is_in(&first));
    }
}
