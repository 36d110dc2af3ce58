//! Pass 3, names: a final name for everything that a chunk declares at its top level, from what the modules mention.
//! Two symbols of one chunk never share a name; no name is captured by a nested scope of a module that mentions it,
//! hides a global that some module of the chunk uses, or is a reserved word.
//!
//! Parallel over chunks and, inside, over modules. Readable names keep the source's (`claims` -> `readable`), short
//! ones go by frequency (`claims` -> `short`).

mod claims;
mod readable;
mod reserved;
mod short;

use crate::exports::EntryExports;
use crate::helpers::Helper;
use crate::input::LinkInput;
use crate::survey::Survey;
use claims::{Claim, Owner};
use cloudpack_base::{ChunkIdx, Idx, IndexVec, SymbolIdx, SymbolRef};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

pub(crate) use reserved::is_reserved_word;

/// A final name. Its text is made where it is written, so that naming allocates nothing per symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name<'a> {
    /// As in the source.
    Plain(&'a str),
    /// `name$1`
    Numbered(&'a str, u32),
    /// The n-th shortest identifier.
    Short(u32),
}

impl Name<'_> {
    pub(crate) fn push_to(self, out: &mut String) {
        match self {
            Self::Plain(name) => out.push_str(name),
            Self::Numbered(name, number) => {
                out.push_str(name);
                out.push('$');
                push_decimal(out, number);
            }
            Self::Short(number) => cloudpack_object::push_short_name(out, number),
        }
    }
}

/// `u32` in decimal without the detour over a `String`: thousands of numbered names are written many times each.
fn push_decimal(out: &mut String, number: u32) {
    if number >= 10 {
        push_decimal(out, number / 10);
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}

impl std::fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        self.push_to(&mut text);
        f.write_str(&text)
    }
}

/// All final names.
pub(crate) struct Names<'a> {
    /// Where each module's symbols start in `declared`.
    first: Vec<u32>,
    /// The name of each symbol in the chunk that declares it; parallel to all symbols of all modules.
    declared: Vec<Name<'a>>,
    pub(crate) chunks: IndexVec<ChunkIdx, ChunkNames<'a>>,
}

/// Names that only one chunk knows.
#[derive(Default)]
pub(crate) struct ChunkNames<'a> {
    /// Local names of symbols imported from external modules and, in es, from other chunks.
    pub(crate) imported: FxHashMap<SymbolRef, Name<'a>>,
    /// cjs: the variable that holds another chunk's exports.
    pub(crate) required: FxHashMap<ChunkIdx, Name<'a>>,
    /// es: variables for exports that are no variables by themselves (`import_a.b`); by position in the export list.
    pub(crate) export_values: FxHashMap<usize, Name<'a>>,
    pub(crate) helpers: [Option<Name<'a>>; Helper::ALL.len()],
    /// cjs, iife: the variable that holds the chunk's own URL.
    pub(crate) url: Option<Name<'a>>,
    /// es on Node: the local name of `createRequire`.
    pub(crate) create_require: Option<Name<'a>>,
}

impl<'a> Names<'a> {
    /// The name of a symbol in its own chunk.
    pub(crate) fn declared(&self, symbol: SymbolRef) -> Name<'a> {
        let at = self.first.get(symbol.module.index()).copied().unwrap_or(0) as usize + symbol.symbol.index();
        self.declared.get(at).copied().unwrap_or(Name::Plain("undefined"))
    }
}

impl ChunkNames<'_> {
    pub(crate) fn helper(&self, helper: Helper) -> Name<'_> {
        self.helpers[helper as usize].unwrap_or(Name::Plain(helper.base_name()))
    }
}

pub(crate) fn assign_names<'a>(
    input: &LinkInput<'a>,
    survey: &'a Survey<'a>,
    entries: &IndexVec<ChunkIdx, EntryExports<'a>>,
) -> Names<'a> {
    let first = symbol_offsets(input);
    // Who wants a name: one list a chunk, in execution order. Serial; one step a live top-level symbol.
    let (claims, claim_of) = claims::collect_claims(input, survey, entries, &first);
    // What they get.
    let given: Vec<Vec<Name<'a>>> = claims
        .as_slice()
        .par_iter()
        .enumerate()
        .map(|(chunk, chunk_claims)| {
            let chunk = ChunkIdx::from_usize(chunk);
            if !input.is_wanted(chunk) {
                return Vec::new();
            }
            let mentions = claims::Mentions::new(input, survey, chunk, chunk_claims, &claim_of, &first);
            if input.options.minify {
                short::assign(input, chunk, chunk_claims, &mentions)
            } else {
                readable::assign(input, chunk, chunk_claims, &mentions)
            }
        })
        .collect();
    distribute(input, first, &claims, given)
}

fn symbol_offsets(input: &LinkInput<'_>) -> Vec<u32> {
    let mut first = Vec::with_capacity(input.plan.modules.len() + 1);
    let mut total = 0;
    for (module, plan) in input.plan.modules.iter_enumerated() {
        first.push(total);
        // External modules have their names under `imported`.
        if input.modules[module].code.is_some() {
            total += plan.bindings.len() as u32;
        }
    }
    first.push(total);
    first
}

fn distribute<'a>(
    input: &LinkInput<'a>,
    first: Vec<u32>,
    claims: &IndexVec<ChunkIdx, claims::ChunkClaims<'a>>,
    given: Vec<Vec<Name<'a>>>,
) -> Names<'a> {
    // A symbol without a live declaration keeps its source name: mentioning it is a fault of the plan, and a readable
    // ReferenceError tells more than a wrong variable.
    let mut declared = Vec::with_capacity(first.last().copied().unwrap_or(0) as usize);
    for module in input.modules {
        if let Some(code) = module.code {
            declared.extend(code.summary.symbols.iter().map(|symbol| Name::Plain(&symbol.name)));
        }
    }
    let mut chunks = IndexVec::with_capacity(claims.len());
    for (chunk_claims, names) in claims.iter().zip(given) {
        let mut chunk = ChunkNames::default();
        for (Claim { owner, .. }, name) in chunk_claims.list.iter().zip(names) {
            match *owner {
                Owner::Declared(SymbolRef { module, symbol: SymbolIdx(symbol) }) => {
                    let at = first[module.index()] + symbol;
                    if let Some(slot) = declared.get_mut(at as usize) {
                        *slot = name;
                    }
                }
                Owner::Imported(symbol) => {
                    chunk.imported.insert(symbol, name);
                }
                Owner::Required(other) => {
                    chunk.required.insert(other, name);
                }
                Owner::ExportValue(at) => {
                    chunk.export_values.insert(at, name);
                }
                Owner::Helper(helper) => chunk.helpers[helper as usize] = Some(name),
                Owner::Url => chunk.url = Some(name),
                Owner::CreateRequire => chunk.create_require = Some(name),
            }
        }
        chunks.push(chunk);
    }
    Names { first, declared, chunks }
}
