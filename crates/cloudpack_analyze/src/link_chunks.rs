//! Ties chunks together: what each takes from others and from external modules, in the order in which those must run,
//! what each must therefore export, and the helpers that its code calls.

use crate::bind_symbols::{namespace_of, symbol_of, wrapper_of};
use crate::choose_chunks::{ChunkOutline, Chunks};
use crate::execution_order::ExecutionOrder;
use crate::group_modules::{GroupIdx, Groups};
use crate::mentioned_symbols::Mentions;
use crate::options::{AnalyzeOptions, OutputFormat};
use crate::plan_requests::RequestPlans;
use crate::propagate_async::AsyncModules;
use crate::repair_order::Wrapping;
use cloudpack_base::{ChunkIdx, IndexVec, ModuleIdx, SymbolRef};
use cloudpack_plan::{
    BitSet, ChunkImport, ChunkPlan, CssPart, EXTERNAL_REQUIRE, ExternalImport, ImportThen, RequestAction,
    RuntimeHelper, Wrap,
};
use cloudpack_summary::{ModuleFlags, RequestKind};
use rustc_hash::FxHashMap;

/// Symbols that other groups take from each group, before it is known which groups speak for entry points. Entry
/// points count as mentioning their exports.
pub(crate) fn taken_symbols(
    mentions: &Mentions<'_, '_>,
    groups: &Groups,
    entry_modules: &[ModuleIdx],
    requests: &RequestPlans,
) -> IndexVec<GroupIdx, Vec<SymbolRef>> {
    let mut taken: IndexVec<GroupIdx, Vec<SymbolRef>> = groups.groups.iter().map(|_| Vec::new()).collect();
    let mut take = |taker: Option<GroupIdx>, symbol: SymbolRef| {
        if let Some(group) = groups.of(symbol.module).filter(|group| Some(*group) != taker) {
            taken[group].push(symbol);
        }
    };
    for (index, group) in groups.groups.iter_enumerated() {
        for module in &group.modules {
            let has_namespace = mentions.live.namespaces.contains(*module);
            mentions.of(*module, has_namespace, requests, &mut |symbol| take(Some(index), symbol));
        }
    }
    for module in entry_modules {
        mentions.exports[*module].symbols().for_each(|symbol| take(groups.of(*module), symbol));
    }
    for symbols in taken.iter_mut() {
        symbols.sort_unstable();
        symbols.dedup();
    }
    taken
}

/// Cost: what live modules mention, plus sorting what crosses between chunks.
pub(crate) fn link_chunks(
    mentions: &Mentions<'_, '_>,
    order: &ExecutionOrder,
    groups: &Groups,
    group_imports: &IndexVec<GroupIdx, Vec<GroupIdx>>,
    style_sheets: IndexVec<GroupIdx, Vec<CssPart>>,
    chunks: &Chunks,
    namespaces: &BitSet<ModuleIdx>,
    requests: &RequestPlans,
    wrapping: &Wrapping,
    async_modules: &AsyncModules,
    options: &AnalyzeOptions,
) -> IndexVec<ChunkIdx, ChunkPlan> {
    let graph = mentions.graph;
    let by_order = |symbol: &SymbolRef| (order.position[symbol.module], symbol.module, symbol.symbol);
    let mut style_sheets = style_sheets;
    let mut exports: IndexVec<ChunkIdx, Vec<SymbolRef>> = chunks.outlines.iter().map(|_| Vec::new()).collect();
    let mut plans: IndexVec<ChunkIdx, ChunkPlan> = IndexVec::with_capacity(chunks.outlines.len());
    for (index, outline) in chunks.outlines.iter_enumerated() {
        let modules = outline.group.map(|group| groups.groups[group].modules.clone()).unwrap_or_default();
        let mut mentioned =
            mentioned_by_chunk(mentions, outline, &modules, namespaces, requests, wrapping, options.format);
        mentioned.retain(|symbol| chunks.of_module(groups, symbol.module) != Some(index));
        mentioned.sort_unstable_by_key(by_order);
        mentioned.dedup();

        let mut imports: Vec<ChunkImport> = Vec::new();
        let mut place_of: FxHashMap<ChunkIdx, usize> = FxHashMap::default();
        let mut import = |imports: &mut Vec<ChunkImport>, chunk: ChunkIdx| {
            *place_of.entry(chunk).or_insert_with(|| {
                imports.push(ChunkImport { chunk, symbols: Vec::new() });
                imports.len() - 1
            })
        };
        match (outline.group, outline.entry) {
            (Some(group), _) => {
                for target in &group_imports[group] {
                    import(&mut imports, chunks.of_group(*target));
                }
            }
            // A facade runs the chunk that has its module.
            (None, Some(entry)) => {
                if let Some(chunk) = chunks.of_module(groups, entry) {
                    import(&mut imports, chunk);
                }
            }
            (None, None) => {}
        }
        let mut from_external: Vec<SymbolRef> = Vec::new();
        for symbol in mentioned {
            match chunks.of_module(groups, symbol.module) {
                Some(chunk) => {
                    let place = import(&mut imports, chunk);
                    if let Some(import) = imports.get_mut(place) {
                        import.symbols.push(symbol);
                    }
                    exports[chunk].push(symbol);
                }
                None if graph.is_external(symbol.module) => from_external.push(symbol),
                None => {}
            }
        }
        let mut dynamic_imports = Vec::new();
        for plan in modules.iter().flat_map(|module| &requests[*module]) {
            let (Some(target), RequestAction::ImportChunk { chunk, then }) = (plan.target, &plan.action) else {
                continue;
            };
            dynamic_imports.push(*chunk);
            match then {
                ImportThen::Chunk => {}
                ImportThen::Namespace => {
                    exports[*chunk].push(namespace_of(target));
                    if wrapping.wraps[target] == Wrap::Esm {
                        exports[*chunk].push(wrapper_of(target));
                    }
                }
                ImportThen::CommonJs { .. } => {
                    if chunks.outlines[*chunk].entry != Some(target) {
                        exports[*chunk].push(wrapper_of(target));
                    }
                }
            }
        }
        dynamic_imports.sort_unstable();
        dynamic_imports.dedup();
        let helpers = helpers(
            mentions,
            outline,
            &modules,
            &from_external,
            namespaces,
            requests,
            wrapping,
            async_modules,
            options,
        );
        let externals = external_imports(mentions, order, outline, &modules, from_external, requests, options);
        plans.push(ChunkPlan {
            kind: outline.kind,
            name: outline.name.clone(),
            entry: outline.entry,
            css: outline.group.and_then(|group| style_sheets.get_mut(group)).map(std::mem::take).unwrap_or_default(),
            imports,
            externals,
            dynamic_imports,
            exports: Vec::new(),
            helpers,
            is_async: modules.iter().any(|module| async_modules.modules.contains(*module)),
            modules,
        });
    }
    if options.preserve_modules.is_some() {
        // A file that is a module keeps its own exports, whoever imports them here: the output is a source tree.
        for (index, outline) in chunks.outlines.iter_enumerated().filter(|(_, outline)| outline.entry.is_none()) {
            for module in outline.group.into_iter().flat_map(|group| &groups.groups[group].modules) {
                let own = graph.summary(*module).into_iter().flat_map(|summary| &summary.local_exports);
                let own = own.map(|export| SymbolRef::new(*module, export.symbol));
                exports[index].extend(own.filter(|symbol| mentions.live.symbols.contains(*symbol)));
            }
        }
    }
    for (plan, mut symbols) in plans.iter_mut().zip(exports.into_vec()) {
        symbols.sort_unstable_by_key(by_order);
        symbols.dedup();
        plan.exports = symbols;
    }
    plans
}

fn mentioned_by_chunk(
    mentions: &Mentions<'_, '_>,
    outline: &ChunkOutline,
    modules: &[ModuleIdx],
    namespaces: &BitSet<ModuleIdx>,
    requests: &RequestPlans,
    wrapping: &Wrapping,
    format: OutputFormat,
) -> Vec<SymbolRef> {
    let mut mentioned = Vec::new();
    for module in modules {
        mentions.of(*module, namespaces.contains(*module), requests, &mut |symbol| mentioned.push(symbol));
    }
    if let Some(entry) = outline.entry {
        let table = &mentions.exports[entry];
        mentioned.extend(table.exports.iter().filter_map(|export| symbol_of(&export.binding)));
        // `export * from "x"` takes no symbol.
        let stars = table.runtime_stars.iter();
        let is_printed = |target| format == OutputFormat::Es && mentions.graph.is_external(target);
        mentioned.extend(stars.filter(|star| !is_printed(star.target)).filter_map(|star| star.object));
        if wrapping.wraps[entry] != Wrap::None {
            mentioned.push(wrapper_of(entry));
        }
    }
    mentioned
}

/// External modules that the chunk imports, in execution order: those it takes symbols from, and those that run.
fn external_imports(
    mentions: &Mentions<'_, '_>,
    order: &ExecutionOrder,
    outline: &ChunkOutline,
    modules: &[ModuleIdx],
    symbols: Vec<SymbolRef>,
    requests: &RequestPlans,
    options: &AnalyzeOptions,
) -> Vec<ExternalImport> {
    let graph = mentions.graph;
    let mut found: Vec<ModuleIdx> = symbols.iter().map(|symbol| symbol.module).collect();
    for module in modules {
        for request in graph.requests(*module).filter(|request| request.record.kind == RequestKind::Static) {
            if let Some(target) = request.target
                && graph.is_external(target)
                && requests[*module].get(request.index).is_some_and(|plan| plan.action == RequestAction::External)
                && (graph.has_side_effects(target) || !options.treeshake)
            {
                found.push(target);
            }
        }
    }
    if let Some(entry) = outline.entry {
        let stars = mentions.exports[entry].runtime_stars.iter().map(|star| star.target);
        found.extend(stars.filter(|target| graph.is_external(*target)));
    }
    found.sort_unstable_by_key(|module| order.position[*module]);
    found.dedup();
    found
        .into_iter()
        .map(|module| {
            let symbols = symbols.iter().copied().filter(|symbol| symbol.module == module).collect();
            ExternalImport { module, symbols }
        })
        .collect()
}

fn helpers(
    mentions: &Mentions<'_, '_>,
    outline: &ChunkOutline,
    modules: &[ModuleIdx],
    from_external: &[SymbolRef],
    namespaces: &BitSet<ModuleIdx>,
    requests: &RequestPlans,
    wrapping: &Wrapping,
    async_modules: &AsyncModules,
    options: &AnalyzeOptions,
) -> Vec<RuntimeHelper> {
    let graph = mentions.graph;
    let has_require = options.format == OutputFormat::Cjs;
    let mut helpers = Vec::new();
    for module in modules {
        match wrapping.wraps[*module] {
            Wrap::None => {}
            Wrap::CommonJs => helpers.push(RuntimeHelper::CommonJs),
            Wrap::Esm if async_modules.modules.contains(*module) => helpers.push(RuntimeHelper::Async),
            Wrap::Esm => helpers.push(RuntimeHelper::Esm),
        }
        if namespaces.contains(*module) {
            helpers.push(RuntimeHelper::Export);
            if !mentions.exports[*module].runtime_stars.is_empty() {
                helpers.push(RuntimeHelper::ReExport);
            }
        }
        if !has_require && graph.has_flag(*module, ModuleFlags::FREE_REQUIRE) {
            helpers.push(RuntimeHelper::Require);
        }
        for (plan, request) in requests[*module].iter().zip(graph.requests(*module)) {
            let kind = request.record.kind;
            match &plan.action {
                RequestAction::Interop { symbol: Some(_), .. } => helpers.push(RuntimeHelper::ToEsm),
                RequestAction::ImportChunk { then, .. } | RequestAction::ImportInline { then } => {
                    if matches!(then, ImportThen::CommonJs { .. }) {
                        helpers.push(RuntimeHelper::ToEsm);
                    }
                }
                RequestAction::RequireEsm => helpers.push(RuntimeHelper::ToCommonJs),
                RequestAction::External if kind == RequestKind::Dynamic && options.format == OutputFormat::Cjs => {
                    helpers.push(RuntimeHelper::ToEsm);
                }
                RequestAction::External
                    if matches!(kind, RequestKind::Require | RequestKind::RequireResolve) && !has_require =>
                {
                    helpers.push(RuntimeHelper::Require);
                }
                _ => {}
            }
        }
    }
    if options.format != OutputFormat::Es {
        if from_external.iter().any(|symbol| symbol.symbol != EXTERNAL_REQUIRE) {
            helpers.push(RuntimeHelper::ToEsm);
        }
        if outline.entry.is_some_and(|entry| !mentions.exports[entry].runtime_stars.is_empty()) {
            helpers.push(RuntimeHelper::ReExport);
        }
    }
    helpers.sort_unstable();
    helpers.dedup();
    helpers
}
