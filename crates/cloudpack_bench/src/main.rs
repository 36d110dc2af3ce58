//! `cloudpack-bench`: takes fingerprints, makes and edits applications, times floors and phases. Prints JSON, of which
//! the programs under `benches/` make tables.

#![allow(clippy::disallowed_methods, reason = "a program has an environment")]

use cloudpack_bench::fingerprint::{Fingerprint, Origin};
use cloudpack_bench::floor;
use cloudpack_bench::generate::{Edit, EditKind, Options};
use cloudpack_bench::phases::{self, PhaseOptions};
use cloudpack_bench::workspace::Workspace;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// As in the addon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage:
  cloudpack-bench fingerprint [--name TEXT] [--license TEXT] [--kind TEXT] DIRECTORY...
  cloudpack-bench generate --fingerprint FILE [--modules N] [--seed S] [--average-bytes N] DIRECTORY
  cloudpack-bench edit KIND[,KIND...] [--turn N] [--print] DIRECTORY
      makes the edit; with --print only says what each would write and delete, and changes nothing
  cloudpack-bench floor DIRECTORY
  cloudpack-bench phases [--runs N] [--minify] [--sourcemap] DIRECTORY";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let result = Arguments::read(words).and_then(|arguments| match command.as_str() {
        "fingerprint" => fingerprint(&arguments),
        "generate" => generate(&arguments),
        "edit" => edit(&arguments),
        "floor" => floor::report(arguments.directory()?),
        "phases" => phases::phases(
            arguments.directory()?,
            &PhaseOptions {
                runs: arguments.number("runs")?.unwrap_or(5),
                minify: arguments.has("minify"),
                sourcemap: arguments.has("sourcemap"),
            },
        ),
        _ => Err(USAGE.to_owned()),
    });
    match result {
        Ok(value) => {
            println!("{value}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct Arguments {
    /// `--name value`; flags have no value.
    options: Vec<(String, String)>,
    words: Vec<String>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self::default();
        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix("--") else {
                read.words.push(word);
                continue;
            };
            let value = match name {
                "minify" | "sourcemap" | "print" => String::new(),
                "name" | "license" | "kind" | "fingerprint" | "modules" | "seed" | "average-bytes" | "turn"
                | "runs" => words.next().ok_or(USAGE)?,
                _ => return Err(USAGE.to_owned()),
            };
            read.options.push((name.to_owned(), value));
        }
        Ok(read)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    fn number(&self, name: &str) -> Result<Option<usize>, String> {
        self.text(name).map(|text| text.parse().map_err(|_| format!("--{name} {text} is not a number"))).transpose()
    }

    fn directory(&self) -> Result<&Path, String> {
        self.words.last().map(Path::new).ok_or_else(|| USAGE.to_owned())
    }
}

fn fingerprint(arguments: &Arguments) -> Result<Value, String> {
    let directories: Vec<&Path> = arguments.words.iter().map(Path::new).collect();
    if directories.is_empty() {
        return Err(USAGE.to_owned());
    }
    let text = |name: &str| arguments.text(name).unwrap_or_default().to_owned();
    let origin = Origin { name: text("name"), license: text("license"), kind: text("kind") };
    let fingerprint = Fingerprint::of_directories(&directories, origin).map_err(|error| error.to_string())?;
    serde_json::to_value(fingerprint).map_err(|error| error.to_string())
}

fn generate(arguments: &Arguments) -> Result<Value, String> {
    let file = PathBuf::from(arguments.text("fingerprint").ok_or(USAGE)?);
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let options = Options {
        fingerprint: &Fingerprint::parse(&text)?,
        modules: arguments.number("modules")?.unwrap_or(1_000),
        seed: arguments.number("seed")?.unwrap_or(1) as u64,
        average_bytes: arguments.number("average-bytes")?.map(|bytes| bytes as u32),
    };
    Workspace::create(arguments.directory()?, &options)
}

fn edit(arguments: &Arguments) -> Result<Value, String> {
    let [kinds, directory] = arguments.words.as_slice() else { return Err(USAGE.to_owned()) };
    let turn = arguments.number("turn")?.unwrap_or(1) as u32;
    let edit = |word: &str| Ok::<Edit, String>(Edit { kind: word.parse::<EditKind>()?, turn });
    let edits: Vec<Edit> = kinds.split(',').map(edit).collect::<Result<_, _>>()?;
    let mut workspace = Workspace::open(Path::new(directory))?;
    if arguments.has("print") {
        let changes = workspace.changes(&edits);
        let named = edits.iter().zip(&changes).map(|(edit, change)| (edit.kind.word().to_owned(), change.json()));
        return Ok(Value::Object(named.collect()));
    }
    let made = edits.into_iter().map(|edit| workspace.apply(edit)).collect::<Result<Vec<Value>, String>>()?;
    Ok(json!(made))
}
