//! What plugins said in an earlier build, where a scan would ask them: of a module or a request to the result that the cache
//! holds, and of an answer to what is kept of it.

use crate::graph::{ModuleRecord, Request};
use crate::host_requests::Place;
use crate::options::ModuleType;
use crate::plugin_cache::{ModuleResult, PluginCache, Question, RequestResult};
use crate::protocol::{Tracked, TrackedInput};
use crate::requests::{Target, importer_dir, kind_word, plugin_target};
use crate::scan::ScanContext;
use cloudpack_base::{Diagnostic, path};
use cloudpack_resolve::{Outcome, RequestFlavor, Resolution};
use cloudpack_summary::{RequestFlags, RequestKind};

/// The result for a module that plugins want to see. A virtual one has nothing to tell it by.
pub(crate) fn recalled_module(
    context: &ScanContext<'_>,
    record: &ModuleRecord,
    known: Option<ModuleType>,
) -> Option<ModuleResult> {
    let results = context.results.filter(|results| !results.verify && !results.is_live(&record.id))?;
    let question = about_module(context, results, record, known)?;
    results.find(&question, context.fs)
}

fn about_module(
    context: &ScanContext<'_>,
    results: &PluginCache,
    record: &ModuleRecord,
    known: Option<ModuleType>,
) -> Option<Question> {
    // Documents are put together by Vite from what it holds in memory.
    if record.path.is_empty() || known == Some(ModuleType::Html) {
        return None;
    }
    let content = context.fs.read(&record.path).ok()?;
    let tsconfig = context.compile.tsconfig_digest(&record.id);
    Some(results.about_module(&record.id, &tsconfig, &content))
}

/// Keeps what plugins made of a module. With `verify`, also what differs from what was kept before.
pub(crate) fn keep_module(
    context: &ScanContext<'_>,
    record: &ModuleRecord,
    known: Option<ModuleType>,
    result: ModuleResult,
    tracked: &Tracked,
) -> Option<Diagnostic> {
    let results = context.results?;
    let question = about_module(context, results, record, known)?;
    if !results.is_old_enough(context.fs, &record.path) {
        return None;
    }
    let former: Option<ModuleResult> = if results.verify { results.find(&question, context.fs) } else { None };
    let fault = former.filter(|former| *former != result).map(|_| mismatch(&record.id, "the module"));
    results.keep(question, result, &tracked.inputs, context.fs);
    fault
}

/// The answer to a request that JavaScript would be asked.
pub(crate) fn recalled_request(
    context: &ScanContext<'_>,
    importer: &str,
    request: &Request,
    target: &Target,
) -> Option<(Target, Vec<String>)> {
    let of_place = match target {
        Target::Ask => false,
        Target::AskOfPlace => true,
        _ => return None,
    };
    let results = context.results.filter(|results| !results.verify)?;
    let found: RequestResult = results.find(&about_request(results, importer, request, of_place), context.fs)?;
    let mut watch = Vec::new();
    if let Some(asked) = &found.resolver_asked {
        let (own, resolution) = own_answer(context, importer, request, asked)?;
        if own != found.id {
            return None;
        }
        watch.extend(resolution.probes.found().map(str::to_owned));
    }
    let target = match found.external {
        true => Target::External {
            id: found.id,
            side_effects: found.module_side_effects.unwrap_or(true),
            is_left_out: found.is_left_out,
        },
        false => plugin_target(found.id, found.module_side_effects, context),
    };
    Some((Target::Recalled(Box::new(target)), watch))
}

/// Keeps the answer to a request. With `verify`, also what differs from what was kept before.
pub(crate) fn keep_request(
    context: &ScanContext<'_>,
    importer: &str,
    request: &Request,
    of_place: bool,
    result: RequestResult,
    tracked: &Tracked,
) -> Option<Diagnostic> {
    let results = context.results?;
    let mut inputs = tracked.inputs.clone();
    if let Some(asked) = &result.resolver_asked {
        let (own, resolution) = own_answer(context, importer, request, asked)?;
        if own != result.id || result.external {
            return None;
        }
        let probes = resolution.probes.found();
        inputs.extend(probes.map(|path| TrackedInput { path: path.to_owned(), what: "content".to_owned() }));
    }
    let file = path::split_query(&result.id).0;
    if path::is_absolute(file) && !result.external {
        inputs.push(TrackedInput { path: file.to_owned(), what: "kind".to_owned() });
    }
    let question = about_request(results, importer, request, of_place);
    let former: Option<RequestResult> = if results.verify { results.find(&question, context.fs) } else { None };
    let fault = former.filter(|former| *former != result).map(|_| mismatch(&request.key.specifier, "the request"));
    results.keep(question, result, &inputs, context.fs);
    fault
}

fn about_request(results: &PluginCache, importer: &str, request: &Request, of_place: bool) -> Question {
    let kind = kind_word(request.key.kind);
    let in_try = [u8::from(request.flags.contains(RequestFlags::IN_TRY))];
    let attributes = format!("{:?}", request.key.attributes);
    let from = if of_place { Place::new(importer, request).shown() } else { importer.to_owned() };
    results.about_request(&[
        request.key.specifier.as_bytes(),
        kind.as_bytes(),
        &in_try,
        attributes.as_bytes(),
        &[u8::from(of_place)],
        from.as_bytes(),
    ])
}

/// What our own resolver says, with the paths it looked at.
fn own_answer(
    context: &ScanContext<'_>,
    importer: &str,
    request: &Request,
    specifier: &str,
) -> Option<(String, Resolution)> {
    let flavor = match request.key.kind {
        RequestKind::Static => RequestFlavor::Import,
        RequestKind::Dynamic => RequestFlavor::DynamicImport,
        RequestKind::Require => RequestFlavor::Require,
        _ => return None,
    };
    let directory = importer_dir(importer, &context.compile.options.cwd);
    let resolution = context.compile.resolver.resolve(specifier, &directory, Some(importer), flavor);
    match &resolution.outcome {
        Outcome::Module(found) => Some((found.id.clone(), resolution)),
        _ => None,
    }
}

fn mismatch(id: &str, what: &str) -> Diagnostic {
    let message = format!("The cache holds another result of plugins for {what} \"{id}\" than they give now");
    Diagnostic::error("CACHE_MISMATCH", message).with_id(id).with_hint(
        "Some plugin depends on what cannot be tracked: name it in cache.exclude; the report says which ones had a part",
    )
}
