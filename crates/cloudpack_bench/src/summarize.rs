//! A generated file -> what Summarize takes, as the driver would give it; for benches and budgets of that phase alone.

use cloudpack_summarize::{FormatHint, JsInput, JsOptions, JsxMode, Language};

/// Nothing for what is not JavaScript or TypeScript.
pub fn input_of<'a>(path: &'a str, source: &'a str) -> Option<JsInput<'a>> {
    let (_, extension) = path.rsplit_once('.')?;
    let language = match extension {
        "js" | "cjs" => Language::Js,
        "jsx" => Language::Jsx,
        "ts" => Language::Ts,
        "tsx" => Language::Tsx,
        _ => return None,
    };
    let format = match extension {
        "cjs" => FormatHint::CommonJs,
        _ if path.starts_with("node_modules/") => FormatHint::Unknown,
        _ => FormatHint::EsModule,
    };
    Some(JsInput { id: path, source, language, format })
}

pub fn options(minify: bool) -> JsOptions {
    JsOptions {
        minify,
        sourcemap: false,
        env: None,
        jsx: JsxMode::Automatic { import_source: None, development: false },
        legacy_decorators: false,
        decorator_metadata: false,
        assign_class_fields: false,
        verbatim_module_syntax: false,
        defines: None,
        pure_functions: Vec::new(),
        annotations: true,
        property_read_side_effects: true,
        unknown_global_side_effects: true,
        drop_console: false,
        drop_debugger: false,
        keep_urls: false,
        keep_unused: false,
        commonjs_paths: false,
    }
}
