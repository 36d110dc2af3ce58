//! `cargo run --release -p cloudpack --example edits -- OPTIONS_JSON EDITS_JSON TIMES`: a session without Node. EDITS is a list of
//! `{ FILE: TEXT }`; each is made and taken back, so many times, with a build after each step. Prints what each phase took. For
//! profiling the core: `valgrind --tool=callgrind --toggle-collect='edits::rebuild'` counts these builds and nothing else.

#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "a program that somebody runs by hand")]

use cloudpack::options::BuildOptions;
use cloudpack::{LiveBuild, Session};
use cloudpack_base::{Diagnostic, RenderStyle, render_diagnostic};
use cloudpack_fs::{OsFileSystem, WatchList};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [options, edits, times] = words.as_slice() else {
        eprintln!("usage: edits OPTIONS_JSON EDITS_JSON TIMES");
        std::process::exit(2);
    };
    let options: BuildOptions = serde_json::from_str(options).expect("options");
    let edits: Vec<BTreeMap<String, String>> = serde_json::from_str(edits).expect("edits");
    let times: usize = times.parse().expect("a number");
    let live = Arc::new(LiveBuild::new(Duration::from_millis(5), |_| {}));
    build(&options, &live);
    for edit in edits.iter().cycle().take(edits.len() * times) {
        let before: BTreeMap<String, String> =
            edit.keys().map(|file| (file.clone(), std::fs::read_to_string(file).expect("a file"))).collect();
        for texts in [edit, &before] {
            std::thread::sleep(Duration::from_millis(300));
            texts.iter().for_each(|(file, text)| std::fs::write(file, text).expect("written"));
            std::thread::sleep(Duration::from_millis(20));
            rebuild(&options, &live);
        }
    }
}

/// A name of its own for profilers.
#[inline(never)]
fn rebuild(options: &BuildOptions, live: &Arc<LiveBuild>) {
    build(options, live);
}

fn build(options: &BuildOptions, live: &Arc<LiveBuild>) {
    let (start, since) = (Instant::now(), SystemTime::now());
    let fs = Arc::new(OsFileSystem);
    let mut session = Session::next(options.clone(), Default::default(), fs, Some(Arc::clone(live)))
        .unwrap_or_else(|faults| fail(&faults));
    session.scan(Vec::new());
    session.follow(WatchList::default(), since);
    for index in 0..options.output.len() {
        let bundle = session.finalize(index, Vec::new(), Vec::new()).unwrap_or_else(|faults| fail(&faults));
        session.write(index, &bundle).unwrap_or_else(|faults| fail(&faults));
    }
    let spent = start.elapsed().as_secs_f64() * 1_000.0;
    let stats = session.stats();
    let phases: Vec<String> = stats.ms.iter().map(|(phase, ms)| format!("{phase} {ms:.2}")).collect();
    println!(
        "{spent:.2} ms: {}; {}; linked {}, written {}",
        phases.join(", "),
        stats.last_build,
        stats.chunks_linked,
        stats.chunks_written
    );
}

fn fail(faults: &[Diagnostic]) -> ! {
    for fault in faults {
        eprint!("{}", render_diagnostic(fault, RenderStyle::Plain));
    }
    std::process::exit(1)
}
