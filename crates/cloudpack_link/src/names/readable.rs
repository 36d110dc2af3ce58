//! Readable names: the source's name if it is free, else `name$1`, `name$2`, ... in execution order.

use super::Name;
use super::claims::{ChunkClaims, Mentions, Owner, PlacedMention};
use super::reserved::reserved_names;
use crate::input::LinkInput;
use cloudpack_base::{ChunkIdx, ModuleIdx};
use cloudpack_summary::ModuleFlags;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// What one module's nested scopes forbid.
struct Forbidden<'a> {
    /// Claims whose own name a nested scope of this module would capture.
    captured: Vec<u32>,
    /// Nested names that look like ours (`a$1`). Few, and forbidden to everybody's numbered names: then numbered names
    /// need no search for who mentions whom.
    numbered: Vec<(&'a str, u32)>,
}

pub(crate) fn assign<'a>(
    input: &LinkInput<'a>,
    chunk: ChunkIdx,
    claims: &ChunkClaims<'a>,
    mentions: &Mentions,
) -> Vec<Name<'a>> {
    let modules = &input.plan.chunks[chunk].modules;
    let forbidden: Vec<Forbidden<'a>> = modules
        .par_iter()
        .zip(&mentions.modules)
        .with_min_len(64)
        .map(|(module, mentioned)| forbidden_by(input, *module, claims, mentioned))
        .collect();

    let mut captured: FxHashSet<u32> = FxHashSet::default();
    let mut taken: FxHashSet<&'a str> = FxHashSet::default();
    let mut next_numbers: FxHashMap<&'a str, u32> = FxHashMap::default();
    taken.reserve(claims.list.len());
    reserved_names().for_each(|name| {
        taken.insert(name);
    });
    // Names of the source that look like ours. No two of ours are equal, because numbers only grow, so these are all
    // that a numbered name can meet, and no text is made to find out.
    let mut taken_numbered: FxHashSet<(&'a str, u32)> =
        claims.list.iter().filter_map(|claim| as_numbered(claim.base)).collect();
    for module in modules {
        let Some(code) = input.modules[*module].code else { continue };
        taken.extend(code.object.global_names.iter().map(|name| &**name));
        taken_numbered.extend(code.object.global_names.iter().filter_map(|name| as_numbered(name)));
    }
    for module in forbidden {
        captured.extend(module.captured);
        taken_numbered.extend(module.numbered);
    }

    let mut names = vec![None; claims.list.len()];
    // `eval` sees names as they were written, so its modules choose first.
    for (claim, name) in claims.list.iter().zip(&mut names) {
        if let Owner::Declared(symbol) = claim.owner
            && has_direct_eval(input, symbol.module)
            && taken.insert(claim.base)
        {
            *name = Some(Name::Plain(claim.base));
        }
    }
    for (at, (claim, name)) in claims.list.iter().zip(&mut names).enumerate() {
        if name.is_some() {
            continue;
        }
        let is_free = !captured.contains(&(at as u32));
        if is_free && taken.insert(claim.base) {
            *name = Some(Name::Plain(claim.base));
            continue;
        }
        // Taken; or captured here, and yet free for others that are not.
        let mut number = next_numbers.get(claim.base).copied().unwrap_or(1);
        while !taken_numbered.is_empty() && taken_numbered.contains(&(claim.base, number)) {
            number += 1;
        }
        *next_numbers.entry(claim.base).or_insert(0) = number + 1;
        *name = Some(Name::Numbered(claim.base, number));
    }
    names.into_iter().zip(&claims.list).map(|(name, claim)| name.unwrap_or(Name::Plain(claim.base))).collect()
}

pub(super) fn has_direct_eval(input: &LinkInput<'_>, module: ModuleIdx) -> bool {
    input.modules[module].code.is_some_and(|code| code.summary.flags.contains(ModuleFlags::DIRECT_EVAL))
}

fn forbidden_by<'a>(
    input: &LinkInput<'a>,
    module: ModuleIdx,
    claims: &ChunkClaims<'a>,
    mentioned: &[PlacedMention],
) -> Forbidden<'a> {
    let mut forbidden = Forbidden { captured: Vec::new(), numbered: Vec::new() };
    let Some(code) = input.modules[module].code else { return forbidden };
    let nested = &code.object.nested_names;
    if nested.is_empty() {
        return forbidden;
    }
    let is_nested = |name: &str| nested.binary_search_by(|nested| (**nested).cmp(name)).is_ok();
    for &(at, ..) in mentioned {
        if claims.list.get(at as usize).is_some_and(|claim| is_nested(claim.base)) {
            forbidden.captured.push(at);
        }
    }
    // Helpers and the like are mentioned wherever a module needs them; they stand first in the list and are few.
    for (at, claim) in claims.list.iter().enumerate() {
        if !matches!(claim.owner, Owner::Helper(_) | Owner::Url | Owner::CreateRequire) {
            break;
        }
        if is_nested(claim.base) {
            forbidden.captured.push(at as u32);
        }
    }
    forbidden.numbered.extend(nested.iter().filter_map(|name| as_numbered(name)));
    forbidden
}

/// `a$1` -> (`a`, 1)
fn as_numbered(name: &str) -> Option<(&str, u32)> {
    let (base, number) = name.rsplit_once('$')?;
    let plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    Some((base, number.parse().ok().filter(|_| plain)?))
}
