//! A set of symbols of the whole graph in one bit vector: membership is asked for every call edge.

use crate::graph::Graph;
use cloudpack_base::{IndexVec, ModuleIdx, SymbolRef};

pub(crate) struct SymbolSet {
    /// First bit of each module.
    starts: IndexVec<ModuleIdx, u32>,
    words: Vec<u64>,
}

impl SymbolSet {
    pub(crate) fn new(graph: &Graph<'_>) -> Self {
        let mut count = 0;
        let starts = graph
            .modules
            .indices()
            .map(|module| {
                let start = count;
                count += graph.summary(module).map_or(0, |summary| summary.symbols.len() as u32);
                start
            })
            .collect();
        Self { starts, words: vec![0; (count as usize).div_ceil(64)] }
    }

    /// Whether it was not yet there.
    pub(crate) fn insert(&mut self, symbol: SymbolRef) -> bool {
        let (word, bit) = self.place(symbol);
        let Some(word) = self.words.get_mut(word) else { return false };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    pub(crate) fn contains(&self, symbol: SymbolRef) -> bool {
        let (word, bit) = self.place(symbol);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    fn place(&self, symbol: SymbolRef) -> (usize, u64) {
        let at = (self.starts[symbol.module] + symbol.symbol.0) as usize;
        (at / 64, 1 << (at % 64))
    }
}
