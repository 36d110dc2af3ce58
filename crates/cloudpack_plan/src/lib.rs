//! `LinkPlan`: what Analyze decides and Link obeys. Made from summaries alone; holds no text and no offset.
//!
//! External modules. In format `es` the table `external_names` of an external module lists the imported names
//! (`default`, named, namespace), a mention is `Binding::Symbol(external, i)`, and `ns.x` of an external namespace is a
//! `Binding::Property` of the namespace's symbol, so that a missing name stays `undefined`. The formats without
//! `import` (cjs, iife) have three fixed symbols an external module, each printed at most once a chunk when
//! `ExternalImport::symbols` lists it, in this order:
//! - `EXTERNAL_REQUIRE`: `const x = require("x")` (iife: the global). Named imports are its properties;
//! - `EXTERNAL_ESM`: `const x = __toESM(require("x"))`: default and namespace of importers that follow `__esModule`;
//! - `EXTERNAL_NODE_ESM`: `__toESM(require("x"), 1)`: the same for importers that follow Node (`.mjs`, `"type": "module"`).
//!   A default import is `Binding::Property { object: one of the last two, property: "default" }`.

use cloudpack_base::{ChunkIdx, IndexVec, ModuleIdx, RequestIdx, SectionIdx, SymbolIdx, SymbolRef};
use cloudpack_summary::{ConstantValue, ImportName};
use serde::{Deserialize, Serialize};

mod bit_set;
mod renumber;

pub use bit_set::BitSet;

/// Symbols of an external module in the formats cjs and iife; see the head of this file.
pub const EXTERNAL_REQUIRE: SymbolIdx = SymbolIdx(0);
pub const EXTERNAL_ESM: SymbolIdx = SymbolIdx(1);
pub const EXTERNAL_NODE_ESM: SymbolIdx = SymbolIdx(2);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkPlan {
    /// Parallel to the graph's modules.
    pub modules: IndexVec<ModuleIdx, ModulePlan>,
    /// Entry chunks first, parallel to the graph's entry points; then workers and dynamic entries, in execution order
    /// of their modules; then common chunks.
    pub chunks: IndexVec<ChunkIdx, ChunkPlan>,
    /// Some live module awaits at top level.
    pub uses_async_modules: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModulePlan {
    /// Some section is live, or the module must run for its side effects, or its style sheet or its file is wanted.
    pub live: bool,
    /// Place in execution order; dependencies first, cycles by first visit. Unreached modules: `u32::MAX`.
    pub exec_order: u32,
    pub wrap: Wrap,
    /// Awaits at top level, itself or through a static dependency.
    pub is_async: bool,
    /// Awaits at top level itself.
    pub awaits: bool,
    /// Only for `Wrap::None`: `await 0;` stands behind the module, because what follows it in the chunk would run a
    /// moment after it if it were not bundled.
    pub pauses: bool,
    /// The wrapper is called once right after its definition (`require_foo();`, a statement), so that the module runs
    /// where it stands in execution order and not at the head of its first importer, which may be later:
    /// `import "./polyfill.cjs"; import "./app.js"`, where app.js is hoisted before the importer. Of ES modules only
    /// for those that are async: `init_foo(1);` starts it and waits for nothing.
    pub run_in_place: bool,
    /// The chunk that carries the code. `None` for dead and external modules, for a style sheet that is only reached
    /// by `@import` (it is text of each root sheet that imports it) and for an asset of which only the URL is used.
    pub chunk: Option<ChunkIdx>,
    /// The namespace object `foo_exports` must exist.
    pub needs_namespace: bool,
    pub live_sections: BitSet<SectionIdx>,
    /// What each symbol of the summary stands for; parallel to `ModuleSummary::symbols`. Empty for dead modules;
    /// symbols that no live section mentions may say `Undefined`.
    pub bindings: IndexVec<SymbolIdx, Binding>,
    /// Parallel to `ModuleSummary::requests`.
    pub requests: IndexVec<RequestIdx, RequestPlan>,
    /// Resolved exports in the order of the namespace object (by code units of the name); ambiguous and missing names
    /// are left out. Filled for modules that need a namespace object, for entry points of every kind and for targets of
    /// `require()`.
    pub exports: Vec<ResolvedExport>,
    /// `export *` of CommonJS or external modules, of this module or of one that it stars: names known only at run
    /// time, copied by `__reExport`. No target comes twice. Filled where `exports` is.
    pub runtime_stars: Vec<RuntimeStar>,
    /// For external modules: the names that live code imports, sorted; symbol `i` of this module is name `i`. In the
    /// formats cjs and iife three times `Namespace`; see the head of this file.
    pub external_names: Vec<ImportName>,
}

impl Default for ModulePlan {
    /// A module that nobody reached.
    fn default() -> Self {
        Self {
            live: false,
            exec_order: u32::MAX,
            wrap: Wrap::None,
            is_async: false,
            awaits: false,
            pauses: false,
            run_in_place: false,
            chunk: None,
            needs_namespace: false,
            live_sections: BitSet::default(),
            bindings: IndexVec::new(),
            requests: IndexVec::new(),
            exports: Vec::new(),
            runtime_stars: Vec::new(),
            external_names: Vec::new(),
        }
    }
}

/// A source of names known only at run time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuntimeStar {
    /// The CommonJS or external module.
    pub target: ModuleIdx,
    /// What `__reExport(foo_exports, object)` copies from: the `Interop` symbol of the module that holds the
    /// `export *`, or the external module's namespace (es) or `EXTERNAL_REQUIRE` (cjs, iife). `None` when no namespace
    /// object is made of it: an entry point in format es prints `export * from "x"` for an external target.
    pub object: Option<SymbolRef>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wrap {
    /// Scope-hoisted.
    None,
    /// `var require_foo = __commonJS((exports, module) => { ... });`
    CommonJs,
    /// Variables outside, `var init_foo = __esm(() => { ... });`. For an async module `var init_foo = __async(() =>
    /// [init_bar], async () => { ... }, 1);`: what its static requests run stands in the list, and `init_foo()` gives
    /// a promise.
    Esm,
}

/// What a mention of a symbol becomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Binding {
    /// A name in the chunk: a declaration of this or another module, a namespace object, a wrapper, an external's
    /// import. The canonical symbol.
    Symbol(SymbolRef),
    /// A property of an object that a name in the chunk holds: `import_foo.bar`, `external.bar`. Live binding.
    Property { object: SymbolRef, property: Box<str> },
    /// A constant, known by thin link.
    Constant(ConstantValue),
    /// No such export (a namespace member, or CommonJS-style tolerance): `undefined`, printed `void 0`.
    Undefined,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestPlan {
    /// `None`: unresolved (in `try`), or not followed because nothing live uses it.
    pub target: Option<ModuleIdx>,
    pub action: RequestAction,
}

/// What the linker does where the request is evaluated. For a static request, "where" is the head of the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RequestAction {
    /// Nothing to emit: the target is hoisted before the importer, or is dead.
    None,
    /// Static request that leads to wrapped ES modules: `init_foo(); init_bar();` in this order, with `await` for each
    /// that is async. Mostly one, the target; others where the target is a barrel that is skipped:
    /// `import { a } from "./barrel"` runs the module that defines `a`.
    Init {
        modules: Vec<ModuleIdx>,
    },
    /// Static request of a CommonJS module: `var import_foo = __toESM(require_foo(), node);`; only `require_foo();` if
    /// nothing is bound. `symbol` is the `Interop` symbol that receives it.
    Interop {
        symbol: Option<SymbolIdx>,
        node_mode: bool,
    },
    /// `import()` of a module that is an entry of a chunk: `import("./chunk.js")`. `export_name` is set when the
    /// namespace object is not the chunk's own exports (CommonJS, or a module inside a larger chunk): `.then(m => m.x)`.
    ImportChunk {
        chunk: ChunkIdx,
        then: ImportThen,
    },
    /// `import()` of a module in the same chunk: `Promise.resolve().then(() => ...)`. Never `ImportThen::Chunk`.
    ImportInline {
        then: ImportThen,
    },
    /// `require()` of an ES module: `(init_foo(), __toCommonJS(foo_exports))`.
    RequireEsm,
    /// `require()` of JSON, text, an asset or a CSS module gives the value as in Node: `(init_foo(), foo_default)`, the
    /// binding of `default` in the target's `exports`.
    RequireDefault,
    /// `require()` of CommonJS: `require_foo()`.
    RequireCjs,
    /// Target is external: `import "x"` at the chunk's head, `import("x")`, `require("x")`, `require.resolve("x")` as
    /// they are.
    External,
    /// The URL of an emitted file: an asset, or the chunk of a worker.
    AssetUrl,
    WorkerUrl {
        chunk: ChunkIdx,
    },
    /// The URL of a worker's file that is not part of this plan, because it must be self-contained (a classic worker,
    /// or an output without code splitting): the driver analyses the target as the only entry of a graph of its own.
    WorkerBundle,
    /// Did not resolve inside `try`: throws `Cannot find module` when run.
    Throw,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum ImportThen {
    /// The chunk's exports are the namespace.
    Chunk,
    /// Run the wrapper if there is one, give the namespace object: `m => m.foo_exports`, `m => (m.init_foo(),
    /// m.foo_exports)`. Both symbols are in the chunk's `exports`.
    Namespace,
    /// `m => __toESM(m.require_foo(), node)`; where the target is the chunk's `entry`, `m => __toESM(m.default, node)`.
    CommonJs { node_mode: bool },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResolvedExport {
    pub exported: Box<str>,
    pub binding: Binding,
    /// The symbol in the module itself through which it is exported, its namespace symbol if it comes through a star;
    /// for messages and for `why`.
    pub local: SymbolRef,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChunkPlan {
    pub kind: ChunkKind,
    /// Base of the file name: the entry's key or file stem, the dynamic entry's stem, or a name for a common chunk.
    pub name: String,
    /// The module whose exports the chunk offers to the world. When it is wrapped, the chunk ends by running it
    /// (`init_foo();`, `export default require_foo();`). It need not be among `modules`: a facade has none, and offers
    /// a module that lies in a common chunk.
    pub entry: Option<ModuleIdx>,
    /// Live modules in execution order. Some may have no live section: they stand for the modules they import.
    pub modules: Vec<ModuleIdx>,
    /// Style sheets of this chunk in cascade order.
    pub css: Vec<CssPart>,
    /// Chunks that must run before, in order, with the symbols taken from each (may be none: side effects only).
    pub imports: Vec<ChunkImport>,
    /// External modules imported statically, in execution order, with the symbols taken from each.
    pub externals: Vec<ExternalImport>,
    /// Chunks reached by `import()` from live sections, sorted.
    pub dynamic_imports: Vec<ChunkIdx>,
    /// Symbols that other chunks take, sorted by execution order of the module, then symbol. One that is also the
    /// binding of an export of `entry` goes by that exported name and no other: the names that a user sees on an entry
    /// chunk, or on the namespace of a dynamic one, are the module's own. Where `entry` has exports, Analyze sees to it
    /// that every symbol here is one of them.
    pub exports: Vec<SymbolRef>,
    pub helpers: Vec<RuntimeHelper>,
    pub is_async: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ChunkKind {
    /// A user's or emitted entry point.
    Entry,
    DynamicEntry,
    Worker,
    /// Shared by several entries.
    Common,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChunkImport {
    pub chunk: ChunkIdx,
    pub symbols: Vec<SymbolRef>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExternalImport {
    /// The external module.
    pub module: ModuleIdx,
    /// Symbols of the external module, indices into its `external_names`.
    pub symbols: Vec<SymbolRef>,
}

/// One style sheet with the conditions of all `@import` rules on the way to it, outermost first.
/// Each is `(module that holds the rule, its request)`; only requests with `RequestFlags::CONDITIONAL` are listed.
/// An external module stands for `@import url(https://...)`, which CSS wants before all rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CssPart {
    pub module: ModuleIdx,
    pub conditions: Vec<(ModuleIdx, RequestIdx)>,
}

/// Code shipped once per chunk that needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RuntimeHelper {
    /// `__commonJS(factory)`: runs a CommonJS module once.
    CommonJs,
    /// `__esm(init)`: runs a lazily run ES module once; keeps its error.
    Esm,
    /// `__async(list, run, awaits)`: the same for one that awaits, or that depends on one.
    Async,
    /// `__export(target, getters)`: makes a namespace object.
    Export,
    /// `__reExport(target, module)`: `export *` of a module whose names are known at run time.
    ReExport,
    /// `__toESM(exports, nodeMode)`: the namespace of a CommonJS module.
    ToEsm,
    /// `__toCommonJS(namespace)`: what `require()` of an ES module gives.
    ToCommonJs,
    /// `__require`: `require` where the platform may lack it.
    Require,
}
