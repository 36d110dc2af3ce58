//! `output.codeSplitting`: whether `import()` makes files, and how modules that several entries want are spread over them.

use cloudpack_analyze::AnalyzeOptions;
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
}

impl Default for Splitting {
    fn default() -> Self {
        Self { max_requests: AnalyzeOptions::MAX_REQUESTS, max_over_fetch: AnalyzeOptions::MAX_OVER_FETCH }
    }
}

impl CodeSplitting {
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

impl Default for CodeSplitting {
    fn default() -> Self {
        Self::Whole(true)
    }
}
