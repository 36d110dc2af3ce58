//! Hashes of content that still has placeholders, and of chunks that mention each other, in circles too.
//!
//! The hash in a file name must change exactly when the file's bytes change or, through the names that it mentions,
//! those of any file that it leads to. So: each chunk is hashed with its placeholders blanked, strongly connected
//! chunks are hashed together, and that goes up the acyclic rest. O(chunks + mentions), and free of chunk numbers.

use crate::file_names::Placeholders;
use cloudpack_base::{ChunkIdx, ContentHash, ContentHasher, Idx, IndexVec};

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

/// The hash for each chunk's name.
pub(crate) fn chunk_hashes(keys: &IndexVec<ChunkIdx, KeyView<'_>>) -> IndexVec<ChunkIdx, ContentHash> {
    let (component_of, components) = strongly_connected(keys);
    // Components come dependencies first, so what a component leads to is hashed when it is reached.
    let mut component_hashes: Vec<ContentHash> = Vec::with_capacity(components.len());
    let mut own_hashes: IndexVec<ChunkIdx, ContentHash> = IndexVec::filled(ContentHash::default(), keys.len());
    for (number, members) in components.iter().enumerate() {
        for chunk in members {
            own_hashes[*chunk] = in_order(keys, *chunk, |target| {
                let component = *component_of.get(target.index())?;
                // Within a circle only the texts are known.
                let led_to = component_hashes.get(component).copied();
                Some((if component == number { keys[target].hash } else { own_hashes[target] }, led_to))
            });
        }
        let mut own: Vec<ContentHash> = members.iter().map(|chunk| own_hashes[*chunk]).collect();
        own.sort_unstable();
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
        own.iter().for_each(|hash| {
            hasher.field(hash.0);
        });
        hasher.field("leads to");
        led_to.iter().for_each(|hash| {
            hasher.field(hash.0);
        });
        component_hashes.push(hasher.finish());
    }
    let hashes: Vec<ContentHash> = keys
        .iter_enumerated()
        .map(|(chunk, _)| {
            let mut hasher = ContentHasher::new();
            hasher.field(own_hashes[chunk].0).field(component_hashes[component_of[chunk.index()]].0);
            hasher.finish()
        })
        .collect();
    IndexVec::from(hashes)
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

    fn hashes(texts: &[&str]) -> IndexVec<ChunkIdx, ContentHash> {
        let placeholders = Placeholders::new(texts.len(), texts.par_iter().copied());
        let keys: Vec<ContentKey> = texts
            .iter()
            .map(|text| {
                let filled = (0..texts.len()).fold((*text).to_owned(), |text, chunk| {
                    text.replace(&format!("<{chunk}>"), &placeholders.of(ChunkIdx(chunk as u32), 8))
                });
                content_key(placeholders, [filled.as_str()])
            })
            .collect();
        chunk_hashes(&keys.iter().map(ContentKey::view).collect())
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
