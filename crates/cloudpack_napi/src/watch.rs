//! `cloudpack_fs::Watch` for JavaScript.

use crate::guard::{from_json, guarded, to_json};
use crate::session::Session;
use cloudpack::LiveBuild;
use cloudpack_fs::{ChangeKind, Known, WatchList, WatchedFile};
use napi::bindgen_prelude::{AsyncTask, Function};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi::{Env, Result, Task};
use napi_derive::napi;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Watches what builds of one configuration rest on, and keeps in memory what the next of them goes on from. Keeps the process
/// alive until it is closed if somebody wants to be told.
#[napi]
pub struct FileWatcher {
    live: Option<Arc<LiveBuild>>,
}

impl FileWatcher {
    pub(crate) fn live(&self) -> Option<Arc<LiveBuild>> {
        self.live.clone()
    }
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
    pub fn new(delay: f64, on_change: Option<Function<'_, String, ()>>) -> Result<Self> {
        let call = on_change.map(|on_change| on_change.build_threadsafe_function().build()).transpose()?;
        let tell = move |changes: Vec<cloudpack_fs::Change>| {
            let Some(call) = &call else { return };
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
        let delay = Duration::from_secs_f64(delay.clamp(0.0, 60_000.0) / 1_000.0);
        guarded(|| Ok(Self { live: Some(Arc::new(LiveBuild::new(delay, tell))) }))
    }

    /// Watches what a build that knows this watcher rests on, instead of what was watched before, and more: JSON of
    /// `{ files, ignored, since }`, absolute paths with `/`, milliseconds.
    #[napi]
    pub fn watch_build(&self, session: &Session, more: String) -> Result<()> {
        let (more, since) = list_of(&more)?;
        session.follow(more, since)
    }

    /// Nothing but these files.
    #[napi]
    pub fn watch_files(&self, more: String) -> Result<()> {
        let (more, since) = list_of(&more)?;
        guarded(|| {
            if let Some(live) = &self.live {
                live.watch_only(more, since);
            }
            Ok(())
        })
    }

    /// Settles once the last build is in the store.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn settled(&self) -> AsyncTask<Settled> {
        AsyncTask::new(Settled { live: self.live.clone() })
    }

    #[napi]
    pub fn close(&mut self) {
        self.live = None;
    }
}

fn list_of(more: &str) -> Result<(WatchList, SystemTime)> {
    let More { files, ignored, since } = from_json("watch list", more)?;
    let files = files.into_iter().map(|path| WatchedFile { path, known: Known::Nothing }).collect();
    let since = SystemTime::UNIX_EPOCH + Duration::from_secs_f64((since / 1_000.0).clamp(0.0, 1e12));
    Ok((WatchList { files, listings: Vec::new(), ignored }, since))
}

pub struct Settled {
    live: Option<Arc<LiveBuild>>,
}

impl Task for Settled {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        guarded(|| {
            if let Some(live) = &self.live {
                live.settle();
            }
            Ok(())
        })
    }

    fn resolve(&mut self, _: Env, (): ()) -> Result<()> {
        Ok(())
    }
}
