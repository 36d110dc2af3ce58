//! Linking again after the bodies of some modules changed: chunks that hold them are made, all others stay as they are, but for
//! the hashes of file names in them. What a chunk needs of those that are not made again is little, and is kept of each:
//! `ChunkFacts`.
//!
//! The plan must be the former one. All else that text depends on (names within a chunk, what a chunk mentions) is a
//! function of the chunk's own modules.

use crate::file_names::{FileNames, FinalNames};
use crate::finalize::{Naming, finalize_chunk};
use crate::hashing::{ChunkHashes, ContentKey, KeyView};
use crate::input::LinkInput;
use crate::names::Name;
use crate::output::{ChunkChange, FinalChunk, RenderedChunk};
use crate::{Wanted, link_wanted};
use cloudpack_base::{ChunkIdx, ContentHash, IndexVec, SymbolRef};
use cloudpack_plan::BitSet;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// What later builds with the same plan need of a chunk that they do not link. Equal chunks have equal facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChunkFacts {
    pub file_name: String,
    /// `FinalChunk::mapped_name`
    pub mapped_name: Option<String>,
    /// Neither code nor imports.
    pub is_empty: bool,
    /// Of what `LinkInput::pass` made of the text, if anything.
    pub passed: Option<[u8; 32]>,
    /// The hash in its name; empty without one.
    hash: String,
    content: ContentHash,
    /// Chunks that the text mentions, in the order of its key.
    references: Vec<ChunkIdx>,
    /// Byte offsets of hashes of file names in the text, and whose they are; ascending.
    places: Vec<(u32, ChunkIdx)>,
    /// Names under which other chunks take its symbols; sorted.
    aliases: Vec<(SymbolRef, Box<str>)>,
}

/// The chunks as they were, and which of them are linked again.
pub struct Former<'f> {
    pub wanted: BitSet<ChunkIdx>,
    /// Those that wanted ones import, statically or not, and the wanted ones.
    pub near: BitSet<ChunkIdx>,
    pub chunks: &'f IndexVec<ChunkIdx, Arc<ChunkFacts>>,
    /// A symbol of `chunks` as the plan knows it, where modules of a part of the graph have numbers of their own. Keeps order.
    pub number: &'f (dyn Fn(SymbolRef) -> SymbolRef + Sync),
}

impl<'f> Former<'f> {
    /// Names under which others take symbols of this chunk.
    pub(crate) fn aliases(&self, chunk: ChunkIdx) -> impl Iterator<Item = (SymbolRef, Name<'f>)> {
        let known = self.chunks.get(chunk).map(|facts| facts.aliases.as_slice()).unwrap_or_default();
        known.iter().map(|(symbol, name)| ((self.number)(*symbol), Name::Plain(name)))
    }
}

/// What became of a chunk.
pub enum Outcome {
    Linked(Box<FinalChunk>),
    /// The former text with other hashes: where in it, and what stands there now.
    Renamed(Box<ChunkFacts>, Vec<(Range<usize>, String)>),
    Same,
}

impl Outcome {
    /// The new facts, where they are new.
    pub fn facts(&self) -> Option<&ChunkFacts> {
        match self {
            Self::Linked(made) => made.facts.as_ref(),
            Self::Renamed(facts, _) => Some(facts),
            Self::Same => None,
        }
    }
}

impl ChunkFacts {
    pub(crate) fn new(
        (file_name, mapped_name): (&str, Option<String>),
        hash: String,
        key: ContentKey,
        places: Vec<(Range<usize>, ChunkIdx)>,
        aliases: Vec<(SymbolRef, Box<str>)>,
        is_empty: bool,
        passed: Option<[u8; 32]>,
    ) -> Self {
        Self {
            file_name: file_name.to_owned(),
            mapped_name,
            is_empty,
            passed,
            hash,
            content: key.hash,
            references: key.references,
            places: places.into_iter().map(|(range, chunk)| (range.start as u32, chunk)).collect(),
            aliases,
        }
    }

    fn key(&self) -> KeyView<'_> {
        KeyView { hash: self.content, references: &self.references }
    }
}

/// Names and hashes of all chunks as a relinking build left them, for the next one with the same plan and options: then
/// nothing costs a step for a chunk that does not lead to one that changed but looking whether its name is the known one.
pub struct KnownNames {
    files: FileNames,
    hashes: ChunkHashes,
    names: FinalNames,
}

impl KnownNames {
    /// Whether they are those of these chunks. What is written by an import map rests on more.
    fn is_of(&self, chunks: &IndexVec<ChunkIdx, Arc<ChunkFacts>>) -> bool {
        self.names.names.len() == chunks.len()
            && self.files.mapped.iter().all(Option::is_none)
            && self.names.names.iter().zip(chunks).all(|(name, facts)| *name == facts.file_name)
    }

    /// After these chunks changed. Gives those that may have another name, or mention one.
    fn again(
        self,
        keys: &IndexVec<ChunkIdx, KeyView<'_>>,
        files: &FileNames,
        changed: &BitSet<ChunkIdx>,
        former: &IndexVec<ChunkIdx, Arc<ChunkFacts>>,
    ) -> Option<(Self, BitSet<ChunkIdx>)> {
        let mentions_same = |chunk: ChunkIdx| keys[chunk].references == former[chunk].references;
        if self.files.placeholders != files.placeholders || !changed.iter().all(mentions_same) {
            return None;
        }
        let Self { files, mut hashes, names } = self;
        let made = hashes.again(keys, changed.iter());
        let mut names = names.again(&files, &hashes.all, &made)?;
        for chunk in made.iter() {
            let before = &former[chunk].file_name;
            if names.names[chunk] != *before {
                names.forget(before);
            }
        }
        Some((Self { files, hashes, names }, made))
    }
}

/// Links the wanted chunks of `input.former` and gives all others their names. Of modules, plans and objects only those have
/// to be there that wanted chunks hold or mention. `known`: what the build before left, and this one leaves. `None`: something
/// that other chunks rest on is not what it was, or there is something to tell the user; then everything has to be linked.
/// Cost: that of `link` for the wanted chunks, and a step a chunk.
pub fn relink(input: &LinkInput<'_>, known: &mut Option<KnownNames>) -> Option<IndexVec<ChunkIdx, Outcome>> {
    let former = input.former?;
    if former.chunks.len() != input.plan.chunks.len() {
        return None;
    }
    let before = known.take().filter(|known| known.is_of(former.chunks));
    let Wanted { chunks: rendered, diagnostics, files, keeps_facts } =
        link_wanted(input, before.as_ref().map(|known| &known.files));
    if !diagnostics.is_empty() || !keeps_facts {
        return None;
    }
    let mut linked: IndexVec<ChunkIdx, Option<RenderedChunk>> =
        IndexVec::from(former.chunks.iter().map(|_| None).collect::<Vec<_>>());
    let wanted = former.chunks.indices().filter(|chunk| former.wanted.contains(*chunk));
    for (chunk, rendered) in wanted.zip(rendered) {
        let known = former.chunks[chunk].aliases.iter().map(|(symbol, name)| ((former.number)(*symbol), name));
        if !known.eq(rendered.aliases.iter().map(|(symbol, name)| (*symbol, name))) {
            return None;
        }
        linked[chunk] = Some(rendered);
    }
    let keys = linked
        .iter()
        .zip(former.chunks)
        .map(|(linked, facts)| linked.as_ref().map_or_else(|| facts.key(), |chunk| chunk.key.view()))
        .collect();
    let again = before.and_then(|before| before.again(&keys, &files, &former.wanted, former.chunks));
    let (now, touched) = again.map_or_else(
        || {
            let hashes = ChunkHashes::new(&keys);
            let names = FinalNames::new(&files, &hashes.all);
            (KnownNames { files, hashes, names }, None)
        },
        |(now, touched)| (now, Some(touched)),
    );
    let KnownNames { files, names: FinalNames { names, hashes, .. }, .. } = &now;
    let naming = Naming { names, hashes, files, keeps_facts };
    let is_touched = |chunk: ChunkIdx| touched.as_ref().is_none_or(|touched| touched.contains(chunk));
    let work: Vec<(ChunkIdx, Option<RenderedChunk>)> = names
        .indices()
        .zip(linked.into_vec())
        .filter(|(chunk, rendered)| rendered.is_some() || is_touched(*chunk))
        .collect();
    let made: Option<Vec<(ChunkIdx, Outcome)>> = work
        .into_par_iter()
        .map(|(chunk, rendered)| match rendered {
            Some(rendered) => {
                let change = ChunkChange::default();
                let (mut made, _) = finalize_chunk(input, &naming, chunk, rendered, change);
                // They are the same, and by the numbers of the whole graph.
                made.facts.as_mut()?.aliases.clone_from(&former.chunks[chunk].aliases);
                Some((chunk, Outcome::Linked(Box::new(made))))
            }
            None => Some((chunk, rename(files, &naming, former.chunks, chunk)?)),
        })
        .collect();
    let mut outcomes: IndexVec<ChunkIdx, Outcome> = former.chunks.iter().map(|_| Outcome::Same).collect();
    for (chunk, outcome) in made? {
        outcomes[chunk] = outcome;
    }
    *known = Some(now);
    Some(outcomes)
}

/// `None`: the facts contradict the plan.
fn rename(
    files: &FileNames,
    naming: &Naming<'_>,
    former: &IndexVec<ChunkIdx, Arc<ChunkFacts>>,
    chunk: ChunkIdx,
) -> Option<Outcome> {
    let (facts, name, hashes) = (&former[chunk], naming.names[chunk].as_str(), naming.hashes);
    let mut edits = Vec::new();
    for (start, target) in &facts.places {
        let (old, new) = (&former.get(*target)?.hash, hashes.get(*target)?);
        if new.len() != old.len() || files.hash_lengths.get(*target) != Some(&new.len()) {
            return None;
        }
        if old != new {
            let start = *start as usize;
            edits.push((start..start + new.len(), new.clone()));
        }
    }
    if edits.is_empty() && facts.file_name == name {
        return Some(Outcome::Same);
    }
    let hash = hashes.get(chunk)?.clone();
    let facts = ChunkFacts { file_name: name.to_owned(), hash, ..(**facts).clone() };
    Some(Outcome::Renamed(Box::new(facts), edits))
}
