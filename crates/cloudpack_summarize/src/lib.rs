//! Summarize: source -> (summary, object), one file of this crate for each kind of source. Every function here is pure:
//! equal input and options give equal output, on any machine and any thread. The only crate that sees a syntax tree.

mod js;


pub use js::{FormatHint, JsInput, JsOptions, JsxMode, Language, parse_target, summarize_js};
