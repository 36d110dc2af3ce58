//! The text of an output as one readable file, and differences between texts.

use cloudpack_base::{RenderStyle, render_diagnostic};

use crate::Failure;
use crate::build::Built;
use crate::case::Case;

/// All emitted files, or, of a build that failed, what it said.
pub(crate) fn render(built: &Built) -> String {
    let mut text = String::new();
    for diagnostic in &built.diagnostics {
        text.push_str(&render_diagnostic(diagnostic, RenderStyle::Plain));
    }
    for (name, bytes) in &built.files {
        match std::str::from_utf8(bytes) {
            Ok(content) => {
                text.push_str(&format!("==> {name} <==\n{content}"));
                if !content.ends_with('\n') {
                    text.push_str("\n(no line break at the end)\n");
                }
            }
            Err(_) => text.push_str(&format!("==> {name} <== {} bytes\n", bytes.len())),
        }
    }
    text
}

/// Compares with `expected.snap`, or rewrites it.
pub(crate) fn compare(case: &Case, actual: &str) -> Result<(), Failure> {
    let path = case.folder.join("expected.snap");
    let expected = std::fs::read_to_string(&path).ok();
    if expected.as_deref() == Some(actual) {
        return Ok(());
    }
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        return std::fs::write(&path, actual).map_err(|error| format!("{}: {error}", path.display()));
    }
    match expected {
        None => Err("there is no expected.snap; UPDATE_SNAPSHOTS=1 writes it".to_owned()),
        Some(expected) => Err(format!(
            "the output differs from expected.snap (UPDATE_SNAPSHOTS=1 rewrites it)\n{}",
            difference(&expected, actual)
        )),
    }
}

/// Unified, with three lines around each change; long lines are cut.
pub(crate) fn difference(expected: &str, actual: &str) -> String {
    let diff = similar::TextDiff::from_lines(expected, actual);
    let text = diff.unified_diff().context_radius(3).to_string();
    let lines = text.lines().take(200).map(|line| line.chars().take(300).collect::<String>() + "\n");
    lines.collect()
}
