//! `case.json`: what a case says about itself, and where its files are. Unknown fields are refused, so that a slip of
//! the hand does not switch a check off.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cloudpack_base::Severity;
use serde::Deserialize;

use crate::Failure;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseFile {
    /// One sentence: what is special about this case.
    pub about: String,
    /// Part of `BuildOptions`; see `options` for the shorter forms that are allowed here.
    #[serde(default)]
    pub options: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    pub run: Option<Run>,
    /// Variants that make no sense for this case, each with the reason.
    #[serde(default)]
    pub except: BTreeMap<String, String>,
    /// The graph awaits at top level: the formats without `import` must refuse with `INVALID_TLA_FORMAT`.
    #[serde(default)]
    pub top_level_await: bool,
    /// All errors and warnings of the build, in order. With an error among them nothing may be written.
    #[serde(default)]
    pub expect_diagnostics: Vec<ExpectedDiagnostic>,
    /// Expectations of the steps `1`, `2`...
    #[serde(default)]
    pub steps: BTreeMap<String, StepExpectation>,
    /// Text that no emitted file of any variant may contain.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Text that some emitted file of each variant must contain.
    #[serde(default)]
    pub present: Vec<String>,
    /// Fields of `BuildStats` with their values, in the plain variant.
    #[serde(default)]
    pub counters: serde_json::Map<String, serde_json::Value>,
    /// Files too large or too odd to lie in a repository.
    #[serde(default)]
    pub generate: Vec<Generated>,
    /// `(link, target)`, both relative to the case.
    #[serde(default)]
    pub links: Vec<(String, String)>,
    /// Needs `@oxc-project/runtime`, which is laid under `node_modules`.
    #[serde(default)]
    pub helpers: bool,
    /// Flags for Node.
    #[serde(default)]
    pub node: Vec<String>,
    /// A fault we know of. The case must fail with this text and fails once it passes.
    #[serde(default)]
    pub known_failure: Option<KnownFailure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Run {
    /// Run the bundle's entries and the unbundled ones and compare. The default.
    Compare,
    /// Run the bundle's entries and compare the output with `expected.txt`. The default where that file exists.
    Expected,
    /// Load the bundle's entries for `_test.mjs`.
    Load,
    /// Load nothing; `_test.mjs` may.
    None,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StepExpectation {
    #[serde(default)]
    pub expect_diagnostics: Vec<ExpectedDiagnostic>,
    #[serde(default)]
    pub counters: serde_json::Map<String, serde_json::Value>,
}

/// Fields that are given must agree; texts must be contained.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpectedDiagnostic {
    #[serde(default = "error")]
    pub severity: Severity,
    pub code: String,
    /// Relative to the case.
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub line: Option<u32>,
    /// From 0, in UTF-16 units.
    #[serde(default)]
    pub column: Option<u32>,
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    pub hint: Option<String>,
    #[serde(default)]
    pub frame: Option<String>,
}

fn error() -> Severity {
    Severity::Error
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Generated {
    pub file: String,
    pub kind: GeneratedKind,
    #[serde(default)]
    pub prefix: String,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub middle: String,
    #[serde(default)]
    pub suffix: String,
    #[serde(default)]
    pub count: usize,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeneratedKind {
    /// `prefix`, `count` times `text`, `middle`, `count` times `suffix`.
    Repeat,
    /// The bytes that `text` stands for.
    Base64,
    /// An empty folder.
    Directory,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnownFailure {
    pub reason: String,
    pub contains: String,
}

/// A folder under `fixtures/<area>/`.
#[derive(Debug)]
pub struct Case {
    /// `area/case`
    pub name: String,
    pub folder: PathBuf,
    pub file: CaseFile,
    /// Text of `expected.txt`.
    pub expected_output: Option<String>,
    /// How many `step-<n>` folders there are.
    pub steps: usize,
}

impl Case {
    pub fn load(name: &str, folder: &Path) -> Result<Self, Failure> {
        let text = read(&folder.join("case.json"))?;
        let file: CaseFile = serde_json::from_str(&text).map_err(|error| format!("{name}/case.json: {error}"))?;
        if file.about.trim().is_empty() {
            return Err(format!("{name}/case.json: `about` is empty"));
        }
        let expected = folder.join("expected.txt");
        let expected_output = if expected.exists() { Some(read(&expected)?) } else { None };
        let steps = (1..).take_while(|step| folder.join(format!("step-{step}")).is_dir()).count();
        Ok(Self { name: name.to_owned(), folder: folder.to_owned(), file, expected_output, steps })
    }

    pub fn test_program(&self) -> Option<PathBuf> {
        Some(self.folder.join("_test.mjs")).filter(|path| path.exists())
    }

    pub fn expected_at(&self, step: usize) -> (&[ExpectedDiagnostic], &serde_json::Map<String, serde_json::Value>) {
        if step == 0 {
            return (&self.file.expect_diagnostics, &self.file.counters);
        }
        match self.file.steps.get(&step.to_string()) {
            Some(expected) => (&expected.expect_diagnostics, &expected.counters),
            // A step without words of its own is a build without faults.
            None => (&[], &EMPTY),
        }
    }
}

static EMPTY: std::sync::LazyLock<serde_json::Map<String, serde_json::Value>> =
    std::sync::LazyLock::new(serde_json::Map::new);

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Names and folders of all cases under `root`, sorted by name. A folder without `case.json` is reported by its load.
pub fn discover(root: &Path) -> Vec<(String, PathBuf)> {
    let mut cases = Vec::new();
    for area in folders(root) {
        for case in folders(&area) {
            if let Ok(name) = case.strip_prefix(root) {
                cases.push((name.to_string_lossy().replace('\\', "/"), case.clone()));
            }
        }
    }
    cases.sort();
    cases
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}
