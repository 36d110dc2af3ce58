//! What plugins made of modules and requests, kept on disk. From an id and the content of its file to the answer that JavaScript
//! gave, if everything that the answer rests on is as it was; otherwise the plugins are asked.
//!
//! JavaScript decides what may be kept (`js/plugins/tracked.js`) and gives a key for all that holds for a whole build: versions,
//! configuration, plugins. Beside it, a record rests on: the file of its id, its own inputs (what hooks declared), and
//! shared inputs: files that some hook read without declaring them. Compilers keep what they read
//! (`tsconfig.json`, types of another file) for the next module, so what one of them read, all of them may have used.

use crate::build_record::{Clock, trusted};
use crate::cache_store::{PLUGIN_INDEX, PLUGIN_RESULT, SharedStore};
use crate::options::ModuleType;
use crate::protocol::{PluginCacheOptions, TrackedInput};
use cloudpack_base::{ContentHash, ContentHasher, path};
use cloudpack_fs::{FileKind, FileSystem};
use cloudpack_store::{Commit, HeadName, Key};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A module's text as plugins left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ModuleResult {
    /// `None`: the file's own.
    pub(crate) code: Option<String>,
    pub(crate) map: Option<String>,
    pub(crate) module_type: Option<ModuleType>,
    pub(crate) module_side_effects: Option<bool>,
    pub(crate) keep: bool,
    pub(crate) watch_files: Vec<String>,
    /// For JavaScript; see `Task::Recalled`.
    pub(crate) effects: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RequestResult {
    pub(crate) id: String,
    pub(crate) external: bool,
    pub(crate) is_left_out: bool,
    pub(crate) module_side_effects: Option<bool>,
    /// The answer holds as long as our own resolver says the same about this specifier.
    pub(crate) resolver_asked: Option<String>,
}

/// What is kept: an answer and what it rests on.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    inputs: Vec<Input>,
    result: T,
}

/// A question to the file system and its answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Input {
    path: String,
    what: What,
    answer: [u8; 32],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum What {
    Content,
    Names,
    Kind,
}

/// The results that one build used, and what all of them rest on. What a build did not use is not found by the next.
#[derive(Default, Serialize, Deserialize)]
struct Index {
    chain: [u8; 32],
    /// Files that hooks read without saying so.
    shared: Vec<Input>,
    /// Digest of a question -> digest of the record; sorted.
    results: Vec<([u8; 32], [u8; 32])>,
}

pub(crate) struct PluginCache {
    store: SharedStore,
    /// All that holds for the whole build.
    chain: ContentHash,
    head: HeadName,
    /// Of the last build.
    known: FxHashMap<Question, [u8; 32]>,
    pub(crate) verify: bool,
    /// What became of the last build's results.
    pub(crate) taken_up: String,
    began: Clock,
    state: Mutex<State>,
}

/// What somebody wants to know: a digest.
pub(crate) type Question = [u8; 32];

#[derive(Default)]
struct State {
    shared: BTreeMap<(String, What), [u8; 32]>,
    /// Some shared input changed while the build ran: nothing of it is kept.
    is_torn: bool,
    /// Answers of the file system in this build. `None`: too young to be told from a later state.
    seen: FxHashMap<(String, What), Option<[u8; 32]>>,
    /// Of this build.
    results: BTreeMap<Question, [u8; 32]>,
    records: Vec<(Key, Vec<u8>)>,
    /// Files about which plugins were asked: what belongs to them is asked too, because compilers hold it in memory.
    live: FxHashSet<String>,
}

impl PluginCache {
    pub(crate) fn new(
        store: SharedStore,
        given: &PluginCacheOptions,
        cwd: &str,
        verify: bool,
        fs: &dyn FileSystem,
    ) -> Self {
        let (mut head, mut chain) = (ContentHasher::new(), ContentHasher::new());
        head.field("plugins").field(cwd).field(&given.name);
        let mut cache = Self {
            store,
            chain: chain.field(&given.key).field(cwd).finish(),
            head: HeadName(head.finish().0),
            known: FxHashMap::default(),
            verify,
            taken_up: String::new(),
            began: Clock::now(),
            state: Mutex::default(),
        };
        cache.taken_up = cache.take_up(fs);
        cache
    }

    /// The last build's results, if all that they share is as it was.
    fn take_up(&mut self, fs: &dyn FileSystem) -> String {
        let index: Option<Index> = {
            let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
            let record = store.head(self.head).and_then(|key| store.get(&key));
            record.and_then(|record| postcard::from_bytes(&record).ok())
        };
        let Some(index) = index else { return "no earlier build".to_owned() };
        if index.chain != self.chain.0 {
            return "changed: versions, configuration or plugins".to_owned();
        }
        let mut state = self.state();
        let changed =
            index.shared.iter().find(|input| self.ask(&mut state, fs, &input.path, input.what) != Some(input.answer));
        if let Some(input) = changed {
            return format!("changed: {}", input.path);
        }
        state.shared = index.shared.into_iter().map(|input| ((input.path, input.what), input.answer)).collect();
        drop(state);
        self.known = index.results.into_iter().collect();
        "taken up".to_owned()
    }

    /// About a module: the content of its file, and what a compiler takes from its tsconfig, are part of it.
    pub(crate) fn about_module(&self, id: &str, tsconfig: &ContentHash, content: &[u8]) -> Question {
        let mut hasher = ContentHasher::new();
        hasher.field("module").field(id).field(tsconfig.0).field(ContentHash::of(content).0).finish().0
    }

    /// `fields`: all that the answer to a request depends on, in a fixed order.
    pub(crate) fn about_request(&self, fields: &[&[u8]]) -> Question {
        let mut hasher = ContentHasher::new();
        hasher.field("request");
        for field in fields {
            hasher.field(field);
        }
        hasher.finish().0
    }

    /// The result, if what it rests on is as it was.
    pub(crate) fn find<T: DeserializeOwned>(&self, question: &Question, fs: &dyn FileSystem) -> Option<T> {
        let digest = *self.known.get(question)?;
        let record =
            self.store.read().unwrap_or_else(PoisonError::into_inner).get(&Key { kind: PLUGIN_RESULT, digest })?;
        let kept: Kept<T> = postcard::from_bytes(&record).ok()?;
        let mut state = self.state();
        let holds =
            kept.inputs.iter().all(|input| self.ask(&mut state, fs, &input.path, input.what) == Some(input.answer));
        if !holds {
            return None;
        }
        state.results.insert(*question, digest);
        Some(kept.result)
    }

    /// Keeps a result, unless an input is too young.
    pub(crate) fn keep<T: Serialize>(
        &self,
        question: Question,
        result: T,
        inputs: &[TrackedInput],
        fs: &dyn FileSystem,
    ) {
        let mut state = self.state();
        let inputs: Option<Vec<Input>> = inputs
            .iter()
            .map(|input| {
                let (path, what) = (path::from_native(&input.path), what_of(input));
                let answer = self.ask(&mut state, fs, &path, what)?;
                Some(Input { path, what, answer })
            })
            .collect();
        let Some(inputs) = inputs else { return };
        if let Ok(bytes) = postcard::to_stdvec(&Kept { inputs, result }) {
            let digest = ContentHash::of(&bytes).0;
            state.results.insert(question, digest);
            state.records.push((Key { kind: PLUGIN_RESULT, digest }, bytes));
        }
    }

    /// Whether the file at `path` was there long enough when the build began.
    pub(crate) fn is_old_enough(&self, fs: &dyn FileSystem, path: &str) -> bool {
        trusted(fs.metadata(path).ok(), self.began).is_some()
    }

    pub(crate) fn share(&self, inputs: &[TrackedInput], fs: &dyn FileSystem) {
        let mut state = self.state();
        for input in inputs {
            let (path, what) = (path::from_native(&input.path), what_of(input));
            match self.ask(&mut state, fs, &path, what) {
                Some(answer) => drop(state.shared.insert((path, what), answer)),
                None => state.is_torn = true,
            }
        }
    }

    /// What belongs to this file is not taken from the cache any more.
    pub(crate) fn went_live(&self, id: &str) {
        self.state().live.insert(path::split_query(id).0.to_owned());
    }

    pub(crate) fn is_live(&self, id: &str) -> bool {
        let (file, query) = path::split_query(id);
        !query.is_empty() && self.state().live.contains(file)
    }

    /// What is to be written when the graph is whole.
    pub(crate) fn take_learnt(&self) -> Option<Commit> {
        let mut state = self.state();
        if state.is_torn {
            return None;
        }
        let shared = state.shared.iter();
        let index = Index {
            chain: self.chain.0,
            shared: shared
                .map(|((path, what), answer)| Input { path: path.clone(), what: *what, answer: *answer })
                .collect(),
            results: state.results.iter().map(|(question, digest)| (*question, *digest)).collect(),
        };
        let mut records = std::mem::take(&mut state.records);
        let bytes = postcard::to_stdvec(&index).ok()?;
        let key = Key { kind: PLUGIN_INDEX, digest: ContentHash::of(&bytes).0 };
        records.push((key, bytes));
        Some(Commit { records, heads: vec![(self.head, key)], distrusted: Vec::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the file system says, once for a build. `None`: the file was written so late that its content may be another one than
    /// plugins saw.
    fn ask(&self, state: &mut State, fs: &dyn FileSystem, path: &str, what: What) -> Option<[u8; 32]> {
        let key = (path.to_owned(), what);
        if let Some(known) = state.seen.get(&key) {
            return *known;
        }
        let answer = match fs.metadata(path) {
            // That something is not there has no age.
            Err(_) => Some(ContentHash::of(b"absent").0),
            Ok(stamp) if what == What::Kind => Some(ContentHash::of(kind_word(stamp.kind).as_bytes()).0),
            Ok(stamp) => trusted(Some(stamp), self.began).map(|_| answer_of(fs, path, what)),
        };
        state.seen.insert(key, answer);
        answer
    }
}

fn what_of(input: &TrackedInput) -> What {
    match input.what.as_str() {
        "names" => What::Names,
        "kind" => What::Kind,
        _ => What::Content,
    }
}

fn kind_word(kind: FileKind) -> &'static str {
    match kind {
        FileKind::File => "file",
        FileKind::Directory => "directory",
        _ => "other",
    }
}

fn answer_of(fs: &dyn FileSystem, path: &str, what: What) -> [u8; 32] {
    match what {
        What::Names => {
            let mut hasher = ContentHasher::new();
            for entry in fs.read_dir(path).unwrap_or_default() {
                hasher.field(&entry.name).field(kind_word(entry.kind));
            }
            hasher.finish().0
        }
        _ => fs.read(path).map_or_else(|_| ContentHash::of(b"unreadable").0, |bytes| ContentHash::of(&bytes).0),
    }
}

/// What an index refers to.
pub(crate) fn results_of(index: &[u8]) -> Option<Vec<Key>> {
    let index: Index = postcard::from_bytes(index).ok()?;
    Some(index.results.into_iter().map(|(_, digest)| Key { kind: PLUGIN_RESULT, digest }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudpack_fs::MemoryFileSystem;
    use cloudpack_store::{Identity, Store, StoreOptions};
    use std::sync::{Arc, RwLock};

    fn store() -> SharedStore {
        let references = |_: &Key, _: &[u8], _: &mut Vec<Key>| {};
        Arc::new(RwLock::new(Store::in_memory(StoreOptions {
            identity: Identity([0; 32]),
            max_bytes: u64::MAX,
            readonly: false,
            references,
        })))
    }

    fn cache(store: &SharedStore, key: &str, fs: &MemoryFileSystem) -> PluginCache {
        let given = PluginCacheOptions { name: "app".to_owned(), key: key.to_owned() };
        PluginCache::new(Arc::clone(store), &given, "/app", false, fs)
    }

    fn input(path: &str, what: &str) -> TrackedInput {
        TrackedInput { path: path.to_owned(), what: what.to_owned() }
    }

    fn save(cache: &PluginCache, store: &SharedStore) {
        let commit = cache.take_learnt().expect("a build whose files are old");
        store.write().expect("store").commit(commit);
    }

    #[test]
    fn a_result_holds_as_long_as_its_inputs_and_those_of_all_are_as_they_were() {
        let (store, fs) = (store(), MemoryFileSystem::from_files([("/app/types.ts", "1"), ("/app/own.txt", "1")]));
        let first = cache(&store, "k", &fs);
        let question = first.about_module("/a.vue", &ContentHash::default(), b"text");
        first.keep(
            question,
            "result".to_owned(),
            &[input("/app/own.txt", "content"), input("/app/absent", "kind")],
            &fs,
        );
        first.share(&[input("/app/types.ts", "content")], &fs);
        save(&first, &store);

        let find = |key: &str| {
            let cache = cache(&store, key, &fs);
            (cache.find::<String>(&question, &fs), cache.taken_up.clone())
        };
        assert_eq!(find("k"), (Some("result".to_owned()), "taken up".to_owned()));
        assert_eq!(find("other").1, "changed: versions, configuration or plugins");
        fs.write("/app/own.txt", b"2").expect("memory");
        assert_eq!(find("k"), (None, "taken up".to_owned()));
        fs.write("/app/own.txt", b"1").expect("memory");
        fs.write("/app/absent", b"").expect("memory");
        assert_eq!(find("k").0, None);
        fs.remove_file("/app/absent").expect("memory");
        assert!(find("k").0.is_some());
        fs.write("/app/types.ts", b"2").expect("memory");
        assert_eq!(find("k"), (None, "changed: /app/types.ts".to_owned()));
    }

    #[test]
    fn what_a_build_did_not_use_is_not_found_by_the_next() {
        let (store, fs) = (store(), MemoryFileSystem::unix());
        let first = cache(&store, "k", &fs);
        let [a, b] = ["/a", "/b"].map(|id| first.about_module(id, &ContentHash::default(), b""));
        for question in [a, b] {
            first.keep(question, 1_u32, &[], &fs);
        }
        save(&first, &store);
        let second = cache(&store, "k", &fs);
        assert_eq!(second.find::<u32>(&a, &fs), Some(1));
        save(&second, &store);
        let third = cache(&store, "k", &fs);
        assert_eq!((third.find::<u32>(&a, &fs), third.find::<u32>(&b, &fs)), (Some(1), None));
    }

    #[test]
    fn a_part_of_a_component_about_which_plugins_were_asked_is_asked_about_too() {
        let cache = cache(&store(), "k", &MemoryFileSystem::unix());
        cache.went_live("/a.vue");
        assert!(cache.is_live("/a.vue?vue&type=style") && !cache.is_live("/b.vue?vue&type=style"));
    }
}
