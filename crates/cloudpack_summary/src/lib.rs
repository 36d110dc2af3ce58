//! `ModuleSummary`: what the rest of the program can see of one module. Analyze reads summaries and nothing else, so
//! what stands here decides what an edit costs: a summary holds ids and names, never byte offsets, and an edit that
//! leaves it equal leaves the whole plan valid. Code, offsets and locations are in `cloudpack_object`.
//!
//! Shape, in the words of ECMA-262 16.2: import records (`requests`), import entries (symbols of kind `Import`),
//! local / indirect / star export entries. Sections and call edges are the linker's.

mod flags;
mod size_class;

use cloudpack_base::{IndexVec, RequestIdx, SectionIdx, SymbolIdx};
use serde::{Deserialize, Serialize};

pub use flags::ModuleFlags;
pub use size_class::SizeClass;

/// About 2 KB a module on average. Plain owned data; equality is the early-cutoff test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModuleSummary {
    pub format: ModuleFormat,
    pub flags: ModuleFlags,
    /// Of its printed code and style sheet, everything alive.
    pub size: SizeClass,
    /// Import records in source order. Static ones come in the order of ECMA-262's [[RequestedModules]]: that is the
    /// order in which dependencies run.
    pub requests: IndexVec<RequestIdx, ImportRecord>,
    /// Begins with the two that every module has: `NAMESPACE_SYMBOL`, `WRAPPER_SYMBOL`.
    pub symbols: IndexVec<SymbolIdx, Symbol>,
    /// In the order of the printed text.
    pub sections: IndexVec<SectionIdx, Section>,
    /// Sorted by exported name.
    pub local_exports: Vec<LocalExport>,
    /// Sorted by exported name.
    pub indirect_exports: Vec<IndirectExport>,
    /// `export * from`, in source order.
    pub star_exports: Vec<RequestIdx>,
    /// Sorted by symbol.
    pub plain: Vec<PlainObject>,
    /// Of a CommonJS module that is cut into sections; `None` of one that is kept whole.
    pub commonjs: Option<Box<CommonJsExports>>,
}

/// What is known of `module.exports` of a CommonJS module. Whatever else the module does with it is a call edge to
/// `NAMESPACE_SYMBOL` of the section that does it: then every section is wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CommonJsExports {
    /// `exports.a = 1`, `Object.defineProperty(exports, "a", ...)` at top level: the name, and a symbol that stands for it,
    /// declared by each section that does so and needs no other name. Sorted by name.
    pub names: Vec<(Box<str>, SymbolIdx)>,
    /// `module.exports = require("./a")`: whatever somebody wants from here, he wants from there.
    pub forward: Option<RequestIdx>,
}

impl CommonJsExports {
    pub fn symbol(&self, name: &str) -> Option<SymbolIdx> {
        let at = self.names.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.names.get(at).map(|(_, symbol)| *symbol)
    }
}

/// The module's namespace object: `import * as ns`, `import()`, `require()` of an ES module. Named `foo_exports`.
pub const NAMESPACE_SYMBOL: SymbolIdx = SymbolIdx(0);
/// The function that runs a wrapped module: `require_foo` for CommonJS, `init_foo` for a lazily run ES module.
pub const WRAPPER_SYMBOL: SymbolIdx = SymbolIdx(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModuleFormat {
    /// Source text module: has `import`/`export`/top-level await/`import.meta`, or is told so (`.mjs`, `.mts`,
    /// `"type": "module"`), or uses nothing of either system.
    EsModule,
    /// Uses `module`, `exports` or top-level `return`/`this` and no ES syntax, or is told so (`.cjs`, `.cts`).
    CommonJs,
    /// A style sheet; in JavaScript it is an ES module (empty, or the class names of a CSS module).
    Css,
    /// An HTML entry: an ES module that imports its scripts and style sheets in document order.
    Html,
    /// A file whose bytes are emitted or inlined: an ES module whose default export is the URL.
    Asset,
}

/// One request site, or several with equal specifier, kind and attributes when they are static.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportRecord {
    /// As written in the source.
    pub specifier: Box<str>,
    pub kind: RequestKind,
    /// `with { type: "json" }`: pairs in source order; empty for nearly all.
    pub attributes: Vec<(Box<str>, Box<str>)>,
    pub flags: RequestFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RequestKind {
    /// `import ... from`, `export ... from`, and the requests that synthetic modules make.
    Static,
    /// `import()`
    Dynamic,
    /// `require()`
    Require,
    /// `require.resolve()`
    RequireResolve,
    /// `new URL("./x", import.meta.url)`: the target is emitted as a file.
    NewUrl,
    /// `new Worker(new URL("./x", import.meta.url))`, `SharedWorker`: the target is an entry point.
    Worker,
    /// `@import` in CSS
    CssImport,
    /// `url()` in CSS
    CssUrl,
    /// `composes: a from "./b.css"` in a CSS module
    CssComposes,
    /// `<script type="module" src>`, inline module scripts
    HtmlScript,
    /// `<link rel="stylesheet">`
    HtmlStyle,
    /// `<img src>`, `<link rel="icon">` and the like
    HtmlAsset,
}

impl RequestKind {
    /// Whether the target runs before the importer does.
    pub fn is_static(self) -> bool {
        matches!(self, Self::Static | Self::CssImport | Self::CssComposes | Self::HtmlScript | Self::HtmlStyle)
    }
}

/// Set of booleans about a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestFlags(pub u8);

impl RequestFlags {
    /// `import "./x"` and nothing else from it: kept only for the target's side effects.
    pub const BARE: Self = Self(1);
    /// Inside `try` (or with `.catch`): a target that does not resolve is a warning and throws when run.
    pub const IN_TRY: Self = Self(2);
    /// A worker constructed without `{ type: "module" }`: its file must be self-contained.
    pub const CLASSIC_WORKER: Self = Self(4);
    /// `new SharedWorker`
    pub const SHARED_WORKER: Self = Self(8);
    /// `@import` with `layer`, `supports()` or media queries: the sheet differs from the one imported plainly.
    pub const CONDITIONAL: Self = Self(16);
    /// `require()` of which nothing is used but members, each a symbol of kind `Required`.
    pub const MEMBERS: Self = Self(32);

    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    pub fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }
    pub fn remove(&mut self, other: Self) {
        self.0 &= !other.0;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Symbol {
    /// The name in the source, or the base name for one that the linker makes. A valid identifier.
    pub name: Box<str>,
    pub kind: SymbolKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SymbolKind {
    /// `NAMESPACE_SYMBOL`, `WRAPPER_SYMBOL`.
    Linker,
    /// The variable `import_foo` that holds the interop namespace when `request` leads to CommonJS or to an external
    /// module in a format without `import`. One for each static request that binds a name or is starred.
    Interop { request: RequestIdx },
    /// A top-level declaration, or a name that a CommonJS module exports. What a CommonJS module declares is not relocated:
    /// it is local to the wrapper.
    Declared { kind: DeclarationKind, section: SectionIdx, constant: Option<ConstantValue>, flags: SymbolFlags },
    /// `import { name as x }`, `import x` (`name` is `default`), `import * as x`. Also `x.name` of any of them, and
    /// `x.y.name`: then `namespace` is the symbol of `x` (of `x.y`), `request` is that of `x`. Of a namespace object it is
    /// the export, and a missing one is `undefined`, not an error. Whether `import { x }` is one (`export * as x`), only
    /// the whole graph tells; if not, the symbol stands for what `x` does, and `.name` stays text. `is_called`: `x.name()`,
    /// which may pass `x` as `this`.
    Import { request: RequestIdx, name: ImportName, namespace: Option<SymbolIdx>, is_called: bool },
    /// `name` of what `require()` gives. It is not in the text; a section that uses it reads or, where `is_called`, calls it
    /// as a method.
    Required { request: RequestIdx, name: Box<str>, is_called: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ImportName {
    /// `import * as ns`, `export * as ns`
    Namespace,
    Named(Box<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeclarationKind {
    Var,
    Let,
    Const,
    Class,
    Function,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SymbolFlags(pub u8);

impl SymbolFlags {
    /// Written to outside of its declaration.
    pub const REASSIGNED: Self = Self(1);
    /// `/* #__NO_SIDE_EFFECTS__ */`, or a function whose body was seen to have none: calls are removable if unused.
    pub const PURE_FUNCTION: Self = Self(2);
    /// A name that a CommonJS module exports, of which it is not known that calling it as a method of `exports` does not
    /// lead to other names: `exports.a = function () { return this.b }`.
    pub const MAY_USE_THIS: Self = Self(4);

    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    pub fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// A value small enough to be copied to its uses in other modules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ConstantValue {
    Undefined,
    Null,
    Boolean(bool),
    Number(f64),
    String(Box<str>),
}

/// The smallest group of top-level statements that is kept or dropped together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Top-level symbols that it declares.
    pub declares: Vec<SymbolIdx>,
    /// Call edges: symbols of this module (declared, imported; `NAMESPACE_SYMBOL` in CommonJS only, where it is `exports`)
    /// that its code mentions.
    /// Sorted, no duplicates. A live section makes the sections of all of these live.
    pub uses: Vec<SymbolIdx>,
    /// `import()`, `require()`, `new URL()` and worker requests inside; they count only while the section is live.
    pub requests: Vec<RequestIdx>,
    pub flags: SectionFlags,
    /// Few sections have any; none when `SIDE_EFFECTS` is certain. Not there when all of them are empty.
    pub conditions: Option<Box<Conditions>>,
}

/// What the effects of a section depend on, which other modules know of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// Calls of imported or local functions that would be the section's only side effects. When analysis finds all
    /// of them pure (`SymbolFlags::PURE_FUNCTION`), the section is removable.
    pub pure_if: Vec<SymbolIdx>,
    /// Imports that it converts (`~FLAG`), which can be observed unless they are constants.
    pub constant_if: Vec<SymbolIdx>,
    /// It reads properties of these symbols of this module, or adds some, which only those can observe who have them: it is
    /// kept with them. `const a = B.c` of a class `B` that nobody uses has no effect. Of imports it is members that are read
    /// (`x.y.z`), which has no effect as `ModuleSummary::plain` says.
    pub effects_with: Vec<SymbolIdx>,
}

impl Section {
    pub fn conditions(&self) -> &Conditions {
        static NONE: Conditions = Conditions { pure_if: Vec::new(), constant_if: Vec::new(), effects_with: Vec::new() };
        self.conditions.as_deref().unwrap_or(&NONE)
    }

    pub fn set_conditions(&mut self, conditions: Conditions) {
        let is_empty =
            conditions.pure_if.is_empty() && conditions.constant_if.is_empty() && conditions.effects_with.is_empty();
        self.conditions = (!is_empty).then(|| Box::new(conditions));
    }

    pub fn take_conditions(&mut self) -> Conditions {
        self.conditions.take().map(|conditions| *conditions).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionFlags(pub u8);

impl SectionFlags {
    /// Running it can be observed even if nothing that it declares is used: a root of section GC.
    pub const SIDE_EFFECTS: Self = Self(1);
    /// Contains top-level await.
    pub const AWAIT: Self = Self(2);
    /// A function declaration: hoisted, so it stays outside of the wrapper of a lazily run module.
    pub const HOISTED: Self = Self(4);
    /// A directive (`"use strict"`, `"use client"`).
    pub const DIRECTIVE: Self = Self(8);
    /// Adds to what it declares, which another section makes: `f.displayName = "f"`.
    pub const ATTACHED: Self = Self(16);

    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    pub fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// An exported object literal of which its module only reads what stands in it. Reading one of `paths` from another module,
/// which runs later, has no effect while nobody has the object itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlainObject {
    pub symbol: SymbolIdx,
    /// Sorted by path: names with dots between. What they lead to is no such object; a small value may be copied.
    pub paths: Vec<(Box<str>, Option<ConstantValue>)>,
}

/// `export { local as exported }`, `export const exported`, `export default` (exported is `default`).
/// The symbol is always a declared one: `import { a } from "x"; export { a }` is an indirect export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalExport {
    pub exported: Box<str>,
    pub symbol: SymbolIdx,
    /// `export default x` copies the value of `x` into `symbol`. Where `x` (declared here or imported) is not assigned
    /// to by this module after that, whoever runs later may name `x` instead, and the copy is not needed.
    pub copy_of: Option<SymbolIdx>,
}

/// `export { imported as exported } from "request"`, `export * as exported from`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndirectExport {
    pub exported: Box<str>,
    /// The import symbol that stands for it; gives section GC and the linker one kind of thing to follow.
    pub symbol: SymbolIdx,
}

/// `symbol` and what it is a member of, from `x.y.z` over `x.y` to `x`; `symbol` alone if it is no member.
pub fn member_path(symbols: &IndexVec<SymbolIdx, Symbol>, symbol: SymbolIdx) -> impl Iterator<Item = SymbolIdx> + '_ {
    std::iter::successors(Some(symbol), |member| match symbols.get(*member)?.kind {
        // A member comes after its object, so that no table goes round in circles.
        SymbolKind::Import { namespace, .. } => namespace.filter(|object| object < member),
        _ => None,
    })
}

impl ModuleSummary {
    /// A module without code: `foo: false` in a `browser` field, an empty file.
    pub fn empty(format: ModuleFormat, base_name: &str) -> Self {
        Self {
            format,
            flags: ModuleFlags::default(),
            size: SizeClass::default(),
            requests: IndexVec::new(),
            symbols: IndexVec::from(linker_symbols(base_name, format)),
            sections: IndexVec::new(),
            local_exports: Vec::new(),
            indirect_exports: Vec::new(),
            star_exports: Vec::new(),
            plain: Vec::new(),
            commonjs: None,
        }
    }
}

/// The symbols at the head of every module's table, in order.
pub fn linker_symbols(base_name: &str, format: ModuleFormat) -> Vec<Symbol> {
    let wrapper = if format == ModuleFormat::CommonJs { "require" } else { "init" };
    vec![
        Symbol { name: format!("{base_name}_exports").into(), kind: SymbolKind::Linker },
        Symbol { name: format!("{wrapper}_{base_name}").into(), kind: SymbolKind::Linker },
    ]
}

/// A readable identifier for a module: `./src/date-fns/index.js` -> `date_fns`, `/a/7z.ts` -> `_7z`.
/// `index` says nothing, so the directory's name stands in.
pub fn base_name_of(id: &str) -> String {
    let path = cloudpack_base::path::split_query(id.trim_start_matches('\0')).0;
    let path = path.trim_end_matches('/');
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or("module");
    let stem = match file.find('.') {
        Some(at) if at > 0 => &file[..at],
        _ => file,
    };
    let chosen = if stem == "index" || stem == "main" && path.contains("node_modules") {
        parts.find(|part| !matches!(*part, "src" | "lib" | "dist" | "es" | "esm" | "cjs" | "")).unwrap_or(stem)
    } else {
        stem
    };
    let mut name = String::with_capacity(chosen.len());
    for character in chosen.chars() {
        let fits = character.is_ascii_alphanumeric() || character == '_' || character == '$';
        if fits {
            name.push(character);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::base_name_of;

    #[test]
    fn base_names_are_identifiers_that_a_reader_recognises() {
        assert_eq!(base_name_of("/app/node_modules/date-fns/index.js"), "date_fns");
        assert_eq!(base_name_of("/app/src/7z.ts?raw"), "_7z");
        assert_eq!(base_name_of("\0virtual:x"), "virtual_x");
        assert_eq!(base_name_of("/app/.env"), "_env");
        assert_eq!(base_name_of("/app/a.module.css"), "a");
    }
}
