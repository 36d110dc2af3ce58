//! `ModuleObject`: the relocatable result of compiling one module. Text printed once per content, cut into sections,
//! with a table of the places whose text is known only at link time. The linker copies text and patches relocations;
//! it never parses. Offsets are bytes into `text`; everything that moves when a body is edited lives here and not in
//! the summary.

mod members;
mod short_name;

use cloudpack_base::{IndexVec, RequestIdx, SectionIdx, SymbolIdx};
use serde::{Deserialize, Serialize};

pub use members::members_len;
pub use short_name::{push_short_name, short_name_number};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModuleObject {
    /// All sections' JavaScript, one after the other, relocated places left out.
    pub text: String,
    /// Parallel to `ModuleSummary::sections`.
    pub sections: IndexVec<SectionIdx, SectionText>,
    /// Sorted by `offset`; of equal offsets, in the order of the output text.
    pub relocations: Vec<Relocation>,
    /// Sorted by `offset`. Empty unless maps were asked for.
    pub segments: Vec<MapSegment>,
    /// Names that `segments` refer to.
    pub map_names: Vec<Box<str>>,
    /// Names declared in nested scopes (in a CommonJS module: in all scopes), sorted. A top-level symbol that this
    /// module mentions must not take one of these as its final name, or the nested declaration would capture it.
    pub nested_names: Vec<Box<str>>,
    /// Free names that the text mentions (`window`, `require`), sorted. No top-level name of the chunk may be one.
    pub global_names: Vec<Box<str>>,
    /// Where a symbol is mentioned first, for diagnostics; parallel to `ModuleSummary::symbols`, `Span::NONE` if never.
    pub symbol_spans: IndexVec<SymbolIdx, Span>,
    /// Where a request stands; parallel to `ModuleSummary::requests`.
    pub request_spans: IndexVec<RequestIdx, Span>,
    /// Comments that licences ask to keep: `/*! ... */`, `@license`, `@preserve`. In source order.
    pub legal_comments: Vec<Box<str>>,
    /// `#!/usr/bin/env node`, without the line break; kept only for an entry.
    pub hashbang: Option<Box<str>>,
    pub css: Option<Box<CssObject>>,
    pub html: Option<Box<HtmlObject>>,
    pub asset: Option<Box<AssetObject>>,
}

/// Bytes of the original source (before any transform), UTF-8 offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub const NONE: Self = Self { start: u32::MAX, end: u32::MAX };
}

/// One section's part of the tables: it starts where the one before ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionText {
    /// End of its bytes in `text`.
    pub text_end: u32,
    /// End of its entries in `relocations`.
    pub relocations_end: u32,
    /// End of its entries in `segments`.
    pub segments_end: u32,
    /// Of the 64 shortest names (bit 0 is `short_name_number` 0) those that are declared in scopes within the section: what
    /// it mentions must not take one of them. Longer ones are in `nested_names`, for the whole module. 0 unless minified.
    pub nested_short: u64,
    /// Occurrences of each relocated symbol are counted from the relocations; nothing more is kept here.
    pub shape: SectionShape,
}

/// How the linker may join or rewrite the section without parsing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SectionShape {
    #[default]
    Statement,
    /// A single declaration `var x = ...;` / `let` / `const`: `DeclarationHead` and `DeclarationTail` frame it.
    Declaration,
    /// `function f() {}`
    Function,
    /// `class C {}`
    Class,
    /// `"use strict";`
    Directive,
}

/// A place whose text is made at link time. 12 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relocation {
    /// Byte offset into `text` where the made text goes.
    pub offset: u32,
    /// Bytes of `text` after `offset` that the made text replaces (`foo: ` of a shorthand, `const ` of a head);
    /// 0 for most. A linker that keeps them copies them.
    pub covers: u16,
    pub kind: RelocationKind,
    /// A `SymbolIdx` or a `RequestIdx`, as `kind` says.
    pub target: u32,
}

impl Relocation {
    pub fn symbol(&self) -> SymbolIdx {
        SymbolIdx(self.target)
    }
    pub fn request(&self) -> RequestIdx {
        RequestIdx(self.target)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelocationKind {
    /// Symbol. A plain mention or the declared name itself: `x`, `ns.x`.
    Name,
    /// Symbol. The callee of a call or the tag of a template: `x()`, `(0, ns.x)()`.
    Callee,
    /// Symbol. Value of a shorthand property; the covered bytes are `key: `. `{ x }`, `{ x: y }`.
    Shorthand,
    /// Symbol `x.y.z` of kind `Import`, of which `x` has no `namespace`. The whole `x.y.z`; the covered bytes are `.y.z`, as
    /// `members_len` reads them. As much of it as goes through namespace objects becomes what the last of them exports:
    /// `z`, `y.z`, `x.y.z`.
    Member,
    /// Symbol. Where the keyword of a declaration stands; the covered bytes are `const `, `var `, `let `.
    /// Direct: keep them. In a lazily run module, where the variable is declared outside: `(` instead.
    /// For `SectionShape::Class` nothing is covered: direct adds nothing, lazy adds `C = `.
    DeclarationHead,
    /// Symbol. Just before the `;` that ends a declaration. Direct: nothing. Lazy: `)`. `let x;` becomes `(x);`.
    DeclarationTail,
    /// Symbol. The keyword of a `var` inside a block or a loop head at top level, `for (var i = 0;;)`; the covered bytes
    /// are `var `. Direct: keep them. Lazy, where the variable is declared outside: nothing. The first declared thing
    /// is always a plain name, so `for (i = 0, n = 1;;)` and `i = 0;` are valid without parentheses.
    VarHead,
    /// Request. The whole expression `import("x")`.
    DynamicImport,
    /// Request. The whole expression `require("x")`.
    Require,
    /// Request. The whole expression `require.resolve("x")`.
    RequireResolve,
    /// Request. The whole expression `new URL("./x", import.meta.url)`.
    NewUrl,
    /// Request. The whole `new URL("./x", import.meta.url)` inside a worker construction.
    WorkerUrl,
    /// No target. `import.meta` other than the properties below.
    ImportMeta,
    /// No target. `import.meta.url`
    ImportMetaUrl,
    /// No target. `import.meta.dirname`
    ImportMetaDirname,
    /// No target. `import.meta.filename`
    ImportMetaFilename,
    /// No target. A quoted string: the URL of this very module's asset.
    OwnAssetUrl,
    /// Request. In CSS and HTML: the URL of the target, escaped for its place, without quotes.
    Url,
    /// No target. A free `require` that is not a plain call with a string: `require`, or the helper `__require`.
    FreeRequire,
    /// No target. A free `module` or `exports` of a CommonJS module: the wrapper's parameters.
    CjsModule,
    CjsExports,
    /// No target. `this` at the top level of a CommonJS module: `exports`.
    CjsThis,
    /// No target, HTML only: where the tags of the entry's own script, preloads and style sheets go.
    HtmlTags,
}

/// One source-map segment: text at `offset` comes from `line`, `column` of source `source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapSegment {
    /// Byte offset into `ModuleObject::text`. A segment that starts with a relocation has the relocation's offset and
    /// is placed before the relocation's text.
    pub offset: u32,
    /// Zero-based line, zero-based UTF-16 column of the *original* source.
    pub line: u32,
    pub column: u32,
    /// Index into `map_names`, or `u32::MAX`.
    pub name: u32,
    /// The segment's offset is *after* the text of the relocation at the same offset (the closing parenthesis of
    /// `f()` when `f` is relocated). Zero otherwise.
    pub after_relocations: u8,
}

/// A style sheet's text with the places where URLs go; `@import` rules are taken out and are requests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CssObject {
    pub text: String,
    /// Only of kind `Url`.
    pub relocations: Vec<Relocation>,
    pub segments: Vec<MapSegment>,
    /// The conditions of each `@import` request, parallel to the summary's requests of kind `CssImport`, in order:
    /// `layer(x) supports(y) screen`; empty for most.
    pub import_conditions: Vec<CssImportConditions>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CssImportConditions {
    /// `Some("")` is an anonymous layer.
    pub layer: Option<Box<str>>,
    pub supports: Option<Box<str>>,
    pub media: Option<Box<str>>,
}

impl CssImportConditions {
    pub fn is_empty(&self) -> bool {
        self.layer.is_none() && self.supports.is_none() && self.media.is_none()
    }
}

/// An HTML document without its module scripts and style sheet links, with the places where URLs and tags go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HtmlObject {
    pub text: String,
    /// Of kinds `Url` and `HtmlTags` (exactly one).
    pub relocations: Vec<Relocation>,
    /// Inline module scripts: `(id suffix, source)`; request `?html-proxy&index=N.js` leads to the N-th.
    pub inline_scripts: Vec<InlineScript>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineScript {
    pub source: String,
    /// Byte offset of the script's text in the document, for diagnostics.
    pub offset: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssetObject {
    /// A `data:` URL, for files below the inline limit.
    Inline(Box<str>),
    /// Emitted under a name with the content's hash; the bytes stay with the driver.
    File,
}
