//! Plans -> files of one output: names assets and style sheets, links chunks, finishes documents.

use crate::asset_names::AssetNames;
use crate::documents;
use crate::import_map;
use crate::kept_link::{OutputFacts, PartFacts};
use crate::link_input::{link_input, link_modules, link_options, shown_paths};
use crate::minify_chunks::ChunkMinifier;
use crate::options::{BuildOptions, OutputOptions};
use crate::output::{OutputAsset, OutputBundle, OutputChunk, OutputFile, RenderedModule};
use crate::plan::Part;
use crate::protocol::{Answer, ReplacedChunk};
use crate::scan::Scan;
use crate::style_sheets;
use cloudpack_base::{ChunkIdx, Diagnostic, IndexVec, ModuleIdx, path};
use cloudpack_link::{ChunkChange, ChunkPass, FinalChunk, LinkOptions, LinkedOutput, finalize, link};
use cloudpack_object::AssetObject;
use cloudpack_plan::{ChunkKind, ChunkPlan, LinkPlan};
use cloudpack_summary::{ModuleFormat, SymbolKind};
use std::sync::Arc;

/// A linked output that waits for final names.
pub(crate) struct Pending {
    variant: usize,
    parts: Vec<PendingPart>,
    /// Emitted file of each module that has one.
    pub(crate) asset_files: IndexVec<ModuleIdx, Option<String>>,
    names: AssetNames,
    /// Finished before linking: assets, style sheets, self-contained workers.
    files: Vec<OutputFile>,
    keeps_facts: bool,
}

struct PendingPart {
    part: Part,
    linked: LinkedOutput,
    options: LinkOptions,
    css_files: IndexVec<ChunkIdx, Option<String>>,
}

impl Pending {
    pub(crate) fn rendered_modules(&self) -> u32 {
        self.parts.iter().flat_map(|pending| &pending.part.plan.chunks).map(|chunk| chunk.modules.len() as u32).sum()
    }

    pub(crate) fn chunks(&self) -> u32 {
        self.parts.iter().map(|pending| pending.part.plan.chunks.len() as u32).sum()
    }

    /// Modules of which no part has anything left.
    pub(crate) fn dead_modules(&self) -> u32 {
        (0..self.asset_files.len())
            .filter(|index| {
                let index = ModuleIdx(*index as u32);
                !self.parts.iter().any(|pending| pending.part.plan.modules.get(index).is_some_and(|module| module.live))
            })
            .count() as u32
    }
}

/// Faults of the output options that can be seen before anything is built.
pub(crate) fn check_outputs(options: &BuildOptions, faults: &mut Vec<Diagnostic>) {
    for output in &options.output {
        check_output(options, output, faults);
    }
}

pub(crate) fn check_output(options: &BuildOptions, output: &OutputOptions, faults: &mut Vec<Diagnostic>) {
    if output.file.is_some() && output.dir.is_some() {
        faults.push(
            Diagnostic::error("INVALID_OPTION", "output.file and output.dir exclude each other")
                .with_hint("Use dir when the build makes several files, file when it makes one"),
        );
    }
    let is_one_file = output.file.is_some() || output.format.is_script() || output.code_splitting.is_off();
    if let Some(map) = &output.chunk_import_map {
        if is_one_file || output.format != crate::options::OutputFormat::Es {
            let message = "output.chunkImportMap is for files that import each other, and this output has none";
            faults.push(
                Diagnostic::error("INVALID_OPTION", message)
                    .with_hint("Use format \"es\" with output.dir, and leave code splitting on"),
            );
        }
        let leaves =
            |name: &str| path::is_absolute(name) || name.split('/').any(|part| matches!(part, "" | "." | ".."));
        if map.file_name.as_deref().is_some_and(leaves) {
            let message = "output.chunkImportMap.fileName must be a path inside of the output directory";
            faults.push(Diagnostic::error("INVALID_OPTION", message));
        }
    }
    if output.preserve_modules && is_one_file {
        let message = "output.preserveModules makes a file of each module, and this output is one file";
        faults.push(
            Diagnostic::error("INVALID_OPTION", message)
                .with_hint("Use format \"es\" or \"cjs\" with output.dir, and leave code splitting on"),
        );
    }
    faults.extend(output.code_splitting.faults());
    if output.file.is_some() && options.input.len() > 1 {
        faults.push(
            Diagnostic::error("INVALID_OPTION", "output.file holds one entry, and there are several")
                .with_hint("Use output.dir with output.entryFileNames"),
        );
    }
}

pub(crate) fn link_output(
    scan: &Scan,
    options: &BuildOptions,
    output: &OutputOptions,
    variant: usize,
    parts: Vec<Part>,
    keeps_facts: bool,
    minifier: Option<&ChunkMinifier<'_>>,
    faults: &mut Vec<Diagnostic>,
) -> Pending {
    let mut pending = Pending {
        variant,
        parts: Vec::with_capacity(parts.len()),
        asset_files: IndexVec::filled(None, scan.graph.modules.len()),
        names: AssetNames::default(),
        files: Vec::new(),
        keeps_facts,
    };
    let pattern = asset_pattern(output);
    let paths = shown_paths(scan, &options.cwd);
    for part in &parts {
        emit_assets(scan, &part.plan, pattern, &mut pending);
    }
    let mut first_chunk = 0;
    for part in parts {
        // A style sheet's name is final before the chunks that wait for it are linked.
        let css_files = emit_style_sheets(scan, options, output, &part.plan, pattern, &mut pending);
        let link_options = link_options(scan, options, output, &part, first_chunk);
        if part.worker.is_none() {
            first_chunk += part.plan.chunks.len();
        }
        let asset_files = pending.asset_files.clone();
        let modules = link_modules(scan, variant, &paths, &asset_files);
        let mut input = link_input(&part.plan, &modules, &link_options, &css_files, keeps_facts);
        let minifier = minifier.map(|minifier| minifier.for_format(part.format));
        input.pass = minifier.as_ref().map(|minifier| minifier as &dyn ChunkPass);
        let mut linked = link(&input);
        faults.append(&mut linked.diagnostics);
        let Some(worker) = part.worker else {
            pending.parts.push(PendingPart { part, linked, options: link_options, css_files });
            continue;
        };
        let finished = finalize(&input, linked, Vec::new());
        faults.extend(finished.diagnostics);
        for (index, chunk) in finished.chunks.iter_enumerated() {
            let (chunk, map_file) = chunk_files(scan, &part, variant, index, chunk, &css_files, &pending.asset_files);
            pending.files.push(OutputFile::Chunk(Box::new(chunk)));
            pending.files.extend(map_file.map(OutputFile::Asset));
        }
        let entry = finished.chunks.iter().next().map(|chunk| chunk.file_name.clone());
        if let Some(slot) = pending.asset_files.get_mut(worker) {
            *slot = entry;
        }
    }
    pending
}

pub(crate) fn asset_pattern(output: &OutputOptions) -> &str {
    output.asset_file_names.as_deref().unwrap_or("assets/[name]-[hash][extname]")
}

/// Files of the live assets of a plan.
fn emit_assets(scan: &Scan, plan: &LinkPlan, pattern: &str, pending: &mut Pending) {
    for (index, planned) in plan.modules.iter_enumerated() {
        let record = &scan.graph.modules[index];
        let Some(compiled) = record.compiled.get(pending.variant) else { continue };
        let is_file = matches!(compiled.object.asset.as_deref(), Some(AssetObject::File));
        if !planned.live || !is_file || pending.asset_files[index].is_some() {
            continue;
        }
        let file = path::split_query(&record.id).0;
        let original = path::basename(file);
        let source: Arc<[u8]> = match &record.bytes {
            Some(bytes) => Arc::clone(bytes),
            None => Arc::from(record.source.as_bytes()),
        };
        let name = pending.names.name(pattern, original, record.content_hash());
        let known = pending.files.iter().any(|file| file.file_name() == name);
        if !known {
            pending.files.push(OutputFile::Asset(OutputAsset {
                file_name: name.clone(),
                names: vec![original.to_owned()],
                original_file_names: vec![file.to_owned()],
                source,
            }));
        }
        pending.asset_files[index] = Some(name);
    }
}

fn emit_style_sheets(
    scan: &Scan,
    options: &BuildOptions,
    output: &OutputOptions,
    plan: &LinkPlan,
    pattern: &str,
    pending: &mut Pending,
) -> IndexVec<ChunkIdx, Option<String>> {
    let mut css_files = IndexVec::filled(None, plan.chunks.len());
    for (index, chunk) in plan.chunks.iter_enumerated() {
        if chunk.css.is_empty() {
            continue;
        }
        let original = format!("{}.css", path::basename(&chunk.name));
        let sheet = style_sheets::sheet(
            scan,
            options,
            output,
            chunk,
            &original,
            pattern,
            pending.variant,
            &pending.asset_files,
        );
        let content = cloudpack_base::ContentHash::of(sheet.as_bytes());
        let name = pending.names.name(pattern, &original, content);
        if !pending.files.iter().any(|file| file.file_name() == name) {
            pending.files.push(OutputFile::Asset(OutputAsset {
                file_name: name.clone(),
                names: vec![original],
                original_file_names: Vec::new(),
                source: Arc::from(sheet.into_bytes()),
            }));
        }
        css_files[index] = Some(name);
    }
    css_files
}

/// Chunks as `renderChunk` sees them.
pub(crate) fn preliminary_chunks(scan: &Scan, pending: &Pending) -> Vec<OutputChunk> {
    let mut chunks = Vec::new();
    for PendingPart { part, linked, css_files, .. } in &pending.parts {
        for (index, rendered) in linked.chunks.iter_enumerated() {
            let as_final = FinalChunk {
                file_name: rendered.preliminary_file_name.clone(),
                preliminary_file_name: rendered.preliminary_file_name.clone(),
                code: rendered.code.clone(),
                map: None,
                map_file_name: None,
                exports: rendered.exports.clone(),
                imports: rendered.imports.clone(),
                dynamic_imports: rendered.dynamic_imports.clone(),
                modules: rendered.modules.clone(),
                mapped_name: None,
                facts: None,
            };
            chunks.push(output_chunk(scan, part, pending.variant, index, &as_final, css_files, &pending.asset_files));
        }
    }
    chunks
}

pub(crate) fn finalize_output(
    scan: &Scan,
    options: &BuildOptions,
    output: &OutputOptions,
    pending: Pending,
    replaced: Vec<ReplacedChunk>,
    assets: Vec<Answer>,
    faults: &mut Vec<Diagnostic>,
) -> (OutputBundle, Option<OutputFacts>) {
    let Pending { variant, parts, asset_files, mut names, mut files, keeps_facts } = pending;
    let keeps_facts = keeps_facts && assets.is_empty();
    let mut facts: Option<Vec<PartFacts>> = keeps_facts.then(Vec::new);
    let paths = shown_paths(scan, &options.cwd);
    let modules = link_modules(scan, variant, &paths, &asset_files);
    let mut done: Vec<OutputFile> = Vec::new();
    let mut mapped: Vec<(String, String)> = Vec::new();
    for PendingPart { part, linked, options: link_options, css_files } in parts {
        let changes: Vec<ChunkChange> = linked
            .chunks
            .iter()
            .map(|chunk| {
                let change = replaced.iter().find(|change| change.preliminary_file_name == chunk.preliminary_file_name);
                change.map_or_else(ChunkChange::default, |change| ChunkChange {
                    code: change.code.clone(),
                    map: change.map.clone(),
                    extra_hash: change.hash_augmentation.clone(),
                })
            })
            .collect();
        let input = link_input(&part.plan, &modules, &link_options, &css_files, keeps_facts);
        let mut finished = finalize(&input, linked, changes);
        faults.extend(finished.diagnostics);
        let chunks = finished.chunks.iter_mut().map(|chunk| chunk.facts.take()).collect::<Option<Vec<_>>>();
        facts = facts.zip(chunks).map(|(mut parts, chunks)| {
            parts.push(PartFacts { chunks: chunks.into_iter().map(Arc::new).collect(), css_files: css_files.clone() });
            parts
        });
        for (index, chunk) in finished.chunks.iter_enumerated() {
            if documents::is_empty_document_chunk(scan, &part, index, chunk) {
                continue;
            }
            let (chunk, map_file) = chunk_files(scan, &part, variant, index, chunk, &css_files, &asset_files);
            if options.hosted && chunk.is_entry && is_empty(&chunk) {
                let message = format!("Chunk \"{}\" is empty", chunk.name);
                faults.push(Diagnostic::warning("EMPTY_BUNDLE", message));
            }
            done.push(OutputFile::Chunk(Box::new(chunk)));
            done.extend(map_file.map(OutputFile::Asset));
        }
        let part_files =
            documents::PartFiles { chunks: &finished.chunks, css_files: &css_files, asset_files: &asset_files };
        documents::emit_documents(scan, options, &part, variant, &part_files, &mut files);
        mapped.extend(import_map::mapped_files(scan, &part, &finished.chunks));
    }
    files.extend(import_map::emit(options, output, mapped));
    for file in done.iter().chain(&files) {
        names.reserve(file.file_name());
    }
    emit_plugin_assets(output, assets, &mut names, &mut files, faults);
    files.sort_by(|left, right| left.file_name().cmp(right.file_name()));
    done.extend(files);
    // Entry chunks, dynamic entries, common chunks, then assets; each already sorted or in plan order.
    done.sort_by_key(|file| match file {
        OutputFile::Chunk(chunk) if chunk.is_entry => 0,
        OutputFile::Chunk(chunk) if chunk.is_dynamic_entry => 1,
        OutputFile::Chunk(_) => 2,
        OutputFile::Asset(_) | OutputFile::Kept(_) => 3,
    });
    let facts = facts.map(|parts| OutputFacts {
        parts,
        asset_files: asset_files.iter_enumerated().filter_map(|(module, file)| Some((module, file.clone()?))).collect(),
    });
    (OutputBundle { files: done }, facts)
}

/// `this.emitFile({ type: "asset" })`.
fn emit_plugin_assets(
    output: &OutputOptions,
    assets: Vec<Answer>,
    names: &mut AssetNames,
    files: &mut Vec<OutputFile>,
    faults: &mut Vec<Diagnostic>,
) {
    for answer in assets {
        let Answer::EmitAsset { name, file_name, source, is_base64, .. } = answer else { continue };
        let bytes = if is_base64 {
            match data_encoding::BASE64.decode(source.as_bytes()) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let message = format!("An asset that a plugin emitted is not base64: {error}");
                    faults.push(Diagnostic::error("INVALID_ASSET", message));
                    continue;
                }
            }
        } else {
            source.into_bytes()
        };
        let original = name.unwrap_or_else(|| "asset".to_owned());
        let file_name = file_name
            .unwrap_or_else(|| names.name(asset_pattern(output), &original, cloudpack_base::ContentHash::of(&bytes)));
        // A fixed name emitted again replaces what was there.
        files.retain(|file| file.file_name() != file_name);
        files.push(OutputFile::Asset(OutputAsset {
            file_name,
            names: vec![original],
            original_file_names: Vec::new(),
            source: Arc::from(bytes),
        }));
    }
}

/// A chunk and the file of its map.
pub(crate) fn chunk_files(
    scan: &Scan,
    part: &Part,
    variant: usize,
    index: ChunkIdx,
    chunk: &FinalChunk,
    css_files: &IndexVec<ChunkIdx, Option<String>>,
    asset_files: &IndexVec<ModuleIdx, Option<String>>,
) -> (OutputChunk, Option<OutputAsset>) {
    let map_file = chunk.map_file_name.as_ref().zip(chunk.map.as_ref());
    let map_file = map_file.map(|(name, map)| map_asset(name.clone(), map));
    (output_chunk(scan, part, variant, index, chunk, css_files, asset_files), map_file)
}

fn is_empty(chunk: &OutputChunk) -> bool {
    chunk.imports.is_empty()
        && chunk.exports.is_empty()
        && chunk.modules.iter().all(|module| module.rendered_length == 0)
}

pub(crate) fn map_asset(file_name: String, map: &str) -> OutputAsset {
    OutputAsset { file_name, names: Vec::new(), original_file_names: Vec::new(), source: Arc::from(map.as_bytes()) }
}

fn output_chunk(
    scan: &Scan,
    part: &Part,
    variant: usize,
    index: ChunkIdx,
    chunk: &FinalChunk,
    css_files: &IndexVec<ChunkIdx, Option<String>>,
    asset_files: &IndexVec<ModuleIdx, Option<String>>,
) -> OutputChunk {
    let planned: &ChunkPlan = &part.plan.chunks[index];
    let css_file_name = css_files.get(index).cloned().flatten();
    let mut referenced_files: Vec<String> =
        planned.modules.iter().filter_map(|module| asset_files.get(*module).cloned().flatten()).collect();
    referenced_files.extend(css_file_name.clone());
    referenced_files.sort_unstable();
    referenced_files.dedup();
    OutputChunk {
        file_name: chunk.file_name.clone(),
        preliminary_file_name: chunk.preliminary_file_name.clone(),
        name: planned.name.clone(),
        is_entry: planned.kind == ChunkKind::Entry,
        is_dynamic_entry: matches!(planned.kind, ChunkKind::DynamicEntry | ChunkKind::Worker),
        facade_module_id: planned.entry.map(|module| scan.graph.modules[module].id.clone()),
        module_ids: chunk.modules.iter().map(|module| scan.graph.modules[module.module].id.clone()).collect(),
        modules: chunk
            .modules
            .iter()
            .map(|module| rendered_module(scan, &part.plan, variant, module.module, module.rendered_length))
            .collect(),
        exports: chunk.exports.clone(),
        imports: chunk.imports.iter().map(|import| import.file.clone()).collect(),
        dynamic_imports: chunk.dynamic_imports.clone(),
        imported_bindings: chunk.imports.iter().map(|import| (import.file.clone(), import.names.clone())).collect(),
        referenced_files,
        css_file_name,
        sourcemap_file_name: chunk.map_file_name.clone(),
        code: Arc::from(chunk.code.as_str()),
        map: chunk.map.as_deref().map(Arc::from),
    }
}

fn rendered_module(
    scan: &Scan,
    plan: &LinkPlan,
    variant: usize,
    module: ModuleIdx,
    rendered_length: u32,
) -> RenderedModule {
    let record = &scan.graph.modules[module];
    let mut rendered =
        RenderedModule { rendered_length, original_length: record.source_length, ..RenderedModule::default() };
    let Some(compiled) = record.compiled.get(variant) else { return rendered };
    for export in &compiled.summary.local_exports {
        let live = match compiled.summary.symbols.get(export.symbol).map(|symbol| &symbol.kind) {
            Some(SymbolKind::Declared { section, .. }) => plan.modules[module].live_sections.contains(*section),
            _ => true,
        };
        let list = if live { &mut rendered.rendered_exports } else { &mut rendered.removed_exports };
        list.push(export.exported.to_string());
    }
    rendered
}

/// Whether a module is an HTML document.
pub(crate) fn is_document(scan: &Scan, module: ModuleIdx) -> bool {
    scan.graph.modules[module].compiled.first().is_some_and(|compiled| compiled.summary.format == ModuleFormat::Html)
}

pub(crate) fn has_document(scan: &Scan) -> bool {
    scan.entries.iter().filter_map(|entry| entry.module).any(|module| is_document(scan, module))
}
