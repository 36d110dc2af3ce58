//! Compares the diagnostics of a build with those a case expects: one to one, in order.

use cloudpack_base::{Diagnostic, RenderStyle, Severity, render_diagnostic};

use crate::Failure;
use crate::case::ExpectedDiagnostic;

pub(crate) fn compare(expected: &[ExpectedDiagnostic], actual: &[Diagnostic]) -> Result<(), Failure> {
    let shown = |severity: Severity| matches!(severity, Severity::Error | Severity::Warning);
    let actual: Vec<&Diagnostic> = actual.iter().filter(|diagnostic| shown(diagnostic.severity)).collect();
    let mut faults = Vec::new();
    for (at, wanted) in expected.iter().enumerate() {
        match actual.get(at) {
            None => faults.push(format!("missing: {} {:?} {:?}", wanted.code, wanted.id, wanted.message)),
            Some(found) => {
                let differences = differences(wanted, found);
                if !differences.is_empty() {
                    faults.push(format!("number {}: {}", at + 1, differences.join("; ")));
                }
            }
        }
    }
    if actual.len() > expected.len() {
        faults.push(format!("{} more than expected", actual.len() - expected.len()));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let all: String = actual.iter().map(|diagnostic| render_diagnostic(diagnostic, RenderStyle::Plain)).collect();
    Err(format!("diagnostics differ\n{}\nthe build said:\n{all}", faults.join("\n")))
}

fn differences(wanted: &ExpectedDiagnostic, found: &Diagnostic) -> Vec<String> {
    let mut differences = Vec::new();
    let mut equal = |what: &str, wanted: &str, found: &str| {
        if wanted != found {
            differences.push(format!("{what} is {found:?}, expected {wanted:?}"));
        }
    };
    equal("code", &wanted.code, &found.code);
    equal("severity", &format!("{:?}", wanted.severity), &format!("{:?}", found.severity));
    if let Some(id) = &wanted.id {
        equal("id", id, found.id.as_deref().unwrap_or("nothing"));
    }
    if let Some(line) = wanted.line {
        equal("line", &line.to_string(), &found.loc.as_ref().map_or(String::new(), |loc| loc.line.to_string()));
    }
    if let Some(column) = wanted.column {
        equal("column", &column.to_string(), &found.loc.as_ref().map_or(String::new(), |loc| loc.column.to_string()));
    }
    let mut contains = |what: &str, wanted: &Option<String>, found: &str| {
        if wanted.as_deref().is_some_and(|wanted| !found.contains(wanted)) {
            differences.push(format!("{what} {found:?} does not contain {wanted:?}"));
        }
    };
    contains("message", &wanted.message, &found.message);
    contains("hint", &wanted.hint, found.hint.as_deref().unwrap_or(""));
    contains("frame", &wanted.frame, found.frame.as_deref().unwrap_or(""));
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(json: &str) -> Vec<ExpectedDiagnostic> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn too_few_too_many_and_different_ones_are_faults() {
        let actual = [Diagnostic::error("PARSE_ERROR", "no").with_span("a.js", "let", 1, 2)];
        assert!(
            compare(&expected(r#"[{ "code": "PARSE_ERROR", "id": "a.js", "line": 1, "column": 1 }]"#), &actual).is_ok()
        );
        assert!(compare(&expected("[]"), &actual).is_err());
        assert!(compare(&expected(r#"[{ "code": "PARSE_ERROR" }, { "code": "PARSE_ERROR" }]"#), &actual).is_err());
        assert!(compare(&expected(r#"[{ "code": "OTHER" }]"#), &actual).is_err());
        assert!(compare(&expected(r#"[{ "code": "PARSE_ERROR", "severity": "warning" }]"#), &actual).is_err());
        assert!(compare(&expected(r#"[{ "code": "PARSE_ERROR", "line": 2 }]"#), &actual).is_err());
        assert!(compare(&expected(r#"[{ "code": "PARSE_ERROR", "hint": "x" }]"#), &actual).is_err());
    }
}
