//! The frame of an ES module: `import` statements at its head, one `export` statement at its end.

use super::{Frame, Imported, ImportedFrom, push_run, run_entry};
use crate::address::Scope;
use crate::exports::EntryShape;
use crate::quote;
use crate::render::{attributes, pick};
use cloudpack_base::{Idx, SymbolRef};
use cloudpack_plan::Binding;
use cloudpack_summary::ImportName;

pub(super) fn frame(scope: &Scope<'_, '_>, imported: &[Imported<'_>]) -> Frame {
    let mut frame = Frame::default();
    if let Some(name) = scope.own.create_require {
        let text = pick(
            scope.minify,
            "import { createRequire as NAME } from \"node:module\";\n",
            "import{createRequire as NAME}from\"node:module\";",
        );
        frame.open.push_str(&text.replace("createRequire as NAME", &imported_as("createRequire", &name.to_string())));
    }
    for file in imported {
        push_import(scope, file, &mut frame.open);
    }
    push_exports(scope, &mut frame.close);
    frame
}

/// `name as local`, or `local` when both are the same: a binding is an identifier, which must not be quoted even where it is
/// no ASCII (`export { "café" }` is a syntax error).
fn imported_as(name: &str, local: &str) -> String {
    if name == local {
        return local.to_owned();
    }
    let mut out = String::new();
    quote::push_module_export_name(&mut out, name);
    out.push_str(" as ");
    out.push_str(local);
    out
}

/// `local as name`, or `local` when both are the same.
fn exported_as(local: &str, name: &str) -> String {
    let mut out = local.to_owned();
    if name != local {
        out.push_str(" as ");
        quote::push_module_export_name(&mut out, name);
    }
    out
}

fn push_import(scope: &Scope<'_, '_>, file: &Imported<'_>, out: &mut String) {
    match &file.from {
        ImportedFrom::Chunk(import) => {
            let names = import.symbols.iter().filter_map(|symbol| {
                let alias = scope.aliases[import.chunk].of.get(symbol)?;
                Some(imported_as(&alias.to_string(), &scope.own.imported.get(symbol)?.to_string()))
            });
            let specifier = quote::string(&scope.specifier_of_chunk(import.chunk));
            push_statement(scope, out, &[], names.collect(), &specifier);
        }
        ImportedFrom::External(import) => push_external(scope, import.module, &import.symbols, out),
    }
}

fn push_external(scope: &Scope<'_, '_>, module: cloudpack_base::ModuleIdx, symbols: &[SymbolRef], out: &mut String) {
    let known = &scope.input.plan.modules[module].external_names;
    let (mut default, mut namespace, mut names) = (None, None, Vec::new());
    for symbol in symbols {
        let Some(local) = scope.own.imported.get(symbol).map(ToString::to_string) else { continue };
        match known.get(symbol.symbol.index()) {
            Some(ImportName::Namespace) => namespace = Some(format!("* as {local}")),
            Some(ImportName::Named(name)) if &**name == "default" => default = Some(local),
            Some(ImportName::Named(name)) => names.push(imported_as(name, &local)),
            None => {}
        }
    }
    let specifier = external_request(scope, module);
    match namespace {
        // `import a, * as b` is one clause; names need a statement of their own.
        Some(namespace) => {
            let clauses: Vec<String> = default.into_iter().chain([namespace]).collect();
            push_statement(scope, out, &clauses, Vec::new(), &specifier);
            if !names.is_empty() {
                push_statement(scope, out, &[], names, &specifier);
            }
        }
        None => {
            let clauses: Vec<String> = default.into_iter().collect();
            push_statement(scope, out, &clauses, names, &specifier);
        }
    }
}

/// `"x" with { type: "json" }`
fn external_request(scope: &Scope<'_, '_>, module: cloudpack_base::ModuleIdx) -> String {
    let mut request = quote::string(&scope.external_specifier(module));
    if let Some(list) = scope.survey.attributes.get(&module) {
        request.push_str(pick(scope.minify, " with ", "with"));
        request.push_str(&attributes(list, scope.minify));
    }
    request
}

/// `import a, { b } from "x";`
fn push_statement(scope: &Scope<'_, '_>, out: &mut String, clauses: &[String], names: Vec<String>, specifier: &str) {
    let minify = scope.minify;
    let comma = pick(minify, ", ", ",");
    let mut list = clauses.join(comma);
    if !names.is_empty() {
        if !list.is_empty() {
            list.push_str(comma);
        }
        list.push_str(&braced(&names, minify));
    }
    out.push_str("import");
    if list.is_empty() {
        out.push_str(pick(minify, " ", ""));
    } else {
        if !minify || !list.starts_with(['{', '*']) {
            out.push(' ');
        }
        out.push_str(&list);
        if !minify || !list.ends_with('}') {
            out.push(' ');
        }
        out.push_str(pick(minify, "from ", "from"));
    }
    out.push_str(specifier);
    out.push_str(pick(minify, ";\n", ";"));
}

fn braced(names: &[String], minify: bool) -> String {
    let open = pick(minify, "{ ", "{");
    let close = pick(minify, " }", "}");
    format!("{open}{}{close}", names.join(pick(minify, ", ", ",")))
}

fn push_exports(scope: &Scope<'_, '_>, out: &mut String) {
    let minify = scope.minify;
    let end = pick(minify, ";\n", ";");
    let entry = &scope.entries[scope.chunk];
    if entry.shape == EntryShape::CommonJs {
        if let Some(call) = run_entry(scope) {
            out.push_str(&format!("export default {call}{end}"));
        }
    } else {
        push_run(scope, out);
    }
    let mut names = Vec::new();
    if entry.shape == EntryShape::Named {
        for (at, export) in entry.list.iter().enumerate() {
            let value = scope.binding(&export.binding);
            // `export` takes variables only.
            let local = match (&export.binding, scope.own.export_values.get(&at)) {
                (Binding::Symbol(_), _) | (_, None) => value,
                (_, Some(name)) => {
                    out.push_str(&format!("var {name}{}{value}{end}", pick(minify, " = ", "=")));
                    name.to_string()
                }
            };
            names.push(exported_as(&local, &export.exported));
        }
    }
    for (symbol, alias) in &scope.aliases[scope.chunk].shared {
        let mut local = String::new();
        scope.push_symbol(&mut local, *symbol);
        names.push(exported_as(&local, &alias.to_string()));
    }
    if let Some(module) = scope.input.plan.chunks[scope.chunk].entry.filter(|_| entry.shape == EntryShape::Named) {
        let plan = &scope.input.plan.modules[module];
        for star in &plan.runtime_stars {
            if scope.input.modules[star.target].code.is_none() {
                out.push_str(pick(minify, "export * from ", "export*from"));
                out.push_str(&external_request(scope, star.target));
                out.push_str(end);
            }
        }
    }
    if !names.is_empty() {
        out.push_str(pick(minify, "export ", "export"));
        out.push_str(&braced(&names, minify));
        out.push_str(end);
    }
}
