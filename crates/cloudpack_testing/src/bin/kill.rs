//! `kill [--seed N] [--builds N]`: builds that are killed at random moments, each followed by one that must find nothing wrong.
//! `kill child <folder>` is such a build.

use std::path::Path;
use std::process::ExitCode;

use cloudpack_testing::faults::{Project, kill_builds};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, folder] = &arguments[..]
        && word == "child"
    {
        return if Project::at(Path::new(folder)).build(true).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (seed, builds) = (number("--seed", 1), number("--builds", 2000) as usize);
    let result =
        std::env::current_exe().map_err(|error| error.to_string()).and_then(|own| kill_builds(&own, seed, builds));
    match result {
        Ok(killed) => {
            println!(
                "{} builds, {} of them over before they were killed: nothing wrong after any",
                killed.builds, killed.in_time
            );
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}
