//! The core's one textual form of diagnostics, and its way of drawing frames, for faults that arise in JavaScript.

use crate::guard::{from_json, guarded, to_json};
use cloudpack_base::{Diagnostic, RenderStyle, render_diagnostic};
use napi::Result;
use napi_derive::napi;

/// Text of a JSON list of diagnostics, one after the other.
#[napi]
pub fn render_diagnostics(diagnostics: String, color: bool) -> Result<String> {
    guarded(|| {
        let diagnostics: Vec<Diagnostic> = from_json("diagnostics", &diagnostics)?;
        let style = if color { RenderStyle::Color } else { RenderStyle::Plain };
        Ok(diagnostics.iter().map(|diagnostic| render_diagnostic(diagnostic, style)).collect())
    })
}

/// A diagnostic (JSON) with `loc` and `frame` for byte `offset` of `source`, the text of module `id`.
#[napi]
pub fn locate(id: String, source: String, offset: u32) -> Result<String> {
    guarded(|| to_json(&Diagnostic::error("", "").with_span(&id, &source, offset, offset)))
}
