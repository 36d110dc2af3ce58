//! A set of small indices.

use cloudpack_base::Idx;
use std::marker::PhantomData;

#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(bound = "")]
pub struct BitSet<I> {
    words: Vec<u64>,
    #[serde(skip)]
    marker: PhantomData<fn(I)>,
}

impl<I: Idx> BitSet<I> {
    /// Room for indices below `len`; larger ones grow the set.
    pub fn with_len(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], marker: PhantomData }
    }
    pub fn contains(&self, index: I) -> bool {
        self.words.get(index.index() / 64).is_some_and(|word| word >> (index.index() % 64) & 1 == 1)
    }
    /// Whether it was not yet there.
    pub fn insert(&mut self, index: I) -> bool {
        let at = index.index() / 64;
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        let bit = 1 << (index.index() % 64);
        let is_new = self.words[at] & bit == 0;
        self.words[at] |= bit;
        is_new
    }
    /// Whether it was there.
    pub fn remove(&mut self, index: I) -> bool {
        let was_there = self.contains(index);
        if let Some(word) = self.words.get_mut(index.index() / 64) {
            *word &= !(1 << (index.index() % 64));
        }
        was_there
    }
    /// Adds all of `other`; whether anything was new.
    pub fn union(&mut self, other: &Self) -> bool {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        let mut grown = false;
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            grown |= *theirs & !*mine != 0;
            *mine |= *theirs;
        }
        grown
    }
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }
    /// Ascending.
    pub fn iter(&self) -> impl Iterator<Item = I> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| I::from_usize(at * 64 + bit))
        })
    }
}

impl<I> Default for BitSet<I> {
    fn default() -> Self {
        Self { words: Vec::new(), marker: PhantomData }
    }
}

impl<I: Idx> std::fmt::Debug for BitSet<I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
