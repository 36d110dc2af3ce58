//! URLs of emitted files as style sheets and documents write them.

use cloudpack_base::path;

/// `file` seen from the emitted file `from`, both relative to the output directory: below `base` when there is one,
/// else relative.
pub(crate) fn file_url(base: Option<&str>, from: &str, file: &str) -> String {
    let encoded = encode(file);
    match base {
        None | Some("" | "." | "./") => {
            let relative = encode(&path::relative(path::dirname(from), file));
            if relative.starts_with('.') { relative } else { format!("./{relative}") }
        }
        Some(base) if base.ends_with('/') => format!("{base}{encoded}"),
        Some(base) => format!("{base}/{encoded}"),
    }
}

/// Percent-encodes what a URL's path cannot hold as it is.
fn encode(file: &str) -> String {
    let mut out = String::with_capacity(file.len());
    for byte in file.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'/'
            | b'@'
            | b'$'
            | b'!'
            | b'*'
            | b','
            | b'='
            | b'+' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_below_the_base_or_relative_to_the_file_that_mentions_them() {
        assert_eq!(file_url(Some("/"), "assets/a.css", "assets/x y.png"), "/assets/x%20y.png");
        assert_eq!(file_url(Some("https://cdn/x"), "a.css", "b.png"), "https://cdn/x/b.png");
        assert_eq!(file_url(None, "assets/a.css", "assets/b.png"), "./b.png");
        assert_eq!(file_url(Some("./"), "pages/a.html", "assets/b.js"), "../assets/b.js");
    }
}
