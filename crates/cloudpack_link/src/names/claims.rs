//! Who wants a name in a chunk: every declared symbol of a live section, namespace objects, wrappers, interop
//! variables, what is imported, helpers. And which module mentions whom how often.

use crate::exports::{EntryExports, EntryShape};
use crate::helpers::{Helper, HelperSet, RequireForm, require_form};
use crate::input::{Format, LinkInput};
use crate::quote::is_binding_name;
use crate::survey::{Mention, Survey};
use cloudpack_base::{ChunkIdx, Idx, IndexVec, ModuleIdx, SymbolIdx, SymbolRef};
use cloudpack_plan::{Binding, EXTERNAL_REQUIRE, RequestAction, Wrap};
use cloudpack_summary::{ImportName, NAMESPACE_SYMBOL, WRAPPER_SYMBOL};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

pub(crate) struct Claim<'a> {
    pub(crate) owner: Owner,
    /// The name that it would like: a valid identifier.
    pub(crate) base: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    Declared(SymbolRef),
    Imported(SymbolRef),
    Required(ChunkIdx),
    ExportValue(usize),
    Helper(Helper),
    Url,
    CreateRequire,
}

impl std::hash::Hash for Helper {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (*self as u8).hash(state);
    }
}

#[derive(Default)]
pub(crate) struct ChunkClaims<'a> {
    /// Helpers first, then by execution order.
    pub(crate) list: Vec<Claim<'a>>,
    /// Positions in `list` of imported symbols and required chunks.
    imported: FxHashMap<SymbolRef, u32>,
    required: FxHashMap<ChunkIdx, u32>,
}

impl<'a> ChunkClaims<'a> {
    fn push(&mut self, owner: Owner, base: &'a str) -> u32 {
        self.list.push(Claim { owner, base });
        (self.list.len() - 1) as u32
    }
}

/// A symbol without a claim.
const NONE: u32 = u32::MAX;

/// The claims of each chunk, and for each symbol of each module its position in the claims of its own chunk.
pub(crate) fn collect_claims<'a>(
    input: &LinkInput<'a>,
    survey: &'a Survey<'a>,
    entries: &IndexVec<ChunkIdx, EntryExports<'a>>,
    first: &[u32],
) -> (IndexVec<ChunkIdx, ChunkClaims<'a>>, Vec<u32>) {
    let mut claim_of = vec![NONE; first.last().copied().unwrap_or(0) as usize];
    let mut all = IndexVec::with_capacity(input.plan.chunks.len());
    for (chunk, plan) in input.plan.chunks.iter_enumerated() {
        let mut claims = ChunkClaims::default();
        if !input.is_wanted(chunk) {
            all.push(claims);
            continue;
        }
        let format = input.options.format;
        for helper in chunk_helpers(input, survey, chunk, &entries[chunk]).iter() {
            claims.push(Owner::Helper(helper), helper.base_name());
            if helper == Helper::Require && require_form(format, input.options.platform) == RequireForm::CreateRequire {
                claims.push(Owner::CreateRequire, "createRequire");
            }
        }
        if plan.modules.iter().any(|module| survey.modules[*module].uses_url) {
            claims.push(Owner::Url, "__url");
        }
        for &module in &plan.modules {
            let own = first[module.index()] as usize..first[module.index() + 1] as usize;
            claim_declared(input, module, &mut claims, &mut claim_of[own]);
        }
        claim_imports(input, survey, format, chunk, &mut claims);
        if format == Format::Es && entries[chunk].shape == EntryShape::Named {
            for (at, export) in entries[chunk].list.iter().enumerate() {
                if !matches!(export.binding, Binding::Symbol(_)) {
                    let base = if is_binding_name(&export.exported) { &*export.exported } else { "value" };
                    claims.push(Owner::ExportValue(at), base);
                }
            }
        }
        all.push(claims);
    }
    (all, claim_of)
}

/// All helpers that the chunk's text will mention.
pub(crate) fn chunk_helpers(
    input: &LinkInput<'_>,
    survey: &Survey<'_>,
    chunk: ChunkIdx,
    entry: &EntryExports<'_>,
) -> HelperSet {
    let plan = &input.plan.chunks[chunk];
    let mut helpers = HelperSet::default();
    for module in &plan.modules {
        helpers.union(survey.modules[*module].helpers);
    }
    if input.options.format == Format::Es {
        return helpers;
    }
    if entry.shape == EntryShape::Named || !plan.exports.is_empty() {
        helpers.insert(Helper::Export);
    }
    let has_stars = plan.entry.is_some_and(|entry| !input.plan.modules[entry].runtime_stars.is_empty());
    if entry.shape == EntryShape::Named && has_stars {
        helpers.insert(Helper::ReExport);
    }
    if plan.externals.iter().flat_map(|external| &external.symbols).any(|symbol| symbol.symbol != EXTERNAL_REQUIRE) {
        helpers.insert(Helper::ToEsm);
    }
    helpers
}

fn claim_declared<'a>(input: &LinkInput<'a>, module: ModuleIdx, claims: &mut ChunkClaims<'a>, claim_of: &mut [u32]) {
    let Some(code) = input.modules[module].code else { return };
    let plan = &input.plan.modules[module];
    let mut claim = |symbol: SymbolIdx| {
        let Some(declared) = code.summary.symbols.get(symbol) else { return };
        let Some(slot) = claim_of.get_mut(symbol.index()) else { return };
        if *slot == NONE {
            *slot = claims.push(Owner::Declared(SymbolRef::new(module, symbol)), &declared.name);
        }
    };
    if plan.needs_namespace && plan.wrap != Wrap::CommonJs {
        claim(NAMESPACE_SYMBOL);
    }
    if plan.wrap != Wrap::None {
        claim(WRAPPER_SYMBOL);
    }
    for request in &plan.requests {
        if let RequestAction::Interop { symbol: Some(symbol), .. } = &request.action {
            claim(*symbol);
        }
    }
    // Whatever a CommonJS module declares is inside of its wrapper.
    if plan.wrap != Wrap::CommonJs {
        for section in plan.live_sections.iter() {
            if let Some(section) = code.summary.sections.get(section) {
                section.declares.iter().for_each(|symbol| claim(*symbol));
            }
        }
    }
}

fn claim_imports<'a>(
    input: &LinkInput<'a>,
    survey: &'a Survey<'a>,
    format: Format,
    chunk: ChunkIdx,
    claims: &mut ChunkClaims<'a>,
) {
    let plan = &input.plan.chunks[chunk];
    for external in &plan.externals {
        let base = survey.external_bases.get(&external.module).map_or("external", String::as_str);
        for &symbol in &external.symbols {
            let base = match input.plan.modules[external.module].external_names.get(symbol.symbol.index()) {
                Some(ImportName::Named(name)) if &**name != "default" && is_binding_name(name) => &**name,
                _ => base,
            };
            let at = claims.push(Owner::Imported(symbol), base);
            claims.imported.insert(symbol, at);
        }
    }
    for import in &plan.imports {
        if format != Format::Es {
            let at = claims.push(Owner::Required(import.chunk), "chunk");
            claims.required.insert(import.chunk, at);
            continue;
        }
        for &symbol in &import.symbols {
            let declared = input.modules[symbol.module].code.and_then(|code| code.summary.symbols.get(symbol.symbol));
            let at = claims.push(Owner::Imported(symbol), declared.map_or("value", |symbol| &symbol.name));
            claims.imported.insert(symbol, at);
        }
    }
}

/// Position in the claims, how often, `Mention::around`.
pub(crate) type PlacedMention = (u32, u32, u64);

/// Who mentions what in one chunk.
pub(crate) struct Mentions {
    /// Parallel to the chunk's modules.
    pub(crate) modules: Vec<Vec<PlacedMention>>,
    /// Mentions that no nested scope surrounds.
    pub(crate) outer: Vec<(u32, u32)>,
}

impl Mentions {
    pub(crate) fn new(
        input: &LinkInput<'_>,
        survey: &Survey<'_>,
        chunk: ChunkIdx,
        claims: &ChunkClaims<'_>,
        claim_of: &[u32],
        first: &[u32],
    ) -> Self {
        let plan = &input.plan.chunks[chunk];
        let position = |symbol: SymbolRef| -> Option<u32> {
            if input.modules[symbol.module].code.is_none() {
                return claims.imported.get(&symbol).copied();
            }
            let home = input.plan.modules[symbol.module].chunk;
            if home == Some(chunk) {
                let at = first[symbol.module.index()] as usize + symbol.symbol.index();
                return claim_of.get(at).copied().filter(|at| *at != NONE);
            }
            claims.imported.get(&symbol).or_else(|| claims.required.get(&home?)).copied()
        };
        let place = |mention: &Mention| Some((position(mention.symbol)?, mention.count, mention.around));
        let modules = plan
            .modules
            .par_iter()
            .with_min_len(64)
            .map(|module| {
                let mut placed: Vec<PlacedMention> =
                    survey.modules[*module].mentions.iter().filter_map(place).collect();
                if let Some(code) = input.modules[*module].code {
                    // A name that the module declares is as good as a mention: both stand in its text.
                    let declared = code.summary.symbols.indices().filter_map(|symbol| {
                        let at = first[module.index()] as usize + symbol.index();
                        claim_of.get(at).copied().filter(|at| *at != NONE)
                    });
                    placed.extend(declared.map(|at| (at, 0, 0)));
                }
                placed
            })
            .collect();
        let outer = plan
            .modules
            .iter()
            .flat_map(|module| &survey.modules[*module].outer_mentions)
            .filter_map(|(symbol, count)| Some((position(*symbol)?, *count)))
            .collect();
        Self { modules, outer }
    }
}
