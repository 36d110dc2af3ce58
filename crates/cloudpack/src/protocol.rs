//! Crossings into JavaScript, in bulk. The core runs until it needs answers that only plugins can give, hands out all
//! such tasks at once, and goes on when they are answered. What no hook wants never becomes a task: the filters of
//! `HookTable` are evaluated here.

use crate::options::{ModuleType, Pattern};
use cloudpack_base::Diagnostic;
use serde::{Deserialize, Serialize};

/// Which hooks exist and what each wants to see. A hook without filters wants everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HookTable {
    pub resolve_id: Vec<HookFilter>,
    pub load: Vec<HookFilter>,
    pub transform: Vec<HookFilter>,
    /// Whether any plugin has `moduleParsed`.
    pub module_parsed: bool,
    /// Whether any plugin has `renderChunk` or `augmentChunkHash`.
    pub render_chunk: bool,
    /// Whether any plugin could see that a build did less than all: it has some hook that takes part.
    pub observed: bool,
    /// Keep what plugins make of modules; needs `BuildOptions::cache`.
    pub results: Option<PluginCacheOptions>,
    /// Inside of another bundler: what of its resolution is done here. Without it, `resolve_id` decides.
    pub host: Option<HostRequests>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginCacheOptions {
    /// Of the configuration: its last build's results are found under this name.
    pub name: String,
    /// Digest of everything that all results rest on: versions, configuration, plugins.
    pub key: String,
}

/// Something that a hook asked the file system: `content` of a file, `names` in a directory, or which `kind` lies there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrackedInput {
    /// Absolute.
    pub path: String,
    pub what: String,
}

/// What an answer rests on besides the file of the id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tracked {
    pub inputs: Vec<TrackedInput>,
    /// For a module: what JavaScript is told when the result is taken from the cache.
    #[serde(default)]
    pub effects: Option<String>,
    /// For a request: a resolver that nobody can look into decided about this specifier, which an alias may have made of the one that was
    /// asked for. Its answer holds as long as ours is the same.
    #[serde(default)]
    pub resolver_asked: Option<String>,
}

/// Inside of another bundler, requests that no filter of `HookTable::resolve_id` wants: relative ones from a file, and those that an
/// alias makes a path below `cwd`, are looked up here. All others, and entry points, cross, once for each directory that they come from,
/// because the resolver there knows nothing of the importer but its place.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HostRequests {
    /// The first that matches decides, as in @rollup/plugin-alias: `Exact` also means a prefix up to `/`.
    pub alias: Vec<HostAlias>,
    /// What may be external crosses, before or after it is resolved.
    pub external: Vec<Pattern>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostAlias {
    pub find: Pattern,
    /// `None`: only JavaScript knows.
    #[serde(default)]
    pub replacement: Option<String>,
}

impl HookTable {
    /// Whether anybody but the core decides or sees anything of this build.
    pub(crate) fn is_observed(&self) -> bool {
        let Self { resolve_id, load, transform, module_parsed, render_chunk, observed, results: _, host: _ } = self;
        let filtered = !(resolve_id.is_empty() && load.is_empty() && transform.is_empty());
        filtered || *module_parsed || *render_chunk || *observed
    }
}

/// All parts that are present must match. `id` for load and transform, the specifier for resolveId.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HookFilter {
    pub id_include: Vec<Pattern>,
    pub id_exclude: Vec<Pattern>,
    /// For transform: `Exact` is a substring of the code.
    pub code_include: Vec<Pattern>,
    pub code_exclude: Vec<Pattern>,
    pub module_types: Vec<ModuleType>,
    /// The hook sees JavaScript where the file has types or JSX: what is held against the code here says nothing about it.
    pub after_compile: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Task {
    /// Run `resolveId`. Answer: `Answer::Resolve`.
    #[serde(rename_all = "camelCase")]
    Resolve {
        token: u32,
        specifier: String,
        importer: Option<String>,
        is_entry: bool,
        /// `import-statement`, `dynamic-import`, `require-call`, `new-url`, `import-rule`, `url-token`, `html`
        kind: String,
        attributes: Vec<(String, String)>,
        /// It stands in `try`: whoever wrote it expects that it may fail.
        in_try: bool,
    },
    /// Run `load`, then `transform`. `code` is there when no load hook wants the module and only transform does.
    #[serde(rename_all = "camelCase")]
    Load { token: u32, id: String, code: Option<String>, module_type: ModuleType, run_load: bool },
    /// The module's result was taken from the cache; what its hooks did besides is to be done again. No answer.
    #[serde(rename_all = "camelCase")]
    Recalled { id: String, effects: String },
    /// Tell `moduleParsed`. No answer.
    #[serde(rename_all = "camelCase")]
    Parsed { info: ModuleInfo },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Answer {
    /// `id: None` leaves the request to the core's resolver.
    #[serde(rename_all = "camelCase")]
    Resolve {
        token: u32,
        #[serde(default)]
        id: Option<String>,
        #[serde(default)]
        external: bool,
        /// An external file, printed as the way to it from a chunk and not by its id.
        #[serde(default)]
        is_left_out: bool,
        #[serde(default)]
        module_side_effects: Option<bool>,
        /// The answer may be kept.
        #[serde(default)]
        tracked: Option<Tracked>,
        #[serde(default)]
        error: Option<Diagnostic>,
    },
    /// `code: None` leaves loading to the core.
    #[serde(rename_all = "camelCase")]
    Load {
        token: u32,
        #[serde(default)]
        code: Option<String>,
        /// Source map (JSON text) from `code` back to the file, already chained over all transforms.
        #[serde(default)]
        map: Option<String>,
        #[serde(default)]
        module_type: Option<ModuleType>,
        #[serde(default)]
        module_side_effects: Option<bool>,
        /// `moduleSideEffects: "no-treeshake"`
        #[serde(default)]
        keep: bool,
        #[serde(default)]
        watch_files: Vec<String>,
        /// The answer may be kept.
        #[serde(default)]
        tracked: Option<Tracked>,
        #[serde(default)]
        error: Option<Diagnostic>,
    },
    /// Files that hooks read without saying for which module.
    #[serde(rename_all = "camelCase")]
    Shared { inputs: Vec<TrackedInput> },
    /// `this.emitFile({ type: "chunk" })` during the build phase.
    #[serde(rename_all = "camelCase")]
    EmitChunk {
        reference: String,
        import: String,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        file_name: Option<String>,
        #[serde(default)]
        importer: Option<String>,
    },
    /// `this.emitFile({ type: "asset" })` in any phase.
    #[serde(rename_all = "camelCase")]
    EmitAsset {
        reference: String,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        file_name: Option<String>,
        /// UTF-8 text, or base64 when `is_base64`.
        source: String,
        #[serde(default)]
        is_base64: bool,
    },
}

/// `this.getModuleInfo(id)`: Rollup's shape.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleInfo {
    pub id: String,
    pub code: Option<String>,
    pub is_entry: bool,
    pub is_external: bool,
    pub is_included: Option<bool>,
    pub importers: Vec<String>,
    pub dynamic_importers: Vec<String>,
    pub imported_ids: Vec<String>,
    pub dynamically_imported_ids: Vec<String>,
    pub exports: Vec<String>,
    pub has_default_export: Option<bool>,
    pub module_side_effects: bool,
}

/// `renderChunk` and `augmentChunkHash` of one chunk, as JavaScript answered them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplacedChunk {
    pub preliminary_file_name: String,
    /// `None`: unchanged.
    #[serde(default)]
    pub code: Option<String>,
    /// Source map (JSON text) from the new code to the old.
    #[serde(default)]
    pub map: Option<String>,
    #[serde(default)]
    pub hash_augmentation: Option<String>,
}

/// What the core's own resolver says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolvedId {
    pub id: String,
    pub external: bool,
    pub module_side_effects: bool,
}
