//! Cold builds by the driver, in this process, each with a new session and an empty output directory: milliseconds of
//! each phase against the floor, which runs right before each build, so that both see the same machine.

use crate::floor::{Floor, floor, sources};
use crate::measure::{Series, Spent, measure, peak_memory};
use cloudpack::Session;
use cloudpack::options::{BuildOptions, InputItem, OutputOptions};
use cloudpack::protocol::HookTable;
use cloudpack_base::Diagnostic;
use cloudpack_fs::OsFileSystem;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

pub struct PhaseOptions {
    pub runs: usize,
    pub minify: bool,
    pub sourcemap: bool,
}

struct Run {
    floor: Floor,
    /// From options to written files.
    total: Spent,
    /// As the session counted them.
    phases: Vec<(String, f64)>,
    modules: u32,
    files: usize,
    bytes: usize,
}

/// `directory` holds `src/main.ts`; the output goes to `dist`. The report is JSON.
pub fn phases(directory: &Path, options: &PhaseOptions) -> Result<Value, String> {
    let directory = std::fs::canonicalize(directory).map_err(|error| error.to_string())?;
    let files = sources(&directory.join("src")).map_err(|error| error.to_string())?;
    let mut runs: Vec<Run> = Vec::new();
    let mut peak = None;
    for number in 0..options.runs.max(1) {
        let floor = floor(&files);
        // Deleted at the end: ext4 looks past the inodes of files that were just deleted at every creation.
        put_aside(&directory, number)?;
        let run = build(&directory, options, floor)?;
        // Later runs add what the allocator kept of earlier ones.
        peak = peak.or_else(peak_memory);
        runs.push(run);
    }
    for number in 0..options.runs.max(1) {
        drop(std::fs::remove_dir_all(directory.join(format!("dist.{number}"))));
    }
    Ok(report(&runs, peak))
}

fn put_aside(directory: &Path, number: usize) -> Result<(), String> {
    let aside = directory.join(format!("dist.{number}"));
    // Of a run that was ended early.
    drop(std::fs::remove_dir_all(&aside));
    match std::fs::rename(directory.join("dist"), aside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("dist: {error}")),
        _ => Ok(()),
    }
}

fn build(directory: &Path, options: &PhaseOptions, floor: Floor) -> Result<Run, String> {
    let (total, made) = measure(|| run(directory, options));
    let (session, files, bytes) = made?;
    let stats = session.report().stats;
    Ok(Run { floor, total, phases: stats.ms, modules: stats.modules, files, bytes })
}

fn run(directory: &Path, options: &PhaseOptions) -> Result<(Session, usize, usize), String> {
    let options = build_options(directory, options)?;
    let mut session = Session::new(options, HookTable::default(), Arc::new(OsFileSystem)).map_err(listed)?;
    let built = session.build();
    let errors: Vec<Diagnostic> = built.report.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    if !errors.is_empty() {
        return Err(listed(errors));
    }
    let (mut files, mut bytes) = (0, 0);
    for (index, bundle) in built.outputs.iter().enumerate() {
        files += bundle.files.len();
        bytes += bundle.files.iter().map(|file| file.bytes().map_or(0, |bytes| bytes.len())).sum::<usize>();
        session.write(index, bundle).map_err(listed)?;
    }
    Ok((session, files, bytes))
}

fn build_options(directory: &Path, options: &PhaseOptions) -> Result<BuildOptions, String> {
    let defaults = serde_json::from_value::<BuildOptions>(json!({}));
    let output = serde_json::from_value::<OutputOptions>(json!({
        "dir": "dist",
        "minify": if options.minify { "thin" } else { "none" },
        "sourcemap": if options.sourcemap { "file" } else { "none" },
    }));
    let input = InputItem { name: "main".to_owned(), import: "src/main.ts".to_owned(), named: false };
    Ok(BuildOptions {
        cwd: directory.to_string_lossy().into_owned(),
        input: vec![input],
        output: vec![output.map_err(|error| error.to_string())?],
        ..defaults.map_err(|error| error.to_string())?
    })
}

fn listed(faults: Vec<Diagnostic>) -> String {
    let first: Vec<String> = faults.iter().take(5).map(|fault| format!("{}: {}", fault.code, fault.message)).collect();
    format!("{} errors, the first are\n{}", faults.len(), first.join("\n"))
}

fn report(runs: &[Run], peak: Option<u64>) -> Value {
    let modules = runs.first().map_or(0, |run| run.modules);
    let speed = |milliseconds: f64| (f64::from(modules) / milliseconds.max(0.001) * 1_000.0).round();
    let timed = |of: &dyn Fn(&Run) -> f64| Series::new(runs.iter().map(of));
    let spent = |of: &dyn Fn(&Run) -> Spent| json!({ "wall": timed(&|run| of(run).wall).json(), "cpu": timed(&|run| of(run).cpu).json() });
    let names: Vec<String> = runs.iter().take(1).flat_map(|run| &run.phases).map(|(name, _)| name.clone()).collect();
    let phases: Vec<Value> = names
        .iter()
        .map(|name| {
            let of = |run: &Run| run.phases.iter().find(|(known, _)| known == name).map_or(0.0, |(_, ms)| *ms);
            let ms = timed(&of);
            json!({ "name": name, "ms": ms.json(), "modulesPerSecond": speed(ms.median()) })
        })
        .collect();
    // Each build against the floor of the same minute; then the median of the ratios.
    let ratio =
        |of: &dyn Fn(&Spent) -> f64| timed(&|run| of(&run.total) / of(&run.floor.read_parse_print).max(0.001)).json();
    let total = timed(&|run| run.total.wall);
    json!({
        "modules": modules,
        "runs": runs.len(),
        "floor": {
            "stat": spent(&|run| run.floor.stat),
            "readAndHash": spent(&|run| run.floor.read_and_hash),
            "readParsePrint": spent(&|run| run.floor.read_parse_print),
            "readMinify": spent(&|run| run.floor.read_minify),
        },
        "phases": phases,
        "total": spent(&|run| run.total),
        "modulesPerSecond": speed(total.median()),
        "ratio": { "wall": ratio(&|spent| spent.wall), "cpu": ratio(&|spent| spent.cpu) },
        "peakMemory": peak,
        "files": runs.first().map_or(0, |run| run.files),
        "bytes": runs.first().map_or(0, |run| run.bytes),
    })
}
