//! One module's content -> summaries and objects, one pair a variant: picks the summariser that its type asks for.

use crate::compile_options::{CompileOptions, import_meta_env};
use crate::load::Content;
use crate::options::{BuildOptions, ModuleType};
use cloudpack_base::{Diagnostic, path};
use cloudpack_object::ModuleObject;
use cloudpack_resolve::{PackageType, Resolver};
use cloudpack_summarize::{
    AssetMode, CssInput, CssKind, CssOptions, FormatHint, JsInput, Language, summarize_asset, summarize_css,
    summarize_html, summarize_js, summarize_json, summarize_text,
};
use cloudpack_summary::{ModuleFormat, ModuleSummary, base_name_of};

pub(crate) struct CompileContext<'c> {
    pub(crate) options: &'c BuildOptions,
    pub(crate) compile: &'c CompileOptions,
    pub(crate) resolver: &'c Resolver,
}

pub(crate) type Variants = (Vec<(ModuleSummary, ModuleObject)>, Vec<Diagnostic>);

impl CompileContext<'_> {
    pub(crate) fn compile(&self, id: &str, module_type: ModuleType, content: &Content) -> Variants {
        let mut variants = Vec::with_capacity(self.compile.variants.len());
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        for index in 0..self.compile.variants.len() {
            let (summary, object, found) = self.compile_variant(id, module_type, content, index);
            variants.push((summary, object));
            // Variants see the same faults.
            diagnostics.extend(
                found.into_iter().filter(|fault| index == 0 || !diagnostics.contains(fault)).collect::<Vec<_>>(),
            );
        }
        (variants, diagnostics)
    }

    fn compile_variant(
        &self,
        id: &str,
        module_type: ModuleType,
        content: &Content,
        index: usize,
    ) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
        let minify = self.compile.variants.get(index).is_some_and(|variant| variant.minify);
        let (text, bytes) = match content {
            Content::Text(text) => (&**text, text.as_bytes()),
            Content::Bytes(bytes) => ("", &**bytes),
        };
        match module_type {
            ModuleType::Js => self.js(id, text, Language::Js, index),
            ModuleType::Jsx => self.js(id, text, Language::Jsx, index),
            ModuleType::Ts => self.js(id, text, Language::Ts, index),
            ModuleType::Tsx => self.js(id, text, Language::Tsx, index),
            ModuleType::Json => summarize_json(id, text, minify),
            ModuleType::Text => summarize_text(id, text, minify),
            ModuleType::Asset => {
                summarize_asset(id, bytes, AssetMode::Auto { limit: self.options.assets_inline_limit }, minify)
            }
            ModuleType::Dataurl => summarize_asset(id, bytes, AssetMode::DataUrl, minify),
            ModuleType::File => summarize_asset(id, bytes, AssetMode::File, minify),
            ModuleType::Binary => summarize_asset(id, bytes, AssetMode::Binary, minify),
            ModuleType::Base64 => summarize_asset(id, bytes, AssetMode::Base64, minify),
            ModuleType::Css | ModuleType::CssModule => self.css(id, text, module_type, minify),
            ModuleType::Html => self.html(id, text),
            ModuleType::Empty => {
                let summary = ModuleSummary::empty(ModuleFormat::EsModule, &base_name_of(id));
                (summary, ModuleObject::default(), Vec::new())
            }
        }
    }

    fn js(
        &self,
        id: &str,
        source: &str,
        language: Language,
        variant: usize,
    ) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
        let file = path::split_query(id).0;
        let is_file = path::is_absolute(file);
        let tsconfig = if is_file { self.resolver.tsconfig_for(file) } else { None };
        let options = self.compile.js(tsconfig.as_deref(), variant);
        let format = match path::extension(file) {
            Some("mjs" | "mts") => FormatHint::EsModule,
            Some("cjs" | "cts") => FormatHint::CommonJs,
            _ if is_file => match self.resolver.package_of(file).and_then(|package| package.module_type) {
                Some(PackageType::Module) => FormatHint::EsModule,
                _ => FormatHint::Unknown,
            },
            _ => FormatHint::Unknown,
        };
        summarize_js(JsInput { id, source, language, format }, &options)
    }
}

impl CompileContext<'_> {
    fn css(
        &self,
        id: &str,
        source: &str,
        module_type: ModuleType,
        minify: bool,
    ) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
        let relative = crate::link_input::shown_path(id, &self.options.cwd);
        let input = CssInput { id, relative_id: &relative, source };
        let inline = crate::module_types::has_parameter(path::split_query(id).1, "inline");
        let kind = match module_type {
            _ if inline => CssKind::Inline,
            ModuleType::CssModule => CssKind::Module,
            _ => CssKind::Sheet,
        };
        let options = CssOptions {
            minify,
            target: self.options.transform.target.clone(),
            modules_pattern: self.options.css.modules_pattern.clone(),
            modules_camel_case: self.options.css.modules_camel_case,
        };
        summarize_css(&input, kind, &options)
    }

    fn html(&self, id: &str, source: &str) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
        let env: Vec<(String, String)> = import_meta_env(self.options)
            .into_iter()
            .map(|(key, value)| match value {
                serde_json::Value::String(text) => (key, text),
                other => (key, other.to_string()),
            })
            .collect();
        summarize_html(id, source, &env)
    }
}
