//! Syntax tree -> plain JavaScript tree of the target: types stripped, JSX and newer syntax lowered, defines replaced,
//! what they decide folded away, and compressed when minifying. Scopes are rebuilt at the end, so that everything
//! after this file sees symbols that fit the tree.

use super::catch_parameters;
use super::commonjs_variables;
use super::decorators;
use super::globs;
use super::parse::{self, Parsed};
use super::rest_patterns;
use super::segments::NestedRenames;
use super::{JsInput, JsOptions, JsxMode, Language};
use aho_corasick::AhoCorasick;
use cloudpack_base::Diagnostic;
use cloudpack_summary::ModuleFormat;
use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_mangler::{MangleOptions, Mangler};
use oxc_minifier::{CompressOptions, CompressOptionsUnused, Compressor, PropertyReadSideEffects, TreeShakeOptions};
use oxc_semantic::{Scoping, SemanticBuilder};
use oxc_str::Ident;
use oxc_syntax::symbol::SymbolId;
use oxc_transformer::{
    CompilerAssumptions, DecoratorOptions, EngineTargets, EnvOptions, HelperLoaderMode, HelperLoaderOptions,
    JsxOptions, JsxRuntime, TransformOptions, Transformer, TypeScriptOptions,
};
use oxc_transformer_plugins::ReplaceGlobalDefines;
use std::path::Path;
use std::sync::LazyLock;

pub(super) struct Lowered<'a> {
    pub(super) program: Program<'a>,
    /// Fits `program`. When minifying, nested names are already the short ones.
    pub(super) scoping: Scoping,
    pub(super) private_names: PrivateNames,
    /// What the mangler did to nested names, for source maps; empty without maps.
    pub(super) renames: NestedRenames,
}

/// New names of `#private` members, as the mangler gives them to the printer.
pub(super) type PrivateNames =
    Option<oxc_index::IndexVec<oxc_syntax::class::ClassId, rustc_hash::FxHashMap<String, oxc_str::CompactStr>>>;

/// What the target cannot run and must be lowered.
#[derive(Clone)]
pub struct Targets {
    env: EnvOptions,
    /// Keeps the compressor from writing what was lowered (`?.`, `??=`).
    engines: EngineTargets,
}

/// Reads a list of targets (`es2020`, `chrome100`); `None` for `esnext` or an empty list.
pub fn parse_target(targets: &[String]) -> Result<Option<Targets>, String> {
    if targets.is_empty() || targets.iter().all(|target| target.eq_ignore_ascii_case("esnext")) {
        return Ok(None);
    }
    let engines = EngineTargets::from_target_list(targets)?;
    EnvOptions::from_target_list(targets).map(|env| Some(Targets { env, engines }))
}

pub(super) fn lower<'a>(
    allocator: &'a Allocator,
    input: &JsInput<'_>,
    options: &JsOptions,
    parsed: Parsed<'a>,
    format: ModuleFormat,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Lowered<'a>> {
    let Parsed { mut program, mut scoping } = parsed;
    // In a `with` block any name may mean a property: neither names nor structure may change.
    let minify = options.minify && !(format == ModuleFormat::CommonJs && may_use_with(input.source));
    let mut stale = false;
    if catch_parameters::separate_catch_parameters(allocator, &mut program, &scoping, input.source) {
        scoping = SemanticBuilder::new()
            .with_enum_eval(input.language.is_typescript())
            .build(&program)
            .semantic
            .into_scoping();
    }
    if format == ModuleFormat::CommonJs && commonjs_variables::may_apply(&scoping) {
        commonjs_variables::drop_declarations(allocator, &mut program);
        scoping = SemanticBuilder::new()
            .with_enum_eval(input.language.is_typescript())
            .build(&program)
            .semantic
            .into_scoping();
    }
    if decorators::may_apply(input.source)
        && decorators::lower_decorators(allocator, &mut program, input.source, format, options.legacy_decorators)
    {
        scoping = SemanticBuilder::new()
            .with_enum_eval(input.language.is_typescript())
            .build(&program)
            .semantic
            .into_scoping();
    }
    let lowers_rest = options.env.as_ref().is_some_and(|targets| targets.env.es2018.object_rest_spread.is_some());
    if lowers_rest
        && rest_patterns::may_apply(input.source)
        && rest_patterns::prepare_rest_patterns(allocator, &mut program, input.source)
    {
        scoping = SemanticBuilder::new()
            .with_enum_eval(input.language.is_typescript())
            .build(&program)
            .semantic
            .into_scoping();
    }
    if needs_transform(input, options) {
        let transform = transform_options(options);
        let result =
            Transformer::new(allocator, Path::new(input.id), &transform).build_with_scoping(scoping, &mut program);
        let before = diagnostics.len();
        diagnostics.extend(result.diagnostics.errors().map(|error| parse::convert(error, input)));
        if diagnostics.len() > before {
            return None;
        }
        scoping = result.scoping;
        stale = true;
    }
    // The compressor folds anyway.
    let mut fold = options.drop_console || options.drop_debugger || !minify && decides_by_literal(input.source);
    if let Some(defines) = &options.defines
        && defines.may_apply(input.source)
    {
        if stale {
            scoping = SemanticBuilder::new().build(&program).semantic.into_scoping();
        }
        let result = ReplaceGlobalDefines::new(allocator, defines.config(format).clone()).build(scoping, &mut program);
        scoping = result.scoping;
        stale |= result.changed;
        fold |= result.changed;
    }
    // After defines, which may decide a part of a specifier.
    if !options.keep_urls && globs::may_apply(input.source) {
        if stale {
            scoping = SemanticBuilder::new().build(&program).semantic.into_scoping();
            stale = false;
        }
        stale |= globs::take_globs(allocator, &mut program, &scoping, input.source, format);
    }
    if minify || fold {
        // Plain JavaScript, as most of `node_modules` is, comes here unchanged.
        let current = if stale {
            SemanticBuilder::new().build(&program).semantic.into_scoping()
        } else {
            std::mem::take(&mut scoping)
        };
        if minify {
            compress_smallest(allocator, &mut program, current, options);
        } else {
            let compress = with_options(CompressOptions::dce(), options);
            Compressor::new(allocator).dead_code_elimination_with_scoping(&mut program, current, compress);
        }
        stale = true;
    }
    if minify {
        // Nested names become short here, once per content. Top-level names of an ES module are the linker's.
        let mut semantic =
            SemanticBuilder::new().with_build_nodes(true).with_class_table(true).build(&program).semantic;
        let mangle = MangleOptions { top_level: Some(format == ModuleFormat::CommonJs), ..MangleOptions::default() };
        let written = if options.sourcemap { nested_names(semantic.scoping()) } else { Vec::new() };
        let hidden = match format {
            ModuleFormat::CommonJs => Vec::new(),
            _ => hide_top_level(semantic.scoping_mut()),
        };
        let private_names = Mangler::new().with_options(mangle).build_with_semantic(&mut semantic, &program);
        let root = semantic.scoping().root_scope_id();
        let scoping = semantic.scoping_mut();
        hidden.iter().for_each(|(symbol, name)| scoping.rename_symbol(*symbol, root, Ident::from(name.as_str())));
        let scoping = semantic.into_scoping();
        let short = if options.sourcemap { nested_names(&scoping) } else { Vec::new() };
        let renames = written.into_iter().zip(short).filter(|(written, short)| written != short).collect();
        return Some(Lowered { program, scoping, private_names: Some(private_names), renames });
    }
    if stale {
        scoping = SemanticBuilder::new().build(&program).semantic.into_scoping();
    }
    Some(Lowered { program, scoping, private_names: None, renames: NestedRenames::default() })
}

/// As small as can be for the target.
pub(super) fn compress_smallest<'a>(
    allocator: &'a Allocator,
    program: &mut Program<'a>,
    scoping: Scoping,
    options: &JsOptions,
) {
    let target = options.env.as_ref().map(|targets| targets.engines.clone()).unwrap_or_default();
    let compress = CompressOptions { target, ..with_options(CompressOptions::smallest(), options) };
    Compressor::new(allocator).build_with_scoping(program, scoping, compress);
}

fn with_options(base: CompressOptions, options: &JsOptions) -> CompressOptions {
    let property_read_side_effects = match options.property_read_side_effects {
        true => PropertyReadSideEffects::All,
        false => PropertyReadSideEffects::None,
    };
    CompressOptions {
        drop_console: options.drop_console,
        drop_debugger: options.drop_debugger,
        treeshake: TreeShakeOptions {
            annotations: options.annotations,
            manual_pure_functions: options.pure_functions.clone(),
            property_read_side_effects,
            unknown_global_side_effects: options.unknown_global_side_effects,
            ..TreeShakeOptions::default()
        },
        unused: if options.keep_unused { CompressOptionsUnused::Keep } else { CompressOptionsUnused::Remove },
        ..base
    }
}

/// The mangler gives longer ones only where over 3,500 names are in sight at once.
const LONGEST_NESTED_NAME: usize = 2;

/// The mangler keeps nested names apart from those of the top level, which the linker will give anew: of a module that was
/// minified before (`var e, t, n; function f(a) {}`) all short names would be taken. So it does not see those that it could choose
/// itself. Gives what to restore. Cost: follows the number of short names, few in source as it is written by people.
fn hide_top_level(scoping: &mut Scoping) -> Vec<(SymbolId, String)> {
    if scoping.root_scope_flags().contains_direct_eval() {
        return Vec::new();
    }
    let root = scoping.root_scope_id();
    let bindings = scoping.get_bindings(root).iter();
    let short = bindings.filter(|(name, _)| name.len() <= LONGEST_NESTED_NAME);
    let names: Vec<(SymbolId, String)> = short.map(|(name, symbol)| (*symbol, name.to_string())).collect();
    for (index, (symbol, _)) in names.iter().enumerate() {
        // Nothing that a program could say.
        scoping.rename_symbol(*symbol, root, Ident::from(format!("\0{index}").as_str()));
    }
    names
}

/// By symbol id, which the mangler keeps.
fn nested_names(scoping: &Scoping) -> Vec<Box<str>> {
    scoping.symbol_ids().map(|symbol| scoping.symbol_name(symbol).into()).collect()
}

/// A look at the words, then a parse when they are there: `with (` is common in comments.
pub(super) fn may_use_with(source: &str) -> bool {
    let has_word = memchr::memmem::find_iter(source.as_bytes(), "with").any(|at| {
        let after = source.get(at + "with".len()..).unwrap_or_default().trim_start();
        after.starts_with(['(', '/'])
    });
    has_word && !parse::is_strict_syntax(source)
}

/// Whether a condition is written out, `if (false)`, `true || x`: its dead branch must not load anything.
fn decides_by_literal(source: &str) -> bool {
    // One pass for all: a search for each was 2 % of a build.
    static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        let words = ["(false", "(true", "(!0", "(!1", "false &&", "true ||", "false ?", "true ?"];
        AhoCorasick::new(words).ok()
    });
    WORDS.as_ref().is_none_or(|words| words.is_match(source))
}

fn needs_transform(input: &JsInput<'_>, options: &JsOptions) -> bool {
    if options.env.is_some() || input.language != Language::Js {
        return true;
    }
    // JSX in a `.js` file closes an element somewhere; decorators begin with `@`.
    let source = input.source.as_bytes();
    let has = |needle: &[u8]| memchr::memmem::find(source, needle).is_some();
    (options.jsx != JsxMode::Preserve && (has(b"/>") || has(b"</"))) || (options.legacy_decorators && has(b"@"))
}

fn transform_options(options: &JsOptions) -> TransformOptions {
    let mut jsx = JsxOptions::enable();
    match &options.jsx {
        JsxMode::Automatic { import_source, development } => {
            jsx.runtime = JsxRuntime::Automatic;
            jsx.import_source = import_source.clone();
            jsx.development = *development;
        }
        JsxMode::Classic { pragma, pragma_frag, development } => {
            jsx.runtime = JsxRuntime::Classic;
            jsx.pragma = pragma.clone();
            jsx.pragma_frag = pragma_frag.clone();
            jsx.development = *development;
        }
        JsxMode::Preserve => jsx = JsxOptions::disable(),
    }
    let mut typescript = TypeScriptOptions {
        only_remove_type_imports: options.verbatim_module_syntax,
        remove_class_fields_without_initializer: options.assign_class_fields,
        optimize_const_enums: true,
        optimize_enums: true,
        ..TypeScriptOptions::default()
    };
    if let JsxMode::Classic { pragma, pragma_frag, .. } = &options.jsx {
        if let Some(pragma) = pragma {
            typescript.jsx_pragma = pragma.clone().into();
        }
        if let Some(pragma_frag) = pragma_frag {
            typescript.jsx_pragma_frag = pragma_frag.clone().into();
        }
    }
    let mut env = options.env.as_ref().map(|targets| targets.env).unwrap_or_default();
    if options.assign_class_fields && env.es2022.class_properties.is_none() {
        env.es2022.class_properties = Some(oxc_transformer::ClassPropertiesOptions::default());
    }
    TransformOptions {
        assumptions: CompilerAssumptions {
            set_public_class_fields: options.assign_class_fields,
            ..CompilerAssumptions::default()
        },
        typescript,
        decorator: DecoratorOptions {
            legacy: options.legacy_decorators,
            emit_decorator_metadata: options.decorator_metadata,
            ..DecoratorOptions::default()
        },
        jsx,
        env,
        helper_loader: HelperLoaderOptions { mode: HelperLoaderMode::Runtime, ..HelperLoaderOptions::default() },
        ..TransformOptions::default()
    }
}
