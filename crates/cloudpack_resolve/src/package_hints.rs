//! Why a package request found nothing: nothing is installed, this one is not, it keeps the asked file to itself, its
//! entry is missing.

use std::sync::Arc;

use cloudpack_base::path;
use oxc_resolver::ResolveError;
use serde_json::Value;

use crate::directories::Directory;
use crate::hints::{Place, closest};
use crate::specifier::{Form, split_package};

/// Enough keys to see the pattern, few enough to read.
const SHOWN_KEYS: usize = 5;

impl Place<'_> {
    pub(crate) fn package_hint(&self, specifier: &str, error: &ResolveError) -> Option<String> {
        match error {
            ResolveError::PackageImportNotDefined(_, json) => {
                let json = self.form.of_oxc(json)?;
                let keys = keys_of(self.json(&json)?.get("imports")?);
                Some(format!("\"imports\" of {json} has {}", listed(specifier, &keys)))
            }
            ResolveError::PackagePathNotExported { package_json_path, .. } => {
                self.exports_hint(specifier, &self.form.of_oxc(package_json_path)?)
            }
            ResolveError::NotFound(_) if Form::of(specifier) == Form::PackageImport => Some(
                "\"#\" stands for the \"imports\" of the nearest package.json, which has none that fits".to_owned(),
            ),
            ResolveError::NotFound(_) => self.absent_package_hint(specifier),
            other => Some(other.to_string()),
        }
    }

    fn exports_hint(&self, specifier: &str, file: &str) -> Option<String> {
        let json = self.json(file)?;
        let (package, subpath) = split_package(specifier);
        let package = json.get("name").and_then(Value::as_str).unwrap_or(package);
        let key = if subpath.is_empty() { ".".to_owned() } else { format!("./{subpath}") };
        let exports = json.get("exports")?;
        let keys = keys_of(exports);
        let has_subpaths = keys.iter().any(|key| key.starts_with('.'));
        let target = if has_subpaths { exports.get(&key) } else { Some(exports).filter(|_| key == ".") };
        match target.filter(|target| !target.is_null()) {
            Some(target) => {
                let ours = self.rules.kind(self.kind).conditions.join("\", \"");
                let theirs = keys_of(target).join("\", \"");
                Some(format!("\"{package}\" exports \"{key}\" for \"{theirs}\" only; asked for were \"{ours}\""))
            }
            None if has_subpaths => {
                Some(format!("\"{package}\" does not export \"{key}\"; it exports {}", listed(&key, &keys)))
            }
            None => Some(format!("\"{package}\" exports \".\" only, not \"{key}\"")),
        }
    }

    fn absent_package_hint(&self, specifier: &str) -> Option<String> {
        let (package, subpath) = split_package(specifier);
        let modules: Vec<Arc<Directory>> = self.module_directories();
        let installed = modules.iter().find_map(|modules| self.directories.get(&path::join(&modules.path, package)));
        if let Some(installed) = installed {
            return self.incomplete_package_hint(&installed, specifier, package, subpath);
        }
        let beside = path::join(self.importer_dir, specifier);
        if self.relative_first
            && let Some(hint) = self.path_hint(specifier, &beside)
        {
            return Some(hint);
        }
        // `components/Button` for `./components/Button`.
        let stem = path::basename(&beside);
        let is_beside = self.directories.get(path::dirname(&beside)).is_some_and(|directory| {
            directory.names().into_iter().any(|name| name == stem || name.strip_prefix(stem).is_some_and(is_extension))
        });
        if is_beside {
            return Some(format!("A package is meant by \"{specifier}\"; did you mean \"./{specifier}\"?"));
        }
        let declared = self.declared_dependencies();
        if declared.iter().any(|name| name == package) {
            let place = if modules.is_empty() { "; there is no node_modules" } else { "" };
            return Some(format!(
                "\"{package}\" stands in package.json but is not installed{place}. Run the package manager"
            ));
        }
        let names: Vec<String> = modules.iter().flat_map(|modules| self.package_names(modules)).collect();
        let known = names.iter().chain(&declared).map(String::as_str).filter(|name| *name != package);
        if let Some(other) = closest(package, known) {
            let rest = if subpath.is_empty() { String::new() } else { format!("/{subpath}") };
            return Some(format!("Did you mean \"{other}{rest}\"?"));
        }
        if modules.is_empty() {
            let from = &self.directory.path;
            return Some(format!("There is no node_modules from {from} upwards; install the packages first"));
        }
        // pnpm keeps what others depend on out of reach of the application.
        let hoisted = modules.iter().any(|modules| {
            self.directories.get(&path::join(&modules.path, &format!(".pnpm/node_modules/{package}"))).is_some()
        });
        Some(if hoisted {
            format!("Another package depends on \"{package}\", but this one does not; add it to package.json")
        } else {
            format!("\"{package}\" is not installed")
        })
    }

    fn incomplete_package_hint(
        &self,
        installed: &Directory,
        specifier: &str,
        package: &str,
        subpath: &str,
    ) -> Option<String> {
        let json = self.json(&installed.child("package.json"));
        if !subpath.is_empty() {
            // `"./*": "./lib/*"` matches every request; then the file is what is missing, and not where the request says.
            if let Some(exports) = json.as_ref().and_then(|json| json.get("exports")) {
                let listed = listed(&format!("./{subpath}"), &keys_of(exports));
                return Some(format!("\"{package}\" exports {listed}, and \"./{subpath}\" leads to no file"));
            }
            return self.path_hint(specifier, &path::join(&installed.path, subpath));
        }
        let field = |name: &str| Some(json.as_ref()?.get(name)?.as_str()?.to_owned());
        let entry = ["module", "main"].into_iter().find_map(|name| field(name).map(|file| (name, file)));
        Some(match entry {
            Some((name, file)) => {
                format!("\"{package}\" is installed, but its \"{name}\" \"{file}\" does not exist. Has it been built?")
            }
            None if field("types").or_else(|| field("typings")).is_some() => {
                format!("\"{package}\" holds types only; import it with \"import type\"")
            }
            None => format!("\"{package}\" is installed, but has no entry; name a file in it"),
        })
    }

    fn module_directories(&self) -> Vec<Arc<Directory>> {
        let every = self.directory.upwards().flat_map(|directory| {
            self.rules.modules.iter().filter_map(|modules| self.directories.get(&path::join(&directory.path, modules)))
        });
        every.collect()
    }

    /// `react`, `@scope/x`...
    fn package_names(&self, modules: &Directory) -> Vec<String> {
        let mut names = Vec::new();
        for name in modules.names() {
            if name.starts_with('@') {
                let scope = self.directories.get(&modules.child(name));
                let inside = scope.iter().flat_map(|scope| scope.names());
                names.extend(inside.map(|inside| format!("{name}/{inside}")));
            } else if !name.starts_with('.') {
                names.push(name.to_owned());
            }
        }
        names
    }

    fn declared_dependencies(&self) -> Vec<String> {
        let nearest = self.directory.upwards().find(|place| self.directories.is_file(place, "package.json"));
        let Some(json) = nearest.and_then(|place| self.json(&place.child("package.json"))) else { return Vec::new() };
        let fields = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
        let maps = fields.iter().filter_map(|field| json.get(field)?.as_object());
        maps.flat_map(|map| map.keys().cloned()).collect()
    }

    fn json(&self, file: &str) -> Option<Value> {
        let bytes = self.directories.fs.read(file).ok()?;
        serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes)).ok()
    }
}

fn is_extension(rest: &str) -> bool {
    rest.starts_with('.')
}

fn keys_of(value: &Value) -> Vec<String> {
    value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

/// `"./a", "./b" and 12 more`, the likeliest first.
fn listed(wanted: &str, keys: &[String]) -> String {
    let likely = closest(wanted, keys.iter().map(String::as_str));
    let others = keys.iter().map(String::as_str).filter(|key| Some(*key) != likely && *key != "./package.json");
    let ordered: Vec<&str> = likely.into_iter().chain(others).collect();
    let shown = ordered.iter().take(SHOWN_KEYS).map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ");
    match ordered.len().saturating_sub(SHOWN_KEYS) {
        0 if shown.is_empty() => "nothing".to_owned(),
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
