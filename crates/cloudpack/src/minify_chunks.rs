//! `minify: "full"`: the text of each chunk goes through the compressor once more, as a whole. That costs as much as parsing all
//! output, so results are kept by text: only chunks that changed pay.

use crate::cache_store::MINIFIED;
use crate::compile::CompileContext;
use crate::compile_cache::CompileCache;
use crate::options::{LegalComments, MinifyOption, OutputFormat, OutputOptions, SourcemapOption};
use cloudpack_base::ContentHasher;
use cloudpack_link::{ChunkPass, PassedText};
use cloudpack_store::Key;
use cloudpack_summarize::{ChunkInput, ChunkKind, JsOptions, MinifiedChunk, minify_chunk};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Records of chunks that are not in the store yet.
type Records = Vec<(Key, Vec<u8>)>;

/// For one output.
pub(crate) struct ChunkMinifier<'c> {
    options: Arc<JsOptions>,
    cache: Option<&'c CompileCache>,
    sourcemap: bool,
    legal_comments: bool,
    records: Mutex<Records>,
    /// Chunks that were not found.
    minified: AtomicU32,
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
            records: Mutex::default(),
            minified: AtomicU32::new(0),
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

    /// How many chunks had to be minified, and their records for the store.
    pub(crate) fn finish(self) -> (u32, Records) {
        let records = self.records.into_inner().unwrap_or_else(PoisonError::into_inner);
        (self.minified.into_inner(), records)
    }
}

impl ChunkPass for FormatMinifier<'_, '_> {
    fn run(&self, name: &str, code: &str, around: &[&str]) -> Option<PassedText> {
        let ChunkMinifier { options, cache, sourcemap, legal_comments, records, minified } = self.minifier;
        let (sourcemap, legal_comments) = (*sourcemap, *legal_comments);
        let key = cache.map(|cache| {
            let mut hasher = ContentHasher::new();
            hasher.field(cache.options_digest().0).field(format!("{:?} {sourcemap} {legal_comments}", self.kind));
            around.iter().for_each(|text| {
                hasher.field(text);
            });
            Key { kind: MINIFIED, digest: hasher.field(code).finish().0 }
        });
        let passed =
            |MinifiedChunk { code, map }: MinifiedChunk| PassedText { code, map, key: key.map(|key| key.digest) };
        if let Some(found) = cache.zip(key).and_then(|(cache, key)| cache.find(&key)) {
            return Some(passed(found));
        }
        minified.fetch_add(1, Ordering::Relaxed);
        let input = ChunkInput { name, code, kind: self.kind, around, sourcemap, legal_comments };
        // A chunk on which the compressor fails is right as it is.
        let made = catch_unwind(AssertUnwindSafe(|| minify_chunk(&input, options))).ok()??;
        if let Some((key, record)) = key.zip(postcard::to_stdvec(&made).ok()) {
            records.lock().unwrap_or_else(PoisonError::into_inner).push((key, record));
        }
        Some(passed(made))
    }
}
