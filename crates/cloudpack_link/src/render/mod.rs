//! Pass 5, render: one module's text with its relocations patched. A pure function of the object, the final names and
//! the addressing of its imports: equal inputs give the same piece, whose hash says so.
//!
//! `patch` copies sections and patches relocations, `requests` makes the text of requests, `layout` puts wrapper,
//! head lines and namespace object around.

mod layout;
mod patch;
mod requests;

pub(crate) use layout::push_getter_list;
pub(crate) use requests::attributes;

use crate::address::Scope;
use crate::hashing::{ContentKey, content_key};
use crate::input::ModuleCode;
use cloudpack_base::ModuleIdx;

/// In place of a segment: from here on the text is the linker's.
pub(crate) const NO_SOURCE: u32 = u32::MAX;

/// The text of one module in its chunk.
#[derive(Default)]
pub(crate) struct Piece {
    /// The definition of the namespace object. It goes before all modules' code, because a cycle may ask for it before
    /// the module runs; its getters read the module's variables only when used.
    pub(crate) prelude: String,
    pub(crate) text: String,
    /// `(byte offset in text, index into the object's segments or NO_SOURCE)`, ascending; only when maps are wanted.
    pub(crate) segments: Vec<(u32, u32)>,
    pub(crate) key: ContentKey,
}

pub(crate) fn render_module(scope: &Scope<'_, '_>, module: ModuleIdx, code: ModuleCode<'_>, with_map: bool) -> Piece {
    let mut piece = layout::lay_out(scope, module, code, with_map);
    if scope.files.any_hash {
        piece.key = content_key(scope.files.placeholders, [piece.prelude.as_str(), piece.text.as_str()]);
    }
    piece
}

/// A white-space choice: the readable form or the short one.
pub(crate) fn pick<'t>(minify: bool, readable: &'t str, short: &'t str) -> &'t str {
    if minify { short } else { readable }
}
