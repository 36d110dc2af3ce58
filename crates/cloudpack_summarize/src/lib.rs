//! Summarize: source -> (summary, object), one file of this crate for each kind of source. Every function here is pure:
//! equal input and options give equal output, on any machine and any thread. The only crate that sees a syntax tree.

mod asset;
mod css;
mod html;
mod js;
mod json;
mod text;
mod value_module;

pub use asset::{AssetMode, data_url, mime_type, summarize_asset};
pub use css::{CssInput, CssKind, CssOptions, summarize_css};
pub use html::summarize_html;
pub use js::{
    ChunkInput, ChunkKind, Defines, FormatHint, JsInput, JsOptions, JsxMode, Language, MinifiedChunk, Targets,
    minify_chunk, parse_target, summarize_js,
};
pub use json::summarize_json;
pub use text::summarize_text;
