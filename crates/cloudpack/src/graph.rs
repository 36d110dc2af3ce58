//! The graph of one build: a record for each module, found by id. Records are numbered in the order in which the scan
//! met them, which does not depend on threads.

use crate::options::ModuleType;
use cloudpack_base::{ContentHash, Idx, IndexVec, ModuleIdx};
use cloudpack_link::UpstreamMap;
use cloudpack_object::{ModuleObject, Span};
use cloudpack_store::Key;
use cloudpack_summary::{ModuleSummary, RequestFlags, RequestKind};
use rustc_hash::FxHashMap;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct ModuleGraph {
    pub(crate) modules: IndexVec<ModuleIdx, ModuleRecord>,
    by_id: FxHashMap<String, ModuleIdx>,
}

pub(crate) struct ModuleRecord {
    /// Opaque; of an external module, the specifier as it will be printed, or the file that is left out.
    pub(crate) id: String,
    /// The file to read; empty for virtual and external modules.
    pub(crate) path: String,
    pub(crate) is_external: bool,
    /// An external file that was asked for by a relative path: printed as the way to it from a chunk.
    pub(crate) is_left_out: bool,
    pub(crate) module_type: ModuleType,
    /// Whether an import for nothing but side effects keeps it.
    pub(crate) side_effects: bool,
    /// A plugin wants it whole: `moduleSideEffects: "no-treeshake"`.
    pub(crate) keep: bool,
    /// A plugin said so; packages are not asked.
    pub(crate) side_effects_fixed: bool,
    /// Text that was summarised, after plugins; empty before the module is loaded and for binary files.
    pub(crate) source: Arc<str>,
    /// Bytes of the text, also where it was not read because the module was kept.
    pub(crate) source_length: u32,
    /// It was parsed in this build.
    pub(crate) is_compiled: bool,
    /// What it was compiled from, if that is kept.
    pub(crate) key: Option<Key>,
    /// Bytes of an asset.
    pub(crate) bytes: Option<Arc<[u8]>>,
    pub(crate) upstream_map: Option<UpstreamMap>,
    /// Distinct requests over all variants.
    pub(crate) requests: Vec<Request>,
    /// Parallel to the variants of the compile options; empty until compiled.
    pub(crate) compiled: Vec<Compiled>,
}

pub(crate) struct Request {
    pub(crate) key: RequestKey,
    pub(crate) flags: RequestFlags,
    pub(crate) span: Span,
    pub(crate) target: Option<ModuleIdx>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RequestKey {
    pub(crate) specifier: Box<str>,
    pub(crate) kind: RequestKind,
    pub(crate) attributes: Vec<(Box<str>, Box<str>)>,
}

pub(crate) struct Compiled {
    pub(crate) summary: ModuleSummary,
    pub(crate) object: ModuleObject,
    /// Parallel to the summary's requests: indices into `ModuleRecord::requests`.
    pub(crate) requests: Vec<u32>,
}

/// Modules that were numbered anew.
pub(crate) struct NewNumbers {
    /// The new number of each old one.
    pub(crate) numbers: IndexVec<ModuleIdx, ModuleIdx>,
    /// How many modules the walk met; these come first.
    pub(crate) met: usize,
}

impl Default for ModuleRecord {
    fn default() -> Self {
        Self {
            id: String::new(),
            path: String::new(),
            is_external: false,
            is_left_out: false,
            module_type: ModuleType::Js,
            side_effects: true,
            side_effects_fixed: false,
            keep: false,
            source: Arc::default(),
            source_length: 0,
            is_compiled: false,
            key: None,
            bytes: None,
            upstream_map: None,
            requests: Vec::new(),
            compiled: Vec::new(),
        }
    }
}

impl Compiled {
    pub(crate) fn resolved(&self, requests: &[Request]) -> Vec<Option<ModuleIdx>> {
        self.requests.iter().map(|index| requests.get(*index as usize).and_then(|request| request.target)).collect()
    }
}

impl ModuleGraph {
    pub(crate) fn find(&self, id: &str) -> Option<ModuleIdx> {
        self.by_id.get(id).copied()
    }

    /// A module of ours, or an external one of this id.
    pub(crate) fn find_any(&self, id: &str) -> Option<ModuleIdx> {
        let keys = [id.to_owned(), format!("\u{1}{id}"), format!("\u{1}./{id}")];
        keys.iter().find_map(|key| self.by_id.get(key)).copied()
    }

    /// The record of `id`, and whether it is new.
    pub(crate) fn add(&mut self, id: &str, is_external: bool) -> (ModuleIdx, bool) {
        // An external specifier may be spelled like a module's id; the key keeps them apart.
        let key = if is_external { format!("\u{1}{id}") } else { id.to_owned() };
        self.add_under(key, || ModuleRecord { id: id.to_owned(), is_external, ..ModuleRecord::default() })
    }

    /// The same for an external file that is reached by the way to it. One that is asked for by its absolute path is another module.
    pub(crate) fn add_left_out(&mut self, file: &str) -> (ModuleIdx, bool) {
        let key = format!("\u{1}./{file}");
        let id = || file.to_owned();
        self.add_under(key, || ModuleRecord {
            id: id(),
            is_external: true,
            is_left_out: true,
            ..ModuleRecord::default()
        })
    }

    fn add_under(&mut self, key: String, record: impl FnOnce() -> ModuleRecord) -> (ModuleIdx, bool) {
        if let Some(index) = self.by_id.get(&key) {
            return (*index, false);
        }
        let index = self.modules.push(record());
        self.by_id.insert(key, index);
        (index, true)
    }

    /// Numbers the modules as a walk from `entries` meets them, breadth first; what it does not meet comes last, by id.
    /// Cost: one pass over modules and requests.
    pub(crate) fn number_anew(&mut self, entries: &[ModuleIdx]) -> NewNumbers {
        let mut order: Vec<ModuleIdx> = Vec::with_capacity(self.modules.len());
        let mut is_met: IndexVec<ModuleIdx, bool> = IndexVec::from(vec![false; self.modules.len()]);
        let mut meet = |module: ModuleIdx, order: &mut Vec<ModuleIdx>| {
            if !std::mem::replace(&mut is_met[module], true) {
                order.push(module);
            }
        };
        entries.iter().for_each(|entry| meet(*entry, &mut order));
        let mut at = 0;
        while let Some(module) = order.get(at).copied() {
            at += 1;
            for target in self.modules[module].requests.iter().filter_map(|request| request.target) {
                meet(target, &mut order);
            }
        }
        let met = order.len();
        let mut others: Vec<ModuleIdx> =
            self.modules.iter_enumerated().map(|(module, _)| module).filter(|module| !is_met[*module]).collect();
        others.sort_by(|a, b| {
            let key = |module: ModuleIdx| {
                let record = &self.modules[module];
                (&record.id, record.is_external, record.is_left_out)
            };
            key(*a).cmp(&key(*b))
        });
        order.extend(others);
        let mut numbers: IndexVec<ModuleIdx, ModuleIdx> = IndexVec::from(vec![ModuleIdx(0); order.len()]);
        for (new, old) in order.iter().enumerate() {
            numbers[*old] = ModuleIdx::from_usize(new);
        }
        for request in self.modules.iter_mut().flat_map(|record| &mut record.requests) {
            request.target = request.target.and_then(|old| numbers.get(old).copied());
        }
        for module in self.by_id.values_mut() {
            *module = numbers[*module];
        }
        let mut old = std::mem::take(&mut self.modules);
        self.modules = IndexVec::from(order.iter().map(|module| std::mem::take(&mut old[*module])).collect::<Vec<_>>());
        NewNumbers { numbers, met }
    }

    /// Only the first `count` modules stay; nothing of them may ask for one that goes.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.modules.truncate(count);
        self.by_id.retain(|_, module| module.index() < count);
    }
}

impl ModuleRecord {
    pub(crate) fn content_hash(&self) -> ContentHash {
        match &self.bytes {
            Some(bytes) => ContentHash::of(bytes),
            None => ContentHash::of(self.source.as_bytes()),
        }
    }
}

/// Merges the requests of all variants of one module.
pub(crate) fn merge_requests(variants: Vec<(ModuleSummary, ModuleObject)>) -> (Vec<Request>, Vec<Compiled>) {
    let mut requests: Vec<Request> = Vec::new();
    let mut index_of: FxHashMap<RequestKey, u32> = FxHashMap::default();
    let mut compiled = Vec::with_capacity(variants.len());
    for (summary, object) in variants {
        let mut indices = Vec::with_capacity(summary.requests.len());
        for (index, record) in summary.requests.iter_enumerated() {
            let key = RequestKey {
                specifier: record.specifier.clone(),
                kind: record.kind,
                attributes: record.attributes.clone(),
            };
            let span = object.request_spans.get(index).copied().unwrap_or(Span::NONE);
            let at = *index_of.entry(key).or_insert_with_key(|key| {
                requests.push(Request { key: key.clone(), flags: record.flags, span, target: None });
                requests.len() as u32 - 1
            });
            // One site outside of `try` is enough to make a missing module an error.
            if let Some(request) = requests.get_mut(at as usize)
                && request.flags.contains(RequestFlags::IN_TRY)
                && !record.flags.contains(RequestFlags::IN_TRY)
            {
                request.flags = record.flags;
                request.span = span;
            }
            indices.push(at);
        }
        compiled.push(Compiled { summary, object, requests: indices });
    }
    (requests, compiled)
}
