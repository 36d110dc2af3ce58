//! Readable bases for the file names of chunks that nobody named. Names depend on module ids alone, so that an edit
//! elsewhere does not rename a file. They need not be unique; the file name pattern sees to that.

use cloudpack_base::path;

/// `src/routes/about.tsx` -> `about`, `src/about/index.tsx` -> `about`, `src/[id].tsx` -> `id`. The name of a directory
/// at or above `cwd` is not taken: the same program must have the same names in another place.
pub(crate) fn name_of_module(id: &str, cwd: &str) -> String {
    let file = path::split_query(id.trim_start_matches('\0')).0;
    let relative = if cwd.is_empty() || !path::is_absolute(file) { file.to_owned() } else { path::relative(cwd, file) };
    let stem = stem_of(path::basename(file));
    let name = if matches!(stem, "index" | "main" | "mod") {
        let directory = path::basename(path::dirname(&relative));
        let says_nothing = matches!(directory, "" | "." | ".." | "/" | "src" | "lib" | "dist" | "es" | "esm" | "cjs");
        if says_nothing { stem } else { directory }
    } else {
        stem
    };
    let mut clean = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '$' | '.') {
            clean.push(character);
        } else if !clean.ends_with('_') && !clean.is_empty() {
            clean.push('_');
        }
    }
    let clean = clean.trim_matches(['_', '.']);
    if clean.is_empty() { "chunk".to_owned() } else { clean.to_owned() }
}

fn stem_of(name: &str) -> &str {
    match name.rfind('.') {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::name_of_module;

    #[test]
    fn a_chunk_is_named_after_its_module_or_the_directory_of_an_index() {
        assert_eq!(name_of_module("/app/src/routes/About.tsx", "/app"), "About");
        assert_eq!(name_of_module("/app/src/about/index.tsx?x", "/app"), "about");
        assert_eq!(name_of_module("/app/src/index.ts", "/app"), "index");
        assert_eq!(name_of_module("/app/main.ts", "/app"), "main");
        assert_eq!(name_of_module("/app/src/[id].tsx", "/app"), "id");
        assert_eq!(name_of_module("/app/src/a.module.css", "/app"), "a.module");
        assert_eq!(name_of_module("\0virtual:x", "/app"), "virtual_x");
        assert_eq!(name_of_module("\0", "/app"), "chunk");
    }
}
