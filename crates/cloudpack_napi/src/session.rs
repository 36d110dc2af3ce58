//! `cloudpack::Session` behind a lock. Scan, generate, finalize and write run on a worker thread of Node, so that timers and
//! hooks go on; the short questions of plugins are answered on the spot.

use crate::bundle::{AddedFile, Bundle, of_chunks, with_changes};
use crate::guard::{bug, from_json, guarded, to_json};
use crate::watch::FileWatcher;
use cloudpack::options::{BuildOptions, OutputOptions};
use cloudpack::output::OutputBundle;
use cloudpack::protocol::{Answer, HookTable, ReplacedChunk};
use cloudpack_base::Diagnostic;
use cloudpack_fs::{OsFileSystem, WatchList};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Result, Task};
use napi_derive::napi;
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

type Shared = Arc<Mutex<cloudpack::Session>>;

/// One build: a graph and its outputs.
#[napi]
pub struct Session {
    session: Option<Shared>,
    faults: Vec<Diagnostic>,
    /// After `close`.
    late: Option<cloudpack::LateWatchFiles>,
}

impl Session {
    fn shared(&self) -> Result<Shared> {
        self.session.clone().ok_or_else(|| bug("a session with faulty options, or one that was closed, was used"))
    }

    pub(crate) fn follow(&self, more: WatchList, since: SystemTime) -> Result<()> {
        self.with(|session| {
            session.follow(more, since);
            Ok(())
        })
    }

    fn with<T>(&self, work: impl FnOnce(&cloudpack::Session) -> Result<T>) -> Result<T> {
        let shared = self.shared()?;
        guarded(|| work(&*lock(&shared)?))
    }
}

fn lock(shared: &Shared) -> Result<MutexGuard<'_, cloudpack::Session>> {
    shared.lock().map_err(|_| bug("the session is unusable after an earlier failure"))
}

#[napi]
impl Session {
    /// `options` and `hooks` are JSON: `BuildOptions` and `HookTable` of the crate `cloudpack`. `watcher`: that of all builds of
    /// one configuration, one after the other.
    #[napi(constructor)]
    pub fn new(options: String, hooks: String, watcher: Option<&FileWatcher>) -> Result<Self> {
        let live = watcher.and_then(FileWatcher::live);
        guarded(|| {
            let options: BuildOptions = from_json("options", &options)?;
            let hooks: HookTable = from_json("hooks", &hooks)?;
            Ok(match cloudpack::Session::next(options, hooks, Arc::new(OsFileSystem), live) {
                Ok(session) => Self { session: Some(Arc::new(Mutex::new(session))), faults: Vec::new(), late: None },
                Err(faults) => Self { session: None, faults, late: None },
            })
        })
    }

    /// Faults of the options, a JSON list; the session can be used only when it is empty.
    #[napi]
    pub fn faults(&self) -> Result<String> {
        to_json(&self.faults)
    }

    /// Takes a JSON list of `Answer`, gives one of `Task`; empty when the graph is complete.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn scan(&self, answers: String) -> Result<AsyncTask<Scan>> {
        Ok(AsyncTask::new(Scan { session: self.shared()?, answers }))
    }

    /// JSON of `ModuleInfo` without its code.
    #[napi]
    pub fn module_info(&self, id: String) -> Result<Option<String>> {
        self.with(|session| {
            let info = session.module_info(&id).map(|mut info| {
                info.code = None;
                info
            });
            info.map(|info| to_json(&info)).transpose()
        })
    }

    /// Text of a module after load and transform.
    #[napi]
    pub fn module_code(&self, id: String) -> Result<Option<String>> {
        self.with(|session| Ok(session.module_info(&id).and_then(|info| info.code)))
    }

    #[napi]
    pub fn module_ids(&self) -> Result<Vec<String>> {
        self.with(|session| Ok(session.module_ids()))
    }

    /// Without those of external modules.
    #[napi]
    pub fn internal_module_ids(&self) -> Result<Vec<String>> {
        self.with(|session| Ok(session.internal_module_ids()))
    }

    /// The core's own resolver: JSON of `ResolvedId`, or null.
    #[napi]
    pub fn resolve(&self, specifier: String, importer: Option<String>, kind: String) -> Result<Option<String>> {
        self.with(|session| {
            session.resolve(&specifier, importer.as_deref(), &kind).map(|resolved| to_json(&resolved)).transpose()
        })
    }

    /// Diagnostics so far, a JSON list.
    #[napi]
    pub fn diagnostics(&self) -> Result<String> {
        self.with(|session| to_json(&session.diagnostics()))
    }

    /// JSON of `BuildStats`.
    #[napi]
    pub fn stats(&self) -> Result<String> {
        self.with(|session| to_json(&session.stats()))
    }

    /// Absolute paths of files to watch, a JSON list, sorted. The one question that a closed session answers.
    #[napi]
    pub fn watch_files(&self) -> Result<String> {
        if let Some(late) = &self.late {
            return guarded(|| {
                to_json(&late.read().ok_or_else(|| bug("the list of files to watch was damaged in the store"))?)
            });
        }
        self.with(|session| to_json(&session.watch_files()))
    }

    /// One more output: JSON of `OutputOptions` to JSON of `{ index }` or `{ diagnostics }`.
    #[napi]
    pub fn add_output(&self, output: String) -> Result<String> {
        let shared = self.shared()?;
        guarded(|| {
            let output: OutputOptions = from_json("output", &output)?;
            to_json(&match lock(&shared)?.add_output(output) {
                Ok(index) => Added::Index(index),
                Err(diagnostics) => Added::Diagnostics(diagnostics),
            })
        })
    }

    /// Patterns for the names of the chunks that `generate` gave; they are made anew.
    #[napi]
    pub fn name_chunks(&self, output: u32, patterns: Vec<String>) -> Result<()> {
        let shared = self.shared()?;
        guarded(|| {
            lock(&shared)?.name_chunks(output as usize, patterns);
            Ok(())
        })
    }

    /// JSON of `ChosenChunk[]`: which modules are to lie in which chunks of an output.
    #[napi]
    pub fn choose_chunks(&self, output: u32, chosen: String) -> Result<()> {
        let shared = self.shared()?;
        guarded(|| {
            lock(&shared)?.choose_chunks(output as usize, from_json("chosen", &chosen)?);
            Ok(())
        })
    }

    /// JSON of `CiView`, with `view: "ci"` and after the last output was written.
    #[napi]
    pub fn ci_view(&self) -> Result<Option<String>> {
        self.with(|session| session.ci_view().map(to_json).transpose())
    }

    /// JSON of `Why`; `null` if nothing asks for such a module.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn why(&self, id: String) -> Result<AsyncTask<Why>> {
        Ok(AsyncTask::new(Why { session: self.shared()?, id }))
    }

    /// Chunks of an output with preliminary names.
    #[napi(ts_return_type = "Promise<Bundle>")]
    pub fn generate(&self, output: u32) -> Result<AsyncTask<Generate>> {
        Ok(AsyncTask::new(Generate { session: self.shared()?, output }))
    }

    /// Files of an output with their final names. `replaced` is a JSON list of `ReplacedChunk`, `assets` one of `Answer`s of
    /// type `emitAsset`.
    #[napi(ts_return_type = "Promise<Bundle>")]
    pub fn finalize(&self, output: u32, replaced: String, assets: String) -> Result<AsyncTask<Finalize>> {
        Ok(AsyncTask::new(Finalize { session: self.shared()?, output, replaced, assets }))
    }

    /// Gives the graph back now: JavaScript would keep it until it happens to collect garbage, and does not know how large
    /// it is. Bundles stay as they are; of the session only files to watch can be asked any more.
    #[napi]
    pub fn close(&mut self) {
        // Freeing a large graph takes as long as a small build.
        if let Some(session) = self.session.take() {
            self.late = lock(&session).ok().map(|session| session.late_watch_files());
            drop(std::thread::Builder::new().name("cloudpack-close".to_owned()).spawn(move || drop(session)));
        }
    }

    /// Writes a bundle with the changes plugins made: JSON of `{ written: string[] }` or `{ diagnostics }`.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn write(
        &self,
        output: u32,
        bundle: &Bundle,
        removed: Vec<u32>,
        added: Vec<AddedFile>,
    ) -> Result<AsyncTask<Write>> {
        let bundle = with_changes(&bundle.files, &removed, &added);
        Ok(AsyncTask::new(Write { session: self.shared()?, output, bundle }))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Added {
    Index(usize),
    Diagnostics(Vec<Diagnostic>),
}

pub struct Scan {
    session: Shared,
    answers: String,
}

impl Task for Scan {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> Result<String> {
        guarded(|| {
            let answers: Vec<Answer> = from_json("answers", &self.answers)?;
            to_json(&lock(&self.session)?.scan(answers))
        })
    }

    fn resolve(&mut self, _: Env, tasks: String) -> Result<String> {
        Ok(tasks)
    }
}

pub struct Why {
    session: Shared,
    id: String,
}

impl Task for Why {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> Result<String> {
        guarded(|| to_json(&lock(&self.session)?.why(&self.id)))
    }

    fn resolve(&mut self, _: Env, why: String) -> Result<String> {
        Ok(why)
    }
}

pub struct Generate {
    session: Shared,
    output: u32,
}

impl Task for Generate {
    type Output = Bundle;
    type JsValue = Bundle;

    fn compute(&mut self) -> Result<Bundle> {
        guarded(|| Ok(Bundle::new(lock(&self.session)?.generate(self.output as usize).map(of_chunks))))
    }

    fn resolve(&mut self, _: Env, bundle: Bundle) -> Result<Bundle> {
        Ok(bundle)
    }
}

pub struct Finalize {
    session: Shared,
    output: u32,
    replaced: String,
    assets: String,
}

impl Task for Finalize {
    type Output = Bundle;
    type JsValue = Bundle;

    fn compute(&mut self) -> Result<Bundle> {
        guarded(|| {
            let replaced: Vec<ReplacedChunk> = from_json("chunks", &self.replaced)?;
            let assets: Vec<Answer> = from_json("assets", &self.assets)?;
            Ok(Bundle::new(lock(&self.session)?.finalize(self.output as usize, replaced, assets)))
        })
    }

    fn resolve(&mut self, _: Env, bundle: Bundle) -> Result<Bundle> {
        Ok(bundle)
    }
}

pub struct Write {
    session: Shared,
    output: u32,
    bundle: Arc<OutputBundle>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Written {
    Written(Vec<String>),
    Diagnostics(Vec<Diagnostic>),
}

impl Task for Write {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> Result<String> {
        guarded(|| {
            to_json(&match lock(&self.session)?.write(self.output as usize, &self.bundle) {
                Ok(files) => Written::Written(files),
                Err(diagnostics) => Written::Diagnostics(diagnostics),
            })
        })
    }

    fn resolve(&mut self, _: Env, written: String) -> Result<String> {
        Ok(written)
    }
}
