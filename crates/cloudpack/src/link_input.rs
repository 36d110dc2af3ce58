//! The graph and the output options as Link sees them.

use crate::options::{
    BuildOptions, EsModuleMarker, ExportsMode, LegalComments, MinifyOption, NamespaceTags, OutputFormat, OutputOptions,
    Platform, SourcemapOption,
};
use crate::plan::Part;
use crate::scan::Scan;
use crate::write::output_dir;
use cloudpack_base::{ChunkIdx, Idx, IndexVec, ModuleIdx, path};
use cloudpack_link::{LinkInput, LinkModule, LinkOptions, ModuleCode};
use cloudpack_plan::LinkPlan;

/// An id as a reader knows it: relative to the project, virtual ones readable.
pub(crate) fn shown_path(id: &str, cwd: &str) -> String {
    if let Some(rest) = id.strip_prefix('\0') {
        return rest.to_owned();
    }
    let (file, query) = path::split_query(id);
    if path::is_absolute(file) { format!("{}{query}", path::relative(cwd, file)) } else { id.to_owned() }
}

/// Every module as Link sees it. Paths are given apart, because they are made here and borrowed there.
pub(crate) fn link_modules<'s>(
    scan: &'s Scan,
    variant: usize,
    paths: &'s IndexVec<ModuleIdx, String>,
    asset_files: &'s IndexVec<ModuleIdx, Option<String>>,
) -> IndexVec<ModuleIdx, LinkModule<'s>> {
    scan.graph
        .modules
        .iter_enumerated()
        .map(|(index, record)| LinkModule {
            id: &record.id,
            path: &paths[index],
            code: record
                .compiled
                .get(variant)
                .map(|compiled| ModuleCode { summary: &compiled.summary, object: &compiled.object }),
            source: (!record.is_external && record.bytes.is_none()).then_some(&*record.source),
            is_left_out: record.is_left_out,
            upstream_map: record.upstream_map.as_ref(),
            asset_file: asset_files.get(index).and_then(Option::as_deref),
        })
        .collect()
}

pub(crate) fn shown_paths(scan: &Scan, cwd: &str) -> IndexVec<ModuleIdx, String> {
    // Modules that nobody loaded have none.
    let shown = |id: &str| if id.is_empty() { String::new() } else { shown_path(id, cwd) };
    scan.graph.modules.iter().map(|record| shown(&record.id)).collect()
}

pub(crate) fn link_input<'a>(
    plan: &'a LinkPlan,
    modules: &'a IndexVec<ModuleIdx, LinkModule<'a>>,
    options: &'a LinkOptions,
    css_files: &'a IndexVec<ChunkIdx, Option<String>>,
    keeps_facts: bool,
) -> LinkInput<'a> {
    LinkInput { plan, modules, options, css_files, keeps_facts, former: None, pass: None }
}

/// The directory that all entries are below, of those that are files. Rollup and Rolldown write the way to a file that was left out
/// as if the output lay there.
fn entries_dir(scan: &Scan) -> String {
    let modules = scan.entries.iter().filter_map(|entry| entry.module);
    let files = modules.map(|module| scan.graph.modules[module].id.as_str()).filter(|id| path::is_absolute(id));
    let folder = files.map(path::dirname).reduce(|common, folder| {
        let same = common.split('/').zip(folder.split('/')).take_while(|(one, other)| one == other);
        let length: usize = same.map(|(part, _)| part.len() + 1).sum();
        common.get(..length.saturating_sub(1)).unwrap_or(common)
    });
    folder.filter(|folder| !folder.is_empty()).unwrap_or("/").to_owned()
}

fn link_format(format: OutputFormat) -> cloudpack_link::Format {
    match format {
        OutputFormat::Es => cloudpack_link::Format::Es,
        OutputFormat::Cjs => cloudpack_link::Format::Cjs,
        OutputFormat::Iife | OutputFormat::Umd => cloudpack_link::Format::Iife,
    }
}

/// Node tells scripts from modules by what their names end with, so a worker is named like the other chunks.
fn name_of_worker_in_node(output: &OutputOptions) -> String {
    output.chunk_file_names.clone().unwrap_or_else(|| {
        let named = [output.file.as_deref(), output.entry_file_names.as_deref()];
        let is_ending = |ending: &&str| named.iter().flatten().any(|name| name.ends_with(ending));
        format!("assets/[name]-[hash]{}", [".mjs", ".cjs"].into_iter().find(is_ending).unwrap_or(".js"))
    })
}

/// `first_chunk`: number of the part's first chunk among those of the output.
pub(crate) fn link_options(
    scan: &Scan,
    options: &BuildOptions,
    output: &OutputOptions,
    part: &Part,
    first_chunk: usize,
) -> LinkOptions {
    let worker = part.worker.is_some();
    // In an application of pages scripts are assets among others and carry hashes.
    let in_assets = crate::emit::has_document(scan) || worker;
    let entry_default = if in_assets { "assets/[name]-[hash].js" } else { "[name].js" };
    let chunk_default = if in_assets { "assets/[name]-[hash].js" } else { "[name]-[hash].js" };
    let file = output.file.as_ref().filter(|_| !worker).map(|file| path::basename(&path::from_native(file)).to_owned());
    // Entries are the plan's first chunks, in their order.
    let explicit_file_names = part
        .entries
        .iter()
        .enumerate()
        .filter_map(|(chunk, entry)| Some((ChunkIdx::from_usize(chunk), scan.entries.get(*entry)?.file_name.clone()?)))
        .collect();
    let chunk_file_names = output.chunk_file_names.clone().unwrap_or_else(|| chunk_default.to_owned());
    let mut own_patterns: Vec<(ChunkIdx, String)> = Vec::new();
    if worker || !output.chunk_patterns.is_empty() {
        let patterns = output.chunk_patterns.iter().skip(first_chunk).take(part.plan.chunks.len());
        own_patterns
            .extend(patterns.enumerate().map(|(chunk, pattern)| (ChunkIdx::from_usize(chunk), pattern.clone())));
    } else if file.is_none() && output.for_engine.is_none() {
        // An entry that a plugin emitted is named like the chunks nobody asked for by name: as in Rollup.
        let emitted =
            part.entries.iter().map(|entry| scan.entries.get(*entry).is_some_and(|entry| entry.reference.is_some()));
        let of_emitted = emitted.enumerate().filter(|(_, is_emitted)| *is_emitted);
        own_patterns.extend(of_emitted.map(|(chunk, _)| (ChunkIdx::from_usize(chunk), chunk_file_names.clone())));
    }
    let addon = |text: &Option<String>| if worker { None } else { text.clone() };
    LinkOptions {
        format: link_format(part.format),
        platform: match options.platform {
            Platform::Browser => cloudpack_link::Platform::Browser,
            Platform::Node => cloudpack_link::Platform::Node,
            Platform::Neutral => cloudpack_link::Platform::Neutral,
        },
        minify: output.minify != MinifyOption::None,
        sourcemap: match output.sourcemap {
            SourcemapOption::None => cloudpack_link::SourcemapMode::None,
            SourcemapOption::File => cloudpack_link::SourcemapMode::File,
            SourcemapOption::Inline => cloudpack_link::SourcemapMode::Inline,
            SourcemapOption::Hidden => cloudpack_link::SourcemapMode::Hidden,
        },
        dir: output_dir(&options.cwd, output),
        place_for_left_out: options.hosted.then(|| entries_dir(scan)),
        for_engine: output.for_engine.as_ref().map(|engine| cloudpack_link::ForEngine {
            mentioned_dir: engine.mentioned_dir.clone(),
            format: link_format(engine.format),
            script_url: engine.script_url.clone(),
        }),
        entry_file_names: file
            .or_else(|| output.entry_file_names.clone().filter(|_| !worker))
            // Modules for an engine mention it as they mention an asset.
            .or_else(|| (worker && output.for_engine.is_some()).then(|| chunk_file_names.clone()))
            .or_else(|| (worker && options.platform == Platform::Node).then(|| name_of_worker_in_node(output)))
            .unwrap_or_else(|| entry_default.to_owned()),
        chunk_file_names,
        banner: addon(&output.banner),
        intro: addon(&output.intro),
        outro: addon(&output.outro),
        footer: addon(&output.footer),
        exports: match output.exports {
            ExportsMode::Auto => cloudpack_link::ExportsMode::Auto,
            ExportsMode::Named => cloudpack_link::ExportsMode::Named,
            ExportsMode::Default => cloudpack_link::ExportsMode::Default,
            ExportsMode::None => cloudpack_link::ExportsMode::None,
        },
        es_module: match output.es_module {
            EsModuleMarker::Always => cloudpack_link::EsModuleMarker::Always,
            EsModuleMarker::Never => cloudpack_link::EsModuleMarker::Never,
            EsModuleMarker::IfDefaultProp => cloudpack_link::EsModuleMarker::IfDefaultProp,
        },
        symbols: match output.symbols {
            NamespaceTags::Namespaces => cloudpack_link::NamespaceTags::Namespaces,
            NamespaceTags::All => cloudpack_link::NamespaceTags::All,
            NamespaceTags::None => cloudpack_link::NamespaceTags::None,
        },
        universal: part.format == OutputFormat::Umd,
        extend: output.extend,
        name: output.name.clone(),
        globals: output.globals.clone(),
        base: options.base.clone(),
        legal_comments: output.legal_comments == LegalComments::Inline,
        preserve_modules: output.preserve_modules && !worker,
        import_map: output.chunk_import_map.is_some() && !worker,
        explicit_file_names,
        own_patterns,
    }
}
