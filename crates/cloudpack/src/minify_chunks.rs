//! `minify: "full"`: the text of each chunk goes through the compressor once more, as a whole. That costs as much as parsing all
//! output, so results are kept by text: only chunks that changed pay.

use crate::cache_store::MINIFIED;
use crate::compile::CompileContext;
use crate::compile_cache::CompileCache;
use crate::options::{LegalComments, MinifyOption, OutputFormat, OutputOptions, SourcemapOption};
use cloudpack_base::{ContentHash, ContentHasher};
use cloudpack_link::{ChunkPass, PassedText};
use cloudpack_store::Key;
use cloudpack_summarize::{ChunkInput, ChunkKind, JsOptions, MinifiedChunk, minify_chunk};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// Records of chunks that are not in the store yet.
type Records = Vec<(Key, Vec<u8>)>;

/// For one output.
pub(crate) struct ChunkMinifier<'c> {
    options: Arc<JsOptions>,
    cache: Option<&'c CompileCache>,
    sourcemap: bool,
    legal_comments: bool,
    made: Mutex<Records>,
}

/// For chunks of one format.
pub(crate) struct FormatMinifier<'m, 'c> {
    minifier: &'m ChunkMinifier<'c>,
    kind: ChunkKind,
}

impl<'c> ChunkMinifier<'c> {
    /// `None`: the output does not ask for it.
    pub(crate) fn of(output: &OutputOptions, variant: usize, compile: &CompileContext<'c>) -> Option<Self> {
        (output.minify == MinifyOption::Full).then(|| Self {
            options: compile.compile.js(None, variant),
            cache: compile.cache,
            sourcemap: output.sourcemap != SourcemapOption::None,
            legal_comments: output.legal_comments == LegalComments::Inline,
            made: Mutex::default(),
        })
    }

    pub(crate) fn for_format(&self, format: OutputFormat) -> FormatMinifier<'_, 'c> {
        let kind = match format {
            OutputFormat::Es => ChunkKind::Module,
            OutputFormat::Cjs => ChunkKind::CommonJs,
            OutputFormat::Iife | OutputFormat::Umd => ChunkKind::Script,
        };
        FormatMinifier { minifier: self, kind }
    }

    /// What was made and was not in the store.
    pub(crate) fn into_records(self) -> Records {
        self.made.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChunkPass for FormatMinifier<'_, '_> {
    fn run(&self, name: &str, code: &str, around: &[&str]) -> Option<PassedText> {
        let ChunkMinifier { options, cache, sourcemap, legal_comments, made } = self.minifier;
        let (sourcemap, legal_comments) = (*sourcemap, *legal_comments);
        let mut hasher = ContentHasher::new();
        hasher.field(cache.map_or(ContentHash::default(), CompileCache::options_digest).0);
        hasher.field(format!("{:?} {sourcemap} {legal_comments}", self.kind));
        around.iter().for_each(|text| {
            hasher.field(text);
        });
        let key = Key { kind: MINIFIED, digest: hasher.field(code).finish().0 };
        let passed = |MinifiedText { code, map }: MinifiedText| PassedText { code, map, key: key.digest };
        if let Some(found) = cache.and_then(|cache| cache.find(&key)) {
            return Some(passed(found));
        }
        let input = ChunkInput { name, code, kind: self.kind, around, sourcemap, legal_comments };
        // A chunk on which the compressor fails is right as it is.
        let minified = catch_unwind(AssertUnwindSafe(|| minify_chunk(&input, options))).ok()??;
        let MinifiedChunk { code, map } = minified;
        let minified: MinifiedText = MinifiedText { code, map };
        if let (Some(_), Ok(record)) = (cache, postcard::to_stdvec(&minified)) {
            made.lock().unwrap_or_else(PoisonError::into_inner).push((key, record));
        }
        Some(passed(minified))
    }
}

/// The record.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct MinifiedText {
    code: String,
    map: Option<String>,
}
