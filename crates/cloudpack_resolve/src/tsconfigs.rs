//! Which tsconfig holds for a file, loaded once each, and where its `paths` and `baseUrl` send a specifier.
//!
//! Decides: the nearest `tsconfig.json` upwards (then `jsconfig.json`); when that one only refers to others (Vite's
//! templates do), the first of these that includes the file. Unlike the TypeScript server, a file that the nearest
//! tsconfig does not include still gets it: `include: ["src"]` is about type checking, and a bundler that suddenly knows
//! no `paths` in `/app/main.tsx` helps nobody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use cloudpack_base::{Diagnostic, path};
use dashmap::DashMap;
use oxc_resolver::{ResolveError, ResolveOptions, ResolverGeneric, TsConfig, TsconfigDiscovery};
use rustc_hash::FxBuildHasher;

use crate::adapter::{Adapter, PathForm, Recorder};
use crate::directories::{Directories, Directory};
use crate::outcome::ProbeList;
use crate::tsconfig_facts::TsconfigFacts;

pub(crate) struct Tsconfigs {
    directories: Arc<Directories>,
    form: PathForm,
    /// The one of the options.
    fixed: Option<Arc<LoadedTsconfig>>,
    /// Facts of referenced projects, by path of the tsconfig.
    referenced: DashMap<String, Arc<LoadedTsconfig>, FxBuildHasher>,
    faults: Mutex<BTreeMap<String, Diagnostic>>,
}

pub(crate) struct LoadedTsconfig {
    pub(crate) facts: Arc<TsconfigFacts>,
    config: Arc<TsConfig>,
    /// Only of a tsconfig with references, to be asked for each file.
    loader: Option<ResolverGeneric<Adapter>>,
    /// The tsconfig and all that it extends or refers to.
    pub(crate) probes: Arc<ProbeList>,
}

impl Tsconfigs {
    pub(crate) fn new(directories: Arc<Directories>, form: PathForm, cwd: &str, fixed: Option<&str>) -> Self {
        let referenced = DashMap::default();
        let mut tsconfigs = Self { directories, form, fixed: None, referenced, faults: Mutex::default() };
        tsconfigs.fixed = fixed.and_then(|name| {
            let file = path::join(cwd, name);
            if tsconfigs.directories.lookup(&file).is_none_or(|found| found.is_directory) {
                let message = format!("resolve.tsconfigFilename \"{name}\" does not exist");
                tsconfigs.fault(&file, Diagnostic::error("TSCONFIG_NOT_FOUND", message));
                return None;
            }
            tsconfigs.load(&file)
        });
        tsconfigs
    }

    /// For `file` in `directory`; virtual files go by their directory alone.
    pub(crate) fn of(&self, directory: &Directory, file: Option<&str>) -> Option<Arc<LoadedTsconfig>> {
        // What is installed was compiled by its author.
        if directory.in_node_modules {
            return None;
        }
        let nearest = match &self.fixed {
            Some(fixed) => Arc::clone(fixed),
            None => self.nearest(directory)?,
        };
        match (&nearest.loader, file) {
            (Some(loader), Some(file)) => Some(self.owner(&nearest, loader, file).unwrap_or(nearest)),
            _ => Some(nearest),
        }
    }

    fn nearest(&self, directory: &Directory) -> Option<Arc<LoadedTsconfig>> {
        let known = directory.facts.tsconfig.get_or_init(|| {
            let own = ["tsconfig.json", "jsconfig.json"].into_iter();
            let own = own.filter(|name| self.directories.is_file(directory, name));
            let mut own = own.filter_map(|name| self.load(&directory.child(name)));
            own.next().or_else(|| self.nearest(directory.parent.as_deref()?))
        });
        known.clone()
    }

    /// Every file that is or could become the nearest tsconfig of `directory`.
    pub(crate) fn probes_of(&self, directory: &Directory) -> Arc<ProbeList> {
        let probes = directory.facts.tsconfig_probes.get_or_init(|| {
            let mut probes = ProbeList::default();
            if let Some(fixed) = &self.fixed {
                return fixed.probes.clone();
            }
            'upwards: for directory in directory.upwards() {
                if directory.is_node_modules() {
                    break;
                }
                for name in ["tsconfig.json", "jsconfig.json"] {
                    if self.directories.is_file(directory, name) {
                        if let Some(nearest) = self.nearest(directory) {
                            probes.found.extend(nearest.probes.found.iter().cloned());
                            probes.missing.extend(nearest.probes.missing.iter().cloned());
                        }
                        break 'upwards;
                    }
                    probes.missing.push(directory.child(name));
                }
            }
            Arc::new(probes)
        });
        Arc::clone(probes)
    }

    pub(crate) fn faults(&self) -> Vec<Diagnostic> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn fault(&self, file: &str, diagnostic: Diagnostic) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.entry(file.to_owned()).or_insert_with(|| diagnostic.with_id(file));
    }

    /// The project among the references of `nearest` that includes `file`. TypeScript lets projects own TypeScript
    /// only; a `.css` or `.jsx` beside it is meant as well, so it is asked for as if it were `.ts`.
    fn owner(
        &self,
        nearest: &LoadedTsconfig,
        loader: &ResolverGeneric<Adapter>,
        file: &str,
    ) -> Option<Arc<LoadedTsconfig>> {
        let stem = file.rfind('.').map_or(file, |at| &file[..at]);
        let disguises = [file.to_owned(), format!("{stem}.ts"), format!("{stem}.tsx")];
        let owner = disguises.iter().find_map(|file| loader.find_tsconfig(self.form.to_oxc(file)).ok().flatten())?;
        let path = self.form.of_oxc(owner.path())?;
        if path == nearest.facts.path {
            return None;
        }
        if let Some(known) = self.referenced.get(&path) {
            return Some(known.clone());
        }
        let facts = Arc::new(TsconfigFacts::new(path.clone(), &owner));
        let loaded = LoadedTsconfig { facts, config: owner, loader: None, probes: Arc::clone(&nearest.probes) };
        Some(self.referenced.entry(path).or_insert(Arc::new(loaded)).clone())
    }

    /// Loads with a cache of its own, so that everything it reads is seen. A tsconfig that cannot be loaded is told once
    /// and then loaded without the part at fault: a missing base (`extends` of a package that is not installed) must not
    /// take the `paths` beside it away.
    fn load(&self, file: &str) -> Option<Arc<LoadedTsconfig>> {
        let recorder = Arc::new(Recorder::default());
        let oxc_path = self.form.to_oxc(file);
        let mut attempt = 0;
        let (config, loader) = loop {
            let adapter = Adapter::recording(Arc::clone(&self.directories), self.form, Arc::clone(&recorder));
            let options = ResolveOptions {
                tsconfig: Some(TsconfigDiscovery::Auto),
                node_path: false,
                ..ResolveOptions::default()
            };
            let loader = ResolverGeneric::new_with_file_system(adapter, options);
            match loader.resolve_tsconfig(&oxc_path) {
                Ok(config) => break (config, loader),
                Err(error) => {
                    attempt += 1;
                    self.fault(file, self.explain(&error));
                    let text = self.directories.fs.read(file).ok()?;
                    let reduced = match attempt {
                        1 => without_fields(&text, &["extends"]),
                        2 => without_fields(&text, &["extends", "references"]),
                        3 => Some(b"{}".to_vec()),
                        _ => return None,
                    };
                    let reduced = reduced.unwrap_or_else(|| b"{}".to_vec());
                    recorder.instead.lock().unwrap_or_else(PoisonError::into_inner).insert(file.to_owned(), reduced);
                }
            }
        };
        let mut probes = std::mem::take(&mut *recorder.probes.lock().unwrap_or_else(PoisonError::into_inner));
        probes.found.push(file.to_owned());
        probes.sort();
        let facts = Arc::new(TsconfigFacts::new(file.to_owned(), &config));
        let has_references = !config.references_resolved.is_empty();
        let loader = has_references.then_some(loader);
        Some(Arc::new(LoadedTsconfig { facts, config, loader, probes: Arc::new(probes) }))
    }

    fn explain(&self, error: &ResolveError) -> Diagnostic {
        let path = |path: &std::path::Path| self.form.of_oxc(path).unwrap_or_else(|| path.display().to_string());
        match error {
            ResolveError::TsconfigNotFound(missing) => {
                let message = format!("\"{}\", which this tsconfig needs, was not found", path(missing));
                Diagnostic::warning("TSCONFIG_NOT_FOUND", message).with_hint("Is everything installed?")
            }
            ResolveError::TsconfigLoadFailed { path: broken, source } => {
                let reason = match source.as_ref() {
                    ResolveError::Json(json) => json.message.clone(),
                    other => other.to_string(),
                };
                Diagnostic::error("INVALID_TSCONFIG", format!("{} cannot be used: {reason}", path(broken)))
            }
            other => Diagnostic::error("INVALID_TSCONFIG", format!("this tsconfig cannot be used: {other}")),
        }
    }
}

impl LoadedTsconfig {
    /// Absolute candidates for a non-relative specifier: those of `paths`, then that of `baseUrl`.
    pub(crate) fn candidates(&self, specifier: &str, form: PathForm) -> Vec<String> {
        let options = &self.config.compiler_options;
        if options.paths.is_none() && options.base_url.is_none() {
            return Vec::new();
        }
        let mapped = self.config.resolve_path_alias_or_base_url(specifier);
        let mut candidates: Vec<String> = mapped.iter().filter_map(|path| form.of_oxc(path)).collect();
        if let Some(base) = options.base_url.as_ref().and_then(|base| form.of_oxc(base))
            && !path::is_absolute(specifier)
        {
            let candidate = path::join(&base, specifier);
            if !candidates.contains(&candidate) {
                candidates.push(candidate);
            }
        }
        candidates
    }

    /// Where else a relative path may lie: `rootDirs` overlays directories on each other.
    pub(crate) fn overlaid(&self, target: &str, form: PathForm) -> Vec<String> {
        let Some(roots) = &self.config.compiler_options.root_dirs else { return Vec::new() };
        let roots: Vec<String> = roots.iter().filter_map(|root| form.of_oxc(root)).collect();
        let rest_in = |root: &String| target.strip_prefix(root.as_str()).filter(|rest| rest.starts_with('/'));
        let Some(own) = roots.iter().filter(|root| rest_in(root).is_some()).max_by_key(|root| root.len()) else {
            return Vec::new();
        };
        let rest = rest_in(own).unwrap_or("");
        roots.iter().filter(|root| *root != own).map(|root| format!("{root}{rest}")).collect()
    }
}

/// A tsconfig is JSON with comments; where it does not parse, there is nothing to save.
fn without_fields(text: &[u8], fields: &[&str]) -> Option<Vec<u8>> {
    let mut text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).to_vec();
    json_strip_comments::strip_slice(&mut text).ok()?;
    let mut json: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let object = json.as_object_mut()?;
    for field in fields {
        object.shift_remove(*field);
    }
    serde_json::to_vec(&json).ok()
}
