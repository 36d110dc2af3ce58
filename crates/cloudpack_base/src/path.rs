//! Paths as strings, with `/` as the separator on every platform. `std::path` follows the host it was compiled for;
//! these follow the text, so that Windows forms can be tested on any machine: `C:/app/a.js`, `//server/share/a.js`.

/// Turns `\` into `/`. Only for text known to be a native Windows path: on Unix a backslash is a legal character.
pub fn from_native(path: &str) -> String {
    if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() }
}

/// Length of the root prefix: `/` 1, `C:/` 3, `//server/share/` all of it, relative 0.
pub fn root_len(path: &str) -> usize {
    let bytes = path.as_bytes();
    if bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' {
        return if bytes.get(2) == Some(&b'/') { 3 } else { 0 };
    }
    if path.starts_with("//") && !path.starts_with("///") {
        let mut slashes = path.match_indices('/').skip(2).map(|(at, _)| at);
        slashes.next();
        return slashes.next().map_or(path.len(), |at| at + 1);
    }
    usize::from(path.starts_with('/'))
}

pub fn is_absolute(path: &str) -> bool {
    root_len(path) > 0
}

/// Removes `.`, resolves `..` (never above the root), joins doubled separators, drops a trailing one.
pub fn normalize(path: &str) -> String {
    let root = root_len(path);
    let mut parts: Vec<&str> = Vec::new();
    for part in path[root..].split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") | None if root == 0 => parts.push(".."),
                Some(_) => {
                    parts.pop();
                }
                None => {}
            },
            _ => parts.push(part),
        }
    }
    let joined = format!("{}{}", &path[..root], parts.join("/"));
    if joined.is_empty() { ".".to_owned() } else { joined }
}

/// `path` seen from directory `base`; an absolute `path` stays itself. Normalised.
pub fn join(base: &str, path: &str) -> String {
    if is_absolute(path) { normalize(path) } else { normalize(&format!("{base}/{path}")) }
}

/// The directory of `path`; of a root, the root; of a bare name, `.`.
pub fn dirname(path: &str) -> &str {
    let root = root_len(path);
    match path[root..].rfind('/') {
        Some(at) => &path[..root + at],
        None if root > 0 => &path[..root],
        None => ".",
    }
}

pub fn basename(path: &str) -> &str {
    path[root_len(path)..].rsplit('/').next().unwrap_or(path)
}

/// The last extension without its dot; none for dot files: `a.module.css` -> `css`, `.env` -> none.
pub fn extension(path: &str) -> Option<&str> {
    let name = basename(path);
    match name.rfind('.') {
        Some(at) if at > 0 => Some(&name[at + 1..]),
        _ => None,
    }
}

/// The way from directory `from` to `to`, without a leading `./`: `("/a/b", "/a/c/d.js")` -> `../c/d.js`.
/// Different roots (two drives) have no way: `to` comes back as it is.
pub fn relative(from: &str, to: &str) -> String {
    let (from, to) = (normalize(from), normalize(to));
    let (from_root, to_root) = (root_len(&from), root_len(&to));
    if from[..from_root] != to[..to_root] {
        return to;
    }
    let from_parts: Vec<&str> = from[from_root..].split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let to_parts: Vec<&str> = to[to_root..].split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let common = from_parts.iter().zip(&to_parts).take_while(|(left, right)| left == right).count();
    let mut parts = vec![".."; from_parts.len() - common];
    parts.extend(&to_parts[common..]);
    parts.join("/")
}

/// Splits a module id into path, query (with `?`) and keeps `#` in the path: `a.css?raw` -> (`a.css`, `?raw`).
pub fn split_query(id: &str) -> (&str, &str) {
    match id.find('?') {
        Some(at) if !id.starts_with('\0') => id.split_at(at),
        _ => (id, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unix_and_windows_forms_normalise_alike() {
        assert_eq!(normalize("/a/./b//../c/"), "/a/c");
        assert_eq!(normalize("C:/a/../../b"), "C:/b");
        assert_eq!(normalize("//server/share/a/../b"), "//server/share/b");
        assert_eq!(normalize("../a/../../b"), "../../b");
        assert_eq!(normalize("a/.."), ".");
        assert_eq!(join("C:/app/src", "../x.js"), "C:/app/x.js");
        assert_eq!(join("/app", "/x.js"), "/x.js");
    }

    #[test]
    fn the_way_between_two_directories() {
        assert_eq!(relative("/a/b", "/a/c/d.js"), "../c/d.js");
        assert_eq!(relative("C:/a", "C:/a/b.js"), "b.js");
        assert_eq!(relative("C:/a", "D:/b.js"), "D:/b.js");
        assert_eq!(relative("assets", "chunk.js"), "../chunk.js");
        assert_eq!(relative(".", "chunk.js"), "chunk.js");
    }

    #[test]
    fn names_and_extensions() {
        assert_eq!(dirname("/a.js"), "/");
        assert_eq!(dirname("C:/a.js"), "C:/");
        assert_eq!(dirname("a.js"), ".");
        assert_eq!(basename("C:/x/a.module.css"), "a.module.css");
        assert_eq!(extension("/x.d/.env"), None);
        assert_eq!(extension("/x/a.module.css"), Some("css"));
        assert_eq!(split_query("/a?b.css?raw"), ("/a", "?b.css?raw"));
        assert_eq!(split_query("\0virtual?x"), ("\0virtual?x", ""));
    }
}
