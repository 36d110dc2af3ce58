//! Global defines, checked once a build: `process.env.NODE_ENV` -> `"production"`.

use cloudpack_summary::ModuleFormat;
use oxc_transformer_plugins::ReplaceGlobalDefinesConfig;

/// Cheap to clone.
#[derive(Clone)]
pub struct Defines {
    config: ReplaceGlobalDefinesConfig,
    /// For CommonJS modules, where `module` and `exports` are the module's own.
    commonjs: ReplaceGlobalDefinesConfig,
    /// First names of the keys, `process` or `import.meta`: a source that has none of them needs no look.
    words: std::sync::Arc<[String]>,
}

impl Defines {
    /// `(key, expression text)`. The errors say what is wrong with which key.
    pub fn new(defines: &[(String, String)]) -> Result<Self, Vec<String>> {
        let configure = |defines: &[(String, String)]| {
            ReplaceGlobalDefinesConfig::new(defines)
                .map_err(|errors| errors.errors().map(|error| error.message.to_string()).collect::<Vec<_>>())
        };
        let config = configure(defines)?;
        let is_own = |key: &str| matches!(first_name(key), "module" | "exports");
        let commonjs = if defines.iter().any(|(key, _)| is_own(key)) {
            let others: Vec<_> = defines.iter().filter(|(key, _)| !is_own(key)).cloned().collect();
            configure(&others)?
        } else {
            config.clone()
        };
        let mut words: Vec<String> = defines.iter().map(|(key, _)| first_name(key).to_owned()).collect();
        words.sort_unstable();
        words.dedup();
        Ok(Self { config, commonjs, words: words.into() })
    }

    pub(super) fn config(&self, format: ModuleFormat) -> &ReplaceGlobalDefinesConfig {
        if format == ModuleFormat::CommonJs { &self.commonjs } else { &self.config }
    }

    pub(super) fn may_apply(&self, source: &str) -> bool {
        self.words.iter().any(|word| memchr::memmem::find(source.as_bytes(), word.as_bytes()).is_some())
    }
}

fn first_name(key: &str) -> &str {
    if key.starts_with("import.meta.") { "import.meta" } else { key.split('.').next().unwrap_or(key) }
}
