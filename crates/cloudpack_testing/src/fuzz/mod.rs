//! Random programs, bundled in several ways, against Node running their modules: the same order of evaluation, the same
//! values, the same exports, the same errors.
//!
//! ```text
//! cargo xtask fuzz --seed 1 --count 20000
//! ```

mod generate;
mod graph;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use cloudpack::Session;
use cloudpack::protocol::HookTable;
use cloudpack_base::path;
use cloudpack_fs::OsFileSystem;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Failure;

pub use generate::generate;
pub use graph::{Graph, Item, Module};

/// The ways in which a program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Es,
    EsMinified,
    /// Minified chunk by chunk as well.
    EsFull,
    /// What entries share in as few chunks as possible, whoever wants it.
    EsJoined,
    /// Modules spread over chunks that somebody named without looking at the program.
    EsNamed,
    /// One file, without code splitting.
    EsSingle,
    Cjs,
    CjsMinified,
    CjsFull,
    CjsJoined,
    CjsNamed,
}

impl Way {
    const ALL: [Self; 11] = [
        Self::Es,
        Self::EsMinified,
        Self::EsFull,
        Self::EsJoined,
        Self::EsNamed,
        Self::EsSingle,
        Self::Cjs,
        Self::CjsMinified,
        Self::CjsFull,
        Self::CjsJoined,
        Self::CjsNamed,
    ];

    fn fits(self, graph: &Graph) -> bool {
        match self {
            Self::EsSingle => graph.entries.len() == 1,
            // A file that threw runs again when it is required again.
            _ if self.is_commonjs() => !graph.awaits() && !graph.throws(),
            _ => true,
        }
    }

    fn is_commonjs(self) -> bool {
        matches!(self, Self::Cjs | Self::CjsMinified | Self::CjsFull | Self::CjsJoined | Self::CjsNamed)
    }

    fn output(self, dir: &str) -> Value {
        let joined = json!({ "maxRequests": 1, "maxOverFetch": 1000 });
        let digits = |digits: &str| json!({ "regex": { "source": format!("[{digits}][.][a-z]+$") } });
        let named = json!({ "groups": [
            { "name": "some", "test": digits("147"), "maxSize": 1000 },
            { "name": "first", "test": digits("03"), "priority": 1 },
            { "name": "shared", "test": digits("2589"), "minShareCount": 2 },
            { "name": "first", "test": digits("6") },
        ] });
        let (format, minify, splits) = match self {
            Self::Es => ("es", "none", json!(true)),
            Self::EsMinified => ("es", "thin", json!(true)),
            Self::EsFull => ("es", "full", json!(true)),
            Self::EsJoined => ("es", "none", joined),
            Self::EsNamed => ("es", "none", named),
            Self::EsSingle => ("es", "none", json!(false)),
            Self::Cjs => ("cjs", "none", json!(true)),
            Self::CjsMinified => ("cjs", "thin", json!(true)),
            Self::CjsFull => ("cjs", "full", json!(true)),
            Self::CjsJoined => ("cjs", "none", joined),
            Self::CjsNamed => ("cjs", "none", named),
        };
        let extension = if format == "es" { "mjs" } else { "cjs" };
        json!({
            "dir": dir, "format": format, "minify": minify, "codeSplitting": splits, "exports": "named",
            "entryFileNames": format!("[name].{extension}"), "chunkFileNames": format!("chunk-[name]-[hash].{extension}"),
        })
    }
}

/// A program that its bundle changes.
#[derive(Debug)]
pub struct Mismatch {
    pub way: Way,
    pub graph: Graph,
    /// In Node, unbundled.
    pub expected: Vec<String>,
    pub observed: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    is_link: bool,
    events: Vec<String>,
}

/// What each program does, or does wrong, parallel to `graphs`. One process of Node for all of them.
pub fn compare(graphs: &[Graph]) -> Result<Vec<Option<Mismatch>>, Failure> {
    let folder = tempfile::Builder::new().prefix("fuzz-").tempdir().map_err(|error| error.to_string())?;
    let real = folder.path().canonicalize().map_err(|error| error.to_string())?;
    let root = path::from_native(real.to_string_lossy().trim_start_matches(r"\\?\"));
    let mut jobs = Vec::new();
    // Per program: the faults of its builds, and which of the jobs are its own.
    let mut plans: Vec<Vec<(Way, Result<usize, String>)>> = Vec::new();
    for (number, graph) in graphs.iter().enumerate() {
        let cwd = format!("{root}/{number}");
        std::fs::create_dir_all(&cwd).map_err(|error| error.to_string())?;
        for (name, text) in graph.files() {
            std::fs::write(format!("{cwd}/{name}"), text).map_err(|error| error.to_string())?;
        }
        let sources: Vec<String> =
            graph.entries.iter().map(|entry| format!("{cwd}/{}", graph.file_name(*entry))).collect();
        let is_commonjs = |entry: &usize| graph.modules.get(*entry).is_some_and(|module| module.is_commonjs);
        let commonjs: Vec<bool> = graph.entries.iter().map(is_commonjs).collect();
        jobs.push(json!({ "mode": "import", "entries": sources, "commonjs": commonjs }));
        let mut plan = Vec::new();
        for way in Way::ALL.into_iter().filter(|way| way.fits(graph)) {
            let built = build(graph, way, &cwd).map(|entries| {
                let mode = if way.is_commonjs() { "require" } else { "import" };
                jobs.push(json!({ "mode": mode, "entries": entries, "commonjs": commonjs }));
                jobs.len() - 1
            });
            plan.push((way, built));
        }
        plans.push(plan);
    }
    let runs = run_all(&jobs)?;
    let mut results = Vec::new();
    let mut next = 0;
    for (graph, plan) in graphs.iter().zip(plans) {
        let expected = runs.get(next).ok_or("Node ended before the last program")?;
        next += 1 + plan.iter().filter(|(_, built)| built.is_ok()).count();
        let mut found = None;
        for (way, built) in plan {
            let observed = match built {
                Ok(job) => runs.get(job).ok_or("Node ended before the last program")?.events.clone(),
                Err(fault) => vec![fault],
            };
            // What Node does not link is no program.
            if !expected.is_link && !is_same(&expected.events, &observed) {
                found = Some(Mismatch { way, graph: graph.clone(), expected: expected.events.clone(), observed });
                break;
            }
        }
        results.push(found);
    }
    Ok(results)
}

/// Two things may differ. A variable of a module that runs lazily is declared outside of it, so that reading it too early
/// gives `undefined`, where Node throws a ReferenceError. And the chunk of an entry may offer more to other chunks, under
/// names that no module has.
fn is_same(expected: &[String], observed: &[String]) -> bool {
    let is_word = |expected: &str, observed: &str| {
        expected == observed || expected == "ReferenceError" && matches!(observed, "undefined" | "TypeError")
    };
    let is_line = |expected: &str, observed: &str| {
        expected.split(' ').count() == observed.split(' ').count()
            && expected.split(' ').zip(observed.split(' ')).all(|(expected, observed)| is_word(expected, observed))
    };
    let observed: Vec<&String> = observed.iter().filter(|line| !is_made_up_export(line)).collect();
    expected.len() == observed.len()
        && expected.iter().zip(observed).all(|(expected, observed)| is_line(expected, observed))
}

fn is_made_up_export(line: &str) -> bool {
    let Some((name, _)) = line.strip_prefix("export ").and_then(|rest| rest.split_once(' ')) else { return false };
    let is_numbered = ["own", "ns", "re"].iter().any(|prefix| {
        name.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    });
    !is_numbered && !generate::NAMES.contains(&name)
}

/// The smallest program that can be had from this one by taking parts away and is still changed.
pub fn shrink(mismatch: Mismatch) -> Result<Mismatch, Failure> {
    let mut best = mismatch;
    'smaller: loop {
        for candidates in best.graph.smaller().chunks(24) {
            if let Some(found) = compare(candidates)?.into_iter().flatten().next() {
                best = found;
                continue 'smaller;
            }
        }
        return Ok(best);
    }
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(to, "{:?}, entries {:?}", self.way, self.graph.entries)?;
        for (name, text) in self.graph.files() {
            writeln!(to, "--- {name}\n{text}")?;
        }
        let expected = self.expected.join("\n") + "\n";
        let observed = self.observed.join("\n") + "\n";
        write!(to, "{}", similar::TextDiff::from_lines(&expected, &observed).unified_diff())
    }
}

/// The files of the entries, in their order.
fn build(graph: &Graph, way: Way, cwd: &str) -> Result<Vec<String>, String> {
    let dir = format!("{cwd}/{way:?}");
    let input: Vec<Value> = graph
        .entries
        .iter()
        .map(|entry| json!({ "name": format!("entry{entry}"), "import": format!("./{}", graph.file_name(*entry)), "named": true }))
        .collect();
    let options = json!({ "input": input, "cwd": cwd, "platform": "node", "output": [way.output(&dir)] });
    let options = serde_json::from_value(options).map_err(|error| error.to_string())?;
    let faults = |faults: Vec<cloudpack_base::Diagnostic>| format!("the build says: {faults:?}");
    let mut session = Session::new(options, HookTable::default(), Arc::new(OsFileSystem)).map_err(faults)?;
    let built = session.build();
    let Some(bundle) = built.outputs.first() else { return Err(faults(built.report.diagnostics)) };
    session.write(0, bundle).map_err(faults)?;
    let extension = if way.is_commonjs() { "cjs" } else { "mjs" };
    Ok(graph.entries.iter().map(|entry| format!("{dir}/entry{entry}.{extension}")).collect())
}

fn run_all(jobs: &[Value]) -> Result<Vec<Run>, Failure> {
    let io = |error: std::io::Error| format!("cannot run Node: {error}");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fuzz/run.mjs");
    let mut child = Command::new("node")
        .arg("--no-warnings")
        .arg(script)
        .env_remove("NODE_OPTIONS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(io)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(Value::from(jobs.to_vec()).to_string().as_bytes()).map_err(io)?;
    }
    let output = child.wait_with_output().map_err(io)?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))).collect()
}
