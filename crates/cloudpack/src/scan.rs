//! The scan: from the entry points to the whole graph, in waves. A wave reads, summarises and resolves all modules that
//! became known in the one before, in parallel; its results are merged in order, so that numbering does not depend on
//! threads. What only plugins can answer is collected while native work goes on, and crosses once, in bulk.

use crate::compile::{CompileContext, CompiledModule};
use crate::globs;
use crate::graph::{Compiled, ModuleGraph, ModuleRecord, NewNumbers, Request, merge_requests};
use crate::host_requests::{Place, PlaceAnswer};
use crate::load::{self, Content, is_binary};
use crate::module_info::{importers_of, module_info};
use crate::module_types::module_type_of;
use crate::options::ModuleType;
use crate::patterns::{Hooks, Matcher};
use crate::plugin_cache::{ModuleResult, PluginCache, RequestResult};
use crate::protocol::{Answer, Task, Tracked};
use crate::recall::{keep_module, keep_request, recalled_module};
use crate::requests::{Target, importer_dir, kind_word, plugin_target, resolve_request, target_of};
use cloudpack_base::{Diagnostic, ModuleIdx, path};
use cloudpack_fs::FileSystem;
use cloudpack_link::UpstreamMap;
use cloudpack_object::Span;
use cloudpack_resolve::{Outcome, RequestFlavor};
use cloudpack_store::Key;
use cloudpack_summary::RequestFlags;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What stays the same during a scan.
pub(crate) struct ScanContext<'c> {
    pub(crate) fs: &'c dyn FileSystem,
    pub(crate) compile: CompileContext<'c>,
    pub(crate) hooks: &'c Hooks,
    pub(crate) results: Option<&'c PluginCache>,
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
    /// What was asked for all importers of a directory.
    places: FxHashMap<Place, PlaceAnswer>,
    /// Requests and modules that crossed.
    pub(crate) asked_requests: u32,
    pub(crate) asked_modules: u32,
    pub(crate) recalled_requests: u32,
    pub(crate) recalled_modules: u32,
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
    /// Requests that are the same for all importers of a directory.
    Place(Place),
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
        /// By plugins, in an earlier build.
        recalled: Option<Box<ModuleResult>>,
    },
    /// Some load hook wants it.
    Load,
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
        for task in &self.tasks {
            match task {
                Task::Resolve { .. } => self.asked_requests += 1,
                Task::Load { .. } => self.asked_modules += 1,
                Task::Recalled { .. } | Task::Parsed { .. } => {}
            }
        }
        if self.tasks.is_empty() && context.hooks.decide {
            self.number_anew();
        }
        std::mem::take(&mut self.tasks)
    }

    /// Resolves what these modules ask for, which is other than in the build whose graph this is, and loads what is new. Modules
    /// that nobody asks for any more go, and numbers become those of a build from nothing. `false`: there is something to say
    /// about it, or to ask.
    pub(crate) fn ask_anew(&mut self, modules: &[ModuleIdx], context: &ScanContext<'_>) -> bool {
        for module in modules {
            let ModuleRecord { id, source, requests, .. } = &self.graph.modules[*module];
            let answers: Vec<(Target, Vec<String>)> =
                requests.iter().map(|request| resolve_request(context, id, source, request, true)).collect();
            for (request, (target, watch)) in answers.into_iter().enumerate() {
                if matches!(target, Target::Ask | Target::AskOfPlace) {
                    return false;
                }
                self.watch_files.extend(watch);
                let target = self.module_for(target);
                self.set_target(*module, request, target);
            }
        }
        if !self.run(context, Vec::new()).is_empty() || !self.diagnostics.is_empty() {
            return false;
        }
        let met = self.number_anew();
        let gone = self.graph.modules.as_slice().get(met..).unwrap_or_default();
        self.reused -= gone.iter().filter(|record| !record.is_external && !record.is_compiled).count() as u32;
        self.graph.truncate(met);
        true
    }

    /// Hooks and caches answer sooner or later, and modules are met in another order then; but numbers decide ties. Gives how many
    /// modules the entries lead to; these come first.
    fn number_anew(&mut self) -> usize {
        let entries: Vec<ModuleIdx> = self.entries.iter().filter_map(|entry| entry.module).collect();
        let NewNumbers { numbers, met } = self.graph.number_anew(&entries);
        let renumber = |module: &mut Option<ModuleIdx>| *module = module.and_then(|old| numbers.get(old).copied());
        self.entries.iter_mut().for_each(|entry| renumber(&mut entry.module));
        for answer in self.places.values_mut() {
            if let PlaceAnswer::Known(target) = answer {
                renumber(target);
            }
        }
        met
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
            if context.hooks.host.is_some() || context.hooks.resolve_id.want_id(&import, None) {
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
            Target::External { id, side_effects, is_left_out } => {
                let (index, is_new) =
                    if is_left_out { self.graph.add_left_out(&id) } else { self.graph.add(&id, true) };
                if is_new {
                    self.graph.modules[index].side_effects = side_effects;
                }
                Some(index)
            }
            Target::Recalled(target) => {
                self.recalled_requests += 1;
                self.module_for(*target)
            }
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
            Target::None | Target::Ask | Target::AskOfPlace => None,
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
            if context.results.is_none() && context.hooks.load.want_id(&record.id, known) {
                self.ask_load(context, module);
            } else {
                work.push((module, None));
            }
        }
        work.extend(std::mem::take(&mut self.to_compile).into_iter().map(|(module, content)| (module, Some(content))));
        let graph = &self.graph;
        let results: Vec<(ModuleIdx, Loaded)> = work
            .into_par_iter()
            .with_max_len(16)
            .map(|(module, content)| (module, load_module(context, graph, module, content, false)))
            .collect();
        for (module, loaded) in results {
            self.merge(context, module, loaded);
        }
    }

    fn ask_load(&mut self, context: &ScanContext<'_>, module: ModuleIdx) {
        let id = self.graph.modules[module].id.clone();
        if let Some(results) = context.results {
            results.went_live(&id);
        }
        let token = self.ask(Asked::Load { module, shown: None });
        let module_type = module_type_of(&id, &context.compile.options.module_types).unwrap_or(ModuleType::Js);
        self.tasks.push(Task::Load { token, id, code: None, module_type, run_load: true });
    }

    /// What plugins said of a module besides its text.
    fn take_recalled(&mut self, module: ModuleIdx, result: ModuleResult, known: Option<ModuleType>) {
        self.recalled_modules += 1;
        self.watch_files.extend(result.watch_files);
        let record = &mut self.graph.modules[module];
        record.module_type = result.module_type.or(known).unwrap_or(ModuleType::Js);
        if let Some(side_effects) = result.module_side_effects {
            record.side_effects = side_effects;
            record.side_effects_fixed = true;
        }
        record.keep = result.keep;
        let id = record.id.clone();
        match result.map.map(|map| UpstreamMap::parse(&map, &id)) {
            Some(Ok(map)) => self.graph.modules[module].upstream_map = Some(map),
            Some(Err(fault)) => self.diagnostics.push(*fault),
            None => {}
        }
        if let Some(effects) = result.effects {
            self.tasks.push(Task::Recalled { id, effects });
        }
    }

    fn merge(&mut self, context: &ScanContext<'_>, module: ModuleIdx, loaded: Loaded) {
        match loaded {
            Loaded::Load => self.ask_load(context, module),
            Loaded::Failed(fault) => {
                let fault = self.with_importer(*fault, module);
                self.diagnostics.push(fault);
            }
            Loaded::Transform(code) => {
                let record = &self.graph.modules[module];
                let (id, module_type) = (record.id.clone(), record.module_type);
                let text = code.to_string();
                if let Some(results) = context.results {
                    results.went_live(&id);
                }
                let token = self.ask(Asked::Load { module, shown: Some(code) });
                let module_type = module_type_of(&id, &context.compile.options.module_types).unwrap_or(module_type);
                self.tasks.push(Task::Load { token, id, code: Some(text), module_type, run_load: false });
            }
            Loaded::Compiled { content, faults, is_reused, key, targets, requests, compiled, watch, recalled } => {
                if let Some(result) = recalled {
                    let known = module_type_of(&self.graph.modules[module].id, &context.compile.options.module_types);
                    self.take_recalled(module, *result, known);
                }
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
                    match target {
                        Target::Ask => {
                            self.ask_request(module, index, None);
                            continue;
                        }
                        Target::AskOfPlace => {
                            self.ask_of_place(module, index);
                            continue;
                        }
                        _ => {}
                    }
                    let target = self.module_for(target);
                    if let Some(request) = self.graph.modules[module].requests.get_mut(index) {
                        request.target = target;
                    }
                }
                if context.hooks.module_parsed
                    && let Some(info) = module_info(self, module, &importers_of(&self.graph, module))
                {
                    self.tasks.push(Task::Parsed { info });
                }
            }
        }
    }

    /// Asked once; who comes later waits for the answer, or has it.
    fn ask_of_place(&mut self, module: ModuleIdx, request: usize) {
        let record = &self.graph.modules[module];
        let Some(found) = record.requests.get(request) else { return };
        let place = Place::new(&record.id, found);
        match self.places.get_mut(&place) {
            Some(PlaceAnswer::Known(target)) => {
                let target = *target;
                self.set_target(module, request, target);
            }
            Some(PlaceAnswer::Asked(waiting)) => waiting.push((module, request)),
            None => {
                self.places.insert(place.clone(), PlaceAnswer::Asked(vec![(module, request)]));
                self.ask_request(module, request, Some(place));
            }
        }
    }

    fn place_known(&mut self, place: Place, target: Option<ModuleIdx>) {
        if let Some(PlaceAnswer::Asked(waiting)) = self.places.insert(place, PlaceAnswer::Known(target)) {
            for (module, request) in waiting {
                self.set_target(module, request, target);
            }
        }
    }

    fn ask_request(&mut self, module: ModuleIdx, request: usize, place: Option<Place>) {
        let token = self.ask(match place {
            Some(place) => Asked::Place(place),
            None => Asked::Request { module, request },
        });
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
            Answer::Resolve { token, id, external, is_left_out, module_side_effects, tracked, error } => {
                let Some(asked) = self.asked.get_mut(token as usize).and_then(Option::take) else { return };
                if let Some(error) = error {
                    self.diagnostics.push(error);
                    if let Asked::Place(place) = asked {
                        self.place_known(place, None);
                    }
                    return;
                }
                let Some(id) = id else { return self.resolve_natively(context, asked) };
                if let Some(tracked) = tracked {
                    let resolver_asked = tracked.resolver_asked.clone();
                    let id = id.clone();
                    let result = RequestResult { id, external, is_left_out, module_side_effects, resolver_asked };
                    self.keep_answer(context, &asked, result, &tracked);
                }
                let target = match external {
                    true => Target::External { id, side_effects: module_side_effects.unwrap_or(true), is_left_out },
                    false => plugin_target(id, module_side_effects, context),
                };
                let target = self.module_for(target);
                match asked {
                    Asked::Entry(index) => {
                        if let Some(entry) = self.entries.get_mut(index) {
                            entry.module = target;
                        }
                    }
                    Asked::Request { module, request } => self.set_target(module, request, target),
                    Asked::Place(place) => self.place_known(place, target),
                    Asked::Load { .. } => {}
                }
            }
            Answer::Load { token, code, map, module_type, module_side_effects, keep, watch_files, tracked, error } => {
                let Some(Asked::Load { module, shown }) = self.asked.get_mut(token as usize).and_then(Option::take)
                else {
                    return;
                };
                self.watch_files.extend(watch_files.iter().map(|file| path::from_native(file)));
                if let Some(error) = error {
                    self.diagnostics.push(error);
                    return;
                }
                // Without text the core may ask again; what was said then is what is kept.
                if let Some(tracked) = tracked.filter(|_| code.is_some() || shown.is_some()) {
                    let (code, map, effects) = (code.clone(), map.clone(), tracked.effects.clone());
                    let result =
                        ModuleResult { code, map, module_type, module_side_effects, keep, watch_files, effects };
                    let record = &self.graph.modules[module];
                    let known = module_type_of(&record.id, &context.compile.options.module_types);
                    self.diagnostics.extend(keep_module(context, record, known, result, &tracked));
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
                        let loaded = load_module(context, &self.graph, module, None, true);
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
            Answer::Shared { inputs } => {
                if let Some(results) = context.results {
                    results.share(&inputs, context.fs);
                }
            }
            Answer::EmitAsset { .. } => {}
        }
    }

    fn keep_answer(&mut self, context: &ScanContext<'_>, asked: &Asked, result: RequestResult, tracked: &Tracked) {
        let (module, request, of_place) = match asked {
            Asked::Request { module, request } => (*module, *request, false),
            Asked::Place(place) => match self.places.get(place) {
                Some(PlaceAnswer::Asked(waiting)) => match waiting.first() {
                    Some((module, request)) => (*module, *request, true),
                    None => return,
                },
                _ => return,
            },
            _ => return,
        };
        let record = &self.graph.modules[module];
        if let Some(request) = record.requests.get(request) {
            self.diagnostics.extend(keep_request(context, &record.id, request, of_place, result, tracked));
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
            Asked::Place(place) => self.place_known(place, None),
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

/// Reads, summarises and resolves one module. Runs on any thread; changes nothing. `is_asked`: load hooks passed.
fn load_module(
    context: &ScanContext<'_>,
    graph: &ModuleGraph,
    module: ModuleIdx,
    given: Option<Content>,
    is_asked: bool,
) -> Loaded {
    let record = &graph.modules[module];
    let known = module_type_of(&record.id, &context.compile.options.module_types);
    let (content, module_type) = match given {
        Some(content) => (content, record.module_type),
        None => {
            if !is_asked && context.hooks.load.want_id(&record.id, known) {
                return recalled_or(context, graph, module, known, || Loaded::Load);
            }
            let Some(module_type) = known else { return load_unknown(context, graph, module) };
            let made = globs::source_of(&record.id, context.compile.options, context.compile.resolver);
            let content = match made.as_deref().or_else(|| html_proxy(graph, &record.id)) {
                Some(source) => Ok(Content::Text(Arc::from(source))),
                None => load::read(context.fs, &record.id, &record.path, module_type),
            };
            match content {
                Ok(Content::Text(text)) if context.hooks.transform.want_code(&record.id, module_type, &text) => {
                    return recalled_or(context, graph, module, known, || Loaded::Transform(text));
                }
                Ok(content) => (content, module_type),
                Err(fault) => return Loaded::Failed(fault),
            }
        }
    };
    compile_module(context, record, module_type, content)
}

/// As plugins left the module in an earlier build, if that still holds.
fn recalled_or(
    context: &ScanContext<'_>,
    graph: &ModuleGraph,
    module: ModuleIdx,
    known: Option<ModuleType>,
    ask: impl FnOnce() -> Loaded,
) -> Loaded {
    let record = &graph.modules[module];
    let Some(mut result) = recalled_module(context, record, known) else { return ask() };
    let module_type = result.module_type.or(known).unwrap_or(ModuleType::Js);
    let content = match result.code.take() {
        Some(code) if is_binary(module_type) => Content::Bytes(code.as_bytes().into()),
        Some(code) => Content::Text(code.into()),
        None => match load::read(context.fs, &record.id, &record.path, module_type) {
            Ok(content) => content,
            Err(_) => return ask(),
        },
    };
    match compile_module(context, record, module_type, content) {
        Loaded::Compiled { content, faults, is_reused, key, targets, requests, compiled, watch, .. } => {
            let recalled = Some(Box::new(result));
            Loaded::Compiled { content, faults, is_reused, key, targets, requests, compiled, watch, recalled }
        }
        other => other,
    }
}

fn compile_module(
    context: &ScanContext<'_>,
    record: &ModuleRecord,
    module_type: ModuleType,
    content: Content,
) -> Loaded {
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
    Loaded::Compiled { content, faults, is_reused, key, targets, requests, compiled, watch, recalled: None }
}

/// A file of a type nobody knows (`.vue`) is text for the hook that wants to transform it; without one it is a fault.
fn load_unknown(context: &ScanContext<'_>, graph: &ModuleGraph, module: ModuleIdx) -> Loaded {
    let record = &graph.modules[module];
    match load::read(context.fs, &record.id, &record.path, ModuleType::Js) {
        Ok(Content::Text(text)) if context.hooks.transform.want_code(&record.id, ModuleType::Js, &text) => {
            recalled_or(context, graph, module, None, || Loaded::Transform(text))
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

fn unknown_type(id: &str) -> Diagnostic {
    let file = path::split_query(id).0;
    let extension = path::extension(file).unwrap_or("");
    Diagnostic::error("UNKNOWN_MODULE_TYPE", format!("Nothing here can read \".{extension}\" files"))
        .with_id(id)
        .with_hint(format!(
            "Add a plugin that loads them, set moduleTypes: {{ \".{extension}\": \"asset\" }} (or text, json, ...), or import with ?url or ?raw"
        ))
}
