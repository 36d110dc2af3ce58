//! What a user may ask for, in the names of Rolldown and Rollup. The JSON form is the contract between the JavaScript
//! shim, fixture files and this crate: camelCase, unknown fields refused. Functions never arrive here; the shim keeps
//! them and answers through `protocol`.

use crate::code_splitting::CodeSplitting;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BuildOptions {
    /// Absolute directory, `/` separated; relative inputs and `output.dir` start here.
    #[serde(default)]
    pub cwd: String,
    /// Entry points: `(name, specifier)`. A string or list in JavaScript gets its names from the file stems.
    #[serde(default)]
    pub input: Vec<InputItem>,
    /// Requests that stay as they are. A function in JavaScript becomes a resolve hook of the shim.
    #[serde(default)]
    pub external: Vec<Pattern>,
    #[serde(default)]
    pub resolve: ResolveOptions,
    /// Expression text for each key: `process.env.NODE_ENV` -> `"production"` (with quotes).
    #[serde(default)]
    pub define: Vec<(String, String)>,
    #[serde(default)]
    pub transform: TransformOptions,
    /// `false` keeps every section.
    #[serde(default)]
    pub treeshake: TreeshakeOptions,
    #[serde(default)]
    pub platform: Platform,
    /// Extension with dot (`.svg`) -> module type; ahead of the built-in table.
    #[serde(default)]
    pub module_types: Vec<(String, ModuleType)>,
    /// Values of `import.meta.env`; `MODE`, `DEV`, `PROD`, `BASE_URL`, `SSR` are added when missing.
    #[serde(default)]
    pub env: Vec<(String, serde_json::Value)>,
    /// `production` unless told otherwise; sets `process.env.NODE_ENV` on the browser and `import.meta.env.MODE`.
    #[serde(default = "production")]
    pub mode: String,
    /// Where the files are served from. `/` by default when there is an HTML entry; otherwise none: asset URLs are
    /// then relative to the chunk by `new URL(..., import.meta.url)`.
    #[serde(default)]
    pub base: Option<String>,
    /// Assets below this many bytes become `data:` URLs. SVG included.
    #[serde(default = "default_inline_limit")]
    pub assets_inline_limit: u32,
    #[serde(default)]
    pub css: CssOptions,
    #[serde(default = "one_output")]
    pub output: Vec<OutputOptions>,
    /// Whose files these outputs hold in the end, where the linker's are only their plan: name, version and options of a foreign
    /// engine. Another one is another build; chunks of the last one are no chunks of the linker's; workers are linked here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// We work inside of another bundler, which has its own defines and its own way with `new URL("./a.png", import.meta.url)`:
    /// neither is touched.
    #[serde(default)]
    pub hosted: bool,
    /// Outputs that are told of only when the graph is there (`Session::add_output`), as far as compilation depends on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later_outputs: Vec<LaterOutput>,
    /// Directory that holds `@oxc-project/runtime`, for helpers of lowered syntax; the shim passes its own.
    #[serde(default)]
    pub helpers_dir: Option<String>,
    /// Somebody will ask what to watch.
    #[serde(default)]
    pub watch: bool,
    /// What the build is for, besides its files.
    #[serde(default)]
    pub view: View,
    /// Where compiled modules are kept from build to build; without it nothing is.
    #[serde(default)]
    pub cache: Option<CacheOptions>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    #[default]
    Production,
    /// Says what a deploy has to upload and to remove.
    Ci,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CacheOptions {
    /// Absolute; made when it is missing.
    pub dir: String,
    /// Bytes on disk.
    #[serde(default = "default_cache_size")]
    pub max_size: u64,
    /// Uses what is there and writes nothing.
    #[serde(default)]
    pub readonly: bool,
    /// Compiles what is found in the cache too, and reports a difference as an error.
    #[serde(default)]
    pub verify: bool,
    #[serde(default)]
    pub reuse: Reuse,
}

impl CacheOptions {
    /// As they are by default. `dir`: absolute.
    pub fn at(dir: impl Into<String>) -> Self {
        Self {
            dir: dir.into(),
            max_size: default_cache_size(),
            readonly: false,
            verify: false,
            reuse: Reuse::default(),
        }
    }
}

/// Which results of the last build may stand for new ones. Output is the same with any of them off; whoever suspects that
/// it is not finds out here at which level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Reuse {
    /// All of it where nothing changed; else `stats.lastBuild` says so.
    pub build: bool,
    /// Compiled modules of the same source (`stats.reused`). Without them nothing else is but files.
    pub modules: bool,
    /// Plans of modules that look to others as they did (`stats.analyzed`).
    pub plans: bool,
    /// The text of chunks of which no module and no plan changed (`stats.chunksLinked`).
    pub chunks: bool,
    /// Files with the same bytes are not written (`stats.chunksWritten`).
    pub files: bool,
}

impl Default for Reuse {
    fn default() -> Self {
        Self { build: true, modules: true, plans: true, chunks: true, files: true }
    }
}

impl BuildOptions {
    pub(crate) fn reuse(&self) -> Reuse {
        self.cache.as_ref().map(|cache| cache.reuse).unwrap_or_default()
    }
}

/// 1 GiB
fn default_cache_size() -> u64 {
    1 << 30
}

fn production() -> String {
    "production".to_owned()
}
fn default_inline_limit() -> u32 {
    4096
}
fn one_output() -> Vec<OutputOptions> {
    vec![OutputOptions::default()]
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InputItem {
    pub name: String,
    pub import: String,
    /// Whether the user chose the name (an object `input`), which then stands in `[name]` as written.
    #[serde(default)]
    pub named: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LaterOutput {
    pub minify: bool,
    pub sourcemap: bool,
}

/// A string is compared whole (a package name also matches its sub-paths); an expression is searched for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Pattern {
    /// `{"exact": "react"}`
    Exact(String),
    /// `{"regex": "^node:", }` with JavaScript flags `i`, `s`, `m`, `u` (others have no meaning here).
    Regex {
        source: String,
        #[serde(default)]
        flags: String,
    },
    /// `{"glob": "**/*.css"}`; in hook filters.
    Glob(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interop {
    /// Its `default` if it says `__esModule`, else all of it; importers that are modules of Node get all of it.
    #[default]
    Auto,
    /// All of it.
    Default,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    #[default]
    Browser,
    Node,
    Neutral,
}

/// `None` means the platform's default.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ResolveOptions {
    /// `(from, to)`; `from` matches the whole specifier or a prefix up to `/`; with a trailing `$` only the whole.
    /// Several targets for one key are tried in order. `to: null` (false in JavaScript) is an empty module.
    pub alias: Vec<(String, Vec<Option<String>>)>,
    pub condition_names: Option<Vec<String>>,
    pub extensions: Option<Vec<String>>,
    pub extension_alias: Option<Vec<(String, Vec<String>)>>,
    pub main_fields: Option<Vec<String>>,
    pub main_files: Option<Vec<String>>,
    pub modules: Option<Vec<String>>,
    /// `false`: the id of a linked package is the link's path.
    pub symlinks: Option<bool>,
    pub tsconfig_filename: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TransformOptions {
    /// `es2020`, `chrome100`, `node18`...; empty is `esnext`: nothing is lowered.
    pub target: Vec<String>,
    pub jsx: JsxOptions,
    /// Legacy decorators; `None`: what the tsconfig says.
    pub experimental_decorators: Option<bool>,
    pub emit_decorator_metadata: Option<bool>,
    pub use_define_for_class_fields: Option<bool>,
    /// Keep only what is used in a type position out of imports unless `verbatimModuleSyntax`.
    pub verbatim_module_syntax: Option<bool>,
    /// Names of free functions whose calls are removable if unused.
    pub pure: Vec<String>,
    pub drop_console: bool,
    pub drop_debugger: bool,
}

/// `None`: what the nearest tsconfig says, else the automatic runtime of React.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct JsxOptions {
    pub runtime: Option<JsxRuntime>,
    pub import_source: Option<String>,
    pub pragma: Option<String>,
    pub pragma_frag: Option<String>,
    /// `jsxDEV` with source positions; `None`: only when `mode` is `development`.
    pub development: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JsxRuntime {
    Automatic,
    Classic,
    Preserve,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TreeshakeOptions {
    pub enabled: bool,
    /// `None`: as packages say. `Some(false)`: no module has side effects unless its package says so.
    pub module_side_effects: Option<bool>,
    /// Honour `/* #__PURE__ */`.
    pub annotations: bool,
    /// Reading a property may run code (a getter) and is kept.
    pub property_read_side_effects: bool,
    /// Reading a free name that may not exist is kept.
    pub unknown_global_side_effects: bool,
}

impl Default for TreeshakeOptions {
    fn default() -> Self {
        Self {
            enabled: true,
            module_side_effects: None,
            annotations: true,
            property_read_side_effects: true,
            unknown_global_side_effects: true,
        }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CssOptions {
    /// `[name]`, `[local]`, `[hash]`; default `[hash]_[local]`, as Lightning CSS.
    pub modules_pattern: Option<String>,
    /// Names of a CSS module in JavaScript: `false` keeps them as written only.
    pub modules_camel_case: bool,
}

/// What a file is read as. Names follow esbuild's loaders and Rolldown's module types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModuleType {
    Js,
    Jsx,
    Ts,
    Tsx,
    Json,
    Css,
    #[serde(rename = "module.css")]
    CssModule,
    Html,
    /// The file's text as a string.
    Text,
    /// URL of an emitted file, inlined below the limit.
    Asset,
    /// Always a `data:` URL.
    Dataurl,
    /// Always an emitted file.
    File,
    Binary,
    Base64,
    Empty,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OutputOptions {
    /// Relative to `cwd`; `dist` by default.
    pub dir: Option<String>,
    /// One file; excludes `dir` and code splitting.
    pub file: Option<String>,
    pub format: OutputFormat,
    /// Patterns with `[name]`, `[hash]`, `[hash:8]`, `[format]`, `[ext]`, `[extname]`.
    pub entry_file_names: Option<String>,
    pub chunk_file_names: Option<String>,
    pub asset_file_names: Option<String>,
    /// For each chunk of `Session::generate` its own, where a function decides (`Session::name_chunks`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chunk_patterns: Vec<String>,
    pub sourcemap: SourcemapOption,
    pub minify: MinifyOption,
    pub banner: Option<String>,
    pub footer: Option<String>,
    pub intro: Option<String>,
    pub outro: Option<String>,
    pub exports: ExportsMode,
    /// Whether what `require()` of an entry gives says that it was an ES module.
    pub es_module: EsModuleMarker,
    pub symbols: NamespaceTags,
    /// Add the exports of an iife or umd to what its global variable holds already.
    pub extend: bool,
    /// What `import x from` an external module means in formats that have no modules.
    pub interop: Interop,
    /// Global variable of an iife with exports.
    pub name: Option<String>,
    /// Specifier -> global variable, for iife.
    pub globals: Vec<(String, String)>,
    pub code_splitting: CodeSplitting,
    /// One file a module, laid out as the sources are. Excludes `file` and formats of one script.
    pub preserve_modules: bool,
    /// The directory whose modules lie right in `dir`; without it, the one that all modules share.
    pub preserve_modules_root: Option<String>,
    /// Remove `dir` before writing. Off by default.
    pub clean_dir: bool,
    /// Whether legal comments stay: `inline` or `none`.
    pub legal_comments: LegalComments,
    /// Names in chunks do not follow the content of other chunks; an import map that is emitted leads to the files.
    pub chunk_import_map: Option<ChunkImportMap>,
    /// Set where modules are what an engine is given, and never written.
    pub for_engine: Option<ForEngine>,
}

/// What code of modules has to know of the files that an engine makes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ForEngine {
    /// The directory of all that modules mention and that is none of them; patterns of the names of chunks and assets begin
    /// with it.
    pub mentioned_dir: String,
    /// Of the files; the modules are ES modules.
    pub format: OutputFormat,
    /// The variable that holds the address of a script.
    pub script_url: String,
}

impl Default for OutputOptions {
    fn default() -> Self {
        Self {
            dir: None,
            file: None,
            format: OutputFormat::Es,
            entry_file_names: None,
            chunk_file_names: None,
            asset_file_names: None,
            chunk_patterns: Vec::new(),
            sourcemap: SourcemapOption::None,
            minify: MinifyOption::None,
            banner: None,
            footer: None,
            intro: None,
            outro: None,
            exports: ExportsMode::Auto,
            es_module: EsModuleMarker::IfDefaultProp,
            symbols: NamespaceTags::Namespaces,
            extend: false,
            interop: Interop::Auto,
            name: None,
            globals: Vec::new(),
            code_splitting: CodeSplitting::default(),
            preserve_modules: false,
            preserve_modules_root: None,
            clean_dir: false,
            legal_comments: LegalComments::Inline,
            chunk_import_map: None,
            for_engine: None,
        }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ChunkImportMap {
    /// Where the files are served from; `base` by default, `/` without one.
    pub base_url: Option<String>,
    /// Relative to the output directory; `importmap.json` by default.
    pub file_name: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputFormat {
    #[default]
    Es,
    Cjs,
    Iife,
    /// An iife that CommonJS and AMD can load as well.
    Umd,
}

impl OutputFormat {
    /// One file without `import`.
    pub(crate) fn is_script(self) -> bool {
        matches!(self, Self::Iife | Self::Umd)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourcemapOption {
    #[default]
    None,
    File,
    Inline,
    Hidden,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MinifyOption {
    #[default]
    None,
    /// `true` in JavaScript: module by module.
    Thin,
    /// Chunk by chunk as well.
    Full,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportsMode {
    #[default]
    Auto,
    Named,
    Default,
    None,
}

/// `true`, `false` and `"if-default-prop"` in JavaScript.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EsModuleMarker {
    Always,
    Never,
    #[default]
    IfDefaultProp,
}

/// See `cloudpack_link::NamespaceTags`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamespaceTags {
    #[default]
    Namespaces,
    All,
    None,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LegalComments {
    #[default]
    Inline,
    None,
}
