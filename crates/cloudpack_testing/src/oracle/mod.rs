//! The oracle: after whatever happened to a project, a build with the store gives what a build without one gives - the
//! same bytes, the same words, and the same files in the output folder. Traces are seeded; one that fails is cut down to
//! the operations that it takes.

mod generate;
mod operation;

pub use operation::Operation;

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cloudpack::options::{BuildOptions, CacheOptions};
use cloudpack::output::BuildStats;
use cloudpack::{LiveBuild, Session};
use cloudpack_base::{Diagnostic, path};
use cloudpack_fs::{FileSystem, OsFileSystem, WatchList};

use crate::Failure;
use crate::build::sorted_files;
use generate::{Known, Random};
use operation::Places;

/// What a run did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub builds: usize,
    /// Builds for which the last one stood.
    pub recalled: usize,
    /// Builds after a change that took over chunks as they were.
    pub relinked: usize,
    /// Builds in a session that looked at what events named and at nothing else.
    pub followed: usize,
    pub failing: usize,
}

/// A trace and why it fails.
#[derive(Debug)]
pub struct Mismatch {
    pub trace: Vec<Operation>,
    pub failure: Failure,
}

/// `builds` builds with some operations before each. A mismatch comes back shortened.
pub fn run(seed: u64, builds: usize) -> Result<Tally, Box<Mismatch>> {
    find(seed, builds).map_err(|found| {
        let (trace, failure) = shortened(found.trace, found.failure);
        Box::new(Mismatch { trace, failure })
    })
}

/// The same, with the trace as it was.
pub fn find(seed: u64, builds: usize) -> Result<Tally, Box<Mismatch>> {
    let mut random = Random(seed);
    let mut known = Known::new();
    let mut saved = None;
    let is_calm = seed.is_multiple_of(2);
    // Half of both kinds are sessions, whose processes end now and then.
    let is_session = seed % 4 >= 2;
    let mut trace = vec![Operation::Process { is_session }];
    trace.extend(generate::project(&mut random));
    trace.iter().for_each(|operation| generate::note(operation, &mut known));
    trace.push(Operation::Build);
    for _ in 1..builds {
        if is_session && random.below(12) == 0 {
            trace.push(Operation::Process { is_session: random.below(4) != 0 });
        }
        for _ in 0..random.below(4) {
            trace.extend(generate::operations(&mut random, &mut known, &mut saved, is_calm));
        }
        trace.push(Operation::Build);
    }
    match replay(&trace) {
        Ok(tally) => Ok(tally),
        Err((end, failure)) => {
            trace.truncate(end + 1);
            Err(Box::new(Mismatch { trace, failure }))
        }
    }
}

/// Runs a trace in a fresh folder. The error says at which operation.
pub fn replay(trace: &[Operation]) -> Result<Tally, (usize, Failure)> {
    let folder = tempfile::Builder::new().prefix("oracle-").tempdir().map_err(|error| (0, error.to_string()))?;
    let root = folder.path().canonicalize().map_err(|error| (0, error.to_string()))?;
    let places = Places { project: root.join("app"), store: root.join("store") };
    std::fs::create_dir_all(&places.project).map_err(|error| (0, error.to_string()))?;
    let mut define = 0;
    let mut process = Process::default();
    let mut tally = Tally::default();
    // A store that is gone does not know what was emitted.
    let mut has_forgotten = false;
    for (at, operation) in trace.iter().enumerate() {
        let output = places.project.join(folder_for(define));
        operation.apply(&places, &output);
        match operation {
            Operation::Define { value } => {
                define = *value;
                // Another build writes to the folder of the first.
                has_forgotten |= define == 3;
            }
            Operation::Process { is_session } => process = Process::new(*is_session),
            Operation::Build => {
                // A panic is a mismatch as well, with a trace that leads to it.
                catch_unwind(AssertUnwindSafe(|| check(&places, define, has_forgotten, &mut process, &mut tally)))
                    .unwrap_or_else(|panic| Err(format!("a build panicked: {}", words_of(&*panic))))
                    .map_err(|failure| (at, failure))?;
            }
            Operation::RemoveStore | Operation::DamageStore { .. } => has_forgotten = true,
            _ => {}
        }
    }
    Ok(tally)
}

/// Options that differ write to different folders, as two builds of one application should; but for the last.
fn folder_for(define: u8) -> String {
    format!("dist-{}", define % 3)
}

/// What the builds of one process share.
#[derive(Default)]
struct Process {
    is_session: bool,
    /// By configuration.
    live: BTreeMap<u8, Arc<LiveBuild>>,
}

impl Process {
    fn new(is_session: bool) -> Self {
        Self { is_session, live: BTreeMap::new() }
    }

    fn live(&mut self, define: u8) -> Option<Arc<LiveBuild>> {
        let new = || Arc::new(LiveBuild::new(Duration::from_millis(1), |_| {}));
        self.is_session.then(|| Arc::clone(self.live.entry(define).or_insert_with(new)))
    }
}

impl Drop for Process {
    /// What it was told to remember it does.
    fn drop(&mut self) {
        self.live.values().for_each(|live| live.settle());
    }
}

/// Everything that a build gives.
#[derive(Debug, PartialEq)]
struct Outcome {
    files: Vec<(String, Vec<u8>)>,
    diagnostics: Vec<Diagnostic>,
}

fn check(
    places: &Places,
    define: u8,
    has_forgotten: bool,
    process: &mut Process,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let output = places.project.join(folder_for(define));
    let before = files_below(&output);
    let live = process.live(define);
    let (warm, stats) = build(places, define, Some(live.clone()))?;
    let (cold, _) = build(places, define, None)?;
    let last_build = stats.last_build;
    tally.builds += 1;
    tally.recalled += usize::from(last_build == "unchanged");
    let chunks = warm.files.iter().filter(|(name, _)| name.ends_with(".js")).count();
    tally.relinked += usize::from(last_build != "unchanged" && (stats.chunks_linked as usize) < chunks);
    // Each of the few projects has more files than that.
    tally.followed += usize::from(live.is_some() && stats.checked <= 3);
    if warm != cold {
        return Err(format!("({last_build})\nwarm {}\ncold {}", shown(&warm), shown(&cold)));
    }
    let now = files_below(&output);
    if warm.diagnostics.iter().any(Diagnostic::is_error) {
        tally.failing += 1;
        return if now == before { Ok(()) } else { Err("a failed build changed the output folder".to_owned()) };
    }
    // What somebody else wrote is theirs, also when nobody emits a file of that name any more.
    let is_emitted = |name: &String| cold.files.iter().any(|(emitted, _)| emitted == name);
    let is_excused = |bytes: &[u8]| has_forgotten || bytes == operation::ALTERED;
    let now: Vec<_> = now.into_iter().filter(|(name, bytes)| is_emitted(name) || !is_excused(bytes)).collect();
    if now != cold.files {
        let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        return Err(format!(
            "({last_build}) the output folder holds {:?} and should hold {:?}",
            names(&now),
            names(&cold.files)
        ));
    }
    Ok(())
}

fn words_of(panic: &dyn Any) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

fn shown(result: &Outcome) -> String {
    let mut text = String::new();
    for diagnostic in &result.diagnostics {
        text.push_str(&format!("{} {:?} {}\n", diagnostic.code, diagnostic.id, diagnostic.message));
    }
    for (name, bytes) in &result.files {
        text.push_str(&format!("---- {name}\n{}", String::from_utf8_lossy(bytes)));
    }
    text
}

/// `warm`: with the store, and in a session or not.
fn build(places: &Places, define: u8, warm: Option<Option<Arc<LiveBuild>>>) -> Result<(Outcome, BuildStats), Failure> {
    let since = SystemTime::now();
    let is_warm = warm.is_some();
    let live = warm.flatten();
    let cwd = path::from_native(&places.project.to_string_lossy());
    // The first and the last share a folder, and differ in nothing else.
    let sourcemap = match define {
        1 => "inline",
        2 => "file",
        _ => "none",
    };
    let minify = match define {
        1 => "thin",
        2 => "full",
        _ => "none",
    };
    let options = serde_json::json!({
        "cwd": cwd, "input": [{ "name": "main", "import": "./src/main.js" }], "define": [["FLAG", define.to_string()]],
        "output": [{ "dir": folder_for(define), "minify": minify, "sourcemap": sourcemap }],
    });
    let mut options: BuildOptions = serde_json::from_value(options).map_err(|error| error.to_string())?;
    if is_warm {
        let dir = places.store.to_string_lossy().into_owned();
        options.cache = Some(CacheOptions::at(dir));
    }
    let fs: Arc<dyn FileSystem> = Arc::new(OsFileSystem);
    let mut session = Session::next(options, Default::default(), fs, live).map_err(|faults| format!("{faults:?}"))?;
    session.scan(Vec::new());
    let ignored = vec![path::join(&cwd, &folder_for(define))];
    session.follow(WatchList { ignored, ..WatchList::default() }, since);
    let bundle = session.finalize(0, Vec::new(), Vec::new());
    // The store may have something to say for itself.
    let mut diagnostics: Vec<Diagnostic> = session.diagnostics().into_iter().filter(|it| it.code != "CACHE").collect();
    let mut files = Vec::new();
    match bundle {
        Ok(bundle) => {
            files = sorted_files(&bundle.files)?;
            if is_warm {
                session.write(0, &bundle).map_err(|faults| format!("{faults:?}"))?;
            }
        }
        Err(faults) => diagnostics.extend(faults),
    }
    diagnostics.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    diagnostics.dedup();
    Ok((Outcome { files, diagnostics }, session.stats()))
}

/// Files with their bytes, sorted; links as what they lead to.
fn files_below(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders: Vec<(PathBuf, String)> = vec![(directory.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                folders.push((entry.path(), format!("{name}/")));
            } else {
                found.push((name, std::fs::read(entry.path()).unwrap_or_default()));
            }
        }
    }
    found.sort();
    found
}

/// Leaves out ever smaller runs of operations for as long as it still fails.
fn shortened(mut trace: Vec<Operation>, mut failure: Failure) -> (Vec<Operation>, Failure) {
    let mut size = trace.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < trace.len() {
            let mut shorter = trace.clone();
            shorter.drain(at..(at + size).min(trace.len()));
            match replay(&shorter) {
                Err((end, found)) => {
                    shorter.truncate(end + 1);
                    (trace, failure) = (shorter, found);
                }
                Ok(_) => at += size,
            }
        }
        size /= 2;
    }
    (trace, failure)
}
