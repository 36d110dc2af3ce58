//! Compiled modules by content: what `summarize` made of a source lies in the store under the digest of everything that it
//! was made from. Branches, modes and checkouts share it; a module that moved, or that was touched and not changed, is
//! not parsed again.
//!
//! The graph of a build refers to its records through a head, so that the store knows what is still of use:
//! head -> list -> 256 pages by the first byte of a key's digest -> compiled modules. One edit makes two pages and a list.

use crate::compile_options::{CompileOptions, TsconfigDigest};
use crate::options::{BuildOptions, CacheOptions, ModuleType};
use cloudpack_base::{ContentHash, ContentHasher, Diagnostic};
use cloudpack_object::ModuleObject;
use cloudpack_store::{Commit, HeadName, Identity, Key, Store, StoreOptions};
use cloudpack_summary::ModuleSummary;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

/// Kinds of records.
const LIST: u32 = 1;
const PAGE: u32 = 2;
const COMPILED: u32 = 3;

const PAGES: usize = 256;

/// One pair a variant of the compile options.
pub(crate) type CompiledVariants = Vec<(ModuleSummary, ModuleObject)>;

pub(crate) struct CompileCache {
    store: Arc<RwLock<Store>>,
    /// Digest of the options that every module is compiled with.
    options: ContentHash,
    head: HeadName,
    /// Compiles what is found too, and compares.
    pub(crate) verify: bool,
    /// In no order.
    learnt: Mutex<Learnt>,
    commit: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Learnt {
    /// Since the last commit.
    records: Vec<(Key, Vec<u8>)>,
    /// Since the session began.
    used: Vec<Key>,
}

impl CompileCache {
    /// Cost: see `Store::open`.
    pub(crate) fn open(options: &BuildOptions, cache: &CacheOptions, compile: &CompileOptions) -> Self {
        let store = Store::open(
            Path::new(&cache.dir),
            StoreOptions { identity: identity(), max_bytes: cache.max_size, readonly: cache.readonly, references },
        );
        let mut head = ContentHasher::new();
        head.field(json(&options.input)).field(json(&relevant(options))).field(json(&options.output));
        Self {
            store: Arc::new(RwLock::new(store)),
            options: {
                let mut hasher = ContentHasher::new();
                hasher.field(json(&relevant(options))).field(format!("{:?}", compile.variants)).finish()
            },
            head: HeadName(head.finish().0),
            verify: cache.verify,
            learnt: Mutex::default(),
            commit: None,
        }
    }

    /// The key of one module. `shown` is its id relative to the project, as the summariser sees it.
    pub(crate) fn key(
        &self,
        shown: &str,
        module_type: ModuleType,
        format: &str,
        tsconfig: &TsconfigDigest,
        content: &[u8],
    ) -> Key {
        let mut hasher = ContentHasher::new();
        hasher.field(self.options.0).field(shown).field(json(&module_type)).field(format).field(tsconfig.0.0);
        Key { kind: COMPILED, digest: hasher.field(content).finish().0 }
    }

    /// Remembers that this build uses the record, whether it is there or not.
    pub(crate) fn get(&self, key: &Key) -> Option<CompiledVariants> {
        let record = self.store.read().unwrap_or_else(PoisonError::into_inner).get(key);
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner).used.push(*key);
        // A record of this build of the core that cannot be read back is a bug there; a miss all the same.
        postcard::from_bytes(&record?).ok()
    }

    pub(crate) fn put(&self, key: Key, variants: &CompiledVariants) {
        if let Ok(bytes) = postcard::to_stdvec(variants) {
            self.learnt.lock().unwrap_or_else(PoisonError::into_inner).records.push((key, bytes));
        }
    }

    /// Begins to write what was learnt, beside the phases that follow. `is_whole`: the graph is complete, and what it does
    /// not use is not needed any more.
    pub(crate) fn save(&mut self, is_whole: bool) {
        self.wait();
        let learnt = self.learnt.get_mut().unwrap_or_else(PoisonError::into_inner);
        // A scan may go on after it seemed complete: what was used before still counts.
        let learnt = Learnt { records: std::mem::take(&mut learnt.records), used: learnt.used.clone() };
        let (store, head) = (Arc::clone(&self.store), self.head);
        let write = move || {
            let Learnt { mut records, used } = learnt;
            let heads = if is_whole { vec![(head, list_of(used, &mut records))] } else { Vec::new() };
            let commit = Commit { records, heads };
            store.write().unwrap_or_else(PoisonError::into_inner).commit(commit);
        };
        self.commit = std::thread::Builder::new().name("cloudpack-store".to_owned()).spawn(write).ok();
    }

    fn wait(&mut self) {
        if let Some(commit) = self.commit.take()
            && commit.join().is_err()
        {
            debug_assert!(false, "the store panicked");
        }
    }

    /// Waits until everything is written. What the user should know about the store.
    pub(crate) fn finish(&mut self) -> Option<Diagnostic> {
        self.wait();
        let warning = self.store.write().unwrap_or_else(PoisonError::into_inner).take_warning()?;
        Some(Diagnostic::warning("CACHE", warning.to_string()).with_hint("The output is right all the same"))
    }
}

impl Drop for CompileCache {
    fn drop(&mut self) {
        self.wait();
    }
}

/// Adds the pages and the list of these keys to `records`.
fn list_of(mut used: Vec<Key>, records: &mut Vec<(Key, Vec<u8>)>) -> Key {
    used.sort_unstable();
    used.dedup();
    let mut pages = vec![Vec::new(); PAGES];
    for key in used {
        let first = key.digest.first().copied().unwrap_or(0);
        if let Some(page) = pages.get_mut(usize::from(first)) {
            page.extend_from_slice(&key.digest);
        }
    }
    let mut list = Vec::with_capacity(PAGES * 32);
    for page in pages.into_iter().filter(|page| !page.is_empty()) {
        let digest = ContentHash::of(&page).0;
        list.extend_from_slice(&digest);
        records.push((Key { kind: PAGE, digest }, page));
    }
    let key = Key { kind: LIST, digest: ContentHash::of(&list).0 };
    records.push((key, list));
    key
}

fn references(key: &Key, record: &[u8], out: &mut Vec<Key>) {
    let kind = match key.kind {
        LIST => PAGE,
        PAGE => COMPILED,
        _ => return,
    };
    let (digests, _) = record.as_chunks::<32>();
    out.extend(digests.iter().map(|digest| Key { kind, digest: *digest }));
}

/// What a record depends on besides its key: the code that made it, and the machine; see build.rs.
fn identity() -> Identity {
    let mut hasher = ContentHasher::new();
    Identity(hasher.field(env!("CARGO_PKG_VERSION")).field(env!("CLOUDPACK_BUILD")).finish().0)
}

/// All options but those that the result of one module cannot depend on: an option that is forgotten here costs a miss
/// and nothing else.
fn relevant(options: &BuildOptions) -> BuildOptions {
    BuildOptions {
        cwd: String::new(),
        input: Vec::new(),
        external: Vec::new(),
        resolve: Default::default(),
        output: Vec::new(),
        helpers_dir: None,
        cache: None,
        ..options.clone()
    }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
