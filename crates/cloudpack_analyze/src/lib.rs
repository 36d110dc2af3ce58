//! Analyze: summaries -> `LinkPlan`. A pure function: it reads no source, no object and no option that only changes
//! text, and the same graph gives the same plan on every machine. User faults are values beside the plan.
//!
//! `analyze` is the list of passes; each is a file of the same name, takes what it reads and returns what it makes.
//! Cost is linear in modules, requests, call edges and exports that are wanted whole.

mod assemble_plan;
mod bind_imports;
mod bind_symbols;
mod choose_chunks;
mod diagnostic;
mod entry_bits;
mod execution_order;
mod graph;
mod group_modules;
mod join_groups;
mod link_chunks;
mod load_edges;
mod mark_live;
mod mentioned_symbols;
mod name_chunks;
mod name_groups;
mod options;
mod order_style_sheets;
mod plain_reads;
mod plan_requests;
mod preserved_names;
mod propagate_async;
mod repair_order;
mod resolve_exports;
mod star_exports;
mod strongly_connected;
mod symbol_set;
mod want_commonjs;
mod wrap_modules;
mod wrap_overlapping;
mod wrap_unwanted;

pub use diagnostic::AnalyzeDiagnostic;
pub use graph::{Entry, EntryKind, Graph, GraphModule, GraphModuleKind};
pub use options::{AnalyzeOptions, NamedGroup, OutputFormat};

use assemble_plan::{assemble_plan, check_request};
use bind_symbols::{ExternalNames, bind_symbols};
use cloudpack_plan::LinkPlan;
use mentioned_symbols::Mentions;

/// Decides everything that Link obeys. With an error among the diagnostics the plan is still whole, but a program made
/// from it would not be the user's.
pub fn analyze(graph: &Graph<'_>, options: &AnalyzeOptions) -> (LinkPlan, Vec<AnalyzeDiagnostic>) {
    let mut diagnostics = check_request(graph, options);

    // The order in which modules run, as their requests say.
    let order = execution_order::execution_order(graph, options);
    diagnostics.extend(assemble_plan::report_cycles(graph, &order, options));

    // What every imported name stands for (ResolveExport).
    let (bindings, faults) = bind_imports::bind_imports(graph, &order, options);
    diagnostics.extend(faults);
    diagnostics.extend(assemble_plan::report_lost_exports(graph, &bindings, options));

    // Section garbage collection along call edges.
    let live = mark_live::mark_live(graph, &order, &bindings, options);
    // ---- From here on the set of live modules, sections and names is final. ----

    // Which live modules must be there for which, dead barrels bridged.
    let edges = load_edges::load_edges(graph, &order, &bindings, &live, options);

    // Top-level await spreads to importers.
    let (async_modules, faults) = propagate_async::propagate_async(graph, &order, &live, &edges, options);
    diagnostics.extend(faults);

    // Modules that run inside a function: CommonJS, and ES modules that are required.
    let mut wraps = wrap_modules::wrap_modules(graph, &live, &edges, options);

    // Which entries reach which module, and the groups that travel together.
    let components = strongly_connected::strongly_connected(graph, &edges);
    let bits = entry_bits::entry_bits(graph, &live, &edges, &components, options.splits());
    let groups = group_modules::group_modules(graph, &order, &bindings, &live, &bits, &async_modules, options);
    let groups = name_groups::name_groups(graph, &order, &live, &edges, &bits, &async_modules, options, groups);
    let groups = join_groups::join_groups(graph, &order, &live, &edges, &bits, &async_modules, options, groups);
    let group_imports = repair_order::group_imports(&groups, &edges);
    // ---- From here on no module changes its group. ----

    // What a joined group brings to entries that do not want it waits until somebody does.
    let unwanted =
        wrap_unwanted::wrap_unwanted(graph, &live, &edges, &components, &bits, &groups, &group_imports, &mut wraps);

    // Wraps modules that await while others run, and what hoisting would run too early.
    let wrapping = if options.strict_execution_order {
        // Files of one module each overlap by themselves.
        let overlapping = if options.keeps_modules_apart() {
            Default::default()
        } else {
            wrap_overlapping::wrap_overlapping(graph, &live, &edges, &bits, &groups, &async_modules, &mut wraps)
        };
        repair_order::repair_order(
            graph,
            &order,
            &live,
            &edges,
            &components,
            &bits,
            &groups,
            &group_imports,
            &overlapping,
            &unwanted,
            wraps,
        )
    } else {
        repair_order::Wrapping { wraps, in_place: Default::default() }
    };
    // ---- From here on no module changes how it is wrapped. ----
    let pauses = wrap_overlapping::find_pauses(&live, &groups, &async_modules, &wrapping.wraps);

    // Addresses: what a mention of each symbol becomes, and what happens at each request but `import()`.
    let externals = ExternalNames::new(&live, options.format);
    let reads = plain_reads::PlainReads::new(graph, &order, &bindings, live.out.clone());
    let symbols = bind_symbols(graph, &live, &bindings, &externals, &reads, options);
    let exports = assemble_plan::export_tables(graph, &bindings, &externals);
    let (mut requests, faults) = plan_requests::plan_requests(graph, &bindings, &live, &edges, &wrapping, options);
    diagnostics.extend(faults);

    // Groups become chunks; `import()` and workers learn where their targets are.
    let mentions = Mentions { graph, bindings: &bindings, live: &live, symbols: &symbols, exports: &exports };
    let entry_modules: Vec<_> = bits.roots.iter().map(|root| root.module).collect();
    let taken = link_chunks::taken_symbols(&mentions, &groups, &entry_modules, &requests);
    let preserved = options
        .preserve_modules
        .as_deref()
        .map(|root| preserved_names::preserved_names(graph, &groups, root, &options.cwd));
    let chunks = choose_chunks::choose_chunks(
        graph,
        &order,
        &bindings,
        &live,
        &bits,
        &groups,
        &taken,
        preserved.as_ref(),
        options,
    );
    let more_namespaces = plan_requests::plan_chunk_requests(
        graph,
        &live,
        options,
        |module| chunks.of_module(&groups, module),
        |module| chunks.place(&groups, module),
        &mut requests,
    );
    // ---- From here on the list of chunks and every request's action are final. ----

    let mut namespaces = live.namespaces.clone();
    for module in more_namespaces {
        namespaces.insert(module);
    }
    let style_sheets = order_style_sheets::order_style_sheets(graph, &groups);
    let chunk_plans = link_chunks::link_chunks(
        &mentions,
        &order,
        &groups,
        &group_imports,
        style_sheets,
        &chunks,
        &namespaces,
        &requests,
        &wrapping,
        &async_modules,
        options,
    );

    let plan = assemble_plan(
        graph,
        order,
        live,
        groups,
        chunks,
        namespaces,
        wrapping,
        async_modules,
        pauses,
        externals,
        symbols,
        exports,
        requests,
        chunk_plans,
        &entry_modules,
        options,
    );
    (plan, diagnostics)
}
