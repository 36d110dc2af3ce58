//! The part of the output options that decides the plan. Whatever else an output says (names, banners, minifying) is
//! Link's, so that changing it leaves the plan valid.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    Es,
    Cjs,
    Iife,
}

/// A chunk that the user named. Sizes are bytes of printed code, as far as classes of sizes tell (`SizeClass`).
#[derive(Clone, Debug, PartialEq)]
pub struct NamedGroup {
    pub name: String,
    /// The highest takes its modules first.
    pub priority: f64,
    /// Among those of one priority; the same for names that one function gives.
    pub place: u32,
    /// What takes less is no group.
    pub min_size: u64,
    /// What takes more is several.
    pub max_size: Option<u64>,
    /// A module is taken if so many entries want it.
    pub min_share_count: u32,
    pub min_module_size: u64,
    pub max_module_size: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct AnalyzeOptions {
    pub format: OutputFormat,
    /// `false` (and always for `iife`): one chunk with everything, `import()` runs its target from within. The graph
    /// must then have one entry point: a module lies in one chunk of a plan, so the driver analyses each entry alone.
    pub code_splitting: bool,
    pub named_groups: Vec<NamedGroup>,
    /// Groups are joined until no entry asks for more files than this, where that is possible.
    pub max_requests: u32,
    /// What an entry may load in vain, as a share of what it needs, from 0 to 1. With 0 groups are not joined.
    pub max_over_fetch: f64,
    /// One chunk a module, named after its place among the others. `Some` holds the directory, relative as ids are, that is
    /// left out of the names of modules below it; empty for none.
    pub preserve_modules: Option<String>,
    /// What `require()` of an entry whose only export is `default` gives is that value, so that its file has room for nothing
    /// else; for cjs.
    pub default_stands_alone: bool,
    /// A worker is never a chunk among the others; the driver analyses its entry alone, as it does for classic workers.
    pub workers_stand_alone: bool,
    /// `import x from` an external module is all that `require()` gives, whatever the module says of itself, as in Node; for cjs and
    /// iife. Otherwise only for importers that are Node's modules by their name or package.
    pub default_is_module: bool,
    /// `false` keeps all sections of all modules that are reached.
    pub treeshake: bool,
    /// Copy numbers, booleans and short strings of `const` exports to where they are used.
    pub inline_constants: bool,
    /// Run order-sensitive modules in the order of the unbundled program even where chunks or CommonJS would change it,
    /// by wrapping those (and only those) that would run too early.
    pub strict_execution_order: bool,
    /// Warn of what Rollup warns of: import cycles, and imports of missing exports that nothing uses, which else are errors.
    pub like_rollup: bool,
    /// Messages show module ids relative to this directory; names of chunks look at nothing above it.
    pub cwd: String,
}

impl Default for AnalyzeOptions {
    fn default() -> Self {
        Self {
            format: OutputFormat::Es,
            code_splitting: true,
            named_groups: Vec::new(),
            max_requests: Self::MAX_REQUESTS,
            max_over_fetch: Self::MAX_OVER_FETCH,
            preserve_modules: None,
            default_stands_alone: false,
            workers_stand_alone: false,
            default_is_module: false,
            treeshake: true,
            inline_constants: true,
            strict_execution_order: true,
            like_rollup: false,
            cwd: String::new(),
        }
    }
}

impl AnalyzeOptions {
    pub const MAX_REQUESTS: u32 = 25;
    pub const MAX_OVER_FETCH: f64 = 0.1;

    /// Whether modules may lie in other chunks than those who want them say.
    pub(crate) fn may_regroup(&self) -> bool {
        self.splits() && self.strict_execution_order && self.preserve_modules.is_none()
    }

    pub(crate) fn splits(&self) -> bool {
        self.code_splitting && self.format != OutputFormat::Iife
    }

    /// Whether the engine evaluates each module by itself, as in the unbundled program.
    pub(crate) fn keeps_modules_apart(&self) -> bool {
        self.preserve_modules.is_some() && self.format == OutputFormat::Es
    }
}
