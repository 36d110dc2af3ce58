//! The module behind `?glob-import=./pages/**/*.js`, which Summarize asks for where a specifier is put together when the
//! program runs: from the files that the pattern matches below the importer's directory to the text of a module that
//! holds one `import()` or `require()` for each. Its id is `IMPORTER?glob-...`, so that what it asks for is found from
//! where the importer stands.
//!
//! ```js
//! const files = { "./pages/a.js": () => import("./pages/a.js") };
//! export default function load(path) { return (files[path] || files[path + ".js"])(); }
//! ```

use crate::module_types::module_type_of;
use crate::options::{BuildOptions, ModuleType};
use crate::write::output_dir;
use cloudpack_base::path;
use cloudpack_resolve::Resolver;
use std::collections::BTreeSet;

pub(crate) const QUERIES: [&str; 4] = ["glob-import", "glob-import-cjs", "glob-require", "glob-require-cjs"];

/// The id of the module that a request of `importer` means, if it is such a request.
pub(crate) fn module_id(importer: &str, specifier: &str) -> Option<String> {
    parse(specifier)?;
    Some(format!("{}{specifier}", path::split_query(importer).0))
}

/// (`import-cjs`, the pattern)
fn parse(query: &str) -> Option<(&str, &str)> {
    let (kind, pattern) = query.strip_prefix('?')?.split_once('=')?;
    QUERIES.contains(&kind).then_some((kind.strip_prefix("glob-")?, pattern))
}

/// The text of the module `id`; `None` if it is another kind of module. Cost: a listing of each directory that may match.
pub(crate) fn source_of(id: &str, options: &BuildOptions, resolver: &Resolver) -> Option<String> {
    let (file, query) = path::split_query(id);
    let (kind, pattern) = parse(query)?;
    let directory = crate::requests::importer_dir(file, &options.cwd);
    let found = matching_files(pattern, &directory, options, resolver);
    let is_commonjs = kind.ends_with("-cjs");
    let call = kind.trim_end_matches("-cjs");
    let export = if is_commonjs { "module.exports =" } else { "export default" };
    if found.is_empty() {
        // The files come to be elsewhere: it is left to the run.
        return Some(format!("{export} function load(path) {{\n\treturn {call}(path);\n}}\n"));
    }
    let mut text = String::from("const files = {\n");
    let mut endings = BTreeSet::new();
    for path in &found {
        let quoted = serde_json::Value::from(path.as_str());
        text.push_str(&format!("\t{quoted}: () => {call}({quoted}),\n"));
        let ending = path::extension(path).filter(|_| pattern.ends_with('*'));
        if let Some(ending) = ending {
            let is_index = path::basename(path).strip_suffix(ending) == Some("index.");
            endings.insert((false, ending));
            endings.extend(is_index.then_some((true, ending)));
        }
    }
    let tries: String = endings
        .into_iter()
        .map(|(is_index, ending)| {
            let ending = serde_json::Value::from(format!("{}.{ending}", if is_index { "/index" } else { "" }));
            format!(" || files[path + {ending}]")
        })
        .collect();
    let fails = if call == "import" { "return Promise.reject(error);" } else { "throw error;" };
    text.push_str(&format!(
        "}};\n{export} function load(path) {{\n\tconst file = files[path]{tries};\n\tif (file) return file();\n\tconst error = \
         new Error(`Cannot find module '${{path}}'`);\n\terror.code = \"MODULE_NOT_FOUND\";\n\t{fails}\n}}\n"
    ));
    Some(text)
}

/// Specifiers, sorted, each as the program would put it together.
fn matching_files(pattern: &str, directory: &str, options: &BuildOptions, resolver: &Resolver) -> Vec<String> {
    let segments: Vec<&str> = pattern.split('/').collect();
    let fixed = segments.iter().take_while(|segment| !segment.contains('*')).count();
    let (prefix, rest) = segments.split_at(fixed);
    let prefix = prefix.join("/");
    let base = path::join(directory, &prefix);
    // At the root of the project lie outputs, tests and settings too: there a wildcard stays in its directory.
    let is_root = options.cwd == base || options.cwd.starts_with(&format!("{}/", base.trim_end_matches('/')));
    let mut walk = Walk {
        resolver,
        options,
        may_descend: !is_root,
        outputs: options.output.iter().map(|output| output_dir(&options.cwd, output)).collect(),
        // Of all files of a directory only code and data can be meant.
        wants_code: pattern.ends_with('*'),
        found: Vec::new(),
    };
    walk.visit(&base, &prefix, rest);
    walk.found.sort_unstable();
    walk.found.dedup();
    walk.found
}

struct Walk<'c> {
    resolver: &'c Resolver,
    options: &'c BuildOptions,
    may_descend: bool,
    outputs: Vec<String>,
    wants_code: bool,
    found: Vec<String>,
}

impl Walk<'_> {
    fn visit(&mut self, directory: &str, shown: &str, segments: &[&str]) {
        let Some((segment, rest)) = segments.split_first() else { return };
        if *segment == "**" {
            self.visit(directory, shown, rest);
            if !self.may_descend {
                return;
            }
            for entry in self.resolver.list(directory) {
                let path = path::join(directory, &entry.name);
                let is_foreign = entry.name == "node_modules" || entry.name.starts_with('.');
                if entry.is_directory && !entry.is_link && !is_foreign && !self.outputs.contains(&path) {
                    self.visit(&path, &format!("{shown}/{}", entry.name), segments);
                }
            }
            return;
        }
        for entry in self.resolver.list(directory) {
            if !matches_segment(segment, &entry.name) || entry.name.starts_with('.') && !segment.starts_with('.') {
                continue;
            }
            let (path, shown) = (path::join(directory, &entry.name), format!("{shown}/{}", entry.name));
            if entry.is_directory {
                self.visit(&path, &shown, rest);
            } else if rest.is_empty() && self.is_wanted(&path) {
                self.found.push(shown);
            }
        }
    }

    fn is_wanted(&self, path: &str) -> bool {
        if [".d.ts", ".d.mts", ".d.cts"].iter().any(|types| path.ends_with(types)) {
            return false;
        }
        let module_type = module_type_of(path, &self.options.module_types);
        let is_code = matches!(
            module_type,
            Some(ModuleType::Js | ModuleType::Jsx | ModuleType::Ts | ModuleType::Tsx | ModuleType::Json)
        ) && path::extension(path).is_some();
        if self.wants_code { is_code } else { module_type.is_some() }
    }
}

/// `page-*.js` and one name.
fn matches_segment(segment: &str, name: &str) -> bool {
    let mut parts = segment.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{matches_segment, module_id};

    #[test]
    fn a_wildcard_stands_for_any_part_of_one_name() {
        assert!(matches_segment("*.js", "a.js"));
        assert!(!matches_segment("*.js", "a.json"));
        assert!(matches_segment("a-*-*.ts", "a-b-c-d.ts"));
        assert!(!matches_segment("a*a", "a"));
        assert!(matches_segment("pages", "pages") && !matches_segment("pages", "pages2"));
    }

    #[test]
    fn the_module_of_a_pattern_lies_where_its_importer_does() {
        let id = module_id("/app/main.vue?vue&type=script", "?glob-import=./*.js");
        assert_eq!(id.as_deref(), Some("/app/main.vue?glob-import=./*.js"));
        assert_eq!(module_id("/app/main.js", "?worker"), None);
    }
}
