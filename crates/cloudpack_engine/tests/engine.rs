//! The interface from the side of an engine: one that writes each module to a file, over a plan as JavaScript writes it.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use cloudpack_engine::{
    EngineCode, EngineError, EngineFile, EnginePlan, FileContent, LiveModules, PreviousResult, TransformEngine,
    TransformRequest,
};

const PLAN: &str = r#"{
    "cwd": "/app", "format": "es", "platform": "browser", "minify": false, "sourcemap": false, "codeSplitting": true,
    "exports": "auto", "extend": false, "globals": {},
    "modules": [
        { "id": "/app/lib.js", "file": "lib.js", "isEntry": false, "exports": ["x"], "imports": [], "dynamicImports": [] },
        { "id": "\u0000virtual", "file": "_virtual.js", "isEntry": true, "exports": [], "imports": ["lib.js"], "dynamicImports": [] }
    ],
    "chunks": [
        { "name": "main", "fileName": "main.js", "kind": "entry", "entry": "\u0000virtual", "modules": ["/app/lib.js", "\u0000virtual"] }
    ],
    "externals": []
}"#;

struct OneFileAModule;

impl TransformEngine for OneFileAModule {
    fn name(&self) -> &str {
        "one-file-a-module"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn transform(&self, request: TransformRequest) -> Result<Vec<EngineFile>, EngineError> {
        let TransformRequest { plan, modules, previous } = request;
        let unchanged = |id: &String| {
            previous.as_ref().is_some_and(|previous| previous.is_same_plan && !previous.changed.contains(id))
        };
        let file = |module: &cloudpack_engine::EngineModule| {
            let last = previous.iter().flat_map(|previous| &previous.files).find(|file| file.file_name == module.file);
            if let (true, Some(file)) = (unchanged(&module.id), last) {
                return Ok(file.clone());
            }
            let code = modules.code(&module.id)?.to_string();
            let code = EngineCode { code, modules: vec![module.id.clone()], ..EngineCode::default() };
            Ok(EngineFile { file_name: module.file.clone(), content: FileContent::Code(code) })
        };
        plan.modules.iter().map(file).collect()
    }
}

struct InMemory(std::sync::Mutex<Vec<String>>);

impl LiveModules for InMemory {
    fn code(&self, id: &str) -> Result<Arc<str>, EngineError> {
        if !["/app/lib.js", "\0virtual"].contains(&id) {
            return Err(EngineError::NotLive(id.to_owned()));
        }
        self.0.lock().unwrap().push(id.to_owned());
        Ok(format!("/* {} */", id.trim_start_matches('\0')).into())
    }

    fn map(&self, _: &str) -> Result<Option<Arc<str>>, EngineError> {
        Ok(None)
    }

    fn file_name(&self, name: &str) -> Result<String, EngineError> {
        Ok(format!("{name}.js"))
    }
}

fn request(modules: Arc<InMemory>, previous: Option<PreviousResult>) -> TransformRequest {
    let plan = serde_json::from_str::<EnginePlan>(PLAN).unwrap();
    TransformRequest { plan: Arc::new(plan), modules, previous: previous.map(Arc::new) }
}

#[test]
fn an_engine_behind_the_trait_gives_files() {
    let engine: &dyn TransformEngine = &OneFileAModule;
    let asked = Arc::new(InMemory(Default::default()));
    let files = engine.transform(request(Arc::clone(&asked), None)).unwrap();
    let names = files.iter().map(|file| file.file_name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["lib.js", "_virtual.js"]);
    assert_eq!(*asked.0.lock().unwrap(), ["/app/lib.js", "\0virtual"]);
}

#[test]
fn what_it_made_last_time_spares_it_to_ask() {
    let asked = Arc::new(InMemory(Default::default()));
    let files = OneFileAModule.transform(request(Arc::clone(&asked), None)).unwrap();
    asked.0.lock().unwrap().clear();
    let changed = vec!["\0virtual".to_owned()];
    let previous = PreviousResult { files: files.clone(), changed, is_same_plan: true };
    assert_eq!(OneFileAModule.transform(request(Arc::clone(&asked), Some(previous))).unwrap(), files);
    assert_eq!(*asked.0.lock().unwrap(), ["\0virtual"]);
}

#[test]
fn a_dead_module_is_not_there() {
    let error = InMemory(Default::default()).code("/app/dead.js").unwrap_err();
    assert_eq!(error.to_string(), "there is no live module \"/app/dead.js\" in the plan");
}

#[test]
fn a_plan_with_a_field_that_nobody_knows_is_refused() {
    let more = PLAN.replacen('{', "{ \"more\": 1, ", 1);
    let error = serde_json::from_str::<EnginePlan>(&more).unwrap_err();
    assert!(error.to_string().contains("unknown field `more`"), "{error}");
}

#[test]
fn a_plan_survives_the_way_there_and_back() {
    let plan = serde_json::from_str::<EnginePlan>(PLAN).unwrap();
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<EnginePlan>(&text).unwrap(), plan);
}
