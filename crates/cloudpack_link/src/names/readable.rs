//! Readable names: the source's name if it is free, else `name$1`, `name$2`, ... in execution order.

use super::Name;
use super::claims::{ChunkClaims, Mentions, Owner};
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
    numbered: Vec<&'a str>,
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
    // Taken names, each with the number to try next for it.
    let mut taken: FxHashMap<&'a str, u32> = FxHashMap::default();
    taken.reserve(claims.list.len());
    taken.extend(reserved_names().map(|name| (name, 1)));
    let mut taken_numbered: FxHashSet<String> = FxHashSet::default();
    for module in modules {
        let Some(code) = input.modules[*module].code else { continue };
        taken.extend(code.object.global_names.iter().map(|name| (&**name, 1)));
    }
    for module in forbidden {
        captured.extend(module.captured);
        taken_numbered.extend(module.numbered.into_iter().map(str::to_owned));
    }

    let mut names = vec![None; claims.list.len()];
    // `eval` sees names as they were written, so its modules choose first.
    for (claim, name) in claims.list.iter().zip(&mut names) {
        if let Owner::Declared(symbol) = claim.owner
            && has_direct_eval(input, symbol.module)
            && !taken.contains_key(claim.base)
        {
            taken.insert(claim.base, 1);
            *name = Some(Name::Plain(claim.base));
        }
    }
    for (at, (claim, name)) in claims.list.iter().zip(&mut names).enumerate() {
        if name.is_some() {
            continue;
        }
        let is_free = !captured.contains(&(at as u32)) && !taken_numbered.contains(claim.base);
        let next = match taken.entry(claim.base) {
            std::collections::hash_map::Entry::Vacant(entry) if is_free => {
                entry.insert(1);
                *name = Some(Name::Plain(claim.base));
                continue;
            }
            // Captured here, yet free for others that are not.
            std::collections::hash_map::Entry::Vacant(_) => 1,
            std::collections::hash_map::Entry::Occupied(entry) => *entry.get(),
        };
        let mut number = next;
        let mut candidate = format!("{}${number}", claim.base);
        while taken.contains_key(candidate.as_str()) || !taken_numbered.insert(candidate) {
            number += 1;
            candidate = format!("{}${number}", claim.base);
        }
        if let Some(next) = taken.get_mut(claim.base) {
            *next = number + 1;
        }
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
    mentioned: &[(u32, u32)],
) -> Forbidden<'a> {
    let mut forbidden = Forbidden { captured: Vec::new(), numbered: Vec::new() };
    let Some(code) = input.modules[module].code else { return forbidden };
    let nested = &code.object.nested_names;
    if nested.is_empty() {
        return forbidden;
    }
    let is_nested = |name: &str| nested.binary_search_by(|nested| (**nested).cmp(name)).is_ok();
    for &(at, _) in mentioned {
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
    let looks_numbered =
        |name: &str| name.rsplit_once('$').is_some_and(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    forbidden.numbered.extend(nested.iter().map(|name| &**name).filter(|name| looks_numbered(name)));
    forbidden
}
