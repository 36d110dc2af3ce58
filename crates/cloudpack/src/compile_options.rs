//! Build options + tsconfig -> the compile options of one file. Files under one tsconfig share one set.

use crate::options::{BuildOptions, JsxRuntime, MinifyOption, OutputOptions, Platform, SourcemapOption};
use cloudpack_base::{ContentHash, Diagnostic};
use cloudpack_resolve::{TsconfigFacts, TsconfigJsx};
use cloudpack_summarize::{Defines, JsOptions, JsxMode, parse_target};
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Outputs that differ in these need texts of their own; all others share objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Variant {
    pub(crate) minify: bool,
    pub(crate) sourcemap: bool,
}

impl Variant {
    pub(crate) fn of(output: &OutputOptions) -> Self {
        Self { minify: output.minify != MinifyOption::None, sourcemap: output.sourcemap != SourcemapOption::None }
    }
}

impl CompileOptions {
    /// The texts that fit an output. Those with a source map are the same without it.
    pub(crate) fn variant_for(&self, output: &OutputOptions) -> Option<usize> {
        let wanted = Variant::of(output);
        let same = self.variants.iter().position(|known| *known == wanted);
        same.or_else(|| self.variants.iter().position(|known| known.minify == wanted.minify && known.sourcemap))
    }
}

/// SHA-256 of what compilation takes from a tsconfig; zeros without one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TsconfigDigest(pub(crate) ContentHash);

pub(crate) struct CompileOptions {
    /// Each is compiled for every module.
    pub(crate) variants: Vec<Variant>,
    base: JsOptions,
    by_tsconfig: Mutex<FxHashMap<(String, usize), Arc<JsOptions>>>,
    digests: Mutex<FxHashMap<String, TsconfigDigest>>,
    jsx_development: bool,
    options: crate::options::TransformOptions,
}

impl CompileOptions {
    pub(crate) fn new(options: &BuildOptions, faults: &mut Vec<Diagnostic>) -> Self {
        let mut variants: Vec<Variant> = Vec::new();
        let later =
            options.later_outputs.iter().map(|later| Variant { minify: later.minify, sourcemap: later.sourcemap });
        for variant in options.output.iter().map(Variant::of).chain(later) {
            if !variants.contains(&variant) {
                variants.push(variant);
            }
        }
        let env =
            parse_target(&options.transform.target).unwrap_or_else(|error| {
                faults.push(Diagnostic::error("INVALID_OPTION", format!("transform.target: {error}")).with_hint(
                    "Use es2015 to es2026, esnext, or an engine with a version: chrome100, safari15, node18",
                ));
                None
            });
        let defines = Defines::new(&all_defines(options)).map(Some).unwrap_or_else(|errors| {
            faults.extend(errors.into_iter().map(|error| {
                Diagnostic::error("INVALID_DEFINE", format!("define: {error}"))
                    .with_hint("Values are expressions: a string needs quotes of its own, e.g. JSON.stringify(value)")
            }));
            None
        });
        let development = options.mode == "development";
        let base = JsOptions {
            minify: false,
            sourcemap: false,
            env,
            jsx: JsxMode::Automatic { import_source: None, development },
            legacy_decorators: options.transform.experimental_decorators.unwrap_or(false),
            decorator_metadata: options.transform.emit_decorator_metadata.unwrap_or(false),
            assign_class_fields: options.transform.use_define_for_class_fields == Some(false),
            verbatim_module_syntax: options.transform.verbatim_module_syntax.unwrap_or(false),
            defines,
            pure_functions: options.transform.pure.clone(),
            annotations: options.treeshake.annotations,
            property_read_side_effects: options.treeshake.property_read_side_effects,
            unknown_global_side_effects: options.treeshake.unknown_global_side_effects,
            drop_console: options.transform.drop_console,
            drop_debugger: options.transform.drop_debugger,
            commonjs_paths: options.platform == Platform::Node,
            keep_urls: options.hosted,
            keep_unused: !options.treeshake.enabled,
        };
        Self {
            variants,
            base,
            by_tsconfig: Mutex::default(),
            digests: Mutex::default(),
            jsx_development: options.transform.jsx.development.unwrap_or(development),
            options: options.transform.clone(),
        }
    }

    /// Options for a file under `tsconfig`, for variant number `variant`.
    pub(crate) fn js(&self, tsconfig: Option<&TsconfigFacts>, variant: usize) -> Arc<JsOptions> {
        let key = (tsconfig.map(|facts| facts.path.clone()).unwrap_or_default(), variant);
        let mut cache = self.by_tsconfig.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cache.entry(key).or_insert_with(|| Arc::new(self.make(tsconfig, variant))))
    }

    pub(crate) fn tsconfig_digest(&self, tsconfig: Option<&TsconfigFacts>) -> TsconfigDigest {
        let Some(facts) = tsconfig else { return TsconfigDigest::default() };
        let mut cache = self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        *cache.entry(facts.path.clone()).or_insert_with(|| {
            // Everything but where it lies.
            let facts = TsconfigFacts { path: String::new(), ..facts.clone() };
            TsconfigDigest(ContentHash::of(format!("{facts:?}").as_bytes()))
        })
    }

    fn make(&self, tsconfig: Option<&TsconfigFacts>, variant: usize) -> JsOptions {
        let mut made = self.base.clone();
        if let Some(variant) = self.variants.get(variant) {
            made.minify = variant.minify;
            made.sourcemap = variant.sourcemap;
        }
        made.jsx = self.jsx(tsconfig);
        if let Some(facts) = tsconfig {
            let stated = &self.options;
            made.legacy_decorators = stated.experimental_decorators.or(facts.experimental_decorators).unwrap_or(false);
            made.decorator_metadata = stated.emit_decorator_metadata.or(facts.emit_decorator_metadata).unwrap_or(false);
            made.assign_class_fields = !stated.use_define_for_class_fields.unwrap_or(facts.use_define_for_class_fields);
            made.verbatim_module_syntax =
                stated.verbatim_module_syntax.or(facts.verbatim_module_syntax).unwrap_or(false);
        }
        made
    }

    fn jsx(&self, tsconfig: Option<&TsconfigFacts>) -> JsxMode {
        let stated = &self.options.jsx;
        let from_tsconfig = tsconfig.and_then(|facts| facts.jsx);
        let runtime = stated.runtime.unwrap_or(match from_tsconfig {
            Some(TsconfigJsx::React) => JsxRuntime::Classic,
            // `preserve` leaves JSX to the bundler, which is us.
            _ if stated.pragma.is_some() => JsxRuntime::Classic,
            _ => JsxRuntime::Automatic,
        });
        let development = self.jsx_development || from_tsconfig == Some(TsconfigJsx::ReactJsxDev);
        match runtime {
            JsxRuntime::Automatic => JsxMode::Automatic {
                import_source: stated
                    .import_source
                    .clone()
                    .or_else(|| tsconfig.and_then(|facts| facts.jsx_import_source.clone())),
                development,
            },
            JsxRuntime::Classic => JsxMode::Classic {
                pragma: stated.pragma.clone().or_else(|| tsconfig.and_then(|facts| facts.jsx_factory.clone())),
                pragma_frag: stated
                    .pragma_frag
                    .clone()
                    .or_else(|| tsconfig.and_then(|facts| facts.jsx_fragment_factory.clone())),
                development,
            },
            JsxRuntime::Preserve => JsxMode::Preserve,
        }
    }
}

/// The user's defines, then ours where the user has none and no bundler is around us: `process.env.NODE_ENV` and `import.meta.env` in browsers.
fn all_defines(options: &BuildOptions) -> Vec<(String, String)> {
    let mut defines = options.define.clone();
    if options.hosted {
        return defines;
    }
    let mut add = |key: String, value: String| {
        if !defines.iter().any(|(known, _)| *known == key) {
            defines.push((key, value));
        }
    };
    let json = |value: &str| serde_json::Value::from(value).to_string();
    if options.platform != Platform::Node {
        add("process.env.NODE_ENV".to_owned(), json(&options.mode));
        add("import.meta.hot".to_owned(), "undefined".to_owned());
    }
    if options.platform != Platform::Node || !options.env.is_empty() {
        let env = import_meta_env(options);
        for (key, value) in &env {
            add(format!("import.meta.env.{key}"), value.to_string());
        }
        add("import.meta.env".to_owned(), serde_json::Value::Object(env).to_string());
    }
    defines
}

pub(crate) fn import_meta_env(options: &BuildOptions) -> serde_json::Map<String, serde_json::Value> {
    let mut env = serde_json::Map::new();
    let base = options.base.clone().unwrap_or_else(|| "/".to_owned());
    env.insert("BASE_URL".to_owned(), base.into());
    env.insert("MODE".to_owned(), options.mode.clone().into());
    env.insert("DEV".to_owned(), (options.mode == "development").into());
    env.insert("PROD".to_owned(), (options.mode != "development").into());
    env.insert("SSR".to_owned(), (options.platform == Platform::Node).into());
    for (key, value) in &options.env {
        env.insert(key.clone(), value.clone());
    }
    env
}
