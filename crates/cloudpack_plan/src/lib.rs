//! `LinkPlan`: what Analyze decides and Link obeys. Made from summaries alone; holds no text and no offset.

use cloudpack_base::{ChunkIdx, IndexVec, ModuleIdx, RequestIdx, SectionIdx, SymbolIdx, SymbolRef};
use cloudpack_summary::{ConstantValue, ImportName};

mod bit_set;

pub use bit_set::BitSet;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkPlan {
    /// Parallel to the graph's modules.
    pub modules: IndexVec<ModuleIdx, ModulePlan>,
    /// Entry chunks first, in the order of the entry points; then dynamic entries; then common chunks.
    pub chunks: IndexVec<ChunkIdx, ChunkPlan>,
    /// Runtime helpers that live sections and interop need, over all chunks; each chunk lists its own.
    pub uses_async_modules: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ModulePlan {
    /// Some section is live, or the module must run for its side effects.
    pub live: bool,
    /// Place in execution order; dependencies first, cycles by first visit. Unreached modules: `u32::MAX`.
    pub exec_order: u32,
    pub wrap: Wrap,
    /// Awaits at top level, itself or through a static dependency.
    pub is_async: bool,
    /// The chunk that carries the code. `None` for dead and external modules.
    pub chunk: Option<ChunkIdx>,
    /// The namespace object `foo_exports` must exist.
    pub needs_namespace: bool,
    pub live_sections: BitSet<SectionIdx>,
    /// What each symbol of the summary stands for; parallel to `ModuleSummary::symbols`.
    pub bindings: IndexVec<SymbolIdx, Binding>,
    /// Parallel to `ModuleSummary::requests`.
    pub requests: IndexVec<RequestIdx, RequestPlan>,
    /// Resolved exports in the order of the namespace object (by code units of the name); ambiguous and missing names
    /// are left out. Filled for modules that need a namespace object, entry points and wrapped modules.
    pub exports: Vec<ResolvedExport>,
    /// `export *` of CommonJS or external modules: names known only at run time, copied by `__reExport`.
    pub runtime_stars: Vec<RequestIdx>,
    /// For external modules: the names that live code imports, sorted; symbol `i` of this module is name `i`.
    pub external_names: Vec<ImportName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrap {
    /// Scope-hoisted.
    None,
    /// `var require_foo = __commonJS((exports, module) => { ... });`
    CommonJs,
    /// Variables outside, `var init_foo = __esm(() => { ... });`
    Esm,
}

/// What a mention of a symbol becomes.
#[derive(Clone, Debug, PartialEq)]
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

#[derive(Clone, Debug, PartialEq)]
pub struct RequestPlan {
    /// `None`: unresolved (in `try`), or not followed because nothing live uses it.
    pub target: Option<ModuleIdx>,
    pub action: RequestAction,
}

/// What the linker does where the request is evaluated. For a static request, "where" is the head of the module.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestAction {
    /// Nothing to emit: the target is hoisted before the importer, or is dead.
    None,
    /// Static request of a wrapped ES module: `init_foo();` (with `await` if it is async).
    Init,
    /// Static request of a CommonJS module: `var import_foo = __toESM(require_foo(), node);`; only `require_foo();` if
    /// nothing is bound. `symbol` is the `Interop` symbol that receives it.
    Interop { symbol: Option<SymbolIdx>, node_mode: bool },
    /// `import()` of a module that is an entry of a chunk: `import("./chunk.js")`. `export_name` is set when the
    /// namespace object is not the chunk's own exports (CommonJS, or a module inside a larger chunk): `.then(m => m.x)`.
    ImportChunk { chunk: ChunkIdx, then: ImportThen },
    /// `import()` of a module in the same chunk: `Promise.resolve().then(() => ...)`.
    ImportInline { then: ImportThen },
    /// `require()` of an ES module: `(init_foo(), __toCommonJS(foo_exports))`.
    RequireEsm,
    /// `require()` of CommonJS: `require_foo()`.
    RequireCjs,
    /// Target is external: `import "x"` at the chunk's head, `import("x")`, `require("x")` as they are.
    External,
    /// The URL of an emitted file: an asset, or the chunk of a worker.
    AssetUrl,
    WorkerUrl { chunk: ChunkIdx },
    /// Did not resolve inside `try`: throws `Cannot find module` when run.
    Throw,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ImportThen {
    /// The chunk's exports are the namespace.
    Chunk,
    /// Run the wrapper, give the namespace object.
    Namespace,
    /// `__toESM(require_foo(), node)`
    CommonJs { node_mode: bool },
}

#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedExport {
    pub exported: Box<str>,
    pub binding: Binding,
    /// The symbol in the module itself through which it is exported; for messages and for `why`.
    pub local: SymbolRef,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ChunkPlan {
    pub kind: ChunkKind,
    /// Base of the file name: the entry's key or file stem, the dynamic entry's stem, or a name for a common chunk.
    pub name: String,
    /// The module whose exports the chunk offers to the world.
    pub entry: Option<ModuleIdx>,
    /// Live modules in execution order.
    pub modules: Vec<ModuleIdx>,
    /// Style sheets of this chunk in cascade order.
    pub css: Vec<CssPart>,
    /// Chunks that must run before, in order, with the symbols taken from each (may be none: side effects only).
    pub imports: Vec<ChunkImport>,
    /// External modules imported statically, in execution order, with the symbols taken from each.
    pub externals: Vec<ExternalImport>,
    /// Chunks reached by `import()` from live sections, sorted.
    pub dynamic_imports: Vec<ChunkIdx>,
    /// Symbols that other chunks take, sorted by execution order of the module, then symbol.
    pub exports: Vec<SymbolRef>,
    pub helpers: Vec<RuntimeHelper>,
    pub is_async: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChunkKind {
    /// A user's or emitted entry point.
    Entry,
    DynamicEntry,
    Worker,
    /// Shared by several entries.
    Common,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ChunkImport {
    pub chunk: ChunkIdx,
    pub symbols: Vec<SymbolRef>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ExternalImport {
    /// The external module.
    pub module: ModuleIdx,
    /// Symbols of the external module, indices into its `external_names`.
    pub symbols: Vec<SymbolRef>,
}

/// One style sheet with the conditions of all `@import` rules on the way to it, outermost first.
/// Each is `(module that holds the rule, its request)`.
#[derive(Clone, Debug, PartialEq)]
pub struct CssPart {
    pub module: ModuleIdx,
    pub conditions: Vec<(ModuleIdx, RequestIdx)>,
}

/// Code shipped once per chunk that needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RuntimeHelper {
    /// `__commonJS(factory)`: runs a CommonJS module once.
    CommonJs,
    /// `__esm(init)`: runs a lazily run ES module once; keeps its error.
    Esm,
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
