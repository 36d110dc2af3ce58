//! The next record: what was written, what the build rests on, and what it knows of its chunks. A build that made some chunks
//! anew writes the record of the last one with what is different, and in a session does so after it is done.

use super::{BuildMemory, find};
use crate::build_record::{
    BuildFacts, BuildRecord, Clock, OutputFact, RecordEdit, add_former, changed_files, facts_of_observed, stamp_of,
    trusted,
};
use crate::cache_store::{BUILD, COMPILED, DESCRIPTION, GRAPH, LINK, PLANS, SharedStore, WATCH_LIST, json};
use crate::changes::Changes;
use crate::compile_cache::list_of;
use crate::indexed::join;
use crate::kept_graph;
use crate::kept_link::LinkState;
use crate::kept_output::{MadeFiles, description_of};
use crate::last_build::LastBuild;
use crate::output::{BuildReport, OutputBundle, OutputFile};
use crate::paged::{self, WholeRecord};
use crate::scan::Scan;
use crate::seeded_faults::{Edge, is_dropped};
use crate::threads::pool;
use crate::warm_graph::WarmGraph;
use cloudpack_base::{ContentHash, Diagnostic, path};
use cloudpack_fs::{FileKind, FileSystem, Observed, Stamp};
use cloudpack_resolve::{Resolver, UsedListing};
use cloudpack_store::{Commit, HeadName, Key};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

/// Records to be committed.
type Records = Vec<(Key, Vec<u8>)>;

/// All that the next record is made of.
struct Remembering {
    store: SharedStore,
    head: HeadName,
    start: Clock,
    last: Option<Arc<LastBuild>>,
    taken_up: Option<Arc<Changes>>,
    /// Of a build that was relinked.
    link: Option<Arc<LinkState>>,
    facts: BuildFacts,
    observed: Option<Vec<(String, Observed)>>,
    listings: Option<Vec<UsedListing>>,
    disk: Arc<dyn FileSystem>,
    written: Vec<Written>,
    warm: Option<WarmGraph>,
    records: Records,
    distrusted: Vec<Key>,
}

/// What is known of the files of an output, or what it can be found out of.
pub(super) enum Written {
    Facts(Vec<OutputFact>),
    Files {
        output: u32,
        dir: String,
        files: Vec<OutputFile>,
        /// No byte had been compared or written yet.
        before: Clock,
    },
}

impl Written {
    fn names(&self) -> FxHashSet<&str> {
        match self {
            Self::Facts(facts) => facts.iter().map(|fact| fact.name.as_str()).collect(),
            Self::Files { files, .. } => files.iter().map(OutputFile::file_name).collect(),
        }
    }
}

impl BuildMemory {
    /// Takes down what was written of one output. `before`: no byte had been compared or written yet.
    pub(crate) fn wrote(&mut self, index: usize, bundle: &OutputBundle, before: Clock) {
        let Some(dir) = self.dirs.get(index) else { return };
        let written = if self.live.is_some() && self.relinked.is_some() {
            // Few of these are more than a name, and nobody waits for what is known of them.
            let (dir, files) = (dir.clone(), bundle.files.clone());
            Some(Written::Files { output: index as u32, dir, files, before })
        } else {
            facts_of_files(index as u32, dir, &bundle.files, before, &*self.disk).map(|(facts, descriptions)| {
                self.records.extend(descriptions);
                Written::Facts(facts)
            })
        };
        if let Some(slot) = self.written.get_mut(index) {
            *slot = written;
        }
    }

    /// Whether all outputs are written.
    pub(crate) fn is_complete(&self) -> bool {
        self.written.iter().all(Option::is_some)
    }

    /// Ends a whole build: removes what the last one wrote and this one did not, and writes the record.
    /// `compiled`: records of modules that are not committed yet.
    pub(crate) fn remember(&mut self, resolver: &Resolver, scan: &Scan, report: &BuildReport, compiled: Commit) {
        self.remove_former();
        let mut records = compiled.records;
        records.append(&mut self.records);
        let watch = match (&self.relinked, &self.last) {
            (Some(_), Some(last)) => last.record.watch,
            _ => paged::keep(WATCH_LIST, &json(&report.watch_files), Vec::new(), None, &mut records)
                .map(|(key, _)| key.digest)
                .unwrap_or_default(),
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
            ..BuildFacts::default()
        };
        let link = self.relinked.take();
        if link.is_none() {
            records.extend(self.keep_graph(scan, &mut facts));
        }
        let is_relinked = link.is_some();
        let job = Remembering {
            store: Arc::clone(&self.store),
            head: self.head,
            start: self.start,
            last: self.last.clone(),
            taken_up: self.taken_up.clone(),
            link,
            facts,
            observed: self.recorder.observed(),
            listings: resolver.used_listings(),
            disk: Arc::clone(&self.disk),
            written: self.written.iter_mut().filter_map(Option::take).collect(),
            warm: self.warm.take(),
            records,
            distrusted: compiled.distrusted,
        };
        match &self.live {
            // Whoever waits for the build does not wait for this.
            Some(live) if is_relinked => {
                live.keep_later(&self.store, Arc::clone(&self.disk), move || pool().install(|| job.run()));
            }
            Some(live) => {
                if let Some(last) = job.run() {
                    live.keep_now(last, &self.store, &self.disk);
                }
            }
            None => drop(job.run()),
        }
    }

    /// Graph, plans and chunks of this build, as records.
    fn keep_graph(&mut self, scan: &Scan, facts: &mut BuildFacts) -> Records {
        let mut records = Vec::new();
        if facts.diagnostics != "[]" {
            return records;
        }
        let Some(graph) = kept_graph::keep(scan) else { return records };
        let keep = |kind: u32, bytes: &[u8], references: Vec<Key>, records: &mut Records| {
            paged::keep(kind, bytes, references, None, records).map(|(key, _)| key.digest).unwrap_or_default()
        };
        let compiled = list_of(kept_graph::compiled_of(scan), &mut records);
        facts.graph = keep(GRAPH, &graph, vec![compiled], &mut records);
        let plans = self.plans.iter_mut().map(Option::take).collect::<Option<Vec<Vec<u8>>>>();
        if let Some(last) = self.last.as_ref().filter(|_| self.plans_hold) {
            facts.plans = last.record.plans;
        } else if let Some(plans) = plans.and_then(|plans| join(&plans)) {
            facts.plans = keep(PLANS, &plans, Vec::new(), &mut records);
        }
        let link = LinkState { outputs: std::mem::take(&mut self.facts), edited: BTreeMap::new() };
        if let Ok(link) = postcard::to_stdvec(&link) {
            facts.link = ContentHash::of(&link).0;
            records.push((Key { kind: LINK, digest: facts.link }, link));
        }
        records
    }

    /// Files that this build did not write: they go if they are what the last build wrote, and no other build's.
    fn remove_former(&self) {
        let Some(last) = self.last.as_ref().map(|last| &last.record) else { return };
        let full = |output: usize, name: &str| Some(path::join(self.dirs.get(output)?, name));
        let names: Vec<FxHashSet<&str>> =
            self.written.iter().map(|written| written.as_ref().map(Written::names).unwrap_or_default()).collect();
        // Several outputs may write to one directory.
        let is_written = |file: &str| {
            let in_dir = |dir: &String| file.strip_prefix(dir.as_str()).map(|rest| rest.trim_start_matches('/'));
            names.iter().zip(&self.dirs).any(|(names, dir)| in_dir(dir).is_some_and(|name| names.contains(name)))
        };
        // What this build found there, and how it knows it again.
        let mut former: FxHashMap<String, (ContentHash, Option<Stamp>)> = FxHashMap::default();
        let seen = self.taken_up.as_ref().map(|changes| &changes.touched.outputs);
        for index in 0..last.outputs {
            let Some(output) = last.output(index) else { return };
            if names.get(output.output as usize).is_some_and(|names| names.contains(output.name)) {
                continue;
            }
            let Some(file) = full(output.output as usize, output.name) else { return };
            if !is_written(&file) && cloudpack_fs::confined_path(output.name).is_ok() {
                let stamp = seen.and_then(|seen| stamp_of(seen, index, output.stamp));
                former.insert(file, (output.hash, stamp));
            }
        }
        if former.is_empty() || is_dropped(Edge::FormerOutput) {
            return;
        }
        let heads = self.store.read().unwrap_or_else(PoisonError::into_inner).heads();
        for (name, key) in heads.into_iter().filter(|(name, key)| key.kind == BUILD && *name != self.head) {
            let read = || emitted_files(&self.store, name).unwrap_or_default();
            let files = match &self.live {
                Some(live) => live.files_of(key, read),
                None => Arc::new(read()),
            };
            former.retain(|file, _| !files.contains(file));
        }
        let mut former: Vec<(String, (ContentHash, Option<Stamp>))> = former.into_iter().collect();
        former.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        for (file, (hash, stamp)) in former {
            let Ok(now) = self.disk.symlink_metadata(&file) else { continue };
            let is_written = || self.disk.read(&file).is_ok_and(|bytes| ContentHash::of(&bytes) == hash);
            if now.kind == FileKind::File && (stamp == Some(now) || is_written()) {
                // What cannot be removed is there for the user to see, and harms nobody.
                drop(self.disk.remove_file(&file));
            }
        }
    }
}

impl Remembering {
    /// Makes the record and writes it. `None`: what the build saw cannot be written down.
    fn run(mut self) -> Option<Arc<LastBuild>> {
        let mut made = Vec::new();
        for written in std::mem::take(&mut self.written) {
            match written {
                Written::Facts(facts) => self.facts.outputs.extend(facts),
                Written::Files { output, dir, files, before } => {
                    let (facts, descriptions) = facts_of_files(output, &dir, &files, before, &*self.disk)?;
                    self.facts.outputs.extend(facts);
                    self.records.extend(descriptions);
                    // Maps and assets are not looked into by the next build.
                    let chunks = files.into_iter().filter(|file| matches!(file, OutputFile::Chunk(_)));
                    made.push(chunks.map(|file| (file.file_name().to_owned(), file)).collect::<MadeFiles>());
                }
            }
        }
        if let (Some(link), Some(last)) = (&self.link, &self.last) {
            (self.facts.graph, self.facts.plans) = (last.record.graph, last.record.plans);
            if let Ok(link) = postcard::to_stdvec(&**link) {
                self.facts.link = ContentHash::of(&link).0;
                self.records.push((Key { kind: LINK, digest: self.facts.link }, link));
            }
        }
        let Some(record) = self.record() else {
            // What was compiled is of use all the same.
            self.records.retain(|(key, _)| key.kind == COMPILED);
            let commit = Commit { records: self.records, heads: Vec::new(), distrusted: self.distrusted };
            self.store.write().unwrap_or_else(PoisonError::into_inner).commit(commit);
            return None;
        };
        let former = self.last.as_ref().map(|last| &last.record);
        let opened = commit_build(&self.store, self.head, record, former, self.records, self.distrusted)?;
        let next = match (self.link, &self.last) {
            (Some(link), Some(last)) => last.relinked(opened, link, made, self.warm),
            _ => LastBuild::new(opened, Arc::clone(&self.store)),
        };
        Some(Arc::new(next))
    }

    fn record(&mut self) -> Option<Vec<u8>> {
        let (observed, listings) = (self.observed.take()?, self.listings.take()?);
        let facts = &mut self.facts;
        facts_of_observed(observed, listings, self.start, facts)?;
        let (Some(changes), Some(last)) = (&self.taken_up, &self.last) else { return facts.encode() };
        let edited = self.link.is_some().then(|| edited(&last.record, changes, facts)).flatten();
        edited.or_else(|| add_former(&last.record, changes, facts).and_then(|()| facts.encode()))
    }
}

/// Facts of the files of an output and records of what is known of them. `None`: one is no more what it was.
fn facts_of_files(
    output: u32,
    dir: &str,
    files: &[OutputFile],
    before: Clock,
    fs: &dyn FileSystem,
) -> Option<(Vec<OutputFact>, Records)> {
    let facts = files
        .par_iter()
        .map(|file| {
            if let OutputFile::Kept(kept) = file {
                return Some((kept.fact(output), None));
            }
            let description = description_of(file)?;
            let bytes = file.bytes().ok()?;
            let name = file.file_name().to_owned();
            // What was written just now has a stamp that another writer could share, so it is not trusted yet.
            let stamp = trusted(fs.symlink_metadata(&path::join(dir, &name)).ok(), before);
            let fact = OutputFact {
                output,
                is_chunk: matches!(file, OutputFile::Chunk(_)),
                name,
                size: bytes.len() as u64,
                hash: ContentHash::of(&bytes),
                stamp,
                description: ContentHash::of(&description).0,
            };
            let record = (Key { kind: DESCRIPTION, digest: fact.description }, description);
            Some((fact, Some(record)))
        })
        .collect::<Option<Vec<_>>>()?;
    let (facts, records): (Vec<_>, Vec<_>) = facts.into_iter().unzip();
    Some((facts, records.into_iter().flatten().collect()))
}

/// All files that another build emitted.
fn emitted_files(store: &SharedStore, head: HeadName) -> Option<FxHashSet<String>> {
    let other = find(store, head)?;
    let dirs = other.dirs()?;
    let outputs = (0..other.outputs).filter_map(|index| other.output(index));
    Some(outputs.filter_map(|output| Some(path::join(dirs.get(output.output as usize)?, output.name))).collect())
}

/// The last record with what a relinked build changed in it, if it saw nothing that is new there.
fn edited(last: &BuildRecord, changes: &Changes, facts: &BuildFacts) -> Option<Vec<u8>> {
    let files = changed_files(last, changes, facts)?;
    last.edited(&RecordEdit { files, touched: &changes.touched, link: facts.link, outputs: &facts.outputs })
}

/// Writes the record of a build. `former`: one that it may share pages with. `None`: it is no record.
pub(super) fn commit_build(
    store: &SharedStore,
    head: HeadName,
    record: Vec<u8>,
    former: Option<&BuildRecord>,
    mut records: Records,
    distrusted: Vec<Key>,
) -> Option<BuildRecord> {
    let references = references_of(&BuildRecord::open(&*record)?)?;
    let (key, pages) = paged::keep(BUILD, &record, references, former.map(BuildRecord::bytes), &mut records)?;
    let commit = Commit { records, heads: vec![(head, key)], distrusted };
    store.write().unwrap_or_else(PoisonError::into_inner).commit(commit);
    BuildRecord::open(WholeRecord::new(record, pages))
}

/// What the record names.
fn references_of(record: &BuildRecord<&[u8]>) -> Option<Vec<Key>> {
    let mut keys = vec![
        Key { kind: WATCH_LIST, digest: record.watch },
        Key { kind: GRAPH, digest: record.graph },
        Key { kind: PLANS, digest: record.plans },
        Key { kind: LINK, digest: record.link },
    ];
    for index in 0..record.outputs {
        keys.push(Key { kind: DESCRIPTION, digest: record.output(index)?.description });
    }
    Some(keys)
}
