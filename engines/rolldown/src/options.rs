//! What Rolldown is told: the plan in its words. Chunks are groups, names are given by functions, so that no name of its own
//! gets out.

use std::collections::HashMap;
use std::sync::Arc;

use cloudpack_engine::{ChunkKind, EngineChunk, EnginePlan, Exports, Format, LiveModules, Platform, TransformRequest};
use rolldown::{
    BundlerOptions, ChunkFilenamesOutputOption, CodeSplittingMode, GlobalsOutputOption, InlineConstOption, InputItem,
    LogLevel, ManualCodeSplittingOptions, MatchGroup, MatchGroupName, OptimizationOption, OutputExports, OutputFormat,
    RawMinifyOptions, SourceMapType, TsConfig,
};

use crate::modules::{ModuleFiles, ROOT};

pub(crate) fn options(request: &TransformRequest, entries: &[EngineChunk], files: &Arc<ModuleFiles>) -> BundlerOptions {
    let plan = &request.plan;
    let has_common = plan.chunks_of(ChunkKind::Common).next().is_some();
    BundlerOptions {
        input: Some(entries.iter().enumerate().map(|(at, chunk)| input(at, chunk, files)).collect()),
        // What it says of modules is relative to it, and must not tell where a project lies.
        cwd: Some(ROOT.into()),
        // Beside the modules, so that what leads from a map to one of them has their directory in it.
        dir: Some("/__cloudpack_output__".to_owned()),
        platform: Some(platform(plan)),
        log_level: Some(LogLevel::Silent),
        tsconfig: Some(TsConfig::Auto(false)),
        // Constants of other modules stand in the code already, where nobody can read them too early.
        optimization: Some(OptimizationOption {
            inline_const: Some(InlineConstOption::Bool(false)),
            ..Default::default()
        }),
        format: Some(format(plan.format)),
        sourcemap: plan.sourcemap.then_some(SourceMapType::Hidden),
        minify: Some(RawMinifyOptions::Bool(plan.minify)),
        exports: Some(exports(plan.exports)),
        name: plan.name.clone(),
        extend: Some(plan.extend),
        globals: Some(GlobalsOutputOption::FxHashMap(plan.globals.clone().into_iter().collect())),
        external_live_bindings: Some(true),
        entry_filenames: Some(entry_names(entries, &request.modules)),
        chunk_filenames: Some(chunk_names(plan, files, &request.modules)),
        // Modules that a route does not want lie in chunks that it loads: they must not run.
        strict_execution_order: Some(plan.code_splitting && has_common),
        code_splitting: Some(code_splitting(plan, files)),
        ..BundlerOptions::default()
    }
}

fn input(at: usize, chunk: &EngineChunk, files: &ModuleFiles) -> InputItem {
    let import = chunk.entry.as_deref().and_then(|id| files.file(id).ok()).unwrap_or_default();
    InputItem { name: Some(format!("entry-{at}")), import: import.to_owned() }
}

/// `common-3`, `entry-3`: names within Rolldown, which cannot collide with what users call their files.
fn number_of(name: &str, kind: &str) -> Option<usize> {
    name.strip_prefix(kind)?.parse().ok()
}

fn entry_names(entries: &[EngineChunk], modules: &Arc<dyn LiveModules>) -> ChunkFilenamesOutputOption {
    let names = entries.iter().map(|chunk| chunk.file_name.clone()).collect::<Vec<_>>();
    let modules = Arc::clone(modules);
    ChunkFilenamesOutputOption::Fn(Arc::new(move |chunk| {
        let planned = number_of(&chunk.name, "entry-").and_then(|at| names.get(at).cloned());
        let name = planned.map_or_else(|| modules.file_name(&chunk.name), Ok);
        Box::pin(async move { Ok(name?) })
    }))
}

fn chunk_names(
    plan: &EnginePlan,
    files: &Arc<ModuleFiles>,
    modules: &Arc<dyn LiveModules>,
) -> ChunkFilenamesOutputOption {
    let common = plan.chunks_of(ChunkKind::Common).map(|chunk| chunk.file_name.clone()).collect::<Vec<_>>();
    let routes = plan.chunks.iter().filter(|chunk| chunk.kind != ChunkKind::Entry);
    let routes =
        routes.filter_map(|chunk| Some((chunk.entry.clone()?, chunk.file_name.clone()))).collect::<HashMap<_, _>>();
    let (files, modules) = (Arc::clone(files), Arc::clone(modules));
    ChunkFilenamesOutputOption::Fn(Arc::new(move |chunk| {
        let route = chunk.facade_module_id.as_ref().and_then(|file| routes.get(files.id(file)?).cloned());
        let planned = route.or_else(|| number_of(&chunk.name, "common-").and_then(|at| common.get(at).cloned()));
        let name = planned.map_or_else(|| modules.file_name(&plain(&chunk.name)), Ok);
        Box::pin(async move { Ok(name?) })
    }))
}

fn plain(name: &str) -> String {
    name.chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "_-".contains(letter) { letter } else { '_' })
        .collect()
}

fn code_splitting(plan: &EnginePlan, files: &Arc<ModuleFiles>) -> CodeSplittingMode {
    if !plan.code_splitting {
        return CodeSplittingMode::Bool(false);
    }
    let common = plan.chunks_of(ChunkKind::Common).enumerate();
    let groups =
        common.flat_map(|(at, chunk)| chunk.modules.iter().map(move |id| (id.clone(), format!("common-{at}"))));
    let groups = groups.collect::<HashMap<_, _>>();
    let files = Arc::clone(files);
    let name = MatchGroupName::Dynamic(Arc::new(move |file, _| {
        let group = files.id(file).and_then(|id| groups.get(id).cloned());
        Box::pin(async move { Ok(group) })
    }));
    CodeSplittingMode::Advanced(ManualCodeSplittingOptions {
        include_dependencies_recursively: Some(false),
        groups: Some(vec![MatchGroup { name, min_size: Some(0.0), ..MatchGroup::default() }]),
        ..ManualCodeSplittingOptions::default()
    })
}

/// For browsers it would put a value in for `process.env.NODE_ENV`, which was to stay; in ES modules of Node it would import a
/// `require` that nobody asks for.
fn platform(plan: &EnginePlan) -> rolldown::Platform {
    match (plan.platform, plan.format) {
        (Platform::Node, Format::Cjs) => rolldown::Platform::Node,
        _ => rolldown::Platform::Neutral,
    }
}

fn format(format: Format) -> OutputFormat {
    match format {
        Format::Es => OutputFormat::Esm,
        Format::Cjs => OutputFormat::Cjs,
        Format::Iife => OutputFormat::Iife,
        Format::Umd => OutputFormat::Umd,
    }
}

fn exports(exports: Exports) -> OutputExports {
    match exports {
        Exports::Auto => OutputExports::Auto,
        Exports::Named => OutputExports::Named,
        Exports::Default => OutputExports::Default,
        Exports::None => OutputExports::None,
    }
}
