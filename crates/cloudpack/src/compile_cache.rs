//! Compiled modules by content: what `summarize` made of a source lies in the store under the digest of everything that it
//! was made from. Branches, modes and checkouts share it; a module that moved, or that was touched and not changed, is
//! not parsed again.
//!
//! The graph of a build refers to its records through a head, so that the store knows what is still of use:
//! head -> list -> 256 pages by the first byte of a key's digest -> compiled modules. One edit makes two pages and a list.

use crate::cache_store::{COMPILED, LIST, PAGE, SharedStore, json};
use crate::compile_options::{CompileOptions, TsconfigDigest};
use crate::options::{BuildOptions, CacheOptions, ModuleType};
use crate::seeded_faults::{Edge, is_dropped};
use cloudpack_base::{ContentHash, ContentHasher, Diagnostic};
use cloudpack_object::ModuleObject;
use cloudpack_store::{Commit, HeadName, Key};
use cloudpack_summary::ModuleSummary;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

const PAGES: usize = 256;

/// One pair a variant of the compile options.
pub(crate) type CompiledVariants = Vec<(ModuleSummary, ModuleObject)>;

pub(crate) struct CompileCache {
    store: SharedStore,
    /// Digest of the options that every module is compiled with.
    options: ContentHash,
    head: HeadName,
    /// Compiles what is found too, and compares.
    pub(crate) verify: bool,
    /// What is found stands for what would be made.
    pub(crate) reuses: bool,
    /// In no order.
    learnt: Mutex<Learnt>,
    commit: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Learnt {
    /// Since the last commit.
    records: Vec<(Key, Vec<u8>)>,
    /// Records that were wrong, since the last commit.
    distrusted: Vec<Key>,
    /// Since the session began.
    used: Vec<Key>,
}

impl CompileCache {
    pub(crate) fn new(
        store: SharedStore,
        options: &BuildOptions,
        compile: &CompileOptions,
        wanted: &CacheOptions,
    ) -> Self {
        let mut head = ContentHasher::new();
        // Checkouts that share a store hold what each of them uses.
        head.field(&options.cwd).field(json(&options.input));
        head.field(json(&relevant(options))).field(json(&options.output));
        Self {
            store,
            options: {
                let mut hasher = ContentHasher::new();
                hasher.field(json(&relevant(options))).field(format!("{:?}", compile.variants)).finish()
            },
            head: HeadName(head.finish().0),
            verify: wanted.verify,
            reuses: wanted.reuse.modules,
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
        let without = |edge: Edge, field: &'_ [u8]| if is_dropped(edge) { Vec::new() } else { field.to_vec() };
        hasher.field(without(Edge::OptionsInKey, &self.options.0)).field(shown).field(json(&module_type));
        hasher.field(without(Edge::FormatInKey, format.as_bytes()));
        hasher.field(without(Edge::TsconfigInKey, &tsconfig.0.0));
        if !is_dropped(Edge::ContentInKey) {
            hasher.field(content);
        }
        Key { kind: COMPILED, digest: hasher.finish().0 }
    }

    /// Remembers that this build uses the record, whether it is there or not.
    pub(crate) fn get(&self, key: &Key) -> Option<CompiledVariants> {
        let record = self.store.read().unwrap_or_else(PoisonError::into_inner).get(key);
        let found = record.map(|record| postcard::from_bytes(&record));
        let mut learnt = self.learnt();
        learnt.used.push(*key);
        // A record of this build of the core that cannot be read back is a bug there; a miss all the same.
        if matches!(found, Some(Err(_))) {
            learnt.distrusted.push(*key);
        }
        found?.ok()
    }

    /// Digest of the options that every module is compiled with.
    pub(crate) fn options_digest(&self) -> ContentHash {
        self.options
    }

    /// What was made earlier of something that is no module, if it may be taken for what would be made.
    pub(crate) fn find<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        if self.verify || !self.reuses {
            return None;
        }
        let record = self.store.read().unwrap_or_else(PoisonError::into_inner).get(key)?;
        let found = postcard::from_bytes(&record);
        if found.is_err() {
            self.learnt().distrusted.push(*key);
        }
        found.ok()
    }

    pub(crate) fn put(&self, key: Key, variants: &CompiledVariants) {
        if let Ok(bytes) = postcard::to_stdvec(variants) {
            self.learnt().records.push((key, bytes));
        }
    }

    /// In place of a record that does not say what compiling says.
    pub(crate) fn replace(&self, key: Key, variants: &CompiledVariants) {
        self.learnt().distrusted.push(key);
        self.put(key, variants);
    }

    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was learnt, to be written together with other things.
    pub(crate) fn take_learnt(&mut self) -> Commit {
        self.wait();
        let learnt = self.learnt.get_mut().unwrap_or_else(PoisonError::into_inner);
        let (records, distrusted) = (std::mem::take(&mut learnt.records), std::mem::take(&mut learnt.distrusted));
        Commit { records, heads: Vec::new(), distrusted }
    }

    /// Begins to write what was learnt, beside the phases that follow. `is_whole`: the graph is complete, and what it does
    /// not use is not needed any more. `more` is written along.
    pub(crate) fn save(&mut self, is_whole: bool, more: Option<Commit>) {
        self.wait();
        let learnt = self.learnt.get_mut().unwrap_or_else(PoisonError::into_inner);
        // A scan may go on after it seemed complete: what was used before still counts.
        let records = std::mem::take(&mut learnt.records);
        let learnt = Learnt { records, distrusted: std::mem::take(&mut learnt.distrusted), used: learnt.used.clone() };
        let (store, head) = (Arc::clone(&self.store), self.head);
        let write = move || {
            let Learnt { mut records, distrusted, used } = learnt;
            let mut heads = if is_whole { vec![(head, list_of(used, &mut records))] } else { Vec::new() };
            if let Some(more) = more {
                records.extend(more.records);
                heads.extend(more.heads);
            }
            let commit = Commit { records, heads, distrusted };
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
pub(crate) fn list_of(mut used: Vec<Key>, records: &mut Vec<(Key, Vec<u8>)>) -> Key {
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

/// All options but those that the result of one module cannot depend on: an option that is forgotten here costs a miss
/// and nothing else.
fn relevant(options: &BuildOptions) -> BuildOptions {
    BuildOptions {
        cwd: String::new(),
        input: Vec::new(),
        external: Vec::new(),
        resolve: Default::default(),
        output: Vec::new(),
        // As variants they are part of the key.
        later_outputs: Vec::new(),
        helpers_dir: None,
        cache: None,
        watch: false,
        view: Default::default(),
        engine: None,
        ..options.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{CompileCache, CompiledVariants};
    use crate::cache_store::{COMPILED, open, references};
    use crate::compile_options::CompileOptions;
    use crate::options::{BuildOptions, CacheOptions};
    use crate::session::Session;
    use cloudpack_base::ContentHash;
    use cloudpack_fs::MemoryFileSystem;
    use cloudpack_store::{HeadName, Key};
    use std::sync::Arc;
    use tempfile::TempDir;

    fn folder() -> TempDir {
        tempfile::tempdir().expect("a directory")
    }

    fn options(folder: &TempDir, cwd: &str, verify: bool) -> BuildOptions {
        let json = r#"{ "input": [{ "name": "main", "import": "./main.js" }], "output": [{ "dir": "out" }] }"#;
        let dir = folder.path().to_string_lossy().into_owned();
        let cache = Some(CacheOptions { verify, ..CacheOptions::at(dir) });
        BuildOptions { cwd: cwd.to_owned(), cache, ..serde_json::from_str(json).expect("options") }
    }

    fn cache(options: &BuildOptions) -> CompileCache {
        let compile = CompileOptions::new(options, &mut Vec::new());
        let wanted = options.cache.as_ref().expect("cache");
        CompileCache::new(open(wanted), options, &compile, wanted)
    }

    /// Codes of the diagnostics, and how many modules were compiled and found.
    fn build(options: BuildOptions, main: &str) -> (Vec<String>, u32, u32) {
        let files = MemoryFileSystem::from_files([("/p/main.js", main), ("/p/b.js", "export const b = 1;")]);
        let mut session = Session::new(options, Default::default(), Arc::new(files)).expect("options");
        let report = session.build().report;
        let codes = report.diagnostics.iter().map(|diagnostic| diagnostic.code.clone()).collect();
        (codes, report.stats.summarized, report.stats.reused)
    }

    const MAIN: &str = "import { b } from './b.js'; export const a = b;";

    fn key_of(seed: u8) -> Key {
        Key { kind: COMPILED, digest: ContentHash::of(&[seed]).0 }
    }

    #[test]
    fn a_wrong_record_is_told_of_when_verified_and_is_gone_afterwards() {
        let folder = folder();
        build(options(&folder, "/p", false), MAIN);
        let mut written = cache(&options(&folder, "/p", false));
        let store = Arc::clone(&written.store);
        let keys = {
            let store = store.read().expect("store");
            let list = store.head(written.head).expect("the head of the build");
            let mut keys = Vec::new();
            let mut pending = vec![list];
            while let Some(key) = pending.pop() {
                references(&key, &store.get(&key).expect("a record"), &mut pending);
                keys.extend((key.kind == COMPILED).then_some(key));
            }
            keys
        };
        assert_eq!(keys.len(), 2);
        for key in keys {
            written.replace(key, &CompiledVariants::new());
        }
        written.save(false, None);
        assert!(written.finish().is_none());
        drop(written);

        let (codes, ..) = build(options(&folder, "/p", true), MAIN);
        assert_eq!(codes, ["CACHE", "CACHE_MISMATCH", "CACHE_MISMATCH"], "the second distrust in a row is told of");
        assert_eq!(build(options(&folder, "/p", true), MAIN).0, Vec::<String>::new());
        assert_eq!(build(options(&folder, "/p", false), MAIN), (Vec::new(), 0, 2));
    }

    #[test]
    fn a_record_that_cannot_be_read_back_is_a_miss_and_is_replaced() {
        let folder = folder();
        let cache = cache(&options(&folder, "/p", false));
        cache.learnt().records.push((key_of(1), vec![0xff; 9]));
        let mut cache = cache;
        cache.save(false, None);
        cache.wait();
        assert!(cache.get(&key_of(1)).is_none());
        assert_eq!(cache.learnt().distrusted, [key_of(1)]);
        cache.put(key_of(1), &CompiledVariants::new());
        cache.save(false, None);
        cache.wait();
        assert_eq!(cache.get(&key_of(1)), Some(CompiledVariants::new()));
    }

    #[test]
    fn a_broken_build_keeps_the_head_of_the_last_whole_one() {
        let folder = folder();
        let head = |folder: &TempDir| {
            let cache = cache(&options(folder, "/p", false));
            let store = cache.store.read().expect("store");
            store.head(cache.head)
        };
        build(options(&folder, "/p", false), MAIN);
        let whole = head(&folder);
        assert!(whole.is_some());
        let (codes, ..) = build(options(&folder, "/p", false), "import './missing.js'; export const a = 2;");
        assert_eq!(codes, ["UNRESOLVED_IMPORT"]);
        assert_eq!(head(&folder), whole);
    }

    #[test]
    fn checkouts_that_share_a_store_have_a_head_each() {
        let folder = folder();
        let name = |cwd: &str| -> HeadName { cache(&options(&folder, cwd, false)).head };
        assert!(name("/p") != name("/q"));
        assert!(name("/p") == name("/p"));
    }
}
