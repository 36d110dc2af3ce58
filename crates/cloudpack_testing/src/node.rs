//! Runs programs in Node, each in a process of its own: module caches and globals cannot leak, and a deadlocked
//! top-level await shows as exit code 13.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Failure;
use crate::observation::Observation;

pub(crate) struct Job<'a> {
    /// `import`, `require` or `script`
    pub(crate) mode: &'a str,
    /// Absolute paths, in the order in which they are loaded.
    pub(crate) entries: Vec<String>,
    /// Receives an iife's exports.
    pub(crate) global: Option<String>,
    pub(crate) test: Option<&'a Path>,
    pub(crate) variant: &'a str,
    /// The output folder and the names of the files in it, for the test program.
    pub(crate) dir: String,
    pub(crate) files: Vec<String>,
    pub(crate) flags: &'a [String],
}

const LIMIT: Duration = Duration::from_secs(30);

pub(crate) fn run(job: &Job<'_>, cwd: &str) -> Result<Observation, Failure> {
    let folder = tempfile::Builder::new().prefix("run-").tempdir().map_err(|error| error.to_string())?;
    let file = |name: &str| folder.path().join(name);
    let text = json!({
        "mode": job.mode, "entries": job.entries, "global": job.global, "variant": job.variant, "dir": job.dir,
        "files": job.files, "test": job.test, "result": file("result.json"),
    });
    let io = |error: std::io::Error| format!("cannot run Node: {error}");
    std::fs::write(file("job.json"), text.to_string()).map_err(io)?;
    // Into files: a pipe that nobody empties would stop a program that prints much.
    let (stdout, stderr) = (file("stdout"), file("stderr"));
    let mut child = Command::new("node")
        .arg("--no-warnings")
        .args(job.flags)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("run.mjs"))
        .arg(file("job.json"))
        .current_dir(cwd)
        .env_remove("NODE_OPTIONS")
        .env_remove("NODE_ENV")
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&stdout).map_err(io)?)
        .stderr(std::fs::File::create(&stderr).map_err(io)?)
        .spawn()
        .map_err(io)?;
    let started = Instant::now();
    let status = loop {
        match child.try_wait().map_err(io)? {
            Some(status) => break status,
            None if started.elapsed() > LIMIT => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("the program did not end within {LIMIT:?}"));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    let report = serde_json::from_str(&read(&file("result.json"))).ok();
    Ok(Observation { stdout: read(&stdout), stderr: read(&stderr), status: status.code(), report })
}
