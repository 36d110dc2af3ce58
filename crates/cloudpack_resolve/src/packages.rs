//! Facts of the package around a file: name, `type`, `sideEffects`. Decides which `package.json` answers which question:
//! `type` comes from the nearest one; `sideEffects` from the nearest one that states it, up to the package's root.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloudpack_base::{Diagnostic, path};
use serde::Deserialize;

use crate::adapter::nests_too_deep;
use crate::directories::{Directories, Directory};
use crate::outcome::ProbeList;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFacts {
    /// Real path of the package's root: the directory of the nearest `package.json` with a `name`, or
    /// `node_modules/<package>`.
    pub dir: String,
    pub name: Option<String>,
    pub version: Option<String>,
    pub side_effects: SideEffects,
    /// `None`: stated neither way, so that `.js` is whatever its syntax says (Node: CommonJS unless it looks like ESM).
    pub module_type: Option<PackageType>,
    /// Where the globs of `side_effects` start.
    pub(crate) side_effects_dir: String,
    /// How the nearest `package.json` remaps single files for browsers: `None` for nothing at all. Mostly empty.
    pub(crate) browser_map: BTreeMap<String, Option<String>>,
    /// Real path of the directory with that `package.json`.
    pub(crate) browser_map_dir: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PackageType {
    Module,
    CommonJs,
}

/// The `sideEffects` field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SideEffects {
    /// `true`, or not stated.
    All,
    None,
    /// Only files that match one of these have some; ready to match against a path relative to the package.
    Globs(Vec<String>),
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PackageJson {
    name: Text,
    version: Text,
    #[serde(rename = "type")]
    kind: Text,
    side_effects: Option<SideEffectsField>,
    browser: Option<BrowserField>,
}

/// A field of the wrong type is a field that is not there: npm lets everything pass.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Text(String),
    Other(serde::de::IgnoredAny),
}

impl Default for Text {
    fn default() -> Self {
        Self::Other(serde::de::IgnoredAny)
    }
}

impl Text {
    fn into_option(self) -> Option<String> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SideEffectsField {
    Flag(bool),
    Glob(String),
    Globs(Vec<Text>),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum BrowserField {
    Map(BTreeMap<String, BrowserTarget>),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum BrowserTarget {
    File(String),
    Flag(bool),
    Other(serde::de::IgnoredAny),
}

impl From<SideEffectsField> for SideEffects {
    fn from(field: SideEffectsField) -> Self {
        match field {
            SideEffectsField::Flag(false) => Self::None,
            SideEffectsField::Flag(true) | SideEffectsField::Other(_) => Self::All,
            SideEffectsField::Glob(glob) => Self::from_globs([glob]),
            SideEffectsField::Globs(globs) => Self::from_globs(globs.into_iter().filter_map(Text::into_option)),
        }
    }
}

impl SideEffects {
    fn from_globs(globs: impl IntoIterator<Item = String>) -> Self {
        let globs: Vec<String> = globs.into_iter().map(|glob| anchored(&glob)).collect();
        if globs.is_empty() { Self::None } else { Self::Globs(globs) }
    }
}

/// webpack's rule: `*.css` means anywhere in the package, `./a.js` and `dist/*` start at its root.
fn anchored(glob: &str) -> String {
    match glob.strip_prefix("./").or_else(|| glob.strip_prefix('/')) {
        Some(rest) => rest.to_owned(),
        None if glob.contains('/') => glob.to_owned(),
        None => format!("**/{glob}"),
    }
}

impl PackageFacts {
    /// Whether `path` (real, without query) may do something when it is only imported.
    pub fn has_side_effects(&self, path: &str) -> bool {
        match &self.side_effects {
            SideEffects::All => true,
            SideEffects::None => false,
            SideEffects::Globs(globs) => {
                let relative = path::relative(&self.side_effects_dir, path);
                globs.iter().any(|glob| fast_glob::glob_match(glob, &relative))
            }
        }
    }
}

impl Directories {
    /// Facts for the files of `directory`. Like Node, the search ends at `node_modules`: a loose file in there belongs
    /// to no package, and certainly not to the application.
    pub(crate) fn package_of(&self, directory: &Directory, faults: &dyn Fn(Diagnostic)) -> Option<Arc<PackageFacts>> {
        directory.facts.package.get_or_init(|| self.load_package(directory, faults)).clone()
    }

    fn load_package(&self, directory: &Directory, faults: &dyn Fn(Diagnostic)) -> Option<Arc<PackageFacts>> {
        if directory.is_node_modules() {
            return None;
        }
        let outer = || directory.parent.as_ref().and_then(|parent| self.package_of(parent, faults));
        if !self.is_file(directory, "package.json") {
            return outer();
        }
        let json = self.read_package_json(directory, faults)?;
        let name = json.name.into_option();
        let is_root = name.is_some() || is_package_directory(directory);
        let outer = if is_root { None } else { outer() };
        let dir = directory.real.to_string();
        let (side_effects, side_effects_dir) = match (json.side_effects, &outer) {
            (None, Some(outer)) => (outer.side_effects.clone(), outer.side_effects_dir.clone()),
            (field, _) => (field.map_or(SideEffects::All, SideEffects::from), dir.clone()),
        };
        let module_type = match json.kind.into_option().as_deref() {
            Some("module") => Some(PackageType::Module),
            Some("commonjs") => Some(PackageType::CommonJs),
            _ => None,
        };
        let (dir, name, version) = match &outer {
            Some(outer) => (outer.dir.clone(), outer.name.clone(), outer.version.clone()),
            None => (dir, name, json.version.into_option()),
        };
        let browser_map = match json.browser {
            Some(BrowserField::Map(map)) => map
                .into_iter()
                .filter_map(|(key, target)| match target {
                    BrowserTarget::File(file) => Some((key, Some(file))),
                    BrowserTarget::Flag(false) => Some((key, None)),
                    BrowserTarget::Flag(true) | BrowserTarget::Other(_) => None,
                })
                .collect(),
            _ => BTreeMap::new(),
        };
        let browser_map_dir = directory.real.to_string();
        Some(Arc::new(PackageFacts {
            dir,
            name,
            version,
            side_effects,
            module_type,
            side_effects_dir,
            browser_map,
            browser_map_dir,
        }))
    }

    /// A broken file is told once and then counts as an empty one, so that one fault does not hide the others.
    fn read_package_json(&self, directory: &Directory, faults: &dyn Fn(Diagnostic)) -> Option<PackageJson> {
        let file = directory.child("package.json");
        let fault = |reason: String| {
            let message = format!("package.json cannot be used: {reason}");
            faults(Diagnostic::warning("INVALID_PACKAGE_JSON", message).with_id(&file));
        };
        let bytes = match self.fs.read(&file) {
            Ok(bytes) => bytes,
            Err(error) => {
                fault(error.to_string());
                return Some(PackageJson::default());
            }
        };
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        if nests_too_deep(text) {
            fault("it is nested too deep".to_owned());
            return Some(PackageJson::default());
        }
        Some(serde_json::from_slice(text).unwrap_or_else(|error| {
            fault(error.to_string());
            PackageJson::default()
        }))
    }

    /// Every `package.json` that is or could become the nearest one of `directory`.
    pub(crate) fn package_probes(&self, directory: &Directory) -> Arc<ProbeList> {
        let probes = directory.facts.package_probes.get_or_init(|| {
            let mut probes = ProbeList::default();
            for directory in directory.upwards() {
                if directory.is_node_modules() {
                    break;
                }
                let file = directory.child("package.json");
                if !self.is_file(directory, "package.json") {
                    probes.missing.push(file);
                    continue;
                }
                probes.found.push(file);
                let is_root = || {
                    let facts = directory.facts.package.get().and_then(Option::as_ref);
                    facts.is_none_or(|facts| facts.dir == *directory.real)
                };
                if is_package_directory(directory) || is_root() {
                    break;
                }
            }
            Arc::new(probes)
        });
        Arc::clone(probes)
    }
}

/// `node_modules/x` or `node_modules/@scope/x`.
fn is_package_directory(directory: &Directory) -> bool {
    let Some(parent) = &directory.parent else { return false };
    let scoped = parent.name().starts_with('@') && parent.parent.as_ref().is_some_and(|above| above.is_node_modules());
    scoped || (parent.is_node_modules() && !directory.name().starts_with('@'))
}
