//! Pass 2 and 4: what each chunk exports. Before naming: the exports that the entry module offers to the world, and in
//! which shape. After naming: the aliases under which other chunks take symbols.

use crate::input::{ExportsMode, Format, LinkInput};
use crate::names::{Name, Names};
use cloudpack_base::{ChunkIdx, Diagnostic, IndexVec, ModuleIdx, SymbolRef};
use cloudpack_object::short_name_number;
use cloudpack_plan::{Binding, ChunkKind, ChunkPlan, ResolvedExport, Wrap};
use rustc_hash::{FxHashMap, FxHashSet};

/// What the world sees of an entry chunk.
pub(crate) struct EntryExports<'a> {
    pub(crate) shape: EntryShape,
    pub(crate) list: &'a [ResolvedExport],
    /// The entry module is wrapped: the chunk calls the wrapper at its end.
    pub(crate) run: Option<ModuleIdx>,
    /// `run` is a CommonJS module, in a CommonJS file, that nobody else asks for: `exports` and `module` are the file's own,
    /// so that `require.main === module` holds where the file is started.
    pub(crate) is_file: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryShape {
    /// Nothing: no entry, no exports, or nobody looks.
    None,
    /// Names.
    Named,
    /// cjs, iife: the value of `default` stands for all.
    Default,
    /// The entry is a CommonJS module: its `module.exports` is the default export, or stands for all.
    CommonJs,
}

pub(crate) fn entry_exports<'a>(
    input: &LinkInput<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> IndexVec<ChunkIdx, EntryExports<'a>> {
    let all: Vec<EntryExports<'a>> =
        input.plan.chunks.indices().map(|chunk| of_chunk(input, chunk, diagnostics)).collect();
    IndexVec::from(all)
}

const NO_EXPORTS: EntryExports<'static> =
    EntryExports { shape: EntryShape::None, list: &[], run: None, is_file: false };

fn of_chunk<'a>(input: &LinkInput<'a>, chunk: ChunkIdx, diagnostics: &mut Vec<Diagnostic>) -> EntryExports<'a> {
    let plan = &input.plan.chunks[chunk];
    let Some(entry) = plan.entry.filter(|_| input.is_near(chunk)) else { return NO_EXPORTS };
    let module = &input.plan.modules[entry];
    let run = (module.wrap != Wrap::None && module.chunk.is_some()).then_some(entry);
    let format = input.options.format;
    if plan.kind == ChunkKind::Worker {
        return EntryExports { shape: EntryShape::None, list: &[], run, is_file: false };
    }
    if module.wrap == Wrap::CommonJs {
        let shape = if input.options.exports == ExportsMode::None && plan.kind == ChunkKind::Entry {
            EntryShape::None
        } else {
            EntryShape::CommonJs
        };
        return EntryExports { shape, list: &[], run, is_file: is_file(input, chunk, entry) };
    }
    let list = module.exports.as_slice();
    if format == Format::Es {
        let has_stars = !module.runtime_stars.is_empty();
        let shape = if list.is_empty() && !has_stars { EntryShape::None } else { EntryShape::Named };
        return EntryExports { shape, list, run, is_file: false };
    }
    let only_default = list.len() == 1 && &*list[0].exported == "default" && module.runtime_stars.is_empty();
    let invalid =
        |message: String| Diagnostic::error("INVALID_EXPORT_OPTION", message).with_id(input.modules[entry].id);
    // The option is about entry points; what dynamic entries export is read by our own code.
    let mode = if plan.kind == ChunkKind::Entry { input.options.exports } else { ExportsMode::Named };
    let shape = match mode {
        _ if list.is_empty() && module.runtime_stars.is_empty() => {
            if mode == ExportsMode::Default {
                diagnostics.push(invalid("output.exports is \"default\", but the entry has no default export".into()));
            }
            EntryShape::None
        }
        ExportsMode::Auto if only_default && plan.exports.is_empty() => EntryShape::Default,
        ExportsMode::Auto | ExportsMode::Named => {
            // The variable of an iife is read by people, who see both.
            let required = format == Format::Cjs && mode == ExportsMode::Auto;
            if required && list.iter().any(|export| &*export.exported == "default") && list.len() > 1 {
                diagnostics.push(
                    Diagnostic::warning(
                        "MIXED_EXPORTS",
                        "The entry has a default export and named ones: who requires it finds the default under \".default\"",
                    )
                    .with_id(input.modules[entry].id)
                    .with_hint("Set output.exports to \"named\" if that is meant"),
                );
            }
            EntryShape::Named
        }
        ExportsMode::Default if only_default => EntryShape::Default,
        ExportsMode::Default => {
            let names: Vec<&str> = list.iter().map(|export| &*export.exported).collect();
            diagnostics
                .push(invalid(format!("output.exports is \"default\", but the entry exports {}", names.join(", "))));
            EntryShape::Named
        }
        ExportsMode::None => {
            diagnostics.push(invalid("output.exports is \"none\", but the entry has exports".into()));
            EntryShape::None
        }
    };
    EntryExports { shape, list, run, is_file: false }
}

fn is_file(input: &LinkInput<'_>, chunk: ChunkIdx, entry: ModuleIdx) -> bool {
    let plan = &input.plan.chunks[chunk];
    let is_own = input.options.format == Format::Cjs
        && plan.kind == ChunkKind::Entry
        && input.plan.modules[entry].chunk == Some(chunk)
        && !input.plan.modules[entry].run_in_place;
    // `arguments[0] === exports` holds for what a wrapper is called with.
    let has_arguments = input.modules[entry]
        .code
        .is_some_and(|code| code.object.global_names.iter().any(|name| &**name == "arguments"));
    // Modules of other chunks take the wrapper as an export, those of this one name it.
    is_own
        && !has_arguments
        && !plan.exports.iter().any(|symbol| symbol.module == entry)
        && !plan
            .modules
            .iter()
            .any(|module| input.plan.modules[*module].requests.iter().any(|request| request.target == Some(entry)))
}

/// The names under which a chunk's symbols can be had from other chunks.
#[derive(Default)]
pub(crate) struct ChunkAliases<'a> {
    /// Those to export besides what the entry offers, in order.
    pub(crate) shared: Vec<(SymbolRef, Name<'a>)>,
    pub(crate) of: FxHashMap<SymbolRef, Name<'a>>,
}

pub(crate) fn assign_aliases<'a>(
    input: &LinkInput<'a>,
    entries: &IndexVec<ChunkIdx, EntryExports<'a>>,
    names: &Names<'a>,
) -> IndexVec<ChunkIdx, ChunkAliases<'a>> {
    let all: Vec<ChunkAliases<'a>> = input
        .plan
        .chunks
        .iter_enumerated()
        .map(|(chunk, plan)| {
            let mut aliases = ChunkAliases::default();
            if let Some(former) = input.former.filter(|former| !former.wanted.contains(chunk)) {
                if former.near.contains(chunk) {
                    aliases.of = former.aliases(chunk).collect();
                }
                return aliases;
            }
            if plan.exports.is_empty() {
                return aliases;
            }
            let entry = &entries[chunk];
            let mut taken: FxHashSet<Name<'a>> = FxHashSet::default();
            if entry.shape == EntryShape::Named {
                for export in entry.list {
                    let name = Name::Plain(&export.exported);
                    taken.insert(name);
                    taken.extend(short_name_number(&export.exported).map(Name::Short));
                    if let Binding::Symbol(symbol) = export.binding {
                        aliases.of.entry(symbol).or_insert(name);
                    }
                }
            }
            if input.options.format == Format::Es && entry.shape == EntryShape::CommonJs {
                taken.insert(Name::Plain("default"));
            }
            // `then` would make a promise of what `import()` gives.
            taken.insert(Name::Plain("then"));
            for (symbol, exported) in own_exports(input, plan) {
                // `export { a, a as b }`: others take it by the first name, and both are there.
                if plan.exports.contains(&symbol) && taken.insert(exported) {
                    taken.extend(short_name_number(&exported.to_string()).map(Name::Short));
                    aliases.of.entry(symbol).or_insert(exported);
                    aliases.shared.push((symbol, exported));
                }
            }
            let mut next_short = 0;
            for &symbol in &plan.exports {
                if aliases.of.contains_key(&symbol) {
                    continue;
                }
                let alias = if input.options.minify {
                    while !taken.insert(Name::Short(next_short)) {
                        next_short += 1;
                    }
                    Name::Short(next_short)
                } else {
                    readable_alias(names.declared(symbol), &mut taken)
                };
                aliases.of.insert(symbol, alias);
                aliases.shared.push((symbol, alias));
            }
            aliases
        })
        .collect();
    IndexVec::from(all)
}

/// Of a chunk that is a module and no entry: its declarations under the names that the module gives them.
fn own_exports<'a>(input: &LinkInput<'a>, plan: &ChunkPlan) -> Vec<(SymbolRef, Name<'a>)> {
    let (true, None, [module]) = (input.options.preserve_modules, plan.entry, plan.modules.as_slice()) else {
        return Vec::new();
    };
    let summary = input.modules[*module].code.map(|code| code.summary);
    let exports = summary.into_iter().flat_map(|summary| &summary.local_exports);
    exports.map(|export| (SymbolRef::new(*module, export.symbol), Name::Plain(&export.exported))).collect()
}

/// The local name, numbered when the entry exports something else under it.
fn readable_alias<'a>(local: Name<'a>, taken: &mut FxHashSet<Name<'a>>) -> Name<'a> {
    if taken.insert(local) {
        return local;
    }
    let (base, mut number) = match local {
        Name::Numbered(base, number) => (base, number + 1),
        Name::Plain(base) => (base, 1),
        other => return other,
    };
    while !taken.insert(Name::Numbered(base, number)) {
        number += 1;
    }
    Name::Numbered(base, number)
}
