//! `output.codeSplitting`: whether `import()` makes files, and how modules that several entries want are spread over them.

use crate::options::Pattern;
use crate::patterns::Matcher;
use crate::scan::Scan;
use cloudpack_analyze::{AnalyzeOptions, NamedGroup};
use cloudpack_base::{Diagnostic, IndexVec, ModuleIdx};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CodeSplitting {
    /// `false`: `import()` is inlined, one chunk an entry.
    Whole(bool),
    Fine(Splitting),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Splitting {
    /// Files that opening an entry may ask for, as far as `max_over_fetch` lets chunks be joined.
    pub max_requests: u32,
    /// Bytes that an entry may load and not need, as a share of those that it needs; with 0 each set of entries that share
    /// something has a chunk of its own.
    pub max_over_fetch: f64,
    /// Chunks that the user named.
    pub groups: Vec<ChunkGroup>,
}

impl Default for Splitting {
    fn default() -> Self {
        Self {
            max_requests: AnalyzeOptions::MAX_REQUESTS,
            max_over_fetch: AnalyzeOptions::MAX_OVER_FETCH,
            groups: Vec::new(),
        }
    }
}

/// Modules that are to lie in one chunk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ChunkGroup {
    /// With it, `test` says which modules are meant: all, if there is none.
    pub name: Option<String>,
    pub test: Option<Pattern>,
    /// Without a name, JavaScript says which modules are meant and what their chunks are called (`Session::choose_chunks`).
    pub chosen: Vec<ChosenModule>,
    pub priority: f64,
    pub min_size: u64,
    pub max_size: Option<u64>,
    pub min_share_count: u32,
    pub min_module_size: u64,
    pub max_module_size: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChosenModule {
    pub id: String,
    pub name: String,
}

/// What JavaScript decided about one module: the chunk's name, for a place in `Splitting::groups`.
#[derive(Clone, Debug, Deserialize)]
pub struct ChosenChunk {
    pub group: usize,
    pub id: String,
    pub name: String,
}

impl CodeSplitting {
    pub(crate) fn choose(&mut self, chosen: Vec<ChosenChunk>) {
        let Self::Fine(splitting) = self else { return };
        for ChosenChunk { group, id, name } in chosen {
            if let Some(group) = splitting.groups.get_mut(group) {
                group.chosen.push(ChosenModule { id, name });
            }
        }
    }

    /// Expressions that cannot be used.
    pub(crate) fn faults(&self) -> Vec<Diagnostic> {
        let tests = self.splitting().groups.into_iter().filter_map(|group| group.test);
        tests.filter_map(|test| Matcher::new(&test).err()).collect()
    }

    pub(crate) fn is_off(&self) -> bool {
        *self == Self::Whole(false)
    }

    pub(crate) fn splitting(&self) -> Splitting {
        match self {
            Self::Whole(_) => Splitting::default(),
            Self::Fine(splitting) => splitting.clone(),
        }
    }
}

impl Splitting {
    /// The groups for Analyze, and for each module those that want it.
    pub(crate) fn named_groups(&self, scan: &Scan) -> (Vec<NamedGroup>, IndexVec<ModuleIdx, Vec<u32>>) {
        let mut named = Vec::new();
        let mut wanted: IndexVec<ModuleIdx, Vec<u32>> = scan.graph.modules.iter().map(|_| Vec::new()).collect();
        for (place, group) in self.groups.iter().enumerate() {
            if let Some(name) = &group.name {
                let index = named.len() as u32;
                named.push(group.named(name, place));
                // One that cannot be used was a fault of the options.
                let matcher = group.test.as_ref().and_then(|test| Matcher::new(test).ok());
                for (record, wanted) in scan.graph.modules.iter().zip(wanted.iter_mut()) {
                    if matcher.as_ref().is_none_or(|matcher| matcher.matches_id(&record.id)) {
                        wanted.push(index);
                    }
                }
            }
            let mut known: FxHashMap<&str, u32> = FxHashMap::default();
            for ChosenModule { id, name } in &group.chosen {
                let index = *known.entry(name).or_insert_with(|| {
                    named.push(group.named(name, place));
                    named.len() as u32 - 1
                });
                if let Some(module) = scan.graph.find(id) {
                    wanted[module].push(index);
                }
            }
        }
        (named, wanted)
    }
}

impl ChunkGroup {
    fn named(&self, name: &str, place: usize) -> NamedGroup {
        NamedGroup {
            name: name.to_owned(),
            priority: self.priority,
            place: place as u32,
            min_size: self.min_size,
            max_size: self.max_size,
            min_share_count: self.min_share_count,
            min_module_size: self.min_module_size,
            max_module_size: self.max_module_size,
        }
    }
}

impl Default for CodeSplitting {
    fn default() -> Self {
        Self::Whole(true)
    }
}
