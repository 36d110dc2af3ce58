//! The last build of these options: finds its record, says whether anything has changed since, and writes the next one.
//!
//! A build is remembered when it is whole: no errors, every output written, nothing done by a plugin. Whoever finds it
//! unchanged gives its files as they are and looks at no module.

use crate::build_record::{
    BuildFacts, BuildRecord, Clock, FileEntry, OutputFact, RecordEdit, add_former, changed_files, facts_of_observed,
    stamp_of, trusted,
};
use crate::cache_store::{BUILD, COMPILED, DESCRIPTION, GRAPH, LINK, PLANS, SharedStore, WATCH_LIST, json};
use crate::changes::{Changes, Touched, changes_since};
use crate::indexed::{Indexed, join};
use crate::kept_graph::{self, KeptGraph, Resumed, is_kept, resume};
use crate::kept_link::{LinkState, OutputFacts, decode_parts, encode_parts};
use crate::kept_output::{KeptEntry, KeptOutput, description_of};
use crate::options::{BuildOptions, SourcemapOption};
use crate::output::{BuildReport, BuildStats, OutputBundle, OutputFile};
use crate::plan::Part;
use crate::relink::{LastBuild, relink_changed};
use crate::scan::{Scan, ScanContext};
use crate::seeded_faults::{Edge, is_dropped};
use crate::write::output_dir;
use cloudpack_base::{ContentHash, ContentHasher, Diagnostic, path};
use cloudpack_fs::{FileSystem, RecordingFileSystem};
use cloudpack_resolve::Resolver;
use cloudpack_store::{Commit, HeadName, Key, Record};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

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
    written: Vec<Option<Vec<OutputFact>>>,
    descriptions: Vec<(Key, Vec<u8>)>,
    last: Option<Arc<BuildRecord>>,
    /// This build took up the last one, of which only these files changed.
    taken_up: Option<Changes>,
    /// Encoded plans, parallel to the outputs.
    plans: Vec<Option<Vec<u8>>>,
    /// The plans of the last build are those of this one.
    plans_hold: bool,
    /// What is known of the chunks of each output, once it is linked; `None` inside where they cannot be taken over.
    facts: Vec<Option<OutputFacts>>,
    /// This build made nothing but some chunks of the last one anew.
    relinked: Option<LinkState>,
}

/// A build of which nothing changed, or nothing but some chunks.
pub(crate) struct RecalledBuild {
    pub(crate) record: Arc<BuildRecord>,
    /// The files of each output.
    outputs: Vec<Vec<OutputFile>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    watch_list: Record,
    /// Modules that were parsed, and modules whose text was made.
    summarized: u32,
    rendered: u32,
    chunks_linked: u32,
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

impl BuildMemory {
    pub(crate) fn new(store: SharedStore, options: &BuildOptions, disk: Arc<dyn FileSystem>) -> Self {
        // Everything but the store itself.
        let mut distinguishing = BuildOptions { cache: None, watch: false, ..options.clone() };
        if is_dropped(Edge::Options) {
            distinguishing.define.clear();
        }
        let mut head = ContentHasher::new();
        let head = HeadName(head.field("build").field(json(&distinguishing)).finish().0);
        let mut memory = Self {
            head,
            recorder: Arc::new(RecordingFileSystem::new(Arc::clone(&disk))),
            disk,
            start: Clock::now(),
            dirs: options.output.iter().map(|output| output_dir(&options.cwd, output)).collect(),
            written: options.output.iter().map(|_| None).collect(),
            descriptions: Vec::new(),
            last: None,
            taken_up: None,
            plans: options.output.iter().map(|_| None).collect(),
            plans_hold: false,
            facts: options.output.iter().map(|_| None).collect(),
            relinked: None,
            store,
        };
        memory.last = memory.find(head.0).map(Arc::new);
        memory
    }

    /// What the build has to read through.
    pub(crate) fn recorder(&self) -> Arc<RecordingFileSystem> {
        Arc::clone(&self.recorder)
    }

    fn get(&self, key: &Key) -> Option<Record> {
        let record = self.store.read().unwrap_or_else(PoisonError::into_inner).get(key)?;
        // The digest says what the bytes are; the store's checksum only that nobody changed them by accident.
        (ContentHash::of(&record).0 == key.digest).then_some(record)
    }

    fn find(&self, head: [u8; 32]) -> Option<BuildRecord> {
        let key = self.store.read().unwrap_or_else(PoisonError::into_inner).head(HeadName(head))?;
        let record = BuildRecord::open(self.get(&key).filter(|_| key.kind == BUILD)?)?;
        (record.head == head).then_some(record)
    }

    /// Holds the last build against the disk. Cost: a `stat` for each file, directory and question that it rests on.
    pub(crate) fn recall(&self, options: &BuildOptions) -> Verdict {
        let changed = |why: &str| Verdict::Changed(why.to_owned(), None);
        let Some(record) = &self.last else { return changed("no earlier build with these options is known") };
        if options.output.iter().any(|output| output.clean_dir) {
            return changed("the output directory is to be emptied");
        }
        let Some(changes) = changes_since(record, &*self.disk, &self.dirs) else {
            return changed("the record of the last build cannot be read");
        };
        if !changes.inputs_are_same() || !changes.outputs.is_empty() {
            let why = describe(record, &changes, &options.cwd);
            let may_resume = changes.surroundings.is_empty() && record.diagnostics() == Some("[]");
            return Verdict::Changed(why, may_resume.then_some(changes));
        }
        let recalled = self.kept_outputs(record, options, &changes).and_then(|outputs| {
            let files = outputs.iter().map(KeptOutput::files).collect();
            self.recalled(record, files)
        });
        match recalled {
            Some(recalled) => {
                self.renew(record, &changes.touched);
                Verdict::Unchanged(recalled)
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
        let record = Arc::clone(self.last.as_ref()?);
        let graph = self.get(&key_of((GRAPH, record.graph)))?;
        let plans = self.get(&key_of((PLANS, record.plans)))?;
        let link = self.link_state(&record)?;
        let plans = Indexed::open(&plans)?;
        let outputs = self.kept_outputs(&record, options, changes)?;
        let last = LastBuild {
            graph: KeptGraph::open(&graph, &link.edited)?,
            plans: (0..plans.len()).map(|index| plans.bytes(index)).collect::<Option<_>>()?,
            link: &link,
            outputs: &outputs,
            changed: &changed_paths(&record, changes)?,
        };
        let made = relink_changed(&last, options, scan, context)?;
        let mut recalled = self.recalled(&record, made.outputs)?;
        recalled.summarized = made.summarized;
        recalled.rendered = made.rendered;
        recalled.chunks_linked = made.chunks_linked;
        recalled.is_changed = true;
        recalled.changed = made.changed;
        self.relinked = Some(made.link);
        Some(recalled)
    }

    /// The changes after which `relink` succeeded.
    pub(crate) fn relinked(&mut self, changes: Changes) {
        self.plans_hold = true;
        self.taken_up = Some(changes);
    }

    /// The graph is made after all.
    pub(crate) fn forget_relinked(&mut self) {
        (self.relinked, self.taken_up, self.plans_hold) = (None, None, false);
    }

    fn link_state(&self, record: &BuildRecord) -> Option<LinkState> {
        postcard::from_bytes(&self.get(&key_of((LINK, record.link)))?).ok()
    }

    /// Takes the graph of the last build up again, of which nothing but `changes` changed. `None`: it has to be made anew.
    pub(crate) fn resume(&mut self, changes: Changes, scan: Scan, context: &ScanContext<'_>) -> Option<Resumed> {
        let record = Arc::clone(self.last.as_ref()?);
        let graph = self.get(&key_of((GRAPH, record.graph)))?;
        let link = self.link_state(&record)?;
        let kept = KeptGraph::open(&graph, &link.edited)?;
        let mut resumed = resume(&kept, &changed_paths(&record, &changes)?, scan, context)?;
        let watch = self.get(&Key { kind: WATCH_LIST, digest: record.watch })?;
        resumed.scan.watch_files = serde_json::from_slice(&watch).ok()?;
        self.plans_hold = resumed.plans_hold || is_dropped(Edge::Plans);
        // Of a build that was relinked, what it rests on is known already.
        self.taken_up.get_or_insert(changes);
        Some(resumed)
    }

    /// The record of the last build, if this one rests on it.
    pub(crate) fn taken_up(&self) -> Option<&BuildRecord> {
        self.taken_up.as_ref()?;
        self.last.as_deref()
    }

    /// Of the files of the build before those that `wanted` picks and whose content is another now, in order. `None`: there was
    /// no build before. Reads these files.
    pub(crate) fn changed_since_last(&self, wanted: impl Fn(&str) -> bool) -> Option<Vec<String>> {
        let last = self.last.as_ref()?;
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
            let plans = self.get(&Key { kind: PLANS, digest: self.last.as_ref()?.plans })?;
            decode_parts(Indexed::open(&plans)?.bytes(output)?)
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

    /// What is known of the chunks of an output.
    pub(crate) fn linked(&mut self, output: usize, facts: Option<OutputFacts>) {
        if let Some(slot) = self.facts.get_mut(output) {
            *slot = facts;
        }
    }

    /// Graph, plans and chunks of this build, as records.
    fn keep_graph(&mut self, scan: &Scan, options: &BuildOptions, facts: &mut BuildFacts) -> Vec<(Key, Vec<u8>)> {
        let mut records = Vec::new();
        if facts.diagnostics != "[]" || !is_kept(options) {
            return records;
        }
        let mut keep = |kind: u32, bytes: Vec<u8>| {
            let digest = ContentHash::of(&bytes).0;
            records.push((Key { kind, digest }, bytes));
            digest
        };
        let last = self.last.as_ref().filter(|_| self.plans_hold);
        let link = match (self.relinked.take(), last) {
            (Some(link), Some(last)) => {
                (facts.graph, facts.plans) = (last.graph, last.plans);
                link
            }
            _ => {
                let Some(graph) = kept_graph::keep(scan) else { return records };
                facts.graph = keep(GRAPH, graph);
                let plans = self.plans.iter_mut().map(Option::take).collect::<Option<Vec<Vec<u8>>>>();
                if let Some(last) = last {
                    facts.plans = last.plans;
                } else if let Some(plans) = plans.and_then(|plans| join(&plans)) {
                    facts.plans = keep(PLANS, plans);
                }
                LinkState { outputs: std::mem::take(&mut self.facts), edited: BTreeMap::new() }
            }
        };
        if let Ok(link) = postcard::to_stdvec(&link) {
            facts.link = keep(LINK, link);
        }
        records
    }

    /// What the last build emitted, and whether it is still there.
    fn kept_outputs(
        &self,
        record: &BuildRecord,
        options: &BuildOptions,
        changes: &Changes,
    ) -> Option<Vec<Arc<KeptOutput>>> {
        let mut entries: Vec<Vec<KeptEntry>> = options.output.iter().map(|_| Vec::new()).collect();
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
        for index in 0..record.outputs {
            let output = record.output(index)?;
            if !store.contains(&Key { kind: DESCRIPTION, digest: output.description }) {
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
        let kept = |(index, entries): (usize, Vec<KeptEntry>)| {
            let by_name = entries.iter().enumerate().map(|(at, entry)| (entry.name.clone(), at)).collect();
            let inline_maps = options.output.get(index)?.sourcemap == SourcemapOption::Inline;
            let dir = self.dirs.get(index)?.clone();
            let (fs, store) = (Arc::clone(&self.disk), Arc::clone(&self.store));
            Some(Arc::new(KeptOutput { fs, store, dir, inline_maps, entries, by_name }))
        };
        entries.into_iter().enumerate().map(kept).collect()
    }

    fn recalled(&self, record: &Arc<BuildRecord>, outputs: Vec<Vec<OutputFile>>) -> Option<RecalledBuild> {
        let mut diagnostics: Vec<Diagnostic> = serde_json::from_str(record.diagnostics()?).ok()?;
        if is_dropped(Edge::Warnings) {
            diagnostics.clear();
        }
        let watch_list = self.get(&Key { kind: WATCH_LIST, digest: record.watch })?;
        let record = Arc::clone(record);
        Some(RecalledBuild {
            record,
            outputs,
            diagnostics,
            watch_list,
            summarized: 0,
            rendered: 0,
            chunks_linked: 0,
            is_changed: false,
            changed: Vec::new(),
        })
    }

    /// Writes the record with the stamps of now, if that saves more than it costs.
    fn renew(&self, record: &BuildRecord, touched: &Touched) {
        if touched.is_worth_a_record()
            && let Some(bytes) = record.renewed(&touched.files, &touched.listings, &touched.outputs)
        {
            self.commit(bytes, Vec::new(), Vec::new());
        }
    }

    fn commit(&self, record: Vec<u8>, mut records: Vec<(Key, Vec<u8>)>, distrusted: Vec<Key>) {
        let key = Key { kind: BUILD, digest: ContentHash::of(&record).0 };
        records.push((key, record));
        let commit = Commit { records, heads: vec![(self.head, key)], distrusted };
        self.store.write().unwrap_or_else(PoisonError::into_inner).commit(commit);
    }

    /// Takes down what was written of one output. `before`: no byte had been compared or written yet.
    pub(crate) fn wrote(&mut self, index: usize, bundle: &OutputBundle, before: Clock) {
        let Some(dir) = self.dirs.get(index) else { return };
        let fs = &*self.disk;
        let facts: Option<Vec<(OutputFact, Option<Vec<u8>>)>> = bundle
            .files
            .par_iter()
            .map(|file| {
                if let OutputFile::Kept(kept) = file {
                    return Some((kept.fact(index as u32), None));
                }
                let description = description_of(file)?;
                let bytes = file.bytes().ok()?;
                let name = file.file_name().to_owned();
                // What was written just now has a stamp that another writer could share, so it is not trusted yet.
                let stamp = trusted(fs.symlink_metadata(&path::join(dir, &name)).ok(), before);
                let fact = OutputFact {
                    output: index as u32,
                    is_chunk: matches!(file, OutputFile::Chunk(_)),
                    name,
                    size: bytes.len() as u64,
                    hash: ContentHash::of(&bytes),
                    stamp,
                    description: ContentHash::of(&description).0,
                };
                Some((fact, Some(description)))
            })
            .collect();
        let Some(facts) = facts else { return };
        let mut written = Vec::with_capacity(facts.len());
        for (fact, description) in facts {
            let record =
                description.map(|description| (Key { kind: DESCRIPTION, digest: fact.description }, description));
            self.descriptions.extend(record);
            written.push(fact);
        }
        if let Some(slot) = self.written.get_mut(index) {
            *slot = Some(written);
        }
    }

    /// Whether all outputs are written.
    pub(crate) fn is_complete(&self) -> bool {
        self.written.iter().all(Option::is_some)
    }

    /// Ends a whole build: removes what the last one wrote and this one did not, and writes the record.
    /// `compiled`: records of modules that are not committed yet.
    pub(crate) fn remember(
        &mut self,
        options: &BuildOptions,
        resolver: &Resolver,
        scan: &Scan,
        report: &BuildReport,
        compiled: Commit,
    ) {
        self.remove_former();
        let mut records = compiled.records;
        records.append(&mut self.descriptions);
        let watch = match (&self.relinked, &self.last) {
            (Some(_), Some(last)) => last.watch,
            _ => {
                let watch = json(&report.watch_files);
                let digest = ContentHash::of(&watch).0;
                records.push((key_of((WATCH_LIST, digest)), watch));
                digest
            }
        };
        let warnings: Vec<&Diagnostic> =
            report.diagnostics.iter().filter(|diagnostic| diagnostic.code != "CACHE").collect();
        let mut facts = BuildFacts {
            head: self.head.0,
            modules: report.stats.modules,
            dead_modules: report.stats.dead_modules,
            dirs: self.dirs.clone(),
            watch,
            diagnostics: String::from_utf8(json(&warnings)).unwrap_or_default(),
            outputs: self.written.iter_mut().filter_map(Option::take).flatten().collect(),
            ..BuildFacts::default()
        };
        let is_relinked = self.relinked.is_some();
        records.extend(self.keep_graph(scan, options, &mut facts));
        let explained = self.recorder.observed().zip(resolver.used_listings());
        let record = explained
            .and_then(|(observed, listings)| facts_of_observed(observed, listings, self.start, &mut facts))
            .and_then(|()| match (&self.taken_up, &self.last) {
                (Some(changes), Some(last)) => {
                    let edited = is_relinked.then(|| edited(last, changes, &facts)).flatten();
                    edited.or_else(|| add_former(last, changes, &mut facts).and_then(|()| facts.encode()))
                }
                _ => facts.encode(),
            });
        match record {
            Some(record) => self.commit(record, records, compiled.distrusted),
            // What was compiled is of use all the same.
            None => {
                records.retain(|(key, _)| key.kind == COMPILED);
                let commit = Commit { records, heads: Vec::new(), distrusted: compiled.distrusted };
                self.store.write().unwrap_or_else(PoisonError::into_inner).commit(commit);
            }
        }
    }

    /// Files that this build did not write: they go if they are what the last build wrote, and no other build's.
    fn remove_former(&self) {
        let Some(last) = &self.last else { return };
        let full = |output: u32, name: &str| Some(path::join(self.dirs.get(output as usize)?, name));
        let now: FxHashSet<String> =
            self.written.iter().flatten().flatten().filter_map(|fact| full(fact.output, &fact.name)).collect();
        let mut former: FxHashMap<String, ContentHash> = FxHashMap::default();
        for index in 0..last.outputs {
            let Some(output) = last.output(index) else { return };
            let Some(file) = full(output.output, output.name) else { return };
            if !now.contains(&file) && cloudpack_fs::confined_path(output.name).is_ok() {
                former.insert(file, output.hash);
            }
        }
        if former.is_empty() || is_dropped(Edge::FormerOutput) {
            return;
        }
        let heads = self.store.read().unwrap_or_else(PoisonError::into_inner).heads();
        for (name, _) in heads.into_iter().filter(|(name, key)| key.kind == BUILD && *name != self.head) {
            let Some(other) = self.find(name.0) else { continue };
            let dirs = other.dirs();
            for index in 0..other.outputs {
                if let (Some(output), Some(dirs)) = (other.output(index), &dirs)
                    && let Some(dir) = dirs.get(output.output as usize)
                {
                    former.remove(&path::join(dir, output.name));
                }
            }
        }
        let mut former: Vec<(String, ContentHash)> = former.into_iter().collect();
        former.sort_unstable();
        for (file, hash) in former {
            let is_ours = || self.disk.read(&file).is_ok_and(|bytes| ContentHash::of(&bytes) == hash);
            let is_file = self.disk.symlink_metadata(&file).is_ok_and(|it| it.kind == cloudpack_fs::FileKind::File);
            if is_file && is_ours() {
                // What cannot be removed is there for the user to see, and harms nobody.
                drop(self.disk.remove_file(&file));
            }
        }
    }
}

impl RecalledBuild {
    pub(crate) fn bundle(&self, index: usize) -> OutputBundle {
        OutputBundle { files: self.outputs.get(index).cloned().unwrap_or_default() }
    }

    /// Paths of files that were read.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &str> {
        (0..self.record.files).filter_map(|index| Some(self.record.file(index)?.path))
    }

    pub(crate) fn watch_files(&self) -> Vec<String> {
        serde_json::from_slice(&self.watch_list).unwrap_or_default()
    }

    /// Modules that were not parsed were reused, though nobody looked at them.
    pub(crate) fn count(&self, stats: &mut BuildStats) {
        stats.modules = self.record.modules;
        stats.summarized = self.summarized;
        stats.reused = self.record.modules.saturating_sub(self.summarized);
        stats.rendered = self.rendered;
        stats.chunks_linked = self.chunks_linked;
        stats.dead_modules = self.record.dead_modules;
    }
}

/// The last record with what a relinked build changed in it, if it saw nothing that is new there.
fn edited(last: &BuildRecord, changes: &Changes, facts: &BuildFacts) -> Option<Vec<u8>> {
    let files = changed_files(last, changes, facts)?;
    last.edited(&RecordEdit { files, touched: &changes.touched, link: facts.link, outputs: &facts.outputs })
}

fn key_of((kind, digest): (u32, [u8; 32])) -> Key {
    Key { kind, digest }
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
