//! Hashes of content that still has placeholders, and of chunks that mention each other, in circles too.
//!
//! The hash in a file name must change exactly when the file's bytes change or, through the names that it mentions,
//! those of any file that it leads to. So: each chunk is hashed with its placeholders blanked, strongly connected
//! chunks are hashed together, and that goes up the acyclic rest. O(chunks + mentions), and free of chunk numbers.

use crate::file_names::Placeholders;
use cloudpack_base::{ChunkIdx, ContentHash, ContentHasher, Idx, IndexVec};
use cloudpack_plan::BitSet;
use std::collections::BTreeSet;

/// What a text says apart from names of files that are not known yet, and whose names those are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ContentKey {
    pub(crate) hash: ContentHash,
    /// In order of appearance, with repetitions.
    pub(crate) references: Vec<ChunkIdx>,
}

pub(crate) fn content_key<'t>(placeholders: Placeholders, texts: impl IntoIterator<Item = &'t str>) -> ContentKey {
    let mut hasher = ContentHasher::new();
    let mut references = Vec::new();
    for text in texts {
        let mut from = 0;
        for (range, chunk) in placeholders.find(text) {
            hasher.field(text.get(from..range.start).unwrap_or_default());
            references.push(chunk);
            from = range.end;
        }
        hasher.field(text.get(from..).unwrap_or_default());
    }
    ContentKey { hash: hasher.finish(), references }
}

/// The key of a text that is the sequence of several.
pub(crate) fn join_keys<'k>(keys: impl IntoIterator<Item = &'k ContentKey>) -> ContentKey {
    let mut hasher = ContentHasher::new();
    let mut references = Vec::new();
    for key in keys {
        hasher.field(key.hash.0);
        references.extend(&key.references);
    }
    ContentKey { hash: hasher.finish(), references }
}

/// A key that lies elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct KeyView<'k> {
    pub(crate) hash: ContentHash,
    pub(crate) references: &'k [ChunkIdx],
}

impl ContentKey {
    pub(crate) fn view(&self) -> KeyView<'_> {
        KeyView { hash: self.hash, references: &self.references }
    }
}

/// The hash for each chunk's name, and what it takes to make those again that are another after some texts changed.
#[derive(Default)]
pub(crate) struct ChunkHashes {
    /// For names.
    pub(crate) all: IndexVec<ChunkIdx, ContentHash>,
    /// Of texts with what they mention.
    own: IndexVec<ChunkIdx, ContentHash>,
    component_of: Vec<usize>,
    /// Those that they lead to first.
    components: Vec<Vec<ChunkIdx>>,
    component_hashes: Vec<ContentHash>,
    /// Components that mention chunks of this one; ascending. Empty before somebody asks.
    mentioned_by: Vec<Vec<usize>>,
}

impl ChunkHashes {
    pub(crate) fn new(keys: &IndexVec<ChunkIdx, KeyView<'_>>) -> Self {
        let (component_of, components) = strongly_connected(keys);
        let mut hashes = Self {
            all: IndexVec::filled(ContentHash::default(), keys.len()),
            own: IndexVec::filled(ContentHash::default(), keys.len()),
            component_hashes: vec![ContentHash::default(); components.len()],
            component_of,
            components,
            mentioned_by: Vec::new(),
        };
        // Dependencies first, so what a component leads to is hashed when it is reached.
        for number in 0..hashes.components.len() {
            hashes.make(number, keys);
        }
        hashes
    }

    /// Makes those again that rest on texts of these chunks, which mention what they mentioned. Gives those that were made.
    /// Cost: a hash of each; the first time a step for each mention.
    pub(crate) fn again(
        &mut self,
        keys: &IndexVec<ChunkIdx, KeyView<'_>>,
        changed: impl IntoIterator<Item = ChunkIdx>,
    ) -> BitSet<ChunkIdx> {
        if self.mentioned_by.is_empty() {
            self.mentioned_by = self.find_mentions(keys);
        }
        let mut made = BitSet::with_len(keys.len());
        let mut waiting: BTreeSet<usize> =
            changed.into_iter().filter_map(|chunk| self.component_of.get(chunk.index()).copied()).collect();
        while let Some(number) = waiting.pop_first() {
            let own_hashes = |hashes: &Self| -> Vec<ContentHash> {
                hashes.components[number].iter().map(|chunk| hashes.own[*chunk]).collect()
            };
            let before = (self.component_hashes[number], own_hashes(self));
            self.make(number, keys);
            self.components[number].iter().for_each(|chunk| {
                made.insert(*chunk);
            });
            if before != (self.component_hashes[number], own_hashes(self)) {
                waiting.extend(&self.mentioned_by[number]);
            }
        }
        made
    }

    fn find_mentions(&self, keys: &IndexVec<ChunkIdx, KeyView<'_>>) -> Vec<Vec<usize>> {
        let mut mentioned_by: Vec<Vec<usize>> = vec![Vec::new(); self.components.len()];
        for (number, members) in self.components.iter().enumerate() {
            for target in members.iter().flat_map(|chunk| keys[*chunk].references) {
                let Some(component) = self.component_of.get(target.index()).filter(|found| **found != number) else {
                    continue;
                };
                let known = &mut mentioned_by[*component];
                if known.last() != Some(&number) {
                    known.push(number);
                }
            }
        }
        mentioned_by
    }

    /// The hashes of one component, with those that it leads to known.
    fn make(&mut self, number: usize, keys: &IndexVec<ChunkIdx, KeyView<'_>>) {
        let Self { all, own, component_of, components, component_hashes, .. } = self;
        let members = &components[number];
        for chunk in members {
            own[*chunk] = in_order(keys, *chunk, |target| {
                let component = *component_of.get(target.index())?;
                // Within a circle only the texts are known.
                let is_here = component == number;
                let led_to = component_hashes.get(component).copied().filter(|_| !is_here);
                Some((if is_here { keys[target].hash } else { own[target] }, led_to))
            });
        }
        let mut sorted: Vec<ContentHash> = members.iter().map(|chunk| own[*chunk]).collect();
        sorted.sort_unstable();
        let mut led_to: Vec<ContentHash> = members
            .iter()
            .flat_map(|chunk| keys[*chunk].references)
            .filter_map(|target| component_of.get(target.index()).copied())
            .filter(|target| *target != number)
            .filter_map(|target| component_hashes.get(target).copied())
            .collect();
        led_to.sort_unstable();
        led_to.dedup();
        let mut hasher = ContentHasher::new();
        sorted.iter().for_each(|hash| {
            hasher.field(hash.0);
        });
        hasher.field("leads to");
        led_to.iter().for_each(|hash| {
            hasher.field(hash.0);
        });
        component_hashes[number] = hasher.finish();
        for chunk in members {
            let mut hasher = ContentHasher::new();
            hasher.field(own[*chunk].0).field(component_hashes[number].0);
            all[*chunk] = hasher.finish();
        }
    }
}

/// The text of a chunk with what it mentions, in the order in which it does: `[import("./a.js"), import("./b.js")]` with the
/// two exchanged is another text, and leads to the same files.
fn in_order(
    keys: &IndexVec<ChunkIdx, KeyView<'_>>,
    chunk: ChunkIdx,
    mut hashes_of: impl FnMut(ChunkIdx) -> Option<(ContentHash, Option<ContentHash>)>,
) -> ContentHash {
    let KeyView { hash, references } = keys[chunk];
    if references.iter().all(|target| Some(target) == references.first()) {
        return hash;
    }
    let mut hasher = ContentHasher::new();
    hasher.field(hash.0);
    for (own, led_to) in references.iter().filter_map(|target| hashes_of(*target)) {
        hasher.field(own.0).field(led_to.unwrap_or_default().0);
    }
    hasher.finish()
}

/// Tarjan's algorithm with a stack of its own. Gives the component of each chunk, and the components with those that
/// they lead to first.
fn strongly_connected(keys: &IndexVec<ChunkIdx, KeyView<'_>>) -> (Vec<usize>, Vec<Vec<ChunkIdx>>) {
    const UNSEEN: usize = usize::MAX;
    let count = keys.len();
    let (mut order, mut low) = (vec![UNSEEN; count], vec![0; count]);
    let mut component_of = vec![UNSEEN; count];
    let mut components: Vec<Vec<ChunkIdx>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut next_order = 0;
    for root in 0..count {
        if order[root] != UNSEEN {
            continue;
        }
        let mut calls = vec![(root, 0)];
        while let Some((chunk, next)) = calls.pop() {
            if next == 0 {
                order[chunk] = next_order;
                low[chunk] = next_order;
                next_order += 1;
                open.push(chunk);
            }
            let references = keys[ChunkIdx::from_usize(chunk)].references;
            match references.get(next).map(|target| target.index()) {
                Some(target) => {
                    calls.push((chunk, next + 1));
                    if target >= count {
                        continue;
                    }
                    if order[target] == UNSEEN {
                        calls.push((target, 0));
                    } else if component_of[target] == UNSEEN {
                        low[chunk] = low[chunk].min(order[target]);
                    }
                }
                None => {
                    if low[chunk] == order[chunk] {
                        let mut members = Vec::new();
                        while let Some(member) = open.pop() {
                            component_of[member] = components.len();
                            members.push(ChunkIdx::from_usize(member));
                            if member == chunk {
                                break;
                            }
                        }
                        components.push(members);
                    }
                    if let Some((caller, _)) = calls.last() {
                        low[*caller] = low[*caller].min(low[chunk]);
                    }
                }
            }
        }
    }
    (component_of, components)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    fn keys_of(texts: &[&str]) -> Vec<ContentKey> {
        let placeholders = Placeholders::new(texts.len(), texts.par_iter().copied());
        texts
            .iter()
            .map(|text| {
                let filled = (0..texts.len()).fold((*text).to_owned(), |text, chunk| {
                    text.replace(&format!("<{chunk}>"), &placeholders.of(ChunkIdx(chunk as u32), 8))
                });
                content_key(placeholders, [filled.as_str()])
            })
            .collect()
    }

    fn hashes(texts: &[&str]) -> IndexVec<ChunkIdx, ContentHash> {
        ChunkHashes::new(&keys_of(texts).iter().map(ContentKey::view).collect()).all
    }

    #[test]
    fn hashes_that_are_made_again_are_those_that_are_made_anew_and_no_others_are_made() {
        let before = ["root <1> <2> <2>", "a <3>", "b <3> <4>", "c", "d <5>", "e <4> <3>", "alone"];
        for changed in 0..before.len() {
            let mut after = before.map(str::to_owned);
            after[changed].push('!');
            let after: Vec<&str> = after.iter().map(String::as_str).collect();
            let (old, new) = (keys_of(&before), keys_of(&after));
            let mut known = ChunkHashes::new(&old.iter().map(ContentKey::view).collect());
            let former = known.all.clone();
            let made = known.again(&new.iter().map(ContentKey::view).collect(), [ChunkIdx(changed as u32)]);
            let anew = hashes(&after);
            assert_eq!(known.all.as_slice(), anew.as_slice(), "{changed}");
            for chunk in anew.indices() {
                assert_eq!(made.contains(chunk), former[chunk] != anew[chunk], "{changed}: {chunk:?}");
            }
            // And back, from what is known now.
            known.again(&old.iter().map(ContentKey::view).collect(), [ChunkIdx(changed as u32)]);
            assert_eq!(known.all.as_slice(), former.as_slice(), "{changed}");
        }
    }

    #[test]
    fn an_edit_changes_the_hashes_of_all_that_lead_to_it_and_of_nobody_else() {
        let before = hashes(&["import <1>", "import <2>", "leaf", "import <2> other"]);
        let after = hashes(&["import <1>", "import <2>", "leaf!", "import <2> other"]);
        assert!((0..4).all(|chunk| before[ChunkIdx(chunk)] != after[ChunkIdx(chunk)]));
        let after = hashes(&["import <1>", "import <2>!", "leaf", "import <2> other"]);
        assert_eq!(before[ChunkIdx(2)], after[ChunkIdx(2)]);
        assert_eq!(before[ChunkIdx(3)], after[ChunkIdx(3)]);
        assert_ne!(before[ChunkIdx(0)], after[ChunkIdx(0)]);
    }

    #[test]
    fn exchanging_two_mentions_changes_the_hash_and_those_of_all_that_lead_there() {
        let before = hashes(&["<1> or <2>", "one", "two", "root <0>", "back <5>", "<4> <1> <2>"]);
        let after = hashes(&["<2> or <1>", "one", "two", "root <0>", "back <5>", "<4> <2> <1>"]);
        for chunk in [0, 3, 4, 5] {
            assert_ne!(before[ChunkIdx(chunk)], after[ChunkIdx(chunk)], "{chunk}");
        }
        assert_eq!(before[ChunkIdx(1)], after[ChunkIdx(1)]);
        let before = hashes(&["<1> <2>", "one <0>", "two <0>"]);
        let after = hashes(&["<2> <1>", "one <0>", "two <0>"]);
        assert!((0..3).all(|chunk| before[ChunkIdx(chunk)] != after[ChunkIdx(chunk)]), "in a circle");
    }

    #[test]
    fn chunks_in_a_circle_have_hashes_and_change_together() {
        let before = hashes(&["a <1>", "b <0>", "c <0>"]);
        let after = hashes(&["a <1>", "b! <0>", "c <0>"]);
        assert!((0..3).all(|chunk| before[ChunkIdx(chunk)] != after[ChunkIdx(chunk)]));
        assert_ne!(before[ChunkIdx(0)], before[ChunkIdx(1)]);
    }

    #[test]
    fn hashes_do_not_depend_on_the_numbers_of_chunks() {
        let left = hashes(&["a <1>", "b <2>", "c"]);
        let right = hashes(&["c", "b <0>", "a <1>"]);
        assert_eq!(left[ChunkIdx(0)], right[ChunkIdx(2)]);
        assert_eq!(left[ChunkIdx(1)], right[ChunkIdx(1)]);
    }
}
