//! `srcset="a.png 1x, b.png 2x"`: where the URLs are (HTML 4.8.4.2.2). A comma belongs to a URL unless it ends it.

use std::ops::Range;

pub(super) fn srcset_urls(value: &str) -> Vec<Range<usize>> {
    let bytes = value.as_bytes();
    let mut urls = Vec::new();
    let mut at = 0;
    loop {
        while bytes.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b',') {
            at += 1;
        }
        let start = at;
        while bytes.get(at).is_some_and(|byte| !byte.is_ascii_whitespace()) {
            at += 1;
        }
        if start == at {
            return urls;
        }
        let url = value.get(start..at).unwrap_or("").trim_end_matches(',');
        let has_descriptor = url.len() == at - start;
        urls.push(start..start + url.len());
        if has_descriptor {
            let mut depth = 0usize;
            while let Some(byte) = bytes.get(at) {
                at += 1;
                match byte {
                    b'(' => depth += 1,
                    b')' => depth = depth.saturating_sub(1),
                    b',' if depth == 0 => break,
                    _ => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::srcset_urls;

    #[test]
    fn commas_separate_and_also_belong_to_urls() {
        let urls = |value: &'static str| srcset_urls(value).into_iter().map(|range| &value[range]).collect::<Vec<_>>();
        assert_eq!(urls("a.png 1x, b.png 2x"), ["a.png", "b.png"]);
        assert_eq!(urls("a.png,b.png"), ["a.png,b.png"]);
        assert_eq!(urls("\n a.png ,\n b.png 100w,c.png"), ["a.png", "b.png", "c.png"]);
        assert_eq!(urls("data:image/png;base64,AA== 1x, b.png"), ["data:image/png;base64,AA==", "b.png"]);
        assert_eq!(urls("a.png calc(1,2) , b.png"), ["a.png", "b.png"]);
        assert_eq!(urls(""), Vec::<&str>::new());
        assert_eq!(urls(" , ,"), Vec::<&str>::new());
    }
}
