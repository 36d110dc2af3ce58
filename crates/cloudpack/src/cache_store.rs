//! The store as the driver uses it: which kinds of records there are, what each refers to, and whose they are.
//!
//! Two heads keep things alive. One leads to the compiled modules of a graph (`compile_cache.rs`), one to the record of
//! a whole build and what is known of its files (`build_memory.rs`).

use crate::kept_link::LinkState;
use crate::options::CacheOptions;
use crate::paged::Root;
use crate::plugin_cache;
use cloudpack_base::ContentHasher;
use cloudpack_store::{Identity, Key, Store, StoreOptions};
use std::path::Path;
use std::sync::{Arc, RwLock};

/// Digests of pages.
pub(crate) const LIST: u32 = 1;
/// Digests of compiled modules.
pub(crate) const PAGE: u32 = 2;
/// Summary and object of one module.
pub(crate) const COMPILED: u32 = 3;
/// Root (`paged.rs`) of a `BuildRecord`. Its digest, as those of the kinds below, is SHA-256 of its bytes.
pub(crate) const BUILD: u32 = 4;
/// JSON: what is known of an emitted file besides its bytes.
pub(crate) const DESCRIPTION: u32 = 5;
/// Root of JSON: files to watch.
pub(crate) const WATCH_LIST: u32 = 6;

/// Root of a `KeptGraph`.
pub(crate) const GRAPH: u32 = 7;
/// Root of the plans of all outputs.
pub(crate) const PLANS: u32 = 8;
/// `LinkState`
pub(crate) const LINK: u32 = 9;
/// One page of a record that has a root.
pub(crate) const CONTENT: u32 = 10;
/// Text of a chunk that was compressed as a whole, and its map. Its digest is that of what it was made from.
pub(crate) const MINIFIED: u32 = 11;

/// JSON: what `view: "ci"` emitted.
pub(crate) const DEPLOYED: u32 = 20;

/// `Index` of plugin_cache.rs: which results a build used.
pub(crate) const PLUGIN_INDEX: u32 = 30;
/// What plugins made of one module or request. Its digest, and that of an index, is SHA-256 of its bytes.
pub(crate) const PLUGIN_RESULT: u32 = 31;

pub(crate) type SharedStore = Arc<RwLock<Store>>;

/// Cost: see `Store::open`.
pub(crate) fn open(cache: &CacheOptions) -> SharedStore {
    Arc::new(RwLock::new(Store::open(Path::new(&cache.dir), store_options(cache))))
}

pub(crate) fn store_options(cache: &CacheOptions) -> StoreOptions {
    StoreOptions { identity: identity(), max_bytes: cache.max_size, readonly: cache.readonly, references }
}

pub(crate) fn references(key: &Key, record: &[u8], out: &mut Vec<Key>) {
    let kind = match key.kind {
        LIST => PAGE,
        PAGE => COMPILED,
        BUILD | GRAPH | PLANS | WATCH_LIST => return out.extend(Root::open(record).into_iter().flat_map(Root::needs)),
        LINK => return out.extend(made_since(record).unwrap_or_default()),
        PLUGIN_INDEX => return out.extend(plugin_cache::results_of(record).unwrap_or_default()),
        _ => return,
    };
    let (digests, _) = record.as_chunks::<32>();
    out.extend(digests.iter().map(|digest| Key { kind, digest: *digest }));
}

/// Compiled modules that are not those of the graph, and chunks that were compressed.
fn made_since(record: &[u8]) -> Option<Vec<Key>> {
    let state: LinkState = postcard::from_bytes(record).ok()?;
    let chunks = state.outputs.iter().flatten().flat_map(|output| &output.parts).flat_map(|part| &part.chunks);
    let minified = chunks.filter_map(|chunk| Some(Key { kind: MINIFIED, digest: chunk.passed? }));
    let compiled = state.edited.values().map(|module| Key { kind: COMPILED, digest: module.compiled });
    Some(compiled.chain(minified).collect())
}

/// What a record depends on besides its key: the code that made it, and the machine; see build.rs.
pub(crate) fn identity() -> Identity {
    let mut hasher = ContentHasher::new();
    Identity(hasher.field(env!("CARGO_PKG_VERSION")).field(env!("CLOUDPACK_BUILD")).finish().0)
}

pub(crate) fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
