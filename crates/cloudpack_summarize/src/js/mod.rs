//! JavaScript, TypeScript and JSX: source text -> (summary, object), by one parse. The pipeline is the list in
//! `summarize_js`; each step is a file of its name.

mod attached;
mod catch_parameters;
mod chunk;
mod class_members;
mod commonjs;
mod commonjs_uses;
mod commonjs_variables;
mod decorators;
mod defines;
mod depth;
mod effects;
mod format;
mod globs;
mod lower;
mod marker;
mod parse;
mod plain_objects;
mod print;
mod pure_functions;
mod relocate;
mod rest_patterns;
mod sections;
mod segments;
mod settled;
mod single_calls;
mod source_places;
mod specifiers;
mod symbols;
mod template;
#[cfg(test)]
mod tests;
mod values;

use cloudpack_base::Diagnostic;
use cloudpack_object::ModuleObject;
use cloudpack_summary::{ModuleFormat, ModuleSummary};
use oxc_allocator::Allocator;

pub use chunk::{ChunkInput, ChunkKind, MinifiedChunk, minify_chunk};
pub use defines::Defines;
pub use lower::{Targets, parse_target};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    Js,
    Jsx,
    Ts,
    Tsx,
}

impl Language {
    fn is_typescript(self) -> bool {
        matches!(self, Self::Ts | Self::Tsx)
    }
}

/// What the file's name or its package says about its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormatHint {
    /// Decided by what the text uses.
    Unknown,
    /// `.mjs`, `.mts`, `"type": "module"`
    EsModule,
    /// `.cjs`, `.cts`
    CommonJs,
    /// `"type": "commonjs"`. Packages of before `exports` say so and ship ES modules in `.js` files beside, so module
    /// syntax wins.
    CommonJsPackage,
    /// Decided by what the text uses, in Rollup or Rolldown: a file without any code is a module without exports.
    Hosted,
}

/// One module to compile.
#[derive(Clone, Copy, Debug)]
pub struct JsInput<'a> {
    /// For diagnostics and for the names of linker symbols; has no influence on the text.
    pub id: &'a str,
    /// Without a byte order mark.
    pub source: &'a str,
    pub language: Language,
    pub format: FormatHint,
}

/// Everything else that the result depends on: the compile options of the key.
#[derive(Clone)]
pub struct JsOptions {
    pub minify: bool,
    pub sourcemap: bool,
    /// `None`: nothing is lowered.
    pub env: Option<Targets>,
    pub jsx: JsxMode,
    pub legacy_decorators: bool,
    pub decorator_metadata: bool,
    /// TypeScript's `useDefineForClassFields: false`.
    pub assign_class_fields: bool,
    pub verbatim_module_syntax: bool,
    pub defines: Option<Defines>,
    pub pure_functions: Vec<String>,
    pub annotations: bool,
    pub property_read_side_effects: bool,
    pub unknown_global_side_effects: bool,
    pub drop_console: bool,
    pub drop_debugger: bool,
    /// `__dirname` and `__filename` of CommonJS modules mean the place of the file that they end up in, as in a chunk that
    /// is CommonJS; otherwise they are free names like any other.
    pub commonjs_paths: bool,
    /// `new URL("./a.png", import.meta.url)` and specifiers that are put together are expressions like any other: a bundler
    /// around us has its own way with them.
    pub keep_urls: bool,
    /// Tree shaking is off: what nobody uses stays, within the module too.
    pub keep_unused: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JsxMode {
    Automatic { import_source: Option<String>, development: bool },
    Classic { pragma: Option<String>, pragma_frag: Option<String>, development: bool },
    Preserve,
}

/// Compiles one module. Never fails: with errors among the diagnostics the summary is that of an empty module.
/// Pure; cost is linear in the source, dominated by parse, semantic analysis and print.
pub fn summarize_js(input: JsInput<'_>, options: &JsOptions) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let failed = |diagnostics| {
        let base_name = cloudpack_summary::base_name_of(input.id);
        (ModuleSummary::empty(ModuleFormat::EsModule, &base_name), ModuleObject::default(), diagnostics)
    };
    // The parser recurses; refuse what would overflow the stack before it starts.
    if let Err(diagnostic) = depth::check_depth(&input) {
        return failed(vec![diagnostic]);
    }
    let allocator = Allocator::default();
    let Some(parsed) = parse::parse(&allocator, &input, &mut diagnostics) else { return failed(diagnostics) };
    let format = format::decide_format(&input, &parsed);
    // Strip types, lower syntax, replace defines, fold what they decide, compress.
    let Some(lowered) = lower::lower(&allocator, &input, options, parsed, format.format, &mut diagnostics) else {
        return failed(diagnostics);
    };
    // From here on the tree is plain JavaScript and scopes do not change.
    let table = symbols::collect_symbols(&input, &format, &lowered);
    // Cut into sections; every mention of a top-level symbol or request becomes a marker.
    let relocated = relocate::relocate(&allocator, &input, options, lowered, table, &mut diagnostics);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return failed(diagnostics);
    }
    // Print once, scan for markers: text and relocation table.
    let (summary, object) = print::print(&input, options, relocated);
    (summary, object, diagnostics)
}
