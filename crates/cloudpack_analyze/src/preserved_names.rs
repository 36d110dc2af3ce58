//! Names of chunks that are one module each: the way to the module from the directory that all of them share, so that the
//! output is the source tree again. `src/a.ts` and `src/b/c.js` become `a` and `b/c`.

use crate::graph::Graph;
use crate::group_modules::{GroupIdx, Groups};
use crate::name_chunks::name_of_module;
use cloudpack_base::{IndexVec, path};

/// Extensions that go, because what stands in the chunk is JavaScript as the name will say. `a.vue` keeps its own.
const PLAIN: [&str; 9] = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "json"];

/// Parallel to `groups`, each of which has one module. `root` is left out of the names of modules below it; it is relative
/// to `cwd`, as ids are. Cost: the ids of live modules.
pub(crate) fn preserved_names(graph: &Graph<'_>, groups: &Groups, root: &str, cwd: &str) -> IndexVec<GroupIdx, String> {
    let ids: Vec<Option<&str>> =
        groups.groups.iter().map(|group| group.modules.first().map(|module| graph.modules[*module].id)).collect();
    // `../a.js` and `b.js` share a directory above the one that ids are relative to, whose name is not known here.
    let climbs = |id: &str| id.split('/').take_while(|part| *part == "..").count();
    let depth = 1 + ids.iter().flatten().copied().chain([root]).map(climbs).max().unwrap_or(0);
    let here = format!("/{}", vec!["_"; depth].join("/"));
    let files: Vec<Option<String>> = ids
        .iter()
        .map(|id| {
            let file = path::split_query((*id)?).0;
            (!is_virtual(file)).then(|| path::join(&here, file))
        })
        .collect();
    let base = common_directory(files.iter().flatten());
    let root = (!root.is_empty()).then(|| path::join(&here, root));
    let names = ids.iter().zip(&files).map(|(id, file)| match file {
        Some(file) => {
            let from = root.as_deref().filter(|root| is_below(root, file)).unwrap_or(&base);
            without_extension(&path::relative(from, file)).to_owned()
        }
        None => format!("_virtual/{}", name_of_module(id.unwrap_or_default(), cwd)),
    });
    names.collect()
}

/// An id that a plugin made up, or one on another drive.
fn is_virtual(file: &str) -> bool {
    path::is_absolute(file) || file.contains([':', '\0'])
}

fn is_below(directory: &str, file: &str) -> bool {
    file.strip_prefix(directory).is_some_and(|rest| directory.ends_with('/') || rest.starts_with('/'))
}

fn common_directory<'f>(mut files: impl Iterator<Item = &'f String>) -> String {
    let Some(first) = files.next() else { return "/".to_owned() };
    let mut common = path::dirname(first);
    for file in files {
        // All begin with the same root, so this ends there at the latest.
        while !is_below(common, file) && path::dirname(common) != common {
            common = path::dirname(common);
        }
    }
    common.to_owned()
}

fn without_extension(file: &str) -> &str {
    match path::extension(file) {
        Some(extension) if PLAIN.contains(&extension) => &file[..file.len() - extension.len() - 1],
        _ => file,
    }
}
