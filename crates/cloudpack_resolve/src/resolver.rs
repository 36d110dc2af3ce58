//! The order in which a specifier is tried, from its text to a file: URL, alias, tsconfig `paths`, path or package,
//! Node built-in; and the reason when nothing fits.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cloudpack_base::{Diagnostic, path};
use cloudpack_fs::{FileKind, FileSystem};
use oxc_resolver::ResolveError;

use crate::adapter::PathForm;
use crate::directories::{Directories, Directory, Entered};
use crate::hints;
use crate::listings::UsedListing;
use crate::options::{Kind, Platform, ResolverOptions, Rules};
use crate::outcome::{Outcome, Probes, RequestFlavor, Resolution, ResolvedModule};
use crate::package_lookup::{Answer, PackageLookup};
use crate::packages::PackageFacts;
use crate::path_lookup::{Completion, FoundFile, PathAnswer, find_exact, find_file};
use crate::specifier::{Aliases, Form, is_builtin, path_of_file_url, percent_decoded, scheme, split_suffix};
use crate::tsconfig_facts::TsconfigFacts;
use crate::tsconfigs::{LoadedTsconfig, Tsconfigs};

/// Aliases that lead to each other end here.
const ALIAS_DEPTH: u32 = 10;

/// Answers for one revision of the files; shared by all threads of a scan. Cost: about 1 us a request, and one listing
/// for each directory (`examples/resolve_speed.rs`).
pub struct Resolver {
    fs: Arc<dyn FileSystem>,
    options: ResolverOptions,
    rules: Rules,
    form: PathForm,
    directories: Arc<Directories>,
    aliases: Aliases,
    aliases_of_paths: bool,
    tsconfigs: Tsconfigs,
    packages: PackageLookup,
    faults: Mutex<BTreeMap<String, Diagnostic>>,
    /// A file appeared while answers were given.
    saw_change: AtomicBool,
}

/// One request with what follows from its importer.
struct Request<'a> {
    flavor: RequestFlavor,
    /// As given; need not exist (virtual modules).
    importer_dir: &'a str,
    importer: Option<&'a str>,
    /// The nearest existing directory.
    directory: Arc<Directory>,
    /// For paths: with extension aliases if the importer is TypeScript.
    completion: Completion,
    relative_first: bool,
}

enum Located {
    /// With the query and fragment to add to its path.
    File(FoundFile, String),
    Ignored,
    Builtin(String),
    Absent(Absence),
}

/// Where the search ended; the hint starts from here.
pub(crate) enum Absence {
    /// No file at this absolute path.
    Path(String),
    Package(ResolveError),
    /// An alias matched, and its target is not there.
    Alias {
        target: String,
    },
    /// An empty specifier: nothing to look for.
    Empty,
}

impl Resolver {
    pub fn new(fs: Arc<dyn FileSystem>, options: ResolverOptions) -> Self {
        let rules = Rules::new(&options);
        let form = PathForm::of(&rules.cwd);
        let directories = Arc::new(Directories::new(Arc::clone(&fs), &rules.cwd, rules.symlinks));
        let aliases = Aliases::new(&options.alias, &rules.cwd);
        Self {
            fs,
            form,
            aliases_of_paths: aliases.any_of_paths(),
            aliases,
            tsconfigs: Tsconfigs::new(Arc::clone(&directories), form, &rules.cwd, options.tsconfig_filename.as_deref()),
            packages: PackageLookup::new(&directories, &rules, form),
            directories,
            rules,
            options,
            faults: Mutex::default(),
            saw_change: AtomicBool::new(false),
        }
    }

    /// What the answers so far rest on in directory listings. Everything else was asked of the file system as it is.
    /// `None`: files came while answers were given, and no one state of the directories explains them all.
    pub fn used_listings(&self) -> Option<Vec<UsedListing>> {
        (!self.saw_change.load(Ordering::Relaxed)).then(|| self.directories.used_listings())
    }

    /// The same for whoever wants to know when to ask again: also where files came while answers were given.
    pub fn watched_listings(&self) -> Vec<UsedListing> {
        self.directories.used_listings()
    }

    /// What `specifier` means in a module of `importer_dir`. `importer_id` (path with query) decides the tsconfig and
    /// whether the importer is TypeScript; entries and virtual modules have none.
    pub fn resolve(
        &self,
        specifier: &str,
        importer_dir: &str,
        importer_id: Option<&str>,
        flavor: RequestFlavor,
    ) -> Resolution {
        let resolution = self.resolve_once(specifier, importer_dir, importer_id, flavor);
        // Listings are older than this request: a plugin may have written the file since. Failures are few, so that
        // they can afford a second look at the disk; answers that were found are not worth one.
        let appeared = matches!(resolution.outcome, Outcome::NotFound(_))
            && resolution.probes.missing().any(|path| self.is_there(path));
        if appeared {
            self.saw_change.store(true, Ordering::Relaxed);
            let fresh = Self::new(Arc::clone(&self.fs), self.options.clone());
            return fresh.resolve_once(specifier, importer_dir, importer_id, flavor);
        }
        resolution
    }

    /// A link that leads nowhere is there, and yet nothing came.
    fn is_there(&self, path: &str) -> bool {
        self.fs
            .symlink_metadata(path)
            .is_ok_and(|found| found.kind != FileKind::Symlink || self.fs.metadata(path).is_ok())
    }

    /// What is in a directory, sorted by name; nothing where there is none, or where it may only be entered. From then on a
    /// new name in it is a change.
    pub fn list(&self, directory: &str) -> Vec<Entered> {
        let Some(directory) = self.directories.get(directory) else { return Vec::new() };
        let names = directory.names().into_iter();
        names
            .filter_map(|name| {
                let found = self.directories.entry(&directory, name)?;
                Some(Entered { name: name.to_owned(), is_directory: found.is_directory, is_link: found.is_link })
            })
            .collect()
    }

    /// Facts of the package around the file at `path` (without query); none for virtual modules.
    pub fn package_of(&self, path: &str) -> Option<Arc<PackageFacts>> {
        self.package_facts(&*self.directories.get(path::dirname(path))?)
    }

    /// What the tsconfig of the file at `path` says; none inside `node_modules`.
    pub fn tsconfig_for(&self, path: &str) -> Option<Arc<TsconfigFacts>> {
        let directory = self.nearest_directory(path::dirname(path));
        self.tsconfigs.of(&directory, Some(path)).map(|loaded| Arc::clone(&loaded.facts))
    }

    /// Broken `tsconfig.json` and `package.json` files met so far, each once, by path.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut all = self.tsconfigs.faults();
        all.extend(self.faults.lock().unwrap_or_else(PoisonError::into_inner).values().cloned());
        all
    }

    fn resolve_once(
        &self,
        specifier: &str,
        importer_dir: &str,
        importer_id: Option<&str>,
        flavor: RequestFlavor,
    ) -> Resolution {
        let mut probes = Probes::default();
        if let Some(outcome) = by_text(specifier, flavor) {
            return Resolution { outcome, probes };
        }
        let mut request = self.request(importer_dir, importer_id, flavor);
        let (located, meant) = if specifier.is_empty() {
            (Located::Absent(Absence::Empty), String::new())
        } else {
            self.locate_any(&mut request, specifier, &mut probes)
        };
        let outcome = match located {
            Located::File(file, suffix) => {
                let package = self.package_facts(&file.directory);
                probes.share(&self.directories.package_probes(&file.directory));
                let path_length = u32::try_from(file.path.len()).unwrap_or(u32::MAX);
                let id = if suffix.is_empty() { file.path } else { file.path + &suffix };
                Outcome::Module(ResolvedModule { id, path_length, package })
            }
            Located::Ignored => Outcome::Ignored,
            Located::Builtin(name) => Outcome::NodeBuiltin(name),
            Located::Absent(absence) => {
                let place = hints::Place {
                    directories: &self.directories,
                    rules: &self.rules,
                    form: self.form,
                    directory: &request.directory,
                    importer_dir: request.importer_dir,
                    kind: request.completion.kind,
                    relative_first: request.relative_first,
                };
                Outcome::NotFound(Box::new(place.explain(specifier, &meant, &absence)))
            }
        };
        Resolution { outcome, probes }
    }

    fn request<'a>(
        &'a self,
        importer_dir: &'a str,
        importer_id: Option<&'a str>,
        flavor: RequestFlavor,
    ) -> Request<'a> {
        let (importer, query) = importer_id.map_or((None, ""), |id| {
            let (path, query) = path::split_query(id);
            (Some(path), query)
        });
        let is_typescript = importer.and_then(path::extension).is_some_and(|extension| {
            matches!(extension, "ts" | "tsx" | "mts" | "cts")
                // A script block of a Vue or Svelte file.
                || query.contains("lang.ts")
        });
        let kind = match flavor {
            RequestFlavor::Require => Kind::Require,
            RequestFlavor::Css => Kind::Css,
            _ => Kind::Import,
        };
        // A virtual module has no place; it stands where the build does.
        let importer_dir = if path::is_absolute(importer_dir) { importer_dir } else { &self.rules.cwd };
        // An entry may be named as the file that TypeScript would make of it: `./main.js` for `main.ts`.
        let extension_alias = is_typescript || self.rules.alias_for_every_importer || flavor == RequestFlavor::Entry;
        Request {
            flavor,
            importer_dir,
            importer: importer.filter(|path| path::is_absolute(path)),
            directory: self.nearest_directory(importer_dir),
            completion: Completion { kind, extension_alias },
            relative_first: matches!(
                flavor,
                RequestFlavor::Css | RequestFlavor::NewUrl | RequestFlavor::Html | RequestFlavor::Entry
            ),
        }
    }

    /// The readings of a specifier that its flavor allows, in order. Returns the one that was meant for the hint.
    fn locate_any(&self, request: &mut Request<'_>, specifier: &str, probes: &mut Probes) -> (Located, String) {
        // webpack's mark for "a package": `@import "~bootstrap/x.css"`. Unless the user has an alias `~`.
        if request.flavor == RequestFlavor::Css
            && let Some(package) = specifier.strip_prefix('~').filter(|package| !package.is_empty())
            && !self.aliases.iter().any(|alias| alias.matches(specifier).is_some())
        {
            request.relative_first = false;
            return (self.locate_whole(request, package, 0, probes), package.to_owned());
        }
        let located = self.locate_whole(request, specifier, 0, probes);
        // A specifier is a URL in CSS, HTML and Node: a file `a b.png` may be written `a%20b.png`.
        if matches!(located, Located::Absent(_))
            && specifier.contains('%')
            && let Some(decoded) = percent_decoded(specifier)
        {
            let second = self.locate_whole(request, &decoded, 0, probes);
            if !matches!(second, Located::Absent(_)) {
                return (second, decoded.into_owned());
            }
        }
        (located, specifier.to_owned())
    }

    /// A specifier with its query: first as the name of a file that really holds a `?` or `#`, then split.
    fn locate_whole(&self, request: &Request<'_>, specifier: &str, depth: u32, probes: &mut Probes) -> Located {
        let (path, suffix) = split_suffix(specifier);
        let is_path = matches!(Form::of(specifier), Form::Relative | Form::Absolute);
        if !suffix.is_empty() && is_path {
            let target = path::join(request.importer_dir, specifier);
            let literal = if suffix.contains('?') {
                find_exact(&self.directories, &target, &mut probes.own.missing)
            } else {
                match self.find(request.completion, &target, false, probes) {
                    PathAnswer::File(file) => Some(file),
                    _ => None,
                }
            };
            if let Some(file) = literal {
                return Located::File(file, String::new());
            }
        }
        if let Some(located) = self.by_alias(request, path, suffix, depth, probes) {
            return located;
        }
        match self.locate(request, path, probes) {
            Located::File(file, own) => {
                let is_of_path =
                    || self.aliases.iter().any(|alias| alias.is_of_paths() && alias.matches(&file.path).is_some());
                if self.aliases_of_paths
                    && is_of_path()
                    && let Some(instead) = self.by_alias(request, &file.path, suffix, depth, probes)
                {
                    return instead;
                }
                match self.by_browser_stem(request, &file, probes) {
                    Some(Located::File(instead, own)) => Located::File(instead, own + suffix),
                    Some(other) => other,
                    None => Located::File(file, own + suffix),
                }
            }
            other => other,
        }
    }

    /// A specifier without query to which no alias applies. A suffix in the answer is the package's own.
    fn locate(&self, request: &Request<'_>, specifier: &str, probes: &mut Probes) -> Located {
        if let Some(target) = path_of_file_url(specifier) {
            return self.locate_path(request, &target, false, probes);
        }
        let form = Form::of(specifier);
        if form != Form::Relative
            && let Some(tsconfig) = self.tsconfig(request)
        {
            probes.share(&self.tsconfigs.probes_of(&request.directory));
            for candidate in tsconfig.candidates(specifier, self.form) {
                // `paths` may lead TypeScript to declarations, in which there is nothing to run.
                if [".d.ts", ".d.mts", ".d.cts"].iter().any(|types| candidate.ends_with(types)) {
                    continue;
                }
                let located = self.locate_path(request, &candidate, specifier.ends_with('/'), probes);
                if !matches!(located, Located::Absent(_)) {
                    return located;
                }
            }
        }
        if form == Form::Bare
            && let Some(located) = self.by_browser_map(request, specifier, probes)
        {
            return located;
        }
        match form {
            Form::Relative => self.relative(request, specifier, probes),
            Form::Absolute => self.absolute(request, specifier, probes),
            Form::PackageImport | Form::Bare => self.package(request, specifier, form, probes),
        }
    }

    /// `None` when no alias has anything to say about `specifier`.
    fn by_alias(
        &self,
        request: &Request<'_>,
        specifier: &str,
        suffix: &str,
        depth: u32,
        probes: &mut Probes,
    ) -> Option<Located> {
        if depth >= ALIAS_DEPTH {
            return None;
        }
        for alias in self.aliases.iter() {
            let Some(matched) = alias.matches(specifier) else { continue };
            let mut tried = None;
            for target in &alias.targets {
                let Some(target) = target else { return Some(Located::Ignored) };
                let Some(rewritten) = alias.rewrite(specifier, matched, target) else { continue };
                match self.locate_whole(request, &format!("{rewritten}{suffix}"), depth + 1, probes) {
                    Located::Absent(_) => tried.get_or_insert(rewritten),
                    other => return Some(other),
                };
            }
            if let Some(target) = tried {
                return Some(Located::Absent(Absence::Alias { target }));
            }
        }
        None
    }

    fn relative(&self, request: &Request<'_>, specifier: &str, probes: &mut Probes) -> Located {
        let target = join_relative(request.importer_dir, specifier);
        let wants_directory = wants_directory(specifier);
        let located = self.locate_path(request, &target, wants_directory, probes);
        if !matches!(located, Located::Absent(_)) {
            return located;
        }
        if let Some(tsconfig) = self.tsconfig(request) {
            probes.share(&self.tsconfigs.probes_of(&request.directory));
            for target in tsconfig.overlaid(&target, self.form) {
                let overlaid = self.locate_path(request, &target, wants_directory, probes);
                if !matches!(overlaid, Located::Absent(_)) {
                    return overlaid;
                }
            }
        }
        located
    }

    /// `/x`: of an HTML file or a style sheet below `cwd`, where the server's root is; of a module the path as it
    /// stands, then below `cwd`. A page that says `/etc/passwd` must not get it bundled.
    fn absolute(&self, request: &Request<'_>, specifier: &str, probes: &mut Probes) -> Located {
        let target = path::normalize(specifier);
        let wants_directory = wants_directory(specifier);
        let below_root = path::join(&self.rules.cwd, specifier.trim_start_matches('/'));
        let in_root = target.strip_prefix(self.rules.cwd.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let is_url = matches!(request.flavor, RequestFlavor::Html | RequestFlavor::Css | RequestFlavor::NewUrl);
        let first = if is_url && !in_root && specifier.starts_with('/') { &below_root } else { &target };
        let located = self.locate_path(request, first, wants_directory, probes);
        if matches!(located, Located::Absent(_)) && !is_url && specifier.starts_with('/') {
            let second = self.locate_path(request, &below_root, wants_directory, probes);
            if !matches!(second, Located::Absent(_)) {
                return second;
            }
        }
        located
    }

    fn package(&self, request: &Request<'_>, specifier: &str, form: Form, probes: &mut Probes) -> Located {
        if form == Form::Bare && request.relative_first {
            let target = path::join(request.importer_dir, specifier);
            let located = self.locate_path(request, &target, specifier.ends_with('/'), probes);
            if !matches!(located, Located::Absent(_)) || request.flavor == RequestFlavor::Html {
                return located;
            }
        }
        let names_builtin = is_builtin(specifier);
        if names_builtin && self.rules.platform == Platform::Node {
            return Located::Builtin(specifier.to_owned());
        }
        // `buffer/` is how one asks for the package and not for the built-in; elsewhere the slash says nothing.
        let without_slash = specifier.strip_suffix('/').unwrap_or(specifier);
        let specifier = if is_builtin(without_slash) { specifier } else { without_slash };
        // Without extension aliases at first: `x.js` of an installed package is not a name for an `x.ts` beside it.
        let plain = Completion { extension_alias: self.rules.alias_for_every_importer, ..request.completion };
        let (mut answer, below) = self.packages.ask(&request.directory, specifier, plain);
        probes.share(&below);
        probes.share(&answer.probes);
        if answer.result.is_err() && request.completion.extension_alias && !plain.extension_alias {
            // The package's own sources: `"imports": {"#lib/*.js": "./src/*.js"}` over `src/*.ts`.
            let (second, _) = self.packages.ask(&request.directory, specifier, request.completion);
            if second.result.is_ok() {
                probes.share(&second.probes);
                answer = second;
            }
        }
        match self.of_answer(&answer) {
            Located::Absent(_) if names_builtin => Located::Builtin(specifier.to_owned()),
            // The target of an `imports` entry.
            Located::Absent(Absence::Package(ResolveError::NotFound(name)))
                if form == Form::PackageImport && is_builtin(&name) =>
            {
                Located::Builtin(name)
            }
            other => other,
        }
    }

    fn locate_path(&self, request: &Request<'_>, target: &str, wants_directory: bool, probes: &mut Probes) -> Located {
        let asks_package = match self.find(request.completion, target, wants_directory, probes) {
            PathAnswer::File(file) if !self.has_browser_map(&file.directory) => {
                return Located::File(file, String::new());
            }
            // The map may name a file that is not there.
            PathAnswer::Absent => {
                self.directories.get(path::dirname(target)).is_some_and(|directory| self.has_browser_map(&directory))
            }
            PathAnswer::File(_) | PathAnswer::AskPackage => true,
        };
        // In a specifier a `?` cannot be escaped.
        if asks_package && !target.contains('?') {
            let slash = if wants_directory && !target.ends_with('/') { "/" } else { "" };
            let answer = self.packages.ask_path(&format!("{target}{slash}"), request.completion);
            probes.share(&answer.probes);
            return match self.of_answer(&answer) {
                Located::Absent(Absence::Package(ResolveError::NotFound(_))) => {
                    Located::Absent(Absence::Path(target.to_owned()))
                }
                other => other,
            };
        }
        Located::Absent(Absence::Path(target.to_owned()))
    }

    fn find(&self, completion: Completion, target: &str, wants_directory: bool, probes: &mut Probes) -> PathAnswer {
        let missing = &mut probes.own.missing;
        find_file(&self.directories, &self.rules, completion, target, wants_directory, missing)
    }

    fn of_answer(&self, answer: &Answer) -> Located {
        match &answer.result {
            Ok(target) => match self.directories.get(path::dirname(&target.path)) {
                Some(directory) => {
                    Located::File(FoundFile { path: target.path.clone(), directory }, target.suffix.clone())
                }
                None => Located::Absent(Absence::Path(target.path.clone())),
            },
            Err(ResolveError::Ignored(_)) => Located::Ignored,
            Err(ResolveError::Builtin { resolved, .. }) => Located::Builtin(resolved.clone()),
            Err(error) => Located::Absent(Absence::Package(error.clone())),
        }
    }

    /// `{ "browser": { "./foo": "./for-browsers" } }` is about `require("foo")` too: browserify read it so, and packages
    /// of its days rely on that. A key without `./` is `oxc_resolver`'s to find.
    fn by_browser_map(&self, request: &Request<'_>, specifier: &str, probes: &mut Probes) -> Option<Located> {
        if self.rules.platform != Platform::Browser {
            return None;
        }
        let facts = self.package_facts(&request.directory).filter(|facts| !facts.browser_map.is_empty())?;
        if facts.browser_map.contains_key(specifier) {
            return None;
        }
        // No extension is added: `{ "./util.js": ... }` says nothing about Node's `util`.
        let target = facts.browser_map.get(&format!("./{specifier}"))?;
        probes.share(&self.directories.package_probes(&request.directory));
        match target {
            Some(target) => {
                let path = path::join(&facts.browser_map_dir, target);
                Some(self.locate_path(request, &path, target.ends_with('/'), probes))
            }
            None => Some(Located::Ignored),
        }
    }

    /// `{ "browser": { "./index": "./for-browsers" } }` is about `index.js`, however that was found: the map of a package that
    /// is asked for by its name as well. A key with the extension is `oxc_resolver`'s to find.
    fn by_browser_stem(&self, request: &Request<'_>, file: &FoundFile, probes: &mut Probes) -> Option<Located> {
        if !self.has_browser_map(&file.directory) {
            return None;
        }
        let facts = self.package_facts(&file.directory)?;
        let inner = file.path.strip_prefix(&facts.browser_map_dir)?.strip_prefix('/')?;
        if facts.browser_map.contains_key(&format!("./{inner}")) {
            return None;
        }
        let extensions = &self.rules.kind(request.completion.kind).extensions;
        let stem = extensions.iter().find_map(|extension| inner.strip_suffix(extension.as_str()))?;
        match facts.browser_map.get(&format!("./{stem}"))? {
            Some(target) => {
                let path = path::join(&facts.browser_map_dir, target);
                match self.locate_path(request, &path, target.ends_with('/'), probes) {
                    Located::Absent(_) => None,
                    located => Some(located),
                }
            }
            None => Some(Located::Ignored),
        }
    }

    fn has_browser_map(&self, directory: &Directory) -> bool {
        self.rules.platform == Platform::Browser
            && self.package_facts(directory).is_some_and(|facts| !facts.browser_map.is_empty())
    }

    fn package_facts(&self, directory: &Directory) -> Option<Arc<PackageFacts>> {
        self.directories.package_of(directory, &|fault| {
            let file = fault.id.clone().unwrap_or_default();
            self.faults.lock().unwrap_or_else(PoisonError::into_inner).entry(file).or_insert(fault);
        })
    }

    fn tsconfig(&self, request: &Request<'_>) -> Option<Arc<LoadedTsconfig>> {
        self.tsconfigs.of(&request.directory, request.importer)
    }

    fn nearest_directory(&self, path: &str) -> Arc<Directory> {
        let mut at = path;
        loop {
            if let Some(directory) = self.directories.get(at) {
                return directory;
            }
            let parent = path::dirname(at);
            if parent.len() >= at.len() {
                let cwd = &self.rules.cwd;
                return self.directories.get(cwd).unwrap_or_else(|| self.directories.empty(cwd));
            }
            at = parent;
        }
    }
}

/// Specifiers that mean no file of ours, by their text alone.
fn by_text(specifier: &str, flavor: RequestFlavor) -> Option<Outcome> {
    let is_document = matches!(flavor, RequestFlavor::Html | RequestFlavor::Css);
    let is_url = is_document || flavor == RequestFlavor::NewUrl;
    if specifier.starts_with("//") && is_url || specifier.starts_with('#') && is_document {
        return Some(Outcome::Url);
    }
    let scheme = scheme(specifier)?;
    if scheme.eq_ignore_ascii_case("data") {
        return Some(Outcome::DataUrl);
    }
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let is_file = scheme.eq_ignore_ascii_case("file");
    (is_web || is_document && !is_file).then_some(Outcome::Url)
}

fn wants_directory(specifier: &str) -> bool {
    let last = specifier.rsplit('/').next().unwrap_or(specifier);
    matches!(last, "" | "." | "..")
}

/// `path::join` for the common shapes `./x` and `../x` without its list of segments: this runs for every request.
fn join_relative(directory: &str, specifier: &str) -> String {
    let (mut base, mut rest) = (directory, specifier);
    loop {
        if let Some(after) = rest.strip_prefix("./") {
            rest = after;
        } else if let Some(after) = rest.strip_prefix("../") {
            base = path::dirname(base);
            rest = after;
        } else {
            break;
        }
    }
    let is_plain = !rest.is_empty() && !rest.starts_with('/') && !rest.contains("/.") && !rest.contains("//");
    if !is_plain || rest.ends_with('/') || rest.starts_with('.') {
        return path::join(directory, specifier);
    }
    crate::directories::child_of(base, rest)
}
