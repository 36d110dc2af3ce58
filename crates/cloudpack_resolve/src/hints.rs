//! Why a request found nothing, and what the user probably meant. Runs only for failures, so that it may look around:
//! list directories, read a `package.json`, compare names.

use cloudpack_base::path;
use oxc_resolver::ResolveError;

use crate::adapter::PathForm;
use crate::directories::{Directories, Directory};
use crate::options::{Kind, Rules};
use crate::outcome::Failure;
use crate::resolver::Absence;
use crate::specifier::{Form, scheme, split_suffix};

/// A hint is not worth more listings.
const SEARCHED_DIRECTORIES: usize = 50;

/// Where the request came from, and what there is to look at.
pub(crate) struct Place<'a> {
    pub(crate) directories: &'a Directories,
    pub(crate) rules: &'a Rules,
    pub(crate) form: PathForm,
    pub(crate) directory: &'a Directory,
    pub(crate) importer_dir: &'a str,
    pub(crate) kind: Kind,
    /// Whether `x` may have meant `./x`.
    pub(crate) relative_first: bool,
}

impl Place<'_> {
    /// `specifier` as written; `meant` as it was read (without `~`, percent signs decoded).
    pub(crate) fn explain(&self, specifier: &str, meant: &str, absence: &Absence) -> Failure {
        let unresolved = |hint: Option<String>| Failure {
            code: "UNRESOLVED_IMPORT",
            message: format!("Could not resolve \"{}\"", specifier.escape_debug()),
            hint,
        };
        let meant = split_suffix(meant).0;
        match absence {
            Absence::Empty => unresolved(Some("The specifier is empty".to_owned())),
            Absence::Alias { target } => unresolved(Some(self.alias_hint(target))),
            Absence::Path(target) => unresolved(self.public_hint(meant).or_else(|| self.path_hint(meant, target))),
            Absence::Package(ResolveError::Json(json)) => {
                let file = self.form.of_oxc(&json.path).unwrap_or_else(|| json.path.display().to_string());
                Failure {
                    code: "INVALID_PACKAGE_JSON",
                    message: format!("Could not resolve \"{specifier}\": {file} cannot be read as JSON"),
                    hint: Some(json.message.clone()),
                }
            }
            Absence::Package(error) => match scheme(meant) {
                Some(scheme) => {
                    let hint = format!("\"{scheme}:\" is no file; is the plugin that provides it missing?");
                    unresolved(Some(hint))
                }
                None => unresolved(self.package_hint(meant, error)),
            },
        }
    }

    fn alias_hint(&self, target: &str) -> String {
        let absolute = path::join(&self.rules.cwd, target);
        let is_path = Form::of(target) == Form::Absolute;
        match is_path.then(|| self.path_hint(target, &absolute)).flatten() {
            Some(hint) => format!("An alias leads to \"{target}\". {hint}"),
            None => format!("An alias leads to \"{target}\", which does not exist"),
        }
    }

    /// Some servers answer `/logo.svg` with `public/logo.svg`; a module has to say where the file is.
    fn public_hint(&self, meant: &str) -> Option<String> {
        let file = path::join(&self.rules.cwd, &format!("public{meant}"));
        let is_there = meant.starts_with('/') && self.directories.lookup(&file).is_some_and(|it| !it.is_directory);
        let way = is_there.then(|| path::relative(self.importer_dir, &file))?;
        let way = if way.starts_with("../") { way } else { format!("./{way}") };
        Some(format!("There is no public directory here; did you mean \"{way}\"?"))
    }

    /// `target` is where `specifier` led.
    pub(crate) fn path_hint(&self, specifier: &str, target: &str) -> Option<String> {
        let parent_path = path::dirname(target);
        let Some(parent) = self.directories.get(parent_path) else {
            return self.absent_directory_hint(specifier, target);
        };
        let name = path::basename(target);
        let prefix = &specifier[..specifier.rfind('/').map_or(0, |at| at + 1)];
        let names = parent.names();
        let sure = names.iter().find(|other| other.eq_ignore_ascii_case(name) && **other != name);
        if let Some(other) = sure {
            return Some(format!("Did you mean \"{prefix}{other}\"? Upper and lower case differ"));
        }
        if self.directories.get(target).is_some() {
            let mains = self.rules.main_files.join("\" or \"");
            return Some(format!("\"{specifier}\" is a directory without a file \"{mains}\""));
        }
        let declarations = [".d.ts", ".d.mts", ".d.cts"];
        let is_declaration = |other: &str| declarations.iter().any(|types| other.ends_with(types));
        let stem_of_declaration = |other: &str| other.rsplit_once(".d.").map(|(stem, _)| stem.to_owned());
        if let Some(types) = names.iter().find(|other| {
            is_declaration(other)
                && stem_of_declaration(other).is_some_and(|types| types == name || types == stem(name))
        }) {
            return Some(format!("\"{prefix}{types}\" holds types only; import it with \"import type\""));
        }
        let files = names.iter().copied().filter(|other| !other.starts_with('.') && !is_declaration(other));
        let other = closest(name, files);
        let meant = other.map(|other| format!("{prefix}{other}")).or_else(|| self.moved(&parent, name))?;
        Some(format!("Did you mean \"{meant}\"?"))
    }

    /// The file one directory up or down: `./other.js` for `../other.js` is what moving a file leaves behind.
    fn moved(&self, from: &Directory, name: &str) -> Option<String> {
        let is_searched = |name: &&str| !name.starts_with('.') && *name != "node_modules";
        let below =
            from.names().into_iter().filter(is_searched).filter_map(|name| self.directories.get(&from.child(name)));
        for place in from.parent.iter().cloned().chain(below.take(SEARCHED_DIRECTORIES)) {
            let names = place.names();
            let is_meant = |other: &&&str| **other == name || stem(other) == stem(name);
            let other = names.iter().filter(|other| self.directories.is_file(&place, other)).find(is_meant);
            if let Some(other) = other {
                let way = path::relative(self.importer_dir, &place.child(other));
                return Some(if way.starts_with("../") { way } else { format!("./{way}") });
            }
        }
        None
    }

    /// The first directory on the way that is not there, with its likeliest namesake.
    fn absent_directory_hint(&self, specifier: &str, target: &str) -> Option<String> {
        let (mut existing, mut absent) = (path::dirname(target), target);
        while self.directories.get(existing).is_none() {
            absent = existing;
            let parent = path::dirname(existing);
            if parent.len() >= existing.len() {
                return None;
            }
            existing = parent;
        }
        let name = path::basename(absent);
        let shown = path::relative(&self.rules.cwd, absent);
        let shown = if shown.starts_with("../") { absent } else { &shown };
        if self.directories.lookup(absent).is_some_and(|found| !found.is_directory) {
            return Some(format!("\"{shown}\" is a file, not a directory"));
        }
        let directory = self.directories.get(existing)?;
        let is_directory = |other: &&str| self.directories.entry(&directory, other).is_some_and(|it| it.is_directory);
        let other = closest(name, directory.names().into_iter().filter(is_directory));
        let better = other.and_then(|other| {
            let rest = target.strip_prefix(absent)?;
            // Only where the name stands in the specifier itself can it be put right there.
            let at = specifier.len().checked_sub(rest.len() + name.len())?;
            let before = specifier.get(..at)?;
            specifier.get(at..)?.strip_prefix(name)?;
            Some(format!("{before}{other}{rest}"))
        });
        match better {
            Some(better) => Some(format!("There is no directory \"{shown}\". Did you mean \"{better}\"?")),
            None => Some(format!("There is no directory \"{shown}\"")),
        }
    }
}

/// The name that `wanted` most likely stands for: the same up to case and extension, or a few letters off.
pub(crate) fn closest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = wanted.to_lowercase();
    let wanted_stem = stem(&wanted);
    let rank = |name: &str| {
        let name = name.to_lowercase();
        // `./Button` for `Button.vue`, `./data.yml` for `data.yaml`.
        if stem(&name) == wanted || (stem(&name) == wanted_stem && !wanted_stem.is_empty()) {
            return Some(0);
        }
        let allowed = (wanted_stem.chars().count() / 3).clamp(1, 3);
        // Extensions are compared with extensions only, so that `./a` is not one letter from `b`'s `b.ts`.
        let whole = distance(&wanted, &name, allowed);
        let stems = distance(wanted_stem, stem(&name), allowed);
        let far = whole.into_iter().chain(stems).min()?;
        // A name of one or two letters is close to everything.
        (wanted_stem.chars().count() > 2).then_some(far)
    };
    let ranked = names.into_iter().filter_map(|name| rank(name).map(|rank| (rank, name)));
    ranked.min().map(|(_, name)| name)
}

fn stem(name: &str) -> &str {
    match name.rfind('.') {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

/// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours; `None` above `limit`.
fn distance(left: &str, right: &str, limit: usize) -> Option<usize> {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len().abs_diff(right.len()) > limit || left.len() > 200 {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, &ours) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, &theirs) in right.iter().enumerate() {
            let replaced = last[column] + usize::from(ours != theirs);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let swapped = row > 0 && column > 0 && left[row - 1] == theirs && right[column - 1] == ours;
            if swapped {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_found_and_far_ones_are_not_proposed() {
        assert_eq!(closest("Buton", ["Button.tsx", "Card.tsx"]), Some("Button.tsx"));
        assert_eq!(closest("data.yml", ["data.yaml", "date.ts"]), Some("data.yaml"));
        assert_eq!(closest("button", ["Button.vue"]), Some("Button.vue"));
        assert_eq!(closest("recat", ["react", "redux"]), Some("react"));
        assert_eq!(closest("a", ["b", "c.ts"]), None);
        assert_eq!(closest("something", ["else"]), None);
    }

    #[test]
    fn swapped_neighbours_count_once() {
        assert_eq!(distance("abcd", "abdc", 2), Some(1));
        assert_eq!(distance("", "ab", 2), Some(2));
        assert_eq!(distance("kitten", "sitting", 2), None);
    }
}
