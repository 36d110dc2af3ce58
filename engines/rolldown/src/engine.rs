//! The order of a build: live modules in, files out. Rolldown works on threads of its own; whoever calls waits.

use std::sync::{Arc, Mutex, PoisonError};

use cloudpack_engine::{
    ChunkKind, EngineChunk, EngineCode, EngineError, EngineFile, FileContent, TransformEngine, TransformRequest,
};
use rolldown::BundlerBuilder;
use rolldown_common::{Output, OutputChunk};
use rolldown_error::DiagnosticOptions;
use tokio::runtime::Runtime;

use crate::modules::{LivePlugin, ModuleFiles, ROOT};
use crate::options::options;
use crate::panics::guarded;

/// As that of the core's threads: a module that it could read can be read here. Memory is taken where a stack really grows.
const STACK_BYTES: usize = 256 << 20;

/// Of the threads that work for it.
const NAME: &str = "cloudpack-rolldown";

pub(crate) struct RolldownEngine {
    has_pool: Mutex<bool>,
    busy: Mutex<()>,
}

impl RolldownEngine {
    pub(crate) const fn new() -> Self {
        Self { has_pool: Mutex::new(false), busy: Mutex::new(()) }
    }

    /// Threads of one run, and those of all runs where there are none yet.
    fn threads(&self) -> Result<Runtime, EngineError> {
        let no_threads = |error: &dyn std::fmt::Display| EngineError::Host(format!("it got no threads: {error}"));
        let mut has_pool = self.has_pool.lock().unwrap_or_else(PoisonError::into_inner);
        if !*has_pool {
            // Without a handler, a panic that nobody waits for ends the process; the hook knows of it already.
            let pool = rayon::ThreadPoolBuilder::new().panic_handler(|_| {});
            let pool = pool.thread_name(|at| format!("{NAME}-{at}")).stack_size(STACK_BYTES);
            pool.build_global().map_err(|error| no_threads(&error))?;
            *has_pool = true;
        }
        let made = tokio::runtime::Builder::new_multi_thread().thread_name(NAME).thread_stack_size(STACK_BYTES).build();
        made.map_err(|error| no_threads(&error))
    }

    /// One run of Rolldown over some of the entries.
    fn run(&self, request: &TransformRequest, entries: &[EngineChunk]) -> Result<Vec<EngineFile>, EngineError> {
        let files = Arc::new(ModuleFiles::new(&request.plan));
        let plugin = LivePlugin::new(Arc::clone(&files), Arc::clone(&request.modules));
        let options = options(request, entries, &files);
        let made = guarded(self.threads()?, async {
            let mut bundler =
                BundlerBuilder::default().with_options(options).with_plugins(vec![Arc::new(plugin)]).build()?;
            let output = bundler.generate().await;
            bundler.close().await?;
            output
        });
        let output = made.map_err(EngineError::Panicked)?.map_err(|faults| {
            let words = DiagnosticOptions { cwd: ROOT.into() };
            let said = faults.into_vec();
            EngineError::Refused(
                said.iter().map(|fault| fault.to_diagnostic_with(&words).convert_to_string(false)).collect(),
            )
        })?;
        Ok(output.assets.iter().filter_map(|file| chunk_of(file).map(|chunk| engine_file(chunk, &files))).collect())
    }
}

impl TransformEngine for RolldownEngine {
    fn name(&self) -> &str {
        "rolldown"
    }

    fn version(&self) -> &str {
        env!("ROLLDOWN_VERSION")
    }

    fn transform(&self, request: TransformRequest) -> Result<Vec<EngineFile>, EngineError> {
        // Each run takes all cores; and of two at a time nobody could say whose a panic is.
        let _turn = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = request.plan.chunks_of(ChunkKind::Entry).cloned().collect::<Vec<_>>();
        if request.plan.code_splitting {
            return self.run(&request, &entries);
        }
        // One file with everything for each entry.
        let runs = entries.chunks(1).map(|entry| self.run(&request, entry)).collect::<Result<Vec<_>, _>>()?;
        Ok(runs.into_iter().flatten().collect())
    }
}

fn chunk_of(output: &Output) -> Option<&OutputChunk> {
    match output {
        Output::Chunk(chunk) => Some(chunk),
        Output::Asset(_) => None,
    }
}

fn engine_file(chunk: &OutputChunk, files: &ModuleFiles) -> EngineFile {
    let texts = |list: &[_]| list.iter().map(ToString::to_string).collect();
    let code = EngineCode {
        code: chunk.code.clone(),
        map: chunk.map.clone().map(|mut map| {
            let sources = map.get_sources().map(|source| ModuleFiles::file_of(source).to_owned()).collect::<Vec<_>>();
            map.set_sources(sources);
            map.to_json_string()
        }),
        modules: chunk.module_ids.iter().filter_map(|file| files.id(file).map(str::to_owned)).collect(),
        imports: texts(&chunk.imports),
        dynamic_imports: texts(&chunk.dynamic_imports),
        exports: chunk.exports.iter().map(ToString::to_string).collect(),
    };
    EngineFile { file_name: chunk.filename.to_string(), content: FileContent::Code(code) }
}
