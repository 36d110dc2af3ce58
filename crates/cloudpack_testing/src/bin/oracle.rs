//! `oracle [--seed N] [--steps N]`: builds with the store against builds without one, until a step fails or all are done.
//! `oracle --faults [EDGE]`: switches the edges of invalidation, or one, off, one at a time, and says which of them are
//! missed.
//! `oracle --replay FILE [--times N]`: runs the trace in a file, a line an operation as a mismatch prints them, until it fails.

#![allow(clippy::disallowed_methods, reason = "a trace lies in a file of whoever runs this")]

use std::process::ExitCode;

use cloudpack::seeded_faults::{Edge, drop_edge};
use cloudpack_testing::oracle::{Mismatch, Operation, replay, run};

/// Builds of one project, before the next begins.
const BUILDS: usize = 50;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (seed, steps) = (number("--seed", 1), number("--steps", 1000) as usize);
    if let Some(at) = arguments.iter().position(|argument| argument == "--faults") {
        let only = arguments.get(at + 1).filter(|argument| !argument.starts_with("--"));
        return faults(seed, steps, only.map(String::as_str));
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "--replay") {
        let Some(file) = arguments.get(at + 1) else {
            eprintln!("--replay needs the file of a trace");
            return ExitCode::FAILURE;
        };
        return replayed(file, number("--times", 1));
    }
    let (mut done, mut recalled, mut relinked, mut followed, mut failing, mut project) = (0, 0, 0, 0, 0, seed);
    while done < steps {
        match run(project, BUILDS) {
            Ok(tally) => {
                done += tally.builds;
                recalled += tally.recalled;
                relinked += tally.relinked;
                followed += tally.followed;
                failing += tally.failing;
                project += 1;
            }
            Err(mismatch) => {
                print(project, &mismatch);
                return ExitCode::FAILURE;
            }
        }
    }
    println!(
        "{done} builds of {} projects: equal; {recalled} recalled, {relinked} relinked in part, {followed} that looked at what events named, {failing} with errors",
        project - seed
    );
    ExitCode::SUCCESS
}

fn replayed(file: &str, times: u64) -> ExitCode {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("could not read {file}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let operations = text.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str);
    let trace: Vec<Operation> = match operations.collect() {
        Ok(trace) => trace,
        Err(error) => {
            eprintln!("{file} holds a line that is no operation: {error}");
            return ExitCode::FAILURE;
        }
    };
    for run in 1..=times {
        if let Err((at, failure)) = replay(&trace) {
            println!("run {run}, operation {}: {failure}", at + 1);
            return ExitCode::FAILURE;
        }
    }
    println!("{times} runs: equal");
    ExitCode::SUCCESS
}

fn print(project: u64, mismatch: &Mismatch) {
    println!("project {project}: {}", mismatch.failure);
    for operation in &mismatch.trace {
        println!("{}", serde_json::to_string(operation).unwrap_or_default());
    }
}

fn faults(seed: u64, steps: usize, only: Option<&str>) -> ExitCode {
    let edges: Vec<Edge> =
        Edge::ALL.into_iter().filter(|edge| only.is_none_or(|only| format!("{edge:?}") == only)).collect();
    let mut missed = 0;
    for edge in edges.iter().copied() {
        drop_edge(Some(edge));
        let found = (0..)
            .take(steps.div_ceil(BUILDS))
            .find_map(|number| run(seed + number, BUILDS).err().map(|it| (number, it)));
        match found {
            Some((number, mismatch)) => {
                println!("{edge:?}: found in project {}, {} operations", number + 1, mismatch.trace.len())
            }
            None => {
                println!("{edge:?}: MISSED");
                missed += 1;
            }
        }
    }
    drop_edge(None);
    println!("{} of {} found", edges.len() - missed, edges.len());
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
