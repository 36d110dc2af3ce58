//! The graph of an earlier build, taken up again: modules whose files did not change come with their requests already
//! answered and their compiled form from the store; only changed ones are read and compiled. Where anything but the content of
//! modules changed, or a changed module asks for other things than before, the graph is made anew: then modules could come,
//! go, or be met in another order.

use crate::compile::CompiledModule;
use crate::compile_cache::CompiledVariants;
use crate::graph::{Compiled, ModuleGraph, ModuleRecord, Request, RequestKey, merge_requests};
use crate::load::{self, Content, is_binary};
use crate::module_types::module_type_of;
use crate::options::{BuildOptions, ModuleType, SourcemapOption};
use crate::scan::{Scan, ScanContext};
use crate::seeded_faults::{Edge, is_dropped};
use cloudpack_base::ModuleIdx;
use cloudpack_fs::FileSystem;
use cloudpack_object::Span;
use cloudpack_store::Key;
use cloudpack_summary::{ModuleFormat, ModuleSummary, RequestFlags, RequestKind};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) struct KeptGraph {
    modules: Vec<KeptModule>,
    /// Parallel to the entries of the options.
    entries: Vec<Option<ModuleIdx>>,
}

#[derive(Serialize, Deserialize)]
struct KeptModule {
    id: String,
    path: String,
    is_external: bool,
    module_type: ModuleType,
    side_effects: bool,
    source_length: u32,
    /// Digest of the record with the compiled variants; zeros for external modules and documents.
    compiled: [u8; 32],
    /// Of documents, which are few and compiled each time.
    summaries: Vec<ModuleSummary>,
    requests: Vec<KeptRequest>,
    /// For each variant, for each request of its summary, an index into `requests`.
    variants: Vec<Vec<u32>>,
}

#[derive(Serialize, Deserialize)]
struct KeptRequest {
    specifier: Box<str>,
    kind: RequestKind,
    attributes: Vec<(Box<str>, Box<str>)>,
    flags: RequestFlags,
    span: Span,
    target: Option<ModuleIdx>,
}

/// A graph that was taken up again.
pub(crate) struct Resumed {
    pub(crate) scan: Scan,
    /// Whether every changed module looks to the others as it did: then the plans hold.
    pub(crate) plans_hold: bool,
}

/// Whether the graphs of such builds are kept: maps need the text of every module.
pub(crate) fn is_kept(options: &BuildOptions) -> bool {
    options.output.iter().all(|output| output.sourcemap == SourcemapOption::None)
}

/// `None`: some module is not one that could be taken up again.
pub(crate) fn keep(scan: &Scan) -> Option<KeptGraph> {
    let kept = |record: &ModuleRecord| {
        let is_document = record.compiled.iter().any(|compiled| compiled.summary.format == ModuleFormat::Html);
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
            path: record.path.clone(),
            is_external: record.is_external,
            module_type: record.module_type,
            side_effects: record.side_effects,
            source_length: record.source_length,
            compiled: record.key.map(|key| key.digest).unwrap_or_default(),
            summaries: record.compiled.iter().filter(|_| is_document).map(|it| it.summary.clone()).collect(),
            requests: requests.collect(),
            variants: record.compiled.iter().map(|compiled| compiled.requests.clone()).collect(),
        })
    };
    let modules = scan.graph.modules.iter().map(kept).collect::<Option<Vec<_>>>()?;
    Some(KeptGraph { modules, entries: scan.entries.iter().map(|entry| entry.module).collect() })
}

/// One module as it is now.
struct Taken {
    content: Option<Content>,
    key: Option<Key>,
    requests: Vec<Request>,
    compiled: Vec<Compiled>,
    is_reused: bool,
    /// It looks to others as it did.
    is_same: bool,
}

/// `scan` has its entries and nothing else. `changed`: paths of files with another content. `None`: the graph has to be made
/// anew.
pub(crate) fn resume(
    kept: KeptGraph,
    changed: &FxHashSet<&str>,
    mut scan: Scan,
    context: &ScanContext<'_>,
) -> Option<Resumed> {
    let paths: FxHashSet<&str> = kept.modules.iter().map(|module| module.path.as_str()).collect();
    if !changed.iter().all(|path| paths.contains(path)) || kept.entries.len() != scan.entries.len() {
        return None;
    }
    // Changed modules first: what they say may end this.
    let is_changed = |module: &KeptModule| changed.contains(module.path.as_str());
    let take = |module: &KeptModule| -> Option<Option<Taken>> {
        if module.is_external { Some(None) } else { take_up(module, is_changed(module), context).map(Some) }
    };
    let mut edited = kept.modules.iter().filter(|module| is_changed(module)).map(take).collect::<Option<Vec<_>>>()?;
    let mut others = kept
        .modules
        .par_iter()
        .with_min_len(16)
        .filter(|module| !is_changed(module))
        .map(take)
        .collect::<Option<Vec<_>>>()?
        .into_iter();
    let mut edited = edited.drain(..);
    let mut graph = ModuleGraph::default();
    let mut plans_hold = true;
    for module in &kept.modules {
        let (index, is_new) = graph.add(&module.id, module.is_external);
        let taken = if is_changed(module) { edited.next() } else { others.next() }?;
        if !is_new {
            return None;
        }
        let record = &mut graph.modules[index];
        record.path.clone_from(&module.path);
        record.module_type = module.module_type;
        record.side_effects = module.side_effects;
        record.source_length = module.source_length;
        let Some(taken) = taken else { continue };
        match taken.content {
            Some(Content::Text(text)) => {
                record.source_length = text.len() as u32;
                record.source = text;
            }
            Some(Content::Bytes(bytes)) => record.bytes = Some(bytes),
            None => {}
        }
        record.key = taken.key;
        record.requests = taken.requests;
        record.compiled = taken.compiled;
        record.is_compiled = !taken.is_reused;
        *(if taken.is_reused { &mut scan.reused } else { &mut scan.summarized }) += 1;
        plans_hold &= taken.is_same;
    }
    let is_known = |target: &Option<ModuleIdx>| target.is_none_or(|target| graph.modules.get(target).is_some());
    let targets = graph.modules.iter().flat_map(|record| record.requests.iter().map(|request| &request.target));
    if !targets.chain(&kept.entries).all(is_known) {
        return None;
    }
    scan.graph = graph;
    for (entry, module) in scan.entries.iter_mut().zip(kept.entries) {
        entry.module = module;
    }
    scan.started = scan.entries.len();
    Some(Resumed { scan, plans_hold })
}

/// Reads the texts that were not read because their modules were kept; whether there were any.
pub(crate) fn read_sources(scan: &mut Scan, options: &BuildOptions, fs: &dyn FileSystem) -> bool {
    let is_missing =
        |record: &ModuleRecord| record.source.is_empty() && record.bytes.is_none() && record.source_length > 0;
    let missing: Vec<ModuleIdx> =
        scan.graph.modules.iter_enumerated().filter(|(_, record)| is_missing(record)).map(|(index, _)| index).collect();
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

fn take_up(module: &KeptModule, is_changed: bool, context: &ScanContext<'_>) -> Option<Taken> {
    let cache = context.compile.cache?;
    let old_key = Key { kind: crate::cache_store::COMPILED, digest: module.compiled };
    let module_type = module_type_of(&module.id, &context.compile.options.module_types)?;
    // An asset's bytes are emitted as they are.
    let is_document = module_type == ModuleType::Html;
    let reads = is_changed || is_document || is_binary(module_type) || module_type == ModuleType::Text;
    let read = || load::read(context.fs, &module.id, &module.path, module_type).ok();
    let content = if reads { Some(read()?) } else { None };
    let old = if is_document { None } else { cache.get(&old_key) };
    let content = match (content, old) {
        (None, Some(variants)) => {
            let (requests, compiled) = with_targets(module, variants)?;
            return Some(Taken {
                content: None,
                key: Some(old_key),
                requests,
                compiled,
                is_reused: true,
                is_same: true,
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
    let (requests, compiled) = with_targets(module, variants)?;
    let key = if is_document { None } else { Some(key?) };
    Some(Taken { content: Some(content), key, requests, compiled, is_reused, is_same })
}

/// The requests of these variants with the answers of then. `None`: they are not the same requests.
fn with_targets(module: &KeptModule, variants: CompiledVariants) -> Option<(Vec<Request>, Vec<Compiled>)> {
    let (mut requests, compiled) = merge_requests(variants);
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
        return None;
    }
    for (request, kept) in requests.iter_mut().zip(&module.requests) {
        request.target = kept.target;
    }
    Some((requests, compiled))
}
