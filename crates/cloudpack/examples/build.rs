//! `cargo run -p cloudpack --example build -- '{"input":[...]}'`: builds from JSON options without Node, prints faults and
//! times. For profiling the core.

#![allow(clippy::disallowed_methods, reason = "a program has an environment")]

use cloudpack::Session;
use cloudpack_base::{RenderStyle, render_diagnostic};
use cloudpack_fs::OsFileSystem;
use std::sync::Arc;

fn main() {
    let Some(text) = std::env::args().nth(1) else {
        eprintln!("usage: build OPTIONS_JSON");
        std::process::exit(2);
    };
    let mut options: cloudpack::options::BuildOptions = match serde_json::from_str(&text) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("options: {error}");
            std::process::exit(2);
        }
    };
    if options.cwd.is_empty()
        && let Ok(cwd) = std::env::current_dir()
    {
        options.cwd = cwd.to_string_lossy().into_owned();
    }
    let fs = Arc::new(OsFileSystem);
    let mut session = match Session::new(options, Default::default(), fs) {
        Ok(session) => session,
        Err(faults) => fail(&faults),
    };
    let built = session.build();
    for (index, bundle) in built.outputs.iter().enumerate() {
        if let Err(faults) = session.write(index, bundle) {
            fail(&faults);
        }
        for file in &bundle.files {
            println!("{:>9}  {}", file.bytes().map_or(0, |bytes| bytes.len()), file.file_name());
        }
    }
    let report = session.report();
    for diagnostic in &report.diagnostics {
        eprint!("{}", render_diagnostic(diagnostic, RenderStyle::Plain));
    }
    println!("{:?}", report.stats);
    if report.diagnostics.iter().any(cloudpack_base::Diagnostic::is_error) {
        std::process::exit(1);
    }
}

fn fail(faults: &[cloudpack_base::Diagnostic]) -> ! {
    for fault in faults {
        eprint!("{}", render_diagnostic(fault, RenderStyle::Plain));
    }
    std::process::exit(1)
}
