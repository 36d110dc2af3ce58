//! Global defines, checked once a build: `process.env.NODE_ENV` -> `"production"`.

use oxc_transformer_plugins::ReplaceGlobalDefinesConfig;

/// Cheap to clone.
#[derive(Clone)]
pub struct Defines {
    pub(super) config: ReplaceGlobalDefinesConfig,
    /// First names of the keys, `process` or `import.meta`: a source that has none of them needs no look.
    words: std::sync::Arc<[String]>,
}

impl Defines {
    /// `(key, expression text)`. The errors say what is wrong with which key.
    pub fn new(defines: &[(String, String)]) -> Result<Self, Vec<String>> {
        let config = ReplaceGlobalDefinesConfig::new(defines)
            .map_err(|errors| errors.errors().map(|error| error.message.to_string()).collect::<Vec<_>>())?;
        let mut words: Vec<String> = defines.iter().map(|(key, _)| first_name(key).to_owned()).collect();
        words.sort_unstable();
        words.dedup();
        Ok(Self { config, words: words.into() })
    }

    pub(super) fn may_apply(&self, source: &str) -> bool {
        self.words.iter().any(|word| memchr::memmem::find(source.as_bytes(), word.as_bytes()).is_some())
    }
}

fn first_name(key: &str) -> &str {
    if key.starts_with("import.meta.") { "import.meta" } else { key.split('.').next().unwrap_or(key) }
}
