//! Requests that only a `package.json` can answer, by `oxc_resolver`: bare specifiers, `#imports`, directories with a
//! `package.json`, files of packages with a `browser` map.
//!
//! Each (starting directory, specifier) is asked once. `oxc_resolver` starts in the importer's directory and walks up;
//! as long as a directory has neither `package.json` nor `node_modules`, starting in its parent is the same question. So
//! ten thousand components that import `react` ask once.

use std::path::PathBuf;
use std::sync::Arc;

use cloudpack_base::path;
use dashmap::DashMap;
use oxc_resolver::{ResolveContext, ResolveError, ResolverGeneric};
use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::adapter::{Adapter, PathForm};
use crate::directories::{Directories, Directory};
use crate::options::{Kind, Rules};
use crate::outcome::ProbeList;
use crate::path_lookup::Completion;
use crate::specifier::{Form, split_package};

pub(crate) struct PackageLookup {
    directories: Arc<Directories>,
    form: PathForm,
    modules: Vec<String>,
    /// By kind; each without and with extension aliases. They share one cache of paths and package.json files.
    resolvers: [[ResolverGeneric<Adapter>; 2]; 3],
    known: DashMap<Box<str>, Arc<Answer>, FxBuildHasher>,
}

pub(crate) struct Answer {
    pub(crate) result: Result<Target, ResolveError>,
    pub(crate) probes: Arc<ProbeList>,
}

#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) path: String,
    /// Query and fragment that the package itself put there: `"exports": {".": "./a.js?raw"}`.
    pub(crate) suffix: String,
}

impl PackageLookup {
    pub(crate) fn new(directories: &Arc<Directories>, rules: &Rules, form: PathForm) -> Self {
        let adapter = Adapter::new(Arc::clone(directories), form);
        let first = ResolverGeneric::new_with_file_system(adapter, rules.for_packages(Kind::Import, false, form));
        let of =
            |kind: Kind| [false, true].map(|alias| first.clone_with_options(rules.for_packages(kind, alias, form)));
        Self {
            directories: Arc::clone(directories),
            form,
            modules: rules.modules.clone(),
            resolvers: [of(Kind::Import), of(Kind::Require), of(Kind::Css)],
            known: DashMap::default(),
        }
    }

    /// `specifier` without query, seen from `directory`. The second list holds the absent paths between `directory` and
    /// where the question really starts.
    pub(crate) fn ask(
        &self,
        directory: &Directory,
        specifier: &str,
        completion: Completion,
    ) -> (Arc<Answer>, Arc<ProbeList>) {
        let (start, below) = self.start_of(directory);
        (self.ask_from(start, specifier, completion), below)
    }

    /// An absolute path whose meaning depends on a `package.json`; with a `/` at its end, a directory.
    pub(crate) fn ask_path(&self, target: &str, completion: Completion) -> Arc<Answer> {
        // As a specifier, a `#` in a path would start a fragment; a NUL before it says that it does not.
        let specifier = self.form.to_oxc(target).to_string_lossy().replace('#', "\0#");
        self.ask_from(path::dirname(target), &specifier, completion)
    }

    fn ask_from(&self, start: &str, specifier: &str, completion: Completion) -> Arc<Answer> {
        let mut key = String::with_capacity(start.len() + specifier.len() + 2);
        key.push(char::from(b'0' + completion.kind as u8 * 2 + u8::from(completion.extension_alias)));
        key.push_str(start);
        key.push('\0');
        key.push_str(specifier);
        if let Some(answer) = self.known.get(key.as_str()) {
            return Arc::clone(&answer);
        }
        let answer = Arc::new(self.resolve(start, specifier, completion));
        self.known.entry(key.into_boxed_str()).or_insert(answer).clone()
    }

    fn resolve(&self, start: &str, specifier: &str, completion: Completion) -> Answer {
        let [import, require, css] = &self.resolvers;
        let [plain, aliasing] = match completion.kind {
            Kind::Import => import,
            Kind::Require => require,
            Kind::Css => css,
        };
        let resolver = if completion.extension_alias { aliasing } else { plain };
        let mut context = ResolveContext::default();
        let result = resolver.resolve_with_context(self.form.to_oxc(start), specifier, None, &mut context);
        let result = result.and_then(|resolution| {
            let unsupported = || ResolveError::PathNotSupported(resolution.path().to_path_buf());
            let path = self.form.of_oxc(resolution.path()).ok_or_else(unsupported)?;
            let suffix = [resolution.query(), resolution.fragment()].into_iter().flatten().collect();
            Ok(Target { path, suffix })
        });
        let mut probes = self.collect(context);
        self.complete(&mut probes, start, specifier);
        Answer { result, probes: Arc::new(probes) }
    }

    fn collect(&self, context: ResolveContext) -> ProbeList {
        let paths = |set: FxHashSet<PathBuf>| -> Vec<String> {
            set.iter().filter_map(|path| self.form.of_oxc(path)).map(|path| path::normalize(&path)).collect()
        };
        let mut found = paths(context.file_dependencies);
        // The module's own file is not one that was read to decide.
        found.retain(|path| path.ends_with("/package.json"));
        let mut missing = paths(context.missing_dependencies);
        // A directory where a file was looked for counts as missing there, but it exists.
        missing.retain(|path| self.directories.lookup(path).is_none());
        ProbeList { found, missing }
    }

    /// `oxc_resolver` reports a `package.json` or `node_modules` only to the first request that looked; the later ones
    /// get the cached answer and would miss them. Everything it may have looked at is added here; too many paths cost a
    /// needless second look one day, too few a wrong answer.
    fn complete(&self, probes: &mut ProbeList, start: &str, specifier: &str) {
        let touched = probes.found.iter().chain(&probes.missing).map(|path| path::dirname(path));
        let mut places: Vec<Arc<Directory>> =
            touched.chain([start]).filter_map(|directory| self.directories.get(directory)).collect();
        places.sort_unstable_by(|left, right| left.path.cmp(&right.path));
        places.dedup_by(|left, right| left.path == right.path);
        for place in &places {
            for directory in place.upwards() {
                let file = directory.child("package.json");
                if self.directories.is_file(directory, "package.json") {
                    probes.found.push(file);
                    break;
                }
                probes.missing.push(file);
            }
        }
        let package = split_package(specifier).0;
        if Form::of(specifier) != Form::Absolute
            && let Some(start) = self.directories.get(start)
        {
            'upwards: for directory in start.upwards() {
                for modules in &self.modules {
                    let modules = path::join(&directory.path, modules);
                    match self.directories.get(&modules) {
                        None => probes.missing.push(modules),
                        Some(modules) => {
                            let inside = path::join(&modules.path, package);
                            if self.directories.lookup(&inside).is_some() {
                                break 'upwards;
                            }
                            probes.missing.push(inside);
                        }
                    }
                }
            }
        }
        probes.sort();
    }

    /// The nearest directory upwards that can change the answer, and what is absent in those below it.
    fn start_of<'d>(&self, directory: &'d Directory) -> (&'d str, Arc<ProbeList>) {
        let (start, below) = directory.facts.start.get_or_init(|| {
            let mut below = ProbeList::default();
            let mut start: &str = &directory.path;
            for directory in directory.upwards() {
                start = &directory.path;
                let has_package = self.directories.is_file(directory, "package.json");
                let modules = self.modules.iter().map(|modules| path::join(&directory.path, modules));
                let (there, absent): (Vec<String>, Vec<String>) =
                    modules.partition(|modules| self.directories.get(modules).is_some());
                if has_package || !there.is_empty() || directory.parent.is_none() {
                    break;
                }
                below.missing.push(directory.child("package.json"));
                below.missing.extend(absent);
            }
            (Box::from(start), Arc::new(below))
        });
        (start, Arc::clone(below))
    }
}
