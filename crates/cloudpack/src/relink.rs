//! A build after which little is different: the bodies of some modules changed, and no module looks to the others as it did
//! not before. Then graph and plans are those of the last build, chunks without a changed module keep their text, and
//! nothing is decoded but the changed chunks' modules and what these mention.
//!
//! What is decoded stands at its place in a graph and in plans that are empty elsewhere, so that the code which links a
//! whole build links this one. Whoever finds something that it cannot do says `None`, and the build is made with the whole
//! graph.

use crate::documents::{PartFiles, emit_documents};
use crate::emit::output_chunk;
use crate::graph::ModuleRecord;
use crate::kept_graph::{KeptGraph, Taken, keep_module, take_up};
use crate::kept_link::{KeptPart, LinkState, OutputFacts, PartFacts, open_parts};
use crate::kept_output::{KeptFile, KeptOutput, description_of};
use crate::link_input::{link_input, link_modules, link_options, shown_paths};
use crate::options::{BuildOptions, OutputOptions};
use crate::output::{OutputChunk, OutputFile};
use crate::scan::{Scan, ScanContext};
use crate::seeded_faults::{Edge, is_dropped};
use cloudpack_base::{ChunkIdx, ContentHash, Idx, IndexVec, ModuleIdx};
use cloudpack_link::{ChunkFacts, FinalChunk, Former, LinkModule, Outcome, RenderedModule, relink};
use cloudpack_plan::{Binding, BitSet, ModulePlan, RequestAction};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::sync::Arc;

/// The last build, as far as it is known without decoding it.
pub(crate) struct LastBuild<'l> {
    pub(crate) graph: KeptGraph<'l>,
    /// The plans of each output, encoded.
    pub(crate) plans: Vec<&'l [u8]>,
    pub(crate) link: &'l LinkState,
    pub(crate) outputs: &'l [Arc<KeptOutput>],
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
    /// Ids of the changed modules, and whether they had to be compiled.
    pub(crate) changed: Vec<(String, bool)>,
}

/// `scan` has its entries and nothing else. `None`: the graph is needed as a whole.
/// Cost: a step a module for the empty graph and plans; decoding and linking the chunks that changed.
pub(crate) fn relink_changed(
    last: &LastBuild<'_>,
    options: &BuildOptions,
    mut scan: Scan,
    context: &ScanContext<'_>,
) -> Option<Relinked> {
    let graph = &last.graph;
    if graph.entries().len() != scan.entries.len() {
        return None;
    }
    let changed = take_changed(last, context)?;
    scan.graph.modules = graph.paths().iter().map(|_| ModuleRecord::default()).collect();
    for (entry, module) in scan.entries.iter_mut().zip(graph.entries()) {
        entry.module = *module;
    }
    scan.started = scan.entries.len();
    let mut edited = last.link.edited.clone();
    let mut summarized = 0;
    for (index, taken) in changed {
        summarized += u32::from(!taken.is_reused);
        let record = scan.graph.modules.get_mut(index)?;
        taken.put(&graph.module(index)?, graph.path(index)?, record);
        edited.insert(index.0, keep_module(record)?);
    }
    let changed: Vec<ModuleIdx> = scan.graph.modules.iter_enumerated().filter(is_loaded).map(|(at, _)| at).collect();
    // Documents name chunks, and are few.
    load(graph, graph.documents(), &mut scan, context)?;
    let asked: Vec<ModuleIdx> = graph.documents().iter().flat_map(|at| targets(&scan.graph.modules[*at])).collect();
    load(graph, &asked, &mut scan, context)?;

    let mut made = Relinked {
        outputs: Vec::new(),
        link: LinkState::default(),
        summarized,
        rendered: 0,
        chunks_linked: 0,
        changed: changed.iter().map(|at| &scan.graph.modules[*at]).map(|it| (it.id.clone(), it.is_compiled)).collect(),
    };
    for (index, output) in options.output.iter().enumerate() {
        let facts = last.link.outputs.get(index)?.as_ref()?;
        let kept = last.outputs.get(index)?;
        let variant = context.compile.compile.variant_for(output).unwrap_or(0);
        let mut again = Output {
            options,
            output,
            variant,
            kept,
            facts,
            made: FxHashMap::default(),
            first_chunk: 0,
            rendered: 0,
            chunks_linked: 0,
        };
        let mut known = facts.parts.iter();
        let mut parts = Vec::with_capacity(facts.parts.len());
        for part in open_parts(last.plans.get(index)?)? {
            if part.head.worker.is_none() {
                parts.push(again.link(part, known.next()?, &changed, graph, &mut scan, context)?);
            } else if !chunks_of(&part, &changed)?.is_empty() {
                // The name of a worker's file is part of the text of others.
                return None;
            }
        }
        made.rendered += again.rendered;
        made.chunks_linked += again.chunks_linked;
        made.outputs.push(again.files()?);
        made.link.outputs.push(Some(OutputFacts { parts, asset_files: facts.asset_files.clone() }));
    }
    made.link.edited = edited;
    Some(made)
}

/// Changed modules as they are now. `None`: some file is no module, or some module is not what it was to the others.
fn take_changed(last: &LastBuild<'_>, context: &ScanContext<'_>) -> Option<Vec<(ModuleIdx, Taken)>> {
    let graph = &last.graph;
    let is_changed = |(_, path): &(usize, &&str)| last.changed.contains(*path);
    let indices: Vec<ModuleIdx> =
        graph.paths().iter().enumerate().filter(is_changed).map(|(at, _)| ModuleIdx::from_usize(at)).collect();
    let paths: FxHashSet<&str> = indices.iter().filter_map(|index| graph.path(*index)).collect();
    if paths.len() != last.changed.len() {
        return None;
    }
    indices
        .par_iter()
        .map(|index| {
            let taken = take_up(&graph.module(*index)?, graph.path(*index)?, true, context)?;
            let is_same = taken.is_same || is_dropped(Edge::Plans);
            (is_same && taken.is_plain()).then_some((*index, taken))
        })
        .collect()
}

fn is_loaded((_, record): &(ModuleIdx, &ModuleRecord)) -> bool {
    !record.id.is_empty()
}

fn targets(record: &ModuleRecord) -> impl Iterator<Item = ModuleIdx> + '_ {
    record.requests.iter().filter_map(|request| request.target)
}

/// Puts these modules into the graph, where they are not yet.
fn load(graph: &KeptGraph<'_>, wanted: &[ModuleIdx], scan: &mut Scan, context: &ScanContext<'_>) -> Option<()> {
    let mut missing: Vec<ModuleIdx> =
        wanted.iter().copied().filter(|at| scan.graph.modules.get(*at).is_none_or(|it| it.id.is_empty())).collect();
    missing.sort_unstable();
    missing.dedup();
    let loaded = missing
        .par_iter()
        .map(|index| {
            let (module, path) = (graph.module(*index)?, graph.path(*index)?);
            let taken = take_up(&module, path, false, context).filter(|taken| taken.is_same)?;
            let mut record = ModuleRecord::default();
            taken.put(&module, path, &mut record);
            Some((*index, record))
        })
        .collect::<Option<Vec<_>>>()?;
    for (index, record) in loaded {
        *scan.graph.modules.get_mut(index)? = record;
    }
    Some(())
}

/// One output that is linked again.
struct Output<'o> {
    options: &'o BuildOptions,
    output: &'o OutputOptions,
    variant: usize,
    kept: &'o Arc<KeptOutput>,
    facts: &'o OutputFacts,
    /// What was made, by the names that the files had.
    made: FxHashMap<String, OutputFile>,
    /// Chunks of the parts before.
    first_chunk: usize,
    rendered: u32,
    chunks_linked: u32,
}

impl Output<'_> {
    /// Links what changed in one part. Gives what the next build needs.
    fn link(
        &mut self,
        part: KeptPart<'_>,
        facts: &PartFacts,
        changed: &[ModuleIdx],
        graph: &KeptGraph<'_>,
        scan: &mut Scan,
        context: &ScanContext<'_>,
    ) -> Option<PartFacts> {
        let count = scan.graph.modules.len();
        if part.modules() != count || facts.chunks.len() != part.head.chunks.len() {
            return None;
        }
        let mut wanted = chunks_of(&part, changed)?;
        for (chunk, facts) in facts.chunks.iter_enumerated() {
            if self.kept.find(&facts.file_name).is_some_and(|entry| !entry.is_whole) {
                wanted.insert(chunk);
            }
        }
        let near = near_chunks(&part, &wanted);
        let plans = load_mentioned(&part, &wanted, &near, graph, scan, context)?;
        let part = part.with(plans);
        let mut asset_files: IndexVec<ModuleIdx, Option<String>> = IndexVec::filled(None, count);
        for (module, file) in &self.facts.asset_files {
            *asset_files.get_mut(*module)? = Some(file.clone());
        }
        let paths = shown_paths(scan, &self.options.cwd);
        let modules = link_modules(scan, self.variant, &paths, &asset_files);
        if !modules.iter().zip(&part.plan.modules).all(|(module, plan)| fits(module, plan)) {
            return None;
        }
        let link_options = link_options(scan, self.options, self.output, &part, self.first_chunk);
        self.first_chunk += part.plan.chunks.len();
        let former = Former { wanted, near, chunks: &facts.chunks };
        let mut input = link_input(&part.plan, &modules, &link_options, &facts.css_files, true);
        input.former = Some(&former);
        let outcomes = relink(&input)?;

        let names: FxHashMap<&str, &str> = former
            .chunks
            .iter()
            .zip(&outcomes)
            .filter_map(|(former, outcome)| Some((former.file_name.as_str(), outcome.facts()?.file_name.as_str())))
            .collect();
        let mut chunks: IndexVec<ChunkIdx, FinalChunk> = IndexVec::with_capacity(outcomes.len());
        let mut next: Vec<ChunkFacts> = Vec::with_capacity(outcomes.len());
        for ((index, former), outcome) in former.chunks.iter_enumerated().zip(&outcomes) {
            let now = outcome.facts().unwrap_or(former);
            let made = match outcome {
                Outcome::Linked(made) => {
                    if now.is_empty != former.is_empty {
                        return None;
                    }
                    self.rendered += made.modules.len() as u32;
                    self.chunks_linked += 1;
                    let (css_files, variant) = (&facts.css_files, self.variant);
                    Some(output_chunk(scan, &part, variant, index, made, css_files, &asset_files))
                }
                Outcome::Renamed(..) if is_dropped(Edge::ChunkNames) => None,
                Outcome::Renamed(_, edits) => self.renamed(former, now, edits, &names)?,
                Outcome::Same => None,
            };
            if let Some(made) = made {
                self.made.insert(former.file_name.clone(), OutputFile::Chunk(Box::new(made)));
            }
            next.push(now.clone());
            chunks.push(as_documents_see_it(now));
        }
        let mut pages = Vec::new();
        let files = PartFiles { chunks: &chunks, css_files: &facts.css_files, asset_files: &asset_files };
        emit_documents(scan, self.options, &part, self.variant, &files, &mut pages);
        self.made.extend(pages.into_iter().map(|page| (page.file_name().to_owned(), page)));
        Some(PartFacts { chunks: IndexVec::from(next), css_files: facts.css_files.clone() })
    }

    /// A chunk with other names of files in it. `Some(None)`: it is not among the files. `None`: the file is not what it was.
    fn renamed(
        &self,
        former: &ChunkFacts,
        now: &ChunkFacts,
        edits: &[(Range<usize>, String)],
        names: &FxHashMap<&str, &str>,
    ) -> Option<Option<OutputChunk>> {
        let Some(kept) = KeptFile::of(self.kept, &former.file_name) else { return Some(None) };
        let OutputFile::Chunk(chunk) = kept.load().ok()? else { return None };
        let mut chunk = *chunk;
        let mut code = chunk.code.to_string();
        for (range, hash) in edits {
            let place = code.get(range.clone()).filter(|place| place.len() == hash.len());
            place?;
            code.replace_range(range.clone(), hash);
        }
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
        Some(Some(chunk))
    }

    /// All files of the output, in their order. `None`: one that was lost was not made again.
    fn files(mut self) -> Option<Vec<OutputFile>> {
        let mut files = Vec::with_capacity(self.kept.entries.len());
        for (index, entry) in self.kept.entries.iter().enumerate() {
            let made = self.made.remove(&entry.name);
            // Bytes may be equal where lengths of sources are not.
            let is_same = |made: &OutputFile| {
                let description = description_of(made).map(|description| ContentHash::of(&description).0);
                made.file_name() == entry.name && made.has_hash(entry.hash) && description == Some(entry.description)
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

/// The chunks that hold these modules. `None`: the text of one stands in a place that is no chunk.
fn chunks_of(part: &KeptPart<'_>, modules: &[ModuleIdx]) -> Option<BitSet<ChunkIdx>> {
    let mut chunks = BitSet::with_len(part.head.chunks.len());
    for module in modules {
        let plan = part.module(*module)?;
        match plan.chunk {
            Some(_) if is_dropped(Edge::ChunkText) => {}
            Some(chunk) => {
                chunks.insert(chunk);
            }
            None if plan.live => return None,
            None => {}
        }
    }
    Some(chunks)
}

/// Whether the plan is of this module: it answers for each of its symbols and requests. Plans that nobody asked for are empty.
fn fits(module: &LinkModule<'_>, plan: &ModulePlan) -> bool {
    let Some(code) = &module.code else { return true };
    plan.chunk.is_none()
        || plan.bindings.len() == code.summary.symbols.len() && plan.requests.len() == code.summary.requests.len()
}

/// The chunks whose names and exports stand in the text of these, and these.
fn near_chunks(part: &KeptPart<'_>, wanted: &BitSet<ChunkIdx>) -> BitSet<ChunkIdx> {
    let mut near = wanted.clone();
    for chunk in wanted.iter().filter_map(|chunk| part.head.chunks.get(chunk)) {
        for chunk in chunk.imports.iter().map(|import| &import.chunk).chain(&chunk.dynamic_imports) {
            near.insert(*chunk);
        }
    }
    near
}

/// Plans of the modules of wanted chunks and of all that they mention; others are empty. Puts these modules into the graph.
fn load_mentioned(
    part: &KeptPart<'_>,
    wanted: &BitSet<ChunkIdx>,
    near: &BitSet<ChunkIdx>,
    graph: &KeptGraph<'_>,
    scan: &mut Scan,
    context: &ScanContext<'_>,
) -> Option<IndexVec<ModuleIdx, ModulePlan>> {
    let mut plans: IndexVec<ModuleIdx, ModulePlan> = IndexVec::filled(ModulePlan::default(), part.modules());
    let mut mentioned: FxHashSet<ModuleIdx> = FxHashSet::default();
    let mut own: FxHashSet<ModuleIdx> = FxHashSet::default();
    for chunk in wanted.iter() {
        let chunk = part.head.chunks.get(chunk)?;
        own.extend(chunk.modules.iter().chain(&chunk.entry));
        mentioned.extend(chunk.imports.iter().flat_map(|import| &import.symbols).map(|symbol| symbol.module));
        mentioned.extend(chunk.externals.iter().map(|external| external.module));
        mentioned.extend(chunk.exports.iter().map(|symbol| symbol.module));
    }
    for chunk in near.iter() {
        let chunk = part.head.chunks.get(chunk)?;
        // The first module says when the chunk runs.
        mentioned.extend(chunk.modules.first().into_iter().chain(&chunk.entry));
    }
    for module in &own {
        let plan = part.module(*module)?;
        mentioned.extend(plan.bindings.iter().filter_map(module_of));
        for request in &plan.requests {
            mentioned.extend(request.target);
            if let RequestAction::Init { modules } = &request.action {
                mentioned.extend(modules);
            }
        }
        mention_exports(&plan, &mut mentioned);
        *plans.get_mut(*module)? = plan;
    }
    // `require("./a.json")` stands for what the target's default export stands for.
    let mut second: FxHashSet<ModuleIdx> = FxHashSet::default();
    for module in mentioned.difference(&own) {
        let plan = part.module(*module)?;
        mention_exports(&plan, &mut second);
        *plans.get_mut(*module)? = plan;
    }
    for module in second.iter().filter(|module| !own.contains(module) && !mentioned.contains(module)) {
        *plans.get_mut(*module)? = part.module(*module)?;
    }
    let all: Vec<ModuleIdx> = own.into_iter().chain(mentioned).chain(second).collect();
    load(graph, &all, scan, context)?;
    Some(plans)
}

fn mention_exports(plan: &ModulePlan, mentioned: &mut FxHashSet<ModuleIdx>) {
    mentioned.extend(plan.exports.iter().filter_map(|export| module_of(&export.binding)));
    for star in &plan.runtime_stars {
        mentioned.insert(star.target);
        mentioned.extend(star.object.map(|object| object.module));
    }
}

fn module_of(binding: &Binding) -> Option<ModuleIdx> {
    match binding {
        Binding::Symbol(symbol) => Some(symbol.module),
        Binding::Property { object, .. } => Some(object.module),
        Binding::Constant(_) | Binding::Undefined => None,
    }
}

/// Its name, and whether there is anything in it.
fn as_documents_see_it(facts: &ChunkFacts) -> FinalChunk {
    let something = RenderedModule { module: ModuleIdx(0), rendered_length: 1 };
    FinalChunk {
        file_name: facts.file_name.clone(),
        modules: if facts.is_empty { Vec::new() } else { vec![something] },
        ..FinalChunk::default()
    }
}
