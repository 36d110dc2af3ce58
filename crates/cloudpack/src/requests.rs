//! Requests without JavaScript: from a request record of a module, through externals and the resolver, to a target, or to what is
//! to be said about a module that is not there.

use crate::compile::CompileContext;
use crate::globs;
use crate::graph::{Request, RequestKey};
use crate::host_requests::resolve_in_host;
use crate::load::is_binary;
use crate::module_types::{module_type_of, wants_file};
use crate::options::{ModuleType, Platform};
use crate::recall::recalled_request;
use crate::scan::ScanContext;
use cloudpack_base::{Diagnostic, path};
use cloudpack_object::Span;
use cloudpack_resolve::{Outcome, RequestFlavor, Resolution, ResolvedModule};
use cloudpack_summary::{RequestFlags, RequestKind};

/// Where a request leads, before the target has a number.
pub(crate) enum Target {
    /// A module as plugins resolved it in an earlier build.
    Recalled(Box<Self>),
    Module {
        id: String,
        path: String,
        side_effects: Option<bool>,
        module_type: Option<ModuleType>,
    },
    External {
        id: String,
        side_effects: bool,
        /// See `ModuleRecord::is_left_out`.
        is_left_out: bool,
    },
    /// A package that is not installed and may be at run time: external, with a warning.
    Absent {
        specifier: String,
        warning: Box<Diagnostic>,
    },
    /// An empty module: `false` in a `browser` field.
    Ignored(String),
    None,
    Ask,
    /// JavaScript knows, and says the same to all importers of the directory.
    AskOfPlace,
    Fault(Box<Diagnostic>),
}

/// Answers one request without JavaScript, unless `may_ask` and a hook wants it. Also the files that were consulted.
pub(crate) fn resolve_request(
    context: &ScanContext<'_>,
    importer: &str,
    source: &str,
    request: &Request,
    may_ask: bool,
) -> (Target, Vec<String>) {
    let RequestKey { specifier, kind, attributes } = &request.key;
    if let Some(id) = globs::module_id(importer, specifier) {
        return (Target::Module { path: String::new(), id, side_effects: None, module_type: None }, Vec::new());
    }
    let is_helper = context.compile.options.hosted && specifier.starts_with("@oxc-project/runtime/");
    if may_ask && !is_helper {
        let answer = if context.hooks.resolve_id.want_id(specifier, None) {
            Some((Target::Ask, Vec::new()))
        } else {
            context.hooks.host.as_ref().map(|host| resolve_in_host(context, host, importer, request))
        };
        if let Some((target, watch)) = answer {
            return recalled_request(context, importer, request, &target).unwrap_or((target, watch));
        }
    }
    if let Some(at) = specifier.find("?html-proxy&index=") {
        let id = format!("{}{}", path::split_query(importer).0, &specifier[at..]);
        return (Target::Module { path: String::new(), id, side_effects: None, module_type: None }, Vec::new());
    }
    if is_external(context, specifier) {
        // One external file, whoever asks for it: `./x` of two directories are two files.
        let importer_path = importer_dir(importer, &context.compile.options.cwd);
        let target = match is_relative(specifier) {
            true => left_out(context, path::join(&importer_path, specifier)),
            false => external(context, specifier.to_string()),
        };
        return (target, Vec::new());
    }
    let options = context.compile.options;
    let mut from = importer_dir(importer, &options.cwd);
    if specifier.starts_with("@oxc-project/runtime/")
        && let Some(helpers) = &options.helpers_dir
    {
        from = helpers.clone();
    }
    let resolver = context.compile.resolver;
    let Resolution { outcome, probes } = resolver.resolve(specifier, &from, Some(importer), flavor_of(*kind));
    let watch = probes.found().map(str::to_owned).collect();
    let target = match outcome {
        Outcome::Module(found) => {
            if is_external(context, &found.id) {
                match is_relative(specifier) {
                    true => left_out(context, found.id),
                    false => external(context, specifier.to_string()),
                }
            } else {
                let wanted = wants_file(*kind).then_some(ModuleType::File).or_else(|| attribute_type(attributes));
                target_of(&found, wanted, &context.compile)
            }
        }
        Outcome::Ignored => Target::Ignored(path::relative(&options.cwd, &path::join(&from, specifier))),
        Outcome::NodeBuiltin(name) if options.platform != Platform::Browser => external(context, name),
        Outcome::NodeBuiltin(name) => {
            if request.flags.contains(RequestFlags::IN_TRY) {
                return (Target::None, watch);
            }
            let mut fault = Diagnostic::error(
                "UNRESOLVED_IMPORT",
                format!("\"{name}\" is a module of Node.js and not there in browsers"),
            )
            .with_hint(
                "Set platform: \"node\", or alias it to a package that does the same in browsers, or mark it external",
            );
            if may_never_run(importer, *kind) {
                fault.severity = cloudpack_base::Severity::Warning;
                fault.hint = Some("The build goes on, and the code throws if it gets there".to_owned());
            }
            Target::Fault(Box::new(placed(fault, importer, source, request.span)))
        }
        Outcome::DataUrl | Outcome::Url => external(context, specifier.to_string()),
        Outcome::NotFound(failure) => {
            let mut fault = failure.to_diagnostic();
            // `/logo.png` may be a file that the server adds.
            let is_file_of_server =
                matches!(kind, RequestKind::CssUrl | RequestKind::HtmlAsset) && specifier.starts_with('/');
            if *kind == RequestKind::RequireResolve || is_file_of_server {
                return (Target::None, watch);
            }
            if request.flags.contains(RequestFlags::IN_TRY) {
                fault.severity = cloudpack_base::Severity::Warning;
                fault.hint = Some("It stands in try, so the build goes on and the code throws when it runs".to_owned());
                return (Target::Fault(Box::new(placed(fault, importer, source, request.span))), watch);
            }
            if may_never_run(importer, *kind) && !specifier.starts_with(['.', '/', '#']) {
                let at_run_time = options.platform != Platform::Browser;
                fault.severity = cloudpack_base::Severity::Warning;
                fault.hint = Some(
                    if at_run_time {
                        "It is left as it is and looked up when the code gets there; install it, or mark it external"
                    } else {
                        "The build goes on, and the code throws if it gets there"
                    }
                    .to_owned(),
                );
                let fault = Box::new(placed(fault, importer, source, request.span));
                let target = if at_run_time {
                    Target::Absent { specifier: specifier.to_string(), warning: fault }
                } else {
                    Target::Fault(fault)
                };
                return (target, watch);
            }
            // `new URL("./x", import.meta.url)` may name a file that the server makes; so may `url()`.
            if matches!(kind, RequestKind::NewUrl) {
                fault.severity = cloudpack_base::Severity::Warning;
                fault.hint =
                    fault.hint.or_else(|| Some("It is left as it is and looked up when the code runs".to_owned()));
                fault.code = "UNRESOLVED_URL".to_owned();
                return (Target::Fault(Box::new(placed(fault, importer, source, request.span))), watch);
            }
            Target::Fault(Box::new(placed(fault, importer, source, request.span)))
        }
    };
    (target, watch)
}

/// Packages ask for what they support but do not need, without `try`: `case "pug": return require("pug")`. Who installed
/// them cannot repair that, and has no need to. In one's own code it is a slip.
fn may_never_run(importer: &str, kind: RequestKind) -> bool {
    matches!(kind, RequestKind::Require | RequestKind::Dynamic) && importer.contains("/node_modules/")
}

fn placed(fault: Diagnostic, importer: &str, source: &str, span: Span) -> Diagnostic {
    if span == Span::NONE { fault.with_id(importer) } else { fault.with_span(importer, source, span.start, span.end) }
}

fn is_external(context: &ScanContext<'_>, specifier: &str) -> bool {
    context.external.iter().any(|matcher| matcher.matches_request(specifier))
}

fn attribute_type(attributes: &[(Box<str>, Box<str>)]) -> Option<ModuleType> {
    let (_, value) = attributes.iter().find(|(key, _)| &**key == "type")?;
    match &**value {
        "text" => Some(ModuleType::Text),
        "bytes" => Some(ModuleType::Binary),
        _ => None,
    }
}

/// `wanted` is what the request asks for ahead of the file's own type; such a module has an id of its own.
pub(crate) fn target_of(found: &ResolvedModule, wanted: Option<ModuleType>, context: &CompileContext<'_>) -> Target {
    let own = module_type_of(&found.id, &context.options.module_types);
    let mut id = found.id.clone();
    if let Some(wanted) = wanted
        && own != Some(wanted)
        && !own.is_some_and(is_binary)
    {
        let word = match wanted {
            ModuleType::Text => "raw",
            ModuleType::Binary => "bytes",
            // Code by URL has requests of its own that mean nothing inside a `data:` URL.
            _ => "no-inline",
        };
        id.push(if id.contains('?') { '&' } else { '?' });
        id.push_str(word);
    }
    let side_effects = match (context.options.treeshake.module_side_effects, &found.package) {
        (_, Some(package)) if !package.has_side_effects(found.path()) => Some(false),
        (Some(default), _) => Some(default),
        (None, _) => None,
    };
    Target::Module { id, path: found.path().to_owned(), side_effects, module_type: None }
}

fn is_relative(specifier: &str) -> bool {
    specifier.starts_with("./") || specifier.starts_with("../")
}

fn external(context: &ScanContext<'_>, id: String) -> Target {
    let side_effects = context.compile.options.treeshake.module_side_effects.unwrap_or(true);
    Target::External { id, side_effects, is_left_out: false }
}

fn left_out(context: &ScanContext<'_>, file: String) -> Target {
    match external(context, file) {
        Target::External { id, side_effects, .. } => Target::External { id, side_effects, is_left_out: true },
        other => other,
    }
}

/// An id that a plugin gave: a file of the disk, or virtual.
pub(crate) fn plugin_target(id: String, side_effects: Option<bool>, context: &ScanContext<'_>) -> Target {
    let id = if id.starts_with('\0') { id } else { path::from_native(&id) };
    let file = path::split_query(&id).0;
    let path = if path::is_absolute(file) { file.to_owned() } else { String::new() };
    let from_package = || {
        let package = context.compile.resolver.package_of(&path)?;
        (!package.has_side_effects(&path)).then_some(false)
    };
    let side_effects = side_effects.or_else(|| if path.is_empty() { None } else { from_package() });
    Target::Module { path, id, side_effects, module_type: None }
}

/// Where relative requests of a module start: its directory, or `cwd` for a virtual one.
pub(crate) fn importer_dir(importer: &str, cwd: &str) -> String {
    let file = path::split_query(importer).0;
    if path::is_absolute(file) { path::dirname(file).to_owned() } else { cwd.to_owned() }
}

pub(crate) fn kind_word(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Static => "import-statement",
        RequestKind::Dynamic => "dynamic-import",
        RequestKind::Require | RequestKind::RequireResolve => "require-call",
        RequestKind::NewUrl | RequestKind::Worker => "new-url",
        RequestKind::CssImport | RequestKind::CssComposes => "import-rule",
        RequestKind::CssUrl => "url-token",
        RequestKind::HtmlScript | RequestKind::HtmlStyle | RequestKind::HtmlAsset => "html",
    }
}

pub(crate) fn flavor_of(kind: RequestKind) -> RequestFlavor {
    match kind {
        RequestKind::Static => RequestFlavor::Import,
        RequestKind::Dynamic => RequestFlavor::DynamicImport,
        RequestKind::Require | RequestKind::RequireResolve => RequestFlavor::Require,
        RequestKind::NewUrl | RequestKind::Worker => RequestFlavor::NewUrl,
        RequestKind::CssImport | RequestKind::CssUrl | RequestKind::CssComposes => RequestFlavor::Css,
        RequestKind::HtmlScript | RequestKind::HtmlStyle | RequestKind::HtmlAsset => RequestFlavor::Html,
    }
}

/// The flavor for the kinds of `Session::resolve`, by the words of `Task::Resolve`.
pub(crate) fn flavor_of_word(word: &str) -> RequestFlavor {
    match word {
        "dynamic-import" => RequestFlavor::DynamicImport,
        "require-call" => RequestFlavor::Require,
        "new-url" => RequestFlavor::NewUrl,
        "import-rule" | "url-token" => RequestFlavor::Css,
        "html" => RequestFlavor::Html,
        _ => RequestFlavor::Import,
    }
}
