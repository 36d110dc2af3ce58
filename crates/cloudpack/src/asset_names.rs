//! Names of emitted files that are not chunks: assets and style sheets. The hash is of the content, so a name is final as
//! soon as the content is.

use cloudpack_base::{ContentHash, path};
use cloudpack_link::{expand, sanitize, unique};
use rustc_hash::{FxHashMap, FxHashSet};

/// Hands out names within one output.
#[derive(Default)]
pub(crate) struct AssetNames {
    /// Lower case: two names that differ in case only are one on many disks.
    taken: FxHashSet<String>,
    /// `(name without hash, content)` -> file: the same file asked for twice is one file.
    given: FxHashMap<(String, ContentHash), String>,
}

impl AssetNames {
    /// `original` is a file name with extension. The same name with the same content gives the same file.
    pub(crate) fn name(&mut self, pattern: &str, original: &str, content: ContentHash) -> String {
        let key = (original.to_owned(), content);
        if let Some(known) = self.given.get(&key) {
            return known.clone();
        }
        let name = unique(expand_asset(pattern, original, &content.to_base64url()), &mut self.taken);
        self.given.insert(key, name.clone());
        name
    }

    /// A name that the user or a plugin fixed.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_lowercase());
    }
}

pub(crate) fn expand_asset(pattern: &str, original: &str, hash: &str) -> String {
    let extension = path::extension(original).unwrap_or("");
    let stem = match extension.is_empty() {
        true => original,
        false => original.get(..original.len() - extension.len() - 1).unwrap_or(original),
    };
    let expanded = expand(pattern, |word, argument| match word {
        "name" => Some(sanitize(stem)),
        "hash" => {
            let length = argument.and_then(|text| text.parse().ok()).unwrap_or(8).clamp(4, 43);
            Some(hash.get(..length).unwrap_or(hash).to_owned())
        }
        "ext" => Some(extension.to_owned()),
        "extname" => Some(if extension.is_empty() { String::new() } else { format!(".{extension}") }),
        _ => None,
    });
    path::normalize(&expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_files_share_a_name_and_unequal_ones_never_do() {
        let mut names = AssetNames::default();
        let (one, two) = (ContentHash::of(b"1"), ContentHash::of(b"2"));
        let first = names.name("assets/[name][extname]", "a.png", one);
        assert_eq!(first, "assets/a.png");
        assert_eq!(names.name("assets/[name][extname]", "a.png", one), first);
        assert_eq!(names.name("assets/[name][extname]", "a.png", two), "assets/a2.png");
        assert_eq!(names.name("assets/[name][extname]", "A.png", two), "assets/A3.png");
        let hashed = names.name("[name]-[hash:6].[ext]", "b.c.svg", one);
        assert!(hashed.starts_with("b.c-") && hashed.ends_with(".svg") && hashed.len() == 14, "{hashed}");
    }
}
