//! The frame of a universal module: a function that is handed its external modules and an object for its exports, by
//! whichever system is there: CommonJS, AMD, or global variables.
//!
//! ```js
//! (function(root, factory) {
//!     typeof exports === "object" && typeof module !== "undefined" ? factory(exports, require("a")) :
//!     typeof define === "function" && define.amd ? define(["exports", "a"], factory) :
//!     factory(root.library = {}, root.a);
//! })(typeof globalThis === "undefined" ? this : globalThis, function(exports, a) { ... });
//! ```

use super::cjs::{exported, marks_es_module, push_stars};
use super::iife::{external_parameter, global_of, is_global_name, path_from};
use super::{Frame, Imported, ImportedFrom, is_strict, push_run, run_entry};
use crate::address::Scope;
use crate::exports::EntryShape;
use crate::helpers::Helper;
use crate::quote;
use crate::render::{pick, push_getter_list};
use cloudpack_base::Diagnostic;

pub(super) fn frame(scope: &Scope<'_, '_>, imported: &[Imported<'_>], diagnostics: &mut Vec<Diagnostic>) -> Frame {
    let minify = scope.minify;
    let (end, comma) = (pick(minify, ";\n", ";"), pick(minify, ", ", ","));
    let mut frame = Frame::default();
    let entry = &scope.entries[scope.chunk];
    let mut handed = Handed::default();
    // Loaded for what they do: last, so that the function need not name them.
    let mut bare = Vec::new();
    if entry.shape == EntryShape::Named {
        handed.parameters.push("exports".to_owned());
    }
    for file in imported {
        let ImportedFrom::External(import) = &file.from else { continue };
        let global = global_of(scope, scope.input.modules[import.module].id, diagnostics);
        for &symbol in &import.symbols {
            handed.specifiers.push(quote::string(&scope.external_specifier(import.module)));
            handed.globals.push(if is_global_name(&global) { format!("root.{global}") } else { global.clone() });
            handed.parameters.push(external_parameter(scope, symbol, &mut frame));
        }
        if import.symbols.is_empty() {
            bare.push(quote::string(&scope.external_specifier(import.module)));
        }
    }
    handed.specifiers.append(&mut bare);
    frame.open.push_str(&head(scope, &handed, diagnostics));
    frame.open.push_str(&format!("function({}){}", handed.parameters.join(comma), pick(minify, " {\n", "{")));
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
            if marks_es_module(scope) {
                frame.open.push_str(&format!("Object.defineProperty(exports, \"__esModule\", {{ value: true }}){end}"));
            }
            let names = exported(scope);
            if !names.is_empty() {
                let mut line = scope.own.helper(Helper::Export).to_string() + "(";
                push_getter_list(minify, &mut line, names.iter().map(|(name, value)| (name.as_str(), value.clone())));
                frame.imports.insert_str(0, &format!("{line}{comma}exports){end}"));
            }
            push_stars(scope, "exports", &mut frame.close);
            push_run(scope, &mut frame.close);
            None
        }
    };
    if let Some(result) = result {
        frame.close.push_str(&format!("return {result}{end}"));
    }
    frame.close.push_str(&format!("}}){end}"));
    frame
}

/// What the function is handed, by position.
#[derive(Default)]
struct Handed {
    /// Of external modules, quoted; the last ones may have neither global nor parameter.
    specifiers: Vec<String>,
    globals: Vec<String>,
    /// With `exports` in front where there is such an object.
    parameters: Vec<String>,
}

/// `(function(root, factory) {...})(globalThis, `
fn head(scope: &Scope<'_, '_>, handed: &Handed, diagnostics: &mut Vec<Diagnostic>) -> String {
    let shape = scope.entries[scope.chunk].shape;
    let has_exports = shape == EntryShape::Named;
    let gives_value = matches!(shape, EntryShape::Default | EntryShape::CommonJs);
    let calls = |first: Option<String>, rest: Vec<String>| -> String {
        format!("factory({})", first.into_iter().chain(rest).collect::<Vec<_>>().join(", "))
    };
    let required: Vec<String> = handed.specifiers.iter().map(|specifier| format!("require({specifier})")).collect();
    let commonjs = calls(has_exports.then(|| "exports".to_owned()), required);
    let commonjs = if gives_value { format!("module.exports = {commonjs}") } else { commonjs };
    let amd: Vec<&str> =
        has_exports.then_some("\"exports\"").into_iter().chain(handed.specifiers.iter().map(String::as_str)).collect();
    let name = scope.input.options.name.as_deref().filter(|_| has_exports || gives_value);
    let (prepare, target) = match name {
        Some(name) => place_of(name, diagnostics),
        None => {
            if has_exports || gives_value {
                // Of a CommonJS entry nobody knows whether it exports anything.
                let make = if shape == EntryShape::CommonJs { Diagnostic::warning } else { Diagnostic::error };
                diagnostics.push(
                    make("MISSING_NAME_OPTION_FOR_UMD_EXPORT", "The entry has exports that a page cannot reach")
                        .with_hint("Set output.name to the global variable that should hold them"),
                );
            }
            (String::new(), None)
        }
    };
    let extends = scope.input.options.extend;
    let global = match (has_exports, target) {
        (true, Some(target)) if extends => calls(Some(format!("{target} = {target} || {{}}")), handed.globals.clone()),
        (true, Some(target)) => calls(Some(format!("{target} = {{}}")), handed.globals.clone()),
        (true, None) => calls(Some("{}".to_owned()), handed.globals.clone()),
        (false, Some(target)) => format!("{target} = {}", calls(None, handed.globals.clone())),
        (false, None) => calls(None, handed.globals.clone()),
    };
    let text = format!(
        "(function(root, factory) {{\n\ttypeof exports === \"object\" && typeof module !== \"undefined\" ? {commonjs} :\n\ttypeof define === \"function\" && define.amd ? define([{}], factory) :\n\t({prepare}{global});\n}})(typeof globalThis === \"undefined\" ? this : globalThis, ",
        amd.join(", ")
    );
    if scope.minify { text.replace(['\n', '\t'], "") } else { text }
}

/// `a.b` -> (`root.a = root.a || {}, `, `root.a.b`)
fn place_of(name: &str, diagnostics: &mut Vec<Diagnostic>) -> (String, Option<String>) {
    let parts: Vec<&str> = name.split('.').collect();
    if parts.contains(&"") {
        diagnostics.push(Diagnostic::error(
            "ILLEGAL_IDENTIFIER_AS_NAME",
            format!("output.name \"{name}\" is no identifier, nor identifiers with dots between"),
        ));
        return (String::new(), None);
    }
    let mut prepare = String::new();
    for length in 1..parts.len() {
        let path = path_from("root", parts.iter().take(length).copied());
        prepare.push_str(&format!("{path} = {path} || {{}}, "));
    }
    (prepare, Some(path_from("root", parts.into_iter())))
}
