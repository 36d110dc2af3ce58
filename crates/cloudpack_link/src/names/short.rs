//! Short names: the most mentioned symbol of the chunk gets the shortest name that nothing mentioning it uses in a nested
//! scope. Nested names are already short (each module's mangler begins with `e`, `t`, `n`), so a set of them is a few
//! words of bits. Of the first word each section knows its own: where a few functions of a large module are left, what
//! the others called their parameters is nobody's concern. Of the rest, which few use, the module's is good enough.

use super::Name;
use super::claims::{ChunkClaims, Mentions, Owner};
use super::readable::has_direct_eval;
use super::reserved::reserved_names;
use crate::helpers::Helper;
use crate::input::LinkInput;
use cloudpack_base::ChunkIdx;
use cloudpack_object::short_name_number;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

/// Numbers of short names, one bit each. Names past `LIMIT` are three letters and more, beyond what nested scopes use;
/// the few that do are forbidden to the whole chunk.
type Bits = Vec<u64>;
/// Short forms of helpers name their parameters `e`, `t`, `n`, `r`, `i`, `a`.
const HELPER_PARAMETERS: u32 = 6;
const LIMIT: u32 = 54 + 54 * 64;

fn set(bits: &mut Bits, number: u32) {
    let word = number as usize / 64;
    if word >= bits.len() {
        bits.resize(word + 1, 0);
    }
    bits[word] |= 1 << (number % 64);
}

/// The nested names around the mentions of one claim, from the second word on.
enum Around {
    Nothing,
    Module(u32),
    Several(Bits),
}

pub(crate) fn assign<'a>(
    input: &LinkInput<'a>,
    chunk: ChunkIdx,
    claims: &ChunkClaims<'a>,
    mentions: &Mentions,
) -> Vec<Name<'a>> {
    let modules = &input.plan.chunks[chunk].modules;
    let nested: Vec<(Bits, Vec<u32>)> = modules
        .par_iter()
        .with_min_len(64)
        .map(|module| {
            let (mut near, mut far) = (Bits::new(), Vec::new());
            if let Some(code) = input.modules[*module].code {
                for number in code.object.nested_names.iter().filter_map(|name| short_name_number(name)) {
                    if number < LIMIT { set(&mut near, number) } else { far.push(number) }
                }
            }
            (near, far)
        })
        .collect();

    // Names that nobody gets: reserved words, globals, what `eval` may look for, far nested names.
    let mut used = Bits::new();
    for number in reserved_names().filter_map(short_name_number) {
        set(&mut used, number);
    }
    for module in modules {
        if let Some(code) = input.modules[*module].code {
            for number in code.object.global_names.iter().filter_map(|name| short_name_number(name)) {
                set(&mut used, number);
            }
        }
    }
    for (_, far) in &nested {
        far.iter().for_each(|number| set(&mut used, *number));
    }
    let mut names: Vec<Option<Name<'a>>> = vec![None; claims.list.len()];
    let mut kept: FxHashSet<&str> = FxHashSet::default();
    for (claim, name) in claims.list.iter().zip(&mut names) {
        if let Owner::Declared(symbol) = claim.owner
            && has_direct_eval(input, symbol.module)
            && kept.insert(claim.base)
        {
            *name = Some(Name::Plain(claim.base));
            if let Some(number) = short_name_number(claim.base) {
                set(&mut used, number);
            }
        }
    }

    let (counts, first_words, around) = weigh(claims, mentions, &nested);
    let mut order: Vec<u32> = (0..claims.list.len() as u32).filter(|at| names[*at as usize].is_none()).collect();
    // Stable: of equally frequent ones, the first in execution order wins.
    order.sort_by_key(|at| std::cmp::Reverse(counts[*at as usize]));

    // Words of `used` below `full` have no free bit, counted from the widest set of nested names on.
    let widest = nested.iter().map(|(near, _)| near.len()).max().unwrap_or(0);
    let mut full = widest;
    for at in order {
        let avoid: &[u64] = match &around[at as usize] {
            Around::Nothing => &[],
            Around::Module(module) => &nested[*module as usize].0,
            Around::Several(bits) => bits,
        };
        let word_at = |used: &Bits, word: usize| {
            let nested = if word == 0 { first_words[at as usize] } else { avoid.get(word).copied().unwrap_or(0) };
            used.get(word).copied().unwrap_or(0) | nested
        };
        let mut word = 0;
        loop {
            if word >= widest {
                while used.get(full) == Some(&u64::MAX) {
                    full += 1;
                }
                word = word.max(full);
            }
            if word_at(&used, word) != u64::MAX {
                break;
            }
            word += 1;
        }
        let number = word as u32 * 64 + word_at(&used, word).trailing_ones();
        set(&mut used, number);
        names[at as usize] = Some(Name::Short(number));
    }
    names.into_iter().zip(&claims.list).map(|(name, claim)| name.unwrap_or(Name::Plain(claim.base))).collect()
}

/// How often each claim is mentioned, and which nested names are around it: their first word, and the others.
fn weigh(
    claims: &ChunkClaims<'_>,
    mentions: &Mentions,
    nested: &[(Bits, Vec<u32>)],
) -> (Vec<u32>, Vec<u64>, Vec<Around>) {
    let mut counts = vec![0u32; claims.list.len()];
    let mut first_words = vec![0u64; claims.list.len()];
    let mut around: Vec<Around> = (0..claims.list.len()).map(|_| Around::Nothing).collect();
    for (module, mentioned) in mentions.modules.iter().enumerate() {
        for &(at, count, nested_short) in mentioned {
            let at = at as usize;
            first_words[at] |= nested_short;
            counts[at] = counts[at].saturating_add(count);
            let bits = &nested[module].0;
            match &mut around[at] {
                slot @ Around::Nothing => *slot = Around::Module(module as u32),
                Around::Module(only) if *only == module as u32 => {}
                slot @ Around::Module(_) => {
                    let Around::Module(before) = *slot else { continue };
                    let mut union = nested[before as usize].0.clone();
                    merge(&mut union, bits);
                    *slot = Around::Several(union);
                }
                Around::Several(union) => merge(union, bits),
            }
        }
    }
    for &(at, count) in &mentions.outer {
        counts[at as usize] = counts[at as usize].saturating_add(count);
    }
    // Helpers are mentioned wherever a module needs them: they stay clear of everybody's nested names.
    let mut everybody = None;
    for (at, claim) in claims.list.iter().enumerate() {
        if !matches!(claim.owner, Owner::Helper(_) | Owner::Url | Owner::CreateRequire) {
            break;
        }
        let union = everybody.get_or_insert_with(|| {
            let mut union = Bits::new();
            nested.iter().for_each(|(near, _)| merge(&mut union, near));
            union
        });
        let mut union = union.clone();
        if claim.owner == Owner::Helper(Helper::CopyProps) {
            // Other helpers call it from between their own parameters.
            (0..HELPER_PARAMETERS).for_each(|number| set(&mut union, number));
        }
        first_words[at] |= union.first().copied().unwrap_or(0);
        around[at] = Around::Several(union);
        counts[at] = counts[at].max(2);
    }
    (counts, first_words, around)
}

fn merge(into: &mut Bits, other: &[u64]) {
    if into.len() < other.len() {
        into.resize(other.len(), 0);
    }
    for (mine, theirs) in into.iter_mut().zip(other) {
        *mine |= theirs;
    }
}
