//! ES module or CommonJS? Said by the file's name or package, else by what the text uses. A file that uses neither
//! system is hoisted as an ES module only when that cannot be observed: strict mode must not change its meaning.

use super::parse::{Parsed, parses_as_module};
use super::{FormatHint, JsInput};
use cloudpack_summary::ModuleFormat;
use oxc_ast::ast::{Declaration, Program, Statement, TSModuleReference};

pub(super) struct Format {
    pub(super) format: ModuleFormat,
    /// Is an ES module for certain: has `import`, `export`, `import.meta` or top-level await as written, or its name or
    /// its package says so.
    pub(super) es_syntax: bool,
}

pub(super) fn decide_format(input: &JsInput<'_>, parsed: &Parsed<'_>) -> Format {
    // The undecided reading ends as a module only if the text has module syntax; a told one says nothing.
    let is_undecided = matches!(input.format, FormatHint::Unknown | FormatHint::CommonJsPackage | FormatHint::Hosted);
    let is_empty = parsed.program.body.is_empty();
    let es_syntax = has_module_statements(&parsed.program)
        || is_undecided && parsed.program.source_type.is_module()
        || is_empty && input.format == FormatHint::Hosted;
    let format = if has_typescript_commonjs(&parsed.program) {
        ModuleFormat::CommonJs
    } else if es_syntax || input.format == FormatHint::EsModule {
        ModuleFormat::EsModule
    } else if input.format == FormatHint::CommonJs || uses_commonjs(parsed) {
        ModuleFormat::CommonJs
    } else if input.language.is_typescript() {
        ModuleFormat::EsModule
    } else if input.format == FormatHint::CommonJsPackage || is_empty {
        // An empty file is what a package puts where there is nothing to do: `import stub from "./empty.js"` gets `{}`.
        ModuleFormat::CommonJs
    } else if is_strict_safe(input, parsed) {
        ModuleFormat::EsModule
    } else {
        ModuleFormat::CommonJs
    };
    let is_told = es_syntax || input.format == FormatHint::EsModule;
    Format { format, es_syntax: is_told && format == ModuleFormat::EsModule }
}

fn uses_commonjs(parsed: &Parsed<'_>) -> bool {
    parsed.program.source_type.is_commonjs()
        || super::commonjs_variables::may_apply(&parsed.scoping)
        || parsed
            .scoping
            .root_unresolved_references()
            .keys()
            .any(|name| matches!(name.as_str(), "module" | "exports" | "require" | "__dirname" | "__filename"))
}

/// `this` at top level, `with`, octal literals, functions in blocks and assignments to names that nobody declares all mean
/// something else in a module; so does `eval("var x")`, and `eval("exports.x = 1")` means nothing there.
fn is_strict_safe(input: &JsInput<'_>, parsed: &Parsed<'_>) -> bool {
    let mentions = |word: &[u8]| memchr::memmem::find(input.source.as_bytes(), word).is_some();
    let assigns_undeclared = parsed
        .scoping
        .root_unresolved_references()
        .values()
        .flatten()
        .any(|reference| parsed.scoping.get_reference(*reference).is_write());
    !mentions(b"this")
        && !mentions(b"arguments")
        && !assigns_undeclared
        && !has_functions_in_blocks(parsed)
        && !parsed.scoping.root_scope_flags().contains_direct_eval()
        && parses_as_module(input.source, input.language)
}

/// `if (x) { function f() {} } f()`: in sloppy code `f` is a variable of the function around as well.
fn has_functions_in_blocks(parsed: &Parsed<'_>) -> bool {
    let scoping = &parsed.scoping;
    scoping.symbol_ids().any(|symbol| {
        let scope = scoping.scope_flags(scoping.symbol_scope_id(symbol));
        scoping.symbol_flags(symbol).is_function() && scope.is_block()
    })
}

/// Including `export` of types alone: TypeScript calls such a file a module too.
fn has_module_statements(program: &Program<'_>) -> bool {
    program.body.iter().any(|statement| {
        matches!(
            statement,
            Statement::ImportDeclaration(_)
                | Statement::ExportAllDeclaration(_)
                | Statement::ExportDefaultDeclaration(_)
                | Statement::ExportNamedDeclaration(_)
                | Statement::ExportFromDeclaration(_)
                | Statement::ExportDeclaration(_)
        )
    })
}

/// `import x = require("y")` and `export = x` make a CommonJS module of a file that the parser calls a module.
fn has_typescript_commonjs(program: &Program<'_>) -> bool {
    let requires =
        |reference: &TSModuleReference<'_>| matches!(reference, TSModuleReference::ExternalModuleReference(_));
    let (mut commonjs, mut es) = (false, false);
    for statement in &program.body {
        match statement {
            Statement::TSExportAssignment(_) => return true,
            Statement::TSImportEqualsDeclaration(import) => commonjs |= requires(&import.module_reference),
            Statement::ExportDeclaration(export) => match &export.declaration {
                Declaration::TSImportEqualsDeclaration(import) => commonjs |= requires(&import.module_reference),
                _ => es = true,
            },
            Statement::ImportDeclaration(import) => es |= import.import_kind.is_value(),
            Statement::ExportAllDeclaration(_)
            | Statement::ExportDefaultDeclaration(_)
            | Statement::ExportNamedDeclaration(_)
            | Statement::ExportFromDeclaration(_) => es = true,
            _ => {}
        }
    }
    commonjs && !es
}
