//! The programs that measure Cloudpack. `generate` makes an application, `floor` and `phases` time what must be done
//! to it and what the driver does. `floor` and `phases` print JSON; `benches/phases.mjs` makes a table of it.

#![allow(clippy::disallowed_methods, reason = "a program for developers: it measures the disk itself")]

mod floor;
mod generate;
mod measure;
mod phases;

use crate::measure::Spent;
use crate::phases::PhaseOptions;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// As in the addon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage:
  cloudpack_bench generate --modules N [--seed S] DIRECTORY
  cloudpack_bench floor DIRECTORY
  cloudpack_bench phases [--runs N] [--minify] [--sourcemap] DIRECTORY";

/// The file that tells which directories `generate` may empty.
const MARK: &str = "cloudpack-bench.json";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let result = Arguments::read(arguments).and_then(|arguments| match command.as_str() {
        "generate" => generate(&arguments),
        "floor" => print_floor(&arguments.directory),
        "phases" => {
            let Arguments { runs, minify, sourcemap, .. } = arguments;
            phases::phases(&arguments.directory, &PhaseOptions { runs, minify, sourcemap }).map(print_json)
        }
        _ => Err(USAGE.to_owned()),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    modules: usize,
    seed: u64,
    runs: usize,
    minify: bool,
    sourcemap: bool,
    directory: PathBuf,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read =
            Self { modules: 1_000, seed: 1, runs: 5, minify: false, sourcemap: false, directory: PathBuf::new() };
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|text| text.parse().ok()).ok_or_else(|| USAGE.to_owned());
            match word.as_str() {
                "--modules" => read.modules = number()?,
                "--seed" => read.seed = number()? as u64,
                "--runs" => read.runs = number()?,
                "--minify" => read.minify = true,
                "--sourcemap" => read.sourcemap = true,
                _ if !word.starts_with('-') && read.directory.as_os_str().is_empty() => read.directory = word.into(),
                _ => return Err(USAGE.to_owned()),
            }
        }
        if read.directory.as_os_str().is_empty() { Err(USAGE.to_owned()) } else { Ok(read) }
    }
}

fn generate(arguments: &Arguments) -> Result<(), String> {
    let directory = &arguments.directory;
    let fail = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let is_empty = std::fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty && !directory.join(MARK).exists() {
        return Err(format!("{} is not empty, and not of this program", directory.display()));
    }
    for old in ["src", "dist"] {
        match std::fs::remove_dir_all(directory.join(old)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fail(directory, error)),
            _ => {}
        }
    }
    let application = generate::application(arguments.modules, arguments.seed);
    for (path, text) in &application.files {
        let path = directory.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| fail(folder, error))?;
        }
        std::fs::write(&path, text).map_err(|error| fail(&path, error))?;
    }
    let facts = serde_json::json!({
        "modules": application.modules,
        "seed": arguments.seed,
        "bytes": application.bytes,
        "checksum": format!("{:08x}", application.checksum),
    });
    let mark = directory.join(MARK);
    std::fs::write(&mark, format!("{facts}\n")).map_err(|error| fail(&mark, error))?;
    print_json(facts);
    Ok(())
}

fn print_floor(directory: &Path) -> Result<(), String> {
    let files = floor::sources(directory).map_err(|error| error.to_string())?;
    // Once to warm the caches of the file system and of the allocator.
    floor::floor(&files);
    let floor = floor::floor(&files);
    let json = |spent: Spent| serde_json::json!({ "wall": spent.wall, "cpu": spent.cpu });
    print_json(serde_json::json!({
        "modules": files.len(),
        "stat": json(floor.stat),
        "readAndHash": json(floor.read_and_hash),
        "readParsePrint": json(floor.read_parse_print),
    }));
    Ok(())
}

fn print_json(value: serde_json::Value) {
    println!("{value}");
}
