//! The last build of these options: finds its record, says whether anything has changed since, and writes the next one.
//!
//! A build is remembered when it is whole: no errors, every output written, nothing done by a plugin. Whoever finds it
//! unchanged gives its files as they are and looks at no module.

mod remember;

use crate::build_record::{BuildRecord, Clock, FileEntry, stamp_of};
use crate::cache_store::{BUILD, DESCRIPTION, SharedStore, json};
use crate::changes::{Changes, SettledStamps, Touched, changes_since};
use crate::indexed::Indexed;
use crate::kept_graph::{KeptGraph, Resumed, read_sources, resume};
use crate::kept_link::{LinkState, OutputFacts, decode_parts, encode_parts};
use crate::kept_output::{KeptEntry, KeptOutput};
use crate::last_build::LastBuild;
use crate::live_build::LiveTurn;
use crate::options::{BuildOptions, SourcemapOption};
use crate::output::{BuildStats, OutputBundle, OutputFile};
use crate::paged::{Bytes, PagedRecord, WholeRecord};
use crate::plan::Part;
use crate::relink::{KnownBuild, relink_changed};
use crate::scan::{Scan, ScanContext};
use crate::seeded_faults::{Edge, is_dropped};
use crate::warm_graph::WarmGraph;
use crate::write::output_dir;
use cloudpack_base::{ContentHash, ContentHasher, Diagnostic, path};
use cloudpack_fs::{FileSystem, RecordingFileSystem};
use cloudpack_store::{HeadName, Key};
use remember::{Written, commit_build};
use rustc_hash::FxHashSet;
use serde::de::DeserializeOwned;
use std::sync::{Arc, OnceLock, PoisonError};

pub(crate) struct BuildMemory {
    store: SharedStore,
    head: HeadName,
    recorder: Arc<RecordingFileSystem>,
    /// The disk, without being watched.
    disk: Arc<dyn FileSystem>,
    /// Before the first file was read.
    start: Clock,
    /// The directory of each output.
    dirs: Vec<String>,
    /// What was written so far; parallel to the outputs.
    written: Vec<Option<Written>>,
    /// Of emitted files and chunks, for the next record.
    records: Vec<(Key, Vec<u8>)>,
    last: Option<Arc<LastBuild>>,
    /// Where the next build of this process finds this one.
    live: Option<LiveTurn>,
    /// This build took up the last one, of which only these files changed.
    taken_up: Option<Arc<Changes>>,
    /// Encoded plans, parallel to the outputs.
    plans: Vec<Option<Vec<u8>>>,
    /// The plans of the last build are those of this one.
    plans_hold: bool,
    /// What is known of the chunks of each output, once it is linked; `None` inside where they cannot be taken over.
    facts: Vec<Option<OutputFacts>>,
    /// This build made nothing but some chunks of the last one anew.
    relinked: Option<Arc<LinkState>>,
    /// What that took, for the next one of its process.
    warm: Option<WarmGraph>,
}

/// A build of which nothing changed, or nothing but some chunks.
pub(crate) struct RecalledBuild {
    pub(crate) last: Arc<LastBuild>,
    /// The files of each output.
    outputs: Vec<Vec<OutputFile>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Modules that were parsed, and modules whose text was made.
    summarized: u32,
    rendered: u32,
    chunks_linked: u32,
    chunks_minified: u32,
    /// Some files are new.
    pub(crate) is_changed: bool,
    /// Ids of modules whose content changed, and whether they were compiled for it.
    pub(crate) changed: Vec<(String, bool)>,
}

/// Whether the last build can stand for this one.
pub(crate) enum Verdict {
    Unchanged(RecalledBuild),
    /// Why not, in a few words; and what changed, where the graph may be taken up again.
    Changed(String, Option<Changes>),
}

/// The verdict, and how many inputs were looked at for it.
pub(crate) type Recall = (Verdict, usize);

impl BuildMemory {
    /// `recorder`: what the build reads `disk` through. `live`: the turn of this build among those of its process.
    pub(crate) fn new(
        store: SharedStore,
        options: &BuildOptions,
        recorder: Arc<RecordingFileSystem>,
        disk: Arc<dyn FileSystem>,
        live: Option<LiveTurn>,
    ) -> Self {
        let head = head_of(options);
        let known = live.as_ref().and_then(|live| live.last.clone());
        let last = known.or_else(|| Some(Arc::new(LastBuild::new(find(&store, head)?, Arc::clone(&store)))));
        Self {
            head,
            recorder,
            disk,
            start: Clock::now(),
            dirs: options.output.iter().map(|output| output_dir(&options.cwd, output)).collect(),
            written: options.output.iter().map(|_| None).collect(),
            records: Vec::new(),
            last,
            live,
            taken_up: None,
            plans: options.output.iter().map(|_| None).collect(),
            plans_hold: false,
            facts: options.output.iter().map(|_| None).collect(),
            relinked: None,
            warm: None,
            store,
        }
    }

    pub(crate) fn live(&self) -> Option<&LiveTurn> {
        self.live.as_ref()
    }

    /// Holds the last build against the disk. Cost: a `stat` for each file, directory and question that it rests on; where
    /// it is known what may have changed, for each of these. And one for each emitted file.
    pub(crate) fn recall(&self, options: &BuildOptions) -> Recall {
        let changed = |why: &str| (Verdict::Changed(why.to_owned(), None), 0);
        let Some(last) = &self.last else { return changed("no earlier build with these options is known") };
        let record = &last.record;
        if options.output.iter().any(|output| output.clean_dir) {
            return changed("the output directory is to be emptied");
        }
        let live = self.live.as_ref();
        let (suspects, emitted) = (live.and_then(|it| it.suspects.as_ref()), live.and_then(|it| it.emitted.as_ref()));
        let none = SettledStamps::default();
        let settled = live.map_or(&none, |it| &it.settled);
        let Some(changes) = changes_since(record, &*self.disk, &self.dirs, suspects, emitted, settled) else {
            return changed("the record of the last build cannot be read");
        };
        let reuse = options.reuse();
        let is_unchanged = changes.inputs_are_same() && changes.outputs.is_empty();
        if !is_unchanged || !reuse.build || !reuse.modules {
            let why = match is_unchanged {
                true => "nothing changed, but cache.reuse wants it made".to_owned(),
                false => describe(record, &changes, &options.cwd),
            };
            let may_resume = changes.surroundings.is_empty() && record.diagnostics() == Some("[]");
            let checked = changes.checked;
            return (Verdict::Changed(why, may_resume.then_some(changes)), checked);
        }
        let recalled = self.kept_outputs(last, options, &changes).and_then(|outputs| {
            let files = outputs.iter().map(KeptOutput::files).collect();
            self.recalled(last, files)
        });
        match recalled {
            Some(recalled) => {
                self.renew(record, &changes.touched);
                if let Some(live) = &self.live {
                    live.keep_now(Arc::clone(last), &self.store, &self.disk);
                }
                (Verdict::Unchanged(recalled), changes.checked)
            }
            None => changed("the record of the last build is not whole"),
        }
    }

    /// Makes the chunks anew that hold what changed, and keeps all else. `None`: the graph is needed. `scan` as for `resume`.
    pub(crate) fn relink(
        &mut self,
        changes: &Changes,
        options: &BuildOptions,
        scan: Scan,
        context: &ScanContext<'_>,
    ) -> Option<RecalledBuild> {
        let last = Arc::clone(self.last.as_ref()?);
        let (graph, plans, link) = (last.graph()?, last.plans()?, last.link()?);
        let plans = Indexed::open(&*plans)?;
        let outputs = self.kept_outputs(&last, options, changes)?;
        let known = KnownBuild {
            graph: KeptGraph::open(Bytes::from(&*graph), &link.edited)?,
            plans: (0..plans.len()).map(|index| plans.part(index)).collect::<Option<_>>()?,
            link: &link,
            outputs: &outputs,
            warm: last.warm(),
            changed: &changed_paths(&last.record, changes)?,
        };
        let made = relink_changed(&known, options, scan, context)?;
        let mut recalled = self.recalled(&last, made.outputs)?;
        recalled.summarized = made.summarized;
        recalled.rendered = made.rendered;
        recalled.chunks_linked = made.chunks_linked;
        recalled.chunks_minified = made.chunks_minified;
        recalled.is_changed = true;
        recalled.changed = made.changed;
        self.learnt(made.records);
        self.relinked = Some(Arc::new(made.link));
        self.warm = made.warm.filter(|_| self.live.is_some());
        Some(recalled)
    }

    /// The changes after which `relink` succeeded.
    pub(crate) fn relinked(&mut self, changes: Changes) {
        self.plans_hold = true;
        self.taken_up = Some(Arc::new(changes));
    }

    /// The graph is made after all.
    pub(crate) fn forget_relinked(&mut self) {
        (self.relinked, self.taken_up, self.plans_hold) = (None, None, false);
    }

    /// Takes the graph of the last build up again, of which nothing but `changes` changed. `None`: it has to be made anew.
    pub(crate) fn resume(&mut self, changes: Changes, scan: Scan, context: &ScanContext<'_>) -> Option<Resumed> {
        let last = Arc::clone(self.last.as_ref()?);
        let (graph, link) = (last.graph()?, last.link()?);
        let kept = KeptGraph::open(Bytes::from(&*graph), &link.edited)?;
        let mut resumed = resume(&kept, &changed_paths(&last.record, &changes)?, scan, context)?;
        let options = context.compile.options;
        if options.output.iter().any(|output| output.sourcemap != SourcemapOption::None) {
            // Maps hold the text of every module.
            read_sources(&mut resumed.scan, options, context.fs, |_| true);
        }
        let known: Vec<String> = json_of(&*last.watch_list()?)?;
        resumed.scan.watch_files.extend(known);
        self.plans_hold = options.reuse().plans && (resumed.plans_hold || is_dropped(Edge::Plans));
        // Of a build that was relinked, what it rests on is known already.
        self.taken_up.get_or_insert_with(|| Arc::new(changes));
        Some(resumed)
    }

    /// The record of the last build, if this one rests on it.
    pub(crate) fn taken_up(&self) -> Option<&BuildRecord> {
        self.taken_up.as_ref()?;
        Some(&self.last.as_deref()?.record)
    }

    /// Of the files of the build before those that `wanted` picks and whose content is another now, in order. `None`: there was
    /// no build before. Reads these files.
    pub(crate) fn changed_since_last(&self, wanted: impl Fn(&str) -> bool) -> Option<Vec<String>> {
        let last = &self.last.as_ref()?.record;
        let files = (0..last.files).filter_map(|index| last.file(index)).filter(|file| wanted(file.path));
        let is_other =
            |file: &FileEntry<'_>| !self.disk.read(file.path).is_ok_and(|bytes| ContentHash::of(&bytes) == file.hash);
        Some(files.filter(is_other).map(|file| file.path.to_owned()).collect())
    }

    /// The plans of an output, if they still hold.
    pub(crate) fn plans_that_hold(&mut self, output: usize) -> Option<Vec<Part>> {
        if !self.plans_hold {
            return None;
        }
        let found = || {
            let plans = self.last.as_ref()?.plans()?;
            decode_parts(Indexed::open(&*plans)?.part(output)?)
        };
        let parts = found();
        self.plans_hold = parts.is_some();
        parts
    }

    pub(crate) fn planned(&mut self, output: usize, parts: &[Part]) {
        if let Some(slot) = self.plans.get_mut(output) {
            *slot = encode_parts(parts);
        }
    }

    /// Takes down what belongs to this build.
    pub(crate) fn learnt(&mut self, records: Vec<(Key, Vec<u8>)>) {
        self.records.extend(records);
    }

    /// What is known of the chunks of an output.
    pub(crate) fn linked(&mut self, output: usize, facts: Option<OutputFacts>) {
        if let Some(slot) = self.facts.get_mut(output) {
            *slot = facts;
        }
    }

    /// What the last build emitted, and whether it is still there.
    fn kept_outputs(
        &self,
        last: &LastBuild,
        options: &BuildOptions,
        changes: &Changes,
    ) -> Option<Vec<Arc<KeptOutput>>> {
        let record = &last.record;
        let mut entries: Vec<Vec<KeptEntry>> = options.output.iter().map(|_| Vec::new()).collect();
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
        let is_described = last.is_described();
        for index in 0..record.outputs {
            let output = record.output(index)?;
            if !is_described && !store.contains(&Key { kind: DESCRIPTION, digest: output.description }) {
                return None;
            }
            entries.get_mut(output.output as usize)?.push(KeptEntry {
                name: output.name.to_owned(),
                is_chunk: output.is_chunk,
                size: output.size,
                hash: output.hash,
                stamp: stamp_of(&changes.touched.outputs, index, output.stamp),
                is_whole: changes.outputs.binary_search(&index).is_err(),
                description: output.description,
            });
        }
        if self.live.is_some() {
            last.set_described();
        }
        let kept = |(index, entries): (usize, Vec<KeptEntry>)| {
            let inline_maps = options.output.get(index)?.sourcemap == SourcemapOption::Inline;
            let dir = self.dirs.get(index)?.clone();
            let (fs, store) = (Arc::clone(&self.disk), Arc::clone(&self.store));
            let made = last.made(index);
            let by_name = OnceLock::new();
            Some(Arc::new(KeptOutput { fs, store, dir, inline_maps, entries, by_name, made }))
        };
        entries.into_iter().enumerate().map(kept).collect()
    }

    fn recalled(&self, last: &Arc<LastBuild>, outputs: Vec<Vec<OutputFile>>) -> Option<RecalledBuild> {
        let mut diagnostics: Vec<Diagnostic> = serde_json::from_str(last.record.diagnostics()?).ok()?;
        if is_dropped(Edge::Warnings) {
            diagnostics.clear();
        }
        // Whoever wants to have it wants it of a store that was whole.
        last.watch_list()?;
        Some(RecalledBuild {
            last: Arc::clone(last),
            outputs,
            diagnostics,
            summarized: 0,
            rendered: 0,
            chunks_linked: 0,
            chunks_minified: 0,
            is_changed: false,
            changed: Vec::new(),
        })
    }

    /// Writes the record with the stamps of now, if that saves more than it costs.
    fn renew(&self, record: &BuildRecord, touched: &Touched) {
        if touched.is_worth_a_record()
            && let Some(bytes) = record.renewed(&touched.files, &touched.listings, &touched.outputs)
        {
            drop(commit_build(&self.store, self.head, bytes, Some(record), Vec::new(), Vec::new()));
        }
    }
}

impl RecalledBuild {
    pub(crate) fn bundle(&self, index: usize) -> OutputBundle {
        OutputBundle { files: self.outputs.get(index).cloned().unwrap_or_default() }
    }

    pub(crate) fn watch_files(&self) -> Vec<String> {
        let known = self.last.watch_list().and_then(|list| json_of(&list));
        // Where the list was damaged since: what the build read.
        let record = &self.last.record;
        let read = || (0..record.files).filter_map(|index| Some(record.file(index)?.path.to_owned())).collect();
        known.unwrap_or_else(read)
    }

    /// The list of the store, if that holds one. Unlike the build it is shared by all that rest on the same one.
    pub(crate) fn kept_watch_files(&self) -> Option<KeptWatchFiles> {
        self.last.watch_list().map(KeptWatchFiles)
    }

    /// Modules that were not parsed were reused, though nobody looked at them.
    pub(crate) fn count(&self, stats: &mut BuildStats) {
        stats.modules = self.last.record.modules;
        stats.summarized = self.summarized;
        stats.reused = self.last.record.modules.saturating_sub(self.summarized);
        stats.rendered = self.rendered;
        stats.chunks_linked = self.chunks_linked;
        stats.chunks_minified = self.chunks_minified;
        stats.dead_modules = self.last.record.dead_modules;
    }
}

/// Everything but the store itself.
pub(crate) fn head_of(options: &BuildOptions) -> HeadName {
    let mut distinguishing = BuildOptions { cache: None, watch: false, ..options.clone() };
    if is_dropped(Edge::Options) {
        distinguishing.define.clear();
    }
    let mut head = ContentHasher::new();
    HeadName(head.field("build").field(json(&distinguishing)).finish().0)
}

pub(crate) fn find(store: &SharedStore, head: HeadName) -> Option<BuildRecord> {
    let key = store.read().unwrap_or_else(PoisonError::into_inner).head(head).filter(|key| key.kind == BUILD)?;
    let record = BuildRecord::open(WholeRecord::read(store, &key)?)?;
    (record.head == head.0).then_some(record)
}

/// Files to watch, as the store has them.
pub(crate) struct KeptWatchFiles(Arc<PagedRecord>);

impl KeptWatchFiles {
    /// `None`: the list was damaged since.
    pub(crate) fn read(&self) -> Option<Vec<String>> {
        json_of(&self.0)
    }
}

fn json_of<T: DeserializeOwned>(record: &PagedRecord) -> Option<T> {
    serde_json::from_slice(&Bytes::from(record).read()?).ok()
}

fn changed_paths<'r>(record: &'r BuildRecord, changes: &Changes) -> Option<FxHashSet<&'r str>> {
    changes.files.iter().map(|index| Some(record.file(*index)?.path)).collect()
}

fn describe(record: &BuildRecord, changes: &Changes, cwd: &str) -> String {
    let first = changes.files.first().and_then(|index| record.file(*index)).map(|file| file.path);
    let output = changes.outputs.first().and_then(|index| record.output(*index)).map(|output| output.name);
    let (what, count, first) = match (first, changes.surroundings.first(), output) {
        (Some(first), ..) => ("file", changes.files.len(), first),
        (None, Some(first), _) => ("place", changes.surroundings.len(), first.as_str()),
        (None, None, Some(first)) => ("emitted file", changes.outputs.len(), first),
        (None, None, None) => return String::new(),
    };
    let shown = if path::is_absolute(first) { path::relative(cwd, first) } else { first.to_owned() };
    let (plural, more) = if count == 1 { ("", "") } else { ("s", ", ...") };
    format!("{count} {what}{plural} changed: {shown}{more}")
}
