//! Warm builds against cold ones: the same tree again in a new session with the same store, where nothing may be looked at;
//! with outputs that somebody damaged; and after edits of every module, where the bytes must be those of a build that knows
//! nothing.

use std::path::Path;

use cloudpack::options::CacheOptions;
use cloudpack_base::path;

use crate::Failure;
use crate::build::{Built, build};
use crate::case::Case;
use crate::options::{build_options, output_folder};
use crate::place::Place;
use crate::tree::{Content, Tree};
use crate::variant::Variant;

type Compare<'c> = &'c dyn Fn(&str, &Built, &Built) -> Result<(), Failure>;

/// `place` was built with this store before, with this result.
pub(crate) fn check(
    case: &Case,
    tree: &Tree,
    place: &Place,
    first: &Built,
    store: &Path,
    compare: Compare<'_>,
) -> Result<(), Failure> {
    let folder = output_folder(case);
    for variant in [Variant::Plain, Variant::Minified, Variant::Full] {
        if variant != Variant::Plain && (first.failed() || variant.is_excepted(case)) {
            continue;
        }
        let what = variant.name();
        let again = || build(with_store(build_options(case, tree, place, variant)?, store), place);
        // What it writes first is what it finds next; two variants take turns in one folder.
        let made = again()?;
        let mut unchanged = again()?;
        if unchanged.stats.last_build != "unchanged" {
            // The output folder is new, and a hint looked at all names beside it.
            compare(&format!("{what}: again"), &made, &unchanged)?;
            unchanged = again()?;
        }
        compare(&format!("{what}: again, nothing changed"), &made, &unchanged)?;
        if !made.failed() && (unchanged.stats.last_build != "unchanged" || unchanged.stats.reused != made.stats.modules)
        {
            return Err(format!("{what}: nothing changed, and the last build was not taken: {:?}", unchanged.stats));
        }
        if made.failed() {
            continue;
        }
        outputs_are_restored(&format!("{what}: an emitted file"), &made, place, &folder, &again, compare)?;
    }
    Ok(())
}

fn outputs_are_restored(
    what: &str,
    made: &Built,
    place: &Place,
    folder: &str,
    again: &dyn Fn() -> Result<Built, Failure>,
    compare: Compare<'_>,
) -> Result<(), Failure> {
    let Some((name, bytes)) = made.files.last() else { return Ok(()) };
    let file = path::join(&path::join(&place.cwd, folder), name);
    let mut altered = bytes.clone();
    altered.push(b' ');
    place.fs.write(&file, &altered).map_err(|error| error.to_string())?;
    compare(&format!("{what} was altered"), made, &again()?)?;
    let is_restored = || place.fs.read(&file).is_ok_and(|now| now == *bytes);
    if !is_restored() {
        return Err(format!("{what} was altered and not restored: {name}"));
    }
    place.fs.remove_file(&file).map_err(|error| error.to_string())?;
    compare(&format!("{what} was removed"), made, &again()?)?;
    if !is_restored() {
        return Err(format!("{what} was removed and not restored: {name}"));
    }
    Ok(())
}

/// Every module changes in turn, in ways that go deeper each time; the bytes are those of a cold build.
pub(crate) fn check_edits(case: &Case, tree: &Tree, store: &Path, compare: Compare<'_>) -> Result<(), Failure> {
    let modules: Vec<&String> = tree.entries.keys().filter(|name| is_edited(name)).take(MOST_MODULES).collect();
    for variant in [Variant::Plain, Variant::Minified, Variant::Full] {
        if variant.is_excepted(case) {
            continue;
        }
        // Minified builds go the same ways; what they add is names.
        let is_plain = variant == Variant::Plain;
        for name in modules.iter().take(if is_plain { MOST_MODULES } else { 1 }) {
            let Some(Content::File(source)) = tree.entries.get(*name) else { continue };
            let Ok(source) = std::str::from_utf8(source) else { continue };
            let place = Place::in_memory_unix(tree);
            build(with_store(build_options(case, tree, &place, variant)?, store), &place)?;
            for (edit, text) in edits(source).into_iter().skip(usize::from(!is_plain)) {
                let mut edited = tree.clone();
                edited.entries.insert((*name).clone(), Content::File(text.clone().into_bytes()));
                place.fs.write(&path::join(&place.cwd, name), text.as_bytes()).map_err(|error| error.to_string())?;
                let warm = build(with_store(build_options(case, &edited, &place, variant)?, store), &place)?;
                let fresh = Place::in_memory_unix(&edited);
                let cold = build(build_options(case, &edited, &fresh, variant)?, &fresh)?;
                compare(&format!("{}: {edit} in {name}", variant.name()), &cold, &warm)?;
                if !cold.failed() {
                    left_behind_is(&format!("{edit} in {name}"), &place, &fresh, &output_folder(case))?;
                }
            }
        }
    }
    Ok(())
}

/// A case of many modules is about something else.
const MOST_MODULES: usize = 2;

fn is_edited(name: &str) -> bool {
    let is_script = matches!(path::extension(name), Some("js" | "mjs" | "cjs" | "jsx" | "ts" | "tsx" | "css"));
    is_script && !name.contains("node_modules/")
}

fn edits(source: &str) -> Vec<(&'static str, String)> {
    vec![
        ("a comment", format!("{source}\n/* edited */\n")),
        ("a statement", format!("{source}\n;globalThis.__edited = [1, 2, 3].length;\n")),
        ("an export", format!("{source}\n;export const __edited = 1;\n")),
        ("nothing any more", source.to_owned()),
    ]
}

/// The output folder holds what a build in a fresh one leaves, and nothing else.
fn left_behind_is(what: &str, warm: &Place, cold: &Place, folder: &str) -> Result<(), Failure> {
    let (warm, cold) = (warm.all_files_in(folder), cold.all_files_in(folder));
    if warm == cold {
        return Ok(());
    }
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    Err(format!("after {what}: the output folder holds {:?}, a fresh one {:?}", names(&warm), names(&cold)))
}

fn with_store(mut options: cloudpack::options::BuildOptions, store: &Path) -> cloudpack::options::BuildOptions {
    let dir = store.to_string_lossy().into_owned();
    options.cache = Some(CacheOptions::at(dir));
    options
}
