//! `cloudpack_fs::Watch` for JavaScript.

use crate::guard::{from_json, guarded, to_json};
use crate::session::Session;
use cloudpack_fs::{ChangeKind, Known, Watch, WatchList, WatchedFile};
use napi::Result;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// Keeps the process alive until it is closed.
#[napi]
pub struct FileWatcher {
    watch: Option<Watch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct More {
    files: Vec<String>,
    ignored: Vec<String>,
    /// Milliseconds since 1970.
    since: f64,
}

#[derive(Serialize)]
struct Changed {
    path: String,
    event: &'static str,
}

#[napi]
impl FileWatcher {
    /// `delay`: milliseconds that a burst of changes must pause before it is told of. `on_change` gets a JSON list of
    /// `{ path, event: "create" | "update" | "delete" }`.
    #[napi(constructor)]
    pub fn new(delay: f64, on_change: Function<'_, String, ()>) -> Result<Self> {
        let call = on_change.build_threadsafe_function().build()?;
        let tell = move |changes: Vec<cloudpack_fs::Change>| {
            let changes: Vec<Changed> = changes
                .into_iter()
                .map(|change| Changed {
                    path: change.path,
                    event: match change.kind {
                        ChangeKind::Create => "create",
                        ChangeKind::Update => "update",
                        ChangeKind::Delete => "delete",
                    },
                })
                .collect();
            if let Ok(changes) = to_json(&changes) {
                call.call(changes, ThreadsafeFunctionCallMode::NonBlocking);
            }
        };
        guarded(|| {
            Ok(Self { watch: Some(Watch::new(Duration::from_secs_f64(delay.clamp(0.0, 60_000.0) / 1_000.0), tell)) })
        })
    }

    /// Watches what a build asked the disk for, instead of what was watched before, and more: JSON of `{ files, ignored,
    /// since }`, absolute paths with `/`, milliseconds.
    #[napi]
    pub fn watch_build(&self, session: &Session, more: String) -> Result<()> {
        let list = session.watch_list()?;
        self.set(list, &more)
    }

    /// The same for nothing but these files.
    #[napi]
    pub fn watch_files(&self, more: String) -> Result<()> {
        self.set(WatchList::default(), &more)
    }

    fn set(&self, mut list: WatchList, more: &str) -> Result<()> {
        guarded(|| {
            let More { files, ignored, since } = from_json("watch list", more)?;
            list.files.extend(files.into_iter().map(|path| WatchedFile { path, known: Known::Nothing }));
            list.ignored.extend(ignored);
            let since = SystemTime::UNIX_EPOCH + Duration::from_secs_f64((since / 1_000.0).clamp(0.0, 1e12));
            if let Some(watch) = &self.watch {
                watch.set(list, since);
            }
            Ok(())
        })
    }

    #[napi]
    pub fn close(&mut self) {
        self.watch = None;
    }
}
