//! Links names: what each imported symbol stands for, and the full export lists of modules whose namespace somebody
//! may want. Every import that cannot be satisfied is a diagnostic, whether or not the importer turns out to be live,
//! because an engine would refuse the unbundled program too.

use crate::diagnostic::{AnalyzeDiagnostic, nearest_name, shown};
use crate::execution_order::ExecutionOrder;
use crate::graph::Graph;
use crate::options::AnalyzeOptions;
use crate::resolve_exports::{
    Explicit, ExportResolver, Found, InteropSymbols, PathIdx, Paths, Resolution, Target, explicit_export,
};
use crate::star_exports::RuntimeStarSource;
use cloudpack_base::{IndexVec, ModuleIdx, RequestIdx, Severity, SymbolIdx, SymbolRef, path};
use cloudpack_summary::{
    ConstantValue, DeclarationKind, ImportName, ModuleFlags, ModuleSummary, NAMESPACE_SYMBOL, RequestKind, SymbolFlags,
    SymbolKind,
};

type ImportTables<'a> = IndexVec<ModuleIdx, Vec<BoundImport<'a>>>;

/// A symbol of kind `Import`. Says again what the symbol table says, because the later passes go over all imports and
/// would otherwise wait for the memory of all symbols.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoundImport<'a> {
    pub(crate) symbol: SymbolIdx,
    pub(crate) request: RequestIdx,
    pub(crate) import: Import<'a>,
    /// `x.name` of an `x` that is no namespace object: `import` is that of `x`.
    pub(crate) is_property: bool,
}

pub(crate) struct Bindings<'a> {
    /// Of each reached module, sorted by symbol: all its symbols of kind `Import`.
    imports: ImportTables<'a>,
    /// Of entry points, and of the targets of `import()`, `require()` and `import * as`.
    exports: IndexVec<ModuleIdx, Option<Box<ModuleExports<'a>>>>,
    pub(crate) paths: Paths,
    pub(crate) interop: InteropSymbols,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Import<'a> {
    Found(Found<'a>),
    /// A value that is copied. Its module still runs.
    Constant {
        value: &'a ConstantValue,
        found: Found<'a>,
    },
    Undefined,
}

#[derive(Default)]
pub(crate) struct ModuleExports<'a> {
    /// In the order of the namespace object's keys. Ambiguous and missing names are left out.
    pub(crate) entries: Vec<ExportEntry<'a>>,
    pub(crate) runtime_stars: Vec<RuntimeStarSource>,
}

pub(crate) struct ExportEntry<'a> {
    pub(crate) name: &'a str,
    pub(crate) found: Found<'a>,
    /// The module's own symbol; its namespace symbol for a name that comes through a star.
    pub(crate) local: SymbolRef,
    /// The module's own request that leads to it; `None` for its own declarations.
    pub(crate) request: Option<RequestIdx>,
}

impl<'a> Bindings<'a> {
    pub(crate) fn imports(&self, module: ModuleIdx) -> &[BoundImport<'a>] {
        &self.imports[module]
    }
    pub(crate) fn import(&self, symbol: SymbolRef) -> Option<&BoundImport<'a>> {
        find_import(&self.imports[symbol.module], symbol.symbol)
    }
    pub(crate) fn exports(&self, module: ModuleIdx) -> Option<&ModuleExports<'a>> {
        self.exports[module].as_deref()
    }
}

/// Cost: imported symbols, plus the exports of modules that are wanted whole.
pub(crate) fn bind_imports<'a>(
    graph: &Graph<'a>,
    order: &ExecutionOrder,
    options: &AnalyzeOptions,
) -> (Bindings<'a>, Vec<AnalyzeDiagnostic>) {
    let (interop, mut imports) = imported_symbols(graph);
    let mut resolver = ExportResolver::new(graph, &interop, &order.on_cycle, options.default_is_module);
    let mut diagnostics = Vec::new();
    let mut wanted_whole: Vec<ModuleIdx> = graph.entries.iter().map(|entry| entry.module).collect();
    for module in &order.order {
        let Some(summary) = graph.summary(*module) else { continue };
        for request in graph.requests(*module) {
            if matches!(request.record.kind, RequestKind::Dynamic | RequestKind::Require | RequestKind::Worker) {
                wanted_whole.extend(request.target);
            }
        }
        for at in 0..imports[*module].len() {
            let Some((before, [bound, ..])) = imports[*module].split_at_mut_checked(at) else { continue };
            let symbol = bound.symbol;
            let SymbolKind::Import { request, name, namespace, .. } = &summary.symbols[symbol].kind else { continue };
            let object = namespace.filter(|object| !is_namespace_import(summary, *object));
            let (from, resolution) = match (object, name) {
                (Some(object), ImportName::Named(name)) => {
                    // Objects come before their members.
                    let object = find_import(before, object);
                    match object.and_then(namespace_of) {
                        Some((target, path)) => {
                            let mut resolution = resolver.resolve_export(target, name);
                            if let Resolution::Found(found) = &mut resolution {
                                found.path = resolver.paths.join(path, found.path);
                            }
                            (Some(target), resolution)
                        }
                        None => {
                            bound.import = object.map_or(Import::Undefined, |object| object.import);
                            bound.is_property = true;
                            continue;
                        }
                    }
                }
                _ => {
                    let resolution = resolver.resolve_import(*module, *request, name, namespace.is_some());
                    (graph.target(*module, *request), resolution)
                }
            };
            bound.import = match resolution {
                Resolution::Found(found) => {
                    if let Target::Symbol(namespace) | Target::Property { object: namespace, .. } = found.target
                        && namespace.symbol == NAMESPACE_SYMBOL
                    {
                        wanted_whole.push(namespace.module);
                    }
                    match constant_of(graph, order, *module, found.target, options) {
                        Some(value) => Import::Constant { value, found },
                        None => Import::Found(found),
                    }
                }
                Resolution::Unresolved => Import::Undefined,
                failed => {
                    let is_member = namespace.is_some();
                    let site = Site { module: *module, symbol, request: *request, from, name, is_member };
                    diagnostics.extend(report(&mut resolver, &site, failed, options));
                    Import::Undefined
                }
            };
        }
    }
    let exports = collect_exports(graph, &mut resolver, wanted_whole);
    let paths = resolver.paths;
    (Bindings { imports, exports, paths, interop }, diagnostics)
}

fn find_import<'t, 'a>(imports: &'t [BoundImport<'a>], symbol: SymbolIdx) -> Option<&'t BoundImport<'a>> {
    let at = imports.binary_search_by_key(&symbol, |bound| bound.symbol).ok()?;
    imports.get(at)
}

fn is_namespace_import(summary: &ModuleSummary, symbol: SymbolIdx) -> bool {
    matches!(summary.symbols[symbol].kind, SymbolKind::Import { name: ImportName::Namespace, .. })
}

/// The ES module whose namespace object an import is, with what lies on the way to it.
fn namespace_of(bound: &BoundImport<'_>) -> Option<(ModuleIdx, PathIdx)> {
    match bound.import {
        Import::Found(Found { target: Target::Symbol(object), path })
            if object.symbol == NAMESPACE_SYMBOL && !bound.is_property =>
        {
            Some((object.module, path))
        }
        _ => None,
    }
}

/// One walk over all symbol tables: interop variables of CommonJS, and imported symbols, to be bound.
fn imported_symbols<'a>(graph: &Graph<'a>) -> (InteropSymbols, ImportTables<'a>) {
    let mut interop = IndexVec::with_capacity(graph.modules.len());
    let mut imports = IndexVec::with_capacity(graph.modules.len());
    for module in graph.modules.indices() {
        let (mut variables, mut imported) = (Vec::new(), Vec::new());
        for (symbol, declared) in
            graph.summary(module).into_iter().flat_map(|summary| summary.symbols.iter_enumerated())
        {
            match declared.kind {
                SymbolKind::Import { request, .. } => {
                    let import = Import::Undefined;
                    imported.push(BoundImport { symbol, request, import, is_property: false });
                }
                SymbolKind::Interop { request }
                    if graph.target(module, request).is_some_and(|target| graph.is_commonjs(target)) =>
                {
                    variables.push((request, symbol));
                }
                _ => {}
            }
        }
        variables.sort_unstable();
        interop.push(variables);
        imports.push(imported);
    }
    (InteropSymbols(interop), imports)
}

/// The value of a symbol that never changes, if copying it is no longer than naming it. In a cycle the importer may run
/// before the declaration does, and reading must throw.
fn constant_of<'a>(
    graph: &Graph<'a>,
    order: &ExecutionOrder,
    importer: ModuleIdx,
    target: Target<'a>,
    options: &AnalyzeOptions,
) -> Option<&'a ConstantValue> {
    const LONGEST_STRING: usize = 12;
    let Target::Symbol(symbol) = target else { return None };
    if order.cycle_of[importer] == order.cycle_of[symbol.module] {
        return None;
    }
    match &graph.summary(symbol.module)?.symbols[symbol.symbol].kind {
        SymbolKind::Declared { kind: DeclarationKind::Const, constant: Some(constant), flags, .. }
            if options.inline_constants
                && !flags.contains(SymbolFlags::REASSIGNED)
                && !matches!(constant, ConstantValue::String(text) if text.len() > LONGEST_STRING) =>
        {
            Some(constant)
        }
        _ => None,
    }
}

/// Lists the exports of `wanted`, and of every module whose namespace turns up among them.
fn collect_exports<'a>(
    graph: &Graph<'a>,
    resolver: &mut ExportResolver<'_, 'a>,
    mut wanted: Vec<ModuleIdx>,
) -> IndexVec<ModuleIdx, Option<Box<ModuleExports<'a>>>> {
    let mut exports: IndexVec<ModuleIdx, Option<Box<ModuleExports<'a>>>> =
        graph.modules.indices().map(|_| None).collect();
    while let Some(module) = wanted.pop() {
        if exports[module].is_some() || graph.is_external(module) {
            continue;
        }
        let listed = module_exports(graph, resolver, module);
        for entry in &listed.entries {
            if let Target::Symbol(symbol) | Target::Property { object: symbol, .. } = entry.found.target
                && symbol.symbol == NAMESPACE_SYMBOL
            {
                wanted.push(symbol.module);
            }
        }
        exports[module] = Some(Box::new(listed));
    }
    exports
}

fn module_exports<'a>(
    graph: &Graph<'a>,
    resolver: &mut ExportResolver<'_, 'a>,
    module: ModuleIdx,
) -> ModuleExports<'a> {
    let Some(summary) = graph.summary(module) else { return ModuleExports::default() };
    let local = summary.local_exports.iter().map(|export| (&*export.exported, None));
    let indirect = summary.indirect_exports.iter().map(|export| (&*export.exported, None));
    let stars = resolver.stars.names(graph, &mut resolver.paths, module).map(|(name, request)| (name, Some(request)));
    let mut names: Vec<(&'a str, Option<RequestIdx>)> = local.chain(indirect).chain(stars).collect();
    // Own names come first among equals.
    names.sort_by(|(left, _), (right, _)| compare_code_units(left, right));
    names.dedup_by(|(right, _), (left, _)| left == right);
    let mut entries = Vec::with_capacity(names.len());
    for (name, star_request) in names {
        let Resolution::Found(found) = resolver.resolve_export(module, name) else { continue };
        let explicit = explicit_export(graph, module, name);
        let symbol = explicit.as_ref().map_or(NAMESPACE_SYMBOL, |(symbol, _)| *symbol);
        let leads_to = match explicit {
            // `import x from ...; export default x`, and it is `x` itself.
            Some((_, Explicit::Local { copy_of: Some(copied), .. })) if found.target != own(module, symbol) => copied,
            _ => symbol,
        };
        let request = star_request.or_else(|| match summary.symbols[leads_to].kind {
            SymbolKind::Import { request, .. } => Some(request),
            _ => None,
        });
        entries.push(ExportEntry { name, found, local: SymbolRef::new(module, symbol), request });
    }
    let runtime_stars = resolver.stars.runtime(graph, &mut resolver.paths, module).to_vec();
    ModuleExports { entries, runtime_stars }
}

fn own<'a>(module: ModuleIdx, symbol: SymbolIdx) -> Target<'a> {
    Target::Symbol(SymbolRef::new(module, symbol))
}

/// ECMA-262 sorts the keys of a namespace by UTF-16 code units, which differs from UTF-8 only above U+FFFF.
fn compare_code_units(left: &str, right: &str) -> std::cmp::Ordering {
    if left.is_ascii() && right.is_ascii() { left.cmp(right) } else { left.encode_utf16().cmp(right.encode_utf16()) }
}

struct Site<'a> {
    module: ModuleIdx,
    symbol: SymbolIdx,
    request: RequestIdx,
    /// The module that was asked for the name.
    from: Option<ModuleIdx>,
    name: &'a ImportName,
    is_member: bool,
}

fn report(
    resolver: &mut ExportResolver<'_, '_>,
    site: &Site<'_>,
    failed: Resolution<'_>,
    options: &AnalyzeOptions,
) -> Option<AnalyzeDiagnostic> {
    let graph = resolver.graph;
    let cwd = &options.cwd;
    let target = site.from?;
    let ImportName::Named(name) = site.name else { return None };
    let (importer, from) = (shown(graph, site.module, cwd), shown(graph, target, cwd));
    let located = |code, severity, message| {
        AnalyzeDiagnostic::new(code, severity, message)
            .in_module(site.module)
            .at_symbol(site.symbol)
            .at_request(site.request)
    };
    match failed {
        Resolution::Missing if is_type_reexport(graph, site) => None,
        // Feature detection in a dependency (`ns.useId ? ... : ...`) is nothing that the user can act on.
        Resolution::Missing if site.is_member && graph.modules[site.module].id.contains("/node_modules/") => None,
        Resolution::Missing => {
            let says_nothing = is_silent(graph, target);
            let is_forgiven = options.like_rollup && !is_used(graph, site);
            let is_error = !site.is_member && !says_nothing && !is_forgiven;
            let severity = if is_error { Severity::Error } else { Severity::Warning };
            let undefined = if is_error { "" } else { "; it is undefined" };
            let message = format!("\"{name}\" is not exported by \"{from}\", imported by \"{importer}\"{undefined}");
            let hint = if says_nothing { None } else { hint_for(resolver, target, name) };
            Some(located("MISSING_EXPORT", severity, message).with_hint(hint))
        }
        // A namespace object simply lacks an ambiguous name.
        Resolution::Ambiguous(..) if site.is_member => None,
        Resolution::Ambiguous(first, second) => {
            let (first, second) = (shown(graph, first, cwd), shown(graph, second, cwd));
            let message = format!(
                "\"{name}\" of \"{from}\" is ambiguous: \"export *\" brings it from \"{first}\" and from \"{second}\""
            );
            let hint = format!("Import it from one of them, or name it in \"{from}\": export {{ {name} }} from ...");
            Some(located("AMBIGUOUS_EXPORT", Severity::Error, message).with_hint(Some(hint)))
        }
        Resolution::Circular => {
            let message =
                format!("\"{name}\" of \"{from}\" is only re-exported in a circle, imported by \"{importer}\"");
            Some(located("CIRCULAR_REEXPORT", Severity::Error, message))
        }
        Resolution::Found(_) | Resolution::Unresolved => None,
    }
}

/// `export { Props } from "./types"` in TypeScript may name a type: one file alone does not tell, and the compiler
/// leaves it in. A plain import that is only used as a type is gone by now.
fn is_type_reexport(graph: &Graph<'_>, site: &Site<'_>) -> bool {
    let id = graph.modules[site.module].id;
    let (file, query) = path::split_query(id);
    let is_typescript = matches!(path::extension(file), Some("ts" | "tsx" | "mts" | "cts"))
        || query.ends_with("lang.ts")
        || query.ends_with("lang.tsx");
    is_typescript
        && graph
            .summary(site.module)
            .is_some_and(|summary| summary.indirect_exports.iter().any(|export| export.symbol == site.symbol))
}

/// Whether any code of the module mentions the import, or passes it on.
fn is_used(graph: &Graph<'_>, site: &Site<'_>) -> bool {
    graph.summary(site.module).is_some_and(|summary| {
        summary.sections.iter().any(|section| section.uses.binary_search(&site.symbol).is_ok())
            || summary.indirect_exports.iter().any(|export| export.symbol == site.symbol)
    })
}

/// A file of neither module system, such as a script that sets a global: an engine may read it as CommonJS.
fn is_silent(graph: &Graph<'_>, module: ModuleIdx) -> bool {
    !graph.has_flag(module, ModuleFlags::ES_SYNTAX)
        && graph.summary(module).is_some_and(|summary| {
            summary.local_exports.is_empty() && summary.indirect_exports.is_empty() && summary.star_exports.is_empty()
        })
}

fn hint_for(resolver: &mut ExportResolver<'_, '_>, target: ModuleIdx, name: &str) -> Option<String> {
    let graph = resolver.graph;
    let summary = graph.summary(target)?;
    let local = summary.local_exports.iter().map(|export| &*export.exported);
    let indirect = summary.indirect_exports.iter().map(|export| &*export.exported);
    let mut names: Vec<&str> = local.chain(indirect).collect();
    names.extend(resolver.stars.names(graph, &mut resolver.paths, target).map(|(name, _)| name));
    if name == "default" {
        names.sort_unstable();
        names.dedup();
        let shown: Vec<String> = names.iter().take(3).map(|name| format!("\"{name}\"")).collect();
        let more = if names.len() > shown.len() { ", ..." } else { "" };
        return (!shown.is_empty()).then(|| format!("It has no default export; it exports {}{more}", shown.join(", ")));
    }
    if let Some(near) = nearest_name(name, names.iter().copied().filter(|name| *name != "default")) {
        return Some(format!("Did you mean \"{near}\"?"));
    }
    names.contains(&"default").then(|| format!("It has a default export: import {name} from ..."))
}
