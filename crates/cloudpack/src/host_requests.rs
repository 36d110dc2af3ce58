//! Requests inside of another bundler that no plugin of a user has a say in: relative ones, and those that an alias makes a path
//! of the project, are looked up here. From a request to a target, or to the word that JavaScript is to be asked,
//! where one answer holds for all importers of a directory.

use crate::graph::{Request, RequestKey};
use crate::patterns::{Aliased, HostRules};
use crate::requests::{Target, flavor_of, importer_dir, target_of};
use crate::scan::ScanContext;
use cloudpack_base::{ModuleIdx, path};
use cloudpack_resolve::Outcome;
use cloudpack_summary::{RequestFlags, RequestKind};

/// What an answer that is the same for all importers of a directory depends on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    request: RequestKey,
    directory: String,
    /// `./a.js` of a TypeScript file may be `a.ts`; `a.js` of a document is `./a.js`.
    extension: String,
    /// Nobody hears that such a request failed.
    in_try: bool,
}

impl Place {
    pub(crate) fn new(importer: &str, request: &Request) -> Self {
        let (file, query) = path::split_query(importer);
        Self {
            request: request.key.clone(),
            directory: path::dirname(file).to_owned(),
            extension: format!("{}{query}", path::extension(file).unwrap_or_default()),
            in_try: request.flags.contains(RequestFlags::IN_TRY),
        }
    }

    pub(crate) fn shown(&self) -> String {
        format!("{}|{}", self.directory, self.extension)
    }
}

pub(crate) enum PlaceAnswer {
    /// By whom: module and request.
    Asked(Vec<(ModuleIdx, usize)>),
    Known(Option<ModuleIdx>),
}

/// Also the files that were consulted. What is not found here is JavaScript's to find, or to complain about.
pub(crate) fn resolve_in_host(
    context: &ScanContext<'_>,
    host: &HostRules,
    importer: &str,
    request: &Request,
) -> (Target, Vec<String>) {
    let RequestKey { specifier, kind, attributes } = &request.key;
    let crosses = |target: Target| (target, Vec::new());
    if !matches!(kind, RequestKind::Static | RequestKind::Dynamic | RequestKind::Require) {
        return crosses(Target::Ask);
    }
    // A virtual module has no place.
    if !path::is_absolute(path::split_query(importer).0) || !attributes.is_empty() {
        return crosses(Target::Ask);
    }
    let cwd = &context.compile.options.cwd;
    let meant = match host.alias_of(specifier) {
        Aliased::Unknown => return crosses(Target::Ask),
        Aliased::To(path) if context.hooks.resolve_id.want_id(&path, None) => return crosses(Target::Ask),
        Aliased::To(path) if path.strip_prefix(cwd.as_str()).is_some_and(|rest| rest.starts_with('/')) => path,
        Aliased::No if specifier.starts_with("./") || specifier.starts_with("../") => specifier.to_string(),
        Aliased::To(_) | Aliased::No => return crosses(Target::AskOfPlace),
    };
    if host.may_be_external(specifier) || host.may_be_external(&meant) {
        return crosses(Target::Ask);
    }
    let directory = importer_dir(importer, cwd);
    let resolution = context.compile.resolver.resolve(&meant, &directory, Some(importer), flavor_of(*kind));
    match resolution.outcome {
        Outcome::Module(found) if !host.may_be_external(&found.id) => {
            let watch = resolution.probes.found().map(str::to_owned).collect();
            (target_of(&found, None, &context.compile), watch)
        }
        _ => crosses(Target::Ask),
    }
}
