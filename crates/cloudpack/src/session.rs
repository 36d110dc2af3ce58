//! The program as a list. A session holds one graph and gives its outputs:
//!
//! `new` -> `scan` (again while it has tasks for plugins) -> for each output `generate`, `finalize`, `write`.
//!
//! Without plugins `build` runs the list from end to end. With a cache and without plugins, `scan` first asks whether the last
//! build with the same options can stand for this one; then the graph stays empty and its files are given as they are.

mod deploy;
mod explain;
mod late;

use crate::build_memory::{BuildMemory, RecalledBuild, Verdict, head_of};
use crate::build_record::Clock;
use crate::cache_store::{self, SharedStore};
use crate::code_splitting::ChosenChunk;
use crate::compile::CompileContext;
use crate::compile_cache::CompileCache;
use crate::compile_options::CompileOptions;
use crate::emit::{self, Pending};
use crate::kept_graph;
use crate::live_build::LiveBuild;
use crate::minify_chunks::ChunkMinifier;
use crate::module_info::{Importers, module_info};
use crate::options::{BuildOptions, OutputOptions, Platform};
use crate::output::{BuildReport, BuildStats, OutputBundle, OutputChunk};
use crate::patterns::{Hooks, Matcher};
use crate::plan::{Part, plan_output};
use crate::plugin_cache::PluginCache;
use crate::protocol::{Answer, HookTable, ModuleInfo, PluginCacheOptions, ReplacedChunk, ResolvedId, Task};
use crate::requests::{flavor_of_word, importer_dir};
use crate::scan::{EntryPoint, Scan, ScanContext};
use crate::threads::pool;
use crate::watch_list;
use crate::write::{self, Inputs};
use cloudpack_base::{Diagnostic, path};
use cloudpack_fs::{FileSystem, RecordingFileSystem, WatchList};
use cloudpack_resolve::{Outcome, Resolver, ResolverOptions};
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime};

pub use late::LateWatchFiles;

pub struct Session {
    options: BuildOptions,
    fs: Arc<dyn FileSystem>,
    resolver: Resolver,
    compile: CompileOptions,
    store: Option<SharedStore>,
    /// What earlier builds compiled.
    cache: Option<CompileCache>,
    /// The last build with the same options, and this one for the next.
    memory: Option<BuildMemory>,
    /// What the disk was asked for; with a cache, and when it is to be watched.
    recorder: Option<Arc<RecordingFileSystem>>,
    recalled: Option<RecalledBuild>,
    /// The builds of this configuration in this process.
    live: Option<Arc<LiveBuild>>,
    /// The scan has begun.
    has_begun: bool,
    hooks: Hooks,
    /// What plugins made of modules in earlier builds.
    results: Option<PluginCache>,
    wanted_results: Option<PluginCacheOptions>,
    /// The build may be one that the next takes up.
    remembers: bool,
    /// Without being recorded.
    disk: Arc<dyn FileSystem>,
    external: Vec<Matcher>,
    scan: Scan,
    /// Of the graph as it is since the last `scan`.
    importers: OnceLock<Importers>,
    /// Linked outputs that wait for `finalize`; parallel to `options.output`.
    pending: Vec<Option<Pending>>,
    /// Faults of plans and links, by output.
    late_diagnostics: Vec<Diagnostic>,
    stats: BuildStats,
    deployed: deploy::Deployed,
    explained: Option<explain::Explained>,
}

/// Everything that one build gave.
pub struct BuildOutput {
    pub report: BuildReport,
    /// Parallel to `BuildOptions::output`; empty when the report holds errors.
    pub outputs: Vec<OutputBundle>,
}

impl Session {
    /// Checks the options; all faults, not the first.
    pub fn new(options: BuildOptions, hooks: HookTable, fs: Arc<dyn FileSystem>) -> Result<Self, Vec<Diagnostic>> {
        Self::next(options, hooks, fs, None)
    }

    /// The same for one of several builds of a configuration, one after the other. `fs` is the disk that `live` watches.
    pub fn next(
        mut options: BuildOptions,
        hooks: HookTable,
        fs: Arc<dyn FileSystem>,
        live: Option<Arc<LiveBuild>>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        options.cwd = path::normalize(&path::from_native(&options.cwd));
        if !path::is_absolute(&options.cwd) {
            faults.push(Diagnostic::error("INVALID_OPTION", "cwd must be an absolute directory"));
        }
        // A plugin may emit chunks, which are entry points too.
        if options.input.is_empty() && !hooks.is_observed() {
            faults.push(
                Diagnostic::error("MISSING_INPUT", "There is no entry point")
                    .with_hint("Set input: \"src/main.ts\", a list, or an object { name: file }"),
            );
        }
        if options.base.is_none() && options.input.iter().any(|item| item.import.ends_with(".html")) {
            options.base = Some("/".to_owned());
        }
        let external = Matcher::all(&options.external, &mut faults);
        let compile = CompileOptions::new(&options, &mut faults);
        emit::check_outputs(&options, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut stats = BuildStats::default();
        let unasked = if hooks.is_observed() {
            "not asked: a plugin's hook may take part"
        } else if !options.later_outputs.is_empty() {
            "not asked: its outputs are not known yet"
        } else if options.cache.as_ref().is_some_and(|cache| cache.verify) {
            "not asked: the cache is being verified"
        } else {
            ""
        };
        let remembers = options.cache.is_some() && unasked.is_empty();
        if options.cache.is_some() {
            stats.last_build = unasked.to_owned();
        }
        let records = remembers || options.watch;
        // The resolver gives real paths, unless it is told not to; what plugins give is theirs to know.
        let is_real = options.resolve.symlinks != Some(false) && hooks.resolve_id.is_empty() && hooks.host.is_none();
        let recorder = records.then(|| Arc::new(RecordingFileSystem::new(Arc::clone(&fs), !is_real)));
        let disk = Arc::clone(&fs);
        let fs = recorder.as_ref().map_or(fs, |recorder| Arc::clone(recorder) as Arc<dyn FileSystem>);
        let resolver = Resolver::new(Arc::clone(&fs), resolver_options(&options));
        let entries = options
            .input
            .iter()
            .map(|item| EntryPoint {
                name: item.name.clone(),
                import: path::from_native(&item.import),
                reference: None,
                file_name: None,
                importer: None,
                module: None,
            })
            .collect();
        let pending = options.output.iter().map(|_| None).collect();
        Ok(Self {
            results: None,
            hooks: Hooks::new(&hooks),
            wanted_results: hooks.results,
            remembers,
            disk,
            scan: Scan::new(entries),
            importers: OnceLock::new(),
            stats,
            memory: None,
            recorder,
            recalled: None,
            live,
            has_begun: false,
            late_diagnostics: Vec::new(),
            deployed: Default::default(),
            explained: None,
            store: None,
            options,
            fs,
            resolver,
            compile,
            cache: None,
            external,
            pending,
        })
    }

    /// One more output, which `BuildOptions::later_outputs` announced. Gives its number.
    pub fn add_output(&mut self, output: OutputOptions) -> Result<usize, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        emit::check_output(&self.options, &output, &mut faults);
        if self.compile.variant_for(&output).is_none() {
            let message = "The modules were not compiled for an output like this one: source maps or minification were not announced";
            faults.push(Diagnostic::error("INVALID_OPTION", message));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        self.options.output.push(output);
        self.pending.push(None);
        Ok(self.options.output.len() - 1)
    }

    /// Patterns for the chunks that `generate` gave, in their order, which are linked anew.
    pub fn name_chunks(&mut self, output_index: usize, patterns: Vec<String>) {
        if let (Some(output), Some(pending)) =
            (self.options.output.get_mut(output_index), self.pending.get_mut(output_index))
        {
            output.chunk_patterns = patterns;
            *pending = None;
        }
    }

    /// Which modules are to lie in which chunks of an output, where JavaScript decides that; once the graph is there.
    pub fn choose_chunks(&mut self, output_index: usize, chosen: Vec<ChosenChunk>) {
        if let (Some(output), Some(pending)) =
            (self.options.output.get_mut(output_index), self.pending.get_mut(output_index))
        {
            output.code_splitting.choose(chosen);
            *pending = None;
        }
    }

    /// The whole build without plugins. Writes nothing.
    pub fn build(&mut self) -> BuildOutput {
        // Summarize and resolve: entry points -> module graph.
        self.scan(Vec::new());
        // ---- Beyond this point no module is added. ----
        let mut outputs = Vec::new();
        for index in 0..self.options.output.len() {
            // Analyze: summaries -> plan. Link: objects + plan -> files.
            match self.finalize(index, Vec::new(), Vec::new()) {
                Ok(bundle) => outputs.push(bundle),
                Err(_) => {
                    outputs.clear();
                    break;
                }
            }
        }
        BuildOutput { report: self.report(), outputs }
    }

    /// Goes on with the graph. Empty: the graph is complete, or has faults (see `report`). Otherwise call again with the
    /// answers to the tasks.
    pub fn scan(&mut self, answers: Vec<Answer>) -> Vec<Task> {
        let start = Instant::now();
        self.importers = OnceLock::new();
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        if is_first {
            self.open_store();
        }
        // Nothing changed: the last build stands for this one.
        if is_first && answers.is_empty() && self.memory.is_some() {
            let is_done = self.recall();
            add_time(&mut self.stats, "recall", start);
            if is_done {
                return Vec::new();
            }
        }
        let start = Instant::now();
        let Self { scan, options, compile, cache, resolver, hooks, results, external, fs, .. } = self;
        let compile = CompileContext { options, compile, resolver, cache: cache.as_ref() };
        let context = ScanContext { fs: &**fs, compile, hooks, results: results.as_ref(), external };
        let tasks = pool().install(|| scan.run(&context, answers));
        if let (true, Some(cache)) = (tasks.is_empty(), cache) {
            // A broken build did not come by everything that the next one will want.
            let is_whole = !scan.diagnostics.iter().any(Diagnostic::is_error);
            cache.save(is_whole, results.as_ref().filter(|_| is_whole).and_then(PluginCache::take_learnt));
            if !is_whole {
                // No output follows that would wait for it.
                let faults = cache.finish();
                self.learn(faults);
            }
        }
        add_time(&mut self.stats, "scan", start);
        tasks
    }

    /// What earlier builds left.
    fn open_store(&mut self) {
        let Some(wanted) = &self.options.cache else { return };
        let live = self.live.as_ref().filter(|_| self.remembers);
        let turn = live.map(|live| live.begin(head_of(&self.options)));
        let known = turn.as_ref().and_then(|turn| turn.store.clone());
        let store = known.unwrap_or_else(|| cache_store::open(wanted));
        self.cache = Some(CompileCache::new(Arc::clone(&store), &self.options, &self.compile, wanted));
        let results = self.wanted_results.as_ref();
        let opened = results
            .map(|given| PluginCache::new(Arc::clone(&store), given, &self.options.cwd, wanted.verify, &*self.fs));
        self.results = opened;
        if let (true, Some(recorder)) = (self.remembers, &self.recorder) {
            let (recorder, disk) = (Arc::clone(recorder), Arc::clone(&self.disk));
            self.memory = Some(BuildMemory::new(Arc::clone(&store), &self.options, recorder, disk, turn));
        }
        self.store = Some(store);
    }

    /// Whether the last build stands for this one. If only contents changed, the graph is taken up again.
    fn recall(&mut self) -> bool {
        let Self { memory: Some(memory), options, .. } = self else { return false };
        let (verdict, checked) = pool().install(|| memory.recall(options));
        self.stats.checked = checked as u32;
        let (why, changes) = match verdict {
            Verdict::Unchanged(recalled) => {
                self.recalled = Some(recalled);
                self.stats.last_build = "unchanged".to_owned();
                return true;
            }
            Verdict::Changed(why, changes) => (why, changes),
        };
        self.stats.last_build = why;
        if let Some(changes) = changes {
            let Self { memory: Some(memory), scan, options, compile, cache, resolver, hooks, external, fs, .. } = self
            else {
                return false;
            };
            let compile = CompileContext { options, compile, resolver, cache: cache.as_ref() };
            let context = ScanContext { fs: &**fs, compile, hooks, results: None, external };
            let empty = || Scan::new(scan.entries.iter().map(EntryPoint::unresolved).collect());
            let reuse = options.reuse();
            if reuse.modules
                && reuse.plans
                && reuse.chunks
                && options.engine.is_none()
                && let Some(recalled) = pool().install(|| memory.relink(&changes, options, empty(), &context))
            {
                memory.relinked(changes);
                self.recalled = Some(recalled);
                return true;
            }
            if reuse.modules
                && let Some(resumed) = pool().install(|| memory.resume(changes, empty(), &context))
            {
                self.scan = resumed.scan;
            }
        }
        false
    }

    /// Somebody wants more than the files of the last build: the graph is made after all.
    fn go_on_without_recall(&mut self) {
        if self.recalled.take().is_some() {
            if let Some(memory) = &mut self.memory {
                memory.forget_relinked();
            }
            let tasks = self.scan(Vec::new());
            debug_assert!(tasks.is_empty(), "a build that was recalled has no hooks");
        }
    }

    /// Empty when the last build stands for this one.
    pub fn module_ids(&self) -> Vec<String> {
        self.scan.graph.modules.iter().map(|record| record.id.clone()).collect()
    }

    /// Without those of external modules.
    pub fn internal_module_ids(&self) -> Vec<String> {
        let records = self.scan.graph.modules.iter().filter(|record| !record.is_external);
        records.map(|record| record.id.clone()).collect()
    }

    pub fn module_info(&self, id: &str) -> Option<ModuleInfo> {
        let importers = self.importers.get_or_init(|| Importers::new(&self.scan.graph));
        let module = self.scan.graph.find_any(id)?;
        module_info(&self.scan, module, importers.of(module))
    }

    /// The core's own resolver, for `this.resolve`; no hook is asked. `kind` as in `Task::Resolve`.
    pub fn resolve(&self, specifier: &str, importer: Option<&str>, kind: &str) -> Option<ResolvedId> {
        let external = |id: String| Some(ResolvedId { id, external: true, module_side_effects: true });
        if self.external.iter().any(|matcher| matcher.matches_request(specifier)) {
            return external(specifier.to_owned());
        }
        let from =
            importer.map_or_else(|| self.options.cwd.clone(), |importer| importer_dir(importer, &self.options.cwd));
        match self.resolver.resolve(specifier, &from, importer, flavor_of_word(kind)).outcome {
            Outcome::Module(found) => {
                if self.external.iter().any(|matcher| matcher.matches_request(&found.id)) {
                    return external(specifier.to_owned());
                }
                let side_effects = found.package.as_ref().is_none_or(|package| package.has_side_effects(found.path()));
                Some(ResolvedId { external: false, module_side_effects: side_effects, id: found.id })
            }
            Outcome::NodeBuiltin(name) if self.options.platform != Platform::Browser => external(name),
            Outcome::Url | Outcome::DataUrl => external(specifier.to_owned()),
            Outcome::NodeBuiltin(_) | Outcome::Ignored | Outcome::NotFound(_) => None,
        }
    }

    /// Diagnostics so far, counters, files to watch. Cost: a copy of them.
    pub fn report(&self) -> BuildReport {
        BuildReport { diagnostics: self.diagnostics(), stats: self.stats(), watch_files: self.watch_files() }
    }

    pub fn stats(&self) -> BuildStats {
        let mut stats = self.stats.clone();
        if let Some(recalled) = &self.recalled {
            recalled.count(&mut stats);
            return stats;
        }
        stats.modules = self.scan.graph.modules.iter().filter(|record| !record.is_external).count() as u32;
        stats.summarized = self.scan.summarized;
        stats.reused = self.scan.reused;
        stats.asked_requests = self.scan.asked_requests;
        stats.asked_modules = self.scan.asked_modules;
        stats.recalled_requests = self.scan.recalled_requests;
        stats.recalled_modules = self.scan.recalled_modules;
        stats.last_results = self.results.as_ref().map(|results| results.taken_up.clone()).unwrap_or_default();
        stats
    }

    /// Absolute paths whose change should trigger a rebuild. Sorted.
    pub fn watch_files(&self) -> Vec<String> {
        if let Some(recalled) = &self.recalled {
            return recalled.watch_files();
        }
        let mut watch_files = self.scan.watch_files.clone();
        watch_files.extend(
            self.scan.graph.modules.iter().filter(|record| !record.path.is_empty()).map(|record| record.path.clone()),
        );
        watch_files.into_iter().collect()
    }

    /// Everything that the next build could find different, with `BuildOptions::watch`. Plugins may know of more.
    pub fn watch_list(&self) -> WatchList {
        // What a relinked build read is newer than the record that it rests on.
        let unchanged = self.recalled.as_ref().filter(|recalled| !recalled.is_changed);
        let recalled = unchanged.and_then(|recalled| watch_list::of_record(&recalled.last.record));
        let list = recalled.or_else(|| Some(watch_list::of_build(self.recorder.as_deref()?, &self.resolver)));
        let mut list = list.unwrap_or_default();
        // What was taken from the last build without asking again is asked for all the same.
        if let Some(former) = self.memory.as_ref().and_then(BuildMemory::taken_up) {
            watch_list::add_former(&mut list, former);
        }
        watch_list::add(&mut list, self.watch_files());
        list.ignored.extend(self.options.cache.as_ref().map(|cache| path::from_native(&cache.dir)));
        list
    }

    /// Has `live` watch what this build rests on, and more that plugins know of. `since`: before the build read anything.
    pub fn follow(&self, more: WatchList, since: SystemTime) {
        let turn = self.memory.as_ref().and_then(BuildMemory::live);
        let read = match (&self.recalled, &self.recorder) {
            (Some(recalled), Some(recorder)) if recalled.is_changed => Some(recorder.watched_files()),
            (Some(_), _) => Some(Vec::new()),
            (None, _) => None,
        };
        match (turn, &self.live) {
            (Some(turn), _) => turn.watch(read, || self.watch_list(), more, since),
            (None, Some(live)) => {
                let mut list = self.watch_list();
                list.extend(more);
                live.watch_only(list, since);
            }
            (None, None) => {}
        }
    }

    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut diagnostics = match &self.recalled {
            Some(recalled) => recalled.diagnostics.clone(),
            None => self.scan.diagnostics.clone(),
        };
        diagnostics.extend(self.resolver.diagnostics());
        diagnostics.extend(self.late_diagnostics.iter().cloned());
        diagnostics.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
        diagnostics.dedup();
        diagnostics
    }

    fn errors(&self) -> Vec<Diagnostic> {
        self.diagnostics().into_iter().filter(Diagnostic::is_error).collect()
    }

    /// Links one output with placeholder names, for `renderChunk`. `finalize` does it when it was not called.
    pub fn generate(&mut self, output_index: usize) -> Result<Vec<OutputChunk>, Vec<Diagnostic>> {
        self.go_on_without_recall();
        let pending = self.link(output_index)?;
        let chunks = emit::preliminary_chunks(&self.scan, &pending);
        if let Some(slot) = self.pending.get_mut(output_index) {
            *slot = Some(pending);
        }
        Ok(chunks)
    }

    fn link(&mut self, output_index: usize) -> Result<Pending, Vec<Diagnostic>> {
        let errors = self.errors();
        if !errors.is_empty() {
            return Err(errors);
        }
        let Some(output) = self.options.output.get(output_index) else {
            return Err(vec![Diagnostic::error("INVALID_OPTION", format!("There is no output number {output_index}"))]);
        };
        let variant = self.compile.variant_for(output).unwrap_or(0);
        let mut faults = Vec::new();
        // Analyze: summaries -> plans.
        let start = Instant::now();
        let parts = self.plan(output_index, variant, &mut faults);
        add_time(&mut self.stats, "analyze", start);
        if faults.iter().any(Diagnostic::is_error) {
            self.learn(faults);
            return Err(self.errors());
        }
        // ---- Beyond this point the set of live modules and their chunks is fixed. ----
        // Link: objects + plan -> texts with placeholder names.
        let start = Instant::now();
        let Self { scan, options, compile, resolver, cache, memory, .. } = self;
        let Some(output) = options.output.get(output_index) else { return Err(Vec::new()) };
        let compile = CompileContext { options, compile, resolver, cache: cache.as_ref() };
        let minifier = ChunkMinifier::of(output, variant, &compile);
        let keeps_facts = memory.is_some() && options.engine.is_none();
        let pending = pool().install(|| {
            emit::link_output(scan, options, output, variant, parts, keeps_facts, minifier.as_ref(), &mut faults)
        });
        if let Some((minified, records)) = minifier.map(ChunkMinifier::finish) {
            self.stats.chunks_minified += minified;
            if let Some(memory) = memory {
                memory.learnt(records);
            }
        }
        add_time(&mut self.stats, "link", start);
        self.stats.rendered = pending.rendered_modules();
        self.stats.chunks_linked += pending.chunks();
        self.stats.dead_modules = pending.dead_modules();
        self.learn(faults);
        let errors = self.errors();
        if errors.is_empty() { Ok(pending) } else { Err(errors) }
    }

    /// Several outputs have the same things to say.
    fn learn(&mut self, faults: impl IntoIterator<Item = Diagnostic>) {
        for fault in faults {
            if !self.late_diagnostics.contains(&fault) {
                self.late_diagnostics.push(fault);
            }
        }
    }

    /// The plans of one output: those of the last build, if no summary changed nor what it was resolved to.
    fn plan(&mut self, output_index: usize, variant: usize, faults: &mut Vec<Diagnostic>) -> Vec<Part> {
        if let Some(kept) = self.memory.as_mut().and_then(|memory| memory.plans_that_hold(output_index)) {
            return kept;
        }
        self.stats.analyzed = true;
        let Self { scan, options, memory, fs, .. } = self;
        let Some(output) = options.output.get(output_index) else { return Vec::new() };
        pool().install(|| {
            let mut parts = plan_output(scan, options, output, variant, faults);
            // Cycles have no place in a text.
            if faults.iter().any(|fault| fault.ids.is_empty())
                && kept_graph::read_sources(scan, options, &**fs, |_| true)
            {
                // Now they can show the places that they are about.
                faults.clear();
                parts = plan_output(scan, options, output, variant, faults);
            }
            if let Some(memory) = memory {
                memory.planned(output_index, &parts);
            }
            parts
        })
    }

    /// Gives files their final names and contents. `replaced`: what `renderChunk` changed; `assets`: `EmitAsset` answers.
    pub fn finalize(
        &mut self,
        output_index: usize,
        replaced: Vec<ReplacedChunk>,
        assets: Vec<Answer>,
    ) -> Result<OutputBundle, Vec<Diagnostic>> {
        match &self.recalled {
            Some(recalled) if replaced.is_empty() && assets.is_empty() => return Ok(recalled.bundle(output_index)),
            _ => self.go_on_without_recall(),
        }
        let pending = match self.pending.get_mut(output_index).and_then(Option::take) {
            Some(pending) => pending,
            None => self.link(output_index)?,
        };
        let Some(output) = self.options.output.get(output_index) else { return Err(Vec::new()) };
        let start = Instant::now();
        let mut faults = Vec::new();
        let (scan, options) = (&self.scan, &self.options);
        let (bundle, facts) =
            pool().install(|| emit::finalize_output(scan, options, output, pending, replaced, assets, &mut faults));
        if let Some(memory) = &mut self.memory {
            memory.linked(output_index, facts);
        }
        add_time(&mut self.stats, "emit", start);
        if let (true, Some(cache)) = (output_index + 1 == options.output.len(), &mut self.cache) {
            faults.extend(cache.finish());
        }
        self.learn(faults);
        let errors = self.errors();
        if errors.is_empty() { Ok(bundle) } else { Err(errors) }
    }

    /// Writes a bundle below its output directory; returns the files whose bytes changed.
    pub fn write(&mut self, output_index: usize, bundle: &OutputBundle) -> Result<Vec<String>, Vec<Diagnostic>> {
        let start = Instant::now();
        let before = Clock::now();
        let Some(output) = self.options.output.get(output_index) else { return Ok(Vec::new()) };
        let inputs = Inputs {
            paths: self
                .scan
                .graph
                .modules
                .iter()
                .map(|record| record.path.as_str())
                .filter(|it| !it.is_empty())
                .collect(),
            former: self.recalled.as_ref().map(|recalled| &recalled.last.record),
        };
        let (fs, options) = (&*self.fs, &self.options);
        let written =
            pool().install(|| write::write_bundle(fs, &options.cwd, output, bundle, &inputs, options.reuse().files));
        add_time(&mut self.stats, "write", start);
        let files = written?;
        self.stats.chunks_written += files.len() as u32;
        self.take_down(output_index, bundle);
        // A build that is whole is remembered.
        let start = Instant::now();
        if self.recalled.as_ref().is_none_or(|recalled| recalled.is_changed)
            && let Some(mut memory) = self.memory.take()
        {
            pool().install(|| memory.wrote(output_index, bundle, before));
            if memory.is_complete() {
                let compiled = self.cache.as_mut().map(CompileCache::take_learnt).unwrap_or_default();
                // Of a build that was relinked the list of files to watch is the former one.
                let watch_files = if self.recalled.is_some() { Vec::new() } else { self.watch_files() };
                let report = BuildReport { diagnostics: self.diagnostics(), stats: self.stats(), watch_files };
                memory.remember(&self.resolver, &self.scan, &report, compiled);
            }
            self.memory = Some(memory);
        }
        add_time(&mut self.stats, "remember", start);
        Ok(files)
    }
}

fn add_time(stats: &mut BuildStats, phase: &str, start: Instant) {
    let spent = start.elapsed().as_secs_f64() * 1_000.0;
    match stats.ms.iter_mut().find(|(known, _)| known == phase) {
        Some((_, total)) => *total += spent,
        None => stats.ms.push((phase.to_owned(), spent)),
    }
}

fn resolver_options(options: &BuildOptions) -> ResolverOptions {
    let resolve = options.resolve.clone();
    ResolverOptions {
        cwd: options.cwd.clone(),
        platform: match options.platform {
            Platform::Browser => cloudpack_resolve::Platform::Browser,
            Platform::Node => cloudpack_resolve::Platform::Node,
            Platform::Neutral => cloudpack_resolve::Platform::Neutral,
        },
        alias: resolve.alias,
        condition_names: resolve.condition_names,
        extra_conditions: vec![if options.mode == "development" { "development" } else { "production" }.to_owned()],
        extensions: resolve.extensions,
        extension_alias: resolve.extension_alias,
        main_fields: resolve.main_fields,
        main_files: resolve.main_files,
        modules: resolve.modules,
        symlinks: resolve.symlinks,
        tsconfig_filename: resolve.tsconfig_filename,
    }
}
