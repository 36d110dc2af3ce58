//! The frame of a CommonJS file. Exports are getters, defined before anything is required: bindings stay live, and a
//! circle of files finds them.

use super::{Frame, Imported, ImportedFrom, push_run, run_entry};
use crate::address::Scope;
use crate::exports::EntryShape;
use crate::helpers::{Helper, tagged};
use crate::input::{EsModuleMarker, NamespaceTags};
use crate::quote;
use crate::render::{pick, push_getter_list};
use cloudpack_base::SymbolRef;
use cloudpack_plan::{ChunkKind, EXTERNAL_ESM, EXTERNAL_NODE_ESM, EXTERNAL_REQUIRE};

pub(super) fn frame(scope: &Scope<'_, '_>, imported: &[Imported<'_>]) -> Frame {
    let mut frame = Frame::default();
    let end = pick(scope.minify, ";\n", ";");
    let entry = &scope.entries[scope.chunk];
    let exported = exported(scope);
    if entry.shape == EntryShape::Named && marks_es_module(scope) {
        frame.open.push_str(&format!("Object.defineProperty(exports, \"__esModule\", {{ value: true }}){end}"));
    }
    if entry.shape == EntryShape::Named && scope.input.options.symbols == NamespaceTags::All {
        frame.open.push_str(&format!("{}{end}", tagged("exports", scope.minify)));
    }
    if !exported.is_empty() {
        scope.push_helper(&mut frame.imports, Helper::Export);
        frame.imports.push('(');
        let list = exported.iter().map(|(name, value)| (name.as_str(), value.clone()));
        push_getter_list(scope.minify, &mut frame.imports, list);
        frame.imports.push_str(&format!("{}exports){end}", pick(scope.minify, ", ", ",")));
    }
    for file in imported {
        frame.imports.push_str(&require_line(scope, file));
    }
    push_stars(scope, "exports", &mut frame.close);

    match entry.shape {
        EntryShape::CommonJs => {
            if entry.is_file {
                push_run(scope, &mut frame.close);
            } else if let Some(call) = run_entry(scope) {
                frame.close.push_str(&format!("module.exports = {call}{end}"));
            }
        }
        EntryShape::Default => {
            push_run(scope, &mut frame.close);
            for export in entry.list {
                frame.close.push_str(&format!("module.exports = {}{end}", scope.binding(&export.binding)));
            }
        }
        EntryShape::None | EntryShape::Named => push_run(scope, &mut frame.close),
    }
    if entry.shape == EntryShape::Named {
        push_names_for_node(scope, &mut frame.close);
    }
    frame
}

/// Whether the object with the entry's exports gets `__esModule`.
pub(super) fn marks_es_module(scope: &Scope<'_, '_>) -> bool {
    match scope.input.options.es_module {
        EsModuleMarker::Always => true,
        EsModuleMarker::Never => false,
        // `import()` of our own code reads it, and a namespace object has no such name.
        EsModuleMarker::IfDefaultProp if scope.input.plan.chunks[scope.chunk].kind == ChunkKind::DynamicEntry => false,
        EsModuleMarker::IfDefaultProp => {
            scope.entries[scope.chunk].list.iter().any(|export| *export.exported == *"default")
        }
    }
}

/// Name and value of every getter.
pub(super) fn exported(scope: &Scope<'_, '_>) -> Vec<(String, String)> {
    let entry = &scope.entries[scope.chunk];
    let mut list = Vec::new();
    if entry.shape == EntryShape::Named {
        list.extend(entry.list.iter().map(|export| (export.exported.to_string(), scope.binding(&export.binding))));
    }
    for (symbol, alias) in &scope.aliases[scope.chunk].shared {
        let mut value = String::new();
        scope.push_symbol(&mut value, *symbol);
        list.push((alias.to_string(), value));
    }
    list
}

fn require_line(scope: &Scope<'_, '_>, file: &Imported<'_>) -> String {
    let minify = scope.minify;
    let end = pick(minify, ";\n", ";");
    let assign = pick(minify, " = ", "=");
    match &file.from {
        ImportedFrom::Chunk(import) => {
            let call = format!("require({})", quote::string(&scope.specifier_of_chunk(import.chunk)));
            match scope.own.required.get(&import.chunk) {
                Some(name) if !import.symbols.is_empty() => format!("var {name}{assign}{call}{end}"),
                _ => format!("{call}{end}"),
            }
        }
        ImportedFrom::External(import) => {
            let call = format!("require({})", quote::string(&scope.external_specifier(import.module)));
            if import.symbols.is_empty() {
                return format!("{call}{end}");
            }
            // Required once; what the interop forms are made from, if it is wanted as well.
            let mut object = call;
            let mut lines = String::new();
            for symbol in &import.symbols {
                let value = external_value(scope, *symbol, &object);
                let mut name = String::new();
                scope.push_symbol(&mut name, *symbol);
                lines.push_str(&format!("var {name}{assign}{value}{end}"));
                if symbol.symbol == EXTERNAL_REQUIRE {
                    object = name;
                }
            }
            lines
        }
    }
}

/// An external module as one of its three symbols sees it: as it is, or as a namespace by one of two rules.
pub(super) fn external_value(scope: &Scope<'_, '_>, symbol: SymbolRef, object: &str) -> String {
    let mode = match symbol.symbol {
        EXTERNAL_NODE_ESM => pick(scope.minify, ", 1", ",1"),
        EXTERNAL_ESM => "",
        _ => return object.to_owned(),
    };
    format!("{}({object}{mode})", scope.own.helper(Helper::ToEsm))
}

/// `export *` of names known at run time, at an entry.
pub(super) fn push_stars(scope: &Scope<'_, '_>, target: &str, out: &mut String) {
    let entry = &scope.entries[scope.chunk];
    let module = scope.input.plan.chunks[scope.chunk].entry.filter(|_| entry.shape == EntryShape::Named);
    let Some(module) = module else { return };
    for object in scope.input.plan.modules[module].runtime_stars.iter().filter_map(|star| star.object) {
        scope.push_helper(out, Helper::ReExport);
        out.push_str(&format!("({target}{}", pick(scope.minify, ", ", ",")));
        scope.push_symbol(out, object);
        out.push_str(pick(scope.minify, ");\n", ");"));
    }
}

/// Node reads the names that `import { a } from "./this.cjs"` may take out of the text, without running it. It knows
/// this assignment, which never runs.
fn push_names_for_node(scope: &Scope<'_, '_>, out: &mut String) {
    let entry = &scope.entries[scope.chunk];
    // `{ if }` is no shorthand, and after a value that is no name the reader stops: such a name has a name as its value.
    let mut names: Vec<String> = Vec::new();
    for export in entry.list {
        if quote::is_binding_name(&export.exported) {
            names.push(export.exported.to_string());
        } else if *export.exported != *"default" {
            names.push(format!("{}: exports", quote::string(&export.exported)));
        }
    }
    if let Some(module) = scope.input.plan.chunks[scope.chunk].entry {
        let stars = scope.input.plan.modules[module].runtime_stars.iter().filter_map(|star| star.object);
        let external = stars.filter(|object| scope.input.modules[object.module].code.is_none());
        names.extend(
            external.map(|object| format!("...require({})", quote::string(&scope.external_specifier(object.module)))),
        );
    }
    if !names.is_empty() {
        let comma = pick(scope.minify, ", ", ",");
        let end = pick(scope.minify, ";\n", ";");
        out.push_str(&format!("0 && (module.exports = {{ {} }}){end}", names.join(comma)));
    }
}
