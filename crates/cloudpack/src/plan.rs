//! Runs Analyze for one output: the graph as Analyze sees it, one plan for all entries or one an entry, and a plan of
//! its own for each worker that must be self-contained.

use crate::code_splitting::Splitting;
use crate::link_input::shown_paths;
use crate::options::{BuildOptions, ExportsMode, Interop, OutputFormat, OutputOptions, Platform};
use crate::scan::Scan;
use cloudpack_analyze::{
    AnalyzeDiagnostic, AnalyzeOptions, Entry, EntryKind, Graph, GraphModule, GraphModuleKind, analyze,
};
use cloudpack_base::{Diagnostic, IndexVec, ModuleIdx, path};
use cloudpack_object::Span;
use cloudpack_plan::{LinkPlan, RequestAction};
use cloudpack_summary::{ModuleFlags, RequestFlags};
use serde::{Deserialize, Serialize};

/// One plan with what it is for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) plan: LinkPlan,
    pub(crate) format: OutputFormat,
    /// The worker's entry module when this is a worker that is bundled by itself.
    pub(crate) worker: Option<ModuleIdx>,
    /// Indices into `Scan::entries`, parallel to the plan's first chunks; empty for a worker.
    pub(crate) entries: Vec<usize>,
}

/// Plans of one output, workers before those that start them.
pub(crate) fn plan_output(
    scan: &Scan,
    options: &BuildOptions,
    output: &OutputOptions,
    variant: usize,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Part> {
    let splits = !output.code_splitting.is_off() && !output.format.is_script() && output.file.is_none();
    let known: Vec<usize> = (0..scan.entries.len())
        .filter(|index| scan.entries.get(*index).is_some_and(|entry| entry.module.is_some()))
        .collect();
    // A module lies in one chunk of a plan, so without splitting each entry is planned alone.
    let groups: Vec<Vec<usize>> =
        if splits || known.len() < 2 { vec![known] } else { known.into_iter().map(|index| vec![index]).collect() };
    let preserved = output.preserve_modules.then(|| {
        let root = output.preserve_modules_root.as_deref();
        root.map(|root| path::relative(&options.cwd, &path::join(&options.cwd, &path::from_native(root))))
            .unwrap_or_default()
    });
    let default_stands_alone = output.format == OutputFormat::Cjs && output.exports != ExportsMode::Named;
    let mut parts = Vec::new();
    for entries in groups {
        let modules: Vec<Entry<'_>> = entries
            .iter()
            .filter_map(|index| {
                let entry = scan.entries.get(*index)?;
                let kind = if entry.reference.is_some() { EntryKind::Emitted } else { EntryKind::User };
                // Only a name that somebody chose stands above the place in the tree.
                let is_chosen = entry.reference.is_some() || options.input.get(*index).is_some_and(|item| item.named);
                let name = if output.preserve_modules && !is_chosen { "" } else { &entry.name };
                Some(Entry { module: entry.module?, name, kind })
            })
            .collect();
        let plan = analyze_part(
            scan,
            options,
            modules,
            output.format,
            splits.then(|| output.code_splitting.splitting()),
            preserved.clone(),
            default_stands_alone,
            output.interop == Interop::Default,
            variant,
            faults,
        );
        parts.push(Part { plan, format: output.format, worker: None, entries });
    }
    let mut next = 0;
    let mut workers: Vec<Part> = Vec::new();
    let mut started: Vec<ModuleIdx> = Vec::new();
    while next < parts.len() + workers.len() {
        let part = if next < parts.len() { &parts[next] } else { &workers[next - parts.len()] };
        next += 1;
        for (target, is_classic) in self_contained_workers(scan, &part.plan, variant) {
            if started.contains(&target) {
                continue;
            }
            started.push(target);
            let name = cloudpack_summary::base_name_of(&scan.graph.modules[target].id);
            let entry = Entry { module: target, name: &name, kind: EntryKind::Emitted };
            let format = worker_format(options.platform, output.format, is_classic);
            let plan = analyze_part(scan, options, vec![entry], format, None, None, false, false, variant, faults);
            workers.push(Part { plan, format, worker: Some(target), entries: Vec::new() });
        }
    }
    // A worker started by a worker was found later, and its name must be known first.
    workers.reverse();
    workers.extend(parts);
    workers
}

/// Node tells scripts from modules by the name of the file and the package around it, so the file of a worker is what the
/// chunk that starts it is, and reaches external modules as that does. A browser is told: `type: "module"`.
fn worker_format(platform: Platform, output: OutputFormat, is_classic: bool) -> OutputFormat {
    match (platform, output) {
        (Platform::Node, OutputFormat::Es) => OutputFormat::Es,
        (Platform::Node, OutputFormat::Cjs | OutputFormat::Iife | OutputFormat::Umd) => OutputFormat::Cjs,
        (Platform::Browser | Platform::Neutral, _) if is_classic => OutputFormat::Iife,
        (Platform::Browser | Platform::Neutral, _) => OutputFormat::Es,
    }
}

fn self_contained_workers(scan: &Scan, plan: &LinkPlan, variant: usize) -> Vec<(ModuleIdx, bool)> {
    let mut found = Vec::new();
    for (module, planned) in plan.modules.iter_enumerated() {
        if !planned.live {
            continue;
        }
        let Some(compiled) = scan.graph.modules[module].compiled.get(variant) else { continue };
        for (index, request) in planned.requests.iter_enumerated() {
            if let (RequestAction::WorkerBundle, Some(target)) = (&request.action, request.target) {
                let classic = compiled
                    .summary
                    .requests
                    .get(index)
                    .is_some_and(|record| record.flags.contains(RequestFlags::CLASSIC_WORKER));
                found.push((target, classic));
            }
        }
    }
    found
}

fn analyze_part(
    scan: &Scan,
    options: &BuildOptions,
    entries: Vec<Entry<'_>>,
    format: OutputFormat,
    splitting: Option<Splitting>,
    preserve_modules: Option<String>,
    default_stands_alone: bool,
    default_is_module: bool,
    variant: usize,
    faults: &mut Vec<Diagnostic>,
) -> LinkPlan {
    let resolved: IndexVec<ModuleIdx, Vec<Option<ModuleIdx>>> = scan
        .graph
        .modules
        .iter()
        .map(|record| match record.compiled.get(variant) {
            Some(compiled) => compiled.resolved(&record.requests),
            None => Vec::new(),
        })
        .collect();
    let code_splitting = splitting.is_some();
    let splitting = splitting.unwrap_or_default();
    let (named_groups, wanted) = splitting.named_groups(scan);
    // Names of chunks come from ids, and must not depend on where the project lies.
    let ids = shown_paths(scan, &options.cwd);
    let modules: IndexVec<ModuleIdx, GraphModule<'_>> = scan
        .graph
        .modules
        .iter_enumerated()
        .map(|(index, record)| GraphModule {
            id: &ids[index],
            kind: match record.compiled.get(variant) {
                Some(compiled) => GraphModuleKind::Internal(&compiled.summary),
                None => GraphModuleKind::External { specifier: &record.id },
            },
            side_effects: record.side_effects,
            keep: record.keep,
            named_groups: &wanted[index],
            resolved: &resolved[index],
        })
        .collect();
    let analyze_options = AnalyzeOptions {
        format: match format {
            OutputFormat::Es => cloudpack_analyze::OutputFormat::Es,
            OutputFormat::Cjs => cloudpack_analyze::OutputFormat::Cjs,
            OutputFormat::Iife | OutputFormat::Umd => cloudpack_analyze::OutputFormat::Iife,
        },
        code_splitting,
        named_groups,
        max_requests: splitting.max_requests,
        max_over_fetch: splitting.max_over_fetch,
        preserve_modules,
        default_stands_alone,
        workers_stand_alone: options.engine.is_some(),
        default_is_module,
        treeshake: options.treeshake.enabled,
        like_rollup: options.hosted,
        ..AnalyzeOptions::default()
    };
    let (plan, found) = analyze(&Graph { modules, entries }, &analyze_options);
    if format == OutputFormat::Es {
        faults.extend(sloppy_modules(scan, &plan, variant));
    }
    if options.hosted {
        faults.extend(remarkable_modules(scan, variant));
    }
    for fault in found {
        let shown = place(scan, fault, variant);
        if !faults.contains(&shown) {
            faults.push(shown);
        }
    }
    plan
}

/// Modules that strict mode refuses, in an output that is strict by its nature.
fn sloppy_modules(scan: &Scan, plan: &LinkPlan, variant: usize) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for (record, planned) in scan.graph.modules.iter().zip(&plan.modules) {
        let flags = record.compiled.get(variant).map(|compiled| compiled.summary.flags);
        if planned.live && flags.is_some_and(|flags| flags.contains(ModuleFlags::SLOPPY)) {
            let message = "The module uses syntax that strict mode refuses (`with`, octal numbers, a parameter named twice), and ES modules are strict";
            faults.push(
                Diagnostic::error("STRICT_MODE_SYNTAX", message)
                    .with_id(&record.id)
                    .with_hint("Build with output.format \"cjs\" or \"iife\", or mark the module external"),
            );
        }
    }
    faults
}

/// What hosts tell their users of single modules.
fn remarkable_modules(scan: &Scan, variant: usize) -> Vec<Diagnostic> {
    let eval = "\"eval\" may run whatever it is given, and names that it could see cannot be shortened or left out";
    let eval_hint = "Call it as (0, eval)(code), which sees global names alone, or use new Function(code)";
    let this = "\"this\" at the top level of an ES module is undefined, and is written so";
    let this_hint = "Use globalThis where the global object is meant";
    let remarks = [
        (ModuleFlags::DIRECT_EVAL, "EVAL", eval, eval_hint),
        (ModuleFlags::TOP_LEVEL_THIS, "THIS_IS_UNDEFINED", this, this_hint),
    ];
    let mut warnings = Vec::new();
    for record in &scan.graph.modules {
        let Some(compiled) = record.compiled.get(variant) else { continue };
        let told = remarks.iter().filter(|(flag, ..)| compiled.summary.flags.contains(*flag));
        warnings.extend(
            told.map(|(_, code, message, hint)| {
                Diagnostic::warning(code, *message).with_id(&record.id).with_hint(*hint)
            }),
        );
    }
    warnings
}

/// Gives a fault of the plan its place in the source.
fn place(scan: &Scan, fault: AnalyzeDiagnostic, variant: usize) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(fault.code, fault.message);
    diagnostic.severity = fault.severity;
    diagnostic.hint = fault.hint;
    diagnostic.ids = fault.cycle.iter().map(|module| scan.graph.modules[*module].id.clone()).collect();
    let Some(module) = fault.module else { return diagnostic };
    let record = &scan.graph.modules[module];
    let object = record.compiled.get(variant).map(|compiled| &compiled.object);
    let span = object
        .and_then(|object| {
            let of_symbol = fault.symbol.and_then(|symbol| object.symbol_spans.get(symbol));
            of_symbol.or_else(|| fault.request.and_then(|request| object.request_spans.get(request)))
        })
        .copied()
        .filter(|span| *span != Span::NONE);
    match span {
        Some(span) => diagnostic.with_span(&record.id, &record.source, span.start, span.end),
        None => diagnostic.with_id(&record.id),
    }
}
