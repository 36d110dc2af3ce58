//! The graph of an earlier build, taken up again: modules whose files did not change come with their requests already
//! answered and their compiled form from the store; only changed ones are read and compiled. What a changed module asks for that
//! it did not ask for before is resolved and loaded; modules then come, go, and are met in another order, and the graph is
//! numbered as one that is made anew. Where anything but the content of modules changed it is made anew.

use crate::compile::CompiledModule;
use crate::compile_cache::CompiledVariants;
use crate::graph::{Compiled, ModuleGraph, ModuleRecord, Request, RequestKey, merge_requests};
use crate::indexed::{Indexed, encode, join};
use crate::load::{self, Content, is_binary};
use crate::module_types::module_type_of;
use crate::options::{BuildOptions, ModuleType};
use crate::paged::Bytes;
use crate::scan::{Scan, ScanContext};
use crate::seeded_faults::{Edge, is_dropped};
use cloudpack_base::{Idx, ModuleIdx};
use cloudpack_fs::FileSystem;
use cloudpack_object::Span;
use cloudpack_store::Key;
use cloudpack_summary::{ModuleFormat, ModuleSummary, RequestFlags, RequestKind};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What is looked at before any module is.
#[derive(Serialize, Deserialize)]
struct GraphHead {
    /// Parallel to the entries of the options.
    entries: Vec<Option<ModuleIdx>>,
    /// HTML documents.
    documents: Vec<ModuleIdx>,
}

/// The graph as a record; modules are decoded one by one.
pub(crate) struct KeptGraph<'r> {
    head: GraphHead,
    modules: Indexed<'r>,
    /// The file of each module; empty for external ones.
    paths: Indexed<'r>,
    /// Numbers of modules that have a file, by its path.
    by_path: Bytes<'r>,
    /// Those whose bodies changed since.
    edited: &'r BTreeMap<u32, KeptModule>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeptModule {
    pub(crate) id: String,
    pub(crate) is_external: bool,
    pub(crate) is_left_out: bool,
    module_type: ModuleType,
    side_effects: bool,
    source_length: u32,
    /// Digest of the record with the compiled variants; zeros for external modules and documents.
    pub(crate) compiled: [u8; 32],
    /// Of documents, which are few and compiled each time.
    summaries: Vec<ModuleSummary>,
    requests: Vec<KeptRequest>,
    /// For each variant, for each request of its summary, an index into `requests`.
    variants: Vec<Vec<u32>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct KeptRequest {
    specifier: Box<str>,
    kind: RequestKind,
    attributes: Vec<(Box<str>, Box<str>)>,
    flags: RequestFlags,
    span: Span,
    target: Option<ModuleIdx>,
}

impl<'r> KeptGraph<'r> {
    pub(crate) fn open(record: Bytes<'r>, edited: &'r BTreeMap<u32, KeptModule>) -> Option<Self> {
        let values = Indexed::open(record)?;
        let (modules, paths) = (Indexed::open(values.part(1)?)?, Indexed::open(values.part(2)?)?);
        let (head, by_path) = (values.get(0)?, values.part(3)?);
        (paths.len() == modules.len()).then_some(Self { head, modules, paths, by_path, edited })
    }

    /// Modules.
    pub(crate) fn len(&self) -> usize {
        self.modules.len()
    }

    pub(crate) fn entries(&self) -> &[Option<ModuleIdx>] {
        &self.head.entries
    }
    pub(crate) fn documents(&self) -> &[ModuleIdx] {
        &self.head.documents
    }
    /// Its file; empty for an external one.
    pub(crate) fn path(&self, index: ModuleIdx) -> Option<Cow<'r, str>> {
        self.paths.text(index.index())
    }
    /// Modules that are made of this file, in order. `None`: the record is damaged. Cost: a step for each doubling of modules.
    pub(crate) fn made_of(&self, path: &str) -> Option<Vec<ModuleIdx>> {
        let count = self.by_path.len() / 4;
        let at = |place: usize| self.by_path.u32_at(place * 4).map(ModuleIdx);
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = usize::midpoint(low, high);
            if *self.path(at(middle)?)? < *path {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let mut found = Vec::new();
        while low < count && self.path(at(low)?)? == path {
            found.push(at(low)?);
            low += 1;
        }
        Some(found)
    }
    pub(crate) fn module(&self, index: ModuleIdx) -> Option<KeptModule> {
        match self.edited.get(&index.0) {
            Some(edited) => Some(edited.clone()),
            None => self.modules.get(index.index()),
        }
    }
    fn all_modules(&self) -> Option<Vec<KeptModule>> {
        let mut modules: Vec<KeptModule> = self.modules.all()?;
        for (index, edited) in self.edited {
            modules.get_mut(*index as usize)?.clone_from(edited);
        }
        Some(modules)
    }
}

/// A graph that was taken up again.
pub(crate) struct Resumed {
    pub(crate) scan: Scan,
    /// Whether every changed module looks to the others as it did: then the plans hold.
    pub(crate) plans_hold: bool,
}

/// The graph as a record. `None`: some module is not one that could be taken up again.
pub(crate) fn keep(scan: &Scan) -> Option<Vec<u8>> {
    let modules = scan.graph.modules.iter().map(keep_module).collect::<Option<Vec<_>>>()?;
    let is_document = |(_, record): &(ModuleIdx, &ModuleRecord)| is_document(record);
    let head = GraphHead {
        entries: scan.entries.iter().map(|entry| entry.module).collect(),
        documents: scan.graph.modules.iter_enumerated().filter(is_document).map(|(index, _)| index).collect(),
    };
    let paths: Vec<&str> = scan.graph.modules.iter().map(|record| record.path.as_str()).collect();
    let mut by_path: Vec<(&str, u32)> =
        (0..).zip(&paths).filter(|(_, path)| !path.is_empty()).map(|(at, path)| (*path, at)).collect();
    by_path.sort_unstable();
    let by_path: Vec<u8> = by_path.into_iter().flat_map(|(_, at)| u32::to_le_bytes(at)).collect();
    join(&[postcard::to_stdvec(&head).ok()?, encode(&modules)?, join(&paths)?, by_path])
}

/// What the modules of the graph were compiled to.
pub(crate) fn compiled_of(scan: &Scan) -> Vec<Key> {
    scan.graph.modules.iter().filter_map(|record| record.key).collect()
}

fn is_document(record: &ModuleRecord) -> bool {
    record.compiled.iter().any(|compiled| compiled.summary.format == ModuleFormat::Html)
}

pub(crate) fn keep_module(record: &ModuleRecord) -> Option<KeptModule> {
    let is_document = is_document(record);
    let is_kept = record.is_external || (record.key.is_some() || is_document) && !record.path.is_empty();
    let requests = record.requests.iter().map(|request| KeptRequest {
        specifier: request.key.specifier.clone(),
        kind: request.key.kind,
        attributes: request.key.attributes.clone(),
        flags: request.flags,
        span: request.span,
        target: request.target,
    });
    is_kept.then(|| KeptModule {
        id: record.id.clone(),
        is_external: record.is_external,
        is_left_out: record.is_left_out,
        module_type: record.module_type,
        side_effects: record.side_effects,
        source_length: record.source_length,
        compiled: record.key.map(|key| key.digest).unwrap_or_default(),
        summaries: record.compiled.iter().filter(|_| is_document).map(|it| it.summary.clone()).collect(),
        requests: requests.collect(),
        variants: record.compiled.iter().map(|compiled| compiled.requests.clone()).collect(),
    })
}

/// One module as it is now.
pub(crate) struct Taken {
    content: Option<Content>,
    key: Option<Key>,
    requests: Vec<Request>,
    compiled: Vec<Compiled>,
    pub(crate) is_reused: bool,
    /// It looks to others as it did.
    pub(crate) is_same: bool,
    /// It asks for other things than it did, and nothing of that is answered.
    pub(crate) asks_anew: bool,
}

impl Taken {
    /// Fills the record of this module.
    pub(crate) fn put(self, module: &KeptModule, path: &str, record: &mut ModuleRecord) {
        record.id.clone_from(&module.id);
        path.clone_into(&mut record.path);
        record.is_external = module.is_external;
        record.is_left_out = module.is_left_out;
        record.module_type = module.module_type;
        record.side_effects = module.side_effects;
        record.source_length = module.source_length;
        match self.content {
            Some(Content::Text(text)) => {
                record.source_length = text.len() as u32;
                record.source = text;
            }
            Some(Content::Bytes(bytes)) => record.bytes = Some(bytes),
            None => {}
        }
        record.is_compiled = !self.is_reused;
        record.key = self.key;
        record.requests = self.requests;
        record.compiled = self.compiled;
    }

    /// It is JavaScript and nothing else: no style sheet, no document, no file that is emitted.
    pub(crate) fn is_plain(&self) -> bool {
        self.compiled.iter().all(|Compiled { object, summary, .. }| {
            let has_more = object.css.is_some() || object.html.is_some() || object.asset.is_some();
            !has_more && !matches!(summary.format, ModuleFormat::Html)
        })
    }

    /// An external module: nothing but its name.
    fn external() -> Self {
        Self {
            content: None,
            key: None,
            requests: Vec::new(),
            compiled: Vec::new(),
            is_reused: true,
            is_same: true,
            asks_anew: false,
        }
    }
}

/// `scan` has its entries and nothing else. `changed`: paths of files with another content. `None`: the graph has to be made
/// anew.
pub(crate) fn resume(
    kept: &KeptGraph<'_>,
    changed: &FxHashSet<&str>,
    mut scan: Scan,
    context: &ScanContext<'_>,
) -> Option<Resumed> {
    let all_paths: Vec<Cow<'_, str>> = (0..kept.len()).map(|at| kept.paths.text(at)).collect::<Option<_>>()?;
    let paths: FxHashSet<&str> = all_paths.iter().map(|path| &**path).collect();
    if !changed.iter().all(|path| paths.contains(path)) || kept.entries().len() != scan.entries.len() {
        return None;
    }
    let modules = kept.all_modules()?;
    // Changed modules first: what they say may end this.
    let is_changed = |path: &str| changed.contains(path);
    let take = |(module, path): (&KeptModule, &Cow<'_, str>)| -> Option<Taken> {
        take_up(module, path, is_changed(path), context)
    };
    let known = modules.iter().zip(&all_paths);
    let mut edited =
        known.clone().filter(|(_, path)| is_changed(path)).map(take).collect::<Option<Vec<_>>>()?.into_iter();
    let mut others = modules
        .par_iter()
        .zip(&all_paths)
        .with_min_len(16)
        .filter(|(_, path)| !is_changed(path))
        .map(take)
        .collect::<Option<Vec<_>>>()?
        .into_iter();
    let mut graph = ModuleGraph::default();
    let (mut plans_hold, mut anew) = (true, Vec::new());
    for (module, path) in known {
        let (index, is_new) = match module.is_left_out {
            true => graph.add_left_out(&module.id),
            false => graph.add(&module.id, module.is_external),
        };
        let taken = if is_changed(path) { edited.next() } else { others.next() }?;
        if !is_new {
            return None;
        }
        if !module.is_external {
            *(if taken.is_reused { &mut scan.reused } else { &mut scan.summarized }) += 1;
            plans_hold &= taken.is_same;
        }
        if taken.asks_anew {
            anew.push(index);
        }
        taken.put(module, path, &mut graph.modules[index]);
    }
    let is_known = |target: &Option<ModuleIdx>| target.is_none_or(|target| graph.modules.get(target).is_some());
    let targets = graph.modules.iter().flat_map(|record| record.requests.iter().map(|request| &request.target));
    if !targets.chain(kept.entries()).all(is_known) {
        return None;
    }
    scan.graph = graph;
    for (entry, module) in scan.entries.iter_mut().zip(kept.entries()) {
        entry.module = *module;
    }
    scan.started = scan.entries.len();
    if !anew.is_empty() && !scan.ask_anew(&anew, context) {
        return None;
    }
    Some(Resumed { scan, plans_hold })
}

/// Reads the texts of these modules that were not read because the modules were kept; whether there were any.
pub(crate) fn read_sources(
    scan: &mut Scan,
    options: &BuildOptions,
    fs: &dyn FileSystem,
    wanted: impl Fn(ModuleIdx) -> bool,
) -> bool {
    let is_missing = |(index, record): &(ModuleIdx, &ModuleRecord)| {
        record.source.is_empty() && record.bytes.is_none() && record.source_length > 0 && wanted(*index)
    };
    let missing: Vec<ModuleIdx> =
        scan.graph.modules.iter_enumerated().filter(is_missing).map(|(index, _)| index).collect();
    let texts: Vec<Option<Content>> = missing
        .par_iter()
        .map(|index| {
            let record = &scan.graph.modules[*index];
            load::read(fs, &record.id, &record.path, module_type_of(&record.id, &options.module_types)?).ok()
        })
        .collect();
    for (index, text) in missing.iter().zip(texts) {
        if let Some(Content::Text(text)) = text {
            scan.graph.modules[*index].source = text;
        }
    }
    !missing.is_empty()
}

/// One module as it is now. `is_changed`: its file has another content. `None`: it cannot be read or compiled without a word.
pub(crate) fn take_up(module: &KeptModule, path: &str, is_changed: bool, context: &ScanContext<'_>) -> Option<Taken> {
    if module.is_external {
        return Some(Taken::external());
    }
    let cache = context.compile.cache?;
    let old_key = Key { kind: crate::cache_store::COMPILED, digest: module.compiled };
    let module_type = module_type_of(&module.id, &context.compile.options.module_types)?;
    // An asset's bytes are emitted as they are.
    let is_document = module_type == ModuleType::Html;
    let reads = is_changed || is_document || is_binary(module_type) || module_type == ModuleType::Text;
    let read = || load::read(context.fs, &module.id, path, module_type).ok();
    let content = if reads { Some(read()?) } else { None };
    let old = if is_document { None } else { cache.get(&old_key) };
    let content = match (content, old) {
        (None, Some(variants)) => {
            let (requests, compiled) = merge_requests(variants);
            let requests = with_targets(module, requests, &compiled).ok()?;
            return Some(Taken {
                content: None,
                key: Some(old_key),
                requests,
                compiled,
                is_reused: true,
                is_same: true,
                asks_anew: false,
            });
        }
        // What is read is compiled as it was read, in case that it changed since it was looked at.
        (Some(content), old) => (content, old),
        (None, None) => (read()?, None),
    };
    let (content, old) = content;
    let CompiledModule { variants, diagnostics, is_reused, key } =
        context.compile.compile(&module.id, module_type, &content);
    if !diagnostics.is_empty() {
        return None;
    }
    let summaries_are_same = |old: &CompiledVariants| {
        old.len() == variants.len() && old.iter().zip(&variants).all(|(old, new)| old.0 == new.0)
    };
    let is_same = if is_document {
        variants.iter().map(|(summary, _)| summary).eq(&module.summaries)
    } else {
        old.as_ref().is_some_and(summaries_are_same)
    };
    let (requests, compiled) = merge_requests(variants);
    let (requests, asks_anew) = match with_targets(module, requests, &compiled) {
        Ok(requests) => (requests, false),
        Err(requests) => (requests, true),
    };
    let key = if is_document { None } else { Some(key?) };
    let is_same = is_same && !asks_anew;
    Some(Taken { content: Some(content), key, requests, compiled, is_reused, is_same, asks_anew })
}

/// The requests of a module with the answers of then; without any, if they are not the same requests.
fn with_targets(
    module: &KeptModule,
    mut requests: Vec<Request>,
    compiled: &[Compiled],
) -> Result<Vec<Request>, Vec<Request>> {
    let is_same = |request: &Request, kept: &KeptRequest| {
        let RequestKey { specifier, kind, attributes } = &request.key;
        *specifier == kept.specifier
            && *kind == kept.kind
            && *attributes == kept.attributes
            && request.flags == kept.flags
    };
    let all_same = requests.len() == module.requests.len()
        && requests.iter().zip(&module.requests).all(|(request, kept)| is_same(request, kept))
        && compiled.len() == module.variants.len()
        && compiled.iter().zip(&module.variants).all(|(compiled, kept)| compiled.requests == *kept);
    if !all_same && !is_dropped(Edge::Requests) {
        return Err(requests);
    }
    for (request, kept) in requests.iter_mut().zip(&module.requests) {
        request.target = kept.target;
    }
    Ok(requests)
}
