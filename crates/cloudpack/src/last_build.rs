//! The record of a build and what belongs to it: graph, plans, state of the link. Each is read when somebody asks for it, once;
//! within a process one build hands them on to the next.

use crate::build_record::BuildRecord;
use crate::cache_store::{GRAPH, LINK, PLANS, SharedStore, WATCH_LIST};
use crate::indexed::Indexed;
use crate::kept_graph::KeptGraph;
use crate::kept_link::LinkState;
use crate::kept_output::MadeFiles;
use crate::output::OutputFile;
use crate::paged::{Bytes, PagedRecord};
use crate::warm_graph::WarmGraph;
use cloudpack_base::ContentHash;
use cloudpack_store::{Key, Record, Store};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Bytes of code.
const MOST_MADE: usize = 32 << 20;

type Once<T> = OnceLock<Option<Arc<T>>>;

pub(crate) struct LastBuild {
    pub(crate) record: BuildRecord,
    store: SharedStore,
    graph: Once<PagedRecord>,
    plans: Once<PagedRecord>,
    watch_list: Once<PagedRecord>,
    link: Once<LinkState>,
    /// Somebody in this process saw that the store holds what is known of each emitted file. It goes on doing so while nobody
    /// else writes it.
    is_described: AtomicBool,
    /// Of each output.
    made: Vec<Arc<MadeFiles>>,
    /// For the build that takes up this one.
    warm: Mutex<Option<WarmGraph>>,
}

impl LastBuild {
    pub(crate) fn new(record: BuildRecord, store: SharedStore) -> Self {
        let (graph, plans, watch_list, link) = Default::default();
        let (is_described, made, warm) = (AtomicBool::new(false), Vec::new(), Mutex::new(None));
        Self { record, store, graph, plans, watch_list, link, is_described, made, warm }
    }

    pub(crate) fn is_described(&self) -> bool {
        self.is_described.load(Ordering::Relaxed)
    }

    pub(crate) fn set_described(&self) {
        self.is_described.store(true, Ordering::Relaxed);
    }

    /// Has at hand what the next build will look into, while nobody waits. `goes_on`: asked now and then. Cost: reads and
    /// digests graph and plans, once in a process.
    pub(crate) fn prepare(&self, goes_on: &dyn Fn() -> bool) -> Option<()> {
        let (graph, plans, link) = (self.graph()?, self.plans()?, self.link()?);
        (graph.load(goes_on) && plans.load(goes_on)).then_some(())?;
        let mut warm = self.warm.lock().unwrap_or_else(PoisonError::into_inner);
        if warm.is_none() && goes_on() {
            let plans = Indexed::open(&*plans)?;
            let plans = (0..plans.len()).map(|index| plans.part(index)).collect::<Option<Vec<_>>>()?;
            *warm = WarmGraph::new(&KeptGraph::open(Bytes::from(&*graph), &link.edited)?, &plans);
        }
        Some(())
    }

    /// The record of a build that changed nothing but the link of this one. `made`: chunks that it made, by output.
    pub(crate) fn relinked(
        &self,
        record: BuildRecord,
        link: Arc<LinkState>,
        made: Vec<MadeFiles>,
        warm: Option<WarmGraph>,
    ) -> Self {
        let Self { store, graph, plans, watch_list, .. } = self;
        let (graph, plans, watch_list) = (graph.clone(), plans.clone(), watch_list.clone());
        let made = made.into_iter().enumerate().map(|(output, made)| Arc::new(self.with_former(output, made, &record)));
        let made = made.collect();
        Self {
            record,
            store: Arc::clone(store),
            graph,
            plans,
            watch_list,
            link: OnceLock::from(Some(link)),
            // What is new of them was committed with the record.
            is_described: AtomicBool::new(self.is_described()),
            made,
            warm: Mutex::new(warm),
        }
    }

    /// What the builds before made and is still emitted stays, as far as there is room.
    fn with_former(&self, output: usize, mut made: MadeFiles, record: &BuildRecord) -> MadeFiles {
        let size = |file: &OutputFile| file.bytes().map_or(0, |bytes| bytes.len());
        let former = self.made(output);
        let all: usize = made.values().chain(former.values()).map(size).sum();
        if all <= MOST_MADE {
            let emitted = (0..record.outputs).filter_map(|index| record.output(index));
            for name in emitted.filter(|file| file.output as usize == output).map(|file| file.name) {
                if let (Some(file), false) = (former.get(name), made.contains_key(name)) {
                    made.insert(name.to_owned(), file.clone());
                }
            }
        }
        made
    }

    pub(crate) fn made(&self, output: usize) -> Arc<MadeFiles> {
        self.made.get(output).cloned().unwrap_or_default()
    }

    /// Whoever takes it leaves another one to the next build.
    pub(crate) fn warm(&self) -> &Mutex<Option<WarmGraph>> {
        &self.warm
    }

    pub(crate) fn graph(&self) -> Option<Arc<PagedRecord>> {
        self.open(&self.graph, GRAPH, self.record.graph)
    }

    pub(crate) fn plans(&self) -> Option<Arc<PagedRecord>> {
        self.open(&self.plans, PLANS, self.record.plans)
    }

    /// JSON: paths of files to watch.
    pub(crate) fn watch_list(&self) -> Option<Arc<PagedRecord>> {
        self.open(&self.watch_list, WATCH_LIST, self.record.watch)
    }

    pub(crate) fn link(&self) -> Option<Arc<LinkState>> {
        let read = || {
            let record = get(&self.store, &Key { kind: LINK, digest: self.record.link })?;
            postcard::from_bytes(&record).ok().map(Arc::new)
        };
        self.link.get_or_init(read).clone()
    }

    fn open(&self, slot: &Once<PagedRecord>, kind: u32, digest: [u8; 32]) -> Option<Arc<PagedRecord>> {
        slot.get_or_init(|| PagedRecord::open(&self.store, &Key { kind, digest }).map(Arc::new)).clone()
    }
}

/// A record that is named by its content.
pub(crate) fn get(store: &SharedStore, key: &Key) -> Option<Record> {
    by_content(&store.read().unwrap_or_else(PoisonError::into_inner), key)
}

pub(crate) fn by_content(store: &Store, key: &Key) -> Option<Record> {
    let record = store.get(key)?;
    // The digest says what the bytes are; the store's checksum only that nobody changed them by accident.
    (ContentHash::of(&record).0 == key.digest).then_some(record)
}
