//! What a specifier is by its text alone: a path, a package, a URL, and where its query begins; and what the user's
//! aliases turn it into. No file is touched here.

use std::borrow::Cow;

use cloudpack_base::path;

/// The form of a specifier without query, after aliases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `.`, `./x`, `../x`
    Relative,
    /// `/x`, `C:/x`
    Absolute,
    /// `#x`
    PackageImport,
    /// `x`, `@scope/x/y`
    Bare,
}

impl Form {
    pub(crate) fn of(specifier: &str) -> Self {
        let first = specifier.split('/').next().unwrap_or(specifier);
        if first == "." || first == ".." {
            Self::Relative
        } else if specifier.starts_with('/') || path::is_absolute(specifier) {
            Self::Absolute
        } else if specifier.starts_with('#') {
            Self::PackageImport
        } else {
            Self::Bare
        }
    }
}

/// `(path, suffix)`: the suffix starts at the first `?`, or at the first `#` that is not the first character (`#x` is a
/// package import).
pub(crate) fn split_suffix(specifier: &str) -> (&str, &str) {
    let at = specifier.char_indices().find(|(at, character)| *character == '?' || (*character == '#' && *at > 0));
    at.map_or((specifier, ""), |(at, _)| specifier.split_at(at))
}

/// `data`, `https`... of `scheme:rest`. One letter is a drive.
pub(crate) fn scheme(specifier: &str) -> Option<&str> {
    let (scheme, _) = specifier.split_once(':')?;
    let mut characters = scheme.chars();
    let starts_well = characters.next().is_some_and(|first| first.is_ascii_alphabetic());
    let goes_well = characters.all(|other| other.is_ascii_alphanumeric() || matches!(other, '+' | '-' | '.'));
    (scheme.len() > 1 && starts_well && goes_well).then_some(scheme)
}

/// `(package, subpath)`: `@scope/x/y` -> (`@scope/x`, `y`).
pub(crate) fn split_package(specifier: &str) -> (&str, &str) {
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let end = if specifier.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    end.map_or((specifier, ""), |at| (&specifier[..at], &specifier[at + 1..]))
}

/// `fs`, `fs/promises`, `node:anything`.
pub(crate) fn is_builtin(specifier: &str) -> bool {
    specifier.starts_with("node:") || nodejs_built_in_modules::BUILTINS.binary_search(&specifier).is_ok()
}

/// The file of a `file://` URL; `None` for one of another host or not of Unicode.
pub(crate) fn path_of_file_url(url: &str) -> Option<String> {
    let rest = url.get(..7).filter(|start| start.eq_ignore_ascii_case("file://")).and_then(|_| url.get(7..))?;
    let at = rest.find('/')?;
    let (host, path) = rest.split_at(at);
    if !host.is_empty() && !host.eq_ignore_ascii_case("localhost") {
        return None;
    }
    let path = percent_decoded(path)?;
    // `file:///C:/app/a.js`
    let without_slash = &path[1..];
    let path = if without_slash.as_bytes().get(1) == Some(&b':') { without_slash } else { &path };
    Some(path::normalize(path))
}

pub(crate) fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok().filter(|decoded| !decoded.contains('\0'))
}

/// The user's aliases, in their order.
pub(crate) struct Aliases(Vec<Alias>);

pub(crate) struct Alias {
    key: String,
    matching: Matching,
    pub(crate) targets: Vec<Option<String>>,
}

enum Matching {
    Whole,
    /// The whole or up to a `/`.
    Prefix,
    /// Around a `*`.
    Pattern {
        before: usize,
    },
}

impl Aliases {
    /// Targets `./x` are made absolute: an alias means one place, not one for each importing directory.
    pub(crate) fn new(aliases: &[(String, Vec<Option<String>>)], cwd: &str) -> Self {
        let aliases = aliases.iter().map(|(key, targets)| {
            let (key, matching) = match (key.strip_suffix('$'), key.find('*')) {
                (Some(whole), _) => (whole, Matching::Whole),
                (None, Some(before)) => (key.as_str(), Matching::Pattern { before }),
                (None, None) => (key.as_str(), Matching::Prefix),
            };
            let absolute = |target: &String| match Form::of(target) {
                Form::Relative => path::join(cwd, target),
                _ => target.clone(),
            };
            let targets = targets.iter().map(|target| target.as_ref().map(absolute)).collect();
            Alias { key: key.to_owned(), matching, targets }
        });
        Self(aliases.collect())
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Alias> {
        self.0.iter()
    }

    /// Aliases of files rather than of specifiers: `"/app/src/a.js": "/app/src/b.js"`.
    pub(crate) fn any_of_paths(&self) -> bool {
        self.0.iter().any(|alias| path::is_absolute(&alias.key))
    }
}

impl Alias {
    pub(crate) fn is_of_paths(&self) -> bool {
        path::is_absolute(&self.key)
    }

    /// What replaces the `*`, or follows the key (with its `/`); `None` when the alias does not match.
    pub(crate) fn matches<'s>(&self, specifier: &'s str) -> Option<&'s str> {
        match self.matching {
            Matching::Whole => (specifier == self.key).then_some(""),
            Matching::Prefix => {
                // A key `@/` matches what follows its own slash.
                let rest = specifier.strip_prefix(self.key.as_str())?;
                (rest.is_empty() || rest.starts_with('/') || self.key.ends_with('/')).then_some(rest)
            }
            Matching::Pattern { before } => {
                let (prefix, suffix) = (&self.key[..before], &self.key[before + 1..]);
                specifier.strip_prefix(prefix)?.strip_suffix(suffix)
            }
        }
    }

    /// The specifier that `target` makes of one that `matches`; `None` when it is there already (`react` ->
    /// `react/cjs/react.js` must not match its own result for ever).
    pub(crate) fn rewrite(&self, specifier: &str, matched: &str, target: &str) -> Option<String> {
        let is_there = specifier.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if is_there {
            return None;
        }
        Some(match self.matching {
            Matching::Whole => target.to_owned(),
            Matching::Pattern { .. } => target.replacen('*', matched, 1),
            Matching::Prefix => match matched.trim_start_matches('/') {
                "" => target.to_owned(),
                rest => format!("{}/{rest}", target.trim_end_matches('/')),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_read_off_the_text() {
        for (specifier, form) in [
            (".", Form::Relative),
            ("..", Form::Relative),
            ("./a", Form::Relative),
            ("../a", Form::Relative),
            (".a", Form::Bare),
            ("/a", Form::Absolute),
            ("C:/a", Form::Absolute),
            ("#a", Form::PackageImport),
            ("@s/a", Form::Bare),
        ] {
            assert_eq!(Form::of(specifier), form, "{specifier}");
        }
    }

    #[test]
    fn queries_fragments_schemes_and_packages_are_told_apart() {
        assert_eq!(split_suffix("./a.svg?raw#x"), ("./a.svg", "?raw#x"));
        assert_eq!(split_suffix("#a/b?x"), ("#a/b", "?x"));
        assert_eq!(split_suffix("./a#b"), ("./a", "#b"));
        assert!(is_builtin("fs/promises") && is_builtin("node:sqlite") && is_builtin("zlib") && !is_builtin("react"));
        assert!(nodejs_built_in_modules::BUILTINS.is_sorted());
        assert_eq!(scheme("https://a"), Some("https"));
        assert_eq!(scheme("C:/a"), None);
        assert_eq!(scheme("./a:b"), None);
        assert_eq!(split_package("@s/a/b/c"), ("@s/a", "b/c"));
        assert_eq!(split_package("a"), ("a", ""));
        assert_eq!(path_of_file_url("file:///app/a%20b.js").as_deref(), Some("/app/a b.js"));
        assert_eq!(path_of_file_url("file:///C:/a.js").as_deref(), Some("C:/a.js"));
        assert_eq!(path_of_file_url("file://host/a.js"), None);
    }
}
