//! Pass 1, survey: what the live code of each module mentions, and how often. Reads relocations and the plan, gives
//! the facts that naming and assembly ask for. Parallel over modules; cost scales with live relocations.

use crate::helpers::{Helper, HelperSet};
use crate::input::{Format, LinkInput, ModuleCode, Platform};
use cloudpack_base::{ChunkIdx, Idx, IndexVec, ModuleIdx, RequestIdx, SectionIdx, SymbolIdx, SymbolRef};
use cloudpack_object::{ModuleObject, Relocation, RelocationKind, SectionShape};
use cloudpack_plan::{Binding, BitSet, ImportThen, ModulePlan, RequestAction, Wrap};
use cloudpack_summary::{NAMESPACE_SYMBOL, WRAPPER_SYMBOL, base_name_of};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::ops::Range;

pub(crate) struct Survey<'a> {
    /// Parallel to the plan's modules; empty for dead and external ones.
    pub(crate) modules: IndexVec<ModuleIdx, ModuleSurvey>,
    /// `with { ... }` of static imports of external modules.
    pub(crate) attributes: FxHashMap<ModuleIdx, &'a Attributes>,
    /// A readable identifier for each external module: `node:fs/promises` -> `promises`.
    pub(crate) external_bases: FxHashMap<ModuleIdx, String>,
    /// Style sheets that `import()` of a chunk waits for: its own and those of its static imports, dependencies first.
    pub(crate) style_sheets: IndexVec<ChunkIdx, Vec<&'a str>>,
}

#[derive(Default)]
pub(crate) struct ModuleSurvey {
    /// Canonical symbols and how often. A symbol may stand here twice.
    pub(crate) mentions: Vec<Mention>,
    /// The same for text outside of the module's own code, where no nested scope is around: namespace getters.
    pub(crate) outer_mentions: Vec<(SymbolRef, u32)>,
    pub(crate) helpers: HelperSet,
    /// Asks for the chunk's own URL where the format has no `import.meta`.
    pub(crate) uses_url: bool,
    pub(crate) uses_cjs_exports: bool,
    pub(crate) uses_cjs_module: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct Mention {
    pub(crate) symbol: SymbolRef,
    pub(crate) count: u32,
    /// `SectionText::nested_short` around the mentions.
    pub(crate) around: u64,
}

pub(crate) fn survey<'a>(input: &LinkInput<'a>) -> Survey<'a> {
    let mut survey = Survey {
        modules: IndexVec::new(),
        attributes: import_attributes(input),
        external_bases: FxHashMap::default(),
        style_sheets: style_sheets(input),
    };
    for external in input.plan.chunks.iter().flat_map(|chunk| &chunk.externals) {
        let base = || base_name_of(input.modules[external.module].id.trim_start_matches("node:"));
        survey.external_bases.entry(external.module).or_insert_with(base);
    }
    let modules: Vec<ModuleIdx> = input.plan.modules.indices().collect();
    let surveyed: Vec<ModuleSurvey> =
        modules.par_iter().with_min_len(16).map(|&module| survey_module(input, &survey.style_sheets, module)).collect();
    survey.modules = IndexVec::from(surveyed);
    survey
}

/// `type` -> `json`
pub(crate) type Attributes = [(Box<str>, Box<str>)];

/// `with { ... }` where a static import of an external module has it: few, so the search is plain.
fn import_attributes<'a>(input: &LinkInput<'a>) -> FxHashMap<ModuleIdx, &'a Attributes> {
    let mut attributes: FxHashMap<ModuleIdx, &'a Attributes> = FxHashMap::default();
    for (module, plan) in input.plan.modules.iter_enumerated() {
        let (true, Some(code)) = (plan.live, input.modules[module].code) else { continue };
        for (record, request) in code.summary.requests.iter().zip(&plan.requests) {
            if let (RequestAction::External, Some(target)) = (&request.action, request.target)
                && record.kind.is_static()
                && !record.attributes.is_empty()
            {
                attributes.entry(target).or_insert(&record.attributes);
            }
        }
    }
    attributes
}

fn style_sheets<'a>(input: &LinkInput<'a>) -> IndexVec<ChunkIdx, Vec<&'a str>> {
    let wanted = input.options.format == Format::Es && input.options.platform == Platform::Browser;
    let css_files = input.css_files;
    let all: Vec<Vec<&'a str>> = input
        .plan
        .chunks
        .indices()
        .map(|chunk| {
            if !wanted || css_files.iter().all(Option::is_none) {
                return Vec::new();
            }
            let mut found = Vec::new();
            let mut seen = BitSet::with_len(input.plan.chunks.len());
            seen.insert(chunk);
            // An explicit stack: (chunk, next import to visit), so that a long chain of chunks cannot overflow ours.
            let mut stack = vec![(chunk, 0)];
            while let Some((current, next)) = stack.pop() {
                match input.plan.chunks[current].imports.get(next) {
                    Some(import) => {
                        stack.push((current, next + 1));
                        if seen.insert(import.chunk) {
                            stack.push((import.chunk, 0));
                        }
                    }
                    None => found.extend(css_files.get(current).and_then(Option::as_deref)),
                }
            }
            found
        })
        .collect();
    IndexVec::from(all)
}

fn survey_module(
    input: &LinkInput<'_>,
    style_sheets: &IndexVec<ChunkIdx, Vec<&str>>,
    module: ModuleIdx,
) -> ModuleSurvey {
    let mut found = ModuleSurvey::default();
    let plan = &input.plan.modules[module];
    let (true, Some(_), Some(code)) = (plan.live, plan.chunk, input.modules[module].code) else { return found };
    let sections = || live_sections(plan, code.object);
    let nested_short = |section: SectionIdx| code.object.sections.get(section).map_or(0, |text| text.nested_short);
    let everywhere = sections().fold(0, |around, (section, _)| around | nested_short(section));
    let mut of = ModuleScan {
        input,
        style_sheets,
        plan,
        module,
        format: input.options.format,
        around: everywhere,
        found: &mut found,
    };

    // How often, and what is around.
    let mut symbol_counts = vec![(0u32, 0u64); plan.bindings.len()];
    for (section, range) in sections() {
        let around = nested_short(section);
        // `function f(e) {}` may be called `e`: where a declaration says its own name, no nested scope is around.
        let own = declared_outside(&code, section);
        let mut own_mentions = 0;
        for relocation in code.object.relocations.get(range.relocations).unwrap_or_default() {
            match relocation.kind {
                RelocationKind::Name | RelocationKind::Callee | RelocationKind::Shorthand | RelocationKind::Member => {
                    if let Some((count, nested)) = symbol_counts.get_mut(relocation.target as usize) {
                        *count += 1;
                        if own == Some(relocation.symbol()) {
                            own_mentions += 1;
                            *nested |= if own_mentions > 1 { around } else { 0 };
                        } else {
                            *nested |= around;
                        }
                    }
                }
                _ => of.relocation(relocation),
            }
        }
    }
    for (symbol, request) in plan.requests.iter_enumerated() {
        if code.summary.requests[symbol].kind.is_static() {
            of.head_request(request.target, &request.action);
        }
    }
    of.linker_text();
    for (at, (count, around)) in symbol_counts.into_iter().enumerate().filter(|(_, (count, _))| *count > 0) {
        if let Some(symbol) = canonical(&plan.bindings[SymbolIdx::from_usize(at)]) {
            found.mentions.push(Mention { symbol, count, around });
        }
    }
    found
}

/// The one symbol that a section declares by a declaration of the top level.
fn declared_outside(code: &ModuleCode<'_>, section: SectionIdx) -> Option<SymbolIdx> {
    let shape = code.object.sections.get(section)?.shape;
    let is_declaration = matches!(shape, SectionShape::Declaration | SectionShape::Function | SectionShape::Class);
    match code.summary.sections.get(section)?.declares.as_slice() {
        [symbol] if is_declaration => Some(*symbol),
        _ => None,
    }
}

struct ModuleScan<'x, 'a> {
    input: &'x LinkInput<'a>,
    style_sheets: &'x IndexVec<ChunkIdx, Vec<&'x str>>,
    plan: &'x ModulePlan,
    module: ModuleIdx,
    format: Format,
    /// Nested names of all live sections: a request may stand in any.
    around: u64,
    found: &'x mut ModuleSurvey,
}

impl ModuleScan<'_, '_> {
    fn mention(&mut self, module: Option<ModuleIdx>, symbol: SymbolIdx) {
        if let Some(module) = module {
            let symbol = SymbolRef::new(module, symbol);
            self.found.mentions.push(Mention { symbol, count: 1, around: self.around });
        }
    }

    fn relocation(&mut self, relocation: &Relocation) {
        match relocation.kind {
            RelocationKind::CjsExports | RelocationKind::CjsThis => self.found.uses_cjs_exports = true,
            RelocationKind::CjsModule => self.found.uses_cjs_module = true,
            RelocationKind::FreeRequire => self.need_require(),
            RelocationKind::ImportMeta | RelocationKind::ImportMetaUrl => self.need_url(),
            RelocationKind::OwnAssetUrl | RelocationKind::Url if self.input.options.url_base().is_none() => {
                self.need_url()
            }
            RelocationKind::NewUrl | RelocationKind::WorkerUrl => self.need_url(),
            RelocationKind::DynamicImport | RelocationKind::Require | RelocationKind::RequireResolve => {
                self.request(relocation.request(), relocation.kind);
            }
            _ => {}
        }
    }

    fn need_url(&mut self) {
        self.found.uses_url |= self.format != Format::Es;
    }

    fn need_require(&mut self) {
        if self.format != Format::Cjs {
            self.found.helpers.insert(Helper::Require);
        }
    }

    fn request(&mut self, request: RequestIdx, kind: RelocationKind) {
        let Some(request) = self.plan.requests.get(request) else { return };
        match &request.action {
            RequestAction::ImportChunk { chunk, then } => {
                if matches!(then, ImportThen::CommonJs { .. }) {
                    self.found.helpers.insert(Helper::ToEsm);
                }
                if !self.style_sheets[*chunk].is_empty() {
                    self.found.helpers.insert(Helper::Preload);
                }
            }
            RequestAction::ImportInline { then: ImportThen::CommonJs { .. } } => {
                self.found.helpers.insert(Helper::ToEsm);
                self.mention(request.target, WRAPPER_SYMBOL);
            }
            RequestAction::ImportInline { .. } => {
                self.wrapper_if_wrapped(request.target);
                self.mention(request.target, NAMESPACE_SYMBOL);
            }
            RequestAction::RequireEsm => {
                self.found.helpers.insert(Helper::ToCommonJs);
                self.wrapper_if_wrapped(request.target);
                self.mention(request.target, NAMESPACE_SYMBOL);
            }
            RequestAction::RequireDefault => {
                self.wrapper_if_wrapped(request.target);
                let value = request.target.and_then(|target| default_of(&self.input.plan.modules[target]));
                if let Some(symbol) = value.and_then(canonical) {
                    self.mention(Some(symbol.module), symbol.symbol);
                }
            }
            RequestAction::RequireCjs => self.mention(request.target, WRAPPER_SYMBOL),
            RequestAction::External if kind != RelocationKind::DynamicImport => self.need_require(),
            _ if kind == RelocationKind::RequireResolve => self.need_require(),
            _ => {}
        }
    }

    fn wrapper_if_wrapped(&mut self, target: Option<ModuleIdx>) {
        if target.is_some_and(|target| self.input.plan.modules[target].wrap != Wrap::None) {
            self.mention(target, WRAPPER_SYMBOL);
        }
    }

    fn head_request(&mut self, target: Option<ModuleIdx>, action: &RequestAction) {
        match action {
            RequestAction::Init { modules } => {
                modules.iter().for_each(|module| self.mention(Some(*module), WRAPPER_SYMBOL));
            }
            RequestAction::Interop { symbol, .. } => {
                self.mention(target, WRAPPER_SYMBOL);
                if let Some(symbol) = symbol {
                    self.found.helpers.insert(Helper::ToEsm);
                    self.mention(Some(self.module), *symbol);
                }
            }
            _ => {}
        }
    }

    /// Text that the linker adds around the module's own: wrapper, namespace object, runtime stars.
    fn linker_text(&mut self) {
        match self.plan.wrap {
            Wrap::None => {}
            Wrap::CommonJs => self.found.helpers.insert(Helper::CommonJs),
            Wrap::Esm if self.plan.is_async => self.found.helpers.insert(Helper::Async),
            Wrap::Esm => self.found.helpers.insert(Helper::Esm),
        }
        if self.plan.wrap != Wrap::None {
            self.found.outer_mentions.push((SymbolRef::new(self.module, WRAPPER_SYMBOL), 1));
        }
        if !self.plan.needs_namespace || self.plan.wrap == Wrap::CommonJs {
            return;
        }
        self.found.helpers.insert(Helper::Export);
        self.found.outer_mentions.push((SymbolRef::new(self.module, NAMESPACE_SYMBOL), 1));
        let exported = self.plan.exports.iter().filter_map(|export| canonical(&export.binding));
        self.found.outer_mentions.extend(exported.map(|symbol| (symbol, 1)));
        for star in &self.plan.runtime_stars {
            if let Some(object) = star.object {
                self.found.helpers.insert(Helper::ReExport);
                self.mention(Some(object.module), object.symbol);
            }
        }
    }
}

/// What a module exports as `default`.
pub(crate) fn default_of(plan: &ModulePlan) -> Option<&Binding> {
    plan.exports.iter().find(|export| &*export.exported == "default").map(|export| &export.binding)
}

/// The symbol whose name the text of a binding contains.
pub(crate) fn canonical(binding: &Binding) -> Option<SymbolRef> {
    match binding {
        Binding::Symbol(symbol) => Some(*symbol),
        Binding::Property { object, .. } => Some(*object),
        Binding::Constant(_) | Binding::Undefined => None,
    }
}

/// One section's parts of the object's tables.
#[derive(Clone)]
pub(crate) struct SectionRange {
    pub(crate) text: Range<usize>,
    pub(crate) relocations: Range<usize>,
    pub(crate) segments: Range<usize>,
}

/// All sections, in the order of the text.
pub(crate) fn sections(object: &ModuleObject) -> impl Iterator<Item = (SectionIdx, SectionRange)> + '_ {
    let mut start = (0, 0, 0);
    object.sections.iter_enumerated().map(move |(section, text)| {
        let end = (text.text_end as usize, text.relocations_end as usize, text.segments_end as usize);
        let range = SectionRange { text: start.0..end.0, relocations: start.1..end.1, segments: start.2..end.2 };
        start = end;
        (section, range)
    })
}

/// Those that are linked.
pub(crate) fn live_sections<'x>(
    plan: &'x ModulePlan,
    object: &'x ModuleObject,
) -> impl Iterator<Item = (SectionIdx, SectionRange)> + 'x {
    sections(object).filter(|(section, _)| plan.live_sections.contains(*section))
}
