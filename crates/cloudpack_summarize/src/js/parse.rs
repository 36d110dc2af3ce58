//! Source text -> syntax tree and scopes. Decides how the text is read when its name does not say: as a module, or as
//! a CommonJS body (`return` at top level, sloppy mode) when it has no module syntax.

use super::{FormatHint, JsInput, Language};
use cloudpack_base::Diagnostic;
use oxc_allocator::Allocator;
use oxc_ast::ast::{ImportPhase, Program, Statement};
use oxc_diagnostics::OxcDiagnostic;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::{Scoping, SemanticBuilder};
use oxc_span::SourceType;

pub(super) struct Parsed<'a> {
    pub(super) program: Program<'a>,
    pub(super) scoping: Scoping,
}

pub(super) fn parse<'a>(
    allocator: &'a Allocator,
    input: &JsInput<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Parsed<'a>> {
    let source = allocator.alloc_str(input.source);
    let base = match input.format {
        FormatHint::EsModule => SourceType::mjs(),
        // TypeScript writes `import x = require()` and `export =` in a `.cts`, which is module syntax to the parser.
        FormatHint::CommonJs if !input.language.is_typescript() => SourceType::cjs(),
        FormatHint::CommonJs | FormatHint::CommonJsPackage | FormatHint::Unknown | FormatHint::Hosted => {
            SourceType::unambiguous()
        }
    };
    // JSX in `.js` files is common in application code; a `<` cannot start an expression otherwise, so nothing is lost.
    let source_type = match input.language {
        Language::Js | Language::Jsx => base.with_jsx(true),
        Language::Ts => base.with_typescript(true),
        Language::Tsx => base.with_typescript(true).with_jsx(true),
    };
    let mut found = Vec::new();
    let mut result = attempt(allocator, source, source_type, &mut found);
    // What the text says decides: `return` at top level or `await` as a name is legal in a CommonJS body only, `await x`
    // without any import or export in a module only. The first reading that is free of errors wins; if none is, the
    // errors of the undecided reading are the ones a user understands.
    if !found.is_empty() && source_type.is_unambiguous() {
        for retry in [source_type.with_commonjs(true), source_type.with_module(true)] {
            let mut found_again = Vec::new();
            let again = attempt(allocator, source, retry, &mut found_again);
            if found_again.is_empty() {
                found.clear();
                result = again;
                break;
            }
        }
    }
    diagnostics.extend(found.iter().map(|error| convert(error, input)));
    let result = result.filter(|_| found.is_empty())?;
    let phases: Vec<Diagnostic> =
        result.program.body.iter().filter_map(|statement| phase_of(statement, input)).collect();
    let has_none = phases.is_empty();
    diagnostics.extend(phases);
    has_none.then_some(result)
}

/// `import source x from` and `import defer * as x from` ask for something else than a module that has run.
fn phase_of(statement: &Statement<'_>, input: &JsInput<'_>) -> Option<Diagnostic> {
    let Statement::ImportDeclaration(import) = statement else { return None };
    let word = match import.phase? {
        ImportPhase::Source => "source",
        ImportPhase::Defer => "defer",
    };
    let message = format!("\"import {word}\" is not supported");
    Some(
        Diagnostic::error("UNSUPPORTED_SYNTAX", message)
            .with_span(input.id, input.source, import.span.start, import.span.end)
            .with_hint(
                "Use import(), which loads and runs a module when it is called, or mark the file that says it external",
            ),
    )
}

/// Whether a CommonJS body is also a program in strict mode.
pub(super) fn is_strict_syntax(source: &str) -> bool {
    let allocator = Allocator::default();
    // A directive in front turns strict mode on and changes nothing else.
    let body = match source.strip_prefix("#!") {
        Some(rest) => rest.find(['\n', '\r', '\u{2028}', '\u{2029}']).and_then(|at| rest.get(at..)).unwrap_or(""),
        None => source,
    };
    let strict = allocator.alloc_str(&format!("'use strict';{body}"));
    let mut found = Vec::new();
    attempt(&allocator, strict, SourceType::cjs().with_jsx(true), &mut found);
    found.is_empty()
}

/// Whether a text that parsed as a sloppy script means the same as a module: no `with`, no octal literal and the like.
pub(super) fn parses_as_module(source: &str, language: Language) -> bool {
    let allocator = Allocator::default();
    let source_type = SourceType::mjs().with_jsx(matches!(language, Language::Js | Language::Jsx));
    let mut found = Vec::new();
    attempt(&allocator, allocator.alloc_str(source), source_type, &mut found);
    found.is_empty()
}

/// As `source_type` says. Errors are in `found`.
pub(super) fn attempt<'a>(
    allocator: &'a Allocator,
    source: &'a str,
    source_type: SourceType,
    found: &mut Vec<OxcDiagnostic>,
) -> Option<Parsed<'a>> {
    let options = ParseOptions {
        preserve_parens: false,
        allow_return_outside_function: source_type.is_commonjs(),
        ..ParseOptions::default()
    };
    let parsed = Parser::new(allocator, source, source_type).with_options(options).parse();
    found.extend(parsed.diagnostics.errors().cloned());
    // Errors of scopes in a text that did not parse are mostly consequences.
    if parsed.panicked || !found.is_empty() {
        return None;
    }
    let program = parsed.program;
    let semantic = SemanticBuilder::new()
        .with_check_syntax_error(true)
        .with_enum_eval(source_type.is_typescript())
        .build(&program);
    found.extend(semantic.diagnostics.errors().cloned());
    let scoping = semantic.semantic.into_scoping();
    Some(Parsed { program, scoping })
}

/// An oxc diagnostic in our shape: the first label is the place.
pub(super) fn convert(error: &OxcDiagnostic, input: &JsInput<'_>) -> Diagnostic {
    // The codes of Rollup, where it has one of its own.
    let code = if error.message.starts_with("Duplicated export") || error.message.contains("multiple default exports") {
        "DUPLICATE_EXPORT"
    } else if error.message.contains("has already been declared") {
        "REDECLARATION_ERROR"
    } else {
        "PARSE_ERROR"
    };
    let mut diagnostic = Diagnostic::error(code, error.message.to_string());
    // Of two declarations of one name, the second is the one at fault.
    let label = if code != "PARSE_ERROR" {
        error.labels.iter().max_by_key(|label| label.offset())
    } else {
        error.labels.first()
    };
    diagnostic = match label {
        Some(label) => {
            let start = label.offset();
            diagnostic.with_span(input.id, input.source, start, start + label.len())
        }
        None => diagnostic.with_id(input.id),
    };
    match &error.help {
        Some(help) => diagnostic.with_hint(help.to_string()),
        None => diagnostic,
    }
}
