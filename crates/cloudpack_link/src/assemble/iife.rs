//! The frame of a function that is called at once: external modules are its parameters, exports what it returns.

use super::cjs::{external_value, marks_es_module, push_stars};
use super::{Frame, Imported, ImportedFrom, is_strict, push_run, run_entry};
use crate::address::Scope;
use crate::exports::EntryShape;
use crate::helpers::{Helper, tagged};
use crate::input::NamespaceTags;
use crate::quote;
use crate::render::{pick, push_getter_list};
use cloudpack_base::{Diagnostic, SymbolRef};
use cloudpack_plan::ChunkKind;

pub(super) fn frame(scope: &Scope<'_, '_>, imported: &[Imported<'_>], diagnostics: &mut Vec<Diagnostic>) -> Frame {
    let minify = scope.minify;
    let end = pick(minify, ";\n", ";");
    let comma = pick(minify, ", ", ",");
    let mut frame = Frame::default();
    let (mut parameters, mut arguments) = (Vec::new(), Vec::new());
    for file in imported {
        let ImportedFrom::External(import) = &file.from else { continue };
        for &symbol in &import.symbols {
            arguments.push(global_of(scope, scope.input.modules[import.module].id, diagnostics));
            parameters.push(external_parameter(scope, symbol, &mut frame));
        }
    }
    let entry = &scope.entries[scope.chunk];
    let extended = extended(scope);
    if let Some(name) = extended {
        parameters.insert(0, "exports".to_owned());
        arguments.insert(0, format!("{}{}{{}}", path_from("this", name.split('.')), pick(minify, " || ", "||")));
    }
    frame.open.push_str(&assignment(scope, diagnostics));
    frame.open.push_str(&format!("(function({}){}", parameters.join(comma), pick(minify, " {\n", "{")));
    if is_strict(scope) {
        frame.open.push_str(pick(minify, "\"use strict\";\n", "\"use strict\";"));
    }

    let result = match entry.shape {
        EntryShape::None => {
            push_run(scope, &mut frame.close);
            None
        }
        EntryShape::CommonJs => run_entry(scope),
        EntryShape::Default => {
            push_run(scope, &mut frame.close);
            entry.list.first().map(|export| scope.binding(&export.binding))
        }
        EntryShape::Named => {
            push_run(scope, &mut frame.close);
            let has_stars = !scope.input.plan.chunks[scope.chunk]
                .entry
                .is_none_or(|entry| scope.input.plan.modules[entry].runtime_stars.is_empty());
            let mut value = scope.own.helper(Helper::Export).to_string() + "(";
            let list = entry.list.iter().map(|export| (&*export.exported, scope.binding(&export.binding)));
            push_getter_list(minify, &mut value, list);
            value.push_str(comma);
            let mut target = if extended.is_some() { "exports" } else { "{}" }.to_owned();
            if scope.input.options.symbols == NamespaceTags::All {
                target = tagged(&target, minify);
            }
            value.push_str(&match (marks_es_module(scope), minify) {
                (true, false) => format!("Object.defineProperty({target}, \"__esModule\", {{ value: true }}))"),
                (true, true) => format!("Object.defineProperty({target},\"__esModule\",{{value:!0}}))"),
                (false, _) => format!("{target})"),
            });
            if has_stars {
                let name = if scope.own.helper(Helper::ReExport).to_string() == "x" { "y" } else { "x" };
                frame.close.push_str(&format!("return (function({name}) {{ "));
                push_stars(scope, name, &mut frame.close);
                frame.close.push_str(&format!("return {name}; }})({value}){end}"));
                None
            } else {
                Some(value)
            }
        }
    };
    if let Some(result) = result {
        frame.close.push_str(&format!("return {result}{end}"));
    }
    frame.close.push_str(&format!("}})({}){end}", arguments.join(comma)));
    frame
}

/// The name of an external module's parameter, which holds the module as this symbol sees it.
pub(super) fn external_parameter(scope: &Scope<'_, '_>, symbol: SymbolRef, frame: &mut Frame) -> String {
    let mut name = String::new();
    scope.push_symbol(&mut name, symbol);
    let value = external_value(scope, symbol, &name);
    if value != name {
        let (equals, end) = (pick(scope.minify, " = ", "="), pick(scope.minify, ";\n", ";"));
        frame.imports.push_str(&format!("{name}{equals}{value}{end}"));
    }
    name
}

/// `var name = `, `this.a = this.a || {}; this.a.b = `, or nothing.
fn assignment(scope: &Scope<'_, '_>, diagnostics: &mut Vec<Diagnostic>) -> String {
    let has_exports = scope.entries[scope.chunk].shape != EntryShape::None;
    let is_entry = scope.input.plan.chunks[scope.chunk].kind == ChunkKind::Entry;
    let Some(name) = scope.input.options.name.as_deref().filter(|_| has_exports && is_entry) else {
        if has_exports && is_entry {
            diagnostics.push(
                Diagnostic::warning(
                    "MISSING_NAME_OPTION_FOR_IIFE_EXPORT",
                    "The entry has exports that nobody can reach",
                )
                .with_hint("Set output.name to the global variable that should hold them"),
            );
        }
        return String::new();
    };
    let assign = pick(scope.minify, " = ", "=");
    let parts: Vec<&str> = name.split('.').collect();
    // A variable needs a name that may be declared, a property takes any.
    let is_variable = parts.len() == 1 && !scope.input.options.extend;
    if parts.contains(&"") || is_variable && !quote::is_binding_name(name) {
        diagnostics.push(Diagnostic::error(
            "ILLEGAL_IDENTIFIER_AS_NAME",
            format!("output.name \"{name}\" is no identifier, nor identifiers with dots between"),
        ));
        return String::new();
    }
    if is_variable {
        return format!("var {name}{assign}");
    }
    let mut out = String::new();
    for length in 1..parts.len() {
        let path = path_from("this", parts.iter().take(length).copied());
        out.push_str(&format!("{path}{assign}{path} || {{}};\n"));
    }
    out.push_str(&format!("{}{assign}", path_from("this", parts.into_iter())));
    out
}

/// The global variable that the exports are added to.
fn extended<'x>(scope: &Scope<'x, '_>) -> Option<&'x str> {
    let is_entry = scope.input.plan.chunks[scope.chunk].kind == ChunkKind::Entry;
    let adds = scope.input.options.extend && is_entry && scope.entries[scope.chunk].shape == EntryShape::Named;
    scope.input.options.name.as_deref().filter(|_| adds)
}

/// `this.a["1"]`
pub(super) fn path_from<'p>(object: &str, parts: impl Iterator<Item = &'p str>) -> String {
    let mut path = object.to_owned();
    for part in parts {
        quote::push_member(&mut path, part);
    }
    path
}

/// `a`, `a.b`
pub(super) fn is_global_name(name: &str) -> bool {
    name.split('.').all(quote::is_identifier_name)
}

pub(super) fn global_of(scope: &Scope<'_, '_>, specifier: &str, diagnostics: &mut Vec<Diagnostic>) -> String {
    if let Some((_, global)) = scope.input.options.globals.iter().find(|(name, _)| name == specifier) {
        return global.clone();
    }
    let guess = cloudpack_summary::base_name_of(specifier);
    diagnostics.push(
        Diagnostic::warning(
            "MISSING_GLOBAL_NAME",
            format!("No global variable is known for the external module \"{specifier}\"; \"{guess}\" is a guess"),
        )
        .with_hint(format!("Add it to output.globals: {{ \"{specifier}\": \"{guess}\" }}")),
    );
    guess
}
