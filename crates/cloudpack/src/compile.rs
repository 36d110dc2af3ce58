//! One module's content -> summaries and objects, one pair a variant: picks the summariser that its type asks for.

use crate::compile_cache::{CompileCache, CompiledVariants};
use crate::compile_options::{CompileOptions, TsconfigDigest, import_meta_env};
use crate::link_input::shown_path;
use crate::load::Content;
use crate::options::{BuildOptions, ModuleType};
use cloudpack_base::{ContentHash, Diagnostic, path};
use cloudpack_object::ModuleObject;
use cloudpack_resolve::{PackageType, Resolver, TsconfigFacts};
use cloudpack_store::Key;
use cloudpack_summarize::{
    AssetMode, CssInput, CssKind, CssOptions, FormatHint, JsInput, Language, summarize_asset, summarize_css,
    summarize_html, summarize_js, summarize_json, summarize_text,
};
use cloudpack_summary::ModuleSummary;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub(crate) struct CompileContext<'c> {
    pub(crate) options: &'c BuildOptions,
    pub(crate) compile: &'c CompileOptions,
    pub(crate) resolver: &'c Resolver,
    pub(crate) cache: Option<&'c CompileCache>,
}

pub(crate) struct CompiledModule {
    pub(crate) variants: CompiledVariants,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Nothing was parsed: it was in the cache.
    pub(crate) is_reused: bool,
    /// Under which the variants are kept.
    pub(crate) key: Option<Key>,
}

impl CompileContext<'_> {
    /// Summarisers see the id as it is relative to the project: names and texts must not depend on where it lies.
    pub(crate) fn compile(&self, id: &str, module_type: ModuleType, content: &Content) -> CompiledModule {
        let shown = shown_path(id, &self.options.cwd);
        let cached = self.cache.and_then(|cache| Some((cache, self.key(cache, id, &shown, module_type, content)?)));
        let mut found = cached.filter(|(cache, _)| cache.reuses).and_then(|(cache, key)| cache.get(&key));
        if !self.cache.is_some_and(|cache| cache.verify)
            && let Some(variants) = found.take()
        {
            let key = cached.map(|(_, key)| key);
            return CompiledModule { variants, diagnostics: Vec::new(), is_reused: true, key };
        }
        let compiled = caught(|| self.compile_shown(id, &shown, module_type, content));
        let (variants, mut diagnostics) = compiled.unwrap_or_else(|panic| (Vec::new(), vec![*panic]));
        match (found, cached) {
            // What has faults now has something to say already.
            (Some(found), Some((cache, key))) if found != variants && diagnostics.is_empty() => {
                cache.replace(key, &variants);
                diagnostics.push(mismatch(&shown));
            }
            // What has something to say is compiled again each time, and says it again.
            (None, Some((cache, key))) if diagnostics.is_empty() => cache.put(key, &variants),
            _ => {}
        }
        for diagnostic in &mut diagnostics {
            diagnostic.id = Some(id.to_owned());
            if let Some(loc) = &mut diagnostic.loc {
                loc.file = id.to_owned();
            }
        }
        let key = cached.map(|(_, key)| key).filter(|_| diagnostics.is_empty());
        CompiledModule { variants, diagnostics, is_reused: false, key }
    }

    /// `None`: not kept. A document is compiled with its absolute id; there are few of them.
    fn key(
        &self,
        cache: &CompileCache,
        id: &str,
        shown: &str,
        module_type: ModuleType,
        content: &Content,
    ) -> Option<Key> {
        if module_type == ModuleType::Html {
            return None;
        }
        let (format, tsconfig) = match module_type {
            ModuleType::Js | ModuleType::Jsx | ModuleType::Ts | ModuleType::Tsx => {
                let tsconfig = self.compile.tsconfig_digest(self.tsconfig(id).as_deref());
                (format_word(self.format(id)), tsconfig)
            }
            _ => ("", TsconfigDigest::default()),
        };
        let bytes = match content {
            Content::Text(text) => text.as_bytes(),
            Content::Bytes(bytes) => bytes,
        };
        Some(cache.key(shown, module_type, format, &tsconfig, bytes))
    }

    fn compile_shown(
        &self,
        id: &str,
        shown: &str,
        module_type: ModuleType,
        content: &Content,
    ) -> (CompiledVariants, Vec<Diagnostic>) {
        let mut variants = Vec::with_capacity(self.compile.variants.len());
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        for index in 0..self.compile.variants.len() {
            let (summary, object, found) = self.compile_variant(id, shown, module_type, content, index);
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
        shown: &str,
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
            ModuleType::Js => self.js(id, shown, text, Language::Js, index),
            ModuleType::Jsx => self.js(id, shown, text, Language::Jsx, index),
            ModuleType::Ts => self.js(id, shown, text, Language::Ts, index),
            ModuleType::Tsx => self.js(id, shown, text, Language::Tsx, index),
            ModuleType::Json => summarize_json(shown, text, minify),
            ModuleType::Text => summarize_text(shown, text, minify),
            ModuleType::Asset => {
                summarize_asset(shown, bytes, AssetMode::Auto { limit: self.options.assets_inline_limit }, minify)
            }
            ModuleType::Dataurl => summarize_asset(shown, bytes, AssetMode::DataUrl, minify),
            ModuleType::File => summarize_asset(shown, bytes, AssetMode::File, minify),
            ModuleType::Binary => summarize_asset(shown, bytes, AssetMode::Binary, minify),
            ModuleType::Base64 => summarize_asset(shown, bytes, AssetMode::Base64, minify),
            ModuleType::Css | ModuleType::CssModule => self.css(id, shown, text, module_type, minify),
            ModuleType::Html => self.html(shown, text),
            // As CommonJS, of which any name may be imported.
            ModuleType::Empty => {
                let options = self.compile.js(None, index);
                let format = FormatHint::CommonJs;
                summarize_js(JsInput { id: shown, source: "", language: Language::Js, format }, &options)
            }
        }
    }

    fn js(
        &self,
        id: &str,
        shown: &str,
        source: &str,
        language: Language,
        variant: usize,
    ) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
        let options = self.compile.js(self.tsconfig(id).as_deref(), variant);
        summarize_js(JsInput { id: shown, source, language, format: self.format(id) }, &options)
    }

    /// Of what compilation takes from the tsconfig of a file.
    pub(crate) fn tsconfig_digest(&self, id: &str) -> ContentHash {
        self.compile.tsconfig_digest(self.tsconfig(id).as_deref()).0
    }

    fn tsconfig(&self, id: &str) -> Option<Arc<TsconfigFacts>> {
        let file = path::split_query(id).0;
        if path::is_absolute(file) { self.resolver.tsconfig_for(file) } else { None }
    }

    fn undecided(&self) -> FormatHint {
        if self.options.hosted { FormatHint::Hosted } else { FormatHint::Unknown }
    }

    fn format(&self, id: &str) -> FormatHint {
        let file = path::split_query(id).0;
        match path::extension(file) {
            Some("mjs" | "mts") => FormatHint::EsModule,
            Some("cjs" | "cts") => FormatHint::CommonJs,
            // `"type"` speaks of files that say nothing themselves; of one without an extension Node asks it only when
            // it is imported, and such files are scripts of a command line.
            Some(_) if path::is_absolute(file) => {
                match self.resolver.package_of(file).and_then(|package| package.module_type) {
                    Some(PackageType::Module) => FormatHint::EsModule,
                    Some(PackageType::CommonJs) => FormatHint::CommonJsPackage,
                    None => self.undecided(),
                }
            }
            _ => self.undecided(),
        }
    }
}

fn format_word(format: FormatHint) -> &'static str {
    match format {
        FormatHint::EsModule => "esm",
        FormatHint::CommonJs => "cjs",
        FormatHint::CommonJsPackage => "cjs-package",
        FormatHint::Unknown => "unknown",
        FormatHint::Hosted => "hosted",
    }
}

/// A panic of the compiler under us concerns one file; the user should hear which, and of all other faults too.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Box<Diagnostic>> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let message = format!("The compiler failed on this file: {}", text.unwrap_or("it panicked without a message"));
        Box::new(Diagnostic::error("COMPILER_PANIC", message).with_hint(
            "This is a bug in Cloudpack: please report it with the file. Lowering less, with a newer target, may avoid it",
        ))
    })
}

fn mismatch(shown: &str) -> Diagnostic {
    let message = format!("The cache holds another result for {shown} than compiling it gives now");
    Diagnostic::error("CACHE_MISMATCH", message)
        .with_hint("This is a bug in Cloudpack: please report it with the file; until then set cache: false")
}

impl CompileContext<'_> {
    fn css(
        &self,
        id: &str,
        shown: &str,
        source: &str,
        module_type: ModuleType,
        minify: bool,
    ) -> (ModuleSummary, ModuleObject, Vec<Diagnostic>) {
        let input = CssInput { id: shown, relative_id: shown, source };
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

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn a_panic_is_a_diagnostic_that_says_what_it_said() {
        assert_eq!(caught(|| 1), Ok(1));
        let fault = caught(|| panic!("no such {}", "symbol")).map(|()| 0).map_err(|fault| fault.message);
        assert_eq!(fault, Err("The compiler failed on this file: no such symbol".to_owned()));
    }
}
