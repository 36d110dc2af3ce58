//! What a tsconfig says about compiling one file: the options that change emitted JavaScript, with TypeScript's own
//! defaults where they depend on each other.

use oxc_resolver::TsConfig;

/// Of one tsconfig, `extends` applied. `None`: not stated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TsconfigFacts {
    /// The file these come from.
    pub path: String,
    pub jsx: Option<TsconfigJsx>,
    pub jsx_import_source: Option<String>,
    pub jsx_factory: Option<String>,
    pub jsx_fragment_factory: Option<String>,
    pub experimental_decorators: Option<bool>,
    pub emit_decorator_metadata: Option<bool>,
    /// As stated; else true unless `target` is older than ES2022. (No `target` counts as a new one, as in esbuild.)
    pub use_define_for_class_fields: bool,
    /// Also true for the two older options of the same meaning.
    pub verbatim_module_syntax: Option<bool>,
    /// Lower case: `es2020`, `esnext`.
    pub target: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TsconfigJsx {
    Preserve,
    /// Classic: `React.createElement`.
    React,
    ReactJsx,
    ReactJsxDev,
}

impl TsconfigFacts {
    pub(crate) fn new(path: String, config: &TsConfig) -> Self {
        let options = &config.compiler_options;
        let target = options.target.as_deref().map(str::to_ascii_lowercase);
        let jsx = match options.jsx.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("preserve" | "react-native") => Some(TsconfigJsx::Preserve),
            Some("react") => Some(TsconfigJsx::React),
            Some("react-jsx") => Some(TsconfigJsx::ReactJsx),
            Some("react-jsxdev") => Some(TsconfigJsx::ReactJsxDev),
            _ => None,
        };
        let keeps_values = options.preserve_value_imports == Some(true)
            || options.imports_not_used_as_values.as_deref().is_some_and(|kept| kept.eq_ignore_ascii_case("preserve"));
        Self {
            path,
            jsx,
            jsx_import_source: options.jsx_import_source.clone(),
            jsx_factory: options.jsx_factory.clone(),
            jsx_fragment_factory: options.jsx_fragment_factory.clone(),
            experimental_decorators: options.experimental_decorators,
            emit_decorator_metadata: options.emit_decorator_metadata,
            use_define_for_class_fields: options
                .use_define_for_class_fields
                .unwrap_or_else(|| target.as_deref().is_none_or(has_class_fields)),
            verbatim_module_syntax: options.verbatim_module_syntax.or(keeps_values.then_some(true)),
            target,
        }
    }
}

fn has_class_fields(target: &str) -> bool {
    match target.strip_prefix("es").map(str::parse::<u32>) {
        Some(Ok(year)) => year >= 2022,
        // `esnext`, and what TypeScript has added since.
        _ => true,
    }
}
