//! What Link is given: the plan, the objects, and how the output should look. All of it is borrowed and only read.

use crate::UpstreamMap;
use crate::relink::Former;
use cloudpack_base::{ChunkIdx, IndexVec, ModuleIdx};
use cloudpack_object::ModuleObject;
use cloudpack_plan::LinkPlan;
use cloudpack_summary::ModuleSummary;

pub struct LinkInput<'a> {
    pub plan: &'a LinkPlan,
    /// Parallel to `plan.modules`.
    pub modules: &'a IndexVec<ModuleIdx, LinkModule<'a>>,
    pub options: &'a LinkOptions,
    /// Final name of each chunk's style sheet, relative to the output directory; parallel to `plan.chunks`, or empty
    /// when no chunk has one. `import()` of such a chunk in a browser also waits for its style sheets.
    pub css_files: &'a IndexVec<ChunkIdx, Option<String>>,
    /// Whether the next build will want to link no more than what changed: then chunks come with `ChunkFacts`.
    pub keeps_facts: bool,
    /// Chunks that were linked before and are not linked again.
    pub former: Option<&'a Former<'a>>,
    /// What becomes of the text of each chunk once it is whole.
    pub pass: Option<&'a dyn ChunkPass>,
}

/// A pass over the text of whole chunks. Equal texts must give equal results.
pub trait ChunkPass: Sync {
    /// `name`: preliminary name of the file. `around`: texts that will stand before and after the code. `None`: the text stays.
    fn run(&self, name: &str, code: &str, around: &[&str]) -> Option<PassedText>;
}

/// What a pass made of a text.
pub struct PassedText {
    pub code: String,
    /// JSON text of a map to the text that was given; where maps are wanted.
    pub map: Option<String>,
    /// By which whoever runs the pass finds this again, if it is kept.
    pub key: Option<[u8; 32]>,
}

impl LinkInput<'_> {
    /// Whether the chunk's text is to be made.
    pub(crate) fn is_wanted(&self, chunk: ChunkIdx) -> bool {
        self.former.is_none_or(|former| former.wanted.contains(chunk))
    }
    /// Whether text that is to be made mentions the chunk.
    pub(crate) fn is_near(&self, chunk: ChunkIdx) -> bool {
        self.former.is_none_or(|former| former.near.contains(chunk))
    }
}

pub struct LinkModule<'a> {
    /// The module id; of an external module, the specifier to print.
    pub id: &'a str,
    /// The id as a reader knows it, relative to the working directory: region comments, names in stack traces.
    pub path: &'a str,
    /// An external file: `id` is its path, and chunks name it by the way to it.
    pub is_left_out: bool,
    /// `None` for external modules.
    pub code: Option<ModuleCode<'a>>,
    /// The text that the object was compiled from; `sourcesContent` of maps. Not needed otherwise.
    pub source: Option<&'a str>,
    /// Leads from `source` back to what the user wrote, when a plugin's hook transformed it.
    pub upstream_map: Option<&'a UpstreamMap>,
    /// Final name of the emitted file, relative to the output directory: of an asset (`AssetObject::File`), and of a
    /// worker's entry that is bundled by itself (`RequestAction::WorkerBundle`).
    pub asset_file: Option<&'a str>,
}

#[derive(Clone, Copy)]
pub struct ModuleCode<'a> {
    pub summary: &'a ModuleSummary,
    pub object: &'a ModuleObject,
}

/// What the files will be that an engine makes of modules.
#[derive(Clone, Debug)]
pub struct ForEngine {
    /// Modules mention a file that was left out by a name in this directory, the same in all of them, instead of the way there.
    pub mentioned_dir: String,
    pub format: Format,
    /// The variable that holds the address of a script.
    pub script_url: String,
}

#[derive(Clone, Debug)]
pub struct LinkOptions {
    pub format: Format,
    pub platform: Platform,
    /// Short names and no optional white space. The objects must have been printed minified as well.
    pub minify: bool,
    pub sourcemap: SourcemapMode,
    /// Absolute output directory, for the way from a map to its sources and from a chunk to files that were left out.
    pub dir: String,
    /// Where chunks are said to lie when they name files that were left out, instead of `dir`.
    pub place_for_left_out: Option<String>,
    /// Set where the files are modules that an engine makes other files of.
    pub for_engine: Option<ForEngine>,
    /// Patterns with `[name]`, `[hash]`, `[hash:8]`, `[format]`, `[ext]` (`js`), `[extname]` (`.js`).
    pub entry_file_names: String,
    pub chunk_file_names: String,
    /// Every chunk is one module: all are named by the pattern of entries, and keep the names of their exports.
    pub preserve_modules: bool,
    /// Names that were asked for as they are (`this.emitFile({ type: "chunk", fileName })`), relative to the output
    /// directory; they stand above the patterns.
    pub explicit_file_names: Vec<(ChunkIdx, String)>,
    /// Patterns of single chunks, instead of those for their kind.
    pub own_patterns: Vec<(ChunkIdx, String)>,
    pub banner: Option<String>,
    pub intro: Option<String>,
    pub outro: Option<String>,
    pub footer: Option<String>,
    pub exports: ExportsMode,
    pub es_module: EsModuleMarker,
    pub symbols: NamespaceTags,
    /// An iife that CommonJS and AMD can load as well.
    pub universal: bool,
    /// The exports of an iife are added to what its global variable holds already.
    pub extend: bool,
    /// Global variable of an iife with exports; may be a path: `acme.widgets`.
    pub name: Option<String>,
    /// Specifier -> global expression, for iife.
    pub globals: Vec<(String, String)>,
    /// Where the files are served from (`/`, `/app/`, `https://cdn/`). `None`, `""` and `./`: URLs are relative to
    /// the chunk that mentions them.
    pub base: Option<String>,
    /// Keep comments that licences ask to keep.
    pub legal_comments: bool,
    /// Chunks mention each other by names that do not follow the content; `FinalChunk::mapped_name` says what an import map has
    /// to lead to them. For `Format::Es`.
    pub import_map: bool,
}

impl Default for LinkOptions {
    fn default() -> Self {
        Self {
            format: Format::Es,
            platform: Platform::Browser,
            minify: false,
            sourcemap: SourcemapMode::None,
            dir: "/dist".to_owned(),
            place_for_left_out: None,
            for_engine: None,
            entry_file_names: "[name].js".to_owned(),
            chunk_file_names: "[name]-[hash].js".to_owned(),
            preserve_modules: false,
            explicit_file_names: Vec::new(),
            own_patterns: Vec::new(),
            banner: None,
            intro: None,
            outro: None,
            footer: None,
            exports: ExportsMode::Auto,
            es_module: EsModuleMarker::IfDefaultProp,
            symbols: NamespaceTags::Namespaces,
            universal: false,
            extend: false,
            name: None,
            globals: Vec::new(),
            base: None,
            legal_comments: true,
            import_map: false,
        }
    }
}

impl LinkOptions {
    /// The prefix of absolute URLs, ending with `/`; `None` when URLs are relative.
    pub(crate) fn url_base(&self) -> Option<String> {
        match self.base.as_deref() {
            None | Some("" | "." | "./") => None,
            Some(base) if base.ends_with('/') => Some(base.to_owned()),
            Some(base) => Some(format!("{base}/")),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Es,
    Cjs,
    Iife,
}

impl Format {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::Cjs => "cjs",
            Self::Iife => "iife",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    Browser,
    Node,
    Neutral,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourcemapMode {
    None,
    /// A file beside the chunk and a comment that leads to it.
    File,
    /// A `data:` URL in the comment.
    Inline,
    /// A file without a comment.
    Hidden,
}

/// What `require()` of a cjs entry, or the variable of an iife, gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportsMode {
    /// The value itself when `default` is the only export, else an object with all of them.
    Auto,
    Named,
    Default,
    None,
}

/// Whether an object with the exports of an entry, where there is one, has `__esModule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EsModuleMarker {
    Always,
    Never,
    /// Where one of them is `default`: importers must not take the object itself for it.
    IfDefaultProp,
}

/// Which objects say `[object Module]` of themselves, as the namespaces of real modules do (`Symbol.toStringTag`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceTags {
    /// Those that stand for a namespace in the source.
    Namespaces,
    /// Also what `require()` of a cjs entry, or the variable of an iife, gives.
    All,
    None,
}
