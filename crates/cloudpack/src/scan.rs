//! The scan: from the entry points to the whole graph, in waves. A wave reads, summarises and resolves all modules that
//! became known in the one before, in parallel; its results are merged in order, so that numbering does not depend on
//! threads. What only plugins can answer is collected while native work goes on, and crosses once, in bulk.

use crate::compile::{CompileContext, CompiledModule};
use crate::globs;
use crate::graph::{Compiled, ModuleGraph, ModuleRecord, Request, RequestKey, merge_requests};
use crate::load::{self, Content, is_binary};
use crate::module_types::{module_type_of, wants_file};
use crate::options::{ModuleType, Platform};
use crate::patterns::{Hooks, Matcher};
use crate::protocol::{Answer, Task};
use cloudpack_base::{Diagnostic, ModuleIdx, path};
use cloudpack_fs::FileSystem;
use cloudpack_link::UpstreamMap;
use cloudpack_object::Span;
use cloudpack_resolve::{Outcome, RequestFlavor, Resolution, ResolvedModule};
use cloudpack_store::Key;
use cloudpack_summary::{RequestFlags, RequestKind};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What stays the same during a scan.
pub(crate) struct ScanContext<'c> {
    pub(crate) fs: &'c dyn FileSystem,
    pub(crate) compile: CompileContext<'c>,
    pub(crate) hooks: &'c Hooks,
    pub(crate) external: &'c [Matcher],
}

/// An entry point before and after it is resolved.
pub(crate) struct EntryPoint {
    pub(crate) name: String,
    pub(crate) import: String,
    /// `this.emitFile({ type: "chunk" })`: its reference.
    pub(crate) reference: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) importer: Option<String>,
    pub(crate) module: Option<ModuleIdx>,
}

impl EntryPoint {
    /// The same entry before the scan began.
    pub(crate) fn unresolved(&self) -> Self {
        Self {
            name: self.name.clone(),
            import: self.import.clone(),
            reference: self.reference.clone(),
            file_name: self.file_name.clone(),
            importer: self.importer.clone(),
            module: None,
        }
    }
}

/// What the scan has found and what it still has to do.
#[derive(Default)]
pub(crate) struct Scan {
    pub(crate) graph: ModuleGraph,
    pub(crate) entries: Vec<EntryPoint>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Files besides the modules whose change matters; sorted.
    pub(crate) watch_files: BTreeSet<String>,
    pub(crate) summarized: u32,
    /// Modules whose summary and object came from the cache.
    pub(crate) reused: u32,
    /// Known, not loaded yet.
    to_load: Vec<ModuleIdx>,
    /// Text that came from a plugin and is not compiled yet.
    to_compile: Vec<(ModuleIdx, Content)>,
    /// Entries `entries[..started]` were asked for.
    pub(crate) started: usize,
    /// What JavaScript was asked; a task's token is its index here.
    asked: Vec<Option<Asked>>,
    tasks: Vec<Task>,
}

enum Asked {
    Entry(usize),
    Request {
        module: ModuleIdx,
        request: usize,
    },
    /// `shown`: the text that transform hooks are asked about; without one, load hooks are asked first.
    Load {
        module: ModuleIdx,
        shown: Option<Arc<str>>,
    },
}

/// Where a request leads, before the target has a number.
enum Target {
    Module {
        id: String,
        path: String,
        side_effects: Option<bool>,
        module_type: Option<ModuleType>,
    },
    External(String),
    /// A package that is not installed and may be at run time: external, with a warning.
    Absent {
        specifier: String,
        warning: Box<Diagnostic>,
    },
    /// An empty module: `false` in a `browser` field.
    Ignored(String),
    None,
    Ask,
    Fault(Box<Diagnostic>),
}

/// What became of one module in a wave.
enum Loaded {
    Compiled {
        content: Content,
        faults: Vec<Diagnostic>,
        is_reused: bool,
        key: Option<Key>,
        targets: Vec<Target>,
        requests: Vec<Request>,
        compiled: Vec<Compiled>,
        watch: Vec<String>,
    },
    /// A transform hook wants to see this text.
    Transform(Arc<str>),
    Failed(Box<Diagnostic>),
}

impl Scan {
    pub(crate) fn new(entries: Vec<EntryPoint>) -> Self {
        Self { entries, ..Self::default() }
    }

    /// Goes on until the graph is complete or everything left waits for JavaScript.
    pub(crate) fn run(&mut self, context: &ScanContext<'_>, answers: Vec<Answer>) -> Vec<Task> {
        for answer in answers {
            self.take_answer(context, answer);
        }
        loop {
            self.start_entries(context);
            if self.to_load.is_empty() && self.to_compile.is_empty() {
                break;
            }
            self.wave(context);
        }
        std::mem::take(&mut self.tasks)
    }

    fn ask(&mut self, what: Asked) -> u32 {
        self.asked.push(Some(what));
        self.asked.len() as u32 - 1
    }

    fn start_entries(&mut self, context: &ScanContext<'_>) {
        while let Some(entry) = self.entries.get(self.started) {
            let index = self.started;
            self.started += 1;
            let (import, importer) = (entry.import.clone(), entry.importer.clone());
            if context.hooks.resolve_id.want_id(&import, None) {
                let token = self.ask(Asked::Entry(index));
                self.tasks.push(Task::Resolve {
                    token,
                    specifier: import,
                    importer,
                    is_entry: true,
                    kind: "import-statement".to_owned(),
                    attributes: Vec::new(),
                    in_try: false,
                });
            } else {
                self.resolve_entry(context, index);
            }
        }
    }

    fn resolve_entry(&mut self, context: &ScanContext<'_>, index: usize) {
        let Some(entry) = self.entries.get(index) else { return };
        let importer_dir = match &entry.importer {
            Some(importer) => importer_dir(importer, &context.compile.options.cwd),
            None => context.compile.options.cwd.clone(),
        };
        let mut resolution = context.compile.resolver.resolve(&entry.import, &importer_dir, None, RequestFlavor::Entry);
        if matches!(resolution.outcome, Outcome::NotFound(_)) && entry.import.starts_with('/') {
            // `/src/main.ts`: from the root of the project, as in HTML.
            let rooted = context.compile.resolver.resolve(&entry.import, &importer_dir, None, RequestFlavor::Html);
            if matches!(rooted.outcome, Outcome::Module(_)) {
                resolution = rooted;
            }
        }
        self.watch_files.extend(resolution.probes.found().map(str::to_owned));
        match resolution.outcome {
            Outcome::Module(found) => {
                let target = target_of(&found, None, &context.compile);
                let module = self.module_for(target);
                if let Some(entry) = self.entries.get_mut(index) {
                    entry.module = module;
                }
            }
            Outcome::NotFound(failure) => {
                let mut fault = failure.to_diagnostic();
                fault.code = "UNRESOLVED_ENTRY".to_owned();
                fault.message = format!("Could not resolve entry \"{}\"", entry.import);
                self.diagnostics.push(fault);
            }
            _ => {
                let message = format!("The entry \"{}\" is not a module", entry.import);
                self.diagnostics.push(Diagnostic::error("UNRESOLVED_ENTRY", message));
            }
        }
    }

    /// The record for a target; a new one is queued for loading.
    fn module_for(&mut self, target: Target) -> Option<ModuleIdx> {
        match target {
            Target::Module { id, path, side_effects, module_type } => {
                let (index, is_new) = self.graph.add(&id, false);
                if is_new {
                    let record = &mut self.graph.modules[index];
                    record.path = path;
                    if let Some(module_type) = module_type {
                        record.module_type = module_type;
                    }
                    if let Some(side_effects) = side_effects {
                        record.side_effects = side_effects;
                    }
                    self.to_load.push(index);
                }
                Some(index)
            }
            Target::External(specifier) => Some(self.graph.add(&specifier, true).0),
            Target::Absent { specifier, warning } => {
                self.diagnostics.push(*warning);
                Some(self.graph.add(&specifier, true).0)
            }
            Target::Ignored(id) => {
                let (index, is_new) = self.graph.add(&format!("\0ignored:{id}"), false);
                if is_new {
                    let record = &mut self.graph.modules[index];
                    record.module_type = ModuleType::Empty;
                    record.side_effects = false;
                    // What `require()` of an ignored file gives in browsers: an empty object.
                    self.to_compile.push((index, Content::Text(Arc::from("module.exports = {};"))));
                    self.graph.modules[index].module_type = ModuleType::Js;
                }
                Some(index)
            }
            Target::None | Target::Ask => None,
            Target::Fault(fault) => {
                self.diagnostics.push(*fault);
                None
            }
        }
    }

    fn wave(&mut self, context: &ScanContext<'_>) {
        let mut work: Vec<(ModuleIdx, Option<Content>)> = Vec::new();
        for module in std::mem::take(&mut self.to_load) {
            let record = &self.graph.modules[module];
            let known = module_type_of(&record.id, &context.compile.options.module_types);
            if context.hooks.load.want_id(&record.id, known) {
                let id = record.id.clone();
                let token = self.ask(Asked::Load { module, shown: None });
                let module_type = known.unwrap_or(ModuleType::Js);
                self.tasks.push(Task::Load { token, id, code: None, module_type, run_load: true });
            } else {
                work.push((module, None));
            }
        }
        work.extend(std::mem::take(&mut self.to_compile).into_iter().map(|(module, content)| (module, Some(content))));
        let graph = &self.graph;
        let results: Vec<(ModuleIdx, Loaded)> = work
            .into_par_iter()
            .with_max_len(16)
            .map(|(module, content)| (module, load_module(context, graph, module, content)))
            .collect();
        for (module, loaded) in results {
            self.merge(context, module, loaded);
        }
    }

    fn merge(&mut self, context: &ScanContext<'_>, module: ModuleIdx, loaded: Loaded) {
        match loaded {
            Loaded::Failed(fault) => {
                let fault = self.with_importer(*fault, module);
                self.diagnostics.push(fault);
            }
            Loaded::Transform(code) => {
                let record = &self.graph.modules[module];
                let (id, module_type) = (record.id.clone(), record.module_type);
                let text = code.to_string();
                let token = self.ask(Asked::Load { module, shown: Some(code) });
                let module_type = module_type_of(&id, &context.compile.options.module_types).unwrap_or(module_type);
                self.tasks.push(Task::Load { token, id, code: Some(text), module_type, run_load: false });
            }
            Loaded::Compiled { content, faults, is_reused, key, targets, requests, compiled, watch } => {
                *(if is_reused { &mut self.reused } else { &mut self.summarized }) += 1;
                self.diagnostics.extend(faults);
                self.watch_files.extend(watch);
                let record = &mut self.graph.modules[module];
                record.key = key;
                record.is_compiled = !is_reused;
                match content {
                    Content::Text(text) => {
                        record.source_length = text.len() as u32;
                        record.source = text;
                    }
                    Content::Bytes(bytes) => record.bytes = Some(bytes),
                }
                record.requests = requests;
                record.compiled = compiled;
                for (index, target) in targets.into_iter().enumerate() {
                    if matches!(target, Target::Ask) {
                        self.ask_request(module, index);
                        continue;
                    }
                    let target = self.module_for(target);
                    if let Some(request) = self.graph.modules[module].requests.get_mut(index) {
                        request.target = target;
                    }
                }
                if context.hooks.module_parsed
                    && let Some(info) = crate::module_info::module_info(self, module)
                {
                    self.tasks.push(Task::Parsed { info });
                }
            }
        }
    }

    fn ask_request(&mut self, module: ModuleIdx, request: usize) {
        let token = self.ask(Asked::Request { module, request });
        let record = &self.graph.modules[module];
        let Some(found) = record.requests.get(request) else { return };
        self.tasks.push(Task::Resolve {
            token,
            specifier: found.key.specifier.to_string(),
            importer: Some(record.id.clone()),
            is_entry: false,
            kind: kind_word(found.key.kind).to_owned(),
            attributes: found.key.attributes.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
            in_try: found.flags.contains(RequestFlags::IN_TRY),
        });
    }

    fn take_answer(&mut self, context: &ScanContext<'_>, answer: Answer) {
        match answer {
            Answer::Resolve { token, id, external, module_side_effects, error } => {
                let Some(asked) = self.asked.get_mut(token as usize).and_then(Option::take) else { return };
                if let Some(error) = error {
                    self.diagnostics.push(error);
                    return;
                }
                let Some(id) = id else { return self.resolve_natively(context, asked) };
                let target =
                    if external { Target::External(id) } else { plugin_target(id, module_side_effects, context) };
                let target = self.module_for(target);
                match asked {
                    Asked::Entry(index) => {
                        if let Some(entry) = self.entries.get_mut(index) {
                            entry.module = target;
                        }
                    }
                    Asked::Request { module, request } => self.set_target(module, request, target),
                    Asked::Load { .. } => {}
                }
            }
            Answer::Load { token, code, map, module_type, module_side_effects, keep, watch_files, error } => {
                let Some(Asked::Load { module, shown }) = self.asked.get_mut(token as usize).and_then(Option::take)
                else {
                    return;
                };
                self.watch_files.extend(watch_files.iter().map(|file| path::from_native(file)));
                if let Some(error) = error {
                    self.diagnostics.push(error);
                    return;
                }
                let record = &mut self.graph.modules[module];
                if let Some(side_effects) = module_side_effects {
                    record.side_effects = side_effects;
                    record.side_effects_fixed = true;
                }
                record.keep = keep;
                let known = module_type_of(&record.id, &context.compile.options.module_types);
                let content = match (code, shown) {
                    (Some(code), _) => Content::Text(code.into()),
                    (None, Some(_)) if module_type.or(known).is_none() => {
                        // `.vue` with a hook that looks at every file, and none that knows these.
                        let fault = self.with_importer(unknown_type(&self.graph.modules[module].id), module);
                        return self.diagnostics.push(fault);
                    }
                    (None, Some(shown)) => Content::Text(shown),
                    (None, None) => {
                        // The load hooks passed; reading is ours, and transform hooks may still want the text.
                        record.module_type = module_type.or(known).unwrap_or(ModuleType::Js);
                        let loaded = load_module(context, &self.graph, module, None);
                        return self.merge(context, module, loaded);
                    }
                };
                // A plugin that gives code for a type nobody knows (`.vue`) gives JavaScript.
                record.module_type = module_type.or(known).unwrap_or(ModuleType::Js);
                if let Some(map) = map {
                    match UpstreamMap::parse(&map, &record.id) {
                        Ok(map) => record.upstream_map = Some(map),
                        Err(fault) => self.diagnostics.push(*fault),
                    }
                }
                let content = match content {
                    Content::Text(text) if is_binary(record.module_type) => Content::Bytes(text.as_bytes().into()),
                    content => content,
                };
                self.to_compile.push((module, content));
            }
            Answer::EmitChunk { reference, import, name, file_name, importer } => {
                let stem = path::basename(path::split_query(&import).0);
                let name = name.unwrap_or_else(|| stem.split('.').next().unwrap_or("chunk").to_owned());
                self.entries.push(EntryPoint {
                    name,
                    import,
                    reference: Some(reference),
                    file_name,
                    importer,
                    module: None,
                });
            }
            Answer::EmitAsset { .. } => {}
        }
    }

    fn resolve_natively(&mut self, context: &ScanContext<'_>, asked: Asked) {
        match asked {
            Asked::Entry(index) => self.resolve_entry(context, index),
            Asked::Request { module, request } => {
                let record = &self.graph.modules[module];
                let Some(found) = record.requests.get(request) else { return };
                let (target, watch) = resolve_request(context, &record.id, &record.source, found, false);
                self.watch_files.extend(watch);
                let target = self.module_for(target);
                self.set_target(module, request, target);
            }
            Asked::Load { .. } => {}
        }
    }

    fn set_target(&mut self, module: ModuleIdx, request: usize, target: Option<ModuleIdx>) {
        if let Some(request) = self.graph.modules[module].requests.get_mut(request) {
            request.target = target;
        }
    }

    /// A file that cannot be read says who wanted it.
    fn with_importer(&self, fault: Diagnostic, module: ModuleIdx) -> Diagnostic {
        let importer = self.graph.modules.iter().find_map(|record| {
            let request = record.requests.iter().find(|request| request.target == Some(module))?;
            (request.span != Span::NONE).then_some((record, request.span))
        });
        match importer {
            Some((record, span)) if fault.loc.is_none() => {
                let own_id = fault.id.clone();
                let mut fault = fault.with_span(&record.id, &record.source, span.start, span.end);
                fault.id = own_id;
                fault
            }
            _ => fault,
        }
    }
}

/// Reads, summarises and resolves one module. Runs on any thread; changes nothing.
fn load_module(context: &ScanContext<'_>, graph: &ModuleGraph, module: ModuleIdx, given: Option<Content>) -> Loaded {
    let record = &graph.modules[module];
    let known = module_type_of(&record.id, &context.compile.options.module_types);
    let (content, module_type) = match given {
        Some(content) => (content, record.module_type),
        None => {
            let Some(module_type) = known else { return load_unknown(context, record) };
            let made = globs::source_of(&record.id, context.compile.options, context.compile.resolver);
            let content = match made.as_deref().or_else(|| html_proxy(graph, &record.id)) {
                Some(source) => Ok(Content::Text(Arc::from(source))),
                None => load::read(context.fs, &record.id, &record.path, module_type),
            };
            match content {
                Ok(Content::Text(text)) if context.hooks.transform.want_code(&record.id, module_type, &text) => {
                    return Loaded::Transform(text);
                }
                Ok(content) => (content, module_type),
                Err(fault) => return Loaded::Failed(fault),
            }
        }
    };
    let CompiledModule { variants, diagnostics: faults, is_reused, key } =
        context.compile.compile(&record.id, module_type, &content);
    let (requests, compiled) = merge_requests(variants);
    let source = match &content {
        Content::Text(text) => &**text,
        Content::Bytes(_) => "",
    };
    let mut watch = Vec::new();
    let targets = requests
        .iter()
        .map(|request| {
            let (target, found) = resolve_request(context, &record.id, source, request, true);
            watch.extend(found);
            target
        })
        .collect();
    watch.sort_unstable();
    watch.dedup();
    Loaded::Compiled { content, faults, is_reused, key, targets, requests, compiled, watch }
}

/// A file of a type nobody knows (`.vue`) is text for the hook that wants to transform it; without one it is a fault.
fn load_unknown(context: &ScanContext<'_>, record: &ModuleRecord) -> Loaded {
    match load::read(context.fs, &record.id, &record.path, ModuleType::Js) {
        Ok(Content::Text(text)) if context.hooks.transform.want_code(&record.id, ModuleType::Js, &text) => {
            Loaded::Transform(text)
        }
        Ok(_) => Loaded::Failed(Box::new(unknown_type(&record.id))),
        Err(fault) => Loaded::Failed(fault),
    }
}

/// Text of the inline script that `index.html?html-proxy&index=0.js` names.
fn html_proxy<'g>(graph: &'g ModuleGraph, id: &str) -> Option<&'g str> {
    let (file, query) = path::split_query(id);
    let rest = query.strip_prefix("?html-proxy&index=")?;
    let index: usize = rest.split('.').next()?.parse().ok()?;
    let document = &graph.modules[graph.find(file)?];
    let html = document.compiled.first()?.object.html.as_ref()?;
    html.inline_scripts.get(index).map(|script| script.source.as_str())
}

/// Answers one request without JavaScript, unless `may_ask` and a hook wants it. Also the files that were consulted.
fn resolve_request(
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
    if may_ask && context.hooks.resolve_id.want_id(specifier, None) {
        return (Target::Ask, Vec::new());
    }
    if let Some(at) = specifier.find("?html-proxy&index=") {
        let id = format!("{}{}", path::split_query(importer).0, &specifier[at..]);
        return (Target::Module { path: String::new(), id, side_effects: None, module_type: None }, Vec::new());
    }
    if is_external(context, specifier) {
        // One external file, whoever asks for it: `./x` of two directories are two files.
        let is_relative = specifier.starts_with("./") || specifier.starts_with("../");
        let importer_path = importer_dir(importer, &context.compile.options.cwd);
        let id = if is_relative { path::join(&importer_path, specifier) } else { specifier.to_string() };
        return (Target::External(id), Vec::new());
    }
    let options = context.compile.options;
    let mut from = importer_dir(importer, &options.cwd);
    if specifier.starts_with("@oxc-project/runtime/")
        && let Some(helpers) = &options.helpers_dir
    {
        from = helpers.clone();
    }
    let flavor = match kind {
        RequestKind::Static => RequestFlavor::Import,
        RequestKind::Dynamic => RequestFlavor::DynamicImport,
        RequestKind::Require | RequestKind::RequireResolve => RequestFlavor::Require,
        RequestKind::NewUrl | RequestKind::Worker => RequestFlavor::NewUrl,
        RequestKind::CssImport | RequestKind::CssUrl | RequestKind::CssComposes => RequestFlavor::Css,
        RequestKind::HtmlScript | RequestKind::HtmlStyle | RequestKind::HtmlAsset => RequestFlavor::Html,
    };
    let Resolution { outcome, probes } = context.compile.resolver.resolve(specifier, &from, Some(importer), flavor);
    let watch = probes.found().map(str::to_owned).collect();
    let target = match outcome {
        Outcome::Module(found) => {
            if is_external(context, &found.id) {
                Target::External(specifier.to_string())
            } else {
                let wanted = wants_file(*kind).then_some(ModuleType::File).or_else(|| attribute_type(attributes));
                target_of(&found, wanted, &context.compile)
            }
        }
        Outcome::Ignored => Target::Ignored(path::relative(&options.cwd, &path::join(&from, specifier))),
        Outcome::NodeBuiltin(name) if options.platform != Platform::Browser => Target::External(name),
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
        Outcome::DataUrl => data_url(specifier),
        Outcome::Url => Target::External(specifier.to_string()),
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

/// A `data:` import is JavaScript, JSON or CSS by its media type; its text is the module.
fn data_url(specifier: &str) -> Target {
    Target::External(specifier.to_owned())
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
fn target_of(found: &ResolvedModule, wanted: Option<ModuleType>, context: &CompileContext<'_>) -> Target {
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

/// An id that a plugin gave: a file of the disk, or virtual.
fn plugin_target(id: String, side_effects: Option<bool>, context: &ScanContext<'_>) -> Target {
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

fn unknown_type(id: &str) -> Diagnostic {
    let file = path::split_query(id).0;
    let extension = path::extension(file).unwrap_or("");
    Diagnostic::error("UNKNOWN_MODULE_TYPE", format!("Nothing here can read \".{extension}\" files"))
        .with_id(id)
        .with_hint(format!(
            "Add a plugin that loads them, set moduleTypes: {{ \".{extension}\": \"asset\" }} (or text, json, ...), or import with ?url or ?raw"
        ))
}

fn kind_word(kind: RequestKind) -> &'static str {
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
