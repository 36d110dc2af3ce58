//! A build after which little is different: the bodies of some modules changed, and no module looks to the others as it did
//! not before. Then graph and plans are those of the last build, chunks without a changed module keep their text, and
//! nothing is decoded but the changed chunks' modules and what these mention.
//!
//! What is decoded is a small graph with small plans (`warm_graph.rs`), so that the code which links a whole build links this
//! one. Whoever finds something that it cannot do says `None`, and the build is made with the whole graph.

use crate::documents::{PartFiles, emit_documents};
use crate::emit::{chunk_files, has_document, map_asset};
use crate::graph::ModuleRecord;
use crate::import_map::{self, Mapped};
use crate::kept_graph::{KeptGraph, Taken, keep_module, read_sources, take_up};
use crate::kept_link::{LinkState, OutputFacts, PartFacts, open_parts};
use crate::kept_output::{KeptFile, KeptOutput, description_of};
use crate::link_input::{link_input, link_modules, link_options};
use crate::minify_chunks::ChunkMinifier;
use crate::options::{BuildOptions, OutputOptions, SourcemapOption};
use crate::output::{OutputAsset, OutputChunk, OutputFile};
use crate::paged::Bytes;
use crate::scan::{Scan, ScanContext};
use crate::seeded_faults::{Edge, is_dropped};
use crate::warm_graph::{WarmGraph, WarmModule, WarmPart};
use cloudpack_base::{ChunkIdx, ContentHash, IndexVec, ModuleIdx, path};
use cloudpack_fs::FileSystem;
use cloudpack_link::{
    ChunkFacts, ChunkPass, FinalChunk, Former, KnownNames, LinkModule, ModuleCode, Outcome, RenderedModule, map_url,
    relink,
};
use cloudpack_plan::{BitSet, ModulePlan};
use cloudpack_store::Key;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// The last build, as far as it is known without decoding it.
pub(crate) struct KnownBuild<'l> {
    pub(crate) graph: KeptGraph<'l>,
    /// The plans of each output, encoded.
    pub(crate) plans: Vec<Bytes<'l>>,
    pub(crate) link: &'l LinkState,
    pub(crate) outputs: &'l [Arc<KeptOutput>],
    /// What the build before had in memory, if it was one of this process.
    pub(crate) warm: &'l Mutex<Option<WarmGraph>>,
    /// Paths of files that changed.
    pub(crate) changed: &'l FxHashSet<&'l str>,
}

/// What is new.
pub(crate) struct Relinked {
    /// The files of each output.
    pub(crate) outputs: Vec<Vec<OutputFile>>,
    pub(crate) link: LinkState,
    pub(crate) summarized: u32,
    pub(crate) rendered: u32,
    pub(crate) chunks_linked: u32,
    pub(crate) chunks_minified: u32,
    /// For the next build of this process.
    pub(crate) warm: Option<WarmGraph>,
    /// Ids of the changed modules, and whether they had to be compiled.
    pub(crate) changed: Vec<(String, bool)>,
    /// For the store.
    pub(crate) records: Vec<(Key, Vec<u8>)>,
}

/// `scan` has its entries and nothing else. `None`: the graph is needed as a whole.
/// Cost: a step a chunk and an emitted file; decoding and linking the chunks that changed.
pub(crate) fn relink_changed(
    last: &KnownBuild<'_>,
    options: &BuildOptions,
    mut scan: Scan,
    context: &ScanContext<'_>,
) -> Option<Relinked> {
    let graph = &last.graph;
    if graph.entries().len() != scan.entries.len() {
        return None;
    }
    let taken = take_changed(last, context)?;
    // Beyond this point what is in memory is that of this build: whoever gives up lets it go.
    let known = last.warm.lock().unwrap_or_else(PoisonError::into_inner).take();
    let mut warm = known.or_else(|| WarmGraph::new(graph, &last.plans))?;
    scan.started = scan.entries.len();
    let mut edited = last.link.edited.clone();
    let (mut changed, mut summarized, mut ids) = (Vec::with_capacity(taken.len()), 0, Vec::with_capacity(taken.len()));
    for (index, taken) in taken {
        summarized += u32::from(!taken.is_reused);
        let mut record = ModuleRecord::default();
        taken.put(&graph.module(index)?, &graph.path(index)?, &mut record);
        edited.insert(index.0, keep_module(&record)?);
        ids.push((record.id.clone(), record.is_compiled));
        warm.modules.insert(index, WarmModule::new(record, context));
        changed.push(index);
    }
    warm.load(graph.documents().iter().copied(), graph, context)?;
    let always = warm.with_targets(graph.documents());

    let mut made = Relinked {
        outputs: Vec::new(),
        link: LinkState::default(),
        summarized,
        rendered: 0,
        chunks_linked: 0,
        chunks_minified: 0,
        warm: None,
        changed: ids,
        records: Vec::new(),
    };
    for (index, output) in options.output.iter().enumerate() {
        let facts = last.link.outputs.get(index)?.as_ref()?;
        let kept = last.outputs.get(index)?;
        let variant = context.compile.compile.variant_for(output).unwrap_or(0);
        let mut again = Output {
            options,
            output,
            fs: context.fs,
            variant,
            kept,
            facts,
            minifier: ChunkMinifier::of(output, variant, &context.compile),
            made: FxHashMap::default(),
            mapped: Vec::new(),
            first_chunk: 0,
            rendered: 0,
            chunks_linked: 0,
        };
        let mut known = facts.parts.iter();
        let mut parts = Vec::with_capacity(facts.parts.len());
        for (number, part) in open_parts(*last.plans.get(index)?)?.iter().enumerate() {
            let planned = warm.parts.get_mut(index)?.get_mut(number)?;
            let wanted = planned.chunks_of(part, &changed)?;
            if planned.part.worker.is_none() {
                let facts = known.next()?;
                planned.approach(part, again.wanted(facts, wanted), &always)?;
                let modules = planned.near.modules.whole().to_vec();
                warm.load(modules, graph, context)?;
                parts.push(again.link(facts, graph.entries(), &mut warm, (index, number), &mut scan)?);
            } else if !wanted.is_empty() {
                // The name of a worker's file is part of the text of others.
                return None;
            }
        }
        let map = import_map::emit(options, output, std::mem::take(&mut again.mapped))
            .map(|map| (map.file_name().to_owned(), map));
        again.made.extend(map);
        made.rendered += again.rendered;
        made.chunks_linked += again.chunks_linked;
        if let Some((minified, records)) = again.minifier.take().map(ChunkMinifier::finish) {
            made.chunks_minified += minified;
            made.records.extend(records);
        }
        made.outputs.push(again.files()?);
        made.link.outputs.push(Some(OutputFacts { parts, asset_files: facts.asset_files.clone() }));
    }
    made.link.edited = edited;
    made.warm = (!warm.is_large()).then_some(warm);
    Some(made)
}

/// Changed modules as they are now. `None`: some file is no module, or some module is not what it was to the others.
fn take_changed(last: &KnownBuild<'_>, context: &ScanContext<'_>) -> Option<Vec<(ModuleIdx, Taken)>> {
    let graph = &last.graph;
    let mut indices: Vec<ModuleIdx> = Vec::with_capacity(last.changed.len());
    for path in last.changed {
        let made_of = graph.made_of(path).filter(|made_of| !made_of.is_empty())?;
        indices.extend(made_of);
    }
    indices.sort_unstable();
    indices
        .par_iter()
        .map(|index| {
            let taken = take_up(&graph.module(*index)?, &graph.path(*index)?, true, context)?;
            let is_same = taken.is_same || is_dropped(Edge::Plans) && !taken.asks_anew;
            (is_same && taken.is_plain()).then_some((*index, taken))
        })
        .collect()
}

/// One output that is linked again.
struct Output<'o> {
    options: &'o BuildOptions,
    output: &'o OutputOptions,
    fs: &'o dyn FileSystem,
    variant: usize,
    kept: &'o Arc<KeptOutput>,
    facts: &'o OutputFacts,
    minifier: Option<ChunkMinifier<'o>>,
    /// What was made, by the names that the files had.
    made: FxHashMap<String, OutputFile>,
    mapped: Vec<Mapped>,
    /// Chunks of the parts before.
    first_chunk: usize,
    rendered: u32,
    chunks_linked: u32,
}

impl Output<'_> {
    /// The chunks that are linked again. `changed`: those that hold changed modules.
    fn wanted(&self, facts: &PartFacts, changed: BitSet<ChunkIdx>) -> BitSet<ChunkIdx> {
        let mut wanted = changed;
        let is_lost = |name: &str| self.kept.find(name).is_some_and(|entry| !entry.is_whole);
        if self.kept.entries.iter().any(|entry| !entry.is_whole) {
            for (chunk, facts) in facts.chunks.iter_enumerated() {
                if is_lost(&facts.file_name) || is_lost(&map_name(&facts.file_name)) {
                    wanted.insert(chunk);
                }
            }
        }
        wanted
    }

    /// Links what a part was made ready for. Gives what the next build needs.
    fn link(
        &mut self,
        facts: &PartFacts,
        entries: &[Option<ModuleIdx>],
        warm: &mut WarmGraph,
        (output, number): (usize, usize),
        scan: &mut Scan,
    ) -> Option<PartFacts> {
        let mut names = warm.parts.get_mut(output)?.get_mut(number)?.names.take();
        let planned = warm.parts.get(output)?.get(number)?;
        let numbers = &planned.near.modules;
        for (entry, module) in scan.entries.iter_mut().zip(entries) {
            entry.module = module.and_then(|module| numbers.find(module));
        }
        let mut paths: IndexVec<ModuleIdx, String> = IndexVec::with_capacity(numbers.whole().len() + 1);
        let mut targets = Vec::with_capacity(numbers.whole().len());
        scan.graph.modules = IndexVec::with_capacity(numbers.whole().len() + 1);
        for module in numbers.whole() {
            let (record, path, of_requests) = warm.modules.get_mut(module)?.lend(numbers);
            scan.graph.modules.push(record);
            paths.push(path);
            targets.push(of_requests);
        }
        scan.graph.modules.push(ModuleRecord::default());
        paths.push(String::new());
        if self.output.sourcemap != SourcemapOption::None {
            let plans = &planned.part.plan.modules;
            let is_made = |module| {
                let chunk = plans.get(module).and_then(|plan| plan.chunk);
                chunk.is_some_and(|chunk| planned.near.wanted.contains(chunk))
            };
            read_sources(scan, self.options, self.fs, is_made);
        }
        let made = self.link_part(facts, planned, &mut names, &paths, scan);
        let records = std::mem::take(&mut scan.graph.modules).into_vec().into_iter().zip(paths.into_vec());
        for ((module, (record, path)), targets) in numbers.whole().iter().zip(records).zip(targets) {
            warm.modules.get_mut(module)?.put_back(record, path, targets);
        }
        warm.parts.get_mut(output)?.get_mut(number)?.names = names;
        made
    }

    fn link_part(
        &mut self,
        facts: &PartFacts,
        planned: &WarmPart,
        names: &mut Option<KnownNames>,
        paths: &IndexVec<ModuleIdx, String>,
        scan: &Scan,
    ) -> Option<PartFacts> {
        let (part, near) = (&planned.part, &planned.near);
        if facts.chunks.len() != part.plan.chunks.len() {
            return None;
        }
        let mut asset_files: IndexVec<ModuleIdx, Option<String>> = IndexVec::filled(None, scan.graph.modules.len());
        for (module, file) in &self.facts.asset_files {
            if let Some(slot) = near.modules.find(*module).and_then(|module| asset_files.get_mut(module)) {
                *slot = Some(file.clone());
            }
        }
        let modules = link_modules(scan, self.variant, paths, &asset_files);
        if !fits(&part.plan.modules, &modules) {
            return None;
        }
        let link_options = link_options(scan, self.options, self.output, part, self.first_chunk);
        self.first_chunk += part.plan.chunks.len();
        let number = |symbol| near.modules.of_symbol(symbol);
        let (wanted, chunks) = (near.wanted.clone(), near.chunks.clone());
        let former = Former { wanted, near: chunks, chunks: &facts.chunks, number: &number };
        let mut input = link_input(&part.plan, &modules, &link_options, &facts.css_files, true);
        input.former = Some(&former);
        let minifier = self.minifier.as_ref().map(|minifier| minifier.for_format(part.format));
        input.pass = minifier.as_ref().map(|minifier| minifier as &dyn ChunkPass);
        let outcomes = relink(&input, names)?;

        let names: FxHashMap<&str, &str> = former
            .chunks
            .iter()
            .zip(&outcomes)
            .filter_map(|(former, outcome)| Some((former.file_name.as_str(), outcome.facts()?.file_name.as_str())))
            .collect();
        let mut next: Vec<Arc<ChunkFacts>> = Vec::with_capacity(outcomes.len());
        for ((index, former), outcome) in former.chunks.iter_enumerated().zip(&outcomes) {
            let now = outcome.facts().map_or_else(|| Arc::clone(former), |facts| Arc::new(facts.clone()));
            match outcome {
                Outcome::Linked(made) => {
                    if now.is_empty != former.is_empty {
                        return None;
                    }
                    self.rendered += made.modules.len() as u32;
                    self.chunks_linked += 1;
                    let (css_files, variant) = (&facts.css_files, self.variant);
                    let files = chunk_files(scan, part, variant, index, made, css_files, &asset_files);
                    self.put(&former.file_name, files);
                }
                Outcome::Renamed(..) if is_dropped(Edge::ChunkNames) => {}
                Outcome::Renamed(_, edits) => {
                    if let Some(files) = self.renamed(former, &now, edits, &names)? {
                        self.put(&former.file_name, files);
                    }
                }
                Outcome::Same => {}
            }
            next.push(now);
        }
        let has_document = has_document(scan);
        // Nobody else looks at all chunks.
        let is_looked_at = has_document || next.iter().any(|facts| facts.mapped_name.is_some());
        let chunks = next.iter().filter(|_| is_looked_at).map(|facts| as_documents_see_it(facts)).collect();
        self.mapped.extend(import_map::mapped_files(scan, part, &chunks));
        if has_document {
            let mut pages = Vec::new();
            let files = PartFiles { chunks: &chunks, css_files: &facts.css_files, asset_files: &asset_files };
            emit_documents(scan, self.options, part, self.variant, &files, &mut pages);
            self.made.extend(pages.into_iter().map(|page| (page.file_name().to_owned(), page)));
        }
        Some(PartFacts { chunks: IndexVec::from(next), css_files: facts.css_files.clone() })
    }

    /// Takes down what was made in place of a chunk of this name.
    fn put(&mut self, former: &str, (chunk, map_file): (OutputChunk, Option<OutputAsset>)) {
        self.made.insert(former.to_owned(), OutputFile::Chunk(Box::new(chunk)));
        if let Some(map_file) = map_file {
            self.made.insert(map_name(former), OutputFile::Asset(map_file));
        }
    }

    /// A chunk with other names of files in it. `Some(None)`: it is not among the files. `None`: the file is not what it was.
    fn renamed(
        &self,
        former: &ChunkFacts,
        now: &ChunkFacts,
        edits: &[(Range<usize>, String)],
        names: &FxHashMap<&str, &str>,
    ) -> Option<Option<(OutputChunk, Option<OutputAsset>)>> {
        let Some(kept) = KeptFile::of(self.kept, &former.file_name) else { return Some(None) };
        let OutputFile::Chunk(chunk) = kept.load().ok()? else { return None };
        let mut chunk = *chunk;
        let mut code = chunk.code.as_bytes().to_vec();
        for (range, hash) in edits {
            let place = code.get_mut(range.clone()).filter(|place| place.len() == hash.len())?;
            place.copy_from_slice(hash.as_bytes());
        }
        let mut code = String::from_utf8(code).ok()?;
        if let Some(map) = &chunk.map {
            chunk.map = Some(Arc::from(self.renamed_map(map, &mut code, &former.file_name, &now.file_name)?));
        }
        let map_file = chunk.sourcemap_file_name.is_some().then(|| map_name(&now.file_name));
        chunk.sourcemap_file_name.clone_from(&map_file);
        let map_file = map_file.zip(chunk.map.as_ref()).map(|(name, map)| map_asset(name, map));
        let rename = |name: &mut String| {
            if let Some(new) = names.get(name.as_str()) {
                (*new).clone_into(name);
            }
        };
        chunk.code = Arc::from(code);
        chunk.file_name.clone_from(&now.file_name);
        chunk.imports.iter_mut().for_each(rename);
        chunk.dynamic_imports.iter_mut().for_each(rename);
        chunk.imported_bindings.iter_mut().for_each(|(file, _)| rename(file));
        Some(Some((chunk, map_file)))
    }

    /// The map of a chunk under its new name, which stands in the map, and mostly in the comment that leads to it. `None`: they are
    /// not what was written.
    fn renamed_map(&self, map: &str, code: &mut String, former: &str, now: &str) -> Option<String> {
        let field = |name: &str| Some(format!("\"file\":{}", serde_json::to_string(path::basename(name)).ok()?));
        let (head, rest) = map.split_once(&field(former)?)?;
        let map = format!("{head}{}{rest}", field(now)?);
        const COMMENT: &str = "//# sourceMappingURL=";
        let url = code.rfind(COMMENT).map(|at| at + COMMENT.len());
        match self.output.sourcemap {
            SourcemapOption::None | SourcemapOption::Hidden => {}
            SourcemapOption::File => {
                let rest = code.get(url?..)?.strip_prefix(&map_url(former))?;
                let changed = format!("{}{rest}", map_url(now));
                code.replace_range(url?.., &changed);
            }
            SourcemapOption::Inline => {
                let (kind, data) = code.get(url?..)?.split_once(";base64,")?;
                let end = data.find('\n').map_or("", |at| data.get(at..).unwrap_or_default());
                let changed = format!("{kind};base64,{}{end}", data_encoding::BASE64.encode(map.as_bytes()));
                code.replace_range(url?.., &changed);
            }
        }
        Some(map)
    }

    /// Whether the map of a chunk, if it has a file of its own, is the one that was written, and is still there.
    fn has_map(&self, chunk: &OutputChunk) -> bool {
        let (Some(name), Some(map)) = (&chunk.sourcemap_file_name, &chunk.map) else { return true };
        self.kept.find(name).is_some_and(|entry| entry.is_whole && entry.hash == ContentHash::of(map.as_bytes()))
    }

    /// All files of the output, in their order. `None`: one that was lost was not made again.
    fn files(mut self) -> Option<Vec<OutputFile>> {
        let mut files = Vec::with_capacity(self.kept.entries.len());
        for (index, entry) in self.kept.entries.iter().enumerate() {
            let made = self.made.remove(&entry.name);
            // Bytes may be equal where lengths of sources are not, or the map.
            let is_same = |made: &OutputFile| {
                let description = || description_of(made).map(|description| ContentHash::of(&description).0);
                let has_map = || match made {
                    OutputFile::Chunk(chunk) => self.has_map(chunk),
                    _ => true,
                };
                made.file_name() == entry.name
                    && made.has_hash(entry.hash)
                    && has_map()
                    && description() == Some(entry.description)
            };
            files.push(match made {
                Some(made) if !entry.is_whole || !is_same(&made) => made,
                None if !entry.is_whole => return None,
                _ => OutputFile::Kept(KeptFile::new(self.kept, index)),
            });
        }
        Some(files)
    }
}

fn map_name(file_name: &str) -> String {
    format!("{file_name}.map")
}

/// Whether the plans are of these modules: they answer for each of their symbols and requests.
fn fits(plans: &IndexVec<ModuleIdx, ModulePlan>, modules: &IndexVec<ModuleIdx, LinkModule<'_>>) -> bool {
    let fits = |code: &ModuleCode<'_>, plan: &ModulePlan| {
        plan.bindings.len() == code.summary.symbols.len() && plan.requests.len() == code.summary.requests.len()
    };
    plans
        .iter()
        .zip(modules)
        .all(|(plan, module)| plan.chunk.is_none() || module.code.as_ref().is_none_or(|code| fits(code, plan)))
}

/// Its name, and whether there is anything in it.
fn as_documents_see_it(facts: &ChunkFacts) -> FinalChunk {
    let something = RenderedModule { module: ModuleIdx(0), rendered_length: 1 };
    FinalChunk {
        file_name: facts.file_name.clone(),
        mapped_name: facts.mapped_name.clone(),
        modules: if facts.is_empty { Vec::new() } else { vec![something] },
        ..FinalChunk::default()
    }
}
