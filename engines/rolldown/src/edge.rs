//! What JavaScript calls. The plan crosses as JSON, code one text a module; names for files that are not planned are asked
//! for on the thread of JavaScript while this one waits.

use std::collections::HashMap;
use std::sync::{Arc, mpsc};

use cloudpack_engine::{
    EngineError, EngineFile, EnginePlan, FileContent, LiveModules, TransformEngine, TransformRequest,
};
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error, Status, Task};
use napi_derive::napi;

use crate::engine::RolldownEngine;

static ENGINE: RolldownEngine = RolldownEngine::new();

/// Weak: tasks that a panic has left behind hold it for ever, and must not keep Node from ending.
type FileName = ThreadsafeFunction<String, String, String, Status, false, true>;

/// The release of Rolldown.
#[napi]
pub fn version() -> String {
    ENGINE.version().to_owned()
}

/// `plan`: JSON of `EnginePlan`. `codes`: parallel to its modules. `file_name`: names a file that is not planned, and must not
/// throw. Rejects with what Rolldown says, or with the message of its panic.
#[napi(ts_return_type = "Promise<TransformedFile[]>")]
pub fn transform(
    plan: String,
    codes: Vec<String>,
    #[napi(ts_arg_type = "(name: string) => string")] file_name: FileName,
) -> napi::Result<AsyncTask<Transform>> {
    let plan = serde_json::from_str::<EnginePlan>(&plan)
        .map_err(|error| Error::from_reason(format!("This is a bug in Cloudpack: the plan does not fit: {error}")))?;
    let codes = plan.modules.iter().zip(codes).map(|(module, code)| (module.id.clone(), Arc::from(code))).collect();
    let modules = Arc::new(GivenModules { codes, file_name });
    Ok(AsyncTask::new(Transform { request: TransformRequest { plan: Arc::new(plan), modules, previous: None } }))
}

/// A chunk, with its map as JSON and what is in it; or another file, with `source` in place of `code`.
#[napi(object)]
#[derive(Default)]
pub struct TransformedFile {
    pub file_name: String,
    pub code: Option<String>,
    pub source: Option<Uint8Array>,
    pub map: Option<String>,
    pub modules: Vec<String>,
    pub imports: Vec<String>,
    pub dynamic_imports: Vec<String>,
    pub exports: Vec<String>,
}

pub struct Transform {
    request: TransformRequest,
}

impl Task for Transform {
    type Output = Vec<EngineFile>;
    type JsValue = Vec<TransformedFile>;

    fn compute(&mut self) -> napi::Result<Vec<EngineFile>> {
        ENGINE.transform(self.request.clone()).map_err(|error| Error::from_reason(error.to_string()))
    }

    fn resolve(&mut self, _: Env, files: Vec<EngineFile>) -> napi::Result<Vec<TransformedFile>> {
        Ok(files.into_iter().map(transformed).collect())
    }
}

fn transformed(EngineFile { file_name, content }: EngineFile) -> TransformedFile {
    match content {
        FileContent::Source(bytes) => {
            TransformedFile { file_name, source: Some(Uint8Array::new(bytes)), ..TransformedFile::default() }
        }
        FileContent::Code(code) => TransformedFile {
            file_name,
            code: Some(code.code),
            source: None,
            map: code.map,
            modules: code.modules,
            imports: code.imports,
            dynamic_imports: code.dynamic_imports,
            exports: code.exports,
        },
    }
}

struct GivenModules {
    codes: HashMap<String, Arc<str>>,
    file_name: FileName,
}

impl LiveModules for GivenModules {
    fn code(&self, id: &str) -> Result<Arc<str>, EngineError> {
        self.codes.get(id).cloned().ok_or_else(|| EngineError::NotLive(id.to_owned()))
    }

    fn map(&self, _: &str) -> Result<Option<Arc<str>>, EngineError> {
        // Maps of modules are joined to ours in JavaScript.
        Ok(None)
    }

    fn file_name(&self, name: &str) -> Result<String, EngineError> {
        let (sender, receiver) = mpsc::channel();
        let status = self.file_name.call_with_return_value(
            name.to_owned(),
            ThreadsafeFunctionCallMode::Blocking,
            move |named, _| {
                // Whoever asked may have given up.
                drop(sender.send(named));
                Ok(())
            },
        );
        let gone = || EngineError::Host(format!("nobody can name the file of \"{name}\": {status}"));
        receiver.recv().map_err(|_| gone())?.map_err(|error| EngineError::Host(error.to_string()))
    }
}
