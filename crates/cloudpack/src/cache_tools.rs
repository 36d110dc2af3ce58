//! What `cloudpack cache` says of a store: how large it is and for whom, whether all of it is what was written; and how it
//! is emptied. Nothing here is needed for a build, and nothing here changes what a build finds, but for `clear`.

use crate::build_record::BuildRecord;
use crate::cache_store::{
    BUILD, COMPILED, CONTENT, DEPLOYED, DESCRIPTION, GRAPH, LINK, LIST, MINIFIED, PAGE, PLANS, WATCH_LIST, identity,
    references, store_options,
};
use crate::compile_cache::CompiledVariants;
use crate::last_build::by_content;
use crate::options::CacheOptions;
use crate::paged::{Root, WholeRecord};
use cloudpack_base::{ContentHash, Diagnostic};
use cloudpack_store::{ClearError, Folder, FolderState, Head, Key, OpenError, Store};
use cloudpack_summarize::MinifiedChunk;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::path::Path;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheInfo {
    pub dir: String,
    /// `absent`, `other build`, `damaged` or `sound`; only a sound one is of use to a build.
    pub state: &'static str,
    pub files: usize,
    /// Of all its files.
    pub bytes: u64,
    /// Of a store that was put aside because it held something wrong.
    pub quarantined_bytes: Option<u64>,
    /// Commits and collections so far.
    pub generation: u64,
    pub segments: usize,
    pub records: usize,
    pub kinds: Vec<KindInfo>,
    /// Latest use first.
    pub heads: Vec<HeadInfo>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KindInfo {
    pub kind: String,
    pub records: usize,
    pub bytes: u64,
}

/// What keeps records alive.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeadInfo {
    /// Sixteen hex digits of its name.
    pub name: String,
    /// `build`, `deploy` or `compiled modules`.
    pub of: String,
    /// Generation.
    pub last_use: u64,
    /// Records that it reaches, and their bytes. Others may reach them too.
    pub records: usize,
    pub bytes: u64,
    /// It reaches records that are not there: what they said will be made anew.
    pub missing: usize,
    pub modules: usize,
    /// Of a build: where it wrote, and how many files.
    pub directories: Vec<String>,
    pub emitted_files: usize,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheVerified {
    pub dir: String,
    pub state: &'static str,
    /// That were read, all of them.
    pub records: usize,
    pub bytes: u64,
    pub damaged: Vec<DamagedRecord>,
    /// Segments that the root names and that are not there, or are not what it names.
    pub missing_segments: usize,
    /// Records that a head reaches and that are not there.
    pub missing_records: usize,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DamagedRecord {
    pub kind: String,
    /// Sixteen hex digits of its digest.
    pub key: String,
    pub why: &'static str,
}

impl CacheVerified {
    /// Whether everything in it can be used.
    pub fn is_sound(&self) -> bool {
        self.damaged.is_empty() && self.missing_segments == 0 && self.missing_records == 0 && self.state != "damaged"
    }
}

/// Cost: the index of every segment, and every record that refers to others.
pub fn info(dir: &str) -> Result<CacheInfo, Diagnostic> {
    let folder = look(dir)?;
    let mut info = CacheInfo {
        dir: dir.to_owned(),
        state: word_for(folder.state),
        files: folder.files,
        bytes: folder.bytes,
        quarantined_bytes: folder.quarantined,
        generation: 0,
        segments: 0,
        records: 0,
        kinds: Vec::new(),
        heads: Vec::new(),
    };
    let Some(store) = open(dir, &folder) else { return Ok(info) };
    let sizes = store.sizes();
    let facts = store.info();
    (info.generation, info.segments, info.records) = (facts.generation, facts.segments, sizes.len());
    for (key, bytes) in &sizes {
        let kind = kind_name(key.kind);
        // Sorted by kind.
        match info.kinds.last_mut().filter(|last| last.kind == kind) {
            Some(last) => (last.records, last.bytes) = (last.records + 1, last.bytes + bytes),
            None => info.kinds.push(KindInfo { kind, records: 1, bytes: *bytes }),
        }
    }
    let sizes: FxHashMap<Key, u64> = sizes.into_iter().collect();
    info.heads = store.heads_on_disk().into_iter().map(|head| describe(&store, &sizes, head)).collect();
    info.heads.sort_by(|left, right| right.last_use.cmp(&left.last_use).then_with(|| left.name.cmp(&right.name)));
    Ok(info)
}

/// Reads everything: each record against its checksum, against its digest where that is a digest of the record itself, and
/// compiled modules and builds also against their form. Cost: the whole store.
pub fn verify(dir: &str) -> Result<CacheVerified, Diagnostic> {
    let folder = look(dir)?;
    let mut verified = CacheVerified {
        dir: dir.to_owned(),
        state: word_for(folder.state),
        records: 0,
        bytes: 0,
        damaged: Vec::new(),
        missing_segments: 0,
        missing_records: 0,
    };
    let Some(store) = open(dir, &folder) else { return Ok(verified) };
    let sizes = store.sizes();
    for (key, bytes) in &sizes {
        verified.records += 1;
        verified.bytes += bytes;
        if let Some(why) = fault_of(&store, key) {
            verified.damaged.push(DamagedRecord { kind: kind_name(key.kind), key: short_hex(&key.digest), why });
        }
    }
    verified.missing_segments = store.verify().missing_segments;
    let sizes: FxHashMap<Key, u64> = sizes.into_iter().collect();
    let reached = store.heads_on_disk().into_iter().map(|head| reached_from(&store, &sizes, head.record));
    let missing: FxHashSet<Key> = reached.flat_map(|reached| reached.missing).collect();
    verified.missing_records = missing.len();
    Ok(verified)
}

/// Removes everything that a store wrote, and gives the bytes that were freed.
pub fn clear(dir: &str) -> Result<u64, Diagnostic> {
    Folder::clear(Path::new(dir)).map_err(|error| match error {
        ClearError::Open(error) => unusable(&error),
        ClearError::NotAStore { .. } => Diagnostic::error("CACHE", error.to_string()).with_hint("Nothing was removed"),
        other => Diagnostic::error("CACHE", other.to_string()),
    })
}

fn look(dir: &str) -> Result<Folder, Diagnostic> {
    Folder::look(Path::new(dir), &identity()).map_err(|error| unusable(&error))
}

fn unusable(error: &OpenError) -> Diagnostic {
    Diagnostic::error("CACHE", error.to_string())
}

fn open(dir: &str, folder: &Folder) -> Option<Store> {
    let cache = CacheOptions { max_size: u64::MAX, readonly: true, ..CacheOptions::at(dir) };
    (folder.state == FolderState::Sound).then(|| Store::open(Path::new(dir), store_options(&cache)))
}

fn fault_of(store: &Store, key: &Key) -> Option<&'static str> {
    let Some(record) = store.get(key) else { return Some("it is not what was written") };
    let is_named_by_content =
        matches!(key.kind, LIST | PAGE | BUILD | DEPLOYED | DESCRIPTION | WATCH_LIST | GRAPH | PLANS | LINK | CONTENT);
    if is_named_by_content && ContentHash::of(&record).0 != key.digest {
        return Some("its digest is another");
    }
    let has_form = match key.kind {
        COMPILED => postcard::from_bytes::<CompiledVariants>(&record).is_ok(),
        MINIFIED => postcard::from_bytes::<MinifiedChunk>(&record).is_ok(),
        BUILD | GRAPH | PLANS | WATCH_LIST => Root::open(&record).is_some(),
        _ => true,
    };
    if has_form { None } else { Some("it cannot be read back") }
}

struct Reached {
    records: Vec<Key>,
    missing: Vec<Key>,
    bytes: u64,
}

fn reached_from(store: &Store, sizes: &FxHashMap<Key, u64>, head: Key) -> Reached {
    let mut reached = Reached { records: Vec::new(), missing: Vec::new(), bytes: 0 };
    let mut seen: FxHashSet<Key> = FxHashSet::default();
    let mut pending = vec![head];
    while let Some(key) = pending.pop() {
        // A build without a graph has zeros for it.
        if key.digest == [0; 32] || !seen.insert(key) {
            continue;
        }
        let Some(bytes) = sizes.get(&key) else {
            reached.missing.push(key);
            continue;
        };
        reached.records.push(key);
        reached.bytes += bytes;
        // Compiled modules refer to nothing, and are most of the store.
        if key.kind != COMPILED
            && let Some(record) = store.get(&key)
        {
            references(&key, &record, &mut pending);
        }
    }
    reached
}

fn describe(store: &Store, sizes: &FxHashMap<Key, u64>, head: Head) -> HeadInfo {
    let reached = reached_from(store, sizes, head.record);
    let read = || WholeRecord::read_with(&|key| by_content(store, key), &head.record);
    let build = (head.record.kind == BUILD).then(read).flatten().and_then(BuildRecord::open);
    let compiled = reached.records.iter().filter(|key| key.kind == COMPILED).count();
    let directories = build.as_ref().and_then(|build| build.dirs()).unwrap_or_default();
    HeadInfo {
        name: short_hex(&head.name.0),
        of: match head.record.kind {
            BUILD => "build",
            DEPLOYED => "deploy",
            _ => "compiled modules",
        }
        .to_owned(),
        last_use: head.used,
        records: reached.records.len(),
        bytes: reached.bytes,
        missing: reached.missing.len(),
        modules: build.as_ref().map_or(compiled, |build| build.modules as usize),
        directories: directories.iter().map(|dir| (*dir).to_owned()).collect(),
        emitted_files: build.as_ref().map_or(0, |build| build.outputs),
    }
}

fn word_for(state: FolderState) -> &'static str {
    match state {
        FolderState::Absent => "absent",
        FolderState::OtherBuild => "other build",
        FolderState::Damaged => "damaged",
        FolderState::Sound => "sound",
    }
}

fn kind_name(kind: u32) -> String {
    let name = match kind {
        LIST => "lists",
        PAGE => "pages",
        COMPILED => "compiled modules",
        BUILD => "builds",
        DESCRIPTION => "emitted files",
        WATCH_LIST => "watch lists",
        GRAPH => "graphs",
        PLANS => "plans",
        LINK => "linked chunks",
        DEPLOYED => "deployed files",
        CONTENT => "parts of builds",
        MINIFIED => "minified chunks",
        other => return format!("kind {other}"),
    };
    name.to_owned()
}

fn short_hex(bytes: &[u8]) -> String {
    bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{clear, info, verify};
    use crate::options::{BuildOptions, CacheOptions};
    use crate::session::Session;
    use cloudpack_fs::{FileSystem, MemoryFileSystem, OsFileSystem};
    use std::sync::Arc;

    fn build(dir: &str) {
        let json =
            r#"{ "cwd": "/p", "input": [{ "name": "main", "import": "./main.js" }], "output": [{ "dir": "out" }] }"#;
        let cache = Some(CacheOptions::at(dir));
        let options = BuildOptions { cache, ..serde_json::from_str(json).expect("options") };
        let files = [("/p/main.js", "import { b } from './b.js'; console.log(b);"), ("/p/b.js", "export const b = 1;")];
        let mut session =
            Session::new(options, Default::default(), Arc::new(MemoryFileSystem::from_files(files))).expect("options");
        let built = session.build();
        session.write(0, &built.outputs[0]).expect("written");
    }

    fn folder() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().expect("a directory");
        let dir = folder.path().join("store").to_string_lossy().into_owned();
        (folder, dir)
    }

    #[test]
    fn a_store_says_what_it_holds_and_for_whom() {
        let (_folder, dir) = folder();
        let absent = info(&dir).expect("no fault");
        assert_eq!((absent.state, absent.files, absent.heads.len()), ("absent", 0, 0));
        assert!(!std::path::Path::new(&dir).is_dir(), "looking makes no folder");
        build(&dir);
        let found = info(&dir).expect("no fault");
        assert_eq!(found.state, "sound");
        let compiled = found.kinds.iter().find(|kind| kind.kind == "compiled modules").expect("compiled modules");
        assert_eq!(compiled.records, 2);
        assert_eq!(found.records, found.kinds.iter().map(|kind| kind.records).sum::<usize>());
        assert!(found.kinds.iter().all(|kind| !kind.kind.starts_with("kind ")), "{:?}", found.kinds);
        let of = |of: &str| found.heads.iter().find(|head| head.of == of).expect("a head");
        assert_eq!((of("build").modules, of("build").emitted_files, of("build").missing), (2, 1, 0));
        assert_eq!(of("build").directories, ["/p/out"]);
        assert_eq!((of("compiled modules").modules, of("compiled modules").missing), (2, 0));
        assert!(found.heads.iter().all(|head| head.bytes > 0 && head.bytes < found.bytes));
    }

    #[test]
    fn every_damaged_byte_of_a_segment_is_found_by_verifying_or_was_of_no_meaning() {
        let (_folder, dir) = folder();
        build(&dir);
        let sound = verify(&dir).expect("no fault");
        assert!(sound.is_sound() && sound.records > 4, "{sound:?}");
        let disk = OsFileSystem;
        let names = disk.read_dir(&dir).expect("list");
        let segment = names.iter().map(|entry| format!("{dir}/{}", entry.name)).find(|name| name.ends_with(".seg"));
        let segment = segment.expect("a segment");
        let bytes = disk.read(&segment).expect("read");
        for at in (0..bytes.len()).step_by(211) {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 0x10;
            disk.write(&segment, &damaged).expect("written");
            let found = verify(&dir).expect("no fault");
            // Between records lie zeros that nobody reads.
            let is_padding = bytes[at] == 0 && found.is_sound();
            assert!(is_padding || !found.is_sound(), "byte {at}");
        }
    }

    #[test]
    fn clearing_removes_what_a_store_wrote_and_nothing_else() {
        let (_folder, dir) = folder();
        assert_eq!(clear(&dir).expect("nothing to do"), 0);
        build(&dir);
        let disk = OsFileSystem;
        disk.write(&format!("{dir}/mine.txt"), b"mine").expect("written");
        let bytes = info(&dir).expect("no fault").bytes;
        assert_eq!(clear(&dir).expect("cleared"), bytes);
        let left: Vec<String> = disk.read_dir(&dir).expect("list").into_iter().map(|entry| entry.name).collect();
        assert_eq!(left, ["lock", "mine.txt"]);
        assert_eq!(info(&dir).expect("no fault").state, "absent");
    }

    #[test]
    fn a_folder_of_something_else_is_not_cleared() {
        let folder = tempfile::tempdir().expect("a directory");
        let dir = folder.path().to_string_lossy().into_owned();
        let disk = OsFileSystem;
        disk.write(&format!("{dir}/root"), b"a tree").expect("written");
        let fault = clear(&dir).expect_err("a fault");
        assert!(fault.message.contains("no cache of Cloudpack"), "{}", fault.message);
        assert_eq!(disk.read(&format!("{dir}/root")).expect("still there"), b"a tree");
        assert_eq!(info(&dir).expect("no fault").state, "damaged");
    }
}
